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

from locations import ROOT, homework_notebooks, notebooks
from setup_cells import address, refresh, setup_cell

PATIENCE = 30  # seconds for the host to answer
BADGES = re.compile(r"(<!-- badges.*?-->\n).*?(<!-- /badges -->)", re.DOTALL)
COLAB, BINDER = "https://colab.research.google.com", "https://mybinder.org"
FIRST_PAGE = "chapters/set_up.ipynb"

# What the answer means, by what a stranger gets: git's exit codes, 2 being that of --exit-code.
SENTENCES = {
    0: "{url} can be read by everybody and has the branch {branch}.",
    2: "{url} has no branch {branch}: push it, or set repository.branch in _config.yml.",
    "private": "{url} is private: git can read it here with your password, strangers cannot. "
    "Colab and Binder need a public repository.",
    "missing": "{url} does not exist, or is private and git has no password for it here. "
    "Colab and Binder need a public repository.",
    "out of reach": "{url} was not reached. Check the network, and ask again: make fork",
}
NO_NETWORK = re.compile("resolve (host|proxy)|connect|timed out|SSL|unreachable", re.IGNORECASE)


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
    source, paths = setup_cell(root), notebooks(root) + homework_notebooks(root)
    found = [path for path in paths if refresh(path, source, write)]
    return found + [root / "README.md"] * refresh_readme(root, write)


def ask(url: str, branch: str) -> str:
    """Return a sentence on whether a stranger can clone the branch.

    A host does not tell a stranger whether a repository is private or missing, so git asks again
    with the passwords that it has. You are never asked for one.
    """
    answer, said = _ls_remote(url, branch, "-c", "credential.helper=")
    if answer not in (0, 2):
        known = _ls_remote(url, branch)[0] in (0, 2)
        answer = "private" if known else "out of reach" if NO_NETWORK.search(said) else "missing"
    return SENTENCES[answer].format(url=url, branch=branch)


def _ls_remote(url, branch, *options):
    """Return git's exit code and what it said, after half a minute at most."""
    quiet = {"GIT_TERMINAL_PROMPT": "0", "GIT_ASKPASS": "", "SSH_ASKPASS": "", "LC_ALL": "C"}
    quiet["GCM_INTERACTIVE"] = "never"
    command = ["git", *options, "ls-remote", "-q", "--exit-code", url, f"refs/heads/{branch}"]
    try:
        done = subprocess.run(
            command, env=os.environ | quiet, capture_output=True, text=True, timeout=PATIENCE
        )
    except subprocess.TimeoutExpired:
        return None, "timed out"
    return done.returncode, done.stderr


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
    print(ask(**address()))
    print("The site's links follow when it is built again: make book")
    return 0


if __name__ == "__main__":
    sys.exit(main())
