"""Find the Chromium that the tests use, or install one; serve the site to it.

python tools/browser.py    install Chromium unless one is there, and name the one in use; for
                           root, as in a container, the headless shell even beside a Chromium
"""

import asyncio
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
from contextlib import contextmanager, suppress
from pathlib import Path

from locations import SITE
from playwright.sync_api import sync_playwright
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application, StaticFileHandler

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


class _Files(StaticFileHandler):
    """Serves files as good hosts do: packed, kept by the browser, with the site's own 404 page."""

    def set_extra_headers(self, path):
        """Have a browser ask again for all but an address with a digest, as in style.css?v=1."""
        if "v" not in self.request.arguments:
            self.set_header("Cache-Control", "no-cache")

    def write_error(self, status_code, **_):
        """Show the site's page for lost readers."""
        page = Path(self.root, "404.html")
        self.finish(page.read_bytes() if page.is_file() else str(status_code))


@contextmanager
def served(directory: Path, sub_path: str = SUB_PATH):
    """Serve `directory` on this machine, below `sub_path` alone; yield its address with a slash."""
    place = {"path": str(directory), "default_filename": "index.html"}
    site = Application(
        [(f"{sub_path}(.*)", _Files, place)], compress_response=True, log_function=lambda _: None
    )
    (socket,) = bind_sockets(0, "127.0.0.1")
    stopped = threading.Event()

    async def serve():
        server = HTTPServer(site)
        server.add_sockets([socket])
        await asyncio.to_thread(stopped.wait)
        server.stop()
        await server.close_all_connections()

    thread = threading.Thread(target=asyncio.run, args=[serve()], daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{socket.getsockname()[1]}{sub_path}"
    finally:
        stopped.set()
        thread.join()


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
