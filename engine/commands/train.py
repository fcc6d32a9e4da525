"""`roomtone train RUN.toml`: hands the rest of the command line over to the training program as it is.

The training program owns its options, its progress and its log; this file only finds it.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence

from engine.errors import EngineError

_EXTRA = ("accelerate", "tensorboard", "matplotlib")


def run(words: Sequence[str]) -> int:
    """Train with `words`, which stand after `roomtone train`. Raises EngineError without the extra."""
    missing = [name for name in _EXTRA if importlib.util.find_spec(name) is None]
    if missing:
        raise EngineError(
            f"Training needs {', '.join(missing)}, not installed here: pip install 'roomtone[train]'."
        )
    from engine.training.__main__ import main

    return main(list(words))
