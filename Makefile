# `make run` and `make test` need nothing but Python ≥ 3.12; `make help` lists the rest.
.DEFAULT_GOAL := help
.PHONY: help run test migrate shell superuser token check format bench lock

VENV := .venv
PYTHON := $(VENV)/bin/python
INSTALLED := $(VENV)/.installed

help: ## List these commands
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: $(INSTALLED) ## Set everything up and serve the API on http://127.0.0.1:8000 (PORT, WEB_CONCURRENCY)
	@exec $(PYTHON) manage.py serve

test: $(INSTALLED) ## Set everything up and run the suite on a real PostgreSQL (ARGS="-k toggle" narrows it)
	@exec $(PYTHON) -m pytest $(ARGS)

migrate: $(INSTALLED) ## Bring the database's schema up to date
	@exec $(PYTHON) manage.py migrate

shell: $(INSTALLED) ## A Python shell with the models, on the same database
	@exec $(PYTHON) manage.py shell

superuser: $(INSTALLED) ## Make an operator for /admin
	@exec $(PYTHON) manage.py createsuperuser

token: $(INSTALLED) ## Print a development token (ARGS="alice --name Alice")
	@exec $(PYTHON) manage.py issue_token $(or $(ARGS),developer)

check: $(INSTALLED) ## Every gate but the tests: format, lint, types, imports, migrations, OpenAPI
	@PYTHON=$(PYTHON) sh scripts/check

format: $(INSTALLED) ## Format the code
	@$(PYTHON) -m ruff check --fix --quiet . ; $(PYTHON) -m ruff format .

bench: $(INSTALLED) ## Measure the API beside its peers (ARGS="--only get --repeats 5"); see benchmarks/README.md
	@$(PYTHON) -m benchmarks.compare $(ARGS)

lock: $(INSTALLED) ## Pin what the requirements bring in
	@{ echo "# What the requirements bring in, pinned: made by 'make lock'."; $(PYTHON) -m pip freeze; } > constraints.txt

$(INSTALLED): requirements.txt requirements-dev.txt constraints.txt
	@sh scripts/install $(VENV)
	@touch $@
