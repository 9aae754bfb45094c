# Two commands: `make run` starts the workbench, `make test` tests it. Both make the environment first.
PYTHON ?= python3
PORT ?= 8501
STORE ?=
T ?= tests
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
# some machines forbid byte code; without it every start compiles everything again
unexport PYTHONDONTWRITEBYTECODE

.PHONY: run test lint demo bench lock env standin clean

env: $(READY)

$(READY): requirements.txt pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -c "import uv" 2>/dev/null || $(BIN)/python -m pip install --quiet "$$(sed -n 's/^\(uv==[^ ]*\).*/\1/p' requirements.txt)"
	$(BIN)/uv pip sync --quiet --require-hashes --compile-bytecode requirements.txt
	$(BIN)/uv pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

run: env
	@$(BIN)/python -m app --port $(PORT) $(if $(STORE),--store "$(STORE)")

test: env
	@$(BIN)/python -m pytest $(T)

lint: env
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache

demo: env
	@$(BIN)/python -m core demo $(if $(STORE),--store "$(STORE)")

bench: env
	@$(BIN)/python -m benchmarks

standin: env
	@$(BIN)/python -m tests.standins.ollama --port 11434

lock: env
	$(BIN)/uv pip compile --quiet --generate-hashes --no-emit-index-url --upgrade requirements.in --output-file requirements.txt

clean:
	rm -rf $(VENV) build *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis
