"""Colab's column of the version table is measured again."""

import subprocess
import sys

import pytest
from locations import ROOT


def test_column_holds(environment):
    if environment.name != "colab":
        pytest.skip("the version table has no column for these versions")
    command = [sys.executable, ROOT / "tools" / "version_table.py", "colab", "--check"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
