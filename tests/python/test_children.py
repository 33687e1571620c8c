"""The runs below a watched run: what the monitor reads, what the page is sent, what Python gives."""

import json
import math
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from queues import until
from rundetails import Experiment, MemorySource, RunDetails, Workspace
from rundetails.errors import SourceUnavailable
from rundetails.facts import Run, Status
from rundetails.family import NoBestChild, read_family
from rundetails.monitor import ManualClock, Monitor, Pace
from rundetails.opened import MOST
from rundetails.presenter import Presenter
from rundetails.sdk.loading import NoModel
from rundetails.sources import MlflowServerSource, SqliteSource
from rundetails.twin import BIGGEST, twin_html, twin_text
from rundetails.wire import everything, snapshot
from rundetails.wire_children import children_facts, some
from servers import ServerStore, sqlite_server
from stores import Store


class Page:
    """What a page hears."""

    def __init__(self):
        self.messages = []
        self.layout = SimpleNamespace(close=lambda: None)

    def tell(self, message, buffers=None):
        self.messages.append((json.loads(json.dumps(message)), list(buffers or [])))

    def close(self):
        pass

    def all(self, kind):
        return [message for message, _ in self.messages if message["kind"] == kind]


class World:
    """A run in memory with children, watched without a thread."""

    def __init__(self, count=0):
        self.clock = ManualClock()
        self.source = MemorySource(self.clock.time)
        self.parent = self.source.add(Run("p", "parent", "lab", status=Status.RUNNING, started=self.clock.time()))
        self.monitor = Monitor(self.clock, chance=lambda: 0.0, threaded=False)
        self.presenter = Presenter(self.source, "p", Pace(), self.monitor)
        self.page = self.presenter.widget = Page()
        self.scripts = {}
        for number in range(count):
            self.child(number)

    def answers(self):
        """What the page was answered, after all that is due was done."""
        self.monitor.run_due()
        return self.page.all("answer")

    def child(self, number, parent="p", status=Status.RUNNING, **parameters):
        facts = Run(
            f"c{number}",
            f"trial {number}",
            "lab",
            status=status,
            started=self.clock.time() + number,
            parent=parent,
            parameters={"lr": str(number / 10), "kind": "abc"[number % 3], **parameters},
        )
        script = self.scripts[f"c{number}"] = self.source.add(facts)
        return script

    def read(self):
        self.presenter.watch.hurry()
        while self.monitor.run_due() == 0:
            pass
        return self.presenter.watch.state

    def wish(self, name, **extra):
        self.presenter._wished({"kind": "wish", "id": 1, "wish": name, "view": "v", **extra})
        while self.monitor.run_due() == 0:
            pass


def cells(facts, buffer):
    """What a page makes of a message: {id: {column: value}}."""
    numbers = np.frombuffer(buffer, "<f8")
    rows = {identity: {} for identity in facts["ids"]}
    end = 3 * len(rows)
    for column in facts["columns"]:
        count = column["count"]
        places = range(count)
        if column.get("is_sparse"):
            places, end = numbers[end : end + count].astype(int), end + count
        values, end = numbers[end : end + count], end + count
        for place, value in zip(places, values, strict=True):
            told = column["words"][int(value)] if "words" in column else float(value)
            rows[facts["ids"][place]][f"{column['kind']} {column['name']}"] = told
    assert end == len(numbers)
    return rows


def test_children_are_read_with_the_run_and_told_by_deltas():
    world = World(3)
    world.scripts["c1"].log("loss", 0.5, step=1)
    state = world.read()
    assert list(state.children.all) == ["c0", "c1", "c2"]
    assert state.children.family.kind == "sweep"
    before = len(world.page.messages)
    world.clock.advance(15)
    world.scripts["c2"].log("loss", 0.25, step=3)
    world.read()
    (message, buffers) = next(one for one in world.page.messages[before:] if "children" in one[0])
    assert message["children"]["ids"] == ["c2"]
    found = cells(message["children"], buffers[-1])["c2"]
    assert found["metric loss"] == 0.25
    assert found["parameter lr"] == 0.2
    assert found["parameter kind"] == "c"
    assert found["fact steps"] == 3


