"""A run's artifacts behind a server: listed, and read by ranges of bytes."""

from __future__ import annotations

import contextlib
import re
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from ..errors import ArtifactNotFound, RunDetailsError
from ..facts import ArtifactEntry, LogChunk, LogFile
from .artifacts import LOG_FOLDERS, Artifacts, is_log
from .server_errors import NoEndpoint, without_secrets
from .server_http import Reply, Server

LISTED_FOR = 30.0
"""Seconds that a listing of logs is good for."""

MOST_WHOLE = 64 * 2**20
"""Bytes of a file that are fetched for the sake of a part of it, where there are no ranges."""

MOST_WHOLE_AGAIN = 4 * 2**20
"""The same, once a server is known to have none: it would be fetched again and again."""


class FilesOfServer:
    """Files of the runs of one server."""

    def __init__(self, server: Server, clock: Callable[[], float]) -> None:
        self._server = server
        self._clock = clock
        self._listed: dict[str, tuple[float, Sequence[LogFile]]] = {}
        self._has_ranges = True

    def entries(self, run_id: str, folder: str = "") -> list[ArtifactEntry]:
        """What is directly below `folder`, by path."""
        refuse_ways_out(folder)
        found, token = list[ArtifactEntry](), None
        while True:
            said = self._server.get("artifacts/list", run_id=run_id, path=folder or None, page_token=token, long=True)
            for file in said.get("files", ()):
                is_folder = bool(file.get("is_dir"))
                # 0 is left out of the JSON.
                found.append(
                    ArtifactEntry(file["path"], is_folder, None if is_folder else int(file.get("file_size", 0)))
                )
            token = said.get("next_page_token")
            if not token:
                return sorted(found, key=lambda entry: entry.path)

    def log_files(self, run_id: str) -> Sequence[LogFile]:
        """Text files at the root and in the usual folders, by path. No others: each costs a request."""
        now = self._clock()
        if run_id in self._listed and now < self._listed[run_id][0] + LISTED_FOR:
            return self._listed[run_id][1]
        entries = self.entries(run_id)
        for folder in [entry.path for entry in entries if entry.is_folder and entry.path in LOG_FOLDERS]:
            entries += self.entries(run_id, folder)
        found = [LogFile(entry.path, entry.size) for entry in entries if not entry.is_folder and is_log(entry.path)]
        found.sort(key=lambda log: log.path)
        self._listed.pop(run_id, None)
        self._listed[run_id] = (now, found)
        if len(self._listed) > 16:
            del self._listed[next(iter(self._listed))]
        return found

    def read(self, run_id: str, address: str, path: str, start: int, length: int) -> LogChunk:
        """A part of a file. `address`: of the run's artifact folder."""
        refuse_ways_out(path)
        if not self._server.is_databricks:
            for endpoint, params in _places(run_id, address, path):
                with contextlib.suppress(NoEndpoint):
                    return self._ranged(endpoint, params, run_id, path, start, length)
        return self._fetched(run_id, address, path, start, length)

    def _ranged(
        self, endpoint: str, params: dict[str, str], run_id: str, path: str, start: int, length: int
    ) -> LogChunk:
        asked = f"{start}" if start < 0 else f"{start}-{start + max(1, length) - 1}"
        with self._server.file(endpoint, params, asked) as reply:
            if reply.status == 206:
                first, size = _range_of(reply)
                return LogChunk(path, first, _take(reply.pieces, length), size)
            if reply.status == 416:
                size = int(re.sub(r".*/", "", reply.headers.get("Content-Range", "")) or 0)
                if start >= 0 or not size:
                    return LogChunk(path, size, b"", size)
            elif reply.status == 200:
                return self._part_of_whole(reply, path, start, length)
            else:
                self._refuse(reply, run_id, path)
        # Fewer bytes than the last so many: some servers refuse that.
        return self._ranged(endpoint, params, run_id, path, 0, length)

    def _part_of_whole(self, reply: Reply, path: str, start: int, length: int) -> LogChunk:
        """Where a server does not know ranges: passes by what was not asked for."""
        is_page = reply.headers.get("Content-Type", "").startswith("text/html")
        if is_page and "Content-Disposition" not in reply.headers:
            raise self._server.failed("web page")
        said = reply.headers.get("Content-Length", "")
        if not said.isdigit():
            whole = b"".join(reply.pieces)
            first = max(0, len(whole) + start) if start < 0 else min(start, len(whole))
            return LogChunk(path, first, whole[first : first + length], len(whole))
        size = int(said)
        first = max(0, size + start) if start < 0 else min(start, size)
        if first > (MOST_WHOLE if self._has_ranges else MOST_WHOLE_AGAIN):
            raise _too_much(path, size)
        self._has_ranges = self._has_ranges and not size
        data = _take(reply.pieces, first + length) if first < size else b""
        return LogChunk(path, first, data[first : first + length], size)

    def _refuse(self, reply: Reply, run_id: str, path: str) -> None:
        """Says why there is no such file. Servers before 3.15 fail with 500 then."""
        body = _take(reply.pieces, 2_000)
        if reply.status == 404 and b"error_code" not in body:
            raise self._server.failed("no API")
        if reply.status < 500:
            raise _not_there(path)
        folder = path.rpartition("/")[0]
        if not any(entry.path == path and not entry.is_folder for entry in self.entries(run_id, folder)):
            raise _not_there(path)
        raise self._server.failed("failed", status=reply.status)

    def _fetched(self, run_id: str, address: str, path: str, start: int, length: int) -> LogChunk:
        """Out of another store, such as s3: whole, by what MLflow has for it."""
        folder = path.rpartition("/")[0]
        size = next((entry.size for entry in self.entries(run_id, folder) if entry.path == path), None)
        if size is None:
            raise _not_there(path)
        if size > MOST_WHOLE:
            raise _too_much(path, size)
        try:
            from mlflow.store.artifact.artifact_repository_registry import get_artifact_repository

            with tempfile.TemporaryDirectory() as place:
                # Not `download_artifacts`, which draws a progress bar into whatever cell runs.
                repository: Any = get_artifact_repository(address)
                repository._download_file(path, str(Path(place, "file")))
                chunk = Artifacts(place).read("file", start, length)
        except RunDetailsError:
            raise
        except Exception as error:
            said = without_secrets(f"{type(error).__name__}: {error}")[:200]
            raise ArtifactNotFound(
                f"{path!r} cannot be fetched from {urlsplit(address).scheme or 'its store'} ({said}). Its credentials "
                "and its package, such as boto3, are needed here too."
            ) from None
        return LogChunk(path, chunk.start, chunk.data, chunk.size)


