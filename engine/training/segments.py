"""Draws segments of fixed length from the decoded recordings: which, where in it, which caption, changed how.

Every segment is a pure function of (seed, step, rank, index), so that a resumed training needs no state to go
on. Refuses to know networks and files: the cache brings the samples.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from engine.errors import UsageError
from engine.training.augment import AugmentConfig, at_speed, drawn_speed, joined, mixed, varied
from engine.training.character import characterised
from engine.training.decode import CacheConfig
from engine.training.manifest import Recording
from engine.training.rooms import in_a_room
from engine.training.sides import may_be_widened, widened
from engine.training.weighting import WeightingConfig, probabilities
from engine.widening import says_mono

Samples = NDArray[np.float32]

INT16_SCALE = np.float32(1.0 / 32767.0)
HAND_WRITTEN = 2
"""Captions 1 and 2 name the sound; the others add measured words ("..., mono") that no mixture keeps true."""
RARE = 2
"""Recordings of a scene that has next to none."""
PARTNER_TRIES = 8
"""Draws for a second scene; a corpus of one scene stays unmixed."""


class Decoded(Protocol):
    """What is needed of `cache.AudioCache`."""

    config: CacheConfig

    def open(self, recording: Recording) -> NDArray[np.int16]:
        """(samples, channels), full scale 32767."""


@dataclass(frozen=True)
class SegmentBatch:
    """`wave` (b, channels, samples) float32 in [-1, 1]; of a mixture, names are joined by "+".

    others: captions as true as those of `captions`, in other words, of recordings of the same scenes.
    """

    wave: Samples
    captions: list[str]
    others: list[str]
    scenes: list[str]
    recordings: list[str]


@dataclass(frozen=True)
class Segment:
    """`wave` (samples, channels) float32 in [-1, 1], and what it is."""

    wave: Samples
    caption: str
    other: str
    scene: str
    recording: str


class SegmentSource:
    """Segments of `seconds` from the recordings given: the caller chooses the split.

    Raises UsageError when there is nothing to draw from.
    """

    def __init__(
        self,
        recordings: Sequence[Recording],
        cache: Decoded,
        seconds: float,
        seed: int,
        weighting: WeightingConfig | None = None,
        augmentation: AugmentConfig | None = None,
        crossfade_s: float = 0.25,
    ) -> None:
        if not recordings:
            raise UsageError(
                "No recording is left to draw from; check the manifest's paths and its split column."
            )
        if not 0.1 <= seconds <= 600:
            raise UsageError(f"Segments of {seconds:g} s cannot be drawn; choose 0.1 to 600.")
        self.recordings = tuple(recordings)
        self.samples = round(seconds * cache.config.sample_rate)
        self.weighting = (weighting or WeightingConfig()).checked()
        self.augmentation = (augmentation or AugmentConfig()).checked()
        self._cache = cache
        self._seed = seed
        self._crossfade = round(crossfade_s * cache.config.sample_rate)
        lengths = [len(cache.open(recording)) / cache.config.sample_rate for recording in self.recordings]
        self.probabilities = probabilities(self.recordings, lengths, self.weighting)
        self._cumulated = np.cumsum(self.probabilities)
        self._names: dict[str, list[str]] = {}
        takes: dict[str, set[str]] = {}
        for recording in self.recordings:
            self._names.setdefault(recording.scene, []).extend(recording.captions[:HAND_WRITTEN])
            takes.setdefault(recording.scene, set()).add(recording.recording_id)
        self._rare = {scene for scene, found in takes.items() if len(found) <= RARE}

    def plain(self, recordings: Sequence[Recording]) -> SegmentSource:
        """A source of these recordings alone, whose segments are as they are."""
        seconds = self.samples / self._cache.config.sample_rate
        return SegmentSource(recordings, self._cache, seconds, self._seed)

    def draw(self, step: int, rank: int, count: int, first: int = 0) -> SegmentBatch:
        """`count` segments, those with index `first` and following of this step and rank.

        Micro-batches of one step take `first = micro * count`.
        """
        return _batch([self.segment(step, rank, first + number) for number in range(count)])

    def segment(self, step: int, rank: int, index: int) -> Segment:
        """One drawn and augmented segment, the same each time it is asked for."""
        generator = np.random.default_rng([self._seed, step, rank, index])
        words = np.random.default_rng([self._seed, step, rank, index, 1])
        main, config = self._drawn(generator), self.augmentation
        partner = self._partner(main, generator) if generator.random() < config.mixture else None
        if partner is None:
            segment = self._alone(main, generator, words)
        else:
            segment = self._together(main, partner, generator, words)
        wave, rate = segment.wave, self._cache.config.sample_rate
        rare = config.room > 0 and main.scene in self._rare and not says_mono(segment.caption)
        if rare and words.random() < config.room:
            wave = in_a_room(wave, rate, words)
        if may_be_widened(wave, segment.caption) and words.random() < config.widen:
            wave = widened(wave, rate, words)
        return replace(segment, wave=varied(wave, config, generator))

    def _alone(self, main: Recording, generator: np.random.Generator, words: np.random.Generator) -> Segment:
        wave = self._cut(main, generator)
        caption = main.captions[generator.integers(len(main.captions))]
        captions = caption, self._other(main, caption, words)
        if generator.random() < self.augmentation.character:
            again = partial(self._cut, main, generator)
            wave, captions = characterised(wave, captions, again, self._cache.config.sample_rate, generator)
        return Segment(wave, *captions, main.scene, main.recording_id)

    def _together(
        self,
        main: Recording,
        partner: Recording,
        generator: np.random.Generator,
        words: np.random.Generator,
    ) -> Segment:
        config, pair = self.augmentation, (main, partner)
        below_db = float(generator.uniform(*config.mixture_level_db))
        wave = mixed(self._cut(main, generator), self._cut(partner, generator), below_db)
        first, second = (
            one.captions[generator.integers(min(HAND_WRITTEN, len(one.captions)))] for one in pair
        )
        others = self._other(main, first, words), self._other(partner, second, words)
        return Segment(
            wave,
            joined(first, second, below_db, config.background_db),
            joined(*others, below_db, config.background_db),
            f"{main.scene}+{partner.scene}",
            f"{main.recording_id}+{partner.recording_id}",
        )

    def _other(self, recording: Recording, caption: str, words: np.random.Generator) -> str:
        """What a recording of the same scene is called; the caption itself, where that speaks of mono."""
        if says_mono(caption):
            return caption
        names = self._names[recording.scene]
        return names[words.integers(len(names))]

    def fixed(self, count: int) -> SegmentBatch:
        """`count` plain segments with their first captions, the same for every seed, step and rank.

        Goes round the scenes, and in each scene round its files: few segments already cover all scenes. A
        file that comes again is cut elsewhere.
        """
        order = self._round_robin()
        turns = -(-count // len(order))
        segments = []
        for number in range(count):
            turn, place = divmod(number, len(order))
            recording = order[place]
            wave = self._window(self._cache.open(recording), (turn + 0.5) / turns, self.samples)
            caption, other = recording.captions[0], recording.captions[min(1, len(recording.captions) - 1)]
            segments.append(Segment(wave, caption, other, recording.scene, recording.recording_id))
        return _batch(segments)

    def _round_robin(self) -> list[Recording]:
        scenes: dict[str, list[Recording]] = {}
        for recording in sorted(self.recordings, key=lambda r: (r.scene, r.recording_id, r.path.name)):
            scenes.setdefault(recording.scene, []).append(recording)
        longest = max(len(files) for files in scenes.values())
        return [files[place] for place in range(longest) for files in scenes.values() if place < len(files)]

    def _drawn(self, generator: np.random.Generator) -> Recording:
        place = int(np.searchsorted(self._cumulated, generator.random() * self._cumulated[-1], side="right"))
        return self.recordings[min(place, len(self.recordings) - 1)]

    def _partner(self, main: Recording, generator: np.random.Generator) -> Recording | None:
        for _ in range(PARTNER_TRIES):
            other = self._drawn(generator)
            if other.scene != main.scene:
                return other
        return None

    def _cut(self, recording: Recording, generator: np.random.Generator) -> Samples:
        """A random place of the recording, (samples, channels), at a drawn speed."""
        speed = drawn_speed(self.augmentation, generator)
        wanted = self.samples if speed == 1.0 else round(self.samples * speed) + 1
        return at_speed(
            self._window(self._cache.open(recording), float(generator.random()), wanted), speed, self.samples
        )

    def _window(self, stored: NDArray[np.int16], place: float, wanted: int) -> Samples:
        """`wanted` samples from `place` (0: earliest, 1: latest start); a shorter clip is tiled."""
        spare = len(stored) - wanted
        if spare >= 0:
            start = min(int(place * (spare + 1)), spare)
            return np.asarray(stored[start : start + wanted] * INT16_SCALE, dtype=np.float32)
        return tiled(np.asarray(stored * INT16_SCALE, dtype=np.float32), wanted, place, self._crossfade)


def tiled(wave: Samples, wanted: int, place: float, crossfade: int) -> Samples:
    """(samples, channels) -> (wanted, channels): repeated without a click, from `place` (0..1) of the cycle.

    The end is faded into the beginning with equal power, as for sounds that do not correlate; at most a
    quarter of the clip is spent on it.
    """
    fade = max(1, min(crossfade, len(wave) // 4))
    angle = (np.arange(fade, dtype=np.float32)[:, None] + 0.5) / fade * np.float32(np.pi / 2)
    cycle = wave[: len(wave) - fade].copy()
    cycle[:fade] = wave[:fade] * np.sin(angle) + wave[len(wave) - fade :] * np.cos(angle)
    start = int(place * len(cycle)) % len(cycle)
    turns = -(-(start + wanted) // len(cycle))
    return np.tile(cycle, (turns, 1))[start : start + wanted]


def _batch(segments: Sequence[Segment]) -> SegmentBatch:
    samples, channels = segments[0].wave.shape
    wave = np.empty((len(segments), channels, samples), dtype=np.float32)
    for place, segment in enumerate(segments):
        wave[place] = segment.wave.T
    return SegmentBatch(
        wave,
        [segment.caption for segment in segments],
        [segment.other for segment in segments],
        [segment.scene for segment in segments],
        [segment.recording for segment in segments],
    )
