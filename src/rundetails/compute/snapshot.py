"""A copy of the folder that a script is in, without what an ignore file names."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import InvalidJob, SnapshotTooLarge

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

IGNORE_FILES = (".rundetailsignore", ".amlignore", ".gitignore")
"""The first that is there counts; written as git's."""

ALWAYS = (
    ".git", "__pycache__", ".ipynb_checkpoints", ".venv", "node_modules", "mlruns", "mlartifacts", "mlflow.db*",
    "/outputs", "/logs",
)  # fmt: skip
"""What no script needs a copy of. `outputs` and `logs` at the top are where it leaves its own."""

MOST_BYTES = 300 << 20
MOST_FILES = 20_000


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What was copied."""

    files: int
    bytes: int
    ignored_by: str
    """Name of the ignore file; empty when there was none."""


def take_snapshot(folder: Path, to: Path, *, most_bytes: int = MOST_BYTES, most_files: int = MOST_FILES) -> Snapshot:
    """Copies `folder` to `to`, which is not there yet.

    Links to files and folders inside are followed; those that lead out are refused: the copy would not be whole. What
    vanishes meanwhile is left out. Raises SnapshotTooLarge before anything is copied, or InvalidJob for what cannot be
    read; then nothing is left.
    """
    rules, ignored_by = _rules(folder)
    sizes = {}
    for path in _files(folder, "", rules, frozenset()):
        with contextlib.suppress(FileNotFoundError):
            sizes[path] = (folder / path).stat().st_size
    if sum(sizes.values()) > most_bytes or len(sizes) > most_files:
        raise SnapshotTooLarge(str(folder), sizes, most_bytes, most_files)
    try:
        to.mkdir(parents=True)
        for path in list(sizes):
            if not _copy(folder / path, to / path):
                del sizes[path]
    except OSError as error:
        shutil.rmtree(to, ignore_errors=True)
        raise InvalidJob(f"{error.filename or folder} could not be copied: {error.strerror or error}.") from error
    return Snapshot(len(sizes), sum(sizes.values()), ignored_by)


def what_ignores(folder: Path, path: str) -> str | None:
    """What keeps a file or folder out of the copy: the name of the ignore file, or empty for our own rules; None when
    nothing does.

    >>> what_ignores(Path("nowhere"), "outputs/train.py")
    ''
    """
    from pathspec import GitIgnoreSpec

    parts = path.split("/")
    above = ["/".join(parts[:count]) for count in range(1, len(parts))]
    for rules, name in ((GitIgnoreSpec.from_lines(ALWAYS), ""), _rules(folder)):
        if _is_ignored(rules, path, is_folder=False) or any(_is_ignored(rules, one, is_folder=True) for one in above):
            return name
    return None


def _is_ignored(rules: GitIgnoreSpec, path: str, *, is_folder: bool) -> bool:
    """Whether the rules name this very file or folder; those above it were looked at before."""
    if not is_folder:
        return rules.match_file(path)
    # Git has the last word count; asked for a folder, pathspec has `*` count for more than a `!*/` that follows it.
    said = (rule.include for rule in reversed(list(rules.patterns)) if rule.match_file(f"{path}/"))
    return bool(next(said, False))


def _copy(file: Path, to: Path) -> bool:
    """Returns False for a file that has vanished meanwhile, as what editors and databases make for a moment does."""
    to.parent.mkdir(parents=True, exist_ok=True)
    try:
        shutil.copy2(file, to)
    except FileNotFoundError as error:
        if str(error.filename) != str(file):
            raise
        to.unlink(missing_ok=True)
        return False
    return True


def _is_locked(path: str) -> bool:
    """Whether a file is there and may not be read."""
    try:
        os.close(os.open(path, os.O_RDONLY))
    except FileNotFoundError:
        return False
    except OSError:
        return True
    return False


def _rules(folder: Path) -> tuple[GitIgnoreSpec, str]:
    from pathspec import GitIgnoreSpec

    for name in IGNORE_FILES:
        file = folder / name
        if file.is_file():
            lines = file.read_text("utf-8", "replace").splitlines()
            return GitIgnoreSpec.from_lines([*lines, *ALWAYS]), name
    return GitIgnoreSpec.from_lines(ALWAYS), ""


def _files(root: Path, folder: str, rules: GitIgnoreSpec, above: frozenset[str]) -> Iterator[str]:
    place = os.path.realpath(root / folder)
    if place in above:
        raise InvalidJob(f"{root / folder} is a link that leads back to a folder it is in. Ignore it, or take it away.")
    try:
        entries = sorted(os.scandir(root / folder), key=lambda entry: entry.name)
    except OSError as error:
        raise InvalidJob(
            f"{root / folder} cannot be read ({error.strerror}). Name it in {IGNORE_FILES[0]} if the script does not "
            "need it."
        ) from error
    for entry in entries:
        path = f"{folder}/{entry.name}" if folder else entry.name
        if _is_ignored(rules, path, is_folder=entry.is_dir()):
            continue
        if entry.is_symlink() and not Path(os.path.realpath(entry.path)).is_relative_to(os.path.realpath(root)):
            raise InvalidJob(
                f"{root / path} is a link that leads out of source_directory, so that a copy would lack it. Put the "
                f"file itself there, name it in {IGNORE_FILES[0]}, or give the script its path as an argument."
            )
        if entry.is_dir():
            yield from _files(root, path, rules, above | {place})
        elif entry.is_file():
            if _is_locked(entry.path):
                raise InvalidJob(f"{root / path} cannot be read. Name it in {IGNORE_FILES[0]}, or change its rights.")
            yield path
