"""`RunDetails`: one run, watched."""

from __future__ import annotations

import sys
import time
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, Literal

from . import cell
from .compute.attended import attended
from .errors import InvalidRun
from .facts import PREFIX, Run, experiment_in
from .family import frame, read_family
from .goals import guess_goal
from .monitor import REFRESH, Monitor, Pace, Refresh, Watch, shared_monitor
from .presenter import Presenter
from .redact import redact
from .series import Series
from .sources import open_source
from .sources.experiments import ExperimentSource
from .sources.protocol import RunSource
from .twin import reopening, twin_text
from .waiting import Condition, Waiting
from .wire import finding_facts, insight_facts, number

if TYPE_CHECKING:
    from .figure import LiveFigure

COROUTINE, ASYNC_GENERATOR = 0x80, 0x200
"""Flags of code that can await, as `inspect` has them: importing that takes ten milliseconds."""

FIRST_READ = 30.0
"""Seconds that the headless calls wait for the first read."""


class RunDetails:
    """Watches one run: `RunDetails(run).show()` draws it in the cell below and keeps it current until it ends.

    `run`: a run ID, an MLflow `Run` or `ActiveRun`, or the `rundetails.facts.Run` of a source. An `Experiment` (ours or
    MLflow's), or `"experiment:<name>"`, shows all runs of that experiment, as those below a run are shown.
    `store`: where the run is: a path or URI as MLflow has it, or a `RunSource`; by default the store that MLflow
    would use here (`mlflow.set_tracking_uri`, `MLFLOW_TRACKING_URI`, else `sqlite:///mlflow.db`).
    `refresh`: seconds between reads: a pair to choose between (default `(10, 15)`), a number, or None to read once.

    Raises `RunNotFound` (with the nearest IDs) when the store can tell at once that there is no such run, `InvalidRun`,
    `InvalidRefresh`, or a `StoreError`. A store that is away for the moment raises nothing: the view says so and heals.
    """

    def __init__(
        self,
        run: object,
        *,
        store: str | RunSource | None = None,
        refresh: Refresh = REFRESH,
        monitor: Monitor | None = None,
    ) -> None:
        pace = Pace.of(refresh)
        self._run_id = run_id_of(run)
        self._source = _source_of(run, store)
        if experiment_in(self._run_id) is not None:
            self._source = ExperimentSource(self._source)
        self._monitor = monitor or shared_monitor()
        if "instant" in self._source.capabilities:
            with self._monitor.turn(self._source):
                self._source.find(self._run_id)
        self._presenter = Presenter(self._source, self._run_id, pace, self._monitor)
        self._figures: list[LiveFigure] = []

    def __repr__(self) -> str:
        return reopening(Run(self._run_id))

    @property
    def run(self) -> Run:
        """The run's facts as last read; waits for the first read."""
        return self._read_once().state.run

    @property
    def source(self) -> RunSource:
        """Where the run is read from."""
        return self._source

    @property
    def widget(self) -> Any:
        """The widget that is shown, to put into other widgets; None before `show`."""
        return self._presenter.widget

    def show(self) -> None:
        """Draws the run in the running cell, at once; reading goes on in the background.

        Shown again by the same cell, it takes the place of what that cell showed before. Outside Jupyter it prints a
        few lines instead.
        """
        if not cell.in_kernel():
            print(twin_text(self._read_once().state, time.time()))  # noqa: T201  # asked for, on the caller's thread
            return
        cell.claim(self)
        self._presenter.display()

    def _ipython_display_(self) -> None:
        self.show()

    def close(self) -> None:
        """Stops reading, takes the view off the page and leaves its static picture. May be called twice.

        Figures stay as they are, and grow no more.
        """
        cell.forget(self)
        for figure in list(self._figures):
            figure.stop()
        self._presenter.close()

    def refresh(self) -> None:
        """Has the run read as soon as possible."""
        watch = self._presenter.watch
        self._monitor.post(watch.hurry)

    def get_widget_data(self) -> dict[str, Any]:
        """What the view shows, as a dict that JSON can carry; waits for the first read (at most 30 s).

        Where a server is asked only for what charts show, it waits until the rest is read as well (at most 30 s).

        Keys: `status` (word), `detail` (a sentence about it, or empty), `run` (id, name, experiment, type, times in
        seconds since 1970 or None, source, user, parent), `metrics` {name: {last, min, max, best, count}} (numbers, or
        "NaN", "Infinity", "-Infinity" as text;
        `best` is None where the name tells no direction), `parameters`, `tags`, `logs` (paths), `children` (IDs),
        `progress` (None when nothing says how far the run goes, else unit, total, current, done, since, earliest and
        latest end in seconds since 1970 or None, how), `findings` (list, most serious first: kind, severity, metric,
        step, time, sentence, rule), `last_seen` (latest sign of life, seconds since 1970 or None), `stale` (None, or
        last_seen, is_guess, why: the run says it is running and is likely dead), `error` (sentence, or None while
        reading goes well), `error_line` (of a failed run, the line of its logs that says why; else None).
        """
        watch = self._read_once()
        self._read_all(watch)
        watch.seek_failure()
        with watch.lock:
            data = _data(watch)
            data["error_line"] = None if watch.state.failure is None else watch.state.failure.line
        data["logs"] = self._listed("files", lambda: [log.path for log in self._source.log_files(self._run_id)])
        data["children"] = self._listed("children", lambda: [run.id for run in self._source.children(self._run_id)])
        return data

    def figure(self, name: str, *more: str, x: Literal["step", "time"] = "step", later: bool = False) -> Any:
        """These metrics in an ordinary bqplot `Figure`, which grows with the run: a line each, on one pair of axes.

        It is yours to restyle, to put into layouts and to save: only `x` and `y` of its lines are written, on the
        background thread, whenever the run was read and they grew. A line has at most 2,000 points, extremes kept;
        what no axis can show is a gap. `show()` is not needed. Waits for the first read (at most 30 s).
        `later`: a metric that the run does not have yet starts empty and is drawn when it comes; so it is anyway while
        the run has no metric at all. `figure.close()` frees it with all that belongs to it.

        Raises `UnknownMetric` with the nearest names.
        """
        from .figure import LiveFigure, checked_names

        watch = self._read_once()
        with watch.lock:
            names = checked_names([name, *more], x, watch.state, later=later)
        live = LiveFigure(
            self._monitor,
            self._source,
            self._run_id,
            names,
            x=x,
            pace=self._presenter.pace,
            stopped=lambda one: self._figures.remove(one) if one in self._figures else None,
        )
        self._figures.append(live)
        return live.make()

    @property
    def metrics(self) -> Any:
        """Every point of every metric as a pandas `DataFrame`: columns `metric`, `step` (int64), `time` (UTC), `value`.

        Read anew from the store each time, from the beginning, so that nothing is left out: it blocks while it reads
        (a local store gives about a million points a second) and needs memory for all of them (about 100 bytes a point
        while it is made). Raises `NoPandas` where pandas is not installed.
        """
        from .frame import metrics_frame

        return metrics_frame(self._source, self._run_id, self._monitor.turn(self._source))

    @property
    def children(self) -> Any:
        """All runs below this one, at any depth, as a pandas `DataFrame`, a row each, with the names that
        `mlflow.search_runs` uses: `run_id`, `name`, `status`, `number` (of the iteration or trial), `label` (the
        algorithm, or the step), `parent`, `rank` (1 is best), `best_so_far`, `start_time`, `end_time` (UTC),
        `params.…` (text), `metrics.…` (the latest value). Where pandas is not installed, a list of dicts with times in
        seconds since 1970.

        Read anew from the store each time; it blocks while it reads.
        """
        return frame(read_family(self._source, self._run_id, self._monitor.turn(self._source)).children)

    @property
    def selection(self) -> list[str]:
        """IDs of the children that a reader chose in the view, in the order in which they did."""
        return list(self._presenter.children.chosen)

    def wait(self, until: str | Condition | None = None, timeout: float | None = None) -> Any:
        """Waits until the run has ended, or `until` holds, and returns `get_widget_data()`'s dict (without logs,
        children and error_line).

        `until`: None for the end of the run, a comparison with a metric's last value (`"val_loss < 0.2"`), a status
        (`"Running"`), or a function of the dict; but for a function, numbers other than `last` may lag behind for
        metrics that no chart shows. `timeout`: seconds, None for ever.
        Called inside a coroutine (or in a cell that uses `await`), it is to be awaited and lets other tasks go on;
        anywhere else it blocks. Interrupting it leaves the run alone.

        Raises `TimeoutError`, `NeverTrue` when the run ends before `until` holds, `InvalidCondition`.
        """
        watch = self._presenter.watch
        waiting = Waiting(watch, lambda: _data(watch), until, timeout, self._presenter.reading_all)
        caller = sys._getframe(1)
        if caller.f_code.co_flags & (COROUTINE | ASYNC_GENERATOR):
            awaitable: Awaitable[dict[str, Any]] = waiting.awaited()
            return awaitable
        return waiting.blocking(time.monotonic)

    def _read_once(self) -> Watch:
        """The watch, once it has read well, or failed."""
        watch = self._presenter.watch
        ends = time.monotonic() + FIRST_READ
        with watch.news:
            while watch.state.at is None or watch.state.health.remaining:
                if watch.error is not None and watch.state.at is None:
                    raise watch.error
                if time.monotonic() > ends:
                    raise TimeoutError(f"{self._source.name} has not answered within {FIRST_READ:g} s; it is tried on.")
                watch.news.wait(0.5)
        return watch

    def _read_all(self, watch: Watch) -> None:
        """Has read what no chart shows, where only that is read which one does: then the numbers are exact."""
        ends = time.monotonic() + FIRST_READ
        with self._presenter.reading_all(), watch.news:
            # Twice: a read that is under way may not have been asked for all.
            for _ in range(2):
                if watch.error is not None or not _is_behind(watch):
                    return
                reads = watch.reads
                self._monitor.post(watch.hurry)
                while watch.error is None and (watch.reads == reads or watch.state.health.remaining):
                    if time.monotonic() > ends:
                        return
                    watch.news.wait(0.5)

    def _listed(self, capability: str, listing: Callable[[], list[str]]) -> list[str]:
        if capability not in self._source.capabilities:
            return []
        with self._monitor.turn(self._source):
            return listing()


