"""What a run writes down: metrics.jsonl, TensorBoard events (figures and sounds), loss.png.

A stage makes sounds heard by `add_audio` during its validation. This module knows figures by their names
only, and nothing of what they measure.
"""

from __future__ import annotations

import io
import json
import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
import torch
from numpy.typing import NDArray

from engine.errors import EngineError
from engine.training.loss_graph import draw_losses

Figures = Mapping[str, float]
METRICS = "metrics.jsonl"
_LISTENER: ContextVar[tuple[RunLog, int] | None] = ContextVar("listener", default=None)


def add_audio(name: str, wave: torch.Tensor | NDArray[Any], sample_rate: int) -> None:
    """Let a sound be heard in the run that is validating: `wave` (samples,) or (channels, samples) in [-1,
    1].

    It goes to TensorBoard and to `<out>/audio/<name>-step-000500.wav`. Outside a validation nothing happens.
    """
    listener = _LISTENER.get()
    if listener is not None:
        log, step = listener
        log.audio(step, name, wave, sample_rate)


def means(figures: Iterable[Figures]) -> dict[str, float]:
    """The mean of each figure over those that have it."""
    gathered: dict[str, list[float]] = defaultdict(list)
    for spoken in figures:
        for name, value in spoken.items():
            gathered[name].append(float(value))
    return {name: sum(values) / len(values) for name, values in gathered.items()}


class RunLog:
    """The log of one run; lines after `step` are forgotten, for they belong to a run that was killed."""

    def __init__(self, folder: Path, step: int) -> None:
        """Raises EngineError where TensorBoard is missing or the folder cannot be written."""
        try:
            from torch.utils.tensorboard import SummaryWriter
        except ImportError:
            raise EngineError(
                "Training needs the package tensorboard: pip install 'roomtone[train]'."
            ) from None
        self.folder = folder
        self._path = folder / METRICS
        with _writing(folder):
            folder.mkdir(parents=True, exist_ok=True)
            self._lines = [line for line in read_metrics(self._path) if line["step"] <= step]
            self._rewrite()
            self._file = self._path.open("a", encoding="utf-8")
            self._board = SummaryWriter(str(folder / "tensorboard"), purge_step=step + 1 if step else None)
        self._turns: dict[str, list[float]] = defaultdict(list)
        self._seconds: list[float] = []
        self._bad_steps = 0

    def turn(self, name: str, figures: Figures) -> None:
        """Gather one turn's figures for the next line."""
        for figure, value in figures.items():
            self._turns[f"{name}/{figure}"].append(float(value))

    def step(self, step: int, seconds: float, bad_steps: int) -> None:
        """Count one step that took `seconds`."""
        self._seconds.append(seconds)
        self._bad_steps = bad_steps

    def write_means(self, step: int) -> None:
        """One line: the means since the last one, steps per second and steps skipped so far."""
        figures = {name: sum(values) / len(values) for name, values in self._turns.items()}
        figures["steps_per_second"] = len(self._seconds) / max(1e-9, sum(self._seconds))
        figures["skipped_steps"] = float(self._bad_steps)
        self._write(step, "train", figures)
        self._turns.clear()
        self._seconds.clear()

    def validation(self, step: int, figures: Figures) -> None:
        """One line of validation figures."""
        self._write(step, "validation", figures)

    @contextmanager
    def listening(self, step: int) -> Iterator[None]:
        """`add_audio` reaches this log inside."""
        before = _LISTENER.set((self, step))
        try:
            yield
        finally:
            _LISTENER.reset(before)

    def audio(self, step: int, name: str, wave: torch.Tensor | NDArray[Any], sample_rate: int) -> None:
        """Keep one sound, see `add_audio`."""
        samples = _samples(wave)
        path = self.folder / "audio" / f"{name}-step-{step:06d}.wav"
        encoded = _as_wav(samples, sample_rate)
        with _writing(self.folder):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(encoded)
        self._sound(step, f"audio/{name}", encoded, samples.shape, sample_rate)

    def draw(self) -> None:
        """loss.png from every line so far."""
        with _writing(self.folder):
            draw_losses(self._lines, self.folder / "loss.png")

    def close(self) -> None:
        """Flush and close; the log cannot be used afterwards."""
        self._file.close()
        self._board.close()

    def _write(self, step: int, kind: str, figures: Figures) -> None:
        values = {name: float(value) for name, value in figures.items()}
        line = {"step": step, "kind": kind} | {n: v if math.isfinite(v) else None for n, v in values.items()}
        self._lines.append(line)
        with _writing(self.folder):
            self._file.write(json.dumps(line) + "\n")
            self._file.flush()
        for name, value in values.items():
            self._board.add_scalar(f"{kind}/{name}", value, step)
        self._board.flush()

    def _sound(self, step: int, tag: str, wav: bytes, shape: tuple[int, ...], sample_rate: int) -> None:
        """TensorBoard's audio message by hand: torch's `add_audio` takes mono only."""
        from tensorboard.compat.proto.summary_pb2 import Summary

        sound = Summary.Audio(
            sample_rate=float(sample_rate),
            num_channels=shape[1],
            length_frames=shape[0],
            encoded_audio_string=wav,
            content_type="audio/wav",
        )
        writer: Any = self._board.file_writer
        if writer is not None:
            writer.add_summary(Summary(value=[Summary.Value(tag=tag, audio=sound)]), step)
            writer.flush()

    def _rewrite(self) -> None:
        draft = self._path.with_suffix(".part")
        draft.write_text("".join(json.dumps(line) + "\n" for line in self._lines), encoding="utf-8")
        draft.replace(self._path)


@contextmanager
def _writing(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as problem:
        raise EngineError(f"The run's folder '{folder}' cannot be written: {problem}.") from problem


def read_metrics(path: Path) -> list[dict[str, Any]]:
    """The lines of metrics.jsonl; a last line that a kill cut short is left out."""
    lines = []
    for text in path.read_text(encoding="utf-8").splitlines() if path.is_file() else ():
        try:
            lines.append(json.loads(text))
        except json.JSONDecodeError:
            continue
    return lines


def _samples(wave: torch.Tensor | NDArray[Any]) -> NDArray[np.float32]:
    """(samples,) or (channels, samples) -> (samples, channels) float32 in [-1, 1]."""
    array = wave.detach().float().cpu().numpy() if isinstance(wave, torch.Tensor) else np.asarray(wave)
    return np.clip(np.atleast_2d(array.astype(np.float32)), -1.0, 1.0).T


def _as_wav(samples: NDArray[np.float32], sample_rate: int) -> bytes:
    buffer = io.BytesIO()
    soundfile.write(buffer, samples, sample_rate, format="WAV", subtype="PCM_16")
    return buffer.getvalue()
