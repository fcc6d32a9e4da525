"""Vocoders: the mel becomes a wave. HiFi-GAN as published for `full`, and one that starts from shaped noise.

Knows mels and waves; refuses to know where a mel came from.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from transformers.models.speecht5.configuration_speecht5 import SpeechT5HifiGanConfig
from transformers.models.speecht5.modeling_speecht5 import SpeechT5HifiGan

from engine.errors import UsageError
from engine.models.channels_last import Conv1d, ConvTranspose1d
from engine.models.mel import MelConfig, from_mid_side
from engine.models.shaped_noise import ShapedNoise

LEAK = 0.1
LEVEL = 1 / 7
"""Of the noise's amplitude: what the network's numbers are measured in. Shipped weights know this scale."""


@dataclass(frozen=True)
class HifiGanConfig:
    """HiFi-GAN V1's proportions at AudioLDM's rates (Kong et al. 2020, appendix A)."""

    n_mels: int = 64
    sample_rate: int = 16000
    channels: int = 1024
    upsample_rates: tuple[int, ...] = (5, 4, 2, 2, 2)
    upsample_kernels: tuple[int, ...] = (16, 16, 8, 4, 4)
    resblock_kernels: tuple[int, ...] = (3, 7, 11)
    dilations: tuple[int, ...] = (1, 3, 5)

    def __post_init__(self) -> None:
        if not self.upsample_rates or len(self.upsample_rates) != len(self.upsample_kernels):
            raise UsageError(
                f"The vocoder has {len(self.upsample_rates)} upsample_rates and {len(self.upsample_kernels)} "
                "upsample_kernels; give each rate its kernel."
            )

    @property
    def hop_samples(self) -> int:
        """Samples that become of a mel frame."""
        return math.prod(self.upsample_rates)


class HifiGan(nn.Module):
    """transformers' SpeechT5HifiGan fed with the log mel as it is (mean 0, scale 1), a channel at a time."""

    def __init__(self, config: HifiGanConfig) -> None:
        super().__init__()
        self.config = config
        self.generator = SpeechT5HifiGan(
            SpeechT5HifiGanConfig(
                model_in_dim=config.n_mels,
                sampling_rate=config.sample_rate,
                upsample_initial_channel=config.channels,
                upsample_rates=list(config.upsample_rates),
                upsample_kernel_sizes=list(config.upsample_kernels),
                resblock_kernel_sizes=list(config.resblock_kernels),
                resblock_dilation_sizes=[list(config.dilations)] * len(config.resblock_kernels),
                normalize_before=False,
            )
        )
        self._begin()

    @property
    def context_frames(self) -> int:
        """Mel frames on each side that can touch a sample: the receptive field."""
        config, reach, step = self.config, 3.0, 1.0
        for rate, kernel in zip(config.upsample_rates, config.upsample_kernels, strict=True):
            reach += (kernel / rate / 2 + 0.5) * step
            step /= rate
            reach += _block_reach(config.resblock_kernels, config.dilations) * step
        return math.ceil(reach + 3 * step)

    def forward(self, mel: Tensor, white: Tensor) -> Tensor:
        """mel (b, c, t, m) -> wave (b, c, t * hop); `white` is for other vocoders, this one draws nothing.

        Always in float32: the 8 bits of a bfloat16 would be heard as hiss 50 dB below the sound.
        """
        with torch.autocast(mel.device.type, enabled=False):
            wave: Tensor = self.generator(mel.flatten(0, 1).float())
        # Where kernel minus rate is odd a level adds a sample, as in the original: the end is cut.
        wave = wave[:, : mel.shape[2] * self.config.hop_samples]
        return from_mid_side(wave.unflatten(0, mel.shape[:2]))

    def _begin(self) -> None:
        """Random weights that are heard: those of transformers speak at -97 dB, most of it below the floor of
        the mel, where a loss has no slope.
        """
        for layer in self.generator.modules():
            if isinstance(layer, (nn.Conv1d, nn.ConvTranspose1d)):
                inputs = layer.in_channels * layer.kernel_size[0]
                if isinstance(layer, nn.ConvTranspose1d):
                    inputs //= layer.stride[0]
                nn.init.normal_(layer.weight, std=0.5 * inputs**-0.5)
                nn.init.zeros_(layer.bias)  # type: ignore[arg-type]


