"""The file names of takes: `CatID_FXName_CreatorID_SourceID`, in the order and with the words the user likes.

Names are ASCII and safe on Linux, macOS and Windows. This module touches no disk.
"""

from __future__ import annotations

import re
import string
from dataclasses import dataclass

from engine import ucs
from engine.recipe import Recipe
from engine.tags import Names
from engine.templates import FIELDS, check_template

__all__ = ["FIELDS", "LONGEST_STEM", "Naming", "safe_stem"]

LONGEST_STEM = 120
_RESERVED = {"CON", "PRN", "AUX", "NUL", *(f"{name}{n}" for name in ("COM", "LPT") for n in range(10))}


@dataclass(frozen=True)
class Naming:
    """template: text with the FIELDS in braces; a number is added to the name where it has no {number}.

    creator, source: CreatorID and SourceID of the Universal Category System.
    """

    template: str = "{category}_{name}_{creator}_{source}"
    creator: str = "RMTN"
    source: str = "Roomtone"

    def checked(self) -> Naming:
        """Itself. Raises UsageError when the template has an unknown field, a folder, or no field at all."""
        check_template(self.template)
        return self

    def names(self, recipe: Recipe) -> Names:
        """The parts of the name that stand in the file's tags too."""
        return Names(ucs.fx_name(recipe.scene.prompt), self.creator, self.source)

    def stem(self, recipe: Recipe, number: int = 1) -> str:
        """The file name without its ending; each number gives another one."""
        name = ucs.fx_name(recipe.scene.prompt)
        numbered = "{number" in self.template
        text = string.Formatter().vformat(
            self.template,
            (),
            {
                "category": recipe.category,
                "name": name if numbered or number == 1 else f"{name}{number:02d}",
                "creator": self.creator,
                "source": self.source,
                "number": f"{number:02d}",
                "seed": recipe.scene.seed if recipe.scene.seed is not None else 0,
                "date": recipe.created[:10],
                "model": recipe.model,
            },
        )
        # A template without the name cannot carry the number inside it.
        plain = numbered or "{name" in self.template or number == 1
        return safe_stem(text if plain else f"{text}_{number:02d}")


def safe_stem(text: str) -> str:
    """Text as a file name, without its ending, that every system takes. Never empty."""
    text = re.sub(r'[<>:"/\\|?*\x00-\x1f\x7f]', "", ucs.ascii_text(text))
    text = re.sub(r"\s+", " ", text)[:LONGEST_STEM].strip(" .")
    if text.split(".")[0].upper() in _RESERVED:
        text = f"_{text}"
    return text or "Take"
