"""A program that renders through a studio until it is killed: `python -m tests.victim CLIPS ACCEPTED`.

It asks for clips without end, half of them into the library, half into the folder CLIPS, and notes each job's
name in ACCEPTED, so that whoever kills it knows what must be there.
"""

from __future__ import annotations

import itertools
import os
import sys
import time
from pathlib import Path

from engine.scene import Scene
from engine.settings import load_settings
from engine.studio import Studio
from tests.trouble_model import load_trouble

MOST_WAITING = 6


def main(clips: Path, accepted: Path) -> None:
    """Ask for clips, and resume what was left over."""
    with Studio(load_settings(), load_pipeline=load_trouble) as studio, accepted.open("a") as notes:
        studio.resume_jobs()
        for number in itertools.count():
            while sum(job.state == "waiting" for job in studio.queue.jobs()) >= MOST_WAITING:
                time.sleep(0.01)
            scene = Scene("slow rain", seconds=0.5, seed=number, steps=5, model="noise")
            target = clips if number % 2 else None
            job = studio.submit(scene, target=target, job_id=f"{os.getpid()}-{number}")
            notes.write(f"{job.id}\n")
            notes.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
