"""Sphinx extension: an index of the Keras names in the pages' code, and links to their pages.

The names are read from the code cells, so nothing lists them. A name's own page is the one whose
`by-hand` cell derives it, or which defines a function or a class of just this name; for a loss or a
metric that no page derives, the only page that uses it.
The directive `keras-names` writes the index. On every other page, the first mention of a name in
the text leads to its own page.
"""

import ast
import re
from collections import defaultdict

from docutils import nodes
from IPython.core.inputtransformer2 import TransformerManager
from sphinx.util.docutils import SphinxDirective

MENTION = re.compile(r"(?:tf\.keras\.)?(?:(?!tf\.)\w+\.)*(\w+)(?:\(.*\))?")
METHODS = "Methods"
TAUGHT = ("tf.keras.losses.", "tf.keras.metrics.")


class KerasReader(ast.NodeVisitor):
    """Reads code from top to bottom and notes the Keras names in it.

    It follows assignments, as in `losses = tf.keras.losses` and `metric = losses.Mean()`.

    Attributes:
        names: dotted names, such as `tf.keras.losses.KLDivergence`.
        methods: dotted names of called methods, such as `tf.keras.metrics.Mean.update_state`.
    """

    def __init__(self):
        self.names, self.methods = set(), set()
        self._known = {"tf": "tf"}  # what a variable stands for; an object is its class and ()

    def visit_Assign(self, node):
        """Follow `variable = value` and `one, other = value, value`."""
        self.generic_visit(node)
        for target in node.targets:
            self._bind(target, node.value)

    def visit_For(self, node):
        """Forget what the loop's variable stood for."""
        self._bind(node.target, None)
        self.generic_visit(node)

    def visit_ClassDef(self, node):
        """Read a class; what inherits from a Keras class stands for it."""
        base = next(filter(_is_class, map(self._value, node.bases)), None)
        self._known |= {node.name: base, "self": base and f"{base}()"}
        self._read_scope(node, [])

    def visit_FunctionDef(self, node):
        """Read a function; one that returns an object of a Keras class stands for the class."""
        arguments = [argument.arg for argument in node.args.args]
        result = self._read_scope(node, arguments)
        self._known[node.name] = result.removesuffix("()") if _is_object(result) else None

    def visit_Attribute(self, node):
        """Note a dotted name."""
        dotted = self._value(node)
        if dotted and _is_name(dotted):
            self.names.add(dotted)
        self.generic_visit(node)

    def visit_Call(self, node):
        """Note a method of a Keras object or class."""
        if isinstance(node.func, ast.Attribute) and not node.func.attr.startswith("_"):
            owner = (self._value(node.func.value) or "").removesuffix("()")
            if _is_class(owner):
                self.methods.add(f"{owner}.{node.func.attr}")
        self.generic_visit(node)

    def _read_scope(self, node, own):
        """Read a body with names of its own; return what it returns.

        Objects are remembered: a page has one meaning for `model` and `metric`.
        """
        outside = dict(self._known)
        self._known |= {name: None for name in own if not _is_object(outside.get(name))}
        self.generic_visit(node)
        objects = {name: value for name, value in self._known.items() if _is_object(value)}
        self._known = outside | objects
        results = [part.value for part in node.body if isinstance(part, ast.Return)]
        return self._value(results[-1]) if results else None

    def _bind(self, target, value):
        if isinstance(target, ast.Tuple):
            parts = value.elts if isinstance(value, ast.Tuple) else [None] * len(target.elts)
            for one, its_value in zip(target.elts, parts, strict=False):
                self._bind(one, its_value)
        # model = models["right"] is still a model
        elif isinstance(target, ast.Name) and not isinstance(value, ast.Subscript):
            self._known[target.id] = self._value(value)

    def _value(self, node):
        """Return what an expression is: a dotted name, one with () for an object, or None."""
        if isinstance(node, ast.Name):
            return self._known.get(node.id)
        if isinstance(node, ast.Attribute):
            start = self._value(node.value)
            return start and f"{start}.{node.attr}"
        made = self._value(node.func) if isinstance(node, ast.Call) else None
        return f"{made}()" if _is_class(made) else None


def _is_object(value):
    return bool(value) and value.endswith("()")


def _is_class(value):
    return bool(value) and _is_name(value) and _last(value)[0].isupper()


def _is_name(dotted):
    """Return whether a dotted name is Keras's own, and no module such as `tf.keras.losses`."""
    parts = dotted.split(".")
    if parts[:2] != ["tf", "keras"] or parts[-1].startswith("_") or "()" in dotted:
        return False
    return len(parts) == 4 or (len(parts) == 3 and parts[2][0].isupper())


def _last(dotted):
    return dotted.rpartition(".")[2]


