"""`LocalQueue`: scripts on this machine, so many at a time, with no daemon."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

from ..errors import InvalidJob, RunNotFound
from ..facts import Status
from .folder import JobFolder
from .home import home, set_slots, slots_of
from .job import Job
from .locks import is_locked, is_possible, try_lock
from .snapshot import take_snapshot
from .target import Standing

GRACE = 10.0
"""Seconds between asking processes to end and ending them."""


class LocalQueue:
    """Runs scripts in processes of their own that outlive the kernel: so many at a time, the rest in a queue.

    `slots`: how many at a time, kept for all that use the queue; left out, what was set before, else the number of
    cores. All sessions of a user share the queue, whatever their store.

    There is no daemon: a *worker* supervises one script after the other and leaves when nothing waits. Whoever submits,
    looks, or ends a script sees to it that there are as many workers as there is room and need for, also after one was
    killed.
    """

    type = "local queue"

    def __init__(self, name: str = "local", *, slots: int | None = None, folder: Path | None = None) -> None:
        """`folder`: where its state is; default: `local` in `home()`."""
        self.name = name
        self.folder = folder or home() / "local"
        """Where its state is: made with the first job."""
        if slots is not None:
            set_slots(self.folder, slots)

    def __repr__(self) -> str:
        return f"LocalQueue({self.name!r}, slots={self.slots})"

    @property
    def slots(self) -> int:
        """How many run at a time."""
        return slots_of(self.folder)

    def submit(self, job: Job) -> None:
        """Copies the script's folder and puts the job into the queue; returns before it runs.

        Raises InvalidJob or SnapshotTooLarge; nothing is left then.
        """
        if not is_possible():
            raise InvalidJob("The local queue needs Linux or macOS. On Windows, run the script in WSL.")
        for name in (".", "jobs", "queue", "running", "slots"):
            (self.folder / name).mkdir(mode=0o700, parents=True, exist_ok=True)
        ticket = f"{time.time_ns():020d}-{job.run_id}"
        place = JobFolder(self.folder / "jobs" / job.run_id)
        try:
            place.path.mkdir(mode=0o700)
        except FileExistsError:
            raise InvalidJob(
                f"Run {job.run_id} was submitted already. Each submission needs a run of its own."
            ) from None
        try:
            if job.source_directory is not None:
                take_snapshot(job.source_directory, place.work)
            else:
                place.work.mkdir(parents=True)
            JobFolder.create(place.path, job, os.environ, ticket)
            (self.folder / "queue" / ticket).touch()
        except BaseException:
            place.remove()
            raise
        self.tend()

    def cancel(self, run_id: str) -> str:
        """Ends a run, waiting or running, with all its processes: they are asked to end, and after ten seconds killed.

        Raises RunNotFound when the queue does not have it (any more)."""
        place = self.place(run_id)
        if not place.is_there:
            raise self._not_found(run_id)
        place.ask_to_cancel()
        if self._cancel_waiting(place):
            return "The run was waiting, and was taken out of the queue."
        self.tend()
        return f"The run was asked to stop; what has not ended within {GRACE:g} s is killed."

    def _cancel_waiting(self, place: JobFolder) -> bool:
        """Ends a run that has not begun here and now: there may be no room for a worker for long."""
        lock = try_lock(place.lock)
        if lock is None:
            return False
        from .supervision import Supervision

        try:
            ticket = place.ticket
            (self.folder / "queue" / ticket).rename(self.folder / "running" / ticket)
            if not Supervision(place, grace=GRACE, patience=5.0).run():
                return False
            (self.folder / "running" / ticket).unlink(missing_ok=True)
        except FileNotFoundError:
            return False
        finally:
            os.close(lock)
        return True

    def standing(self, run_id: str) -> Standing | None:
        """Where this run stands; None when the queue does not have it (any more). Costs a look at a few files."""
        place = self.place(run_id)
        if not place.is_there:
            return None
        begun, beat = place.begun, place.heartbeat
        started = None if begun is None else begun.started
        if place.canceled_at is not None:
            return Standing(run_id, Status.CANCEL_REQUESTED, started=started, heartbeat=beat)
        if place.is_finalizing:
            return Standing(run_id, Status.FINALIZING, "Its files are being kept.", started, beat)
        if begun is not None:
            return Standing(run_id, Status.RUNNING, started=started, heartbeat=beat)
        waiting = self.waiting()
        ids = [ticket.partition("-")[2] for ticket in waiting]
        if run_id not in ids:
            return Standing(run_id, Status.PREPARING, heartbeat=beat)
        return Standing(
            run_id, Status.QUEUED, f"{_ordinal(ids.index(run_id) + 1)} of {len(ids)} in the queue of {self.name}."
        )

    def jobs(self) -> Sequence[Standing]:
        """All that run, then all that wait, in their order."""
        tickets = [*self.running(), *self.waiting()]
        found = (self.standing(ticket.partition("-")[2]) for ticket in tickets)
        return [one for one in found if one is not None]

    def tend(self, without: Collection[str] = ()) -> None:
        """Starts workers while there is room for them and something for them to do. Cheap when there is not. `without`:
        IDs of orphans that need none for the moment."""
        needed = len(self.waiting()) + len([one for one in self.orphans() if one.run_id not in without])
        for slot in self._free_slots() if needed else ():
            _start_worker(slot, self.folder)
            needed -= 1
            if needed <= 0:
                return

    def place(self, run_id: str) -> JobFolder:
        """The folder of a job, whether it is there or not. Raises RunNotFound for what can be no ID."""
        if not run_id or "/" in run_id or "\0" in run_id or run_id.startswith("."):
            raise self._not_found(run_id)
        return JobFolder(self.folder / "jobs" / run_id[:200])

    def _not_found(self, run_id: str) -> RunNotFound:
        known = [ticket.partition("-")[2] for ticket in (*self.running(), *self.waiting())]
        hint = "It has those that wait or run; how one ended says its store: Workspace(…).get_run(id).get_status()."
        return RunNotFound(run_id, f"the queue {self.name!r} of this machine", known[:5], hint)

    def waiting(self) -> list[str]:
        """Tickets of jobs that wait, in their order."""
        return _names(self.folder / "queue")

    def running(self) -> list[str]:
        """Tickets of jobs that a worker has taken, in their order."""
        return _names(self.folder / "running")

    def orphans(self) -> Iterator[JobFolder]:
        """Jobs whose worker is gone, though they are not done with."""
        for ticket in self.running():
            place = self.place(ticket.partition("-")[2])
            if not place.is_there:
                (self.folder / "running" / ticket).unlink(missing_ok=True)
            elif not is_locked(place.lock):
                yield place

    def _free_slots(self) -> Iterator[int]:
        """Locks of slots that nobody has, each as an open file that is closed after its turn."""
        for number in range(self.slots):
            opened = try_lock(self.folder / "slots" / f"{number}.lock")
            if opened is not None:
                try:
                    yield opened
                finally:
                    os.close(opened)


_started: list[subprocess.Popen[bytes]] = []
"""Workers that this process has started."""


def _start_worker(slot: int, folder: Path) -> None:
    """A worker inherits the lock of its slot: there is no moment in which another could take it."""
    # Those that have left are waited for here: no zombie stays, and none is said to be running still.
    _started[:] = [one for one in _started if one.poll() is None]
    with open(folder / "workers.log", "ab", opener=_for_its_owner) as log, contextlib.suppress(OSError):
        if log.tell() > 1 << 20:
            log.truncate(0)
        _started.append(
            subprocess.Popen(
                [sys.executable, "-m", "rundetails.compute.worker", str(slot), str(folder)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=folder,
                pass_fds=[slot],
                start_new_session=True,
                env={**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
            )
        )


def _for_its_owner(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _names(folder: Path) -> list[str]:
    # As many look often: a scan makes no object of each entry.
    try:
        with os.scandir(folder) as entries:
            return sorted(entry.name for entry in entries)
    except FileNotFoundError:
        return []


def _ordinal(number: int) -> str:
    """1st, 2nd, 3rd, 11th.

    >>> [_ordinal(number) for number in (1, 2, 3, 11, 21, 112)]
    ['1st', '2nd', '3rd', '11th', '21st', '112th']
    """
    ending = "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"
