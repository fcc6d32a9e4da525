"""The prompts to measure with, and that nothing is learnt from them."""

from __future__ import annotations

from engine.evaluation.families import FAMILIES, family_of
from engine.training.held_back import held_back_prompts, is_held_back
from engine.training.sentences import SentencesConfig, make_sentences


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
