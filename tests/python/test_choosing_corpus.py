"""Best so far against real outputs of the widget that died: data that nobody here wrote. Skipped where they are not."""

import json
import math
import os
from pathlib import Path

import pytest

from rundetails.choosing import running_best
from rundetails.facts import Child, ChildrenDelta, Run, Status
from rundetails.family import ranked
from rundetails.monitor.children import Children

CORPUS = Path(os.environ.get("RUNDETAILS_CORPUS", Path(__file__).parents[3] / "shared" / "corpus")) / "aml-widget-v1"


def outputs():
    if not CORPUS.is_dir():
        pytest.skip(f"There is no corpus at {CORPUS}: set RUNDETAILS_CORPUS to where it is.")
    for path in sorted(CORPUS.glob("*.json")):
        if path.name == "index.json":
            continue
        found = json.loads(path.read_text("utf-8"))
        yield path.name, json.loads(found) if isinstance(found, str) else found


def columns(output):
    """(metric, goal, values, best so far), of each pair of points and steps that it has."""
    series = (output.get("children_metrics") or {}).get("series") or {}
    for metric, listed in series.items():
        points = [one for one in listed if one.get("mode") == "markers"]
        lines = [one for one in listed if one.get("stepped")]
        if len(points) != 1 or len(lines) != 1 or len(lines[0]["data"]) != len(points[0]["data"]):
            continue
        name = lines[0]["name"]
        goal = "max" if name.endswith("_max") else "min" if name.endswith("_min") else None
        if goal and all(isinstance(value, (int, float)) for value in points[0]["data"]):
            yield metric, goal, points[0]["data"], lines[0]["data"]


def test_best_so_far_is_what_the_original_drew():
    checked = 0
    for name, output in outputs():
        for metric, goal, values, expected in columns(output):
            found = running_best([float(value) for value in values], goal).tolist()
            same = [
                one == float(other) or (math.isnan(one) and math.isnan(float(other)))
                for one, other in zip(found, expected, strict=True)
            ]
            odd = any(not math.isfinite(float(value)) for value in values)
            assert odd or all(same), f"{name}: {metric} ({goal})"
            checked += not odd
    assert checked > 300, checked


def children_of(output):
    """The run of an output and its children, as a store would have them."""
    about = output["run_properties"]
    tags = {f"rundetails.property.{name}": text or "" for name, text in about["properties"].items()}
    tags |= {name: text or "" for name, text in about["tags"].items()}
    kind = about["properties"].get("azureml.runsource", "")
    run = Run(output["run_id"], type=kind, status=Status.COMPLETED, tags=tags)
    metric = json.loads(about["properties"].get("primary_metric_config") or "{}").get("name", "score")
    children = []
    for row in output["child_runs"]:
        value = row.get("metric")
        if not row["run_id"] or value is None:
            continue
        status = Status(row["status"]) if row["status"] in {one.value for one in Status} else Status.COMPLETED
        facts = Run(row["run_id"], status=status, parent=run.id)
        children.append(Child(facts, {metric: float(value)}))
    return run, children


def test_the_best_of_a_hyperdrive_run_is_the_one_that_azure_named():
    checked = 0
    for name, output in outputs():
        about = output.get("run_properties") or {}
        properties = about.get("properties") or {}
        if properties.get("azureml.runsource", "").lower() != "hyperdrive" or not properties.get("score"):
            continue
        run, listed = children_of(output)
        if properties.get("best_child_run_id") not in {one.run.id for one in listed}:
            continue
        children = Children()
        children.take(run, ChildrenDelta(None, listed), None)
        family = children.family
        assert (family.kind, family.producer, family.best) == (
            "sweep",
            "HyperDrive",
            properties["best_child_run_id"],
        ), name
        best = ranked(children, family.metric, family.goal)[0]
        assert best.metrics[family.metric] == pytest.approx(float(properties["score"])), name
        checked += 1
    assert checked >= 10, checked


def test_automl_parents_are_recognised_with_their_metric():
    checked = 0
    for name, output in outputs():
        about = output.get("run_properties") or {}
        if (about.get("properties") or {}).get("runTemplate") != "AutoML":
            continue
        run, listed = children_of(output)
        children = Children()
        children.take(run, ChildrenDelta(None, listed), None)
        assert (children.family.kind, children.family.producer) == ("automl", "Azure AutoML"), name
        assert children.family.metric == about["properties"]["primary_metric"], name
        checked += 1
    assert checked >= 10, checked
