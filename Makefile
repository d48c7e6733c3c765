# Two commands do everything: `make app` runs the app, `make test` checks and tests it. Both make their own .venv.

PYTHON ?= python3
BIN = .venv/bin

.PHONY: app test docs screenshots benchmark clean

app: .venv/app
	$(BIN)/streamlit run app.py

test: .venv/dev
	sh .ci/browser
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m pytest -n 2 $(PYTEST)

screenshots: .venv/dev
	sh .ci/browser
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
