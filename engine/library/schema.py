"""The tables of the index. Whoever changes them counts SCHEMA_VERSION up: an older index is then built anew.

This module is a text that SQLite reads; the columns are filled by `rows`.
"""

from __future__ import annotations

SCHEMA_VERSION = 1

COLUMNS = {
    "id": "TEXT NOT NULL UNIQUE",
    "clip": "TEXT NOT NULL",
    "path": "BLOB NOT NULL UNIQUE",
    "size": "INTEGER NOT NULL",
    "mtime_ns": "INTEGER NOT NULL",
    "title": "TEXT NOT NULL",
    "prompt": "TEXT NOT NULL",
    "scene": "TEXT NOT NULL",
    "tags": "TEXT NOT NULL",
    "starred": "INTEGER NOT NULL",
    "notes": "TEXT NOT NULL",
    "rejected": "INTEGER NOT NULL",
    "category": "TEXT NOT NULL",
    "seconds": "REAL NOT NULL",
    "rate": "INTEGER NOT NULL",
    "channels": "INTEGER NOT NULL",
    "bpm": "REAL",
    "bars": "REAL",
    "loop": "INTEGER NOT NULL",
    "lufs": "REAL",
    "true_peak_db": "REAL",
    "model": "TEXT NOT NULL",
    "weight_hash": "TEXT NOT NULL",
    "seed": "INTEGER NOT NULL",
    "parent": "TEXT NOT NULL",
    "created": "TEXT NOT NULL",
    "created_at": "REAL NOT NULL",
    "digest": "TEXT NOT NULL",
    "own": "INTEGER NOT NULL",
    "missing": "INTEGER NOT NULL",
    "trashed": "INTEGER NOT NULL",
    "words": "TEXT NOT NULL",
}
"""clip: the id in the file, which copies share. path: relative to the library where it lies below it, in the
file system's bytes. digest: of the samples, empty when unknown. words: everything that is searched, folded."""

SCHEMA = (
    "CREATE TABLE meta (name TEXT PRIMARY KEY, value) WITHOUT ROWID",
    f"CREATE TABLE clips (number INTEGER PRIMARY KEY, {', '.join(f'{n} {t}' for n, t in COLUMNS.items())})",
    "CREATE INDEX by_clip ON clips (clip)",
    # Lists and counts without a word to search for are answered from this one alone.
    "CREATE INDEX by_created ON clips (trashed, rejected, created_at)",
    "CREATE TABLE tags (tag TEXT, number INTEGER, PRIMARY KEY (tag, number)) WITHOUT ROWID",
    "CREATE VIRTUAL TABLE search USING fts5"
    " (words, content='clips', content_rowid='number', prefix='1 2 3', tokenize='unicode61')",
    "CREATE TRIGGER clip_added AFTER INSERT ON clips BEGIN"
    " INSERT INTO search (rowid, words) VALUES (new.number, new.words); END",
    "CREATE TRIGGER clip_gone AFTER DELETE ON clips BEGIN"
    " INSERT INTO search (search, rowid, words) VALUES ('delete', old.number, old.words);"
    " DELETE FROM tags WHERE number = old.number; END",
    "CREATE TRIGGER clip_changed AFTER UPDATE OF words ON clips WHEN old.words <> new.words BEGIN"
    " INSERT INTO search (search, rowid, words) VALUES ('delete', old.number, old.words);"
    " INSERT INTO search (rowid, words) VALUES (new.number, new.words); END",
)
