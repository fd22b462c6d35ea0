"""What the book's pages import: sliders, pictures and tables.

The package draws and shows. It defines no loss and no metric: those stand on the pages,
where you read them, and are handed to the functions here.
"""

import helpers.start  # noqa: F401 - before anything else that imports TensorFlow
from helpers.figures import show, use_style
from helpers.slider import slide
from helpers.tables import table

__all__ = ["show", "slide", "table", "use_style"]
