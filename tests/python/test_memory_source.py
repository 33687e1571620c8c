"""Scripted runs."""

import doctest

import pytest

from rundetails.errors import RunNotFound, SourceUnavailable
from rundetails.facts import Run, Status
from rundetails.sources import MemorySource, memory


class Clock:
    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def source(clock):
    return MemorySource(clock=clock)


def test_the_example_in_its_docstring_is_true():
    found = doctest.testmod(memory, extraglobs={"MemorySource": MemorySource, "Run": Run, "Status": Status})
    assert found.attempted
    assert not found.failed


def test_points_appear_when_their_time_comes(clock, source):
    script = source.add(Run("demo"))
    script.log("loss", 3.0, step=3, at=30).log("loss", 1.0, step=1, at=10).log("loss", 2.0, step=2, at=20)
    delta = source.read("demo")
    assert not delta.points
    clock.now = 25
    delta = source.read("demo", delta.cursor)
    assert delta.points["loss"].value.tolist() == [1.0, 2.0]
    assert delta.points["loss"].time.tolist() == [10.0, 20.0]
    clock.now = 30
    assert source.read("demo", delta.cursor).points["loss"].value.tolist() == [3.0]


def test_a_script_may_be_written_while_it_plays(clock, source):
    script = source.add(Run("demo"))
    script.log("loss", 9.0, step=9, at=90)
    cursor = source.read("demo").cursor
    script.log("loss", 1.0, step=1)
    delta = source.read("demo", cursor)
    assert delta.points["loss"].step.tolist() == [1]
    clock.now = 90
    assert source.read("demo", delta.cursor).points["loss"].step.tolist() == [9]


def test_facts_change_on_time(clock, source):
    script = source.add(Run("demo", status=Status.QUEUED))
    script.change(lambda run: Run("demo", status=Status.RUNNING, started=5), at=5).end(Status.FAILED, at=8)
    assert source.find("demo").status is Status.QUEUED
    clock.now = 5
    assert source.find("demo").started == 5
    clock.now = 8
    assert (source.find("demo").status, source.find("demo").ended) == (Status.FAILED, 8)


def test_faults_come_and_go(clock, source):
    source.add(Run("demo"))
    source.add(Run("other"))
    source.fail_with(SourceUnavailable("down"), between=(10, 20), run_id="demo")
    source.read("demo")
    clock.now = 10
    with pytest.raises(SourceUnavailable, match="down"):
        source.read("demo")
    source.read("other")
    clock.now = 20
    source.read("demo")
    assert source.reads == ["demo", "demo", "other", "demo"]


def test_files_grow(clock, source):
    source.add(Run("demo")).write("out.log", "one\n").write("out.log", "two\n", at=5)
    assert source.read_file("demo", "out.log").data == b"one\n"
    clock.now = 5
    assert source.read_file("demo", "out.log", start=4).data == b"two\n"


def test_a_run_added_anew_starts_over(source):
    source.add(Run("demo")).log("x", 1.0).log("x", 2.0)
    cursor = source.read("demo").cursor
    source.add(Run("demo")).log("x", 3.0)
    delta = source.read("demo", cursor)
    assert delta.reset
    assert delta.points["x"].value.tolist() == [3.0]


def test_forgotten_and_deleted_runs_are_missed(clock, source):
    source.add(Run("demo")).delete(at=5)
    clock.now = 5
    with pytest.raises(RunNotFound, match="deleted"):
        source.read("demo")
    source.forget("demo")
    with pytest.raises(RunNotFound):
        source.read("demo")


def test_two_sources_are_two_stores():
    assert MemorySource().key != MemorySource().key
