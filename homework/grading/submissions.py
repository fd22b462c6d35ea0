"""Find who handed in what, in a folder as it comes from a learning platform."""

import re
from dataclasses import dataclass
from pathlib import Path

MAX_BYTES = 20 << 20  # of one file
MAX_FILES = 5  # of one student that are looked into

# Canvas: doejane_LATE_12345_67890_losses-1.ipynb
CANVAS = re.compile(r"(?P<name>[^_]+)(_LATE)?_(?P<id>\d+)_(?P<submission>\d+)_(?P<file>.+)")
# Moodle: the folder "Jane Doe_12345_assignsubmission_file"
MOODLE = re.compile(r"(?P<name>.+)_assignsubmission_(file|onlinetext)_?")
IGNORED = {"__MACOSX", "__pycache__", "Thumbs.db", "desktop.ini"}


@dataclass(frozen=True)
class Submission:
    """What one student handed in.

    Attributes:
        student: the student's name as the platform writes it.
        files: the files, in natural order: losses-2 comes before losses-10.
    """

    student: str
    files: tuple[Path, ...]

    @property
    def key(self) -> str:
        """The student's name as a file name and as nbgrader's id."""
        plain = re.sub(r"[^\w.-]+", "_", self.student).strip("._-")
        if plain == self.student:
            return plain
        number = sum(byte * 257**place for place, byte in enumerate(self.student.encode()))
        return f"{plain[:80] or 'student'}-{number % 0xFFFFFFFB:08x}"


def find(folder: Path) -> list[Submission]:
    """Return the submissions in a folder, in the order of the students' names.

    Raises:
        FileNotFoundError: there is no such folder, or nothing in it.
    """
    if not folder.is_dir():
        raise FileNotFoundError(f"SUBMISSIONS: there is no folder {str(folder)!r}")
    files = {}
    for entry in sorted(folder.iterdir()):
        if not _is_ignored(entry):
            found = _below(entry) if _is_folder(entry) else [entry]
            files.setdefault(_student(entry), []).extend(found)
    if not files:
        raise FileNotFoundError(f"SUBMISSIONS: the folder {str(folder)!r} is empty")
    found = [Submission(name, tuple(sorted(each, key=_natural))) for name, each in files.items()]
    return sorted(found, key=lambda submission: _natural(submission.student))


def read(path: Path) -> bytes:
    """Return a file's bytes.

    Raises:
        ValueError: the file is a link, is no file, or is too large; the message says which.
    """
    if path.is_symlink():
        raise ValueError("is a link to another file")
    if not path.is_file():
        raise ValueError("is not a file")
    size = path.stat().st_size
    if size > MAX_BYTES:
        raise ValueError(f"is larger than {MAX_BYTES >> 20} MB: clear the outputs and save again")
    return path.read_bytes()


def candidates(submission: Submission, assignment: str) -> list[Path]:
    """Return the files that may be the assignment, the likeliest first.

    A file whose name has the assignment's name goes before the others, then the last in natural
    order, which is the last that Canvas or a browser has numbered.
    """

    def rank(path):
        named = assignment in path.stem.lower().split("_")[-1] or path.stem == assignment
        return path.suffix.lower() == ".ipynb", named

    ordered = sorted(submission.files, key=_natural)
    return sorted(reversed(ordered), key=rank, reverse=True)[:MAX_FILES]


def _is_ignored(path):
    return path.name.startswith(".") or path.name in IGNORED


def _is_folder(path):
    return path.is_dir() and not path.is_symlink()


def _below(folder):
    """Return the files below a folder; links to folders are not followed."""
    found = []
    for entry in sorted(folder.iterdir()):
        if not _is_ignored(entry):
            found += _below(entry) if _is_folder(entry) else [entry]
    return found


def _student(entry):
    canvas, moodle = CANVAS.fullmatch(entry.name), MOODLE.fullmatch(entry.name)
    if canvas:
        return f"{canvas['name']}_{canvas['id']}"
    if moodle:
        return moodle["name"]
    return entry.name if _is_folder(entry) else re.sub(r"( ?\(\d+\))$", "", entry.stem)


def _natural(text):
    """Return a sorting key by which 2 comes before 10, and losses before losses-1."""
    text = str(text)
    path = text[: -len(".ipynb")] if text.endswith(".ipynb") else text
    parts = re.split(r"(\d+)", path.lower())
    return [(int(part), "") if part.isdigit() else (-1, part) for part in parts], text
