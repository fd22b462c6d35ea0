"""What a host runs is in form, may do no more than it needs, and says nothing but `make`."""

import re
import subprocess
import sys
from pathlib import Path

import pages
import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

GITHUB = pages.ROOT / ".github"
WORKFLOWS = sorted((GITHUB / "workflows").glob("*.yml"))
DEPENDABOT = GITHUB / "dependabot.yml"
SCHEMAS = {
    "vendor.github-workflows": WORKFLOWS,
    "custom.github-workflows-require-timeout": WORKFLOWS,
    "vendor.dependabot": [DEPENDABOT],
}


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
    targets = re.findall(r"^([\w-]+):", (pages.ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    workflow = path.read_text("utf-8")
    called = re.findall(r"(?:run: make|- lane:) ([\w-]+)", workflow)
    assert called
    assert not set(called) - set(targets)
    others = [step["run"] for step in steps(path) if "run" in step and "make " not in step["run"]]
    assert set(others) <= {'cat _build/drift.md >> "$GITHUB_STEP_SUMMARY"'}


def test_every_promised_python_is_tested():
    matrix = yaml.safe_load((GITHUB / "workflows/tests.yml").read_text("utf-8"))
    pythons = matrix["jobs"]["tests"]["strategy"]["matrix"]["python"]
    sought = re.findall(r"python(3\.\d+)", (pages.ROOT / "Makefile").read_text("utf-8"))
    assert set(pythons) == set(sought)


def test_dependabot_stays_with_what_is_pinned_on_purpose():
    ignored = {
        rule["dependency-name"]: SpecifierSet(",".join(rule.get("versions", [])))
        for update in yaml.safe_load(DEPENDABOT.read_text("utf-8"))["updates"]
        for rule in update.get("ignore", [])
    }
    lines = (pages.ROOT / "requirements.txt").read_text("utf-8").splitlines()
    wanted = [Requirement(line) for line in lines if line and not line.startswith("#")]
    assert "2.1.0" in ignored["jupyter-book"]
    assert "1.0.4.post1" not in ignored["jupyter-book"]
    themes = [r.name for r in wanted if r.name.endswith("-theme") and "==" in str(r.specifier)]
    assert themes
    for theme in themes:
        assert "99" in ignored[theme]


def test_binder_needs_requirements_txt_alone():
    """Other files, which Binder would read instead, are not there; its Python is a promised one."""
    for name in ("binder", ".binder", "environment.yml", "Pipfile", "setup.py", "Dockerfile"):
        assert not (pages.ROOT / name).exists()
    sought = re.findall(r"python(3\.\d+)", (pages.ROOT / "Makefile").read_text("utf-8"))
    kind, _, version = (pages.ROOT / "runtime.txt").read_text("utf-8").strip().partition("-")
    assert (kind, version in sought) == ("python", True)
