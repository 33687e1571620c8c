"""What a run logged beside numbers, as its tags and two folders tell."""

from __future__ import annotations

import contextlib

from ..errors import ArtifactNotFound
from ..facts import Run
from ..logged import FOLDER, IMAGES, Logged, logged_kinds, logged_of, mlflow_tables
from .protocol import RunSource


def logged_files(source: RunSource, run: Run) -> list[tuple[Logged, int | None]]:
    """What a run logged beside numbers, with the size of each file, by kind and name; parts and steps in their order.

    Folders are listed only when the run's tags say that there is something."""
    kinds = logged_kinds(run.tags)
    tables = mlflow_tables(run.tags)
    sizes: dict[str, int | None] = {}
    for folder in {one.path.rpartition("/")[0] for one in tables}:
        with contextlib.suppress(ArtifactNotFound):
            sizes |= {entry.path: entry.size for entry in source.artifacts(run.id, folder)}
    found: list[tuple[Logged, int | None]] = [(one, sizes.get(one.path)) for one in tables]
    for folder in (FOLDER, IMAGES) if kinds else ():
        if folder == IMAGES and "image" not in kinds:
            continue
        try:
            entries = source.artifacts(run.id, folder)
        except ArtifactNotFound:
            continue
        found += [(logged, entry.size) for entry in entries if (logged := logged_of(entry.path)) is not None]
    return sorted(found, key=lambda one: (one[0].kind, one[0].name, one[0].step or 0, one[0].part))
