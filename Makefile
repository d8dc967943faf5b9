# Needs Python 3.11 or newer with venv. Everything else is installed into .venv, pinned by requirements/*.txt; what `make foreign`
# installs, which needs Node 18 or newer with npm, is pinned by tests/foreign/package-lock.json.
VENV := .venv
BIN := $(VENV)/bin
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
PORT ?= 8000
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

.PHONY: serve build test lint types check foreign lock clean

serve: build  ## build the graph and serve it on port 8000, or on PORT=…
	@$(BIN)/relgraph serve --port $(PORT)

build: $(VENV)/run.stamp  ## build a release into build/
	@$(BIN)/relgraph build

test: $(VENV)/dev.stamp  ## run every test, on all processors
	@$(BIN)/python -m pytest --numprocesses auto --dist loadfile

foreign: tests/foreign/node_modules/.stamp  ## parsers and clients of others, for the tests that need Node

lint: $(VENV)/dev.stamp
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

types: $(VENV)/dev.stamp
	@$(BIN)/mypy

check: lint types test  ## lint, types, tests, validation, lint of the ontology, and the committed graph against a rebuild
	@$(BIN)/relgraph validate
	@$(BIN)/relgraph lint
	@$(BIN)/relgraph build --check

$(VENV)/python.stamp:
	@test -n "$(PYTHON)" || { echo "relgraph needs Python 3.11 or newer with venv (on Debian: apt install python3-venv)"; exit 1; }
	@$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/run.stamp: requirements/run.txt pyproject.toml | $(VENV)/python.stamp
	@echo "Installing into $(VENV) …"
	@test -e $(VENV)/dev.stamp || $(PIP) install --require-hashes -r requirements/run.txt
	@$(PIP) install --no-build-isolation --no-deps --editable .
	@touch $@

$(VENV)/dev.stamp: requirements/dev.txt pyproject.toml | $(VENV)/python.stamp
	@echo "Installing into $(VENV) …"
	@$(PIP) install --require-hashes -r requirements/dev.txt
	@$(PIP) install --no-build-isolation --no-deps --editable .
	@touch $@

tests/foreign/node_modules/.stamp: tests/foreign/package.json tests/foreign/package-lock.json tests/foreign/.npmrc
	@command -v npm > /dev/null || { echo "this needs Node 18 or newer with npm (on Debian: apt install nodejs npm)"; exit 1; }
	@echo "Installing into tests/foreign/node_modules …"
	@cd tests/foreign && npm ci --loglevel=error > /dev/null
	@touch $@

lock: $(VENV)/dev.stamp  ## renew the pinned versions
	@$(PIP) install pip-tools
	@for extra in dev run; do $(BIN)/pip-compile --quiet --upgrade --strip-extras --allow-unsafe --generate-hashes \
		--no-header --no-annotate --no-emit-index-url --no-emit-trusted-host --no-emit-find-links --all-build-deps \
		$$(test $$extra = dev && echo --extra dev || echo --extra tables -c requirements/dev.txt) -o requirements/$$extra.txt pyproject.toml; done

clean:
	@rm -rf $(VENV) build dist tests/foreign/node_modules .mypy_cache .pytest_cache .ruff_cache .hypothesis
