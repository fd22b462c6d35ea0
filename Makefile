# The two commands: `make book` and `make test`. Every target can be run again at any time.
# Paths are relative throughout, so that the folder's own path may hold spaces.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help book test test-colab test-oldest test-links lighthouse ledger notebooks fork homework
.PHONY: grade pdf serve lab lock colab-pins bench drift audit install clean

# The first of these that runs and fits; `make PYTHON=…` chooses another.
FITS := import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))
PYTHON ?= $(shell for python in python3 python3.13 python3.12 python3.11; do \
	$$python -c '$(FITS)' 2>/dev/null && echo $$python && break; done)
RUN := .venv/bin/python
GRADE := .venv-homework/bin/python
PORT ?= 8000

SITE := _build/html/index.html
NOTEBOOKS := $(shell find chapters homework/release -name '*.ipynb' -not -path '*/.ipynb_checkpoints/*')
SOURCES := $(NOTEBOOKS) $(wildcard *.md *.bib _*.yml _ext/*.py _static/* _templates/*.* _templates/*/* helpers/*.* helpers/*/*.py chapters/*.md chapters/*/*.md)

help:
	@echo 'make book         install what is needed, execute the pages, build the site'
	@echo 'make test         run every test, the pages among them'
	@echo 'make test-colab   run the pages and the homework in an environment with the versions of Colab'
	@echo 'make test-oldest  run the pages and the property tests with the oldest versions promised'
	@echo 'make ledger       measure the failures in three versions of Keras'
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

# The environment. Its stamps are written last, so an interrupted run is mended by the next one;
# and an environment whose Python is gone is made again.

$(shell for folder in .venv*; do test -x $$folder/bin/python || rm -f $$folder/created; done)

.venv/created:
	@test -n "$(PYTHON)" || { echo 'No Python 3.11, 3.12 or 3.13 was found. Install one, or name it: make PYTHON=/path/to/python3' >&2; exit 1; }
	@$(PYTHON) -c '$(FITS)' || { echo '$(PYTHON) is not Python 3.11, 3.12 or 3.13. Name one that is: make PYTHON=/path/to/python3' >&2; exit 1; }
	@test ! -L .venv || { echo '.venv is a link to somewhere else, and would be emptied there. Remove the link.' >&2; exit 1; }
	$(PYTHON) -m venv --clear .venv
	@touch $@

.venv/installed: .venv/created requirements.lock
	@$(RUN) tools/install.py requirements.lock
	@touch $@

.venv/test-installed: .venv/installed requirements-test.lock
	@$(RUN) tools/install.py requirements-test.lock
	@touch $@

# nbgrader cannot join the book's versions, so it has an environment of its own.
.venv-homework/created: .venv/created
	$(PYTHON) -m venv --clear .venv-homework
	@touch $@

.venv-homework/installed: .venv-homework/created requirements-homework.lock
	@$(GRADE) tools/install.py requirements-homework.lock
	@touch $@

node_modules/.package-lock.json: package-lock.json .venv/installed
	@$(RUN) tools/install.py package-lock.json
	@touch $@

node_modules/.test-installed: package-lock.json .venv/installed
	@$(RUN) tools/install.py package-lock.json --dev
	@touch node_modules/.package-lock.json $@

install: .venv/installed node_modules/.package-lock.json

# The site.

$(SITE): $(SOURCES) tools/notebooks.py .venv/installed node_modules/.package-lock.json
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

# The homework. Flags of tools/grade.py go into OPTIONS.

