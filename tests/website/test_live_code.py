"""Code in the page, in Chromium: it runs, stops, is kept, and says why it does not run."""

import re
import time
from contextlib import contextmanager

import pytest
from built import Visit, every_page, parsed
from locations import NODE_MODULES, SITE
from playwright.sync_api import expect

PAGE = "chapters/losses/binary_crossentropy.html"
FOLDER = "_static/live/"
MOST_BYTES = 9e6  # of all that a click fetches
PATIENCE = 90_000  # ms that a start may take on a busy machine
STOP = 2  # seconds in which an endless loop ends
SILENT_POLICY = "script-src 'self' 'unsafe-inline' blob:; worker-src blob:"  # no WebAssembly
AXE = (NODE_MODULES / "axe-core" / "axe.min.js").read_text("utf-8")
VIOLATIONS = "async () => (await axe.run()).violations.map(each => [each.id, each.nodes[0].html])"
# What lies beside the window, or is the page where it is wider than that.
OUTSIDE = """() => [...document.querySelectorAll("html, .live-bar button, .live-editor, " +
    ".live-form :is(input, select, textarea, button, output)")]
    .filter(part => part.checkVisibility())
    .filter(part => part.localName === "html" ? part.scrollWidth > innerWidth
        : part.getBoundingClientRect().right > innerWidth || part.getBoundingClientRect().left < 0)
    .map(part => part.outerHTML.slice(0, 80))"""


class Reader(Visit):
    """A tab with a page whose code runs."""

    def __init__(self, tab, home, page):
        tab.set_default_timeout(PATIENCE)
        super().__init__(tab, home, page)
        self.settle()

    def fetched(self):
        return [url for url in self.asked if FOLDER in url]

    def violations(self, scheme):
        """Return what axe finds in light or dark; no colour is on its way to another."""
        self.tab.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        self.tab.wait_for_function(f"document.documentElement.dataset.theme === '{scheme}'")
        self.tab.evaluate(AXE)
        return self.tab.evaluate(VIOLATIONS)

    def outside(self, width):
        """Return what is cut off at a width: 390 is a phone's, 640 that of a laptop at 200 %."""
        before = self.tab.viewport_size
        self.tab.set_viewport_size({"width": width, "height": 800})
        found = self.tab.evaluate(OUTSIDE)
        self.tab.set_viewport_size(before)
        return found

    def unfit(self):
        """Return what axe finds, and what is cut off on a phone, or on a laptop at 200 %."""
        found = self.violations("light") + self.violations("dark")
        return found + self.outside(390) + self.outside(640)

    def turn(self, number=0):
        return Box(self.tab, self.tab.locator("div.cell.tag_your-turn").nth(number))

    def box(self, number):
        return Box(self.tab, self.tab.locator("div.cell.tag_live").nth(number))


class Box:
    """One cell that runs."""

    def __init__(self, tab, cell):
        self.tab, self.cell = tab, cell
        self.bar = cell.locator(".live-bar")
        self.main, self.again = self.bar.locator("button").nth(0), self.bar.locator("button").nth(1)
        self.said, self.printed = self.bar.locator("output"), cell.locator(".cell_output pre")
        self.editor = cell.locator(".cm-content")

    def open(self):
        self.bar.locator("[data-live]").click()
        return self.ends()

    def run(self):
        self.main.click()
        return self.ends()

    def ends(self):
        ended = re.compile("^(Ran|Checked|Ended|Stopped|The code ended|Python did not)")
        expect(self.said).to_have_text(ended, timeout=PATIENCE)
        return self.said.inner_text()

    def type(self, code):
        self.editor.click()
        self.tab.keyboard.press("Control+a")
        self.tab.keyboard.insert_text(code)

    def stop(self):
        """Run, wait until Python is busy, stop; return the seconds that the end took."""
        self.main.click()
        expect(self.main).to_have_text("Stop", timeout=PATIENCE)
        self.tab.wait_for_timeout(1000)
        start = time.monotonic()
        self.main.click()
        expect(self.said).to_have_text("Stopped.")
        return time.monotonic() - start


