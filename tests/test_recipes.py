"""The run files of the embedded model: `make train-mini` goes through them, each on what the last made."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from engine.models import store
from engine.training.__main__ import main
from engine.training.runs import load_run
from tests.recordings import write_recordings

HOUSE = Path(__file__).parents[1]
RECIPES = HOUSE / "engine" / "training" / "recipes"
EVERY = ("threads=1", "optim.steps=2", "optim.warmup_steps=1", "data.batch=2", "data.segment_seconds=1.0")
SENTENCES = (
    "sentences.paraphrases=4",
    "sentences.combinations=4",
    "sentences.templates=4",
    "sentences.dictionary_words=0",
    "sentences.dictionary_glosses=0",
)
BRIEF = {
    "clap": ("sentence_batch=4", "foreign=4", "validation_clips=4", "sound_starts_at=1", *SENTENCES),
    "ldm": ("pool_segments=4", "validation_segments=2", *SENTENCES),
}
"""Of each stage's own table, what makes it short."""
HERE = {"mini-vae": ["model=tiny"], "mini-clap": ["clap.teacher=false"]}
"""The chain's first run, and one that needs a package for training only."""


def chain() -> list[str]:
    """The recipes' names in the order of `make train-mini`."""
    (stages,) = re.findall(r"for stage in ([a-z -]+); do", (HOUSE / "Makefile").read_text(encoding="utf-8"))
    return [f"mini-{stage}" for stage in stages.split()]


def test_every_recipe_is_in_the_chain_and_starts_where_the_one_before_ended() -> None:
    names = chain()
    assert sorted(names) == sorted(path.stem for path in RECIPES.glob("*.toml"))
    runs = [load_run(RECIPES / f"{name}.toml", ()) for name in names]
    assert [run.model for run in runs] == ["mini", *(run.out for run in runs[:-1])]
    assert [run.out for run in runs] == [f"runs/{name}" for name in names]


def test_the_whole_chain_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two steps of each, from random weights of the tiny size to a model that can be loaded."""
    manifest = write_recordings(tmp_path)
    monkeypatch.chdir(tmp_path)
    for name in chain():
        run = load_run(RECIPES / f"{name}.toml", ())
        brief = [*EVERY, f'data.manifests=["{manifest}"]', *HERE.get(name, [])]
        brief += [f"{run.stage}.{word}" for word in BRIEF.get(run.stage, ())]
        words = [part for word in brief for part in ("--set", word)]
        assert main([str(RECIPES / f"{name}.toml"), *words]) == 0
    assert store.load(tmp_path / "runs" / chain()[-1] / "model").index.name
