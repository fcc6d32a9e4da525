"""The dialog in which the settings are changed: library, engine, output, bridge, look.

It edits one Settings and the look of the panel and says by signals what the user wants; it writes nothing and
moves no file.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import (
    QCheckBox,
    QDialog,
    QFormLayout,
    QLineEdit,
    QProgressBar,
    QSpinBox,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from engine.ranges import RANGES
from engine.scene import BITS, FORMATS, Output
from engine.settings import DEVICES, PRECISIONS, Settings
from gui.advanced_fold import BIT_WORDS, RATES
from gui.fields import GAP, Choice, NumberField, button, explain, label, row
from gui.notice import Notice
from gui.theme import SCALES, THEMES

DEVICE_WORDS = {
    "auto": "Choose by itself",
    "cuda": "NVIDIA card (CUDA)",
    "mps": "Apple's Metal",
    "cpu": "CPU",
}


@dataclass(frozen=True)
class Look:
    """How the panel looks."""

    theme: str
    scale: float


class SettingsDialog(QDialog):
    """All settings, in five tabs."""

    save_asked = pyqtSignal(object, object)  # Settings, Look
    move_asked = pyqtSignal()
    stop_asked = pyqtSignal()

    def __init__(self, settings: Settings, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Settings")
        self.setAccessibleName("Settings")
        self._settings = settings
        self.notice = Notice()
        self.tabs = QTabWidget()
        self.tabs.setAccessibleName("Kinds of settings")
        self.progress = QProgressBar()
        self.progress.setAccessibleName("Progress of the copy")
        self.progress.setTextVisible(False)
        self.progress.hide()
        self._make_fields()
        self._lay_out()
        self.show_settings(settings, look)

    def settings(self) -> Settings:
        """The settings as they stand in the fields; not checked."""
        output = Output(
            self.format.value(), int(self.rate.value()), self.bits.value(), round(self.lufs.value(), 2)
        )
        bridge = replace(self._settings.bridge, on=self.bridge_on.isChecked(), port=self.port.value())
        return replace(
            self._settings,
            models=self.models.text().strip(),
            device=self.device.value(),
            precision=self.precision.value(),
            threads=self.threads.value(),
            creator=self.creator.text().strip(),
            output=output,
            bridge=bridge,
        )

    def look(self) -> Look:
        """The look as it stands in the fields."""
        return Look(self.theme.value(), float(self.scale.value()))

    def show_settings(self, settings: Settings, look: Look) -> None:
        """Fill the fields."""
        self._settings = settings
        self.library.setText(str(settings.library_folder))
        self.models.setText(settings.models)
        self.models.setPlaceholderText(str(settings.models_folder))
        self.device.choose(settings.device)
        self.precision.choose(settings.precision)
        self.threads.setValue(settings.threads)
        self.creator.setText(settings.creator)
        self.format.choose(settings.output.format)
        self.rate.choose(str(settings.output.rate))
        self.bits.choose(settings.output.bits)
        self.lufs.set_number(settings.output.lufs)
        self.bridge_on.setChecked(settings.bridge.on)
        self.port.setValue(settings.bridge.port)
        self.theme.choose(look.theme)
        self.scale.choose(f"{look.scale:g}")

    def show_progress(self, fraction: float | None) -> None:
        """How far the library is copied; None when nothing is copied."""
        self.progress.setVisible(fraction is not None)
        self.progress.setValue(round(100 * (fraction or 0.0)))
        self.stop.setVisible(fraction is not None)
        self.move_library.setEnabled(fraction is None)
        self.save.setEnabled(fraction is None)

    def _make_fields(self) -> None:
        self.library = _line("Library folder", "Where finished clips go.")
        self.library.setReadOnly(True)
        self.move_library = button(
            "Move…",
            "Copy all clips to another folder, check them, then use that one. The old folder stays.",
            lambda: self.move_asked.emit(),
        )
        self.stop = button("Stop", "Stop copying; what was copied stays.", lambda: self.stop_asked.emit())
        self.models = _line(
            "Folder of own models", "Where further model folders are; empty is the usual place."
        )
        self.creator = _line("Creator", "1 to 16 letters and digits; a part of the names of files.")
        self.device = Choice("Device", "What computes.", [(name, DEVICE_WORDS[name]) for name in DEVICES])
        precisions = [(name, "Choose by itself" if name == "auto" else name) for name in PRECISIONS]
        self.precision = Choice("Precision", "What the engine computes in.", precisions)
        self.threads = _whole("Threads", 0, 1024, "CPU threads of the engine, 0 to 1024; 0 is all cores.")
        self.threads.setSpecialValueText("All cores")
        self.format = Choice("Format", "Kind of file.", [(name, name.upper()) for name in FORMATS])
        rates = [(str(rate), f"{rate / 1000:g} kHz") for rate in RATES]
        self.rate = Choice("Sample rate", f"Sample rate of the file, {RANGES['rate']}.", rates)
        self.bits = Choice("Sample width", "FLAC has no floating point.", [(b, BIT_WORDS[b]) for b in BITS])
        self.lufs = NumberField(
            "lufs", "Loudness", "Integrated loudness of a clip.", decimals=1, step=0.5, suffix=" LUFS"
        )
        self.bridge_on = QCheckBox("Listen for the DAW when the panel opens")
        self.bridge_on.setAccessibleName("Listen for the DAW when the panel opens")
        explain(self.bridge_on, "Take requests from scripts in a DAW, on this machine only.")
        self.port = _whole("Port", 0, 65_535, "UDP port of the bridge, 0 to 65535; scripts expect 9000.")
        self.theme = Choice("Theme", "Colours of the panel.", [(name, name.capitalize()) for name in THEMES])
        scales = [(f"{scale:g}", f"{100 * scale:.0f} %") for scale in SCALES]
        self.scale = Choice("Size", "Size of everything in the panel, from its next start on.", scales)

    def _lay_out(self) -> None:
        library = QWidget()
        library.setLayout(row(self.library, self.move_library))
        library.layout().setStretch(0, 1)  # type: ignore[union-attr]
        copying = QWidget()
        copying.setLayout(row(self.progress, self.stop))
        self.stop.hide()
        pages: Sequence[tuple[str, Sequence[tuple[str, QWidget]]]] = (
            ("Library", (("Folder", library), ("", copying), ("Creator", self.creator))),
            (
                "Engine",
                (
                    ("Device", self.device),
                    ("Precision", self.precision),
                    ("Threads", self.threads),
                    ("Own models", self.models),
                ),
            ),
            (
                "New clips",
                (("Format", self.format), ("Rate", self.rate), ("Width", self.bits), ("Loudness", self.lufs)),
            ),
            ("Bridge", (("", self.bridge_on), ("Port", self.port))),
            ("Look", (("Theme", self.theme), ("Size", self.scale))),
        )
        for title, lines in pages:
            self.tabs.addTab(_page(lines), title)
        self.save = button("Save", "Keep these settings.", self._save, role="primary")
        self.save.setDefault(True)
        cancel = button("Cancel", "Change nothing (Esc).", self.reject)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.setSpacing(GAP)
        layout.addWidget(self.tabs, 1)
        layout.addWidget(self.notice)
        layout.addLayout(row(1, cancel, self.save))
        self.resize(560, 320)

    def _save(self) -> None:
        self.notice.clear()
        self.save_asked.emit(self.settings(), self.look())


def _page(lines: Sequence[tuple[str, QWidget]]) -> QWidget:
    page = QWidget()
    form = QFormLayout(page)
    form.setContentsMargins(0, 16, 0, 0)
    form.setHorizontalSpacing(16)
    form.setVerticalSpacing(GAP)
    form.setLabelAlignment(Qt.AlignmentFlag.AlignLeft)
    form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
    for text, field in lines:
        name = label(text, "label", field)
        name.setMinimumWidth(88)
        form.addRow(name, field)
    return page


def _line(title: str, tip: str) -> QLineEdit:
    line = QLineEdit()
    line.setAccessibleName(title)
    explain(line, tip)
    return line


def _whole(title: str, low: int, high: int, tip: str) -> QSpinBox:
    field = QSpinBox()
    field.setRange(low, high)
    field.setButtonSymbols(QSpinBox.ButtonSymbols.NoButtons)
    field.setAccessibleName(title)
    explain(field, tip)
    return field
