"""Build the site of a book from its pages' stored or executed outputs.

python tools/build_site.py FOLDER [options of Jupyter Book]
"""

import sys

from jupyter_book.cli.main import main

if __name__ == "__main__":
    main(["build", "--quiet", *sys.argv[1:]])