def test_nothing_new_is_not_told():
    world = World(3)
    world.scripts["c1"].log("loss", math.nan, step=1)
    world.read()
    before = len(world.page.messages)
    world.clock.advance(15)
    world.read()
    assert [message for message, _ in world.page.messages[before:] if "children" in message] == []


def test_children_that_go_are_told():
    world = World(3)
    world.read()
    world.scripts["c1"].delete()
    world.clock.advance(15)
    state = world.read()
    assert list(state.children.all) == ["c0", "c2"]
    told = [message["children"] for message in world.page.all("delta") if "children" in message][-1]
    assert told["gone"] == ["c1"]
    assert told["total"] == 2


def test_a_child_that_changed_after_the_end_is_found_at_the_end_of_the_parent(tmp_path):
    store = Store(tmp_path / "mlflow.db")
    parent = store.create_run("p")
    child = store.create_run("c", parent=parent)
    store.end(child)
    clock = ManualClock(1_700_000_200.0)
    monitor = Monitor(clock, chance=lambda: 0.0, threaded=False)
    presenter = Presenter(SqliteSource(store.path), parent, Pace(), monitor)
    presenter.widget = Page()
    presenter.watch.hurry()
    while monitor.run_due() == 0:
        pass
    # In place: no row is new, and the child has ended.
    store.execute("UPDATE tags SET value = 'better' WHERE run_uuid = ? AND key = 'mlflow.runName'", child)
    store.execute("UPDATE runs SET name = 'better' WHERE run_uuid = ?", child)
    clock.advance(15)
    monitor.run_due()
    assert presenter.watch.state.children.all[child].run.name == "c"
    store.end(parent, at=clock.time())
    for _ in range(4):
        clock.advance(15)
        monitor.run_due()
    assert presenter.watch.state.children.all[child].run.name == "better"


def test_failing_to_read_children_takes_nothing_from_the_run():
    world = World(2)

    class Broken(MemorySource):
        def read_children(self, run_id, cursor=None, *, sweep=False):
            raise SourceUnavailable("The children are away. They are tried again.")

    source = Broken(world.clock.time)
    source.add(Run("p", status=Status.RUNNING, started=world.clock.time()))
    presenter = Presenter(source, "p", Pace(), world.monitor)
    page = presenter.widget = Page()
    presenter.watch.hurry()
    while world.monitor.run_due() == 0:
        pass
    state = presenter.watch.state
    assert state.health.state == "live"
    assert "away" in state.children.error
    assert any("away" in message.get("children", {}).get("error", "") for message in page.all("delta"))


def test_a_viewer_that_shows_no_children_costs_none():
    world = World(2)
    world.presenter.widget = None
    state = world.read()
    assert state.children.all == {}


def test_a_server_whose_run_trains_by_itself_is_seldom_asked_for_children():
    store = ServerStore(sqlite_server())
    run_id = store.create_run()
    store.log(run_id, "loss", [(1, 1_700_000_000.0, 0.5)])
    source = MlflowServerSource(store.uri)
    clock = ManualClock(1_700_000_001.0)
    monitor = Monitor(clock, chance=lambda: 0.0, threaded=False)
    presenter = Presenter(source, run_id, Pace(), monitor)
    presenter.widget = Page()
    watch = presenter.watch
    while monitor.run_due() == 0:
        pass
    costs = []
    for _ in range(6):
        before = source.requests
        clock.advance(15)
        monitor.run_due()
        costs.append(source.requests - before)
    assert watch.error is None
    assert sorted(costs)[:4] == [1, 1, 1, 1], costs


def test_long_and_secret_texts_stay_out_of_the_wire():
    world = World()
    world.child(1, api_key="hunter2-hunter2-hunter2", prompt="x" * 5000, url="https://u:secretpass@host/x")
    state = world.read()
    facts, buffer = children_facts(state.children, ["c1"])
    found = cells(facts, buffer)["c1"]
    sent = json.dumps(facts)
    assert "hunter2" not in sent
    assert "secretpass" not in sent
    assert found["parameter prompt"].endswith("(5,000 characters in all)")
    assert len(found["parameter prompt"]) < 250


