"""What is said of a run beyond its facts: found where it is, and nowhere else."""

from __future__ import annotations

import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curves import LENGTHS, LOSSES, SCORES, START, along, curve, findings_of, series_of
from rundetails.facts import Points, Run, Status
from rundetails.insight import Looker
from rundetails.insight.anomalies import divergence, gap, measures_speed, not_finite, plateau, slow_steps, throughput
from rundetails.insight.curve import curve_of, noise
from rundetails.series import Series

SEEDS = range(200)


def random(seed=0):
    return np.random.default_rng(seed)


@pytest.mark.parametrize("family", [name for name in LOSSES if name != "oscillating"])
def test_a_healthy_loss_raises_no_alarm(family):
    for seed in SEEDS:
        generator = random(seed)
        values = LOSSES[family](generator, int(generator.choice(LENGTHS)))
        alarms = [one.sentence for one in findings_of(values, "min") if one.severity != "info"]
        assert not alarms, (family, seed, len(values), alarms)


@pytest.mark.parametrize("family", list(SCORES))
def test_a_healthy_score_raises_no_alarm(family):
    for seed in SEEDS:
        generator = random(seed)
        values = SCORES[family](generator, int(generator.choice(LENGTHS)))
        assert not [one for one in findings_of(values, "max") if one.severity != "info"], (family, seed)


def test_notes_of_a_plateau_on_curves_that_still_move_are_rare():
    looked, noted = 0, []
    for goal, families in (("min", LOSSES), ("max", SCORES)):
        for family, make in families.items():
            for seed in range(100):
                values = make(random(seed), 600)
                looked += 4
                noted += [(family, seed) for one in findings_of(values, goal) if one.kind == "plateau"]
    assert len(noted) <= looked / 200, noted


def test_an_oscillation_is_at_most_taken_for_a_divergence_in_its_first_swing():
    found = [
        (seed, one.sentence)
        for seed in SEEDS
        for one in findings_of(LOSSES["oscillating"](random(seed), 600), "min")
        if one.kind == "divergence"
    ]
    assert len(found) <= 8, found
    for seed in SEEDS:
        assert divergence(curve(LOSSES["oscillating"](random(seed), 600))) is None


@pytest.mark.parametrize("length", [60, 200, 1_000, 20_000])
def test_a_divergence_is_found_near_where_it_begins(length):
    for seed in range(30):
        generator, x = random(seed), along(length)
        begins = generator.uniform(0.3, 0.7)
        values = 2.3 * np.exp(-5 * x) + 0.05 * generator.normal(size=length) + np.maximum(0, 60 * (x - begins))
        found = divergence(curve(values))
        assert found is not None
        assert found.severity == "serious"
        assert begins - 0.02 <= found.step / length <= begins + 0.1


def test_a_rise_of_powers_of_ten_is_found_however_small_it_is():
    x = along(400)
    values = 10 ** (-6 * np.minimum(x / 0.5, 1) + 12 * np.maximum(0, x - 0.6)) * np.exp(0.2 * random().normal(size=400))
    assert values[-20:].max() < 0.5
    assert divergence(curve(values)) is not None


def test_a_divergence_stays_said_until_it_is_over():
    x = along(300)
    high = 2.3 * np.exp(-5 * x) + np.maximum(0, 20 * (x - 0.7))
    back = np.concatenate([high, np.full(200, 0.3)])
    half = np.concatenate([2 - x[:200] * 2, np.full(100, 1.55)])
    assert divergence(curve(high)) is not None
    assert divergence(curve(back), True) is None
    lost = np.concatenate([np.linspace(2, 1, 200), np.full(100, 1.65)])
    assert divergence(curve(lost)) is None
    assert divergence(curve(lost), True) is not None
    assert divergence(curve(half)) is None


def test_losses_that_play_against_each_other_diverge_by_design():
    values = np.concatenate([np.linspace(2, 0.1, 100), np.linspace(0.1, 9, 100)])
    assert divergence(curve(values, name="train/loss")) is not None
    for name in ("loss/critic", "g_loss", "value_loss", "train/policy_loss"):
        assert divergence(curve(values, name=name)) is None


