"""Measure what readers and teachers wait for: sliders, code in the page, grading.

python tools/benchmark.py [sliders] [live] [grading]

What is compared is measured side by side in one run, because machines are busy at different times.
"""

import argparse
import itertools
import statistics
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nbformat
from browser import launched, served
from lab import lab
from locations import ROOT, SITE, SOURCE

PAGE = "chapters/losses/binary_crossentropy"
MOVES, VISITS, STUDENTS, JOBS = 40, 5, 12, 2
GRADER = [sys.executable, str(ROOT / "homework" / "grading" / "grade.py")]

# From the key press until the picture has changed and the next screen refresh begins.
WATCH = """picture => {
    window.answered = new Promise(resolve => {
        let pressed;
        const note = () => { pressed = performance.now(); };
        document.addEventListener('keydown', note, {capture: true, once: true});
        new MutationObserver((_, observer) => {
            observer.disconnect();
            requestAnimationFrame(() => resolve(performance.now() - pressed));
        }).observe(picture, {subtree: true, childList: true});
    });
}"""

# From the press of a cell's button until the page says that the cell has run.
RUN = """bar => new Promise(resolve => {
    const pressed = performance.now(), said = bar.querySelector("output");
    new MutationObserver((_, observer) => {
        if (!said.textContent.startsWith("Ran")) return;
        observer.disconnect();
        resolve(performance.now() - pressed);
    }).observe(said, {childList: true});
    bar.querySelector("button").click();
})"""


def row(name: str, values: list[float], unit: str):
    """Print the median and the extremes of what was measured."""
    figures = (statistics.median(values), min(values), max(values))
    print(f"{name:40}" + "".join(f"{figure:9.1f}" for figure in figures), unit, flush=True)


def seconds(work, *arguments) -> float:
    start = time.monotonic()
    work(*arguments)
    return time.monotonic() - start


def sliders():
    """Move the first slider of a page, on the site and in JupyterLab's kernel, in turn."""
    with served(SITE) as address, lab() as server, launched() as browser:
        site, kernel = browser.new_page(), browser.new_page()
        site.goto(f"{address}{PAGE}.html")
        server.open(kernel, f"{PAGE}.ipynb")
        live = kernel.locator(".jp-OutputArea-output").filter(has=kernel.locator(".widget-slider"))
        recorded = site.locator(".book-slider").first
        places = {
            "slider, site": (recorded.locator("input[type=range]"), recorded.locator(".picture")),
            "slider, kernel": (
                live.first.get_by_role("slider"),
                live.first.locator(".widget-html"),
            ),
        }
        times = {name: [] for name in places}
        keys = itertools.cycle(["ArrowRight", "ArrowRight", "ArrowLeft", "ArrowLeft"])
        for key in itertools.islice(keys, MOVES + 1):
            for name, (handle, picture) in places.items():
                times[name].append(moved(handle.first, picture.first, key))
    for name, values in times.items():
        row(name, values[1:], "ms")  # the first move is the slowest


def moved(handle, picture, key: str) -> float:
    """Press a key on a slider; return the milliseconds until its picture has changed."""
    handle.page.bring_to_front()
    handle.focus()
    picture.evaluate(WATCH)
    handle.page.keyboard.press(key)
    return handle.page.evaluate("window.answered")


def live():
    """Run a cell in the page: with nothing kept, and on a later visit."""
    with served(SITE) as address, launched() as browser:
        visits = {"nothing kept": [], "kept": []}
        for _ in range(VISITS):
            with browser.new_context() as context:
                for found in visits.values():
                    found.append(visit(context.new_page(), address))
    for name, found in visits.items():
        first, again = zip(*found, strict=True)
        row(f"page runs code, {name}", first, "ms")
        row(f"page runs code again, {name}", again, "ms")


def visit(tab, address: str) -> tuple[float, float]:
    """Return the milliseconds of a cell's first and second run."""
    tab.goto(f"{address}{PAGE}.html", wait_until="networkidle")
    bar = tab.locator("div.cell.tag_live .live-bar").first
    return bar.evaluate(RUN), bar.evaluate(RUN)


def grading():
    """Grade one class in two ways, which must agree: as one run, and a process for each."""
    with tempfile.TemporaryDirectory() as where:
        folder = Path(where, "class")
        write_class(folder)
        for name, way in (("one run", one_run), ("a process each", a_process_each)):
            output = Path(where, name)
            spent = seconds(way, [*GRADER, folder, "--output", output, "--seed=1"])
            row(f"grading, {name}, each of {STUDENTS}", [spent / STUDENTS], "s")
        tables = {path.read_bytes() for path in Path(where).glob("*/grades.csv")}
    assert len(tables) == 1, "the two ways come to different grades"


def write_class(folder: Path):
    """Write a class: a third right, a third with a mistake, a third with an error."""
    folder.mkdir()
    for number in range(STUDENTS):
        notebook = nbformat.read(SOURCE / "losses" / "losses.ipynb", as_version=4)
        first = next(cell for cell in notebook.cells if cell.id == "binary_crossentropy")
        log = ("np.log", "np.log2", "np.nothing")[number % 3]
        first.source = first.source.replace("np.log", log)
        nbformat.write(notebook, folder / f"student{number:02}.ipynb")


def one_run(command):
    subprocess.run([*command, f"--jobs={JOBS}"], check=True, capture_output=True)


def a_process_each(command):
    listed = subprocess.run([*command, "--list"], capture_output=True, text=True, check=True)
    command = [*command, "--assignment=losses"]

    def one(student):
        subprocess.run([*command, f"--student={student}"], check=True, capture_output=True)

    with ThreadPoolExecutor(JOBS) as pool:
        list(pool.map(one, listed.stdout.splitlines()))  # raises what one of them raised
    subprocess.run(command, check=True, capture_output=True)  # writes grades.csv


BENCHMARKS = {function.__name__: function for function in (sliders, live, grading)}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", help=f"of {', '.join(BENCHMARKS)}; by default all")
    names = parser.parse_args().names or list(BENCHMARKS)
    if unknown := set(names) - set(BENCHMARKS):
        parser.error(f"name: {', '.join(sorted(unknown))} is none of {', '.join(BENCHMARKS)}")
    print(f"{'':40}{'median':>9}{'least':>9}{'most':>9}")
    for name in names:
        BENCHMARKS[name]()


if __name__ == "__main__":
    main()
