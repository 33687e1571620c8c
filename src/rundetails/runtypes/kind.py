"""What a kind of run has to say of itself: most of it may be left out."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from ..facts import Child, Run
from .family import Family, Place
from .headline import headline

PROPERTY = "rundetails.property."

SAMPLE = 300
"""Children that are looked at to find out what all of them are like."""

Read = Callable[[str], "bytes | None"]
"""Gives a file of the run; None when there is none, or when it is large."""


class RunType:
    """One kind of run. A subclass in a file of its own, named in `RUN_TYPES`, is a new kind."""

    name = "run"
    """The word for it, in the view."""

    def recognises(self, run: Run, children: Sequence[Child] = ()) -> bool:
        """Whether this run is of the kind. `children`: some of the runs below it, as far as they are known."""
        raise NotImplementedError

    def is_result(self, metric: str) -> bool:
        """Whether a metric says something of what was trained; the rest is its producer's own bookkeeping."""
        return True

    def headline(self, metrics: list[str], limit: int = 4) -> list[str]:
        """The metrics worth a tile, first first."""
        return headline([name for name in metrics if self.is_result(name)], limit)

    def family(self, run: Run, children: Sequence[Child]) -> Family:
        """What the runs below it are together."""
        return Family()

    def place(self, child: Child) -> Place:
        """What one of them is."""
        return Place(child_number(child))

    def listed(self, run: Run, read: Read) -> list[Child]:
        """Those that the parent tells of, in its tags or in a file. Asked of any run, so it answers with nothing unless
        the run's own facts say otherwise."""
        return []

    def joined(self, run: Run, listed: Sequence[Child], runs: Sequence[Child]) -> list[Child]:
        """One list out of those that the parent tells of and those that the store has: by default, a run of the store
        takes the place of what has its ID, and keeps the tags that were told of it."""
        told = {one.run.id: one for one in listed}
        found = [merged(told.pop(one.run.id), one) if one.run.id in told else one for one in runs]
        return [*found, *told.values()]


def merged(told: Child, own: Child) -> Child:
    """A run of the store, with what its parent says beyond it."""
    run = replace(own.run, tags={**told.run.tags, **own.run.tags})
    return replace(own, run=run, metrics={**told.metrics, **own.metrics})


def said(run: Run, name: str) -> str | None:
    """A tag or a property of the run."""
    return run.tags.get(name) or run.tags.get(PROPERTY + name)


def json_of(text: str | None) -> Any:
    """What a text holds; None when it holds nothing readable."""
    try:
        return None if text is None else json.loads(text)
    except ValueError:
        return None


def number(text: object) -> float | None:
    """The finite number in a text; None when there is none."""
    if text is None:
        return None
    try:
        found = float(str(text))
    except ValueError:
        return None
    return found if abs(found) < float("inf") else None


def whole(text: object) -> int | None:
    """The same, as a whole number."""
    found = number(text)
    return None if found is None else int(found)


def child_number(child: Child) -> float | None:
    """The number of an iteration or a trial, by any of its usual names."""
    tags = child.run.tags
    for name in ("flaml.iteration_number", "iteration", PROPERTY + "iteration", "optuna.trial_number", "number"):
        if (found := number(tags.get(name))) is not None:
            return found
    return None


def first_tag(children: Sequence[Child], names: Sequence[str]) -> str | None:
    """The first of these tags that any of the first few children has."""
    for child in children[:20]:
        for name in names:
            if value := child.run.tags.get(name):
                return value
    return None


def differing(children: Sequence[Child]) -> set[str]:
    """Parameters in which the children differ."""
    seen: dict[str, str] = {}
    found: set[str] = set()
    for child in children[:SAMPLE]:
        for name, value in child.run.parameters.items():
            if seen.setdefault(name, value) != value:
                found.add(name)
    return found


def common_metric(children: Sequence[Child], ranked: Callable[[list[str]], list[str]]) -> str | None:
    """The metric to choose by, where nothing says: the foremost of those that most children have."""
    counts: dict[str, int] = {}
    for child in children[:SAMPLE]:
        for name in child.metrics:
            counts[name] = counts.get(name, 0) + 1
    most = max(counts.values(), default=0)
    names = [name for name, count in counts.items() if 2 * count >= most]
    return next(iter(ranked(names)), None)


def texts(values: Mapping[str, object]) -> dict[str, str]:
    """Values as MLflow would write them."""
    return {str(name): str(value) for name, value in values.items()}
