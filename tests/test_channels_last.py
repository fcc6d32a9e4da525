"""Convolutions with their channels last: the answers of torch's own, with and without gradients."""

from __future__ import annotations

import pytest
import torch

from engine.models.channels_last import Conv1d, ConvTranspose1d


@pytest.mark.parametrize(
    "layer",
    [
        Conv1d(6, 4, 7, padding=9, dilation=3),
        Conv1d(6, 4, 16, 8, padding=4),
        ConvTranspose1d(6, 4, 16, 8, padding=4),
    ],
    ids=["dilated", "strided", "transposed"],
)
def test_it_answers_as_torch_does(layer: Conv1d | ConvTranspose1d) -> None:
    x = torch.randn(2, 6, 50, generator=torch.Generator().manual_seed(0))
    learning = layer(x)
    with torch.inference_mode():
        rendering = layer(x)
    assert learning.requires_grad
    assert rendering.shape == learning.shape
    assert torch.allclose(rendering, learning, atol=1e-5)
