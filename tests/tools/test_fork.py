"""A renamed copy of the book follows its own address, and says what is wrong with it."""

import functools
import os
import shutil
import subprocess
import sys
import threading
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import fork
import locations
import nbformat
import pytest
import setup_cells

URL, BRANCH = "https://github.com/another-name/my-course", "trunk"
OLD = setup_cells.address()["url"]
LEFT_OUT = shutil.ignore_patterns(".*", "_build", "node_modules", "tests", "__pycache__")
PASSWORD = "!echo username=teacher; echo password=secret;:"
ABOUT = ["git", "-c", "user.name=test", "-c", "user.email=test@example.org"]


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    """Return a copy of the book under another name, with another address, not yet followed."""
    root = tmp_path_factory.mktemp("teacher") / "my course"
    shutil.copytree(locations.ROOT, root, ignore=LEFT_OUT)
    config = (root / "_config.yml").read_text("utf-8")
    config = config.replace(OLD, URL).replace("branch: main", f"branch: {BRANCH}")
    (root / "_config.yml").write_text(config, "utf-8")
    return root


@pytest.fixture(scope="module")
def followed(copy):
    """Return the copy after `make fork`."""
    assert tool(copy).returncode == 0
    return copy


def tool(root, *options, **extra):
    """Run a copy's own tools/fork.py, which must reach no host but the test's."""
    command = [sys.executable, "tools/fork.py", *options]
    env = {**os.environ, **instead("file:///no-such-place/"), **extra}
    return subprocess.run(command, cwd=root, env=env, capture_output=True, text=True)


def instead(place: str, password: str = "") -> dict[str, str]:
    """Return variables that have git find the teacher's repositories in another place.

    Args:
        place: the URL of the other place.
        password: a command that tells git a name and a password.
    """
    owner = URL.rpartition("/")[0] + "/"
    settings = [(f"url.{place}.insteadOf", owner), ("credential.helper", password)]
    variables = {"GIT_CONFIG_COUNT": str(len(settings))}
    for number, (key, value) in enumerate(settings):
        variables |= {f"GIT_CONFIG_KEY_{number}": key, f"GIT_CONFIG_VALUE_{number}": value}
    return variables


class Host(SimpleHTTPRequestHandler):
    """A host that tells a stranger nothing of private and of missing repositories."""

    def do_GET(self):
        if self.headers["Authorization"]:
            return super().do_GET()
        self.send_response(401)
        self.send_header("WWW-Authenticate", 'Basic realm="GitHub"')
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        """Keep the requests off the test's output."""


@pytest.fixture(scope="module")
def places(copy, tmp_path_factory):
    """Return where a stand-in for the host keeps the repository, by what is the matter with it."""
    private = tmp_path_factory.mktemp("private")
    bare(copy, private, BRANCH)
    host = functools.partial(Host, directory=private)
    with ThreadingHTTPServer(("127.0.0.1", 0), host) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}/"
        yield {
            "public": bare(copy, tmp_path_factory.mktemp("public"), BRANCH),
            "renamed branch": bare(copy, tmp_path_factory.mktemp("renamed"), "main"),
            "private": address,
            "missing": f"{address}elsewhere/",
            "out of reach": "http://127.0.0.1:9/",
        }
        server.shutdown()


def bare(root, folder, branch):
    """Store the copy's helpers in a bare repository with one branch; return the folder's URL."""
    work = folder / "work"
    shutil.copytree(root / "helpers", work / "helpers")
    subprocess.run([*ABOUT, "init", "-q", "-b", branch, work], check=True)
    subprocess.run([*ABOUT, "-C", work, "add", "."], check=True)
    subprocess.run([*ABOUT, "-C", work, "commit", "-qm", "Add"], check=True)
    name = URL.rpartition("/")[2]
    subprocess.run([*ABOUT, "clone", "-q", "--bare", work, folder / name], check=True)
    subprocess.run([*ABOUT, "-C", folder / name, "update-server-info"], check=True)
    return folder.as_uri() + "/"


def test_this_book_follows_its_address():
    assert fork.stale(locations.ROOT, write=False) == []


def test_check_names_what_is_stale_and_changes_nothing(copy):
    before = (copy / "README.md").read_bytes()
    done = tool(copy, "--check")
    assert done.returncode == 1
    notebooks = locations.notebooks() + locations.homework_notebooks()
    for path in [*notebooks, locations.ROOT / "README.md"]:
        assert f"stale: {path.relative_to(locations.ROOT)}\n" in done.stdout
    assert (copy / "README.md").read_bytes() == before


def test_one_command_leaves_no_trace_of_the_old_address(followed):
    for path in followed.rglob("*"):
        if path.suffix in (".ipynb", ".md", ".yml", ".py", ".html", ".css", ".js"):
            assert OLD not in path.read_text("utf-8"), path
    done = tool(followed, "--check")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    readme = (followed / "README.md").read_text("utf-8")
    for link in (
        f"({URL}/actions/workflows/tests.yml)",
        "(https://colab.research.google.com/github/another-name/my-course/blob/trunk/chapters/",
        "(https://mybinder.org/v2/gh/another-name/my-course/trunk?urlpath=lab/tree/chapters/",
    ):
        assert link in readme
    assert (locations.ROOT / fork.FIRST_PAGE).exists()
    assert (locations.ROOT / ".github/workflows/tests.yml").exists()


# What the tool says to a teacher, whose password git knows, and git in Colab to a student.
SAID = {
    "public": ("can be read by everybody and has the branch trunk", ""),
    "renamed branch": (
        "has no branch trunk: push it, or set repository.branch",
        "Remote branch trunk not found in upstream origin",
    ),
    "private": (
        "is private: git can read it here with your password, strangers cannot",
        "could not read Username for 'http://127.0.0.1",
    ),
    "missing": (
        "does not exist, or is private and git has no password for it here",
        "could not read Username for 'http://127.0.0.1",
    ),
    "out of reach": ("was not reached. Check the network", "Failed to connect to 127.0.0.1 port 9"),
}


@pytest.mark.parametrize("matter", SAID)
def test_tells_teacher_and_student(matter, places, followed, tmp_path, in_ipython):
    """In Colab, in an empty folder, git says what is the matter, and the cell ends."""
    teacher, student = SAID[matter]
    done = tool(followed, **instead(places[matter], PASSWORD))
    assert f"{URL} {teacher}" in done.stdout
    assert (done.returncode, done.stderr) == (0, "")
    cell = nbformat.read(followed / fork.FIRST_PAGE, as_version=4).cells[1].source
    start = "import sys; sys.modules['google.colab'] = sys"
    done = in_ipython(start, cell, cwd=tmp_path, env=instead(places[matter]))
    assert student in done.stdout
    if matter == "public":
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
        assert (tmp_path / "book" / "helpers" / "__init__.py").exists()
    else:
        assert (done.returncode, done.stderr.count("\n")) == (1, 1)
        assert done.stderr.startswith("UsageError: No helpers: ")
