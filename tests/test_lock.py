"""The locked versions are what requirements*.txt ask for, each with its hashes."""

import re

import pages
import pytest
from packaging.requirements import Requirement

LOCKED = re.compile(r"^([\w.-]+)==([^\s;\\]+)[^\n]*((?:\n    --hash=\S+(?: \\)?)*)", re.MULTILINE)
PAIRS = [
    ("requirements.txt", "requirements.lock"),
    ("requirements-test.txt", "requirements-test.lock"),
]


@pytest.mark.parametrize("asked, lock", PAIRS)
def test_lock_holds_what_is_asked(asked, lock):
    """It fails until `make lock` has run."""
    found = LOCKED.findall((pages.ROOT / lock).read_text("utf-8"))
    lines = (pages.ROOT / asked).read_text("utf-8").splitlines()
    for requirement in (Requirement(line) for line in lines if line and line[0] not in "#-"):
        versions = [version for name, version, _ in found if name == requirement.name]
        assert versions, f"{requirement.name} is not in {lock}: run make lock"
        assert all(map(requirement.specifier.contains, versions)), f"{requirement}: run make lock"


@pytest.mark.parametrize("lock", [lock for _, lock in PAIRS])
def test_every_version_has_hashes(lock):
    text = (pages.ROOT / lock).read_text("utf-8")
    found = LOCKED.findall(text)
    assert len(found) == len(re.findall(r"^[^\s#]", text, re.MULTILINE))
    assert all("--hash=sha256:" in hashes for _, _, hashes in found)


def test_make_installs_from_the_locks_alone():
    makefile = (pages.ROOT / "Makefile").read_text("utf-8")
    for _, lock in PAIRS:
        assert f"tools/install.py {lock}" in makefile
    tool = (pages.ROOT / "tools/install.py").read_text("utf-8")
    for installer in (makefile, tool):
        for line in re.findall(r"pip.*? -r\b.*|run\(\[\*pip.*", installer):
            assert "--require-hashes" in line
