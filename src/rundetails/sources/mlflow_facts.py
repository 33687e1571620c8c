"""How MLflow writes things down, and what is meant."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from .. import tags as names
from ..facts import Experiment, Run, Status
from ..facts.points import Floats

LARGEST = float(np.finfo(np.float64).max)
"""MLflow stores ±inf as this number and its opposite, NaN as 0 with a flag beside it."""

PARENT_TAG = "mlflow.parentRunId"

NEWEST = 20
"""Runs of an experiment whose starts are told."""


def meant(values: Floats) -> Floats:
    """The values with MLflow's ±1.8e308 read as ±inf."""
    infinite = np.abs(values) >= LARGEST
    return np.where(infinite, np.copysign(np.inf, values), values) if infinite.any() else values


def seconds(milliseconds: int | None) -> float | None:
    """Seconds out of MLflow's milliseconds; None stays None."""
    return None if milliseconds is None else milliseconds / 1000


def experiment_of(
    name: str,
    first: int | None,
    starts: Sequence[int | None],
    ends: Iterable[int | None],
    *,
    is_running: bool,
    portal_url: str | None = None,
) -> Experiment:
    """An experiment out of MLflow's times: of its first run, of the newest, newest first, and of ends, in milliseconds
    since 1970-01-01 UTC."""
    known = [one / 1000 for one in starts if one is not None]
    latest = max([*known, *(one / 1000 for one in ends if one is not None)], default=None)
    return Experiment(name, seconds(first), known, latest, is_running, portal_url)


def run_of(
    run_id: str,
    *,
    name: str | None,
    experiment: str | None,
    status: str,
    started: int | None,
    ended: int | None,
    parameters: Mapping[str, str],
    tags: Mapping[str, str],
    user: str | None = None,
    source: str | None = None,
) -> Run:
    """A run out of MLflow's words; `started` and `ended` in milliseconds since 1970-01-01 UTC."""
    state = _finer(Status.from_mlflow(status), tags.get(names.STATUS))
    return Run(
        id=run_id,
        name=name or tags.get("mlflow.runName", ""),
        experiment=experiment or "",
        type=tags.get("azureml.runsource") or tags.get(names.TYPE, ""),
        status=state,
        created=seconds(started),
        started=_started(seconds(started), state, tags.get(names.STARTED)),
        # A resumed run keeps the end that it once had.
        ended=seconds(ended) if state.has_ended else None,
        parameters=dict(parameters),
        tags=dict(tags),
        source=tags.get("mlflow.source.name") or source or None,
        user=tags.get("mlflow.user") or (None if user in (None, "", "unknown") else user),
        parent=tags.get(PARENT_TAG) or None,
        detail=tags.get(names.DETAIL, ""),
    )


def _started(created: float | None, status: Status, said: str | None) -> float | None:
    """When it began to run, which for a script that was submitted is later than when the run was made."""
    if said is not None:
        try:
            return float(said)
        except ValueError:
            return created
    return None if status is Status.QUEUED else created


def _finer(status: Status, word: str | None) -> Status:
    """The state in the words of whoever runs it. When MLflow says that a run is over, it is; and words that fit none of
    ours say nothing."""
    if word is None or status.has_ended:
        return status
    try:
        finer = Status(word)
    except ValueError:
        return status
    return status if finer.has_ended else finer
