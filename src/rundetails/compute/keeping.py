"""Log files of a job, and getting what it leaves into the run's artifacts."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import stat
import time
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING

from ..redact import redact
from ..sources.artifacts import local_folder
from .folder import JobFolder

if TYPE_CHECKING:
    from mlflow import MlflowClient

EVERY = 15.0
"""Seconds between two uploads of a file that grows, at least; of a large one, more."""

BYTES_A_SECOND = 1 << 20
"""A file is sent again after as many seconds as it has megabytes: what grows has to be sent as a whole."""


ENOUGH = 3
"""Files in a row that a store refuses, before it is not asked to take the others: each may cost minutes."""


class Keeper:
    """Files below one folder: the run's artifacts themselves where these are on this machine, else one whose files are
    uploaded when they have grown."""

    def __init__(self, place: JobFolder, artifact_uri: str, processes: int) -> None:
        local = local_folder(artifact_uri)
        self._is_remote = local is None
        self.root = place.spool if local is None else local
        self._run_id = place.run_id
        self._sent: dict[str, tuple[int, float]] = {}
        self._due: dict[str, float] = {}
        self._node = socket.gethostname()[:60] or "local"
        self._processes = processes
        with contextlib.suppress(OSError):
            self.make_folders()

    def make_folders(self) -> None:
        """Where its logs go. Raises OSError where the store's folder for files cannot be used on this machine."""
        (self.root / "azureml-logs").mkdir(parents=True, exist_ok=True)
        (self.root / "logs" / "azureml").mkdir(parents=True, exist_ok=True)

    def driver_log(self, rank: int) -> Path:
        """Where a process writes both of its streams."""
        several = f"_{rank}" if self._processes > 1 else ""
        return self.root / "azureml-logs" / f"70_driver_log{several}.txt"

    def note(self, text: str) -> None:
        """One step of the worker, with its time."""
        self._append("logs/azureml/110_azureml.log", f"{_now()} {redact(text)}")

    def prepared(self, text: str) -> None:
        self._append(f"azureml-logs/65_job_prep-{self._node}.txt", redact(text))

    def ended(self, text: str) -> None:
        self._append(f"azureml-logs/75_job_post-{self._node}.txt", redact(text))

    def tell(self, name: str, facts: dict[str, object]) -> None:
        """`process_info` or `process_status`, as JSON."""
        file = self.root / "azureml-logs" / f"{name}.json"
        draft = file.with_name(f".{name}.new")
        try:
            draft.write_text(json.dumps(facts, indent=2) + "\n", "utf-8")
            draft.replace(file)
        except OSError:
            with contextlib.suppress(OSError):
                draft.unlink()

    def link(self, work: Path) -> None:
        """Has what the script writes to `outputs` and `logs` land among the files of the run."""
        for name in ("outputs", "logs"):
            (self.root / name).mkdir(parents=True, exist_ok=True)
            link = work / name
            if not link.exists():
                link.symlink_to(self.root / name, target_is_directory=True)

    def send(self, client: MlflowClient, *, is_last: bool = False) -> list[str]:
        """Uploads what has grown, where that is needed; of what is not a log, all of it at the end. Returns what the
        store did not take: that is tried next time."""
        if not self._is_remote:
            return []
        unsent: list[str] = []
        in_a_row = 0
        for path in sorted(file for file in self.root.rglob("*") if file.is_file() and not file.name.startswith(".")):
            name = path.relative_to(self.root).as_posix()
            about = path.stat()
            is_log = name.startswith(("logs/", "azureml-logs/"))
            if self._sent.get(name) == (about.st_size, about.st_mtime) or not (is_last or is_log):
                continue
            if not is_last and time.monotonic() < self._due.get(name, 0.0):
                continue
            if in_a_row >= ENOUGH:
                unsent.append(name)
                continue
            try:
                client.log_artifact(self._run_id, str(path), name.rpartition("/")[0] or None)
            except Exception as error:
                self.note(f"{name} was not sent: {error}")
                unsent.append(name)
                in_a_row += 1
                continue
            in_a_row = 0
            self._sent[name] = (about.st_size, about.st_mtime)
            self._due[name] = time.monotonic() + max(EVERY, about.st_size / BYTES_A_SECOND)
        return unsent

    @property
    def kept(self) -> list[str]:
        """What the script left in `outputs` and `logs`."""
        found = (file for name in ("outputs", "logs") for file in (self.root / name).rglob("*") if file.is_file())
        names = (file.relative_to(self.root).as_posix() for file in found)
        return sorted(name for name in names if not name.startswith("logs/azureml/"))

    def _append(self, name: str, text: str) -> None:
        # A full disk must not end the supervision of a script that may still come to a good end.
        try:
            with (self.root / name).open("a", encoding="utf-8", errors="backslashreplace") as file:
                file.write(text.rstrip("\n") + "\n")
        except OSError:
            pass


def new_files(work: Path, since: float) -> list[str]:
    """Files that the script left beside `outputs` and `logs`. `since`: when it was started, by the disk's clock."""
    found = []
    for folder, folders, files in os.walk(work):
        folders[:] = [name for name in folders if not Path(folder, name).is_symlink() and name != "__pycache__"]
        for name in files:
            file = Path(folder, name)
            with contextlib.suppress(FileNotFoundError):
                about = file.lstat()
                # Not when it was modified: what is unpacked or copied keeps an old time of that.
                if stat.S_ISREG(about.st_mode) and about.st_ctime >= since:
                    found.append(str(file.relative_to(work)))
    return sorted(found)


def _now() -> str:
    return datetime.now(timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")
