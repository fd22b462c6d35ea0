"""Execute the book's notebooks, two at a time, and keep them in one form.

python tools/notebooks.py             execute what has changed, and store the text outputs
python tools/notebooks.py --execute   execute what has changed, and store nothing
python tools/notebooks.py --check     execute nothing; name the notebooks that are not in the form

Executed notebooks lie in the cache that Jupyter Book reads. A notebook is executed again when
its code, the helpers that it imports or the locked versions change.
"""

import argparse
import json
import shutil
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nbformat
from dependencies import digest, pages
from locations import BUILD, ROOT, notebooks
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbconvert.filters.ansi import strip_ansi

CACHE = BUILD / ".jupyter_cache"
INPUTS = CACHE / "inputs.json"
TAGS = {
    "setup",
    "by-hand",
    "live",
    "your-turn",
    "check",
    "slider",
    "solution",
    "answer",
    "hide-cell",
    "hide-input",
    "nbval-ignore-output",
    "raises-exception",
}
FOLDS = {"hide-cell", "hide-input"}  # the tags of cells whose code is folded, here as on the site
FOLDED = {"jupyter": {"source_hidden": True}, "cellView": "form"}  # JupyterLab's word, and Colab's
UNSEEN = {"jupyter": {"source_hidden": True, "outputs_hidden": True}}  # nor what a puzzle's prints
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    # The lexer that knows `!git`; with Python's own, Sphinx warns of it.
    "language_info": {"name": "python", "pygments_lexer": "ipython3"},
}
TIMEOUT = 300  # seconds for one cell
WORKERS = 2


class PageError(Exception):
    """A notebook's cell failed; the message names both and the error."""


def normalise(notebook):
    """Return the notebook as git keeps it: text outputs and counts, nothing that hides a change."""
    notebook = nbformat.from_dict(notebook)
    notebook.metadata = nbformat.from_dict(METADATA)
    notebook.nbformat_minor = 5
    for cell in notebook.cells:
        tags = cell.metadata.get("tags", [])
        graded = {key: cell.metadata[key] for key in ("nbgrader",) if key in cell.metadata}
        folded = FOLDED if FOLDS & set(tags) else {}
        folded = folded | (UNSEEN if "answer" in tags else {})
        cell.metadata = nbformat.from_dict(graded | folded | ({"tags": list(tags)} if tags else {}))
        cell.source = cell.source.strip("\n")
        cell.pop("attachments", None)
        if cell.cell_type == "code":
            kept = [_text_output(output, cell.execution_count) for output in cell.outputs]
            cell.outputs = _joined([output for output in kept if output])
    return notebook


def _text_output(output, count):
    """Return the output with nothing but its text, or None when it has none."""
    kind = output.output_type
    if kind == "stream":
        keep = {"name": "stdout", "text": output.text} if output.name == "stdout" else None
    elif kind == "error":
        # The traceback holds the paths of one machine; the error's name and words stay.
        keep = {"ename": output.ename, "evalue": output.evalue, "traceback": []}
    elif "text/plain" in output.data:
        keep = {"data": {"text/plain": output.data["text/plain"]}, "metadata": {}}
        if kind == "execute_result":
            keep["execution_count"] = count
    else:
        keep = None
    return keep and nbformat.from_dict({"output_type": kind, **keep})


def _joined(outputs):
    """Return the outputs with neighbouring pieces of printed text made one."""
    joined = []
    for output in outputs:
        if joined and output.output_type == joined[-1].output_type == "stream":
            joined[-1].text += output.text
        else:
            joined.append(output)
    return joined


def faults(path: Path) -> list[str]:
    """Return what keeps a notebook from the form that git keeps, one sentence each."""
    notebook = nbformat.read(path, as_version=4)
    found = []
    for cell in notebook.cells:
        unknown = set(cell.metadata.get("tags", [])) - TAGS
        if unknown:
            found.append(f"cell '{cell.id}' has tags that no test knows: {sorted(unknown)}")
        if cell.cell_type == "code" and cell.execution_count is None:
            found.append(f"cell '{cell.id}' was never run, so nbval would compare nothing")
    if nbformat.writes(normalise(notebook)) != path.read_text("utf-8").rstrip("\n"):
        found.append("outputs, metadata or layout are not normalised")
    return found


