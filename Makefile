# make run    sets up, then renders one clip into the library
# make test   sets up, then runs everything that continuous integration checks
# make screenshots    sets up, then makes the pictures of the panel in docs/pictures
# make train-mini MANIFEST=recordings.csv    sets up, then trains the embedded model anew
# A second run sets nothing up again; a changed pyproject.toml does.

# The first Python that starts and is of a version that PyTorch and Qt have wheels for.
PYTHON   ?= $(shell for python in python3.11 python3.12 python3.13 python3.10 python3; do \
                $$python -c 'import sys; sys.exit(not (3, 10) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null \
                    && { echo $$python; break; }; done)
VENV     ?= .venv
BIN       = $(VENV)/bin
INSTALL   = PYTHONWARNINGS=ignore::UserWarning $(BIN)/python -m pip install --quiet --editable
MANIFEST ?=
RECIPES   = engine/training/recipes
MADE      = runs/procedural

.PHONY: run test screenshots train-mini clean
.DELETE_ON_ERROR:

run: $(VENV)/set-up-run
	$(BIN)/roomtone render "steady rain on a canvas tent, distant thunder"

test: $(VENV)/set-up-test $(VENV)/test-programs
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	QT_QPA_PLATFORM=offscreen $(BIN)/python -m pytest

screenshots: $(VENV)/set-up-test
	$(BIN)/python -m tests.screenshots docs/pictures

# The runs in the order in which each needs the one before; MANIFEST is the CSV that lists the recordings, or
# several with blanks between. Denoiser and vocoder hear recordings of our own making too.
train-mini: $(VENV)/set-up-train
	@test -n "$(MANIFEST)" || { echo "Say which recordings: make train-mini MANIFEST=recordings.csv" >&2; exit 2; }
	$(BIN)/python -m engine.training.procedural $(MADE)
	@set -e; for stage in vae clap ldm ldm-long ldm-wording words ldm-number vocoder; do \
	    manifests='$(MANIFEST)'; \
	    case $$stage in ldm*|vocoder) manifests="$$manifests $(MADE)/manifest.csv";; esac; \
	    list=$$(printf ',"%s"' $$manifests); \
	    $(BIN)/roomtone train $(RECIPES)/mini-$$stage.toml --set "data.manifests=[$${list#,}]" --resume; \
	done

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache *.egg-info

# A set-up with the test extra is also one to run from.
$(VENV)/set-up-run: pyproject.toml $(VENV)/made
	@test $(VENV)/set-up-test -nt pyproject.toml \
	    || { echo "Setting up $(VENV): this fetches PyTorch and takes some minutes." >&2; $(INSTALL) .; }
	@touch $@

$(VENV)/set-up-test: pyproject.toml $(VENV)/made
	@echo "Setting up $(VENV) for the tests: this fetches PyTorch and takes some minutes." >&2
	@$(INSTALL) '.[test]'
	@touch $@

# The programs that the tests drive: running Roomtone needs none of them.
$(VENV)/test-programs: .ci/test-programs $(VENV)/made
	@.ci/test-programs
	@touch $@

$(VENV)/set-up-train: pyproject.toml $(VENV)/made
	@echo "Setting up $(VENV) for training: this fetches PyTorch and takes some minutes." >&2
	@$(INSTALL) '.[train,teacher]'
	@touch $@

$(VENV)/made: .ci/system-packages
	@test -n "$(PYTHON)" || { echo "Roomtone needs Python 3.10 to 3.13: please install it." >&2; exit 1; }
	@.ci/system-packages $(PYTHON)
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --upgrade pip
	@touch $@
