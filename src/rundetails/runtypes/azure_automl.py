"""Azure AutoML: child runs, or the iteration table in the parent's tags."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import replace

from ..facts import Child, Run, Status
from ..goals import guess_goal
from .family import Family, Place
from .kind import Read, RunType, json_of, number, said, whole

COLUMNS = ("iteration", "score", "run_algorithm", "run_preprocessor", "fit_time", "training_percent", "predicted_cost")
CHUNK = re.compile(rf"({'|'.join(COLUMNS)}|pipeline_id)_(\d{{3}})")
APART = ("_setup", "_featurize", "_worker", "_HPO")
TAG = "rundetails.iteration."


class AzureAutoML(RunType):
    """Iterations of an Azure AutoML job."""

    name = "automl"

    def recognises(self, run: Run, children: Sequence[Child] = ()) -> bool:
        return (
            run.type == "automl"
            or said(run, "runTemplate") == "AutoML"
            or "automl_best_child_run_id" in run.tags
            or "iteration_000" in run.tags
        )

    def family(self, run: Run, children: Sequence[Child]) -> Family:
        settings = json_of(said(run, "AMLSettingsJsonString")) or {}
        metric = said(run, "primary_metric") or (settings.get("primary_metric") if isinstance(settings, dict) else None)
        operation = str(settings.get("metric_operation", "")) if isinstance(settings, dict) else ""
        goal = guess_goal(metric) if metric else None
        if operation.startswith(("max", "min")):
            goal = "max" if operation.startswith("max") else "min"
        hours = settings.get("experiment_timeout_minutes") if isinstance(settings, dict) else None
        minutes = number(hours)
        return Family(
            "automl",
            "Azure AutoML",
            metric,
            goal or "max",
            best=run.tags.get("automl_best_child_run_id"),
            iterations=whole(said(run, "num_iterations")),
            seconds=None if minutes is None else 60 * minutes,
        )

    def place(self, child: Child) -> Place:
        run = child.run
        row = {name: run.tags.get(TAG + name) for name in COLUMNS}
        label = said(run, "run_algorithm") or row["run_algorithm"] or ""
        if run.id.endswith(APART):
            return Place(label=label or run.id.rpartition("_")[2], is_apart=True)
        tail = run.id.rpartition("_")[2]
        iteration = said(run, "iteration") or row["iteration"] or (tail if run.parent and tail.isdigit() else None)
        seconds = number(row["fit_time"]) if run.ended is None else None
        percent = number(said(run, "training_percent") or row["training_percent"])
        return Place(
            number(iteration),
            label,
            said(run, "run_preprocessor") or row["run_preprocessor"] or "",
            sampling=None if percent == 100 else percent,
            seconds=seconds,
        )

    def listed(self, run: Run, read: Read) -> list[Child]:
        if "iteration_000" not in run.tags:
            return []
        columns: dict[str, list[str]] = {}
        for tag in sorted(run.tags):
            if found := CHUNK.fullmatch(tag):
                columns.setdefault(found[1], []).extend(run.tags[tag].rstrip(";").split(";"))
        metric = said(run, "primary_metric") or "score"
        children = []
        for row, iteration in enumerate(columns.get("iteration", ())):
            cells = {name: values[row] for name, values in columns.items() if row < len(values) and values[row]}
            score = number(cells.get("score"))
            failed = cells.get("score", "").lower() == "nan"
            status = Status.FAILED if failed else Status.COMPLETED if score is not None else Status.RUNNING
            child = Run(
                f"{run.id}_{iteration}",
                ", ".join(filter(None, (cells.get("run_preprocessor"), cells.get("run_algorithm")))),
                run.experiment,
                status=status,
                parent=run.id,
                tags={TAG + name: cells[name] for name in COLUMNS if name in cells},
            )
            metrics = {} if score is None and not failed else {metric: math.nan if score is None else score}
            children.append(Child(replace(child), metrics, is_run=False))
        return children
