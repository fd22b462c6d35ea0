"""Measure how quickly a slider answers: on the built site, and live in a JupyterLab kernel.

python tools/bench_slider.py [page] [--moves 40]

Both are measured in one run, move by move in turn, because machines are busy at different times.
The time is the page's own: from the key press until the picture has changed and the next screen
refresh begins.
"""

import argparse
import gzip
import itertools
import json
import statistics
import sys

from browser import launched, served
from bs4 import BeautifulSoup
from lab import lab
from locations import SITE

PAGE = "chapters/losses/binary_crossentropy"

# Keeps a promise of the time on the page, so that the key can be pressed in between.
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


class Range:
    """A page's first range slider, in a tab, with the picture that it changes."""

    def __init__(self, tab, handle, picture, stops):
        self.tab, self.handle, self.picture = tab, handle, picture
        there, back = ["ArrowRight"] * (stops - 1), ["ArrowLeft"] * (stops - 1)
        self.keys = itertools.cycle(there + back)

    def move(self) -> float:
        """Move the slider by one stop, there and back again; return the milliseconds it took."""
        self.tab.bring_to_front()
        self.handle.focus()
        self.picture.evaluate(WATCH)
        self.tab.keyboard.press(next(self.keys))
        return self.tab.evaluate("window.answered")


def recorded_range(tab, address: str, stops: int) -> Range:
    """Open the built page; return its first range slider."""
    tab.goto(address)
    slider = tab.locator(".book-slider").first
    return Range(tab, slider.locator("input[type=range]").first, slider.locator(".picture"), stops)


def live_range(tab, server, page: str, stops: int) -> Range:
    """Run the page in JupyterLab; return its first range slider."""
    server.open(tab, f"{page}.ipynb")
    output = tab.locator(".jp-OutputArea-output").filter(has=tab.locator(".widget-slider")).first
    return Range(tab, output.get_by_role("slider").first, output.locator(".widget-html"), stops)


def sliders(page: str) -> list:
    """Return the sliders of the built page.

    Raises:
        ValueError: the page has none, or its first one moves by no range.
    """
    html = (SITE / f"{page}.html").read_text("utf-8")
    found = BeautifulSoup(html, "html.parser").select(".book-slider")
    if not found or not found[0].select_one("input[type=range]"):
        raise ValueError(f"{page} has no slider that begins with a range; choose another page")
    return found


def frames(slider) -> int:
    return len(json.loads(slider.select_one("script").string)["words"])


def measure(page: str, moves: int) -> dict[str, list[float]]:
    """Return the milliseconds of each move, on the site and in a kernel, taken in turn."""
    stops = int(sliders(page)[0].select_one("input[type=range]")["max"]) + 1
    with served(SITE) as address, lab() as server, launched() as browser:
        ranges = {
            "built site": recorded_range(browser.new_page(), f"{address}{page}.html", stops),
            "live kernel": live_range(browser.new_page(), server, page, stops),
        }
        for slider in ranges.values():
            slider.move()  # the first move of each is its slowest, and is not counted
        times = {name: [] for name in ranges}
        for _ in range(moves):
            for name, slider in ranges.items():
                times[name].append(slider.move())
    return times


def print_times(times):
    print(f"{'ms from key to picture':24}{'median':>8}{'min':>8}{'max':>8}{'moves':>8}")
    for name, values in times.items():
        figures = (statistics.median(values), min(values), max(values))
        print(f"{name:24}" + "".join(f"{f:8.1f}" for f in figures) + f"{len(values):8}")


def print_sizes(page):
    print(f"{'bytes, gzipped':24}{'slider':>8}{'frames':>8}{'a frame':>8}{'plain':>8}")
    for number, slider in enumerate(sliders(page), start=1):
        html = str(slider).encode()
        packed, count = len(gzip.compress(html)), frames(slider)
        row = f"{packed:8}{count:8}{packed / count:8.0f}{len(html):8}"
        print(f"{f'slider {number}':24}{row}")


def _options():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("page", nargs="?", default=PAGE, help="no suffix (default: %(default)s)")
    parser.add_argument("--moves", type=int, default=40, help="of each kind (default: %(default)s)")
    options = parser.parse_args()
    if not (SITE / f"{options.page}.html").is_file():
        parser.error(
            f"{options.page} is no page of the built site; build the site first: make book"
        )
    return options


def main() -> int:
    options = _options()
    try:
        print_sizes(options.page)
        print_times(measure(options.page, options.moves))
    except (FileNotFoundError, RuntimeError, ValueError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
