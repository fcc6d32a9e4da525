"""The panel as a program of its own, as the user starts it, but with noise in place of a trained model."""

from __future__ import annotations

import sys

from engine.commands.session import Session
from gui.__main__ import run
from tests.noise_model import Loader

if __name__ == "__main__":
    sys.exit(run(["--no-osc"], Session(Loader().open_studio, lambda: False)))
