"""Records what scikit-learn and textbooks make of predictions, for vitest to compare.

.venv/bin/python tests/js/record_model_charts.py && npm run --silent fix

Needs scikit-learn and pandas, of the `demo` extra.
"""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import ranked
import sklearn
from sklearn import metrics
from sklearn.calibration import calibration_curve

CLASSES = 3
ROWS = 60
AVERAGES = ("micro", "macro", "weighted")
SHARES = np.linspace(0, 1, 11)
"""Percentiles of the scores that are thresholds."""

FILE = Path(__file__).parent / "recorded" / "model_charts.json"

Scores = tuple[np.ndarray, np.ndarray]
"""Labels one-hot, and scores: a row for each row and a column for each class."""


def softmax(raw: np.ndarray) -> np.ndarray:
    return np.exp(raw) / np.exp(raw).sum(1, keepdims=True)


def plain() -> Scores:
    random = np.random.default_rng(11)
    truth = random.choice(CLASSES, ROWS, p=[0.55, 0.3, 0.15])
    raw = random.normal(size=(ROWS, CLASSES)) + 1.2 * np.eye(CLASSES)[truth]
    return np.eye(CLASSES, dtype=bool)[truth], softmax(raw).round(4)


def few() -> Scores:
    """The first half of them."""
    one_hot, scores = plain()
    return one_hot[:30].copy(), scores[:30]


def tied() -> Scores:
    """Many rows with the same score, true ones and others. Sevenths: no score is between two bins of a calibration."""
    one_hot, scores = few()
    return one_hot, (scores * 7).round() / 7


def absent() -> Scores:
    """No row is of the last class, though some are thought to be."""
    one_hot, scores = few()
    one_hot[one_hot[:, -1], 0] = True
    one_hot[:, -1] = False
    return one_hot, scores


def certain() -> Scores:
    """Probabilities of 0 and of 1, right ones and wrong ones."""
    one_hot, scores = few()
    scores = np.where(scores > 0.7, 1.0, np.where(scores < 0.12, 0.0, scores))
    wrong = np.flatnonzero(one_hot[:, 0])[:4]
    scores[wrong] = [0.0, 1.0, 0.0]
    return one_hot, scores


CASES: dict[str, Callable[[], Scores]] = {"plain": plain, "tied": tied, "absent": absent, "certain": certain}


def counts_at(truth: np.ndarray, taken_at: Sequence[np.ndarray]) -> list[list[int]]:
    found = []
    for taken in taken_at:
        (true_negative, false_positive), (false_negative, true_positive) = metrics.confusion_matrix(
            truth, taken, labels=[False, True]
        )
        found.append([int(one) for one in (true_positive, false_positive, true_negative, false_negative)])
    return found


def fine_table(one_hot: np.ndarray, scores: np.ndarray) -> dict[str, Any]:
    """With all scores as thresholds: who has so much or more is taken."""
    thresholds = np.unique(scores)
    return {
        "class_labels": [f"class {one}" for one in range(CLASSES)],
        "probability_thresholds": thresholds.tolist(),
        "probability_tables": [
            counts_at(one_hot[:, one], [scores[:, one] >= least for least in thresholds]) for one in range(CLASSES)
        ],
    }


def above_table(one_hot: np.ndarray, scores: np.ndarray) -> dict[str, Any]:
    """The same, but who has just the threshold is not taken: none of them takes all rows."""
    found = fine_table(one_hot, scores)
    found["probability_tables"] = [
        counts_at(one_hot[:, one], [scores[:, one] > bound for bound in np.unique(scores)]) for one in range(CLASSES)
    ]
    return found


def coarse_table(one_hot: np.ndarray, scores: np.ndarray) -> dict[str, Any]:
    """As Azure ML logs it."""
    bounds, shares = np.linspace(0, 1, 101), SHARES
    columns = range(CLASSES)

    def tables(thresholds_of: Callable[[int], np.ndarray]) -> list[list[list[int]]]:
        return [
            counts_at(one_hot[:, one], [scores[:, one] >= least for least in thresholds_of(one)]) for one in columns
        ]

    return {
        "class_labels": [f"class {one}" for one in columns],
        "probability_thresholds": bounds.tolist(),
        "probability_tables": tables(lambda _: bounds),
        "percentile_thresholds": shares.tolist(),
        "percentile_tables": tables(lambda one: np.quantile(scores[:, one], shares)),
    }


def line(found: ranked.Line) -> dict[str, list[float]]:
    x, y = found
    return {"x": np.asarray(x).tolist(), "y": np.asarray(y).tolist()}


def middles(places: np.ndarray) -> np.ndarray:
    """Between the places where curves jump."""
    found = np.unique(places)
    return (found[1:] + found[:-1]) / 2


def mean_roc(curves: Sequence[ranked.Line], weights: Sequence[float]) -> ranked.Line:
    places = middles(np.concatenate([x for x, _ in curves]))
    return places, np.average([np.interp(places, x, y) for x, y in curves], axis=0, weights=weights)


