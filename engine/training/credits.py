"""`python -m engine.training.credits MANIFEST...`: who made the recordings that a training listened to.

Prints one CSV row a training recording, for the model card of the weights. Knows manifests, no model.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TextIO

from engine.errors import EngineError
from engine.training.manifest import Recording, read_manifests, select

COLUMNS = ("file", "source", "licence", "attribution")


def write_credits(recordings: Sequence[Recording], to: TextIO) -> None:
    """Rows of COLUMNS for the training split, sorted by source and file."""
    writer = csv.writer(to, lineterminator="\n")
    writer.writerow(COLUMNS)
    listened = sorted(
        select(recordings, "train"), key=lambda recording: (recording.source, recording.path.name)
    )
    writer.writerows((one.path.name, one.source, one.licence, one.attribution) for one in listened)


def main(manifests: Sequence[str]) -> int:
    """Exit code 0, or 2 when a manifest cannot be read."""
    try:
        write_credits(read_manifests([Path(name) for name in manifests]), sys.stdout)
    except EngineError as problem:
        print(problem, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
