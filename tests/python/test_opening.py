"""From an address to a source."""

import sqlite3
import subprocess
import sys
from contextlib import closing

import pytest

from rundetails.errors import SourceUnavailable, StoreDamaged, StoreError, StoreNotFound, StoreTooNew
from rundetails.sources import MemorySource, MlflowServerSource, SqliteSource, open_source
from rundetails.sources.client import MlflowClientSource
from rundetails.sources.opening import default_address, sqlite_path
from stores import Store


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "mlflow.db")


@pytest.fixture
def nowhere(tmp_path, monkeypatch):
    """An empty folder to be in, no MLflow imported, nothing set."""
    folder = tmp_path / "nowhere"
    folder.mkdir()
    monkeypatch.chdir(folder)
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    monkeypatch.delitem(sys.modules, "mlflow", raising=False)
    return folder


def test_a_path_and_a_uri_lead_to_the_same_source(store, monkeypatch):
    source = open_source(store.path)
    assert isinstance(source, SqliteSource)
    assert open_source(str(store.path)) is source
    assert open_source(store.uri) is source
    monkeypatch.chdir(store.path.parent)
    assert open_source("mlflow.db") is source
    assert open_source("sqlite:///mlflow.db") is source


def test_a_source_is_returned_as_it_is():
    source = MemorySource()
    assert open_source(source) is source


def test_the_default_is_the_file_here(nowhere):
    assert default_address() == "sqlite:///mlflow.db"
    store = Store(nowhere / "mlflow.db")
    assert open_source().key == SqliteSource(store.path).key


def test_the_environment_comes_before_the_default(nowhere, store, monkeypatch):
    monkeypatch.setenv("MLFLOW_TRACKING_URI", store.uri)
    assert open_source().key == SqliteSource(store.path).key


def test_what_is_set_in_mlflow_comes_before_the_environment(nowhere, store, monkeypatch):
    class Mlflow:
        @staticmethod
        def get_tracking_uri():
            return store.uri

    monkeypatch.setenv("MLFLOW_TRACKING_URI", "sqlite:///other.db")
    monkeypatch.setitem(sys.modules, "mlflow", Mlflow)
    assert open_source().key == SqliteSource(store.path).key


def test_our_default_is_mlflows_own(nowhere):
    code = "import os, sys, mlflow; print(mlflow.get_tracking_uri())"
    for _ in range(2):
        said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip()
        ours = sqlite_path(default_address())
        assert sqlite_path(said) == ours
        experiment = nowhere / "mlruns" / "0"
        experiment.mkdir(parents=True, exist_ok=True)
        (experiment / "meta.yaml").touch()
        (nowhere / "mlruns" / "models").mkdir(exist_ok=True)
    assert ours is None


def test_opening_a_sqlite_store_does_not_import_mlflow(store):
    code = (
        "import sys; from rundetails import open_source\n"
        f"open_source({str(store.path)!r})\n"
        "assert 'mlflow' not in sys.modules and 'sqlalchemy' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize("folder", ["with space", "100%25", "#1", "a%20b"])
def test_quoted_and_plain_paths_are_understood(tmp_path, folder):
    from mlflow.utils.file_utils import path_to_local_sqlite_uri

    store = Store(tmp_path / folder / "mlflow.db")
    assert sqlite_path(f"sqlite:///{store.path}") == store.path
    assert sqlite_path(str(store.path)) == store.path
    assert sqlite_path(path_to_local_sqlite_uri(store.path)) == store.path


def test_options_of_a_uri_are_left_aside(store):
    assert sqlite_path(f"sqlite+pysqlite:///{store.path}?timeout=5") == store.path


def test_a_missing_store_says_where_it_looked(nowhere):
    with pytest.raises(StoreNotFound) as missing:
        open_source()
    assert str(nowhere / "mlflow.db") in str(missing.value)
    assert "MLFLOW_TRACKING_URI" in str(missing.value)


def test_a_file_that_is_no_store_is_refused(tmp_path):
    (tmp_path / "notes.txt").write_text("not a database\n" * 100)
    with pytest.raises(StoreDamaged):
        open_source(tmp_path / "notes.txt")


def test_a_store_that_is_being_made_is_opened(tmp_path):
    (tmp_path / "mlflow.db").touch()
    source = open_source(tmp_path / "mlflow.db")
    with pytest.raises(SourceUnavailable):
        source.read("x")


def without_a_column(store, revision):
    with closing(store.connect()) as connection:
        connection.execute("ALTER TABLE latest_metrics RENAME COLUMN is_nan TO kind")
        connection.execute("UPDATE alembic_version SET version_num = ?", (revision,))


def test_a_store_of_a_newer_mlflow_is_told(store):
    without_a_column(store, "ffffffffffff")
    with pytest.raises(StoreTooNew, match="pip install --upgrade"):
        open_source(store.path)


def test_a_store_that_is_too_old_is_told_and_not_migrated(store):
    without_a_column(store, "451aebb31d03")
    before = store.path.read_bytes()
    with pytest.raises(StoreError, match="mlflow db upgrade"):
        open_source(store.path)
    assert store.path.read_bytes() == before


def test_another_layout_of_the_installed_mlflow_is_left_to_its_client(store):
    with sqlite3.connect(store.path) as connection:
        (revision,) = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    without_a_column(store, revision)
    assert isinstance(open_source(store.path), MlflowClientSource)


def test_a_folder_of_files_is_told_how_to_convert(nowhere):
    (nowhere / "mlruns" / "0").mkdir(parents=True)
    (nowhere / "mlruns" / "0" / "meta.yaml").touch()
    for address in ("mlruns", f"file://{nowhere / 'mlruns'}", None):
        with pytest.raises(StoreError, match="migrate-filestore"):
            open_source(address)


def test_servers_have_a_source_of_their_own():
    source = open_source("http://ada:secret@127.0.0.1:1/team")
    assert isinstance(source, MlflowServerSource)
    assert open_source("http://ada:secret@127.0.0.1:1/team") is source
    assert "secret" not in source.name + source.key + repr(source)
    assert source.key.startswith("mlflow:http://127.0.0.1:1/team#")
    assert isinstance(open_source("databricks://team"), MlflowServerSource)


def test_whoever_signs_in_otherwise_shares_nothing(monkeypatch):
    address = "http://127.0.0.1:1/team"
    nobody = open_source(address)
    assert nobody.key == "mlflow:http://127.0.0.1:1/team"
    monkeypatch.setenv("MLFLOW_TRACKING_TOKEN", "secret")
    somebody = open_source(address)
    assert somebody is not nobody
    assert somebody.key != nobody.key != open_source("http://ada:secret@127.0.0.1:1/team").key
    assert "secret" not in somebody.key


def test_other_databases_are_left_to_the_client():
    assert isinstance(open_source("postgresql://ada:secret@127.0.0.1:1/runs"), MlflowClientSource)


def test_a_source_lives_as_long_as_somebody_holds_it(store):
    source = open_source(store.path)
    assert open_source(store.path) is source
