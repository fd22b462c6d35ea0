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
the word Colab in the button's place: it needs TensorFlow. What the button fetches, packed by
live_files.py, lies in _static/live. Without the wheel no cell gets a button; the text still reads.
"""

import json
import re
import shutil
import zlib
from pathlib import Path

from docutils import nodes
from live_files import LIVE, modules, packed_files, script, wheel
from sphinx.errors import ExtensionError

RECORDS = Path("_build/homework.json")
HOMEWORK = re.compile(r"homework/release/(\w+)/\w+")  # its pages
FOLDER = "_static/live"

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
    if app.builder.format != "html" or not wheel(Path(app.srcdir)):
        return
    target = Path(app.outdir) / FOLDER
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    for name, contents in packed_files(Path(app.srcdir)).items():
        (target / f"{name}.gz").write_bytes(contents)
        app.book_live[name] = {"digest": f"{zlib.crc32(contents):08x}", "bytes": len(contents)}


def watch(app, config):
    """Have Sphinx write every page anew when what a click fetches has changed."""
    root = Path(app.srcdir)
    files = [*sorted((root / LIVE).iterdir()), root / LIVE.parent / "package.json"]
    contents = b"".join(file.read_bytes() for file in files if file.is_file())
    contents += json.dumps(modules(root)).encode()
    contents += (root / RECORDS).read_bytes() if (root / RECORDS).is_file() else b""
    config.book_live = f"{zlib.crc32(contents):08x} {wheel(root)}"


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
    start = script(Path(app.srcdir), "start.js", "iife", **values).decode()
    no_script = f"<noscript><style>{NO_SCRIPT}</style></noscript>"
    return f"<script>{start}</script>{no_script}"


def setup(app):
    app.add_config_value("book_live", "", "html", types=[str])
    app.connect("config-inited", watch)
    app.connect("builder-inited", bundle)
    app.connect("doctree-read", tag_homework)
    app.connect("doctree-resolved", add_buttons)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
