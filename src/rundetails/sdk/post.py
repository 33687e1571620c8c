"""The one thread of a process that writes what its runs log, and what is done when the process ends."""

from __future__ import annotations

import atexit
import concurrent.futures.thread  # noqa: F401  # imported by MLflow: at the end of a process it would be too late
import contextlib
import os
import signal
import sys
import threading
import time
from types import FrameType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .writer import Writer

EVERY = 1.0
"""Seconds between two writings."""

EAGER = 1_000
"""Waiting points of a writer at which the thread is woken."""

SHARE = 0.01
"""Of a core that writing may take before it comes in larger batches."""

LONGEST = 10.0
"""Seconds between two writings at most."""

BUSY = 3
"""Times in a row that even the largest batches took too much, before that is said."""

PATIENCE = 30.0
"""Seconds that the end of a process waits for a store that is away."""

AT_SIGTERM = 8.0
"""The same after a SIGTERM: whoever sent it kills soon, our queue after ten seconds."""


class PostOffice:
    """Writes for all writers of a process. Its thread is a daemon, and starts with the first writer."""

    def __init__(self) -> None:
        self.writers: list[Writer] = []
        self.start_anew()

    def start_anew(self) -> None:
        """Also in a forked child, which has no thread and whose locks may be held by one that is gone."""
        self.lock = threading.RLock()
        self._wake = threading.Event()
        self._pause = EVERY
        self._thread: threading.Thread | None = None
        self._warned = False

    def join(self, writer: Writer) -> None:
        with self.lock:
            self.writers.append(writer)
        self._begin()

    def leave(self, writer: Writer) -> None:
        """Nothing more is expected of the writer."""
        with self.lock:
            self.writers = [one for one in self.writers if one is not writer]

    def hurry(self) -> None:
        """Has the thread write now, unless it was too busy of late."""
        self._begin()
        if self._pause <= EVERY:
            self._wake.set()

    def close_all(self, patience: float, status: str) -> None:
        """Writes what waits in all writers, for at most so many seconds; the rest is put aside. Runs of this process
        that nobody has ended end in this state."""
        ends = time.monotonic() + patience
        for writer in list(self.writers):
            while True:
                with contextlib.suppress(Exception):
                    writer.close(max(0.0, ends - time.monotonic()))
                    writer.end(status)
                    break
                if time.monotonic() + 0.5 > ends:
                    if writer.is_dirty:
                        writer.give_up()
                    break
                time.sleep(0.5)

    def give_up(self) -> None:
        """Puts aside what waits in all writers."""
        for writer in list(self.writers):
            if writer.is_dirty:
                writer.give_up()

    def _begin(self) -> None:
        if self._thread is None or not self._thread.is_alive():
            with self.lock:
                if self._thread is None or not self._thread.is_alive():
                    self._thread = threading.Thread(target=self._loop, name="rundetails-writer", daemon=True)
                    self._thread.start()

    def _loop(self) -> None:
        failures = busy = 0
        while True:
            self._wake.wait(self._pause if not failures else min(LONGEST, EVERY * 1.5**failures))
            self._wake.clear()
            # The first time MLflow is loaded: that is not the cost of writing.
            for writer in list(self.writers):
                writer.prepare()
            began = time.thread_time()
            failed = self._round()
            failures = failures + 1 if failed else 0
            cost = time.thread_time() - began
            self._pause = min(LONGEST, max(EVERY, cost / SHARE)) if not failed else self._pause
            busy = busy + 1 if cost / SHARE > LONGEST and not failed else 0
            if busy >= BUSY:
                self._note_speed(cost)

    def _round(self) -> bool:
        """Lets each writer write; returns whether one could not."""
        return sum(not writer.write_some() for writer in list(self.writers)) > 0

    def _note_speed(self, cost: float) -> None:
        if self._warned or not self.writers:
            return
        self._warned = True
        self.writers[-1].notice(
            f"So much is logged that writing it takes {cost / (self._pause + cost):.0%} of a core. It is now written "
            f"every {LONGEST:g} s; log every tenth step to spare your training."
        )


_office: PostOffice | None = None


def post_office() -> PostOffice:
    """The one of this process."""
    global _office
    if _office is None:
        _office = PostOffice()
        atexit.register(_at_exit)
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=_after_fork)
        _end_with_multiprocessing()
    _listen_for_sigterm()
    return _office


def _at_exit() -> None:
    if _office is not None:
        _ask_once(PATIENCE)
        _office.close_all(PATIENCE, "FINISHED")


def _ask_once(patience: float) -> None:
    """MLflow would try for minutes to reach a server that is away, and this process ends: we try again ourselves."""
    os.environ["MLFLOW_HTTP_REQUEST_MAX_RETRIES"] = "0"
    os.environ["MLFLOW_HTTP_REQUEST_TIMEOUT"] = f"{max(1.0, patience / 4):.0f}"


def _after_fork() -> None:
    if _office is None:
        return
    _office.start_anew()
    from .client import forget_connections

    forget_connections()
    for writer in _office.writers:
        writer.disown()
        writer._created_here = False
        writer._start_anew()
    util = sys.modules.get("multiprocessing.util")
    if util is not None:
        util.register_after_fork(_office, lambda _: _end_with_multiprocessing())


def _end_with_multiprocessing() -> None:
    """A child of `multiprocessing` leaves by `os._exit`, after finalizers of its own."""
    util = sys.modules.get("multiprocessing.util")
    if util is not None:
        util.Finalize(None, _at_exit, exitpriority=100)


def _listen_for_sigterm() -> None:
    """Only where the process would just die: who handles the signal also ends in an orderly way."""
    if threading.current_thread() is threading.main_thread() and signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
        signal.signal(signal.SIGTERM, _terminated)


def _terminated(number: int, _: FrameType | None) -> None:
    # On a thread of its own: this one may hold a lock that writing needs.
    _ask_once(AT_SIGTERM)
    helper = threading.Thread(target=post_office().close_all, args=(AT_SIGTERM, "KILLED"), daemon=True)
    helper.start()
    helper.join(AT_SIGTERM + 1)
    if helper.is_alive():
        # The store does not answer, or MLflow is still being imported.
        with contextlib.suppress(Exception):
            post_office().give_up()
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    os.kill(os.getpid(), number)
