"""Renew the versions in environments/colab.txt from the list that Colab publishes.

python tools/colab_pins.py pip-freeze.txt
"""

import argparse
import datetime
import re
import sys
from pathlib import Path

from locations import ENVIRONMENTS
from packaging.utils import canonicalize_name

REQUIREMENTS = ENVIRONMENTS / "colab.txt"
PIN = re.compile(r"^([\w.-]+)==([^\s;]+)", re.MULTILINE)
TAKEN = re.compile(r"(?<=^# Taken in )\w+ \d{4}", re.MULTILINE)


def renewed(text: str, listed: str, today: datetime.date) -> str:
    """Return the requirements with the listed versions, and the month in which they were taken.

    Args:
        text: the requirements as they are.
        listed: what `pip freeze` prints in Colab.
        today: the day on which the list was fetched.

    Raises:
        KeyError: the list lacks a package that is pinned here.
    """
    there = {canonicalize_name(name): version for name, version in PIN.findall(listed)}
    there["tensorflow-cpu"] = there.get("tensorflow")  # the same release

    def newer(pin):
        version = there.get(canonicalize_name(pin[1]))
        if version is None:
            raise KeyError(f"the list has no {pin[1]}; expected a line {pin[1]}==VERSION")
        return f"{pin[1]}=={version}"

    return TAKEN.sub(f"{today:%B %Y}", PIN.sub(newer, text))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("list", type=Path, help="what `pip freeze` prints in Colab")
    listed = parser.parse_args().list
    before = REQUIREMENTS.read_text("utf-8")
    try:
        after = renewed(before, listed.read_text("utf-8"), datetime.date.today())
    except (KeyError, OSError) as error:
        reason = error.args[0] if isinstance(error, KeyError) else error
        print(f"environments/colab.txt is as it was: {reason}", file=sys.stderr)
        return 1
    REQUIREMENTS.write_text(after, "utf-8")
    for (name, old), (_, new) in zip(PIN.findall(before), PIN.findall(after), strict=True):
        if old != new:
            print(f"{name}: {old} -> {new}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
