"""Looks at one run again and again, and says what changed. Only metrics that moved are looked at anew."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np

from ..contract import Goal
from ..facts import Run
from ..goals import guess_goal
from ..series import Series
from . import anomalies
from .curve import busiest, curve_of, words_of
from .findings import Finding, ordered
from .progress import Progress, progress_of
from .pulse import AHEAD, Habits, Signs, Stale, habits_of, heartbeat, latest_points, silence, stale

Part = Literal["progress", "findings", "stale"]

AT_ONCE = 8
"""Metrics whose curves are looked at in one look; others wait for the next. A curve costs about 0.3 ms."""

AT_FIRST = 40
"""The same for the first look."""

AT_LAST = 200
"""The same once the run has ended, for few looks follow."""

FINDINGS = 100
"""Findings that are kept, at most."""

AWAY = 400.0
"""Seconds since the look before after which the watcher itself was away (asleep): the next look judges."""

MOVED = 0.05
"""An estimate of the end stays as it was until it moves by more than this share of what is left."""

_TRAINING = frozenset({"train", "training", "tr"})
_EVALUATION = frozenset({"val", "valid", "validation", "eval", "dev", "test"})


@dataclass(frozen=True, slots=True)
class Insight:
    """What can be said of a run at one moment."""

    progress: Progress | None = None
    """How far it is; None when nothing says so."""
    findings: tuple[Finding, ...] = ()
    """What looks wrong, most serious first; at most `FINDINGS`."""
    stale: Stale | None = None
    """Set when the run says it is running and is likely dead."""
    last_seen: float | None = None
    """Latest sign of life: seconds since 1970-01-01 UTC; None before any."""


@dataclass(slots=True)
class _Metric:
    """What is known of a metric."""

    goal: Goal | None
    is_training: bool
    is_evaluation: bool
    is_speed: bool
    role: tuple[str, ...]
    """Its words without those for training and evaluation: the same for two that belong together."""
    looked: int = 0
    """Points it had at the last look."""
    bad: int = 0
    """Points that were not finite at the last look."""
    found: dict[str, Finding] = field(default_factory=dict)
    """By kind."""


def _metric(name: str) -> _Metric:
    words = words_of(name)
    role = tuple(word for word in words if word not in _TRAINING and word not in _EVALUATION)
    return _Metric(
        guess_goal(name),
        bool(_TRAINING.intersection(words)),
        bool(_EVALUATION.intersection(words)),
        anomalies.measures_speed(name),
        role,
    )


class Looker:
    """Remembers what it saw of one run, so that the next look costs what moved."""

    def __init__(self) -> None:
        self.insight = Insight()
        self._children: tuple[float, float] | None = None
        self._metrics: dict[str, _Metric] = {}
        self._sick: dict[str, _Metric] = {}
        self._is_evaluated = False
        self._measures_speed = False
        self._busiest: str | None = None
        self._waiting: dict[str, None] = {}
        self._first: float | None = None
        self._heard: float | None = None
        self._looked: float | None = None
        self._behind: float | None = None
        self._habits = Habits()
        self._slow: Finding | None = None
        self._run: Run | None = None
        self._progress: Progress | None = None
        self._signs: tuple[float | None, float | None] = (None, None)

    def look(
        self, run: Run, series: Mapping[str, Series], moved: Iterable[str], now: float, *, reset: bool = False
    ) -> tuple[Part, ...]:
        """Takes in what moved, and returns the parts of `insight` that changed. `now`: seconds since 1970."""
        if reset:
            self._forget()
        names = [name for name in moved if name in series]
        # Values near the largest number overflow: that is no news, and a warning would be printed into some cell.
        with np.errstate(all="ignore"):
            self._hear(series, names, now)
            self._curves(run, series, names)
            before, self.insight = self.insight, self._insight(run, series, bool(names), now)
        self._looked = now
        parts: tuple[Part, ...] = ("progress", "findings", "stale")
        return tuple(part for part in parts if getattr(before, part) != getattr(self.insight, part))

    def hear_children(self, latest: float, patience: float) -> None:
        """Runs below this one: when the latest of them began or ended (seconds since 1970), and for how many seconds
        after that a parent that only waits for them is not called silent."""
        self._children = (latest, patience)

    def _forget(self) -> None:
        """The store's history changed: what was found in it is void."""
        self._metrics.clear()
        self._waiting.clear()
        self._sick.clear()
        self._slow, self._busiest, self._signs = None, None, (None, None)

    def _hear(self, series: Mapping[str, Series], moved: list[str], now: float) -> None:
        """Signs of life, and whose clock is right."""
        if moved:
            self._signs = latest_points(self._signs, series, moved)
            known = None if self._busiest is None else series.get(self._busiest)
            if known is None or known.is_behind or len(series) > len(self._metrics):
                self._busiest = busiest(series)
            self._habits = habits_of(None if self._busiest is None else series[self._busiest])
        if self._first is None:
            self._first = now
        elif moved:
            self._heard = now
            latest = max((time for time in self._signs if time is not None), default=now)
            self._behind = now - latest if self._behind is None else min(self._behind, now - latest)

    @property
    def _shift(self) -> float:
        """Seconds by which the clock that stamps the points differs from ours; 0 when it may be right."""
        behind = self._behind
        if behind is None and self._first is not None and self._signs[1] is not None:
            behind = min(0.0, self._first - self._signs[1])
        return behind if behind is not None and not -AHEAD <= behind <= 120 else 0.0

    def _curves(self, run: Run, series: Mapping[str, Series], moved: list[str]) -> None:
        """Looks at curves that moved enough; the first number that is none is seen at once."""
        for name in moved:
            metric = self._metrics.get(name)
            if metric is None:
                metric = self._metrics[name] = _metric(name)
                self._is_evaluated |= metric.is_evaluation
                self._measures_speed |= metric.is_speed
            stats = series[name].stats
            if stats.not_finite > metric.bad:
                metric.bad = stats.not_finite
                self._note(name, "not_finite", anomalies.not_finite(name, metric.goal, series[name]))
            elif metric.bad and stats.last is not None and (found := metric.found.get("not_finite")) is not None:
                self._recovered(name, metric, found, series[name])
            is_watched = metric.goal is not None or metric.is_speed
            if is_watched and not name.startswith("system/") and _grew(stats.count, metric.looked):
                self._waiting[name] = None
        limit = AT_LAST if run.status.has_ended else AT_FIRST if self._looked is None else AT_ONCE
        for name in list(self._waiting)[:limit]:
            del self._waiting[name]
            if name in series:
                self._look_at(name, series)

    def _recovered(self, name: str, metric: _Metric, found: Finding, series: Series) -> None:
        """The sentence says whether the latest value is a number: once more when that changed."""
        if "recovered" not in found.sentence:
            self._note(name, "not_finite", anomalies.not_finite(name, metric.goal, series))

    def _look_at(self, name: str, series: Mapping[str, Series]) -> None:
        metric = self._metrics[name]
        curve = curve_of(name, metric.goal, series[name])
        metric.looked = series[name].stats.count
        for rule in anomalies.CURVE_RULES:
            kind = rule.__name__
            self._note(name, kind, rule(curve, kind in metric.found))
        if metric.is_speed:
            self._note(name, "throughput", anomalies.throughput(curve, "throughput" in metric.found))
        partner = self._partner(name, metric)
        if partner is None or partner not in series:
            return
        other = curve_of(partner, self._metrics[partner].goal, series[partner])
        train, evaluated = (other, curve) if metric.is_evaluation else (curve, other)
        target = self._metrics[evaluated.name]
        self._note(evaluated.name, "gap", anomalies.gap(train, evaluated, "gap" in target.found))

    def _note(self, name: str, kind: str, finding: Finding | None) -> None:
        metric = self._metrics[name]
        if finding is None:
            metric.found.pop(kind, None)
            if not metric.found:
                self._sick.pop(name, None)
            return
        self._sick[name] = metric
        known = metric.found.get(kind)
        # The same thing seen again, a little elsewhere: what was said stands.
        if known is None or kind == "not_finite" or _is_elsewhere(known, finding):
            metric.found[kind] = finding

    def _partner(self, name: str, metric: _Metric) -> str | None:
        """The metric that says the same of training, or of evaluation: one that names neither is of training."""
        if metric.goal is None or len(self._metrics) > 2_000:
            return None
        alike = [
            (other.is_training, other_name)
            for other_name, other in self._metrics.items()
            if other_name != name and other.role == metric.role and other.is_evaluation is not metric.is_evaluation
        ]
        return max(alike, default=(False, None))[1]

    def _insight(self, run: Run, series: Mapping[str, Series], has_moved: bool, now: float) -> Insight:
        signs = Signs(heartbeat(run), *self._signs, self._heard, self._first)
        waits = self._children is not None and now - self._children[0] < self._children[1]
        was_away = self._looked is not None and now - self._looked > AWAY
        dead = self.insight.stale if was_away else None if waits else stale(run, signs, self._habits, now)
        dead = _same(self.insight.stale, dead)
        findings = [one for metric in self._sick.values() for one in _shown(metric, self._is_evaluated)]
        if has_moved:
            self._slow = self._slow_steps(series)
        if self._slow is not None:
            findings.append(self._slow)
        quiet = None if dead is not None or was_away or waits else silence(run, signs, self._habits, now)
        if quiet is not None:
            findings.append(quiet)
        if has_moved or run is not self._run or (self._progress is not None and self._progress.unit == "second"):
            self._progress = _steady(self._progress, progress_of(run, series, self._shift, now), now)
            self._run = run
        progress = self._progress if dead is None else None
        return Insight(progress, ordered(findings)[:FINDINGS], dead, signs.last)

    def _slow_steps(self, series: Mapping[str, Series]) -> Finding | None:
        name = self._busiest
        if name is None or self._measures_speed:
            return None
        found = anomalies.slow_steps(curve_of(name, None, series[name]), self._slow is not None)
        if found is not None and self._slow is not None and not _is_elsewhere(self._slow, found):
            return self._slow
        return found


