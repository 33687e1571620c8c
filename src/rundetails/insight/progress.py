"""How far a run is, and when it may be done."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from ..facts import Run, Status
from ..series import Series
from .curve import Curve, Floats, curve_of, named, words_of

COUNTS: Mapping[str, tuple[str, ...]] = {
    "epoch": tuple(
        "epochs num_epochs n_epochs nb_epochs max_epochs num_train_epochs train_epochs training_epochs total_epochs "
        "number_of_epochs epoch_num max_epoch epochs_total".split()
    ),
    "step": tuple(
        "max_steps num_steps total_steps train_steps training_steps num_train_steps num_training_steps max_train_steps "
        "total_training_steps total_timesteps max_timesteps num_timesteps total_env_steps steps".split()
    ),
    "iteration": tuple(
        "max_iter max_iters n_iter n_iters num_iter num_iters num_iterations n_iterations max_iterations "
        "max_iteration total_iterations total_iters train_iters iterations".split()
    ),
    "round": tuple("num_boost_round num_boost_rounds num_round num_rounds n_rounds nrounds max_rounds".split()),
    "tree": tuple("n_estimators num_estimators num_trees n_trees ntrees".split()),
    "trial": tuple("n_trials num_trials max_trials total_trials".split()),
    "batch": tuple("num_batches max_batches total_batches".split()),
}
"""Parameters that say how many there will be, by what they count: the last part of a name, in snake case."""

_UNIT_OF = {name: unit for unit, names in COUNTS.items() for name in names}

_LIMIT = re.compile(
    r"(time_limit|time_budget|max_time|timeout|max_runtime|max_run_time|experiment_timeout|max_duration|"
    r"max_train_time|max_training_time|walltime|wall_time_limit|time_left_for_this_task|max)"
    r"(_in)?(_(?P<unit>s|secs?|seconds?|mins?|minutes?|h|hrs?|hours?))?"
)

TIME_LIMITS = (
    "time_limit time_budget max_time timeout max_runtime experiment_timeout max_duration max_train_time walltime "
    "time_left_for_this_task"
)
"""Parameters that say how long it may take: seconds, or as a suffix says (`_minutes`, `_hours`), or `1:30:00`."""

_NOT_PER_EPOCH = frozenset("eval_steps eval_every eval_interval eval_freq val_interval val_check_interval "
                           "eval_frequency validate_every val_every evaluation_interval".split())  # fmt: skip
"""Parameters that say that evaluation does not come once an epoch."""

_EVALUATION = frozenset({"val", "valid", "validation", "eval", "dev"})

FEWEST = 5
"""Intervals between marks before which no end is estimated."""

BEYOND = 1.5
"""More than this many times the total: then the parameter counts something else."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is. For a time limit `current` and `done` are None: the clock tells."""

    unit: str
    """What is counted: epoch, step, iteration, round, tree, trial, batch, or second for a time limit."""
    total: float
    """How many there will be, or the limit in seconds."""
    parameter: str
    """Name of the parameter that says so."""
    how: str
    """What counts, in a sentence for people."""
    current: float | None = None
    """The one it is at, from 1; above `total` when it went on."""
    done: float | None = None
    """How many are done."""
    since: float | None = None
    """For a time limit, when it began: seconds since 1970-01-01 UTC."""
    earliest: float | None = None
    """When it may be done at the earliest: seconds since 1970-01-01 UTC; None when not known."""
    latest: float | None = None
    """The same at the latest; for a time limit this is its end."""

    @property
    def is_past(self) -> bool:
        """Whether it went on after its total."""
        return self.current is not None and self.current > self.total


@dataclass(frozen=True, slots=True)
class Total:
    """A parameter that says how far a run goes."""

    parameter: str
    """Its name."""
    unit: str
    """As in `Progress`."""
    value: float
    """How many, or seconds."""


@dataclass(frozen=True, slots=True, eq=False)
class Marks:
    """How many were done when."""

    done: Floats
    time: Floats
    current: float
    """As in `Progress`."""
    how: str
    """What counts."""


def totals_of(parameters: Mapping[str, str]) -> list[Total]:
    """What the parameters say of the end, in their order.

    >>> totals_of({"trainer/maxEpochs": "90", "lr": "0.1", "time_limit_minutes": "5"})
    ... # doctest: +NORMALIZE_WHITESPACE
    [Total(parameter='trainer/maxEpochs', unit='epoch', value=90.0),
     Total(parameter='time_limit_minutes', unit='second', value=300.0)]
    """
    found = []
    for name, text in parameters.items():
        key = "_".join(words_of(re.split(r"[/.:]", name)[-1]))
        unit = _UNIT_OF.get(key)
        if unit is not None:
            value = _number(text)
            if value is not None:
                found.append(Total(name, unit, value))
            continue
        seconds = _seconds(key, text)
        if seconds is not None:
            found.append(Total(name, "second", seconds))
    return found


