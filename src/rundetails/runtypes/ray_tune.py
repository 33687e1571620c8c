"""Ray Tune: trials that its MLflow logger writes, side by side in an experiment."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ..facts import Child, Run
from .family import Place
from .sweep import Sweep

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


class RayTune(Sweep):
    """Trials of Ray Tune, and each of them by itself."""

    producer = "Ray Tune"

    def recognises(self, run: Run, children: Sequence[Child] = ()) -> bool:
        return TRIAL in run.tags or any(TRIAL in child.run.tags for child in children[:20])

    def is_result(self, metric: str) -> bool:
        return metric not in BOOKKEEPING and not metric.startswith(CONFIG)

    def place(self, child: Child) -> Place:
        found = _NUMBER.search(child.run.tags.get(TRIAL, ""))
        return Place(float(found[1]) if found else None)
