"""What can go wrong, in sentences.

    RunDetailsError
    ├── InvalidRun          what was given is not a run
    ├── InvalidConfig       a workspace or script that is not described as it should be
    ├── InvalidJob          a script that cannot be run as it is described
    │   └── SnapshotTooLarge    its folder holds too much
    ├── InvalidMetric       no number, or a name that no metric can have
    ├── NotWritten          the store did not take what was logged
    ├── InvalidName         a name that no experiment or model can have
    ├── InvalidTags         tags, properties or children that cannot be
    ├── RunFailed           the run that was waited for has failed
    ├── RunNotFound         no such run in this store
    │   ├── RunDeleted      it was there, and was deleted
    │   └── ExperimentNotFound  no such experiment in this store
    ├── UnknownMetric       the run has no metric of this name
    ├── ArtifactNotFound    no such file among the run's artifacts
    ├── ModelNotFound       no such model in the registry
    ├── TooFewRuns          not enough of them to say anything
    ├── MissingPackage      a package that is needed for this alone is not installed
    ├── OnlyOnline          a run outside of any store has no such thing
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

import difflib
from collections.abc import Mapping, Sequence


class RunDetailsError(Exception):
    """Base of all errors of this package."""


class InvalidRun(RunDetailsError, TypeError):
    """What was given cannot be read as a run."""


class InvalidConfig(RunDetailsError, ValueError):
    """A workspace or a script is not described as it should be."""


class InvalidJob(RunDetailsError, ValueError):
    """A script cannot be run as it is described; there is no run of it."""


class SnapshotTooLarge(InvalidJob):
    """The folder of a script holds more than is copied for a run."""

    def __init__(self, folder: str, sizes: Mapping[str, int], most_bytes: int, most_files: int) -> None:
        """`sizes`: bytes of each file that would be copied."""
        largest = sorted(sizes, key=lambda path: -sizes[path])[:5]
        said = ", ".join(f"{path} ({sizes[path] / 2**20:,.1f} MB)" for path in largest)
        super().__init__(
            f"{folder} holds {len(sizes):,} files of {sum(sizes.values()) / 2**20:,.0f} MB together; at most "
            f"{most_files:,} files of {most_bytes / 2**20:,.0f} MB are copied for a run. The largest: {said}. Name "
            "what the script does not need in a file .rundetailsignore there (as in .gitignore), and give it the paths "
            "of large data as arguments."
        )


class InvalidMetric(RunDetailsError, TypeError, ValueError):
    """What was given cannot be logged like this; the message names the method that takes it."""


class NotWritten(RunDetailsError):
    """The store did not take what was logged; it is kept and tried again."""

    def __init__(self, waiting: int, why: str) -> None:
        """`waiting`: points that are not in the store; `why`: what it said."""
        self.waiting = waiting
        super().__init__(
            f"{waiting:,} points could not be written ({why}). They are kept and tried again every few seconds; "
            "run.flush() tries at once."
        )


class InvalidName(RunDetailsError, ValueError):
    """No experiment or model can have this name."""


class InvalidTags(RunDetailsError, ValueError):
    """Tags, properties or children that cannot be."""


class RunFailed(RunDetailsError):
    """The run that was waited for has failed."""


class StoppedWaiting(KeyboardInterrupt):
    """Waiting was interrupted; the run was not."""

    def __init__(self, run_id: str) -> None:
        self.run_id = run_id
        super().__init__(
            f"Stopped waiting. Run {run_id} goes on: run.wait_for_completion() waits again, run.cancel() ends it."
        )


class UnknownMetric(RunDetailsError, LookupError):
    """The run has no metric of this name."""

    def __init__(self, name: str, run: str, known: Sequence[str], hint: str = "") -> None:
        """`known`: the names that the run has; `hint`: a sentence about what else can be done."""
        self.name = name
        alike = difflib.get_close_matches(name, known, 5, 0.4) or list(known[:5])
        more = f" It has {len(known):,} metrics." if len(known) > len(alike) else ""
        nearest = f"The nearest: {', '.join(map(_shown, alike))}." if alike else "It has none yet."
        super().__init__(f"No metric {_shown(name)} in run {_shown(run)}. {nearest}{more}{' ' + hint if hint else ''}")


class RunNotFound(RunDetailsError, LookupError):
    """The store has no run of this ID."""

    def __init__(self, run_id: str, where: str, nearest: Sequence[str] = (), hint: str = "") -> None:
        """`where` names the store that was searched; `nearest` are IDs there that look alike, best first; `hint`: what
        to do next, where it is not to look into another store."""
        self.run_id = run_id
        self.where = where
        self.nearest = tuple(nearest)
        lines = [f"No run {_shown(run_id)} in {where}."]
        if self.nearest:
            lines.append("The nearest there: " + ", ".join(self.nearest) + ".")
        elif not hint:
            lines.append("That store has no runs yet.")
        lines.append(
            hint or "Is the run in another store? Set MLFLOW_TRACKING_URI, or pass store=… to RunDetails or Workspace."
        )
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


class ExperimentNotFound(RunNotFound):
    """The store has no experiment of this name."""

    def __init__(self, name: str, where: str, known: Sequence[str] = ()) -> None:
        """`where` names the store that was searched; `known` are names of experiments there."""
        super().__init__(name, where)
        near = difflib.get_close_matches(name, known, 5, 0.4) or list(known[:5])
        said = f"The nearest there: {', '.join(map(_shown, near))}." if near else "It has none yet."
        message = (
            f"No experiment {_shown(name)} in {where}. {said} It is made with its first run, or by "
            "mlflow.set_experiment(name).\n"
            "Is it in another store? Set MLFLOW_TRACKING_URI, or pass store=… to RunDetails."
        )
        self.args = (message,)


class ArtifactNotFound(RunDetailsError, LookupError):
    """The run has no such file or folder, or it lies outside of the run's artifact folder."""


class ModelNotFound(RunDetailsError, LookupError):
    """The registry has no such model."""

    def __init__(self, name: str, known: Sequence[str]) -> None:
        """`known`: the names that the registry has."""
        near = difflib.get_close_matches(name, known, 5, 0.4) or list(known[:5])
        said = f"The nearest: {', '.join(near)}." if near else "There is none yet: run.register_model(name, path)."
        super().__init__(f"No model {_shown(name)} in the registry. {said}")


class TooFewRuns(RunDetailsError, ValueError):
    """There are not enough runs to say anything."""

    def __init__(self, count: int, fewest: int) -> None:
        """`count`: runs with a score; `fewest`: how many it takes."""
        super().__init__(
            f"Which parameters mattered cannot be told from {count:,} run{'' if count == 1 else 's'} with a finite "
            f"score: it takes {fewest} or more. Runs that failed or have not scored yet do not count."
        )


class MissingPackage(RunDetailsError, ImportError):
    """A package that this package does not ask for is needed here."""

    __str__ = Exception.__str__

    def __init__(self, package: str, purpose: str) -> None:
        """`package`: its name for pip; `purpose`: the beginning of a sentence, such as "To draw this"."""
        super().__init__(f"{purpose}, {package} is needed and is not installed: pip install {package}", name=package)


class OnlyOnline(RunDetailsError, AttributeError):
    """A run outside of any store was asked for what only a store has."""

    def __init__(self, name: str) -> None:
        """`name`: what was asked for."""
        super().__init__(
            f"This script was not submitted, so its run has no {name}: it prints what is logged and keeps nothing. "
            "Submit the script, or use Experiment(workspace, name).start_logging()."
        )


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
