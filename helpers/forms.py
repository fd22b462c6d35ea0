"""The parts of a form that a function of the book's answers in the reader's browser, as HTML.

A form is hidden where nothing answers, as in a notebook; the website opens it.
"""

from html import escape


def form(call, fields, buttons, said="", below="", style=""):
    """Return a form.

    Args:
        call: the full name of the function that answers a press. It is handed the texts of the
            fields by their names, and as `button` the one that was pressed; it returns a dict of
            what is `said`, and of the `html` that then stands in the element of class `live-shown`
            in the form or after it.
        fields: HTML, what stands above the buttons.
        buttons: what stands on each of them.
        said: what stands beside them at the start.
        below: HTML, what stands below them.
        style: CSS of this form alone.
    """
    pressed = "".join(f'<button value="{name}" data-live>{name}</button>' for name in buttons)
    return (
        f'<form class="live-form" hidden data-call="{call}" autocomplete="off" novalidate '
        f'onsubmit="return false"><style>{style}</style>{fields}'
        f'<div class="live-bar">{pressed}<output>{escape(said)}</output></div>{below}</form>'
    )


def choice(label, name, options, chosen=None, attributes=""):
    """Return a choice between texts; `options` has each by the value that is sent."""
    texts = "".join(
        f'<option value="{value}"{" selected" * (value == chosen)}>{text}</option>'
        for value, text in options.items()
    )
    return f'<label>{label} <select name="{name}"{attributes}>{texts}</select></label>'


def field(label, name, value, attributes=' spellcheck="false"'):
    """Return a field for a text, or of the type that its attributes say."""
    shown = escape(str(value))
    return f'<label>{label} <input name="{name}" value="{shown}"{attributes}></label>'
