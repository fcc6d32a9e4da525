"""The menus and their keys, as one table: everything the panel can do is found here, by mouse or by key.

Each line names what is to be done; the window does it. This module knows no widget of ours.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from html import escape

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QAction, QActionGroup, QKeySequence
from PyQt6.QtWidgets import QMenu, QMenuBar

from gui.clip_acts import ACTS
from gui.theme import THEMES

Act = Callable[[], object]

SEPARATOR = ("", "", ())
MENUS: tuple[tuple[str, tuple[tuple[str, str, tuple[str, ...]], ...]], ...] = (
    (
        "&File",
        (
            ("settings", "Settings…", ("Ctrl+,",)),
            ("open_library", "Open library folder", ()),
            ("open_log", "Open log", ()),
            SEPARATOR,
            ("quit", "Quit", ("Ctrl+Q",)),
        ),
    ),
    (
        "&Scene",
        (
            ("render", "Render", ("Ctrl+Return", "Ctrl+Enter")),
            ("render_draft", "Render a draft", ("Ctrl+Shift+Return", "Ctrl+Shift+Enter")),
            ("new_seed", "New seed", ("Ctrl+D",)),
            ("clear_scene", "Clear the form", ("Ctrl+N",)),
            SEPARATOR,
            ("save_preset", "Save preset", ("Ctrl+S",)),
            ("save_preset_as", "Save preset as…", ("Ctrl+Shift+S",)),
        ),
    ),
    (
        "&Queue",
        (
            ("cancel_rendering", "Cancel what renders", ("Ctrl+.",)),
            ("cancel_all", "Cancel all", ()),
            ("clear_ended", "Clear ended", ()),
            SEPARATOR,
            ("unload", "Unload the model", ()),
        ),
    ),
    (
        "&Go to",
        (
            ("to_prompt", "Prompt", ("Ctrl+E",)),
            ("to_presets", "Search presets", ("Ctrl+P",)),
            ("to_queue", "Queue", ("Ctrl+J",)),
            ("to_library", "Search library", ("Ctrl+L",)),
            SEPARATOR,
            ("bridge", "Bridge to the DAW…", ("Ctrl+B",)),
        ),
    ),
    ("&View", ()),
    (
        "&Help",
        (
            ("keys", "Keys", ("F1",)),
            ("welcome", "First steps…", ()),
            ("about", "About Roomtone", ()),
        ),
    ),
)


def fill(bar: QMenuBar, acts: Mapping[str, Callable[[], object]]) -> dict[str, QAction]:
    """Put the menus into the bar; `acts` does what each line names. Returns the actions by name."""
    actions: dict[str, QAction] = {}
    for title, lines in MENUS:
        menu = bar.addMenu(title)
        assert menu is not None
        menu.setObjectName(title)
        for name, words, keys in lines:
            if not name:
                menu.addSeparator()
                continue
            action = menu.addAction(words)
            assert action is not None
            action.setShortcuts([QKeySequence(key) for key in keys])
            action.setShortcutContext(Qt.ShortcutContext.WindowShortcut)
            action.triggered.connect(partial(_act, acts[name]))
            actions[name] = action
    return actions


def add_themes(bar: QMenuBar, choose: Callable[[str], object], now: str) -> dict[str, QAction]:
    """Put the themes into the View menu; `choose` gets the name of the one that is chosen."""
    menu = next(menu for menu in bar.findChildren(QMenu) if menu.objectName() == "&View")
    group = QActionGroup(menu)
    actions = {}
    for name in THEMES:
        action = menu.addAction(f"{name.capitalize()} theme")
        assert action is not None
        action.setCheckable(True)
        action.setChecked(name == now)
        group.addAction(action)
        action.triggered.connect(partial(_act, partial(choose, name)))
        actions[name] = action
    return actions


def keys_text() -> str:
    """All keys, one a line, for those who look them up."""
    lines = [
        f"{_native(keys[0])}\t{words.rstrip('…')}"
        for _, entries in MENUS
        for _, words, keys in entries
        if keys
    ]
    takes = [f"{_native(key)}\t{words.rstrip('…')}" for name, words, key in ACTS if name and key]
    return "\n".join(
        [
            *lines,
            f"{_native('Ctrl+Space')}\tPlay or pause, from everywhere",
            "Up, Down\tIn the prompt: earlier prompts",
            "",
            "In the list of takes:",
            "Space\tPlay or pause",
            "Up, Down\tPlay the take above or below",
            *takes,
        ]
    )


def keys_table() -> str:
    """The same as rich text, in two columns."""
    halves = [
        "".join(
            "<tr><td>{}</td><td>{}</td></tr>".format(*(_one_line(word) for word in line.split("\t")))
            if "\t" in line
            else f"<tr><td colspan=2><b>{_one_line(line)}</b></td></tr>"
            for line in half.splitlines()
        )
        for half in keys_text().split("\n\n")
    ]
    tables = "".join(f"<td><table cellspacing=3>{half}</table></td>" for half in halves)
    return f"<table cellspacing=12><tr>{tables}</tr></table>"


def _one_line(text: str) -> str:
    return escape(text).replace(" ", "&nbsp;")


def _native(key: str) -> str:
    return QKeySequence(key).toString(QKeySequence.SequenceFormat.NativeText)


def _act(what: Callable[[], object], _checked: bool = False) -> None:
    what()