def test_numbers_texts_and_gaps_of_a_column_are_told_apart():
    world = World()
    for number, depth in enumerate(["3", "None", "1e-3", "0123", "nan", "True"]):
        world.child(number, depth=depth)
    world.scripts["c0"].log("loss", math.inf)
    world.scripts["c1"].log("loss", -0.0)
    found = cells(*children_facts(world.read().children, list(world.scripts)))
    depths = [found[f"c{number}"].get("parameter depth") for number in range(6)]
    assert depths == [3.0, "None", 0.001, "0123", "nan", "True"]
    assert found["c0"]["metric loss"] == math.inf
    assert "metric loss" not in found["c2"]


def test_one_message_holds_a_bounded_part_and_a_wish_brings_the_rest():
    world = World(600)
    for script in world.scripts.values():
        for metric in range(180):
            script.log(f"m{metric}", 1.0)
    state = world.read()
    first = some(state.children)
    assert 50 <= len(first) < 600
    whole = snapshot(state, world.presenter._around(), "k")
    assert whole["children"]["total"] == 600
    assert whole["cells"].nbytes < 2_000_000
    have = list(whole["children"]["ids"])
    while len(have) < 600:
        world.wish("children", start=len(have))
        (answer, _) = next(one for one in reversed(world.page.messages) if one[0]["kind"] == "answer")
        assert answer["children"]["ids"]
        have += answer["children"]["ids"]
    assert have == list(state.children.all)
    assert everything(state, world.presenter._around()).message["children"]["total"] == 600


def test_curves_of_children_come_when_they_are_wished():
    world = World(3)
    world.scripts["c0"].log("loss", 1.0, step=1).log("loss", 0.5, step=2)
    world.scripts["c2"].log("loss", 2.0, step=1)
    world.read()
    world.wish("curves", metric="loss", runs=["c0", "c1", "c2", "stranger"], length=100)
    message, buffers = next(one for one in reversed(world.page.messages) if one[0]["kind"] == "answer")
    assert message["curves"] == [{"run": "c0", "kept": 2}, {"run": "c2", "kept": 1}]
    numbers = np.frombuffer(buffers[0], "<f8").reshape(3, 3)
    assert numbers[0].tolist() == [1, 2, 1]
    assert numbers[2].tolist() == [1.0, 0.5, 2.0]


def test_curves_that_were_shown_tell_the_lowest_and_highest_where_the_store_does_not():
    """As on a server, which gives but the latest values."""
    world = World(2)
    for number, name in enumerate(world.scripts):
        world.scripts[name].log("loss", 3.0, step=1).log("loss", 0.5 - number, step=2).log("loss", 1.0, step=3)
    told = world.source.read_children

    def latest_alone(*given, **named):
        delta = told(*given, **named)
        return replace(delta, children=[replace(one, lowest={}, highest={}) for one in delta.children])

    world.source.read_children = latest_alone
    state = world.read()
    assert state.children.all["c0"].lowest == {}
    assert not state.children.has_extremes
    world.wish("curves", metric="loss", runs=["c0"], length=100)
    assert (state.children.all["c0"].lowest, state.children.all["c0"].highest) == ({"loss": 0.5}, {"loss": 3.0})
    assert state.children.all["c1"].lowest == {}
    (message, _) = next(one for one in reversed(world.page.messages) if one[0]["kind"] == "delta")
    assert message["children"]["ids"] == ["c0"]
    assert [one["kind"] for one in message["children"]["columns"] if one["name"] == "loss"] == [
        "metric", "lowest", "highest",
    ]  # fmt: skip
    seq = state.seq
    world.wish("curves", metric="loss", runs=["c0"], length=100)
    assert state.seq == seq, "nothing that was not known"
    world.scripts["c0"].log("loss", 0.25, step=4)
    world.clock.advance(15)
    world.read()
    assert state.children.all["c0"].lowest == {"loss": 0.25}
    assert state.children.all["c0"].highest == {"loss": 3.0}