@pytest.fixture(scope="module")
def context(browser, wheel):
    with browser.new_context(viewport={"width": 1280, "height": 900}) as context:
        yield context


@pytest.fixture(scope="module")
def reader(context, server):
    """Return a reader who has opened a box: Python runs."""
    reader = Reader(context.new_page(), server, PAGE)
    assert reader.fetched() == [], "nothing is fetched before a click"
    assert reader.box(1).open().startswith("Ran")
    return reader


def test_a_click_fetches_little(wheel, site):
    sizes = [path.stat().st_size for path in (site / FOLDER).iterdir()]
    assert 1e6 < sum(sizes) < MOST_BYTES


def test_runs_what_the_reader_wrote_with_what_stands_above(reader):
    naive, below = reader.box(1), reader.box(2)
    assert "0.3567" in naive.printed.inner_text()
    naive.type("loss_of_each_output = lambda *batch: np.array([[1.0, 4.0]])\nprint('mine')\n1 + 4")
    naive.run()
    assert naive.printed.text_content() == "mine\n5\n"
    assert below.open().startswith("Ran")
    assert f"{(1 + 4) / 2:.4f}" in below.printed.text_content()
    naive.again.click()
    below.run()
    assert "0.6931" in below.printed.text_content()


FLOOD = "while True:\n    try: print('x' * 1000)\n    except BaseException: pass"


def test_stops_and_leaves_the_page_whole(reader):
    naive, below = reader.box(1), reader.box(2)
    before = naive.editor.inner_text()
    endless = "print('so far')\nwhile True:\n    try: pass\n    except BaseException: pass"
    if below.bar.locator("[data-live]").count():
        below.open()
    below.type(endless)
    assert below.stop() < STOP
    assert below.printed.text_content() == "so far\n"
    assert below.editor.inner_text() == endless
    assert naive.editor.inner_text() == before
    assert naive.run().startswith("Ran")
    assert len(reader.tab.workers) == 1, "what was stopped has ended"
    below.type("import os\nos._exit(1)")
    assert below.run().startswith("The code ended Python")
    below.type(FLOOD)
    assert below.stop() < STOP
    below.type("bytearray(2**30)")
    assert below.run() == "Ended by MemoryError."
    assert len(reader.tab.workers) == 1
    below.type("import sys\nsys.setrecursionlimit(10**6)\ndef deep(): deep()\ndeep()")
    assert re.match("Ended by RecursionError|The code ended Python", below.run())
    below.again.click()
    assert below.run().startswith("Ran")
    assert "0.6931" in below.printed.text_content()


WRONG = """def binary_crossentropy(y_true, y_pred):
    print("asked")
    return -(y_true * np.log(y_pred) + (1 - y_true) * np.log(1 - y_pred)).sum(axis=-1)"""
KEEP_FOR_ANOTHER_START = """() => {
    const { answer } = document.querySelector("[data-answer]").dataset;
    const kept = JSON.stringify({ start: "def another(): ...", text: "lost" });
    localStorage.setItem(`${location.pathname} ${answer}`, kept);
}"""
RIGHT = WRONG.replace("sum", "mean").replace("np.log(", "np.log(1e-7 + ")


def test_an_answer_is_written_checked_and_started_again(reader):
    turn, cells = reader.turn(), reader.tab.locator("div.cell.live-later")
    assert not cells.first.is_visible()
    start = turn.cell.locator("pre").first.inner_text()
    turn.bar.locator("[data-live]").click()
    expect(turn.editor).to_be_focused()
    expect(turn.main).to_have_text("Check", timeout=PATIENCE)
    assert not turn.printed.count(), "nothing is checked before the reader asks"
    assert turn.run().startswith("Checked")
    assert "not solved yet" in turn.printed.inner_text()
    solution = reader.tab.locator("div.cell.tag_solution").first
    expect(solution.get_by_text("Show the solution")).to_be_visible()
    turn.type(WRONG)
    turn.run()
    said = turn.printed.inner_text()
    for words in (
        "asked",
        "1 of 3 points",
        "holds  two emails",
        "y_pred = ",
        "came ",
        "expected ",
    ):
        assert words in said
    turn.type("while True: pass")
    assert turn.stop() < STOP
    turn.type(RIGHT)
    turn.run()
    assert "binary_crossentropy: 3 of 3 points" in turn.printed.inner_text()
    turn.again.click()
    assert turn.editor.inner_text() == start.rstrip()
    reader.box(2).run()
    assert "0.6931" in reader.box(2).printed.inner_text(), "the page goes on with its own function"


