"""Stores reached over MLflow's client, where the conformance tests do not reach: its errors, and long histories."""

from types import SimpleNamespace

import pytest

from rundetails.errors import AuthExpired, RunNotFound, SourceUnavailable, StoreError
from rundetails.sources.client import MlflowClientSource
from stores import Store

T0 = 1_700_000_000.0


class Failing:
    """A client whose every call raises."""

    def __init__(self, error):
        self.error = error

    def __getattr__(self, name):
        def fail(*_, **__):
            raise self.error

        return fail


def answer(status, headers=None):
    error = OSError(f"{status} from http://ada:secret@host/api")
    error.response = SimpleNamespace(status_code=status, headers=headers or {})
    return error


def source_failing_with(error):
    source = MlflowClientSource("http://ada:secret@host:5000")
    source._client = Failing(error)
    return source


@pytest.mark.parametrize("status", [401, 403])
def test_refused_credentials_are_told(status):
    with pytest.raises(AuthExpired, match="MLFLOW_TRACKING_TOKEN") as refused:
        source_failing_with(answer(status)).read("x")
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_server_in_trouble_is_tried_again(status):
    with pytest.raises(SourceUnavailable) as trouble:
        source_failing_with(answer(status, {"Retry-After": "17"})).read("x")
    assert trouble.value.retry_after == 17
    assert "secret" not in str(trouble.value)


def test_a_date_to_wait_for_is_left_aside():
    with pytest.raises(SourceUnavailable) as trouble:
        source_failing_with(answer(503, {"Retry-After": "Wed, 21 Oct 2026 07:28:00 GMT"})).read("x")
    assert trouble.value.retry_after is None


def test_a_broken_connection_is_tried_again():
    with pytest.raises(SourceUnavailable, match="cannot be reached"):
        source_failing_with(ConnectionError("refused")).read("x")


def test_an_answer_deep_inside_is_found():
    outer = RuntimeError("gave up")
    outer.__cause__ = answer(401)
    with pytest.raises(AuthExpired):
        source_failing_with(outer).read("x")


def test_what_the_store_does_not_take_is_a_store_error():
    error = ValueError("no such scheme")
    error.error_code = "INVALID_PARAMETER_VALUE"
    with pytest.raises(StoreError, match="no such scheme"):
        source_failing_with(error).read("x")


def test_a_purged_run_is_missed(tmp_path):
    store = Store(tmp_path / "mlflow.db")
    source = MlflowClientSource(store.uri)
    run_id = store.create_run()
    cursor = source.read(run_id).cursor
    store.purge(run_id)
    with pytest.raises(RunNotFound):
        source.read(run_id, cursor)


def test_history_that_was_rewritten_comes_anew(tmp_path):
    store = Store(tmp_path / "mlflow.db")
    source = MlflowClientSource(store.uri)
    run_id = store.create_run()
    store.log(run_id, "x", [(step, T0 + step, 1.0) for step in range(10)])
    cursor = source.read(run_id).cursor
    store.execute("DELETE FROM metrics")
    store.execute("DELETE FROM latest_metrics")
    store.log(run_id, "x", [(0, T0, 2.0)])
    delta = source.read(run_id, cursor)
    assert delta.reset
    assert delta.points["x"].value.tolist() == [2.0]
