"""Find who handed in what, in a folder as it comes from a learning platform."""

import hashlib
import os
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

MAX_BYTES = 20 << 20  # of one file
MAX_FILES = 10  # of one student that are looked into
MAX_DEPTH, MAX_ENTRIES = 20, 1000  # of one student's folder that are looked at
MAX_KEY = 120  # bytes of a key

# Canvas: doejane_LATE_12345_67890_losses-1.ipynb, with the numbers of the user and of the file.
CANVAS = re.compile(
    r"(?P<name>[^_]+)(_LATE)?_(?P<user>[0-9]+)_(?P<number>[0-9]{2,})_(?P<file>.+)", re.DOTALL
)
YEAR = re.compile(r"(19|20)[0-9][0-9]")
# Moodle: the folder "Jane Doe_12345_assignsubmission_file"
MOODLE = re.compile(r"(?P<name>.+_[0-9]+)_assignsubmission_(file|onlinetext)_?", re.DOTALL)
IGNORED = {"__MACOSX", "__pycache__", "Thumbs.db", "desktop.ini"}


@dataclass(frozen=True)
class Submission:
    """What one student handed in.

    Attributes:
        student: the student's name as the platform writes it.
        files: the files, in natural order: losses-2 comes before losses-10.
        faults: in words, what could not be looked at.
    """

    student: str
    files: tuple[Path, ...]
    faults: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """The student's name as the name of a file; no two names have the same."""
        kept = (
            c if c.isalnum() or c in "_-. " else quote(os.fsencode(c), "") for c in self.student
        )
        plain = "".join(kept)
        if plain[:1] in (".", "-"):
            plain = f"%{ord(plain[0]):02X}{plain[1:]}"
        if len(plain.encode()) <= MAX_KEY:
            return plain
        digest = hashlib.sha256(os.fsencode(self.student)).hexdigest()[:32]
        return f"{plain.encode()[: MAX_KEY - 40].decode(errors='ignore')}%-{digest}"

    @property
    def name(self) -> str:
        """The student's name as it can be shown everywhere."""
        return shown(self.student)


def shown(text: str) -> str:
    """Return a text in which bytes that are no characters, and controls, are escaped."""
    text = os.fsencode(text).decode("utf-8", "backslashreplace")
    return "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in text)


def printable(text: str) -> str:
    """Return a text without what is no letter, in the lines that it has."""
    return "".join(c if c.isprintable() or c == "\n" else " " * c.isspace() or "�" for c in text)


def find(folder: Path) -> list[Submission]:
    """Return the submissions in a folder, in the order of the students' names.

    Files of one student are those that the platform's own form says are: the names that Canvas
    gives, the folders of Moodle, and a folder with all that is in it.

    Raises:
        FileNotFoundError: there is no such folder, or nothing in it.
        NotADirectoryError: it is a file.
        PermissionError: it may not be read.
    """
    if not folder.exists():
        raise FileNotFoundError(f"SUBMISSIONS: there is no folder {str(folder)!r}")
    if not folder.is_dir():
        raise NotADirectoryError(f"SUBMISSIONS: {str(folder)!r} is a file; expected a folder")
    entries = sorted(entry for entry in folder.iterdir() if not _is_ignored(entry))
    if not entries:
        raise FileNotFoundError(f"SUBMISSIONS: the folder {str(folder)!r} is empty")
    groups = _by_platform(entries)
    named = {entry for group in groups.values() for entry in group}
    # Without its ending, where no other file or folder is called so.
    short = {entry: entry.name if _is_folder(entry) else entry.stem for entry in entries}
    alike = Counter(name for entry in entries for name in {entry.name, entry.stem})
    for entry in entries:
        if entry not in named:
            names = [short[entry]] if alike[short[entry]] == 1 else []
            names += [entry.name, f"./{entry.name}"]
            groups[next(name for name in names if name not in groups)] = [entry]
    found = [_submission(name, group) for name, group in groups.items()]
    return sorted(found, key=lambda submission: natural(submission.student))


def _by_platform(entries):
    """Return {student: entries} of those that a platform has named."""
    groups, found = {}, {}
    for entry in entries:
        is_folder = _is_folder(entry)
        moodle = is_folder and MOODLE.fullmatch(entry.name)
        canvas = not is_folder and CANVAS.fullmatch(entry.name)
        if moodle:
            groups.setdefault(moodle["name"], []).append(entry)
        if canvas and not YEAR.fullmatch(canvas["user"]):
            found[entry] = canvas
    # Canvas numbers each file anew, and one student's files are one file in several versions.
    # Universities name files alike: the course, the term, the student's number.
    times = Counter(canvas["number"] for canvas in found.values())
    students = {}
    for entry, canvas in found.items():
        if times[canvas["number"]] == 1:
            students.setdefault(f"{canvas['name']}_{canvas['user']}", []).append(entry)
    for name, group in students.items():
        titles = {re.sub(r"-[0-9]+$", "", Path(found[entry]["file"]).stem) for entry in group}
        if len(titles) == 1 and name not in groups:
            groups[name] = group
    return groups


def _submission(name, group):
    files, faults = [entry for entry in group if not _is_folder(entry)], []

    def note(error):
        folder = shown(os.path.basename(error.filename))
        faults.append(f"the folder {folder} cannot be read: {error.strerror}")

    for top in filter(_is_folder, group):
        seen = 0
        for folder, folders, names in os.walk(top, onerror=note):
            folders[:] = [each for each in folders if not _is_ignored(Path(each))]
            paths = [Path(folder, each) for each in names]
            files += [path for path in paths if not _is_ignored(path)]
            seen += len(folders) + len(names)
            if seen > MAX_ENTRIES or len(Path(folder).relative_to(top).parts) > MAX_DEPTH:
                faults.append("there are more folders and files than are looked at")
                break
    return Submission(name, tuple(sorted(files, key=natural)), tuple(faults))


def read(path: Path) -> bytes:
    """Return a file's bytes.

    Raises:
        ValueError: the file is a link, is no file, is too large, or may not be read.
    """
    try:
        if path.is_symlink():
            raise ValueError("is a link to another file")
        if not path.is_file():
            raise ValueError("is not a file")
        if path.stat().st_size > MAX_BYTES:
            size = f"is larger than {MAX_BYTES >> 20} MB"
            raise ValueError(f"{size}: clear the outputs and save again")
        return path.read_bytes()
    except OSError as error:
        raise ValueError(f"cannot be read: {error.strerror}") from None


def candidates(submission: Submission, assignment: str) -> list[Path]:
    """Return the files that may be the assignment, the likeliest first.

    A file whose name has the assignment's name goes before the others, then the last in natural
    order, which is the last that Canvas or a browser has numbered.
    """

    def rank(path):
        named = assignment in path.stem.lower().split("_")[-1] or path.stem == assignment
        return path.suffix.lower() == ".ipynb", named

    return sorted(reversed(submission.files), key=rank, reverse=True)[:MAX_FILES]


def _is_ignored(path):
    return path.name.startswith(".") or path.name in IGNORED


def _is_folder(path):
    try:
        return path.is_dir() and not path.is_symlink()
    except OSError:
        return False


def natural(text):
    """Return a sorting key by which 2 comes before 10, and losses before losses-1."""
    text = str(text)
    parts = re.split(r"([0-9]+)", text.removesuffix(".ipynb").lower())
    return [(int(part[:18]), "") if re.match("[0-9]", part) else (-1, part) for part in parts], text