def _number(text: str) -> float | None:
    try:
        value = float(text.replace(",", "").replace("_", ""))
    except ValueError:
        return None
    return value if 0 < value < 1e12 else None


def _seconds(key: str, text: str) -> float | None:
    """A time limit in seconds. A bare `timeout` below a minute is a network's."""
    match = _LIMIT.fullmatch(key)
    if match is None or (match[1] == "max" and match["unit"] is None):
        return None
    parts = text.strip().split(":")
    if 3 <= len(parts) <= 4:
        numbers = [_number(part) or 0.0 for part in parts]
        days, hours, minutes, seconds = ([0.0] * 4 + numbers)[-4:]
        total = ((days * 24 + hours) * 60 + minutes) * 60 + seconds
    else:
        unit = match["unit"] or "s"
        total = (_number(text) or 0.0) * (1 if unit[0] == "s" else 60 if unit[0] == "m" else 3_600)
    if key == "timeout" and total < 60:
        return None
    return total if total > 0 else None


def progress_of(run: Run, series: Mapping[str, Series], shift: float = 0.0, now: float = 0.0) -> Progress | None:
    """How far a running run is; None when nothing says so, or it does not run.

    `shift`: seconds that the clock which stamped the points runs behind ours. `now`: seconds since 1970-01-01 UTC.
    """
    if run.status not in (Status.RUNNING, Status.FINALIZING):
        return None
    totals = totals_of(run.parameters)
    counted = [one for total in totals if (one := _counted(total, run, series, shift)) is not None]
    timed = [one for total in totals if total.unit == "second" and (one := _timed(total, run, now)) is not None]
    going = [one for one in counted if not one.is_past]
    if going:
        # Several totals are several limits: the one that is reached first ends the run.
        nearest = max(going, key=lambda one: (one.done or 0) / one.total)
        return _within(nearest, timed)
    if timed:
        return min(timed, key=lambda one: one.total)
    return counted[0] if counted else None


def _within(progress: Progress, timed: list[Progress]) -> Progress:
    """No later than a time limit allows."""
    limits = [one.latest for one in timed if one.latest is not None]
    if not limits or progress.latest is None or progress.earliest is None:
        return progress
    limit = min(limits)
    return replace(progress, earliest=min(progress.earliest, limit), latest=min(progress.latest, limit))


def _timed(total: Total, run: Run, now: float) -> Progress | None:
    if run.started is None or now - run.started > 1.1 * total.value:
        return None
    how = f"The parameter {named(total.parameter)} limits the time."
    return Progress("second", total.value, total.parameter, how, since=run.started, latest=run.started + total.value)


def _counted(total: Total, run: Run, series: Mapping[str, Series], shift: float) -> Progress | None:
    if total.unit == "second":
        return None
    marks = _marks(total, run, series)
    if marks is None or marks.current > BEYOND * total.value:
        return None
    ends = None if marks.current > total.value else ends_of(marks.done, marks.time, total.value)
    done = min(float(marks.done[-1]), total.value)
    earliest, latest = (None, None) if ends is None else (ends[0] + shift, ends[1] + shift)
    how = f"The parameter {named(total.parameter)} says how far it goes; {marks.how}."
    return Progress(total.unit, total.value, total.parameter, how, marks.current, done, None, earliest, latest)


def _marks(total: Total, run: Run, series: Mapping[str, Series]) -> Marks | None:
    if total.unit != "epoch":
        return _by_step(_main(series), "the step counts")
    for name, one in series.items():
        if words_of(name)[-1:] == ["epoch"] and not name.startswith("system/") and len(one):
            return _by_value(curve_of(name, None, one))
    return _per_epoch(run, series) or _evaluations(total, run, series) or _steps_as_epochs(total, series)


def _main(series: Mapping[str, Series]) -> Curve | None:
    """The metric that is furthest, and among those the one with the most points."""
    chosen = max(
        (
            (one.stats.last_step or 0, not one.is_behind, one.stats.count, name)
            for name, one in series.items()
            if _counts(name, one)
        ),
        default=None,
    )
    return None if chosen is None else curve_of(chosen[-1], None, series[chosen[-1]])


def _counts(name: str, series: Series) -> bool:
    return not name.startswith("system/") and series.stats.count > 0


def _by_step(curve: Curve | None, how: str, size: float = 1.0) -> Marks | None:
    """The step tells; one that starts at 0 is one behind."""
    if curve is None or not len(curve) or curve.step[-1] < 0:
        return None
    step = curve.step + (1.0 if curve.step.min() == 0 else 0.0)
    if step.max() < 1:
        return None
    done = step / size
    return Marks(done, curve.time, float(math.ceil(done[-1] - 1e-9)), how)