def mean_precision(curves: Sequence[ranked.Line], weights: Sequence[float]) -> ranked.Line:
    """Of each class the precision at the highest threshold that finds as much."""
    places = middles(np.concatenate([recall for recall, _ in curves]))
    each = [[precision[np.flatnonzero(recall >= one)[-1]] for one in places] for recall, precision in curves]
    return places, np.average(each, axis=0, weights=weights)


def curves(one_hot: np.ndarray, scores: np.ndarray) -> dict[str, Any]:
    """By form and by class or average; what no class has rows for is left out."""
    present = [one for one in range(CLASSES) if one_hot[:, one].any()]
    support = one_hot.sum(0)[present]
    single = {str(one): (one_hot[:, one], scores[:, one]) for one in present}
    single["micro"] = (one_hot.ravel(), scores.ravel())
    found: dict[str, Any] = {"at_percentiles": {"gain": {}, "lift": {}}}

    def add(form: str, of: Callable[[np.ndarray, np.ndarray], ranked.Line], mean: Callable[..., ranked.Line]) -> None:
        found[form] = {name: line(of(*those)) for name, those in single.items()}
        each = [of(*single[str(one)]) for one in present]
        found[form] |= {"macro": line(mean(each, [1] * len(each))), "weighted": line(mean(each, support))}

    def roc(is_true: np.ndarray, score: np.ndarray) -> ranked.Line:
        return metrics.roc_curve(is_true, score, drop_intermediate=False)[:2]

    def precision_recall(is_true: np.ndarray, score: np.ndarray) -> ranked.Line:
        precision, recall, _ = metrics.precision_recall_curve(is_true, score)
        return recall, precision

    def calibration(is_true: np.ndarray, score: np.ndarray) -> ranked.Line:
        share, mean = calibration_curve(is_true, score, n_bins=10)
        return mean, share

    parts = [single[str(one)] for one in present]
    add("roc", roc, mean_roc)
    add("precision_recall", precision_recall, mean_precision)
    add("calibration", calibration, lambda _, weights: ranked.mean_calibration(parts, weights))
    add("gain", ranked.gain, ranked.mean_of)
    gains = [ranked.gain(*those) for those in parts]
    add("lift", ranked.lift, lambda _, weights: ranked.mean_lift(gains, weights))
    known = [
        ranked.known_at(one, score, np.quantile(score, SHARES)) for one, (_, score) in zip(gains, parts, strict=True)
    ]
    for form, mean in (("gain", ranked.mean_of), ("lift", ranked.mean_lift)):
        for name, weights in (("macro", [1] * len(present)), ("weighted", support)):
            found["at_percentiles"][form][name] = line(mean(known, weights))
    for one in found["precision_recall"].keys() - {"macro", "weighted"}:
        found["precision_recall"][one] = {key: values[::-1] for key, values in found["precision_recall"][one].items()}
    return found


def areas(one_hot: np.ndarray, scores: np.ndarray) -> dict[str, list[float]]:
    """AUC and average precision. A class without rows has none, and averages but micro are of the others."""
    present = one_hot.any(0)
    both = (metrics.roc_auc_score, metrics.average_precision_score)
    found = {"micro": [float(area(one_hot.ravel(), scores.ravel())) for area in both]}
    for name in ("macro", "weighted"):
        found[name] = [float(area(one_hot[:, present], scores[:, present], average=name)) for area in both]
    for one in np.flatnonzero(present).tolist():
        found[str(one)] = [float(area(one_hot[:, one], scores[:, one])) for area in both]
    return found


def case(one_hot: np.ndarray, scores: np.ndarray) -> dict[str, Any]:
    tables = {"fine": fine_table, "above": above_table, "coarse": coarse_table}
    return {
        "tables": {name: made(one_hot, scores) for name, made in tables.items()},
        "areas": areas(one_hot, scores),
        "curves": curves(one_hot, scores),
    }


def recorded() -> dict[str, Any]:
    one_hot, scores = plain()
    truth, predicted = one_hot.argmax(1), scores.argmax(1)
    per_class = metrics.precision_recall_fscore_support(truth, predicted, zero_division=0)
    return {
        "scikit-learn": sklearn.__version__,
        "cases": {name: case(*made()) for name, made in CASES.items()},
        "confusion": metrics.confusion_matrix(truth, predicted).tolist(),
        "normalised": metrics.confusion_matrix(truth, predicted, normalize="true").tolist(),
        "accuracy": float(metrics.accuracy_score(truth, predicted)),
        "balanced_accuracy": float(metrics.balanced_accuracy_score(truth, predicted)),
        "per_class": [[float(value) for value in column] for column in zip(*per_class, strict=True)],
    }


if __name__ == "__main__":
    FILE.write_text(json.dumps(recorded(), separators=(",", ":")) + "\n")
