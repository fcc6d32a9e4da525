"""The vocoder stage: waves from mels. An energy distance of multi-resolution mels; critics are optional."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from engine.models.mel import from_mid_side, to_mid_side
from engine.models.shaped_noise import ShapedNoise
from engine.models.store import Model
from engine.training.discriminators import WaveDiscriminators
from engine.training.learner import Turn
from engine.training.logs import add_audio
from engine.training.losses import (
    MultiResolutionMel,
    discriminator_loss,
    feature_matching,
    generator_loss,
)
from engine.training.material import gather, waves
from engine.training.runs import RunConfig


@dataclass(frozen=True)
class VocoderStageConfig:
    """Weights of the loss's terms. `adversarial_from`: the step at which the discriminators join, -1: never.

    `latent_share` of the mels pass through the VAE first, so that the vocoder meets what it will be fed.

    With `repulsion` each mel is spoken twice, from other noise, and half the distance between the two is
    taken off. At 1 that is the energy distance (Gritsenko et al. 2020), which is least where both are drawn
    as the real sound is; the plain distance, at 0, is least for noise without fluctuation.
    """

    mel: float = 1.0
    repulsion: float = 0.0
    adversarial: float = 0.1
    matching: float = 0.2
    adversarial_from: int = -1
    discriminator_lr_scale: float = 1.0
    latent_share: float = 0.5
    validation_segments: int = 32


@dataclass(frozen=True)
class Share:
    """Real waves (b, c, n) left/right and the normalised log mels (b, c, t, m) to make them from."""

    wave: Tensor
    mel: Tensor
    adversarial: bool


class VocoderStage:
    """Stage of engine.training.loop for the part "vocoder"."""

    name = "vocoder"
    part = ("vocoder",)

    def __init__(self, run: RunConfig, model: Model, device: torch.device) -> None:
        self.config = run.stage_config(VocoderStageConfig)
        self._model, self._device, self._batch = model.to(device), device, run.data.batch
        self._vocoder = model.vocoder.requires_grad_(True)
        mel = model.mel.config
        self._distance = MultiResolutionMel(mel.sample_rate).to(device)
        self._noise = ShapedNoise(mel).to(device)
        self._critics = WaveDiscriminators().to(device)
        self._material = gather(run, mel.sample_rate, mel.channels, low_bandwidth=False)

    @property
    def turns(self) -> Sequence[Turn]:
        config = self.config
        vocoder = Turn("vocoder", self._vocoder)
        if config.adversarial_from < 0:
            return (vocoder,)
        scale = config.discriminator_lr_scale
        return (Turn("critics", self._critics, config.adversarial_from, scale, ema=False), vocoder)

    def batch(self, step: int, micro: int, rank: int) -> Share:
        segments = self._material.train.draw(step, rank, self._batch, first=micro * self._batch)
        through_vae = round(self.config.latent_share * self._batch)
        return self._share(
            waves(segments, self._device), through_vae, 0 <= self.config.adversarial_from <= step
        )

    def loss(self, turn: str, batch: Share, generator: torch.Generator) -> tuple[Tensor, dict[str, float]]:
        wave = self._spoken(batch, generator)
        real, fake = _rows(batch.wave), _rows(wave)
        if turn == "critics":
            return discriminator_loss(self._critics(real)[0], self._critics(fake.detach())[0]), {}
        distance = self._distance(wave, batch.wave)
        figures = {"mel": distance.item()}
        if self.config.repulsion:
            again = self._spoken(batch, generator)
            apart = self._distance(wave, again)
            to_real = 0.5 * (distance + self._distance(again, batch.wave))
            distance = to_real - 0.5 * self.config.repulsion * apart
            figures["apart"] = apart.item()
        loss = self.config.mel * distance
        if batch.adversarial:
            with torch.no_grad():
                real_features = self._critics(real)[1]
            scores, features = self._critics(fake)
            fooled, matching = generator_loss(scores), feature_matching(real_features, features)
            loss = loss + self.config.adversarial * fooled + self.config.matching * matching
            figures |= {"fooled": fooled.item(), "matching": matching.item()}
        return loss, figures

    def validate(self, generator: torch.Generator) -> dict[str, float]:
        """Mel distance in nepers on the test split: from true mels, through the VAE, shaped noise alone."""
        segments = waves(self._material.test.fixed(self.config.validation_segments), self._device)
        figures: dict[str, list[float]] = {}
        for number, wave in enumerate(segments.split(self._batch)):
            for name, through_vae in (("true", 0), ("latent", len(wave))):
                share = self._share(wave, through_vae, False)
                spoken = self._spoken(share, generator)
                figures.setdefault(f"mel_{name}", []).append(self._distance(spoken, share.wave).item())
                if number == 0:
                    add_audio(name, spoken[0], self._model.mel.config.sample_rate)
            share = self._share(wave, 0, False)
            figures.setdefault("mel_noise", []).append(
                self._distance(self._only_noise(share, generator), share.wave).item()
            )
        return {name: sum(values) / len(values) for name, values in figures.items()}

    def model(self) -> Model:
        return self._model

    @torch.no_grad()
    def _share(self, wave: Tensor, through_vae: int, adversarial: bool) -> Share:
        model = self._model
        mel = model.mel(wave)
        frames = mel.shape[2] // model.vae.frames_per_latent * model.vae.frames_per_latent
        mel = mel[:, :, :frames]
        if through_vae:
            again = model.vae.decode(model.vae.encode(mel[:through_vae])).float()
            mel = torch.cat([again, mel[through_vae:]])
        return Share(wave[..., : frames * model.mel.config.hop_samples], mel, adversarial)

    def _only_noise(self, share: Share, generator: torch.Generator) -> Tensor:
        white = torch.randn(share.wave.shape, generator=generator, device=share.wave.device)
        rows: Tensor = self._noise(share.mel.flatten(0, 1), white.flatten(0, 1))
        return from_mid_side(rows.unflatten(0, white.shape[:2]))

    def _spoken(self, share: Share, generator: torch.Generator) -> Tensor:
        white = torch.randn(share.wave.shape, generator=generator, device=share.wave.device)
        wave: Tensor = self._vocoder(share.mel, white)
        return wave.float()


def _rows(wave: Tensor) -> Tensor:
    """(b, c, n) left/right -> (b * c, n), mid and side for themselves, as the vocoder speaks them."""
    return to_mid_side(wave).flatten(0, 1)
