"""Clips as files for other programs: dragged, copied, shown in their folder. The files stay where they are.

Only files that are there and whole are offered: a take gets its name when it is finished. This module knows
no library and no list.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from PyQt6.QtCore import QMimeData, QPoint, Qt, QUrl
from PyQt6.QtGui import QColor, QDesktopServices, QDrag, QGuiApplication, QPainter, QPixmap
from PyQt6.QtWidgets import QWidget

from engine.library import Clip
from gui import theme


def files_of(clips: Iterable[Clip]) -> list[Path]:
    """The files of these clips that are there."""
    return [clip.path for clip in clips if clip.path.is_file()]


def mime_of(paths: Sequence[Path]) -> QMimeData:
    """The files as URLs and as text, as file managers and DAWs take them."""
    content = QMimeData()
    content.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    # File managers look at these to tell a copy from a cut.
    uris = b"\n".join(bytes(url.toEncoded().data()) for url in content.urls())
    content.setData("x-special/gnome-copied-files", b"copy\n" + uris)
    return content


def drag_out(source: QWidget, clips: Sequence[Clip]) -> bool:
    """Let the user drop these clips somewhere; whether there was something to drag."""
    paths = files_of(clips)
    if not paths:
        return False
    drag = QDrag(source)
    drag.setMimeData(mime_of(paths))
    words = paths[0].name if len(paths) == 1 else f"{len(paths)} files"
    drag.setPixmap(_badge(source, words))
    drag.setHotSpot(QPoint(-12, -4))
    drag.exec(Qt.DropAction.CopyAction)
    return True


def copy_files(clips: Sequence[Clip]) -> int:
    """Put the files on the clipboard, to be pasted elsewhere; how many there were."""
    paths, clipboard = files_of(clips), QGuiApplication.clipboard()
    if paths and clipboard is not None:
        clipboard.setMimeData(mime_of(paths))
    return len(paths)


def reveal(path: Path) -> bool:
    """Show the file in its folder, chosen where the system can do that; False when nothing can show it."""
    if sys.platform == "win32":
        subprocess.Popen(["explorer", f"/select,{path}"])
        return True
    if sys.platform == "darwin":
        subprocess.Popen(["open", "-R", str(path)])
        return True
    return _ask_file_manager(path) or QDesktopServices.openUrl(QUrl.fromLocalFile(str(path.parent)))


def _ask_file_manager(path: Path) -> bool:
    """By the interface that the file managers of Linux share (freedesktop.org, FileManager1)."""
    program = shutil.which("dbus-send")
    if program is None:
        return False
    words = ["--session", "--print-reply", "--dest=org.freedesktop.FileManager1"]
    words += ["/org/freedesktop/FileManager1", "org.freedesktop.FileManager1.ShowItems"]
    words += [f"array:string:{QUrl.fromLocalFile(str(path)).toString()}", "string:"]
    try:
        return subprocess.run([program, *words], capture_output=True, timeout=2, check=False).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def _badge(source: QWidget, words: str) -> QPixmap:
    """What hangs at the pointer."""
    colours, metrics = theme.current(), source.fontMetrics()
    words = metrics.elidedText(words, Qt.TextElideMode.ElideMiddle, 260)
    wide, high = metrics.horizontalAdvance(words) + 16, metrics.height() + 8
    ratio = source.devicePixelRatioF()
    badge = QPixmap(round(wide * ratio), round(high * ratio))
    badge.setDevicePixelRatio(ratio)
    badge.fill(QColor(colours.chosen))
    painter = QPainter(badge)
    painter.setFont(source.font())
    painter.setPen(QColor(colours.on_chosen))
    painter.drawText(8, 4 + metrics.ascent(), words)
    painter.end()
    return badge
