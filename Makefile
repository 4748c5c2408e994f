# Each target works from a fresh clone: python3 (3.11 or newer) is all it needs.
VENV := .venv
BIN := $(VENV)/bin
PYTHON ?= python3
# Tests, then every example of the docstrings and of the pages.
PYTEST ?= tests docs README.md --doctest-glob='*.md' --doctest-modules --pyargs seqclf
WHEEL_ENV := build/wheel
PRINT_SITE := import sysconfig; print(sysconfig.get_path('purelib'))
SANITIZED := build/sanitize
OLD_OPTUNA := build/optuna-4.9
# The records of the MIT-BIH database, for `make reproduce DATA=...` and the tests of real data (SEQCLF_MITDB).
DATA ?=
REPRODUCE := $(if $(DATA),--data $(DATA) --check)

.PHONY: venv kernels sanitize reproduce test lint types pytest oldest-optuna docs bench clean
venv: $(VENV)/.installed

# torch first and pinned: a range would take the newest build, gigabytes of it.
$(VENV)/.installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check $$(grep '^torch==' constraints.txt)
	$(BIN)/pip install --quiet --disable-pip-version-check --constraint constraints.txt scikit-build-core cmake ninja
	$(BIN)/pip install --quiet --disable-pip-version-check --constraint constraints.txt --no-build-isolation --editable '.[dev]'
	touch $@

# After a change of C++: compiles what changed, puts the library where the editable install finds it.
kernels: venv
	SEQCLF_REQUIRE_KERNELS=1 $(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .

# The library with AddressSanitizer and UndefinedBehaviorSanitizer, and the tests that call it. Python and torch are not
# built so: the sanitizers must be loaded before them, and what they leak is not asked for. An error ends the process, and a
# captured report with it.
sanitize: venv
	$(BIN)/cmake -S . -B $(SANITIZED) -G Ninja -D CMAKE_MAKE_PROGRAM=$(abspath $(BIN)/ninja) -D SEQCLF_SANITIZE=ON
	$(BIN)/cmake --build $(SANITIZED)
	LD_PRELOAD="$$($(CXX) -print-file-name=libasan.so) $$($(CXX) -print-file-name=libubsan.so)" \
	ASAN_OPTIONS=detect_leaks=0 UBSAN_OPTIONS=print_stacktrace=1 SEQCLF_KERNELS=$(abspath $(SANITIZED)/_recurrence.so) \
	$(BIN)/python -m pytest --capture=no tests/kernels

reproduce: venv
	$(BIN)/python examples/reproduce_models.py $(REPRODUCE)

test: lint types docs pytest oldest-optuna

lint: venv
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/lint-imports

types: venv
	$(BIN)/mypy

# What is tested is the built wheel, in an environment of its own that borrows all else: in $(VENV) the editable install
# comes before any path.
pytest: venv
	rm -rf dist $(WHEEL_ENV)
	$(BIN)/python -m build --no-isolation --outdir dist > build.log 2>&1 || { cat build.log; exit 1; }
	rm build.log
	$(BIN)/python -m venv --without-pip $(WHEEL_ENV)
	$(BIN)/pip --python $(WHEEL_ENV)/bin/python install --quiet --disable-pip-version-check --no-deps dist/*.whl
	$(BIN)/python -c "$(PRINT_SITE)" > $$($(WHEEL_ENV)/bin/python -c "$(PRINT_SITE)")/borrowed.pth
	SEQCLF_WHEEL=$(abspath $(WHEEL_ENV)) $(WHEEL_ENV)/bin/python -m pytest $(PYTEST)

# The sweeps once more with the oldest Optuna that is supported; all else stays as it is.
oldest-optuna: venv
	$(BIN)/pip install --quiet --disable-pip-version-check --upgrade --no-deps --target $(OLD_OPTUNA) 'optuna==4.9.*'
	PYTHONPATH=$(OLD_OPTUNA) $(BIN)/python -c 'import optuna; assert optuna.__version__.startswith("4.9")'
	PYTHONPATH=$(OLD_OPTUNA) $(BIN)/python -m pytest tests/tuning/test_*.py

docs: venv
	$(BIN)/sphinx-build -n -W --keep-going -q -b html docs docs/_build/html

# Beside torch, then beside skorch, sktime and Keras, which get an environment of their own (2.7 GB); then sweeps. With
# SEQCLF_MITDB on real beats, with SEQCLF_POSTGRESQL (a URL) with a database as well.
bench: venv
	$(BIN)/python -m benchmarks.engine
	$(BIN)/python -m benchmarks.peers
	$(BIN)/python -m benchmarks.sweeps
	$(BIN)/python -m benchmarks.render

clean:
	rm -rf build dist docs/_build $(VENV)