def note_names(app, doctree):
    """Note the names that a page's code uses, that it defines, and that `by-hand` cells derive."""
    reader, derived, defined = KerasReader(), set(), set()
    for cell in doctree.findall(nodes.container):
        if cell.get("nb_element") != "cell_code_source":
            continue
        try:
            tree = ast.parse(TransformerManager().transform_cell(cell.astext()))
        except SyntaxError:  # a page may show one
            continue
        reader.visit(tree)
        definitions = (ast.ClassDef, ast.FunctionDef)
        if "tag_by-hand" in cell.parent["classes"]:  # with their methods
            derived |= {node.name for node in ast.walk(tree) if isinstance(node, definitions)}
        elif "tag_solution" not in cell.parent["classes"]:
            defined |= {node.name for node in tree.body if isinstance(node, definitions)}
    app.env.metadata[app.env.docname].update(
        keras_names=reader.names | {f"{METHODS}.{_last(name)}" for name in reader.methods},
        keras_derived={name for name in derived if not name.startswith("_")},
        keras_defined=defined,
    )


class Names:
    """The Keras names of all pages.

    Attributes:
        used: the pages that use a name, in reading order, by its dotted name; a method's name
            begins with `Methods.`.
    """

    def __init__(self, env):
        self.used, self._derived, self._defined = defaultdict(list), {}, {}
        for page in env.collect_relations():  # in reading order
            noted = env.metadata[page]
            for name in noted.get("keras_derived", ()):
                self._derived.setdefault(_letters(name), page)
            for name in noted.get("keras_defined", ()):
                self._defined.setdefault(name, page)
            for name in noted.get("keras_names", ()):
                self.used[name].append(page)

    def derived(self, name):
        """Return the page that derives a name, or None.

        A class and its function, such as `KLDivergence` and `kl_divergence`, share one page.
        """
        same = not name.startswith(METHODS) and self._defined.get(_last(name))
        return self._derived.get(_letters(name)) or same or None

    def own_page(self, name):
        """Return the page that derives a name, or a loss's or metric's only page, or None."""
        alone = name.startswith(TAUGHT) and len(self.used[name]) == 1
        return self.derived(name) or (self.used[name][0] if alone else None)

    def own_pages(self):
        """Return own pages by the names' last parts."""
        return {_last(name): self.own_page(name) for name in self.used if self.own_page(name)}


def _letters(name):
    return _last(name).replace("_", "").lower()


class KerasNames(SphinxDirective):
    """Lists the names of the modules that are its arguments; without one, of all others."""

    optional_arguments = 9

    def run(self):
        """Leave a place for the list: other pages may not have been read yet."""
        self.env.metadata[self.env.docname]["keras_index"] = True
        return [nodes.definition_list(classes=["look-up"], modules=self.arguments)]


def index_pages(app, env):
    """Return the pages with an index, to be written again whenever any page is."""
    return [page for page in env.found_docs if "keras_index" in env.metadata[page]]


def write_names(app, doctree, page):
    """Fill the lists of the index, and link the first mention of each name on other pages."""
    names = Names(app.env)
    lists = [each for each in doctree.findall(nodes.definition_list) if "modules" in each]
    taken = {module for place in lists for module in place["modules"]}
    for place in lists:
        for name in sorted(names.used, key=str.lower):
            module = name.rpartition(".")[0]
            if module in place["modules"] or not (place["modules"] or module in taken):
                place += _entry(app, page, names, name)
    if not lists:
        _link_mentions(app, doctree, page, names.own_pages())


def _entry(app, page, names, name):
    derived = names.derived(name)
    others = [other for other in names.used[name] if other != derived]
    text = nodes.paragraph()
    for words, pages in (("Derived on ", [derived] if derived else []), ("Used on ", others)):
        for number, target in enumerate(pages):
            text += nodes.Text(", " if number else words)
            text += _link(app, page, target, nodes.Text(app.env.titles[target].astext()))
        text += nodes.Text(". " if pages else "")
    shown = _last(name) if name.startswith(METHODS) else name
    term = nodes.term("", "", nodes.literal(shown, shown), ids=[nodes.make_id(name)])
    return nodes.definition_list_item("", term, nodes.definition("", text))


def _link_mentions(app, doctree, page, own_pages):
    unlinked = {name: own for name, own in own_pages.items() if own != page}
    for literal in list(doctree.findall(nodes.literal)):
        mention = MENTION.fullmatch(literal.astext())
        if mention and mention[1] in unlinked and _in_running_text(literal):
            link = _link(app, page, unlinked.pop(mention[1]), literal.deepcopy())
            literal.replace_self(link)


def _in_running_text(node):
    """Return whether a node stands in a page's text, in no link and in no heading."""
    while node := node.parent:
        if isinstance(node, (nodes.reference, nodes.title, nodes.term)):
            return False
    return True


def _link(app, page, target, content):
    address = app.builder.get_relative_uri(page, target)
    return nodes.reference("", "", content, internal=True, refuri=address)


def setup(app):
    app.add_directive("keras-names", KerasNames)
    app.connect("doctree-read", note_names)
    app.connect("env-updated", index_pages)
    app.connect("doctree-resolved", write_names)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
