# One target for each thing a person does. `make` alone lists them.
# Works from a fresh clone: every target that needs packages sets them up first.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

# The interpreter that .venv is made with.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
# Where torch comes from: the address of a package index, e.g. PyTorch's own for CPU builds. Empty: wherever pip looks anyway.
TORCH_INDEX ?=
# Which lock file `setup` installs: dev (everything) or runtime (what the image needs).
LOCK ?= dev
# Where `make demo` listens.
PORT ?= 8000
# Test processes, and anything else for pytest: make test ARGS="-k outbox".
WORKERS ?= 2
ARGS ?=

VENV := .venv
PY := $(VENV)/bin/python
PIP := $(PY) -m pip --disable-pip-version-check
PIP_FLAGS ?= --quiet --quiet
# Named after the lock files, so that a changed lock installs anew and an unchanged one costs nothing.
STAMP = $(VENV)/installed-$(LOCK)-$(shell cat requirements/*.txt | sha256sum | cut -c1-16)
SYSTEM_PACKAGES := chromium fonts-noto-cjk

##@ Use it

.PHONY: help
help: ## List the targets
	@awk 'BEGIN {FS = ":.*## "} \
		/^##@ / {printf "\n%s\n", substr($$0, 5)} \
		/^[a-z-]+:.*## / {printf "  make %-9s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: setup
setup: $(STAMP) ## Make ./.venv with everything pinned (some minutes, once)

$(STAMP):
	@test -n "$(PYTHON)" || { echo "Python 3.11 is not installed: make system (as root) installs it." >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "$(PYTHON) is missing or older than 3.11: make setup PYTHON=/path/to/python3.11" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || \
		{ echo "This Python cannot make environments: make system (as root) installs what it lacks." >&2; exit 1; }
	@echo "Installing the pinned packages into $(VENV): some minutes and about 2 GB, once."
	@$(PYTHON) -m venv $(VENV)
	@$(PIP) install $(PIP_FLAGS) $(if $(TORCH_INDEX),--extra-index-url $(TORCH_INDEX)) \
		--constraint requirements/runtime.txt --requirement requirements/torch.txt
	@$(PIP) install $(PIP_FLAGS) --no-deps --requirement requirements/$(LOCK).txt
	@$(PIP) check
	@rm -f $(VENV)/installed-$(LOCK)-* && touch $@

.PHONY: system
system: ## Install Debian's packages for browser tests and Chinese fonts (needs root)
	@wanted="$(SYSTEM_PACKAGES)"; missing=""; \
	$(or $(PYTHON),false) -c 'import ensurepip' 2>/dev/null || wanted="$$wanted python3 python3-venv"; \
	for package in $$wanted; do \
		dpkg-query --show --showformat='$${Status}' $$package 2>/dev/null | grep -q 'install ok installed' \
			|| missing="$$missing $$package"; \
	done; \
	if [ -z "$$missing" ]; then echo "System packages: all there."; exit 0; fi; \
	if [ "$$(id -u)" -ne 0 ]; then echo "make system needs root to install:$$missing" >&2; exit 1; fi; \
	echo "Installing:$$missing"; \
	export DEBIAN_FRONTEND=noninteractive; \
	apt-get update --quiet=2; \
	apt-get install --quiet=2 --yes --no-install-recommends $$missing >/dev/null

.PHONY: demo
demo: setup ## Serve it with demo data at http://127.0.0.1:8000 until Ctrl-C (PORT=8001: elsewhere)
	@$(PY) .ci/demo.py --port $(PORT)

.PHONY: model
model: setup ## Convert the embedding model into the cache; the image does it while it is built
	@$(PY) -m matcher model

##@ Work on it

.PHONY: test
test: setup ## Run all tests, on both databases, with the real model and a real browser
	@$(PY) -m pytest --numprocesses $(WORKERS) --dist loadfile $(ARGS)

.PHONY: check
check: setup ## Format, lint, spelling, types, import rules; what CI runs before the tests
	@$(PY) -m ruff format --check .
	@$(PY) -m ruff check .
	@$(PY) -m codespell_lib
	@$(PY) -m mypy
	@$(VENV)/bin/lint-imports --no-logo

.PHONY: fix
fix: setup ## Format and mend what ruff can mend
	@$(PY) -m ruff check --fix .
	@$(PY) -m ruff format .

.PHONY: bench
bench: setup ## Measure time and memory, beside the yardsticks (not a test: figures depend on the machine)
	@OPENBLAS_NUM_THREADS=1 $(PY) -m tests.bench

.PHONY: proof
proof: setup ## Show every promise by its tests, break the code on purpose, write docs/proof.md (over an hour)
	@$(PY) -m tests.proof $(ARGS)

.PHONY: lock
lock: setup ## Pin what is installed in requirements/
	@$(PY) .ci/lock.py

.PHONY: catalogue
catalogue: setup ## Renew the catalogue of translations from what is marked in code and templates
	@$(PY) -m web.catalogue

.PHONY: settings
settings: setup ## Write .env.example and the table in README.md from models/config.py
	@$(PY) .ci/settings.py

.PHONY: guides
guides: setup ## Take the pictures of docs/guides from the demo that runs at PORT
	@$(PY) .ci/guides.py --site http://127.0.0.1:$(PORT)

.PHONY: clean
clean: ## Remove .venv, build files and the model cache; never a database
	@rm -rf $(VENV) build dist htmlcov .coverage .coverage.* \
		.mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
	@rm -rf "$${DUIJIE_CACHE_DIR:-$${DUIJIE_DATA_DIR:-var}/cache}/models"
