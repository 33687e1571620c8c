"""`details.metrics`: the whole history of a run's metrics as a DataFrame."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any

import numpy as np

from .errors import RunDetailsError
from .facts import Points
from .sources.history import all_points
from .sources.protocol import RunSource


class NoPandas(RunDetailsError, ImportError):
    """pandas is not installed."""

    def __init__(self) -> None:
        super().__init__(
            "details.metrics is a pandas DataFrame, and pandas is not installed here. Run `pip install pandas` (or "
            "`pip install rundetails[pandas]`) and ask again. Without it, details.get_widget_data()['metrics'] has "
            "last, lowest and highest values."
        )


def metrics_frame(source: RunSource, run_id: str, turn: AbstractContextManager[None]) -> Any:
    """All points, in long form: columns `metric`, `step` (int64), `time` (datetime64[ns, UTC]), `value` (float64).

    Metrics in the order in which they appeared, points of each as the store received them. Read anew from the store:
    the monitor keeps only what is worth drawing. Blocks while it reads, and gives the poll thread its turn in between.

    Raises NoPandas, or as the source's `read`.
    """
    try:
        import pandas
    except ImportError:
        raise NoPandas from None
    found = all_points(source, run_id, turn)
    every = Points.joined(found.values())
    names = np.array(list(found), object).repeat([len(points) for points in found.values()])
    return pandas.DataFrame(
        {
            "metric": pandas.Series(names, dtype=None if len(names) else "str"),
            "step": every.step,
            "time": pandas.DatetimeIndex(_nanoseconds(every.time), tz="UTC"),
            "value": every.value,
        }
    )


def _nanoseconds(seconds: np.typing.NDArray[np.float64]) -> np.typing.NDArray[np.datetime64]:
    """Float seconds hold microseconds, and the milliseconds of a store exactly."""
    return np.round(seconds * 1e6).astype("datetime64[us]").astype("datetime64[ns]")
