"""Optuna: trials of `MLflowCallback` inside a run, or of a study whose storage is MLflow's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ..contract import Goal
from ..facts import Child, Run, Status
from .family import Family, Place, Scale
from .headline import headline
from .kind import RunType, common_metric, json_of, number

CALLBACK = ("number", "state")
"""Tags of a trial that `MLflowCallback` wrote: all trials end as finished runs, and their state is here."""

STORAGE = ("numbers", "param_directions")
"""Tags of a trial in MLflow's own storage."""

CURVE = "intermediate_value"
"""What MLflow's own storage calls a trial's values on the way."""

STUDY = "optuna.study_direction"
"""Tag of a study in MLflow's own storage: "MINIMIZE", or "MINIMIZE,MAXIMIZE" for two objectives."""


class Optuna(RunType):
    """Trials of a study."""

    name = "sweep"

    def recognises(self, run: Run, children: Sequence[Child] = ()) -> bool:
        return STUDY in run.tags or any(_is_trial(child) for child in children[:20])

    def is_result(self, metric: str) -> bool:
        # A number without a meaning, by which MLflow's storage finds its trials.
        return metric != "trial_id"

    def family(self, run: Run, children: Sequence[Child]) -> Family:
        trials = [child for child in children if _is_trial(child)] or list(children)
        values = {name for child in trials for name in child.metrics}
        told = _directions(run.tags) or next(filter(None, (_directions(child.run.tags) for child in trials[:20])), [])
        metric = "value" if "value" in values else common_metric(trials, _without_steps)
        names = [metric] if metric else []
        if len(told) > 1:
            objectives = [f"value_{place}" for place in range(len(told))]
            names = objectives if objectives[0] in values else sorted(values)[: len(told)]
        goals: dict[str, Goal] = dict(zip(names, told, strict=False))
        has_curves = metric is not None and CURVE in values
        if has_curves and told:
            goals[CURVE] = told[0]
        chosen = names[0] if names else None
        return Family(
            "sweep",
            "Optuna",
            chosen,
            goals.get(chosen) if chosen else None,
            goals,
            scales=_scales(trials),
            curve=CURVE if has_curves else "",
            # A study in MLflow's storage never says that it ended.
            is_over=STUDY in run.tags and bool(trials) and all(child.run.status.has_ended for child in trials),
        )

    def place(self, child: Child) -> Place:
        tags = child.run.tags
        return Place(number(tags.get(CALLBACK[0], tags.get(STORAGE[0]))), state=_state(child.run))


def _is_trial(child: Child) -> bool:
    tags = child.run.tags
    return all(name in tags for name in CALLBACK) or all(name in tags for name in STORAGE)


def _state(run: Run) -> str:
    if STORAGE[0] in run.tags:
        # MLflow's storage writes a pruned trial as a killed run.
        return "Pruned" if run.status is Status.CANCELED else ""
    return {"PRUNED": "Pruned", "FAIL": "Failed"}.get(run.tags.get("state", "").rpartition(".")[2], "")


def _directions(tags: Mapping[str, str]) -> list[Goal]:
    text = tags.get(STUDY) or tags.get("direction") or tags.get("directions") or ""
    words = text.replace("[", "").replace("]", "").split(",")
    return ["max" if "MAX" in word.upper() else "min" for word in words if "IMIZE" in word.upper()]


def _scales(trials: Sequence[Child]) -> dict[str, Scale]:
    """How each parameter was drawn, by the distributions in the tags of its trial."""
    found: dict[str, Scale] = {}
    for child in trials[:50]:
        tags = child.run.tags
        told = json_of(tags.get(STORAGE[1]))
        distributions = dict(told) if isinstance(told, dict) else {}
        for name, text in tags.items():
            if name.endswith("_distribution"):
                distributions[name.removesuffix("_distribution")] = text
        for parameter, text in distributions.items():
            said = str(text)
            if "Categorical" in said:
                found[parameter] = "categorical"
            else:
                is_log = "log=True" in said or '"log": true' in said or "LogUniform" in said
                found[parameter] = "log" if is_log else "linear"
    return found


def _without_steps(names: list[str]) -> list[str]:
    return headline([name for name in names if name != CURVE])
