"""Pipelines: steps that wait for each other."""

from __future__ import annotations

from collections.abc import Sequence

from ..facts import Child, Run
from .family import Family, Place
from .kind import RunType, child_number, first_tag, said

STEP = "rundetails.step"
"""Tag of a child run: the name of the step that it is."""

AFTER = "rundetails.after"
"""Tag of a child run: names of the steps that it waits for, with commas."""


class Pipeline(RunType):
    """Steps of a pipeline."""

    name = "pipeline"

    def recognises(self, run: Run, children: Sequence[Child] = ()) -> bool:
        return run.type in ("azureml.PipelineRun", "pipeline") or first_tag(children, (STEP, AFTER)) is not None

    def family(self, run: Run, children: Sequence[Child]) -> Family:
        return Family("pipeline", "Azure ML" if run.type == "azureml.PipelineRun" else "")

    def place(self, child: Child) -> Place:
        run = child.run
        reused = (said(run, "azureml.isreused") or said(run, "azureml.reusedrunid") or "").lower()
        return Place(
            child_number(child),
            run.tags.get(STEP) or said(run, "azureml.moduleName") or said(run, "StepName") or run.name,
            after=run.tags.get(AFTER, ""),
            is_reused=reused not in ("", "false", "no", "none"),
        )
