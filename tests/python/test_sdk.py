"""Workspace, Experiment, Run and Model, on a real store."""

import io
import json
import pickle
import subprocess
import sys
import zipfile
from enum import Enum

import mlflow
import numpy as np
import pytest

from faults import Fault, FaultProxy
from queues import until
from rundetails import Experiment, Model, Run, RunDetails, Workspace
from rundetails.errors import (
    ArtifactNotFound,
    InvalidConfig,
    InvalidName,
    InvalidRun,
    InvalidTags,
    ModelNotFound,
    OnlyOnline,
    OnlyRecords,
    RunNotFound,
    StoppedWaiting,
    StoreError,
    UnknownMetric,
)
from rundetails.family import NoBestChild
from rundetails.sdk.following import follow
from rundetails.sdk.loading import NoModel
from servers import sqlite_server
from stores import Store

MATRIX = {
    "schema_type": "confusion_matrix",
    "schema_version": "1.0.0",
    "data": {"class_labels": ["a", "b"], "matrix": [[1, 2], [3, 4]]},
}


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "mlflow.db")


@pytest.fixture
def workspace(store):
    return Workspace(store.path)


@pytest.fixture
def experiment(workspace):
    return Experiment(workspace, "digits")


@pytest.fixture
def run(experiment):
    with experiment.start_logging(display_name="a trial") as opened:
        yield opened


def test_what_is_logged_comes_back_in_the_originals_shapes(run):
    run.log("once", 3)
    for value in (1, 2, float("nan")):
        run.log("often", value)
    run.log_list("numbers", [4, 5])
    run.log_list("alone", [6])
    run.log_list("words", ["a", "b"])
    run.log_row("rows", x=1, y="a")
    run.log_row("rows", x=2, z=0.5)
    run.log_row("single", x=1)
    run.log_table("table", {"x": [1, 2], "y": [3, 4]})
    run.log_image("picture", plot=np.zeros((2, 2)))
    run.log_confusion_matrix("matrix", MATRIX)
    run.log_confusion_matrix("matrices", json.dumps(MATRIX))
    run.log_confusion_matrix("matrices", MATRIX)
    found = run.get_metrics()
    assert found.pop("often")[:2] == [1.0, 2.0]
    picture = found.pop("picture")
    assert picture.startswith(f"runs:/{run.id}/images/picture+step+0+")
    several = found.pop("matrices")
    assert [address.rpartition("/")[2].split(".")[0] for address in several] == ["matrices", "matrices"]
    assert found == {
        "once": 3.0,
        "numbers": [4.0, 5.0],
        "alone": 6.0,
        "words": ["a", "b"],
        "rows": {"x": [1, 2], "y": ["a", None], "z": [None, 0.5]},
        "single": {"x": 1},
        "table": {"x": [1, 2], "y": [3, 4]},
        "matrix": f"runs:/{run.id}/logged/matrix.confusion_matrix.json",
    }
    full = run.get_metrics(populate=True)
    assert (full["matrix"], full["matrices"]) == (MATRIX, [MATRIX, MATRIX])
    assert full["picture"].startswith(b"\x89PNG")
    assert run.get_metrics("once") == {"once": 3.0}
    history = run.get_metric_history("numbers")
    assert (history.step.tolist(), history.value.tolist()) == ([0, 1], [4.0, 5.0])
    assert history.time[0] > 1.7e9
    with pytest.raises(UnknownMetric, match="The nearest: 'numbers'"):
        run.get_metric_history("number")


def test_a_file_that_was_only_begun_hides_nothing(run):
    run.log("loss", 1)
    run.log_row("rows", x=1)
    run.log_confusion_matrix("matrix", MATRIX)
    run.flush()
    for name in ("begun.table.json", "begun.confusion_matrix.json"):
        run.upload_file(f"logged/{name}", io.BytesIO(b""))
    assert run.get_metrics(populate=True) == {"loss": 1.0, "rows": {"x": 1}, "matrix": MATRIX}


def test_runs_of_plain_mlflow_are_full_citizens(store, workspace):
    client = workspace.client
    plain = client.create_run("0", run_name="plain", tags={"stage": "trial"}).info.run_id
    client.log_metric(plain, "loss", 0.5, step=3)
    client.log_dict(plain, {"columns": ["a"], "data": [[1]]}, "eval/rows.json")
    client.set_tag(plain, "mlflow.loggedArtifacts", '[{"path": "eval/rows.json", "type": "table"}]')
    run = workspace.get_run(plain)
    assert (run.name, run.type, run.tags, run.properties) == ("plain", "", {"stage": "trial"}, {})
    assert run.get_metrics() == {"loss": 0.5, "eval/rows": {"a": 1}}
    assert run.experiment.name == "Default"
    with pytest.raises(OnlyRecords):
        run.cancel()
    client.set_terminated(plain)
    run.cancel()
    assert run.get_status() == "Completed"


