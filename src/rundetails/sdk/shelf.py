"""Files of what a run logs beside numbers: written from a writer's thread, whole or not at all."""

from __future__ import annotations

import os
import random
import tempfile
import time
import uuid
from pathlib import Path
from typing import TYPE_CHECKING

from .. import tags as names
from ..logged import Kind, image_path_of, mlflow_tables, path_of
from ..sources.artifacts import local_folder
from .tables import table_json

if TYPE_CHECKING:
    from mlflow import MlflowClient


class Table:
    """Rows of one name, kept so that its file can be written anew."""

    def __init__(self) -> None:
        self.columns: dict[str, None] = {}
        self.rows: list[dict[str, object]] = []
        self.path = ""
        self.due = 0.0
        """When it may be written again: a table that grows long is written more seldom."""
        self.written = 0
        """Rows in its file."""

    def add(self, row: dict[str, object]) -> None:
        self.columns.update(dict.fromkeys(row))
        self.rows.append(row)

    def json(self) -> bytes:
        return table_json(list(self.columns), [[row.get(name) for name in self.columns] for row in self.rows])


class Shelf:
    """Puts files into a run's artifacts, and says so in its tags. Used by one thread at a time."""

    def __init__(self, client: MlflowClient, run_id: str, *, created_here: bool) -> None:
        """`created_here`: this process made the run, so that no other has logged to it."""
        self._client = client
        self._run_id = run_id
        self._created_here = created_here
        stored = client.get_run(run_id)
        self._folder = local_folder(stored.info.artifact_uri)
        self._kinds = set(filter(None, stored.data.tags.get(names.LOGGED, "").split(",")))

    def free_path(self, name: str, kind: Kind) -> str:
        """A path that no other process writes to: the plain one where that is sure, else a part of its own."""
        plain = path_of(name, kind)
        if self._folder is not None:
            file = self._folder / plain
            file.parent.mkdir(parents=True, exist_ok=True)
            try:
                file.touch(exist_ok=False)
            except FileExistsError:
                return path_of(name, kind, _part())
            return plain
        if self._created_here and plain not in self._taken():
            return plain
        return path_of(name, kind, _part())

    def put(self, path: str, data: bytes) -> None:
        """Writes a file in place of the one that was there."""
        if self._folder is None:
            with tempfile.TemporaryDirectory() as scratch:
                copy = Path(scratch, path.rpartition("/")[2])
                copy.write_bytes(data)
                self._client.log_artifact(self._run_id, str(copy), path.rpartition("/")[0] or None)
            return
        file = self._folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        draft = file.with_name(f".{file.name}.{os.getpid()}.new")
        try:
            draft.write_bytes(data)
            draft.replace(file)
        finally:
            draft.unlink(missing_ok=True)

    def put_image(self, name: str, step: int, at: float, data: bytes) -> None:
        """Under the path that MLflow gives images."""
        self.put(image_path_of(name, step, at, str(uuid.uuid4())), data)
        if "image" not in self._kinds:
            self._client.set_tag(self._run_id, names.IMAGES, "true")
        self.mention("image")

    def mention(self, kind: Kind, path: str = "") -> None:
        """Has the run's tags say that it has logged this kind; of a table also its path, for MLflow's own page."""
        if kind == "table" and path:
            stored = self._client.get_run(self._run_id).data.tags.get(names.TABLES, "[]")
            said = f'{{"path": "{path}", "type": "table"}}'
            if path not in stored:
                listed = stored.rstrip().removesuffix("]").rstrip() if stored.strip().startswith("[") else "["
                text = f"{listed}{', ' if listed != '[' else ''}{said}]"
                # A tag has 8,000 characters at most; our own page needs none of them.
                if len(text) <= 5_000 and mlflow_tables({names.TABLES: text}) is not None:
                    self._client.set_tag(self._run_id, names.TABLES, text)
        if kind not in self._kinds:
            known = self._client.get_run(self._run_id).data.tags.get(names.LOGGED, "")
            self._kinds |= {kind, *filter(None, known.split(","))}
            self._client.set_tag(self._run_id, names.LOGGED, ",".join(sorted(self._kinds)))

    def _taken(self) -> set[str]:
        return {entry.path for entry in self._client.list_artifacts(self._run_id, "logged")}


def _part() -> str:
    """Sorts by time, and is met by no other process."""
    return f"{time.time_ns() // 1_000_000:x}-{random.getrandbits(16):04x}"
