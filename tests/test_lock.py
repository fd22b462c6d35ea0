"""The locked versions are what requirements*.txt ask for, each with its hashes."""

import re

import pages
import pytest
from packaging.requirements import Requirement

LOCKED = re.compile(r"^([\w.-]+)==([^\s;\\]+)[^\n]*((?:\n    --hash=\S+(?: \\)?)*)", re.MULTILINE)
ASKED = sorted(pages.ROOT.glob("requirements*.txt"))
LOCKS = [path.with_suffix(".lock") for path in ASKED]


@pytest.mark.parametrize("asked", ASKED, ids=lambda path: path.stem)
def test_lock_holds_what_is_asked(asked):
    """It fails until `make lock` has run."""
    lock = asked.with_suffix(".lock")
    found = LOCKED.findall(lock.read_text("utf-8"))
    lines = asked.read_text("utf-8").splitlines()
    for requirement in (Requirement(line) for line in lines if line and line[0] not in "#-"):
        versions = [version for name, version, _ in found if name == requirement.name]
        assert versions, f"{requirement.name} is not in {lock.name}: run make lock"
        assert all(map(requirement.specifier.contains, versions)), f"{requirement}: run make lock"


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.stem)
def test_every_version_has_hashes(lock):
    text = lock.read_text("utf-8")
    found = LOCKED.findall(text)
    assert len(found) == len(re.findall(r"^[^\s#]", text, re.MULTILINE))
    assert all("--hash=sha256:" in hashes for _, _, hashes in found)


def test_make_installs_from_the_locks_alone():
    """Each lock is installed by the tool, and the tool asks for hashes."""
    makefile = (pages.ROOT / "Makefile").read_text("utf-8")
    assert "-m pip install" not in makefile
    locks = re.findall(r"install\.py (requirements\S*\.lock)", makefile)
    named = [lock.replace("-$*", "-*") for lock in locks]
    assert [path.name for path in LOCKS if not any(map(path.match, named))] == []
    tool = (pages.ROOT / "tools/install.py").read_text("utf-8")
    (line,) = re.findall(r"run\(\[\*pip.*", tool)
    assert "--require-hashes" in line
