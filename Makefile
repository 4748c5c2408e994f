# Each target works from a fresh clone and installs what it needs; Python 3.11 or newer and a network with PyPI suffice.
VENV := .venv
BIN := $(VENV)/bin
PYTHON ?= python3
# The versions to install. `CONSTRAINTS=/dev/null` takes the newest of each package.
CONSTRAINTS ?= constraints.txt
PIP_INSTALL = install --quiet --disable-pip-version-check --constraint $(CONSTRAINTS)
TORCH = $(or $(shell grep '^torch==' $(CONSTRAINTS)),torch)

CORES ?= $(shell nproc 2> /dev/null || sysctl -n hw.ncpu)
# Targets that do not depend on each other run at once, each with its output in one piece (GNU Make 4; macOS has 3.81).
AT_ONCE = $(MAKE) --no-print-directory --keep-going --jobs=$(CORES) $(if $(filter output-sync,$(.FEATURES)),--output-sync=target)
# A process for each core; the tests of a file stay together, for they share fixtures. Each process computes on one thread.
XDIST = --numprocesses=$(CORES) --dist=loadfile
# Tests, then every example of the docstrings and of the pages.
PYTEST ?= tests docs README.md --doctest-glob='*.md' --doctest-modules --pyargs seqclf
# What changes most often breaks: no sweep, no tracker, no script, no wheel, and none of the slowest files.
QUICK := $(addprefix tests/,sequences sampling nn training transforms estimators evaluation kernels test_architecture.py \
	test_checks.py test_components.py test_random.py)
NOT_QUICK := $(addprefix --ignore=tests/,estimators/test_sklearn_contract.py kernels/test_buffers.py \
	kernels/test_compile.py kernels/test_instruction_sets.py kernels/test_row_ends.py kernels/test_threads.py)
WHEEL_ENV := build/wheel
RUN_PYTEST = SEQCLF_WHEEL=$(abspath $(WHEEL_ENV)) $(WHEEL_ENV)/bin/python -m pytest $(XDIST) --durations=10 $(PYTEST)
PRINT_SITE := import sysconfig; print(sysconfig.get_path('purelib'))
SANITIZED := build/sanitize
OLD_OPTUNA := build/optuna-4.9
OLDEST := build/oldest
OLDEST_INSTALL := install --quiet --disable-pip-version-check --constraint $(OLDEST)/constraints.txt
TEST_TOOLS := build grimp hypothesis pandas pytest pytest-xdist
# Folder of the MIT-BIH records, for `make reproduce DATA=...`; the tests find it in SEQCLF_MITDB.
DATA ?=
REPRODUCE := $(if $(DATA),--data $(DATA) --check)

.PHONY: venv kernels sanitize reproduce quick test lint types quick-tests wheel pytest oldest-optuna oldest docs bench clean
venv: $(VENV)/.installed

# torch comes first: with a range, and no torch installed, pip would take the newest, gigabytes of it.
$(VENV)/.installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip $(PIP_INSTALL) $(TORCH)
	$(BIN)/pip $(PIP_INSTALL) scikit-build-core cmake ninja
	$(BIN)/pip $(PIP_INSTALL) --no-build-isolation --editable '.[dev]'
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

# Eight models on simulated beats, which must reach the scores of examples/expected_simulated.json. With DATA, on real beats.
reproduce: venv
	$(if $(DATA),,rm -f results/simulated/models.json)
	$(BIN)/python examples/reproduce_models.py $(REPRODUCE)

# The inner loop.
quick: venv
	$(AT_ONCE) lint types quick-tests

# What must pass before a change lands.
test: venv
	$(AT_ONCE) lint types docs wheel
	$(RUN_PYTEST)
	$(MAKE) --no-print-directory oldest-optuna

quick-tests: venv
	$(BIN)/python -m pytest --quiet $(XDIST) $(QUICK) $(NOT_QUICK)

lint: venv
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/lint-imports

types: venv
	$(BIN)/mypy

# The tests run on the built wheel, in an environment that borrows everything else: in $(VENV) the editable install comes
# before any path.
wheel: venv
	rm -rf dist $(WHEEL_ENV)
	$(BIN)/python -m build --no-isolation --outdir dist > build.log 2>&1 || { cat build.log; exit 1; }
	rm build.log
	$(BIN)/python -m venv --without-pip $(WHEEL_ENV)
	$(BIN)/pip --python $(WHEEL_ENV)/bin/python install --quiet --disable-pip-version-check --no-deps dist/*.whl
	$(BIN)/python -c "$(PRINT_SITE)" > $$($(WHEEL_ENV)/bin/python -c "$(PRINT_SITE)")/borrowed.pth

pytest: wheel
	$(RUN_PYTEST)

# The sweeps once more with the oldest Optuna that is supported; everything else stays as it is.
oldest-optuna: venv
	$(BIN)/pip install --quiet --disable-pip-version-check --upgrade --no-deps --target $(OLD_OPTUNA) 'optuna==4.9.*'
	PYTHONPATH=$(OLD_OPTUNA) $(BIN)/python -c 'import optuna; assert optuna.__version__.startswith("4.9")'
	PYTHONPATH=$(OLD_OPTUNA) $(BIN)/python -m pytest --quiet $(XDIST) tests/tuning/test_*.py

# The tests with the lowest supported version of each package, in a separate environment. Old packages use what newer ones
# deprecate; COLUMNS because old progress bars fill 80. On Linux x86-64 PyPI's torch brings CUDA (5 GB): set
# PIP_EXTRA_INDEX_URL=https://download.pytorch.org/whl/cpu for the CPU build.
oldest: $(OLDEST)/.installed
	$(OLDEST)/bin/pip $(OLDEST_INSTALL) --no-deps --no-build-isolation --force-reinstall -Cbuild-dir=$(OLDEST)/build .
	COLUMNS=160 $(OLDEST)/bin/python -m pytest $(XDIST) --durations=10 -W ignore::DeprecationWarning -o xfail_strict=false \
		tests --ignore=tests/docs --ignore=tests/packaging

$(OLDEST)/.installed: pyproject.toml constraints.txt .ci/oldest.py
	$(PYTHON) -m venv --clear $(OLDEST)
	$(PYTHON) .ci/oldest.py > $(OLDEST)/constraints.txt
	$(OLDEST)/bin/pip $(OLDEST_INSTALL) torch
	$(OLDEST)/bin/pip $(OLDEST_INSTALL) scikit-build-core cmake ninja
	$(OLDEST)/bin/pip $(OLDEST_INSTALL) --no-build-isolation -Cbuild-dir=$(OLDEST)/build '.[all]' $(TEST_TOOLS)
	touch $@

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
