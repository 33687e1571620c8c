"""What every source promises."""

import importlib.util
import math
import os
import uuid
from pathlib import Path
from typing import get_args

import numpy as np
import pytest

from rundetails.errors import ArtifactNotFound, ExperimentNotFound, OnlyRecords, RunNotFound
from rundetails.facts import PREFIX, Status
from rundetails.sources.protocol import Capability, RunSource

FILES = sorted((Path(__file__).parent / "sources").glob("*.py"))
T0 = 1_700_000_000.0

WEIRD_NAMES = [
    "train/loss/epoch",
    'it\'s "quoted"; DROP TABLE runs; --',
    "🎯 目標",
    "دقة التحقق",
    "<img src=x onerror=alert(1)>",
    "a%20b?c#d&e",
    " spaces around ",
    "n" * 250,
]


@pytest.fixture(params=FILES, ids=lambda file: file.stem)
def subject(request, tmp_path):
    spec = importlib.util.spec_from_file_location(f"subject_{request.param.stem}", request.param)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    made = module.Subject(tmp_path)
    yield made
    made.source.close()


@pytest.fixture
def source(subject):
    return subject.source


def rows(points):
    return list(zip(points.step.tolist(), points.time.tolist(), points.value.tolist(), strict=True))


def read_on(source, run_id, cursor=None):
    """Reads until nothing remains: the points of each metric, and the last delta."""
    found = {}
    while True:
        delta = source.read(run_id, cursor)
        if delta.reset:
            found.clear()
        for name, points in delta.points.items():
            found.setdefault(name, []).extend(rows(points))
        cursor = delta.cursor
        if not delta.remaining:
            return found, delta


def late(source, run_id, cursor, reads=12):
    """Points that turn up within a few reads: not every store says at once that an old step is new, and where a server
    has to be asked for it, that is only done at every tenth read."""
    found = {}
    for _ in range(reads):
        news, delta = read_on(source, run_id, cursor)
        cursor = delta.cursor
        for name, points in news.items():
            found.setdefault(name, []).extend(points)
    return found


def test_it_is_a_source_that_names_itself(source):
    assert isinstance(source, RunSource)
    assert source.name
    assert source.key
    assert source.capabilities <= set(get_args(Capability))


def test_a_new_run_has_facts_and_no_points(subject, source):
    run_id = subject.create("quiet fox")
    delta = source.read(run_id)
    assert delta.run.id == run_id
    assert delta.run.name == "quiet fox"
    assert delta.run.status is Status.RUNNING
    assert delta.run.started is not None
    assert delta.run.ended is None
    assert delta.run.user == "ada"
    assert not delta.points
    assert not delta.remaining


def test_find_gives_the_facts_alone(subject, source):
    run_id = subject.create("quiet fox")
    subject.parameter(run_id, "depth", "3")
    assert source.find(run_id) == source.read(run_id).run


def test_the_first_read_is_complete(subject, source):
    run_id = subject.create()
    points = [(step, T0 + step, step / 7) for step in range(100)]
    subject.log(run_id, "loss", points)
    subject.log(run_id, "accuracy", points[:3])
    found, delta = read_on(source, run_id)
    assert found == {"loss": points, "accuracy": points[:3]}
    assert not delta.reset


def test_nothing_new_is_an_empty_delta(subject, source):
    run_id = subject.create()
    subject.log(run_id, "loss", [(0, T0, 1.0), (1, T0 + 1, math.nan)])
    _, delta = read_on(source, run_id)
    for _ in range(3):
        delta = source.read(run_id, delta.cursor)
        assert delta.is_empty
        assert not delta.remaining


def test_later_reads_give_only_what_is_new(subject, source):
    run_id = subject.create()
    cursor = source.read(run_id).cursor
    for step in range(5):
        point = (step, T0 + step, float(step))
        subject.log(run_id, "loss", [point])
        found, delta = read_on(source, run_id, cursor)
        assert found == {"loss": [point]}
        assert delta.run is None
        cursor = delta.cursor


