"""The processes of one job: started, waited for, ended with all that they started."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import socket
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

import psutil

# Leaves the exit code where it is found even if nobody waits for it any more.
SHELL = '"$@"; code=$?; echo $code > "$0.new" && mv "$0.new" "$0"; exit $code'
SHELL_TEXT = 'sh -c "$1"; code=$?; echo $code > "$0.new" && mv "$0.new" "$0"; exit $code'


Leader = tuple[int, float]
"""Process ID of one that began a session, and when it was created (seconds since 1970): together they are its own."""


NOBODY: Leader = (2**31 - 1, -1.0)
"""For a process that was not found: no system has such a number."""


class Process(Protocol):
    """One of them, whoever started it."""

    pid: int

    def is_alive(self) -> bool: ...

    def code(self) -> int | None:
        """How it ended as far as can be told: an exit code, or minus a signal's number."""


class Child:
    """A process that this one has started."""

    def __init__(self, command: Sequence[str] | str, exit_file: Path, log: Path, work: Path, env: Mapping[str, str]):
        words = [SHELL_TEXT, str(exit_file), command] if isinstance(command, str) else [SHELL, str(exit_file), *command]
        with log.open("ab") as output:
            self._popen = subprocess.Popen(
                ["/bin/sh", "-c", *words],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=work,
                env=dict(env),
                start_new_session=True,
            )
        self.pid = self._popen.pid

    def is_alive(self) -> bool:
        return self._popen.poll() is None

    def code(self) -> int | None:
        return self._popen.poll()


class Found:
    """A process that another worker had started, and that outlived it."""

    def __init__(self, pid: int, created: float) -> None:
        self.pid = pid
        self._created = created

    def is_alive(self) -> bool:
        return is_alive(self.pid, self._created)

    def code(self) -> int | None:
        return None


def is_alive(pid: int, created: float) -> bool:
    """Whether this very process is there, and more than a zombie."""
    with contextlib.suppress(psutil.Error):
        return is_same(pid, created) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    return False


def is_same(pid: int, created: float) -> bool:
    """Whether the process of this number is still the one that was created then."""
    return abs(created_at(pid) - created) < 1.0


def created_at(pid: int) -> float:
    """When a process was created: seconds since 1970; 0 when it is gone."""
    with contextlib.suppress(psutil.Error):
        return float(psutil.Process(pid).create_time())
    return 0.0


def booted_at() -> float:
    """When the machine was started: seconds since 1970."""
    return float(psutil.boot_time())


def wait_any(processes: Sequence[Process], seconds: float) -> None:
    """Returns when one of them ends, or the time is up. Costs nothing meanwhile where the system can tell."""
    opened = []
    if hasattr(os, "pidfd_open"):
        for process in processes:
            with contextlib.suppress(OSError):
                opened.append(os.pidfd_open(process.pid))
    try:
        if len(opened) == len(processes):
            select.select(opened, [], [], seconds)
        else:
            ends = time.monotonic() + seconds
            while all(process.is_alive() for process in processes) and time.monotonic() < ends:
                time.sleep(0.05)
    finally:
        for one in opened:
            os.close(one)


def members(leaders: Sequence[Leader]) -> list[psutil.Process]:
    """All processes of the sessions that these began, grandchildren whose parents are gone too."""
    # A number is given to nobody else while its session has a member: whoever else has it began a session of his own.
    sessions = {pid for pid, created in leaders if created_at(pid) == 0.0 or is_same(pid, created)}
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, OSError):
            if os.getsid(process.pid) in sessions and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
    return found


def leaders_in(folder: Path) -> list[Leader]:
    """All that began a session and are in this folder, as the shells around a job's scripts are; the oldest first."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, OSError):
            if os.getsid(process.pid) == process.pid and Path(process.cwd()) == folder.resolve():
                found.append((process.pid, float(process.create_time())))
    return sorted(found, key=lambda one: (one[1], one[0]))


def end_all(leaders: Sequence[Leader], grace: float) -> int:
    """Asks all processes of these sessions to end, and kills what has not after `grace` seconds; returns how many there
    were."""
    for process in (there := members(leaders)):
        with contextlib.suppress(psutil.Error):
            process.send_signal(signal.SIGTERM)
            # A stopped process hears nothing.
            process.send_signal(signal.SIGCONT)
    psutil.wait_procs(there, timeout=grace)
    for _ in range(5):
        left = members(leaders)
        if not left:
            break
        for process in left:
            with contextlib.suppress(psutil.Error):
                process.kill()
        psutil.wait_procs(left, timeout=2)
    return len(there)


def free_port() -> int:
    """A port of this machine that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
