"""What happens to jobs when the user says so: it stands between the form, the queue view and the studio.

All rules are the studio's; this file only asks it and shows what it answers where the user is looking.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from PyQt6.QtCore import QObject, pyqtSignal

from engine.errors import EngineError
from engine.jobs import Job
from engine.scene import Scene
from gui.job_list import JobList
from gui.scene_form import Ask, SceneForm

if TYPE_CHECKING:
    from engine.studio import Studio

ORIGIN = "panel"


class JobDesk(QObject):
    """Submits, cancels, retries, moves. `finished` carries each job of ours that became a take."""

    finished = pyqtSignal(object)

    def __init__(self, studio: Studio, form: SceneForm, jobs: JobList) -> None:
        super().__init__(jobs)
        self._studio, self._form, self._jobs = studio, form, jobs
        self._known_ended: set[str] = {job.id for job in studio.queue.jobs() if job.ended}
        self._mixes: set[str] = set()  # whose stems are wanted too
        form.render_asked.connect(self.render)
        jobs.wanted.connect(self.act)
        jobs.clear_asked.connect(lambda: self._try(self._studio.queue.clear))
        jobs.unload_asked.connect(lambda: self._try(self._studio.unload_model))

    def render(self, ask: Ask) -> None:
        """Queue what the form asks for; a refusal is shown in the form."""
        stems = ask.stems and bool(ask.scene.layers) and not ask.scene.stem
        try:
            if stems:
                from engine.commands.stems import stem_targets

                stem_targets(ask.scene, None)
            scenes = self._studio.variations(ask.scene, ask.variations)
            queued = [self._studio.submit(scene, ask.output, origin=ORIGIN) for scene in scenes]
        except EngineError as error:
            self._form.refuse(str(error))
            return
        if stems:
            self._mixes.update(job.id for job in queued)
        self._form.prompt.remember(self._form.prompt.prompt())
        first = queued[0].scene.seed
        if first is not None:
            self._form.seed.show_drawn(first)
        self._jobs.show_jobs(self._studio.queue.jobs())
        self._jobs.choose(queued[0].id)

    def again(self, clip: str, *, another_seed: bool = False) -> None:
        """Render a take's scene once more, with its own seed or as a variation."""
        try:
            seed = self._drawn_seed(clip) if another_seed else None
            job = self._studio.again(clip, origin=ORIGIN, seed=seed)
        except EngineError as error:
            self._jobs.notice.fail(str(error))
            return
        self._jobs.show_jobs(self._studio.queue.jobs())
        self._jobs.choose(job.id)

    def make(self, scene: Scene, clip: str) -> None:
        """Render what is made from a take; a take that stays as it is in it keeps its rate and bits."""
        from engine.commands.wishes import output_for

        try:
            output = output_for(scene, {}, self._form.advanced.output())
            job = self._studio.submit(scene, output, origin=ORIGIN, parent=clip)
        except EngineError as error:
            self._jobs.notice.fail(str(error))
            return
        self._jobs.show_jobs(self._studio.queue.jobs())
        self._jobs.choose(job.id)

    def act(self, name: str, job_id: str) -> None:
        """Do what the queue view says."""
        actions: dict[str, Callable[[str], object]] = {
            "cancel": self._studio.cancel,
            "retry": self._retry,
            "up": lambda job_id: self._move(job_id, -1),
            "down": lambda job_id: self._move(job_id, 1),
        }
        self._try(lambda: actions[name](job_id))

    def show_changes(self, jobs: Sequence[Job]) -> None:
        """Take notice of jobs that changed: failures are told, takes are passed on."""
        for job in jobs:
            if not job.ended or job.id in self._known_ended:
                continue
            self._known_ended.add(job.id)
            if job.state == "done":
                self.finished.emit(job)
                if job.id in self._mixes:
                    self._render_stems(job)
            elif job.state == "failed":
                self._jobs.notice.fail(job.sentence, "Retry", partial(self.act, "retry", job.id))

    def offer_left_over(self) -> None:
        """Offer the jobs of the last run again."""
        self._known_ended.update(job.id for job in self._studio.queue.jobs() if job.ended)
        left = self._studio.left_over()
        if not left:
            return
        count = "One clip is" if len(left) == 1 else f"{len(left)} clips are"
        self._jobs.notice.tell(f"{count} left over from last time.", "Render now", self._resume)

    def rendering(self) -> Job | None:
        """The job that is being rendered."""
        return next((job for job in self._studio.queue.jobs() if job.state == "running"), None)

    def cancel_rendering(self) -> None:
        """Take back what is being rendered; what waits stays for the next time."""
        job = self.rendering()
        if job is not None:
            self._try(lambda: self._studio.cancel(job.id))

    def cancel_all(self) -> None:
        """Take back everything that has not ended."""
        self._try(self._studio.cancel_all)

    def _resume(self) -> None:
        self._try(self._studio.resume_jobs)

    def _retry(self, job_id: str) -> None:
        again = self._studio.retry(job_id)
        if job_id in self._mixes:
            self._mixes.add(again.id)

    def _render_stems(self, mix: Job) -> None:
        from engine.commands.stems import stems_of

        def submit() -> None:
            for scene, output in stems_of(mix):
                self._studio.submit(scene, output, origin=ORIGIN, parent=mix.clip)

        self._mixes.discard(mix.id)
        self._try(submit)

    def _move(self, job_id: str, by: int) -> None:
        waiting = [job.id for job in self._studio.queue.jobs() if job.state == "waiting"]
        if job_id in waiting:
            self._studio.queue.move(job_id, max(0, waiting.index(job_id) + by))

    def _drawn_seed(self, clip: str) -> int | None:
        scene = self._studio.library.get(clip).scene
        return self._studio.resolve(replace(scene, seed=None)).seed

    def _try(self, what: Callable[[], object]) -> None:
        try:
            what()
        except EngineError as error:
            self._jobs.notice.fail(str(error))
