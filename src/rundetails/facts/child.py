"""Runs below a run, with what they measured, and what is new of them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from .delta import Cursor
from .run import Run


@dataclass(frozen=True, slots=True)
class Child:
    """One run below another, at any depth: `run.parent` says where."""

    run: Run
    """Its facts. Long tags are cut at 2,000 characters."""
    metrics: Mapping[str, float] = field(default_factory=dict)
    """The latest value of each metric."""
    steps: int = 0
    """The highest step of a latest value: above 0, there is a curve behind it."""
    lowest: Mapping[str, float] = field(default_factory=dict)
    """The lowest finite value of metrics that have a curve, as far as it is known."""
    highest: Mapping[str, float] = field(default_factory=dict)
    """The same for the highest."""
    is_run: bool = True
    """False for what its parent tells of, and the store has no run for: it cannot be opened."""

    def __post_init__(self) -> None:
        # One NaN for all: two of them are not equal, and what did not change would be told again and again.
        total = sum(self.metrics.values())
        if total != total:
            same = {name: math.nan if value != value else value for name, value in self.metrics.items()}
            object.__setattr__(self, "metrics", same)


@dataclass(frozen=True, slots=True)
class ChildrenDelta:
    """What is new of the runs below a run since a cursor; empty when nothing is."""

    cursor: Cursor
    """Where the next read starts."""
    children: Sequence[Child] = ()
    """New ones and changed ones, each whole, oldest first."""
    gone: Sequence[str] = ()
    """IDs of those that are no longer there."""
    remaining: int = 0
    """About how many are still to be read: when not 0, read on at once."""

    @property
    def is_empty(self) -> bool:
        """Whether nothing is new."""
        return not self.children and not self.gone


@dataclass(frozen=True, slots=True)
class Known:
    """A cursor for sources that list children: what was given."""

    given: Mapping[str, Child] = field(default_factory=dict)

    def news(self, listed: Mapping[str, Child], cursor: Cursor) -> ChildrenDelta:
        """What differs, `listed` being all there are."""
        changed = [one for name, one in listed.items() if self.given.get(name) != one]
        return ChildrenDelta(cursor, changed, [name for name in self.given if name not in listed])
