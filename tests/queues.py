"""The local queue in a folder of a test's own, and scripts for it."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil

from rundetails import Experiment, LocalQueue, Run, ScriptRunConfig, Workspace
from rundetails.compute.folder import JobFolder
from stores import template

DEADLINE = 120.0
"""Seconds; against a hang, not against slowness."""


class Bench:
    """A store, a queue and a folder of scripts."""

    def __init__(self, folder: Path, slots: int = 2) -> None:
        self.folder = folder
        shutil.copyfile(template(), folder / "mlflow.db")
        self.queue = LocalQueue(slots=slots)
        self.workspace = Workspace(folder / "mlflow.db")
        self.experiment = Experiment(self.workspace, "digits")

    def script(self, code: str, name: str = "train.py") -> Path:
        folder = self.folder / "train"
        folder.mkdir(exist_ok=True)
        (folder / name).write_text(code)
        return folder

    def submit(self, code: str, *arguments: object, **more: object) -> Run:
        """A script of this text."""
        folder = self.script(code)
        return self.experiment.submit(ScriptRunConfig(folder, "train.py", list(arguments), **more))

    def place(self, run: Run) -> JobFolder:
        return self.queue.place(run.id)

    def begun(self, run: Run) -> list[int]:
        """Process IDs of the job, once it has begun."""
        found = until(lambda: self.place(run).begun)
        return [pid for pid, _ in found.processes]

    def worker(self, run: Run) -> int:
        """The process that supervises a run."""
        return psutil.Process(self.begun(run)[0]).ppid()

    def log(self, run: Run, name: str = "azureml-logs/70_driver_log.txt") -> str:
        artifacts = Path(self.workspace.client.get_run(run.id).info.artifact_uri)
        file = artifacts / name
        return file.read_text() if file.exists() else ""

    def close(self) -> None:
        """Ends all that still runs, and waits for the workers to leave."""
        for job in self.queue.jobs():
            with contextlib.suppress(Exception):
                self.queue.cancel(job.run_id)
        until(lambda: not list(workers(self.queue.folder)))


def workers(folder: Path) -> Iterator[psutil.Process]:
    """Workers of a queue that are alive."""
    for process in psutil.process_iter(["cmdline", "status"]):
        words = process.info["cmdline"] or []
        is_ours = "rundetails.compute.worker" in words and str(folder) in words
        if is_ours and process.info["status"] != psutil.STATUS_ZOMBIE:
            yield process


def until(condition: Callable[[], object], seconds: float = DEADLINE):
    """What the condition gives, once it is true."""
    ends = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < ends, "It did not come true in time."
        time.sleep(0.02)
    return found


def is_there(pid: int) -> bool:
    """Whether a process runs."""
    with contextlib.suppress(psutil.Error):
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    return False


def kill(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