def test_what_is_written_mlflow_reads(run, workspace):
    run.tag("stage", "trial")
    run.set_tags({"owner": "ada", "empty": None})
    run.add_properties({"data": "v2"})
    run.display_name = "renamed"
    stored = workspace.client.get_run(run.id)
    assert stored.info.run_name == "renamed" == run.name
    assert stored.data.tags["stage"] == "trial"
    assert run.tags == {"stage": "trial", "owner": "ada", "empty": ""}
    assert run.properties == {"data": "v2"}
    with pytest.raises(InvalidTags, match="data has another value"):
        run.add_properties({"data": "v3", "more": 1})
    run.add_properties({"data": "v2"})
    assert run.properties == {"data": "v2"}
    with pytest.raises(InvalidTags, match="dict"):
        run.set_tags(["a"])


def test_a_block_ends_the_run_as_it_ends(experiment):
    with experiment.start_logging() as good:
        good.log("a", 1)
        assert good.get_status() == "Running"
    with pytest.raises(ZeroDivisionError), experiment.start_logging() as bad:
        bad.log("a", 1 / 0)
    with pytest.raises(KeyboardInterrupt), experiment.start_logging() as stopped:
        raise KeyboardInterrupt
    assert [run.get_status() for run in (good, bad, stopped)] == ["Completed", "Failed", "Canceled"]
    assert bad.get_details()["error"]["error"]["message"] == "ZeroDivisionError: division by zero"
    assert good.get_metrics() == {"a": 1.0}
    last = experiment.start_logging()
    last.cancel()
    assert last.get_status() == "Canceled"


def test_an_interactive_run_beats(run):
    run.log("a", 1)
    until(lambda: float(run.workspace.client.get_run(run.id).data.tags.get("rundetails.heartbeat", 0)) > 1.7e9, 60)


@pytest.mark.parametrize(("end", "status"), [("", "Completed"), ("os.kill(os.getpid(), 15)", "Canceled")])
def test_a_session_that_ends_ends_its_runs(workspace, end, status):
    code = (
        "import os\nfrom rundetails import Experiment, Workspace\n"
        f"run = Experiment(Workspace({workspace.tracking_uri!r}), 'digits').start_logging()\n"
        f"done = run.child_run()\ndone.log('a', 1)\ndone.complete()\nrun.log('a', 1)\nprint(run.id)\n{end}"
    )
    said = subprocess.run([sys.executable, "-uc", code], capture_output=True, text=True, timeout=120)
    run = workspace.get_run(said.stdout.strip())
    assert (run.get_status(), run.get_metrics()) == (status, {"a": 1.0})
    assert [child.get_status() for child in run.get_children()] == ["Completed"]


def test_runs_are_found_by_type_tags_and_properties(experiment):
    first = experiment.start_logging(tags={"stage": "trial"})
    second = experiment.start_logging(tags={"stage": "final"})
    second.add_properties({"data": "v2"})
    child = second.child_run("below")
    assert [run.id for run in experiment.get_runs()] == [second.id, first.id]
    assert {run.id for run in experiment.get_runs(include_children=True)} == {first.id, second.id, child.id}
    assert [run.id for run in experiment.get_runs(tags={"stage": "trial"})] == [first.id]
    assert [run.id for run in experiment.get_runs(tags="stage", properties="data")] == [second.id]
    assert list(experiment.get_runs(type="automl")) == []
    assert (first.number, second.number) == (1, 2)


def test_children_have_metrics_of_their_own(run):
    children = run.create_children(tag_key="fold", tag_values=range(3))
    grandchild = children[0].child_run()
    for number, child in enumerate(children):
        child.log("score", number)
    grandchild.log("score", 9)
    assert {child.id for child in run.get_children()} == {child.id for child in children}
    assert len(list(run.get_children(recursive=True))) == 4
    assert [child.id for child in run.get_children(tags={"fold": "1"})] == [children[1].id]
    assert grandchild.parent.parent.id == run.id
    for child in (*children, grandchild):
        child.complete()
    assert len(list(run.get_children(recursive=True, status="Completed"))) == 4
    every = run.get_metrics(recursive=True)
    assert every == {grandchild.id: {"score": 9.0}, **{c.id: {"score": float(n)} for n, c in enumerate(children)}}
    assert len(run.create_children(2)) == 2
    with pytest.raises(InvalidTags, match="either count"):
        run.create_children()


