"""AutoGluon: a `leaderboard()` that was logged as a table, since it logs nothing itself."""

from __future__ import annotations

import json
from collections.abc import Sequence

from ..facts import Child, Run, Status
from .family import Family, Place
from .kind import Read, RunType, number

PATHS = ("logged/leaderboard.table.json", "leaderboard.json", "logged/leaderboard.json")
TAG = "rundetails.leaderboard"
LABEL = "rundetails.leaderboard.model"


class AutoGluon(RunType):
    """The models of a leaderboard."""

    name = "automl"

    def recognises(self, run: Run, children: Sequence[Child] = ()) -> bool:
        return bool(children) and TAG in children[0].run.tags

    def family(self, run: Run, children: Sequence[Child]) -> Family:
        # AutoGluon turns every score so that higher is better.
        return Family("automl", "AutoGluon", "score_val", "max", {"score_test": "max"})

    def place(self, child: Child) -> Place:
        tags = child.run.tags
        return Place(number(tags.get(TAG)), tags.get(LABEL, ""), seconds=child.metrics.get("fit_time"))

    def listed(self, run: Run, read: Read) -> list[Child]:
        if not any("table" in run.tags.get(name, "") for name in ("rundetails.logged", "mlflow.loggedArtifacts")):
            return []
        for path in PATHS:
            raw = read(path)
            if raw is None:
                continue
            try:
                table = json.loads(raw)
                columns, data = list(table["columns"]), list(table["data"])
            except (ValueError, KeyError, TypeError):
                continue
            if {"model", "score_val"} <= set(columns):
                return [_child(run, dict(zip(columns, row, strict=False)), place) for place, row in enumerate(data)]
        return []


def _child(run: Run, row: dict[str, object], place: int) -> Child:
    order = number(row.get("fit_order"))
    model = str(row["model"])
    metrics = {name: float(value) for name, value in row.items() if isinstance(value, (int, float))}
    facts = Run(
        f"{run.id}:{model}",
        model,
        run.experiment,
        status=Status.COMPLETED,
        parent=run.id,
        tags={TAG: f"{place + 1 if order is None else order:g}", LABEL: model},
    )
    return Child(facts, {name: value for name, value in metrics.items() if name != "fit_order"}, is_run=False)
