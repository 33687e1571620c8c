"""One read of a run behind a server: what is to be asked, in which order, and for how long."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace

from ..errors import SourceUnavailable
from ..facts import Delta, Overview, Points, Run
from .mlflow_facts import meant
from .server_points import Latest, Metric, News, PointsOfServer

LONGEST = 0.5
"""Seconds that a read asks on; one request more may be under way then."""

MOST_REQUESTS = 100
"""Requests of one read."""

OTHERS = 300
"""Metrics whose history is read although nobody sees them, so that tables show their lowest, highest and best."""

OTHERS_LONG = 250_000
"""Points of long histories that are read although nobody sees them: ten seconds of a server's time."""

LOOK_AGAIN_EVERY = 10
"""Reads, idle ones too, between two looks for points that came late: they do not move the latest point."""

LOOKED_AT_AGAIN = 4
"""Metrics that one such look is about."""

DEAR = 0.25
"""Seconds that news of a metric may take; if they took more, it is left alone for a while, as `pause_after` says."""


def pause_after(cost: float) -> float:
    """Seconds that a metric is left alone after news of it took `cost` seconds.

    >>> pause_after(0.01), pause_after(2.0)
    (0.0, 40.0)
    """
    return max(15.0, 20 * cost) if cost > DEAR else 0.0


@dataclass(frozen=True, slots=True)
class ServerCursor:
    """Where reading stopped."""

    run: Run
    metrics: Mapping[str, Metric] = field(default_factory=dict)
    asked: float = 0.0
    """When the server was last asked for the run itself, on the source's clock."""
    is_waiting: bool = False
    """Whether the last read left work for the next."""
    ticks: int = 0
    """How often the server was asked for the run itself."""
    turn: int = 0
    """Whose turn it is to be looked at again."""
    again: frozenset[str] = frozenset()
    """Metrics to be looked at again."""
    others_long: int = 0
    """How much of `OTHERS_LONG` is used up."""


class Reading:
    """Does the work of one read."""

    def __init__(
        self,
        points: PointsOfServer,
        cursor: ServerCursor,
        wanted: Collection[str] | None,
        clock: Callable[[], float],
        requests: Callable[[], int],
    ) -> None:
        """`cursor`: with the latest points that the server has just told. `requests`: how many were made so far."""
        self._source = points
        self._cursor = cursor
        self._wanted = wanted
        self._clock = clock
        self._requests = requests
        self._metrics = dict(cursor.metrics)
        self._again = set(cursor.again)
        self._others_long = cursor.others_long
        self._number = {key: number for number, key in enumerate(self._metrics)}
        self._points: dict[str, list[Points]] = {}
        self._overview: dict[str, Overview] = {}
        self._arrived: list[str] = []
        self.error: SourceUnavailable | None = None
        """What ended it early, after some had been read: that is kept, and the next read begins with the error."""

    def work(self) -> None:
        """Asks until all is known, or time is up: first for what somebody sees."""
        until, most = self._clock() + LONGEST, self._requests() + MOST_REQUESTS
        waiting = sorted((key for key in self._metrics if self._is_due(key)), key=self._rank)
        queue = deque(waiting)
        while queue and self._clock() < until and self._requests() < most:
            key = queue.popleft()
            try:
                self._do(key)
            except SourceUnavailable as error:
                # A server that gives little at a time would never come to an end else.
                if not self._points:
                    raise
                self.error = error
                return
            if self._is_due(key):
                queue.append(key)

    def delta(self, moved: Collection[str], run: Run | None) -> Delta:
        """What came of it. `moved`: metrics whose latest point is new; `run`: its facts, where they are new."""
        remaining = sum(self._left(key) for key in self._metrics if self._is_due(key))
        here = replace(
            self._cursor,
            metrics=self._metrics,
            is_waiting=remaining > 0,
            again=frozenset(self._again),
            others_long=self._others_long,
        )
        return Delta(
            here,
            run,
            points={key: joined for key, parts in self._points.items() if len(joined := Points.joined(parts))},
            latest={key: _point(self._metrics[key].seen) for key in moved if not self._is_read(key)},
            overview=self._overview,
            arrived=self._arrived,
            remaining=remaining,
        )

    def _do(self, key: str) -> None:
        metric, began = self._metrics[key], self._clock()
        if metric.read is None and not metric.is_paging:
            news = self._source.begin(self._cursor.run.id, key, metric)
        elif metric.is_paging:
            news = self._source.turn_page(self._cursor.run.id, key, metric)
        elif key in self._again:
            news = self._slowed(self._source.look_again(self._cursor.run.id, key, metric), began)
            self._again.discard(key)
        else:
            news = self._slowed(self._source.go_on(self._cursor.run.id, key, metric), began)
        self._metrics[key] = news.metric
        if metric.is_paging and not self._is_wanted(key):
            self._others_long += len(news.points)
        self._points.setdefault(key, []).append(news.points)
        if news.overview is not None:
            self._overview[key] = news.overview
        if news.arrived and not self._overview.pop(key, None):
            self._arrived.append(key)

    def _slowed(self, news: News, began: float) -> News:
        now = self._clock()
        return replace(news, metric=replace(news.metric, not_before=now + pause_after(now - began)))

    def _is_wanted(self, key: str) -> bool:
        return self._wanted is None or key in self._wanted

    def _is_read(self, key: str) -> bool:
        metric = self._metrics[key]
        return metric.is_whole and not metric.is_behind

    def _is_due(self, key: str) -> bool:
        """Whether there is something to ask about a metric."""
        metric, wanted = self._metrics[key], self._is_wanted(key)
        if metric.is_paging:
            # Of what was not sampled a part alone would be taken for the whole.
            return wanted or not metric.is_sampled or self._others_long < OTHERS_LONG
        if metric.read is None:
            return wanted or self._number[key] < OTHERS
        if key in self._again:
            return True
        # Of a run that is over all is told once, so that its numbers are exact and stay so.
        has_ended = self._cursor.run.status.has_ended
        return metric.is_behind and (has_ended or (wanted and self._clock() >= metric.not_before))

    def _rank(self, key: str) -> int:
        """What somebody sees before the rest; news before histories, something of each before all of one."""
        metric = self._metrics[key]
        kind = 3 if metric.is_paging else 1 if metric.read is None else 0 if metric.is_behind else 2
        return kind if self._is_wanted(key) else 4 + kind

    def _left(self, key: str) -> int:
        """About how many points are still to come."""
        metric = self._metrics[key]
        return max(1, metric.about - metric.count) if metric.is_paging else 1


def _point(latest: Latest) -> Points:
    step, time, value = latest
    one = Points.of([(step, time / 1000, float(value))])
    return Points(one.step, one.time, meant(one.value))


def looked_at_again(cursor: ServerCursor, wanted: Collection[str] | None) -> ServerCursor:
    """The cursor with some of the metrics that somebody sees to be looked at again, in turns."""
    seen = [
        key
        for key, metric in cursor.metrics.items()
        if metric.is_whole and not metric.is_behind and (wanted is None or key in wanted)
    ]
    if not seen:
        return cursor
    turn = cursor.turn % len(seen)
    keys = (seen[turn:] + seen[:turn])[:LOOKED_AT_AGAIN]
    return replace(cursor, again=cursor.again | set(keys), turn=turn + LOOKED_AT_AGAIN)
