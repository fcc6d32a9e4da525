"""`python -m engine.evaluation.spectrograms MODEL --out DIR PROMPT...`: renders and draws what came out.

With a manifest each picture also shows the real clip whose caption is nearest by the text tower. Without
prompts one sheet, families.png, shows a held-back prompt of every family beside a real clip of it.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from engine.catalogue import find_model
from engine.errors import EngineError, UsageError
from engine.evaluation.asking import Asked, held_back
from engine.evaluation.clips import RealClips
from engine.evaluation.families import family_of, scene_of
from engine.evaluation.listening import Listener
from engine.evaluation.pictures import Strip, draw_sheet, draw_strips, require_matplotlib
from engine.evaluation.rendering import Renderings, Wish, clip_seconds
from engine.models.store import load
from engine.pipeline import load_pipeline
from engine.reports import never
from engine.settings import folders
from engine.training.held_back import held_back_prompts
from engine.training.manifest import Recording, read_manifests


def main(argv: Sequence[str] | None = None) -> int:
    """Draw every prompt, or the sheet of families, and print the pictures' paths. Returns the exit code."""
    words = _parser().parse_args(argv)
    try:
        require_matplotlib()
        easel = _Easel(words)
        for path in easel.prompts(words.prompts, words.seed) if words.prompts else easel.families():
            sys.stdout.write(f"{path}\n")
            sys.stdout.flush()
    except EngineError as error:
        sys.stderr.write(f"{error}\n")
        return 2 if isinstance(error, UsageError) else 1
    return 0


class _Easel:
    """A model and the real clips that its own are drawn beside."""

    def __init__(self, words: argparse.Namespace) -> None:
        entry = find_model(words.model)
        pipeline = load_pipeline(entry.folder, words.device, words.precision)
        self.renderings = Renderings(entry, pipeline, Wish(words.steps, words.guidance))
        ears = load(entry.folder, ("audio_encoder",)).audio_encoder
        self.listener = Listener(ears, pipeline.model.text_encoder, pipeline.device)
        cache = words.cache or folders().cache / "audio"
        self.real = RealClips(cache, self.renderings.rate, clip_seconds(entry))
        self.recordings = self.real.cache.build(read_manifests(words.manifest)).ready
        self.out: Path = words.out

    def prompts(self, prompts: Sequence[str], seed: int) -> Iterator[Path]:
        """A picture and a clip of each prompt."""
        for number, prompt in enumerate(prompts):
            scene = self.renderings.scene(prompt, seed + number)
            path = self.out / f"{number:03d}.png"
            wave = self.renderings.wave(scene, never)
            strips = [Strip(f"rendered, seed {scene.seed}", wave, self.renderings.rate)]
            if self.recordings:
                strips.append(self._real(self._nearest(prompt, self.recordings)))
            path.parent.mkdir(parents=True, exist_ok=True)
            self.renderings.keep(wave, scene, path.with_suffix(".wav"))
            draw_strips(strips, prompt, path)
            yield path

    def families(self) -> Iterator[Path]:
        """The sheet. Raises UsageError without a manifest that has recordings of a family."""
        rows = [self._row(family, asked) for family, asked in self._first_of_each().items()]
        if not rows:
            raise UsageError("Say which real clips to draw beside with --manifest CSV, or give prompts.")
        path = self.out / "families.png"
        draw_sheet(rows, path)
        yield path

    def _first_of_each(self) -> dict[str, Asked]:
        """Family -> its first held-back prompt, of the families that have recordings."""
        known = {self._family(one) for one in self.recordings}
        asked = reversed(held_back(len(held_back_prompts())))
        first = {family_of(one.scene): one for one in asked if family_of(one.scene) in known}
        return dict(sorted(first.items()))

    def _row(self, family: str, asked: Asked) -> tuple[str, Strip, Strip]:
        wave = self.renderings.wave(self.renderings.scene(asked.prompt, asked.seed), never)
        like = self._nearest(asked.prompt, [one for one in self.recordings if self._family(one) == family])
        return family, Strip(asked.prompt, wave, self.renderings.rate), self._real(like)

    def _family(self, recording: Recording) -> str:
        return family_of(scene_of(recording), recording.ucs_category)

    def _nearest(self, prompt: str, recordings: Sequence[Recording]) -> Recording:
        captions = self.listener.read([recording.captions[0] for recording in recordings])
        return recordings[int((captions @ self.listener.read([prompt])[0]).argmax())]

    def _real(self, recording: Recording) -> Strip:
        return Strip(f"real: {recording.captions[0]}"[:70], self.real.wave(recording), self.real.rate)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m engine.evaluation.spectrograms", description=__doc__)
    parser.add_argument("model", metavar="MODEL", help="name of a model, or its folder")
    parser.add_argument("prompts", metavar="PROMPT", nargs="*")
    parser.add_argument("--out", metavar="DIR", type=Path, required=True, help="for pictures and clips")
    parser.add_argument(
        "--manifest", metavar="CSV", type=Path, nargs="+", default=[], help="real clips to show beside"
    )
    parser.add_argument("--cache", metavar="DIR", type=Path, help="where decoded recordings are kept")
    parser.add_argument("--steps", metavar="N", type=int)
    parser.add_argument("--guidance", metavar="G", type=float)
    parser.add_argument("--seed", metavar="N", type=int, default=0, help="of the first prompt (default 0)")
    parser.add_argument("--device", metavar="D", default="auto")
    parser.add_argument("--precision", metavar="P", default="auto")
    return parser


if __name__ == "__main__":
    sys.exit(main())
