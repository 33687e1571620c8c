"""A run in a real store, trained by this process: what a notebook watches without its kernel doing the work."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

from mlflow import MlflowClient
from mlflow.entities import Metric

os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"


class Training:
    """One run of one store. `show` is the notebook's cell that watches it."""

    def __init__(self, store: Path, name: str = "trial", experiment: str = "digits", **parameters: Any) -> None:
        self.store = store
        self.client = MlflowClient(f"sqlite:///{store}")
        known = self.client.get_experiment_by_name(experiment)
        identity = known.experiment_id if known else self.client.create_experiment(experiment)
        self.id = self.client.create_run(identity, run_name=name).info.run_id
        # A minute ago: a run that logged years ago and says that it runs would be called stale.
        self.clock = int((time.time() - 60) * 1000)
        for key, value in parameters.items():
            self.client.log_param(self.id, key, value)

    def show(self, refresh: object = 0.2, name: str = "details") -> str:
        return (
            "from rundetails import RunDetails\n"
            f"{name} = RunDetails({self.id!r}, store={self.store.name!r}, refresh={refresh!r})\n"
            f"{name}.show()"
        )

    def log(self, metric: str, *values: float, start: int = 0, every: int = 1) -> None:
        """Points at steps start, start + every, …; one second apart."""
        points = []
        for index, value in enumerate(values):
            self.clock += 1000
            points.append(Metric(metric, value, self.clock, start + index * every))
        self.log_points(points)

    def log_points(self, points: list[Metric]) -> None:
        for begin in range(0, len(points), 1000):
            self.client.log_batch(self.id, metrics=points[begin : begin + 1000])

    def end(self, status: str = "FINISHED") -> None:
        self.client.set_terminated(self.id, status)


def show(run: Any) -> str:
    """The notebook's cell that watches a run of the fixture `run`."""
    return f"from rundetails import RunDetails\nRunDetails({run.id!r}, store={run.store!r}, refresh=0.2).show()"
