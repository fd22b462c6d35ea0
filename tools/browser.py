"""Find the Chromium that the tests use, or install one; serve the site to it.

python tools/browser.py    install Chromium unless one is there, and name the one in use; for
                           root, as in a container, the headless shell even beside a Chromium
"""

import functools
import gzip
import io
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import zlib
from contextlib import contextmanager, suppress
from http import HTTPStatus
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from locations import SITE
from playwright.sync_api import sync_playwright

SHELL = "chromium-headless-shell"  # draws no window of its own, and so takes half the time
NAMES = (SHELL, "chromium", "chromium-browser", "google-chrome")
_ROOT_USER = hasattr(os, "geteuid") and os.geteuid() == 0

# Chromium refuses to start as root with its sandbox. The rest keeps the browser's own traffic and
# the graphics card out of the tests.
ARGUMENTS = (
    *(("--no-sandbox",) if _ROOT_USER else ()),
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-quic",
    "--disable-gpu",
)

SUB_PATH = "/some/repo/"  # a project's site lies below its host's root, wherever that is
YEAR = 365 * 24 * 3600  # seconds


def chromium() -> str:
    """Return the path of a Chromium or Chrome: $CHROMIUM, the system's, else Playwright's.

    Raises:
        FileNotFoundError: there is none, or the variable CHROMIUM names none.
    """
    chosen = os.environ.get("CHROMIUM")
    if chosen:
        if shutil.which(chosen):
            return chosen
        raise FileNotFoundError(f"the variable CHROMIUM is {chosen!r}; expected an executable")
    for path in filter(None, map(shutil.which, NAMES)):
        if version(path):
            return path
    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    if Path(path).exists():
        return path
    raise FileNotFoundError("no Chromium here: run `python tools/browser.py`")


def version(path: str) -> str:
    """Return the name and version of the browser at `path`, '' when it does not start."""
    # On Ubuntu, chromium-browser can be a stub that starts nothing.
    with suppress(OSError, subprocess.TimeoutExpired):
        answer = subprocess.run([path, "--version"], capture_output=True, text=True, timeout=60)
        return answer.stdout.strip() if answer.returncode == 0 else ""
    return ""


@contextmanager
def launched():
    """Yield a headless Chromium that Playwright drives.

    Raises:
        FileNotFoundError: there is no Chromium.
    """
    path = chromium()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(ARGUMENTS))
        try:
            yield browser
        finally:
            browser.close()


class _Handler(SimpleHTTPRequestHandler):
    """Serve files as good hosts do: packed, kept by the browser, with the site's own 404 page."""

    protocol_version = "HTTP/1.1"

    def __init__(self, *arguments, sub_path, **settings):
        self.sub_path = sub_path
        super().__init__(*arguments, **settings)

    def translate_path(self, path):
        inside = path.startswith(self.sub_path)
        inner = path.removeprefix(self.sub_path) if inside else "/no-such-file"
        return super().translate_path(inner)

    def send_head(self):
        path, status = Path(self.translate_path(self.path)), HTTPStatus.OK
        if path.is_dir():
            path /= "index.html"
        if not path.is_file():
            path, status = Path(self.directory) / "404.html", HTTPStatus.NOT_FOUND
            if not path.is_file():
                self.send_error(status)
                return None
        kind = self.guess_type(str(path))
        body, packed = _body(path, path.stat().st_mtime_ns, kind)
        etag = f'"{zlib.crc32(body):08x}"'
        if status is HTTPStatus.OK and self.headers.get("If-None-Match") == etag:
            body, status = b"", HTTPStatus.NOT_MODIFIED
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("ETag", etag)
        # An address with a digest never changes its contents; every other one is asked for again.
        named = "?v=" in self.path
        self.send_header("Cache-Control", f"max-age={YEAR}, immutable" if named else "no-cache")
        if packed:
            self.send_header("Content-Encoding", "gzip")
        self.end_headers()
        return io.BytesIO(body)

    def log_message(self, *_):
        """Keep the requests off the test's output."""


@functools.lru_cache(maxsize=256)
def _body(path: Path, changed: int, kind: str) -> tuple[bytes, bool]:
    """Return a file's bytes as they are sent, and whether they are packed with gzip."""
    body = path.read_bytes()
    if kind.startswith(("text/", "application/json")) or kind.endswith(("javascript", "xml")):
        return gzip.compress(body, mtime=0), True
    return body, False


@contextmanager
def served(directory: Path, sub_path: str = SUB_PATH):
    """Serve `directory` on this machine, below `sub_path` alone; yield its address with a slash."""
    handler = functools.partial(_Handler, directory=str(directory), sub_path=sub_path)
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True  # a browser may keep its connections open
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}{sub_path}"
        finally:
            server.shutdown()


def site_path(site: Path = SITE) -> str:
    """Return the path below its host that the site is built for, as its 404 page has it."""
    return re.search(r'<base href="([^"]+)"', (site / "404.html").read_text("utf-8"))[1]


def _ran(*command: str, seconds: int) -> bool:
    """Return whether the command ended well in time; its children end with it."""
    # In a session of its own: Playwright downloads in a child, which would outlive its parent.
    process = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )
    try:
        return process.wait(seconds) == 0
    except subprocess.TimeoutExpired:
        with suppress(PermissionError):  # what sudo started is not ours to end
            os.killpg(process.pid, signal.SIGKILL)
        return False


def _install_with_playwright() -> bool:
    return _ran(sys.executable, "-m", "playwright", "install", "chromium", seconds=300)


def install_with_apt(package: str = "chromium") -> bool:
    """Return whether a Debian package could be installed, as root or by sudo without a word."""
    if not shutil.which("apt-get"):
        return False
    sudo = () if _ROOT_USER else ("sudo", "-n")
    if sudo and not (shutil.which("sudo") and _ran(*sudo, "true", seconds=10)):
        return False
    apt = (*sudo, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq")
    return _ran(*apt, "update", seconds=60) and _ran(
        *apt, "install", "-y", "--no-install-recommends", package, seconds=600
    )


def _found() -> str | None:
    try:
        return chromium()
    except FileNotFoundError:
        if os.environ.get("CHROMIUM"):  # installing another one would not help
            raise
        return None


def main() -> int:
    if _ROOT_USER and not os.environ.get("CHROMIUM") and not shutil.which(SHELL):
        install_with_apt(SHELL)
    try:
        path = _found()
        for install in (_install_with_playwright, install_with_apt):
            if not path and install():
                path = _found()
    except FileNotFoundError as error:
        print(error, file=sys.stderr)
        return 1
    if not path:
        print(
            "No Chromium could be installed: install Chromium or Chrome yourself, "
            "or set the variable CHROMIUM to the path of one.",
            file=sys.stderr,
        )
        return 1
    print(f"browser: {version(path)} ({path})")
    return 0


if __name__ == "__main__":
    sys.exit(main())
