# Everything a newcomer needs: `make results` and `make test`. Both set up first.
SHELL := /bin/bash
BIN := .venv/bin
UV := .bootstrap/bin/uv
READY := .venv/.ready
LOCK := envs/requirements.lock
ON_KUBERNETES := .bootstrap/kubernetes

# What a user may set is checked before make or a shell could take a part of it for a command.
ALLOWED := a b c d e f g h i j k l m n o p q r s t u v w x y z 0 1 2 3 4 5 6 7 8 9 _
without = $(if $(2),$(call without,$(subst $(firstword $(2)),,$(1)),$(wordlist 2,99,$(2))),$(1))
$(foreach name,REVIEW CORES KILLS,$(if $(call without,$(value $(name)),$(ALLOWED)),\
    $(error $(name): found $(value $(name)); allowed: small letters, digits and _)))

$(if $(filter 0,$(CORES)),$(error CORES: found 0; allowed: 1 or more))
CORES ?= $(shell getconf _NPROCESSORS_ONLN)
REVIEW ?= $(shell sed -nE 's/^review: *([a-z0-9_]+).*/\1/p' config/config.yaml)
KILLS ?= 20

.DELETE_ON_ERROR:
.PHONY: help results test unit browser peers test-slow audit report archive pdf reproduce interruptions faults rerun-matrix calibrate slurm kubernetes object-storage scale several build-times benchmark validate lint format lock schemas architecture clean

help:  ## List the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

results: $(READY)  ## Build the review: records to report page
	$(BIN)/snakemake --cores $(CORES) --config review=$(REVIEW)

test: $(READY) lint unit  ## Lint, run the unit tests, then the long ones (under 10 minutes)
	$(BIN)/python -m pytest -n 2 -m long

unit: $(READY)  ## Run the unit tests (about a minute)
	$(BIN)/python -m pytest -n 2 -m unit

browser:  ## Install Debian's chromium where it is missing, as root; tests of the page skip without it
	@if command -v chromium; then exit 0; fi; \
	if ! command -v apt-get > /dev/null || [ "$$(id -u)" != 0 ]; then \
	    echo "chromium is missing, and only root on Debian or Ubuntu can have it installed here"; exit 1; fi; \
	echo "Installing chromium: tests of the page need it"; \
	export DEBIAN_FRONTEND=noninteractive; \
	timeout 120 apt-get update -qq; timeout 300 apt-get install -qq -y --no-install-recommends chromium fonts-dejavu-core > /dev/null

# lme4 for metafor's exact counts; g++ and make (r-base-dev) compile Stan's models.
PEERS := r-base-core r-base-dev r-cran-metafor r-cran-lme4 jags r-cran-rjags r-cran-rstan r-cran-brms \
	r-cran-posterior r-cran-jsonlite

peers:  ## Install the peers that Debian has, as root: R, metafor, JAGS, Stan and brms (not bayesmeta)
	@if ! command -v apt-get > /dev/null || [ "$$(id -u)" != 0 ]; then \
	    echo "only root on Debian or Ubuntu can have peers installed here"; exit 1; fi; \
	export DEBIAN_FRONTEND=noninteractive; \
	timeout 120 apt-get update -qq; timeout 900 apt-get install -qq -y --no-install-recommends $(PEERS) > /dev/null

test-slow: $(READY)  ## Simulations with a known answer, and samplers against peers (quarter of an hour)
	$(BIN)/python -m pytest -m slow

audit: $(READY)  ## Hold the results, as they stand, against their manifest and claims
	$(BIN)/snakemake --cores 1 audit --config review=$(REVIEW)

report: $(READY)  ## Snakemake's own report on finished results: results/<review>.report.html
	$(BIN)/snakemake --report results/$(REVIEW).report.html --config review=$(REVIEW)