def test_a_new_metric_turns_up(subject, source):
    run_id = subject.create()
    subject.log(run_id, "loss", [(0, T0, 1.0)])
    _, delta = read_on(source, run_id)
    subject.log(run_id, "validation", [(0, T0 + 1, 2.0)])
    found, _ = read_on(source, run_id, delta.cursor)
    assert found == {"validation": [(0, T0 + 1, 2.0)]}


def test_an_old_cursor_may_be_used_again(subject, source):
    run_id = subject.create()
    subject.log(run_id, "loss", [(0, T0, 1.0)])
    _, first = read_on(source, run_id)
    subject.log(run_id, "loss", [(1, T0 + 1, 2.0)])
    once, _ = read_on(source, run_id, first.cursor)
    twice, _ = read_on(source, run_id, first.cursor)
    assert once == twice == {"loss": [(1, T0 + 1, 2.0)]}


def test_values_that_are_not_finite_are_what_they_are(subject, source):
    run_id = subject.create()
    values = [math.nan, math.inf, -math.inf, 1e308, -1e308, 5e-324, 0.0]
    subject.log(run_id, "x", [(step, T0 + step, value) for step, value in enumerate(values)])
    points = source.read(run_id).points["x"]
    np.testing.assert_array_equal(points.value, values)


def test_steps_may_repeat_go_backwards_and_be_negative(subject, source):
    run_id = subject.create()
    points = [(5, T0, 1.0), (5, T0 + 1, 2.0), (3, T0 + 2, 3.0), (-7, T0 + 3, 4.0), (2**40, T0 + 4, 5.0)]
    subject.log(run_id, "x", points)
    assert read_on(source, run_id)[0] == {"x": points}


def test_points_behind_the_last_step_or_time_still_arrive(subject, source):
    run_id = subject.create()
    subject.log(run_id, "x", [(10, T0 + 10, 1.0)])
    _, delta = read_on(source, run_id)
    subject.log(run_id, "x", [(4, T0 + 11, 2.0), (5, T0 + 2, 3.0)])
    found = late(source, run_id, delta.cursor)
    assert sorted(found["x"]) == [(4, T0 + 11, 2.0), (5, T0 + 2, 3.0)]


def test_what_nobody_wants_is_told_by_its_latest_point_and_comes_whole_later(subject, source):
    run_id = subject.create()
    points = [(step, T0 + step, float(step)) for step in range(6)]
    for metric in ("seen", "unseen"):
        subject.log(run_id, metric, points[:2])
    delta = source.read(run_id, None, {"seen"})
    found = {name: rows(each) for name, each in delta.points.items()}
    while delta.remaining:
        delta = source.read(run_id, delta.cursor, {"seen"})
        found |= {name: rows(each) for name, each in delta.points.items()}
    assert found == {"seen": points[:2], "unseen": points[:2]}
    for step in (2, 3):
        for metric in ("seen", "unseen"):
            subject.log(run_id, metric, [points[step]])
        delta = source.read(run_id, delta.cursor, {"seen"})
        assert rows(delta.points["seen"]) == [points[step]]
        if "selective" in source.capabilities:
            assert "unseen" not in delta.points
            assert rows(delta.latest["unseen"]) == [points[step]]
        else:
            assert rows(delta.points["unseen"]) == [points[step]]
            assert not delta.latest
    delta = source.read(run_id, delta.cursor, {"unseen"})
    assert {name: rows(each) for name, each in delta.points.items()} == (
        {"unseen": points[2:4]} if "selective" in source.capabilities else {}
    )
    assert source.read(run_id, delta.cursor, {"unseen"}).is_empty


def test_everything_logged_at_step_0_arrives(subject, source):
    run_id = subject.create()
    cursor = source.read(run_id).cursor
    found = []
    for batch in range(3):
        points = [(0, T0 + batch + index / 1000, float(index)) for index in range(20)]
        subject.log(run_id, "x", points)
        news, delta = read_on(source, run_id, cursor)
        cursor = delta.cursor
        found += news["x"]
    assert len(found) == len(set(found)) == 60


