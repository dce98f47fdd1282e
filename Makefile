# `make demo` and `make test` set up everything they need on a machine with python3 and make.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
PYTEST := $(BIN)/python -m pytest
PORT ?= 8000
WORKERS ?= 3

.PHONY: help demo test check bench load faults week screenshots wheel lock clean machine

help:
	@echo "make demo         set up and serve an invented organisation"
	@echo "make test         set up and run every test"
	@echo "make check        lint, types, contracts and templates; changes nothing"
	@echo "make bench        measure, print a table, write build/bench.json"
	@echo "make week         two schedulers and three web servers through a simulated week"
	@echo "make load         ten thousand people in ten minutes, beside a bare handler; build/load.json"
	@echo "make faults       break things on purpose for twelve minutes, write build/faults.json"
	@echo "make screenshots  take the pictures in docs/screenshots"
	@echo "make wheel        build dist/*.whl"
	@echo "make lock         renew config/lock.txt (needs uv)"

$(READY): config/lock.txt pyproject.toml
	@.ci/make-venv $(PYTHON) $(VENV)
	@touch $(READY)

demo: $(READY)
	$(BIN)/wellbeing demo --port $(PORT)

machine:
	@.ci/install-debian-packages

test: machine $(READY)
	$(PYTEST) -n $(WORKERS) --dist worksteal

check: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/djlint templates --lint --quiet
	$(BIN)/bandit --quiet --configfile pyproject.toml --recursive wellbeing jobs

bench: $(READY)
	$(BIN)/python -m tests.bench

week: machine $(READY)
	$(BIN)/python -m tests.operations.week
load: machine $(READY)
	$(BIN)/python -m tests.load
faults: machine $(READY)
	$(BIN)/python -m tests.faults

screenshots: machine $(READY)
	$(BIN)/python -m tests.browser.screenshots

wheel: $(READY)
	$(BIN)/python -m hatchling build -t wheel

lock:
	uv pip compile pyproject.toml --all-extras --group test --universal --python-version 3.11 \
	  --generate-hashes --no-emit-index-url --no-emit-find-links --no-header --no-annotate -q \
	  -o config/lock.txt

clean:
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
