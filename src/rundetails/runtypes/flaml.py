"""FLAML: `AutoML.fit` inside a run of MLflow. Its trials are nested runs; the parent gets its tags at the end only."""

from __future__ import annotations

from collections.abc import Sequence

from ..facts import Child, Run
from ..goals import guess_goal
from .family import Family, Place
from .kind import RunType, first_tag, number

METRIC = ("flaml.metric", "flaml.meric")
"""The second is how FLAML 2.7 spells it."""


COUNTERS = ("iter_counter", "trial_time", "wall_clock_time")
"""Metrics of the run that are no result: which iteration was the best, and how long it took."""


class Flaml(RunType):
    """Iterations of FLAML's search."""

    name = "automl"

    def recognises(self, run: Run, children: Sequence[Child] = ()) -> bool:
        is_own = "flaml.iteration_number" in run.tags and "mlflow.parentRunId" not in run.tags
        return is_own or first_tag(children, ["flaml.iteration_number"]) is not None

    def is_result(self, metric: str) -> bool:
        return metric not in COUNTERS

    def family(self, run: Run, children: Sequence[Child]) -> Family:
        told = run.tags.get(METRIC[0]) or run.tags.get(METRIC[1]) or first_tag(children, METRIC)
        has_it = told is not None and any(told in child.metrics for child in children)
        metric = told if has_it else "validation_loss"
        best = next((child.run.id for child in children if child.run.tags.get("flaml.best_run") == "True"), None)
        goal = (guess_goal(metric) if metric else None) or ("min" if metric == "validation_loss" else "max")
        limit = number(run.parameters.get("time_budget"))
        return Family("automl", "FLAML", metric, goal, {"validation_loss": "min"}, best, seconds=limit)

    def place(self, child: Child) -> Place:
        tags = child.run.tags
        return Place(
            number(tags.get("flaml.iteration_number")),
            tags.get("flaml.learner") or tags.get("flaml.estimator_name", ""),
            sampling=number(tags.get("flaml.sample_size")),
            seconds=child.metrics.get("trial_time"),
        )
