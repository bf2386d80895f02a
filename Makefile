# Needs make and Python 3.11 or newer. All else is installed into .venv, in the versions of constraints.txt.

.PHONY: help demo test sweeps lint bench clean
.DELETE_ON_ERROR:

NEW_ENOUGH := import sys; sys.exit(sys.version_info < (3, 11))
# python3 if it is new enough, or another that is. To choose yourself: make demo PYTHON=/path/to/python
PYTHON ?= $(firstword $(shell for python in python3 python3.13 python3.12 python3.11 python; do \
	$$python -c '$(NEW_ENOUGH)' 2>/dev/null && echo $$python && break; done) python3)
BIN := .venv/bin
# Kept, whatever the shell says: tests begin hundreds of processes, each of which would compile everything anew.
unexport PYTHONDONTWRITEBYTECODE
READY := .venv/.ready

help:
	@echo 'make demo    compare three integration patterns over a quarter end, in under two minutes'
	@echo 'make test    run the test suite'
	@echo 'make sweeps  put layers through all crash points, lost calls, orders, and 200 random profiles; all of theory'
	@echo 'make lint    run ruff and mypy'
	@echo 'make bench   measure the speed of the simulation'
	@echo 'make clean   remove .venv, caches and builds, but not runs/'

# Exit status 1 says that an expectation failed: point-to-point is there to fail some.
demo: $(READY)
	@$(BIN)/tieout compare quarter-end-spike || [ $$? -eq 1 ]

test: $(READY)
	$(BIN)/python -m pytest -n auto --maxprocesses 4 --dist worksteal

sweeps: $(READY)
	$(BIN)/python -m pytest -n auto --maxprocesses 4 --dist worksteal tests/harness/sweeps tests/harness/hypotheses --exhaustive

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: $(READY)
	$(BIN)/python -m benchmarks

clean:
	rm -rf .venv .bench .hypothesis .mypy_cache .pytest_cache .ruff_cache build dist *.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(READY): pyproject.toml constraints.txt
	@$(PYTHON) -c '$(NEW_ENOUGH)' || { \
	echo 'tieout: $(PYTHON) is not Python 3.11 or newer: install one, or name it: make PYTHON=/path/to/python' >&2; \
	exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' || { \
	echo 'tieout: $(PYTHON) cannot make virtual environments: install its venv package (on Debian: python3-venv)' >&2; \
	exit 1; }
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'
	@touch $@
