"""What nbval leaves out when it compares a page's stored outputs with fresh ones."""

import os

from forked_kernels import use_forked_kernels


def pytest_configure(config):
    """Have the kernels that nbval starts be copies, and draw no frames: HTML is not compared."""
    if config.getoption("nbval", False):
        use_forked_kernels()
        os.environ["RECORD_FRAMES"] = "no"


def pytest_collectstart(collector):
    """Compare words and numbers, not the HTML that repeats them: git keeps only the words."""
    if hasattr(collector, "skip_compare"):
        collector.skip_compare += ("text/html",)
