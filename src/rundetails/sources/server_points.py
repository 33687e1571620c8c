"""The points of one metric, out of the three ways in which MLflow servers give them.

- *interval* (`metrics/get-history-bulk-interval`): all points from a step on, or 2,500 of them when there are more.
  Costs what it gives since MLflow 3.15; before, each answer goes through the whole history.
- *pages* (`metrics/get-history`): the history by time, from a place on that a token names. MLflow's tokens hold a plain
  offset: the number of points that are known is where the next one begins, and whatever else is there came late.
- *whole*: the same without tokens, where a server takes none (before MLflow 3.1).
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from ..facts import Overview, Points
from .mlflow_facts import meant
from .seen import Hashes, Seen, hashes
from .server_errors import NoEndpoint
from .server_http import Server

INTERVAL = 2_500
"""Points that an interval gives at most, before it begins to leave some out."""

PAGE = 10_000
"""Points of one page: half a second of a server's time."""

TOGETHER = 100
"""Runs that one interval is asked for, at most: MLflow takes no more."""

FAR = 2**62
"""A step beyond all steps."""

FEW = 100
"""Points that are quicker read again than looked after."""

QUICK = (3, 15)
"""The first MLflow whose intervals cost what they give."""

Latest = tuple[int, int, str]
"""Step, milliseconds and value of a metric's latest point; the value as text: NaN equals NaN then."""


@dataclass(frozen=True, slots=True)
class Metric:
    """What was given of one metric."""

    seen: Latest
    """The latest point when the server was last asked for the run."""
    read: Latest | None = None
    """The latest point when its points were last asked for; None before that."""
    points: Seen = field(default_factory=Seen)
    """Those given."""
    count: int = 0
    """How many the server has, as far as known: where the next page begins."""
    is_sampled: bool = False
    """Whether a sample was given, and not yet the whole."""
    is_paging: bool = False
    """Whether the history is being read page by page."""
    token: str | None = None
    """Where the next page begins; None: at the beginning."""
    about: int = 0
    """While it is read page by page: how many points it has, about."""
    not_before: float = 0.0
    """When it may be read again: it was dear the last time."""

    @property
    def is_whole(self) -> bool:
        """Whether all points up to `read` were given."""
        return self.read is not None and not self.is_paging and not self.is_sampled

    @property
    def is_behind(self) -> bool:
        return self.is_whole and self.read != self.seen


@dataclass(frozen=True, slots=True)
class News:
    """What one request brought."""

    metric: Metric
    points: Points
    overview: Overview | None = None
    arrived: bool = False
    """Whether a history of which a sample was given is whole now."""


@dataclass(frozen=True, slots=True)
class _Rows:
    step: np.ndarray[Any, np.dtype[np.int64]]
    time: np.ndarray[Any, np.dtype[np.int64]]
    """Milliseconds."""
    value: np.ndarray[Any, np.dtype[np.float64]]

    def __len__(self) -> int:
        return len(self.step)

    def hashes(self) -> Hashes:
        return hashes(self.step, self.time, self.value)

    def points(self, which: Any = slice(None)) -> Points:
        """By time, then by step: the order in which they were logged, as far as anybody knows."""
        step, time, value = self.step[which], self.time[which], self.value[which]
        order = np.lexsort((step, time))
        return Points(step[order], time[order] / 1000, meant(value[order]))


