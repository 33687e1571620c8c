"""The picture that stays in the notebook."""

import html.parser

import numpy as np
import pytest

from rundetails.facts import Delta, Failure, Points, Run, Status
from rundetails.monitor import RunState
from rundetails.twin import BIGGEST, twin_html, twin_text


def state_of(run, metrics):
    state = RunState(run)
    state.merge(
        Delta(
            None, points={name: Points.of((i, float(i), v) for i, v in enumerate(vs)) for name, vs in metrics.items()}
        ),
        2_000,
    )
    return state


class Reader(html.parser.HTMLParser):
    """Tags, attributes and text of a page."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.attributes, self.text = [], [], ""
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data):
        self.text += data


RUN = Run("abc123", "mlp", "digits", status=Status.COMPLETED, started=1_700_000_000, ended=1_700_000_065)


def test_it_tells_status_numbers_and_how_to_open_the_run_again():
    page = Reader(twin_html(state_of(RUN, {"val/loss": [3.0, 1.0, 2.0]}), "k1", 1_700_000_100))
    assert "Completed" in page.text
    assert "took 0:01:05" in page.text
    assert 'RunDetails("abc123").show()' in page.text
    assert "val/loss" + "2" + "1" + "1" + "3" in page.text, "last, best, at step, points"
    assert ("class", "rd-twin-k1") in page.attributes


def test_the_best_value_stands_with_its_step():
    text = twin_text(state_of(RUN, {"val/loss": [3.0, 1.5, 2.0], "val/accuracy": [0.2, 0.9, 0.8]}), 0)
    assert "val/loss: 2 (best 1.5 at step 1)" in text
    assert "val/accuracy: 0.8 (best 0.9 at step 1)" in text


def test_nothing_in_it_runs_or_survives_as_markup():
    evil = "<img src=x onerror=alert(1)>"
    page = Reader(twin_html(state_of(Run(evil, evil, evil), {evil: [1.0, 2.0]}), "k", 0))
    assert set(page.tags) <= {"div", "b", "table", "thead", "tbody", "tr", "th", "td", "img", "code"}
    assert not any(name.startswith("on") for name, _ in page.attributes)
    assert all(value.startswith("data:image/svg+xml;base64,") for name, value in page.attributes if name == "src")
    assert evil in page.text


def test_parameters_and_tags_stay_out():
    run = Run("r", parameters={"password": "hunter2"}, tags={"token": "ghp_secret"}, status=Status.RUNNING)
    assert "hunter2" not in twin_html(state_of(run, {}), "k", 0)
    assert "ghp_secret" not in twin_html(state_of(run, {}), "k", 0)


def test_a_secret_in_a_name_is_hidden():
    run = Run("r", name="https://ada:pw@host/x?sig=abc")
    text = twin_html(state_of(run, {}), "k", 0) + twin_text(state_of(run, {}), 0)
    assert "ada:pw" not in text
    assert "sig=abc" not in text


@pytest.mark.parametrize("length", [10, 5_000])
def test_it_is_small_whatever_the_run(length):
    metrics = {f"{i}/" + "n" * length: list(range(200)) for i in range(500)}
    text = twin_html(state_of(Run("r", "x" * length), metrics), "k", 0)
    assert len(text.encode()) <= BIGGEST
    assert "and 460 more metrics" in text


@pytest.mark.parametrize(
    "values", [[np.nan], [np.inf, -np.inf], [1e308, -1e308], [1.0], [1.0, 1.0], [np.nan, 1.0, np.nan, 2.0], [5e-324]]
)
def test_odd_values_are_drawn_or_left_out(values):
    page = twin_html(state_of(RUN, {"m": values}), "k", 0)
    assert "nan," not in page
    assert "inf" not in page.lower().replace("info", "")


def test_an_empty_run_says_so():
    assert "No metrics yet." in Reader(twin_html(state_of(Run("r"), {}), "k", 0)).text


def test_a_failed_run_says_why_and_nothing_secret():
    state = state_of(RUN, {"loss": [1.0, 2.0]})
    state.failure = Failure("logs/<b>.log", 7, "ValueError: <script>alert(1)</script> at https://ada:pw@host/x?sig=1")
    page = Reader(twin_html(state, "k1", 1_700_000_100))
    assert "ValueError: <script>alert(1)</script> at https://[hidden]@host/x?[hidden] (in logs/<b>.log)" in page.text
    assert "script" not in page.tags
    assert "ValueError" in twin_text(state, 0)
