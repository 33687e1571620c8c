"""`details.figure`: an ordinary bqplot Figure that goes on drawing the run."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Literal, get_args

import bqplot
import numpy as np

from .errors import UnknownMetric
from .facts import Points
from .monitor import Change, Monitor, Pace, Watch
from .monitor.state import RunState
from .series import Kept, Series
from .sources.protocol import RunSource

POINTS_PER_LINE = 2_000
"""A line gets at most so many points: 32 kB on the wire each time it grows."""

COLORS = ("#2f6fde", "#d9730d", "#12908e", "#a24fc4", "#c2362f", "#7d8a1e")
"""Of the lines, in order; readable on white and on black. A seventh line begins anew."""

HUGE = np.finfo(np.float64).max / 4
"""bqplot takes the difference of the ends of a scale: beyond this it overflows, and the axis is lost."""

X = Literal["step", "time"]


LATER = "A metric that is logged only later is drawn as soon as it is there with figure(…, later=True)."


class LiveFigure:
    """Keeps the lines of one bqplot Figure current. A `Viewer`, which holds the figure weakly.

    Only `x` and `y` of its lines are ever written, by the poll thread: what the user made of the figure stays. It stops
    when the figure is closed or thrown away, or when `stop` is called; then the figure stays as it is.
    """

    def __init__(
        self,
        monitor: Monitor,
        source: RunSource,
        run_id: str,
        names: Sequence[str],
        *,
        x: X = "step",
        pace: Pace,
        stopped: Callable[[LiveFigure], None] = lambda _: None,
    ) -> None:
        """`names`: metrics, a line each. `stopped`: told once, when it has stopped."""
        self.is_paused = False
        self.pace = pace
        self._monitor = monitor
        self._x = x
        self._stopped = stopped
        self._lines: list[tuple[str, weakref.ref[Any]]] = []
        self._figure: weakref.ref[Any] = lambda: None  # type: ignore[assignment]
        self._watch: Watch | None = monitor.watch(source, run_id, self)
        self._names = names

    def make(self) -> Any:
        """The figure, with what is known already."""
        watch = self._watch
        assert watch is not None
        # Under the lock, so that no news falls between these points and the first change.
        with watch.lock:
            figure = _figure(self._names, self._x, watch.state)
            self._lines = [(name, weakref.ref(line)) for name, line in zip(self._names, figure.marks, strict=True)]
            self._figure = weakref.ref(figure, lambda _: self._monitor.post(self.stop))
            own = _parts(figure)
            if any(name in watch.state.series and watch.state.series[name].is_behind for name in self._names):
                # Nobody wanted to see these before: their points were not read.
                self._monitor.post(watch.hurry)
        figure.observe(lambda change: self._closed(own) if change["new"] is None else None, "comm")
        return figure

    wants_children = False

    def is_seen(self) -> bool:
        return True

    def wanted(self, watch: Watch) -> frozenset[str]:
        return frozenset(self._names)

    def changed(self, watch: Watch, change: Change) -> None:
        touched = {*change.whole, *change.appended}
        for name, held in self._lines:
            line = held()
            if line is not None and (change.reset or name in touched):
                _write(line, watch.state.series.get(name), self._x)

    def checked(self, watch: Watch) -> None:
        """Nothing is new, and nothing to be done."""

    def stop(self) -> None:
        """The figure is left as it is. May be called twice."""
        watch, self._watch = self._watch, None
        if watch is not None:
            self._monitor.unwatch(watch, self)
            self._stopped(self)

    def _closed(self, own: Iterable[weakref.ref[Any]]) -> None:
        """ipywidgets remembers every widget that is not closed: with the figure goes what was made for it."""
        self.stop()
        for held in own:
            part = held()
            if part is not None:
                part.close()


def checked_names(names: Sequence[object], x: str, state: RunState, *, later: bool) -> list[str]:
    """The names as they are to be drawn. Raises UnknownMetric, TypeError or ValueError. The watch's lock is held.

    Unknown names are right with `later`, and while a run that goes on has no metric at all.
    """
    if x not in get_args(X):
        raise ValueError(f'x is "step" or "time", not {x!r}.')
    known = list(state.series)
    may_come = later or not (known or state.run.status.has_ended)
    for name in names:
        if not isinstance(name, str):
            raise TypeError(f"figure() takes names of metrics, not {type(name).__name__} {str(name)[:80]!r}.")
        if name not in state.series and not may_come:
            raise UnknownMetric(name, state.run.name or state.run.id, known, LATER)
    return list(dict.fromkeys(map(str, names)))


def _figure(names: Sequence[str], x: X, state: RunState) -> Any:
    scales = {"x": bqplot.DateScale() if x == "time" else bqplot.LinearScale(), "y": bqplot.LinearScale()}
    lines = []
    for index, name in enumerate(names):
        line = bqplot.Lines(
            scales=scales,
            labels=[_cut(name)],
            display_legend=len(names) > 1,
            colors=[COLORS[index % len(COLORS)]],
            stroke_width=1.8,
            **_columns(state.series.get(name), x, is_log=False),
        )
        lines.append(line)
    ink = {"fill": "var(--jp-ui-font-color1, currentColor)"}
    axis = {"label_color": "var(--jp-ui-font-color1)"}
    return bqplot.Figure(
        marks=lines,
        axes=[
            bqplot.Axis(scale=scales["x"], label=x, grid_lines="none", label_offset="2.4em", **axis),
            bqplot.Axis(
                scale=scales["y"],
                orientation="vertical",
                label=_cut(names[0]) if len(names) == 1 else "value",
                grid_color="var(--jp-border-color2)",
                label_offset="4em",
                **axis,
            ),
        ],
        title=_cut(state.run.name or state.run.id),
        # bqplot's own is orange in dark themes.
        title_style={**ink, "font-size": "14px"},
        legend_location="top-right",
        fig_margin={"top": 40, "bottom": 50, "left": 72, "right": 24},
        animation_duration=0,
    )


def _parts(figure: Any) -> list[weakref.ref[Any]]:
    """All widgets that were made together with the figure."""
    found = [figure.layout, figure.scale_x, figure.scale_y, *figure.axes, *figure.marks]
    for part in [*figure.axes, *figure.marks]:
        found += getattr(part, "scales", {}).values()
        found += [one for one in (getattr(part, "layout", None), getattr(part, "tooltip", None)) if one is not None]
    return [weakref.ref(part) for part in {id(part): part for part in found}.values()]


def _write(line: Any, series: Series | None, x: X) -> None:
    """New points for a line, both columns in one message."""
    is_log = isinstance(line.scales.get("y"), bqplot.LogScale)
    with line.hold_sync():
        for name, column in _columns(series, x, is_log=is_log).items():
            setattr(line, name, column)


def _columns(series: Series | None, x: X, *, is_log: bool) -> dict[str, Any]:
    """What bqplot can draw: floats (its integers wrap), and gaps where no scale has the value."""
    kept = series.kept(POINTS_PER_LINE) if series else None
    if not kept:
        return {"x": _dates(np.empty(0)) if x == "time" else np.empty(0), "y": np.empty(0)}
    value = kept.points.value
    drawable = np.isfinite(value) & (np.abs(value) < HUGE) & ((value > 0) | (not is_log))
    y = np.where(drawable, value, np.nan)
    across = _across(kept, x)
    # Where x runs backwards (a run that began again) the line is broken, so that it never crosses itself.
    back = np.flatnonzero(np.diff(across) < 0) + 1
    across, y = np.insert(across, back, across[back]), np.insert(y, back, np.nan)
    # bqplot puts a label, though hidden, at the last point, and cannot where that is a gap.
    end = int(np.flatnonzero(np.isfinite(y))[-1]) + 1 if np.isfinite(y).any() else 0
    across, y = across[:end], y[:end]
    return {"x": _dates(across) if x == "time" else across, "y": y}


def _across(kept: Kept, x: X) -> np.typing.NDArray[np.float64]:
    points: Points = kept.points
    if x == "time":
        return points.time
    if len(points) > 1 and (points.step == points.step[0]).all():
        # Logged without steps: by order.
        return kept.ordinal
    return points.step.astype(np.float64)


def _dates(seconds: np.typing.NDArray[np.float64]) -> np.typing.NDArray[np.datetime64]:
    return np.round(seconds * 1e3).astype("datetime64[ms]")


def _cut(name: str) -> str:
    return name if len(name) <= 80 else name[:79] + "…"
