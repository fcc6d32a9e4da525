"""model_index.json, the first page of a model folder: what the model is, and which parts it has.

The store reads and writes it with the weights, the catalogue reads it alone. It knows no network and no
folder of the user.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from engine.configs import from_mapping, to_mapping
from engine.errors import EngineError, UsageError
from engine.ranges import DRAFT_STEPS, SAMPLER_NAMES, check_choice, check_number

INDEX_FILE = "model_index.json"


@dataclass(frozen=True)
class ModelIndex:
    """What model_index.json says of a model.

    sample_rate in Hz; window_seconds: the longest clip the network sees at once; sale_allowed: whether clips
    made with the model may be sold, None for unknown; draft_guidance: the default in no more steps than a
    draft has, None: the same as in others; parts: part name ("unet") -> class of the closed list.
    """

    name: str
    size: Literal["mini", "full", "custom"] = "custom"
    sample_rate: int = 44_100
    channels: int = 2
    window_seconds: float = 10.0
    default_steps: int = 20
    default_guidance: float = 3.5
    default_sampler: str = "dpmpp_2m"
    licence: str = ""
    sale_allowed: bool | None = None
    description: str = ""
    draft_guidance: float | None = None
    parts: dict[str, str] = field(default_factory=dict)

    def guidance_in(self, steps: int) -> float:
        """The default of clips in so many steps."""
        draft = self.draft_guidance if steps <= DRAFT_STEPS else None
        return self.default_guidance if draft is None else draft

    def checked(self) -> ModelIndex:
        """Itself. Raises UsageError, one sentence, when a value makes no sense."""
        if self.channels not in (1, 2):
            raise UsageError(f"a model has 1 or 2 channels, not {self.channels}.")
        if not (math.isfinite(self.window_seconds) and self.window_seconds > 0):
            raise UsageError(f"the window is {self.window_seconds} s, but must be longer than nothing.")
        check_number("rate", self.sample_rate)
        check_number("steps", self.default_steps)
        check_number("guidance", self.default_guidance)
        check_number("guidance", self.guidance_in(DRAFT_STEPS))
        check_choice("sampler", self.default_sampler, SAMPLER_NAMES)
        return self


def read_index(folder: Path) -> ModelIndex:
    """The index of a model folder. Keys with a leading underscore, as diffusers writes them, are passed over.

    Raises EngineError when it is missing, unreadable or wrong.
    """
    path = folder / INDEX_FILE
    try:
        mapping = json.loads(path.read_text(encoding="utf-8"))
        own = {key: one for key, one in mapping.items() if not key.startswith("_")}
        return from_mapping(ModelIndex, own).checked()
    except OSError as error:
        raise EngineError(
            f"{path} cannot be read ({error.strerror or error}): install the model anew."
        ) from error
    except (ValueError, AttributeError, UsageError) as error:
        raise EngineError(f"{path} is damaged ({str(error).rstrip('.')}): install the model anew.") from error


def write_index(folder: Path, index: ModelIndex) -> None:
    """Write `index` into `folder`, which must exist. OSError comes as it is: the store owns the folder."""
    mapping: dict[str, Any] = {"_class_name": "RoomtonePipeline", **to_mapping(index.checked())}
    text = json.dumps(mapping, indent=2, ensure_ascii=False) + "\n"
    (folder / INDEX_FILE).write_text(text, encoding="utf-8")
