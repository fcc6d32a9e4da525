"""What must be asked before takes are labelled, exported or made into others: small dialogs.

One object, so that a test can answer in the user's place. It changes no take.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PyQt6.QtWidgets import (
    QFileDialog,
    QLineEdit,
    QPlainTextEdit,
    QWidget,
)

from engine.errors import UsageError
from engine.labels import checked_notes, checked_tag
from engine.library import Clip
from engine.scene import BITS, Output, Scene
from gui import clip_words
from gui.change_dialogs import ExtendDialog, InpaintDialog, VaryDialog
from gui.fields import Choice, NumberField, button, explain, label, row
from gui.small_dialog import SmallDialog


@dataclass(frozen=True)
class LabelAnswer:
    """tags: all that the one take shall have, or what several shall get besides theirs. notes: None keeps
    them as they are."""

    tags: tuple[str, ...]
    notes: str | None


@dataclass(frozen=True)
class ExportAnswer:
    """Where the exported files go, and how they shall be."""

    folder: Path
    output: Output


class ClipAsking:
    """Asks in front of `parent`. None is "never mind"."""

    def __init__(self, parent: QWidget | None = None) -> None:
        self._parent = parent

    def labels(self, clips: Sequence[Clip]) -> LabelAnswer | None:
        """The tags and notes of these takes."""
        dialog = LabelDialog(clips, self._parent)
        return dialog.answer() if dialog.exec() else None

    def variation(self, clip: Clip) -> Scene | None:
        """What shall be made of it, near to it or far from it."""
        dialog = VaryDialog(clip, self._parent)
        return dialog.scene() if dialog.exec() else None

    def extension(self, clip: Clip) -> Scene | None:
        """How it shall go on."""
        dialog = ExtendDialog(clip, self._parent)
        return dialog.scene() if dialog.exec() else None

    def inpainting(self, clip: Clip, part: tuple[float, float] | None) -> Scene | None:
        """What shall be heard in a part of it; part: the one that is chosen already."""
        dialog = InpaintDialog(clip, part, self._parent)
        return dialog.scene() if dialog.exec() else None

    def export(self, clips: Sequence[Clip], output: Output, folder: Path) -> ExportAnswer | None:
        """Where to, and how."""
        dialog = ExportDialog(clips, output, folder, self._parent)
        return dialog.answer() if dialog.exec() else None


class LabelDialog(SmallDialog):
    """Tags, with commas between them, and notes."""

    def __init__(self, clips: Sequence[Clip], parent: QWidget | None = None) -> None:
        super().__init__("Tags and notes", "Save", parent)
        self._one = len(clips) == 1
        self.tags = QLineEdit(", ".join(clips[0].tags) if self._one else "")
        self.tags.setAccessibleName("Tags")
        self.notes = QPlainTextEdit(clips[0].notes if self._one else "")
        self.notes.setAccessibleName("Notes")
        self.notes.setTabChangesFocus(True)
        explain(self.notes, "Whatever you want to know of this take later; it is searched too.")
        explain(self.tags, "Words to find it by, with commas between them: wet, close, scene 12.")
        if not self._one:
            self.fields.addWidget(label(f"For {clip_words.count(len(clips))}", "title"), 0, 0, 1, 2)
        self.add("Tags" if self._one else "Add tags", self.tags)
        if self._one:
            self.add("Notes", self.notes)
        self.tags.setFocus()

    def answer(self) -> LabelAnswer:
        """What was typed. Raises UsageError when a tag or the notes cannot be."""
        tags = tuple(checked_tag(tag) for tag in self.tags.text().replace(";", ",").split(",") if tag.strip())
        return LabelAnswer(tags, checked_notes(self.notes.toPlainText()) if self._one else None)

    def checked(self) -> None:
        """As `answer`."""
        self.answer()


class ExportDialog(SmallDialog):
    """Folder, format, rate, bits, loudness."""

    def __init__(
        self, clips: Sequence[Clip], output: Output, folder: Path, parent: QWidget | None = None
    ) -> None:
        super().__init__("Export", "Export", parent)
        self.folder = QLineEdit(str(folder))
        self.folder.setAccessibleName("Folder")
        explain(self.folder, "Where the new files go; the takes themselves stay where they are.")
        choose = button("Choose…", "Choose a folder.", self._choose)
        self.format = Choice("Format", "The kind of file.", [("wav", "WAV"), ("flac", "FLAC")])
        self.rate = NumberField("rate", "Sample rate", "Samples a second.", suffix=" Hz", step=100)
        self.bits = Choice("Bits", "Bits a sample.", [(bits, _BIT_WORDS[bits]) for bits in BITS])
        self.lufs = NumberField("lufs", "Loudness", "Integrated loudness.", decimals=1, suffix=" LUFS")
        self.format.choose(output.format)
        self.rate.set_number(output.rate)
        self.bits.choose(output.bits)
        self.lufs.set_number(output.lufs)
        self.fields.addWidget(label(_what(clips), "title"), 0, 0, 1, 2)
        line = self.fields.rowCount()
        self.fields.addWidget(label("Folder", "label", self.folder), line, 0)
        self.fields.addLayout(row(self.folder, choose), line, 1)
        for name, field in (
            ("Format", self.format),
            ("Sample rate", self.rate),
            ("Bits", self.bits),
            ("Loudness", self.lufs),
        ):
            self.add(name, field)

    def answer(self) -> ExportAnswer:
        """What was chosen. Raises UsageError when no such file can be written."""
        output = Output(
            self.format.value(), self.rate.whole() or 0, self.bits.value(), self.lufs.number() or 0.0
        ).checked()
        if not self.folder.text().strip():
            raise UsageError("The folder has no name: choose where the files shall go.")
        return ExportAnswer(Path(self.folder.text().strip()).expanduser().absolute(), output)

    def checked(self) -> None:
        """As `answer`."""
        self.answer()

    def _choose(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, "Export to", self.folder.text())
        if folder:
            self.folder.setText(folder)


_BIT_WORDS = {"16": "16 bit", "24": "24 bit", "32f": "32 bit float"}


def _what(clips: Sequence[Clip]) -> str:
    return clips[0].path.name if len(clips) == 1 else clip_words.count(len(clips))
