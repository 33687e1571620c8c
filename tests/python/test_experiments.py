"""An experiment shown as a run: the runs in it are those below it."""

from __future__ import annotations

import pytest

from rundetails import MemorySource, RunDetails
from rundetails.errors import ArtifactNotFound, ExperimentNotFound, OnlyRecords
from rundetails.facts import PREFIX, Run, Status
from rundetails.family import read_family
from rundetails.monitor import ManualClock, Monitor
from rundetails.sources.experiments import ExperimentSource
from viewers import Viewer


class Seeing(Viewer):
    wants_children = True


@pytest.fixture
def clock():
    return ManualClock()


@pytest.fixture
def store(clock):
    return MemorySource(clock=clock.time)


@pytest.fixture
def source(store, clock):
    return ExperimentSource(store, clock=clock.time)


@pytest.fixture
def monitor(clock):
    return Monitor(clock, chance=lambda: 0.0, threaded=False)


def trial(store, number, **facts):
    """One that is written when it ends, as Optuna's callback does."""
    now = store.clock()
    run = Run(f"t{number}", f"trial {number}", "study", status=Status.COMPLETED, started=now, ended=now, **facts)
    return store.add(run).set_parameter("lr", f"{0.1**number:g}").log("loss", 1 / (1 + number))


def test_it_runs_while_runs_come_and_is_read_on_when_none_has_for_a_while(monitor, store, source, clock):
    trial(store, 0)
    watch = monitor.watch(source, f"{PREFIX}study", Seeing())
    monitor.run_due()
    assert (watch.state.run.status, watch.state.run.name) == (Status.RUNNING, "study")
    clock.advance(301)
    monitor.run_due()
    assert (watch.state.run.status, watch.state.health.state) == (Status.COMPLETED, "live")
    assert watch.state.run.ended == store.find("t0").ended
    trial(store, 1)
    clock.advance(10)
    monitor.run_due()
    assert watch.state.run.status is Status.RUNNING
    assert list(watch.state.children.all) == ["t0", "t1"]


def test_it_waits_for_the_next_as_long_as_pauses_were(monitor, store, source, clock):
    for number in range(3):
        trial(store, number)
        clock.advance(1_000)
    assert source.find(f"{PREFIX}study").status is Status.RUNNING
    clock.advance(2_100)
    assert source.find(f"{PREFIX}study").status is Status.COMPLETED


def test_one_that_runs_keeps_it_running(store, source, clock):
    store.add(Run("r", experiment="study", status=Status.RUNNING, started=clock.time()))
    clock.advance(100_000)
    found = source.find(f"{PREFIX}study")
    assert (found.status, found.ended, found.may_go_on) == (Status.RUNNING, None, True)


def test_what_it_is_its_own_runs_tell_and_not_those_below_them(store, source):
    """Two AutoML jobs are two runs, and no iterations of one."""
    for name in "ab":
        store.add(Run(name, experiment="study", status=Status.COMPLETED))
        for number in range(3):
            tags = {"flaml.iteration_number": str(number), "flaml.meric": "auc"}
            run = Run(f"{name}{number}", experiment="study", parent=name, tags=tags, status=Status.COMPLETED)
            store.add(run).log("auc", number / 3)
    children = read_family(source, f"{PREFIX}study").children
    assert children.family.kind == "nested"
    assert len(children.all) == 8
    assert read_family(source, "a").children.family.kind == "automl"


def test_it_has_no_points_and_no_files_of_its_own(store, source):
    trial(store, 0)
    run_id = f"{PREFIX}study"
    assert source.read(run_id).points == {}
    assert source.read(run_id, source.read(run_id).cursor).is_empty
    assert (list(source.artifacts(run_id)), list(source.log_files(run_id))) == ([], [])
    assert len(source.read_range(run_id, "loss", 0, 9, 10)[0]) == 0
    with pytest.raises(ArtifactNotFound, match="each of them"):
        source.read_file(run_id, "a.txt")
    with pytest.raises(OnlyRecords):
        source.cancel(run_id)
    assert [run.id for run in source.children(run_id)] == ["t0"]


def test_all_other_runs_are_the_stores(store, source):
    trial(store, 0).write("a.log", "x")
    assert source.find("t0").name == "trial 0"
    assert source.read_file("t0", "a.log").data == b"x"
    assert source.read("t0").points["loss"].value.tolist() == [1.0]


def test_details_take_it_by_name():
    store = MemorySource()
    trial(store, 0)
    trial(store, 1)
    details = RunDetails("experiment:study", store=store, refresh=0.02)
    assert repr(details) == 'RunDetails("experiment:study").show()'
    assert details.get_widget_data()["children"] == ["t0", "t1"]
    assert sorted(record for record in details.children["run_id"]) == ["t0", "t1"]
    assert details.run.status is Status.RUNNING
    details.close()


def test_details_refuse_an_unknown_one_with_the_nearest(store):
    trial(store, 0)
    with pytest.raises(ExperimentNotFound, match="nearest there: 'study'"):
        RunDetails("experiment:studdy", store=store)


def test_details_take_mlflows_and_our_own(tmp_path, monkeypatch):
    from mlflow import MlflowClient

    from rundetails import Experiment, Workspace

    monkeypatch.chdir(tmp_path)
    workspace = Workspace(f"sqlite:///{tmp_path / 'mlflow.db'}")
    ours = Experiment(workspace, "credit")
    details = RunDetails(ours, refresh=None)
    assert details.run.status is Status.NOT_STARTED
    details.close()
    theirs = MlflowClient(workspace.tracking_uri).get_experiment_by_name("credit")
    details = RunDetails(theirs, store=workspace.tracking_uri, refresh=None)
    assert details.run.id == "experiment:credit"
    details.close()
