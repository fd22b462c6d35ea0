"""Sphinx extension: the site asks no other host for anything, and carries only what it uses.

A page waits for one style and one script. The style holds the rules, of the theme's and the book's,
that match something on a page: PurgeCSS finds them, and esbuild makes both files small.
"""

import json
import posixpath
import re
import socket
import subprocess
import time
import zlib
from pathlib import Path

from sphinxcontrib import katex
from typefaces import NODE, copy_katex_style, node, without_unused, write_fonts

# What Jupyter Book adds to every page for features that this book does not use.
UNUSED = ("thebe", "sphinx-design", "design-tabs", "toggle", "documentation_options.pagename")

# The theme's own styles; those of the extensions and book.css follow them in one file.
THEME_STYLES = ("basic.css", "styles/bootstrap.css", "styles/pydata-sphinx-theme.css")
# The theme's own script, and the book's. They follow those of Sphinx and of the extensions.
PAGE_SCRIPTS = ("_static/scripts/pydata-sphinx-theme.js", "website/scripts/page.js")

# What gives pages their classes when they are read or printed.
LATER = ("website/live/*.js", "website/static/*.js", "tools/book_pdf.py")

WORD = re.compile(r"[A-Za-z_][\w-]*")

# A link to a file beside the pages, with the digest that an earlier build may have given it.
ASSET = re.compile(
    r'((?:href|src)="|url\()([^":?#)]+\.(?:css|js|svg|png|woff2))(?:\?v=\w*)?(?=["#)])'
)


def remove_unused_assets(app, pagename, templatename, context, doctree):
    """Note which styles and scripts pages use; layout.html names the one file of each."""
    files = {
        kind: [file for file in context.get(kind, []) if not _unused(file)]
        for kind in ("css_files", "script_files")
    }
    app.book_styles = [file.filename for file in files["css_files"]]
    named = [file for file in files["script_files"] if getattr(file, "filename", None)]
    app.book_scripts = [file.filename for file in named]
    context["css_files"] = []
    context["script_files"] = [file for file in files["script_files"] if file not in named]
    # Without scripts the page is light; with them, layout.html follows the reader's scheme.
    context["default_mode"] = "light"


def _unused(file):
    text = f"{file} {getattr(file, 'attributes', {})}".lower()
    return any(name in text for name in UNUSED)


def offer_what_works(app, pagename, templatename, context, doctree):
    """Offer notebooks for launching and downloading; of any other page, its text and its print."""
    notebook = context.get("page_source_suffix") == ".ipynb"
    groups = context.get("header_buttons", [])
    for group in groups:
        for button in group.get("buttons", []):
            if not button["icon"].startswith("fa"):  # a brand's picture
                button["icon"] = "fas fa-arrow-up-right-from-square"
    # The source of a page in Markdown opens in no notebook host.
    context["header_buttons"] = [g for g in groups if notebook or g["label"] != "launch-buttons"]
    for group in context["header_buttons"]:
        if group["label"] == "download-buttons" and not notebook:
            kept = [b for b in group["buttons"] if b["label"] != "download-notebook-button"]
            group["buttons"] = kept


def bundle_assets(app, exception):
    """Join the styles, and the scripts, into one file each, and leave out what no page uses."""
    if exception or app.builder.format != "html" or not hasattr(app, "book_styles"):
        return  # no page was written
    root, site = Path(app.srcdir), Path(app.outdir)
    names = [*THEME_STYLES, *(name.removeprefix("_static/") for name in app.book_styles)]
    style = "\n".join(
        _rebased((site / "_static" / name).read_text("utf-8"), name) for name in names
    )
    places = [
        site / name if name.startswith("_static") else root / name
        for name in (*app.book_scripts, *PAGE_SCRIPTS)
    ]
    script = ";\n".join(place.read_text("utf-8") for place in places)
    later = [file.read_text("utf-8") for pattern in LATER for file in sorted(root.glob(pattern))]
    pages = [page.read_text("utf-8") for page in sorted(site.rglob("*.html"))]
    # With the words of the text, the style is half a kB heavier than with those of tags alone.
    used = {word for text in [*pages, script, *later] for word in WORD.findall(text)}
    order = {"style": style, "script": script, "used": "\n".join(sorted(used))}
    made = json.loads(node(root, "pack.mjs", json.dumps(order)))
    style = without_unused(made["style"])
    write_fonts(root, site / "_static", style, pages)
    (site / "_static" / "site.css").write_text(stamped(style, site / "_static"), "utf-8")
    (site / "_static" / "site.js").write_text(made["script"], "utf-8")


def _rebased(style: str, name: str) -> str:
    """Return a style whose links start at the folder of the bundle."""

    def rebase(found):
        return f"url({posixpath.normpath(posixpath.join(posixpath.dirname(name), found[1]))})"

    return re.sub(r"url\([\"']?(?!data:|#)([^\"')]+)[\"']?\)", rebase, style)


def stamped(text: str, folder: Path) -> str:
    """Return HTML or CSS of a folder in which each link to an asset ends in the asset's digest.

    A browser may then keep the asset for good, and asks again when its contents have changed.
    """

    def stamp(found):
        before, link = found.groups()
        asset = folder / link
        return f"{before}{link}?v={_digest(asset)}" if asset.is_file() else found[0]

    return ASSET.sub(stamp, text)


def _digest(path: Path) -> str:
    return f"{zlib.crc32(path.read_bytes()):08x}"


def stamp_pages(app, exception):
    """Stamp the links to assets on every page, those of earlier builds included."""
    if exception or app.builder.format != "html":
        return
    for page in Path(app.outdir).rglob("*.html"):
        if "_static" not in page.parts:
            text = page.read_text("utf-8")
            page.write_text(stamped(text, page.parent), "utf-8")


def start_katex_patiently():
    """Have KaTeX's server start on a busy machine too, with the Node.js that PyPI brought."""
    katex.NODEJS_BINARY = str(NODE)
    katex.KaTeXServer.start_server_process = classmethod(server_and_connection)
    katex.STARTUP_TIMEOUT = katex.RENDER_TIMEOUT = 60  # seconds


def server_and_connection(server, folder, seconds):
    """Start the server, and try until it answers: its socket is there before it listens.

    The extension tries once here, and until it answers over TCP; but TCP takes 80 ms for each
    formula, because either side sends two short pieces and waits for the word that one came.
    """
    path, end = folder / "katex.sock", time.monotonic() + seconds
    command = server.build_command(socket=path)
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=folder)
    while time.monotonic() < end:
        connection = socket.socket(socket.AF_UNIX)
        if not connection.connect_ex(str(path)):
            return process, connection
        connection.close()
        time.sleep(0.01)
    process.kill()
    raise server.timeout_error(seconds)


def setup(app):
    start_katex_patiently()
    app.connect("builder-inited", copy_katex_style)
    app.connect("html-page-context", remove_unused_assets, priority=900)
    app.connect("html-page-context", offer_what_works, priority=900)
    # The theme writes its styles for code in the same event.
    app.connect("build-finished", bundle_assets, priority=900)
    app.connect("build-finished", stamp_pages, priority=901)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
