"""A new store is made once, whoever else makes it at the same time."""

import multiprocessing
import sqlite3
import warnings
from contextlib import closing
from pathlib import Path

import pytest

import stores  # noqa: F401 - says no to telemetry, here and in what is started
from rundetails.sdk.store import create_store, network_file_system

PROCESSES = 4
ROUNDS = 20


def journal_mode(path):
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute("PRAGMA journal_mode").fetchone()[0]


def starter(folder, barrier, answers):
    """Meets the others before each round, then makes the store and logs a run to it, as a training script would."""
    import mlflow
    from mlflow.store.tracking import sqlalchemy_store  # noqa: F401

    for number in range(ROUNDS):
        barrier.wait(600)
        try:
            uri = create_store(Path(folder, f"{number}.db"))
            client = mlflow.MlflowClient(uri)
            run_id = client.create_run("0").info.run_id
            client.log_metric(run_id, "loss", 0.5)
            answers.put((number, run_id))
        except Exception as error:
            answers.put((number, error))


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_four_processes_starting_together_all_live_and_the_file_is_intact(tmp_path):
    context = multiprocessing.get_context("spawn")
    barrier, answers = context.Barrier(PROCESSES), context.Queue()
    processes = [
        context.Process(target=starter, args=(str(tmp_path), barrier, answers), daemon=True) for _ in range(PROCESSES)
    ]
    for process in processes:
        process.start()
    found = [answers.get(timeout=600) for _ in range(PROCESSES * ROUNDS)]
    for process in processes:
        process.join(60)
    assert [answer for answer in found if not isinstance(answer[1], str)] == []
    for number in range(ROUNDS):
        path = tmp_path / f"{number}.db"
        with closing(sqlite3.connect(path)) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            runs = {run_id for (run_id,) in connection.execute("SELECT run_uuid FROM metrics")}
            assert not connection.execute("SELECT name FROM sqlite_master WHERE name LIKE '_alembic_tmp%'").fetchall()
        assert runs == {run_id for told, run_id in found if told == number}
        assert journal_mode(path) == "wal"


def test_it_returns_the_uri_and_leaves_nothing_else(tmp_path):
    uri = create_store(tmp_path / "a folder" / "mlflow.db")
    assert uri == f"sqlite:///{tmp_path}/a folder/mlflow.db"
    assert sorted(path.name for path in (tmp_path / "a folder").iterdir()) == [".mlflow.db.lock", "mlflow.db"]
    assert create_store(uri) == uri


def test_a_store_that_is_there_is_left_alone(tmp_path):
    path = tmp_path / "mlflow.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE runs (x)")
    before = path.read_bytes()
    create_store(path)
    assert path.read_bytes() == before


def test_other_addresses_are_left_to_mlflow():
    assert create_store("http://localhost:5000") == "http://localhost:5000"


def test_a_network_file_system_is_known_by_its_mount(tmp_path):
    mounts = tmp_path / "mounts"
    mounts.write_text("disk / ext4 rw 0 0\nserver:/home /home nfs4 rw 0 0\nd /home/local\\040disk xfs rw 0 0\n")
    assert network_file_system(Path("/home/ada/mlflow.db"), mounts) == "nfs4"
    assert network_file_system(Path("/home/local disk/mlflow.db"), mounts) is None
    assert network_file_system(Path("/srv/mlflow.db"), mounts) is None
    assert network_file_system(Path("/srv/mlflow.db"), tmp_path / "none") is None


def test_on_a_network_file_system_wal_is_left_out_and_that_is_said(tmp_path, monkeypatch):
    from rundetails.sdk import store

    monkeypatch.setattr(store, "network_file_system", lambda path: "nfs4")
    with pytest.warns(UserWarning, match="nfs4"):
        create_store(tmp_path / "mlflow.db")
    assert journal_mode(tmp_path / "mlflow.db") == "delete"


def test_nothing_is_said_otherwise(tmp_path, capfd):
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        create_store(tmp_path / "mlflow.db")
    assert capfd.readouterr() == ("", "")
