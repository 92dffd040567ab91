# Two commands: `make demo` and `make test`. Both make .venv first; nothing else needs to be installed.
.DEFAULT_GOAL := help
PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/.demo-stamp
TEST_STAMP := .venv/.test-stamp
BENCH_STAMP := .venv/.bench-stamp
BENCH ?= --write tests/benchmarks/RESULTS.md
FILES := pyproject.toml constraints.txt


.PHONY: help demo test bench profile soak scale gallery docs lint clean

help:
	@echo "make demo    the whole job on an invented county: map, report, layers, tables"
	@echo "make test    every check and test"
	@echo "make docs    the documentation's site, in build/site, with the notebooks run"
	@echo "make gallery the README's pictures (needs Chromium)"
	@echo "make bench   speed and memory beside the peers on real streets (needs WALKSHED_DATA)"
	@echo "make profile which steps a report's seconds go to, at three sizes (needs WALKSHED_DATA)"
	@echo "make soak    many studies while workers are killed: under ten minutes"
	@echo "make scale   a synthetic province of 60 counties (needs WALKSHED_DATA): an hour or so"

.venv/pyvenv.cfg:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	  || { echo "walkshed needs Python 3.11 or newer with venv; found: $$($(PYTHON) --version 2>&1). Set PYTHON=/path/to/python3.11"; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null \
	  || { echo "walkshed needs Python's venv module (on Debian and Ubuntu: apt install python3-venv)"; exit 1; }
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt "pip>=25.1"

# coverage.py is in both: this folder's bare coverage/ would be found in its place (see ARCHITECTURE.md).
$(STAMP): .venv/pyvenv.cfg $(FILES)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt coverage --editable .
	@touch $@

$(TEST_STAMP): .venv/pyvenv.cfg $(FILES)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --group test --editable ".[osmnx,raster,h3,pdf,notebook,dask,lonboard]"
	@touch $@ $(STAMP)

demo: $(STAMP)
	$(BIN)/walkshed demo --out maps/demo
	@echo "Open maps/demo/map.html and maps/demo/report.html in a browser."

lint: $(TEST_STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# Our own code must name every encoding: the tests turn a missing one into an error.
test: export PYTHONWARNDEFAULTENCODING := 1
test: lint
	$(BIN)/python -m pytest -n 2 --dist loadfile tests coverage/walkshed
	$(BIN)/python -m pytest --nbmake -n 2 notebooks/*.ipynb

# A peer that cannot be installed is not missed here: its rows say so.
$(BENCH_STAMP): $(TEST_STAMP)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --group bench \
	  || echo "not every peer could be installed; the table says which are missing"
	@touch $@

# BENCH="--quick search-*" for some rows only, once.
bench: $(BENCH_STAMP)
	PYTHONPATH=tests $(BIN)/python -m benchmarks $(BENCH)
	PYTHONPATH=tests $(BIN)/python -m benchmarks.site_choice

# Which steps a report's seconds go to, at three sizes (needs WALKSHED_DATA).
profile: $(TEST_STAMP)
	PYTHONPATH=tests $(BIN)/python -m benchmarks.profile_report

gallery: $(TEST_STAMP)
	$(BIN)/python maps/gallery/make_gallery.py

soak: $(TEST_STAMP)
	$(BIN)/python tests/soak.py

scale: $(TEST_STAMP)
	PYTHONPATH=tests $(BIN)/python -m benchmarks.scale

docs: export NO_MKDOCS_2_WARNING := 1
docs: $(TEST_STAMP)
	WALKSHED_DOCS_RUN=1 $(BIN)/mkdocs build --strict --quiet
	@echo "Open build/site/index.html in a browser."

clean:
	rm -rf .venv build dist