@pytest.mark.parametrize("name", WEIRD_NAMES, ids=range(len(WEIRD_NAMES)))
def test_names_pass_unharmed(subject, source, name):
    run_id = subject.create(name)
    subject.log(run_id, name, [(0, T0, 1.0)])
    subject.parameter(run_id, name, name)
    subject.tag(run_id, name, name)
    delta = source.read(run_id)
    assert delta.run.name == name
    assert delta.run.parameters == {name: name}
    assert delta.run.tags[name] == name
    assert rows(delta.points[name]) == [(0, T0, 1.0)]


def test_long_texts_pass_unharmed(subject, source):
    run_id = subject.create()
    subject.parameter(run_id, "text", "x" * 5_000)
    assert source.read(run_id).run.parameters["text"] == "x" * 5_000


def test_changed_facts_come_once(subject, source):
    run_id = subject.create()
    cursor = source.read(run_id).cursor
    subject.parameter(run_id, "depth", "3")
    delta = source.read(run_id, cursor)
    assert delta.run.parameters == {"depth": "3"}
    assert source.read(run_id, delta.cursor).run is None
    subject.tag(run_id, "note", "first")
    delta = source.read(run_id, delta.cursor)
    assert delta.run.tags["note"] == "first"
    subject.tag(run_id, "note", "second")
    assert source.read(run_id, delta.cursor).run.tags["note"] == "second"


@pytest.mark.parametrize("status", [Status.COMPLETED, Status.FAILED, Status.CANCELED])
def test_the_end_is_told(subject, source, status):
    run_id = subject.create()
    cursor = source.read(run_id).cursor
    subject.log(run_id, "x", [(0, T0, 1.0)])
    subject.end(run_id, status)
    delta = source.read(run_id, cursor)
    assert delta.run.status is status
    assert delta.run.ended is not None
    assert rows(delta.points["x"]) == [(0, T0, 1.0)]


def test_an_unknown_id_is_refused_with_the_nearest(subject, source):
    run_id = subject.create()
    wrong = run_id[:-1] + ("0" if run_id[-1] != "0" else "1")
    for ask in (source.find, source.read, source.log_files):
        with pytest.raises(RunNotFound) as refused:
            ask(wrong)
        assert refused.value.nearest[0] == run_id
        assert run_id in str(refused.value)


def test_an_empty_store_says_that_it_is_empty(source):
    with pytest.raises(RunNotFound, match="no runs yet"):
        source.read("nothing")


def test_ids_that_are_no_ids_are_refused(subject, source):
    subject.create()
    for wrong in ("", "%", "'; DROP TABLE runs; --", "../etc/passwd", "🎯", "x" * 5_000):
        with pytest.raises(RunNotFound):
            source.find(wrong)


def test_a_run_deleted_while_watched_is_missed(subject, source):
    run_id = subject.create()
    cursor = source.read(run_id).cursor
    subject.delete(run_id)
    with pytest.raises(RunNotFound, match="deleted"):
        source.read(run_id, cursor)


def test_runs_do_not_see_each_other(subject, source):
    first, second = subject.create("first"), subject.create("second")
    for step in range(3):
        subject.log(first, "x", [(step, T0 + step, 1.0)])
        subject.log(second, "x", [(step, T0 + step, 2.0)])
    assert {value for *_, value in read_on(source, first)[0]["x"]} == {1.0}
    assert {value for *_, value in read_on(source, second)[0]["x"]} == {2.0}


def test_children_come_oldest_first(subject, source):
    if "children" not in source.capabilities:
        pytest.skip("lists no children")
    parent = subject.create("parent")
    subject.create("stranger")
    children = [subject.create(f"child {number}", parent=parent) for number in range(5)]
    subject.parameter(children[2], "depth", "7")
    found = source.children(parent)
    assert [child.id for child in found] == children
    assert found[2].parameters == {"depth": "7"}
    assert all(child.parent == parent for child in found)
    assert list(source.children(children[0])) == []


