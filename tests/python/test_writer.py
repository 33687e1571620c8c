"""Buffered logging: nothing is lost, nothing is twice, nothing waits for the store."""

import json
import math
import multiprocessing
import os
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from queues import until
from rundetails.errors import InvalidMetric, NotWritten
from rundetails.sdk.client import client_of
from rundetails.sdk.spill import restore
from rundetails.sdk.values import checked_name, number_of
from rundetails.sdk.writer import Writer, writer_for
from rundetails.sources.history import all_points
from rundetails.sources.sqlite import SqliteSource
from stores import Store

SCRIPT = """
import os, sys, time
from rundetails.sdk.writer import writer_for
writer = writer_for(sys.argv[1], sys.argv[2])
for step in range(5_000):
    writer.log("loss", step / 7)
print("logged", flush=True)
"""


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "mlflow.db")


@pytest.fixture
def run_id(store):
    return store.create_run()


@pytest.fixture
def writer(store, run_id):
    made = Writer(store.uri, run_id, created_here=True)
    yield made
    made.close()


def points(store, run_id):
    return all_points(SqliteSource(store.path), run_id)


def python(code, *arguments, **more):
    return subprocess.Popen(
        [sys.executable, "-c", code, *map(str, arguments)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **more,
    )  # fmt: skip


def file_named(warning):
    """Where a warning says that points were put aside."""
    return Path(warning.partition("kept in ")[2].partition(":")[0])


# MLflow writes ±inf as the largest number there is, so that this one comes back as ±inf.
FLOATS = st.one_of(st.floats(-1e308, 1e308), st.sampled_from([math.nan, math.inf, -math.inf]))
NUMBERS = st.one_of(
    FLOATS,
    st.integers(-(2**70), 2**70),
    st.booleans(),
    st.fractions(max_denominator=1_000),
    st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**20), max_value=10**20),
    st.floats(width=32).map(np.float32),
    st.integers(-(2**31), 2**31 - 1).map(np.int64),
    FLOATS.map(np.array),
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(NUMBERS, min_size=1, max_size=30))
def test_every_number_comes_back_in_order(store, values):
    run_id = store.create_run()
    writer = Writer(store.uri, run_id, created_here=True)
    for value in values:
        writer.log("a", value)
    writer.close()
    found = points(store, run_id)["a"]
    assert found.step.tolist() == list(range(len(values)))
    np.testing.assert_array_equal(found.value, [float(value) for value in values])


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(min_size=1, max_size=260))
def test_a_name_is_taken_as_mlflow_takes_it_or_another_is_offered(name):
    from mlflow.exceptions import MlflowException
    from mlflow.utils.validation import _validate_metric_name

    try:
        _validate_metric_name(name)
        # MLflow's pattern overlooks a line break at the end.
        is_valid = len(name) <= 250 and not name.endswith("\n")
    except MlflowException:
        is_valid = False
    if is_valid:
        assert checked_name(name) == name
        return
    with pytest.raises(InvalidMetric, match="would do") as caught:
        checked_name(name)
    offered = str(caught.value).rpartition(". '")[2].removesuffix("' would do.")
    if len(offered) < 100:
        _validate_metric_name(offered)


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("0.3", "run.tag"),
        (b"0.3", "run.tag"),
        ([1, 2], "run.log_list"),
        ((1, 2), "run.log_list"),
        (range(3), "run.log_list"),
        ((one for one in (1, 2)), "run.log_list"),
        (np.zeros(3), "run.log_list"),
        (np.zeros((1, 1)), "run.log_list"),
        ({"a": 1}, "run.log_row"),
        (None, "no value"),
        (10**400, "too large"),
        (1j, "takes a number"),
        (object(), "takes a number"),
        (np.array("x"), "no number|log_row|log_list"),
    ],
)
def test_what_is_no_number_is_told_which_method_takes_it(writer, value, said):
    with pytest.raises(InvalidMetric, match=said):
        writer.log("a", value)
    assert writer.waiting == 0


@pytest.mark.parametrize("value", [Decimal("0.5"), Fraction(1, 2), np.float16(0.5), np.array(0.5), True])
def test_every_kind_of_number_is_one(value):
    assert number_of("a", value) == float(value)


@pytest.mark.parametrize("step", ["3", 1.5, float("nan"), None, 2**63])
def test_a_step_is_a_whole_number(writer, step):
    if step is None:
        writer.log("a", 1.0, step)
        return
    with pytest.raises(InvalidMetric, match="whole number"):
        writer.log("a", 1.0, step)


def test_steps_are_counted_on_also_by_the_next_process(store, run_id):
    first = Writer(store.uri, run_id)
    first.log("a", 1.0)
    first.log("a", 2.0, step=np.int64(10))
    first.log("a", 3.0)
    first.close()
    second = Writer(store.uri, run_id)
    second.log("a", 4.0)
    second.close()
    assert points(store, run_id)["a"].step.tolist() == [0, 10, 11, 12]


