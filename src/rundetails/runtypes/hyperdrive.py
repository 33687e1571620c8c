"""Azure HyperDrive: its children's parameters are in the parent's tags, its aim in the properties."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ..contract import Goal
from ..facts import Child, Run
from .family import Family, Place, Scale
from .headline import headline
from .kind import RunType, child_number, common_metric, json_of, said, texts, whole

PREFIX = "_aml_system_"


class HyperDrive(RunType):
    """Trials of a HyperDrive run."""

    name = "sweep"

    def recognises(self, run: Run, children: Sequence[Child] = ()) -> bool:
        return run.type == "hyperdrive" or said(run, "runTemplate") == "HyperDrive"

    def family(self, run: Run, children: Sequence[Child]) -> Family:
        aim = json_of(said(run, "primary_metric_config"))
        aim = aim if isinstance(aim, dict) else {}
        metric = aim.get("name") or common_metric(children, headline)
        goal: Goal | None = None
        if aim.get("goal"):
            goal = "max" if str(aim["goal"]).lower().startswith("max") else "min"
        total = whole(said(run, PREFIX + "max_total_jobs") or said(run, "max_total_jobs"))
        best = said(run, "best_child_run_id")
        return Family("sweep", "HyperDrive", metric, goal, best=best, iterations=total, scales=_scales(run))

    def place(self, child: Child) -> Place:
        tail = child.run.id.rpartition("_")[2]
        found = child_number(child)
        return Place(float(tail) if found is None and tail.isdigit() and len(tail) < 7 else found)

    def joined(self, run: Run, listed: Sequence[Child], runs: Sequence[Child]) -> list[Child]:
        """The runs, with the parameters that their parent's tags have for them."""
        return [_with_parameters(run, one) for one in runs]


def _with_parameters(run: Run, child: Child) -> Child:
    told = json_of(run.tags.get(PREFIX + child.run.id) or run.tags.get(child.run.id))
    if not isinstance(told, dict):
        return child
    return replace(child, run=replace(child.run, parameters={**texts(told), **child.run.parameters}))


def _scales(run: Run) -> dict[str, Scale]:
    space = json_of(said(run, "hyper_parameters") or said(run, PREFIX + "generator_config"))
    space = space.get("parameter_space", space) if isinstance(space, dict) else {}
    found: dict[str, Scale] = {}
    for name, drawn in space.items():
        kind = str(drawn[0]) if isinstance(drawn, list) and drawn else ""
        found[name] = "categorical" if kind == "choice" else "log" if kind.startswith(("log", "qlog")) else "linear"
    return found
