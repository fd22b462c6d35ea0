"""The tool that renews the list of Colab's versions."""

import datetime

import colab_pins
import locations
import pytest

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
    assert "\ncolab-pins:" in (locations.ROOT / "Makefile").read_text("utf-8")