archive: $(READY)  ## Pack the results and their sources: results/<review>.zip, an RO-Crate
	$(BIN)/snakemake --cores $(CORES) all write_archive --config review=$(REVIEW)

pdf: results  ## Print page and brief to results/<review>.pdf and <review>.brief.pdf by chromium (make browser installs it)
	@command -v chromium > /dev/null || { echo "make pdf needs chromium: make browser installs it"; exit 1; }
	for part in page brief; do \
	    chromium --headless --no-sandbox --disable-gpu --no-pdf-header-footer \
	        --print-to-pdf=results/$(REVIEW)$$( [ $$part = page ] || echo .brief ).pdf \
	        results/$(REVIEW)/8_report/$$part.html 2> /dev/null; \
	done

reproduce: results  ## Build the commit in two folders, with 1 and 4 cores; compare every byte
	$(BIN)/python tests/reproduce/compare_builds.py --review $(REVIEW)
	$(BIN)/python tests/reproduce/compare_release.py --review $(REVIEW)

interruptions: $(READY)  ## Kill builds of the tiny review, or change their inputs, at random moments; and finish them
	$(BIN)/python tests/interruptions/kill_builds.py --kills $(KILLS)

faults: $(READY)  ## Damage results, fill disk and memory, build twice at once; and build again (10 minutes)
	$(BIN)/python tests/faults/cause_faults.py

rerun-matrix: $(READY)  ## Which rules run after which change, on the tiny review
	$(BIN)/python tests/rerun/rerun_matrix.py

calibrate: $(READY)  ## Simulation-based calibration of every kind of model (an hour on two cores)
	$(BIN)/snakemake --cores $(CORES) judge_calibration
	@column -s, -t results/calibration/verdicts.csv
	@column -s, -t results/calibration/quadrature_verdicts.csv

slurm: REVIEW = tiny
slurm: $(READY) .venv/.slurm  ## Build through a Slurm of one node, as root; compare every byte (REVIEW=tiny, another review, or calibration)
	$(BIN)/python tests/slurm/compare_with_local.py $(REVIEW)

kubernetes: $(ON_KUBERNETES)/.ready  ## Dry-run of a build on Kubernetes with object storage
	$(ON_KUBERNETES)/bin/python tests/kubernetes/dry_run.py --review $(REVIEW)

object-storage: $(ON_KUBERNETES)/.ready  ## Build the tiny review in a stand-in for object storage; compare every byte
	$(ON_KUBERNETES)/bin/python tests/kubernetes/build_in_storage.py

scale: $(READY)  ## Reviews of ten to ten thousand studies: seconds and memory by stage (half an hour)
	$(BIN)/python benchmarks/scale.py

several: $(READY)  ## Reviews of 400 effects in 150 studies: seconds by step, draws, size (quarter of an hour)
	$(BIN)/python benchmarks/several_effects.py

build-times: $(READY)  ## Whole builds and an edit of the shipped review, by step: docs/builds.md (ten minutes)
	$(BIN)/python benchmarks/builds.py

benchmark: $(READY)  ## Our engines beside the peers that are installed: docs/benchmarks.md (half an hour)
	PYTHONPATH=benchmarks:src $(BIN)/python -m side_by_side

validate: $(READY)  ## Run the peers that are installed against their pinned figures (minutes)
	$(BIN)/python validation/compare.py

lint: $(READY)  ## ruff, snakefmt, types, order of the rooms, snakemake --lint
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/snakefmt --check Snakefile workflow/rules
	$(BIN)/mypy
	PYTHONPATH=src $(BIN)/lint-imports --no-cache --no-logo
	$(BIN)/snakemake --lint

format: $(READY)  ## Let ruff and snakefmt lay out the code
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/snakefmt Snakefile workflow/rules

schemas: $(READY)  ## Write the JSON schemas of the files that users edit, of releases and of results.json
	$(BIN)/python workflow/schemas/export.py

