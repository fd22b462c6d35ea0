"""Install bubblewrap unless it is there, and start a sandbox once.

python tools/bubblewrap.py
"""

import shutil
import sys

from browser import install_with_apt
from sandbox import SandboxError, Settings, check


def main() -> int:
    if not shutil.which("bwrap"):
        install_with_apt("bubblewrap")
    try:
        check(Settings(), "answer")
    except SandboxError as error:
        print(error, file=sys.stderr)
        return 1
    print(f"sandbox: {shutil.which('bwrap')}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
