# headgate: the commands of a checkout. Everything is installed into .venv from the lock files.
PYTHON ?= python3
BIN := .venv/bin
SERVE ?= 1
DATA ?=
SNAPML ?= 0
LARGE ?= 0
DOCS ?= 0
N ?= 50
SEED ?= 1
MINUTES ?= 20

.PHONY: demo test test-all mutants torture soak lint docs bench bench-kernel bench-detection lock clean

KERNEL := CMakeLists.txt $(wildcard headgate/kernel/*.?pp headgate/kernel/*/*.hpp)

.venv/runtime: requirements.lock pyproject.toml $(KERNEL)
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/python -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "headgate needs Python 3.11 or newer; name one with make PYTHON=/path/to/python3.11"; exit 2; }
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps -e .
	@touch $@

.venv/dev: .venv/runtime requirements-dev.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@

demo: .venv/runtime
	$(BIN)/headgate demo --out demo $(if $(filter 0,$(SERVE)),--no-serve,--serve)

lint: .venv/dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

test: .venv/dev lint
	$(BIN)/pytest -m "not outside" -n 2

test-all: test
	sh tests/outside/install.sh
	$(BIN)/pytest -m outside

# Kernels with one mistake each, built and tried one by one: some 15 minutes.
mutants: .venv/dev
	$(BIN)/python tests/kernel/mutants/run.py

# A writer killed N times on a disk that loses what was not synced: a second for four kills.
torture: .venv/dev
	PYTHONPATH=tests $(BIN)/python -m torture $(N) $(SEED)

# A served home under load, by default for twenty minutes.
soak: .venv/dev
	PYTHONPATH=tests $(BIN)/python -m torture.soak $(MINUTES)

docs: .venv/dev
	$(BIN)/python -m headgate.cli._reference docs
	$(BIN)/zensical build --strict

bench: .venv/dev
	$(BIN)/python -m bench all $(if $(DATA),--data $(DATA))

# The other side of bench-kernel, proprietary and asked for by SNAPML=1 only: a venv of its own, in no lock file.
.venv-snapml/ready:
	test -x .venv-snapml/bin/python || $(PYTHON) -m venv .venv-snapml
	.venv-snapml/bin/pip install --quiet --disable-pip-version-check snapml==1.17.2 numpy
	@touch $@

bench-kernel: .venv/dev $(if $(filter-out 0,$(SNAPML)),.venv-snapml/ready)
	HEADGATE_BENCH_SNAPML=$(SNAPML) HEADGATE_BENCH_LARGE=$(LARGE) $(BIN)/python -m bench kernel $(if $(DATA),--data $(DATA))

# DATA is a dataset folder or a folder of them; DOCS=1 writes docs/detection.md.
bench-detection: .venv/dev $(if $(filter-out 0,$(SNAPML)),.venv-snapml/ready)
	HEADGATE_BENCH_SNAPML=$(SNAPML) HEADGATE_BENCH_DOCS=$(DOCS) $(BIN)/python -m bench detection $(if $(DATA),--data $(DATA))

bench-%: .venv/dev
	HEADGATE_BENCH_LARGE=$(LARGE) $(BIN)/python -m bench $* $(if $(DATA),--data $(DATA))

lock:
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check uv
	$(BIN)/uv pip compile --universal --python-version 3.11 --quiet --generate-hashes --no-annotate --no-header --no-emit-index-url --extra build pyproject.toml -o requirements.lock
	$(BIN)/uv pip compile --universal --python-version 3.11 --quiet --generate-hashes --no-annotate --no-header --no-emit-index-url --extra dev --constraint requirements.lock pyproject.toml -o requirements-dev.lock

clean:
	rm -rf .venv .venv-snapml demo site bench/results
