"""All runs below a run, read at once: for those who ask in Python."""

from __future__ import annotations

import math
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any

from .choosing import ranks, running_best
from .contract import Goal
from .errors import RunDetailsError
from .facts import Child, Cursor, Run, Status
from .goals import guess_goal
from .monitor.children import Children, told_children
from .sources.protocol import RunSource


class NoBestChild(RunDetailsError):
    """None of the runs below a run has a number to choose by."""


@dataclass(frozen=True, slots=True)
class FamilyOfRun:
    """A run, the runs below it, and what they are to each other."""

    run: Run
    children: Children

    def best(self, metric: str | None = None, goal: Goal | None = None) -> Child:
        """The best of those that did not fail. `metric`, `goal`: by default as the run itself says, else as names tell.

        Raises NoBestChild.
        """
        return self.ranked(metric, goal)[0]

    def ranked(self, metric: str | None = None, goal: Goal | None = None) -> list[Child]:
        """All that have a finite value, best first. Raises NoBestChild when there is none."""
        name, direction = chosen_metric(self.children, metric, goal)
        found = ranked(self.children, name, direction)
        if not found:
            raise NoBestChild(self._why_none(name))
        return found

    def _why_none(self, name: str) -> str:
        every = self.children.all.values()
        if not every:
            return f"There are no runs below {self.run.id} (yet): get_children() lists them."
        with_it = sum(name in child.metrics for child in every)
        if with_it:
            return (
                f"Of the {len(every):,} runs below {self.run.id}, {with_it:,} logged {name!r}: each of these failed, "
                "was pruned, or has no finite value. get_children() gives them all."
            )
        known = sorted({one for child in every for one in child.metrics})
        hint = f"They have {', '.join(known[:8])}: get_best_child(metric=…)." if known else "They have no metrics."
        what = f"has {name!r}" if name else "has a metric to choose by"
        return f"None of the {len(every):,} runs below {self.run.id} {what}. {hint}"


def chosen_metric(children: Children, metric: str | None, goal: Goal | None) -> tuple[str, Goal]:
    """The metric to choose by, and its direction."""
    family = children.family
    name = metric or family.metric or ""
    own = family.goal if name == family.metric else family.goals.get(name)
    return name, goal or own or guess_goal(name) or "max"


def ranked(children: Children, metric: str, goal: Goal) -> list[Child]:
    """Children with a finite value that neither failed nor were pruned, best first; of equals the earlier."""
    sound = []
    for child in children.all.values():
        value, place = child.metrics.get(metric, math.nan), children.place(child)
        is_sound = child.run.status is not Status.FAILED and not place.is_apart and place.state != "Pruned"
        if math.isfinite(value) and is_sound:
            sound.append((value if goal == "min" else -value, place.number or 0.0, child))
    return [child for _, _, child in sorted(sound, key=lambda one: one[:2])]


def read_family(source: RunSource, run_id: str, turn: AbstractContextManager[None] | None = None) -> FamilyOfRun:
    """All of them, read anew from the store. `turn`: held while the source is asked. Raises as the source's `find`."""
    children = Children()
    cursor: Cursor | None = None
    held = nullcontext() if turn is None else turn
    with held:
        run = source.find(run_id)
        told = told_children(source, run)
    while "children" in source.capabilities:
        with held:
            delta = source.read_children(run_id, cursor)
        cursor = delta.cursor
        children.take(run, delta, told)
        if not delta.remaining:
            break
    return FamilyOfRun(run, children)


def _standing(children: Children) -> tuple[dict[str, float], dict[str, float]]:
    """The best score up to each child in the order of their numbers, and the rank of each; failed ones have none."""
    metric, goal = chosen_metric(children, None, None)
    places = {name: children.place(child) for name, child in children.all.items()}
    ordered = sorted(
        (child for name, child in children.all.items() if not places[name].is_apart),
        key=lambda child: (places[child.run.id].number or 0.0, child.run.started or child.run.created or 0.0),
    )
    sound = {child.run.id for child in ranked(children, metric, goal)}
    values = [child.metrics[metric] if child.run.id in sound else math.nan for child in ordered]
    names = [child.run.id for child in ordered]
    best = zip(names, running_best(values, goal).tolist(), strict=True)
    rank = zip(names, ranks(values, goal).tolist(), strict=True)
    return {name: one for name, one in best if one == one}, {name: one for name, one in rank if one == one}


def records(children: Children) -> list[dict[str, Any]]:
    """A dict a child, with the names that `mlflow.search_runs` uses for columns. Times are seconds since 1970."""
    found = []
    best, rank = _standing(children)
    for child in children.all.values():
        run, place = child.run, children.place(child)
        record: dict[str, Any] = {
            "run_id": run.id,
            "name": run.name,
            "status": place.state or run.status.value,
            "number": place.number,
            "label": place.label,
            "parent": run.parent,
            "rank": rank.get(run.id),
            "best_so_far": best.get(run.id),
            "start_time": run.started,
            "end_time": run.ended,
        }
        record |= {f"params.{name}": text for name, text in run.parameters.items()}
        record |= {f"metrics.{name}": value for name, value in child.metrics.items()}
        found.append(record)
    return found


def frame(children: Children) -> Any:
    """The same as a pandas DataFrame, times as UTC; the list of dicts where pandas is not installed."""
    listed = records(children)
    try:
        import pandas
    except ImportError:
        return listed
    made = pandas.DataFrame(listed)
    for name in ("start_time", "end_time"):
        if name in made:
            made[name] = pandas.to_datetime(made[name].astype("float64"), unit="s", utc=True)
    return made
