# Each target works in a fresh clone: Python 3.11 or newer, a C++ compiler and access to PyPI suffice.
VENV := .venv
BIN := $(VENV)/bin
PYTHON ?= python3
# The versions to install. `CONSTRAINTS=/dev/null` takes the newest of each package.
CONSTRAINTS ?= constraints.txt
PIP_INSTALL = install --quiet --disable-pip-version-check --constraint $(CONSTRAINTS)
TORCH = $(or $(shell grep '^torch==' $(CONSTRAINTS)),torch)

CORES ?= $(shell nproc 2> /dev/null || sysctl -n hw.ncpu)
# Run independent targets at once, and keep the output of each together (GNU Make 4; macOS has 3.81).
AT_ONCE = $(MAKE) --no-print-directory --keep-going --jobs=$(CORES) $(if $(filter output-sync,$(.FEATURES)),--output-sync=target)
# One process per core, which computes on one thread (tests/conftest.py). Tests of a file stay together: they share fixtures.
XDIST = --numprocesses=$(CORES) --dist=loadfile
# All tests, then all examples in docstrings and pages; building the documentation runs the gallery.
PYTEST ?= tests docs README.md --ignore=docs/gallery --ignore=docs/gallery_scripts --doctest-glob='*.md' --doctest-modules --pyargs seqclf
# The core, without the slowest files; no datasets, audit, sweeps, trackers, scripts or packaging.
QUICK := $(addprefix tests/,sequences sampling nn training transforms estimators evaluation kernels test_architecture.py \
	test_checks.py test_components.py test_files.py test_random.py)
NOT_QUICK := $(addprefix --ignore=tests/,estimators/test_sklearn_contract.py kernels/test_buffers.py \
	kernels/test_compile.py kernels/test_instruction_sets.py kernels/test_row_ends.py kernels/test_threads.py)
WHEEL_ENV := build/wheel
RUN_PYTEST = SEQCLF_WHEEL=$(abspath $(WHEEL_ENV)) $(WHEEL_ENV)/bin/python -m pytest $(XDIST) --durations=10 $(PYTEST)
PRINT_SITE := import sysconfig; print(sysconfig.get_path('purelib'))
FUZZ ?=
ARM_CXX ?=
ARM_RUN ?=
OLD_OPTUNA := build/optuna-4.9
OLDEST := build/oldest
OLDEST_INSTALL := install --quiet --disable-pip-version-check --constraint $(OLDEST)/constraints.txt
TEST_TOOLS := awkward build grimp hypothesis onnxruntime pandas polars pytest pytest-xdist
# Folder of the MIT-BIH records, for `make reproduce DATA=...`; the tests find it in SEQCLF_MITDB.
DATA ?=
ATTACK ?=
REPRODUCE := $(if $(DATA),--data $(DATA) --check)

.PHONY: venv kernels fuzz fuzz-plain fuzz-address fuzz-thread fuzz-arm64 planted sanitize reproduce quick test lint types quick-tests wheel pytest oldest-optuna oldest docs attack bench clean
venv: $(VENV)/.installed

# torch comes first and pinned: a range would install the newest build, which takes gigabytes.
$(VENV)/.installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip $(PIP_INSTALL) $(TORCH)
	$(BIN)/pip $(PIP_INSTALL) scikit-build-core cmake ninja
	$(BIN)/pip $(PIP_INSTALL) --no-build-isolation --editable '.[dev]'
	touch $@

