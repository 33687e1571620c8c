"""Runs below a run."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from typing_extensions import Self

from .. import tags as names
from ..contract import Goal
from ..errors import InvalidTags
from ..facts import Run as Facts
from ..facts import Status
from ..family import FamilyOfRun, NoBestChild, read_family
from .handle import RunHandle
from .loading import NoModel, load_model, model_address
from .matching import Wanted, matches

GOALS: dict[str, Goal] = {"min": "min", "minimize": "min", "max": "max", "maximize": "max"}
"""How directions are called, here and in Azure ML."""


class RunChildren(RunHandle):
    """What `Run` can do with its parent and children."""

    @property
    def parent(self) -> Self | None:
        """The run that it is a child of."""
        found = self._facts().parent
        return self.get(self.workspace, found) if found else None

    def get_children(
        self,
        recursive: bool = False,
        tags: Wanted = None,
        properties: Wanted = None,
        type: str | None = None,  # noqa: A002  # the original's name
        status: str | None = None,
    ) -> Iterator[Self]:
        """Its child runs in any experiment, the latest started first. `recursive`: those below them too. `tags`,
        `properties`, `type`, `status`: only such. A generator, as the original's."""
        for child in self._below({self.id} if recursive else None):
            is_in_it = status is None or status.lower() == child.status.value.lower()
            if is_in_it and matches(child.tags, type, tags, properties):
                yield self._of(self.workspace, child.id, child.experiment)

    def _below(self, seen: set[str] | None) -> Iterator[Facts]:
        """Its children, the latest first; with `seen` those below them too, each once: tags may lead in a circle."""
        with self.workspace.reading() as source:
            children = source.children(self.id)
        for child in reversed(children):
            if seen is None:
                yield child
            elif child.id not in seen:
                seen.add(child.id)
                yield child
                yield from self._of(self.workspace, child.id, child.experiment)._below(seen)

    def get_best_child(self, metric: str | None = None, goal: object = None) -> Self:
        """The best run below this one, among those that did not fail. `metric`: by default the one that the run itself
        chooses by (AutoML's primary metric, a sweep's, Optuna's value), else the foremost that most of them have.
        `goal`: "min" or "max" (or "minimize", "maximize"); by default as the run says, else as the metric's name tells,
        else "max".

        Raises NoBestChild, also where the best is a candidate that has no run of its own; TypeError and ValueError for
        what is no name or goal.
        """
        if metric is not None and not isinstance(metric, str):
            raise TypeError(f'metric is the name of a metric, such as "accuracy", not {metric!r:.80}.')
        best = self._family().best(metric, _checked_goal(goal))
        if not best.is_run:
            raise NoBestChild(
                f"The best below {self.id} is {best.run.name!r}, which its producer lists without a run of its own. "
                "RunDetails(run).children has its parameters and scores."
            )
        return self._of(self.workspace, best.run.id, best.run.experiment)

    def get_output(self, metric: str | None = None, goal: object = None) -> tuple[Self, Any]:
        """The best run below this one, and its model, loaded through MLflow: in the flavour that it was saved in, where
        that package is here, else as a `pyfunc`. Where the best child logged none, the run's own model is taken.

        Loading a model runs code that lies in the store: do it with stores that you trust. Raises NoBestChild, NoModel.
        """
        best = self.get_best_child(metric, goal)
        for run_id in (best.id, self.id):
            address = model_address(self.workspace, run_id)
            if address is not None:
                return best, load_model(self.workspace, address)
        raise NoModel(
            f"Neither the best run {best.id} nor its parent logged a model with MLflow. get_best_child() gives the "
            "run; its files are in get_file_names()."
        )

    def get_best_run_by_primary_metric(self, include_failed: bool = True, include_canceled: bool = True) -> Self | None:
        """The same as `get_best_child()`, or None when there is none, as the original's for sweeps. A failed run is
        never the best; `include_canceled` False leaves out canceled ones as well."""
        del include_failed
        try:
            found = self._family().ranked()
        except NoBestChild:
            return None
        wanted = [one for one in found if include_canceled or one.run.status is not Status.CANCELED]
        return self._of(self.workspace, wanted[0].run.id, wanted[0].run.experiment) if wanted else None

    def get_children_sorted_by_primary_metric(
        self, top: int = 0, reverse: bool = False, discard_no_metric: bool = False
    ) -> list[dict[str, Any]]:
        """Dicts with `run_id`, `hyperparameters`, `best_primary_metric` and `status`, best first (`reverse`: worst
        first), at most `top` of them (0: all). Those without a finite value come last, or with `discard_no_metric` not
        at all."""
        family = self._family()
        try:
            found = family.ranked()
        except NoBestChild:
            found = []
        ordered = found[::-1] if reverse else found
        ranked = {one.run.id for one in found}
        others = [one for one in family.children.all.values() if one.run.id not in ranked]
        every = ordered if discard_no_metric else [*ordered, *others]
        name = family.children.family.metric or ""
        return [
            {
                "run_id": one.run.id,
                "hyperparameters": dict(one.run.parameters),
                "best_primary_metric": one.metrics.get(name) if one.run.id in ranked else None,
                "status": one.run.status.value,
            }
            for one in every[: top or None]
        ]

    def _family(self) -> FamilyOfRun:
        with self.workspace.reading() as source:
            return read_family(source, self.id)

    def child_run(self, name: str | None = None, run_id: str | None = None, outputs: object = None) -> Self:
        """A new run below this one, to log to. IDs are MLflow's: `run_id` and `outputs` must be None."""
        if run_id is not None or outputs is not None:
            raise InvalidTags(
                "child_run takes a name; MLflow chooses the ID, and outputs are uploaded with upload_file."
            )
        return self._child({}, name)

    def create_children(
        self, count: int | None = None, tag_key: str | None = None, tag_values: Sequence[object] | None = None
    ) -> list[Self]:
        """`count` child runs, or one for each of `tag_values` with that value in its tag `tag_key`. The original made
        100 at most; here there is no limit."""
        if (count is None) == (tag_key is None or tag_values is None):
            raise InvalidTags("create_children takes either count, or tag_key with tag_values.")
        every: list[dict[str, str]] = (
            [{}] * (count or 0) if tag_values is None else [{str(tag_key): str(value)} for value in tag_values]
        )
        return [self._child(one, None) for one in every]

    def _child(self, tags: dict[str, str], name: str | None) -> Self:
        made = self.experiment.create_run({names.TYPE: "interactive", **tags}, name, parent=self.id)
        return self._of(self.workspace, made, self.experiment.name, is_ours=True)


def _checked_goal(goal: object) -> Goal | None:
    """Also of an enum's member, as Azure ML has them. Raises ValueError."""
    word = str(getattr(goal, "name", goal)).lower()
    if goal is not None and word not in GOALS:
        raise ValueError(f'goal is "min" or "max", not {goal!r:.80}.')
    return GOALS.get(word)
