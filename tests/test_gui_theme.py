"""The look: every text can be read on its ground, in both themes."""

from __future__ import annotations

import re

import pytest
from PyQt6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from gui import theme
from gui.stylesheet import style_sheet
from gui.theme import DARK, LIGHT, PAIRS, Colours, contrast


def test_contrast_is_that_of_the_standard() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21.0)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.478, abs=0.001)
    assert contrast("#ffffff", "#777777") == contrast("#777777", "#ffffff")


@pytest.mark.parametrize("colours", [DARK, LIGHT], ids=["dark", "light"])
@pytest.mark.parametrize(("ink", "ground"), PAIRS)
def test_every_text_stands_out_from_its_ground(colours: Colours, ink: str, ground: str) -> None:
    assert contrast(getattr(colours, ink), getattr(colours, ground)) >= 4.5


@pytest.mark.parametrize("colours", [DARK, LIGHT], ids=["dark", "light"])
def test_the_edge_of_what_is_ticked_or_focused_stands_out(colours: Colours) -> None:
    for ground in (colours.panel, colours.field):
        assert contrast(colours.edge, ground) >= 3.0
        assert contrast(colours.accent, ground) >= 3.0


def test_every_colour_of_the_style_sheet_is_filled_in() -> None:
    assert re.findall(r"\$\w+", style_sheet(DARK)) == []


def test_the_theme_can_be_changed_at_any_time(qtbot: QtBot) -> None:
    application = QApplication.instance()
    assert isinstance(application, QApplication)
    assert theme.apply_theme(application, "light") == LIGHT == theme.current()
    assert application.palette().window().color().name() == LIGHT.panel
    assert theme.apply_theme(application, "dark") == DARK == theme.current()