@pytest.mark.parametrize("wish", [{"runs": "c0"}, {"runs": [1]}, {}])
def test_a_wish_that_makes_no_sense_is_refused(wish):
    world = World(1)
    world.read()
    world.wish("curves", metric="loss", length=10, **wish)
    assert "does not understand" in world.page.all("answer")[-1]["error"]


def test_a_reader_opens_a_child_in_the_same_page():
    world = World(3)
    world.scripts["c1"].log("loss", 0.5, step=1)
    world.read()
    world.wish("open", opened="c1", visible=True)
    (opened,) = world.page.all("opened")
    assert opened["opened"] == "c1"
    told = [message for message in world.page.all("delta") if message.get("opened") == "c1"]
    assert told[-1]["run"]["name"] == "trial 1"
    assert [one["name"] for message in told for one in message.get("series", ())] == ["loss"]
    own = [message for message in world.page.all("delta") if "opened" not in message]
    assert all(message.get("run", {}).get("id") != "c1" for message in own)
    reads = world.source.reads.count("c1")
    world.clock.advance(15)
    world.scripts["c1"].log("loss", 0.25, step=2)
    world.read()
    assert world.source.reads.count("c1") == reads + 1
    world.wish("leave", opened="c1")
    world.clock.advance(60)
    world.read()
    assert world.source.reads.count("c1") == reads + 1, "nobody looks at it any more"


def test_what_is_open_goes_with_the_view():
    world = World(2)
    world.read()
    world.wish("open", opened="c0", visible=True)
    world.presenter.close()
    reads = world.source.reads.count("c0")
    world.clock.advance(60)
    world.monitor.run_due()
    assert world.source.reads.count("c0") == reads


def test_of_many_that_are_open_the_one_unheard_for_longest_goes_until_it_is_looked_at_again():
    world = World(MOST + 1)
    world.read()
    for number in range(MOST):
        world.wish("open", opened=f"c{number}", visible=True)
    world.wish("look", opened="c0", visible=True)
    world.wish("open", opened=f"c{MOST}", visible=True)
    before = len(world.page.all("opened"))
    world.scripts["c0"].log("loss", 0.5, step=1)
    world.scripts["c1"].log("loss", 0.5, step=1)
    world.clock.advance(15)
    world.read()
    told = {message.get("opened") for message in world.page.all("delta") if message.get("series")}
    assert told == {"c0"}, "c1 had been unheard for longest"
    world.wish("look", opened="c1", visible=True)
    (again,) = world.page.all("opened")[before:]
    assert again["opened"] == "c1"
    world.read()
    later = [message for message in world.page.all("delta") if message.get("opened") == "c1"]
    told = [*again["snapshot"]["series"], *(one for message in later for one in message.get("series", ()))]
    assert [one["name"] for one in told] == ["loss"]


def test_an_unknown_child_is_refused_in_words():
    world = World(1)
    world.read()
    world.wish("open", opened="nobody", visible=True)
    answer = world.page.all("answer")[-1]
    assert answer["opened"] == "nobody"
    assert "nobody" in answer["error"]


def test_a_parent_that_waits_for_its_children_is_not_called_dead():
    world = World()
    for step in range(20):
        world.parent.log("loss", 1.0, step=step, at=world.clock.time() + step)
    world.child(0)
    world.clock.advance(20)
    world.read()
    for _ in range(40):
        world.clock.advance(60)
        state = world.read()
    assert state.insight.stale is None
    assert state.insight.findings == ()


