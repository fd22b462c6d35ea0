"""What nbval leaves out when it compares a page's stored outputs with fresh ones."""

import os


def pytest_configure(config):
    """Have nbval's kernels draw no frames, whose HTML is not compared, and start as copies."""
    if not config.getoption("nbval", False):
        return
    os.environ["RECORD_FRAMES"] = "no"
    if hasattr(config, "workerinput"):  # one of several workers, with many pages to come
        from forked_kernels import use_forked_kernels

        use_forked_kernels()


def pytest_collectstart(collector):
    """Compare words and numbers, not the HTML that repeats them: git keeps only the words."""
    if hasattr(collector, "skip_compare"):
        collector.skip_compare += ("text/html",)