def run_id_of(run: object) -> str:
    """The ID of whatever a user may call a run, or an experiment. Raises InvalidRun."""
    if isinstance(run, Run):
        return run.id
    name = getattr(run, "name", None)
    # Asked of the class: an experiment of ours makes itself in the store when its own ID is looked at.
    if isinstance(name, str) and any(hasattr(type(run), one) for one in ("experiment_id", "get_runs")):
        return PREFIX + name
    if isinstance(run, str) and run.strip():
        return run.strip()
    info = getattr(run, "info", None)
    for holder, name in ((info, "run_id"), (run, "id"), (run, "run_id")):
        found = getattr(holder, name, None)
        if isinstance(found, str) and found:
            return found
    shown = repr(run)
    raise InvalidRun(
        f"RunDetails needs a run, not {type(run).__name__} {shown[:80]}. Give a run ID such as "
        '"3f2a…", what mlflow.start_run() or mlflow.get_run() returned, a run of a source, or an experiment.'
    )


def _source_of(run: object, store: str | RunSource | None) -> RunSource:
    own = getattr(run, "source", None)
    if store is None and isinstance(own, RunSource):
        return own
    return store if isinstance(store, RunSource) else attended(open_source(store))


def _is_behind(watch: Watch) -> bool:
    state = watch.state
    return bool(state.counts) or any(series.is_behind for series in state.series.values())


