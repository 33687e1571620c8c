"""Runs that differ in their parameters: Hydra, a loop of one's own."""

from __future__ import annotations

from collections.abc import Sequence

from ..facts import Child, Run
from ..goals import guess_goal
from .family import Family
from .headline import headline
from .kind import RunType, common_metric, differing


class Sweep(RunType):
    """Any parent whose children differ in their parameters."""

    name = "sweep"

    def recognises(self, run: Run, children: Sequence[Child] = ()) -> bool:
        return len(children) > 1 and bool(differing(children))

    def family(self, run: Run, children: Sequence[Child]) -> Family:
        metric = common_metric(children, headline)
        return Family("sweep", "", metric, None if metric is None else guess_goal(metric))
