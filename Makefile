# Two commands do everything: `make app` runs the app, `make test` checks and tests it. Both make their own .venv.

PYTHON ?= python3
BIN = .venv/bin

# What `make deploy` runs; more of it is in DEPLOY, as in DEPLOY="--proxies 10.0.0.9".
PROCESSES ?= 2
PORT ?= 8080

.PHONY: app test test-long check lint docs screenshots benchmark deploy rolling-restart lock audit sbom clean

app: .venv/app
	$(BIN)/streamlit run app.py

test: .venv/dev
	sh .ci/programs
	$(MAKE) --no-print-directory lint
	$(BIN)/python -m pytest -n 2 $(PYTEST)

# With every example of the tests that draw some: by night, or by hand.
test-long:
	VMAPDEMO_TESTS=long $(MAKE) test

# In a minute or so: without what drives a browser, measures in processes of its own or tries many calls.
check: lint
	VMAPDEMO_TESTS=quick $(BIN)/python -m pytest -n 2 $(PYTEST)

lint: .venv/dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

screenshots: .venv/dev
	sh .ci/programs
	$(BIN)/python -m benchmarks.screenshots

docs: .venv/dev
	$(BIN)/python -m docs.write
	$(BIN)/python -m examples.write

benchmark: .venv/dev
	$(BIN)/python -m benchmarks.load

# Until it is stopped: so many processes of the app behind nginx (deploy/README.md).
deploy: .venv/deploy
	$(BIN)/python -m deploy up --processes $(PROCESSES) --port $(PORT) $(DEPLOY)

rolling-restart: .venv/deploy
	$(BIN)/python -m deploy restart

# What the image installs: all that the app needs, with the hashes of every file that the index has of it.
lock: .venv/tools
	$(BIN)/uv pip compile --quiet pyproject.toml --extra app --constraint requirements.txt --python-version 3.11 \
	  --python-platform linux --generate-hashes --custom-compile-command "make lock" --output-file deploy/requirements.lock

# Known weaknesses of what is in the lock; it fails where the list of them (OSV's) cannot be reached.
audit: .venv/tools
	@$(BIN)/pip-audit --strict --require-hashes --disable-pip --vulnerability-service osv --progress-spinner off \
	  --requirement deploy/requirements.lock || { echo "No audit passed: see above what was found, or what could not be reached." >&2; exit 1; }

sbom: .venv/tools
	$(BIN)/cyclonedx-py requirements deploy/requirements.lock --output-reproducible --output-format JSON --output-file sbom.cdx.json

.venv/app: requirements.txt
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --requirement requirements.txt
	touch $@

.venv/dev: requirements-dev.txt deploy/requirements.txt .venv/app
	$(BIN)/pip install --quiet --requirement requirements-dev.txt
	touch $@

.venv/deploy: deploy/requirements.txt .venv/app
	$(BIN)/pip install --quiet --requirement deploy/requirements.txt
	touch $@

.venv/tools: deploy/requirements-dev.txt .venv/app
	$(BIN)/pip install --quiet --requirement deploy/requirements-dev.txt
	touch $@

clean:
	rm -rf .venv test-results .mypy_cache .ruff_cache .pytest_cache
