"""What a host runs is in form, may do no more than it needs, and says nothing but `make`."""

import re
import subprocess
import sys
from pathlib import Path

import locations
import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

GITHUB = locations.ROOT / ".github"
WORKFLOWS = sorted((GITHUB / "workflows").glob("*.yml"))
DEPENDABOT = GITHUB / "dependabot.yml"
SCHEMAS = {
    "vendor.github-workflows": WORKFLOWS,
    "custom.github-workflows-require-timeout": WORKFLOWS,
    "vendor.dependabot": [DEPENDABOT],
}


def promised() -> SpecifierSet:
    """Return the versions of Python that the Makefile makes environments with."""
    makefile = (locations.ROOT / "Makefile").read_text("utf-8")
    return SpecifierSet(re.search(r"^PYTHON \?= (.*)$", makefile, re.MULTILINE)[1])


def finds_no_fault(*command):
    """Run a checker from the environment of the tests; it fails where it finds a fault."""
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def steps(path):
    jobs = yaml.safe_load(path.read_text("utf-8"))["jobs"].values()
    return [step for job in jobs for step in job["steps"]]


@pytest.mark.parametrize("schema", SCHEMAS)
def test_is_in_form(schema):
    checker = (sys.executable, "-m", "check_jsonschema", "--builtin-schema", schema)
    finds_no_fault(*checker, *SCHEMAS[schema])


def test_lets_nobody_in():
    zizmor = Path(sys.executable).with_name("zizmor")
    finds_no_fault(
        zizmor, "--offline", "--pedantic", "--strict-collection", "--no-progress", GITHUB
    )


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_runs_the_makefiles_own_commands(path):
    targets = re.findall(
        r"^([\w-]+):", (locations.ROOT / "Makefile").read_text("utf-8"), re.MULTILINE
    )
    workflow = path.read_text("utf-8")
    called = re.findall(r"(?:run: make|- target:) ([\w-]+)", workflow)
    assert called
    assert not set(called) - set(targets)
    others = [step["run"] for step in steps(path) if "run" in step and "make " not in step["run"]]
    assert set(others) <= {'cat _build/drift.md >> "$GITHUB_STEP_SUMMARY"'}


def test_every_promised_python_is_tested():
    matrix = yaml.safe_load((GITHUB / "workflows/tests.yml").read_text("utf-8"))
    pythons = matrix["jobs"]["tests"]["strategy"]["matrix"]["python"]
    assert all(version in promised() for version in pythons)
    assert not any(version in promised() for version in ("3.10", "3.14"))


def test_dependabot_stays_with_what_is_pinned_on_purpose():
    ignored = {
        rule["dependency-name"]: SpecifierSet(",".join(rule.get("versions", [])))
        for update in yaml.safe_load(DEPENDABOT.read_text("utf-8"))["updates"]
        for rule in update.get("ignore", [])
    }
    lines = (locations.ROOT / "requirements.txt").read_text("utf-8").splitlines()
    wanted = [Requirement(line) for line in lines if line and not line.startswith("#")]
    assert "2.1.0" in ignored["jupyter-book"]
    assert "1.0.4.post1" not in ignored["jupyter-book"]
    themes = [r.name for r in wanted if r.name.endswith("-theme") and "==" in str(r.specifier)]
    assert themes
    for theme in themes:
        assert "99" in ignored[theme]


def test_binder_installs_what_the_book_needs():
    """It reads its own folder alone, which leads to the list in the root; its Python fits."""
    binder = locations.ROOT / ".binder"
    (line,) = (binder / "requirements.txt").read_text("utf-8").split("\n")[:-1]
    assert (binder / line.removeprefix("-r ")).samefile(locations.ROOT / "requirements.txt")
    kind, _, version = (binder / "runtime.txt").read_text("utf-8").strip().partition("-")
    assert (kind, version in promised()) == ("python", True)
