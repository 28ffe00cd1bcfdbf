# Everything that one does with Pressroom. It needs git, make and Python 3.11 or newer; the rest it gets itself.

SHELL := /bin/sh
.DEFAULT_GOAL := help
PYTHONS := python3.11 python3 python3.12 python3.13 python3.14
PYTHON := .venv/bin/python
INSTALL := $(PYTHON) -m pip --disable-pip-version-check -qq install --require-hashes --no-deps --no-compile
COMPILE := CUSTOM_COMPILE_COMMAND="make lock" $(PYTHON) -m piptools compile --quiet --generate-hashes --strip-extras \
	--annotation-style=line --no-emit-options --no-emit-index-url --no-emit-find-links --no-emit-trusted-host
FOUND = $(shell for python in $(PYTHONS); do \
	"$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo "$$python" && break; done)
DEVELOPMENT := import tomllib; \
	print(*tomllib.load(open("pyproject.toml", "rb"))["dependency-groups"]["dev"], sep="\n")

help: ## List all of this
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/make \1\t\2/p' Makefile | expand -t 14

demo: .venv/runtime ## Run Pressroom against simulators of Slack and Meta: open http://127.0.0.1:8000 (another: PORT=9000)
	@exec $(PYTHON) -m pressroom demo

run: .venv/runtime ## Run Pressroom for real, with the settings in .env (see .env.example)
	@exec $(PYTHON) -m pressroom serve

# Many of them start programs: what Python compiles for one is kept for the next, whatever the environment says.
test: .venv/dev ## Run all tests, browser journeys included, two at a time
	@$(PYTHON) -m tests.chromium
	@PYTHONDONTWRITEBYTECODE= $(PYTHON) -m pytest -n 2 --dist worksteal

check: .venv/dev ## Check style, types, who imports whom, and the lock: in step, and free of known weaknesses
	@$(PYTHON) -m ruff check .
	@$(PYTHON) -m ruff format --check .
	@$(PYTHON) -m mypy
	@.venv/bin/lint-imports
	@$(PYTHON) -m pytest tests/test_lock.py
	@$(PYTHON) -m tests.advisories

bench: .venv/dev ## Measure publishing at scale
	@exec $(PYTHON) -m tests.bench

torture: .venv/dev ## Break everything while posts go out and tokens change, and show that nothing is lost, doubled or shown
	@exec $(PYTHON) -m tests.torture

lock: .venv/made ## Write requirements*.txt anew from pyproject.toml; make lock UPGRADE=--upgrade takes the newest
	@$(PYTHON) -m pip --disable-pip-version-check -qq install 'pip-tools>=7.6,<8'
	@$(COMPILE) $(UPGRADE) -o requirements.txt pyproject.toml
	@$(PYTHON) -c '$(DEVELOPMENT)' | $(COMPILE) $(UPGRADE) -c requirements.txt -o requirements-dev.txt pyproject.toml -

clean: ## Remove what was made here, except the data in .data
	@rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis build dist *.egg-info
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

.PHONY: help demo run test check bench torture lock clean

# --- what is made once, and again only when the lock changes -----------------------------------------------------

# One make at a time, in another one that looks again once it is its turn: the first may have made it meanwhile.
# The lock is on this file, and the kernel forgets it when its holder dies.
ifndef ALONE
ALONE := import fcntl, subprocess, sys; lock = open("Makefile"); fcntl.flock(lock, fcntl.LOCK_EX); \
	sys.exit(subprocess.call(sys.argv[1:]))

.venv/made:
	@test -n "$(FOUND)" || { echo "Pressroom needs Python 3.11 or newer, and found none of: $(PYTHONS)" >&2; exit 1; }
	@$(FOUND) -c '$(ALONE)' $(MAKE) --silent ALONE=yes $@

.venv/runtime: requirements.txt | .venv/made
	@$(PYTHON) -c '$(ALONE)' $(MAKE) --silent ALONE=yes $@

.venv/dev: requirements-dev.txt requirements.txt | .venv/made
	@$(PYTHON) -c '$(ALONE)' $(MAKE) --silent ALONE=yes $@
else
.venv/made:
	@echo "Making .venv with $$($(FOUND) --version)"
	@$(FOUND) -m venv .venv
	@touch $@

.venv/runtime: requirements.txt | .venv/made
	@echo "Installing what Pressroom needs into .venv (once)"
	@$(INSTALL) -r requirements.txt
	@touch $@

.venv/dev: requirements-dev.txt requirements.txt | .venv/made
	@echo "Installing what Pressroom and its tests need into .venv (once)"
	@$(INSTALL) -r requirements-dev.txt
	@touch .venv/runtime $@
endif
