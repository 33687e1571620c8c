"""A run's artifacts, where they lie in a folder of this machine."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path
from urllib.parse import urlsplit

from ..errors import ArtifactNotFound
from ..facts import ArtifactEntry, LogChunk, LogFile

LOG_SUFFIXES = frozenset({".err", ".log", ".out", ".txt"})
"""Endings of the files that count as logs."""

LOG_FOLDERS = frozenset({"azureml-logs", "logs", "system_logs", "user_logs"})
"""Folders in which files without an ending, and rotated ones (`train.log.1`), count as logs too."""

STATES = frozenset({"process_info.json", "process_status.json"})
"""Files in `azureml-logs` that count as logs too: what was started, and how it ended."""

NO_LOGS = frozenset({"license.txt", "merges.txt", "readme.txt", "requirements.txt", "vocab.txt"})
"""Files that come with a model and that nothing is logged to."""

MOST_ENTRIES = 10_000
"""Entries that a walk for logs looks at: a folder of a million images is not a log."""


def is_log(path: str) -> bool:
    """Whether a file among the artifacts is text that the run writes as it goes, as far as its name tells.

    >>> is_log("train.log"), is_log("logs/worker-0"), is_log("model/requirements.txt"), is_log("model/weights.bin")
    (True, True, False, False)
    """
    folder, _, name = path.lower().rpartition("/")
    if folder.split("/")[0] == "snapshot":
        return False
    ending = re.sub(r"(?:\.\d{1,3})+$", "", name)
    suffix = ending[ending.rfind(".") :] if "." in ending else ""
    if name in STATES:
        return folder.endswith("azureml-logs")
    if suffix in LOG_SUFFIXES:
        return name not in NO_LOGS
    return not suffix and not LOG_FOLDERS.isdisjoint(folder.split("/"))


def local_folder(address: str | None) -> Path | None:
    """The folder behind an artifact address (a path or a `file:` address); None when it is elsewhere.

    >>> local_folder("s3://bucket/7/artifacts") is None
    True
    """
    if not address:
        return None
    if address.startswith("file:"):
        parts = urlsplit(address)
        # Imported here: it brings a whole web client with it.
        from urllib.request import url2pathname

        return Path(url2pathname(parts.path)) if parts.netloc in ("", "localhost") else None
    # A scheme has two letters or more: `C:` is a drive.
    return None if re.match(r"[A-Za-z][A-Za-z0-9+.-]+:", address) else Path(address)


class ArtifactFolder:
    """Lists and reads what is below one folder, and nothing else: neither `..` nor a link leads out of it."""

    def __init__(self, root: Path) -> None:
        """`root` need not exist (yet): then there are no artifacts."""
        self._root = Path(os.path.realpath(root))

    def __repr__(self) -> str:
        return f"<ArtifactFolder: {self._root.name}>"

    def entries(self, folder: str = "") -> list[ArtifactEntry]:
        """What is directly below `folder`, by path. Raises ArtifactNotFound."""
        if not folder and not self._root.is_dir():
            return []
        place = self._inside(folder)
        try:
            found = [entry for item in place.iterdir() if (entry := self._entry(item, folder)) is not None]
        except OSError as error:
            raise self._unreadable(folder, error) from error
        return sorted(found, key=lambda entry: entry.path)

    def log_files(self) -> list[LogFile]:
        """Text files in all folders, by path."""
        found = []
        for place in self._walk():
            path = place.relative_to(self._root).as_posix()
            if not is_log(path):
                continue
            try:
                about = self._inside(path).stat()
            except (OSError, ArtifactNotFound):
                continue
            if stat.S_ISREG(about.st_mode):
                found.append(LogFile(path, about.st_size, about.st_mtime))
        return sorted(found, key=lambda log: log.path)

    def read(self, path: str, start: int = 0, length: int = 65536) -> LogChunk:
        """At most `length` bytes from offset `start`; a negative `start` counts from the end.

        Raises ArtifactNotFound.
        """
        place = self._inside(path)
        try:
            if not stat.S_ISREG(place.stat().st_mode):
                raise ArtifactNotFound(f"{path!r} is not a file. artifacts() lists what can be read.")
            with place.open("rb") as file:
                size = file.seek(0, os.SEEK_END)
                first = max(0, size + start) if start < 0 else min(start, size)
                file.seek(first)
                return LogChunk(path, first, file.read(max(0, length)), size)
        except OSError as error:
            raise self._unreadable(path, error) from error

    def _inside(self, path: str) -> Path:
        """The real place of a path below the root."""
        parts = re.split(r"[/\\]", path) if os.sep == "\\" else path.split("/")
        if ".." in parts or "\0" in path or os.path.isabs(path) or Path(path).drive:  # noqa: PTH117
            raise ArtifactNotFound(f"{path!r} does not lie in the run's artifact folder. artifacts() lists what does.")
        try:
            place = (self._root / path).resolve()
        except (OSError, RuntimeError) as error:
            raise ArtifactNotFound(f"{path!r} leads nowhere. artifacts() lists what there is.") from error
        if place != self._root and self._root not in place.parents:
            raise ArtifactNotFound(f"{path!r} links out of the run's artifact folder and is not followed.")
        if not place.exists():
            raise ArtifactNotFound(f"The run has no artifact {path!r}. artifacts() lists what there is.")
        return place

    def _entry(self, item: Path, folder: str) -> ArtifactEntry | None:
        path = f"{folder.strip('/')}/{item.name}".lstrip("/")
        try:
            about = self._inside(path).stat()
        except (OSError, ArtifactNotFound):
            return None
        if stat.S_ISDIR(about.st_mode):
            return ArtifactEntry(path, is_folder=True)
        return ArtifactEntry(path, size=about.st_size) if stat.S_ISREG(about.st_mode) else None

    def _walk(self) -> Iterator[Path]:
        seen = 0
        for folder, folders, names in os.walk(self._root):
            folders.sort()
            for name in sorted(names):
                seen += 1
                if seen > MOST_ENTRIES:
                    return
                yield Path(folder, name)

    @staticmethod
    def _unreadable(path: str, error: OSError) -> ArtifactNotFound:
        return ArtifactNotFound(f"{path!r} cannot be read: {error.strerror or error}. Check its permissions.")


class Artifacts:
    """What a run left, wherever that is: empty when it does not lie on this machine."""

    def __init__(self, address: str | None) -> None:
        """`address`: the run's artifact root as the store has it."""
        folder = local_folder(address)
        self._folder = None if folder is None else ArtifactFolder(folder)
        self._scheme = urlsplit(address or "").scheme

    def entries(self, folder: str = "") -> Sequence[ArtifactEntry]:
        return [] if self._folder is None else self._folder.entries(folder)

    def log_files(self) -> Sequence[LogFile]:
        return [] if self._folder is None else self._folder.log_files()

    def read(self, path: str, start: int = 0, length: int = 65536) -> LogChunk:
        """Raises ArtifactNotFound."""
        if self._folder is None:
            place = f"a store of kind {self._scheme!r}" if self._scheme else "no place that the store names"
            raise ArtifactNotFound(
                f"{path!r} cannot be read: the run keeps its artifacts in {place}, not in a folder of this machine. "
                "Download it with mlflow.artifacts.download_artifacts(run_id=…, artifact_path=…)."
            )
        return self._folder.read(path, start, length)
