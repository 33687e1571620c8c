"""The sqlite store, in good and bad health."""

import math
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from rundetails.errors import RunNotFound, SourceUnavailable, StoreDamaged, StoreNotFound
from rundetails.sources.sqlite import SqliteSource
from stores import LARGEST, Store

T0 = 1_700_000_000.0


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "mlflow.db")


@pytest.fixture
def source(store):
    source = SqliteSource(store.path, long=20_000, most_at_once=40_000)
    yield source
    source.close()


def all_points(source, run_id, cursor=None):
    """Reads until nothing remains: the deltas, and the points of each metric."""
    deltas, found = [], {}
    while True:
        delta = source.read(run_id, cursor)
        deltas.append(delta)
        for name, points in delta.points.items():
            found.setdefault(name, []).append(points)
        cursor = delta.cursor
        if not delta.remaining:
            return deltas, {
                name: (np.concatenate([p.step for p in parts]), np.concatenate([p.value for p in parts]))
                for name, parts in found.items()
            }


def long_history(store, run_id, count=100_000, spike=43_210, metrics=("loss",)):
    value = np.sin(np.arange(count) / 1000) + 2
    value[spike] = 1000.0
    store.log_all(run_id, ((metrics[at % len(metrics)], at, T0 + at, float(value[at])) for at in range(count)))
    return value


def test_what_mlflow_writes_is_read(tmp_path):
    from mlflow import MlflowClient
    from mlflow.entities import Metric, Param, RunTag

    store = Store(tmp_path / "mlflow.db")
    client = MlflowClient(store.uri)
    run_id = client.create_run(
        "0", run_name="real", tags={"mlflow.user": "ada", "mlflow.source.name": "train.py"}
    ).info.run_id
    values = [0.5, math.nan, math.inf, -math.inf, LARGEST]
    client.log_batch(
        run_id,
        metrics=[Metric("x", value, int(T0 * 1000) + step, step) for step, value in enumerate(values)],
        params=[Param("depth", "3")],
        tags=[RunTag("note", "hello")],
    )
    client.set_terminated(run_id, "KILLED")
    delta = SqliteSource(store.path).read(run_id)
    assert (delta.run.name, delta.run.user, delta.run.source) == ("real", "ada", "train.py")
    assert delta.run.experiment == "Default"
    assert str(delta.run.status) == "Canceled"
    assert delta.run.ended >= delta.run.started
    assert delta.run.parameters == {"depth": "3"}
    assert delta.run.tags["note"] == "hello"
    np.testing.assert_array_equal(delta.points["x"].value, [0.5, math.nan, math.inf, -math.inf, math.inf])
    assert delta.points["x"].time.tolist() == [T0 + step / 1000 for step in range(5)]


def test_our_test_stores_are_written_as_mlflow_writes(tmp_path):
    from mlflow import MlflowClient
    from mlflow.entities import Metric

    points = [(3, 1.0), (1, math.nan), (3, math.inf), (2, -math.inf), (3, 0.25)]
    ours, theirs = Store(tmp_path / "ours.db"), Store(tmp_path / "theirs.db")
    run_id = "f" * 32
    ours.create_run(run_id=run_id)
    theirs.create_run(run_id=run_id)
    ours.log(run_id, "x", [(step, T0 + at, value) for at, (step, value) in enumerate(points)])
    metrics = [Metric("x", value, int((T0 + at) * 1000), step) for at, (step, value) in enumerate(points)]
    MlflowClient(theirs.uri).log_batch(run_id, metrics=metrics)
    for table in ("metrics", "latest_metrics"):
        sql = f"SELECT key, run_uuid, step, timestamp, value, is_nan FROM {table} ORDER BY rowid"  # noqa: S608
        with closing(ours.connect()) as one, closing(theirs.connect()) as other:
            assert one.execute(sql).fetchall() == other.execute(sql).fetchall()


def test_it_never_writes(store, source):
    run_id = store.create_run()
    store.log(run_id, "x", [(0, T0, 1.0)])
    before = store.path.read_bytes()
    source.read(run_id)
    source.children(run_id)
    source.nearest("x")
    with source._file.reading() as connection, pytest.raises(sqlite3.OperationalError, match="readonly"):
        connection.execute("DELETE FROM runs")
    assert store.path.read_bytes() == before