def refuse_ways_out(path: str) -> None:
    """Raises ArtifactNotFound for a path that does not lie in the run's artifact folder."""
    if ".." in re.split(r"[/\\]", path) or path.startswith(("/", "\\")) or "\0" in path:
        raise ArtifactNotFound(f"{path!r} does not lie in the run's artifact folder. artifacts() lists what does.")


def _places(run_id: str, address: str, path: str) -> Iterator[tuple[str, dict[str, str]]]:
    """Where a file may be asked for, best first: endpoint and parameters."""
    from urllib.parse import quote

    yield "/get-artifact", {"run_uuid": run_id, "run_id": run_id, "path": path}
    parts = urlsplit(address)
    if parts.scheme == "mlflow-artifacts":
        inside = "/".join(part.strip("/") for part in (parts.path, path))
        yield f"/api/2.0/mlflow-artifacts/artifacts/{quote(inside)}", {}


def _range_of(reply: Reply) -> tuple[int, int]:
    """First byte and size of the whole, out of `Content-Range: bytes 3-6/10`."""
    found = re.match(r"bytes (\d+)-(\d+)/(\d+|\*)", reply.headers.get("Content-Range", ""))
    if not found:
        return 0, int(reply.headers.get("Content-Length", 0))
    return int(found[1]), int(found[2]) + 1 if found[3] == "*" else int(found[3])


def _take(pieces: Iterator[bytes], most: int) -> bytes:
    """No more of a body than is needed."""
    parts, size = [], 0
    for piece in pieces:
        parts.append(piece)
        size += len(piece)
        if size >= most:
            break
    return b"".join(parts)[:most]


def _not_there(path: str) -> ArtifactNotFound:
    return ArtifactNotFound(f"The run has no artifact {path!r}. artifacts() lists what there is.")


def _too_much(path: str, size: int) -> ArtifactNotFound:
    return ArtifactNotFound(
        f"{path!r} has {size / 2**20:,.0f} MB, and its store gives files only whole: that is too much for a look. "
        "Download it with mlflow.artifacts.download_artifacts(run_id=…, artifact_path=…)."
    )
