"""The homework in Chromium: solved on its page, handed over as a file, and graded."""

import marking
import nbformat
import pytest
import wrong_answers
from assignments import answers, assignments, checks, release
from locations import SITE
from playwright.sync_api import expect
from sandbox import Settings
from submissions import Submission
from test_live_code import PATIENCE, Box, Reader

FOLDER = "homework/release/{0}/{0}.html"
LOOP = "while True: pass"


class Student(Reader):
    """A tab with the page of an assignment."""

    def __init__(self, tab, server, assignment):
        super().__init__(tab, server, FOLDER.format(assignment))
        self.progress = Box(tab, tab.locator("div.cell.tag_progress"))

    def answer(self, name):
        return Box(self.tab, self.tab.locator(f"div.cell:has(> [data-answer={name}])"))

    def opened(self, name):
        """Return the box of an answer, with an editor, ready to be checked."""
        box = self.answer(name)
        if box.bar.locator("[data-live]").count():
            box.bar.locator("[data-live]").click()
            expect(box.main).to_have_text("Check", timeout=PATIENCE)
        return box

    def write(self, name, code):
        box = self.opened(name)
        box.type(code)
        return box

    def points(self):
        """Return the table: the points and the possible points by exercise."""
        rows = map(str.split, self.progress.printed.text_content().splitlines()[2:])
        return {name: points for name, *points in rows}

    def hand_in(self, path):
        with self.tab.expect_download() as download:
            self.tab.get_by_role("button", name="Download", exact=True).click()
        assert download.value.suggested_filename == path.name
        download.value.save_as(path)
        return path


@pytest.fixture(scope="module")
def tabs(browser, wheel):
    with browser.new_context(viewport={"width": 1280, "height": 900}) as context:
        yield context


@pytest.fixture(scope="module")
def student(tabs, server):
    """Return a student of the metrics who has solved one exercise of four, and written another."""
    student = Student(tabs.new_page(), server, "metrics")
    assert student.fetched() == [], "nothing is fetched before a click"
    student.write("train", LOOP)
    student.write("Mean", wrong_answers.SOLUTIONS["Mean"]).run()
    return student


def test_a_check_says_what_holds_and_the_table_shows_the_points_so_far(student):
    mean = student.answer("Mean")
    assert "Mean: 4 of 4 points" in mean.printed.inner_text()
    expect(student.progress.said).to_contain_text("Checked")
    points = student.points()
    assert points["Mean"] == ["4", "4"]
    assert points["predictions"] == ["0", "4"]
    assert "train" not in points, "it is written and not checked: it may never end"
    assert points["total"] == ["4", "12"]
    mean.type(next(iter(wrong_answers.CONSTANT.values())))
    mean.run()
    assert "there is no Mean" in mean.printed.inner_text()
    mean.type(wrong_answers.WRONG[next(key for key in wrong_answers.WRONG if key[0] == "Mean")])
    mean.run()
    said = mean.printed.inner_text()
    assert "fails" in said and "expected" in said
    mean.type(wrong_answers.SOLUTIONS["Mean"])
    mean.run()


def test_an_answer_that_never_ends_is_stopped(student):
    assert student.answer("train").stop() < 2
    mean = student.answer("Mean")
    assert mean.run().startswith("Checked")
    expect(student.progress.said).to_contain_text("Checked", timeout=PATIENCE)
    assert student.points()["Mean"] == ["4", "4"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(student, scheme):
    assert student.violations(scheme) == []


def test_fits_a_phone_and_prints_as_code(student):
    assert student.outside(390) == []
    student.tab.emulate_media(media="print")
    assert student.answer("Mean").editor.is_visible()
    assert not student.answer("Mean").bar.is_visible()
    assert not student.progress.bar.is_visible()
    student.tab.emulate_media(media="screen")


def test_a_later_visit_goes_on_with_what_was_written(student, tabs, server, tmp_path):
    later = Student(tabs.new_page(), server, "metrics")
    solution = wrong_answers.SOLUTIONS["Mean"]
    assert later.answer("Mean").cell.locator("pre").first.text_content() == solution
    notebook = nbformat.read(later.hand_in(tmp_path / "metrics.ipynb"), as_version=4)
    assert solution in [cell.source for cell in notebook.cells]
    later.opened("train").again.click()
    assert later.progress.run().startswith("Checked")
    assert later.points()["total"] == ["4", "15"]
    later.opened("Mean").again.click()
    later.tab.reload(wait_until="networkidle")
    assert "NotImplementedError" in later.answer("Mean").cell.locator("pre").first.text_content()
    assert later.complaints == []
    later.tab.close()


@pytest.mark.parametrize("assignment", assignments())
def test_without_an_answer_the_file_is_the_one_that_is_handed_out(
    assignment, browser, wheel, server, tmp_path
):
    with browser.new_context() as context:
        student = Student(context.new_page(), server, assignment)
        path = student.hand_in(tmp_path / f"{assignment}.ipynb")
        assert path.read_bytes() == release(assignment).read_bytes()
        assert [url for url in student.fetched() if "numpy" in url] == []


@pytest.mark.usefixtures("sandbox_starts")
@pytest.mark.parametrize("assignment", assignments())
def test_what_is_solved_on_the_page_gets_all_points(assignment, browser, wheel, server, tmp_path):
    with browser.new_context() as context:
        student = Student(context.new_page(), server, assignment)
        for name in answers(assignment):
            student.write(name, wrong_answers.SOLUTIONS[name]).run()
        expect(student.progress.said).to_contain_text("Checked", timeout=PATIENCE)
        got, possible = student.points()["total"]
        assert got == possible
        path = student.hand_in(tmp_path / f"{assignment}.ipynb")
        assert student.elsewhere() == []
    marks = marking.mark(Submission("amy", (path,)), assignment, 5, Settings())
    lost = {name: lines for name, (got, of, lines) in marks.reports.items() if got < of}
    assert (lost, list(marks.reports)) == ({}, list(checks(assignment)))


@pytest.mark.parametrize("assignment", assignments())
def test_says_that_it_can_be_solved_here_before_the_first_cell(assignment, wheel, site):
    text = (SITE / FOLDER.format(assignment)).read_text("utf-8")
    assert -1 < text.find("You can solve this homework on this page") < text.find("data-live")
