# SPDX-License-Identifier: GPL-3.0-or-later
# Two commands for people: `make demo` and `make test`. Each installs what it needs and reuses what is there.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
BENCH ?= lab
READY := $(VENV)/.ready

.PHONY: demo test lint unit roles whole soaks clean

demo: $(READY)
	$(BIN)/hwlab emulator build
	$(BIN)/hwlab emulator up $(BENCH)
	$(BIN)/ansible-playbook playbooks/qubes_install.yml -i inventories/lab
	@echo "The bench is still up: '$(BIN)/hwlab emulator shell $(BENCH) kvm' looks in, '$(BIN)/hwlab emulator down $(BENCH)' ends it."

test: lint unit roles whole soaks

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/yamllint --strict .
	$(BIN)/ansible-lint --offline --profile production

unit: $(READY)
	$(BIN)/pytest -n 2 -m "not bench"

roles: $(READY)
	tools/molecule-installed $(BIN)

whole: $(READY)
	$(BIN)/hwlab emulator build
	$(BIN)/pytest -m bench -v

# Measurements print a table and, as their last line, one JSON object; soaks repeat runs with faults (N=.. SEED=..)
# and end with {"n", "seed", "failures"}.
measure-%: $(READY)
	$(BIN)/python -m tests.measure.$*

soak-%: $(READY)
	$(BIN)/python -m tests.soak.$*

soaks: $(READY)
	N=2 $(MAKE) soak-giveback

clean:
	rm -rf $(VENV) dist .ansible .mypy_cache .ruff_cache

$(READY): pyproject.toml bindep.txt
	tools/system-packages
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --upgrade pip
	$(BIN)/pip install --quiet --editable '.[dev]'
	touch $@
