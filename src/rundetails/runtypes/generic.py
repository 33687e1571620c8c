"""A run of which nothing special is known."""

from __future__ import annotations

from collections.abc import Sequence

from ..facts import Child, Run
from ..goals import guess_goal
from .family import Family, Place
from .headline import headline
from .kind import RunType, child_number, common_metric


class Generic(RunType):
    """Any run, and any runs below it."""

    def recognises(self, run: Run, children: Sequence[Child] = ()) -> bool:
        return True

    def family(self, run: Run, children: Sequence[Child]) -> Family:
        metric = common_metric(children, headline)
        return Family("nested", metric=metric, goal=None if metric is None else guess_goal(metric))

    def place(self, child: Child) -> Place:
        return Place(child_number(child))
