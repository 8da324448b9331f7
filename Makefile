# Every target that needs the environment sets it up first; the second time that costs nothing.
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready
.DEFAULT_GOAL := help
.PHONY: help setup demo up test test-slow chaos abuse load e2e-compose demo-compose secrets token trace access check bench bench-matching bench-schedule eval eval-rounds train fmt metrics dashboards pictures schemas schemas-check lock clean release-contract

help: ## List all targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / {printf "  %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(READY) ## Install packages (from the lock file, with hashes), Kafka and mongod

$(READY): requirements-dev.lock requirements-solver.lock
	@if command -v uv >/dev/null; then \
		uv venv --quiet --clear --python $(PYTHON) .venv && \
		uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements-dev.lock && \
		uv pip install --quiet --python $(BIN)/python --require-hashes --no-deps -r requirements-solver.lock; \
	else \
		$(PYTHON) -m venv --clear .venv && \
		$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock && \
		$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements-solver.lock; \
	fi
	$(BIN)/python -m deploy.local fetch
	@touch $@

demo: $(READY) ## Run a forum of 250 people live; ONCE=1 stops everything at the end
	$(BIN)/python -m deploy.demo $(if $(ONCE),--once)

up: $(READY) ## Start Kafka, MongoDB and the services and keep them in this terminal
	$(BIN)/python -m deploy.local up

test: $(READY) ## Run all tests on the real Kafka and the real mongod
	$(BIN)/python -m pytest --numprocesses 3 --dist worksteal --durations 20
	$(BIN)/python -m pytest -m alone

test-slow: $(READY) ## Run the tests that wait for timeouts of half a minute or more
	$(BIN)/python -m pytest -m slow

chaos: $(READY) ## Kill anything for SECONDS=600 with SEED=7; GUARDS=40 also takes away each guard; CLUSTER=1: on three servers of each kind; report: .magpie/chaos.json
	$(BIN)/python -m tests.chaos --seconds $(or $(SECONDS),600) --seed $(or $(SEED),7) --guard-seconds $(or $(GUARDS),0) \
		$(if $(CLUSTER),--cluster)

abuse: $(READY) ## Attack a running system in known ways, with SECONDS=120 of load by CLIENTS=300; report: .magpie/abuse.json
	$(BIN)/python -m tests.abuse --seconds $(or $(SECONDS),120) --clients $(or $(CLIENTS),300)

load: $(READY) ## Participants on the system that is up, or on one of its own: USERS=20 SECONDS=60; report: .magpie/load.html
	$(BIN)/python -m deploy.load --users $(or $(USERS),20) --seconds $(or $(SECONDS),60)

e2e-compose: $(READY) ## Run the compose files on a Docker engine: forum, kills, upgrade, backup, access
	$(BIN)/python -m pytest -m compose tests/compose

DEMO := docker compose -p magpie-demo -f deploy/compose.yaml -f deploy/compose.demo.yaml
demo-compose: export MAGPIE_SECRETS = $(CURDIR)/.magpie/demo-secrets
demo-compose: $(READY) ## Run the forum on Docker Compose, with data and secrets of its own; it stays up
	$(DEMO) down --volumes --remove-orphans
	$(BIN)/python -m deploy.installation secrets --dir $(MAGPIE_SECRETS)
	$(DEMO) up -d --build --wait
	$(BIN)/python -m deploy.demo.on_compose

secrets: $(READY) ## Make what deploy/compose.yaml needs, in deploy/secrets; HOST=magpie.example; ROTATE=mongo-password
	$(BIN)/python -m deploy.installation secrets --dir $(or $(MAGPIE_SECRETS),deploy/secrets) \
		$(if $(HOST),--host $(HOST)) $(if $(ROTATE),--rotate $(ROTATE))

token: $(READY) ## Sign a token with the key in deploy/secrets: ORG=acme ROLE=participant SUB=kim-1
	@MAGPIE_STATE_DIR=$(or $(MAGPIE_SECRETS),deploy/secrets) $(BIN)/python -m services.chassis.tokens \
		--org $(ORG) --role $(or $(ROLE),participant) $(if $(SUB),--sub $(SUB))

trace: export MAGPIE_KAFKA_BOOTSTRAP ?= $(shell $(BIN)/python -c \
	'import json; print(json.load(open(".magpie/run.json"))["kafka"]["bootstrap"])' 2>/dev/null || echo 127.0.0.1:9092)
trace: $(READY) ## Print the whole way of an act: ID=<X-Correlation-Id or X-Trace-Id> HOURS=24; LOGS=- reads standard input
	@$(BIN)/python -m services.operate trace $(ID) --hours $(or $(HOURS),24) $(if $(LOGS),--logs $(LOGS)) $(if $(JSON),--json)

access: $(READY) ## Write what each principal of Kafka may do, from schemas/topics
	$(BIN)/python -m deploy.installation access

check: $(READY) schemas-check ## Check style, types, imports and the contract
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m tests.contract.outside
	$(BIN)/lint-imports
	$(BIN)/python -m deploy.installation access --check
	$(BIN)/python -m deploy.grafana --check
	$(BIN)/python -m tests.contract.node

bench: $(READY) ## Measure side by side on the real servers; figures go to bench/results/
	$(BIN)/python -m bench

bench-matching: $(READY) ## Measure the index and the rush of matching; PARTS="10000 100000 1000000 rush"; to bench/results/matching.json
	$(BIN)/python -m bench.matching_scale $(PARTS)

bench-schedule: $(READY) ## Plan forums beside greedy and CP-SAT alone; SIZES="150/500"; to bench/results/schedule.json
	$(BIN)/python -m bench.schedule $(SIZES)

eval: $(READY) ## Judge held-out texts: screening, figures in translations, partners; to bench/results/eval.json
	$(BIN)/python -m bench.evaluation

eval-rounds: $(READY) ## Judge the rankings of rounds against the figures of the literature; to bench/results/rounds.json
	$(BIN)/python -m bench.evaluation.rounds

train: $(READY) ## Learn what ships in services/matching/reference/ from the tuning halves of the texts
	$(BIN)/python -m bench.evaluation.train

fmt: $(READY) ## Format the code
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

schemas: $(READY) ## Write the JSON Schemas from the models
	$(BIN)/python -m schemas.generate

metrics: $(READY) ## Write docs/metrics.md from the metrics as they are declared
	$(BIN)/python -m deploy.metrics_page

dashboards: $(READY) ## Write the dashboards for Grafana from their code
	$(BIN)/python -m deploy.grafana

pictures: $(READY) ## Draw the dashboards from a forum that runs, to docs/images
	$(BIN)/python -m deploy.grafana.pictures

schemas-check: $(READY) ## Fail when a committed JSON Schema is stale, or a change breaks readers of a released contract
	$(BIN)/python -m schemas.generate --check

release-contract: $(READY) ## Release the contract as VERSION=1.2: a folder in schemas/released that never changes
	$(BIN)/python -m schemas.generate --release $(VERSION)

lock: ## Pin all packages again (needs uv)
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
		--no-emit-index-url --no-emit-find-links -o requirements.lock pyproject.toml
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
		--no-emit-index-url --no-emit-find-links --extra local --extra dev --extra bench \
		--extra dashboards --extra load -o requirements-dev.lock pyproject.toml
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
		--no-emit-index-url --no-emit-find-links -o bench/peers/requirements.lock bench/peers/requirements.in
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-deps \
		--no-emit-index-url --no-emit-find-links -o requirements-solver.lock --group solver

clean: ## Remove what runs and tests leave behind; the environment stays
	rm -rf .magpie .mypy_cache .ruff_cache .pytest_cache .hypothesis
