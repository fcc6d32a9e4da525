"""The Take: the sound that came out, with its recipe, as a file in the library.

Files lie in folders by date, are named by `naming`, carry their recipe, and are whole or not there. This
module knows no model and no index; it makes files and reads them.
"""

from __future__ import annotations

import secrets
import stat
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from engine import ucs
from engine.audio import read_blocks, sound_info
from engine.edits import kept
from engine.errors import UsageError
from engine.mastering import Master, mastered
from engine.naming import Naming
from engine.newfiles import made_folder, publish, told, unfinished
from engine.recipe import Recipe, read_recipe_and_sound
from engine.reports import Report, silent
from engine.scene import FORMATS
from engine.tags import sound_figures, wav_chunks, write_digest, write_flac_comments

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MOST_NAMESAKES = 100_000
CLIP_BYTES = 6
"""A clip id has twice as many hex digits: of 50,000 takes two agree by chance in one of 200,000 libraries."""
_OTHER_SOUND = frozenset(
    {"aif", "aiff", "caf", "m4a", "mp3", "mp4", "ogg", "opus", "raw", "rf64", "w64", "wma"}
)


@dataclass(frozen=True)
class Take:
    """A finished file. lufs, true_peak_db: None for silence. notes: sentences for the user on its making.

    others: candidates that fitted their prompt less well, in the library as files of their own.
    """

    path: Path
    recipe: Recipe
    seconds: float
    rate: int
    channels: int
    lufs: float | None
    true_peak_db: float | None
    notes: tuple[str, ...] = ()
    others: tuple[Take, ...] = ()


def write_take(
    blocks: Iterable[NDArray[np.float32]],
    rate: int,
    recipe: Recipe,
    target: Path | None,
    library: Path,
    naming: Naming | None = None,
    looped: bool = False,
    report: Report = silent,
) -> Take:
    """Finish the sound of `blocks`, (samples, channels) at `rate` Hz, and put it into a new file.

    target: a file that does not exist yet (a name that ends in .wav or .flac), a folder, or None for the
    library's folder of the day. What `completed` knows is filled in. Before a block is taken, the place is
    tried out, so that no render is lost to a mistyped folder. When anything fails or is interrupted, nothing
    stays behind. looped: the blocks are one whole turn, which a scene that loops says by itself.
    Raises UsageError for a target that cannot be, EngineError when the disk is full or read-only or the model
    made no sound, and whatever `blocks` or `report` raise.
    """
    naming = (naming or Naming()).checked()
    recipe = completed(recipe)
    if target is not None:
        check_target(target, recipe)
    folder = _folder(recipe, target, library)
    scene = recipe.scene
    looped, keep = looped or scene.loop, kept(scene)
    finished = mastered(blocks, rate, recipe.output, scene.seconds, folder, looped, report, keep)
    return _filed(finished, recipe, target, folder, naming)


def write_again(path: Path, recipe: Recipe, target: Path, report: Report = silent) -> Take:
    """Finish the sound of a finished file anew, as `recipe.output` says, and put it into a new file.

    recipe: of the new file; nothing of its scene is rendered, only whether it loops counts. target: a file or
    folder. Raises like `write_take`, and EngineError when `path` cannot be read.
    """
    recipe, info = completed(recipe), sound_info(path)
    check_target(target, recipe)
    folder = _folder(recipe, target, target)
    looped, seconds = recipe.scene.loop, info.samples / info.rate
    finished = mastered(read_blocks(path), info.rate, recipe.output, seconds, folder, looped, report)
    return _filed(finished, recipe, target, folder, Naming())


def read_take(path: Path | str) -> Take:
    """The take in a file. Raises EngineError when the file is not there, damaged, or has no recipe."""
    path = Path(path)
    recipe, figures = read_recipe_and_sound(path)
    info = sound_info(path)
    return Take(
        path=path,
        recipe=recipe,
        seconds=info.seconds,
        rate=info.rate,
        channels=info.channels,
        lufs=_number(figures.get("lufs")),
        true_peak_db=_number(figures.get("true_peak_db")),
        notes=tuple(str(note) for note in figures.get("notes") or ()),
    )


def completed(recipe: Recipe) -> Recipe:
    """The recipe with the moment, the category of the prompt and a clip id, where they are empty."""
    return replace(
        recipe,
        created=recipe.created or datetime.now().astimezone().isoformat(timespec="seconds"),
        category=recipe.category or ucs.choose(recipe.scene.prompt).cat_id,
        clip=recipe.clip or secrets.token_hex(CLIP_BYTES),
    )


def check_target(target: Path, recipe: Recipe) -> None:
    """Raise UsageError when no take can be written to that file or folder."""
    kind = _kind(target)
    if kind == "folder":
        return
    if kind:
        raise UsageError(f"{target} exists already and is never overwritten: choose another name.")
    ending = target.suffix.lower().lstrip(".")
    if ending in _OTHER_SOUND:
        raise UsageError(f"{target} cannot be written: the formats are {' and '.join(FORMATS)}.")
    if ending in FORMATS and ending != recipe.output.format:
        raise UsageError(
            f"{target} ends in .{ending}, but the format is {recipe.output.format}: change one of the two."
        )


def _kind(target: Path) -> str:
    """ "folder", "file" or nothing, at one look: another job may just be making or removing it."""
    try:
        mode = target.stat().st_mode
    except OSError:
        return ""
    return "folder" if stat.S_ISDIR(mode) else "file"


def _filed(
    finished: AbstractContextManager[Master],
    recipe: Recipe,
    target: Path | None,
    folder: Path,
    naming: Naming,
) -> Take:
    with told(folder), made_folder(folder), unfinished(folder) as part, finished as master:
        sound = master.sound
        _write(part, master, recipe, naming)
        path = publish(part, _names(recipe, target, folder, naming))
    figures = sound_figures(sound)
    return Take(
        path=path,
        recipe=recipe,
        seconds=sound.seconds,
        rate=sound.rate,
        channels=sound.channels,
        lufs=figures["lufs"],
        true_peak_db=figures["true_peak_db"],
        notes=sound.notes,
    )


def _write(part: Path, master: Master, recipe: Recipe, naming: Naming) -> None:
    names = naming.names(recipe)
    if recipe.output.format == "flac":
        master.write(part)
        write_flac_comments(part, recipe, master.sound, names)
    else:
        master.write(part, *wav_chunks(recipe, master.sound, names))
        write_digest(part)


def _folder(recipe: Recipe, target: Path | None, library: Path) -> Path:
    if target is None:
        return library / recipe.created[:10]
    return target if _is_folder(target) else target.parent


def _names(recipe: Recipe, target: Path | None, folder: Path, naming: Naming) -> Iterator[Path]:
    """The names that the file may get, best first: it takes the first that is free."""
    ending = f".{recipe.output.format}"
    if target is None or _is_folder(target):
        for number in range(1, MOST_NAMESAKES):
            yield folder / (naming.stem(recipe, number) + ending)
        return
    yield target
    # Only when somebody took the name while the model was at work: the sound is worth more than the name.
    for number in range(2, MOST_NAMESAKES):
        yield target.with_name(f"{target.stem}_{number:02d}{ending}")


def _is_folder(target: Path) -> bool:
    return target.is_dir() or target.suffix.lower().lstrip(".") not in FORMATS


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else None
