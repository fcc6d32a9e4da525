"""Vocabularies of the text tower: byte-level BPE as GPT-2 has it, so that no text is unknown.

It knows no network.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, trainers

END = "<|endoftext|>"
PADDING = "<|padding|>"
SMALLEST = 258  # 256 bytes, the end and the padding

# GPT-2 numbers the bytes so: the printable ones, then the rest. `!` is 0, which CLAP 2023 pads with.
_PRINTABLE = (*range(ord("!"), ord("~") + 1), *range(0xA1, 0xAC + 1), *range(0xAE, 0xFF + 1))

_AT_ONCE = 4096  # an encoding holds more than its numbers: 10 KB a sentence


def byte_tokenizer(padding: str = PADDING) -> Tokenizer:
    """A vocabulary without merges: one token a byte, then the end and the padding. For a tower before its
    training.
    """
    symbols = [chr(byte) for byte in _PRINTABLE] + [
        chr(256 + index) for index in range(256 - len(_PRINTABLE))
    ]
    tokenizer = _byte_level(
        models.BPE(vocab={symbol: index for index, symbol in enumerate(symbols)}, merges=[])
    )
    tokenizer.add_special_tokens([_special(END)] + ([_special(padding)] if padding not in symbols else []))
    return tokenizer


def learn_tokenizer(sentences: Iterable[str], size: int) -> Tokenizer:
    """A byte-level BPE of `size` tokens at most, learnt from sentences in lower case.

    A sentence begins with a space, unlike GPT-2's, so that a word is the same token at its beginning as
    inside it: without, "gale" alone was two tokens that hardly any sentence has, at cosine 0.61 to its
    teacher, and "the sound of a gale" at 0.95.
    """
    tokenizer = _byte_level(models.BPE(), first_space=True)
    trainer = trainers.BpeTrainer(
        vocab_size=size,
        special_tokens=[END, PADDING],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(sentences, trainer)
    return tokenizer


def tidied(sentence: str, padding: str, plain: bool) -> str:
    """The sentence without marks that the tower would misread.

    A padding that is itself a mark of writing (`!` in CLAP 2023) is taken out: the original pools at the
    count of tokens that are not padding, so `Thunder!` would be pooled one token early. `plain`: lower case,
    no final marks.
    """
    words = " ".join(sentence.replace(END, " ").replace(padding, " ").split())
    return words.lower().strip(" .!?;:,\"'") if plain else words


def token_ids(tokenizer: Tokenizer, sentences: Sequence[str], positions: int) -> list[list[int]]:
    """The tokens of `sentence + " <|endoftext|>"`, at most `positions`, the end token always last."""
    end = int(tokenizer.token_to_id(END) or 0)
    texts = [f"{sentence} {END}" for sentence in sentences]
    parts = [texts[start : start + _AT_ONCE] for start in range(0, len(texts), _AT_ONCE)]
    rows = [encoding.ids for part in parts for encoding in tokenizer.encode_batch_fast(part)]
    return [row if len(row) <= positions else [*row[: positions - 1], end] for row in rows]


def _byte_level(model: models.BPE, first_space: bool = False) -> Tokenizer:
    tokenizer = Tokenizer(model)
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=first_space)
    tokenizer.decoder = decoders.ByteLevel()
    return tokenizer


def _special(token: str) -> AddedToken:
    return AddedToken(token, special=True, normalized=False)
