"""What one page derives, for those after it: `from chapters.metrics.mean import Mean`.

Here a notebook is a module. It runs the page's cells tagged `setup` and `by-hand`, the
very cells that are read there, and offers the functions and classes that they define.
"""

import ast
import importlib.abc
import importlib.util
import json
import linecache
import sys
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
TAGS = {"setup", "by-hand"}


def cells(page: Path, tags=frozenset(TAGS)) -> list[str]:
    """Return the sources of a notebook's code cells that have one of the tags."""
    found = json.loads(page.read_text("utf-8"))["cells"]
    return [
        "".join(cell["source"])
        for cell in found
        if tags & {*cell["metadata"].get("tags", ())}
    ]


def code(sources: list[str]) -> str:
    """Return cells as one text that plain Python can read."""
    from IPython.core.inputtransformer2 import TransformerManager

    return "\n\n".join(map(TransformerManager().transform_cell, sources))


def definitions(sources: list[str]) -> list[str]:
    """Return the names of the functions and classes that cells define; none private."""
    nodes = ast.parse(code(sources)).body
    kinds = (ast.FunctionDef, ast.ClassDef)
    return [
        node.name for node in nodes if isinstance(node, kinds) and node.name[0] != "_"
    ]


def run(sources: list[str], name: str) -> dict:
    """Run cells as a module of this name; return all that is then defined.

    Errors and `inspect.getsource` show the lines of the cells.
    """
    text, names = code(sources), {"__name__": name}
    linecache.cache[f"<{name}>"] = (
        len(text),
        None,
        text.splitlines(keepends=True),
        f"<{name}>",
    )
    exec(compile(text, f"<{name}>", "exec"), names)
    return names


class _Loader(importlib.abc.Loader):
    def __init__(self, page):
        self.page = page

    def exec_module(self, module):
        sources = cells(self.page)
        names, derived = run(sources, module.__name__), definitions(sources)
        vars(module).update(
            {name: names[name] for name in derived}, __file__=f"<{module.__name__}>"
        )

        def refuse(name):
            if name.startswith("__"):  # Python itself asks for those
                raise AttributeError(name)
            page = self.page.relative_to(FOLDER.parent).as_posix()
            raise ImportError(
                f"{page} derives no {name}; it derives {', '.join(derived)}"
            )

        module.__getattr__ = refuse


class _Finder(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        page = FOLDER.parent.joinpath(*name.split(".")).with_suffix(".ipynb")
        if name.startswith(f"{__name__}.") and page.is_file():
            return importlib.util.spec_from_loader(name, _Loader(page))
        return None


sys.meta_path.append(_Finder())
