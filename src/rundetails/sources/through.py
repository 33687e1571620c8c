"""A source that reads through another one: what stands before a store and knows something better overrides that."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING

from ..facts import ArtifactEntry, ChildrenDelta, Cursor, Delta, Experiment, LogChunk, LogFile, Points, Run
from .protocol import Capability, RunSource


class SourceThrough:
    """Says what the other source says. Views of either share their reads."""

    def __init__(self, source: RunSource) -> None:
        self._source = source

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {self._source!r}>"

    @property
    def name(self) -> str:
        return self._source.name

    @property
    def key(self) -> str:
        return self._source.key

    @property
    def capabilities(self) -> frozenset[Capability]:
        return self._source.capabilities

    @property
    def requests(self) -> int | None:
        return self._source.requests

    def find(self, run_id: str) -> Run:
        return self._source.find(run_id)

    def read(self, run_id: str, cursor: Cursor | None = None, wanted: Collection[str] | None = None) -> Delta:
        return self._source.read(run_id, cursor, wanted)

    def read_range(self, run_id: str, metric: str, first_step: int, last_step: int, limit: int) -> tuple[Points, int]:
        return self._source.read_range(run_id, metric, first_step, last_step, limit)

    def experiment(self, name: str) -> Experiment:
        return self._source.experiment(name)

    def children(self, run_id: str) -> Sequence[Run]:
        return self._source.children(run_id)

    def read_children(self, run_id: str, cursor: Cursor | None = None, *, sweep: bool = False) -> ChildrenDelta:
        return self._source.read_children(run_id, cursor, sweep=sweep)

    def curves(self, run_ids: Sequence[str], metric: str, limit: int) -> Mapping[str, Points]:
        return self._source.curves(run_ids, metric, limit)

    def artifacts(self, run_id: str, folder: str = "") -> Sequence[ArtifactEntry]:
        return self._source.artifacts(run_id, folder)

    def log_files(self, run_id: str) -> Sequence[LogFile]:
        return self._source.log_files(run_id)

    def read_file(self, run_id: str, path: str, start: int = 0, length: int = 65536) -> LogChunk:
        return self._source.read_file(run_id, path, start, length)

    def cancel(self, run_id: str) -> str:
        return self._source.cancel(run_id)

    def nearest(self, run_id: str, limit: int = 5) -> Sequence[str]:
        return self._source.nearest(run_id, limit)

    def portal_url(self, run_id: str) -> str | None:
        return self._source.portal_url(run_id)

    def close(self) -> None:
        self._source.close()


if TYPE_CHECKING:
    _: type[RunSource] = SourceThrough
