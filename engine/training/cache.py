"""Decodes every recording once, into 16-bit arrays on disk that training reads by memory map.

One file becomes one `.npy` of (samples, channels) int16, at the training's rate, cropped to its active part,
free of rumble and of DC, at one loudness. Its name holds a hash of the file's bytes and of every setting: a
changed file or setting is decoded anew, and several trainings may share a folder. Refuses to know captions
and the draw.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Generator, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import closing
from dataclasses import astuple, dataclass
from mmap import ACCESS_READ, mmap
from multiprocessing import get_context
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.errors import EngineError
from engine.reports import Report, silent
from engine.training.decode import CacheConfig, decode
from engine.training.manifest import Recording

FORMAT = 1
"""Grows when the same file and settings give other samples."""
FEW_FILES = 8
"""Starting processes costs more than decoding this many files here."""


@dataclass(frozen=True)
class CacheReport:
    """What `AudioCache.build` found: `ready` may be drawn from; `broken` are (path, reason), skipped."""

    ready: tuple[Recording, ...]
    broken: tuple[tuple[Path, str], ...]
    decoded: int
    seconds: float


class AudioCache:
    """A folder of decoded recordings. Any number of processes may build and read it at the same time."""

    def __init__(self, folder: Path, config: CacheConfig | None = None) -> None:
        self.folder = folder
        self.config = (config or CacheConfig()).checked()
        self._files: dict[Recording, _Outcome] = {}

    def build(
        self, recordings: Iterable[Recording], workers: int = 2, report: Report = silent
    ) -> CacheReport:
        """Decodes what is missing, in `workers` processes; a broken file is named in the report and left out.

        Raises EngineError when the folder cannot be written.
        """
        wanted = list(recordings)
        self._make_folder()
        outcomes: dict[Recording, _Outcome] = {}
        with closing(_each(self.folder, self.config, wanted, workers)) as finished:
            for recording, outcome in finished:
                outcomes[recording] = outcome
                report(f"decoding {recording.path.name}", len(outcomes) / len(wanted))
        for recording, outcome in outcomes.items():
            if outcome.file is not None:
                self._files[recording] = outcome
        return _summary(wanted, outcomes, self.config.sample_rate)

    def open(self, recording: Recording) -> NDArray[np.int16]:
        """Memory-mapped (samples, channels) int16, full scale 32767; decodes the file if it is new.

        Raises EngineError with the reason when the file is broken.
        """
        outcome = self._files.get(recording)
        if outcome is None:
            self._make_folder()
            outcome = _prepare(self.folder, self.config, recording)
            if outcome.file is not None:
                self._files[recording] = outcome
        if outcome.file is None:
            raise EngineError(f"{recording.path} cannot be used: {outcome.reason}.")
        return _mapped(outcome.file, outcome.samples, self.config.channels)

    def _make_folder(self) -> None:
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise EngineError(
                f"The cache folder {self.folder} cannot be made ({error.strerror}); choose another folder."
            ) from error


@dataclass(frozen=True)
class _Outcome:
    """Of one recording: the decoded file, or the reason why there is none."""

    file: Path | None = None
    reason: str = ""
    samples: int = 0
    new: bool = False


def _summary(
    wanted: Sequence[Recording], outcomes: dict[Recording, _Outcome], sample_rate: int
) -> CacheReport:
    good = [recording for recording in wanted if outcomes[recording].file is not None]
    return CacheReport(
        ready=tuple(good),
        broken=tuple((r.path, outcomes[r].reason) for r in wanted if outcomes[r].file is None),
        decoded=sum(outcomes[recording].new for recording in good),
        seconds=sum(outcomes[recording].samples for recording in good) / sample_rate,
    )


def _each(
    folder: Path, config: CacheConfig, recordings: Sequence[Recording], workers: int
) -> Generator[tuple[Recording, _Outcome], None, None]:
    """(recording, outcome) as they finish. A decoder that takes its process down costs one file only."""
    missing: dict[Recording, None] = {}
    for recording in recordings:
        outcome = _known(folder, config, recording)
        if outcome is None:
            missing[recording] = None
        else:
            yield recording, outcome
    if workers < 2 or len(missing) <= FEW_FILES:
        for recording in missing:
            yield recording, _prepare(folder, config, recording)
        return
    while missing:
        try:
            for recording, outcome in _in_processes(folder, config, list(missing), workers):
                del missing[recording]
                yield recording, outcome
        except BrokenProcessPool:
            if workers == 1:  # the files went in one by one, so the first without an answer did it
                guilty = next(iter(missing))
                del missing[guilty]
                yield guilty, _Outcome(reason="the decoder crashed on it")
            workers = 1


def _in_processes(
    folder: Path, config: CacheConfig, recordings: Sequence[Recording], workers: int
) -> Iterator[tuple[Recording, _Outcome]]:
    """(recording, outcome) in the given order. Raises BrokenProcessPool when a process dies."""
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        try:
            running = [pool.submit(_prepare, folder, config, recording) for recording in recordings]
            for recording, future in zip(recordings, running):
                yield recording, future.result()
        finally:
            pool.shutdown(cancel_futures=True)


def _prepare(folder: Path, config: CacheConfig, recording: Recording) -> _Outcome:
    """Decodes one recording unless it is there already. Only the folder's faults are raised."""
    known = _known(folder, config, recording)
    if known is not None:
        return known
    try:
        samples = decode(recording, config)
    except EngineError as error:
        return _Outcome(reason=str(error))
    file = folder / _file_name(config, recording)
    _store(file, samples)
    return _Outcome(file, samples=len(samples), new=True)