def read_all_children(source, run_id, cursor=None, sweep=False):
    found, gone = {}, []
    while True:
        delta = source.read_children(run_id, cursor, sweep=sweep)
        cursor, sweep = delta.cursor, False
        found |= {child.run.id: child for child in delta.children}
        gone += delta.gone
        if not delta.remaining:
            return found, gone, cursor


@pytest.fixture
def family(subject, source):
    if "children" not in source.capabilities:
        pytest.skip("lists no children")
    parent = subject.create("parent")
    children = [subject.create(f"child {number}", parent=parent) for number in range(4)]
    return parent, children


def test_children_come_with_their_latest_values(subject, source, family):
    parent, children = family
    subject.parameter(children[0], "depth", "7")
    subject.parameter(children[0], "name", "two\nlines")
    subject.log(children[0], "loss", [(1, 1.0, 0.1 + 0.2), (2, 2.0, 0.25)])
    subject.log(children[1], "loss", [(0, 1.0, math.nan)])
    subject.log(children[2], "loss", [(0, 1.0, math.inf)])
    subject.end(children[2], Status.FAILED)
    found, gone, _ = read_all_children(source, parent)
    assert sorted(found) == sorted(children)
    assert not gone
    first, second, third = (found[child] for child in children[:3])
    assert first.metrics == {"loss": 0.25}
    assert first.steps == 2
    assert first.run.parameters == {"depth": "7", "name": "two\nlines"}
    assert first.run.parent == parent
    assert math.isnan(second.metrics["loss"])
    assert third.metrics["loss"] == math.inf
    assert (first.run.status, third.run.status) == (Status.RUNNING, Status.FAILED)
    assert found[children[3]].metrics == {}


def test_numbers_of_children_lose_no_digit(subject, source, family):
    parent, children = family
    values = [0.1 + 0.2, 1 / 3, 5e-324, 1.7e308, -0.0, 123456789.123456789]
    for number, value in enumerate(values):
        subject.log(children[0], f"m{number}", [(0, 1.0, value)])
    found, _, _ = read_all_children(source, parent)
    assert [found[children[0]].metrics[f"m{number}"] for number in range(len(values))] == values


def test_only_children_with_news_come_again(subject, source, family):
    parent, children = family
    for child in children[:2]:
        subject.log(child, "loss", [(0, 1.0, math.nan)])
        subject.end(child, Status.COMPLETED)
    _, _, cursor = read_all_children(source, parent)
    assert source.read_children(parent, cursor).is_empty
    subject.log(children[3], "loss", [(1, 3.0, 0.5)])
    found, _, cursor = read_all_children(source, parent, cursor)
    assert list(found) == [children[3]]
    subject.end(children[2], Status.FAILED)
    late = subject.create("late", parent=parent)
    found, gone, cursor = read_all_children(source, parent, cursor)
    assert sorted(found) == sorted([children[2], late])
    assert not gone
    assert source.read_children(parent, cursor).is_empty


def test_what_changed_after_the_end_is_found_by_a_sweep(subject, source, family):
    parent, children = family
    for child in children:
        subject.end(child, Status.COMPLETED)
    _, _, cursor = read_all_children(source, parent)
    subject.tag(children[1], "verdict", "good")
    subject.delete(children[2])
    found, gone, cursor = read_all_children(source, parent, cursor, sweep=True)
    assert list(found) == [children[1]]
    assert found[children[1]].run.tags["verdict"] == "good"
    assert gone == [children[2]]
    assert read_all_children(source, parent, cursor, sweep=True)[0] == {}


def test_runs_below_children_come_with_their_parent(subject, source, family):
    parent, children = family
    below = subject.create("grandchild", parent=children[1])
    found, _, _ = read_all_children(source, parent)
    assert len(found) == 5
    assert found[below].run.parent == children[1]