@pytest.mark.parametrize("journal", ["wal", "delete"])
def test_an_idle_read_is_one_question(tmp_path, journal):
    store = Store(tmp_path / "mlflow.db", journal)
    source = SqliteSource(store.path)
    run_id = store.create_run()
    store.log_all(run_id, ((f"m{at % 20}", at // 20, T0 + at, 1.0) for at in range(2_000)))
    delta = source.read(run_id)
    asked = []
    with source._file.reading() as connection:
        connection.set_trace_callback(asked.append)
    assert source.read(run_id, delta.cursor).is_empty
    assert asked == ["PRAGMA data_version"]
    store.log(store.create_run("another"), "x", [(0, T0, 1.0)])
    del asked[:]
    assert source.read(run_id, delta.cursor).is_empty
    assert len(asked) <= 8


def test_many_metrics_keep_their_points_apart(store):
    run_id = store.create_run()
    store.log_all(run_id, ((f"m{at % 12_000}", at // 12_000, T0 + at, float(at)) for at in range(36_000)))
    points = SqliteSource(store.path).read(run_id).points
    assert list(points) == [f"m{at}" for at in range(12_000)]
    assert points["m77"].value.tolist() == [77.0, 12_077.0, 24_077.0]
    assert points["m77"].step.tolist() == [0, 1, 2]


@pytest.mark.parametrize("metrics", [("loss",), ("loss", "accuracy", "rate")], ids=["one metric", "three metrics"])
@pytest.mark.parametrize("is_alone", [True, False], ids=["alone", "among others"])
def test_a_long_history_is_sampled_then_its_extremes_then_everything(store, source, metrics, is_alone):
    run_id = store.create_run()
    if is_alone:
        value = long_history(store, run_id, metrics=metrics)
    else:
        other = store.create_run("other")
        value = np.sin(np.arange(100_000) / 1000) + 2
        value[43_210] = 1000.0
        for part in np.array_split(np.arange(100_000), 50):
            store.log_all(run_id, ((metrics[at % len(metrics)], int(at), T0 + at, float(value[at])) for at in part))
            store.log_all(other, (("noise", int(at), T0 + at, 5000.0) for at in part[:500]))
    deltas, found = all_points(source, run_id)
    sample, extremes, *rest = deltas
    assert set(sample.overview) == set(extremes.overview) == set(metrics)
    assert sample.run is not None
    assert not sample.points
    assert not extremes.points
    spiked = metrics[43_210 % len(metrics)]
    assert extremes.overview[spiked].points.value.max() == 1000.0
    assert extremes.overview[spiked].points.step[extremes.overview[spiked].points.value.argmax()] == 43_210
    for number, metric in enumerate(metrics):
        own = np.arange(number, 100_000, len(metrics))
        for overview in (sample.overview[metric], extremes.overview[metric]):
            assert overview.points.step[-1] == own[-1]
            assert np.all(np.diff(overview.points.step) > 0)
            assert overview.count == pytest.approx(len(own), rel=0.25)
            np.testing.assert_array_equal(overview.points.value, value[overview.points.step])
        assert sample.overview[metric].points.step[0] < 5_000
        step, values = found[metric]
        np.testing.assert_array_equal(step, own)
        np.testing.assert_array_equal(values, value[own])
    assert all(not delta.overview for delta in rest)
    assert [delta.remaining > 0 for delta in deltas] == [True] * (len(deltas) - 1) + [False]


def test_extremes_are_not_fooled_by_what_is_not_finite(store, source):
    run_id = store.create_run()
    value = np.full(100_000, 5.0)
    value[1_000], value[2_000], value[3_000] = math.nan, math.inf, -math.inf
    value[1_001], value[2_001], value[3_001] = 4.0, 6.0, 3.0
    store.log_all(run_id, (("x", at, T0 + at, float(value[at])) for at in range(100_000)))
    first = source.read(run_id)
    overview = source.read(run_id, first.cursor).overview["x"].points
    assert {4.0, 6.0, 3.0} <= set(overview.value.tolist())
    assert 0.0 not in overview.value
    _, found = all_points(source, run_id)
    np.testing.assert_array_equal(found["x"][1], value)


def test_a_million_points_at_once_come_in_bounded_parts(store):
    source = SqliteSource(store.path, most_at_once=20_000)
    run_id = store.create_run()
    store.log(run_id, "loss", [(0, T0, 1.0)])
    cursor = source.read(run_id).cursor
    value = long_history(store, run_id, 100_000, 5)
    deltas, found = all_points(source, run_id, cursor)
    assert max(len(points) for delta in deltas for points in delta.points.values()) == 20_000
    assert [delta.remaining for delta in deltas] == [80_000, 60_000, 40_000, 20_000, 0]
    np.testing.assert_array_equal(found["loss"][1], value)


def test_points_that_arrive_while_a_long_history_is_read_are_not_lost(store, source):
    run_id = store.create_run()
    long_history(store, run_id)
    cursor = None
    for more in range(4):
        delta = source.read(run_id, cursor)
        cursor = delta.cursor
        store.log(run_id, "loss", [(1_000_000 + more, T0 + 10**6 + more, 1.0)])
    _, found = all_points(source, run_id)
    assert found["loss"][0][-4:].tolist() == [1_000_000, 1_000_001, 1_000_002, 1_000_003]
    news, rest = all_points(source, run_id, cursor)
    assert not news[-1].remaining
    assert rest["loss"][0][-1] == 1_000_003


def test_history_that_was_rewritten_comes_anew(store, source):
    run_id = store.create_run()
    store.log(run_id, "x", [(step, T0 + step, 1.0) for step in range(10)])
    cursor = source.read(run_id).cursor
    store.execute("DELETE FROM metrics WHERE run_uuid = ?", run_id)
    store.log(run_id, "x", [(step, T0 + step, 2.0) for step in range(4)])
    delta = source.read(run_id, cursor)
    assert delta.reset
    assert delta.run is not None
    assert delta.points["x"].value.tolist() == [2.0] * 4


def test_rows_of_a_purged_run_may_be_used_by_another(store, source):
    first, second = store.create_run("first"), store.create_run("second")
    store.log(first, "x", [(step, T0 + step, 1.0) for step in range(10)])
    store.log(second, "x", [(step, T0 + step, 2.0) for step in range(10)])
    cursor = source.read(second).cursor
    store.purge(first)
    store.execute("VACUUM")
    store.log(second, "x", [(10, T0 + 10, 2.0)])
    delta = source.read(second, cursor)
    assert len(delta.points["x"]) == (11 if delta.reset else 1)


def test_a_purged_run_is_missed(store, source):
    run_id = store.create_run()
    cursor = source.read(run_id).cursor
    store.purge(run_id)
    with pytest.raises(RunNotFound):
        source.read(run_id, cursor)


def test_a_deleted_file_is_missed_and_found_again(store, source, tmp_path):
    run_id = store.create_run()
    cursor = source.read(run_id).cursor
    store.path.rename(tmp_path / "away.db")
    with pytest.raises(StoreNotFound, match="create_store"):
        source.read(run_id, cursor)
    (tmp_path / "away.db").rename(store.path)
    store.log(run_id, "x", [(0, T0, 1.0)])
    assert source.read(run_id, cursor).points["x"].value.tolist() == [1.0]


def test_a_replaced_file_is_read_anew(store, source, tmp_path):
    run_id = store.create_run()
    store.log(run_id, "x", [(0, T0, 1.0), (1, T0, 1.0)])
    cursor = source.read(run_id).cursor
    other = Store(tmp_path / "other.db", "delete")
    other.create_run(run_id=run_id)
    other.log(run_id, "x", [(0, T0, 5.0)])
    for ending in ("-wal", "-shm"):
        store.path.with_name(store.path.name + ending).unlink(missing_ok=True)
    other.path.replace(store.path)
    delta = source.read(run_id, cursor)
    assert delta.reset
    assert delta.points["x"].value.tolist() == [5.0]


@pytest.mark.parametrize("content", [b"not a database at all" * 100, b"SQLite format 3\0" + b"\xff" * 5_000])
def test_a_damaged_file_is_told_and_healed(store, source, content):
    run_id = store.create_run()
    sound = store.path.read_bytes()
    store.path.write_bytes(content)
    with pytest.raises(StoreDamaged, match="recover"):
        source.read(run_id)
    store.path.write_bytes(sound)
    assert source.read(run_id).run.id == run_id


def test_a_database_that_is_not_mlflows_is_refused(tmp_path):
    with closing(sqlite3.connect(tmp_path / "other.db")) as connection:
        connection.execute("CREATE TABLE recipes (name TEXT)")
    with pytest.raises(StoreDamaged, match="not MLflow's"):
        SqliteSource(tmp_path / "other.db").read("x")


def test_an_empty_file_may_be_one_that_is_being_made(tmp_path):
    (tmp_path / "mlflow.db").touch()
    source = SqliteSource(tmp_path / "mlflow.db")
    with pytest.raises(SourceUnavailable, match="empty"):
        source.read("x")
    store = Store(tmp_path / "mlflow.db")
    run_id = store.create_run()
    assert source.read(run_id).run.id == run_id


def test_a_folder_is_refused(tmp_path):
    with pytest.raises(StoreNotFound, match="folder"):
        SqliteSource(tmp_path).read("x")


def test_a_locked_store_is_told_and_read_again(tmp_path):
    store = Store(tmp_path / "mlflow.db", "delete")
    source = SqliteSource(store.path, patience=0.01)
    run_id = store.create_run()
    cursor = source.read(run_id).cursor
    with closing(store.connect()) as writer:
        writer.execute("BEGIN EXCLUSIVE")
        writer.execute("UPDATE runs SET name = 'busy'")
        with pytest.raises(SourceUnavailable, match="locked"):
            source.read(run_id, cursor)
        writer.execute("COMMIT")
    assert source.read(run_id, cursor).run.name == "busy"


def test_a_writer_in_wal_mode_does_not_keep_us_out(store, source):
    run_id = store.create_run()
    cursor = source.read(run_id).cursor
    with closing(store.connect()) as writer:
        writer.execute("BEGIN EXCLUSIVE")
        writer.execute("UPDATE runs SET name = 'busy'")
        assert source.read(run_id, cursor).is_empty
        writer.execute("COMMIT")
        assert source.read(run_id, cursor).run.name == "busy"


@pytest.mark.parametrize("name", ["with space.db", "what?.db", "#1.db", "100%25.db", "データ.db"])
def test_paths_of_all_kinds_are_opened(tmp_path, name):
    store = Store(tmp_path / "a folder #?%" / name)
    run_id = store.create_run()
    source = SqliteSource(store.path)
    assert source.read(run_id).run.id == run_id
    assert source.name == f"sqlite · {name}"


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="POSIX permissions")
def test_a_wal_store_in_a_folder_where_nobody_may_write_is_read():
    # pytest's own folders are closed to other users, and root may write everywhere.
    with tempfile.TemporaryDirectory() as folder:
        store = Store(Path(folder, "shelf", "mlflow.db"))
        run_id = store.create_run()
        assert not list(store.path.parent.glob("mlflow.db-*"))
        code = (
            "import os, sys\n"
            "from rundetails.sources.sqlite import SqliteSource\n"
            "if os.geteuid() == 0: os.setuid(65534)\n"
            "print(SqliteSource(sys.argv[1]).read(sys.argv[2]).run.name)\n"
        )
        Path(folder).chmod(0o755)
        store.path.parent.chmod(0o555)
        try:
            command = [sys.executable, "-c", code, str(store.path), run_id]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
        finally:
            store.path.parent.chmod(0o755)
    assert done.stdout == "a run\n", done.stderr


def test_names_that_are_not_utf8_do_not_stop_the_reading(store, source):
    run_id = store.create_run()
    store.execute("INSERT INTO params VALUES (CAST(x'ff61' AS TEXT), 'x', ?)", run_id)
    with pytest.raises(SourceUnavailable):
        source.read(run_id)
    assert source.read(run_id).run.parameters == {"\ufffda": "x"}


def test_the_nearest_ids_begin_alike_or_have_a_like_name(store, source):
    ids = ["abcdef" + str(number) * 26 for number in range(3)]
    for run_id in ids:
        store.create_run("quiet-fox", run_id=run_id)
    other = store.create_run("loud-badger", run_id="9" * 32)
    assert set(source.nearest("abcdef")) == set(ids)
    assert source.nearest("loud-badgr")[0] == other
    assert source.nearest("zzz", limit=2) == [other, ids[2]]
    store.delete(other)
    assert other not in source.nearest("zzz")


def test_a_store_of_an_older_mlflow_is_read_and_never_changed(store, source):
    run_id = store.create_run()
    store.log_all(run_id, ((f"m{at % 2}", at, T0 + at, float(at)) for at in range(100)))
    store.execute("DROP INDEX index_metrics_run_uuid_key_step")
    store.execute("UPDATE alembic_version SET version_num = 'f5a4f2784254'")
    before = store.path.stat().st_size
    assert source.read(run_id).points["m1"].step.tolist() == list(range(1, 100, 2))
    assert len(source.read_range(run_id, "m1", 0, 50, 100)[0]) == 25
    assert store.path.stat().st_size == before
    with closing(store.connect()) as connection:
        assert connection.execute("SELECT version_num FROM alembic_version").fetchone() == ("f5a4f2784254",)


def test_the_key_is_that_of_the_file_behind_a_link(store, tmp_path):
    (tmp_path / "link.db").symlink_to(store.path)
    assert SqliteSource(tmp_path / "link.db").key == SqliteSource(store.path).key


def test_a_copy_is_another_store(store, tmp_path):
    shutil.copyfile(store.path, tmp_path / "copy.db")
    assert SqliteSource(tmp_path / "copy.db").key != SqliteSource(store.path).key
