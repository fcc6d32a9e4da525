"""What other programs read in a take's file."""

from __future__ import annotations

import json
import math
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest
from mutagen.flac import FLAC
from wavinfo import WavInfoReader

from engine.loudness import Loudness
from engine.mastering import Sound
from engine.recipe import Recipe
from engine.scene import Output, Scene
from engine.tags import Names, bext, ixml, sound_figures
from engine.takes import write_take
from tests.sounds import cut, noise

PROMPT = "Rain on a café's <window> & 'distant' thunder, in the “old” town"
RECIPE = Recipe(
    scene=Scene(PROMPT, seed=0xC0FFEE, seconds=1.0, steps=8, guidance=3.5, sampler="euler"),
    output=Output(),
    model="mini",
    weight_hash="0123456789abcdef",
    created="2026-11-23T15:04:05+01:00",
    version="0.1.0",
)
SOUND = Sound(44_100, 2, 44_100, 6.0, -3.21, Loudness(-26.04, 4.5, -22.0, -24.0))
NAMES = Names("RainOnCafesWindow", "RMTN", "Roomtone")


def take_of(tmp_path: Path, recipe: Recipe = RECIPE) -> Path:
    return write_take(cut(noise(1.0)), 44_100, recipe, None, tmp_path).path


def test_bext_says_what_when_and_how_loud(tmp_path: Path) -> None:
    found = WavInfoReader(take_of(tmp_path)).bext
    assert found.description == "Rain on a cafe's <window> & 'distant' thunder, in the old town"
    assert found.originator == "Roomtone 0.1.0"
    assert found.originator_ref == "RT2026112315040500c0ffee"
    assert (found.originator_date, found.originator_time) == ("2026-11-23", "15:04:05")
    assert found.time_reference == 0
    assert found.version == 2
    assert found.loudness_value == pytest.approx(-26.0, abs=0.05)
    assert found.max_true_peak < -1.0
    assert found.max_momentary_loudness == pytest.approx(-26.0, abs=0.5)
    history = "A=PCM,F=44100,W=24,M=stereo,T=Roomtone 0.1.0; model mini 0123456789abcdef; seed 12648430\r\n"
    assert found.coding_history == history


def test_a_clip_too_short_for_a_loudness_says_that_it_was_not_measured(tmp_path: Path) -> None:
    # One second has no loudest 3 seconds: EBU Tech 3285 wants 7FFFh there.
    assert WavInfoReader(take_of(tmp_path)).bext.max_shortterm_loudness == pytest.approx(327.67)
    silent = replace(SOUND, loudness=Loudness(-math.inf), true_peak_db=-math.inf)
    assert bext(RECIPE, silent)[412:422] == b"\xff\x7f" * 5


def test_a_long_description_is_cut_at_256_letters() -> None:
    long = replace(RECIPE, scene=Scene("rain " * 300, seed=1))
    assert bext(long, SOUND)[:256] == ("rain " * 300)[:256].encode()
    assert len(bext(long, SOUND)) > 602


def test_ixml_has_the_fields_of_the_category_system(tmp_path: Path) -> None:
    assert WavInfoReader(take_of(tmp_path)).ixml is not None
    root = ElementTree.fromstring(ixml(RECIPE, SOUND, NAMES))
    user = {field.tag: field.text for field in root.find("USER") or []}
    assert user["CATID"] == "RAINGlas"
    assert (user["CATEGORY"], user["SUBCATEGORY"]) == ("RAIN", "GLASS")
    assert user["CATEGORYFULL"] == "RAIN-GLASS"
    assert user["FXNAME"] == "RainOnCafesWindow"
    assert user["DESCRIPTION"] == PROMPT
    assert user["SHOW"] == "Roomtone"
    assert root.findtext("NOTE") == PROMPT
    assert root.findtext("TRACK_LIST/TRACK_COUNT") == "2"
    assert [track.findtext("NAME") for track in root.iter("TRACK")] == ["Left", "Right"]


def test_the_info_list_has_title_comment_and_category(tmp_path: Path) -> None:
    info = WavInfoReader(take_of(tmp_path), info_encoding="utf-8").info
    assert info.title == "RainOnCafesWindowDistantThunder"
    assert info.comment == PROMPT
    assert info.genre == "RAIN-GLASS"
    assert info.artist == "RMTN"
    assert info.software == "Roomtone 0.1.0"
    assert info.created_date == "2026-11-23"
    assert info.keywords == "RAINGlas, RAIN, GLASS"


def test_flac_has_the_same_words(tmp_path: Path) -> None:
    comments = FLAC(take_of(tmp_path, replace(RECIPE, output=Output("flac")))).tags
    assert comments["CATID"] == ["RAINGlas"]
    assert comments["DESCRIPTION"] == [PROMPT]
    assert comments["TITLE"] == ["RainOnCafesWindowDistantThunder"]
    assert comments["DATE"] == ["2026-11-23"]
    assert json.loads(comments["ROOMTONE_RECIPE"][0])["recipe"]["scene"]["prompt"] == PROMPT


@pytest.mark.skipif(not shutil.which("ffprobe"), reason="ffprobe is not installed")
@pytest.mark.parametrize("output", [Output(), Output(bits="32f", rate=48_000), Output("flac")])
def test_ffprobe_reads_the_tags(tmp_path: Path, output: Output) -> None:
    path = take_of(tmp_path, replace(RECIPE, output=output))
    command = ["ffprobe", "-v", "error", "-print_format", "json", "-show_format", "-show_streams", str(path)]
    result = subprocess.run(command, capture_output=True, text=True, check=True)
    assert result.stderr == ""
    report = json.loads(result.stdout)
    tags = {name.lower(): text for name, text in report["format"]["tags"].items()}
    assert tags["comment"] == PROMPT
    assert tags["genre"] == "RAIN-GLASS"
    assert report["streams"][0]["sample_rate"] == str(output.rate)
    assert float(report["format"]["duration"]) == 1.0


def test_figures_that_were_not_measured_are_null() -> None:
    silent = replace(SOUND, loudness=Loudness(-math.inf), true_peak_db=-math.inf)
    assert sound_figures(silent)["lufs"] is None
    assert sound_figures(silent)["true_peak_db"] is None
    assert sound_figures(SOUND)["lufs"] == -26.04
