"""`make` mends an environment that is half installed, and says why it cannot make one."""

import os
import shutil
import subprocess
import sys

import locations
import pytest

EMPTY = ""
ONE_PACKAGE = "toolz==1.0.0 --hash=sha256:" + "0" * 64
# What a stranger's machine has: no cache, and no index but one that is out of reach.
UNREACHABLE = {
    "UV_NO_CONFIG": "1",
    "UV_DEFAULT_INDEX": "http://127.0.0.1:9/simple",
    "UV_HTTP_RETRIES": "0",
    "UV_FIND_LINKS": "",
}


@pytest.fixture
def book(tmp_path):
    """Return a folder, its name with a space, with the Makefile, uv, and an empty lock."""
    book = tmp_path / "a book"
    (book / "environments").mkdir(parents=True)
    shutil.copy(locations.ROOT / "Makefile", book)
    shutil.copy2(locations.ENVIRONMENTS / "uv.lock", book / "environments")
    lock(book, EMPTY)
    (book / ".venv-uv").symlink_to(locations.ROOT / ".venv-uv")
    return book


def lock(book, text):
    (book / "environments" / "book.lock").write_text(text)


def make(book, *targets, **options):
    """Run make on targets; return its exit code and what it said."""
    # A test that is itself run by make must not hand its own flags on.
    env = {key: value for key, value in os.environ.items() if key not in ("MAKEFLAGS", "PYTHON")}
    command = ["make", "--no-print-directory", f"PYTHON={sys.executable}", *targets]
    done = subprocess.run(
        command, cwd=book, env={**env, **options}, capture_output=True, text=True, timeout=100
    )
    return done.returncode, done.stdout + done.stderr


def installed(book):
    """Make the environment; return whether anything was done."""
    stamp = book / ".venv" / "installed"
    before = stamp.stat().st_mtime_ns if stamp.exists() else 0
    code, said = make(book, ".venv/installed")
    assert code == 0, said
    return stamp.stat().st_mtime_ns != before


def test_the_site_is_not_built_again_for_packages_of_the_tests(book):
    """Stand-ins for Python and npm say what they were called with; the rest is the Makefile's."""
    names = ["chapters/__init__.py", "tools/notebooks.py", "tools/pyodide.py", "_config.yml"]
    names += ["_toc.yml", "homework/grading/record.py", "website/package-lock.json"]
    for name in [*names, "_build/html/index.html", "website/node_modules/a/package.json"]:
        (book / name).parent.mkdir(parents=True, exist_ok=True)
        (book / name).touch()
    built = []
    for target in ("book", "website/node_modules/.test-installed", "book"):
        code, said = make(book, "RUN=echo", "NPM=echo", target)
        assert code == 0, said
        built.append("tools/build_site.py" in said)
    assert built == [True, False, False]


def test_python_may_keep_its_bytecode(book):
    with (book / "Makefile").open("a") as makefile:
        makefile.write("show:; @env\n")
    code, said = make(book, "show", PYTHONDONTWRITEBYTECODE="1")
    assert code == 0 and "PATH=" in said
    assert "PYTHONDONTWRITEBYTECODE" not in said


@pytest.mark.parametrize("name", ["colab", "oldest", "homework", "keras2"])
def test_the_other_environments_are_made_alike(book, name):
    (book / "environments" / f"{name}.lock").write_text(EMPTY)
    code, said = make(book, f".venv-{name}/installed")
    assert code == 0, said


@pytest.mark.parametrize("spoilt", ["unfinished", "python"])
def test_mends_what_was_interrupted(book, spoilt):
    """Of the environment nothing is kept: uv takes a package for whole that is there by half."""
    installed(book)
    (packages,) = book.glob(".venv/lib/python*/site-packages")
    (packages / "half_a_package").mkdir()
    if spoilt == "python":
        (book / ".venv" / "bin" / "python").unlink()
    else:
        (book / ".venv" / "unfinished").touch()
    assert installed(book)
    assert not (packages / "half_a_package").exists()
    assert not installed(book)


def test_an_installation_that_failed_is_told_from_a_whole_one(book):
    """The lock changes, and without a network uv fails in what was whole before."""
    installed(book)
    lock(book, ONE_PACKAGE)
    os.utime(book / "environments" / "book.lock", (2e9, 2e9))
    code, said = make(book, ".venv/installed", **UNREACHABLE, UV_CACHE_DIR=str(book / "cache"))
    assert code
    assert "http://127.0.0.1:9/simple/toolz/" in said and "Connection refused" in said
    assert (book / ".venv" / "unfinished").exists()


def test_leaves_alone_what_a_link_leads_to(book, tmp_path):
    (tmp_path / "precious" / "bin").mkdir(parents=True)
    (book / ".venv").symlink_to(tmp_path / "precious")
    assert installed(book)
    assert list((tmp_path / "precious").iterdir()) == [tmp_path / "precious" / "bin"]


def test_a_python_that_does_not_fit(book):
    """A stand-in makes the Makefile's own question as if it were Python 3.14."""
    makefile = book / "Makefile"
    makefile.write_text(makefile.read_text().replace("sys.version_info[:2]", "(3, 14)"))
    code, said = make(book, ".venv/installed")
    assert code
    assert "is not Python 3.11, 3.12 or 3.13. Name one that is: make PYTHON=3.12" in said
    assert not (book / ".venv" / "installed").exists()


@pytest.mark.parametrize("text", ["<html>", "numpy==2.1.3\n"])
def test_a_list_that_is_not_colabs_changes_nothing(book, text):
    kept = book / "environments" / "colab.constraints"
    kept.write_text("as it was")
    (book / "list.txt").write_text(text)
    code, said = make(book, "colab-pins", LIST="list.txt")
    assert code
    assert 'LIST: "list.txt" has no line tensorflow==VERSION; expected what pip freeze' in said
    assert kept.read_text() == "as it was"