def test_runs_at_any_depth_come_whoever_has_how_many(subject, source, family):
    parent, children = family
    children += [subject.create(f"more {number}", parent=parent) for number in range(60)]
    stranger = subject.create("another parent")
    subject.create("another child", parent=stranger)
    below, deep = children[-1], []
    for depth in range(3):
        below = subject.create(f"depth {depth}", parent=below)
        deep.append(below)
    found, _, cursor = read_all_children(source, parent)
    assert set(found) == {*children, *deep}
    assert found[deep[2]].run.parent == deep[1]
    assert source.read_children(parent, cursor).is_empty
    subject.delete(deep[2])
    assert read_all_children(source, parent, cursor, sweep=True)[1] == [deep[2]]


def test_more_children_than_one_read_gives_all_come(subject, source, family):
    parent, children = family
    more = [subject.create(f"more {number}", parent=parent) for number in range(60)]
    found, _, cursor = read_all_children(source, parent)
    assert sorted(found) == sorted([*children, *more])
    assert source.read_children(parent, cursor).is_empty


def test_a_run_without_children_has_none(subject, source, family):
    found, gone, cursor = read_all_children(source, family[1][0])
    assert not found
    assert not gone
    assert source.read_children(family[1][0], cursor).is_empty


@pytest.fixture
def experiment(subject, source):
    """Its name, and what the subject knows it by."""
    if "experiments" not in source.capabilities:
        pytest.skip("knows no experiments")
    name = f'it\'s "new" & 新 {uuid.uuid4().hex}'
    return name, subject.experiment(name)


def test_an_experiment_has_all_its_runs(subject, source, experiment):
    name, known = experiment
    subject.create("elsewhere")
    first, second = (subject.create(f"flat {number}", experiment=known) for number in range(2))
    below = subject.create("below", parent=first, experiment=known)
    found, gone, cursor = read_all_children(source, PREFIX + name)
    assert set(found) == {first, second, below}
    assert (found[below].run.parent, found[second].run.parent, gone) == (first, None, [])
    assert source.read_children(PREFIX + name, cursor).is_empty
    subject.log(second, "loss", [(0, 1.0, 0.5)])
    late = subject.create("late", experiment=known)
    subject.create("elsewhere, too")
    found, _, cursor = read_all_children(source, PREFIX + name, cursor)
    assert set(found) == {second, late}
    assert found[second].metrics == {"loss": 0.5}
    for run in (first, second, below, late):
        subject.end(run, Status.COMPLETED)
    found, _, cursor = read_all_children(source, PREFIX + name, cursor)
    assert {one.run.status for one in found.values()} == {Status.COMPLETED}
    assert len(found) == 4
    subject.delete(second)
    assert read_all_children(source, PREFIX + name, cursor, sweep=True)[1] == [second]


def test_an_experiment_tells_of_its_runs_together(subject, source, experiment):
    name, known = experiment
    runs = [subject.create(f"run {number}", experiment=known) for number in range(3)]
    told = source.experiment(name)
    starts = sorted((source.find(run).started for run in runs), reverse=True)
    assert (told.name, told.is_running, told.first, list(told.starts)) == (name, True, starts[-1], starts)
    for run in runs:
        subject.end(run, Status.FAILED)
    told = source.experiment(name)
    assert not told.is_running
    assert told.latest == max(*starts, *(source.find(run).ended for run in runs))
    assert told.portal_url is None or told.portal_url.startswith("http")


def test_an_unknown_experiment_is_refused_with_the_nearest(subject, source, experiment):
    name, known = experiment
    subject.create(experiment=known)
    with pytest.raises(ExperimentNotFound, match=f"nearest.*{name[-32:]}"):
        source.experiment(name[:-1])
    with pytest.raises(ExperimentNotFound):
        source.experiment("")


def test_curves_of_several_runs(subject, source, family):
    _parent, children = family
    subject.log(children[0], "loss", [(step, float(step), 1 / (1 + step)) for step in range(50)])
    subject.log(children[1], "loss", [(3, 1.0, 0.5)])
    found = source.curves(children, "loss", 10)
    assert sorted(found) == sorted(children[:2])
    assert found[children[0]].value.min() == 1 / 50
    assert found[children[0]].value.max() == 1
    assert len(found[children[0]]) <= 20
    assert found[children[1]].step.tolist() == [3]


