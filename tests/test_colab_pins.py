"""The lists of versions of the other environments, and the tool that renews Colab's."""

import datetime
import re

import colab_pins
import pages
import pytest
from packaging.requirements import Requirement

ASKED = sorted(path for path in pages.ROOT.glob("requirements-*.txt") if "test" not in path.name)
LOCKED = re.compile(r"^([\w.-]+)==([^\s;\\]+)", re.MULTILINE)

REQUIREMENTS = """# Taken in May 2020 from a list
tensorflow-cpu==2.1.0; sys_platform == "linux"
tensorflow==2.1.0; sys_platform != "linux"
ml-dtypes==0.1
pytest-xdist
"""


def test_renews_versions_and_the_month():
    listed = "ml_dtypes==0.7\ntensorflow==2.20.0\ntensorflow-text==2.20.1\nhtml5 @ file:///a\n"
    renewed = colab_pins.renewed(REQUIREMENTS, listed, datetime.date(2026, 8, 3))
    assert renewed == (
        "# Taken in August 2026 from a list\n"
        'tensorflow-cpu==2.20.0; sys_platform == "linux"\n'
        'tensorflow==2.20.0; sys_platform != "linux"\n'
        "ml-dtypes==0.7\n"
        "pytest-xdist\n"
    )


def test_names_what_the_list_lacks():
    with pytest.raises(KeyError, match="the list has no ml-dtypes; expected a line"):
        colab_pins.renewed(REQUIREMENTS, "tensorflow==2.20.0", datetime.date(2026, 8, 3))


def test_the_file_says_when_it_was_taken_and_how_to_renew_it():
    text = colab_pins.REQUIREMENTS.read_text("utf-8")
    assert colab_pins.TAKEN.search(text)
    assert "make colab-pins LIST=" in text
    assert "\ncolab-pins:" in (pages.ROOT / "Makefile").read_text("utf-8")


@pytest.mark.parametrize("asked", ASKED, ids=lambda path: path.stem)
def test_lock_holds_what_is_asked(asked):
    """It fails until `make lock` has run."""
    found = LOCKED.findall(asked.with_suffix(".lock").read_text("utf-8"))
    lines = asked.read_text("utf-8").splitlines()
    for requirement in (Requirement(line) for line in lines if line and line[0] not in "#-"):
        versions = [version for name, version in found if name == requirement.name]
        assert versions, f"{requirement.name} is not in {asked.stem}.lock"
        assert all(map(requirement.specifier.contains, versions)), requirement
