"""Runs that differ in their parameters: Hydra, a loop of one's own."""

from __future__ import annotations

from collections.abc import Sequence

from ..facts import Child, Run
from ..goals import guess_goal
from .family import Family
from .kind import RunType, common_metric, differing


class Sweep(RunType):
    """Any parent whose children differ in their parameters."""

    name = "sweep"
    producer = ""
    """What made them, for people; empty when unknown."""

    def recognises(self, run: Run, children: Sequence[Child] = ()) -> bool:
        return len(children) > 1 and bool(differing(children))

    def family(self, run: Run, children: Sequence[Child]) -> Family:
        metric = common_metric(children, self.headline)
        return Family("sweep", self.producer, metric, None if metric is None else guess_goal(metric))
