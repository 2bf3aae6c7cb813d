# Two commands: `make run` starts the service, `make test` runs every test. The rest is for those who work on it.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: run test lint bench model lock clean

run: $(VENV)/.run
	@exec $(BIN)/hotline serve

# What builds the model (torch) is large: the tests of training/ run where it is there, and always where CI is set.
test: $(VENV)/.dev $(if $(CI),$(VENV)/.training)
	@tests/install_tools
	@$(MAKE) --no-print-directory lint
	$(BIN)/python -m pytest -n 2 --dist loadgroup -q $(PYTEST)

lint: $(VENV)/.dev
	$(BIN)/ruff check . && $(BIN)/ruff format --check -q .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo --quiet || $(BIN)/lint-imports

bench: $(VENV)/.dev
	for part in bench/*.py; do $(BIN)/python $$part || exit 1; done

lock: ## Pin what pyproject.toml asks for, with hashes and without a registry's name.
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links \
	  --no-annotate --no-header --extra s3 pyproject.toml requirements/build.in -o requirements/run.txt
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links \
	  --no-annotate --no-header --extra s3 --extra ml --group dev -c requirements/run.txt pyproject.toml \
	  requirements/build.in -o requirements/dev.txt

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; v = sys.version_info; sys.exit(0 if (3, 11) <= v < (3, 14) else \
	  f"Python 3.11, 3.12 or 3.13 is needed, this is {v[0]}.{v[1]}: run `make PYTHON=python3.12 $(MAKECMDGOALS)`.")'
	@$(PYTHON) -m venv $(VENV) 2>/dev/null || { rm -rf $(VENV); \
	  [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && apt-get update -qq && apt-get install -y -qq python3-venv >/dev/null \
	  && $(PYTHON) -m venv $(VENV); } || { echo "Python's venv module is missing: install python3-venv."; exit 1; }

$(VENV)/.run: requirements/run.txt pyproject.toml | $(VENV)/bin/python
	@echo "Installing into $(VENV) (once)..."
	@$(BIN)/python -m pip install -q --disable-pip-version-check --no-compile --no-deps --require-hashes -r requirements/run.txt
	@$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.dev: requirements/dev.txt $(VENV)/.run
	@$(BIN)/python -m pip install -q --disable-pip-version-check --no-compile --no-deps --require-hashes -r requirements/dev.txt
	@touch $@

$(VENV)/.training: training/requirements.txt $(VENV)/.dev
	@$(BIN)/python -m pip install -q --disable-pip-version-check --no-compile -r training/requirements.txt
	@touch $@

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis

model: build/training/bin/python ## Build the bundled model (training/README.md): make model MODEL="--recordings FOLDER --pack"
	build/training/bin/python -m training $(MODEL)

build/training/bin/python: training/requirements.txt
	$(PYTHON) -m venv build/training
	build/training/bin/python -m pip install -q --disable-pip-version-check -r training/requirements.txt
	@touch $@
