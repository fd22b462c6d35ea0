"""Take the answers out of a notebook by the names of their functions and classes.

Nothing is run. Whatever the file holds besides (changed checks, other metadata, other cells)
stays behind. Runs inside the sandbox, because a file can be made to break a parser.
"""

import ast
import base64
import json
import re

MAX_SOURCE = 20_000  # characters of one answer
# Without these there is nothing to import: TensorFlow is the reference.
NOT_TAKEN = {"tensorflow", "keras", "helpers", "google", "IPython"}
DEFINITIONS = (ast.FunctionDef, ast.ClassDef)


def handle(request):
    """Return the answers and notes of a notebook, or the reason why it cannot be read.

    The request has `file`, the file's bytes in base64, and `names`, those of the answers.
    """
    try:
        return taken_over(base64.b64decode(request["file"]), request["names"])
    except (RecursionError, MemoryError):
        return {"unreadable": "the file is nested too deeply or too large to be read"}


def taken_over(data, names):
    """Return {"answers": {name: source}, "notes": {name: text}} or {"unreadable": reason}."""
    cells, reason = code_cells(data)
    if reason:
        return {"unreadable": reason}
    notebook = Notebook(cells)
    answers, notes = {}, {}
    for name in names:
        source, note = notebook.answer(name)
        if source and len(source) > MAX_SOURCE:
            source, note = None, f"is longer than {MAX_SOURCE} characters"
        if source:
            answers[name] = source
        if note:
            notes[name] = note
    return {"answers": answers, "notes": notes}


def code_cells(data):
    """Return (sources of the code cells, None) or (None, the reason why there are none)."""
    if not data.strip():
        return None, "the file is empty"
    try:
        notebook = json.loads(data.decode("utf-8-sig"))
    except UnicodeDecodeError:
        return None, "the file is not a notebook: it is not text"
    except json.JSONDecodeError as error:
        where = "it breaks off" if error.pos >= len(error.doc.rstrip()) - 1 else "it is not JSON"
        if error.msg.startswith("Unterminated"):
            where = "it breaks off"
        return None, f"the file is not a whole notebook: {where} (line {error.lineno})"
    cells = _cells(notebook)
    if cells is None:
        return None, "the file is not a notebook: it has no list of cells"
    return [source for source in map(_source, cells) if source is not None], None


def _cells(notebook):
    """Return the list of cells, also of the older format, with its worksheets."""
    if not isinstance(notebook, dict):
        return None
    if isinstance(notebook.get("worksheets"), list):
        sheets = [sheet for sheet in notebook["worksheets"] if isinstance(sheet, dict)]
        return [cell for sheet in sheets for cell in sheet.get("cells", [])]
    cells = notebook.get("cells")
    return cells if isinstance(cells, list) else None


def _source(cell):
    """Return a code cell's text, None for any other cell."""
    if not isinstance(cell, dict) or cell.get("cell_type") != "code":
        return None
    source = cell.get("source", cell.get("input", ""))
    if isinstance(source, list):
        source = "".join(line for line in source if isinstance(line, str))
    return source.replace("\r\n", "\n") if isinstance(source, str) else None


class Notebook:
    """What the code cells define at their top level, in their order."""

    def __init__(self, sources):
        self._defined = {}  # name: list of (position, node, text)
        self._broken = []  # (number of the cell, source, error)
        for number, source in enumerate(sources, 1):
            try:
                source, tree = _parsed(source)
            except (SyntaxError, ValueError) as error:
                self._broken.append((number, source, error))
                continue
            for node in tree.body:
                for name in _defines(node):
                    entry = (number, node.lineno), node, _text(source, node)
                    self._defined.setdefault(name, []).append(entry)

    def answer(self, name):
        """Return (source, note) of an answer with all that it needs; source is None without one."""
        found = [entry for entry in self._defined.get(name, []) if not _imports(entry[1])]
        solved = [entry for entry in found if not _unsolved(entry[1])]
        if not solved:
            broken = self._broken_answer(name)
            if broken:
                return broken
        if not found:
            return None, "is not in the notebook"
        chosen = (solved or found)[-1]
        note = f"is defined {len(solved)} times; the last one counts" if len(solved) > 1 else None
        return "\n\n\n".join(text for _, _, text in [*self._needs(chosen), chosen]), note

    def _broken_answer(self, name):
        for number, source, error in reversed(self._broken):
            if re.search(rf"^\s*(def|class)\s+{name}\b", source, re.MULTILINE):
                line = getattr(error, "lineno", None)
                where = f" in line {line}" if line else ""
                words = getattr(error, "msg", None) or str(error)
                return source, f"has a syntax error{where} of code cell {number}: {words}"
        return None

    def _needs(self, entry):
        """Return the entries that an answer refers to, directly or not, in their order."""
        needed, waiting = {}, [entry]
        while waiting:
            for name in sorted(_used(waiting.pop()[1])):
                for other in self._defined.get(name, [])[-1:]:
                    if other[0] != entry[0] and other[0] not in needed and _is_taken(other[1]):
                        needed[other[0]] = other
                        waiting.append(other)
        return [needed[position] for position in sorted(needed)]


def _parsed(source):
    """Return the source that Python can read, without IPython's magics, and its tree."""
    try:
        return source, ast.parse(source)
    except SyntaxError:
        plain = re.sub(r"^([ \t]*)(%|!|\?).*$", r"\1pass", source, flags=re.MULTILINE)
        if plain == source:
            raise
        return plain, ast.parse(plain)


def _defines(node):
    if isinstance(node, DEFINITIONS):
        return [node.name]
    if isinstance(node, ast.Import | ast.ImportFrom):
        return [alias.asname or alias.name.split(".")[0] for alias in node.names]
    if isinstance(node, ast.Assign | ast.AnnAssign):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        return [part.id for target in targets for part in ast.walk(target) if _is_name(part)]
    return []


def _is_name(node):
    return isinstance(node, ast.Name)


def _imports(node):
    return isinstance(node, ast.Import | ast.ImportFrom)


def _is_taken(node):
    """Return whether something that an answer needs comes along: all but what is not there."""
    if isinstance(node, ast.Import):
        return not any(alias.name.split(".")[0] in NOT_TAKEN for alias in node.names)
    if isinstance(node, ast.ImportFrom):
        return (node.module or "").split(".")[0] not in NOT_TAKEN
    return True


def _used(node):
    """Return the names that a definition reads and does not itself give a value."""
    names = [part for part in ast.walk(node) if _is_name(part)]
    read = {part.id for part in names if isinstance(part.ctx, ast.Load)}
    given = {part.id for part in names if isinstance(part.ctx, ast.Store)}
    return read - given - {part.arg for part in ast.walk(node) if isinstance(part, ast.arg)}


def _text(source, node):
    """Return the lines of a definition, its decorators with it."""
    lines = source.split("\n")
    first = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", []))])
    if isinstance(node, DEFINITIONS):
        return "\n".join(lines[first - 1 : node.end_lineno])
    return ast.get_source_segment(source, node)


def _unsolved(node):
    """Return whether a definition is the stub that the student was given."""
    if isinstance(node, ast.ClassDef):
        methods = [part for part in node.body if isinstance(part, ast.FunctionDef)]
        return all(map(_unsolved, methods))
    if not isinstance(node, ast.FunctionDef):
        return False
    body = [part for part in node.body if not _is_docstring(part)]
    return len(body) == 1 and _raises_not_implemented(body[0])


def _is_docstring(node):
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _raises_not_implemented(node):
    if not isinstance(node, ast.Raise):
        return False
    error = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
    return isinstance(error, ast.Name) and error.id == "NotImplementedError"
