"""Phrases in other languages: whole rows, pairs that mean what they say, the same each time."""

from __future__ import annotations

from engine.training.translations import ENGLISH, LANGUAGES, read_phrases, translated


def test_every_phrase_has_every_language_and_none_comes_twice() -> None:
    rows = read_phrases()
    for row in rows:
        assert set(row) == {ENGLISH, *LANGUAGES}
        assert all(phrase and phrase == phrase.strip() for phrase in row.values())
    for language in (ENGLISH, *LANGUAGES):
        said = [row[language] for row in rows]
        assert len(set(said)) == len(said)


def test_pairs_mean_the_two_phrases_in_them() -> None:
    alone = len(read_phrases()) * len(LANGUAGES)
    pairs = translated(400, seed=1)
    assert pairs == translated(400, seed=1) != translated(400, seed=2)
    meaning = {row[language]: row[ENGLISH] for row in read_phrases() for language in LANGUAGES}
    for said, meant in pairs[alone:]:
        first, second = meant.split(" and ") if meant.count(" and ") == 1 else ("", "")
        inside = {english for phrase, english in meaning.items() if phrase in said}
        assert not first or {first, second} <= inside


def test_no_sentence_comes_twice() -> None:
    said = [sentence for sentence, _ in translated(2000)]
    assert len(set(said)) == len(said) > 2000
