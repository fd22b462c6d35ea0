"""Start TensorFlow without its log, or say in a sentence why it does not start."""

import os
import sys

# TensorFlow reads both variables once, while it is imported. The first keeps its start-up log
# off the pages; both together are needed for that. The second also makes float results the
# same on every processor, so that a page's digits can be compared.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")


class NoTensorFlowError(ImportError):
    """TensorFlow is missing or does not start; the message says what to do."""

    def _render_traceback_(self):
        """Return the lines that a notebook shows: no traceback helps here."""
        return [str(self)]


def _sentence(error):
    here = f"The Python of this notebook, {sys.executable}, has"
    if isinstance(error, ModuleNotFoundError) and error.name == "tensorflow":
        return (
            f"{here} no TensorFlow: in the book's folder, run `make lab`, or choose the Python of "
            "its .venv as the kernel."
        )
    said = next(iter(str(error).splitlines()), "no reason given")
    return (
        f"{here} a TensorFlow that does not start ({type(error).__name__}: {said}). "
        "To install all again, in the book's folder: rm -r .venv; make book"
    )


try:
    import tensorflow  # noqa: F401
except Exception as error:
    raise NoTensorFlowError(_sentence(error), name="tensorflow") from None
