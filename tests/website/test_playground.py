"""The playground on the site, in Chromium: the book's own classes answer, in the browser."""

import re

import pytest
from built import parsed
from locations import SITE
from playwright.sync_api import expect
from test_live_code import PATIENCE, Reader

PAGE = "chapters/metrics/playground.html"


@pytest.fixture(scope="module")
def reader(browser, wheel, server):
    with browser.new_context(viewport={"width": 1280, "height": 900}) as context:
        yield Reader(context.new_page(), server, PAGE)


@pytest.fixture(scope="module")
def form(reader):
    assert reader.fetched() == [], "nothing is fetched before a press"
    return reader.tab.locator("form.live-form")


def press(form, button, said):
    """Press a button; wait for what is said."""
    form.get_by_role("button", name=button).click()
    expect(form.locator("output")).to_have_text(said, timeout=PATIENCE)


def test_plays_and_answers_bad_input_in_words(form):
    form.locator("[name=size]").fill("8")
    form.locator("[name=hits]").fill("8")
    press(form, "update_state", re.compile(r"^After update_state\(\*\*batch_1\): total is 8"))
    form.locator("[name=size]").fill("2")
    form.locator("[name=hits]").fill("1")
    both = re.compile("total is 9, count is 10, result.. is 0.9, the mean of the batches is 0.75$")
    press(form, "update_state", both)
    form.locator("[name=size]").fill("-3")
    form.locator("[name=size]").press("Enter")
    refusal = "size is -3; expected a whole number from 1 to 12. Nothing has changed."
    expect(form.locator("output")).to_have_text(refusal)
    expect(form.locator("[name=size]")).to_be_focused()
    assert form.locator("circle").count() == len(["new", "batch_1", "batch_2"])
    assert "metric.update_state(**batch_2)" in form.locator("pre").inner_text()
    press(form, "reset_state", "After reset_state(): total is 0, count is 0, result() is 0")


def test_numbers_are_typed_for_another_metric(form):
    press(form, "reset_state", re.compile(r"^After reset_state\(\)"))
    form.locator("[name=metric]").select_option("Mean")
    expect(form.locator("output")).to_have_text("New: total is 0, count is 0, result() is 0")
    form.locator("[name=by]").select_option("numbers")
    expect(form.locator("[name=size]")).to_be_hidden()
    form.locator("[name='Mean.values']").fill("[1, 2, 6]")
    press(form, "update_state", re.compile("total is 9, count is 3, result.. is 3, "))
    form.locator("[name='Mean.values']").fill("three")
    press(form, "update_state", re.compile("^values holds 'three'; expected numbers in brackets"))


def test_all_can_use_it_and_paper_says_where_it_plays(reader, form, server):
    assert reader.unfit() == []
    sentence = reader.tab.locator(".live-absent")
    assert not sentence.is_visible()
    reader.tab.emulate_media(media="print")
    assert sentence.is_visible() and not form.is_visible()
    reader.tab.emulate_media(media="screen")
    assert reader.fetched()
    assert reader.elsewhere() == []


def test_is_open_where_there_is_a_script_and_else_says_so(browser, wheel, server):
    assert not parsed(SITE / PAGE).select_one("form.live-form").has_attr("hidden")
    with browser.new_context(java_script_enabled=False) as context:
        tab = context.new_page()
        tab.goto(server + PAGE)
        assert tab.locator(".live-absent").is_visible()
        assert not tab.locator("form.live-form").is_visible()
