# Two commands to begin with: `make run` shows the main job, `make test` passes the tests.
.DEFAULT_GOAL := help
.PHONY: help run test lint interop bench fuzz soak generate dist

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "  make %-9s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: ## an MCP client, a Python and a Node program behind Talos; proofs, checked in three languages
	@bash scripts/run.sh

test: ## the tests; needs Rust, Python 3.11, Node 20 and a C compiler, installs the rest inside this folder
	@bash scripts/test.sh

lint: ## formatting, lints, licences, generated files
	@bash scripts/lint.sh

interop: ## official MCP servers and independent oracles
	@bash scripts/interop.sh

bench: ## measurements
	@bash scripts/bench.sh

fuzz: ## fuzz targets, SECONDS_EACH=60
	@bash scripts/fuzz.sh

soak: ## slow and repeated tests, SOAK_ROUNDS=3
	@bash scripts/soak.sh

generate: ## write what is generated from contracts/
	@bash scripts/generate.sh

dist: ## wheel, sdist, npm packages and static binary in dist/, tried where there is nothing else
	@bash scripts/dist.sh
