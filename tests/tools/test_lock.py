"""The locked versions are those that are asked for, each with its hashes."""

import re

import locations
import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

LOCKED = re.compile(r"^([\w.-]+)==([^\s;\\]+)[^\n]*((?:\n    --hash=\S+(?: \\)?)*)", re.MULTILINE)
ASKED = {path.stem: path for path in sorted(locations.ENVIRONMENTS.glob("*.txt"))}
del ASKED["newest"]  # which is never locked
ASKED["book"] = locations.ROOT / "requirements.txt"
LOCKS = sorted(locations.ENVIRONMENTS.glob("*.lock"))


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.stem)
def test_lock_holds_what_is_asked(lock):
    """It fails until `make lock` has run."""
    found = LOCKED.findall(lock.read_text("utf-8"))
    lines = ASKED[lock.stem].read_text("utf-8").splitlines()
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


def test_the_lock_of_colab_has_colabs_versions():
    """It fails until `make colab-pins` has run; pytest-xdist alone is not there."""
    published = (locations.ENVIRONMENTS / "colab.constraints").read_text("utf-8")
    there = {
        canonicalize_name(name): version
        for name, version in re.findall(r"^([\w.-]+)==(\S+)$", published, re.MULTILINE)
    }
    lock = LOCKED.findall((locations.ENVIRONMENTS / "colab.lock").read_text("utf-8"))
    assert {name: version for name, version, _ in lock if name in there}.items() <= there.items()
    asked = re.findall(r"^[\w-]+(?=;|$)", ASKED["colab"].read_text("utf-8"), re.MULTILINE)
    assert {*asked} - there.keys() == {"pytest-xdist"}


def test_make_installs_from_the_locks_alone():
    """Each environment has a lock, and all that installs asks for hashes."""
    makefile = (locations.ROOT / "Makefile").read_text("utf-8")
    installs = re.findall(r"^.*(?:pip install|pip sync) .*$", makefile, re.MULTILINE)
    assert len(installs) == 3
    without_hashes = [line for line in installs if "--require-hashes" not in line]
    assert all(".venv-newest" in line for line in without_hashes)
    assert {lock.stem for lock in LOCKS} == set(ASKED)