@pytest.fixture(params=["sqlite", "server"])
def families(request, workspace):
    """Makes a run whose children logged these: (status, {metric: value})."""
    place = workspace if request.param == "sqlite" else Workspace(sqlite_server().address)
    experiment = Experiment(place, "credit")

    def make(*children):
        parent = place.client.create_run(experiment.id).info.run_id
        made = []
        for status, logged in children:
            child = place.client.create_run(experiment.id, tags={"mlflow.parentRunId": parent}).info.run_id
            for name, value in logged.items():
                place.client.log_metric(child, name, value)
            place.client.set_terminated(child, status)
            made.append(child)
        return Run(experiment, parent), made

    return make


def test_the_best_child_is_chosen_or_it_is_said_why_none_is(families):
    run, (low, high, *_) = families(
        ("FINISHED", {"accuracy": 0.5, "loss": 1, "score": 3}), ("FINISHED", {"accuracy": 0.9, "loss": 2, "score": 1}),
        ("FAILED", {"accuracy": 0.99, "loss": 0}), ("FINISHED", {"accuracy": float("nan"), "loss": float("inf")}),
    )  # fmt: skip
    assert run.get_best_child("accuracy").id == high
    assert run.get_best_child("loss").id == low
    assert run.get_best_child("score").id == low
    Goals = Enum("Goals", "MINIMIZE MAXIMIZE")  # noqa: N806  # a class
    assert [run.get_best_child("score", goal).id for goal in ("min", "MINIMIZE", Goals.MINIMIZE)] == [high] * 3
    with pytest.raises(ValueError, match='"min" or "max"'):
        run.get_best_child("score", "least")
    with pytest.raises(TypeError, match="name of a metric"):
        run.get_output(3)
    with pytest.raises(NoBestChild, match=r"None of the 4 runs .* has 'auc'\. They have accuracy, loss, score"):
        run.get_best_child("auc")
    with pytest.raises(NoModel, match="get_file_names"):
        run.get_output("loss")
    assert len(list(run.get_children(status="failed"))) == 1
    for children in ([("FAILED", {"auc": 1})], [("FINISHED", {"auc": float("nan")})]):
        with pytest.raises(NoBestChild, match="1 logged 'auc': each of these failed"):
            families(*children)[0].get_best_child("auc")
    alone, _ = families()
    with pytest.raises(NoBestChild, match="no runs below"):
        alone.get_output()
    assert alone.get_best_run_by_primary_metric() is None


def test_children_in_a_circle_are_each_told_once(families):
    run, (child,) = families(("FINISHED", {"loss": 1}))
    run.tag("mlflow.parentRunId", child)
    assert [one.id for one in run.get_children(recursive=True)] == [child]
    assert run.get_metrics(recursive=True) == {child: {"loss": 1.0}}


def test_files_come_back_as_they_were(run, tmp_path):
    run.upload_file("outputs/model.bin", io.BytesIO(b"\0\1"))
    (tmp_path / "folder" / "deep").mkdir(parents=True)
    (tmp_path / "folder" / "deep" / "a.txt").write_text("a")
    run.upload_folder("data", tmp_path / "folder")
    run.upload_file("train.log", tmp_path / "folder" / "deep" / "a.txt")
    assert run.get_file_names() == ["data/deep/a.txt", "outputs/model.bin", "train.log"]
    assert run.download_file("outputs/model.bin", tmp_path / "here") == str(tmp_path / "here")
    assert (tmp_path / "here").read_bytes() == b"\0\1"
    assert run.download_files("data", tmp_path / "all") == [str(tmp_path / "all/data/deep/a.txt")]
    assert run.download_files("data", tmp_path / "cut", append_prefix=False) == [str(tmp_path / "cut/deep/a.txt")]
    assert run.get_all_logs(tmp_path / "logs") == [
        str(tmp_path / "logs/data/deep/a.txt"),
        str(tmp_path / "logs/train.log"),
    ]
    with zipfile.ZipFile(run.download_all(tmp_path / "run.zip")) as archive:
        assert archive.testzip() is None
        assert {name: archive.read(name) for name in archive.namelist()} == {
            "data/deep/a.txt": b"a", "outputs/model.bin": b"\0\1", "train.log": b"a"
        }  # fmt: skip
    with pytest.raises(ArtifactNotFound, match=r"It has outputs/model\.bin"):
        run.download_file("outputs/model.pkl", tmp_path / "none")
    for name in ("../a", "/etc/passwd", ""):
        with pytest.raises(ArtifactNotFound):
            run.upload_file(name, io.BytesIO(b""))
    assert not list(tmp_path.glob(".*.part"))
    assert not (tmp_path / "none").exists()
    details = run.get_details_with_logs()
    assert details["logFiles"] == {"data/deep/a.txt": "a", "train.log": "a"}


