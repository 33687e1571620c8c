"""The states that a run can be in: the vocabulary of Azure ML, which every other store's maps into."""

from __future__ import annotations

from enum import Enum


class Status(str, Enum):
    """State of a run; the value is the word shown to people."""

    NOT_STARTED = "NotStarted"
    STARTING = "Starting"
    PROVISIONING = "Provisioning"
    PREPARING = "Preparing"
    QUEUED = "Queued"
    RUNNING = "Running"
    FINALIZING = "Finalizing"
    CANCEL_REQUESTED = "CancelRequested"
    CANCELED = "Canceled"
    COMPLETED = "Completed"
    FAILED = "Failed"
    NOT_RESPONDING = "NotResponding"
    PAUSED = "Paused"

    def __str__(self) -> str:
        return self.value

    @property
    def has_ended(self) -> bool:
        """Whether nothing more is expected of the run."""
        return self in _ENDED

    @property
    def passes(self) -> bool:
        """Whether something else is likely to be true of the run in a moment."""
        return self in _PASSING

    @classmethod
    def from_mlflow(cls, status: str) -> Status:
        """The state behind one of MLflow's five words; a word nobody knows is `NOT_RESPONDING`, never an end."""
        return _FROM_MLFLOW.get(status, cls.NOT_RESPONDING)


_ENDED = frozenset({Status.CANCELED, Status.COMPLETED, Status.FAILED})

_PASSING = frozenset(
    {
        Status.STARTING,
        Status.PROVISIONING,
        Status.PREPARING,
        Status.QUEUED,
        Status.FINALIZING,
        Status.CANCEL_REQUESTED,
    }
)

_FROM_MLFLOW = {
    "SCHEDULED": Status.QUEUED,
    "RUNNING": Status.RUNNING,
    "FINISHED": Status.COMPLETED,
    "FAILED": Status.FAILED,
    "KILLED": Status.CANCELED,
}
