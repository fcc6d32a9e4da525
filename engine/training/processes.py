"""One training over one or several processes: who we are, and means over all of us.

With one process nothing is imported and nothing is sent. With several (torchrun or accelerate launch started
us and set WORLD_SIZE), accelerate does the talking. Knows tensors and numbers, no network and no stage:
gradients are averaged as one flat vector, so no module is wrapped.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import torch
from torch import Tensor

from engine.errors import EngineError


@dataclass(frozen=True)
class Processes:
    """`rank` of `world` processes, each on its own `device`; `accelerator` is None with one process."""

    device: torch.device
    rank: int = 0
    world: int = 1
    accelerator: Any = None  # accelerate.Accelerator; the package is an extra and may be absent

    @property
    def first(self) -> bool:
        """True in the one process that writes files and speaks."""
        return self.rank == 0

    def mean(self, tensor: Tensor) -> Tensor:
        """The mean of `tensor` over all processes; every process must call it with the same shape."""
        if self.world == 1:
            return tensor
        reduced: Tensor = self.accelerator.reduce(tensor, reduction="mean")
        return reduced

    def any(self, flag: bool) -> bool:
        """True everywhere as soon as it is True anywhere."""
        if self.world == 1:
            return flag
        return bool(self.mean(torch.tensor([float(flag)], device=self.device)).item() > 0)

    def wait(self) -> None:
        """Return when every process has come here."""
        if self.world > 1:
            self.accelerator.wait_for_everyone()

    def average_gradients(self, weights: Sequence[Tensor], loss: Tensor) -> Tensor:
        """Replace each gradient by its mean over all processes; returns the mean of `loss`, a scalar.

        A weight that no process has a gradient for keeps none, as with one process.
        """
        if self.world == 1:
            return loss
        filled = [torch.zeros_like(w) if w.grad is None else w.grad for w in weights]
        present = torch.tensor([float(w.grad is not None) for w in weights], device=self.device)
        flat = torch.cat([*(grad.float().reshape(-1) for grad in filled), present, loss.float().reshape(1)])
        flat = self.mean(flat)
        sizes = [w.numel() for w in weights]
        *means, present, loss = flat.split([*sizes, len(sizes), 1])
        for weight, mean, here in zip(weights, means, present.tolist()):
            weight.grad = mean.view_as(weight).to(weight.dtype) if here > 0 else None
        return loss.reshape(())

    def average_buffers(self, modules: Iterable[torch.nn.Module]) -> None:
        """Give every process the mean of each running statistic (batch normalisation)."""
        buffers = [b for module in modules for b in module.buffers() if b.is_floating_point()]
        if self.world == 1 or not buffers:
            return
        flat = self.mean(torch.cat([b.float().reshape(-1) for b in buffers]))
        for buffer, mean in zip(buffers, flat.split([b.numel() for b in buffers])):
            buffer.copy_(mean.view_as(buffer))

    def same_everywhere(self, modules: Iterable[torch.nn.Module]) -> None:
        """Give every process the weights and buffers of the first one."""
        if self.world == 1:
            return
        from accelerate.utils import broadcast

        with torch.no_grad():
            for module in modules:
                for tensor in (*module.parameters(), *module.buffers()):
                    tensor.copy_(broadcast(tensor.detach().clone(), from_process=0))


def join(device: torch.device) -> Processes:
    """The processes that we were started among; only one unless WORLD_SIZE says otherwise.

    With several GPUs each process takes the one of its local rank. Raises EngineError where accelerate is
    missing.
    """
    if int(os.environ.get("WORLD_SIZE", "1")) <= 1:
        return Processes(device)
    try:
        from accelerate import Accelerator, InitProcessGroupKwargs
    except ImportError:
        raise EngineError(
            "Training in several processes needs the package accelerate: pip install 'roomtone[train]'."
        ) from None
    patience = InitProcessGroupKwargs(
        timeout=timedelta(hours=2)
    )  # the others wait while the first one validates
    accelerator = Accelerator(cpu=device.type == "cpu", mixed_precision="no", kwargs_handlers=[patience])
    return Processes(accelerator.device, accelerator.process_index, accelerator.num_processes, accelerator)
