"""Which parameters mattered."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple

import numpy as np

from ..errors import MissingPackage, TooFewRuns
from .axes import Axis, axis_of, is_missing, number_of
from .best import ranks
from .scores import Floats, Numbers, same_length

FEWEST = 10
"""Runs with a score below which nothing is said."""

CATEGORIES = 20
"""Values of a categorical parameter that are told apart, the most frequent ones; the others count as one."""

TREES = 100
ROWS = 2_000
"""Runs that a tree sees, at most: it keeps 10,000 runs within seconds."""

_Column = Sequence[object]


class Importance(NamedTuple):
    """How much one parameter mattered."""

    name: str
    """Of the parameter."""
    importance: float
    """Part of the scores' differences that it explains, from 0 to 1; see `parameter_importance`."""
    how: Axis | Literal["constant"]
    """How its values were read; `constant` has always 0."""


def parameter_importance(
    parameters: Sequence[Mapping[str, object]],
    scores: Numbers,
    seed: int = 0,
    scales: Mapping[str, Axis] | None = None,
) -> list[Importance]:
    """(name, importance, how) of each parameter, the most important first, equals by name.

    `parameters` has one mapping a run, from names to numbers or texts (texts of numbers are numbers, as `axis_of`
    says); `scores` one number a run, whichever direction is better. `seed` makes the answer repeatable. `scales` has
    what the distributions say of parameters, where they are known.

    A random forest (Breiman, "Random Forests", Machine Learning 45, 2001) learns to tell the scores from the
    parameters. Its mean decrease in impurity is shared out among them, and multiplied by R² on the runs that a tree
    has not seen ("out of bag"), not below 0. So importances sum up to what the forest really explains: with pure
    noise all are 0, and divided by their sum they are shares. Forests for this question are the idea of Hutter, Hoos
    and Leyton-Brown, "An Efficient Approach for Assessing Hyperparameter Importance", ICML 2014; their functional
    ANOVA, which also tells of pairs of parameters, is not computed. Parameters that always went along with one another
    share what they explain, and importance is no proof of a cause.

    - Scores count by their rank, so that one run that diverged to 1e30 does not drown the others.
    - Runs whose score is not finite are left out: what made runs fail is not told.
    - Categorical: a column for each of the 20 most frequent values, one for the others, summed up.
    - Numeric: as it is, or its logarithm where it is positive and spans 100 times or more.
    - A parameter that a run lacks (no such name, None, NaN): "it is missing" is a value of its own; in a numeric
      column the median stands in for it.
    - One value in all runs: `constant`, 0.

    Raises TooFewRuns for fewer than 10 runs with a finite score, MissingPackage without scikit-learn, and ValueError
    unless there are as many scores as runs. 10,000 runs with 20 parameters take some seconds.
    """
    same_length(parameters=parameters, scores=scores)
    rank = ranks(scores, "min")
    rows = [row for row, is_scored in zip(parameters, np.isfinite(rank), strict=True) if is_scored]
    rank = rank[np.isfinite(rank)]
    if len(rows) < FEWEST:
        raise TooFewRuns(len(rows), FEWEST)
    names = sorted({name for row in rows for name in row})
    columns = {name: [None if is_missing(value := row.get(name)) else value for row in rows] for name in names}
    told = scales or {}
    read = {name: _axis(column, told.get(name)) for name, column in columns.items() if _varies(column)}
    blocks = {name: _encoded(columns[name], axis) for name, axis in read.items()}
    shares = _explained(blocks, rank, seed) if blocks and np.ptp(rank) > 0 else {}
    found = [Importance(name, shares.get(name, 0.0), read.get(name, "constant")) for name in names]
    return sorted(found, key=lambda one: (-one.importance, one.name))


def _axis(column: _Column, told: Axis | None) -> Axis:
    """As its distribution says, where its values are such, else as they look."""
    found = axis_of(column)
    numbers = [number_of(value) for value in column if value is not None]
    is_possible = {
        "categorical": True,
        "linear": all(number is not None for number in numbers),
        "log": all(number is not None and number > 0 for number in numbers),
    }
    return told if told is not None and is_possible[told] else found


def _varies(column: _Column) -> bool:
    return len({_key(value) for value in column}) > 1


def _key(value: object) -> object:
    """What makes values the same: 0.1 and "0.1" are, True and 1 are not."""
    if value is None:
        return None
    number = number_of(value)
    return str(value) if number is None else number


def _encoded(column: _Column, axis: Axis) -> Floats:
    """A parameter as columns of numbers, shape (runs, columns)."""
    if axis == "categorical":
        keys = [_key(value) for value in column]
        kept = [key for key, _ in Counter(keys).most_common(CATEGORIES)]
        place = {key: at for at, key in enumerate(kept)}
        hot = np.zeros((len(keys), len(kept) + 1))
        hot[np.arange(len(keys)), [place.get(key, len(kept)) for key in keys]] = 1.0
        return hot
    numbers = np.array([np.nan if value is None else number_of(value) for value in column], dtype=np.float64)
    if axis == "log":
        numbers = np.log(numbers)
    missing = np.isnan(numbers)
    return np.column_stack([np.where(missing, np.nanmedian(numbers), numbers), missing])


def _explained(blocks: Mapping[str, Floats], target: Floats, seed: int) -> dict[str, float]:
    """What a forest explains through each block of columns."""
    try:
        from sklearn.ensemble import RandomForestRegressor
    except ImportError:
        raise MissingPackage("scikit-learn", "To tell which parameters mattered") from None
    forest = RandomForestRegressor(
        TREES, max_samples=min(len(target), ROWS), oob_score=True, random_state=seed, min_samples_leaf=2
    )
    forest.fit(np.column_stack(list(blocks.values())), target)
    explained = max(0.0, float(forest.oob_score_))
    widths = [block.shape[1] for block in blocks.values()]
    starts = np.cumsum([0, *widths[:-1]])
    sums = np.add.reduceat(forest.feature_importances_, starts)
    return {name: explained * float(one) for name, one in zip(blocks, sums, strict=True)}
