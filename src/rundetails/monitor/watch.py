"""One run of one store, watched by any number of views."""

from __future__ import annotations

import contextlib
import math
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Protocol

from ..errors import AuthExpired, RunDetailsError, RunNotFound, SourceUnavailable
from ..facts import ChildrenDelta, Cursor, Points, Run, Status
from ..insight import Looker
from ..redact import redact
from ..sources.protocol import RunSource
from .children import ChildrenChange, told_children
from .clock import Clock
from .failure import find_failure
from .schedule import COST_FACTOR, LONGEST_BACK_OFF, SIGN_IN_AGAIN, UNSEEN, Pace, back_off, next_pause
from .state import Change, Health, RunState, State
from .turn import Turn

WHOLE_ABOVE = 2_000
"""A series that grows by more than this in one read is sent to the pages anew."""

SWEEP_EVERY = 300.0
"""Seconds after which all children are looked at again: one that has ended can still change."""

SELDOM = 60.0
"""Seconds between two looks for children of a run on a server that has none and logs metrics itself, or after a look
that failed."""

ENDED_LATELY = 60.0
"""A run that ended less than this many seconds before its first read is read once more: late points may follow."""


class Viewer(Protocol):
    """Somebody who wants to know what changes. Called on the poll thread, with the watch's lock held."""

    @property
    def pace(self) -> Pace:
        """How often it wants the run read."""

    @property
    def is_paused(self) -> bool:
        """Whether it asked for no more reads."""

    def is_seen(self) -> bool:
        """Whether somebody may be looking; True when unknown."""

    @property
    def wants_children(self) -> bool:
        """Whether it shows the runs below this one."""

    def wanted(self, watch: Watch) -> frozenset[str] | None:
        """Metrics whose points it shows; None: all."""

    def changed(self, watch: Watch, change: Change) -> None:
        """Something is new: `watch.state` holds it."""

    def checked(self, watch: Watch) -> None:
        """The run was read and nothing is new."""