def test_a_range_keeps_its_extremes(subject, source):
    if "range" not in source.capabilities:
        pytest.skip("reads no ranges")
    run_id = subject.create()
    values = np.sin(np.arange(5_000) / 50)
    values[1_234], values[2_345] = 99.0, -99.0
    subject.log(run_id, "x", [(step, T0 + step, float(value)) for step, value in enumerate(values)])
    points, count = source.read_range(run_id, "x", 1_000, 2_999, 100)
    assert count == 2_000
    assert len(points) <= 100
    assert {99.0, -99.0} <= set(points.value.tolist())
    assert points.step.min() >= 1_000
    assert points.step.max() <= 2_999
    assert len(source.read_range(run_id, "no such", 0, 10, 100)[0]) == 0


def test_files_are_listed_and_read_in_parts(subject, source):
    if "files" not in source.capabilities:
        pytest.skip("reads no files")
    run_id = subject.create()
    assert list(source.log_files(run_id)) == []
    subject.write(run_id, "logs/train.log", b"0123456789")
    subject.write(run_id, "model/weights.bin", b"\0" * 10)
    assert [(entry.path, entry.is_folder) for entry in source.artifacts(run_id)] == [("logs", True), ("model", True)]
    assert [(entry.path, entry.size) for entry in source.artifacts(run_id, "model")] == [("model/weights.bin", 10)]
    assert [(log.path, log.size) for log in source.log_files(run_id)] == [("logs/train.log", 10)]
    chunk = source.read_file(run_id, "logs/train.log", 3, 4)
    assert (chunk.start, chunk.data, chunk.size) == (3, b"3456", 10)
    assert source.read_file(run_id, "logs/train.log", -3).data == b"789"
    assert source.read_file(run_id, "logs/train.log", 99).data == b""
    with pytest.raises(ArtifactNotFound):
        source.read_file(run_id, "logs/none.log")


def test_files_outside_of_the_folder_stay_unread(subject, source, tmp_path):
    if "files" not in source.capabilities:
        pytest.skip("reads no files")
    run_id = subject.create()
    subject.write(run_id, "a.txt", b"mine")
    secret = tmp_path / "secret.txt"
    secret.write_text("secret")
    ways_out = ["../secret.txt", "x/../../secret.txt", str(secret), "..", "a.txt\0"]
    folder = subject.folder(run_id)
    if folder is not None:
        (folder / "link.txt").symlink_to(secret)
        (folder / "folder").symlink_to(tmp_path)
        ways_out += ["link.txt", "folder/secret.txt"]
        os.mkfifo(folder / "pipe.log")
    for path in ways_out:
        with pytest.raises(ArtifactNotFound):
            source.read_file(run_id, path)
    for path in ("..", "../..", str(tmp_path)):
        with pytest.raises(ArtifactNotFound):
            source.artifacts(run_id, path)
    assert [entry.path for entry in source.artifacts(run_id)] == ["a.txt"]
    assert [log.path for log in source.log_files(run_id)] == ["a.txt"]


def test_the_portal_is_a_web_address_or_none(subject, source):
    address = source.portal_url(subject.create())
    assert address is None or address.startswith(("http://", "https://"))


def test_it_reads_on_after_it_was_closed(subject, source):
    run_id = subject.create()
    cursor = source.read(run_id).cursor
    source.close()
    subject.log(run_id, "x", [(0, T0, 1.0)])
    assert read_on(source, run_id, cursor)[0] == {"x": [(0, T0, 1.0)]}


def test_a_run_is_canceled_only_where_the_store_can(subject, source):
    run_id = subject.create()
    if not source.find(run_id).can_cancel:
        with pytest.raises(OnlyRecords, match="cannot stop it"):
            source.cancel(run_id)
        assert source.find(run_id).status is Status.RUNNING
        return
    assert source.cancel(run_id)
    assert source.find(run_id).status in (Status.CANCEL_REQUESTED, Status.CANCELED)
