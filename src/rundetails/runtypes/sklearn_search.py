"""scikit-learn's searches under MLflow's autologging: all candidates come at the end, of which five get runs."""

from __future__ import annotations

import ast
import csv
import io
from collections.abc import Sequence

from ..facts import Child, Run, Status
from .family import Family, Place
from .kind import Read, RunType, merged, number, texts

RESULTS = "cv_results.csv"
TAG = "rundetails.candidate"
METRIC = "mean_test_score"


class SklearnSearch(RunType):
    """Candidates of GridSearchCV, RandomizedSearchCV and their like."""

    name = "sweep"

    def recognises(self, run: Run, children: Sequence[Child] = ()) -> bool:
        return run.tags.get("estimator_name", "").endswith("SearchCV")

    def family(self, run: Run, children: Sequence[Child]) -> Family:
        # scikit-learn turns every score so that higher is better.
        return Family("sweep", run.tags["estimator_name"], METRIC, "max", {"rank_test_score": "min"})

    def place(self, child: Child) -> Place:
        seconds = child.metrics.get("mean_fit_time")
        # The runs are written after the search, one after the other: their own times say nothing.
        return Place(number(child.run.tags.get(TAG)), seconds=seconds)

    def listed(self, run: Run, read: Read) -> list[Child]:
        if not self.recognises(run):
            return []
        raw = read(RESULTS)
        if raw is None:
            return []
        rows = csv.DictReader(io.StringIO(raw.decode("utf-8", "replace")))
        return [_candidate(run, row, place) for place, row in enumerate(rows)]

    def joined(self, run: Run, listed: Sequence[Child], runs: Sequence[Child]) -> list[Child]:
        """Each candidate, as the run that it has: the one with its parameters and its score."""
        waiting, found = list(runs), []
        for candidate in listed:
            own = next((one for one in waiting if _is_same(candidate, one)), None)
            if own is not None:
                waiting.remove(own)
            found.append(candidate if own is None else merged(candidate, own))
        return [*found, *waiting]


def _is_same(candidate: Child, run: Child) -> bool:
    has_score = abs(candidate.metrics.get(METRIC, 0) - run.metrics.get(METRIC, 1)) < 1e-9
    return has_score and all(run.run.parameters.get(name) == text for name, text in candidate.run.parameters.items())


def _candidate(run: Run, row: dict[str, str], place: int) -> Child:
    try:
        parameters = texts(ast.literal_eval(row.get("params", "")))
    except (ValueError, SyntaxError, AttributeError):
        parameters = {name.removeprefix("param_"): row[name] for name in row if name.startswith("param_")}
    metrics = {}
    for name, text in row.items():
        if name == "params" or name.startswith("param_"):
            continue
        value = float("nan") if text in ("", "nan") else number(text)
        if value is not None:
            metrics[name] = value
    is_bad = metrics.get(METRIC) != metrics.get(METRIC)
    facts = Run(
        f"{run.id}#{place}",
        f"candidate {place}",
        run.experiment,
        status=Status.FAILED if is_bad else Status.COMPLETED,
        parameters=parameters,
        tags={TAG: str(place)},
        parent=run.id,
    )
    return Child(facts, metrics, is_run=False)
