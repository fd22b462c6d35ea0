"""The build waits for the server that draws formulae, and not for each formula."""

import socket
import sys
import tempfile
from pathlib import Path

import pytest
from site_assets import server_and_connection
from sphinxcontrib.katex import KaTeXError, KaTeXServer

# A server whose socket is there for a while before it listens, or that never listens.
SERVER = """
import socket, sys, time
server = socket.socket(socket.AF_UNIX)
server.bind(sys.argv[1])
time.sleep(float(sys.argv[2]))
server.listen()
time.sleep(60)
"""


@pytest.fixture
def slow_server():
    """Return a function that makes a server class, of servers that listen after some seconds."""

    def make(pause):
        def command(socket):
            return [sys.executable, "-c", SERVER, str(socket), str(pause)]

        return type("SlowServer", (KaTeXServer,), {"build_command": staticmethod(command)})

    return make


@pytest.fixture
def folder():
    """Return a folder with a short path: a socket's may have some hundred letters."""
    with tempfile.TemporaryDirectory() as name:
        yield Path(name)


def test_is_tried_until_it_answers(slow_server, folder):
    process, connection = server_and_connection(slow_server(0.3), folder, 20)
    with process, connection:
        # TCP would wait 80 ms for each formula.
        assert connection.family == socket.AF_UNIX
        assert connection.getpeername() == str(folder / "katex.sock")
        process.kill()


def test_that_never_answers_is_said(slow_server, folder):
    with pytest.raises(KaTeXError, match="after 1 seconds"):
        server_and_connection(slow_server(60), folder, 1)