def test_a_model_is_registered_and_found(run, workspace, tmp_path):
    run.upload_file("outputs/model.pkl", io.BytesIO(pickle.dumps({"weights": 1})))
    model = run.register_model("digits", "outputs/model.pkl", tags={"a": 1}, properties={"b": 2}, description="first")
    assert (model.id, model.tags, model.properties, model.description) == ("digits:1", {"a": "1"}, {"b": "2"}, "first")
    assert model.run_id == run.id
    (tmp_path / "weights").mkdir()
    (tmp_path / "weights" / "w.bin").write_bytes(b"w")
    second = Model.register(workspace, tmp_path / "weights", "digits")
    assert second.version == 2 == Model(workspace, "digits").version
    assert [one.id for one in Model.list(workspace)] == ["digits:2", "digits:1"]
    assert [one.id for one in Model.list(workspace, latest=True)] == ["digits:2"]
    from pathlib import Path

    assert Path(second.download(tmp_path / "back"), "w.bin").read_bytes() == b"w"
    with pytest.raises(FileExistsError):
        second.download(tmp_path / "back")
    assert pickle.loads(Path(model.download(tmp_path / "back")).read_bytes()) == {"weights": 1}
    assert str(workspace.client.get_model_version("digits", "1").run_id) == run.id
    second.delete()
    with pytest.raises(ModelNotFound, match="digits:1"):
        Model(workspace, "digits", 2)
    with pytest.raises(ModelNotFound, match="nearest: digits"):
        Model(workspace, "digit")
    with pytest.raises(ArtifactNotFound, match="outputs/model"):
        run.register_model("digits", "outputs/none")
    for name in ("a/b", "it's"):
        with pytest.raises(InvalidName):
            run.register_model(name, "outputs/model.pkl")


def test_a_run_is_looked_up_and_the_nearest_are_named(workspace, experiment, run):
    assert Run(experiment, run.id).id == Run.get(workspace, run.id).id == run.id
    with pytest.raises(RunNotFound, match=run.id):
        Run(experiment, run.id[:-1] + "x")
    with pytest.raises(RunNotFound, match=r"experiment 'other'\.\nIt is in 'digits'.*get_run") as caught:
        Run(Experiment(workspace, "other"), run.id)
    assert "no runs yet" not in str(caught.value)
    for wrong in (lambda: Run(experiment, None), lambda: Run("digits", run.id), lambda: workspace.get_run(3)):
        with pytest.raises(InvalidRun, match=r"run\.id|Experiment\(workspace"):
            wrong()
    with pytest.raises(InvalidConfig, match=r"Experiment\(Workspace\(\)"):
        Experiment("here", "digits")
    with pytest.raises(InvalidName):
        Experiment(workspace, " ")
    workspace.client.delete_experiment(experiment.id)
    with pytest.raises(StoreError, match="mlflow experiments restore"):
        _ = Experiment(workspace, "digits").id
    workspace.client.restore_experiment(experiment.id)


def test_a_view_takes_a_run_of_the_sdk(run):
    run.log("loss", 0.5)
    run.flush()
    details = RunDetails(run)
    data = details.get_widget_data()
    details.close()
    assert (data["run"]["id"], data["run"]["type"], data["metrics"]["loss"]["last"]) == (run.id, "interactive", 0.5)


def test_files_of_a_store_elsewhere_lie_beside_it(store, experiment, run):
    assert workspace_artifacts(run) == str(store.path.parent / "mlruns" / "digits" / run.id / "artifacts")


def workspace_artifacts(run):
    return run.workspace.client.get_run(run.id).info.artifact_uri