class Watch:
    """Reads one run again and again, and keeps what it knows. Only the monitor calls `read_now`."""

    def __init__(self, source: RunSource, run_id: str, clock: Clock, chance: Callable[[], float], turn: Turn) -> None:
        """`turn` is held by whoever asks the source something: it is used by one thread at a time."""
        self.source = source
        self.run_id = run_id
        self.lock = threading.RLock()
        self.news = threading.Condition(self.lock)
        self.state = RunState(Run(run_id))
        self.error: RunDetailsError | None = None
        self.due: float | None = clock.monotonic()
        self.reads = 0
        self.turn = turn
        self._clock = clock
        self._chance = chance
        self._cursor: Cursor | None = None
        self._looker = Looker()
        self._viewers: list[Viewer] = []
        self._failures = 0
        self._last_read_done = False
        self._failure_sought = ""
        self._seeking = threading.Lock()
        self.children_due: float | None = None
        """When more of the runs below this one are to be read, beside what comes with each read; None: not now."""
        self._children_cursor: Cursor | None = None
        self._told_for: Run | None = None
        self._children_read = float("-inf")
        self._children_cost = 0.0
        self._swept = float("-inf")
        self._swept_after_end = False

    def __repr__(self) -> str:
        return f"<Watch: {self.run_id} in {self.source.name}, {self.state.health.state}>"

    @property
    def viewers(self) -> Sequence[Viewer]:
        return tuple(self._viewers)

    @property
    def pace(self) -> Pace:
        """The quickest that a viewer wants."""
        paces = [viewer.pace for viewer in self._viewers if not viewer.pace.once]
        if not paces:
            return Pace(once=True)
        return Pace(min(pace.shortest for pace in paces), min(pace.longest for pace in paces))

    def join(self, viewer: Viewer) -> None:
        """From now on the viewer hears of changes; it holds the lock while it takes the state up to here."""
        with self.lock:
            if viewer not in self._viewers:
                self._viewers.append(viewer)
            is_over = self.state.run.status.has_ended and not self.state.run.may_go_on
            if self.due is None and not viewer.pace.once and not is_over:
                self.due = self._clock.monotonic()

    def leave(self, viewer: Viewer) -> None:
        """The viewer hears no more; with the last one, reading stops."""
        with self.lock:
            if viewer in self._viewers:
                self._viewers.remove(viewer)
            if not self._viewers:
                self.due = None

    def hurry(self) -> None:
        """Read as soon as possible, even when paused, ended or waiting after a failure."""
        with self.lock:
            self.due = self._clock.monotonic()

    def pause_or_resume(self) -> None:
        """Takes note that a viewer paused, or wants to go on."""
        with self.lock:
            paused = bool(self._viewers) and all(viewer.is_paused for viewer in self._viewers)
            if paused and self.state.health.state in ("live", "stale"):
                self.due = None
                self._publish(Change(), Health("paused", "Reading is paused."))
            elif not paused and self.state.health.state == "paused":
                self.due = self._clock.monotonic()

    @property
    def next_due(self) -> float | None:
        """When something is to be done; None: never."""
        dues = [due for due in (self.due, self.children_due) if due is not None]
        return min(dues, default=None)

    def act(self, now: float) -> None:
        """Does what is due."""
        if self.due is not None and self.due <= now:
            self.read_now()
        elif self.children_due is not None and self.children_due <= now:
            self.read_children()

    def read_children(self) -> None:
        """One read of the runs below this one; no failure of it takes anything from the run itself."""
        with self.lock:
            self.children_due = None
            run, cursor, children = self.state.run, self._children_cursor, self.state.children
            if not self._are_children_wanted():
                return
            now = self._clock.monotonic()
            has_ended = run.status.has_ended
            is_late = has_ended and not self._swept_after_end
            sweep = cursor is not None and not children.left and (is_late or now - self._swept > SWEEP_EVERY)
            if cursor is None or sweep:
                self._swept, self._swept_after_end = now, has_ended
            self._children_read = now
        error, told = "", None
        delta = ChildrenDelta(cursor)
        try:
            with self.turn:
                delta = self.source.read_children(self.run_id, cursor, sweep=sweep)
                if self._told_for is not run:
                    told, self._told_for = told_children(self.source, run), run
        except Exception as found:
            error = redact(str(found))
            if isinstance(found, SourceUnavailable) and found.retry_after:
                self.turn.leave_alone(self._clock.monotonic() + found.retry_after, error)
        with self.lock:
            self._children_cursor = delta.cursor
            change = children.take(run, delta, told) if not error else ChildrenChange()
            if error != children.error:
                children.error, change = error, replace(change, family=True)
            if delta.remaining and self._viewers:
                self.children_due = self._clock.monotonic()
            if change.moved:
                self._looker.hear_children(*children.signs())
            self._children_cost = self._clock.monotonic() - now
            if change:
                self._publish(self._looked(Change(children=change)), self.state.health)

    def learn(self, metric: str, curves: Mapping[str, Points]) -> None:
        """Takes in what the curves of runs below this one showed."""
        with self.lock:
            change = self.state.children.learn(metric, curves)
            if change:
                self._publish(Change(children=change), self.state.health)

    def _are_children_wanted(self) -> bool:
        """Whether it is time to look for runs below this one."""
        if "children" not in self.source.capabilities or not any(one.wants_children for one in self._viewers):
            return False
        if all(one.is_paused for one in self._viewers):
            return False
        if self.state.children.error and self._clock.monotonic() - self._children_read < SELDOM:
            return False
        if self.state.children.left or self._children_cursor is None:
            return True
        if self._clock.monotonic() - self._children_read < COST_FACTOR * self._children_cost:
            return self.state.run.status.has_ended and not self._swept_after_end
        if self.source.requests is None or self.state.children.all:
            return True
        # A server is not asked at each tick of a run that trains by itself.
        is_alone = bool(self.state.series)
        return not is_alone or self._clock.monotonic() - self._children_read > SELDOM

    def read_now(self) -> None:
        """One read, and what follows from it."""
        began = self._clock.monotonic()
        if self.turn.free_at > began:
            with self.lock:
                self._put_off(self.turn.free_at - began)
            return
        try:
            with self.lock:
                wanted = self._wanted()
            with self.turn:
                delta = self.source.read(self.run_id, self._cursor, wanted)
        except Exception as error:
            with self.lock:
                self.reads += 1
                self._failed(error)
            return
        cost = self._clock.monotonic() - began
        with self.lock:
            self.reads += 1
            self._cursor = delta.cursor
            self._failures, self.error = 0, None
            first = self.state.at is None
            self.state.at = self._clock.time()
            change = self.state.merge(delta, WHOLE_ABOVE)
            if not delta.remaining:
                change = self._looked(change)
            self._publish(change, self._plan(first, delta.remaining, cost))
        if self.children_due is None:
            self.read_children()
        self.seek_failure()

    def seek_failure(self) -> None:
        """Looks in the logs for the reason, when the run has failed: once then, and once after the last read.

        Who comes while another thread looks waits for it.
        """
        with self._seeking:
            self._seek_failure()

    def _seek_failure(self) -> None:
        with self.lock:
            state, before = self.state, self._failure_sought
            now = state.health.state
            if state.run.status is not Status.FAILED or state.failure is not None or before in (now, "ended"):
                return
            self._failure_sought = now
        if "files" not in self.source.capabilities:
            return
        # Only the reason is missing then: the run itself was read well.
        with contextlib.suppress(Exception):
            with self.turn:
                found = find_failure(self.source, self.run_id)
            with self.lock:
                if found is not None:
                    self.state.failure = found
                    self._publish(Change(failure=True), self.state.health)

    def _wanted(self) -> frozenset[str] | None:
        """What all viewers together want to see; None: all."""
        if "selective" not in self.source.capabilities:
            return None
        every = [viewer.wanted(self) for viewer in self._viewers]
        if None in every:
            return None
        return frozenset(self._odd()).union(*(one for one in every if one is not None))

    def _odd(self) -> Iterator[str]:
        """Metrics that are no number any more: nobody sees them, and somebody should hear of it."""
        for name, series in self.state.series.items():
            last = series.stats.last
            if series.is_behind and last is not None and not math.isfinite(last):
                yield name

    def _looked(self, change: Change) -> Change:
        """With what follows from the news, or from their absence."""
        state = self.state
        # Whatever goes wrong in there is no reason to keep back the facts.
        with contextlib.suppress(Exception):
            parts = self._looker.look(state.run, state.series, change.moved, self._clock.time(), reset=change.reset)
            state.insight = self._looker.insight
            return replace(change, insight=parts)
        return change

    def _plan(self, first: bool, remaining: int, cost: float) -> Health:
        """Decides when the next read is due."""
        now, run, pace = self._clock.monotonic(), self.state.run, self.pace
        if remaining:
            self.due = now
            return Health("live", remaining=remaining)
        if run.status.has_ended and not run.may_go_on:
            ended_lately = run.ended is None or abs(self._clock.time() - run.ended) < ENDED_LATELY
            if self._last_read_done or pace.once or (first and not ended_lately):
                self.due, self._last_read_done = None, True
                return Health("ended")
            self._last_read_done = True
            self.due = now + pace.shortest
            return Health("live")
        self._last_read_done = False
        if pace.once:
            self.due = None
            return Health("ended", "Read once, as asked.")
        if all(viewer.is_paused for viewer in self._viewers):
            self.due = None
            return Health("paused", "Reading is paused.")
        # Where runs may still come to what has ended, a server is asked as seldom as if nobody looked.
        is_idle = run.status.has_ended and self.source.requests is not None
        seen = not is_idle and any(viewer.is_seen() for viewer in self._viewers)
        passes = self.source.requests is None and self.state.run.status.passes
        self.due = now + next_pause(pace, self._chance(), seen=seen, cost=cost, passes=passes)
        return Health("live")

    def _put_off(self, pause: float) -> None:
        """Another run of this store was told that it wants to be left alone."""
        # Not all at the same moment.
        self.due = self._clock.monotonic() + pause * (1 + 0.1 * self._chance())
        self._publish(Change(), Health("stale", self.turn.message, self.state.at, self._clock.time() + pause))

    def _failed(self, error: Exception) -> None:
        """Keeps what is known, says so, and plans another try."""
        self._failures += 1
        if isinstance(error, RunDetailsError):
            self.error, message = error, redact(str(error))
        else:
            self.error = RunDetailsError(redact(f"{type(error).__name__}: {error}"))
            message = f"Reading failed unexpectedly. {self.error}"
        state: State = "stale"
        if isinstance(error, RunNotFound):
            pause, state = UNSEEN, "gone"
        else:
            retry_after = error.retry_after if isinstance(error, SourceUnavailable) else None
            longest = SIGN_IN_AGAIN if isinstance(error, AuthExpired) else LONGEST_BACK_OFF
            pause = back_off(self.pace, self._chance(), self._failures, retry_after, longest)
            if retry_after:
                self.turn.leave_alone(self._clock.monotonic() + retry_after, message)
        retry_at = None if self.pace.once else self._clock.time() + pause
        self.due = None if retry_at is None else self._clock.monotonic() + pause
        self._publish(Change(), Health(state, message, self.state.at, retry_at))

    def _publish(self, change: Change, health: Health) -> None:
        """Tells the viewers."""
        if health != self.state.health:
            self.state.health = health
            change = replace(change, health=True)
        if change:
            self.state.seq += 1
        for viewer in self.viewers:
            # One that fails, such as a figure that its user took apart, takes nothing from the others.
            with contextlib.suppress(Exception):
                if change:
                    viewer.changed(self, change)
                else:
                    viewer.checked(self)
        self.news.notify_all()
