"""The template that file names are made by: text with fields in braces, and which fields there are.

The settings check it without knowing what a take is; `naming` fills it in.
"""

from __future__ import annotations

import re
import string

from engine.configs import nearest
from engine.errors import UsageError

FIELDS = ("category", "name", "creator", "source", "number", "seed", "date", "model")


def check_template(template: str) -> None:
    """Raise UsageError when the template has an unknown field, a folder, or no field at all."""
    try:
        parts = [part for part in string.Formatter().parse(template) if part[1] is not None]
    except ValueError:
        raise UsageError(f"The file name template {template!r} has a brace too many.") from None
    # A field is its word alone: what Python allows after it (":>9", "!r") would be refused as unknown.
    fields = [f"{name}{form and ':' + form}{turned or ''}" for _, name, form, turned in parts]
    for field in fields:
        if field not in FIELDS:
            raise UsageError(f"The file name template has no field {field!r}{nearest(field, FIELDS)}")
    if not fields or re.search(r"[/\\]", template):
        raise UsageError(
            f"The file name template {template!r} must have a field such as {{name}}, and no folder."
        )
