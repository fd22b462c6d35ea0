"""Report which stored outputs the packages of this environment no longer print.

python tools/drift.py [pages]   compare with nbval, and write _build/drift.md

`make drift` runs it with the newest releases. Nothing in git changes.
"""

import datetime
import re
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET
from importlib import metadata
from pathlib import Path

from locations import BOOK_LOCK, BUILD, CHAPTERS, ROOT

NBVAL = "-q -n 2 --dist loadscope --nbval --nbval-current-env --nbval-cell-timeout=300".split()
NAMED = (
    "tensorflow",
    "tensorflow-cpu",
    "keras",
    "numpy",
    "matplotlib",
    "scikit-learn",
    "ipywidgets",
)
COLOURS = re.compile(r"(\x1b|#x1B)\[[\d;]*m")  # the report writes the letter ESC in words


def differing_cells(pages: list[Path]) -> dict[str, str]:
    """Return what nbval says of each cell that prints something else or fails, by page and number.

    Raises:
        RuntimeError: pytest could not run; the message is its own.
    """
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder, "report.xml")
        command = [sys.executable, "-m", "pytest", *NBVAL, f"--junitxml={report}", *pages]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
        if done.returncode not in (0, 1):
            raise RuntimeError(f"pytest ended with {done.returncode}:\n{done.stdout}{done.stderr}")
        cases = ET.parse(report).iter("testcase")
        return {
            f"{case.get('classname')}, {case.get('name')}": COLOURS.sub("", fault.text)
            for case in cases
            for fault in (*case.findall("failure"), *case.findall("error"))
        }


def versions() -> list[str]:
    """Return the locked version and this environment's of what makes the numbers."""
    lock = BOOK_LOCK.read_text("utf-8")
    locked = dict(re.findall(r"^([\w.-]+)==([^\s;]+)", lock, flags=re.MULTILINE))
    found = {name: next(iter(metadata.distributions(name=name)), None) for name in NAMED}
    return [f"{name} {locked[name]} → {it.version}" for name, it in found.items() if it]


def as_markdown(cells: dict[str, str]) -> str:
    """Return the report: a heading, the versions, and what each cell printed and prints."""
    heading = "## 1 cell differs" if len(cells) == 1 else f"## {len(cells)} cells differ"
    lines = [heading, "", f"{datetime.date.today()}: {', '.join(versions())}"]
    for name, said in cells.items():
        lines += ["", f"<details><summary>{name}</summary>", "", "````", said.strip(), "````"]
        lines += ["</details>"]
    return "\n".join(lines) + "\n"


def main(arguments: list[str]) -> int:
    pages = [Path(name).resolve() for name in arguments] or [CHAPTERS]
    cells = differing_cells(pages)
    BUILD.mkdir(exist_ok=True)
    (BUILD / "drift.md").write_text(as_markdown(cells), "utf-8")
    print(as_markdown(cells))
    return int(bool(cells))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
