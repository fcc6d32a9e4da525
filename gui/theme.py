"""How the panel looks: two sets of colours, one grid of 8 px, one style sheet made from them.

A colour has a role here ("muted", "accent") and nowhere else a value. Every text on its ground has a contrast
of at least 4.5:1 (WCAG 2.2, 1.4.3), which a test computes. This module knows no widget of ours.
"""

from __future__ import annotations

from dataclasses import dataclass

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QColor, QFont, QFontInfo, QPalette
from PyQt6.QtWidgets import QApplication

from engine.settings import folders
from gui.icons import write_icons
from gui.stylesheet import style_sheet

THEMES = ("system", "dark", "light")
SCALES = (1.0, 1.25, 1.5, 1.75, 2.0)
GRID = 8


@dataclass(frozen=True)
class Colours:
    """One colour a role, as "#rrggbb". window: behind the columns. panel: a column. field: what one types
    into. line: between things; edge: around a field (3:1 on its ground). accent: the one strong colour."""

    window: str
    panel: str
    raised: str
    field: str
    line: str
    edge: str
    text: str
    muted: str
    accent: str
    on_accent: str
    accent_text: str
    chosen: str
    on_chosen: str
    danger: str
    warning: str
    good: str
    notice: str
    wave: str


DARK = Colours(
    window="#14171a",
    panel="#1b1f23",
    raised="#262b31",
    field="#121518",
    line="#2b3138",
    edge="#6b7682",
    text="#e4e8ec",
    muted="#9aa5b1",
    accent="#5fb8a5",
    on_accent="#0b1614",
    accent_text="#72cab7",
    chosen="#254a47",
    on_chosen="#f1f7f6",
    danger="#f0928a",
    warning="#e2b860",
    good="#86c98a",
    notice="#2a2520",
    wave="#72cab7",
)
LIGHT = Colours(
    window="#e4e7ea",
    panel="#f5f6f8",
    raised="#e8ebee",
    field="#ffffff",
    line="#d3d8de",
    edge="#7c8793",
    text="#1b2127",
    muted="#55606c",
    accent="#14695b",
    on_accent="#ffffff",
    accent_text="#0f6354",
    chosen="#cbe6e0",
    on_chosen="#12201d",
    danger="#ab2a22",
    warning="#805200",
    good="#256b2c",
    notice="#fff3dc",
    wave="#14695b",
)
PAIRS = (
    *((ink, ground) for ink in ("text", "muted") for ground in ("window", "panel", "raised", "field")),
    *((ink, "panel") for ink in ("accent_text", "danger", "warning", "good")),
    *((ink, "window") for ink in ("accent_text", "danger", "warning", "good")),
    *((ink, "notice") for ink in ("text", "danger", "warning", "muted", "accent_text")),
    ("on_accent", "accent"),
    ("on_chosen", "chosen"),
)
"""Every (text, ground) that the panel puts together."""


def colours(theme: str) -> Colours:
    """The colours of "dark", "light" or "system"; a system that says nothing is taken as dark."""
    if theme == "system":
        hints = QApplication.styleHints()
        light = hints is not None and hints.colorScheme() is Qt.ColorScheme.Light
        return LIGHT if light else DARK
    return LIGHT if theme == "light" else DARK


def current() -> Colours:
    """The colours that were applied last; what paints by itself asks for them at each paint."""
    return _applied[-1]


def apply_theme(application: QApplication, theme: str) -> Colours:
    """Give the whole program the colours of that theme, now."""
    chosen = colours(theme)
    _applied[:] = [chosen]
    application.setStyle("Fusion")
    application.setPalette(_palette(chosen))
    application.setFont(_font())
    application.setStyleSheet(write_icons(style_sheet(chosen), folders().cache / "icons"))
    return chosen


def contrast(ink: str, ground: str) -> float:
    """The contrast ratio of two colours, 1 to 21 (WCAG 2.2)."""
    lighter, darker = sorted((_luminance(ink), _luminance(ground)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def figures_font(font: QFont) -> QFont:
    """The font with figures of one width, so that numbers do not dance while they count."""
    figures = QFont(font)
    if hasattr(figures, "setFeature"):  # Qt 6.7
        figures.setFeature(QFont.Tag("tnum"), 1)
    return figures


def _font() -> QFont:
    font = QFont()
    font.setFamilies(["Inter", "Segoe UI", "SF Pro Text", "Helvetica Neue", "Noto Sans", "DejaVu Sans"])
    # DejaVu is a tenth wider than the others.
    font.setPixelSize(12 if QFontInfo(font).family().startswith("DejaVu") else 13)
    return figures_font(font)


def _luminance(colour: str) -> float:
    """Relative luminance, 0 to 1 (WCAG 2.2)."""
    channels = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    red, green, blue = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _palette(chosen: Colours) -> QPalette:
    palette = QPalette()
    roles = {
        QPalette.ColorRole.Window: chosen.panel,
        QPalette.ColorRole.WindowText: chosen.text,
        QPalette.ColorRole.Base: chosen.field,
        QPalette.ColorRole.AlternateBase: chosen.raised,
        QPalette.ColorRole.Text: chosen.text,
        QPalette.ColorRole.Button: chosen.raised,
        QPalette.ColorRole.ButtonText: chosen.text,
        QPalette.ColorRole.BrightText: chosen.danger,
        QPalette.ColorRole.Highlight: chosen.chosen,
        QPalette.ColorRole.HighlightedText: chosen.on_chosen,
        QPalette.ColorRole.ToolTipBase: chosen.raised,
        QPalette.ColorRole.ToolTipText: chosen.text,
        QPalette.ColorRole.PlaceholderText: chosen.muted,
        QPalette.ColorRole.Link: chosen.accent_text,
        QPalette.ColorRole.Light: chosen.line,
        QPalette.ColorRole.Mid: chosen.line,
        QPalette.ColorRole.Dark: chosen.line,
    }
    for role, colour in roles.items():
        palette.setColor(role, QColor(colour))
    for role in (QPalette.ColorRole.WindowText, QPalette.ColorRole.Text, QPalette.ColorRole.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, role, QColor(chosen.muted))
    return palette


_applied: list[Colours] = [DARK]
