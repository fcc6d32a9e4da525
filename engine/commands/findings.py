"""What the doctor finds, as values: a subject, its state, what is seen and how to mend it.

This module knows no check and prints nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

State = Literal["ok", "warn", "fail"]


@dataclass(frozen=True)
class Finding:
    """One line of the doctor. `fail`: nothing can be rendered; `warn`: something else is amiss.

    remedy: what to type or to do; empty when all is well.
    """

    subject: str
    state: State
    says: str
    remedy: str = ""
