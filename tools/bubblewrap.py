"""Install bubblewrap unless it is there, and say whether a sandbox can start here.

python tools/bubblewrap.py

Where none can, the tests that need one are skipped; with CI_MAY_NOT_SKIP=1 this fails instead.
"""

import os
import shutil
import sys

from browser import install_with_apt
from locations import ROOT

sys.path.append(str(ROOT / "homework" / "grading"))
from sandbox import SandboxError, Settings, check


def main() -> int:
    if not shutil.which("bwrap"):
        install_with_apt("bubblewrap")
    try:
        check(Settings())
    except SandboxError as error:
        print(error, file=sys.stderr)
        return int(os.environ.get("CI_MAY_NOT_SKIP") == "1")
    print(f"sandbox: {shutil.which('bwrap')}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
