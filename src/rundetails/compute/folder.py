"""A job on disk: what the queue, its workers and whoever looks know of one another."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import time
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from .job import Job


@dataclass(frozen=True, slots=True)
class Begun:
    """The processes of a job that was begun."""

    processes: tuple[tuple[int, float], ...]
    """By rank: process ID, and when it was created (seconds since 1970): together they name one process for good."""
    started: float
    """Seconds since 1970-01-01 UTC."""
    booted: float
    """When the machine was started."""


class JobFolder:
    """`<home>/local/jobs/<run ID>`: readable by its owner alone, for the environment in it may hold secrets."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.run_id = path.name

    @classmethod
    def create(cls, path: Path, job: Job, environment: Mapping[str, str], ticket: str) -> JobFolder:
        """Writes all that a worker needs; `environment`: of whoever submits."""
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        made = cls(path)
        whole = {
            **asdict(job),
            "source_directory": None,
            "environment": {**environment, **job.environment},
            "own_environment": sorted(job.environment),
            "ticket": ticket,
        }
        made._write("job.json", json.dumps(whole))
        return made

    @property
    def is_there(self) -> bool:
        return (self.path / "job.json").exists()

    @property
    def lock(self) -> Path:
        """Held by the worker that supervises the job."""
        return self.path / "lock"

    @property
    def work(self) -> Path:
        """Where the script runs."""
        return self.path / "work"

    @property
    def spool(self) -> Path:
        """Where files wait that the store keeps elsewhere than on this machine."""
        return self.path / "artifacts"

    def job(self) -> tuple[Job, dict[str, str]]:
        """The job, and the whole environment for it."""
        found = self._read("job.json")
        environment = found.pop("environment")
        own = {name: environment[name] for name in found.pop("own_environment")}
        found.pop("ticket")
        command = found.pop("command")
        return Job(
            **{**found, "source_directory": None},
            command=command if isinstance(command, str) else tuple(command),
            environment=own,
        ), environment

    @property
    def ticket(self) -> str:
        """Name of its ticket in the queue."""
        return str(self._read("job.json")["ticket"])

    def start(self) -> None:
        """Its processes are about to be started: what is newer on this disk is theirs."""
        self._touch("starting")

    @property
    def starting(self) -> float | None:
        """When that was, by the clock of the disk, which is not quite the machine's; None before."""
        return self._touched("starting")

    def begin(self, begun: Begun) -> None:
        self._write("begun.json", json.dumps(asdict(begun)))

    @property
    def begun(self) -> Begun | None:
        """Its processes; None before they were started."""
        with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
            found = self._read("begun.json")
            return Begun(
                tuple((int(pid), float(created)) for pid, created in found["processes"]),
                float(found["started"]),
                float(found["booted"]),
            )
        return None

    def exit_file(self, rank: int) -> Path:
        """Where the shell around a process leaves its exit code."""
        return self.path / f"exit.{rank}"

    def exit_code(self, rank: int) -> tuple[int, float] | None:
        """The code, and when it was left; None when there is none."""
        with contextlib.suppress(OSError, ValueError):
            file = self.exit_file(rank)
            return int(file.read_text()), file.stat().st_mtime
        return None

    def beat(self) -> None:
        """A sign of life."""
        self._touch("heartbeat")

    @property
    def heartbeat(self) -> float | None:
        """The latest sign of life: seconds since 1970; None before the first."""
        return self._touched("heartbeat")

    def ask_to_cancel(self) -> None:
        self._touch("cancel")

    @property
    def canceled_at(self) -> float | None:
        """When somebody asked for its end."""
        return self._touched("cancel")

    def finalize(self) -> None:
        """Its script has ended; its files are being kept."""
        self._touch("finalizing")

    @property
    def is_finalizing(self) -> bool:
        return self._touched("finalizing") is not None

    def remove(self, *, keep: Collection[Path] = ()) -> None:
        """Takes it away, with its environment first, but the folders in it that are to be kept."""
        with contextlib.suppress(OSError):
            (self.path / "job.json").unlink()
        if not keep:
            shutil.rmtree(self.path, ignore_errors=True)
            return
        for item in self.path.iterdir():
            if item not in keep:
                shutil.rmtree(item, ignore_errors=True) if item.is_dir() else item.unlink(missing_ok=True)

    def _touch(self, name: str) -> None:
        with contextlib.suppress(OSError):
            (self.path / name).touch()

    def _touched(self, name: str) -> float | None:
        try:
            return (self.path / name).stat().st_mtime
        except OSError:
            return None

    def _read(self, name: str) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.path / name).read_text("utf-8"))
        return found

    def _write(self, name: str, text: str) -> None:
        draft = self.path / f".{name}.{os.getpid()}.{time.monotonic_ns()}"
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
            file.write(text)
        draft.replace(self.path / name)
