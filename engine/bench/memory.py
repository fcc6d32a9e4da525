"""The most memory a process has held. Knows the operating system and nothing else."""

from __future__ import annotations

import sys
from pathlib import Path


def peak_memory() -> int:
    """The most memory that this process has held, in bytes; 0 on Windows, which does not tell it this way.

    Linux hands ru_maxrss down from a parent to the processes it starts, so that a small child of a large
    parent would look large: VmHWM is the process's own.
    """
    if sys.platform == "win32":
        return 0
    status = Path("/proc/self/status")
    if status.exists():
        rows = dict(row.split(":", 1) for row in status.read_text().splitlines() if ":" in row)
        if "VmHWM" in rows:
            return int(rows["VmHWM"].split()[0]) * 1024
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024
