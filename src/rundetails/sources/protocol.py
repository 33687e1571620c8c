"""What every source of runs can do. A new source is one new file in this folder, and its tests are already written."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Literal, Protocol, runtime_checkable

from ..facts import ArtifactEntry, ChildrenDelta, Cursor, Delta, Experiment, LogChunk, LogFile, Points, Run

Capability = Literal["instant", "children", "experiments", "files", "range", "selective"]
"""`instant`: a read takes milliseconds, so an unknown ID can be refused at once. `children`: lists child runs.
`experiments`: tells of an experiment as a whole, and gives its runs as those below `experiment:<name>`.
`files`: lists and reads artifacts and logs. `range`: reads a part of a metric's history again (`read_range`).
`selective`: reads only those points that are `wanted`, because each metric costs the store something."""


@runtime_checkable
class RunSource(Protocol):
    """Reads runs from one store. Writes nothing, starts no thread, keeps no state of a run: that is in the cursor.

    Called from one thread at a time, but not always the same one. Every failure is one of `rundetails.errors`.
    """

    @property
    def name(self) -> str:
        """For people, without secrets: `"sqlite · mlflow.db"`."""

    @property
    def key(self) -> str:
        """The same for two sources that read the same store; without secrets. Views with one key share one poll."""

    @property
    def capabilities(self) -> frozenset[Capability]:
        """What it can do."""

    @property
    def requests(self) -> int | None:
        """Requests made of a server so far; None when none is asked."""

    def find(self, run_id: str) -> Run:
        """The run's facts alone: how an unknown ID is refused, and the cheapest look at a run. Raises as `read`."""

    def read(self, run_id: str, cursor: Cursor | None = None, wanted: Collection[str] | None = None) -> Delta:
        """What is new since `cursor`; everything when it is None (`run` is set then).

        `wanted`: metrics whose points somebody sees; None: all. A source with the capability `selective` reads these
        first, and later news of these alone: of the others it gives the latest point (`Delta.latest`), and all that
        they have missed once they are wanted. Every other source gives all of them, always.

        A read is bounded: of a long history it gives a part, and says in `remaining` how much is left.
        Raises RunNotFound, StoreError, AuthExpired or SourceUnavailable.
        """

    def read_range(self, run_id: str, metric: str, first_step: int, last_step: int, limit: int) -> tuple[Points, int]:
        """Points of one metric with `first_step <= step <= last_step`, extremes kept, at most about `limit`
        of them, and how many there are. Needs the capability `range`."""

    def experiment(self, name: str) -> Experiment:
        """What there is to say of all runs of an experiment together. Needs the capability `experiments`.
        Raises ExperimentNotFound."""

    def children(self, run_id: str) -> Sequence[Run]:
        """Direct child runs, oldest first. Needs the capability `children`; empty when there are none."""

    def read_children(self, run_id: str, cursor: Cursor | None = None, *, sweep: bool = False) -> ChildrenDelta:
        """What is new of all runs below this one, at any depth that the store tells cheaply, since `cursor`; everything
        when it is None. Needs the capability `children`. `experiment:<name>` in place of a run's ID: all runs of that
        experiment, whether or not they lie below others; needs the capability `experiments`.

        A read is bounded: it gives the first 50 or so at once, and says in `remaining` how many are left. `sweep`: look
        at all of them again, also at those that have ended, which may have changed nevertheless.
        """

    def curves(self, run_ids: Sequence[str], metric: str, limit: int) -> Mapping[str, Points]:
        """One metric of several runs, extremes kept, at most about `limit` points each. Runs that are not there, or
        lack the metric, are left out. Needs the capability `range`."""

    def artifacts(self, run_id: str, folder: str = "") -> Sequence[ArtifactEntry]:
        """Entries directly below `folder`, by path. Needs the capability `files`."""

    def log_files(self, run_id: str) -> Sequence[LogFile]:
        """Text files that the run writes as it goes, by path. Needs the capability `files`."""

    def read_file(self, run_id: str, path: str, start: int = 0, length: int = 65536) -> LogChunk:
        """At most `length` bytes of a file from offset `start`; a negative `start` counts from the end.

        Never leaves the run's artifact folder. Needs the capability `files`.
        """

    def cancel(self, run_id: str) -> str:
        """Asks for the end of a run; returns a sentence that says what happens next. Raises OnlyRecords for a run whose
        `can_cancel` is False."""

    def nearest(self, run_id: str, limit: int = 5) -> Sequence[str]:
        """IDs of the store that look like `run_id`, best first; the newest runs when none does."""

    def portal_url(self, run_id: str) -> str | None:
        """Where a browser shows the run; None when there is no such place. Only http and https, no password."""

    def close(self) -> None:
        """Gives back files and connections. A later read opens them again."""
