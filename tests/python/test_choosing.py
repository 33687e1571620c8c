"""Best so far, ranks, groups, bands, trade-offs, what mattered: against pandas, Optuna and scikit-learn."""

import math

import numpy as np
import pytest

from rundetails.choosing import (
    axis_of,
    band,
    best_index,
    by_group,
    parameter_importance,
    pareto_front,
    ranks,
    running_best,
    since_improvement,
    worse_than,
)
from rundetails.errors import TooFewRuns

pandas = pytest.importorskip("pandas")
CHANCE = np.random.default_rng(5)


def columns():
    """Scores as they come: ties, gaps, infinities, empty ones."""
    yield np.empty(0)
    yield np.array([math.nan, math.nan])
    for size in (1, 2, 7, 100, 1000):
        values = CHANCE.integers(-5, 5, size) / 2
        yield values.astype(float)
        holes = CHANCE.normal(size=size)
        holes[CHANCE.random(size) < 0.2] = math.nan
        yield holes


@pytest.mark.parametrize("goal", ["min", "max"])
def test_best_so_far_and_ranks_are_those_of_pandas(goal):
    for values in columns():
        series = pandas.Series(values)
        cumulated = (series.cummin() if goal == "min" else series.cummax()).ffill()
        np.testing.assert_array_equal(running_best(values, goal), cumulated.to_numpy())
        ranked = series.rank(method="min", ascending=goal == "min")
        np.testing.assert_array_equal(ranks(values, goal), ranked.to_numpy())
        if series.notna().any():
            assert best_index(values, goal) == (series.idxmin() if goal == "min" else series.idxmax())
            improved = cumulated.ne(cumulated.shift()) & cumulated.notna()
            assert since_improvement(values, goal) == len(series) - 1 - improved[improved].index[-1]
        else:
            assert best_index(values, goal) is None
            assert since_improvement(values, goal) is None


@pytest.mark.parametrize("odd", [math.inf, -math.inf, math.nan, None])
def test_what_is_no_number_is_never_best(odd):
    for goal in ("min", "max"):
        assert running_best([1.0, odd, 2.0], goal).tolist() == ([1, 1, 1] if goal == "min" else [1, 1, 2])
        assert math.isnan(ranks([1.0, odd], goal)[1])


def test_groups_are_those_of_pandas():
    labels = list(CHANCE.choice(["lgbm", "rf", "knn"], 300))
    values, seconds = CHANCE.normal(size=300), CHANCE.random(300)
    values[::7] = math.nan
    grouped = pandas.DataFrame({"label": labels, "value": values, "seconds": seconds}).groupby("label")
    found = by_group(labels, values, seconds, "max")
    assert [one.label for one in found] == grouped["value"].max().sort_values(ascending=False).index.tolist()
    for one in found:
        own = grouped.get_group(one.label)
        assert one.count == len(own)
        assert one.best == own["value"].max()
        assert one.median == pytest.approx(own["value"].median())
        assert one.seconds == pytest.approx(own["seconds"].sum())


def test_a_band_is_made_of_each_siblings_last_value():
    curves = [(np.arange(10), CHANCE.normal(size=10)) for _ in range(25)]
    steps = [0, 3, 9]
    found = band(curves, steps, (0.25, 0.5))
    table = np.array([[values[step] for step in steps] for _, values in curves])
    np.testing.assert_allclose(found.value, np.quantile(table, [0.25, 0.5], axis=0))
    assert found.count.tolist() == [25, 25, 25]
    short = [([0, 2], [1.0, 5.0]), ([0, 1, 4], [3.0, math.nan, 7.0])]
    assert band(short, [0, 1, 2, 4], (0.5,)).count.tolist() == [2, 1, 1, 1]
    assert worse_than(0.0, 9, curves, "max") == (float((table[:, 2] > 0).mean()), 25)


@pytest.mark.parametrize("goals", [("min", "min"), ("max", "min"), ("min", "max", "max")])
def test_the_front_is_optunas(goals):
    optuna = pytest.importorskip("optuna")
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    points = CHANCE.integers(0, 12, (80, len(goals))).astype(float)
    study = optuna.create_study(directions=["minimize" if goal == "min" else "maximize" for goal in goals])
    for point in points:
        study.add_trial(optuna.trial.create_trial(values=point.tolist()))
    expected = sorted(trial.number for trial in study.best_trials)
    assert pareto_front(points, goals).tolist() == expected
    points[expected[0]] = math.nan
    assert expected[0] not in pareto_front(points, goals)


def test_the_best_is_optunas():
    optuna = pytest.importorskip("optuna")
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    study = optuna.create_study(direction="maximize", sampler=optuna.samplers.RandomSampler(seed=1))
    study.optimize(lambda trial: -((trial.suggest_float("x", -1, 1) - 0.3) ** 2), n_trials=40)
    values = [trial.value for trial in study.trials]
    assert best_index(values, "max") == study.best_trial.number
    assert running_best(values, "max")[-1] == study.best_value


def test_what_mattered_is_found_among_what_did_not():
    pytest.importorskip("sklearn")
    rows = [
        {
            "lr": float(10 ** CHANCE.uniform(-5, -1)),
            "optimizer": str(CHANCE.choice(["adam", "sgd", "lion"])),
            "noise": str(CHANCE.random()),
            "constant": 3,
        }
        for _ in range(300)
    ]
    scores = [math.log10(row["lr"]) + (2 if row["optimizer"] == "adam" else 0) for row in rows]
    found = {one.name: one for one in parameter_importance(rows, scores)}
    assert found["constant"].importance == 0
    assert found["constant"].how == "constant"
    assert (found["lr"].how, found["optimizer"].how) == ("log", "categorical")
    assert min(found["lr"].importance, found["optimizer"].importance) > 5 * found["noise"].importance
    assert sum(one.importance for one in found.values()) == pytest.approx(1, abs=0.1)
    told = parameter_importance(rows, scores, scales={"lr": "linear", "optimizer": "log"})
    how = {one.name: one.how for one in told}
    assert (how["lr"], how["optimizer"]) == ("linear", "categorical"), "as told, where the values are such"
    noise = parameter_importance(rows, CHANCE.normal(size=300).tolist())
    assert sum(one.importance for one in noise) < 0.1
    scores[3] = math.nan
    assert parameter_importance(rows, scores)[0].name in ("lr", "optimizer")
    with pytest.raises(TooFewRuns, match="10 or more"):
        parameter_importance(rows[:9], scores[:9])
    with pytest.raises(ValueError, match="one entry"):
        parameter_importance(rows, scores[:5])


@pytest.mark.parametrize(
    ("values", "hint", "expected"),
    [
        (["0.1", "0.001", "0.00001"], None, "log"),
        ([1, 2, 3], None, "linear"),
        (["adam", "1"], None, "categorical"),
        ([1, 2], None, "categorical"),
        ([1, 2, 3], '{"name": "FloatDistribution", "attributes": {"log": true}}', "log"),
        ([0, 2, 3], '{"name": "FloatDistribution", "attributes": {"log": true}}', "linear"),
        ([1, 2, 3], ["choice", [[1, 2, 3]]], "categorical"),
        ([1, 2, 3], ["loguniform", [-6, -1]], "log"),
        ([1, 2, 3], "{broken", "linear"),
    ],
)
def test_an_axis_is_as_the_distribution_says_else_as_the_values_do(values, hint, expected):
    assert axis_of(values, hint) == expected