@pytest.mark.parametrize("length", [100, 1_000, 20_000])
def test_a_plateau_is_found_where_it_begins(length):
    x = along(length)
    values = 2.3 * np.exp(-25 * x) + 0.1 + 0.003 * random().normal(size=length)
    found = plateau(curve(values))
    assert found is not None
    assert found.severity == "info"
    assert 0.1 <= found.step / length <= 0.4
    assert plateau(curve(-values, "max")) is not None
    assert plateau(curve(values[:40])) is None, "too few points"
    assert plateau(curve(values, None)) is None, "no direction"


@pytest.mark.parametrize("count", [15, 40, 500])
def test_overfitting_is_found_since_the_best_evaluation(count):
    for seed in range(20):
        generator = random(seed)
        x, at = along(1_000), np.linspace(0, 999, count).astype(int)
        train = curve(2.3 * np.exp(-4 * x) + 0.05 * generator.normal(size=1_000), name="train/loss")
        best = 0.4
        values = 2.3 * np.exp(-6 * at / 1_000) + 0.02 * generator.normal(size=count)
        values += 1.2 * np.maximum(0, at / 1_000 - best)
        found = gap(train, curve(values, name="val/loss", steps=at))
        assert found is not None, seed
        assert 350 <= found.step <= 700
        assert "val/loss rose" in found.sentence
        assert "train/loss fell" in found.sentence
        score = gap(curve(-train.value, "max", "train/acc"), curve(-values, "max", "val/acc", steps=at))
        assert score is not None
        assert "val/acc fell" in score.sentence


@pytest.mark.parametrize("count", [15, 40, 500])
def test_a_noisy_evaluation_is_no_overfitting(count):
    for seed in SEEDS:
        generator = random(seed)
        x, at = along(1_000), np.linspace(0, 999, count).astype(int)
        train = curve(2.3 * np.exp(-4 * x) + 0.05 * generator.normal(size=1_000), name="train/loss")
        values = 2.3 * np.exp(-generator.uniform(3, 30) * at / 1_000) + generator.uniform(0, 0.1) * generator.normal(
            size=count
        )
        assert gap(train, curve(values + 0.2, name="val/loss", steps=at)) is None, seed


def test_a_gap_that_comes_of_both_getting_worse_is_not_overfitting():
    x = along(300)
    worse = 2 * np.exp(-8 * x) + np.maximum(0, 3 * (x - 0.5))
    assert gap(curve(worse), curve(worse * 1.2, name="val_loss")) is None


def test_the_first_value_that_is_no_number_is_named():
    values = np.ones(5_000)
    values[[1_200, 1_300]] = np.nan
    found = not_finite("train/loss", "min", series_of(values))
    assert (found.step, found.severity) == (1_200, "warning")
    assert found.sentence == "train/loss was NaN first at step 1,200, in 2 points, and it has recovered since."
    values[4_000:] = -np.inf
    found = not_finite("train/loss", "min", series_of(values))
    assert (found.step, found.severity) == (1_200, "serious")
    assert "more than 1,000 points" in found.sentence
    assert not_finite("loss", "min", series_of(np.ones(9))) is None


