"""Make everything follow the repository's address in _config.yml.

python tools/fork.py           write the setup cells and the README's badges, and ask the address
python tools/fork.py --check   change nothing, ask nobody; name what is stale, and fail
"""

import argparse
import os
import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote, urlsplit

from setup_cells import ROOT, address, homework, notebooks, refresh, setup_cell

PATIENCE = 30  # seconds for the host to answer
BADGES = re.compile(r"(<!-- badges.*?-->\n).*?(<!-- /badges -->)", re.DOTALL)
COLAB, BINDER = "https://colab.research.google.com", "https://mybinder.org"
FIRST_PAGE = "chapters/set_up.ipynb"

# What git's exit codes mean here. 2 is the one that --exit-code adds.
ANSWERS = {
    0: "{url} can be read by everybody and has the branch {branch}.",
    2: "{url} has no branch {branch}: push it, or set repository.branch in _config.yml.",
    128: "{url} cannot be read without a password: it is private, does not exist, "
    "or is out of reach. Colab and Binder need a public repository.",
}


def badges(url: str, branch: str) -> str:
    """Return the README's badges: the tests' result, Colab and Binder."""
    repository = urlsplit(url).path.strip("/")
    tests = f"{url}/actions/workflows/tests.yml"
    colab = f"{COLAB}/github/{repository}/blob/{branch}/{FIRST_PAGE}"
    binder = f"{BINDER}/v2/gh/{repository}/{quote(branch, safe='')}?urlpath=lab/tree/{FIRST_PAGE}"
    return "\n".join(
        [
            f"[![Tests]({tests}/badge.svg?branch={quote(branch)})]({tests})",
            f"[![Open in Colab]({COLAB}/assets/colab-badge.svg)]({colab})",
            f"[![Open in Binder]({BINDER}/badge_logo.svg)]({binder})",
        ]
    )


def refresh_readme(root: Path, write: bool) -> bool:
    """Return whether the README's badges were stale; mend them when `write` is set.

    Raises:
        ValueError: the README has no place for badges.
    """
    path = root / "README.md"
    text = path.read_text("utf-8")
    if not BADGES.search(text):
        raise ValueError("README.md: no <!-- badges --> … <!-- /badges -->; expected both marks")
    fresh = badges(**address(root))
    mended = BADGES.sub(lambda marks: f"{marks[1]}{fresh}\n{marks[2]}", text)
    if mended != text and write:
        path.write_text(mended, "utf-8")
    return mended != text


def stale(root: Path, write: bool) -> list[Path]:
    """Return the files that did not follow the address; mend them when `write` is set."""
    cells = [(path, setup_cell(root)) for path in notebooks(root)]
    cells += [(path, setup_cell(root, depth=3)) for path in homework(root)]
    found = [path for path, source in cells if refresh(path, source, write)]
    return found + [root / "README.md"] * refresh_readme(root, write)


def ask(url: str, branch: str) -> tuple[bool, str]:
    """Return whether a stranger can clone the branch, and a sentence that says so.

    The answer takes half a minute at most, and nobody is asked for a password.
    """
    command = ["git", "-c", "credential.helper=", "ls-remote", "-q", "--exit-code"]
    quiet = {"GIT_TERMINAL_PROMPT": "0", "GIT_ASKPASS": "", "SSH_ASKPASS": ""}
    try:
        code = subprocess.run(
            [*command, url, f"refs/heads/{branch}"],
            env={**os.environ, **quiet},
            capture_output=True,
            timeout=PATIENCE,
        ).returncode
    except subprocess.TimeoutExpired:
        code = 128
    return code == 0, ANSWERS.get(code, ANSWERS[128]).format(url=url, branch=branch)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="change nothing; fail if any is stale")
    check = parser.parse_args().check
    try:
        found = stale(ROOT, write=not check)
    except (KeyError, ValueError) as error:
        print(error.args[0], file=sys.stderr)
        return 1
    for path in found:
        print(f"{'stale' if check else 'written'}: {path.relative_to(ROOT)}")
    if check:
        return int(bool(found))
    print(ask(**address())[1])
    print("The site's links follow when it is built again: make book")
    return 0


if __name__ == "__main__":
    sys.exit(main())
