"""Serve the site on this machine, build it again after each change, and reload the reader's page.

python tools/serve.py [--port 8000]
"""

import argparse
import socket
import subprocess
import sys

from livereload import Server
from setup_cells import ROOT

SITE = ROOT / "_build" / "html"
WATCHED = ["chapters", "helpers", "_ext", "_static", "_templates", "_config.yml", "_toc.yml"]


def port_is_free(port: int) -> bool:
    """Return whether nothing answers on the port of this machine."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


def build() -> None:
    """Build the site as `make book` does. A page that fails is named; the old site stays."""
    subprocess.run(["make", "--no-print-directory", "book"], cwd=ROOT, check=False)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--port", type=int, default=8000, help="8000 by default")
    port = parser.parse_args().port
    if not port_is_free(port):
        print(f"Port {port} is taken. Choose another: make serve PORT={port + 1}", file=sys.stderr)
        return 1
    server = Server()
    for path in [ROOT / name for name in WATCHED] + sorted(ROOT.glob("*.md")):
        server.watch(str(path), build, delay=1)
    print(f"Open http://127.0.0.1:{port} in a browser; press Ctrl+C to stop.")
    server.serve(root=str(SITE), port=port, host="127.0.0.1")
    return 0


if __name__ == "__main__":
    sys.exit(main())