def test_a_workspace_is_written_down_and_found_again(tmp_path, monkeypatch, workspace):
    project = tmp_path / "project" / "deep"
    project.mkdir(parents=True)
    workspace.write_config(tmp_path / "project")
    monkeypatch.chdir(project)
    assert Workspace.from_config().tracking_uri == workspace.tracking_uri
    (project / "config.json").write_text('{"store": "runs/a.db"}')
    assert Workspace.from_config().tracking_uri == f"sqlite:///{project}/runs/a.db"
    (project / "config.json").write_text('{"subscription_id": "s", "resource_group": "g", "workspace_name": "w"}')
    with pytest.raises(InvalidConfig, match="azureml-mlflow"):
        Workspace.from_config()
    (project / "config.json").write_text("{")
    with pytest.raises(InvalidConfig, match="read as JSON"):
        Workspace.from_config()
    with pytest.raises(InvalidConfig, match=r"write_config"):
        Workspace.from_config(tmp_path / "nowhere")
    with pytest.raises(InvalidConfig, match="password"):
        Workspace("http://ada:secret@127.0.0.1:1").write_config(tmp_path)
    assert "secret" not in repr(Workspace("http://ada:secret@127.0.0.1:1"))
    assert pickle.loads(pickle.dumps(workspace)).tracking_uri == workspace.tracking_uri
    assert "digits" not in workspace.experiments
    assert list(workspace.compute_targets) == ["local"]


def test_a_store_of_another_version_is_not_changed(store):
    store.execute("UPDATE alembic_version SET version_num = 'f5a4f2784254'")
    with pytest.raises(StoreError, match="mlflow db upgrade"):
        Experiment(Workspace(store.path), "digits").start_logging()


def test_a_script_finds_its_run_or_prints(monkeypatch, store, run, capsys):
    monkeypatch.setenv("MLFLOW_RUN_ID", run.id)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", store.uri)
    before = mlflow.get_tracking_uri()
    mlflow.set_tracking_uri(store.uri)
    try:
        context = Run.get_context()
        assert context is Run.get_context()
        context.log("from/script", 1)
        assert context.get_metrics()["from/script"] == 1.0
        assert context.experiment.name == "digits"
    finally:
        mlflow.set_tracking_uri(before)
    monkeypatch.delenv("MLFLOW_RUN_ID")
    with pytest.raises(RunNotFound, match=r"environment\.\nMLFLOW_RUN_ID is not set.*start_logging"):
        Run.get_context(allow_offline=False)
    with Run.get_context() as offline:
        offline.log("loss", 0.5)
        offline.log("loss", 0.25, step=7)
        offline.log_row("rows", x=1)
        offline.log_list("list", [1, 2])
        offline.tag("stage", "trial")
        assert offline.child_run().id == f"{offline.id}.1"
        assert offline.tags == {"stage": "trial"}
    printed = capsys.readouterr().out
    assert "loss: 0.5 (step 0)\nloss: 0.25 (step 7)\nrows: {'x': 1}\nlist: [1, 2]\n" in printed
    assert "completed" in printed
    assert offline.id.startswith("OfflineRun_")
    with pytest.raises(OnlyOnline, match="start_logging"):
        offline.get_metrics()


def test_waiting_prints_what_the_script_prints(bench):
    printed = []
    run = bench.submit("print('password=hunter2')\nprint('half a line', end='')")
    follow(run, show_output=True, raise_on_error=True, write=printed.append)
    text = "".join(printed)
    assert text.startswith(f"Run {run.name} ({run.id})\n")
    assert "70_driver_log.txt\npassword=[hidden]\nhalf a line\n" in text
    assert "———— Completed after" in text


def test_waiting_begins_also_while_the_server_is_away(monkeypatch):
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    printed = []
    with FaultProxy(sqlite_server().address) as proxy:
        experiment = Experiment(Workspace(proxy.address), "away")
        run = experiment.start_logging(display_name="a trial")
        run.complete()
        proxy.fault = Fault("busy")

        def heal(text):
            printed.append(text)
            proxy.fault = Fault()

        follow(run, show_output=True, raise_on_error=True, write=heal)
    assert "busy" in printed[0] or "again" in printed[0]
    assert printed[1].startswith(f"Run a trial ({run.id}): http://")
    assert "Completed" in printed[-1]


def test_waiting_can_be_interrupted_and_the_run_goes_on(bench):
    run = bench.submit("import time\nprint('here', flush=True)\ntime.sleep(300)")

    def interrupt(text):
        if "here" in text:
            raise KeyboardInterrupt

    with pytest.raises(StoppedWaiting, match="goes on"):
        follow(run, show_output=True, raise_on_error=True, write=interrupt)
    assert run.get_status() == "Running"
    run.cancel()
    assert run.wait_for_completion()["status"] == "Canceled"