class PointsOfServer:
    """Asks one server for points. Remembers what it can do, and nothing of any run."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._version: tuple[int, int] | None = None
        self._asked_version = False
        self._has_intervals = True
        self._takes_tokens = True
        self._offsets: bool | None = None

    def begin(self, run_id: str, key: str, metric: Metric) -> News:
        """The first look at a metric: all of it, or a sample when that is too much for one request."""
        if not self._is_quick():
            return self.turn_page(run_id, key, replace(metric, is_paging=True))
        rows = self._interval(run_id, key)
        if rows is None:
            return self.turn_page(run_id, key, replace(metric, is_paging=True))
        if len(rows) < INTERVAL:
            return News(_whole(metric, Seen().also(rows.hashes()), len(rows)), rows.points())
        about = max(len(rows), int(rows.step[-1] - rows.step[0]) + 1)
        sampled = replace(metric, read=metric.seen, is_sampled=True, is_paging=True, about=about)
        return News(sampled, Points.empty(), Overview(rows.points(), about))

    def go_on(self, run_id: str, key: str, metric: Metric) -> News:
        """What came since the last look."""
        assert metric.read is not None
        if self._is_quick():
            rows = self._interval(run_id, key, metric.read[0], FAR)
            if rows is not None and len(rows) < INTERVAL:
                return self._took(metric, rows)
        return self.look_again(run_id, key, metric)

    def look_again(self, run_id: str, key: str, metric: Metric) -> News:
        """What came since the last look, and whether something came late: before points that are known already."""
        if metric.count > FEW and self._has_offsets(run_id, key):
            rows, token, _ = self._page(run_id, key, _token(metric.count))
            news = self._took(metric, rows)
            total = metric.count + len(rows)
            if token is None and news.metric.count == total:
                return news
            if token is not None and len(news.points) == len(rows):
                paging = replace(news.metric, is_paging=True, token=token, count=total, about=total + PAGE)
                return replace(news, metric=paging)
        # Something came late, nobody knows where; or it is short enough to be read again.
        return self.turn_page(run_id, key, replace(metric, is_paging=True, token=None, count=0))

    def turn_page(self, run_id: str, key: str, metric: Metric) -> News:
        """The next page of a history that is read page by page."""
        rows, token, is_first = self._page(run_id, key, metric.token)
        news = self._took(metric, rows)
        passed = len(rows) if is_first else metric.count + len(rows)
        if token is not None and len(rows):
            about = max(metric.about, passed + PAGE)
            on = replace(metric, points=news.metric.points, is_paging=True, token=token, count=passed, about=about)
            return replace(news, metric=on)
        # Fewer points than rows: while pages were turned one came late, and pushed another into the next page. The
        # next look will find it. A second reading is believed: then the store holds some points twice.
        count = passed if metric.read is not None and not metric.is_sampled else min(passed, len(news.metric.points))
        return replace(news, metric=_whole(metric, news.metric.points, count), arrived=metric.is_sampled)

    def between(self, run_id: str, key: str, first: int, last: int) -> tuple[Points, bool]:
        """Points of the steps from `first` to `last`, and whether these are all."""
        rows = self._interval(run_id, key, first, last) if first <= last else None
        if rows is not None:
            return rows.points(), len(rows) < INTERVAL
        parts, token = list[Points](), None
        while True:
            page, token, _ = self._page(run_id, key, token)
            parts.append(page.points((page.step >= first) & (page.step <= last)))
            if token is None or not len(page):
                return Points.joined(parts), True

    def several(self, run_ids: Sequence[str], key: str) -> tuple[dict[str, Points], list[str]]:
        """One metric of several runs, a request for each hundred of these; and those of which it gives not all, or
        nothing is known: where intervals are dear, or a run is missing, that is all of them."""
        found, left = dict[str, Points](), list[str]()
        for start in range(0, len(run_ids), TOGETHER):
            some = run_ids[start : start + TOGETHER]
            listed = self._interval_rows(some, key) if self._is_quick() else None
            if listed is None:
                left += some
                continue
            by_run: dict[str, list[Mapping[str, Any]]] = {}
            for row in listed:
                by_run.setdefault(str(row.get("run_id", "")), []).append(row)
            left += [one for one, rows in by_run.items() if len(rows) >= INTERVAL]
            found |= {one: _rows(rows).points() for one, rows in by_run.items() if len(rows) < INTERVAL}
        return found, left

    def _took(self, metric: Metric, rows: _Rows) -> News:
        """Only those points that are new."""
        numbers = rows.hashes()
        _, first = np.unique(numbers, return_index=True)
        is_new = np.zeros(len(rows), np.bool_)
        is_new[first] = True
        is_new &= ~metric.points.has(numbers)
        points = rows.points(is_new)
        return News(_whole(metric, metric.points.also(numbers[is_new]), metric.count + len(points)), points)

    def _is_quick(self) -> bool:
        if not self._asked_version:
            self._version = self._server.version()
            self._asked_version = True
        return self._has_intervals and (self._version is None or self._version >= QUICK)

    def _interval(self, run_id: str, key: str, first: int | None = None, last: int | None = None) -> _Rows | None:
        """By step; None where there are no intervals."""
        listed = self._interval_rows([run_id], key, first, last)
        return None if listed is None else _rows(listed)

    def _interval_rows(
        self, run_ids: Sequence[str], key: str, first: int | None = None, last: int | None = None
    ) -> Sequence[Mapping[str, Any]] | None:
        if not self._has_intervals:
            return None
        try:
            said = self._server.get(
                "metrics/get-history-bulk-interval",
                long=True,
                run_ids=list(run_ids),
                metric_key=key,
                start_step=first,
                end_step=last,
                max_results=INTERVAL,
            )
        except NoEndpoint:
            self._has_intervals = False
            return None
        listed: Sequence[Mapping[str, Any]] = said.get("metrics", ())
        return listed

    def _page(self, run_id: str, key: str, token: str | None, size: int = PAGE) -> tuple[_Rows, str | None, bool]:
        """A page, the token of the next, and whether the page is the first."""
        token = token if self._takes_tokens else None
        said = self._server.get(
            "metrics/get-history", long=True, run_id=run_id, metric_key=key, max_results=size, page_token=token
        )
        rows, on = _rows(said.get("metrics", ())), said.get("next_page_token") or None
        # Before MLflow 3.1 a server takes no notice of either and gives all there is.
        is_all = len(rows) > size
        self._takes_tokens = self._takes_tokens and not is_all
        if on is not None and self._offsets is None:
            self._offsets = on == _token(size)
        return rows, None if is_all else on, is_all or token is None

    def _has_offsets(self, run_id: str, key: str) -> bool:
        """Whether a token can be made of a number: seen from a token of the server's own."""
        if self._offsets is None:
            self._page(run_id, key, None, size=1)
            self._offsets = bool(self._offsets)
        return self._offsets and self._takes_tokens


def _whole(metric: Metric, points: Seen, count: int) -> Metric:
    return Metric(metric.seen, metric.seen, points, count)


def _token(offset: int) -> str:
    return base64.b64encode(json.dumps({"offset": offset}).encode()).decode()


def _rows(listed: Iterable[Mapping[str, Any]]) -> _Rows:
    """Out of JSON, where NaN is a text, and what is 0 may be left out."""
    listed = list(listed)
    count = len(listed)
    return _Rows(
        np.fromiter((int(row.get("step", 0)) for row in listed), np.int64, count),
        np.fromiter((int(row.get("timestamp", 0)) for row in listed), np.int64, count),
        np.fromiter((float(row.get("value", 0.0)) for row in listed), np.float64, count),
    )
