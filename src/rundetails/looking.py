"""Whether anybody looks: what views say of themselves, and what their silence means."""

from __future__ import annotations

from dataclasses import dataclass, field

from .monitor.clock import Clock

BEAT = 180.0
"""Seconds between two signs of life of a view."""

SILENCE = 2.2 * BEAT
"""Seconds without a sign after which a view counts as gone, if the kernel could have heard one."""


@dataclass(slots=True)
class _View:
    visible: bool
    heard: float
    metrics: frozenset[str] | None = None
    """Metrics whose charts are in sight; None when it has not said."""


@dataclass(slots=True)
class Looking:
    """Keeps the views of one widget. Until the first one speaks, somebody is assumed to look."""

    clock: Clock
    _views: dict[str, _View] = field(default_factory=dict)
    _any_heard: bool = False
    _idle_since: float | None = None

    def heard(self, view: str, visible: bool | None = None) -> bool:
        """A view spoke; returns whether with this somebody looks who did not before."""
        before = self.is_seen()
        known = self._views.get(view)
        if visible is None:
            visible = known.visible if known else True
        self._views[view] = _View(visible, self.clock.monotonic(), known.metrics if known else None)
        self._any_heard = True
        return not before and self.is_seen()

    def sees(self, view: str, metrics: frozenset[str]) -> bool:
        """A view said which metrics it shows; returns whether there are some that no view showed before."""
        before = self.metrics() or frozenset()
        if view in self._views:
            self._views[view].metrics = metrics
        return not metrics <= before

    def metrics(self) -> frozenset[str] | None:
        """Metrics that some view shows; None when none has said."""
        views = [view for view in self._views.values() if not self._is_silent(view)] or self._views.values()
        told = [view.metrics for view in views if view.metrics is not None]
        return frozenset().union(*told) if told else None

    def left(self, view: str) -> None:
        """A view is gone."""
        self._views.pop(view, None)
        self._any_heard = True

    def kernel_is(self, idle: bool) -> None:
        """The kernel began or ended a cell: silence counts only when it could have heard."""
        self._idle_since = self.clock.monotonic() if idle else None

    def is_seen(self) -> bool:
        """Whether somebody may be looking."""
        if not self._any_heard:
            return True
        return any(view.visible and not self._is_silent(view) for view in self._views.values())

    def is_lost(self, view: str) -> bool:
        """Whether a view spoke once and is silent for too long: its page is gone, or asleep."""
        return view in self._views and self._is_silent(self._views[view])

    def _is_silent(self, view: _View) -> bool:
        now = self.clock.monotonic()
        latest = max(one.heard for one in self._views.values())
        could_hear = self._idle_since is not None and now - self._idle_since > SILENCE
        return now - view.heard > SILENCE and (could_hear or latest > view.heard + SILENCE)