def _shown(metric: _Metric, is_evaluated: bool) -> list[Finding]:
    """A curve that went wrong is not called flat as well; flat is said of evaluation, where there is any."""
    found = dict(metric.found)
    if len(found) > 1 or (is_evaluated and not metric.is_evaluation):
        found.pop("plateau", None)
    return list(found.values())


def _grew(count: int, looked: int) -> bool:
    """Whether so much is new that a rule could say something else: 1 % of the points."""
    return count > looked and count >= looked + looked // 100


def _is_elsewhere(known: Finding, found: Finding) -> bool:
    if known.step is None or found.step is None:
        return True
    return abs(known.step - found.step) > 0.1 * max(1, abs(known.step)) or known.severity != found.severity


def _same(known: Stale | None, found: Stale | None) -> Stale | None:
    return known if known is not None and found is not None and known.last_seen == found.last_seen else found


def _steady(known: Progress | None, found: Progress | None, now: float) -> Progress | None:
    """The estimate as before while it has not really moved."""
    if known is None or found is None or known.latest is None or known.earliest is None:
        return found
    if found.latest is None or found.earliest is None or known.parameter != found.parameter:
        return found
    slack = MOVED * max(10.0, found.latest - now)
    if abs(known.latest - found.latest) <= slack and abs(known.earliest - found.earliest) <= slack:
        return replace(found, earliest=known.earliest, latest=known.latest)
    return found
