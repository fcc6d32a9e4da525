"""The three drawn marks of the panel (tick, chevron, right), made in the theme's colours when asked for.

Qt's style sheets take pictures only from files: the marks are written once into the cache folder under the
search path "icons:". Everything else in the panel is text. This module knows no widget.
"""

from __future__ import annotations

import re
from pathlib import Path

from PyQt6.QtCore import QDir

_SHAPES = {
    "tick": "M2.5 6.5 L5 9 L9.5 3.5",
    "chevron": "M2.5 4.5 L6 8 L9.5 4.5",
    "right": "M4.5 2.5 L8 6 L4.5 9.5",
}


def write_icons(style_sheet: str, folder: Path) -> str:
    """Write the marks that the style sheet names into `folder`, and return it with file names Qt accepts.

    A folder that cannot be written to leaves the panel without marks, not without a window.
    """
    QDir.setSearchPaths("icons", [str(folder)])
    for name, colour in set(re.findall(r"icons:(\w+)-(#[0-9a-f]{6})\.svg", style_sheet)):
        _write(folder / f"{name}-{colour[1:]}.svg", _SHAPES[name], colour)
    return re.sub(r"icons:(\w+)-#", r"icons:\1-", style_sheet)


def _write(path: Path, shape: str, colour: str) -> None:
    if path.exists():
        return
    svg = (
        '<svg xmlns="http://www.w3.org/2000/svg" width="12" height="12" viewBox="0 0 12 12">'
        f'<path d="{shape}" fill="none" stroke="{colour}" stroke-width="1.6" '
        'stroke-linecap="round" stroke-linejoin="round"/></svg>'
    )
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(svg, encoding="ascii")
    except OSError:
        return  # a mark is an ornament
