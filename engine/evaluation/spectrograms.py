"""`python -m engine.evaluation.spectrograms MODEL --out DIR PROMPT...`: renders and draws what came out.

With a manifest each picture also shows the real clip whose caption is nearest by the text tower.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from engine.catalogue import find_model
from engine.errors import EngineError, UsageError
from engine.evaluation.clips import RealClips
from engine.evaluation.listening import Listener
from engine.evaluation.pictures import Strip, draw_strips, require_matplotlib
from engine.evaluation.rendering import Renderings, Wish, clip_seconds
from engine.models.store import load
from engine.pipeline import load_pipeline
from engine.reports import never
from engine.settings import folders
from engine.training.manifest import Recording, read_manifests


def main(argv: Sequence[str] | None = None) -> int:
    """Draw every prompt and print the pictures' paths. Returns the exit code."""
    words = _parser().parse_args(argv)
    try:
        _draw_all(words)
    except EngineError as error:
        sys.stderr.write(f"{error}\n")
        return 2 if isinstance(error, UsageError) else 1
    return 0


def _draw_all(words: argparse.Namespace) -> None:
    require_matplotlib()
    entry = find_model(words.model)
    pipeline = load_pipeline(entry.folder, words.device, words.precision)
    renderings = Renderings(entry, pipeline, Wish(words.steps, words.guidance))
    listener = Listener(
        load(entry.folder, ("audio_encoder",)).audio_encoder, pipeline.model.text_encoder, pipeline.device
    )
    real = RealClips(words.cache or folders().cache / "audio", listener.rate, clip_seconds(entry))
    recordings = read_manifests([words.manifest]) if words.manifest else []
    for number, prompt in enumerate(words.prompts):
        scene = renderings.scene(prompt, words.seed + number)
        path = words.out / f"{number:03d}.png"
        wave = renderings.wave(scene, never)
        strips = [Strip(f"rendered, seed {scene.seed}", wave, renderings.rate)]
        if recordings:
            like = _nearest(listener, prompt, recordings)
            strips.append(Strip(f"real: {like.captions[0]}"[:70], real.wave(like), real.rate))
        words.out.mkdir(parents=True, exist_ok=True)
        renderings.keep(wave, scene, path.with_suffix(".wav"))
        draw_strips(strips, prompt, path)
        sys.stdout.write(f"{path}\n")
        sys.stdout.flush()


def _nearest(listener: Listener, prompt: str, recordings: Sequence[Recording]) -> Recording:
    captions = listener.read([recording.captions[0] for recording in recordings])
    return recordings[int((captions @ listener.read([prompt])[0]).argmax())]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m engine.evaluation.spectrograms", description=__doc__)
    parser.add_argument("model", metavar="MODEL", help="name of a model, or its folder")
    parser.add_argument("prompts", metavar="PROMPT", nargs="+")
    parser.add_argument("--out", metavar="DIR", type=Path, required=True, help="for pictures and clips")
    parser.add_argument("--manifest", metavar="CSV", type=Path, help="real clips to show beside")
    parser.add_argument("--cache", metavar="DIR", type=Path, help="where decoded recordings are kept")
    parser.add_argument("--steps", metavar="N", type=int)
    parser.add_argument("--guidance", metavar="G", type=float)
    parser.add_argument("--seed", metavar="N", type=int, default=0, help="of the first prompt (default 0)")
    parser.add_argument("--device", metavar="D", default="auto")
    parser.add_argument("--precision", metavar="P", default="auto")
    return parser


if __name__ == "__main__":
    sys.exit(main())
