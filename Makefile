PYTHON ?= python3
BIN := .venv/bin
# Many tests wait for a process of their own; those of a file stay together and share what they prepared.
PARALLEL := --numprocesses 2 --dist loadfile --no-loadscope-reorder
# DVC runs `python -m stages NAME`: let it find the environment's python, activated or not.
export PATH := $(CURDIR)/$(BIN):$(PATH)

.PHONY: help run ui app test unit check format bench clean metrics

help:  ## show this list
	@sed -nE 's/^([a-z]+):.*## (.*)/  make \1 - \2/p' Makefile

run: .venv/run  ## run the whole pipeline and show its results
	@$(BIN)/python -m idealcat.base.params
	@$(BIN)/dvc repro $$($(BIN)/dvc remote list | grep -q . && echo --pull --allow-missing)
	@$(BIN)/python -m ops.results
	@$(BIN)/python -m ops.publish || true  # a tracking server that is away fails no run

metrics: .venv/run  ## run the pipeline up to its metrics, without ideal and adversarial images: seconds after a change of the head
	@$(BIN)/python -m idealcat.base.params
	@$(BIN)/dvc repro evaluate
	@$(BIN)/python -m stages.report --without-pictures

ui: .venv/run  ## compare the runs in MLflow, in a browser
	@$(BIN)/python -m ops.ui

app: .venv/run  ## try the classifier on photos, on a page in the browser
	@$(BIN)/python -m ops.app

test: .venv/dev  ## run all tests
	@$(BIN)/python -m pytest $(PARALLEL)

unit: .venv/dev  ## run the tests that take less than a minute
	@$(BIN)/python -m pytest $(PARALLEL) -m "not slow"

check: .venv/dev  ## lint, types and tests: what CI runs
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/python -m pytest $(PARALLEL)

format: .venv/dev  ## format the code
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

bench: .venv/bench  ## after `make run`, measure beside peers: make bench PHOTOS=folder of 768 photos or more
	@$(BIN)/python -m benchmarks.extraction $(PHOTOS)
	@$(BIN)/python -m benchmarks.scale $(PHOTOS)
	@$(BIN)/python -m benchmarks.pipeline $(PHOTOS)
	@$(BIN)/python -m benchmarks.ray $(PHOTOS)
	@$(BIN)/python -m benchmarks.attacks
	@$(BIN)/python -m benchmarks.serving

clean:  ## remove the environment
	rm -rf .venv

.venv/bin/python:
	@echo "Making the environment in .venv (a minute or two) ..."
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10) and "Python 3.10 or later is needed; name one: make PYTHON=python3.11 ...")'
	@$(PYTHON) -m venv .venv

# Bytecode is compiled here: without it, every stage would start 15 s later where Python may not write any.
.venv/run: requirements.txt | .venv/bin/python
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --compile -r requirements.txt
	@touch $@

.venv/dev: requirements-dev.txt requirements.txt | .venv/bin/python
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --compile -r requirements-dev.txt
	@touch .venv/run $@

.venv/bench: requirements-bench.txt .venv/dev
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --compile -r requirements-bench.txt
	@touch $@
