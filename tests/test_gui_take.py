"""The take that is looked at: its pictures, playhead and recipe, and the bar that plays it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile
from PyQt6.QtCore import QPoint, Qt
from PyQt6.QtTest import QTest

from engine.errors import EngineError
from engine.jobs import Job
from engine.scene import Output, Scene
from gui import theme
from gui.level_meter import LevelMeter
from gui.spectrogram import FLOOR_DB, read_spectrogram
from gui.take_view import NOTHING
from gui.waveform import read_peaks
from tests.library_panel import LibraryPanel, empty_panel, panel

__all__ = ["empty_panel", "panel"]


def test_the_outline_holds_the_lowest_and_highest_sample_of_each_column(tmp_path: Path) -> None:
    sound = np.random.default_rng(0).uniform(-0.5, 0.5, (10_000, 2)).astype(np.float32)
    soundfile.write(tmp_path / "noise.wav", sound, 8_000, subtype="FLOAT")
    peaks = read_peaks(tmp_path / "noise.wav", 100)
    columns = sound.reshape(100, 100 * 2)
    assert np.array_equal(peaks.low, columns.min(axis=1))
    assert np.array_equal(peaks.high, columns.max(axis=1))
    assert peaks.seconds == 1.25


@pytest.mark.parametrize("frames", [0, 1, 7, 300_000])
def test_any_length_has_an_outline_and_a_spectrogram(frames: int, tmp_path: Path) -> None:
    path = tmp_path / "clip.wav"
    soundfile.write(path, np.full((frames, 1), 0.25, np.float32), 8_000, subtype="FLOAT")
    assert 1 <= len(read_peaks(path, 64).low) <= 64
    assert read_spectrogram(path).levels.shape == (700, 144)


def test_a_tone_is_bright_at_its_pitch_and_nowhere_else(tmp_path: Path) -> None:
    rate, hertz = 44_100, 2_000.0
    tone = 0.5 * np.sin(2 * np.pi * hertz * np.arange(2 * rate) / rate)
    soundfile.write(tmp_path / "tone.wav", tone, rate, subtype="FLOAT")
    picture = read_spectrogram(tmp_path / "tone.wav")
    rows = picture.levels.shape[1]
    expected = rows * np.log(hertz / picture.low_hz) / np.log(picture.high_hz / picture.low_hz)
    loud = picture.levels.mean(axis=0)
    assert abs(int(loud.argmax()) - expected) <= 1.5
    assert loud.max() > 250
    assert loud[: int(expected) - 20].max() < 255 * 20 / -FLOOR_DB
    assert loud[int(expected) + 20 :].max() < 255 * 20 / -FLOOR_DB


def test_a_long_clip_is_read_in_pieces(tmp_path: Path) -> None:
    rate = 8_000
    tone = 0.5 * np.sin(2 * np.pi * 1_000 * np.arange(130 * rate) / rate)
    tone[: 65 * rate] *= 0.001
    soundfile.write(tmp_path / "long.wav", tone, rate)
    levels = read_spectrogram(tmp_path / "long.wav").levels.max(axis=1)
    assert levels[:340].max() < levels[360:].min()


def test_what_is_no_sound_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "text.wav").write_text("no sound")
    for read in (lambda path: read_peaks(path, 10), read_spectrogram):
        with pytest.raises(EngineError, match=r"text\.wav cannot be drawn"):
            read(tmp_path / "text.wav")


def test_without_a_take_it_says_so(empty_panel: LibraryPanel) -> None:
    assert empty_panel.take.empty.sentence == NOTHING
    assert empty_panel.take.empty.isVisible()
    assert not empty_panel.player.play_button.isEnabled()


def test_the_chosen_take_is_drawn(panel: LibraryPanel) -> None:
    shown(panel)
    plots = panel.take.plots
    assert plots is not None
    panel.wait(lambda: plots.curve.getData()[0] is not None and len(plots.curve.getData()[0]) > 1_000)
    panel.wait(lambda: plots.picture.image is not None)
    assert plots.wave.viewRange()[0] == pytest.approx([0.0, 2.0])


def test_small_outlines_come_into_the_list(panel: LibraryPanel) -> None:
    panel.wait(lambda: all(panel.desk.pictures.small(clip.path) is not None for clip in panel.clips))
    with soundfile.SoundFile(str(panel.clips[0].path)) as file:
        assert panel.desk.pictures.small(panel.clips[0].path).seconds == file.frames / file.samplerate


def test_the_recipe_is_told(panel: LibraryPanel) -> None:
    shown(panel)
    words = {name: value.text() for name, value in panel.take.recipe.values.items()}
    assert words["Seed"] == "4"
    assert words["Model"] == "noise"
    assert words["Sampler"] == "euler"
    assert words["Length"] == "2.0 s, 44.1 kHz"
    assert words["File"] == panel.clips[3].path.name


def test_the_playhead_moves_with_the_sound(panel: LibraryPanel) -> None:
    shown(panel)
    panel.player.toggle()
    panel.wait(lambda: 0.3 < panel.take.plots.position < 1.9)
    assert panel.take.plots.heads[0].value() == panel.take.plots.position
    panel.player.stop_button.click()
    panel.wait(lambda: panel.take.plots.position == 0.0)


def test_a_click_in_the_waveform_plays_from_there(panel: LibraryPanel) -> None:
    shown(panel)
    plots = panel.take.plots
    panel.wait(lambda: plots.width() > 200)
    QTest.mouseClick(plots.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(plots.width() // 2, 20))
    now = panel.sound.state()
    assert now.playing
    assert now.position_seconds == pytest.approx(plots.seconds_at(QPoint(plots.width() // 2, 20)), abs=0.2)
    assert 0.7 < now.position_seconds < 1.4


def test_keys_seek_in_the_waveform(panel: LibraryPanel) -> None:
    shown(panel)
    QTest.keyClick(panel.take.plots, Qt.Key.Key_Space)
    assert panel.sound.state().playing
    QTest.keyClick(panel.take.plots, Qt.Key.Key_Right)
    assert panel.sound.state().position_seconds >= 1.0
    QTest.keyClick(panel.take.plots, Qt.Key.Key_Home)
    assert panel.sound.state().position_seconds < 0.5


def test_the_waveform_can_be_dragged_away(panel: LibraryPanel, monkeypatch: pytest.MonkeyPatch) -> None:
    shown(panel)
    plots, dragged = panel.take.plots, []
    monkeypatch.setattr("gui.take_view.drag_out", lambda _source, clips: dragged.extend(clips))
    area = plots.viewport()
    QTest.mousePress(area, Qt.MouseButton.LeftButton, pos=QPoint(80, 30))
    QTest.mouseMove(area, QPoint(120, 40))
    QTest.mouseRelease(area, Qt.MouseButton.LeftButton, pos=QPoint(120, 40))
    assert [clip.title for clip in dragged] == ["crickets"]
    assert not panel.sound.state().playing


def test_play_stop_and_time(panel: LibraryPanel) -> None:
    shown(panel)
    player = panel.player
    assert player.play_button.text() == "Play"
    player.play_button.click()
    panel.wait(lambda: player.play_button.text() == "Pause" and player.time.text() > "0:00.2")
    assert player.time.text().endswith("/ 0:02.0")
    player.play_button.click()
    assert panel.sound.state().paused
    player.stop_button.click()
    panel.wait(lambda: not player.stop_button.isEnabled())


def test_the_slider_seeks(panel: LibraryPanel) -> None:
    shown(panel)
    panel.player.toggle()
    panel.wait(lambda: panel.player.place.isEnabled())
    panel.player.place.setValue(700)
    assert panel.sound.state().position_seconds == pytest.approx(1.4, abs=0.2)


def test_loop_gain_and_output_are_handed_on(panel: LibraryPanel) -> None:
    shown(panel)
    panel.player.loop.click()
    panel.player.toggle()
    assert panel.sound.state().loop
    panel.player.gain.setValue(-12)
    assert panel.sound.gain_db == -12.0
    assert panel.player.gain_words.text() == "-12 dB"
    menu = panel.player.output_menu(panel.sound.devices())
    actions = {action.text(): action for action in menu.actions()}
    assert actions["Default device"].isChecked()
    actions["Loudspeakers"].trigger()
    actions["Outputs 3 and 4"].trigger()
    assert (panel.sound.device, panel.sound.channels) == ("Loudspeakers", (3, 4))
    missing = panel.player.output_menu(["Headphones"])
    assert "Loudspeakers (not there)" in [action.text() for action in missing.actions()]


def test_a_take_that_loops_is_played_round(panel: LibraryPanel) -> None:
    panel.player.play(panel.clips[0].path, loop=True)
    assert panel.sound.state().loop
    panel.player.play(panel.clips[1].path, loop=False)
    assert not panel.sound.state().loop


def test_what_the_device_says_is_shown_where_one_plays(panel: LibraryPanel) -> None:
    panel.sound.say("The sound device Headphones is gone: playing on Loudspeakers.")
    panel.wait(lambda: "is gone: playing on Loudspeakers." in panel.player.notice.sentence)
    panel.sound.say("")
    panel.wait(lambda: panel.player.notice.sentence == "")


def test_the_meter_shows_the_level(panel: LibraryPanel) -> None:
    shown(panel)
    panel.player.toggle()
    panel.wait(lambda: panel.player.meter.levels() == (-12.0, -18.0))
    meter = LevelMeter()
    meter.resize(120, 14)
    meter.show_levels(-30.0, -500.0)
    picture = meter.grab().toImage()
    lit = theme.current().good
    assert picture.pixelColor(20, 3).name() == lit
    assert picture.pixelColor(100, 3).name() != lit
    assert picture.pixelColor(20, 11).name() != lit


def shown(panel: LibraryPanel) -> None:
    """The take "crickets", with its plots."""
    panel.choose("crickets")
    panel.wait(lambda: panel.take.plots is not None and panel.take.plots.isVisible())


def test_what_is_being_rendered_is_heard_and_held_though_another_take_is_chosen(panel: LibraryPanel) -> None:
    panel.player.live.click()
    shown(panel)
    job = Job("a", Scene("rain", seconds=60.0), Output())
    panel.studio.monitor.begin(job)
    panel.studio.monitor.hear(job, 44_100, np.zeros((100, 2), np.float32))
    panel.wait(lambda: panel.player.play_button.text() == "Pause")
    assert panel.player.time.text().endswith("/ 1:00.0")
    panel.player.toggle()
    assert panel.sound.state().paused
    panel.player.toggle()
    assert panel.sound.state().playing
    assert panel.sound.state().path is None
    panel.studio.monitor.end(panel.clips[1].path)
    assert panel.sound.state().path == panel.clips[1].path
    panel.player.live.click()
    assert not panel.studio.monitor.on
    panel.studio.monitor.on = True
    panel.player.toggle()
    assert panel.player.live.isChecked()
