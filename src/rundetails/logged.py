"""Where a run keeps what it logged beside numbers: lists, tables, images, and the charts of AutoML, by name and kind.

    logged/<name>.<kind>.json             list, table, confusion_matrix, accuracy_table, residuals, predictions
    logged/<name>.<kind>.<part>.json      the same name once more: later, or by another process
    images/<key>+step+<step>+timestamp+<milliseconds>+<uuid>.png     as MLflow's `log_image` has it, with % in old ones

A file's path says what it is, so that a list of the folders is all that has to be read. Tables and lists are JSON as
`mlflow.log_table` writes it ({"columns": […], "data": [[…], …]}), the others Azure ML's ({"schema_type": …,
"schema_version": "1.…", "data": {…}}).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args
from urllib.parse import quote, unquote

from . import tags as names

Kind = Literal["list", "table", "image", "confusion_matrix", "accuracy_table", "residuals", "predictions"]

KINDS: tuple[Kind, ...] = get_args(Kind)

FOLDER = "logged"
"""Folder of everything but images."""

IMAGES = "images"
"""Folder of images."""

_IMAGE = re.compile(
    r"(?P<key>[^/]+?)(?P<by>[%+])step(?P=by)(?P<step>-?\d+)(?P=by)timestamp(?P=by)(?P<time>\d+)(?P=by)"
    r"[0-9a-f-]+(?P<small>(?P=by)compressed)?\.(?:png|webp)"
)
_FILE = re.compile(rf"(?P<name>[^/]+)\.(?P<kind>{'|'.join(KINDS)})(?:\.(?P<part>[0-9a-z-]+))?\.json")


@dataclass(frozen=True, slots=True)
class Logged:
    """One file of what was logged."""

    kind: Kind
    name: str
    """As it was logged."""
    path: str
    """Among the run's artifacts."""
    part: str = ""
    """Parts of one name in the order in which they were logged sort like this; empty for the first."""
    step: int | None = None
    """Of an image."""
    time: float | None = None
    """Of an image: seconds since 1970-01-01 UTC."""


def path_of(name: str, kind: Kind, part: str = "") -> str:
    """The path of a file (not an image) of this name.

    >>> path_of("val/matrix", "confusion_matrix")
    'logged/val~2Fmatrix.confusion_matrix.json'
    """
    return f"{FOLDER}/{file_name(name)}.{kind}{'.' + part if part else ''}.json"


def image_path_of(name: str, step: int, time: float, unique: str) -> str:
    """The path of an image in PNG; `time` in seconds since 1970, `unique` in hexadecimal digits and dashes."""
    return f"{IMAGES}/{file_name(name)}+step+{step}+timestamp+{round(time * 1000)}+{unique}.png"


def file_name(name: str) -> str:
    """A name that every file system and address takes, and `name_of` gives back.

    >>> file_name("a/b:c ~ .."), name_of(file_name("a/b:c ~ .."))
    ('a~2Fb~3Ac ~7E ..', 'a/b:c ~ ..')
    """
    return quote(name.replace("~", "\0"), safe=" ").replace("%00", "~7E").replace("%", "~")


def name_of(file: str) -> str:
    """What `file_name` was given; `~` before anything but two hexadecimal digits is MLflow's own slash."""
    return unquote(re.sub(r"~(?=[0-9A-F]{2})", "%", file).replace("~", "/"))


def logged_of(path: str) -> Logged | None:
    """What a file among the artifacts is, as its path tells; None when it is none of these, or a smaller copy.

    >>> logged_of("logged/cm.confusion_matrix.json").kind, logged_of("images/dogs+step+3+timestamp+1700+ab-1.png").step
    ('confusion_matrix', 3)
    """
    folder, _, file = path.rpartition("/")
    if folder == FOLDER and (found := _FILE.fullmatch(file)):
        kind: Kind = found["kind"]  # type: ignore[assignment]
        return Logged(kind, name_of(found["name"]), path, found["part"] or "")
    if folder == IMAGES and (found := _IMAGE.fullmatch(file)) and not found["small"]:
        return Logged(
            "image", name_of(found["key"]), path, f"{int(found['time']):016x}", int(found["step"]),
            int(found["time"]) / 1000,
        )  # fmt: skip
    return None


def logged_kinds(tags: Mapping[str, str]) -> frozenset[Kind]:
    """The kinds that a run has logged, as its tags tell: no file is looked at."""
    kinds: set[Kind] = {kind for kind in KINDS if kind in tags.get(names.LOGGED, "").split(",")}
    if tags.get(names.IMAGES) == "true":
        kinds.add("image")
    if mlflow_tables(tags):
        kinds.add("table")
    return frozenset(kinds)


def mlflow_tables(tags: Mapping[str, str]) -> list[Logged]:
    """Tables logged by `mlflow.log_table`, which stand in a tag. Those in Parquet are left out."""
    try:
        listed = json.loads(tags.get(names.TABLES, "[]"))
    except ValueError:
        return []
    paths = [one.get("path") for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []
    return [
        Logged("table", path.removesuffix(".json"), path)
        for path in paths
        if isinstance(path, str) and path.endswith(".json") and logged_of(path) is None
    ]