architecture: $(READY)  ## Draw the rooms and the stages into docs/architecture.md
	PYTHONPATH=src $(BIN)/python docs/draw_architecture.py

lock: $(UV)  ## Resolve envs/*.in again, for every platform
	$(RESOLVE) envs/uv.in -o envs/uv.lock
	$(RESOLVE) envs/requirements.in -o $(LOCK)
	$(RESOLVE) -c $(LOCK) envs/slurm.in -o envs/slurm.lock
	$(RESOLVE) -c <($(BUT_DATEUTIL)) envs/kubernetes.in -o envs/kubernetes.lock
	python3 envs/conda_from_lock.py
	$(MAKE) $(READY)
	$(BIN)/python envs/list_licences.py

clean:  ## Remove results (never the records)
	rm -rf results

# The command `livingreview` and the package for Python, both found by way of where the
# environment stands, so that a working copy can be moved. Libraries keep caches at home; where
# nothing can be written there, the environment has a home for them.
define LAUNCHER
import pathlib, sys, sysconfig
packages = pathlib.Path(sysconfig.get_path("purelib"))
source = pathlib.Path("src").resolve().relative_to(packages.resolve(), walk_up=True)
home = """import os, sys; os.access(os.path.expanduser("~"), os.W_OK) or os.environ.update(
    HOME=os.path.join(sys.prefix, "home"))"""
(packages / "livingreview.pth").write_text(f"{source}\n{' '.join(home.split())}\n")
command = pathlib.Path(sys.prefix, "bin", "livingreview")
command.write_text('#!/bin/sh\nexec "$$(dirname "$$0")/python" -m livingreview "$$@"\n')
command.chmod(0o755)
endef
export LAUNCHER

# The environment: uv from the package index into a small bootstrap environment,
# then Python 3.13 (.python-version) and exactly what the lock names.
$(UV): | envs/uv.lock
	python3 -m venv .bootstrap
	.bootstrap/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r envs/uv.lock

RESOLVE = $(UV) pip compile --universal --python-version 3.13 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --no-header --no-annotate --upgrade
# The clients of Kubernetes and S3 do not take python-dateutil 4 yet: the lock's versions but that.
BUT_DATEUTIL = sed -nE '/^python-dateutil=/d; s/^([a-z0-9-]+)(\[[^]]*\])?(==[^ ]+).*/\1\3/p' $(LOCK)

# A new one is made beside the old one, which stays until the new one is whole. The mark is a copy
# of what it was made from, so that a mere touch, or a fresh checkout of it, makes nothing anew.
$(READY): $(LOCK) .python-version | $(UV)
	@if cat $^ | cmp --silent - $@; then touch $@; exit 0; fi; set -e; \
	echo "Setting up Python and its packages in .venv"; \
	$(UV) venv --quiet --clear --relocatable --python "$$(cat .python-version)" .venv.new; \
	$(UV) pip sync --quiet --compile-bytecode --require-hashes --python .venv.new/bin/python $(LOCK); \
	.venv.new/bin/python -c "$$LAUNCHER"; \
	cat $^ > .venv.new/.ready; \
	rm -rf .venv; mv .venv.new .venv

# Executors, for those who have a cluster. Slurm's is added to the environment; Kubernetes has its
# own, as its lock changes a version of the other lock.
.venv/.slurm: envs/slurm.lock $(READY)
	$(UV) pip install --quiet --require-hashes --python $(BIN)/python -r $<
	touch $@

$(ON_KUBERNETES)/.ready: $(LOCK) envs/kubernetes.lock | $(UV)
	$(UV) venv --quiet --clear --python $$(cat .python-version) $(ON_KUBERNETES)
	$(UV) pip sync --quiet --require-hashes --python $(ON_KUBERNETES)/bin/python $(LOCK)
	$(UV) pip install --quiet --require-hashes --python $(ON_KUBERNETES)/bin/python -r envs/kubernetes.lock
	touch $@
