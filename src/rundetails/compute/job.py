"""`Job`: a script to be run for a run that is there already, and how to tell that it can be."""

from __future__ import annotations

import difflib
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from ..errors import InvalidJob
from .snapshot import what_ignores


@dataclass(frozen=True, slots=True)
class Job:
    """What a compute target needs to know."""

    run_id: str
    experiment_id: str
    tracking_uri: str
    artifact_uri: str
    """Address of the run's artifact folder."""
    command: tuple[str, ...] | str
    """Words, or a text for the shell."""
    source_directory: Path | None = None
    """Folder that is copied and run in; None: an empty one."""
    environment: Mapping[str, str] = field(default_factory=dict)
    """Added to the environment of whoever submits."""
    max_seconds: float | None = None
    """After so many the run is canceled; None: never."""
    processes: int = 1
    """How many to start at once, with RANK and WORLD_SIZE."""


def checked_command(
    folder: Path,
    script: str | os.PathLike[str] | None,
    arguments: Sequence[object] | None,
    command: Sequence[object] | str | None,
    *,
    python: str,
) -> tuple[str, ...] | str:
    """The words to be run in a copy of `folder`: the script in `python` with its arguments, or the command.

    Raises InvalidJob with what would work: a folder that cannot be read, a script that is not in it, arguments that are
    no list of words.
    """
    _check_folder(folder)
    if (script is None) == (command is None):
        raise InvalidJob('Give either script="train.py" (with arguments=[…]), or command=["bash", "train.sh"].')
    if command is not None:
        if arguments is not None:
            raise InvalidJob("The arguments of a command are part of it: command=[…, *arguments].")
        if isinstance(command, str):
            if not command.strip():
                raise InvalidJob('The command is empty. Give a list, ["bash", "train.sh"], or a text for the shell.')
            return command
        words = _words("command", command)
        if not words:
            raise InvalidJob('The command is empty. Give a list, such as ["bash", "train.sh"].')
        return words
    assert script is not None
    return (python, _script(folder, script), *_words("arguments", arguments if arguments is not None else ()))


def _check_folder(folder: Path) -> None:
    if not folder.is_dir():
        what = "is a file" if folder.exists() else "does not exist"
        raise InvalidJob(f"source_directory {folder} {what}. Give the folder that the script is in.")
    if not os.access(folder, os.R_OK | os.X_OK):
        raise InvalidJob(f"source_directory {folder} cannot be read. Change its permissions, or give another folder.")


def _script(folder: Path, script: str | os.PathLike[str]) -> str:
    path = Path(script)
    inside = Path(os.path.normpath(folder / path))
    if not inside.is_relative_to(folder):
        raise InvalidJob(
            f"The script {os.fspath(script)!r} lies outside of source_directory {folder}, of which a copy is run. Give "
            "a source_directory that holds it."
        )
    if not inside.is_file():
        # Not all of what may be somebody's home.
        known = sorted(str(file.relative_to(folder)) for file in islice(folder.rglob("*.py"), 2_000))
        near = difflib.get_close_matches(os.fspath(script), known, 5, 0.3) or known[:5]
        said = f"The nearest there: {', '.join(near)}." if near else "There is no Python file in it."
        raise InvalidJob(f"There is no script {os.fspath(script)!r} in {folder}. {said}")
    found = str(inside.relative_to(folder))
    if (rules := what_ignores(folder, inside.relative_to(folder).as_posix())) is not None:
        by = f"{rules} there names it. Take it out of that" if rules else "its folder is never copied. Move it"
        raise InvalidJob(f"The script {found!r} would not be in the copy of {folder} that is run: {by}, and try again.")
    return found


def _words(what: str, given: Sequence[object]) -> tuple[str, ...]:
    if isinstance(given, (str, bytes)) or not isinstance(given, Sequence):
        raise InvalidJob(
            f'{what} is a list of words, such as ["--lr", 0.1], not {given!r:.80}. A text can be split: shlex.split(…).'
        )
    for one in given:
        if one is None or isinstance(one, (list, tuple, dict, set, bytes)) or "\0" in str(one):
            raise InvalidJob(f"Each word of {what} is a text, a number or a path, not {one!r:.80}.")
    return tuple(os.fspath(one) if isinstance(one, os.PathLike) else str(one) for one in given)
