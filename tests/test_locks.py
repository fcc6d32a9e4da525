from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from engine.locks import FileLock, LifeSign, is_alive

ROOT = Path(__file__).parents[1]


def test_a_lock_is_held_by_one_at_a_time(tmp_path: Path) -> None:
    first, second = FileLock(tmp_path / "a" / "lock"), FileLock(tmp_path / "a" / "lock")
    assert first.take()
    assert not second.take()
    first.release()
    assert second.take()
    second.release()


def test_a_program_that_was_killed_holds_no_lock_and_gives_no_sign_of_life(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from engine.locks import FileLock, LifeSign;"
        "folder = Path(sys.argv[1]); lock = FileLock(folder / 'lock'); assert lock.take();"
        "sign = LifeSign(folder); sign.begin(); print(sign.token, flush=True); input()"
    )
    words = [sys.executable, "-c", code, str(tmp_path)]
    with subprocess.Popen(words, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        token = other.stdout.readline().strip()
        lock = FileLock(tmp_path / "lock")
        assert not lock.take()
        assert is_alive(tmp_path, token)
        other.kill()
    assert lock.take()
    lock.release()
    assert not is_alive(tmp_path, token)
    assert [path.name for path in tmp_path.iterdir()] == ["lock"]


def test_a_sign_of_life_ends_with_its_program(tmp_path: Path) -> None:
    sign = LifeSign(tmp_path)
    sign.begin()
    assert is_alive(tmp_path, sign.token)
    sign.end()
    assert not is_alive(tmp_path, sign.token)
    assert not is_alive(tmp_path, "")
    assert not [*tmp_path.iterdir()]
