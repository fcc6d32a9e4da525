"""Small text files, replaced as a whole: no reader ever sees half of one, and a failure leaves the old one.

For what programs remember and people set. This module knows no format.
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from engine.errors import EngineError


def replace_text(path: Path, text: str) -> None:
    """Write the file, its folder too if need be, under a name of its own first, then in the place of the old.

    Raises EngineError when the disk does not let it.
    """
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with temporary.open("x", encoding="utf-8", newline="\n") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise EngineError(
            f"{path} cannot be written ({reason}): check the folder, its rights and the free space."
        ) from error
