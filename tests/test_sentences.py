"""Sentences for the text tower, and the dictionary they draw on."""

from __future__ import annotations

import logging
import random
from dataclasses import replace
from pathlib import Path

import pytest

from engine.errors import EngineError
from engine.training import wordnet
from engine.training.sentences import SentencesConfig, dictionary_sentences, make_sentences, paraphrase

CAPTIONS = {"rain": ["steady rain on a tent", "heavy rain, mono"], "night_insects": ["crickets at night"]}
SMALL = SentencesConfig(
    paraphrases=40, combinations=40, templates=60, dictionary_words=0, dictionary_glosses=0
)

LICENCE = "  1 This software and database is being provided to you  \n"
GALE = (
    '11473954 19 n 02 gale 0 sea_wind 0 001 @ 11524662 n 0000 | a strong wind at sea; "the gale howled"  \n'
)
PARIS = "08932568 15 n 01 Paris 0 000 | the capital of France  \n"
CALM = "00010101 00 a 01 calm(a) 0 000 | not agitated; without losing self-possession  \n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in zip(wordnet.FILES, (GALE + PARIS, "", CALM)):
        (tmp_path / name).write_text(LICENCE + text)
    return tmp_path


def test_the_same_seed_gives_the_same_sentences_and_none_twice() -> None:
    first, again = (make_sentences(CAPTIONS, SMALL) for _ in range(2))
    assert first == again
    assert len(first) == len(set(first))
    assert first != make_sentences(CAPTIONS, replace(SMALL, seed=1))


def test_captions_come_first_and_scene_names_are_words() -> None:
    sentences = make_sentences(CAPTIONS, SMALL)
    assert sentences[:3] == ["crickets at night", "steady rain on a tent", "heavy rain, mono"]
    assert "night insects" in sentences


def test_words_that_no_caption_has_are_among_the_sentences() -> None:
    sentences = set(make_sentences({}, SMALL))
    assert {"downpour", "a bonfire", "sparrows", "the seaside", "computer fan"} <= sentences


def test_other_captions_leave_the_templates_as_they_are() -> None:
    """Their vectors are in the cache already."""
    only_templates = replace(SMALL, paraphrases=0, combinations=0)
    assert set(make_sentences({}, only_templates)) <= set(make_sentences(CAPTIONS, SMALL))


def test_no_sentence_has_an_empty_place() -> None:
    for sentence in make_sentences(CAPTIONS, replace(SMALL, templates=2000)):
        assert "{" not in sentence
        assert sentence == sentence.strip() != ""


def test_a_paraphrase_exchanges_words() -> None:
    chance = random.Random(0)
    found = {paraphrase("steady rain", chance) for _ in range(60)}
    assert any("downpour" in sentence or "drizzle" in sentence for sentence in found)


def test_a_synset_is_read_with_words_gloss_and_examples(folder: Path) -> None:
    gale, paris, calm = wordnet.read_synsets(folder)
    assert gale == wordnet.Synset(
        ("gale", "sea wind"), "noun.phenomenon", "a strong wind at sea", ("the gale howled",)
    )
    assert paris.topic == "noun.location"
    assert calm.words == ("calm",)


def test_the_dictionary_gives_common_words_and_glosses_but_no_names(folder: Path) -> None:
    sentences = dictionary_sentences(folder, 100, 100, random.Random(0))
    assert any("gale" in sentence for sentence in sentences)
    assert any("a strong wind at sea" in sentence for sentence in sentences)
    assert not any("Paris" in sentence for sentence in sentences)


def test_without_the_dictionary_training_goes_on_with_a_message(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        assert dictionary_sentences(tmp_path, 10, 10, random.Random(0)) == []
    assert "wordnet-base" in caplog.text


def test_a_damaged_dictionary_is_named_with_its_line(folder: Path) -> None:
    (folder / "data.verb").write_text(LICENCE + "nonsense\n")
    with pytest.raises(EngineError, match=r"Line 2 of .*data\.verb"):
        list(wordnet.read_synsets(folder))
