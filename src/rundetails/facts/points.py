"""Points of one metric, as arrays."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Steps = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Points:
    """Points in the order in which the store received them: three arrays of one length."""

    step: Steps
    """Step of each point, as logged: may repeat, go backwards, be negative."""
    time: Floats
    """When each point was logged: seconds since 1970-01-01 UTC."""
    value: Floats
    """Value of each point; NaN and ±inf are real values here, never MLflow's ±1.8e308."""

    def __post_init__(self) -> None:
        if not len(self.step) == len(self.time) == len(self.value):
            raise ValueError(
                f"Points needs three arrays of one length; got {len(self.step)} steps, "
                f"{len(self.time)} times and {len(self.value)} values."
            )

    @classmethod
    def empty(cls) -> Points:
        return cls(np.empty(0, np.int64), np.empty(0), np.empty(0))

    @classmethod
    def of(cls, rows: Iterable[tuple[int, float, float]]) -> Points:
        """From (step, time, value) rows."""
        listed = list(rows)
        return cls(
            np.array([row[0] for row in listed], np.int64),
            np.array([row[1] for row in listed], np.float64),
            np.array([row[2] for row in listed], np.float64),
        )

    @classmethod
    def joined(cls, parts: Iterable[Points]) -> Points:
        """All parts, one after the other."""
        listed = [part for part in parts if len(part)]
        if not listed:
            return cls.empty()
        if len(listed) == 1:
            return listed[0]
        return cls(
            np.concatenate([part.step for part in listed]),
            np.concatenate([part.time for part in listed]),
            np.concatenate([part.value for part in listed]),
        )

    def __len__(self) -> int:
        return len(self.value)

    def __repr__(self) -> str:
        return f"<Points: {len(self):,}>"

    def take(self, which: NDArray[Any] | slice) -> Points:
        """The points at these indices, or where this mask is true."""
        return Points(self.step[which], self.time[which], self.value[which])
