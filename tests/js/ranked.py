"""Gain, lift, calibration and the means of curves, from raw labels and scores, by the definitions of textbooks.

An oracle for js/src/charts/accuracy.ts, which has only tables of counts: nothing of it is used here.
"""

import itertools
from collections.abc import Sequence

import numpy as np
import pandas as pd

Line = tuple[np.ndarray, np.ndarray]
"""Places and heights."""


def gain(is_true: np.ndarray, scores: np.ndarray) -> Line:
    """Which share of all positives is among the rows with the highest scores, by the share of rows that are looked at.

    Rows of one score have no order among them: they are looked at together.
    """
    groups = pd.DataFrame({"score": scores, "is_true": is_true}).groupby("score")["is_true"].agg(["count", "sum"])
    looked_at = groups.sort_index(ascending=False).cumsum()
    rows, found = looked_at["count"].to_numpy(), looked_at["sum"].to_numpy()
    return np.append(0, rows / len(scores)), np.append(0, found / np.sum(is_true))


def known_at(line: Line, scores: np.ndarray, bounds: np.ndarray) -> Line:
    """What is left of a gain where rows are only looked at from one of the bounds on, and its ends."""
    x, y = line
    known = np.isin(x, [0, 1, *(np.sum(scores >= bound) / len(scores) for bound in bounds)])
    return x[known], y[known]


def lift(is_true: np.ndarray, scores: np.ndarray) -> Line:
    """How many times as many positives are among the rows that are looked at as among all rows."""
    x, y = [], []
    for least in sorted(set(scores.tolist()), reverse=True):
        looked_at = is_true[scores >= least]
        x.append(len(looked_at) / len(is_true))
        y.append(np.mean(looked_at) / np.mean(is_true))
    return np.array(x), np.array(y)


def mean_of(lines: Sequence[Line], weights: Sequence[float]) -> Line:
    """The weighted mean of lines at every place of one of them, straight between the places of the others."""
    places = np.unique(np.concatenate([x for x, _ in lines]))
    return places, np.average([np.interp(places, x, y) for x, y in lines], axis=0, weights=weights)


def mean_lift(lines: Sequence[Line], weights: Sequence[float]) -> Line:
    """The weighted mean of lifts, from the gains of the classes."""
    places, _ = mean_of(lines, weights)
    each = [np.interp(places[1:], x, y) / places[1:] for x, y in lines]
    return places[1:], np.average(each, axis=0, weights=weights)


def mean_calibration(parts: Sequence[Line], weights: Sequence[float], bins: int = 10) -> Line:
    """The weighted mean of calibrations bin by bin, each of the classes that have rows in the bin.

    `parts`: labels and scores of each class.
    """
    edges = np.linspace(0, 1, bins + 1)
    x, y = [], []
    for low, high in itertools.pairwise(edges):
        found = []
        for (is_true, scores), weight in zip(parts, weights, strict=True):
            inside = (scores >= low) & ((scores < high) | (high == 1))
            if inside.any():
                found.append((np.mean(scores[inside]), np.mean(is_true[inside]), weight))
        if found:
            means, shares, those = zip(*found, strict=True)
            x.append(np.average(means, weights=those))
            y.append(np.average(shares, weights=those))
    return np.array(x), np.array(y)
