"""The CLAP stage on tiny towers: it learns, it repeats itself, the teacher keeps its words."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
import torch

from engine.errors import UsageError
from engine.models import store
from engine.training import clap
from engine.training.clap import ClapStage
from engine.training.distillation import Distillation
from engine.training.runs import RunConfig, run_from_mapping
from engine.training.seeds import torch_generator
from engine.training.translations import read_phrases

RATE = 8000
SCENES = {
    "hum": "a deep electric hum",
    "hiss": "rain hissing",
    "beep": "a high beep",
    "ticks": "a clock ticking",
}
WORDS = (
    "a hum",
    "hissing rain",
    "beep beep",
    "ticking",
    "rain on a roof",
    "a low drone",
    "tick tock",
    "steam",
)


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture
def manifest(tmp_path: Path) -> Path:
    """Two clips of each of four sounds that nobody can confuse."""
    time = np.arange(2 * RATE) / RATE
    noise = np.random.default_rng(0).normal(size=len(time))
    sounds = {
        "hum": np.sin(2 * np.pi * 120 * time),
        "hiss": noise * 0.3,
        "beep": np.sin(2 * np.pi * 2500 * time),
        "ticks": noise * (time % 0.25 < 0.01),
    }
    with (tmp_path / "manifest.csv").open("w", newline="") as text:
        rows = csv.writer(text)
        rows.writerow(["path", "caption_1", "scene", "split"])
        for scene, wave in sounds.items():
            for split, name in (("train", f"{scene}.wav"), ("test", f"{scene}-test.wav")):
                soundfile.write(tmp_path / name, 0.3 * wave if split == "train" else 0.2 * wave[::-1], RATE)
                rows.writerow([name, SCENES[scene], scene, split])
    return tmp_path / "manifest.csv"


def fake_vectors(sentences: list[str], cache: Path) -> Any:
    """A teacher that goes by letters."""
    letters = np.array(
        [[word.count(letter) for letter in "abcdefghijklmnopqrstuvwxyz"] for word in sentences]
    )
    vectors = np.concatenate([letters, np.zeros((len(letters), 6))], axis=1) + 0.01
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float16)


def run_of(manifest: Path, **table: Any) -> RunConfig:
    few = {
        "paraphrases": 20,
        "combinations": 20,
        "templates": 20,
        "dictionary_words": 0,
        "dictionary_glosses": 0,
    }
    return run_from_mapping(
        {
            "stage": "clap",
            "model": "tiny",
            "out": str(manifest.parent / "run"),
            "data": {"manifests": [str(manifest)], "segment_seconds": 0.9, "batch": 8},
            "clap": {
                "sentence_batch": 16,
                "sound_starts_at": 0,
                "sentences": few,
                "validation_clips": 8,
                **table,
            },
        }
    )


def stage_of(run: RunConfig) -> ClapStage:
    return ClapStage(run, store.create("tiny", 0), torch.device("cpu"))


@pytest.fixture
def taught(manifest: Path, monkeypatch: pytest.MonkeyPatch) -> ClapStage:
    monkeypatch.setattr(clap, "teacher_vectors", fake_vectors)
    return stage_of(run_of(manifest))


def train(stage: ClapStage, steps: int, lr: float = 1e-3) -> list[float]:
    """The loop in short: every turn, each with its own optimizer. The losses of the last turn."""
    optimizers = [torch.optim.AdamW(turn.module.parameters(), lr=lr) for turn in stage.turns]
    losses = []
    for step in range(steps):
        batch = stage.batch(step, 0, 0)
        for turn, optimizer in zip(stage.turns, optimizers):
            turn.module.train()
            loss, _ = stage.loss(turn.name, batch, torch_generator(0, step))
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        losses.append(float(loss.detach()))
    for turn in stage.turns:
        turn.module.eval()
    return losses


def test_without_a_teacher_clips_find_their_scene(manifest: Path) -> None:
    stage = stage_of(run_of(manifest, teacher=False))
    assert [turn.name for turn in stage.turns] == ["sound"]
    losses = train(stage, 60)
    assert np.mean(losses[-5:]) < 0.9 * np.mean(losses[:5])
    with torch.no_grad():
        figures = stage.validate(torch_generator(0))
    assert figures["clip to scene/R@1"] >= 0.75
    assert figures["caption to scene/R@1"] >= 0.75


def test_the_text_tower_learns_from_its_teacher(taught: ClapStage) -> None:
    with torch.no_grad():
        before = taught.validate(torch_generator(0))["text/cosine"]
    train(taught, 60)
    with torch.no_grad():
        figures = taught.validate(torch_generator(0))
    assert figures["text/cosine"] > before + 0.3
    assert set(figures) >= {"clip to scene/R@5", "caption to scene/R@5", "new words/R@1"}
    assert "downpour: " in (taught.run.folder / "words.txt").read_text()


def test_an_anchored_tower_learns_other_languages_and_keeps_its_english(manifest: Path) -> None:
    stage = stage_of(run_of(manifest, anchored=True, foreign=40, sound_starts_at=1000, sentence_batch=64))
    stage.turns = stage.turns[:1]
    english, german = zip(*((row["english"], row["german"]) for row in read_phrases()[:100]))
    with torch.no_grad():
        before, foreign = stage.text.pooled(["", *english]), stage.text.pooled(german)
    train(stage, 200)
    with torch.no_grad():
        kept = torch.cosine_similarity(stage.text.pooled(["", *english]), before)
        moved = torch.cosine_similarity(stage.text.pooled(german), before[1:])
    assert kept.mean() > 0.9
    assert kept[0] > 0.9
    assert moved.mean() > torch.cosine_similarity(foreign, before[1:]).mean() + 0.05


def test_an_anchored_tower_learns_to_hear_words_of_character(manifest: Path) -> None:
    stage = stage_of(
        run_of(manifest, anchored=True, clear=0.4, foreign=0, sound_starts_at=1000, sentence_batch=64)
    )
    stage.turns = stage.turns[:1]
    captions = stage._train_captions()[0]

    def apart() -> float:
        with torch.no_grad():
            many, few = (
                stage.text.pooled([f"{word} {said}" for said in captions]) for word in ("many", "few")
            )
        return float(1 - torch.cosine_similarity(many, few).mean())

    before = apart()
    train(stage, 150)
    assert apart() > before + 0.03


@pytest.mark.parametrize("wrong", [{"clear": -0.1, "anchored": True}, {"clear": 0.3}])
def test_words_cannot_be_made_clear_without_an_anchor(manifest: Path, wrong: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match="clear"):
        stage_of(run_of(manifest, **wrong))


def test_with_a_teacher_the_captions_do_not_touch_what_the_text_tower_knows(taught: ClapStage) -> None:
    loss, _ = taught.loss("sound", taught.batch(0, 0, 0), torch_generator(0))
    loss.backward()
    assert all(weight.grad is None for weight in taught.text.gpt2.parameters())
    assert all(weight.grad is not None for weight in taught.text.projection.parameters())


def test_no_weight_belongs_to_two_turns_and_none_is_forgotten(taught: ClapStage) -> None:
    weights = [weight for turn in taught.turns for weight in turn.module.parameters()]
    assert len(weights) == len(set(weights))
    towers = {*taught.text.parameters(), *taught.audio.parameters()}
    assert towers <= set(weights)


def test_a_batch_is_a_function_of_its_address(taught: ClapStage) -> None:
    first, again, later = (taught.batch(step, 0, 0) for step in (3, 3, 4))
    assert None not in (first.sentences, again.sentences, later.sentences, first.clips, again.clips)
    assert first.sentences.rows == again.sentences.rows != later.sentences.rows
    assert np.array_equal(first.clips.wave, again.clips.wave)


def test_no_clip_is_read_before_sound_starts(manifest: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clap, "teacher_vectors", fake_vectors)
    stage = stage_of(run_of(manifest, sound_starts_at=5))
    assert stage.batch(4, 0, 0).clips is None
    assert stage.batch(5, 0, 0).clips is not None


def test_clips_of_one_scene_are_not_each_others_negatives(taught: ClapStage) -> None:
    affinity = taught._affinity(["rain", "rain", "fire", "rain+fire"], torch.eye(4, 32))
    assert affinity.diagonal().tolist() == [1, 1, 1, 1]
    assert affinity[0, 1] > affinity[0, 3] > affinity[0, 2] == 0


def test_every_sentence_is_learnt_once_before_one_comes_again() -> None:
    tower = store.create("tiny", 0).text_encoder
    sentences = [f"{word} {number}" for word in WORDS for number in range(20)]
    distillation = Distillation(tower, sentences, fake_vectors(sentences, Path()), batch=7, seed=0)
    steps = len(distillation.learnt) // 7
    epoch = [tuple(row) for step in range(steps) for row in distillation.batch(step, 0).rows]
    assert len(set(epoch)) == len(epoch) == steps * 7
    held = {tuple(distillation.rows[place]) for place in distillation.held_out}
    assert not held & set(epoch)


def test_a_saved_model_knows_the_learnt_vocabulary(taught: ClapStage, tmp_path: Path) -> None:
    store.save(taught.model(), tmp_path / "model")
    loaded = store.load(tmp_path / "model", parts=["text_encoder"])
    assert loaded.text_encoder.token_ids(["rain hissing"]) == taught.text.token_ids(["rain hissing"])
    sizes = [path.stat().st_size for path in (tmp_path / "model" / "text_encoder").iterdir()]
    assert sum(sizes) < 200_000


def test_a_manifest_is_asked_for(tmp_path: Path) -> None:
    run = run_from_mapping({"stage": "clap", "model": "tiny", "out": str(tmp_path)})
    with pytest.raises(UsageError, match="manifest"):
        stage_of(run)
