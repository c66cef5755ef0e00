# The doors of Tender. `make` alone says what they are; scripts in deploy/local do the work.

PORT ?= 8080
DATA ?= data
URL ?= http://127.0.0.1:$(PORT)
SERVICES = intents vault refunds settlement operations
PROGRAMS = -p tender $(SERVICES:%=-p tender-%-service)

.DEFAULT_GOAL := help
.PHONY: help run up down status demo bench build check test crash browser conformance judges

help: ## what the doors are
	@echo "Tender, a self-hosted payments platform. The doors:"
	@echo
	@sed -nE 's/^([a-z]+):[^#]*## (.*)/  make \1|\2/p' Makefile | awk -F'|' '{ printf "%-14s %s\n", $$1, $$2 }'
	@echo
	@echo "What the machine lacks is installed by its package manager, as root or through sudo."

run: ## Tender in one process on http://127.0.0.1:8080, with a PostgreSQL of its own; data in ./data
	deploy/local/install.sh pg build
	cargo build --release -p tender
	target/release/tender run --data-dir $(DATA) --port $(PORT)

up: build ## the five services as processes of their own behind one edge, with PostgreSQL, Apache Kafka and the simulated gateway
	deploy/local/install.sh pg kafka edge
	deploy/local/up.sh

down: ## end what `make up` started; the data stays
	deploy/local/down.sh

status: ## what of `make up` runs, and where
	deploy/local/status.sh

demo: ## a storefront's day against the Tender that runs, of `make run` or of `make up`
	cargo build --release -p tender
	deploy/local/demo.sh $(URL) $(DATA)

bench: ## measure payments per second and latency beside what pgbench reaches; writes docs/benchmarks.md
	deploy/local/install.sh pg build
	cargo build --release -p tender -p tender-bench
	target/release/tender-bench

build: ## the release programs, in target/release
	deploy/local/install.sh build
	cargo build --release $(PROGRAMS)

check: ## format, lints, house rules, deployment files: all that needs no server
	deploy/local/install.sh build
	deploy/local/check.sh

test: ## all tests, against a real PostgreSQL and a real Apache Kafka started for them
	deploy/local/install.sh pg kafka edge build
	deploy/local/test.sh

crash: ## the optimised programs killed at every fail point, and at any moment, under load; nothing may be lost or doubled
	deploy/local/install.sh pg kafka edge build
	cargo build --profile armed $(PROGRAMS)
	TENDER_BIN_DIR=$(CURDIR)/target/armed REQUIRE_KAFKA=1 deploy/local/test.sh --workspace --test chaos

browser: ## the pages that people see, walked by a real browser on a phone's screen; pictures in /tmp/tender-screenshots
	deploy/local/install.sh pg browser build
	deploy/local/browser.sh

conformance: ## every answer against the OpenAPI document, by schemathesis (from PyPI), about four minutes
	deploy/local/install.sh pg build
	deploy/local/conformance.sh

judges: ## the gateways' own libraries look at our signatures, and published doubles of Stripe and PayU at our payments (from PyPI)
	deploy/local/install.sh build
	deploy/local/judges.sh
