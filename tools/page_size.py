"""What a page moves, against its budget.

Bytes are counted as they travel: packed by gzip, with about 300 for the headers of each file.
"""

import tomllib
from pathlib import Path

from locations import ROOT

HEAVIEST = 5  # parts to name

PARTS = """async () => {
    await document.fonts.ready;
    return ["navigation", "resource"].flatMap(kind => performance.getEntriesByType(kind))
        .map(entry => [entry.name, entry.transferSize]);
}"""


def budgets(root: Path = ROOT) -> dict[str, int]:
    """Return the most bytes that a page of each kind may move, from pyproject.toml."""
    settings = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))
    return {kind: 1000 * kilobytes for kind, kilobytes in settings["tool"]["book"]["kB"].items()}


def budget(page: str) -> int:
    """Return the most bytes that a page may move when a browser has nothing of the site yet."""
    return budgets()["front" if page == "index.html" else "page"]


def parts(tab, address: str) -> dict[str, int]:
    """Open a page; return the bytes of each part that moved, the heaviest first."""
    tab.goto(address)
    moved = {name: size for name, size in tab.evaluate(PARTS) if size}
    return dict(sorted(moved.items(), key=lambda part: -part[1]))


def listed(found: dict[str, int], home: str, number: int = HEAVIEST) -> str:
    """Return the heaviest parts, one a line, in kB."""
    rows = list(found.items())[:number]
    return "\n".join(f"{size / 1000:10.1f}  {name.removeprefix(home)}" for name, size in rows)
