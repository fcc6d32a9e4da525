"""The Studio: one object, handed to every front end. It takes scenes as jobs and keeps the takes.

What renders is a child process behind the worker; progress is pulled from `queue`. Nothing heavy is imported
here; this module knows no window, no OSC and no option of the command line.
"""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from engine.errors import EngineError, UsageError
from engine.estimates import Estimates
from engine.foreman import Foreman, ending
from engine.handover import Host
from engine.jobs import BY_HAND, Job, Machine, Queue, drawn_id
from engine.jobstore import JobStore
from engine.monitor import Monitor
from engine.recipe import Recipe, read_recipe
from engine.recovery import finished_meanwhile, folder_of, sweep, sweep_library
from engine.renderer import LoadPipeline
from engine.rendering import load_pipeline
from engine.resolving import check_weights, resolved, variations
from engine.scene import Output, Scene
from engine.settings import Settings, folders, save_settings
from engine.worker import Worker

if TYPE_CHECKING:
    from engine.audition import Audition
    from engine.library import Library
    from engine.takes import Take


class Studio:
    """One for each program; a context manager. `open` starts the engine's process, `close` ends it.

    device, precision, threads: empty and 0 mean what the settings say. load_pipeline: how the child gets a
    renderer, importable by its name. What needs no engine (`resolve`, `variations`, `check_weights`, the
    library) works before `open`, too. notices: sentences for the user, on what could not be done when it
    opened.
    """

    def __init__(
        self,
        settings: Settings | None = None,
        device: str = "",
        precision: str = "",
        threads: int = 0,
        load_pipeline: LoadPipeline = load_pipeline,
    ) -> None:
        self._machine = Machine(device, precision, threads)
        self.settings = self._with_machine(settings or Settings()).checked()
        self._shared = False
        self._lock = threading.RLock()
        self._library: Library | None = None
        self._audition: Audition | None = None
        self.notices: list[str] = []
        self.queue = Queue()
        state = folders().state
        self._store = JobStore(state)
        self._host = Host(self, state)
        estimates = Estimates(state / "estimates.json")
        self.monitor = Monitor(lambda: self.audition)
        foreman = Foreman(self.queue, estimates, lambda: self.settings, self._keep, self.monitor)
        self._worker = Worker(self.queue, foreman, load_pipeline)

    def open(self, shared: bool = True) -> Studio:
        """Start the engine's process, without waiting for it.

        shared: other programs may hand their jobs over, and jobs left over from the last run are offered;
        only the first of a user's studios can be, the others work by themselves.
        """
        self._shared = shared
        self._worker.start()
        try:
            self.queue.keeper = self._store.open()
        except EngineError as error:
            self.notices.append(str(error))
            return self
        if self._shared:
            self._share()
        return self

    def close(self) -> None:
        """End the engine's process and let go of the library and the sound device, for good.

        What waits, and what runs, is offered again by the next studio that shares itself.
        """
        self._host.stop()
        self._worker.stop()
        self.queue.keeper = None
        self._store.close(keep_ended=self._shared)
        # They stay, closed: what a front end asks last must not open them, and their threads, anew.
        for part in (self._audition, self._library):
            if part is not None:
                part.close()

    def __enter__(self) -> Studio:
        return self.open()

    def __exit__(self, *_error: object) -> None:
        self.close()

    @property
    def library(self) -> Library:
        """The takes that there are; a shared studio notices what is done to the files by hand."""
        from engine.library import Library

        with self._lock:
            if self._library is None:
                self._library = Library(self.settings.library_folder, folders().state / "library.sqlite")
                self._library.open(watching=self._shared)
            return self._library

    @property
    def audition(self) -> Audition:
        """What plays takes."""
        from engine.audition import Audition

        with self._lock:
            if self._audition is None:
                self._audition = Audition()
            return self._audition

    def resolve(self, scene: Scene) -> Scene:
        """The scene with nothing left open. Raises UsageError and EngineError like `resolved`."""
        return resolved(scene)

    def variations(self, scene: Scene, count: int) -> list[Scene]:
        """`count` resolved scenes with the seeds seed, seed + 1, ...; after the last seed comes 0."""
        return variations(scene, count)

    def check_weights(self, recipe: Recipe) -> None:
        """Raise EngineError when the recipe's model has other weights now than when the recipe was made."""
        check_weights(recipe)

    def submit(
        self,
        scene: Scene,
        output: Output | None = None,
        target: Path | str | None = None,
        *,
        job_id: str = "",
        origin: str = "",
        priority: int = BY_HAND,
        parent: str = "",
        machine: Machine | None = None,
    ) -> Job:
        """Queue a scene. A job id that is known already is not rendered twice: the job there is returned.

        target: a file (.wav or .flac), else a folder that is made if missing; None or "" is the library.
        Raises UsageError for a scene, output or target that cannot be, QueueFull when too many wait.
        """
        if job_id and (known := self.queue.get(job_id)):
            return known
        job = self.job(scene, output, target, job_id)
        return self.queue.add(
            replace(job, origin=origin, priority=priority, parent=parent, machine=machine or Machine())
        )

    def take_in(self, job: Job) -> Job:
        """Queue what a job says, as `submit` does; of the job's way so far nothing counts."""
        return self.submit(
            job.scene,
            job.output,
            job.target,
            job_id=job.id,
            origin=job.origin,
            priority=job.priority,
            parent=job.parent,
            machine=job.machine,
        )

    def job(
        self,
        scene: Scene,
        output: Output | None = None,
        target: Path | str | None = None,
        job_id: str = "",
    ) -> Job:
        """The job that `submit` would queue, checked and resolved."""
        scene = self.resolve(scene)
        output = (output or self.settings.output).checked()
        path = Path(target).expanduser().absolute() if target else None
        if path is not None:
            from engine.takes import check_target

            check_target(path, Recipe(scene, output))
        return Job(job_id or drawn_id(), scene, output, str(path or ""))

    def again(self, clip: str, *, job_id: str = "", origin: str = "", seed: int | None = None) -> Job:
        """Queue the scene of a take once more, with its own seed, or with another that is given."""
        take = self.library.get(clip)
        recipe = read_recipe(take.path)
        scene = recipe.scene if seed is None else replace(recipe.scene, seed=seed)
        machine = Machine(recipe.device, recipe.precision, recipe.threads)
        return self.submit(scene, recipe.output, job_id=job_id, origin=origin, parent=clip, machine=machine)

    def cancel(self, job_id: str) -> Job:
        """Take back a job: at once when it waits, within a sampler step when it runs.

        Raises UsageError for an unknown one.
        """
        job = self.queue.get(job_id)
        if job is None:
            raise UsageError(f"There is no job {job_id[:80]!r} in the queue.")
        # It may begin to run between the question and the change; then the worker finds it ended.
        if job.state == "waiting":
            job = self.queue.change(job_id, state="cancelled", stage="")
        if job.state == "running":
            self._worker.cancel(job_id)
        return job

    def cancel_all(self) -> int:
        """Take back all jobs that have not ended; says how many."""
        alive = [job for job in self.queue.jobs() if not job.ended]
        for job in reversed(alive):
            self.cancel(job.id)
        return len(alive)

    def retry(self, job_id: str, *, new_id: str = "") -> Job:
        """Queue the scene of an ended job once more, under a new id."""
        job = self.queue.get(job_id)
        if job is None:
            raise UsageError(f"There is no job {job_id[:80]!r} in the queue.")
        return self.take_in(replace(job, id=new_id))

    def left_over(self) -> list[Job]:
        """The jobs of the last run that were not done: they wait, held until `resume_jobs`."""
        return [job for job in self.queue.jobs() if job.held]

    def resume_jobs(self, *job_ids: str) -> list[Job]:
        """Let the jobs left over from the last run, or those named, be rendered in their turn; says which."""
        return self.queue.release(*job_ids)

    def unload_model(self) -> None:
        """Free the model's memory as soon as no job runs; the next job loads it again."""
        self._worker.unload()

    def model_loaded(self) -> str:
        """The name of the model in memory, "" when there is none."""
        return self._worker.model

    def use_settings(self, settings: Settings) -> None:
        """Check the settings, save them and go by them from the next job on. Raises UsageError."""
        save_settings(settings)
        with self._lock:
            moved = settings.library_folder != self.settings.library_folder
            self.settings = self._with_machine(settings)
            if moved and self._library is not None:
                self._library.close()
                self._library = None

    def _with_machine(self, settings: Settings) -> Settings:
        """The settings, but with the device, precision and threads that this program was started with."""
        return replace(
            settings,
            device=self._machine.device or settings.device,
            precision=self._machine.precision or settings.precision,
            threads=self._machine.threads or settings.threads,
        )

    def _share(self) -> None:
        """Let other programs in, and take over what programs left that live no more."""
        try:
            if not self._host.start():
                self.notices.append("Another Roomtone is running already; this one works by itself.")
                return
        except EngineError as error:
            self.notices.append(str(error))
        library = self.settings.library_folder
        sweep_library(library)
        self.queue.add_left_over([self._recovered(job, library) for job in self._store.adopt()])

    def _recovered(self, job: Job, library: Path) -> Job:
        """A job of the last run; one whose take is there, though its program was killed, is done."""
        if job.state != "running":
            return job
        sweep(folder_of(job, library))
        take = finished_meanwhile(job, library)
        if take is None:
            return job
        self._keep(take)
        job = replace(job, **ending(take, list(take.notes)))
        self._store.keep(job)
        return job

    def _keep(self, take: Take) -> None:
        self.library.add(take)
        for other in take.others:
            self.library.reject(self.library.add(other).id)
