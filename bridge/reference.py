"""The reference in the README, made from the table. `python -m bridge.reference` prints it.

This module knows no socket.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator

from bridge.addresses import ANSWERS, CODES, REQUESTS, Address

BEGIN = "<!-- from bridge/addresses.py: begin -->"
END = "<!-- from bridge/addresses.py: end -->"


def reference() -> str:
    """Three tables in Markdown: what can be asked, what is answered, and what the codes of errors mean."""
    return "\n".join(
        [*_rows(REQUESTS.values(), "ask"), "", *_rows(ANSWERS.values(), "answer"), "", *_codes(), ""]
    )


def _rows(rows: Iterable[Address], title: str) -> Iterator[str]:
    yield f"| {title} | |"
    yield "|---|---|"
    for row in rows:
        yield f"| `{row.usage}` | {row.sentence} |"


def _codes() -> Iterator[str]:
    yield "| code of an error | |"
    yield "|---|---|"
    for code, meaning in CODES.items():
        yield f"| `{code}` | {meaning} |"


if __name__ == "__main__":
    sys.stdout.write(reference())
