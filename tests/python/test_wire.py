"""What crosses to the page: small, bounded, complete."""

import json
import math
from dataclasses import replace

import numpy as np
import pytest

from rundetails import tags, wire
from rundetails.facts import Delta, Overview, Points, Run, Status
from rundetails.monitor import Change, RunState
from rundetails.wire import Surroundings, run_facts

AROUND = Surroundings(
    "0.1",
    {"name": "memory", "portal_url": None, "can_zoom": True, "selective": False, "requests": None},
    now=100.0,
    read_every=[10, 15],
)


def points(count, start=0, value=1.0):
    steps = np.arange(start, start + count)
    return Points(steps, steps.astype(float), np.full(count, value))


def state_of(**series):
    state = RunState(Run("r", status=Status.RUNNING))
    state.merge(Delta(None, points=series), whole_above=2_000)
    return state


def columns(buffer, number):
    flat = np.frombuffer(buffer, "<f8")
    return flat.reshape(number, -1)


def test_twenty_new_points_cost_half_a_kilobyte():
    state = state_of(**{f"metric/{i}": points(1_000) for i in range(20)})
    change = state.merge(Delta(None, points={f"metric/{i}": points(1, 1_000) for i in range(20)}), 2_000)
    encoded = wire.encode(state, change, AROUND)
    assert sum(len(buffer) for buffer in encoded.buffers) == 20 * 24
    assert len(json.dumps(encoded.message)) < 400
    assert "series" not in encoded.message


def test_appended_points_arrive_as_they_were():
    state = state_of(a=points(3), b=points(2))
    news = {"b": points(2, 2, 7.5), "a": points(1, 3, -1.0)}
    encoded = wire.encode(state, state.merge(Delta(None, points=news), 2_000), AROUND)
    assert encoded.message["appended"] == [[1, 2], [0, 1]]
    step, time, value = columns(encoded.buffers[0], 3)
    assert step.tolist() == [2, 3, 3]
    assert time.tolist() == [2, 3, 3]
    assert value.tolist() == [7.5, 7.5, -1.0]


def test_a_million_points_at_once_are_sent_as_a_bounded_whole():
    state = state_of(a=points(10))
    encoded = wire.encode(state, state.merge(Delta(None, points={"a": points(1_000_000, 10)}), 2_000), AROUND)
    (series,) = encoded.message["series"]
    assert series["count"] == 1_000_010
    assert series["kept"] <= 2_000
    assert series["stats"]["last_step"] == 1_000_009
    assert columns(encoded.buffers[1], 4).shape == (4, series["kept"])


def test_values_that_json_lacks_travel_as_text():
    state = state_of(a=points(3_000, value=np.nan))
    (series,) = wire.snapshot(state, AROUND, "k")["series"]
    assert series["stats"]["last"] == "NaN"
    assert series["stats"]["not_finite"] == 3_000
    json.dumps(series, allow_nan=False)


@pytest.mark.parametrize("names", [1, 20, 300, 12_000])
def test_a_snapshot_is_about_a_megabyte_at_most(names):
    state = state_of(**{f"group/metric_{i}": points(3_000 if names < 100 else 40) for i in range(names)})
    whole = wire.snapshot(state, AROUND, "k")["whole"]
    assert len(whole) <= 1_600_000 if names == 12_000 else len(whole) <= 1_000_000


def test_a_long_text_is_cut_and_says_so():
    run = Run("r", parameters={"config": "x" * 100_000, "seed": "1"})
    facts = wire.run_facts(run)
    assert len(facts["parameters"]["config"]) < 5_000
    assert facts["parameters"]["config"].endswith("… (100,000 characters in all)")
    assert facts["parameters"]["seed"] == "1"


def test_all_texts_together_are_bounded_too():
    run = Run("r", parameters={f"p{i}": "x" * 6_000 for i in range(1_000)})
    assert len(json.dumps(wire.run_facts(run))) < 500_000


def test_secrets_among_parameters_and_tags_do_not_cross():
    run = Run(
        "r", parameters={"db_password": "hunter2", "max_tokens": "512"}, tags={"url": "https://a:pw@host/x?sig=s3"}
    )
    facts = wire.run_facts(run)
    assert facts["parameters"] == {"db_password": "[hidden]", "max_tokens": "512"}
    assert facts["tags"] == {"url": "https://[hidden]@host/x?[hidden]"}


def test_a_long_history_shows_a_sample_first_and_then_the_truth():
    state = RunState(Run("r", status=Status.RUNNING))
    sample = Overview(points(100), count=1_000_000)
    assert state.merge(Delta(None, overview={"a": sample}, remaining=1_000_000), 2_000).whole == ("a",)
    assert wire.snapshot(state, AROUND, "k")["series"][0]["count"] == 1_000_000
    quiet = state.merge(Delta(None, points={"a": points(600_000)}, remaining=400_000), 2_000)
    assert quiet == Change()
    assert state.series["a"].stats.count == 100
    final = state.merge(Delta(None, points={"a": points(400_000, 600_000), "b": points(1)}), 2_000)
    assert final.whole == ("a", "b")
    assert state.series["a"].stats.count == 1_000_000


def test_a_reset_forgets_what_was_known():
    state = state_of(a=points(5), b=points(5))
    epoch = state.epoch
    change = state.merge(Delta(None, points={"b": points(2)}, reset=True), 2_000)
    assert (change.reset, change.whole) == (True, ("b",))
    assert state.epoch != epoch
    assert list(state.series) == ["b"]


def test_everything_is_what_a_page_needs_that_missed_something():
    state = state_of(a=points(5))
    message = wire.everything(state, AROUND).message
    assert message["reset"]
    assert [series["name"] for series in message["series"]] == ["a"]
    assert message["run"]["status"] == "Running"


def test_what_did_not_change_is_not_sent():
    state = state_of(a=points(5))
    encoded = wire.encode(state, Change(health=True), AROUND)
    assert set(encoded.message) == {"kind", "seq", "now", "at", "health"}
    assert encoded.buffers == []


def test_a_series_that_was_not_read_travels_with_its_latest_point():
    state = RunState(Run("r"))
    state.merge(Delta(1, latest={"loss": Points.of([(9, 90.0, math.nan)])}), 2_000)
    [facts] = wire.snapshot(state, AROUND, "k")["series"]
    assert (facts["count"], facts["kept"], facts["is_behind"]) == (0, 0, True)
    assert (facts["stats"]["last"], facts["stats"]["last_step"]) == ("NaN", 9)
    change = state.merge(Delta(2, latest={"loss": Points.of([(10, 91.5, 0.25)])}), 2_000)
    message = wire.encode(state, change, AROUND).message
    assert message["latest"] == [{"id": 0, "step": 10, "time": 91.5, "value": 0.25}]


def test_a_heartbeat_alone_is_no_news():
    state = RunState(Run("r"))
    beating = Run("r", status=Status.RUNNING, tags={tags.HEARTBEAT: "1700000000"})
    assert state.merge(Delta(1, beating), 100).run
    later = replace(beating, tags={tags.HEARTBEAT: "1700000015"})
    assert not state.merge(Delta(2, later), 100)
    assert state.run.tags == later.tags
    assert run_facts(state.run)["tags"] == {}
