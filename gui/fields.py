"""The small pieces that every part of the panel is built from: labels, number fields, buttons, rules, rows.

A number field takes its bounds from the one table of ranges and says them in its tooltip; a piece always has
an accessible name. This module knows no scene, no job and no window.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PyQt6.QtCore import QLocale, Qt
from PyQt6.QtGui import QPainter, QPaintEvent, QWheelEvent
from PyQt6.QtWidgets import (
    QComboBox,
    QDoubleSpinBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLayout,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QWidget,
)

from engine.ranges import RANGES

GAP = 8


class NumberField(QDoubleSpinBox):
    """A number within RANGES[name]. With `otherwise`, the lowest step means None and shows that text;
    `without` says what happens then."""

    def __init__(
        self,
        name: str,
        title: str,
        tip: str,
        *,
        decimals: int = 0,
        step: float = 1.0,
        suffix: str = "",
        otherwise: str = "",
        without: str = "the model decides",
    ) -> None:
        super().__init__()
        self._low = RANGES[name].low
        self._optional = bool(otherwise)
        self.setLocale(QLocale.c())
        self.setDecimals(decimals)
        self.setRange(self._low - step if otherwise else self._low, RANGES[name].high)
        self.setSingleStep(step)
        self.setSuffix(suffix)
        self.setSpecialValueText(otherwise)
        self.setKeyboardTracking(True)
        self.setAccelerated(True)
        self.setButtonSymbols(QDoubleSpinBox.ButtonSymbols.NoButtons)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(title)
        explain(self, f"{tip} From {RANGES[name]}." + (f" {otherwise}: {without}." if otherwise else ""))

    def number(self) -> float | None:
        """The value; None when the field says `otherwise`."""
        value = self.value()
        return None if self._optional and value < self._low else value

    def whole(self) -> int | None:
        """The value as a whole number, or None."""
        number = self.number()
        return None if number is None else round(number)

    def set_number(self, number: float | None) -> None:
        """Show a value; None is `otherwise`."""
        self.setValue(self.minimum() if number is None else number)

    def textFromValue(self, v: float) -> str:
        """As short as it can be said: 4, not 4.00."""
        text = super().textFromValue(v)
        return text.rstrip("0").rstrip(".") if "." in text else text

    def wheelEvent(self, event: QWheelEvent | None) -> None:
        """Only a field that has the focus turns: a wheel that scrolls past changes nothing."""
        if event is not None and self.hasFocus():
            super().wheelEvent(event)
        elif event is not None:
            event.ignore()


class Choice(QComboBox):
    """One of a table of (value, words)."""

    def __init__(self, title: str, tip: str, choices: Sequence[tuple[str, str]]) -> None:
        super().__init__()
        self.setAccessibleName(title)
        explain(self, tip)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.set_choices(choices)

    def set_choices(self, choices: Sequence[tuple[str, str]]) -> None:
        """Offer these; what was chosen stays chosen when it is among them."""
        now = self.value()
        self.blockSignals(True)
        self.clear()
        for value, words in choices:
            self.addItem(words, value)
        self.blockSignals(False)
        if now:
            self.choose(now)

    def value(self) -> str:
        """The chosen value, "" when there is nothing to choose."""
        return str(self.currentData() or "")

    def choose(self, value: str) -> None:
        """Choose a value; one that is not offered is added under its own name, so that nothing is lost."""
        place = self.findData(value)
        if place < 0:
            self.addItem(value, value)
            place = self.count() - 1
        self.setCurrentIndex(place)

    def wheelEvent(self, event: QWheelEvent | None) -> None:
        """As with numbers: only with the focus."""
        if event is not None and self.hasFocus():
            super().wheelEvent(event)
        elif event is not None:
            event.ignore()


def explain(widget: QWidget, tip: str) -> None:
    """The same plain words as tooltip and as accessible description."""
    widget.setToolTip(tip)
    widget.setAccessibleDescription(tip)


def button(
    text: str, tip: str, clicked: Callable[[], object] | None = None, *, role: str = "", name: str = ""
) -> QPushButton:
    """A button with a text label. role: "primary", "quiet" or "" for a plain one."""
    made = QPushButton(text)
    made.setAccessibleName(name or text.replace("&", ""))
    explain(made, tip)
    if role:
        made.setProperty("role", role)
    if clicked is not None:
        made.clicked.connect(lambda: clicked())
    return made


def label(text: str = "", role: str = "", buddy: QWidget | None = None) -> QLabel:
    """A line of text. role: "title", "label", "muted", "heading", "danger", "warning", "good" or ""."""
    made = QLabel(text)
    made.setTextFormat(Qt.TextFormat.PlainText)
    if role:
        made.setProperty("role", role)
    if buddy is not None:
        made.setBuddy(buddy)
    return made


class Elastic(QLabel):
    """A label that gives way: it may be narrower than its text, and then ends in an ellipsis."""

    def __init__(self, text: str = "", role: str = "muted") -> None:
        super().__init__(text)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setProperty("role", role)
        self.setProperty("elastic", True)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.setMinimumWidth(24)

    def paintEvent(self, event: QPaintEvent | None) -> None:
        """As a label paints, but no letter is cut."""
        painter = QPainter(self)
        text = self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, self.width())
        painter.setPen(self.palette().color(self.foregroundRole()))
        painter.drawText(self.rect(), self.alignment() | Qt.TextFlag.TextSingleLine, text)


def rule() -> QFrame:
    """A thin line across."""
    line = QFrame()
    line.setProperty("role", "rule")
    return line


def row(*parts: QWidget | QLayout | int, gap: int = GAP) -> QHBoxLayout:
    """Widgets side by side; a number is a stretch, and elastic labels take what is left."""
    layout = QHBoxLayout()
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(gap)
    for part in parts:
        if isinstance(part, int):
            layout.addStretch(part)
        elif isinstance(part, QLayout):
            layout.addLayout(part)
        else:
            layout.addWidget(part, 1 if part.property("elastic") else 0)
    return layout


def scrolling(content: QLayout, title: str) -> QScrollArea:
    """The content in an area that scrolls up and down when there is too little room for it."""
    inside = QWidget()
    inside.setLayout(content)
    area = QScrollArea()
    area.setAccessibleName(title)
    area.setWidgetResizable(True)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setWidget(inside)
    bar = area.verticalScrollBar()
    # Room for the bar from the start, so that nothing is cut when it comes.
    area.setMinimumWidth(inside.minimumSizeHint().width() + (bar.sizeHint().width() if bar else 0))
    return area


def mark_wrong(widget: QWidget, wrong: bool) -> None:
    """Draw a field's edge as an error, or as usual."""
    if bool(widget.property("wrong")) is wrong:
        return
    widget.setProperty("wrong", wrong)
    style = widget.style()
    if style is not None:
        style.unpolish(widget)
        style.polish(widget)