def test_points_are_written_without_being_asked(store, run_id, writer):
    writer.log("a", 1.0)
    until(lambda: points(store, run_id), 30)
    for _ in range(1_000):
        writer.log("b", 1.0)
    until(lambda: len(points(store, run_id).get("b", [])) == 1_000, 30)
    # The store has them a moment before the writer knows.
    until(lambda: writer.waiting == 0, 30)


def test_one_writer_serves_a_run_in_a_process(store, run_id):
    assert writer_for(store.uri, run_id) is writer_for(store.uri, run_id)


def test_a_script_that_ends_at_once_loses_nothing(store, run_id):
    process = python(SCRIPT, store.uri, run_id)
    said = process.communicate(timeout=120)
    assert process.returncode == 0, said
    assert len(points(store, run_id)["loss"]) == 5_000


def test_a_script_that_fails_loses_nothing(store, run_id):
    process = python(SCRIPT + "raise ValueError('no')", store.uri, run_id)
    assert "ValueError: no" in process.communicate(timeout=120)[1]
    assert len(points(store, run_id)["loss"]) == 5_000


def test_a_terminated_script_loses_nothing_and_dies_by_the_signal(store, run_id):
    process = python(SCRIPT + "time.sleep(300)", store.uri, run_id)
    assert process.stdout.readline() == "logged\n"
    process.terminate()
    said = process.communicate(timeout=120)[1]
    assert process.returncode == -signal.SIGTERM
    if "spill" in said:
        # A busy machine: time was up before all were written, or even MLflow imported.
        restore(file_named(said))
    assert len(points(store, run_id)["loss"]) == 5_000


def test_a_terminated_script_whose_store_does_not_answer_puts_its_points_aside(store, run_id, writer):
    writer.log_list("loss", [1.0, 2.0])
    writer.flush()
    away = """
import threading
from rundetails.sdk import post
post.AT_SIGTERM = -0.9
held = threading.Event()
# What a writing does that hangs in the store.
threading.Thread(target=lambda: (writer._lock.acquire(), held.set(), time.sleep(300)), daemon=True).start()
held.wait()
"""
    code = SCRIPT.replace("for step", away + "for step", 1) + "time.sleep(300)"
    process = python(code, store.uri, run_id)
    assert process.stdout.readline() == "logged\n"
    process.terminate()
    said = process.communicate(timeout=120)[1]
    assert process.returncode == -signal.SIGTERM
    assert list(points(store, run_id)["loss"].step) == [0, 1]
    assert restore(file_named(said)) == 5_000
    assert list(points(store, run_id)["loss"].step) == list(range(5_002))


def test_a_killed_script_loses_the_last_second_at_most(store, run_id):
    code = SCRIPT + (
        "deadline = time.monotonic() + 60\n"
        "while writer.waiting and time.monotonic() < deadline: time.sleep(0.05)\n"
        "writer.log('loss', 1.0)\nprint('now', flush=True)\ntime.sleep(300)"
    )
    process = python(code, store.uri, run_id)
    assert [process.stdout.readline() for _ in range(2)] == ["logged\n", "now\n"]
    process.kill()
    process.communicate(timeout=120)
    assert len(points(store, run_id)["loss"]) >= 5_000


def test_a_program_that_handles_the_signal_itself_keeps_its_way(store, run_id):
    code = (
        "import signal, sys, time\nsignal.signal(signal.SIGTERM, lambda *_: sys.exit(9))\n" + SCRIPT + "time.sleep(300)"
    )
    process = python(code, store.uri, run_id)
    assert process.stdout.readline() == "logged\n"
    process.terminate()
    process.communicate(timeout=120)
    assert process.returncode == 9
    assert len(points(store, run_id)["loss"]) == 5_000


