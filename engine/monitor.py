"""The monitor: one hears a clip while it is being rendered, if one wants to and nothing else is playing.

It is called by the worker's thread, and by front ends that switch it on and off. It knows no process.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from engine.jobs import Job

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from engine.audition import Audition
    from engine.live_clip import LiveClip


class Monitor:
    """audition: what it plays on. on: whether clips are heard while they are being rendered."""

    def __init__(self, audition: Callable[[], Audition]) -> None:
        self.on = False
        self._audition = audition
        self._job_id = ""
        self._clip: LiveClip | None = None

    def begin(self, job: Job) -> None:
        """This job is rendered now."""
        self._job_id, self._clip = job.id, None

    def hear(self, job: Job, rate: int, block: NDArray[np.float32]) -> None:
        """The next samples of the job, (samples, channels) at `rate` Hz; the first of them begin to play."""
        from engine.live_clip import LiveClip

        if self._clip is None:
            if job.id != self._job_id or not self.on:
                return
            state = self._audition().state()
            if state.playing or state.paused:
                self._job_id = ""  # another sound has the speakers
                return
            self._clip = LiveClip(rate, job.scene.seconds)
            self._clip.add(block)
            self._audition().listen(self._clip, loop=job.scene.loop)
        else:
            self._clip.add(block)

    def end(self, path: Path | None) -> None:
        """The job has ended, with this file or with none."""
        if self._clip is not None:
            self._clip.end(path)
        self._job_id, self._clip = "", None
