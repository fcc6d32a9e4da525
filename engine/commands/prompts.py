"""The list that a batch works through: prompts one a line, or a CSV with the columns of a Scene.

It reads a file and names its lines; what a scene may be is not its business.
"""

from __future__ import annotations

import csv
import io
import sys
from collections.abc import Iterator
from dataclasses import dataclass, fields
from pathlib import Path

from engine.configs import nearest
from engine.errors import EngineError, UsageError
from engine.scene import Scene

COLUMNS = tuple(field.name for field in fields(Scene))
MAX_BYTES = 50_000_000


@dataclass(frozen=True)
class Line:
    """A line that asks for a clip: its number in the file, and Scene columns that are not empty, as text."""

    number: int
    columns: dict[str, str]


def read_lines(name: str) -> list[Line]:
    """The lines of the file `name`; "-" is standard input.

    A name that ends in .csv is read as CSV with a header; comma, semicolon and tab are understood. Blank
    lines and lines that begin with # are passed over. Raises UsageError when the file is no such list,
    EngineError when it cannot be read.
    """
    text = _text(name)
    lines = list(_rows(text, name) if name.lower().endswith(".csv") else _prompts(text))
    if not lines:
        raise UsageError(f"There is no prompt in {_shown(name)}: write one a line.")
    return lines


def _prompts(text: str) -> Iterator[Line]:
    for number, line in enumerate(text.splitlines(), start=1):
        prompt = line.strip()
        if prompt and not prompt.startswith("#"):
            yield Line(number, {"prompt": prompt})


def _rows(text: str, name: str) -> Iterator[Line]:
    first = next((line for line in text.splitlines() if _counts(line)), "")
    delimiter = max(",;\t", key=first.count)
    table = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    header: list[str] = []
    before = 0
    try:
        for cells in table:
            number, before = before + 1, table.line_num
            if not any(map(str.strip, cells)) or cells[0].lstrip().startswith("#"):
                continue
            if not header:
                header = _header(cells, name)
            else:
                yield Line(number, _columns(header, cells, f"{name}, line {number}"))
    except csv.Error as error:
        raise UsageError(f"{name}, line {table.line_num} is not CSV ({error}): mend the quotes.") from None


def _header(cells: list[str], name: str) -> list[str]:
    header = [cell.strip().lower().replace(" ", "_") for cell in cells]
    for column in header:
        if column not in COLUMNS:
            raise UsageError(f"{name} has a column {column[:40]!r}{nearest(column, COLUMNS)}")
        if header.count(column) > 1:
            raise UsageError(f"{name} has the column '{column}' twice: remove one.")
    if "prompt" not in header:
        raise UsageError(f"{name} has no column 'prompt': its first line must name the columns.")
    return header


def _columns(header: list[str], cells: list[str], where: str) -> dict[str, str]:
    if len(cells) > len(header):
        raise UsageError(f"{where} has {len(cells)} cells for {len(header)} columns: is a quote missing?")
    texts = {column: cell.strip() for column, cell in zip(header, cells)}
    return {column: text for column, text in texts.items() if text or column == "prompt"}


def _counts(line: str) -> bool:
    return bool(line.strip()) and not line.lstrip().startswith("#")


def _text(name: str) -> str:
    try:
        if name == "-":
            content = sys.stdin.buffer.read(MAX_BYTES + 1)
        else:
            with Path(name).expanduser().open("rb") as file:
                content = file.read(MAX_BYTES + 1)
        if len(content) > MAX_BYTES:
            raise UsageError(f"{_shown(name)} is too large for a list of prompts: is it the right file?")
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UsageError(f"{_shown(name)} is not text in UTF-8: save it as UTF-8.") from None
    except FileNotFoundError:
        raise UsageError(f"There is no file {name}: check its name.") from None
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise EngineError(f"{_shown(name)} cannot be read ({reason}).") from error


def _shown(name: str) -> str:
    return "standard input" if name == "-" else name