def log_some(uri, run_id, name):
    writer = writer_for(uri, run_id)
    for step in range(500):
        writer.log(name, step)
        writer.log_row("shared", {"by": name, "step": step}) if step % 100 == 0 else None


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_four_processes_log_into_one_run(store, run_id, method):
    here = writer_for(store.uri, run_id)
    here.log("parent", 1.0)
    context = multiprocessing.get_context(method)
    processes = [context.Process(target=log_some, args=(store.uri, run_id, f"p{one}")) for one in range(4)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(120)
        assert process.exitcode == 0
    here.flush()
    found = points(store, run_id)
    assert {name: len(some) for name, some in found.items()} == {"parent": 1, **{f"p{one}": 500 for one in range(4)}}
    rows = []
    for file in (store.artifact_folder(run_id) / "logged").iterdir():
        rows += json.loads(file.read_text())["data"]
    assert sorted(map(tuple, rows)) == [(f"p{one}", step) for one in range(4) for step in range(0, 500, 100)]


def test_a_forked_child_does_not_send_what_its_parent_has_waiting(store, run_id):
    writer = Writer(store.uri, run_id, created_here=True)
    with writer._lock:
        writer.log("a", 1.0)
        child = os.fork()
        if child == 0:
            os._exit(17 if writer.waiting == 0 else 18)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 17
    writer.close()
    assert len(points(store, run_id)["a"]) == 1


def test_a_store_that_is_locked_holds_nobody_up_and_gets_all_of_it(store, run_id, writer):
    writer.log("a", 0.0)
    writer.flush()
    with closing(sqlite3.connect(store.path, isolation_level=None)) as connection:
        connection.execute("BEGIN EXCLUSIVE")
        began = time.perf_counter()
        for _ in range(3_000):
            writer.log("a", 1.0)
        assert time.perf_counter() - began < 5
        connection.execute("ROLLBACK")
    until(lambda: len(points(store, run_id)["a"]) == 3_001)


def test_what_a_store_refuses_is_said_kept_and_restored(store, run_id):
    writer = Writer(store.uri, run_id, created_here=True)
    # The thread that writes by itself waits for its turn.
    with writer._lock:
        for value in (1.0, math.nan, math.inf):
            writer.log("a", value)
        store.delete(run_id)
    with pytest.raises(NotWritten, match="3 points could not be written"):
        writer.flush()
    with pytest.warns(UserWarning, match=r"rundetails\.sdk\.spill") as said:
        writer.give_up()
    file = file_named(str(said[0].message))
    assert file.stat().st_mode & 0o077 == 0
    store.execute("UPDATE runs SET lifecycle_stage = 'active' WHERE run_uuid = ?", run_id)
    assert restore(file) == 3
    np.testing.assert_array_equal(points(store, run_id)["a"].value, [1.0, math.nan, math.inf])
    assert not file.exists()


@pytest.mark.parametrize("end", ["", "os.kill(os.getpid(), 15)\ntime.sleep(60)"])
def test_what_a_server_that_is_away_never_took_is_kept_when_the_process_ends(tmp_path, end):
    code = (
        "import os, time\nimport rundetails.sdk.post as post\nfrom rundetails.sdk.writer import writer_for\n"
        f"post.PATIENCE = post.AT_SIGTERM = 2.0\nwriter = writer_for('http://127.0.0.1:1', 'f00')\n"
        f"writer.log('loss', 0.5)\nwriter.log_row('rows', {{'x': 1}})\n{end}"
    )
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=100, env=environment)
    (kept,) = tmp_path.glob("rundetails-f00-*")
    assert json.loads(kept.read_text().splitlines()[1])[:2] == ["loss", 0.5]
    assert f"kept in {kept}" in said.stderr
    assert "Tables" in said.stderr


def test_mlflow_reads_what_was_written(store, run_id, writer):
    import mlflow

    pandas = pytest.importorskip("pandas")
    for step in range(3):
        writer.log("loss", 1 / (step + 1))
        writer.log_row("rows", {"step": step, "note": f"row {step}", **({"late": math.nan} if step else {})})
    writer.log_table("rows", {"step": [3, 4], "note": ["a", "b"]})
    writer.log_list("words", ["a", "b"])
    writer.log_list("numbers", np.arange(3))
    writer.log_image("pictures", plot=np.zeros((4, 5, 3)), step=7)
    writer.flush()
    client = client_of(store.uri)
    assert [point.value for point in client.get_metric_history(run_id, "loss")] == [1.0, 0.5, pytest.approx(1 / 3)]
    assert [point.step for point in client.get_metric_history(run_id, "numbers")] == [0, 1, 2]
    before = mlflow.get_tracking_uri()
    mlflow.set_tracking_uri(store.uri)
    try:
        table = mlflow.load_table("logged/rows.table.json", run_ids=[run_id])
    finally:
        mlflow.set_tracking_uri(before)
    assert table["step"].tolist() == [0, 1, 2, 3, 4]
    assert pandas.isna(table["late"]).all()
    tags = client.get_run(run_id).data.tags
    assert tags["rundetails.logged"] == "image,list,table"
    assert tags["mlflow.loggedImages"] == "true"
    (picture,) = client.list_artifacts(run_id, "images")
    assert "pictures+step+7+" in picture.path


def test_a_producer_that_is_too_fast_is_told_once(store, run_id, writer):
    office = writer._office
    office._warned = False
    office._note_speed(2.0)
    with pytest.warns(UserWarning, match="of a core"):
        writer.log("a", 1.0)
    office._note_speed(2.0)
    writer.log("a", 1.0)


def test_a_closed_writer_is_forgotten_and_opens_again(store, run_id):
    writer = Writer(store.uri, run_id, created_here=True)
    writer.log("a", 1.0)
    writer.close()
    assert writer not in writer._office.writers
    writer.log("a", 2.0)
    assert writer in writer._office.writers
    until(lambda: len(points(store, run_id)["a"]) == 2, 30)
    writer.close()


def test_a_forked_child_opens_no_store_to_forget_it(tmp_path):
    """MLflow keeps a hundred stores; one that it has dropped would be opened again, over the parent's connections."""
    from mlflow.tracking._tracking_service.utils import _tracking_store_registry as registry

    from rundetails.sdk.client import client_of, forget_connections

    store = Store(tmp_path / "mlflow.db")
    client_of(store.uri).search_experiments()
    registry._get_store_with_resolved_uri.cache_clear()
    forget_connections()
    assert registry._get_store_with_resolved_uri.cache_info().currsize == 0
    assert client_of(store.uri).search_experiments()
