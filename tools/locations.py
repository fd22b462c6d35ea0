"""Where things are: the folders of the repository, and the pages in them."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
CHAPTERS = ROOT / "chapters"
HELPERS = ROOT / "helpers"
SOURCE = ROOT / "homework" / "source"  # the assignments with their solutions
RELEASE = ROOT / "homework" / "release"  # the same without them, for students
ENVIRONMENTS = ROOT / "environments"
BOOK_LOCK = ENVIRONMENTS / "book.lock"
WEBSITE = ROOT / "website"
NODE_MODULES = WEBSITE / "node_modules"
MOVED = WEBSITE / "moved"  # pages that lead from old addresses to new ones
BUILD = ROOT / "_build"
SITE = BUILD / "html"  # where `make book` writes the site


def notebooks(root: Path = ROOT) -> list[Path]:
    """Return every page of the book that is a notebook, in a fixed order."""
    return sorted((root / "chapters").rglob("[!.]*.ipynb"))


def homework_notebooks(root: Path = ROOT) -> list[Path]:
    """Return the notebooks of the homework, those with the solutions and those without."""
    return sorted((root / "homework").glob("[!.]*/*/[!.]*.ipynb"))


def site_pages(site: Path = SITE) -> list[str]:
    """Return the pages of the built site as paths below it, without those that only lead on."""
    found = (path.relative_to(site) for path in site.rglob("*.html"))
    pages = {path.as_posix() for path in found if "_static" not in path.parts}
    return sorted(pages - {path.relative_to(MOVED).as_posix() for path in MOVED.rglob("*.html")})
