"""Sphinx extension: negative numbers bear a true minus sign, in text, outputs, tables and figures.

Code keeps its hyphens, and so do an exponent such as 1e-07 and an argument such as axis=-1, in
an error's message say: all are there to be typed.
"""

import json
import re

from docutils import nodes

MINUS = "\N{MINUS SIGN}"
HYPHEN = re.compile(r"(?<![\w.)\]=-])-(?=\.?\d|inf\b)")
SHOWN = re.compile(r">[^<]*<")
# What is shown between styles, scripts and what can be edited, and a slider's frames.
PARTS = re.compile(r"(<style.*?</style>|<script.*?</script>|<textarea.*?</textarea>)", re.DOTALL)
FRAMES = re.compile(r'(?<=<script type="application/json">).*(?=</script>)', re.DOTALL)


def true_minus(text: str) -> str:
    """Return a text whose negative numbers begin with a minus sign."""
    return HYPHEN.sub(MINUS, text)


def in_html(html: str) -> str:
    """Return HTML of an output in which the numbers that it shows have true minus signs."""
    parts = PARTS.split(html)
    parts[::2] = [SHOWN.sub(lambda shown: true_minus(shown[0]), part) for part in parts[::2]]
    parts[1::2] = [FRAMES.sub(lambda found: _in_frames(found[0]), part) for part in parts[1::2]]
    return "".join(parts)


def _in_frames(packed: str) -> str:
    data = json.loads(packed)
    if "words" not in data:
        return packed
    data["words"] = list(map(true_minus, data["words"]))
    data["lines"] = [SHOWN.sub(lambda shown: true_minus(shown[0]), line) for line in data["lines"]]
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return text.replace("<", "\\u003c")


def set_minus_signs(app, doctree, page):
    """Set the signs on a page that is about to be written."""
    for node in list(doctree.findall(nodes.Text)):
        output = node.parent.parent and node.parent.parent.get("nb_element") == "cell_code_output"
        if isinstance(node.parent, nodes.raw):
            continue
        if output or not isinstance(
            node.parent, nodes.FixedTextElement | nodes.literal | nodes.math
        ):
            text = nodes.Text(true_minus(node.astext()))
            if text != node:
                node.parent.rawsource = str(text)  # Sphinx colours what is as it was written
                node.parent.replace(node, text)
    for raw in doctree.findall(nodes.raw):
        if raw["format"] == "html" and "katex" not in raw.astext():
            html = in_html(raw.astext())
            raw.children = [nodes.Text(html)]


def setup(app):
    app.connect("doctree-resolved", set_minus_signs)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
