"""What a compute target can do: one file each in this folder."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from ..facts import Status
from .job import Job


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a run stands that its target has not done with."""

    run_id: str
    status: Status
    detail: str = ""
    """One sentence for people; empty when there is nothing to say."""
    started: float | None = None
    """When it began to run: seconds since 1970-01-01 UTC; None before."""
    heartbeat: float | None = None
    """The latest sign of life of whoever supervises it: seconds since 1970-01-01 UTC; None before it runs."""


class ComputeTarget(Protocol):
    """Runs scripts."""

    @property
    def name(self) -> str:
        """As it is chosen by."""

    @property
    def type(self) -> str:
        """What kind of target, for people."""

    def submit(self, job: Job) -> None:
        """Has it run as soon as there is room; returns at once. Raises InvalidJob, or SnapshotTooLarge."""

    def cancel(self, run_id: str) -> str:
        """Ends a run, waiting or running, with all its processes; returns a sentence that says what happens next."""

    def standing(self, run_id: str) -> Standing | None:
        """Where this run stands; None when the target does not have it (any more)."""

    def jobs(self) -> Sequence[Standing]:
        """All that it has: those that run, then those that wait, in their order."""