def test_an_exercise_has_its_own_check_and_solution(reader):
    turn, cells = reader.turn(2), reader.tab.locator("div.cell.live-later")
    before = cells.count()
    turn.bar.locator("[data-live]").click()
    expect(turn.main).to_have_text("Check", timeout=PATIENCE)
    turn.type("def loss(y, z):\n    return np.log1p(np.exp(y * z))")
    turn.run()
    said = turn.printed.inner_text()
    assert "loss: 0 of 2 points" in said and "expected [" in said
    assert cells.count() == before - 2, "its own check and solution show now"
    assert reader.tab.locator("div.cell.tag_solution").nth(2).is_visible()
    turn.type("def loss(y, z):\n    return np.logaddexp(0, -y * z)")
    turn.run()
    assert "loss: 2 of 2 points" in turn.printed.inner_text()


def test_an_answer_is_kept_in_the_browser_until_its_reader_starts_again(context, server):
    reader = Reader(context.new_page(), server, PAGE)
    turn, code = reader.turn(), reader.turn().cell.locator("pre").first
    expect(turn.bar).to_contain_text("kept in this browser alone. Start again deletes it")
    start = code.inner_text().rstrip()
    turn.bar.locator("[data-live]").click()
    turn.type(RIGHT)
    # On a busy machine the editor hears of what was typed a moment later.
    reader.tab.wait_for_function("Object.values(localStorage).some(kept => kept.includes('start'))")
    reader.tab.reload(wait_until="networkidle")
    assert code.inner_text() == RIGHT, "it shows before a click"
    assert not reader.tab.locator("div.cell.live-later").first.is_visible()
    turn.bar.locator("[data-live]").click()
    expect(turn.main).to_have_text("Check", timeout=PATIENCE)
    assert turn.editor.inner_text() == RIGHT
    turn.run()
    assert "3 of 3 points" in turn.printed.inner_text()
    turn.again.click()
    kept = reader.tab.evaluate("Object.keys(localStorage)")
    assert not [key for key in kept if key.endswith(" binary_crossentropy")]
    reader.tab.reload(wait_until="networkidle")
    assert code.inner_text().rstrip() == start
    assert reader.complaints == []
    reader.tab.close()


def test_an_answer_to_another_start_is_not_shown_and_an_unkept_one_is_said(context, server):
    reader = Reader(context.new_page(), server, PAGE)
    turn, code = reader.turn(), reader.turn().cell.locator("pre").first
    start = code.inner_text()
    reader.tab.evaluate(KEEP_FOR_ANOTHER_START)
    reader.tab.reload(wait_until="networkidle")
    assert code.inner_text() == start
    reader.tab.evaluate("() => { Storage.prototype.setItem = () => { throw new Error('full'); }; }")
    turn.bar.locator("[data-live]").click()
    expect(turn.main).to_have_text("Check", timeout=PATIENCE)
    turn.type(RIGHT)
    expect(turn.said).to_contain_text("copy your code")
    reader.tab.evaluate("localStorage.clear()")
    reader.tab.close()


def test_says_what_was_wrong(reader):
    naive = reader.box(1)
    naive.type("tf.keras.losses.binary_crossentropy(0, 1)")
    assert naive.run() == "Ended by NotHereError."
    assert "Call it in Colab" in naive.printed.inner_text()
    naive.again.click()
    assert naive.run().startswith("Ran")


