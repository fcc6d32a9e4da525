"""The prompts to measure with, and that nothing is learnt from them."""

from __future__ import annotations

from collections import Counter

import pytest

from engine.evaluation.families import FAMILIES, family_of
from engine.training import translations
from engine.training.held_back import held_back_languages, held_back_prompts, is_held_back
from engine.training.sentences import SentencesConfig, make_sentences
from engine.training.translations import LANGUAGES, read_phrases, translated


def test_there_are_a_hundred_over_at_least_forty_scenes_of_known_families() -> None:
    prompts = held_back_prompts()
    assert len({one.prompt for one in prompts}) == 100
    assert len({one.scene for one in prompts}) >= 40
    assert {family_of(one.scene) for one in prompts} <= set(FAMILIES)


def test_a_held_back_prompt_is_known_in_any_letters() -> None:
    assert is_held_back("Soft drizzle over the allotments, before breakfast.")
    assert not is_held_back("soft drizzle")


def test_no_sentence_to_learn_from_is_held_back() -> None:
    stolen = held_back_prompts()[0]
    small = SentencesConfig(
        paraphrases=0, combinations=0, templates=5, dictionary_words=0, dictionary_glosses=0
    )
    sentences = make_sentences({stolen.scene: [stolen.prompt, "rain on a tent"]}, small)
    assert "rain on a tent" in sentences
    assert stolen.prompt not in sentences


def test_ten_common_scenes_are_held_back_in_four_other_languages_too() -> None:
    foreign, english = held_back_languages(), {one.scene for one in held_back_prompts()}
    assert len({one.prompt for one in foreign}) == 40
    assert Counter(one.language for one in foreign) == dict.fromkeys(LANGUAGES, 10)
    assert len({(one.scene, one.language) for one in foreign}) == 40
    assert {one.scene for one in foreign} <= english
    assert is_held_back("Au lever du jour merles et mésanges chantent sous les hêtres!")


def test_no_held_back_prompt_is_a_phrase_that_the_text_tower_learns() -> None:
    phrases = {phrase.lower() for row in read_phrases() for phrase in row.values()}
    assert not phrases & {one.prompt.lower() for one in held_back_languages()}
    assert not any(is_held_back(said) for said, _ in translated(2000))


def test_a_translation_that_is_held_back_is_not_learnt(monkeypatch: pytest.MonkeyPatch) -> None:
    stolen = held_back_languages()[0]
    phrases = [{"english": "rain", **dict.fromkeys(LANGUAGES, stolen.prompt)}]
    phrases.append({"english": "wind", **dict.fromkeys(LANGUAGES, "Wind")})
    monkeypatch.setattr(translations, "read_phrases", lambda: phrases)
    learnt = dict(translated(8))
    assert learnt["Wind"] == "wind"
    assert stolen.prompt not in learnt
