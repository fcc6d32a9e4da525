"""RUN.toml and the seed project's YAML: what is taken, what is refused, what is named."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from engine.errors import UsageError
from engine.training.runs import load_run, run_from_mapping, write_run

RUN = """
stage = "vae"
model = "tiny"
out = "runs/vae"
[data]
manifests = ["a.csv", "b.csv"]
augmentation = { mixture = 0.5 }
[optim]
lr = 3e-4
betas = [0.8, 0.95]
[every]
validate = 100
[vae]
kl = 1e-3
"""

SEED = """
log_directory: "./log/latent_diffusion"
project: no
precision: "high"
variables:
  sampling_rate: &rate 16000
step: {max_steps: 800000, save_checkpoint_every_n_steps: 5000, save_top_k: 1, validation_every_n_epochs: 15}
preprocessing:
  audio: {sampling_rate: *rate, duration: 10.24}
  mel: {n_mel_channels: 64, mel_fmax: 8e3}
model:
  target: audioldm_train.modules.latent_diffusion.ddpm.LatentDiffusion
  params:
    base_learning_rate: 5e-4
    warmup_steps: 2000
    batchsize: 2
    channels: 8
    scale_by_std: yes
    unconditional_prob_cfg: 2e-1
    first_stage_config:
      params: {embed_dim: 8, ddconfig: {ch_mult: [1, 2, 4], downsample_time: no}}
    unet_config:
      params: {model_channels: 192, channel_mult: [1, 2, 3, 5]}
