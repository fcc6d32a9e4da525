"""The VAE stage: mel images through the latents and back. L1, energy at several scales, KL, a critic.

With `like` it learns the latents of another VAE, whose denoiser then needs no training for a new mel.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor

from engine.models.store import Model
from engine.training.discriminators import PatchDiscriminator
from engine.training.learner import Turn
from engine.training.losses import discriminator_loss, energy_loss, generator_loss, kl_divergence
from engine.training.material import gather, waves
from engine.training.pattern import Pattern
from engine.training.runs import RunConfig


@dataclass(frozen=True)
class Share:
    """mel (b, c, t, m), and the normalised latents (b, z, t', m') that it is to have, if any."""

    mel: Tensor
    latents: Tensor | None


@dataclass(frozen=True)
class VaeStageConfig:
    """Weights of the loss's terms. `adversarial_from`: the step at which the discriminator joins, -1: never.

    `square` counts large errors most: transients and tones, which are rare, against the noise of textures,
    which is everywhere and which the vocoder makes anew. `side` is the weight of the side image beside the
    mid image's 1: width matters less than what sounds. `relief`: see `Autoencoder.measure`.

    `like` is the folder of a model whose latents the VAE shall have, and `likeness` what it pays for the
    square of the difference; `relief` is then that model's own.
    """

    l1: float = 1.0
    square: float = 0.0
    energy: float = 0.5
    side: float = 0.5
    kl: float = 2e-4
    adversarial: float = 0.05
    adversarial_from: int = -1
    discriminator_lr_scale: float = 1.0
    validation_segments: int = 48
    measure_segments: int = 64
    principal_segments: int = 192
    relief: float = 0.0
    like: str = ""
    likeness: float = 3.0


class VaeStage:
    """Stage of engine.training.loop for the part "vae"."""

    name = "vae"
    part = ("vae",)

    def __init__(self, run: RunConfig, model: Model, device: torch.device) -> None:
        self.config = run.stage_config(VaeStageConfig)
        self._model, self._device, self._batch = model, device, run.data.batch
        self._vae = model.vae.to(device).requires_grad_(True)
        self._vae.to(memory_format=torch.channels_last)
        self._mel = model.mel.to(device)
        self._critic = PatchDiscriminator(model.mel.config.channels).to(device)
        self._material = gather(
            run, model.mel.config.sample_rate, model.mel.config.channels, low_bandwidth=False
        )
        self._adversarial = False
        self._pattern = Pattern(Path(self.config.like), model, device) if self.config.like else None
        if run.fresh and model.vae.config.linear_shortcut:
            self._fit_shortcut()

    @property
    def turns(self) -> Sequence[Turn]:
        config = self.config
        vae = Turn("vae", self._vae)
        if config.adversarial_from < 0:
            return (vae,)
        critic = Turn(
            "critic", self._critic, config.adversarial_from, config.discriminator_lr_scale, ema=False
        )
        return (vae, critic)

    def batch(self, step: int, micro: int, rank: int) -> Share:
        """From `adversarial_from` on, the vae's turn meets the critic too."""
        self._adversarial = 0 <= self.config.adversarial_from <= step
        segments = self._material.train.draw(step, rank, self._batch, first=micro * self._batch)
        wave = waves(segments, self._device)
        return Share(self._images(wave), self._pattern.latents(wave) if self._pattern else None)

    def loss(self, turn: str, share: Share, generator: torch.Generator) -> tuple[Tensor, dict[str, float]]:
        batch = share.mel
        mean, logvar = self._vae.posterior(batch)
        mean, logvar = mean.float(), logvar.float().clamp(-20, 10)
        noise = torch.randn(mean.shape, generator=generator, device=mean.device)
        mel = self._vae.reconstruct(mean + (0.5 * logvar).exp() * noise).float()
        if turn == "critic":
            loss = discriminator_loss([self._critic(batch)[0]], [self._critic(mel.detach())[0]])
            return loss, {}
        weighed, target = mel * self._weights(mel), batch * self._weights(mel)
        l1, energy = F.l1_loss(weighed, target), energy_loss(weighed, target)
        square, kl = F.mse_loss(weighed, target), kl_divergence(mean, logvar)
        config = self.config
        loss = config.l1 * l1 + config.square * square + config.energy * energy + config.kl * kl
        figures = {"l1": l1.item(), "square": square.item(), "energy": energy.item(), "kl": kl.item()}
        if share.latents is not None:
            unlike = F.mse_loss(self._vae.normalize(mean), share.latents)
            loss, figures["unlike"] = loss + config.likeness * unlike, unlike.item()
        if self._adversarial:
            fooled = generator_loss([self._critic(mel)[0]])
            loss = loss + self.config.adversarial * fooled
            figures["fooled"] = fooled.item()
        return loss, figures

    def validate(self, generator: torch.Generator) -> dict[str, float]:
        """L1 and energy error of what posterior means become on the test split, in units of mel.scale."""
        segments = waves(self._material.test.fixed(self.config.validation_segments), self._device)
        l1, middle, square, energy, unlike = [], [], [], [], []
        for wave in segments.split(self._batch):
            mel = self._images(wave)
            mean = self._vae.posterior(mel)[0]
            again = self._vae.reconstruct(mean).float()
            if self._pattern:
                wanted = self._pattern.latents(wave)
                unlike.append(F.mse_loss(self._vae.normalize(mean.float()), wanted).item())
            l1.append(F.l1_loss(again, mel).item())
            middle.append(F.l1_loss(again[:, :1], mel[:, :1]).item())
            square.append(F.mse_loss(again, mel).item())
            energy.append(energy_loss(again, mel).item())
        figures = {"l1": l1, "l1_mid": middle, "square": square, "energy": energy, "unlike": unlike}
        return {name: sum(values) / len(values) for name, values in figures.items() if values}

    @torch.no_grad()
    def model(self) -> Model:
        """The model with its VAE; the latents' mean and deviation are measured on training segments, unless
        they are another model's.
        """
        if self._pattern:
            return self._model
        segments = self._material.train.draw(0, 0, self.config.measure_segments)
        means = [
            self._vae.posterior(self._images(wave))[0]
            for wave in waves(segments, self._device).split(self._batch)
        ]
        self._vae.measure(torch.cat(means), self.config.relief)
        return self._model

    @torch.no_grad()
    def _fit_shortcut(self) -> None:
        """The linear code of the fresh VAE from training segments."""
        segments = waves(self._material.train.draw(0, 0, self.config.principal_segments), self._device)
        parts = segments.split(self._batch)
        images = torch.cat([self._images(wave) for wave in parts])
        if self._pattern is None:
            self._vae.fit_shortcut(images)
        else:
            self._vae.fit_shortcut(images, torch.cat([self._pattern.raw(wave) for wave in parts]))

    def _weights(self, mel: Tensor) -> Tensor:
        """(1, c, 1, 1): 1 for mid, `side` for side."""
        return torch.tensor([1.0, self.config.side][: mel.shape[1]], device=mel.device).view(1, -1, 1, 1)

    def _images(self, wave: Tensor) -> Tensor:
        mel: Tensor = self._mel(wave)
        frames = mel.shape[2] // self._vae.frames_per_latent * self._vae.frames_per_latent
        return mel[:, :, :frames].contiguous(memory_format=torch.channels_last)