def execute(path: Path):
    """Return the notebook as a fresh kernel leaves it.

    Raises:
        PageError: a cell raised, took too long, or ended the kernel.
    """
    notebook = nbformat.read(path, as_version=4)
    at = {}
    client = NotebookClient(
        notebook,
        timeout=TIMEOUT,
        kernel_name="python3",
        resources={"metadata": {"path": str(path.parent)}},
        store_widget_state=False,
        record_timing=False,
        extra_arguments=["--log-level=ERROR"],
        on_cell_start=lambda cell, cell_index: at.update(name=cell.id, number=cell_index + 1),
    )
    try:
        return client.execute()
    except (CellExecutionError, CellTimeoutError, DeadKernelError) as error:
        reason = strip_ansi(str(error)).strip().splitlines()[-1]
        where = f"cell '{at.get('name')}' (number {at.get('number')})"
        raise PageError(f"{path.relative_to(ROOT)}, {where} failed: {reason}") from error


def open_cache():
    """Return the cache of executed pages, without those that rest on code that has changed."""
    from jupyter_cache import get_cache  # the environment that stands for Colab has none

    now = {page.relative_to(ROOT).as_posix(): digest(page, ROOT) for page in pages(ROOT)}
    if not INPUTS.exists():
        shutil.rmtree(CACHE, ignore_errors=True)
        CACHE.mkdir(parents=True)
    cache = get_cache(CACHE)
    before = json.loads(INPUTS.read_text("utf-8")) if INPUTS.exists() else now
    for name in [name for name in now if before.get(name, now[name]) != now[name]]:
        for record in cache.list_cache_records():
            if record.uri.endswith("/" + name):  # the folder may have moved
                cache.remove_cache(record.pk)
        (ROOT / name).touch()  # Sphinx reads a page again when its file is newer
    INPUTS.write_text(json.dumps(now, indent=0), "utf-8")
    return cache


def executed(paths: list[Path]) -> dict:
    """Return each notebook with its outputs, executing those that the cache does not hold.

    Raises:
        PageError: notebooks failed; the message has a line for each. The others are kept.
    """
    from jupyter_cache.base import CacheBundleIn

    cache, done, waiting = open_cache(), {}, []
    for path in paths:
        try:
            done[path] = cache.merge_match_into_file(str(path))[1]
        except KeyError:
            waiting.append(path)
    failures = []
    with ThreadPoolExecutor(WORKERS) as pool:
        for path, job in [(path, pool.submit(_timed, path)) for path in waiting]:
            try:
                done[path], seconds = job.result()
            except PageError as error:
                failures.append(str(error))
                continue
            cache.cache_notebook_bundle(
                CacheBundleIn(done[path], str(path)), overwrite=True, check_validity=False
            )
            print(f"executed {path.relative_to(ROOT)} in {seconds:.1f} s", flush=True)
    if failures:
        raise PageError("\n".join(failures))
    return done


def _timed(path):
    start = time.monotonic()
    return execute(path), time.monotonic() - start


def store(path: Path, notebook) -> bool:
    """Write the notebook's normal form; return whether the file changed."""
    text = nbformat.writes(normalise(notebook)) + "\n"
    if path.read_text("utf-8") == text:
        return False
    path.write_text(text, "utf-8")
    return True


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    mode = parser.add_mutually_exclusive_group()
    mode.add_argument("--execute", action="store_true", help="leave the files in git as they are")
    mode.add_argument("--check", action="store_true", help="execute nothing; fail on a wrong form")
    parser.add_argument("pages", nargs="*", type=Path, help="notebooks; all of them by default")
    options = parser.parse_args()
    paths = [path.resolve() for path in options.pages] or notebooks()
    if options.check:
        lines = [f"{p.relative_to(ROOT)}: {fault}" for p in paths for fault in faults(p)]
        print("\n".join(lines) or f"{len(paths)} notebooks are in form")
        return int(bool(lines))
    try:
        done = executed(paths)
    except PageError as error:
        print(error, file=sys.stderr)
        return 1
    if not options.execute:
        for path, notebook in done.items():
            if store(path, notebook):
                print(f"written {path.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
