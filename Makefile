# Everything that you and CI run. `make setup` is part of the others and costs nothing when it is done.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
BUNDLE := src/rundetails/static/index.js

.PHONY: setup demo test check fix bench wheel pythons clean
.DELETE_ON_ERROR:

# The whole environment, inside this folder: nothing is installed into the system's Python.
setup: $(VENV)/.installed $(VENV)/.kernels $(VENV)/.servers $(VENV)/.browser $(BUNDLE)

# The quickstart in JupyterLab. CHECK=1: without a screen, and says whether the view drew and moved.
demo: setup
	$(BIN)/python tools/demo.py $(if $(CHECK),--check)

# All that can be found out in a minute. The folder is left out whole: only to collect it costs seconds.
check: setup
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/python js/generate_contract.py --check
	npm run --silent check
	npm run --silent test
	$(BIN)/pytest -m "not wheel and not slow" --ignore tests/browser

# Puts right what a formatter or a linter can.
fix: setup
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .
	npm run --silent fix

test: check
	$(BIN)/pytest -m "browser or wheel or slow"

bench: setup
	$(BIN)/python -m benchmarks

# sdist and wheel, each tried alone in an empty environment without Node.
wheel: setup
	$(BIN)/python tools/try_wheel.py

# The tests that need no browser, under every supported Python that is found.
pythons: setup
	$(BIN)/python tools/pythons.py

clean:
	rm -rf dist build test-output $(BUNDLE) .mypy_cache .ruff_cache .pytest_cache
	rm -rf $(VENV) .venv-3.* node_modules

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10))' || \
		{ echo "rundetails needs Python 3.10 or newer: make setup PYTHON=python3.12, say."; exit 1; }
	$(PYTHON) -m venv $(VENV)

# The bundle comes first, or the build would make it a second time. Compiled is what is imported: half a minute less.
$(VENV)/.installed: pyproject.toml | $(VENV)/bin/python $(BUNDLE)
	$(BIN)/python -m pip install --quiet --no-compile --disable-pip-version-check --editable '.[dev]'
	touch $@

$(VENV)/.kernels: tools/kernels.py | $(VENV)/.installed
	$(BIN)/python tools/kernels.py
	touch $@

$(VENV)/.servers: tools/servers.py | $(VENV)/.installed
	$(BIN)/python tools/servers.py
	touch $@

$(VENV)/.browser: tools/find_browser.py | $(VENV)/.installed
	$(BIN)/python tools/find_browser.py --install > $@

# npm writes this file at the end of an install.
node_modules/.package-lock.json: package-lock.json
	npm ci --no-audit --no-fund
	touch $@

$(BUNDLE): node_modules/.package-lock.json js/build.mjs $(shell find js/src -type f 2>/dev/null)
	npm run --silent build