def _known(folder: Path, config: CacheConfig, recording: Recording) -> _Outcome | None:
    """What can be said without decoding: it is there, or its file cannot even be read. None: decode it."""
    try:
        file = folder / _file_name(config, recording)
    except OSError as error:
        return _Outcome(reason=f"it cannot be read ({error.strerror})")
    samples = _stored_length(file, config.channels)
    return _Outcome(file, samples=samples) if samples else None


def _file_name(config: CacheConfig, recording: Recording) -> str:
    content = hashlib.sha256()
    with recording.path.open("rb") as audio:
        while block := audio.read(1 << 20):
            content.update(block)
    settings = (FORMAT, astuple(config), recording.active_start_s, recording.active_end_s, recording.hpf_hz)
    content.update(repr((*settings, recording.antiphase)).encode())
    stem = re.sub(r"[^A-Za-z0-9]+", "_", recording.path.stem)[:40]
    return f"{stem}-{content.hexdigest()[:20]}.npy"


def _mapped(file: Path, samples: int, channels: int) -> NDArray[np.int16]:
    """As `np.load(file, mmap_mode="r")`, without parsing the header again: 0.05 ms instead of 0.6.

    No file stays open: the map is closed with the last array that looks at it.
    """
    with file.open("rb") as stored:
        view = mmap(stored.fileno(), 0, access=ACCESS_READ)
    header_bytes = len(view) - samples * channels * 2
    return np.frombuffer(view, dtype="<i2", offset=header_bytes).reshape(samples, channels)


def _stored_length(file: Path, channels: int) -> int:
    """Samples in a finished file; 0 where there is none or it is damaged, so that it is decoded again."""
    try:
        stored = np.load(file, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError, EOFError):
        return 0
    return len(stored) if stored.dtype == np.int16 and stored.ndim == 2 and stored.shape[1] == channels else 0


def _store(file: Path, samples: NDArray[np.int16]) -> None:
    """Under a temporary name first: another process never maps half a file."""
    temporary = file.with_name(f".{file.stem}.{os.getpid()}.tmp")
    try:
        with temporary.open("wb") as target:
            np.save(target, samples, allow_pickle=False)
        temporary.replace(file)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise EngineError(
            f"The cache folder {file.parent} cannot be written ({error.strerror}); make room or change it."
        ) from error
