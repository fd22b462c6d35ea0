"""The form in which a reader hands a batch to `check_batch`, on the page of that name.

Its fields are the arguments of the losses that `helpers/batch.py` imports, with the defaults that
their derivations have; it begins with what the page's own call says.
"""

import ast
from html import escape

CALL = "check_batch"
ARRAYS = ("y_true", "y_pred")
REDUCTIONS = ("sum_over_batch_size", "sum", "none")
NOTE = "Python looks at the batch here, in your browser. Nothing that you type leaves this page."


def form(source: str, modules: dict[str, str], style: str) -> str:
    """Return the form as HTML.

    Args:
        source: the page's call of `check_batch`, with the values to begin with.
        modules: the texts of the modules that run in the page, by path.
        style: the form's CSS.
    """
    given = _given(source)
    losses = _losses(modules)
    settings = {name: default for each in losses.values() for name, default in each.items()}
    hidden = "".join(
        f'.batch-form:not(:has(option[data-takes~="{name}"]:checked)) [data-setting="{name}"]'
        "{display:none}"
        for name in settings
    )
    options = "".join(
        f'<option data-takes="{" ".join(takes)}"{" selected" * (name == given["loss"])}>'
        f"{name}</option>"
        for name, takes in losses.items()
    )
    reductions = "".join(f"<option>{name}</option>" for name in REDUCTIONS)
    return (
        '<form class="batch-form" data-call="helpers.batch.answer" autocomplete="off" '
        'novalidate onsubmit="return false">'
        f"<style>{style}{hidden}</style>"
        + "".join(_area(name, given[name]) for name in ARRAYS)
        + f'<fieldset><label>loss<select name="loss">{options}</select></label>'
        + f'<label>reduction<select name="reduction">{reductions}</select></label></fieldset>'
        + "<fieldset>"
        + "".join(_field(name, given.get(name, value)) for name, value in settings.items())
        + '<label><input type="checkbox" name="untrained"> the model is untrained</label>'
        + "</fieldset>"
        + f'<p>{NOTE}</p><div class="live-bar"><button type="button" data-live>Look at the batch'
        + '</button><output></output></div><div class="live-shown"></div></form>'
    )


def _given(source):
    """Return the arguments of the call."""
    calls = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    call = next(each for each in calls if getattr(each.func, "id", None) == CALL)
    return {each.arg: ast.literal_eval(each.value) for each in call.keywords}


def _losses(modules):
    """Return the losses that the helper imports, each with its settings and their defaults."""
    functions, names = {}, []
    for path, text in modules.items():
        for part in ast.parse(text).body:
            if isinstance(part, ast.FunctionDef) and path.startswith("chapters/losses/"):
                functions[part.name] = part.args
            if isinstance(part, ast.ImportFrom) and path == "helpers/batch.py":
                if part.module.startswith("chapters."):
                    names += [alias.name for alias in part.names]
    return {name: _settings(functions[name]) for name in names}


def _settings(arguments):
    defaults = dict(zip(reversed(arguments.args), reversed(arguments.defaults), strict=False))
    return {
        each.arg: ast.literal_eval(default)
        for each, default in reversed(defaults.items())
        if each.arg != "axis"
    }


def _area(name, text):
    lines = max(5, text.count("\n") + 1)
    return (
        f'<label>{name}<textarea name="{name}" rows="{lines}" spellcheck="false" '
        f'autocapitalize="off">{escape(text)}</textarea></label>'
    )


def _field(name, value):
    setting = f'data-setting="{name}"'
    if isinstance(value, bool):
        checked = " checked" * value
        return f'<label {setting}><input type="checkbox" name="{name}"{checked}> {name}</label>'
    text = "" if value is None else value
    return (
        f'<label {setting}>{name}<input name="{name}" value="{text}" inputmode="decimal"></label>'
    )
