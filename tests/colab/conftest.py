"""Which environment stands for Colab: its own versions, or the oldest that the book promises."""

import tomllib
from dataclasses import dataclass
from pathlib import Path

import pytest

HERE = Path(__file__).parent
LISTED = tomllib.loads((HERE / "differences.toml").read_text("utf-8"))


def pytest_addoption(parser):
    """Add the option that names the environment."""
    parser.addoption(
        "--environment", choices=sorted(LISTED), default="colab", help="environments/NAME"
    )


@dataclass
class Environment:
    """An environment's name, and the cells whose outputs differ there, with reasons, by page."""

    name: str
    differences: dict[str, dict[str, str]]


@pytest.fixture(scope="session")
def environment(request):
    """Return the environment that the tests run in."""
    name = request.config.getoption("environment")
    return Environment(name, LISTED[name])


@pytest.fixture(scope="session")
def repository(tmp_path_factory):
    """Return a repository that holds the working folder as it stands."""
    import colab

    return colab.snapshot(tmp_path_factory.mktemp("remote"))
