"""The slider: what it shows to whom, and what it says to a wrong call."""

import json
import re
import sys
import types

from helpers import slide

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.figure import Figure


def draw(**values):
    """Return a figure whose title and line depend on the values."""
    figure, axes = plt.subplots()
    axes.plot([0, 1], [0, sum(float(v) for v in values.values() if not isinstance(v, str))])
    figure.suptitle(", ".join(f"{name} is {value}" for name, value in values.items()))
    return figure


def data(slider):
    """Return what the slider's HTML carries for its script."""
    packed = re.search(r'<script type="application/json">(.*?)</script>', slider.html()).group(1)
    return json.loads(packed)


def frames(slider):
    packed = data(slider)
    return ["\n".join(packed["lines"][line] for line in frame) for frame in packed["frames"]]


@pytest.fixture(autouse=True)
def no_figure_is_left():
    before = plt.get_fignums()
    yield
    assert plt.get_fignums() == before


def test_draws_every_combination_once():
    slider = slide(lambda p, q, r: draw(p=p, q=q, r=r), p=[1, 2, 3], q=["a", "b"], r=[False, True])
    packed = data(slider)
    assert packed["sizes"] == [3, 2, 2]
    assert packed["labels"] == [["1", "2", "3"], ["a", "b"], ["off", "on"]]
    assert packed["words"][0] == "p is 1, q is a, r is False"
    assert packed["words"][3 * 2 * 2 - 1] == "p is 3, q is b, r is True"
    assert len(packed["words"]) == len(packed["frames"]) == 3 * 2 * 2
    assert len(set(frames(slider))) == len({p + r for p in (1, 2, 3) for r in (0, 1)})


@pytest.mark.parametrize(
    ("stops", "labels"),
    [
        (np.arange(0.1, 0.35, 0.1), ["0.1", "0.2", "0.3"]),
        ([0.5, 0.25], ["0.50", "0.25"]),
        (
            np.arange(-0.3, 0.05, 0.1),
            ["\N{MINUS SIGN}0.3", "\N{MINUS SIGN}0.2", "\N{MINUS SIGN}0.1", "0.0"],
        ),
        (range(-1, 2), ["\N{MINUS SIGN}1", "0", "1"]),
        ([1e-7, 1], ["1e-07", "1"]),
        (np.array([1, 2], "int64"), ["1", "2"]),
    ],
)
def test_labels_numbers_alike(stops, labels):
    assert data(slide(lambda p: draw(p=p), p=stops))["labels"] == [labels]


def test_draw_meets_plain_python_values():
    met = []
    slide(lambda p: met.append(p) or draw(p=p), p=np.float32([0.5, 1])).html()
    assert [type(value) for value in met] == [float, float]


def test_every_form_starts_where_it_is_told():
    start = {"p": 0.3, "q": "b", "r": False}
    values = {"p": np.arange(0.1, 0.55, 0.1), "q": ["a", "b"], "r": [True, False]}
    slider = slide(lambda p, q, r: draw(p=round(p, 1), q=q, r=r), start=start, **values)
    words = "p is 0.3, q is b, r is False"
    html = slider.html()
    assert repr(slider).endswith(f"\n{words}")
    shown = '<label><span>p</span><input type="range".* value="2".* aria-valuetext="0.3">'
    assert re.search(f"{shown}<output>0.3</output>", html)
    assert re.search("<select.*<option>a</option><option selected>b</option>", html)
    assert 'type="checkbox" role="switch" autocomplete="off">' in html
    assert 'autocomplete="off" checked>' in slide(lambda r: draw(r=r), r=[True, False]).html()
    assert f'role="img" aria-label="Chart: {words}"' in html
    assert f'aria-live="polite">{words}<' in html
    number = (2 * 2 + 1) * 2 + 1  # of five, two and two stops: the third, the second, the second
    assert data(slider)["words"][number] == words
    assert frames(slider)[number].split() == slider.frame(0.3, "b", False)[0].split()
    *controls, picture = slider.widget().children
    assert [control.value for control in controls] == [pytest.approx(0.3), "b", False]
    assert words in picture.value
    controls[2].value = True
    assert "p is 0.3, q is b, r is True" in picture.value


def test_what_start_does_not_name_begins_at_its_first_value():
    slider = slide(lambda p, q: draw(p=p, q=q), start={"q": 2}, p=[1, 2], q=[1, 2])
    assert repr(slider).endswith("\np is 1, q is 2")


@pytest.mark.parametrize("title", ["</script><b>", '"&', "<!-- <script>", "<![CDATA["])
def test_no_title_breaks_the_page(title, browser):
    """The text after the slider stays, and the slider moves to the title and back."""
    html = slide(lambda p: draw(p=p), p=["a", title]).html()
    tab = browser.new_page()
    tab.set_content(f"<!doctype html>{html}<p id='after'>after</p>")
    assert tab.locator("#after").inner_text() == "after"
    tab.locator("select").select_option(index=1)
    assert tab.locator(".words").inner_text() == f"p is {title}"
    assert "Chart: p is " + title == tab.locator(".picture").get_attribute("aria-label")
    tab.close()


def test_asks_no_other_host():
    assert not re.search(r"https?://(?!www\.w3\.org/)", slide(lambda p: draw(p=p), p=[1, 2]).html())


def test_text_of_a_picture_takes_the_colour_of_the_page():
    picture, _ = slide(lambda p: draw(p=p), p=[1, 2]).frame(1)
    assert 'fill="currentColor"' in picture
    assert "#000000" not in picture
    assert "<style" not in picture