# After a change of C++: compile what changed, and install the library where the editable install finds it.
kernels: venv
	SEQCLF_REQUIRE_KERNELS=1 $(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .

# Compare the kernels with a plain reference on random shapes, and call them from many threads: as they are and with each sanitizer,
# about a minute each on two cores. FUZZ="--seed 7 --cases 10000" tries others.
fuzz: fuzz-plain fuzz-address fuzz-thread

fuzz-plain: SANITIZERS :=
fuzz-address: SANITIZERS := address,undefined
fuzz-thread: SANITIZERS := thread
# ARM_CXX is a cross compiler in the notation of CMake, ARM_RUN an emulator: CONTRIBUTING.md has an example.
fuzz-arm64: CROSS = -D CMAKE_SYSTEM_NAME=Linux -D CMAKE_SYSTEM_PROCESSOR=aarch64 -D CMAKE_CXX_COMPILER='$(ARM_CXX)'
fuzz-arm64: EMULATOR = $(ARM_RUN)
# An emulator is slow, and qemu aborts in a forked process that starts threads.
fuzz-arm64: LIMITS = $(if $(ARM_RUN),--cases 200 --forks 0)

fuzz-plain fuzz-address fuzz-thread fuzz-arm64: venv
	$(BIN)/cmake -S . -B build/$@ -G Ninja -D CMAKE_MAKE_PROGRAM=$(abspath $(BIN)/ninja) -D SEQCLF_FUZZ=ON \
		-D SEQCLF_SANITIZE=$(SANITIZERS) $(CROSS)
	$(BIN)/cmake --build build/$@ --target fuzz
	$(EMULATOR) build/$@/fuzz $(LIMITS) $(FUZZ)

# Plant faults in a copy of the kernels; the fuzz must find each of them.
planted: venv
	$(BIN)/python tests/kernels/native/planted.py

# The fuzz, then the tests that call the library from Python with AddressSanitizer and UndefinedBehaviorSanitizer. Python and torch
# are built without: the sanitizers must be loaded before them, and leaks are not checked. An error ends the process, so its report
# must not be captured.
sanitize: fuzz
	$(BIN)/cmake --build build/fuzz-address --target _recurrence
	LD_PRELOAD="$$($(CXX) -print-file-name=libasan.so) $$($(CXX) -print-file-name=libubsan.so)" \
	ASAN_OPTIONS=detect_leaks=0 UBSAN_OPTIONS=print_stacktrace=1 SEQCLF_KERNELS=$(abspath build/fuzz-address/_recurrence.so) \
	$(BIN)/python -m pytest --capture=no tests/kernels

# Train eight models on simulated beats; fail unless they reach the scores in examples/expected_simulated.json. With DATA, train on
# recorded beats.
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

# mypy, then pyright as strict users run it: on a user's code, and whether every public name has a complete type.
types: venv
	$(BIN)/mypy
	$(BIN)/basedpyright --pythonpath $(BIN)/python
	PATH="$(abspath $(BIN)):$$PATH" PYTHONPATH=.ci/stubs:src $(BIN)/basedpyright --verifytypes seqclf --ignoreexternal > types.log \
		|| { cat types.log; exit 1; }
	rm types.log

# The tests run on the built wheel, in an environment that borrows all other packages: in $(VENV), the editable install would come
# first on the path.
wheel: venv
	rm -rf dist $(WHEEL_ENV)
	$(BIN)/python -m build --no-isolation --outdir dist > build.log 2>&1 || { cat build.log; exit 1; }
	rm build.log
	$(BIN)/python -m venv --without-pip $(WHEEL_ENV)
	$(BIN)/pip --python $(WHEEL_ENV)/bin/python install --quiet --disable-pip-version-check --no-deps dist/*.whl
	$(BIN)/python -c "$(PRINT_SITE)" > $$($(WHEEL_ENV)/bin/python -c "$(PRINT_SITE)")/borrowed.pth

pytest: wheel
	$(RUN_PYTEST)

# Run the tests of sweeps again, with the oldest supported Optuna and everything else unchanged.
oldest-optuna: venv
	$(BIN)/pip install --quiet --disable-pip-version-check --upgrade --no-deps --target $(OLD_OPTUNA) 'optuna==4.9.*'
	PYTHONPATH=$(OLD_OPTUNA) $(BIN)/python -c 'import optuna; assert optuna.__version__.startswith("4.9")'
	PYTHONPATH=$(OLD_OPTUNA) $(BIN)/python -m pytest --quiet $(XDIST) tests/tuning/test_*.py

# Run the tests with the lowest supported version of each package, in a separate environment. Old packages use what newer ones
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

# One thread in each process: those of torch would spin while others work.
docs: venv
	OMP_NUM_THREADS=1 $(BIN)/sphinx-build -n -W --keep-going -q --jobs $(CORES) -b html docs docs/_build/html

# Try bad input at every entry point: twelve minutes of processor time. Fails if anything but a named error or the right result
# comes of it. ATTACK="--seed 1" chooses others.
attack: venv
	PYTHONPATH=tests $(BIN)/python -m attack --out results/attack.json $(ATTACK)

# Compare with torch and onnxruntime (20 minutes), then with skorch, sktime and Keras, in separate environments (0.2 and 2.7 GB);
# then measure sweeps. SEQCLF_MITDB (a folder) selects recorded beats, SEQCLF_POSTGRESQL (a URL) adds a database. Fails if a ratio
# is below its floor, after everything has been measured and written.
bench: venv
	$(BIN)/python -m benchmarks.engine
	$(BIN)/python -m benchmarks.import_time
	$(BIN)/python -m benchmarks.peers
	$(BIN)/python -m benchmarks.sweeps
	$(BIN)/python -m benchmarks.render
	$(BIN)/python -m benchmarks.engine.floors

clean:
	rm -rf build dist docs/_build $(VENV)