"""


@dataclass(frozen=True)
class OwnTable:
    kl: float = 0.0
    adversarial: bool = False


def file_of(folder: Path, text: str, name: str = "RUN.toml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_a_run_file_becomes_typed_values_and_the_stage_reads_its_own_table(tmp_path: Path) -> None:
    run = load_run(file_of(tmp_path, RUN))
    assert (run.stage, run.model, run.fresh, run.folder) == ("vae", "tiny", True, Path("runs/vae"))
    assert run.data.manifests == ("a.csv", "b.csv")
    assert run.data.augmentation.mixture == 0.5
    assert (run.optim.lr, run.optim.betas, run.every.validate) == (3e-4, (0.8, 0.95), 100)
    assert run.stage_config(OwnTable) == OwnTable(kl=1e-3)


def test_settings_given_on_the_command_line_win(tmp_path: Path) -> None:
    changes = ["optim.lr=1e-5", "vae.adversarial=true", "model=some/folder", "data.manifests=[]"]
    run = load_run(file_of(tmp_path, RUN), changes)
    assert run.optim.lr == 1e-5
    assert run.stage_config(OwnTable).adversarial is True
    assert (run.model, run.fresh, run.data.manifests) == ("some/folder", False, ())


def test_a_run_that_is_written_is_read_again_as_it_was(tmp_path: Path) -> None:
    run = load_run(file_of(tmp_path, RUN), [f"out={tmp_path.as_posix()}/out"])
    write_run(run)
    assert load_run(tmp_path / "out/run.toml") == run


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ("stage=vocodr", "did you mean 'vocoder'"),
        ("optim.lrr=1", "did you mean 'lr'"),
        ("optim.lr=0", r"optim\.lr must be above 0"),
        ("optim.precision=bf61", "auto, bf16, fp32, fp16"),
        ("optim.ema=1", r"optim\.ema must lie in \[0, 1\)"),
        ("optim.accumulate=0", "at least 1"),
        ("every.keep=0", r"every\.keep must be at least 1"),
        ("out= ", "must name the folder"),
        ("seed=-1", "seed must lie between"),
        ("data.batch=two", "a whole number"),
        ("data.augmentation.mixture=2", "mixture"),
        ('data.roots=["a", "b", "c"]', "3 folders for 2 manifests"),
        ("vae=3", "must be a table"),
        ("table.kl=3", "bears the stage's name"),
        ("ldm.drop=0.1", "no setting 'ldm'"),
    ],
)
def test_what_cannot_be_is_refused_in_one_sentence(tmp_path: Path, change: str, sentence: str) -> None:
    with pytest.raises(UsageError, match=sentence):
        load_run(file_of(tmp_path, RUN), [change])


def test_an_unknown_setting_of_the_stage_is_named_with_its_table(tmp_path: Path) -> None:
    run = load_run(file_of(tmp_path, RUN), ["vae.adversariel=true"])
    with pytest.raises(UsageError, match=r"\[vae\].*did you mean 'adversarial'"):
        run.stage_config(OwnTable)


def test_a_file_that_is_missing_or_no_toml_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no training run file"):
        load_run(tmp_path / "none.toml")
    with pytest.raises(UsageError, match="not a TOML file"):
        load_run(file_of(tmp_path, "stage = vae"))


def test_defaults_alone_make_a_run() -> None:
    run = run_from_mapping({"stage": "ldm", "out": "x"})
    assert (run.model, run.optim.precision, run.optim.betas) == ("mini", "auto", (0.9, 0.99))


def test_the_seeds_configuration_is_taken_over_by_type(tmp_path: Path) -> None:
    run = load_run(file_of(tmp_path, SEED, "audioldm.yaml"))
    assert (run.stage, run.model, run.out) == ("ldm", "full", "./log/latent_diffusion")
    assert (run.optim.lr, run.optim.warmup_steps, run.optim.steps) == (5e-4, 2000, 800_000)
    assert (run.data.batch, run.data.segment_seconds) == (2, 10.24)
    assert (run.every.checkpoint, run.every.keep, run.optim.precision) == (5000, 1, "fp32")
    assert run.table == {"drop": 0.2}


def test_what_the_seed_asks_for_in_vain_is_named_and_nothing_else(tmp_path: Path) -> None:
    notes: list[str] = []
    load_run(file_of(tmp_path, SEED, "audioldm.yaml"), tell=notes.append)
    named = [note.split("'")[1] for note in notes]
    assert sorted(named) == [
        'data.manifests=["manifest.csv"]',
        "model.params.unet_config.params.model_channels",
        "project",
        "step.validation_every_n_epochs",
    ]
    assert "is 192, but the model 'full' has 128" in " ".join(notes)


def test_the_seeds_autoencoder_trains_the_stage_vae(tmp_path: Path) -> None:
    sizes = "{batchsize: 4, ddconfig: {ch: 64}}"
    text = f"model: {{base_learning_rate: 8.0e-06, target: a.b.AutoencoderKL, params: {sizes}}}"
    notes: list[str] = []
    run = load_run(file_of(tmp_path, text, "16k_64.yml"), ["optim.steps=7"], notes.append)
    assert (run.stage, run.optim.lr, run.data.batch, run.optim.steps) == ("vae", 8e-6, 4, 7)
    assert any("model.params.ddconfig.ch" in note for note in notes)


def test_words_that_yaml_takes_for_truth_values_are_read_as_what_their_place_asks_for(tmp_path: Path) -> None:
    target = "target: a.LatentDiffusion"
    run = load_run(file_of(tmp_path, f"{{log_directory: no, model: {{{target}}}}}", "a.yaml"))
    assert run.out == "no"
    with pytest.raises(UsageError, match=r"model\.params\.batchsize' must be a number, not False"):
        load_run(file_of(tmp_path, f"model: {{{target}, params: {{batchsize: no}}}}", "a.yaml"))
    with pytest.raises(UsageError, match="must be a whole number"):
        load_run(file_of(tmp_path, f"{{step: {{max_steps: 1.5}}, model: {{{target}}}}}", "a.yaml"))


def test_a_yaml_file_that_is_no_training_configuration_is_refused(tmp_path: Path) -> None:
    for text, sentence in (
        ("model: [", "not a YAML file"),
        ("- 1", "no section 'model'"),
        ("model: {target: a.Gan}", "no training stage"),
    ):
        with pytest.raises(UsageError, match=sentence):
            load_run(file_of(tmp_path, text, "a.yaml"))
