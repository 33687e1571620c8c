"""One view of one run: carries news from the watch to the page and to the twin, and wishes back."""

from __future__ import annotations

import contextlib
import functools
import math
import uuid
from collections import deque
from collections.abc import Callable, Iterator
from typing import Any

from . import cell, contract, wire
from .child_wishes import ChildWishes
from .choosing_wishes import ChoosingWishes
from .file_wishes import FileWishes
from .log_wishes import LogWishes
from .logs import sentence
from .looking import Looking
from .monitor import Change, Monitor, Pace, Watch
from .opened import Opened
from .redact import redact
from .sources.protocol import RunSource
from .twin import reopening
from .twin_output import TwinOutput
from .wishes import Buffers, Grant, NotUnderstood, SeriesGone, number

ALIVE_EVERY = 90.0
"""Seconds after which a page that had no news is told that reading goes on."""

ZOOM_POINTS = 4_000
"""Points of a range that a page asked for, at most."""

FIRST_WANTED = 12
"""Metrics whose points are read before a page has said what it shows."""

RATE_OVER = 300.0
"""Seconds over which requests are counted."""


class Presenter:
    """A `Viewer` with a widget. All sending is done on the poll thread; handlers only enqueue."""

    def __init__(self, source: RunSource, run_id: str, pace: Pace, monitor: Monitor) -> None:
        self.key = uuid.uuid4().hex[:8]
        self.is_paused = False
        self.widget: Any = None
        self._source = source
        self._run_id = run_id
        self._pace = pace
        self.monitor = monitor
        self._watch: Watch | None = None
        self._looking = Looking(monitor.clock)
        self._logs = LogWishes(source, run_id, self)
        self._files = FileWishes(source, run_id, self)
        self.children = ChildWishes(source)
        self._choosing = ChoosingWishes(source, self)
        self._opened = Opened(self._present)
        self._stop_listening: Callable[[], None] = lambda: None
        self._cached: contract.Snapshot | None = None
        self._address: str | None = None
        self._address_sought = False
        self._all_for = 0
        """How many wait for the numbers of all metrics."""
        self._told = monitor.clock.monotonic()
        self._made: deque[tuple[float, int]] = deque()
        """When the source had made how many requests."""
        self._twin = TwinOutput(self.key, monitor.clock, self.tell)

    @property
    def pace(self) -> Pace:
        return self._pace

    def is_lost(self, view: str) -> bool:
        """Whether a view is gone without a word."""
        return self._looking.is_lost(view)

    def shows(self, watch: Watch) -> bool:
        """Whether this is the run that is shown."""
        return self._watch is watch

    def is_seen(self) -> bool:
        return self.widget is None or self._looking.is_seen()

    @property
    def watch(self) -> Watch:
        """The watch; reading begins with the first look at it."""
        return self._watching(begin=True)

    def _watching(self, *, begin: bool) -> Watch:
        if self._watch is None:
            self._watch = self.monitor.watch(self._source, self._run_id, self, begin=begin)
        return self._watch

    def wanted(self, watch: Watch) -> frozenset[str] | None:
        if self.widget is None or self._all_for:
            return None
        seen = self._looking.metrics()
        names = list(watch.state.series)[:FIRST_WANTED] if seen is None else seen
        return frozenset(names) | frozenset(wire.headline(watch.state))

    @contextlib.contextmanager
    def reading_all(self) -> Iterator[None]:
        """While it lasts all metrics are read, whatever is shown."""
        watch = self.watch
        with watch.lock:
            self._all_for += 1
        try:
            yield
        finally:
            with watch.lock:
                self._all_for -= 1

    @property
    def wants_children(self) -> bool:
        """Whether anybody sees them."""
        return self.widget is not None

    def attach(self, widget: Any) -> None:
        """Speaks over a widget that somebody else shows."""
        self.widget = widget
        self._seek_address(self.watch)

    def _present(self, run_id: str) -> Presenter:
        if "instant" in self._source.capabilities:
            with self.monitor.turn(self._source):
                self._source.find(run_id)
        return Presenter(self._source, run_id, self._pace, self.monitor)

    def display(self) -> None:
        """Shows the widget and its twin in the running cell."""
        from IPython.display import display

        # Reading begins when the widget is there: the first paint does not compete with it.
        watch = self._watching(begin=False)
        with watch.lock:
            # Under the lock, so that no news falls between the state that the page starts from and the first message.
            if self.widget is None:
                from .widget import RunView

                self.widget = RunView(self.whole, self._wished)
                self._stop_listening = cell.on_cell_begin_and_end(self._looking.kernel_is)
            model = self.widget.model_id
            twin = self._twin.bundle(watch, self._twin.made(watch))
        view = {"version_major": 2, "version_minor": 0, "model_id": model}
        display(  # type: ignore[no-untyped-call]
            {"text/plain": reopening(watch.state.run), "application/vnd.jupyter.widget-view+json": view}, raw=True
        )
        self._twin.show(twin)
        self._seek_address(watch)
        self.monitor.stir()

    def close(self) -> None:
        """Stops reading for this view and all that was opened in it, and takes it off the page; the twin stays, and is
        brought up to date."""
        self._stop_listening()
        self._opened.close()
        if self._watch is not None:
            with self._watch.lock:
                if self.widget is not None and self._twin.is_shown:
                    self._twin.write(self._watch)
            self.monitor.unwatch(self._watch, self)
            self._watch = None
        if self.widget is not None:
            self.widget.close()
            self.widget.layout.close()
            self.widget = None
        self._twin.is_shown = False
        self._cached = None

    def pause(self, paused: bool) -> None:
        """Asks for no more reads, or for more."""
        self.is_paused = paused
        self.watch.pause_or_resume()

    def changed(self, watch: Watch, change: Change) -> None:
        if self.widget is None:
            return
        encoded = wire.encode(watch.state, change, self._around())
        self.tell(encoded.message, encoded.buffers)
        self._seek_address(watch)
        self._twin.refresh(watch)
        self._logs.read(watch, is_seen=self._looking.is_seen())

    def checked(self, watch: Watch) -> None:
        if self.widget is not None:
            self._twin.refresh(watch)
        self._files.sweep()
        self._logs.read(watch, is_seen=self._looking.is_seen())
        requests = self._requests_a_minute()
        if self.widget is None or self.monitor.clock.monotonic() - self._told < ALIVE_EVERY:
            return
        self._tell_alive(watch, requests)

    def _tell_alive(self, watch: Watch, requests: float | None) -> None:
        alive: contract.AliveMessage = {
            "kind": "alive",
            "seq": watch.state.seq,
            "now": self.monitor.clock.time(),
            "at": watch.state.at,
        }
        if requests is not None:
            alive["requests"] = requests
        if self._address is not None:
            alive["portal_url"] = self._address
        self.tell(alive)

    def tell(self, message: object, buffers: Buffers | None = None) -> None:
        """Sends a message; a page that is gone is no error."""
        self._told = self.monitor.clock.monotonic()
        # A page that is gone is no reason to stop reading, and there is nobody to print to.
        with contextlib.suppress(Exception):
            self.widget.tell(message, buffers)

    def _around(self) -> wire.Surroundings:
        can = self._source.capabilities
        return wire.Surroundings(
            version=package_version(),
            source={
                "name": self._source.name,
                "portal_url": self._address,
                "can_zoom": "range" in can,
                "selective": "selective" in can,
                "requests": self._requests_a_minute(),
                "has_logs": "files" in can,
            },
            now=self.monitor.clock.time(),
            read_every=None if self._pace.once else [self._pace.shortest, self._pace.longest],
        )

    def _seek_address(self, watch: Watch) -> None:
        """Asks for it once, after the first good read, when nobody waits: it may cost a server a request."""
        if not self._address_sought and watch.state.at is not None:
            self._address_sought = True
            self.monitor.post(lambda: self._take_address(watch))

    def _take_address(self, watch: Watch) -> None:
        with contextlib.suppress(Exception), watch.turn:
            self._address = self._source.portal_url(self._run_id)
        with watch.lock:
            if self._address is not None and self.widget is not None:
                self._cached = None
                self._tell_alive(watch, self._requests_a_minute())

    def _requests_a_minute(self) -> float | None:
        """What this view's store was asked of late, by all that watch it; None when no server is asked."""
        made = self._source.requests
        if made is None:
            return None
        now = self.monitor.clock.monotonic()
        self._made.append((now, made))
        while len(self._made) > 2 and self._made[1][0] <= now - RATE_OVER:
            self._made.popleft()
        began, before = self._made[0]
        # A minute at least: the first reads of a run are many, and come at once.
        return round((made - before) * 60 / max(60.0, now - began), 1)

    def whole(self) -> contract.Snapshot:
        """The snapshot; a reload asks for it twice, so it is kept until something changes."""
        watch = self.watch
        with watch.lock:
            if self._cached is None or self._cached["seq"] != watch.state.seq:
                self._cached = wire.snapshot(watch.state, self._around(), self.key)
            now = self.monitor.clock.time()
            return {**self._cached, "now": now, "at": watch.state.at}

    def _wished(self, wish: contract.Wish) -> None:
        """Called on any of the kernel's threads: enqueues."""
        self.monitor.post(lambda: self.grant(wish))

    def grant(self, wish: contract.Wish) -> None:
        """Does what the page wishes, and answers. On the poll thread."""
        watch = self._watch
        if watch is None:
            # Wished before the close and heard after it: nobody looks any more.
            return
        if wish.get("opened", self._run_id) != self._run_id:
            self._grant_opened(watch, wish)
            return
        given: object = wish.get("id")
        known = given if isinstance(given, int) else 0
        answer: contract.AnswerMessage = {"kind": "answer", "id": known, "seq": watch.state.seq}
        buffers: list[memoryview] = []
        try:
            if self._do(watch, wish, answer, buffers):
                return
        except Exception as error:
            answer["error"] = sentence(error)
        self.answer(watch, answer, buffers)

    def _grant_opened(self, watch: Watch, wish: contract.Wish) -> None:
        try:
            self._opened.hear(wish, self.widget)
        except Exception as error:
            given: object = wish.get("id")
            known = given if isinstance(given, int) else 0
            message: contract.AnswerMessage = {"kind": "answer", "id": known, "seq": watch.state.seq}
            self.tell({**message, "opened": str(wish.get("opened")), "error": sentence(error)})

    def answer(self, watch: Watch, answer: contract.AnswerMessage, buffers: Buffers | None = None) -> None:
        """Answers a wish."""
        # Under the lock: what another thread publishes just now must not come after its number.
        with watch.lock:
            answer["seq"] = watch.state.seq
            if self.widget is not None:
                with contextlib.suppress(Exception):
                    self.widget.tell(answer, buffers)

    def _do(self, watch: Watch, wish: contract.Wish, answer: contract.AnswerMessage, buffers: Buffers) -> bool | None:
        name, view = wish.get("wish"), str(wish.get("view", ""))
        if name == "leave":
            self._looking.left(view)
            self._logs.close(view)
            self._files.close(view)
            return None
        if self._looking.heard(view, wish.get("visible")) and watch.state.health.state == "live":
            watch.hurry()
        if "metrics" in wish:
            self._sees(watch, view, wish["metrics"])
        grant = self._grants.get(str(name))
        return None if grant is None else grant(watch, wish, answer, buffers)

    def _sees(self, watch: Watch, view: str, ids: list[int]) -> None:
        if not isinstance(ids, list) or not all(isinstance(one, int) for one in ids):
            raise NotUnderstood
        with watch.lock:
            names = {identity: name for name, identity in watch.state.ids.items()}
            shown = frozenset(names[one] for one in ids if one in names)
            is_new = self._looking.sees(view, shown)
            behind = any(series.is_behind for name, series in watch.state.series.items() if name in shown)
        if is_new and behind and watch.state.health.state in ("live", "ended"):
            watch.hurry()

    @property
    def _grants(self) -> dict[str, Grant]:
        """What is done for each wish. Done on the poll thread."""
        return {
            "refresh": lambda watch, *_: watch.hurry(),
            "pause": lambda *_: self.pause(True),
            "resume": lambda *_: self.pause(False),
            "snapshot": self._everything,
            "twin_written": self._written,
            "range": self._zoom,
            "cancel": self._cancel,
            **self._logs.grants,
            **self._files.grants,
            **self.children.grants,
            **self._choosing.grants,
        }

    def _everything(self, watch: Watch, *_: object) -> None:
        with watch.lock:
            encoded = wire.everything(watch.state, self._around())
        self.tell(encoded.message, encoded.buffers)

    def _written(self, *_: object) -> None:
        self._twin.is_in_page = True

    def _cancel(self, watch: Watch, _: contract.Wish, answer: contract.AnswerMessage, __: Buffers) -> None:
        with watch.turn:
            answer["said"] = redact(self._source.cancel(self._run_id))
        watch.hurry()

    def _zoom(self, watch: Watch, wish: contract.Wish, answer: contract.AnswerMessage, buffers: Buffers) -> None:
        with watch.lock:
            metric = next((name for name, one in watch.state.ids.items() if one == wish.get("series")), None)
        if metric is None:
            raise SeriesGone
        first, last = math.floor(number(wish, "first_step")), math.ceil(number(wish, "last_step"))
        with watch.turn:
            points, count = self._source.read_range(self._run_id, metric, first, last, ZOOM_POINTS)
        answer["series"], answer["count"] = int(wish["series"]), count
        buffers.append(wire.points_buffer(points))


@functools.cache
def package_version() -> str:
    """The installed version; looked up once."""
    from importlib.metadata import version

    try:
        return version("rundetails")
    except Exception:  # pragma: no cover - only where the package is not installed
        return "0"
