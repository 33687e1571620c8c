"""One thread for everything that is watched in this process."""

from __future__ import annotations

import contextlib
import random
import threading
from collections import deque
from collections.abc import Callable

from ..sources.protocol import RunSource
from .clock import Clock, SystemClock
from .turn import Turn
from .watch import Viewer, Watch

SLEPT = 20.0
"""Seconds by which the wall clock and the monotonic one come apart when the machine slept, or its clock was set."""

LONGEST_WAIT = 15.0
"""Seconds that the thread waits at most before it looks at the clocks again."""


class Monitor:
    """Reads each watched run when it is due, on one daemon thread, which lives only while something is due.

    Views of one run in one store share one `Watch`, so that it is read once. `run_due` is all that the thread does:
    with `threaded=False` a test calls it itself, on a clock of its own.
    """

    def __init__(
        self, clock: Clock | None = None, chance: Callable[[], float] = random.random, *, threaded: bool = True
    ) -> None:
        self.clock = clock or SystemClock()
        self._chance = chance
        self._threaded = threaded
        self._watches: dict[tuple[str, str], Watch] = {}
        self._turns: dict[str, Turn] = {}
        self._actions: deque[Callable[[], None]] = deque()
        self._wake = threading.Condition()
        self._thread: threading.Thread | None = None
        self._offset = self._offset_now()

    def __repr__(self) -> str:
        return f"<Monitor: {len(self._watches)} runs>"

    def watch(self, source: RunSource, run_id: str, viewer: Viewer, *, begin: bool = True) -> Watch:
        """The watch of this run, new or shared, with the viewer on it. Its first read comes at once, or with `begin`
        False when the monitor is next stirred."""
        key, turn, found = (source.key, run_id), self.turn(source), None
        while found is None:
            with self._wake:
                found = self._watches.setdefault(key, Watch(source, run_id, self.clock, self._chance, turn))
            found.join(viewer)
            with self._wake:
                # Its last viewer may have left meanwhile, and it was forgotten: it is the one again, or another is.
                if self._watches.setdefault(key, found) is not found:
                    found = None
        if begin:
            self.stir()
        return found

    def unwatch(self, watch: Watch, viewer: Viewer) -> None:
        """Takes the viewer off; a watch that nobody views is forgotten."""
        watch.leave(viewer)
        with self._wake:
            if not watch.viewers:
                self._watches.pop((watch.source.key, watch.run_id), None)
        self.stir()

    def turn(self, source: RunSource) -> Turn:
        """To be held while a source is asked something: it is used by one thread at a time."""
        with self._wake:
            return self._turns.setdefault(source.key, Turn())

    def post(self, action: Callable[[], None]) -> None:
        """Has this done on the poll thread, soon: the only way in for what a page wishes."""
        self._actions.append(action)
        self.stir()

    def run_due(self) -> float | None:
        """Does all that is due; returns the seconds until more is, or None when nothing ever will be."""
        # Only those that wait now: one that goes on in steps posts itself again, and must not keep the reads waiting.
        for _ in range(len(self._actions)):
            self._actions.popleft()()
        self._wake_up()
        now = self.clock.monotonic()
        for watch in self._all():
            watch.act(now)
        if self._actions:
            return 0.0
        dues = [watch.next_due for watch in self._all()]
        earliest = min((due for due in dues if due is not None), default=None)
        return None if earliest is None else max(0.0, earliest - self.clock.monotonic())

    def _wake_up(self) -> None:
        """After a sleep of the machine everything is old: what would be read some time is read now."""
        offset = self._offset_now()
        if abs(offset - self._offset) > SLEPT:
            self._offset = offset
            for watch in self._all():
                if watch.due is not None:
                    watch.hurry()

    def _offset_now(self) -> float:
        return self.clock.time() - self.clock.monotonic()

    def _all(self) -> list[Watch]:
        with self._wake:
            return list(self._watches.values())

    def stir(self) -> None:
        """Has the thread look at what is due now."""
        with self._wake:
            # A fork leaves the thread behind: then a new one is needed.
            if self._threaded and (self._thread is None or not self._thread.is_alive()):
                self._thread = threading.Thread(target=self._loop, name="rundetails", daemon=True)
                self._thread.start()
            self._wake.notify_all()

    def _loop(self) -> None:
        while True:
            # Whatever goes wrong here must neither end the polling nor print into the user's cell.
            pause: float | None = 1.0
            with contextlib.suppress(Exception):
                pause = self.run_due()
            with self._wake:
                if self._actions:
                    continue
                if pause is None and not any(watch.next_due is not None for watch in self._watches.values()):
                    self._thread = None
                    return
                self._wake.wait_for(self._is_stirred, LONGEST_WAIT if pause is None else min(pause, LONGEST_WAIT))

    def _is_stirred(self) -> bool:
        now = self.clock.monotonic()
        return bool(self._actions) or any(w.next_due is not None and w.next_due <= now for w in self._watches.values())


_shared: Monitor | None = None
_shared_lock = threading.Lock()


def shared_monitor() -> Monitor:
    """The one monitor of this process."""
    global _shared
    with _shared_lock:
        if _shared is None:
            _shared = Monitor()
        return _shared
