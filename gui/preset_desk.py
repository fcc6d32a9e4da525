"""What happens to presets when the user says so: it stands between the browser, the form and the files.

All rules are the engine's; this file only asks for names and places and tells what came of it. It knows no
queue and no studio.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from PyQt6.QtCore import QObject, pyqtSignal

from engine import preset_bank
from engine.errors import EngineError
from engine.presets import Preset, each_preset, own_path, save_preset
from gui.asking import Asking
from gui.preset_list import PresetList
from gui.scene_form import SceneForm

_TOML = "Presets (*.toml)"
_ZIP = "Banks of presets (*.zip)"


class PresetDesk(QObject):
    """Keeps the browser as the files are, and the form's preset in mind."""

    loaded = pyqtSignal(list)  # all presets, whenever they were read

    def __init__(self, browser: PresetList, form: SceneForm, asking: Asking) -> None:
        super().__init__(browser)
        self._browser, self._form, self._asking = browser, form, asking
        self._presets: list[Preset] = []
        self._of_the_form: Preset | None = None
        self._loading: Iterator[Preset | EngineError] | None = None
        self._read: list[Preset | EngineError] = []
        browser.wanted.connect(self.act)
        form.changed.connect(self._show_title)

    @property
    def presets(self) -> list[Preset]:
        """All presets, as last read."""
        return list(self._presets)

    def load(self) -> None:
        """Begin to read all presets; `step` goes on with it."""
        self._loading, self._read = each_preset(), []

    def step(self) -> bool:
        """Read one more preset, and show them all after the last. Says whether there is more to do."""
        if self._loading is None:
            return False
        for found in self._loading:
            self._read.append(found)
            return True
        self._loading = None
        self._show([found for found in self._read if isinstance(found, Preset)])
        broken = [str(found) for found in self._read if isinstance(found, EngineError)]
        if broken:
            more = f" (and {len(broken) - 1} more)" if len(broken) > 1 else ""
            self._browser.notice.fail(broken[0] + more)
        return False

    def load_now(self) -> None:
        """Read all presets and show them."""
        self.load()
        while self.step():
            continue

    def act(self, name: str, preset: Preset | None) -> None:
        """Do what the browser says; whatever goes wrong is said there."""
        self._browser.notice.clear()
        try:
            if name in _OF_ALL:
                _OF_ALL[name](self)
            elif name in _OF_ONE and preset is not None:
                _OF_ONE[name](self, preset)
        except EngineError as error:
            self._browser.notice.fail(str(error))

    def save(self) -> None:
        """Save the form into the preset it came from; a factory preset or none asks for a name."""
        if self._of_the_form is None or self._of_the_form.factory:
            self.save_as()
        else:
            self._keep(self._of_the_form.key)

    def save_as(self) -> None:
        """Save the form under a name that the user gives."""
        known = self._of_the_form.key if self._of_the_form else ""
        name = self._asking.text("Save as a preset", "Name, or family/name:", known)
        if name is None:
            return
        if own_path(name).exists() and not self._asking.yes(
            f"There is a preset {name!r} already. Replace it?", "Replace"
        ):
            return
        self._keep(name)

    def _keep(self, name: str) -> None:
        self._form.check_lines()
        saved = save_preset(name, self._form.scene(), replace=True)
        self._of_the_form = saved
        self._again(saved, f"Saved as {saved.key}.")
        self._show_title()

    def _use(self, preset: Preset) -> None:
        self._of_the_form = preset
        self._form.set_scene(preset.scene, preset.title)
        self._form.notice.clear()

    def _star(self, preset: Preset) -> None:
        preset_bank.star_preset(preset, preset.key not in preset_bank.starred_presets())
        self._again(preset)

    def _rename(self, preset: Preset) -> None:
        name = self._asking.text("Rename the preset", "Name, or family/name:", preset.key)
        if name is not None:
            self._again(preset_bank.rename_preset(preset, name))

    def _duplicate(self, preset: Preset) -> None:
        self._again(preset_bank.duplicate_preset(preset))

    def _delete(self, preset: Preset) -> None:
        deleted = preset_bank.trash_preset(preset)
        self.load_now()
        self._browser.notice.tell(f"Deleted {preset.title}.", "Undo", lambda: self._restore(deleted))

    def _restore(self, deleted: preset_bank.Deleted) -> None:
        try:
            self._again(preset_bank.restore_preset(deleted))
        except EngineError as error:
            self._browser.notice.fail(str(error))

    def _import(self) -> None:
        path = self._asking.open_file("Import presets", f"{_TOML};;{_ZIP};;Presets and banks (*.toml *.zip)")
        if path is None:
            return
        imported = preset_bank.import_presets(path)
        count = len(imported.presets)
        words = f"Imported {count} preset{'' if count == 1 else 's'}."
        self._again(imported.presets[0] if imported.presets else None, words)
        if imported.refused:
            self._browser.notice.fail(f"{words} {len(imported.refused)} refused: {imported.refused[0]}")

    def _export(self, preset: Preset) -> None:
        path = self._asking.save_file("Export the preset", f"{preset.name}.toml", _TOML)
        if path is not None:
            self._browser.notice.tell(f"Exported to {preset_bank.export_preset(preset, path)}.")

    def _export_own(self) -> None:
        self._export_bank([preset for preset in self._presets if not preset.factory], "my-presets.zip")

    def _export_all(self) -> None:
        self._export_bank(self._presets, "presets.zip")

    def _export_bank(self, presets: list[Preset], name: str) -> None:
        if not presets:
            self._browser.notice.fail("There are no presets of your own to export: save one first.")
            return
        path: Path | None = self._asking.save_file("Export presets", name, _ZIP)
        if path is not None:
            count = preset_bank.export_bank(presets, path)
            self._browser.notice.tell(f"Exported {count} presets to {path}.")

    def _again(self, chosen: Preset | None, sentence: str = "") -> None:
        self.load_now()
        if chosen is not None:
            self._browser.choose(chosen.key)
        if sentence:
            self._browser.notice.tell(sentence)

    def _show(self, presets: list[Preset]) -> None:
        self._presets = presets
        self._browser.show_presets(presets, preset_bank.starred_presets())
        self.loaded.emit(presets)

    def _show_title(self) -> None:
        preset = self._of_the_form
        if preset is None:
            return
        changed = self._form.scene() != preset.scene
        self._form.set_title(f"{preset.title}{' (changed)' if changed else ''}")


_OF_ALL: dict[str, Callable[[PresetDesk], None]] = {
    "save": PresetDesk.save,
    "save_as": PresetDesk.save_as,
    "import": PresetDesk._import,
    "export_own": PresetDesk._export_own,
    "export_all": PresetDesk._export_all,
}
_OF_ONE: dict[str, Callable[[PresetDesk, Preset], None]] = {
    "use": PresetDesk._use,
    "star": PresetDesk._star,
    "rename": PresetDesk._rename,
    "duplicate": PresetDesk._duplicate,
    "delete": PresetDesk._delete,
    "export": PresetDesk._export,
}