homework: .venv/installed .venv-homework/installed
	@$(RUN) tools/notebooks.py homework/source/*/*.ipynb
	@$(GRADE) tools/homework.py

grade: .venv/installed .venv-homework/installed
	@test -n "$(SUBMISSIONS)" || { echo 'SUBMISSIONS came empty; expected a folder: make grade SUBMISSIONS=folder' >&2; exit 2; }
	@$(GRADE) tools/grade.py "$(SUBMISSIONS)" --seed "$(or $(SEED),0)" $(if $(ASSIGNMENT),--assignment "$(ASSIGNMENT)") $(if $(OUTPUT),--output "$(OUTPUT)") $(OPTIONS)

# The tests: form and helpers, then the pages by nbval, then the site in a browser.

test: $(SITE) .venv/test-installed node_modules/.test-installed .venv-homework/installed
	@$(RUN) tools/browser.py
	@$(RUN) tools/bubblewrap.py
	$(RUN) -m ruff check .
	$(RUN) -m ruff format --check .
	$(RUN) -m pytest -q -n 2 --dist loadfile
	$(RUN) -m pytest -q -n 2 --dist loadscope --nbval --nbval-current-env --nbval-cell-timeout=300 chapters homework/source

# The other environments. Each comes from a lock file of its own, on the first Python that is there.

# The path of the first of some versions of Python that runs; pyenv keeps them off the PATH.
IS := import ensurepip, sys; sys.exit(sys.argv[1] != "%d.%d" % sys.version_info[:2])
first_python = $(shell for version in $(1); do \
	for python in python$$version "$${PYENV_ROOT:-$$HOME/.pyenv}/versions/$$version."*/bin/python3 "$(PYTHON)"; do \
	"$$python" -c '$(IS)' $$version 2>/dev/null && echo "$$python" && exit; done; done)

VERSIONS = 3.13 3.12 3.11
.venv-oldest/created: VERSIONS = 3.11 3.12
.venv-colab/created .venv-oldest/created .venv-keras2/created: .venv-%/created:
	@python="$(call first_python,$(VERSIONS))"; \
	test -n "$$python" || { echo 'None of these Pythons was found: $(VERSIONS). Install one.' >&2; exit 1; }; \
	"$$python" -m venv --clear .venv-$*
	@touch $@

.venv-%/installed: .venv-%/created requirements-%.lock
	@.venv-$*/bin/python tools/install.py requirements-$*.lock
	@touch $@

ledger: .venv/installed .venv-colab/installed .venv-keras2/installed
	@.venv-keras2/bin/python tools/ledger.py keras_2
	@.venv-colab/bin/python tools/ledger.py colab
	@$(RUN) tools/ledger.py newest

# pytest sees the environment's packages, and no conftest.py but the lane's own.
LANE := -m pytest -q -n 2 -W ignore::DeprecationWarning --confcutdir=tests/colab tests/colab

test-colab: .venv-colab/installed
	@.venv-colab/bin/python -c 'import sys; print("Colab has Python 3.13; this is", sys.version.split()[0])'
	.venv-colab/bin/python $(LANE)

test-oldest: .venv-oldest/installed
	.venv-oldest/bin/python $(LANE) --lane=oldest
	.venv-oldest/bin/python -m pytest -q -n 2 --noconftest tests/test_by_hand.py tests/test_custom_metric.py -k 'not notices'

lighthouse: $(SITE) .venv/test-installed node_modules/.test-installed
	@$(RUN) tools/browser.py
	@$(RUN) tools/lighthouse.py

test-links: $(SITE)
	@$(RUN) tools/links.py

bench: $(SITE) .venv/test-installed .venv-homework/installed
	@$(RUN) tools/browser.py
	@$(RUN) tools/bench_slider.py
	@$(RUN) tools/weight.py
	@$(RUN) tools/bench_rebuild.py
	@$(GRADE) tools/bench_grade.py

drift: .venv/test-installed
	@$(RUN) tools/drift.py

audit: .venv/test-installed
	@$(RUN) -m pip_audit --strict --require-hashes --disable-pip -r requirements-test.lock

lock: .venv/test-installed
	@$(RUN) -m uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
		--upgrade requirements.txt -o requirements.lock
	@$(RUN) -m uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
		--upgrade requirements-test.txt -c requirements.lock -o requirements-test.lock
	@$(RUN) -m uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
		--upgrade requirements-homework.txt -o requirements-homework.lock

lock: lock-colab lock-keras2 lock-oldest
lock-%: .venv/test-installed
	@$(RUN) -m uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
		--upgrade requirements-$*.txt -o requirements-$*.lock

colab-pins: .venv/installed
	@$(RUN) tools/colab_pins.py "$(LIST)"
	@$(MAKE) --no-print-directory lock-colab

clean:
	rm -rf _build .pytest_cache .ruff_cache .hypothesis
