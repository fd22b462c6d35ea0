"""Print the built site as one PDF, with bookmarks and with links that work inside it.

python tools/book_pdf.py [PDF]    write _build/book.pdf, or the file named, from _build/html

Each slider stands where it starts. Answers and solutions are open; setup cells and the code of
hidden inputs are left out.
"""

import os
import sys
from html import escape
from pathlib import Path
from urllib.parse import unquote, urlsplit

import yaml
from browser import launched
from bs4 import BeautifulSoup
from locations import BUILD, ROOT, SITE

PDF = BUILD / "book.pdf"
MARGINS = {"top": "18mm", "bottom": "20mm", "left": "20mm", "right": "20mm"}
FOOTER = """<div style="width: 100%; font: 8pt sans-serif; text-align: center">
<span class="pageNumber"></span></div>"""
LEFT_OUT = (
    "script, .headerlink, .controls, .toctree-wrapper, "
    ".cell.tag_setup:has(details.hide), .cell.tag_hide-input details.hide"
)


def files(toc: dict) -> list[tuple[str, int]]:
    """Return the book's pages in order, each with its level: 2 for a page below an index."""
    found = [(toc["root"], 1)]
    for part in toc.get("parts", []):
        names = [chapter["file"] for chapter in part["chapters"]]
        below = names[0].rpartition("/")[2] == "index"
        found += [(name, 2 if below and name != names[0] else 1) for name in names]
    return found


def article(name: str, level: int):
    """Return a page's article as it is printed.

    Its ids bear the page's name, so that those of different pages differ.

    Raises:
        FileNotFoundError: the site lacks the page.
    """
    path = (SITE / name).with_suffix(".html")
    page = BeautifulSoup(path.read_text("utf-8"), "html.parser").select_one("article.bd-article")
    for element in page.select(LEFT_OUT):
        element.decompose()
    for element in page.find_all("details"):
        element["open"] = ""
        if "hide" in element.get("class", []):
            element.summary.string = "Solution"
    for element in page.find_all(id=True):
        if not element.find_parent("svg") and element.name != "svg":
            element["id"] = f"{name}:{element['id']}"
    for element in page.find_all(src=True):
        element["src"] = f"html/{(Path(name).parent / element['src']).as_posix()}"
    for heading in page.find_all(["h1", "h2", "h3", "h4", "h5"]):
        heading.name = f"h{int(heading.name[1]) + level - 1}"
    page["id"] = name
    page["class"] = [*page["class"], "printed"]
    return page


def turn_inwards(page, name: str, book: set[str]) -> None:
    """Have a page's links to pages of the book lead to their places in the one document.

    Raises:
        ValueError: a link leads to a page of the site that is not in the book.
    """
    for link in page.find_all("a", href=True):
        parts = urlsplit(link["href"])
        if parts.scheme or parts.netloc:
            continue
        target = name
        if parts.path:
            target = os.path.normpath(Path(name).parent / unquote(parts.path)).removesuffix(".html")
        if target not in book:
            raise ValueError(f"{name}: the link {link['href']!r} leads to no page of the book")
        anchor = unquote(parts.fragment)
        link["href"] = f"#{target}:{anchor}" if anchor else f"#{target}"


def contents(pages) -> str:
    """Return a list of links to the pages, one level for an index, the next for what is below."""
    entries = []
    for (name, level), page in pages:
        title = page.select_one(f"h{level}").get_text()
        entries.append(f'<li class="level-{level}"><a href="#{name}">{escape(title)}</a></li>')
    return f'<nav class="printed-contents"><h1>Contents</h1><ul>{"".join(entries)}</ul></nav>'


def document() -> str:
    """Return the whole book as one page of HTML, to be opened from the folder above the site."""
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text("utf-8"))
    config = yaml.safe_load((ROOT / "_config.yml").read_text("utf-8"))
    pages = [((name, level), article(name, level)) for name, level in files(toc)]
    book = {name for (name, _), _ in pages}
    for (name, _), page in pages:
        turn_inwards(page, name, book)
    front, *rest = [str(page) for _, page in pages]
    index = BeautifulSoup((SITE / "index.html").read_text("utf-8"), "html.parser")
    styles = "".join(
        f'<link rel="stylesheet" href="html/{link["href"]}">'
        for link in index.select('link[rel~="stylesheet"]')
    )
    return (
        f'<!DOCTYPE html><html lang="en" data-theme="light" data-mode="light"><head>'
        f'<meta charset="utf-8"><title>{escape(config["title"])}</title>'
        f'<meta name="author" content="{escape(config["author"])}">{styles}</head>'
        f'<body class="bd-content">{front}{contents(pages[1:])}{"".join(rest)}</body></html>'
    )


def write(target: Path = PDF) -> None:
    """Write the PDF; an older one stays until the new one is whole.

    Raises:
        FileNotFoundError: the site is not built, or there is no Chromium.
        ValueError: a link leads out of the book.
    """
    html, unfinished = SITE.parent / "book.html", target.with_suffix(".unfinished")
    try:
        html.write_text(document(), "utf-8")
        with launched() as browser:
            tab = browser.new_page(color_scheme="light")
            tab.set_default_timeout(600_000)
            tab.goto(html.as_uri())
            tab.pdf(
                path=unfinished,
                format="A4",
                margin=MARGINS,
                print_background=True,
                display_header_footer=True,
                header_template="<span></span>",
                footer_template=FOOTER,
                outline=True,
                tagged=True,
            )
        unfinished.replace(target)
    finally:
        html.unlink(missing_ok=True)
        unfinished.unlink(missing_ok=True)


def main(target: Path = PDF) -> int:
    try:
        write(target)
    except (FileNotFoundError, ValueError) as error:
        print(f"{error}\nBuild the site first: make book", file=sys.stderr)
        return 1
    print(f"The book is in {os.path.relpath(target, ROOT)}.")
    return 0


if __name__ == "__main__":
    sys.exit(main(*map(Path, sys.argv[1:])))