@dataclass(frozen=True)
class IstftHifiGanConfig:
    """HiFi-GAN blocks at 1/32 and 1/8 of the rate, then an inverse STFT (iSTFTNet, Kaneko et al. 2022).

    `mel` must be the model's own front end: the shaped noise is made with its bands.
    """

    mel: MelConfig = field(default_factory=MelConfig)
    channels: int = 96
    upsample_rates: tuple[int, ...] = (8, 4)
    resblock_kernels: tuple[int, ...] = (3, 7)
    dilations: tuple[int, ...] = (1, 3, 5)
    head_n_fft: int = 32

    def __post_init__(self) -> None:
        rates, hop = list(self.upsample_rates), self.mel.hop_samples
        if any(rate < 2 or rate % 2 for rate in rates) or hop % math.prod(rates):
            raise UsageError(
                f"The vocoder's upsample_rates {rates} must be even and divide the mel's hop, {hop}."
            )
        if self.channels % 2 ** len(rates):
            raise UsageError(f"The vocoder's {self.channels} channels cannot be halved {len(rates)} times.")


class ResidualBlock(nn.Module):
    """HiFi-GAN's ResBlock1: pairs of a dilated and a plain convolution, each pair with a skip."""

    def __init__(self, channels: int, kernel: int, dilations: tuple[int, ...]) -> None:
        super().__init__()
        self.wide = nn.ModuleList(
            Conv1d(channels, channels, kernel, dilation=d, padding=d * (kernel - 1) // 2) for d in dilations
        )
        self.plain = nn.ModuleList(Conv1d(channels, channels, kernel, padding=kernel // 2) for _ in dilations)

    def forward(self, x: Tensor) -> Tensor:
        for wide, plain in zip(self.wide, self.plain, strict=True):
            x = x + plain(F.leaky_relu(wide(F.leaky_relu(x, LEAK)), LEAK))
        return x


class IstftHifiGan(nn.Module):
    """Mel and shaped noise in, wave out: wave = iSTFT(STFT(noise) * (1 + mask) + correction).

    The head starts at zero, so that an untrained vocoder is the shaped noise exactly: the baseline that
    training must beat and can always fall back to. Each channel is spoken by itself.
    """

    window: Tensor

    def __init__(self, config: IstftHifiGanConfig) -> None:
        super().__init__()
        self.config = config
        self.noise = ShapedNoise(config.mel)
        self.register_buffer("window", torch.hann_window(config.head_n_fft), persistent=False)
        self.enter = Conv1d(config.mel.n_mels, config.channels, 7, padding=3)
        self.ups, self.listens, self.blocks = nn.ModuleList(), nn.ModuleList(), nn.ModuleList()
        stride, width = config.mel.hop_samples, config.channels
        for rate in config.upsample_rates:
            stride //= rate
            self.ups.append(ConvTranspose1d(width, width // 2, 2 * rate, rate, padding=rate // 2))
            width //= 2
            self.listens.append(Conv1d(1, width, 2 * stride, stride, padding=stride // 2))
            self.blocks.append(
                nn.ModuleList(ResidualBlock(width, k, config.dilations) for k in config.resblock_kernels)
            )
        self.head_hop = stride
        bins = config.head_n_fft // 2 + 1
        self.head = Conv1d(width, 3 * bins, 7, padding=3)
        nn.init.zeros_(self.head.weight)
        nn.init.zeros_(self.head.bias)  # type: ignore[arg-type]

    @property
    def context_frames(self) -> int:
        """Mel frames on each side that can touch a sample: noise windows plus receptive field."""
        config, hop = self.config, self.config.mel.hop_samples
        # A sample of shaped noise is made of frames half a window away, and those of noise as far again.
        reach, step = max(3.0, config.mel.n_fft / hop + 0.5), 1.0
        for rate in config.upsample_rates:
            reach += step
            step /= rate
            reach += _block_reach(config.resblock_kernels, config.dilations) * step
        return math.ceil(reach + 3 * step + config.head_n_fft / hop)

    def forward(self, mel: Tensor, white: Tensor) -> Tensor:
        """Normalised log mel (b, c, t, m), white noise (b, c, t * hop) -> left/right wave (b, c, t * hop)."""
        rows = mel.flatten(0, 1)
        with torch.autocast(mel.device.type, enabled=False):
            noise = self.noise(rows.float(), white.flatten(0, 1).float())
        return from_mid_side(self.speak(rows, noise).unflatten(0, mel.shape[:2]))

    def speak(self, mel: Tensor, noise: Tensor) -> Tensor:
        """mel (n, t, m) and its shaped noise (n, t * hop) -> wave (n, t * hop), before mid/side is undone."""
        n_fft, hop, samples = self.config.head_n_fft, self.head_hop, noise.shape[-1]
        level = self._level(mel)
        quiet = noise / level.repeat_interleave(self.config.mel.hop_samples, -1)
        x = self.enter(mel.transpose(1, 2))
        for up, listen, blocks in zip(self.ups, self.listens, self.blocks, strict=True):
            x = up(F.leaky_relu(x, LEAK))
            x = x + listen(quiet[:, None])
            x = sum(block(x) for block in blocks.children()) / len(self.config.resblock_kernels)
        # Time comes before frequency from here on, as it does in memory. Centred frames are one more than
        # positions of the head: the last one repeats.
        said = _and_last(self.head(F.leaky_relu(x, LEAK)).transpose(1, 2)).float()
        with torch.autocast(mel.device.type, enabled=False):
            mask, correction = said[..., : n_fft // 2 + 1], said[..., n_fft // 2 + 1 :]
            loud = _and_last(level.repeat_interleave(self.config.mel.hop_samples // hop, -1))
            spectrum = torch.stft(noise, n_fft, hop, window=self.window, return_complex=True)
            parts = torch.view_as_real(spectrum.transpose(1, 2)) * (1 + mask)[..., None]
            parts = parts + correction.unflatten(-1, (2, -1)).transpose(-1, -2) * loud[..., None, None]
            spoken = torch.view_as_complex(parts.contiguous()).transpose(1, 2)
            return torch.istft(spoken, n_fft, hop, window=self.window, length=samples)

    def _level(self, mel: Tensor) -> Tensor:
        """mel (n, t, m) -> (n, t): ambience spans 60 dB, the network does not.

        A part of the noise's amplitude, which learns twice as fast as the whole. The loudest frame that a
        window reaches decides: beside a click the noise is as loud as the click, and measured against its own
        quiet frame it would be thousands of times too loud.
        """
        config = self.config.mel
        reach = math.ceil(config.n_fft / config.hop_samples / 2)
        own = LEVEL * self.noise.amplitude(mel) + 1e-5
        return F.max_pool1d(own[:, None], 2 * reach + 1, stride=1, padding=reach)[:, 0]


def _and_last(rows: Tensor) -> Tensor:
    """(n, t, ...) -> (n, t + 1, ...): the last one twice."""
    return torch.cat([rows, rows[:, -1:]], dim=1)


def _block_reach(kernels: tuple[int, ...], dilations: tuple[int, ...]) -> int:
    """Positions on each side that a level's widest residual block hears."""
    return max(kernel // 2 for kernel in kernels) * (sum(dilations) + len(dilations))
