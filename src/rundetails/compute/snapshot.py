"""A copy of the folder that a script is in, without what an ignore file names."""

from __future__ import annotations

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

    Links to files and folders inside are followed; those that lead out or nowhere are refused: the copy would not be
    whole. Raises SnapshotTooLarge before anything is copied, or InvalidJob for what cannot be read; then nothing is
    left.
    """
    rules, ignored_by = _rules(folder)
    files = list(_files(folder, "", rules, frozenset()))
    sizes = {path: (folder / path).stat().st_size for path in files}
    if sum(sizes.values()) > most_bytes or len(files) > most_files:
        raise SnapshotTooLarge(str(folder), sizes, most_bytes, most_files)
    try:
        to.mkdir(parents=True)
        for path in files:
            target = to / path
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(folder / path, target)
    except OSError as error:
        shutil.rmtree(to, ignore_errors=True)
        raise InvalidJob(f"{error.filename or folder} could not be copied: {error.strerror or error}.") from error
    return Snapshot(len(files), sum(sizes.values()), ignored_by)


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
        if rules.match_file(path) or rules.match_file(path + "/"):
            continue
        if entry.is_symlink() and not Path(os.path.realpath(entry.path)).is_relative_to(os.path.realpath(root)):
            raise InvalidJob(
                f"{root / path} is a link that leads out of source_directory, so that a copy would lack it. Put the "
                f"file itself there, name it in {IGNORE_FILES[0]}, or give the script its path as an argument."
            )
        if entry.is_dir():
            yield from _files(root, path, rules, above | {place})
        elif entry.is_file():
            if not os.access(entry.path, os.R_OK):
                raise InvalidJob(f"{root / path} cannot be read. Name it in {IGNORE_FILES[0]}, or change its rights.")
            yield path
