"""A run of which nothing special is known."""

from __future__ import annotations

import re

from ..facts import Run
from ..goals import guess_goal

_EVALUATION = re.compile(r"(?i)(^|[/_. -])(val|valid|validation|eval|dev|test)([/_. -]|$)")
_TRAINING = re.compile(r"(?i)(^|[/_. -])(train|training)([/_. -]|$)")


class Generic:
    """Any run: headline by names, evaluation before training, what has a direction before what has none."""

    name = "run"

    def recognises(self, run: Run) -> bool:
        return True

    def headline(self, metrics: list[str], limit: int = 4) -> list[str]:
        shown = [name for name in metrics if not name.startswith("system/")]
        return sorted(shown, key=_rank)[:limit]


def _rank(name: str) -> int:
    goal = guess_goal(name)
    evaluated = bool(_EVALUATION.search(name))
    if goal == "max" and evaluated:
        return 0
    if goal == "min" and evaluated:
        return 1
    if goal == "max" and not _TRAINING.search(name):
        return 2
    if goal is not None:
        return 3
    return 4
