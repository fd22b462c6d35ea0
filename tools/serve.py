"""Serve the site on this machine, build it again after each change, and reload the reader's page.

python tools/serve.py [--port 8000]
"""

import argparse
import os
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


def build() -> None:
    """Build the site as `make book` does. A page that fails is named; the old site stays."""
    subprocess.run(["make", "--no-print-directory", "book"], cwd=ROOT, check=False)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--port", type=port, default=8000, help="8000 by default")
    number = parser.parse_args().port
    try:
        socket.create_server(("127.0.0.1", number)).close()
    except OSError as error:
        reason = f"Port {number}: {os.strerror(error.errno)}"
        print(f"{reason}. Choose another: make serve PORT=8001", file=sys.stderr)
        return 1
    server = Server()
    for path in [ROOT / name for name in WATCHED] + sorted(ROOT.glob("*.md")):
        server.watch(str(path), build, delay=1)
    print(f"Open http://127.0.0.1:{number} in a browser; press Ctrl+C to stop.")
    server.serve(root=str(SITE), port=number, host="127.0.0.1")
    return 0


if __name__ == "__main__":
    sys.exit(main())
