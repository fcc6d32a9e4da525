"""The errors a user sees. Everything else that is raised is a bug of ours and is shown with its traceback.

This module knows nothing else of the house.
"""

from __future__ import annotations


class EngineError(Exception):
    """The world's fault: a missing file, a full disk, a damaged model folder.

    Its text is one whole sentence that names what is wrong and the way out; front ends show it as it is.
    The command line answers with exit code 1.
    """


class UsageError(EngineError):
    """The request itself is wrong: out of range, an empty prompt, an unknown model. Exit code 2."""


class QueueFull(UsageError):
    """Too many jobs wait already: a wish to be made again later."""


class Cancelled(Exception):
    """The user took the request back. Not a failure: nothing is logged and nothing half-written stays."""
