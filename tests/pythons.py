"""The Pythons that hosts embed, as far as they are here: this one, and those of pyenv from 3.7 on."""

from __future__ import annotations

import re
import sys
from pathlib import Path


def _found() -> list[str]:
    folders = (Path.home() / ".pyenv" / "versions").glob("3.*")
    versions = {
        folder.name: folder / "bin" / "python" for folder in folders if (folder / "bin" / "python").exists()
    }
    numbers = {tuple(map(int, re.findall(r"\d+", name)[:2])): str(path) for name, path in versions.items()}
    return [sys.executable, *(numbers[number] for number in sorted(numbers) if number >= (3, 7))]


PYTHONS = _found()
