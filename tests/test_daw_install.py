"""Installing the scripts: whole, told, and never over what the user has changed."""

from __future__ import annotations

from pathlib import Path

import pytest

from bridge.daw import hosts
from bridge.daw.hosts import HOSTS, SCRIPTS, usual_places
from bridge.daw.install import STATE_MARK, install, plan
from engine.errors import UsageError
from engine.settings import folders
from tests.noise_model import roomtone

SYSTEMS = ("linux", "darwin", "win32")


@pytest.fixture(autouse=True)
def user_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of the user's, with nothing in it."""
    home = tmp_path / "user"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home / ".config"))
    return home


def test_every_host_has_its_files_and_says_what_to_do_next() -> None:
    for name, host in HOSTS.items():
        assert any(path.is_file() for path in (SCRIPTS / host.folder).rglob("*")), name
        assert host.next.endswith("."), name
        assert set(host.places) <= set(SYSTEMS), name


def test_every_place_can_be_filled_in() -> None:
    for host in HOSTS.values():
        for system in host.places:
            assert all(place.is_absolute() for place in usual_places(host, system))


@pytest.mark.parametrize("host", sorted(HOSTS))
def test_what_is_copied_is_what_is_shipped_with_the_state_folder_in_it(host: str, tmp_path: Path) -> None:
    copies = plan(HOSTS[host], tmp_path / "to")
    install(copies)
    assert copies
    source = SCRIPTS / HOSTS[host].folder
    state = folders().state.resolve().as_posix().encode()
    for copy in copies:
        shipped = (source / copy.target.relative_to(tmp_path / "to")).read_bytes()
        assert copy.target.read_bytes() == shipped.replace(STATE_MARK.encode(), state)


def test_the_newest_version_that_is_there_gets_the_scripts_and_so_does_the_older(user_home: Path) -> None:
    ardour = HOSTS["ardour"]
    newest, older = user_home / ".config" / "ardour8", user_home / ".config" / "ardour7"
    assert usual_places(ardour, "linux") == [newest / "scripts"]
    older.mkdir(parents=True)
    assert usual_places(ardour, "linux") == [older / "scripts"]
    newest.mkdir()
    assert usual_places(ardour, "linux") == [newest / "scripts", older / "scripts"]


def test_a_second_installation_changes_nothing(tmp_path: Path) -> None:
    install(plan(HOSTS["ardour"], tmp_path / "to"))
    copies = plan(HOSTS["ardour"], tmp_path / "to")
    assert {copy.found for copy in copies} == {"same"}
    assert all("there already" in line for line in install(copies))


def test_an_older_script_of_ours_is_brought_up_to_date(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "shipped" / "reaper").mkdir(parents=True)
    script = tmp_path / "shipped" / "reaper" / "roomtone.lua"
    script.write_text("-- one\n")
    monkeypatch.setattr("bridge.daw.install.SCRIPTS", tmp_path / "shipped")
    install(plan(HOSTS["reaper"], tmp_path / "to"))
    script.write_text("-- two\n")
    (line,) = install(plan(HOSTS["reaper"], tmp_path / "to"))
    assert line.endswith("brought up to date")
    assert (tmp_path / "to" / "roomtone.lua").read_text() == "-- two\n"


def test_a_changed_script_is_not_touched_and_nothing_else_is_copied(tmp_path: Path) -> None:
    (changed, other), *_ = [[copy.target for copy in plan(HOSTS["ardour"], tmp_path / "to")]]
    changed.parent.mkdir()
    changed.write_text("-- mine\n")
    with pytest.raises(UsageError, match="--replace"):
        install(plan(HOSTS["ardour"], tmp_path / "to"))
    assert changed.read_text() == "-- mine\n"
    assert not other.exists()


def test_replacing_keeps_what_the_user_had(tmp_path: Path) -> None:
    target = plan(HOSTS["ardour"], tmp_path / "to")[0].target
    target.parent.mkdir()
    for text in ("-- mine\n", "-- mine too\n"):
        target.write_text(text)
        install(plan(HOSTS["ardour"], tmp_path / "to"), replace=True)
    assert [path.read_text() for path in sorted(tmp_path.glob("to/*.yours*"))] == [
        "-- mine\n",
        "-- mine too\n",
    ]


def test_nothing_unfinished_stays(tmp_path: Path) -> None:
    install(plan(HOSTS["live"], tmp_path / "to"))
    assert {path.suffix for path in (tmp_path / "to").rglob("*") if path.is_file()} == {".py"}


def test_a_host_that_does_not_run_here_wants_to_be_told_where(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bridge.daw.install.usual_places", lambda host: usual_places(host, "linux"))
    with pytest.raises(UsageError, match="--to DIR"):
        plan(HOSTS["live"])


def test_the_command_installs_and_says_what_to_do_next(
    user_home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert roomtone("daw", "install", "ardour", "--to", str(tmp_path / "to")) == 0
    told = capsys.readouterr()
    assert str(tmp_path / "to" / "roomtone_render.lua") in told.out
    assert told.err.strip() == HOSTS["ardour"].next
    assert (folders().state / "mailbox" / "ardour-inbox").is_dir()
    assert list(user_home.iterdir()) == []


def test_the_command_lists_every_host(capsys: pytest.CaptureFixture[str]) -> None:
    assert roomtone("daw", "list") == 0
    told = capsys.readouterr().out
    assert all(host.title in told for host in HOSTS.values())


@pytest.mark.parametrize("words", [("daw", "install", "ardor"), ("daw", "install"), ("daw", "lst")])
def test_a_wrong_word_is_refused(words: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    assert roomtone(*words) == 2
    assert capsys.readouterr().err.startswith("roomtone: ")


def test_the_scripts_are_package_data() -> None:
    text = (Path(hosts.__file__).parents[2] / "pyproject.toml").read_text(encoding="utf-8")
    assert '"bridge.daw" = ["README.md", "**/*"]' in text
