"""The form that looks at a batch, in Chromium: typed into, checked, wrong, and never overheard."""

import re

from helpers.batch import LOSSES, settings_of

import pytest
from playwright.sync_api import expect
from test_live_code import FOLDER, PATIENCE, Reader

PAGE = "chapters/reference/your_batch.html"
SAID = re.compile("suspicious|cannot be computed")


@pytest.fixture(scope="module")
def reader(browser, wheel, server):
    with browser.new_context(viewport={"width": 1280, "height": 900}) as context:
        yield Reader(context.new_page(), server, PAGE)


def look(reader, **fields):
    """Fill fields, press the button, and return the report."""
    for name, value in fields.items():
        field = reader.tab.locator(f"[name={name}]")
        if name in ("loss", "reduction"):
            field.select_option(value)
        elif isinstance(value, bool):
            field.set_checked(value)
        else:
            field.fill(value)
    said = reader.tab.locator(".live-form output")
    reader.tab.get_by_role("button", name="Look at the batch").click()
    expect(said).to_have_text(SAID, timeout=PATIENCE)
    return reader.tab.locator(".live-shown")


def test_looks_at_what_was_typed_and_asks_nobody(reader, server):
    assert reader.fetched() == [], "nothing is fetched before a click"
    expect(reader.tab.locator(".live-form")).to_contain_text("Nothing that you type leaves")
    report = look(reader)
    expect(report).to_contain_text("outside 0 to 1")
    report = look(reader, from_logits=True)
    expect(report).not_to_contain_text("outside 0 to 1")
    report = look(
        reader, y_true="[0, 1]", y_pred="array([0.3, 0.8], dtype=float32)", from_logits=False
    )
    expect(report).to_contain_text("Nothing looks suspicious")
    expect(report).to_contain_text("0.3567")
    assert any(FOLDER in url for url in reader.asked)
    before = len(reader.asked)
    many = ", ".join(["0.5"] * 10_000)
    report = look(reader, y_true=many.replace("0.5", "1"), y_pred=many, reduction="sum")
    expect(report).to_contain_text(f"sum {10_000 * 0.693147:.0f}"[:8])
    report.locator("summary").click()
    assert len(report.locator("details pre").inner_text().split()) == 10_000
    assert len(reader.asked) == before, "what was typed went nowhere"
    assert reader.elsewhere() == []


def test_shows_the_settings_that_the_loss_takes(reader):
    boxes = reader.tab.locator(".live-form :is([inputmode], [type=checkbox])")
    for loss in LOSSES:
        reader.tab.locator("[name=loss]").select_option(loss)
        shown = [box.get_attribute("name") for box in boxes.all() if box.is_visible()]
        assert sorted(shown) == sorted([*settings_of(loss), "untrained"]), loss
    report = look(
        reader, y_true="[[1]]", y_pred="[[0.5]]", loss="binary_focal_crossentropy", gamma="0"
    )
    expect(report).to_contain_text("0.6931")
    look(reader, loss="binary_crossentropy", reduction="sum_over_batch_size")


def test_bad_input_is_named_and_not_run(reader):
    report = look(reader, y_pred="[<img src=x onerror=print(1)>]")
    expect(report).to_contain_text("y_pred holds '<img'")
    assert report.locator("img").count() == 0
    report = look(reader, y_pred="[0.3]", label_smoothing="much")
    expect(report).to_contain_text("label_smoothing is 'much'; expected a number from 0 to 1")
    look(reader, label_smoothing="0.0")
    assert reader.complaints == []


def test_links_lead_to_pages_that_are_there(reader, site):
    report = look(reader, y_true="[0, 1]", y_pred="[[2], [-1]]")
    links = report.locator("a")
    hrefs = [link.get_attribute("href") for link in links.all()]
    assert len(hrefs) >= 4
    for href in hrefs:
        path, anchor = href.split("#")
        assert f'id="{anchor}"' in (site / "chapters/reference" / path).resolve().read_text("utf-8")
    expect(report).to_be_visible()


def test_all_can_use_it(reader):
    assert reader.unfit() == []