def test_the_selection_and_all_children_in_python():
    pandas = pytest.importorskip("pandas")
    world = World(3)
    world.scripts["c0"].log("loss", 0.5).end(Status.FAILED)
    details = RunDetails("p", store=world.source, monitor=world.monitor)
    frame = details.children
    assert isinstance(frame, pandas.DataFrame)
    assert frame["run_id"].tolist() == ["c0", "c1", "c2"]
    assert frame["status"].tolist() == ["Failed", "Running", "Running"]
    assert frame["params.lr"].tolist() == ["0.0", "0.1", "0.2"]
    assert frame["metrics.loss"].tolist()[0] == 0.5
    assert str(frame["start_time"].dtype).startswith("datetime64")
    assert details.selection == []
    world.read()
    world.wish("select", runs=["c2", "c0"])
    assert world.presenter.children.chosen == ("c2", "c0")


def test_the_best_child_is_neither_failed_nor_odd():
    world = World(5)
    for name, value in {"c0": 0.3, "c1": 0.1, "c2": math.nan, "c3": 0.2, "c4": -math.inf}.items():
        world.scripts[name].log("val_loss", value)
    world.scripts["c1"].end(Status.FAILED)
    found = read_family(world.source, "p")
    assert [one.run.id for one in found.ranked()] == ["c3", "c0"]
    assert found.best(goal="max").run.id == "c0"
    with pytest.raises(NoBestChild, match="val_loss"):
        found.best("accuracy")


@pytest.fixture
def sweep(tmp_path):
    store = Store(tmp_path / "mlflow.db")
    run = Experiment(Workspace(store.path), "sweep").start_logging(display_name="sweep")
    for number in range(4):
        with run.child_run(f"trial {number}") as child:
            child.log("accuracy", [0.5, 0.9, 0.7, 0.1][number])
            child.workspace.client.log_param(child.id, "lr", number)
    run.complete()
    return run


def test_get_best_child_and_its_kin(sweep):
    best = sweep.get_best_child()
    assert best.display_name == "trial 1"
    assert sweep.get_best_child("accuracy", "min").display_name == "trial 3"
    assert sweep.get_best_run_by_primary_metric().id == best.id
    listed = sweep.get_children_sorted_by_primary_metric(top=2)
    assert [one["best_primary_metric"] for one in listed] == [0.9, 0.7]
    assert listed[0]["hyperparameters"] == {"lr": "1"}
    with pytest.raises(NoModel, match="logged a model"):
        sweep.get_output()
    with pytest.raises(NoBestChild):
        best.get_best_child()
    assert best.get_best_run_by_primary_metric() is None


def test_get_output_loads_the_model_of_the_best(sweep, monkeypatch):
    sklearn = pytest.importorskip("sklearn.tree")
    import mlflow
    import mlflow.sklearn

    best = sweep.get_best_child()
    model = sklearn.DecisionTreeClassifier().fit([[0], [1]], [0, 1])
    from mlflow.tracking._tracking_service import utils

    monkeypatch.setattr(utils, "_tracking_uri", utils._tracking_uri)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "")
    before = mlflow.get_tracking_uri()
    mlflow.set_tracking_uri(sweep.workspace.tracking_uri)
    try:
        with mlflow.start_run(run_id=best.id):
            mlflow.sklearn.log_model(model, name="model", serialization_format="cloudpickle")
    finally:
        mlflow.set_tracking_uri(before)
    run, loaded = sweep.get_output()
    assert run.id == best.id
    assert loaded.predict([[0], [1]]).tolist() == [0, 1]
    assert mlflow.get_tracking_uri() == before


def test_the_twin_shows_the_best_and_the_foremost_ten():
    world = World(30)
    for number, script in enumerate(world.scripts.values()):
        script.log("accuracy", number / 100)
    world.scripts["c29"].end(Status.FAILED)
    world.child(30, evil="<script>").log("accuracy", 0.005)
    state = world.read()
    page = twin_html(state, "key", world.clock.time())
    text = twin_text(state, world.clock.time())
    assert len(page) < BIGGEST
    assert "31 trials (30 running, 1 failed). Best accuracy 0.28: trial 28" in text
    assert page.index("trial 28") < page.index("trial 19")
    assert "trial 18<" not in page
    assert "<script>" not in page
    assert page.count("<tr>") == 1 + 10


