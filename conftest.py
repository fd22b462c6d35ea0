"""What nbval leaves out when it compares a page's stored outputs with fresh ones."""

import os


def pytest_configure(config):
    """Have the kernels that nbval starts draw no frames: their HTML is not compared."""
    if config.getoption("nbval", False):
        os.environ["RECORD_FRAMES"] = "no"


def pytest_collectstart(collector):
    """Compare words and numbers, not the HTML that repeats them: git keeps only the words."""
    if hasattr(collector, "skip_compare"):
        collector.skip_compare += ("text/html",)
