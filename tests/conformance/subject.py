"""What a source brings to the conformance tests. A new source: one new file in `sources/` with a class `Subject`."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Protocol

from rundetails.facts import Status
from rundetails.sources.protocol import RunSource


class Subject(Protocol):
    """A source, and the means to make its runs do things."""

    source: RunSource

    def __init__(self, folder: Path) -> None:
        """An empty store; files may go to `folder`."""

    def experiment(self, name: str) -> str:
        """A new experiment; returns what `create` knows it by."""

    def create(self, name: str = "a run", parent: str | None = None, experiment: str = ...) -> str:
        """A new, running run; returns its ID."""

    def log(self, run_id: str, metric: str, points: Iterable[tuple[int, float, float]]) -> None:
        """Points as (step, seconds since 1970 in whole milliseconds, value)."""

    def parameter(self, run_id: str, name: str, value: str) -> None: ...

    def tag(self, run_id: str, name: str, value: str) -> None: ...

    def end(self, run_id: str, status: Status) -> None:
        """COMPLETED, FAILED or CANCELED."""

    def delete(self, run_id: str) -> None: ...

    def write(self, run_id: str, path: str, data: bytes) -> None:
        """A file among the run's artifacts."""

    def folder(self, run_id: str) -> Path | None:
        """The run's artifact folder on this machine; None when there is none."""
