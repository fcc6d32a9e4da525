"""The evaluation of a model: clips rendered from the captions of real ones, and the same figures for both.

Four columns: what the model renders; the real clips through VAE and vocoder, and through the vocoder alone,
which bound what it can render; the real clips. Refuses to know the command line.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from engine.catalogue import ModelEntry, weight_hash
from engine.evaluation.assessment import assess
from engine.evaluation.bars import Bar
from engine.evaluation.clips import RealClips, Row, choose, counterparts
from engine.evaluation.factory import HeardPreset, hear_presets
from engine.evaluation.fidelity import fidelity
from engine.evaluation.figures import Figures, Landmarks, Measured, family_shares, figures_of, nearest_scenes
from engine.evaluation.ground import Ground
from engine.evaluation.listening import Listener
from engine.evaluation.pictures import Strip, draw_strips, require_matplotlib
from engine.evaluation.rendering import Renderings, Wish, clip_names, clip_seconds
from engine.evaluation.renders import Renders
from engine.evaluation.roundtrips import RoundTrips
from engine.evaluation.sound import measure
from engine.evaluation.teaching import landmarks_of, teach
from engine.evaluation.texture import textures
from engine.evaluation.unheard import TOP, Placed, place_prompts
from engine.evaluation.unknown import Shares, known_of, known_scenes
from engine.models.store import load
from engine.pipeline import load_pipeline
from engine.reports import CancelledCheck, Report, never, silent, stop_if
from engine.scene import Scene

COLUMNS = {
    "rendered": "rendered",
    "vae": "VAE and vocoder",
    "vocoder": "vocoder alone",
    "real": "real",
}
"""Key -> heading."""
LATER, LATER_S = "later", 0.3
"""The real clips once more, begun so much later: how far a judge agrees with itself."""


@dataclass(frozen=True)
class Request:
    """What to measure. limit: so many rows, evenly spaced. out: the folder for clips and pictures.

    prompts: how many of the held-back prompts to render too. bars: measure the quality bars, with so many
    prompts; 0: do not. presets: render the factory's presets too.
    """

    manifests: tuple[Path, ...]
    cache: Path
    split: str = "test"
    limit: int | None = None
    wish: Wish = field(default_factory=Wish)
    out: Path | None = None
    images: bool = False
    prompts: int = 0
    bars: int = 0
    presets: bool = False
    device: str = "auto"
    precision: str = "auto"


@dataclass(frozen=True)
class Heard:
    """One row: what was rendered and which scenes rendering and real clip sound like most."""

    path: Path
    scene: Scene
    name: str
    family: str
    nearest: dict[str, str]
    rendered: Measured


@dataclass(frozen=True)
class Evaluation:
    """columns: figures by column. families: of each, its clips and each column's share of right ones.

    prompts_real: the shares of real clips of the prompts' scenes that the judge would know.
    """

    model: str
    weight_hash: str
    seconds: float
    steps: int
    guidance: float
    sampler: str
    device: str
    precision: str
    columns: dict[str, Figures]
    families: dict[str, dict[str, float | None]]
    rows: tuple[Heard, ...]
    prompts: tuple[Placed, ...]
    prompts_real: Shares | None
    bars: tuple[Bar, ...]
    presets: tuple[HeardPreset, ...]
    skipped: tuple[tuple[Path, str], ...]


def evaluate(
    entry: ModelEntry, request: Request, report: Report = silent, cancelled: CancelledCheck = never
) -> Evaluation:
    """Measure the model. The same model, manifests and request give the same figures on one machine.

    Raises UsageError for a request that cannot be met, EngineError for a damaged model and unusable files,
    and Cancelled.
    """
    if request.images:
        require_matplotlib()
    return _Course(entry, request, report, cancelled).evaluation()


class _Course:
    """One evaluation on its way."""

    def __init__(
        self, entry: ModelEntry, request: Request, report: Report, cancelled: CancelledCheck
    ) -> None:
        self.entry, self.request, self.report, self.cancelled = entry, request, report, cancelled
        ears = load(entry.folder, ("audio_encoder",)).audio_encoder
        self.real = RealClips(request.cache, ears.config.sample_rate, clip_seconds(entry))
        self.choice = choose(request.manifests, request.split, request.limit, self.real, self._tell)
        self.names = clip_names(self.choice.rows, request.out) if request.out else []
        self._tell("loading the model", 0.0)
        pipeline = load_pipeline(entry.folder, request.device, request.precision)
        self.renderings = Renderings(entry, pipeline, request.wish)
        self.renders = Renders(self.renderings, cancelled)
        self.scenes = [self.renderings.scene(row.prompt, row.number) for row in self.choice.rows]
        self.listener = Listener(ears, pipeline.model.text_encoder, pipeline.device)
        self.trips = RoundTrips(pipeline.model, pipeline.device)

    def evaluation(self) -> Evaluation:
        others, landmarks = landmarks_of(self.choice, self.real, self.listener, self._tell)
        self.taught = teach(self.choice, self.real, self._tell)
        columns: dict[str, list[Measured]] = {key: [] for key in (*COLUMNS, LATER)}
        for place, row in enumerate(self.choice.rows):
            self._tell("rendering and listening", place / len(self.choice.rows))
            for key, measured in self._columns(place, row):
                columns[key].append(measured)
        self._tell("rendering and listening", 1.0)
        vectors = {key: np.stack([one.vector for one in columns[key]]) for key in COLUMNS}
        pairs = {key: (vectors[key], vectors["real"]) for key in COLUMNS if key != "real"}
        if self.choice.apart:
            pairs["real"] = (others[counterparts(self.choice.rows, self.choice.others)], vectors["real"])
        judged = [key for key in COLUMNS if self.choice.apart or key == "rendered"]
        figures = {
            key: figures_of(columns[key], landmarks, pairs.get(key), judged=key in judged) for key in COLUMNS
        }
        return Evaluation(
            model=self.entry.name,
            weight_hash=weight_hash(self.entry.folder),
            seconds=self.renderings.seconds,
            steps=self.scenes[0].steps or 0,
            guidance=self.scenes[0].guidance or 0.0,
            sampler=self.scenes[0].sampler,
            device=str(self.renderings.pipeline.device),
            precision=str(self.renderings.pipeline.precision).removeprefix("torch."),
            columns=figures,
            families=family_shares({key: columns[key] for key in judged}, landmarks),
            rows=self._rows(columns, landmarks),
            # Before the prompts, which then need not be rendered again.
            bars=self._bars(columns, figures, landmarks),
            prompts=(placed := self._prompts()),
            prompts_real=self._known([one.scene for one in placed]),
            presets=self._presets() if self.request.presets else (),
            skipped=self.choice.skipped,
        )

    def _prompts(self) -> tuple[Placed, ...]:
        return place_prompts(self.renders, self.taught.judge, self.request.prompts, self._tell)

    def _known(self, scenes: list[str]) -> Shares | None:
        return known_of(scenes, known_scenes(self.choice, self.taught, TOP)) if scenes else None

    def _presets(self) -> tuple[HeardPreset, ...]:
        request = self.request
        return hear_presets(
            self.renderings, self.taught.judge, request.out, request.images, self._tell, self.cancelled
        )

    def _bars(
        self, columns: dict[str, list[Measured]], figures: dict[str, Figures], landmarks: Landmarks
    ) -> tuple[Bar, ...]:
        if not self.request.bars:
            return ()
        ground = Ground(
            renders=self.renders,
            listener=self.listener,
            real=self.real,
            choice=self.choice,
            taught=self.taught,
            by_text=landmarks.by_text,
            report=self._tell,
        )
        return (*fidelity(columns, figures, landmarks), *assess(ground, self.request.bars))

    def _columns(self, place: int, row: Row) -> Iterator[tuple[str, Measured]]:
        """Each column's key and clip of one row."""
        real, rate, trips = self.real.wave(row.recording), self.real.rate, self.trips
        rendered = self.renderings.wave(self.scenes[place], self.cancelled)
        if self.request.bars:
            self.renders.keep(self.scenes[place], rendered)
        self._keep(place, row, Strip("rendered", rendered, self.renderings.rate), Strip("real", real, rate))
        yield "rendered", self._measured(row, rendered, self.renderings.rate)
        for key, trip in (("vae", trips.vae), ("vocoder", trips.vocoder)):
            wave, distance = trip(real, rate, row.number)
            yield key, self._measured(row, wave, trips.rate, distance)
        yield "real", self._measured(row, real, rate)
        if self.request.bars:
            yield LATER, self._measured(row, self.real.wave(row.recording, LATER_S), rate)

    def _measured(self, row: Row, wave: np.ndarray, rate: int, mel_distance: float | None = None) -> Measured:
        stop_if(self.cancelled)
        family = self.taught.judge.family(textures(wave, rate))
        return Measured(row, self.listener.hear(wave, rate), measure(wave, rate), mel_distance, family)

    def _keep(self, place: int, row: Row, rendered: Strip, real: Strip) -> None:
        if not self.names:
            return
        path = self.names[place]
        self.renderings.keep(rendered.wave, self.scenes[place], path)
        if self.request.images:
            draw_strips([rendered, real], f"{row.scene}: {row.prompt}", path.with_suffix(".png"))

    def _rows(self, columns: dict[str, list[Measured]], landmarks: Landmarks) -> tuple[Heard, ...]:
        nearest = {key: nearest_scenes(columns[key], landmarks) for key in COLUMNS}
        return tuple(
            Heard(
                path=row.recording.path,
                scene=self.scenes[place],
                name=row.scene,
                family=self.choice.family(row.scene),
                nearest={key: names[place] for key, names in nearest.items()},
                rendered=columns["rendered"][place],
            )
            for place, row in enumerate(self.choice.rows)
        )

    def _tell(self, stage: str, fraction: float) -> None:
        stop_if(self.cancelled)
        self.report(stage, fraction)
