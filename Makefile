# Each target works from a fresh clone: python3 (3.11 or newer) is all it needs.
VENV := .venv
BIN := $(VENV)/bin
PYTHON ?= python3
# Tests, then every example of the docstrings and of the pages.
PYTEST ?= tests docs README.md --doctest-glob='*.md' --doctest-modules --pyargs seqclf
WHEEL_SITE := build/wheel
# The records of the MIT-BIH database, for `make reproduce DATA=...` and the tests of real data (SEQCLF_MITDB).
DATA ?=
TRAIN ?= 20000
REPRODUCE := $(if $(DATA),--data $(DATA) --train $(TRAIN) --check)

.PHONY: venv reproduce test lint types pytest docs bench clean
venv: $(VENV)/.installed

# torch first and pinned: a range would take the newest build, gigabytes of it.
$(VENV)/.installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check $$(grep '^torch==' constraints.txt)
	$(BIN)/pip install --quiet --disable-pip-version-check --constraint constraints.txt hatchling editables
	$(BIN)/pip install --quiet --disable-pip-version-check --constraint constraints.txt --no-build-isolation --editable '.[dev]'
	touch $@

reproduce: venv
	$(BIN)/python examples/reproduce_models.py $(REPRODUCE)

test: lint types docs pytest

lint: venv
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/lint-imports

types: venv
	$(BIN)/mypy

# What is tested is the built wheel: it comes before the editable install on the path.
pytest: venv
	rm -rf dist $(WHEEL_SITE)
	$(BIN)/python -m build --no-isolation --outdir dist > build.log 2>&1 || { cat build.log; exit 1; }
	rm build.log
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --target $(WHEEL_SITE) dist/*.whl
	PYTHONPATH=$(WHEEL_SITE) SEQCLF_WHEEL=$(abspath $(WHEEL_SITE)) $(BIN)/python -m pytest $(PYTEST)

docs: venv
	$(BIN)/sphinx-build -n -W --keep-going -q -b html docs docs/_build/html

bench: venv
	$(BIN)/python benchmarks/bench_training.py

clean:
	rm -rf build dist docs/_build $(VENV)
