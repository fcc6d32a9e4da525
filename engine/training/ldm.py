"""The diffusion stage: the denoiser learns latents under the vector of their own sound or of their caption.

Segments are drawn, augmented and encoded once into a pool on disk: VAE and towers stay out of the step.
"""

from __future__ import annotations

import copy
import logging
import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import torch
from torch import Tensor

from engine.devices import autocast, choose_training_precision
from engine.diffusion.schedule import draw_times
from engine.models.store import Model
from engine.training.foresight import note_outset, note_residual
from engine.training.landmarks import note_landmarks
from engine.training.learner import Turn
from engine.training.material import cache_folder, gather
from engine.training.neighbours import Neighbours
from engine.training.pool import PoolConfig, build
from engine.training.runs import RunConfig
from engine.training.seeds import numpy_generator
from engine.training.sentences import SentencesConfig, by_scene, make_sentences
from engine.training.ways import note_ways

log = logging.getLogger(__name__)

OUTSETS = 2_400
"""Captions whose conditions the outset is fitted to."""
TOLD_AT_ONCE = 200


@dataclass(frozen=True)
class LdmStageConfig:
    """`text_share` of the conditions are the caption's vector, the others the sound's own.

    `drop` is the share of null conditions that guidance needs (Ho and Salimans 2022). `condition_noise`,
    relative to a vector's length, is added so that what lies between the known prompts has a sound too.
    `rewording` says how far a caption's vector is moved the way that wording moves it: towards another
    caption of the scene, and by up to so much of the difference that two captions of one scene make
    elsewhere. With 0 captions are learnt by heart, and other words for a scene find nothing.
    `sentence_share` of the segments come under a sentence that nobody said of them, but whose vector is near
    their captions' (engine.training.neighbours), out of `sentences`.
    `emphasis` weighs the error of each latent channel by its influence on the mel to that power: with 0 all
    count alike, and most of what is learnt is the speckle of noise, which nobody can predict.
    """

    pool_segments: int = 6000
    validation_segments: int = 96
    text_share: float = 0.5
    drop: float = 0.1
    condition_noise: float = 0.2
    rewording: float = 0.0
    sentence_share: float = 0.0
    sentences: SentencesConfig = field(default_factory=SentencesConfig)
    time_law: str = "logit_normal"
    emphasis: float = 0.0


@dataclass(frozen=True)
class Share:
    """Latents (b, z, t', m') and their conditions (b, d), nulls and noise drawn already."""

    latents: Tensor
    condition: Tensor


