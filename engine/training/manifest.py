"""Reads the CSV manifests that list the training recordings.

Knows the columns and checks every value; refuses to know what the files hold (see `cache`) and how they are
drawn (see `segments`). Only `path` and one caption are obligatory; every other column has a default.
"""

from __future__ import annotations

import csv
import difflib
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from engine.errors import UsageError

SPLITS = ("train", "test")
CAPTION_COLUMNS = ("caption_1", "caption_2", "caption_3", "caption_4", "caption_5")
TEXT_COLUMNS = ("source", "licence", "attribution", "ucs_category", "scene", "recording_id", "edit")
MEASURED_COLUMNS = (
    "sample_rate",
    "channels",
    "rms_dbfs",
    "bandwidth_hz",
    "centroid_hz",
    "level_std_db",
    "stereo_width",
    "silence_ratio",
    "sha256",
)
"""Accepted, for whoever made the manifest; the training measures what it needs itself."""
NUMBER_COLUMNS = ("duration_s", "active_start_s", "active_end_s", "hpf_hz")
COLUMNS = ("path", *CAPTION_COLUMNS, "split", *TEXT_COLUMNS, *NUMBER_COLUMNS, "flags", *MEASURED_COLUMNS)


@dataclass(frozen=True)
class Recording:
    """One audio file and what is known of it.

    Several files may share a `recording_id`: pieces of one recording, always on the same side of the split.
    `active_end_s` None: to the end of the file. `hpf_hz` 0: no high-pass.
    """

    path: Path
    captions: tuple[str, ...]
    scene: str = ""
    split: str = "train"
    recording_id: str = ""
    source: str = ""
    licence: str = ""
    attribution: str = ""
    ucs_category: str = ""
    edit: str = ""
    duration_s: float | None = None
    active_start_s: float = 0.0
    active_end_s: float | None = None
    hpf_hz: float = 0.0
    flags: tuple[str, ...] = ()

    @property
    def low_bandwidth(self) -> bool:
        """True where nothing above 12 kHz was recorded: such a file teaches dull highs."""
        return "low_bandwidth" in self.flags

    @property
    def antiphase(self) -> bool:
        """True where left and right cancel each other: not to be summed to mono."""
        return "antiphase_stereo" in self.flags


def read_manifests(paths: Sequence[str | Path], roots: Sequence[str | Path] = ()) -> list[Recording]:
    """All recordings of several manifests, in order.

    Audio paths are relative to each CSV's folder, or to `roots`: one folder for all or one for each
    ("": the CSV's own).
    Raises UsageError for a file that cannot be read, a wrong header or value (with its line number), a file
    listed twice, and a recording that stands on both sides of the split.
    """
    if len(roots) not in (0, 1, len(paths)):
        raise UsageError(
            f"{len(roots)} folders are named for {len(paths)} manifests; name one, or one for each."
        )
    folders = roots if len(roots) == len(paths) else (*roots, "")[:1] * len(paths)
    recordings = [
        recording
        for path, folder in zip(paths, folders, strict=True)
        for recording in read_manifest(Path(path), Path(folder) if folder else None)
    ]
    _refuse_repeated_files(recordings)
    _refuse_mixed_splits(recordings)
    return recordings


def read_manifest(path: Path, audio_folder: Path | None = None) -> list[Recording]:
    """The recordings of one CSV; audio paths are relative to `audio_folder` or else to the CSV's folder.

    Raises UsageError as `read_manifests` does, apart from the checks across rows.
    """
    folder = path.parent if audio_folder is None else audio_folder
    try:
        with path.open(newline="", encoding="utf-8-sig") as text:
            rows = list(_rows(path, text))
    except OSError as error:
        raise UsageError(
            f"The manifest {path} cannot be read ({error.strerror}); name a CSV file."
        ) from error
    except UnicodeDecodeError as error:
        raise UsageError(
            f"The manifest {path} is not UTF-8 text; save it as CSV with UTF-8 encoding."
        ) from error
    if not rows:
        raise UsageError(f"The manifest {path} lists no recording; add a row with a path and a caption.")
    return [_recording(row, folder, f"Line {line} of {path}") for line, row in rows]


