"""Weigh what a page moves: against its budget, and beside a plain Jupyter Book page.

python tools/page_size.py [page]    every page, and one notebook in an unchanged Jupyter Book too

Bytes are counted as they travel: packed by gzip, with about 300 for the headers of each file.
"""

import argparse
import gzip
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

from browser import launched, served
from locations import BUILD, ROOT, SITE, site_pages

PAGE = "chapters/losses/binary_crossentropy"
HEAVIEST = 5  # parts to name
HEADERS = 300  # bytes, as browsers estimate them

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


def weigh_site(browser):
    """Print what every page of the site moves on a first visit and on a second."""
    print(f"{'kB':>10}{'budget':>8}{'again':>8}")
    with served(SITE) as home:
        for page in site_pages():
            with browser.new_context() as context:
                tab = context.new_page()
                first, again = parts(tab, home + page), parts(tab, home + page)
            sums = (sum(first.values()) / 1000, budget(page) / 1000, sum(again.values()) / 1000)
            print("{:10.1f}{:8.0f}{:8.1f}".format(*sums), page)
            print(listed(first, home))


def plain_book(folder: Path, page: str) -> Path:
    """Build the page's executed notebook with an unchanged configuration; return the site."""
    executed = BUILD / "jupyter_execute" / f"{page}.ipynb"
    (folder / "page.ipynb").write_bytes(executed.read_bytes())
    (folder / "_config.yml").write_text("title: A plain book\n")
    (folder / "_toc.yml").write_text("format: jb-book\nroot: page\n")
    build = "from jupyter_book.cli.main import main; main()"
    subprocess.run(
        [sys.executable, "-c", build, "build", ".", "--quiet"],
        cwd=folder,
        check=True,
        capture_output=True,
    )
    return folder / "_build" / "html"


def weigh_plain(browser, page: str):
    """Print what the page moves in a plain book, other hosts included as far as they answer."""
    others, silent = {}, []

    def fetch(route):
        url = route.request.url
        try:
            body = route.fetch().body()
        except Exception:  # Playwright's own error for a host that does not answer
            silent.append(url)
            return route.abort()
        others[url] = len(gzip.compress(body)) + HEADERS
        return route.fulfill(body=body)

    with tempfile.TemporaryDirectory() as folder:
        with served(plain_book(Path(folder), page)) as home, browser.new_context() as context:
            tab = context.new_page()
            context.route(lambda url: not url.startswith(home), fetch)
            found = parts(tab, home + "page.html")
    found = dict(sorted({**found, **others}.items(), key=lambda part: -part[1]))
    print(f"\n{sum(found.values()) / 1000:10.1f} kB: {page} in an unchanged Jupyter Book")
    print(listed(found, home, 2 * HEAVIEST))
    for url in silent:
        print(f"   unknown  {url} (its host does not answer from here)")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("page", nargs="?", default=PAGE, help="no suffix (default: %(default)s)")
    page = parser.parse_args().page
    if not (SITE / f"{page}.html").is_file():
        parser.error(f"{page} is no page of the built site; build the site first: make book")
    with launched() as browser:
        weigh_site(browser)
        weigh_plain(browser, page)
    return 0


if __name__ == "__main__":
    sys.exit(main())
