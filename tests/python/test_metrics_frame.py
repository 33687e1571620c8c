"""`details.metrics`: every point, as MLflow's own client has them."""

import sys

import numpy as np
import pandas
import pytest
from mlflow import MlflowClient
from mlflow.entities import Metric

from rundetails import MemorySource, RunDetails
from rundetails.facts import Points, Run, Status
from rundetails.frame import NoPandas


def test_a_hundred_thousand_points_are_those_of_mlflow(tmp_path):
    from rundetails import create_store

    address = f"sqlite:///{tmp_path}/mlflow.db"
    create_store(address)
    client = MlflowClient(tracking_uri=address)
    run = client.create_run(client.create_experiment("frame")).info.run_id
    random = np.random.default_rng(2)
    for name, count in (("train/loss", 99_000), ("val/loss", 1_000)):
        values = random.random(count).tolist()
        values[7] = float("nan")
        logged = [Metric(name, value, 1_700_000_000_123 + 7 * i, i // 2) for i, value in enumerate(values)]
        for begin in range(0, count, 1000):
            client.log_batch(run, metrics=logged[begin : begin + 1000])
    details = RunDetails(run, store=address, refresh=None)
    frame = details.metrics
    details.close()
    assert list(frame.columns) == ["metric", "step", "time", "value"]
    assert (frame["step"].dtype, str(frame["time"].dtype)) == (np.int64, "datetime64[ns, UTC]")
    assert (frame["value"].dtype, len(frame)) == (np.float64, 100_000)
    for name in ("train/loss", "val/loss"):
        theirs = sorted((m.step, m.timestamp, m.value) for m in client.get_metric_history(run, name))
        part = frame[frame["metric"] == name]
        ours = zip(part["step"], part["time"].astype("int64") // 1_000_000, part["value"], strict=True)
        np.testing.assert_array_equal(sorted(ours), theirs)


def test_a_history_that_comes_in_strides_is_whole(tmp_path):
    from rundetails import create_store
    from rundetails.sources.sqlite import SqliteSource

    path = tmp_path / "mlflow.db"
    create_store(f"sqlite:///{path}")
    client = MlflowClient(tracking_uri=f"sqlite:///{path}")
    run = client.create_run(client.create_experiment("strides")).info.run_id
    for begin in range(0, 5_000, 1_000):
        client.log_batch(run, metrics=[Metric("loss", step / 7, step, step) for step in range(begin, begin + 1_000)])
    source = SqliteSource(path, long=1_000, most_at_once=700)
    details = RunDetails(run, store=source, refresh=None)
    assert details.metrics["step"].tolist() == list(range(5_000))
    details.close()


def test_steps_beyond_what_a_float_holds_stay_exact():
    source = MemorySource()
    big = 2**60 + 1
    run = source.add(Run("run-1", status=Status.RUNNING)).log_points("loss", Points.of([(big, 0.123456, 1.0)]))
    details = RunDetails(run)
    frame = details.metrics
    details.close()
    assert frame["step"].tolist() == [big]
    assert frame["time"][0] == pandas.Timestamp("1970-01-01T00:00:00.123456Z")


def test_a_run_without_metrics_has_an_empty_frame_of_the_same_kind():
    source = MemorySource()
    details = RunDetails(source.add(Run("run-1", status=Status.RUNNING)))
    frame = details.metrics
    details.close()
    assert (len(frame), frame["step"].dtype, str(frame["time"].dtype)) == (0, np.int64, "datetime64[ns, UTC]")


def test_without_pandas_it_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "pandas", None)
    source = MemorySource()
    details = RunDetails(source.add(Run("run-1", status=Status.RUNNING)))
    with pytest.raises(NoPandas, match=r"pip install pandas.*get_widget_data"):
        details.metrics  # noqa: B018
    details.close()
