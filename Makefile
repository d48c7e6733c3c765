# Two commands do everything: `make app` runs the app, `make test` checks and tests it. Both make their own .venv.

PYTHON ?= python3
BIN = .venv/bin

.PHONY: app test test-long check lint docs screenshots benchmark clean

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

.venv/app: requirements.txt
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --requirement requirements.txt
	touch $@

.venv/dev: requirements-dev.txt .venv/app
	$(BIN)/pip install --quiet --requirement requirements-dev.txt
	touch $@

clean:
	rm -rf .venv test-results .mypy_cache .ruff_cache .pytest_cache
