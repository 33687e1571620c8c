"""What is new since a cursor."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from .points import Points
from .run import Run

Cursor = object
"""Where a source stopped reading: made by a source, handed back to it, looked into by nobody else."""


@dataclass(frozen=True, slots=True)
class Overview:
    """A provisional sample of a history that is too long to read at once."""

    points: Points
    """Some of the points, in order: first and last among them, extremes not guaranteed."""
    count: int
    """How many points there are, or about how many."""


@dataclass(frozen=True, slots=True)
class Delta:
    """News of one run since a cursor; empty when there is none."""

    cursor: Cursor
    """Where the next read starts."""
    run: Run | None = None
    """The run's facts; None when they are as before."""
    points: Mapping[str, Points] = field(default_factory=dict)
    """New points by metric, in the order in which the store received them. Metrics without news are absent."""
    latest: Mapping[str, Points] = field(default_factory=dict)
    """Of metrics that moved, but whose points were not wanted: the latest point alone."""
    overview: Mapping[str, Overview] = field(default_factory=dict)
    """With the first read of a long history: a sample by metric, to draw until `points` has caught up."""
    arrived: Collection[str] | None = None
    """Metrics of an overview whose points are all there with this delta. None: all, once nothing remains."""
    reset: bool = False
    """The store's history changed behind the cursor: forget all points known so far, these come instead."""
    remaining: int = 0
    """About how many points are still waiting: when not 0, read on at once."""

    @property
    def is_empty(self) -> bool:
        """Whether nothing is new."""
        news = (self.points, self.latest, self.overview, self.arrived, self.reset)
        return self.run is None and not any(news)
