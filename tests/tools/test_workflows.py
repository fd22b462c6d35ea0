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


@pytest.mark.parametrize("schema", SCHEMAS)
def test_is_in_form(schema):
    checker = (sys.executable, "-m", "check_jsonschema", "--builtin-schema", schema)
    finds_no_fault(*checker, *SCHEMAS[schema])


def test_lets_nobody_in():
    zizmor = Path(sys.executable).with_name("zizmor")
    finds_no_fault(
        zizmor, "--offline", "--pedantic", "--strict-collection", "--no-progress", GITHUB
    )


def jobs(workflow):
    """Return the jobs of a workflow by name."""
    return yaml.safe_load((GITHUB / "workflows" / workflow).read_text("utf-8"))["jobs"]


def targets(job):
    """Return the targets that a job hands to make."""
    matrix = job["strategy"]["matrix"]
    return {*matrix["target"], *(case["target"] for case in matrix.get("include", []))}


@pytest.mark.parametrize(
    ("workflow", "job"), [("tests.yml", "tests"), ("weekly.yml", "weekly")], ids=str
)
def test_runs_the_makefiles_own_commands(workflow, job):
    makefile = (locations.ROOT / "Makefile").read_text("utf-8")
    assert targets(jobs(workflow)[job]) <= set(re.findall(r"^([\w-]+):", makefile, re.MULTILINE))
    others = {step["run"] for step in jobs(workflow)[job]["steps"] if "run" in step}
    assert others - {'make "$TARGET"'} <= {
        "sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0",
    }


def test_every_promised_python_is_tested():
    pythons = jobs("tests.yml")["tests"]["strategy"]["matrix"]["python"]
    assert all(version in promised() for version in pythons)
    assert not any(version in promised() for version in ("3.10", "3.14"))


def test_only_what_was_tested_is_published():
    """The site comes from a job of the tests, and leaves when all of them are green."""
    tests, publish = jobs("tests.yml").values()
    assert publish["needs"] == "tests"
    assert targets(tests) == {"test", "test-colab", "test-oldest"}
    uploads = [step for step in tests["steps"] if "upload-pages-artifact" in step.get("uses", "")]
    assert uploads
    others = [path for path in WORKFLOWS if path.name != "tests.yml"]
    assert not any("deploy-pages" in path.read_text("utf-8") for path in others)


def test_no_push_cancels_a_publication():
    workflow = yaml.safe_load((GITHUB / "workflows" / "tests.yml").read_text("utf-8"))
    assert "github.ref }}" in workflow["concurrency"]["group"]
    default = "github.ref_name != github.event.repository.default_branch"
    assert workflow["concurrency"]["cancel-in-progress"] == f"${{{{ {default} }}}}"


def test_the_sandbox_may_start_before_the_tests():
    steps = [step.get("run", "") for step in jobs("tests.yml")["tests"]["steps"]]
    (allowed,) = (number for number, run in enumerate(steps) if "userns=0" in run)
    assert allowed < steps.index('make "$TARGET"')
    assert jobs("tests.yml")["tests"]["env"]["CI_MAY_NOT_SKIP"]
    assert "export CI_MAY_NOT_SKIP=1" in (locations.ROOT / ".ci" / "run").read_text("utf-8")


def test_dependabot_finds_the_lists():
    for update in yaml.safe_load(DEPENDABOT.read_text("utf-8"))["updates"]:
        name = {"pip": "*.txt", "npm": "package.json"}.get(update["package-ecosystem"])
        for folder in update.get("directories", [update.get("directory")]) if name else []:
            assert list((locations.ROOT / folder.strip("/")).glob(name)), folder


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


def test_readme_names_every_entry_of_the_root():
    tracked = subprocess.run(
        ["git", "ls-tree", "--name-only", "HEAD"],
        cwd=locations.ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    entries = set(tracked.stdout.split()) - {"README.md"}
    readme = (locations.ROOT / "README.md").read_text("utf-8")
    tree = readme.partition("## What is where\n\n```\n")[2].partition("```")[0]
    assert entries - {word.rstrip("/,") for word in tree.split()} == set()
    assert len([entry for entry in entries if not entry.startswith(".")]) < 20
