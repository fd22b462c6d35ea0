"""Pictures in the book's one style, with words for those who cannot see them."""

import io
import re
from html import escape
from pathlib import Path

import matplotlib.pyplot as plt
from matplotlib.figure import Figure

MINUS = "\N{MINUS SIGN}"  # a hyphen is too short to be one
STYLE = Path(__file__).with_name("book.mplstyle")

# Text stays text: it can be read aloud, searched and recoloured, and a slider's frames share it.
# The same drawing always gives the same bytes.
SVG = {"svg.fonttype": "none", "svg.hashsalt": "losses-and-metrics"}

# One hue, one meaning, on every page (the Okabe-Ito palette).
COLORS = {
    "truth": "#000000",
    "prediction": "#0072b2",
    "loss": "#d55e00",
    "gradient": "#009e73",
    "context": "#767676",
}

# The hues as CSS variables: (on white, as text on white, on the dark page). Lines keep the
# palette's own hue; letters take a darker one where the palette misses a contrast of 4.5 to 1.
_CSS_COLORS = {
    "prediction": ("#0072b2", "#0072b2", "#5ab4f0"),
    "loss": ("#d55e00", "#b04c00", "#ff8c42"),
    "gradient": ("#009e73", "#007353", "#2fc79b"),
    "context": ("#767676", "#636363", "#a3a8ad"),
}


def _css() -> str:
    """Return the style rules that every picture brings along."""

    def variables(hue, text_hue):
        return "".join(
            f"--{name}:{values[hue]};--{name}-text:{values[text_hue]};"
            for name, values in _CSS_COLORS.items()
        )

    light, dark = variables(0, 1), variables(2, 2)
    page = "--page:var(--pst-color-background,var(--jp-layout-color0,#fff));"
    return (
        f".book-figure{{{light}{page}margin:1em 0;padding:0;max-width:36rem;color:inherit}}"
        f"[data-theme=dark] .book-figure,[data-jp-theme-light=false] .book-figure{{{dark}}}"
        ".book-figure svg{display:block;width:100%;height:auto}"
        ".book-figure .words{display:block;margin:.2em 0;padding:0;font-weight:600;"
        "line-height:1.35;color:inherit;text-align:left}"
    )


CSS = _css()


def use_style() -> None:
    """Apply the book's style sheet to every figure made from here on."""
    plt.style.use(STYLE)


def number(value: float, form: str = ".4g") -> str:
    """Return a number as text, with a minus sign where it is negative."""
    return format(value, form).replace("-", MINUS)


def write(axes, text: str, point, meaning: str = "truth", offset=(5, 0), **style) -> None:
    """Write in bold beside a point.

    Args:
        axes: where to write.
        text: what to write.
        point: the point, in the units of the axes.
        meaning: what the text is about, one of `COLORS`.
        offset: how far from the point the text stands, in points of type.
        **style: what else the text is, such as `ha="right"`.
    """
    style = {"va": "center", "weight": "bold", "color": COLORS[meaning]} | style
    axes.annotate(text, point, xytext=offset, textcoords="offset points", **style)


def bars(axes, values: dict, meanings, form: str = ".4g", height: float = 0.55) -> None:
    """Draw one horizontal bar a name, from top to bottom, with its number in bold at its end.

    Args:
        axes: where to draw.
        values: for each name its number.
        meanings: what the bars are about, one of `COLORS` or one for each bar.
        form: the format of the numbers.
        height: of a bar; the next one is 1 away.
    """
    meanings = [meanings] * len(values) if isinstance(meanings, str) else meanings
    axes.barh(list(values), values.values(), color=[COLORS[m] for m in meanings], height=height)
    axes.invert_yaxis()
    axes.tick_params(axis="y", length=0)
    for row, value in enumerate(values.values()):
        left = {"offset": (-5, 0), "ha": "right"} if value < 0 else {}
        write(axes, number(value, form), (value, row), **left)


def mark_place(axes, x: float) -> None:
    """Draw a thin dotted line where a slider stands."""
    axes.axvline(x, color=COLORS["context"], linestyle=":", linewidth=1, zorder=0)