def select(
    recordings: Iterable[Recording], split: str | None = None, low_bandwidth: bool = True
) -> list[Recording]:
    """The recordings of one split ("train", "test"; None: both), on demand without those of low bandwidth."""
    if split is not None and split not in SPLITS:
        raise UsageError(f'"{split}" is no split; choose {" or ".join(SPLITS)}.')
    return [
        recording
        for recording in recordings
        if split in (None, recording.split) and (low_bandwidth or not recording.low_bandwidth)
    ]


def _rows(path: Path, text: Iterable[str]) -> Iterator[tuple[int, Mapping[str, str]]]:
    """(line number, cells by column) of every row that is not blank."""
    reader = csv.reader(text, strict=True)
    header: list[str] | None = None
    try:
        for cells in reader:
            line = reader.line_num
            if not any(cell.strip() for cell in cells):
                continue
            if header is None:
                header = [cell.strip() for cell in cells]
                _check_header(path, line, header)
                continue
            if len(cells) != len(header):
                raise UsageError(
                    f"Line {line} of {path} has {len(cells)} cells where the header has {len(header)}; "
                    "put quotes around a text that holds a comma."
                )
            yield line, dict(zip(header, (cell.strip() for cell in cells), strict=True))
    except csv.Error as error:
        raise UsageError(
            f"Line {reader.line_num} of {path} is no proper CSV ({error}); check quotes."
        ) from error


def _check_header(path: Path, line: int, header: Sequence[str]) -> None:
    for name in header:
        if name not in COLUMNS:
            near = difflib.get_close_matches(name, COLUMNS, n=1, cutoff=0.5)
            hint = f'did you mean "{near[0]}"?' if near else f"known columns are {', '.join(COLUMNS)}."
            raise UsageError(f'Line {line} of {path} names the unknown column "{name}"; {hint}')
        if header.count(name) > 1:
            raise UsageError(f'Line {line} of {path} names the column "{name}" twice; remove one.')
    if "path" not in header or not any(name in header for name in CAPTION_COLUMNS):
        raise UsageError(
            f"Line {line} of {path} must name the columns path and caption_1; the rest is optional."
        )


def _recording(row: Mapping[str, str], folder: Path, where: str) -> Recording:
    name = row["path"]
    captions = tuple(row[column] for column in CAPTION_COLUMNS if row.get(column))
    split = row.get("split") or "train"
    if not name:
        raise UsageError(f"{where} has an empty path; name the audio file.")
    if not captions:
        raise UsageError(f"{where} has no caption; describe the sound of {name} in caption_1.")
    if split not in SPLITS:
        raise UsageError(
            f'{where} has the split "{split}"; write {" or ".join(SPLITS)}, or leave it empty for train.'
        )
    numbers = {column: _number(row.get(column, ""), column, where) for column in NUMBER_COLUMNS}
    start, end = numbers["active_start_s"] or 0.0, numbers["active_end_s"]
    if end is not None and end <= start:
        raise UsageError(f"{where} ends at {end:g} s before it starts at {start:g} s; correct active_end_s.")
    texts = {column: row.get(column, "") for column in TEXT_COLUMNS}
    texts["recording_id"] = texts["recording_id"] or Path(name).with_suffix("").as_posix()
    return Recording(
        path=folder / name,
        captions=captions,
        split=split,
        duration_s=numbers["duration_s"],
        active_start_s=start,
        active_end_s=end,
        hpf_hz=numbers["hpf_hz"] or 0.0,
        flags=tuple(row.get("flags", "").split()),
        **texts,
    )


def _number(text: str, column: str, where: str) -> float | None:
    if not text:
        return None
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not (math.isfinite(number) and number >= 0):
        raise UsageError(f'{where} has "{text}" in {column}; write a number of 0 or more, or leave it empty.')
    return number


def _refuse_repeated_files(recordings: Sequence[Recording]) -> None:
    seen: set[Path] = set()
    for recording in recordings:
        if recording.path in seen:
            raise UsageError(f"{recording.path} is listed twice; keep one of its rows.")
        seen.add(recording.path)


def _refuse_mixed_splits(recordings: Sequence[Recording]) -> None:
    sides: dict[str, str] = {}
    for recording in recordings:
        if sides.setdefault(recording.recording_id, recording.split) != recording.split:
            raise UsageError(
                f'The recording "{recording.recording_id}" is both in train and in test, which is unfair; '
                f"give {recording.path} the split of its other files."
            )
