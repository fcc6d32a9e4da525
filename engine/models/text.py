"""The text tower: GPT-2 over the tokens of a sentence, pooled at the last one and projected into the CLAP
space.

As in CLAP 2023 (Elizalde et al., arXiv 2309.05767). Shipped small, with its own byte-level BPE vocabulary;
the same class takes the original at full size. It knows no audio and no Scene.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import torch
import torch.nn.functional as F
from tokenizers import Tokenizer
from torch import Tensor, nn
from transformers import GPT2Config, GPT2Model

from engine.errors import EngineError, UsageError
from engine.models import tokens
from engine.models.clap import Projection

TOKENIZER_FILE = "tokenizer.json"


@dataclass(frozen=True)
class TextEncoderConfig:
    """The GPT-2 of the tower; the defaults are the shipped model.

    `vocabulary` counts the rows of the embedding. `plain` reads "Thunder!" as "thunder": lower case, no final
    marks. `landmarks` are the known scenes that a condition is drawn to, from not at all, `pull` 0, to
    altogether, 1; with a small `sharpness` to the nearest of them alone. Along `nuances` it is not drawn, but
    goes `stress` of its distance further away: a producer who says "heavy" wants to hear it.
    `ways` are those in which sounds of a landmark differ; a seed goes a mixture of its own, `spread` of it.
    """

    width: int = 384
    layers: int = 4
    heads: int = 6
    positions: int = 64
    vocabulary: int = 5000
    dropout: float = 0.0
    clap_width: int = 512
    projection_dropout: float = 0.1
    padding: str = tokens.PADDING
    plain: bool = True
    landmarks: int = 0
    nuances: int = 0
    pull: float = 0.85
    sharpness: float = 0.02
    stress: float = 0.5
    ways: int = 0
    spread: float = 0.5

    def __post_init__(self) -> None:
        if self.width % self.heads:
            raise UsageError(
                f"The text tower's width {self.width} is not a multiple of its {self.heads} heads."
            )
        if self.vocabulary < tokens.SMALLEST:
            raise UsageError(f"The text tower's vocabulary needs at least {tokens.SMALLEST} tokens.")


class TextEncoder(nn.Module):
    """Sentences -> vectors that point to how they sound."""

    landmarks: Tensor
    nuances: Tensor
    ways: Tensor
    way_landmarks: Tensor

    def __init__(self, config: TextEncoderConfig) -> None:
        super().__init__()
        self.config = config
        self.gpt2 = GPT2Model(
            GPT2Config(
                vocab_size=config.vocabulary,
                n_positions=config.positions,
                n_embd=config.width,
                n_layer=config.layers,
                n_head=config.heads,
                embd_pdrop=config.dropout,
                attn_pdrop=config.dropout,
                resid_pdrop=config.dropout,
                use_cache=False,
                bos_token_id=None,
                eos_token_id=None,
            )
        )
        self.gpt2.set_attn_implementation("eager")  # for short sentences a quarter faster to train
        self.projection = Projection(config.width, config.clap_width, config.projection_dropout)
        self.tokenizer: Tokenizer = tokens.byte_tokenizer(config.padding)
        if config.landmarks:
            self.register_buffer("landmarks", torch.zeros(config.landmarks, config.clap_width))
            self.register_buffer("nuances", torch.zeros(config.nuances, config.clap_width))
        if config.ways:
            self.register_buffer("ways", torch.zeros(config.ways, config.clap_width))
            self.register_buffer("way_landmarks", torch.zeros(config.ways, dtype=torch.int64))

    def conditions(self, sentences: Sequence[str], seed: int | None = None) -> Tensor:
        """n sentences -> (n, clap_width), what a denoiser is told: their vectors, drawn to the landmarks.

        A prompt in its own words lies off the captions that the denoiser has learnt from, and so finds less
        than the text tower knows. The prior of unCLIP (Ramesh et al. 2022) has this task; here it is one step
        of attention over the scenes. What makes a scene distant, close, heavy or soft is left in it, and the
        empty sentence stays where it is. With a seed each goes some way from its nearest landmark, so that
        clips of one prompt differ as recordings of one scene do.
        """
        vectors = self.encode(sentences).float()
        if not self.config.landmarks:
            return vectors
        lengths = vectors.norm(dim=-1, keepdim=True)
        own = vectors / lengths
        with torch.autocast(own.device.type, enabled=False):
            near = torch.softmax(own @ self.landmarks.T / self.config.sharpness, dim=-1) @ self.landmarks
            way = F.normalize(near, dim=-1) - own
            nuance = way @ self.nuances.T @ self.nuances
            drawn = own + self.config.pull * (way - nuance) - self.config.stress * nuance
            if seed is not None and self.config.ways:
                drawn = F.normalize(drawn, dim=-1) + self.config.spread * self._ways(own, seed)
        empty = torch.tensor([not sentence.strip() for sentence in sentences], device=vectors.device)
        return torch.where(empty[:, None], vectors, F.normalize(drawn, dim=-1) * lengths)

    def _ways(self, own: Tensor, seed: int) -> Tensor:
        """Of each vector (n, d) the way that the seed goes from its nearest landmark, 0 where there is none.

        A mixture of all that lead from there, for one alone would lead to a recording, and bring it back.
        """
        chance, chosen = torch.Generator().manual_seed(seed), torch.zeros_like(own)
        for row, landmark in zip(chosen, (own @ self.landmarks.T).argmax(-1)):
            ways = self.ways[self.way_landmarks == landmark]
            if len(ways):
                shares = F.normalize(torch.randn(len(ways), generator=chance), dim=0)
                row += shares.to(ways.device) @ ways
        return chosen

    def set_ways(self, vectors: Tensor, landmarks: Tensor) -> None:
        """Take other ways (n, clap_width), and the numbers (n,) of the landmarks that they lead from."""
        device = self.gpt2.wte.weight.device
        self.config = replace(self.config, ways=len(vectors))
        self.register_buffer("ways", vectors.float().to(device))
        self.register_buffer("way_landmarks", landmarks.to(device))

    def set_landmarks(self, vectors: Tensor, nuances: Tensor) -> None:
        """Take other landmarks (n, clap_width) of any lengths, and nuances (k, clap_width), orthonormal.

        The ways of those before go.
        """
        device = self.gpt2.wte.weight.device
        self.config = replace(self.config, landmarks=len(vectors), nuances=len(nuances), ways=0)
        for name in ("ways", "way_landmarks"):
            self._buffers.pop(name, None)
        self.register_buffer("landmarks", F.normalize(vectors.float(), dim=-1).to(device))
        self.register_buffer("nuances", nuances.float().to(device))

    def encode(self, sentences: Sequence[str]) -> Tensor:
        """n sentences -> (n, clap_width), not of length 1. An empty sentence is the null condition of
        guidance.
        """
        vectors: Tensor = self.projection(self.pooled(sentences))
        return vectors

    def pooled(self, sentences: Sequence[str]) -> Tensor:
        """n sentences -> (n, width): the last hidden state at the last token, before the projection."""
        return self.pooled_tokens(self.token_ids(sentences))

    def token_ids(self, sentences: Sequence[str]) -> list[list[int]]:
        """Each sentence's tokens, the end token last; too long a sentence keeps its beginning."""
        clean = [tokens.tidied(sentence, self.config.padding, self.config.plain) for sentence in sentences]
        return tokens.token_ids(self.tokenizer, clean, self.config.positions)

    def pooled_tokens(self, rows: Sequence[Sequence[int]]) -> Tensor:
        """n rows of token ids of any lengths -> (n, width). Padding stands right and is masked: it changes
        nothing.
        """
        width = max(map(len, rows))
        device = self.gpt2.wte.weight.device
        ids = torch.tensor([[*row, *[0] * (width - len(row))] for row in rows], device=device)
        lengths = torch.tensor([len(row) for row in rows], device=device)
        mask = (torch.arange(width, device=device) < lengths[:, None]).long()
        hidden = self.gpt2(input_ids=ids, attention_mask=mask).last_hidden_state
        last: Tensor = hidden[torch.arange(len(rows), device=device), lengths - 1]
        return last

    def save_extra(self, folder: Path) -> None:
        """Write the vocabulary beside the weights."""
        self.tokenizer.save(str(folder / TOKENIZER_FILE))

    def load_extra(self, folder: Path) -> None:
        """Read the vocabulary. Raises EngineError if it is missing, damaged or too large."""
        path = folder / TOKENIZER_FILE
        try:
            tokenizer = Tokenizer.from_file(str(path))
        except Exception as error:  # the library raises nothing narrower
            raise EngineError(f"The vocabulary {path} cannot be read: get the model folder anew.") from error
        self.use_tokenizer(tokenizer)

    def use_tokenizer(self, tokenizer: Tokenizer) -> None:
        """Take another vocabulary. Raises EngineError if it lacks the end token or has more tokens than the
        embedding.
        """
        if tokenizer.token_to_id(tokens.END) is None or tokenizer.get_vocab_size() > self.config.vocabulary:
            raise EngineError(
                f"The vocabulary of {tokenizer.get_vocab_size()} tokens does not fit the text tower, which "
                f"has room for {self.config.vocabulary} and needs {tokens.END} among them."
            )
        self.tokenizer = tokenizer
