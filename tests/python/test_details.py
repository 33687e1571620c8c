"""`RunDetails` without a screen."""

import asyncio
import json
import threading

import pytest

from rundetails import MemorySource, RunDetails
from rundetails.errors import InvalidRun, RunNotFound
from rundetails.facts import Run, Status
from rundetails.waiting import InvalidCondition, NeverTrue


@pytest.fixture
def source():
    return MemorySource()


@pytest.fixture
def script(source):
    run = Run("run-1", "trial", "digits", status=Status.RUNNING, started=source.clock(), parameters={"lr": "0.1"})
    return source.add(run).log("val/loss", 3.0, 0).log("val/loss", 1.0, 1).log("val/loss", 2.0, 2)


@pytest.fixture
def details(source, script):
    opened = RunDetails("run-1", store=source, refresh=0.02)
    yield opened
    opened.close()


def test_the_data_are_what_the_view_shows(details, script):
    script.log("odd", float("nan")).write("logs/out.txt", "hello")
    data = details.get_widget_data()
    assert data["status"] == "Running"
    assert data["run"]["name"] == "trial"
    assert data["metrics"]["val/loss"] == {"last": 2.0, "min": 1.0, "max": 3.0, "best": 1.0, "count": 3}
    assert data["metrics"]["odd"]["last"] == "NaN"
    assert data["parameters"] == {"lr": "0.1"}
    assert data["logs"] == ["logs/out.txt"]
    assert (data["children"], data["error"]) == ([], None)
    json.dumps(data, allow_nan=False)


def test_waiting_ends_with_the_run(details, script):
    threading.Timer(0.05, lambda: script.end(Status.FAILED)).start()
    assert details.wait(timeout=30)["status"] == "Failed"


def test_waiting_for_a_metric_a_status_and_a_function(details, script):
    threading.Timer(0.05, lambda: script.log("val/loss", 0.1, 3)).start()
    assert details.wait("val/loss < 0.2", timeout=30)["metrics"]["val/loss"]["last"] == 0.1
    assert details.wait("running", timeout=30)["status"] == "Running"
    assert details.wait(lambda data: data["metrics"]["val/loss"]["count"] >= 4, timeout=30)


def test_waiting_can_be_awaited_and_lets_others_go_on(details, script):
    async def main():
        async def go_on():
            for _ in range(4):
                await asyncio.sleep(0.01)
            script.end()

        other = asyncio.ensure_future(go_on())
        data = await details.wait(timeout=30)
        await other
        return data["status"]

    assert asyncio.run(main()) == "Completed"


def test_time_that_is_up_is_said_with_what_to_do(details):
    assert details.run.status is Status.RUNNING, "it was read"
    with pytest.raises(TimeoutError, match="The run is Running and goes on"):
        details.wait(timeout=0.05)


def test_what_can_never_come_is_not_waited_for(details, script):
    script.end(at=script.source.clock() - 600)
    with pytest.raises(NeverTrue, match="val/loss < 0"):
        details.wait("val/loss < 0", timeout=30)


@pytest.mark.parametrize("until", ["soon", "loss <", "< 3", "loss < many"])
def test_a_condition_that_makes_no_sense_is_refused(details, until):
    with pytest.raises(InvalidCondition, match=r"val_loss < 0\.2"):
        details.wait(until)


def test_an_unknown_run_is_refused_with_the_nearest(source, script):
    with pytest.raises(RunNotFound) as caught:
        RunDetails("run-2", store=source)
    assert "run-1" in str(caught.value)
    assert "memory" in str(caught.value)


@pytest.mark.parametrize("run", [None, 7, "", "  ", [], object()])
def test_what_is_no_run_is_refused_with_what_would_work(run):
    with pytest.raises(InvalidRun, match="a run ID"):
        RunDetails(run)


def test_a_script_brings_its_source(script):
    details = RunDetails(script)
    assert details.run.id == "run-1"
    details.close()


def test_mlflow_objects_are_runs(source, script):
    class Info:
        run_id = "run-1"

    class Active:
        info = Info()

    details = RunDetails(Active(), store=source)
    assert details.run.name == "trial"
    details.close()


def test_closing_twice_is_closing_once_and_its_repr_is_the_line_that_reopens(details):
    details.get_widget_data()
    details.close()
    details.close()
    assert repr(details) == 'RunDetails("run-1").show()'


def test_outside_jupyter_it_prints_a_few_lines(details, capsys):
    details.show()
    printed = capsys.readouterr().out
    assert "trial: Running" in printed
    assert "val/loss: 2 (best 1 at step 1)" in printed
