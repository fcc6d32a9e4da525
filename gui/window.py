"""The window: three columns, a menu, a foot. It introduces the widgets to each other and to the studio.

Left the presets; in the middle the scene with the queue below; right the library with the chosen take. What
happens is decided elsewhere: this module knows only who has to hear of what.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from PyQt6.QtCore import QUrl, pyqtSignal
from PyQt6.QtGui import QCloseEvent, QDesktopServices, QPaintEvent
from PyQt6.QtWidgets import QApplication, QDialog, QMainWindow

from engine.errors import EngineError
from engine.logs import log_file
from engine.scene import Scene
from gui import boxes, memory, menus, theme
from gui.adapter import Adapter
from gui.asking import Asking
from gui.bridge_desk import BridgeDesk
from gui.bridge_port import BridgePort
from gui.fields import button
from gui.job_desk import JobDesk
from gui.job_list import JobList
from gui.layout import laid_out
from gui.library_desk import LibraryDesk
from gui.notice import Notice
from gui.preset_desk import PresetDesk
from gui.preset_list import PresetList
from gui.scene_form import SceneForm
from gui.send_desk import SendDesk
from gui.state import PanelState, load_state, save_state

if TYPE_CHECKING:
    from engine.studio import Studio
    from gui.first_start import FirstStart
    from gui.settings_desk import SettingsDesk
    from gui.settings_dialog import Look

SIZE = (1180, 760)
SMALLEST = (860, 560)


class Window(QMainWindow):
    """The panel. `open_up` after it is shown; closing it asks once when something renders."""

    first_painted = pyqtSignal()

    def __init__(
        self, studio: Studio, bridge: BridgePort | None = None, asking: Asking | None = None
    ) -> None:
        super().__init__()
        self.setWindowTitle("Roomtone")
        self.setAccessibleName("Roomtone")
        self.studio = studio
        self.asking = asking or Asking(self)
        self.state: PanelState = load_state()
        self._painted, self._ask = False, True
        self.presets, self.form, self.jobs = PresetList(), SceneForm(), JobList()
        self.notice = Notice()
        self.adapter = Adapter(studio, bridge, self)
        self.preset_desk = PresetDesk(self.presets, self.form, self.asking)
        self.job_desk = JobDesk(studio, self.form, self.jobs)
        self.bridge_desk = BridgeDesk(bridge, self.form, self)
        self.library_desk = LibraryDesk(studio, self.adapter, self.asking, self)
        self.send_desk = SendDesk(
            bridge,
            self.adapter.do_in_thread,
            self.library_desk.view.notice,
            self.asking,
            self.bridge_desk.show,
        )
        self._lay_out()
        self._make_menus()
        self._make_foot()
        self._introduce()
        self._recall()

    # -- its life -----------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent | None) -> None:
        """The first of these tells that the window is on the screen; everything slow waits for it."""
        super().paintEvent(event)
        if not self._painted:
            self._painted = True
            self.first_painted.emit()

    def open_up(self) -> None:
        """Read what was not needed for the first sight. The studio is open, and the adapter looks."""
        self.preset_desk.load()
        self.adapter.do_in_steps(self.preset_desk.step)
        self.adapter.do_in_steps(self._show_models)
        self.job_desk.offer_left_over()
        self.bridge_desk.open_up()

    def closeEvent(self, event: QCloseEvent | None) -> None:
        """Ask once when something renders; then cancel it and remember where things stood."""
        if event is None:
            return
        if (
            self._ask
            and self.job_desk.rendering() is not None
            and not self.asking.yes("A clip is being rendered. Close and cancel it?", "Cancel and close")
        ):
            event.ignore()
            return
        self._ask = False
        self.adapter.stop()
        self.job_desk.cancel_rendering()
        self.studio.audition.stop()
        self._remember()
        # A dialog that stays open would keep the program alive.
        for dialog in self.findChildren(QDialog):
            dialog.close()
        self.library_desk.close()
        event.accept()

    def close_unasked(self) -> None:
        """Close without a question, because somebody outside wants the program to end.

        With the next look, since the wish may come in the middle of a paint.
        """
        if self._ask:
            self._ask = False
            self.adapter.looked.connect(self.close)
        self.adapter.start()

    def tell_of_a_bug(self, sentence: str) -> None:
        """Say that something unexpected went wrong; the log has the details."""
        self.notice.fail(sentence, "Open log", self.open_log)

    # -- what the menus do --------------------------------------------------------------------------------

    def open_log(self) -> None:
        """Show the log file, or say that there is none."""
        if log_file().exists():
            self._show_file(log_file())
        else:
            self.notice.tell("The log is empty: nothing unexpected has happened.")

    def open_library_folder(self) -> None:
        """Show the folder of the takes."""
        self._show_file(self.studio.settings.library_folder)

    def open_settings(self) -> SettingsDesk:
        """Let the user change the settings."""
        from gui.settings_desk import SettingsDesk
        from gui.settings_dialog import Look

        look = Look(self.state.theme, self.state.scale)
        desk = SettingsDesk(self.studio, self.adapter, self.asking, look, self)
        desk.look_chosen.connect(self._use_look)
        desk.bridge_changed.connect(self.bridge_desk.start_anew)
        desk.open()
        return desk

    def welcome(self, scene: Scene | None = None) -> FirstStart:
        """The three steps of a first start; with a scene, that one is rendered in the last."""
        from gui.first_start import TEST_SCENE, FirstStart

        steps = FirstStart(self.studio, self.adapter, self.asking, self, scene or TEST_SCENE)
        steps.log_asked.connect(self.open_log)
        steps.finished.connect(self._note_welcome)
        steps.open()
        return steps

    def use_theme(self, name: str) -> None:
        """Change the colours of the whole program, now."""
        self.state = replace(self.state, theme=name)
        application = QApplication.instance()
        if isinstance(application, QApplication):
            theme.apply_theme(application, name)
        self._themes[name].setChecked(True)

    def use_scene(self, scene: Scene, title: str = "") -> None:
        """Put the scene of a take into the form."""
        self.form.set_scene(scene, title)
        self.form.prompt.setFocus()

    # -- inside -------------------------------------------------------------------------------------------

    def _use_look(self, look: Look) -> None:
        if look.scale != self.state.scale:
            self.notice.tell("The panel will have its new size when it is opened again.")
        self.use_theme(look.theme)
        self.state = replace(self.state, scale=look.scale)

    def _note_welcome(self) -> None:
        self.state = replace(self.state, welcomed=True)

    def _lay_out(self) -> None:
        whole, self._splitters = laid_out(
            self.notice, self.presets, self.form, self.jobs, self.library_desk.splitter
        )
        self.setCentralWidget(whole)
        self.resize(*SIZE)
        self.setMinimumSize(*SMALLEST)

    def _make_menus(self) -> None:
        bar = self.menuBar()
        assert bar is not None
        self.actions_by_name = menus.fill(bar, self._acts())
        self._themes = menus.add_themes(bar, self.use_theme, self.state.theme)

    def _acts(self) -> dict[str, menus.Act]:
        return {
            "settings": self.open_settings,
            "open_library": self.open_library_folder,
            "open_log": self.open_log,
            "quit": self.close,
            "render": self.form.ask,
            "render_draft": self.form.ask_for_draft,
            "new_seed": self.form.seed.draw,
            "clear_scene": lambda: self.form.set_scene(Scene("")),
            "save_preset": lambda: self.preset_desk.act("save", None),
            "save_preset_as": lambda: self.preset_desk.act("save_as", None),
            "cancel_rendering": self.job_desk.cancel_rendering,
            "cancel_all": self.job_desk.cancel_all,
            "clear_ended": self.jobs.clear_asked.emit,
            "unload": self.jobs.unload_asked.emit,
            "to_prompt": self.form.prompt.setFocus,
            "to_presets": self.presets.search.setFocus,
            "to_queue": self.jobs.view.setFocus,
            "to_library": self.library_desk.focus,
            "bridge": self.bridge_desk.show,
            "keys": lambda: boxes.show_keys(self),
            "welcome": self.welcome,
            "about": lambda: boxes.show_about(self),
        }

    def _make_foot(self) -> None:
        foot = self.statusBar()
        assert foot is not None
        foot.setSizeGripEnabled(False)
        foot.addWidget(self.bridge_desk.button)
        foot.addPermanentWidget(button("Open log", "Show the log file.", self.open_log, role="quiet"))
        foot.addPermanentWidget(
            button("Settings", "Change the settings (Ctrl+,).", self.open_settings, role="quiet")
        )

    def _introduce(self) -> None:
        self.adapter.jobs_changed.connect(self.job_desk.show_changes)
        self.adapter.queue_changed.connect(self.jobs.show_jobs)
        self.adapter.model_changed.connect(self.jobs.show_model)
        self.adapter.presets_changed.connect(self._reload_presets)
        self.adapter.bridge_changed.connect(self.bridge_desk.show_snapshot)
        self.adapter.trouble.connect(self.notice.fail)
        self.job_desk.finished.connect(self.library_desk.finished)
        self.library_desk.acts.use_scene.connect(self.use_scene)
        self.library_desk.acts.again_asked.connect(self.job_desk.again)
        self.library_desk.acts.made_asked.connect(self.job_desk.make)
        self.library_desk.acts.anew_asked.connect(lambda clip: self.job_desk.again(clip, another_seed=True))
        self.library_desk.acts.send_asked.connect(self.send_desk.send)
        self.preset_desk.loaded.connect(
            lambda presets: self.form.set_suggestions(preset.scene.prompt for preset in presets)
        )

    def _recall(self) -> None:
        memory.show_form(self.form, self.state, self.studio.settings.output)
        memory.show_presets(self.presets, self.state)
        self.library_desk.recall(self.state.others)
        memory.show_places(self, self._splitters, self.state)
        self.form.prompt.setFocus()

    def _remember(self) -> None:
        state = memory.read_presets(self.presets, memory.read_form(self.form, self.state))
        state = replace(state, others={**state.others, **self.library_desk.remembered()})
        self.state = memory.read_places(self, self._splitters, state)
        try:
            save_state(self.state)
        except EngineError as error:
            self.notice.fail(str(error))

    def _reload_presets(self) -> None:
        self.preset_desk.load()
        self.adapter.do_in_steps(self.preset_desk.step)

    def _show_models(self) -> bool:
        from engine.catalogue import list_models

        self.form.advanced.set_models([(model.name, model.index.description) for model in list_models()])
        return False

    def _show_file(self, path: Path) -> None:
        if not QDesktopServices.openUrl(QUrl.fromLocalFile(str(path))):
            self.notice.tell(f"Nothing here can show it; it is {path}")