def _by_value(curve: Curve) -> Marks | None:
    """A metric's value tells which epoch it is: once an epoch at its end, or all through it."""
    if not len(curve):
        return None
    how = f"the metric {named(curve.name)} counts"
    value = curve.value
    if not bool(np.all(value == np.round(value))):
        return Marks(value, curve.time, float(math.ceil(value[-1])), how)
    from_zero = bool(value.min() == 0)
    first = np.r_[True, value[1:] != value[:-1]]
    is_throughout = curve.ordinal[-1] + 1 > 1.5 * float(first.sum())
    value, time = value[first], curve.time[first]
    done = value - (0.0 if from_zero else 1.0) if is_throughout else value + (1.0 if from_zero else 0.0)
    return Marks(done, time, float(done[-1]) + (1.0 if is_throughout else 0.0), how)


def _per_epoch(run: Run, series: Mapping[str, Series]) -> Marks | None:
    """A parameter says how many steps an epoch has."""
    for name, text in run.parameters.items():
        if "_".join(words_of(re.split(r"[/.:]", name)[-1])) in ("steps_per_epoch", "batches_per_epoch"):
            size = _number(text)
            if size:
                return _by_step(_main(series), f"{named(name)} says how many steps an epoch has", size)
    return None


def _evaluations(total: Total, run: Run, series: Mapping[str, Series]) -> Marks | None:
    """Evaluation at regular steps, rarer than training: taken for one an epoch unless a parameter says otherwise."""
    if any("_".join(words_of(re.split(r"[/.:]", name)[-1])) in _NOT_PER_EPOCH for name in run.parameters):
        return None
    busiest = max((one.stats.count for name, one in series.items() if _counts(name, one)), default=0)
    for name, one in series.items():
        if not _EVALUATION.intersection(words_of(name)) or not 3 <= one.stats.count <= total.value:
            continue
        curve = curve_of(name, None, one)
        apart = np.diff(curve.step)
        if busiest <= 2 * one.stats.count or len(apart) < 2 or apart.min() < 2 or np.ptp(apart) > 2:
            continue
        return Marks(curve.ordinal + 1, curve.time, curve.ordinal[-1] + 1, "each evaluation is counted as an epoch")
    return None


def _steps_as_epochs(total: Total, series: Mapping[str, Series]) -> Marks | None:
    """Steps that rise by one: epochs, if evaluation is among them, or if each takes a second or more."""
    curve = _main(series)
    if curve is None or len(curve) < 2 or curve.step[0] > 1 or curve.step[-1] + 1 > BEYOND * total.value:
        return None
    evaluated = any(
        _EVALUATION.intersection(words_of(name)) and one.stats.last_step == curve.step[-1] and len(one) >= len(curve)
        for name, one in series.items()
    )
    apart = np.diff(curve.step)
    if not bool(np.all(apart == 1)) or not (evaluated or float(np.median(np.diff(curve.time))) >= 1):
        return None
    return _by_step(curve, "each step is counted as an epoch")


def ends_of(done: Floats, time: Floats, total: float) -> tuple[float, float] | None:
    """When `total` may be reached, earliest and latest, in the clock of `time`; None with fewer than 5 intervals.

    The pace is that of the latter half of the intervals (12 at least): pauses that come again, such as validation,
    count; up to two of more than a minute and 20 times the usual do not, for these are a laptop asleep or a run
    resumed. The range is from the quartiles of the pace, and wider by 1/√n for n intervals.
    """
    back = np.flatnonzero(np.diff(done) < -max(1.0, 0.02 * total))
    if len(back):
        done, time = done[back[-1] + 1 :], time[back[-1] + 1 :]
    if not len(done):
        return None
    record = np.r_[True, done[1:] > np.maximum.accumulate(done)[:-1]]
    done, time = done[record], time[record]
    gone, took = np.diff(done), np.diff(time)
    if len(gone) < FEWEST or done[-1] >= total:
        return None
    window = max(12, len(gone) // 2)
    gone, took = gone[-window:], np.maximum(took[-window:], 0)
    usual = float(np.median(took / gone))
    pause = took > np.maximum(60, 20 * usual * gone)
    if usual > 0 and 0 < pause.sum() <= 2:
        took = np.where(pause, usual * gone, took)
    parts = np.array_split(np.arange(len(gone)), min(20, len(gone)))
    paces = np.array([took[part].sum() / gone[part].sum() for part in parts])
    middle = float(took.sum() / gone.sum())
    if middle <= 0:
        return None
    low, high = np.quantile(paces, [0.25, 0.75])
    wider = 1 + 1 / math.sqrt(len(gone))
    left = total - float(done[-1])
    return float(time[-1] + left * min(low, middle) / wider), float(time[-1] + left * max(high, middle) * wider)
