"""A worker of the local queue: `python -m rundetails.compute.worker SLOT FOLDER`, started by the queue itself."""

from __future__ import annotations

import os
import signal
import sys
import traceback
from collections.abc import Mapping
from pathlib import Path

from ..redact import redact
from .folder import JobFolder
from .local import GRACE, LocalQueue
from .locks import try_lock
from .supervision import Supervision


def work(queue: LocalQueue, grace: float = GRACE) -> set[str]:
    """Sees one job after the other through, until none waits. What cannot be told to its store is left for later: the
    IDs are returned."""
    left: set[str] = set()
    while job := _next(queue, left):
        place, lock = job
        is_done = False
        try:
            supervision = Supervision(place, grace=grace, at_heartbeat=queue.tend)
            _take_environment(supervision.environment)
            is_done = supervision.run()
        except Exception:
            # Whatever it is: those that wait have nothing to do with it.
            sys.stderr.write(redact(traceback.format_exc()))
        finally:
            if is_done:
                for ticket in queue.running():
                    if ticket.partition("-")[2] == place.run_id:
                        (queue.folder / "running" / ticket).unlink(missing_ok=True)
            else:
                left.add(place.run_id)
            os.close(lock)
    return left


def _take_environment(environment: Mapping[str, str]) -> None:
    """That of whoever submitted, with what its store needs, and without the credentials of the job before."""
    ours = {name: os.environ[name] for name in os.environ if name.startswith("RUNDETAILS_")}
    os.environ.clear()
    os.environ.update({**environment, **ours})


def _next(queue: LocalQueue, left: set[str]) -> tuple[JobFolder, int] | None:
    """What another worker left behind, else the first in the queue; with its lock held."""
    for place in queue.orphans():
        if place.run_id not in left and (lock := try_lock(place.lock)) is not None:
            if place.is_there:
                return place, lock
            os.close(lock)
    for ticket in queue.waiting():
        place = queue.place(ticket.partition("-")[2])
        if not place.is_there:
            (queue.folder / "queue" / ticket).unlink(missing_ok=True)
            continue
        lock = try_lock(place.lock)
        if lock is None:
            continue
        try:
            (queue.folder / "queue" / ticket).rename(queue.folder / "running" / ticket)
        except FileNotFoundError:
            os.close(lock)
            continue
        return place, lock
    return None


def main(slot: int, folder: Path) -> None:
    # Who ends a kernel ends its children by a hangup too.
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    queue = LocalQueue(folder=folder)
    left = work(queue, float(os.environ.get("RUNDETAILS_GRACE", GRACE)))
    # Whoever put something into the queue just now saw this slot taken.
    os.close(slot)
    queue.tend(left)


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))
