"""Files of a run: what `Run` can do with its artifacts."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO

from ..errors import ArtifactNotFound
from ..sources.protocol import RunSource
from ..zipping import files_below, zip_steps
from .handle import RunHandle

PART = 1 << 20
"""Bytes of a file that are read at once."""

NEAREST = 8
"""Names that an error lists at most."""


class RunFiles(RunHandle):
    """The files that a run left: its artifacts."""

    def get_file_names(self) -> list[str]:
        """Paths of all its files, with forward slashes, sorted."""
        with self.workspace.reading() as source:
            return sorted(files_below(source, self.id))

    def upload_file(self, name: str, path_or_stream: str | os.PathLike[str] | IO[bytes] | IO[str]) -> None:
        """Puts a file among the run's, under the path `name`. Raises FileNotFoundError, ArtifactNotFound for a `name`
        that leads out of the run's folder."""
        folder, _, file = _inside(name).rpartition("/")
        with tempfile.TemporaryDirectory() as scratch:
            copy = Path(scratch, file)
            if isinstance(path_or_stream, (str, os.PathLike)):
                shutil.copyfile(path_or_stream, copy)
            else:
                data = path_or_stream.read()
                copy.write_bytes(data.encode() if isinstance(data, str) else data)
            self.workspace.client.log_artifact(self.id, str(copy), folder or None)

    def upload_files(self, names: Sequence[str], paths: Sequence[str | os.PathLike[str]]) -> None:
        """Puts several files among the run's: each of `paths` under the name in the same place of `names`."""
        for name, path in zip(names, paths, strict=True):
            self.upload_file(name, path)

    def upload_folder(self, name: str, path: str | os.PathLike[str]) -> None:
        """Puts a folder with all that is in it among the run's files, under the path `name`."""
        folder = Path(path)
        if not folder.is_dir():
            raise NotADirectoryError(f"{folder} is no folder. For one file there is run.upload_file(name, path).")
        self.workspace.client.log_artifacts(self.id, str(folder), _inside(name))

    def download_file(self, name: str, output_file_path: str | os.PathLike[str] | None = None) -> str:
        """Copies one of the run's files here, or to `output_file_path` (a file, or a folder that is there); returns the
        path. Raises ArtifactNotFound with the nearest names; nothing half-written is left."""
        target = Path(output_file_path if output_file_path is not None else Path(name).name)
        if target.is_dir() or (output_file_path is not None and os.fspath(output_file_path).endswith(("/", os.sep))):
            target = target / Path(name).name
        with self.workspace.reading() as source:
            self._fetch(source, name, target)
        return str(target)

    def download_files(
        self,
        prefix: str | None = None,
        output_directory: str | os.PathLike[str] | None = None,
        output_paths: Sequence[str | os.PathLike[str]] | None = None,
        batch_size: int = 100,
        append_prefix: bool = True,
        timeout_seconds: float | None = None,
    ) -> list[str]:
        """Copies all files whose path begins with `prefix` (None: all) below `output_directory` (default: here), or to
        `output_paths`, one for each in the order of `get_file_names`; returns the paths.

        `append_prefix`: False leaves the prefix out of the paths here. `batch_size` and `timeout_seconds` are for
        Azure's service and change nothing. A name that would lead out of the folder is left out of it safely: it
        raises ArtifactNotFound.
        """
        chosen = [name for name in self.get_file_names() if name.startswith(prefix or "")]
        if output_paths is not None:
            if len(output_paths) != len(chosen):
                raise ValueError(f"output_paths has {len(output_paths)} paths for {len(chosen)} files.")
            targets = [Path(path) for path in output_paths]
        else:
            cut = 0 if append_prefix or not prefix else len(prefix)
            targets = [Path(output_directory or ".", _inside(name[cut:].lstrip("/") or name)) for name in chosen]
        with self.workspace.reading() as source:
            for name, target in zip(chosen, targets, strict=True):
                self._fetch(source, name, target)
        return [str(target) for target in targets]

    def get_all_logs(self, destination: str | os.PathLike[str] | None = None) -> list[str]:
        """Copies its log files below `destination` (default: a folder `logs-<run ID>` here); returns the paths."""
        folder = Path(destination if destination is not None else f"logs-{self.id}")
        with self.workspace.reading() as source:
            paths = [log.path for log in source.log_files(self.id)]
            for path in paths:
                self._fetch(source, path, folder / _inside(path))
        return [str(folder / path) for path in paths]

    def download_all(self, path: str | os.PathLike[str] | None = None) -> str:
        """All its files in one zip at `path` (default: `<run ID>.zip` here); returns the path.

        Written part by part, so that no file has to fit into memory. A file that grows meanwhile is cut where it ended
        when its turn came, one that vanishes is named in MISSING.txt. Until it is complete, it has another name."""
        target = Path(path if path is not None else f"{self.id}.zip")
        if target.is_dir():
            target = target / f"{self.id}.zip"
        target.parent.mkdir(parents=True, exist_ok=True)
        draft = target.with_name(f".{target.name}.part")
        try:
            with self.workspace.reading() as source, draft.open("wb") as file:
                for step in zip_steps(source, self.id):
                    file.write(step.data)
            draft.replace(target)
        finally:
            draft.unlink(missing_ok=True)
        return str(target)

    def _fetch(self, source: RunSource, name: str, target: Path) -> None:
        target.parent.mkdir(parents=True, exist_ok=True)
        draft = target.with_name(f".{target.name}.part")
        try:
            with draft.open("wb") as file:
                for part in _parts(source, self.id, name):
                    file.write(part)
            draft.replace(target)
        except ArtifactNotFound:
            raise ArtifactNotFound(_not_found(source, self.id, name)) from None
        finally:
            draft.unlink(missing_ok=True)

    def _text(self, path: str) -> str:
        with self.workspace.reading() as source:
            return read_whole(source, self.id, path).decode("utf-8", "replace")


def read_whole(source: RunSource, run_id: str, path: str) -> bytes:
    """All of a file. Raises ArtifactNotFound."""
    return b"".join(_parts(source, run_id, path))


def _parts(source: RunSource, run_id: str, name: str) -> Iterator[bytes]:
    """The file as it was when its first part was read."""
    chunk = source.read_file(run_id, name, 0, PART)
    size, offset = chunk.size, len(chunk.data)
    yield chunk.data
    while chunk.data and offset < size:
        chunk = source.read_file(run_id, name, offset, min(PART, size - offset))
        offset += len(chunk.data)
        yield chunk.data


def _inside(name: str) -> str:
    """The path below the run's folder. Raises ArtifactNotFound."""
    parts = name.replace("\\", "/").strip("/").split("/")
    if not name.strip("/ ") or ".." in parts or name.startswith("/"):
        raise ArtifactNotFound(
            f'{name!r} does not lie below the run\'s files. Give a path such as "outputs/model.pkl".'
        )
    return "/".join(part for part in parts if part not in ("", "."))


def _not_found(source: RunSource, run_id: str, name: str) -> str:
    import difflib

    known = sorted(files_below(source, run_id))
    near = difflib.get_close_matches(name, known, NEAREST, 0.5) or known[:NEAREST]
    said = f"It has {', '.join(near)}{', …' if len(known) > len(near) else ''}." if known else "It has no files."
    return f"The run has no file {name!r}. {said}"
