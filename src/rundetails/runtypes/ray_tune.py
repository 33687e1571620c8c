"""Ray Tune: trials that its MLflow logger writes, side by side in an experiment."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ..facts import Child, Run
from ..goals import guess_goal
from .family import Family, Place
from .headline import headline
from .kind import RunType, common_metric

TRIAL = "trial_name"
"""Tag of each trial: the function's name and the trial's ID, `train_0928c_00010`."""

_NUMBER = re.compile(r"_(\d{5,})$")

BOOKKEEPING = frozenset(
    {
        *("timestamp", "done", "pid", "training_iteration", "iterations_since_restore", "warmup_time"),
        *("time_this_iter_s", "time_total_s", "time_since_restore"),
        *("timesteps_total", "timesteps_since_restore", "episodes_total"),
    }
)
"""Metrics that every trial has, whatever it trains."""

CONFIG = "config/"
"""Begins the names of metrics that are parameters once more."""


class RayTune(RunType):
    """Trials of Ray Tune, and each of them by itself."""

    name = "sweep"

    def recognises(self, run: Run, children: Sequence[Child] = ()) -> bool:
        return TRIAL in run.tags or any(TRIAL in child.run.tags for child in children[:20])

    def headline(self, metrics: list[str], limit: int = 4) -> list[str]:
        own = [name for name in metrics if name not in BOOKKEEPING and not name.startswith(CONFIG)]
        return headline(own, limit)

    def family(self, run: Run, children: Sequence[Child]) -> Family:
        metric = common_metric(children, self.headline)
        return Family("sweep", "Ray Tune", metric, None if metric is None else guess_goal(metric))

    def place(self, child: Child) -> Place:
        found = _NUMBER.search(child.run.tags.get(TRIAL, ""))
        return Place(float(found[1]) if found else None)
