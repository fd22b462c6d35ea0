"""Serve the site on this machine, build it again after each change, and reload the reader's page.

python tools/serve.py [--port 8000]
"""

import argparse
import socket
import subprocess
import sys

from livereload import Server
from locations import ROOT, SITE

WATCHED = ["chapters", "helpers", "website", "_config.yml", "_toc.yml"]


def port(text: str) -> int:
    """Return a port's number from the command line."""
    if not text.isdecimal() or not 0 < int(text) < 65536:
        raise argparse.ArgumentTypeError(f"{text!r} is no port; expected a number from 1 to 65535")
    return int(text)


def refusal(port: int) -> str:
    """Return why the site cannot be served on a port of this machine, '' when it can."""
    with socket.socket() as probe:
        if probe.connect_ex(("127.0.0.1", port)) == 0:
            return "it is taken"
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except PermissionError:
            return "you may not use it"
        except OSError as error:
            return str(error.strerror)
    return ""


def build() -> None:
    """Build the site as `make book` does. A page that fails is named; the old site stays."""
    subprocess.run(["make", "--no-print-directory", "book"], cwd=ROOT, check=False)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--port", type=port, default=8000, help="8000 by default")
    number = parser.parse_args().port
    if why := refusal(number):
        print(f"Port {number}: {why}. Choose another: make serve PORT=8001", file=sys.stderr)
        return 1
    server = Server()
    for path in [ROOT / name for name in WATCHED] + sorted(ROOT.glob("*.md")):
        server.watch(str(path), build, delay=1)
    print(f"Open http://127.0.0.1:{number} in a browser; press Ctrl+C to stop.")
    server.serve(root=str(SITE), port=number, host="127.0.0.1")
    return 0


if __name__ == "__main__":
    sys.exit(main())
