"""The filters of the library: what to show, how long, which family, which model, since when.

Signal: changed() when one of them was set. This module asks no library.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QGridLayout, QWidget

from engine.library import Filters
from engine.library.listing import Facets
from gui import clip_words
from gui.fields import GAP, Choice, button

SHOWN: dict[str, dict[str, Any]] = {
    "all": {},
    "starred": {"starred": True},
    "loops": {"loop": True},
    "no_loops": {"loop": False},
    "rejected": {"rejected": True},
    "trash": {"trashed": True},
}
_SHOWN_WORDS = (
    ("all", "All"),
    ("starred", "Starred"),
    ("loops", "Loops"),
    ("no_loops", "No loops"),
    ("rejected", "With rejected"),
    ("trash", "Trash"),
)
LENGTHS: dict[str, tuple[float | None, float | None]] = {
    "": (None, None),
    "5": (None, 5.0),
    "15": (5.0, 15.0),
    "60": (15.0, 60.0),
    "more": (60.0, None),
}
_LENGTH_WORDS = (
    ("", "Any length"),
    ("5", "Up to 5 s"),
    ("15", "5 to 15 s"),
    ("60", "15 to 60 s"),
    ("more", "Over a minute"),
)
_DAYS = (("", "Any time"), ("0", "Today"), ("6", "Last 7 days"), ("29", "Last 30 days"), ("364", "Last year"))


class LibraryFilters(QWidget):
    """Five choices, and a button that takes all of them back."""

    changed = pyqtSignal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.shown = Choice("Show", "Which takes are listed.", _SHOWN_WORDS)
        self.length = Choice("Length", "How long the takes are.", _LENGTH_WORDS)
        self.family = Choice("Family", "The kind of sound, as the Universal Category System sorts it.", ())
        self.model = Choice("Model", "The model that made the take.", ())
        self.since = Choice("Made", "When the take was made.", _DAYS)
        self.clear_button = button("Clear", "Show all takes again.", self.clear)
        self._choices = {
            "shown": self.shown,
            "length": self.length,
            "family": self.family,
            "model": self.model,
            "since": self.since,
        }
        self.show_facets(Facets())
        layout = QGridLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(GAP)
        for place, choice in enumerate(self._choices.values()):
            choice.setMinimumContentsLength(6)
            choice.setSizeAdjustPolicy(Choice.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
            layout.addWidget(choice, place // 3, place % 3)
            choice.currentIndexChanged.connect(lambda _: self.changed.emit())
        layout.addWidget(self.clear_button, 1, 2)
        for column in range(3):
            layout.setColumnStretch(column, 1)

    def filters(self, today: date | None = None) -> Filters:
        """What is set."""
        low, high = LENGTHS.get(self.length.value(), (None, None))
        days = self.since.value()
        since = (today or date.today()) - timedelta(days=int(days)) if days else None
        return Filters(
            min_seconds=low,
            max_seconds=high,
            category=self.family.value(),
            model=self.model.value(),
            since=since.isoformat() if since else "",
            **SHOWN.get(self.shown.value(), {}),
        )

    def set_many(self) -> int:
        """How many of them are set."""
        return sum(choice.currentIndex() > 0 for choice in self._choices.values())

    def clear(self) -> None:
        """Take all of them back."""
        for choice in self._choices.values():
            choice.blockSignals(True)
            choice.setCurrentIndex(0)
            choice.blockSignals(False)
        self.changed.emit()

    def show_facets(self, facets: Facets) -> None:
        """Offer the families and models that there are."""
        groups = {
            group[1]: clip_words.family(category).partition(",")[0]
            for category in facets.categories
            if (group := re.match(r"([A-Z]+)(?=[A-Z][a-z])", category))
        }
        families = sorted(
            [(group, f"{words}, all") for group, words in groups.items()]
            + [(category, clip_words.family(category)) for category in facets.categories],
            key=lambda choice: (choice[1].partition(",")[0], len(choice[0]), choice[1]),
        )
        self.family.set_choices([("", "Any family"), *families])
        self.model.set_choices([("", "Any model"), *((model, model) for model in facets.models)])

    def remembered(self) -> dict[str, Any]:
        """What is set, as plain values."""
        return {name: choice.value() for name, choice in self._choices.items()}

    def recall(self, values: Mapping[str, Any]) -> None:
        """Set what was remembered."""
        for name, choice in self._choices.items():
            value = values.get(name, "")
            if isinstance(value, str) and value:
                choice.choose(value)


def filters_label(many: int) -> str:
    """The words on the button that unfolds them."""
    return f"Filters ({many})" if many else "Filters"