def test_the_twin_of_steps_has_no_column_without_a_word():
    world = World(0)
    for name, after in (("load", ""), ("train", "load")):
        tags = {"rundetails.step": name, "rundetails.after": after}
        world.source.add(Run(name, name, parent="p", status=Status.COMPLETED, tags=tags))
    page = twin_html(world.read(), "key", world.clock.time())
    assert "2 steps" in page
    assert "run ID" in page
    assert "score" not in page


def test_what_mattered_is_told_later_from_a_thread_of_its_own():
    pytest.importorskip("sklearn")
    world = World(40)
    for number, script in enumerate(world.scripts.values()):
        script.log("score", number / 10)
    world.scripts["c3"].end(Status.FAILED)
    world.read()
    world.wish("importance", metric="score")
    (answer,) = until(world.answers)
    assert answer["count"] == 39, "what failed has no score"
    assert answer["importance"][0]["name"] == "lr"
    assert answer["importance"][0]["importance"] > 0.5


def test_too_few_runs_to_say_what_mattered_are_said_so():
    world = World(3)
    world.scripts["c0"].log("score", 1.0)
    world.read()
    world.wish("importance", metric="score")
    assert "it takes 10 or more" in until(world.answers)[0]["error"]


def test_one_child_stands_among_its_siblings():
    world = World(6)
    for number, script in enumerate(world.scripts.values()):
        for step in range(11):
            script.log("loss", number + step / 10, step=step)
    world.child(7, parent="c0").log("loss", -5.0, step=1)
    world.read()
    world.wish("siblings", path="c4", metric="loss")
    message, buffers = next(one for one in reversed(world.page.messages) if one[0]["kind"] == "answer")
    assert message["said"] == "Worse than 80% of 5 siblings at step 10."
    rows = np.frombuffer(buffers[0], "<f8").reshape(7, -1)
    assert rows[0].tolist() == list(range(11))
    others = np.array([[number + step / 10 for step in range(11)] for number in (0, 1, 2, 3, 5)])
    for row, quantile in zip(rows[1:6], (0.1, 0.25, 0.5, 0.75, 0.9), strict=True):
        assert row == pytest.approx(np.quantile(others, quantile, axis=0))
    assert rows[6].tolist() == [5] * 11


@pytest.mark.parametrize(
    "tags",
    [
        {"azureml.runsource": "hyperdrive", "rundetails.property.primary_metric_config": '{"name": {"a": 1}}'},
        {"hyper_parameters": "[1, 2]", "rundetails.property.primary_metric_config": "[]"},
        {"iteration_000": "0;1;2", "score_000": ";;;;;;", "AMLSettingsJsonString": "[1]"},
        {"estimator_name": "GridSearchCV", "optuna.study_direction": "[[["},
        {"flaml.iteration_number": "x" * 5000, "flaml.meric": "\x00"},
    ],
)
def test_tags_that_make_no_sense_stop_nothing(tags):
    world = World(3)
    kind = tags.get("azureml.runsource", "hyperdrive" if "hyper_parameters" in tags else "")
    world.parent.change(lambda run: replace(run, tags=tags, type=kind))
    for script in world.scripts.values():
        script.change(
            lambda run: replace(run, tags={**tags, "number": "NaN", "state": "\x00", "param_directions": "[1]"})
        )
    state = world.read()
    assert len([one for one in state.children.all if one.startswith("c")]) == 3
    assert state.health.state == "live"
    assert any("children" in message for message in world.page.all("delta"))
    assert twin_text(state, world.clock.time())


def test_a_kind_that_breaks_is_an_ordinary_one(monkeypatch):
    from rundetails.runtypes.sweep import Sweep

    def broken(*_):
        raise ValueError("no sense")

    for name in ("family", "place", "joined"):
        monkeypatch.setattr(Sweep, name, broken)
    world = World(3)
    state = world.read()
    assert list(state.children.all) == ["c0", "c1", "c2"]
    assert state.children.family.kind == "nested"
