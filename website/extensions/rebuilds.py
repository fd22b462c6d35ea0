"""Sphinx extension: a rebuild leaves what a build from scratch would leave."""

import zlib
from pathlib import Path

from keras_names import Names
from way_through import promises

WITHOUT_SOURCE = {"search", "404"}
MOVED = Path("website/moved")
LOOK = ("templates/**/*.html", "static/*.*", "scripts/*.js", "*.mjs", "package-lock.json")


def watch_sources(app, config):
    """Have Sphinx build anew when files change that it does not watch itself."""
    root = Path(app.srcdir)
    config.book_code = _digest_of(
        [*root.glob("website/extensions/*.py"), root / "environments" / "book.lock"]
    )
    config.book_look = _digest_of([file for name in LOOK for file in root.glob(f"website/{name}")])


def _digest_of(files) -> str:
    return f"{zlib.crc32(b''.join(file.read_bytes() for file in sorted(files))):08x}"


def rewrite_pages(app, env):
    """Name every page for writing when the list of pages, titles or names' pages has changed."""
    titles = {name: title.astext() for name, title in env.titles.items()}
    order = {name: list(pages) for name, pages in env.toctree_includes.items()}
    outline = (titles, order, promises(env), Names(env).own_pages())
    before, env.book_outline = getattr(env, "book_outline", outline), outline
    return [] if before == outline else sorted(env.found_docs)


def remove_stale_pages(app, exception):
    """Delete pages whose source is gone; Sphinx leaves what an earlier build has written."""
    if exception or app.builder.format != "html":
        return
    site, moved = Path(app.outdir), Path(app.srcdir) / MOVED
    kept = {site / f"{name}.html" for name in {*app.env.found_docs, *WITHOUT_SOURCE}}
    kept |= {site / page.relative_to(moved) for page in moved.rglob("*.html")}
    for page in set(site.rglob("*.html")) - kept:
        if not page.relative_to(site).parts[0].startswith("_"):
            page.unlink()


def setup(app):
    app.add_config_value("book_code", "", "env", types=[str])
    app.add_config_value("book_look", "", "html", types=[str])
    app.connect("config-inited", watch_sources)
    app.connect("env-updated", rewrite_pages)
    app.connect("build-finished", remove_stale_pages)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
