# make run: set up and start.  make check: before every commit.  make test: everything.  make help: the rest.
# The first of these that runs; it is asked for only where there is no virtual environment yet.
PYTHON ?= $(shell for p in python3.11 python3; do $$p -c '' 2>/dev/null && { echo $$p; break; }; done)
VENV := .venv
BIN := $(VENV)/bin
STAMP := .make

.DEFAULT_GOAL := help
.PHONY: lock help setup run check format lint types contracts unit test test-tools pictures clean

help: ## show the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

setup: $(STAMP)/vendor ## install Python and npm packages and fill assets/vendor
	@true

run: setup ## start Svodka on http://127.0.0.1:8050
	@exec $(BIN)/python app.py

$(STAMP)/venv: requirements.txt constraints.txt
	@mkdir -p $(STAMP)
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || { \
	  test -n "$(PYTHON)" || { echo "Python 3.11 is needed, and neither python3.11 nor python3 runs here" >&2; exit 2; }; \
	  $(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 is needed; $(PYTHON) is %d.%d: name another with make PYTHON=..." % sys.version_info[:2])' \
	  && echo "making .venv" && $(PYTHON) -m venv --clear $(VENV); }
	@echo "installing Python packages, about a minute"
	@$(BIN)/python -m pip install --quiet -r requirements.txt -c constraints.txt
	@touch $@

$(STAMP)/dev: $(STAMP)/venv requirements-dev.txt
	$(BIN)/python -m pip install --quiet -r requirements-dev.txt -c constraints.txt
	@touch $@

$(STAMP)/vendor: $(STAMP)/venv package.json package-lock.json scripts/vendor.py
	$(BIN)/python -m scripts.vendor
	@touch $@

format: $(STAMP)/dev ## rewrite the code in the project's format
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lint: $(STAMP)/dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

types: $(STAMP)/dev
	$(BIN)/mypy

contracts: $(STAMP)/dev
	PYTHONPATH=. $(BIN)/lint-imports --no-logo

unit: $(STAMP)/dev $(STAMP)/vendor
	$(BIN)/python -m pytest -n 3 --dist worksteal tests/unit tests/architecture tests/contracts

check: lint types contracts unit ## format, lint, types, import contracts, unit tests

test-tools: $(STAMP)/dev ## install redis-server, PostgreSQL and Chromium where they are missing
	$(BIN)/python -m scripts.test_tools

test: setup check test-tools ## every test, with all the set-up it needs
	$(BIN)/python -m scripts.slow_tests

pictures: setup test-tools ## pictures of the wall in var/pictures and docs/pictures
	$(BIN)/python -m scripts.pictures

lock: $(STAMP)/dev ## write constraints.txt anew after a version in requirements*.txt changed
	@{ sed -n 1p constraints.txt; $(BIN)/pip freeze | grep -v @ | sort -f; } > constraints.new && mv constraints.new constraints.txt

clean: ## remove what set-up made (not the data in var/)
	rm -rf $(VENV) $(STAMP) node_modules assets/vendor