def test_the_keyboard_runs_and_leaves(reader):
    naive = reader.box(1)
    naive.editor.click()
    reader.tab.keyboard.press("Shift+Enter")
    naive.ends()
    expect(naive.editor).to_be_focused()
    reader.tab.keyboard.press("Tab")
    expect(naive.editor).to_be_focused()
    reader.tab.keyboard.press("Control+z")
    reader.tab.keyboard.press("Escape")
    reader.tab.wait_for_timeout(2500)  # CodeMirror itself forgets after two seconds
    reader.tab.keyboard.press("Tab")
    expect(naive.main).to_be_focused()
    reader.tab.keyboard.press("Enter")
    naive.ends()
    expect(naive.main).to_be_focused()


def test_all_can_use_it_and_it_prints_as_code(reader):
    naive = reader.box(1)
    assert naive.editor.is_visible()
    turn = reader.turn()
    if not turn.editor.count():
        turn.bar.locator("[data-live]").click()
    expect(turn.editor).to_be_visible(timeout=PATIENCE)
    assert reader.unfit() == []
    reader.tab.emulate_media(media="print")
    assert naive.editor.is_visible()
    assert not naive.bar.is_visible()
    reader.tab.emulate_media(media="screen")


def test_a_later_visit_fetches_nothing(reader, context, server):
    later = Reader(context.new_page(), server, PAGE)
    context.set_offline(True)
    assert later.box(1).open().startswith("Ran")
    context.set_offline(False)
    assert later.fetched() == []
    assert reader.elsewhere() == later.elsewhere() == []
    later.tab.close()


@contextmanager
def stranger(browser, home):
    """Yield a tab of a browser that has kept nothing."""
    with browser.new_context() as context:
        yield Reader(context.new_page(), home, PAGE)


def test_a_file_says_that_it_is_one(browser, wheel, site):
    with stranger(browser, f"{site.as_uri()}/") as reader:
        reader.box(1).bar.locator("[data-live]").click()
        expect(reader.box(1).said).to_contain_text("this is a file")


def test_a_failed_fetch_says_why_and_can_be_tried_again(browser, wheel, server):
    with stranger(browser, server) as reader:
        box, busy = reader.box(1), lambda route: route.fulfill(status=503, body="busy")
        for name in ("editor.js", "numpy.whl"):
            lost = re.compile(name)
            reader.tab.route(lost, busy)
            assert f"the host answered 503 for {name}" in box.open()
            reader.tab.unroute(lost)
        assert box.run().startswith("Ran")


def test_a_policy_against_webassembly_is_named(browser, wheel, server):
    with browser.new_context() as context:

        def forbid(route):
            answer = route.fetch()
            headers = answer.headers | {"content-security-policy": SILENT_POLICY}
            route.fulfill(response=answer, headers=headers)

        context.route(f"**/{PAGE}", forbid)
        reader = Reader(context.new_page(), server, PAGE)
        assert "WebAssembly" in reader.box(1).open()


@every_page
def test_each_cell_runs_here_or_leads_to_colab(wheel, page):
    """What needs TensorFlow has no button; beside cells with buttons, a word says where it runs."""
    html = parsed(SITE / page)
    boxes = html.select("div.cell:is(.tag_live, .tag_your-turn)")
    buttons = html.select("div.cell:not(.tag_progress) > .live-bar > [data-live]")
    assert [button.parent.parent for button in buttons] == boxes
    for box in boxes:
        assert not re.search(r"\btf\.|\.fit\(|Gradient", box.select_one("pre").text), box
    others = html.select("div.cell:not(.tag_live, .tag_your-turn) > .cell_input")
    if boxes and page.startswith("chapters"):
        colab = html.select_one("a[title='Launch on Colab']")["href"]
        words = [code.find_next_sibling(class_="live-bar").a for code in others]
        assert {(word.text, word["href"]) for word in words} <= {("Colab", colab)}


def test_some_page_has_cells_of_each_kind(wheel):
    for kind in ("tag_live", "tag_your-turn"):
        assert parsed(SITE / PAGE).select(f"div.{kind} [data-live]")
    assert parsed(SITE / PAGE).select("div.cell > .live-bar > a")
