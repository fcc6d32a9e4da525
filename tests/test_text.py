"""The text tower: tokens, pooling, padding, vocabulary files."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from engine.errors import EngineError, UsageError
from engine.models import store, tokens
from engine.models.sizes import FULL, TINY
from engine.models.text import TextEncoder, TextEncoderConfig


@pytest.fixture
def tower() -> TextEncoder:
    torch.manual_seed(0)
    return TextEncoder(TINY.text_encoder).eval()


def test_padding_does_not_change_a_sentence(tower: TextEncoder) -> None:
    sentences = ["rain", "steady rain on tin"]
    together = tower.encode(sentences)
    alone = torch.cat([tower.encode([sentence]) for sentence in sentences])
    assert together.shape == (2, TINY.text_encoder.clap_width)
    torch.testing.assert_close(together, alone, rtol=0, atol=3e-6)


def test_the_small_tower_reads_a_shout_as_the_plain_word(tower: TextEncoder) -> None:
    torch.testing.assert_close(tower.encode(["THUNDER!!"]), tower.encode(["thunder"]))


def test_an_exclamation_mark_that_pads_is_taken_out() -> None:
    config = TextEncoderConfig(
        width=32, layers=1, heads=2, vocabulary=300, clap_width=8, padding="!", plain=False
    )
    full = TextEncoder(config).eval()
    assert full.token_ids(["Thunder! Rain!"]) == full.token_ids(["Thunder Rain"])
    assert full.tokenizer.token_to_id("!") == 0
    assert full.token_ids(["Rain"]) != full.token_ids(["rain"])


def test_the_last_token_is_the_end_however_long_the_sentence(tower: TextEncoder) -> None:
    end = tower.tokenizer.token_to_id(tokens.END)
    for sentence in ("", "rain", "rain " * 500, f"rain {tokens.END} wind"):
        (row,) = tower.token_ids([sentence])
        assert row[-1] == end
        assert row.count(end) == 1
        assert len(row) <= TINY.text_encoder.positions


def test_any_text_has_tokens_and_comes_back() -> None:
    text = "Regen auf Zeltdach, 雨 und ☂"
    tokenizer = tokens.byte_tokenizer()
    assert tokenizer.decode(tokenizer.encode(text).ids) == text


def test_a_learnt_vocabulary_is_the_same_each_time_and_shorter_than_bytes() -> None:
    sentences = ["steady rain on a tent", "rain on a tin roof", "distant thunder and rain"] * 20
    first, second = (tokens.learn_tokenizer(sentences, 290) for _ in range(2))
    assert first.to_str() == second.to_str()
    assert first.get_vocab_size() == 290
    assert len(first.encode("rain on a tent").ids) < len("rain on a tent")


def test_a_word_is_the_same_token_at_the_beginning_and_inside() -> None:
    tokenizer = tokens.learn_tokenizer(["the gale howled", "a gale at sea", "rain and a gale"] * 20, 300)
    (alone,), (inside,) = (tokens.token_ids(tokenizer, [text], 64) for text in ("gale", "a gale"))
    assert alone == inside[1:]


def test_a_saved_vocabulary_is_read_back(tower: TextEncoder, tmp_path: Path) -> None:
    tower.use_tokenizer(tokens.learn_tokenizer(["rain on a tent"] * 20, 300))
    tower.save_extra(tmp_path)
    other = TextEncoder(TINY.text_encoder).eval()
    other.load_state_dict(tower.state_dict())
    other.load_extra(tmp_path)
    torch.testing.assert_close(other.encode(["rain on a tent"]), tower.encode(["rain on a tent"]))


def test_a_damaged_vocabulary_is_named(tower: TextEncoder, tmp_path: Path) -> None:
    (tmp_path / "tokenizer.json").write_text("{")
    with pytest.raises(EngineError, match=r"tokenizer\.json"):
        tower.load_extra(tmp_path)


def test_a_vocabulary_too_large_for_the_embedding_is_refused(tower: TextEncoder) -> None:
    words = ["".join(pair) for pair in zip("abcdefghijklmnopqrstuvwxyz" * 4, "zyxwvutsrqponm" * 9)]
    with pytest.raises(EngineError, match="room for 300"):
        tower.use_tokenizer(tokens.learn_tokenizer([" ".join(words)] * 3, 400))


def test_heads_that_do_not_divide_the_width_are_refused() -> None:
    with pytest.raises(UsageError, match="heads"):
        TextEncoderConfig(width=100, heads=7)


def test_the_full_tower_has_the_weights_of_gpt2() -> None:
    with torch.device("meta"):
        tower = TextEncoder(FULL.text_encoder)
    assert sum(weight.numel() for weight in tower.gpt2.parameters()) == 124_439_808


@torch.no_grad()
def test_conditions_are_drawn_to_the_landmarks_and_the_empty_one_is_not(tmp_path: Path) -> None:
    model = store.create("tiny", 0)
    tower = model.text_encoder
    said = ["rain on a roof", "a ticking clock", ""]
    plain = tower.encode(said)
    assert torch.equal(tower.conditions(said), plain), "without landmarks nothing is drawn anywhere"
    marks = torch.randn(5, plain.shape[1], generator=torch.Generator().manual_seed(1))
    nuance = torch.nn.functional.normalize(
        torch.randn(1, plain.shape[1], generator=torch.Generator().manual_seed(2))
    )
    tower.set_landmarks(marks, nuance)
    drawn = tower.conditions(said)
    assert torch.equal(drawn[2], plain[2])
    assert torch.allclose(drawn.norm(dim=1), plain.norm(dim=1))
    nearest = torch.cosine_similarity(plain[:2, None], marks[None], dim=2).argmax(1)
    before, after = (torch.cosine_similarity(vectors[:2], marks[nearest]) for vectors in (plain, drawn))
    assert (after > before + 0.1).all()
    kept = [torch.nn.functional.normalize(vectors[:2]) @ nuance.T for vectors in (plain, drawn)]
    assert torch.equal(kept[0].sign(), kept[1].sign()), "a nuance is not drawn away"

    store.save(model, tmp_path, torch.float32)
    assert torch.allclose(store.load(tmp_path).text_encoder.conditions(said), drawn, atol=1e-5)


@torch.no_grad()
def test_what_a_word_of_nuance_adds_can_be_stressed() -> None:
    tower = store.create("tiny", 0).text_encoder
    said = ["heavy rain", "light rain"]
    first, second = torch.nn.functional.normalize(tower.encode(said), dim=1)
    nuance = torch.nn.functional.normalize(first - second, dim=0)[None]
    tower.set_landmarks(torch.stack([first + second, -first]), nuance)

    def likeness(stress: float) -> float:
        tower.config = replace(tower.config, stress=stress)
        heavy, light = tower.conditions(said)
        return float(torch.cosine_similarity(heavy, light, dim=0))

    assert likeness(2.0) < likeness(1.0) < likeness(0.0) < 1


@torch.no_grad()
def test_a_seed_goes_a_mixture_of_the_ways_of_its_nearest_landmark(tmp_path: Path) -> None:
    model = store.create("tiny", 0)
    tower = model.text_encoder
    said = ["rain on a roof", "a ticking clock", ""]
    marks = torch.nn.functional.normalize(tower.encode(said[:2]), dim=1)
    tower.set_landmarks(marks, torch.zeros(1, marks.shape[1]))
    ways = 0.5 * torch.nn.functional.normalize(
        torch.randn(3, marks.shape[1], generator=torch.Generator().manual_seed(1)), dim=1
    )
    tower.set_ways(ways, torch.tensor([0, 0, 0]))
    still = tower.conditions(said)
    moved = torch.stack([tower.conditions(said, seed) for seed in range(12)])
    assert torch.allclose(moved.norm(dim=2), still.norm(dim=1).expand(12, 3), rtol=1e-5)
    assert torch.equal(moved[:, 1:], still[1:].expand(12, 2, -1)), "only rain has ways"
    assert len({tuple(row.tolist()) for row in moved[:, 0].round(decimals=4)}) == 12
    gone = torch.nn.functional.normalize(moved[:, 0], dim=1) - torch.nn.functional.normalize(still[0], dim=0)
    plane = torch.linalg.qr(torch.cat([ways, still[:1]]).T).Q
    assert torch.allclose(gone @ plane @ plane.T, gone, atol=1e-5), "nothing but ways is gone"
    assert torch.cosine_similarity(gone[:, None], ways[None], dim=2).abs().max() < 0.999, "no way alone"
    assert torch.equal(tower.conditions(said, 3), tower.conditions(said, 3))

    store.save(model, tmp_path, torch.float32)
    again = store.load(tmp_path).text_encoder
    assert torch.allclose(again.conditions(said, 5), tower.conditions(said, 5), atol=1e-5)
    again.set_landmarks(marks, torch.zeros(1, marks.shape[1]))
    assert torch.equal(again.conditions(said, 5), again.conditions(said))
