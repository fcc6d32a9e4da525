"""How text is searched: letters without accents and case, and words found by their beginnings.

The index and the question go through the same fold, so that what is typed is what is found. This module knows
no database; it only writes the one expression that FTS5 reads.
"""

from __future__ import annotations

import re
import unicodedata

LONGEST_QUERY = 500
MOST_WORDS = 12

# Scripts that put no blanks between words: each letter is a word of its own.
_UNSPACED = re.compile("([\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff\u0e00-\u0eff])")
_SPELT = str.maketrans({"ß": "ss", "ø": "o", "æ": "ae", "œ": "oe", "ł": "l", "đ": "d", "ı": "i", "þ": "th"})


def folded(text: str) -> list[str]:
    """The words of a text, without accents and case: "Dépôt—N°5" is depot, n, 5."""
    if text.isascii():
        return re.findall(r"[a-z0-9]+", text.lower())
    # The marks are dropped before the words are cut: they are no letters, and would cut them.
    apart = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join(letter for letter in apart if not unicodedata.combining(letter)).casefold()
    return re.findall(r"[^\W_]+", _UNSPACED.sub(r" \1 ", plain.translate(_SPELT)))


def match_expression(query: str) -> str:
    """The FTS5 expression for what a user typed: every word, in any order, each by its beginning.

    Nothing in the query is an operator; empty when it has no word. Only the first MOST_WORDS words count.
    """
    words = list(dict.fromkeys(folded(query[:LONGEST_QUERY])))[:MOST_WORDS]
    return " AND ".join(f'"{word}"*' for word in words)
