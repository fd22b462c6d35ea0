"""What the book's pages import: sliders, pictures and tables.

The package draws and shows. It defines no loss and no metric: those stand on the pages,
where you read them, and are handed to the functions here.
"""

import importlib.util
import os
import sys

if not importlib.util.find_spec("tensorflow"):
    raise ModuleNotFoundError(
        f"The Python of this notebook, {sys.executable}, has no TensorFlow: in the book's folder, "
        "run `make lab`, or choose the Python of its .venv as the kernel.",
        name="tensorflow",
    )

# TensorFlow reads both variables once, while it is imported. The first keeps its start-up log
# off the pages; both together are needed for that. The second also makes float results the
# same on every processor, so that a page's digits can be compared.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")

from helpers.figures import show, use_style
from helpers.sliders import slide
from helpers.tables import table

__all__ = ["show", "slide", "table", "use_style"]
