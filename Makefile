# `make run` and `make test` need only Python ≥ 3.12; `make help` lists all commands.
.DEFAULT_GOAL := help
.PHONY: help run demo test test-fast migrate shell superuser token check format bench lock

VENV := .venv
PYTHON := $(VENV)/bin/python
INSTALLED := $(VENV)/.installed
# Output and paths may have letters that the encoding of the locale lacks.
export PYTHONUTF8 := 1
# One test worker more than there are cores: tests of real servers wait for a third of their time.
WORKERS = $$($(PYTHON) -c 'import os; print((os.cpu_count() or 1) + 1)')

help: ## List these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: $(INSTALLED) ## Set everything up and serve the API on http://127.0.0.1:8000 (PORT, WEB_CONCURRENCY)
	@exec $(PYTHON) manage.py serve

demo: $(INSTALLED) ## Start the API with the Next.js example on it, at one address (needs Node 20; PORT, API_PORT)
	@exec $(PYTHON) scripts/demo.py

test: $(INSTALLED) ## Set everything up and run the tests on a real PostgreSQL (ARGS="-k toggle" narrows it)
	@exec $(PYTHON) -m pytest -n $(WORKERS) --dist worksteal $(ARGS)

test-fast: $(INSTALLED) ## Every promise once, without servers, Node and crowds: a minute
	@exec $(PYTHON) -m pytest -n $(WORKERS) --dist worksteal -m "not slow" $(ARGS)

migrate: $(INSTALLED) ## Migrate the database
	@exec $(PYTHON) manage.py migrate

shell: $(INSTALLED) ## Start a Python shell with the models, on the same database
	@exec $(PYTHON) manage.py shell

superuser: $(INSTALLED) ## Create a staff user for /admin
	@exec $(PYTHON) manage.py createsuperuser

token: $(INSTALLED) ## Print a development token (ARGS="alice --name Alice")
	@exec $(PYTHON) manage.py issue_token $(or $(ARGS),developer)

check: $(INSTALLED) ## Run every check except the tests: format, lint, types, imports, migrations, OpenAPI
	@PYTHON=$(PYTHON) sh scripts/check

format: $(INSTALLED) ## Format the code
	@$(PYTHON) -m ruff check --fix --quiet . ; $(PYTHON) -m ruff format .

bench: $(INSTALLED) ## Compare the API with other frameworks (ARGS="--only get --repeats 5"); see benchmarks/README.md
	@$(PYTHON) -m benchmarks.compare $(ARGS)

lock: $(INSTALLED) ## Pin the dependencies of the requirements, with hashes (ARGS="--upgrade" takes newer ones)
	@PYTHON=$(PYTHON) sh scripts/lock $(ARGS)

$(INSTALLED): requirements-dev.lock
	@sh scripts/install $(VENV)
	@touch $@
