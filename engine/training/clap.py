"""The CLAP stage: both towers learn to put a clip and its caption in the same place.

Turn "text" (with a teacher): GPT-2 learns sentence vectors over many sentences about sounds. Turn "sound":
audio tower and both projections learn contrastively on clips and captions. With a teacher the contrastive
gradient stops before GPT-2: a thousand captions would overwrite what it knows of words that no caption has.
Without one, GPT-2 learns from the captions alone. It knows no diffusion.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from engine.errors import UsageError
from engine.models.clap import Temperature, contrastive_loss, similarity
from engine.models.store import Model
from engine.models.tokens import SMALLEST, learn_tokenizer
from engine.training import retrieval
from engine.training.clear_words import clear_words
from engine.training.distillation import Distillation, SentenceBatch
from engine.training.learner import Turn
from engine.training.material import cache_folder, gather
from engine.training.runs import RunConfig
from engine.training.segments import SegmentBatch
from engine.training.sentences import SentencesConfig, by_scene, make_sentences
from engine.training.spectrum import SpectrumConfig, varied_spectrum
from engine.training.teacher import teacher_vectors
from engine.training.translations import translated

CLEAR_WORDS = 12000
"""Sentences that say of a caption what `clear` is about."""
NULLS = 64
"""How often the empty sentence, the null condition of guidance, is among those that stay where they are."""
WORDS_FILE = "words.txt"  # in the run's folder: which scenes the words of engine.training.retrieval land near


@dataclass(frozen=True)
class ClapConfig:
    """The stage's own table. `sound_starts_at`: step from which clips are heard, when the text tower knows
    its words.

    `same_scene` and `same_words` say how much a caption of another clip fits a clip of the same scene, or
    whose own caption the text tower takes for the same (cosine 1; from `same_words_from` on): 0 makes it a
    negative. `learn_vocabulary`: from the sentences, where the tower still spells byte by byte. `foreign`: so
    many pairs of phrases in other languages are learnt too (engine.training.translations); 0: none.
    `anchored`: the teacher is the text tower itself, as it is at the start. English then stays where it is,
    and so what a denoiser has learnt to make of it, while what means the same comes to it. `clear`: but
    a word of engine.training.character then leads away from a caption at least so far, of its length.
    """

    teacher: bool = True
    anchored: bool = False
    clear: float = 0.0
    sentence_batch: int = 192
    relational: float = 0.0
    sound_starts_at: int = 500
    sound_lr_scale: float = 1.0
    same_scene: float = 0.3
    same_words: float = 0.5
    same_words_from: float = 0.6
    learn_vocabulary: bool = True
    foreign: int = 16000
    sentences: SentencesConfig = field(default_factory=SentencesConfig)
    spectrum: SpectrumConfig = field(default_factory=SpectrumConfig)
    validation_clips: int = 160

    def __post_init__(self) -> None:
        if self.clear < 0:
            raise UsageError(f"The stage's clear must not be negative, but is {self.clear}.")
        if self.clear and not (self.teacher and self.anchored):
            raise UsageError(
                "Words are made clear by an anchored teacher: set clap.anchored, or leave out clear."
            )


@dataclass(frozen=True)
class ClapBatch:
    """What one share of a step learns from; each half is None while its turn does not run."""

    sentences: SentenceBatch | None
    clips: SegmentBatch | None


class ClapStage:
    """Trains `text_encoder` and `audio_encoder`. Raises UsageError for a manifest that has nothing to learn
    from.
    """

    name = "clap"
    part = ("text_encoder", "audio_encoder")

    def __init__(self, run: RunConfig, model: Model, device: torch.device) -> None:
        self.config = run.stage_config(ClapConfig)
        self.run, self.device, self._model = run, device, model
        self.text, self.audio = (
            model.text_encoder.requires_grad_(True),
            model.audio_encoder.requires_grad_(True),
        )
        self.material = gather(run, self.audio.config.sample_rate, model.mel.config.channels)
        self.train = [recording for recording in self.material.recordings if recording.split == "train"]
        self._open_sentences()
        self.text.to(device)
        self.audio.to(device)
        self.temperature = Temperature().to(device)
        self.turns = self._turns()

    def batch(self, step: int, micro: int, rank: int) -> ClapBatch:
        """A pure function of its arguments and the run's seed."""
        share = micro + 1000 * rank
        sentences = self.distillation.batch(step, share) if self.distillation else None
        count = self.run.data.batch
        heard = step >= self.turns[-1].starts_at
        clips = self.material.train.draw(step, rank, count, first=micro * count) if heard else None
        return ClapBatch(sentences, clips)

    def loss(
        self, turn: str, batch: ClapBatch, generator: torch.Generator
    ) -> tuple[Tensor, dict[str, float]]:
        """Turn "text": distance to the teacher. Turn "sound": soft-target contrastive loss."""
        if turn == "text" and self.distillation and batch.sentences:
            return self.distillation.loss(batch.sentences)
        if batch.clips is None:
            raise ValueError(f"the batch has no clips for the turn {turn!r}")
        return self._contrast(batch.clips, generator)

    def validate(self, generator: torch.Generator) -> dict[str, float]:
        """Retrieval over scenes on the test split, cosine to the teacher on held-out sentences, and words of
        no caption.
        """
        figures = {"text/cosine": self.distillation.held_out_cosine()} if self.distillation else {}
        captions, scenes = self._train_captions()
        by_text = retrieval.scene_vectors(self._sentence_vectors(captions), scenes)
        heard = self.material.train.fixed(self.config.validation_clips)
        by_sound = retrieval.scene_vectors(self._clip_vectors(heard), heard.scenes)
        clips = self.material.test.fixed(len(self.material.test.recordings))
        vectors, words = self._clip_vectors(clips), self._sentence_vectors(clips.captions)
        for top in (1, 5):
            figures[f"clip to scene/R@{top}"] = retrieval.recall(vectors, clips.scenes, by_text, top)
            figures[f"caption to scene/R@{top}"] = retrieval.recall(words, clips.scenes, by_sound, top)
        nearest = retrieval.nearest_scenes(self._sentence_vectors(list(retrieval.WORDS)), by_sound)
        figures["new words/R@1"] = retrieval.word_hits(nearest, list(retrieval.WORDS.values()), by_sound)
        lines = (f"{word}: {', '.join(row)}\n" for word, row in zip(retrieval.WORDS, nearest))
        (self.run.folder / WORDS_FILE).write_text("".join(lines), encoding="utf-8")
        return figures

    def model(self) -> Model:
        """The model with both towers as they are now."""
        return self._model

    def _contrast(self, clips: SegmentBatch, generator: torch.Generator) -> tuple[Tensor, dict[str, float]]:
        wave = torch.from_numpy(clips.wave).mean(1).to(self.device)
        spectrum = varied_spectrum(self.audio.log_mel(wave), self.config.spectrum, generator)
        pooled = self.text.pooled(clips.captions)
        if self.distillation:
            pooled = pooled.detach()
        scores = similarity(self.audio.projection(self.audio.heard(spectrum)), self.text.projection(pooled))
        loss = contrastive_loss(self.temperature(scores), self._affinity(clips.scenes, pooled.detach()))
        hits = (scores.argmax(1) == torch.arange(len(scores), device=scores.device)).float().mean()
        return loss, {"own caption first": float(hits)}

    def _affinity(self, scenes: Sequence[str], pooled: Tensor) -> Tensor:
        """(n, n): 1 on the diagonal, between 0 and 1 where a caption would fit another's clip as well."""
        sets = [set(scene.split("+")) for scene in scenes]
        shared = torch.tensor([[len(a & b) / len(a | b) for b in sets] for a in sets], device=pooled.device)
        affinity = self.config.same_scene * shared
        if self.distillation:
            start = self.config.same_words_from
            alike = (similarity(pooled, pooled) - start).clamp_min(0) / (1 - start)
            affinity = torch.maximum(affinity, self.config.same_words * alike)
        return affinity.fill_diagonal_(1.0)

    def _turns(self) -> tuple[Turn, ...]:
        shared = [self.audio, self.text.projection, self.temperature]
        scale = self.config.sound_lr_scale
        if self.distillation is None:
            return (Turn("sound", nn.ModuleList([*shared, self.text.gpt2]), lr_scale=scale),)
        head = self.distillation.head.to(self.device)
        sound = Turn("sound", nn.ModuleList(shared), self.config.sound_starts_at, scale)
        return (Turn("text", nn.ModuleList([self.text.gpt2, head])), sound)

    def _open_sentences(self) -> None:
        """Vocabulary and teacher: from the train split's captions, so that the test split stays unknown."""
        english = make_sentences(by_scene(self.train), self.config.sentences)
        foreign = translated(self.config.foreign) if self.config.foreign else []
        sentences = english + [said for said, _ in foreign]
        if self.config.learn_vocabulary and self.text.tokenizer.get_vocab_size() <= SMALLEST:
            self.text.use_tokenizer(
                learn_tokenizer((s.lower() for s in sentences), self.text.config.vocabulary)
            )
        self.distillation: Distillation | None = None
        if self.config.teacher:
            meant = english + [meaning for _, meaning in foreign]
            if self.config.anchored:
                sentences, meant = sentences + [""] * NULLS, meant + [""] * NULLS
                vectors: NDArray[np.floating[Any]] = self._own_vectors(meant)
                if self.config.clear:
                    told, places = clear_words(
                        self._train_captions()[0],
                        self._own_vectors,
                        self.config.clear,
                        CLEAR_WORDS,
                        self.run.seed,
                    )
                    sentences, vectors = sentences + told, np.concatenate([vectors, places])
            else:
                vectors = teacher_vectors(meant, cache_folder(self.run) / "teacher")
            size, seed = self.config.sentence_batch, self.run.seed
            self.distillation = Distillation(
                self.text, sentences, vectors, size, seed, self.config.relational
            )

    @torch.no_grad()
    def _own_vectors(self, sentences: Sequence[str]) -> NDArray[np.float32]:
        """(n, width): where the text tower has each sentence now, before its projection, of length 1."""
        self.text.eval()
        different = sorted(dict.fromkeys(sentences), key=len)  # like lengths: little padding
        starts = range(0, len(different), 128)
        pooled = torch.cat([self.text.pooled(different[start : start + 128]) for start in starts])
        vectors = torch.nn.functional.normalize(pooled.float(), dim=-1).cpu().numpy()
        known = dict(zip(different, vectors))
        return np.stack([known[sentence] for sentence in sentences])

    def _train_captions(self) -> tuple[list[str], list[str]]:
        pairs = [(caption, recording.scene) for recording in self.train for caption in recording.captions[:2]]
        return [caption for caption, _ in pairs], [scene for _, scene in pairs]

    def _sentence_vectors(self, sentences: Sequence[str]) -> Tensor:
        starts = range(0, len(sentences), 128)
        return torch.cat([self.text.encode(sentences[start : start + 128]).float() for start in starts])

    def _clip_vectors(self, clips: SegmentBatch) -> Tensor:
        waves = np.array_split(clips.wave.mean(1), max(1, len(clips.wave) // 32))
        return torch.cat([self.audio(torch.from_numpy(wave).to(self.device)).float() for wave in waves])
