# The doors of the house. Each one creates .venv from requirements.lock when it is missing or out of date.
#   make run            the bot when DISCORD_TOKEN is set (environment or .env), otherwise the sandbox
#   make test           the tests                     (ARGS="tests/house -k settings" picks some)
#   make check          lint (security rules too), format, types, no secret in a tracked file, and, where the
#                       internet can be asked, no known weakness in a package
#   make bench          benchmarks
#   make lock           requirements*.lock from pyproject.toml  (ARGS=--upgrade takes newer versions)
#   make lang           the catalogues of languages from the code     (ARGS=fr begins a new one)
#   make docs           the documentation as a site in site/    (ARGS=serve shows it while you write)
#   make venv           only the environment          (PYTHON=python3.13 picks another interpreter)

PYTHON ?= python3
ARGS ?=
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

# A copied or half-made environment, or one whose Python was removed, is made again.
USABLE := $(BIN)/python -c 'import sys, pip; sys.exit(sys.version_info < (3, 11))'
ifneq ($(shell $(USABLE) 2>/dev/null && echo usable),usable)
$(STAMP): new
endif

.PHONY: venv run test check bench lock lang docs new
.DEFAULT_GOAL := venv

venv: $(STAMP)

$(STAMP): requirements.lock
	@command -v $(PYTHON) >/dev/null 2>&1 || { \
	  echo "'$(PYTHON)' was not found. Install Python 3.11 or newer, or name one: make PYTHON=python3.13" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "Plantain needs Python 3.11 or newer, and '$(PYTHON)' is `$(PYTHON) -V 2>&1`." \
	    "Name a newer one: make PYTHON=python3.13" >&2; exit 1; }
	@$(USABLE) 2>/dev/null || $(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
	  echo "'$(PYTHON)' cannot create virtual environments. On Debian and Ubuntu: apt install python3-venv" >&2; exit 1; }
	@$(USABLE) 2>/dev/null || $(PYTHON) -m venv --clear $(VENV)
	@echo "Installing the packages of requirements.lock into $(VENV) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@touch $(STAMP)

run: $(STAMP)
	@$(BIN)/python -m bot $(ARGS)

test: $(STAMP)
	@$(BIN)/python -m pytest $(ARGS)

check: $(STAMP)
	@$(BIN)/python -m ruff check .
	@$(BIN)/python -m ruff format --check .
	@$(BIN)/python -m mypy $(ARGS)
	@$(BIN)/python -m tests.house.secret_scan
	@$(BIN)/python -m tests.house.audit

bench: $(STAMP)
	@$(BIN)/python -m benchmarks $(ARGS)

lang: $(STAMP)
	@$(BIN)/python -m cogs.locales.update $(ARGS)

# Without --quiet: it would hide warnings also from --strict. Material for MkDocs advertises its successor at
# every build unless it is told not to.
docs: $(STAMP)
	@$(BIN)/python -m tests.documentation.reference
	@NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs $(or $(ARGS),build --strict)

# One file for every platform and every Python from 3.11 on: names, versions, markers and hashes only, so
# that it says nothing about where the packages came from. The second is the part of it that a running bot
# needs: what the Dockerfile installs.
lock: $(STAMP)
	@$(BIN)/uv pip compile pyproject.toml --all-extras --output-file requirements.lock --quiet \
	  --universal --python-version 3.11 --generate-hashes \
	  --no-emit-index-url --no-header --no-annotate $(ARGS)
	@$(BIN)/uv pip compile pyproject.toml --extra postgres --constraint requirements.lock \
	  --output-file requirements.run.lock --quiet \
	  --universal --python-version 3.11 --generate-hashes \
	  --no-emit-index-url --no-header --no-annotate
	@echo "requirements.lock and requirements.run.lock are up to date with pyproject.toml."
