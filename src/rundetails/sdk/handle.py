"""A run by its ID: where it is, and its facts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from typing_extensions import Self

from ..errors import InvalidRun, RunNotFound
from ..facts import Run as Facts
from .experiment import Experiment

if TYPE_CHECKING:
    from .workspace import Workspace


def checked_id(run_id: object) -> str:
    """Raises InvalidRun."""
    if not isinstance(run_id, str) or not run_id.strip():
        raise InvalidRun(
            f"The ID of a run is a text, such as run.id of the one that was submitted, not {run_id!r:.80}."
        )
    return run_id.strip()


class RunHandle:
    """What all parts of `Run` rest on."""

    _is_ours = False
    """Whether this process made the run, and logs to it."""

    def __init__(self, experiment: Experiment, run_id: str) -> None:
        if not isinstance(experiment, Experiment):
            raise InvalidRun(
                f"Run takes an Experiment, not {experiment!r:.80}: Run(Experiment(workspace, name), run_id), or, "
                "whatever its experiment, workspace.get_run(run_id)."
            )
        self.id = checked_id(run_id)
        self._workspace = experiment.workspace
        self._experiment: Experiment | None = experiment
        found = self._facts().experiment
        if found != experiment.name:
            raise RunNotFound(
                self.id,
                f"the experiment {experiment.name!r}",
                hint=f"It is in {found!r}: Run(Experiment(workspace, {found!r}), id), or workspace.get_run(id).",
            )

    @classmethod
    def _of(cls, workspace: Workspace, run_id: str, experiment: str | None = None, *, is_ours: bool = False) -> Self:
        """Without a look at the store; the name of the experiment is looked up when it is asked for."""
        made = cls.__new__(cls)
        made.id = run_id
        made._workspace, made._is_ours = workspace, is_ours
        made._experiment = None if experiment is None else Experiment(workspace, experiment)
        return made

    @classmethod
    def get(cls, workspace: Workspace, run_id: str) -> Self:
        """The run of this ID in any experiment of the workspace. Raises RunNotFound."""
        with workspace.reading() as source:
            found = source.find(checked_id(run_id))
        return cls._of(workspace, found.id, found.experiment)

    @property
    def workspace(self) -> Workspace:
        """The store that it is in."""
        return self._workspace

    @property
    def experiment(self) -> Experiment:
        """The experiment that it belongs to."""
        if self._experiment is None:
            self._experiment = Experiment(self._workspace, self._facts().experiment)
        return self._experiment

    def _facts(self) -> Facts:
        with self._workspace.reading() as source:
            return source.find(self.id)