class LdmStage:
    """Stage of engine.training.loop for the part "unet". The text tower notes where the known scenes lie."""

    name = "ldm"
    part = ("unet",)

    def __init__(self, run: RunConfig, model: Model, device: torch.device) -> None:
        self.config = run.stage_config(LdmStageConfig)
        self._model, self._device, self._batch, self._seed = model, device, run.data.batch, run.seed
        self._unet = model.unet.to(device).requires_grad_(True)
        self._unet.to(memory_format=torch.channels_last)
        mel = model.mel.config
        material = gather(run, mel.sample_rate, mel.channels)
        self._captions = by_scene(one for one in material.recordings if one.split == "train")
        folder = cache_folder(run) / "latents"
        counts = (
            ("train", material.train, self.config.pool_segments),
            ("test", material.test, self.config.validation_segments),
        )
        self._pools = {
            split: build(
                folder, PoolConfig(split, count, run.seed, run.data.segment_seconds), source, model, device
            )
            for split, source, count in counts
        }
        self._weights = self._channel_weights()
        self._neighbours = self._near() if self.config.sentence_share else None
        with torch.no_grad():
            self._null = model.text_encoder.encode([""])[0].float().to(device)
        note_landmarks(model.text_encoder, self._captions)
        if model.text_encoder.config.landmarks:
            note_ways(model, material.train, [scene for scene in self._captions if scene], device)

    @property
    def turns(self) -> Sequence[Turn]:
        return (Turn("unet", self._unet),)

    def batch(self, step: int, micro: int, rank: int) -> Share:
        """Segments of the pool by chance, each under one of its two vectors or under none."""
        generator = numpy_generator(self._seed, "ldm", step, micro, rank)
        pool, config = self._pools["train"], self.config
        rows = generator.integers(len(pool), size=self._batch)
        said: Tensor | None = None
        if self._neighbours:
            near, said = self._neighbours.draw(self._batch, generator)
            by_sentence = generator.random(self._batch) < config.sentence_share
            rows = np.where(by_sentence, near, rows)
        by_text = torch.from_numpy(generator.random(self._batch) < config.text_share)
        dropped = torch.from_numpy(generator.random(self._batch) < config.drop).to(self._device)
        wander = torch.from_numpy(generator.standard_normal((self._batch, pool.width), dtype=np.float32))
        text = pool.text(rows)
        if config.rewording:
            text = _reworded(text, pool.other(rows), config.rewording, generator)
        known = torch.where(by_text[:, None], text, pool.audio(rows))
        if said is not None:
            known = torch.where(torch.from_numpy(by_sentence)[:, None], said, known)
        known = _beside(known, wander, config.condition_noise)
        condition = torch.where(dropped[:, None], self._null, known.to(self._device))
        return Share(pool.latents(rows).to(self._device), condition)

    def loss(self, turn: str, batch: Share, generator: torch.Generator) -> tuple[Tensor, dict[str, float]]:
        """Mean square error of the prediction, in the parametrisation of the model's own schedule."""
        times = draw_times(len(batch.latents), generator, self.config.time_law)
        squares = self._squares(batch.latents, batch.condition, times, generator)
        return (squares * self._weights).mean(), {"error": float(squares.detach().mean())}

    def validate(self, generator: torch.Generator) -> dict[str, float]:
        """Error on the test split at evenly spread times, under the sound's vector, the caption's, none; and
        the same as it is weighed in training.
        """
        pool = self._pools["test"]
        rows = np.arange(len(pool))
        times = (torch.arange(len(pool)) * 0.618 % 1.0).to(self._device)
        vectors = {
            "audio": pool.audio(rows),
            "text": pool.text(rows),
            "null": self._null.cpu().expand(len(pool), -1),
        }
        latents, seed = pool.latents(rows).to(self._device), generator.initial_seed()
        figures = {}
        for name, vector in vectors.items():
            noise = torch.Generator(self._device).manual_seed(seed)
            chunks = [
                self._squares(
                    latents[i : i + 16], vector[i : i + 16].to(self._device), times[i : i + 16], noise
                )
                for i in range(0, len(pool), 16)
            ]
            squares = torch.cat(chunks)
            figures[f"error_{name}"] = squares.mean().item()
            figures[f"weighed_{name}"] = (squares * self._weights).mean().item()
        return figures

    def model(self) -> Model:
        """With what is to be known of its denoiser without asking; the one that learns stays as it is."""
        unet, process = copy.deepcopy(self._unet), self._model.scheduler
        pool = self._pools["test"]
        rows = np.arange(len(pool))
        latents = pool.latents(rows).to(self._device)
        stretch = max(1, latents.shape[2] // unet.stride // 3) * unet.stride
        note_outset(unet, process, self._asked(), (stretch, latents.shape[3]), self._seed)
        note_residual(unet, process, latents, pool.text(rows).to(self._device), self._seed)
        return replace(self._model, unet=unet)

    @torch.no_grad()
    def _asked(self) -> Tensor:
        """Conditions (2 n, d) as prompts will have them: of captions, each on some way, and nulls among them;
        and as many about them.
        """
        generator, tower = numpy_generator(self._seed, "outset"), self._model.text_encoder
        captions = [said for captions in self._captions.values() for said in captions]
        said = [captions[place] for place in generator.integers(len(captions), size=OUTSETS)]
        plain = torch.cat(
            [
                tower.conditions(said[start : start + TOLD_AT_ONCE], seed=start).float().to(self._device)
                for start in range(0, OUTSETS, TOLD_AT_ONCE)
            ]
        )
        dropped = torch.from_numpy(generator.random(OUTSETS) < self.config.drop).to(self._device)
        plain = torch.where(dropped[:, None], self._null, plain)
        wander = torch.from_numpy(generator.standard_normal(plain.shape, dtype=np.float32)).to(self._device)
        return torch.cat([plain, _beside(plain, wander, self.config.condition_noise)])

    @torch.no_grad()
    def _near(self) -> Neighbours:
        sentences = make_sentences(self._captions, self.config.sentences)
        pool = self._pools["train"]
        log.info("placing %d sentences among the captions", len(sentences))
        with autocast(self._device, choose_training_precision(self._device)):
            return Neighbours(sentences, pool.text(np.arange(len(pool))), self._model.text_encoder)

    def _channel_weights(self) -> Tensor:
        """(z, 1, 1), of mean 1."""
        some = self._pools["test"].latents(np.arange(min(8, len(self._pools["test"])))).to(self._device)
        weights = self._model.vae.to(self._device).influence(some).float() ** self.config.emphasis
        return (weights / weights.mean())[:, None, None]

    def _squares(
        self, latents: Tensor, condition: Tensor, times: Tensor, generator: torch.Generator
    ) -> Tensor:
        """(b, z, t', m') square errors."""
        process = self._model.scheduler
        noise = torch.randn(latents.shape, generator=generator, device=latents.device)
        noisy = process.add_noise(latents, noise, times).contiguous(memory_format=torch.channels_last)
        prediction: Tensor = self._unet(noisy, process.timestep(times), condition).float()
        return (prediction - process.target(latents, noise, times)).square()


def _beside(vectors: Tensor, wander: Tensor, share: float) -> Tensor:
    """Vectors (b, d) and normal numbers (b, d) -> (b, d), moved by about so large a share of their lengths,
    which a denoiser without `unit_condition` sees.
    """
    lengths: Tensor = vectors.norm(dim=-1, keepdim=True)
    return vectors + share * lengths * wander / math.sqrt(vectors.shape[1])


def _reworded(text: Tensor, other: Tensor, most: float, generator: np.random.Generator) -> Tensor:
    """Vectors (b, d) of captions and of other captions of the same scenes -> (b, d) on the way between them,
    each with a share, up to `most`, of its neighbour's difference.
    """
    way = torch.from_numpy(generator.beta(0.5, 0.5, (len(text), 1)).astype(np.float32))
    share = torch.from_numpy(generator.uniform(0, most, (len(text), 1)).astype(np.float32))
    return torch.lerp(text, other, way) + share * (text - other).roll(1, 0)