def test_a_live_slider_says_what_went_wrong():
    slider = slide(lambda p: draw(p=1 / (2 - p)), p=[1, 2])
    number, picture = slider.widget().children
    number.value = 2
    assert "draw(p=2) raised ZeroDivisionError" in picture.value


def bundle(slider):
    return slider._repr_mimebundle_()


LIVE = "application/vnd.jupyter.widget-view+json"


def test_every_reader_finds_a_form(monkeypatch):
    slider = slide(lambda p: draw(p=p), p=[1, 2])
    assert set(bundle(slider)) == {"text/plain", "text/html", LIVE}
    assert bundle(slider)["text/plain"] == "Slider: p from 1 to 2, 2 stops\np is 1"
    monkeypatch.setitem(sys.modules, "google.colab", sys)
    assert set(bundle(slider)) == {"text/plain", LIVE}


@pytest.mark.parametrize(("interactive", "recorded"), [(True, ""), (False, ""), (False, "no")])
def test_nobody_meets_a_dead_control_or_waits_for_frames(monkeypatch, interactive, recorded):
    """A kernel that may not ask for input runs for an export, where nobody answers a control."""
    monkeypatch.setenv("RECORD_FRAMES", recorded)
    shell = types.SimpleNamespace(kernel=types.SimpleNamespace(_allow_stdin=interactive))
    monkeypatch.setattr("IPython.get_ipython", lambda: shell)
    drawn = []
    shown = bundle(slide(lambda p: drawn.append(p) or draw(p=p), p=range(20)))
    assert set(shown) == {"text/plain", "text/html", *([LIVE] if interactive else [])}
    still = interactive or recorded == "no"
    assert len(drawn) == (1 if still else 20)
    assert "p is 0" in shown["text/html"]
    assert ("<input" in shown["text/html"]) != still


def test_500_frames_leave_no_figure_open():
    """With the fixture above: of 500 frames, none stays open, nor do those that draw forgot."""

    def forgetful(p):
        plt.figure()
        return plt.figure()

    for _ in range(5):
        slide(forgetful, p=range(100)).html()


def test_a_figure_made_without_pyplot_will_do():
    def bare(p):
        figure = Figure()
        figure.suptitle(f"p is {p}")
        return figure

    assert data(slide(bare, p=[1, 2]))["words"] == ["p is 1", "p is 2"]


def test_a_figure_without_a_title_is_named_by_its_stop():
    assert data(slide(lambda p: plt.figure(), p=[1, 2]))["words"] == ["p=1", "p=2"]


def fail(p):
    plt.figure()
    raise KeyError("no such loss")


@pytest.mark.parametrize(
    ("function", "stops", "error", "message"),
    [
        (draw, {}, ValueError, r"no parameter came; expected one to three"),
        (draw, {name: [1] for name in "abcd"}, ValueError, r"4 parameters came \(a, b, c, d\)"),
        (draw, {"p": []}, ValueError, r"p expects a list, range or 1-D array.*it came empty"),
        (draw, {"p": 3}, TypeError, r"p expects a list.*it came as int 3"),
        (draw, {"p": "abc"}, TypeError, r"p expects a list.*it came as str 'abc'"),
        (draw, {"p": np.eye(2)}, TypeError, r"p has a ndarray as value 0"),
        (draw, {"p": [1, None]}, TypeError, r"p has a NoneType as value 1"),
        (draw, {"p": [1, "a"]}, TypeError, r"p mixes kinds of values: \[1, 'a'\]"),
        (draw, {"p": [1.0, float("nan")]}, ValueError, r"p has nan as value 1"),
        (draw, {"p": [1, 2, 1]}, ValueError, r"p has the value 1 twice"),
        (draw, {"p": range(21), "q": range(20)}, ValueError, r"21 values of p times 20 values of q "
         r"make 420 frames; expected at most 400"),
        (draw, {"start": 3, "p": [1]}, TypeError, r"start is a int: 3; expected a dictionary"),
        (draw, {"start": "p", "p": [1]}, TypeError, r"start is a str: 'p'; expected a dictionary"),
        (draw, {"start": {"q": 1}, "p": [1]}, ValueError, r"start names 'q'; expected one of p"),
        (draw, {"start": {"p": 3}, "p": [1, 2]}, ValueError, r"start has p=3; .* values: 1, 2"),
        (draw, {"start": {"p": "1"}, "p": [1]}, ValueError, r"start has p='1'; .* values: 1"),
        ("draw", {"p": [1]}, TypeError, r"draw is a str; expected a function"),
        (lambda q: draw(q=q), {"p": [1]}, TypeError, r"draw cannot be called with \(p\)"),
        (lambda p: None, {"p": [1]}, TypeError, r"draw\(p=1\) returned a NoneType; expected a Mat"),
        (fail, {"p": [0.5]}, RuntimeError, r"draw\(p=0.5\) raised KeyError: 'no such loss'"),
    ],
)  # fmt: skip
def test_names_what_is_wrong(function, stops, error, message):
    with pytest.raises(error, match=message):
        slide(function, **stops)


def test_names_the_stop_that_fails_later():
    def at_two(p):
        return draw(p=1 / (2 - p))

    slider = slide(at_two, p=[1, 2, 3])
    with pytest.raises(RuntimeError, match=r"draw\(p=2\) raised ZeroDivisionError"):
        slider.html()


def test_the_limit_can_be_reached():
    assert len(slide(lambda p, q: plt.figure(), p=range(20), q=range(20))._parameters) == 2
