PYTHON ?= python3
BIN := .venv/bin
# DVC runs `python -m stages.NAME`: the environment's python, activated or not.
export PATH := $(CURDIR)/$(BIN):$(PATH)

.PHONY: help run test check format clean

help:  ## show this list
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /  make \1|/' | column -t -s '|'

run: .venv/run  ## run the whole pipeline and show its results
	@python -m idealcat.params
	dvc repro
	@python -m ops.results

test: .venv/dev  ## run all tests
	python -m pytest

check: .venv/dev  ## what CI runs: lint, types, tests
	ruff check .
	ruff format --check .
	mypy
	python -m pytest

format: .venv/dev  ## format the code
	ruff format .
	ruff check --fix .

clean:  ## remove the environment
	rm -rf .venv

.venv/bin/python:
	$(PYTHON) -m venv .venv

# pip compiles bytecode as it installs: without it, every stage would start 15 s later where none may be written.
.venv/run: requirements.txt | .venv/bin/python
	python -m pip install --quiet --compile -r requirements.txt
	@touch $@

.venv/dev: requirements-dev.txt requirements.txt | .venv/bin/python
	python -m pip install --quiet --compile -r requirements-dev.txt
	@touch $@ .venv/run
