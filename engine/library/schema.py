"""The tables of the index. Whoever changes them counts SCHEMA_VERSION up: an older index is then built anew.

`clips` holds what is filtered, sorted and counted, so narrow that 50,000 rows are 5 MB; `details` holds what
is shown and searched. Both go by `number`, the moment of making in microseconds: so the newest clips come
first without sorting, from the full-text index too. This module is a text that SQLite reads.
"""

from __future__ import annotations

SCHEMA_VERSION = 1

CLIPS = {
    "id": "TEXT NOT NULL UNIQUE",
    "clip": "TEXT NOT NULL",
    "trashed": "INTEGER NOT NULL",
    "rejected": "INTEGER NOT NULL",
    "starred": "INTEGER NOT NULL",
    "loop": "INTEGER NOT NULL",
    "missing": "INTEGER NOT NULL",
    "own": "INTEGER NOT NULL",
    "seconds": "REAL NOT NULL",
    "bpm": "REAL",
    "bars": "REAL",
    "lufs": "REAL",
    "category": "TEXT NOT NULL",
    "model": "TEXT NOT NULL",
    "title_key": "TEXT NOT NULL",
}
"""clip: the id in the file, which copies share. title_key: the first letters of the title, folded."""

DETAILS = {
    "path": "BLOB NOT NULL UNIQUE",
    "size": "INTEGER NOT NULL",
    "mtime_ns": "INTEGER NOT NULL",
    "title": "TEXT NOT NULL",
    "prompt": "TEXT NOT NULL",
    "scene": "TEXT NOT NULL",
    "tags": "TEXT NOT NULL",
    "notes": "TEXT NOT NULL",
    "rate": "INTEGER NOT NULL",
    "channels": "INTEGER NOT NULL",
    "true_peak_db": "REAL",
    "weight_hash": "TEXT NOT NULL",
    "seed": "INTEGER NOT NULL",
    "parent": "TEXT NOT NULL",
    "created": "TEXT NOT NULL",
    "digest": "TEXT NOT NULL",
    "words": "TEXT NOT NULL",
}
"""path: in the file system's bytes, relative to the library where it lies below it. digest: of the samples,
empty when unknown. words: everything that is searched, folded."""


def _table(name: str, columns: dict[str, str]) -> str:
    lines = ", ".join(f"{column} {kind}" for column, kind in columns.items())
    return f"CREATE TABLE {name} (number INTEGER PRIMARY KEY, {lines})"


SCHEMA = (
    "CREATE TABLE meta (name TEXT PRIMARY KEY, value) WITHOUT ROWID",
    _table("clips", CLIPS),
    _table("details", DETAILS),
    "CREATE INDEX by_clip ON clips (clip)",
    "CREATE TABLE tags (tag TEXT, number INTEGER, PRIMARY KEY (tag, number)) WITHOUT ROWID",
    "CREATE VIRTUAL TABLE search USING fts5"
    " (words, content='details', content_rowid='number', prefix='1 2 3', tokenize='unicode61')",
    "CREATE TRIGGER words_added AFTER INSERT ON details BEGIN"
    " INSERT INTO search (rowid, words) VALUES (new.number, new.words); END",
    "CREATE TRIGGER words_gone AFTER DELETE ON details BEGIN"
    " INSERT INTO search (search, rowid, words) VALUES ('delete', old.number, old.words); END",
    "CREATE TRIGGER words_changed AFTER UPDATE OF words ON details WHEN old.words <> new.words BEGIN"
    " INSERT INTO search (search, rowid, words) VALUES ('delete', old.number, old.words);"
    " INSERT INTO search (rowid, words) VALUES (new.number, new.words); END",
    "CREATE TRIGGER clip_gone AFTER DELETE ON clips BEGIN"
    " DELETE FROM details WHERE number = old.number; DELETE FROM tags WHERE number = old.number; END",
)
