"""What can go wrong, in sentences.

    RunDetailsError
    ├── InvalidRun          what was given is not a run
    ├── RunNotFound         no such run in this store
    │   └── RunDeleted      it was there, and was deleted
    ├── ArtifactNotFound    no such file among the run's artifacts
    ├── OnlyRecords         the store keeps runs and cannot stop one
    ├── StoreError          the store cannot be used as it is
    │   ├── StoreNotFound   nothing there
    │   ├── StoreTooNew     written by a newer MLflow
    │   └── StoreDamaged    not a database, or not MLflow's
    └── SourceUnavailable   for the moment: try again (`retry_after`)
        └── AuthExpired     sign in again

Each message says what was wrong, what would work and what to do next, and holds no token or password.
"""

from __future__ import annotations

from collections.abc import Sequence


class RunDetailsError(Exception):
    """Base of all errors of this package."""


class InvalidRun(RunDetailsError, TypeError):
    """What was given cannot be read as a run."""


class RunNotFound(RunDetailsError, LookupError):
    """The store has no run of this ID."""

    def __init__(self, run_id: str, where: str, nearest: Sequence[str] = ()) -> None:
        """`where` names the store that was searched; `nearest` are IDs there that look alike, best first."""
        self.run_id = run_id
        self.where = where
        self.nearest = tuple(nearest)
        lines = [f"No run {_shown(run_id)} in {where}."]
        if self.nearest:
            lines.append("The nearest there: " + ", ".join(self.nearest) + ".")
        else:
            lines.append("That store has no runs yet.")
        lines.append("Is the run in another store? Set MLFLOW_TRACKING_URI, or pass store=… to RunDetails.")
        super().__init__("\n".join(lines))


class RunDeleted(RunNotFound):
    """The run was moved to the store's bin."""

    def __init__(self, run_id: str, where: str) -> None:
        """`where` names the store that holds its remains."""
        super().__init__(run_id, where)
        message = (
            f"Run {_shown(run_id)} in {where} was deleted. Until `mlflow gc` removes it for good, "
            f"`mlflow runs restore --run-id {run_id}` brings it back."
        )
        self.args = (message,)


class ArtifactNotFound(RunDetailsError, LookupError):
    """The run has no such file or folder, or it lies outside of the run's artifact folder."""


class OnlyRecords(RunDetailsError):
    """The store keeps what runs tell it, and has no way to stop one."""

    def __init__(self, store: str) -> None:
        """`store` is its name for people."""
        super().__init__(
            f"{store} only records what the run does and cannot stop it. Interrupt the cell or end the process that "
            "trains; the view follows what then happens."
        )


class StoreError(RunDetailsError):
    """The store cannot be used as it is."""


class StoreNotFound(StoreError, FileNotFoundError):
    """There is no store at this address."""

    __str__ = Exception.__str__


class StoreTooNew(StoreError):
    """The store was written by an MLflow newer than this package knows."""


class StoreDamaged(StoreError):
    """The file is not a database, not MLflow's, or its contents are broken."""


class SourceUnavailable(RunDetailsError, ConnectionError):
    """The store does not answer for the moment."""

    __str__ = Exception.__str__

    def __init__(self, message: str, retry_after: float | None = None) -> None:
        """`retry_after`: seconds that the store asks to be left alone; None when it does not say."""
        self.retry_after = retry_after
        super().__init__(message)


class AuthExpired(SourceUnavailable):
    """The store no longer accepts the credentials; the message says what to run."""


def _shown(text: str) -> str:
    return repr(text if len(text) <= 80 else text[:77] + "…")
