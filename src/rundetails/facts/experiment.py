"""An experiment as a whole, without its runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

PREFIX = "experiment:"
"""`experiment:<name>` stands where a run's ID does, for all runs of an experiment."""


@dataclass(frozen=True, slots=True)
class Experiment:
    """What a store says of all runs of an experiment together. Times are seconds since 1970-01-01 UTC."""

    name: str
    first: float | None = None
    """When the first of its runs began; None while it has none."""
    starts: Sequence[float] = ()
    """When the newest of them began, about twenty, newest first."""
    latest: float | None = None
    """When one of them began or ended last."""
    is_running: bool = False
    """Whether one of them has not ended."""
    portal_url: str | None = None
    """Where a browser shows it; None when there is no such place."""


def experiment_in(run_id: str) -> str | None:
    """The experiment that is meant; None for the ID of a run.

    >>> experiment_in("experiment:credit"), experiment_in("4f2a")
    ('credit', None)
    """
    return run_id.removeprefix(PREFIX) if run_id.startswith(PREFIX) else None