@pytest.mark.parametrize("length", [60, 400, 20_000])
def test_a_throughput_that_halves_is_found_and_one_that_wavers_is_not(length):
    for seed in range(50):
        generator, x = random(seed), along(length)
        drops = generator.uniform(0.3, 0.7)
        values = np.where(x > drops, 400, 1_000) + 30 * generator.normal(size=length)
        found = throughput(curve(values, None, "throughput"))
        assert found is not None
        assert abs(found.step / length - drops) < 0.1
        assert throughput(curve(1_000 + 250 * generator.normal(size=length), None, "throughput")) is None
        bursts = np.where((np.arange(length) // max(2, length // 12)) % 2 == 0, 1_000, 300)
        assert throughput(curve(bursts, None, "throughput")) is None


@pytest.mark.parametrize("length", [400, 20_000])
def test_steps_that_slow_down_are_found_and_pauses_are_not(length):
    for seed in range(50):
        generator, x = random(seed), along(length)
        slows = generator.uniform(0.3, 0.7)
        took = np.where(x > slows, 3, 1) * generator.gamma(8, 0.125, size=length)
        slow = Series()
        slow.append(Points(np.arange(length), START + np.cumsum(took), x))
        found = slow_steps(curve_of("loss", None, slow))
        assert found is not None
        assert abs(found.step / length - slows) < 0.12
        took = generator.gamma(1, 1, size=length) + 30 * (np.arange(length) % max(5, length // 12) == 0)
        took[length // 2] += 36_000
        steady = Series()
        steady.append(Points(np.arange(length), START + np.cumsum(took), x))
        assert slow_steps(curve_of("loss", None, steady)) is None


@pytest.mark.parametrize(
    ("name", "measures"),
    [
        ("train/samples_per_second", True), ("it/s", True), ("tokens/sec", True), ("perf/throughput", True),
        ("fps", True), ("train_steps_per_second", True), ("images_per_sec", True), ("loss", False), ("lr", False),
        ("steps", False), ("bits/dim", False), ("total_flos", False),
    ],
)  # fmt: skip
def test_a_name_says_whether_it_is_a_speed(name, measures):
    assert measures_speed(name) is measures


def test_thinning_makes_a_curve_noisier_never_calmer():
    values = random().normal(size=60_000)
    assert noise(curve_of("loss", "min", series_of(values)).value) > noise(values)


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    family=st.sampled_from(sorted(LOSSES)),
    sick=st.booleans(),
    scale=st.sampled_from([2.0**-40, 0.125, 8.0, 2.0**40]),
)
def test_the_unit_of_a_metric_does_not_matter(seed, family, sick, scale):
    values = LOSSES[family](random(seed), 300)
    if sick:
        values = values + np.maximum(0, np.ptp(values) * 20 * (along(300) - 0.7))
    for rule in (divergence, plateau):
        one, other = rule(curve(values)), rule(curve(values * scale))
        assert (one is None) == (other is None)
        if one is not None:
            assert one.step == other.step


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10_000), family=st.sampled_from(sorted(LOSSES)), shift=st.integers(-1_000, 1_000))
def test_steps_that_begin_elsewhere_move_the_finding_alone(seed, family, shift):
    values = LOSSES[family](random(seed), 300) + np.maximum(0, 90 * (along(300) - 0.7))
    steps = np.arange(300)
    one, other = divergence(curve(values)), divergence(curve(values, steps=steps + shift))
    assert (one is None) == (other is None)
    if one is not None:
        assert other.step == one.step + shift


@settings(max_examples=25, deadline=None)
@given(order=st.permutations(["train/loss", "val/loss", "lr", "accuracy", "system/cpu"]))
def test_the_order_of_the_metrics_does_not_matter(order):
    x = along(200)
    made = {
        "train/loss": 2 * np.exp(-5 * x),
        "val/loss": 2 * np.exp(-9 * x) + np.maximum(0, x - 0.4),
        "lr": np.r_[np.nan, x[1:]],
        "accuracy": x,
        "system/cpu": np.where(x < 0.5, 90, 1),
    }
    looker = Looker()
    series = {name: series_of(made[name]) for name in order}
    looker.look(Run("r", status=Status.RUNNING), series, list(series), START + 201)
    assert {(one.kind, one.metric) for one in looker.insight.findings} == {("gap", "val/loss"), ("not_finite", "lr")}


HOSTILE = st.one_of(
    st.floats(allow_nan=True, allow_infinity=True),
    st.sampled_from([0.0, 1e308, -1e308, 5e-324, float("nan"), float("inf"), 1.0]),
)


@pytest.mark.filterwarnings("error")
@settings(max_examples=150, deadline=None)
@given(
    values=st.lists(HOSTILE, min_size=1, max_size=80),
    times=st.sampled_from([1.0, 0.0, -1.0, 1e300]),
    steps=st.sampled_from([1, 0, -1, 2**40]),
    unit=st.sampled_from(["max_steps", "epochs", "time_limit"]),
    behind=st.booleans(),
)
def test_no_history_makes_a_look_fail_or_warn(values, times, steps, unit, behind):
    count = len(values)
    made = Points(np.arange(count) * steps, START + times * np.arange(count), np.array(values))
    series = {name: Series() for name in ("train/loss", "val/loss", "epoch", "throughput", "system/cpu")}
    for one in series.values():
        one.append(made)
    if behind:
        series["val/loss"].note_latest(Points.of([(count * steps, START, 1.0)]))
    looker, run = Looker(), Run("r", status=Status.RUNNING, started=START, parameters={unit: "1000"})
    for later in (0, 10, 1_000):
        looker.look(run, series, [] if later == 10 else list(series), START + count + later)
    for one in looker.insight.findings:
        assert one.sentence.endswith(".")


def test_a_loss_near_the_largest_number_is_found_all_the_same():
    with np.errstate(all="ignore"):
        found = divergence(curve(np.r_[np.linspace(2, 1, 60), np.full(40, 1.7e308)]))
    assert found.severity == "serious"


def many(count, points=1_000, prefix="metric/loss"):
    return {f"{prefix}_{index}": series_of(LOSSES["decay"](random(index), points)) for index in range(count)}


def test_only_what_moved_enough_is_looked_at_again(monkeypatch):
    from rundetails.insight import look

    looked = []
    real = look.curve_of
    monkeypatch.setattr(look, "curve_of", lambda name, *rest: looked.append(name) or real(name, *rest))
    looker, series, run = Looker(), many(3), Run("r", status=Status.RUNNING)
    looker.look(run, series, list(series), START + 1_000)
    assert len(set(looked)) == 3
    looked.clear()
    for index in range(9):
        series["metric/loss_0"].append(Points.of([(1_000 + index, START + 1_000 + index, 0.1)]))
        looker.look(run, series, ["metric/loss_0"], START + 1_001 + index)
    assert not [name for name in looked if name == "metric/loss_0" and len(looked) > 9]
    series["metric/loss_0"].append(Points.of([(1_009, START + 1_009, 0.1)]))
    looker.look(run, series, ["metric/loss_0"], START + 1_010)
    assert looked.count("metric/loss_0") >= 1


def test_a_look_at_twelve_thousand_metrics_is_bounded_and_still_sees_what_is_no_number(monkeypatch):
    from rundetails.insight import look

    looked = []
    real = look.curve_of
    monkeypatch.setattr(look, "curve_of", lambda name, *rest: looked.append(name) or real(name, *rest))
    series = many(12_000, 3)
    series["metric/loss_11999"].append(Points.of([(3, START + 3, float("nan"))]))
    looker = Looker()
    looker.look(Run("r", status=Status.RUNNING), series, list(series), START + 10)
    assert len(looked) <= look.AT_FIRST + 2
    (found,) = [one for one in looker.insight.findings if one.kind == "not_finite"]
    assert found.metric == "metric/loss_11999"


def test_what_is_found_is_bounded():
    series = {f"m{index}": series_of([1.0, float("nan")]) for index in range(500)}
    looker = Looker()
    looker.look(Run("r", status=Status.RUNNING), series, list(series), START + 10)
    assert len(looker.insight.findings) == 100


def test_a_look_costs_little():
    """A ratio against the same points averaged once, so that the machine does not matter."""
    series, run = many(20), Run("r", status=Status.RUNNING, parameters={"max_steps": "5000"})
    looker = Looker()
    looker.look(run, series, list(series), START + 1_000)
    costs, floors = [], []
    for index in range(40):
        for name in series:
            series[name].append(Points.of([(1_000 + index, START + 1_000 + index, 0.1)]))
        began = time.process_time()
        for one in series.values():
            np.median(one.kept(2_000).points.value)
        floors.append(time.process_time() - began)
        began = time.process_time()
        looker.look(run, series, list(series), START + 1_001 + index)
        costs.append(time.process_time() - began)
    assert np.median(costs) < 6 * np.median(floors)
