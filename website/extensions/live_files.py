"""What a click on a page with code fetches, packed: Pyodide, NumPy, website/live, its modules."""

import ast
import gzip
import json
import re
import subprocess
from functools import cache
from pathlib import Path

import nbformat
from typefaces import NODE

LIVE = Path("website/live")
PYODIDE = Path("website/node_modules/pyodide")
WHEELS = Path("_build/pyodide")
# What the pages' code imports and NumPy alone can run.
HELPERS = ("__init__", "batch", "checks", "figures", "forms", "playground", "suspicions", "tables")
HELPERS += ("turns", "typed", "charts/__init__", "charts/playground", "charts/timeline")
IMPORTED = re.compile(r"from (chapters\.[\w.]+) import")
DEFINING = ast.Import, ast.ImportFrom, ast.FunctionDef, ast.ClassDef


def wheel(root: Path) -> Path | None:
    """Return NumPy's wheel for Pyodide, None where no source gave it."""
    lock = root / PYODIDE / "pyodide-lock.json"
    if not lock.is_file():
        return None
    file = root / WHEELS / json.loads(lock.read_text("utf-8"))["packages"]["numpy"]["file_name"]
    return file if file.is_file() else None


def packed_files(root: Path) -> dict[str, bytes]:
    """Return the packed files by name."""
    core = root / PYODIDE
    scripts = [(core / name).read_bytes() for name in ("pyodide.js", "pyodide.asm.js")]
    scripts.append(script(root, "worker.js", "iife"))
    large = {
        "pyodide.asm.wasm": core / "pyodide.asm.wasm",
        "python_stdlib.zip": core / "python_stdlib.zip",
        "numpy.whl": wheel(root),
    }
    small = {
        "box.js": script(root, "box.js", "esm"),
        "editor.js": script(root, "editor.js", "esm"),
        "core.js": b"\n".join(scripts),
        "python.json": json.dumps(_python(root)).encode(),
    }
    return {name: _packed(file, root / WHEELS) for name, file in large.items()} | {
        name: gzip.compress(contents, mtime=0) for name, contents in small.items()
    }


@cache
def script(root: Path, name: str, form: str, **values: str) -> bytes:
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
    command = [NODE, "--eval", program]
    return subprocess.run(command, cwd=root / LIVE.parent, capture_output=True, check=True).stdout


def _packed(file: Path, folder: Path) -> bytes:
    """Return a large file packed; packing takes seconds, so what it gave is kept."""
    kept = folder / f"{file.name}.gz"
    if not kept.is_file() or kept.stat().st_mtime < file.stat().st_mtime:
        kept.write_bytes(gzip.compress(file.read_bytes(), mtime=0))
    return kept.read_bytes()


def _python(root: Path) -> dict[str, str]:
    """Return the texts that Python finds beside it, by path: modules, and a list of no packages."""
    lock = json.loads((root / PYODIDE / "pyodide-lock.json").read_text("utf-8"))
    return {"pyodide-lock.json": json.dumps(lock | {"packages": {}}), **modules(root)}


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
