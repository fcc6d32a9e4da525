"""Changes of a log mel spectrum."""

from __future__ import annotations

import torch

from engine.training.spectrum import SpectrumConfig, varied_spectrum

MEL = torch.randn(4, 100, 32, generator=torch.Generator().manual_seed(0)) - 40
STILL = SpectrumConfig(tilt_db=0.0, time_stripes=0, mel_stripes=0)


def generator() -> torch.Generator:
    return torch.Generator().manual_seed(1)


def test_without_changes_the_spectrum_is_the_same() -> None:
    torch.testing.assert_close(varied_spectrum(MEL, STILL, generator()), MEL)


def test_a_tilt_leaves_the_middle_and_is_not_steeper_than_asked() -> None:
    change = (
        varied_spectrum(MEL, SpectrumConfig(tilt_db=6.0, time_stripes=0, mel_stripes=0), generator()) - MEL
    )
    assert change.abs().max() <= 6.001
    assert change[:, :, 15:17].abs().max() < 0.5
    torch.testing.assert_close(change[:, 0], change[:, 50])


def test_stripes_hide_a_bounded_share_with_the_mean() -> None:
    striped = varied_spectrum(MEL, SpectrumConfig(0.0, 2, 0.1, 1, 0.1), generator())
    hidden = striped != MEL
    assert 0 < hidden.float().mean() < 0.3
    for clip in range(4):
        assert torch.allclose(striped[clip][hidden[clip]], MEL[clip].mean())


def test_the_same_generator_changes_alike() -> None:
    first, second = (varied_spectrum(MEL, SpectrumConfig(), generator()) for _ in range(2))
    assert torch.equal(first, second)
