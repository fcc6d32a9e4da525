"""A program that hands many jobs over at once and follows all of them; prints what became of each as JSON.

`python -m tests.load_client FOLDER COUNT`: the folder's name is part of every job's name.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from engine.errors import QueueFull
from engine.scene import Scene
from engine.settings import folders, load_settings
from engine.studio import Studio
from engine.visit import Visit, visit


def main(folder: Path, count: int) -> dict[str, dict[str, object]]:
    """What became of each job, by its name."""
    studio = Studio(load_settings())
    guest = visit(folders().state)
    assert guest is not None
    jobs = []
    for number in range(count):
        scene = Scene(f"rain of {folder.name}{number}", seconds=0.5, seed=number, model="noise")
        jobs.append(studio.job(scene, target=f"{folder}/", job_id=f"{folder.name}{number}"))
    became: dict[str, dict[str, object]] = {}
    for job in jobs:
        try:
            guest.submit(job)
            guest.submit(job)  # sent twice, as over a bad line
        except QueueFull as error:
            became[job.id] = {"state": "refused", "sentence": str(error)}
    for job in jobs:
        if job.id not in became:
            became[job.id] = _ended(guest, job.id)
    guest.close()
    return became


def _ended(guest: Visit, job_id: str) -> dict[str, object]:
    revision = 0
    while True:
        revision, job = guest.look(job_id, revision, 2.0)
        if job is not None and job.ended:
            return {"state": job.state, "path": job.path, "seed": job.scene.seed, "sentence": job.sentence}


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1]), int(sys.argv[2]))))
