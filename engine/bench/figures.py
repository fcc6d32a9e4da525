"""What the bench asks for and what it finds out: plain numbers, which cross processes as JSON.

Times are in seconds, memory is in bytes of the process, 0 where the system does not tell. No torch here.
"""

from __future__ import annotations

from dataclasses import dataclass

from engine.scene import Scene


@dataclass(frozen=True)
class RenderTask:
    """Load the model, render `scene` once and then `repeats` times. Empty and 0: as the settings say."""

    scene: Scene
    repeats: int
    threads: int
    device: str = ""
    precision: str = ""


@dataclass(frozen=True)
class RenderFigures:
    """A model from the prompt to the file; medians over the repeats.

    import_s: Python's share of a start, the libraries. load_s: the model folder into memory. first_s: the
    first render once loaded, which also prepares the kernels. stages_s: each stage of a later render.
    real_time_factor: time of a later render by the length of its clip.
    """

    model: str
    device: str
    precision: str
    threads: int
    seconds: float
    steps: int
    import_s: float
    load_s: float
    first_s: float
    render_s: float
    stages_s: dict[str, float]
    real_time_factor: float
    peak_bytes: int


@dataclass(frozen=True)
class CompareTask:
    """Time the UNet of `size` with random weights, and diffusers' AudioLDMPipeline with the same sizes."""

    seconds: float
    threads: int
    device: str = "auto"
    size: str = "full"
    steps: int = 10


@dataclass(frozen=True)
class CompareFigures:
    """The comparison.

    guided_step_s: by precision, one step with and without the prompt, as the engine runs it. pipeline_s: a
    whole render of AudioLDMPipeline in float32, as the library gives it; pipeline_steps_s: its steps alone.
    peak_bytes: of the process that ran both, one after the other.
    """

    size: str
    device: str
    threads: int
    seconds: float
    unet_parameters: int
    guided_step_s: dict[str, float]
    pipeline_steps: int
    pipeline_s: float
    pipeline_steps_s: float
    real_time_factor: float
    peak_bytes: int
