"""Which metrics deserve a tile: by their names; evaluation before training, what has a direction before the rest."""

from __future__ import annotations

import re

from ..goals import guess_goal

_EVALUATION = re.compile(r"(?i)(^|[/_. -])(val|valid|validation|eval|dev|test)([/_. -]|$)")
_TRAINING = re.compile(r"(?i)(^|[/_. -])(train|training)([/_. -]|$)")


def headline(metrics: list[str], limit: int = 4) -> list[str]:
    """The foremost of these."""
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
