"""Time, as something that is handed in."""

from __future__ import annotations

import time
from typing import Protocol


class Clock(Protocol):
    """Two readings of time, in seconds."""

    def monotonic(self) -> float:
        """Never goes backwards; for pauses."""

    def time(self) -> float:
        """Since 1970-01-01 UTC; for people."""


class SystemClock:
    """The machine's own time."""

    def monotonic(self) -> float:
        return time.monotonic()

    def time(self) -> float:
        return time.time()


class ManualClock:
    """Time that moves when told to: for tests and tutorials."""

    def __init__(self, start: float = 1_700_000_000.0) -> None:
        self._start = start
        self._passed = 0.0
        self._slept = 0.0

    def monotonic(self) -> float:
        return self._passed

    def time(self) -> float:
        return self._start + self._passed + self._slept

    def advance(self, seconds: float) -> None:
        """Lets this many seconds pass."""
        self._passed += seconds

    def sleep(self, seconds: float) -> None:
        """The machine is suspended for so long: only the wall clock goes on, as on Linux. Negative: it is set back."""
        self._slept += seconds