def _data(watch: Watch) -> dict[str, Any]:
    """`get_widget_data` without what has to be listed. The lock is held."""
    state = watch.state
    run = state.run
    return {
        "status": run.status.value,
        "detail": redact(run.detail),
        "run": {
            "id": run.id,
            "name": run.name,
            "experiment": run.experiment,
            "type": run.type,
            "created": run.created,
            "started": run.started,
            "ended": run.ended,
            "source": run.source,
            "user": run.user,
            "parent": run.parent,
        },
        "metrics": {name: _metric(name, series) for name, series in state.series.items()},
        "parameters": dict(run.parameters),
        "tags": dict(run.tags),
        "logs": [],
        "children": [],
        "progress": insight_facts(state.insight, ["progress"])["progress"],
        "findings": [finding_facts(one) for one in state.insight.findings],
        "last_seen": state.insight.last_seen,
        "stale": insight_facts(state.insight, ["stale"])["stale"],
        "error": state.health.message or None if state.health.state in ("stale", "gone") else None,
        "error_line": None,
    }


def _metric(name: str, series: Series) -> dict[str, Any]:
    stats, goal = series.stats, guess_goal(name)
    best = stats.min if goal == "min" else stats.max if goal == "max" else None
    return {
        "last": number(stats.last),
        "min": stats.min,
        "max": stats.max,
        "best": best,
        "count": stats.count,
    }