def alt_text(figure: Figure) -> str:
    """Return what a figure says: its title, else the titles of its axes, else ''."""
    title = figure.get_suptitle()
    titles = [title] if title else [axes.get_title("left") for axes in figure.axes]
    return ". ".join(" ".join(text.split()) for text in titles if text)


def svg(figure: Figure) -> str:
    """Return a figure as an SVG element that takes its colours from the page around it.

    The figure's title is left out: whoever shows the picture sets it as text of its own,
    which wraps on a narrow screen and can be read aloud.
    """
    title = figure.get_suptitle()
    if title:
        figure.suptitle("")
    buffer = io.StringIO()
    nothing = dict.fromkeys(("Creator", "Date", "Format", "Type"))
    with plt.rc_context(SVG):
        figure.savefig(buffer, format="svg", transparent=True, metadata=nothing)
    if title:
        figure.suptitle(title)
    return _themed(buffer.getvalue())


def _themed(source: str) -> str:
    """Return Matplotlib's SVG as an element that fits into any page, in as few bytes as do."""
    source = source[source.index("<svg") :].strip()
    # The style element would apply to the whole page; its two rules stand on the root instead.
    source = re.sub(r"<(metadata|style).*?</\1>\s*", "", source, flags=re.DOTALL)
    source = re.sub(
        r"<svg .*?(viewBox=\"[^\"]*\").*?>",
        r'<svg \1 fill="currentColor" stroke-linejoin="round" aria-hidden="true">',
        source,
        count=1,
        flags=re.DOTALL,
    )
    source = re.sub(r'<g id="[^"]*">', "<g>", source)  # nothing refers to a group
    source = re.sub(r' transform="rotate\(-?0 [^"]*"', "", source)
    source = re.sub(r"<[^>]*>", lambda found: _rounded(found[0]), source)  # not what texts say
    source = source.replace("xlink:href", "href").replace("'DejaVu Sans'", "system-ui")
    source = re.sub(r"<text [^>]*>", lambda found: _hues(found[0], "-text"), source)
    return _hues(source, "").replace("#000000", "currentColor").replace("#ffffff", "var(--page)")


def _rounded(tag: str) -> str:
    return re.sub(r"\d+\.\d{3,}", lambda found: f"{float(found[0]):.2f}", tag)


def _hues(source: str, suffix: str) -> str:
    for name in _CSS_COLORS:
        source = source.replace(COLORS[name], f"var(--{name}{suffix})")
    return source


class Picture:
    """A still figure as every kind of reader can use it: SVG in HTML, or words."""

    def __init__(self, figure: Figure):
        self.alt_text = alt_text(figure)
        self.svg = svg(figure)
        plt.close(figure)

    def __repr__(self) -> str:
        return self.alt_text

    def _repr_html_(self) -> str:
        return still_html(self.svg, self.alt_text)


def figure_html(picture: str, text: str, live: bool = False) -> str:
    """Return HTML of an SVG under its words; `live` has changed words read out."""
    polite = ' aria-live="polite"' if live else ""
    text = escape(text)
    return (
        f'<figure class="book-figure"><figcaption class="words"{polite}>{text}</figcaption>'
        f'<div class="picture" role="img" aria-label="Chart: {text}">{picture}</div></figure>'
    )


def live_html(picture: str, text: str) -> str:
    """Return HTML for a live widget of an SVG under its words, with the style it needs."""
    return f"<style>{CSS}</style>" + figure_html(picture, text, live=True)


def still_html(picture: str, text: str) -> str:
    """Return HTML of an SVG under its words that stays as it is, with the style it needs."""
    return f"<style>{CSS}</style>" + figure_html(picture, text)


def show(figure: Figure) -> Picture:
    """Return a still picture of `figure`, and close the figure.

    Raises:
        TypeError: `figure` is not a Matplotlib Figure.
        ValueError: `figure` has no title. The title states the finding, and is the text
            that stands for the picture where it cannot be seen.
    """
    if not isinstance(figure, Figure):
        raise TypeError(f"show: figure is a {type(figure).__name__}; expected a Matplotlib Figure")
    if not alt_text(figure):
        plt.close(figure)
        raise ValueError("show: figure has no title; expected a title that states the finding")
    return Picture(figure)
