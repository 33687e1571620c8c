"""Choosing between the runs of a job: best so far, groups, bands of siblings, trade-offs, what mattered."""

from .axes import Axis, axis_of
from .bands import Band, band, worse_than
from .best import best_index, ranks, running_best, since_improvement
from .groups import Group, by_group
from .importance import Importance, parameter_importance
from .pareto import pareto_front

__all__ = [
    "Axis",
    "Band",
    "Group",
    "Importance",
    "axis_of",
    "band",
    "best_index",
    "by_group",
    "parameter_importance",
    "pareto_front",
    "ranks",
    "running_best",
    "since_improvement",
    "worse_than",
]
