"""Points that wait to be written, and the steps that those without one get."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mlflow.entities import Metric

BATCH = 1_000
"""Points of one `log_batch`; MLflow's limit."""

Waiting = tuple[str, "int | None", int, float]
"""Name, step (None: the next), milliseconds since 1970, value."""


def following_steps(client: Any, run_id: str) -> dict[str, int]:
    """The step after the last of each metric that the run has. Raises what the store does."""
    stored = client.get_run(run_id)
    return {metric.key: int(metric.step) + 1 for metric in getattr(stored.data, "_metric_objs", [])}


def with_steps(points: Iterable[Waiting], following: dict[str, int]) -> list[Metric]:
    """MLflow's points. `following`: the next step of each metric; it is brought up to date."""
    from mlflow.entities import Metric

    found = []
    for name, step, at, value in points:
        if step is None:
            step = following.get(name, 0)
        following[name] = step + 1
        found.append(Metric(name, value, at, step))
    return found


def waiting_of(points: Iterable[Metric]) -> list[Waiting]:
    """The reverse."""
    return [(point.key, point.step, point.timestamp, point.value) for point in points]
