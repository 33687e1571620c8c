"""Records what scikit-learn makes of predictions, for vitest to compare: python tests/js/record_model_charts.py

Needs scikit-learn, which the project does not: python -m venv /tmp/sk && /tmp/sk/bin/pip install scikit-learn
"""

import json
from pathlib import Path
from typing import Any

import numpy as np
import sklearn
from sklearn import metrics
from sklearn.calibration import calibration_curve

CLASSES = 3
FILE = Path(__file__).parent / "recorded" / "model_charts.json"


def counts_at(truth: np.ndarray, scores: np.ndarray, thresholds: np.ndarray) -> list[list[int]]:
    found = []
    for threshold in thresholds:
        (true_negative, false_positive), (false_negative, true_positive) = metrics.confusion_matrix(
            truth, scores >= threshold, labels=[False, True]
        )
        found.append([int(one) for one in (true_positive, false_positive, true_negative, false_negative)])
    return found


def accuracy_table(one_hot: np.ndarray, scores: np.ndarray, thresholds: np.ndarray) -> dict[str, Any]:
    columns = range(CLASSES)
    shares = np.linspace(0, 1, 11)
    return {
        "class_labels": [f"class {one}" for one in columns],
        "probability_thresholds": thresholds.tolist(),
        "probability_tables": [counts_at(one_hot[:, one], scores[:, one], thresholds) for one in columns],
        "percentile_thresholds": shares.tolist(),
        "percentile_tables": [
            counts_at(one_hot[:, one], scores[:, one], np.quantile(scores[:, one], shares)) for one in columns
        ],
    }


def recorded() -> dict[str, Any]:
    random = np.random.default_rng(11)
    rows = 60
    truth = random.choice(CLASSES, rows, p=[0.55, 0.3, 0.15])
    raw = random.normal(size=(rows, CLASSES)) + 1.2 * np.eye(CLASSES)[truth]
    scores = (np.exp(raw) / np.exp(raw).sum(1, keepdims=True)).round(4)
    one_hot = np.eye(CLASSES, dtype=bool)[truth]
    predicted = scores.argmax(1)
    roc = {}
    for name in ("micro", "macro", "weighted"):
        area = metrics.roc_auc_score(one_hot, scores, average=name)
        roc[name] = [float(area), float(metrics.average_precision_score(one_hot, scores, average=name))]
    for one in range(CLASSES):
        areas = (metrics.roc_auc_score, metrics.average_precision_score)
        roc[str(one)] = [float(area(one_hot[:, one], scores[:, one])) for area in areas]
    false_rate, true_rate, _ = metrics.roc_curve(one_hot[:, 0], scores[:, 0], drop_intermediate=False)
    precision, recall, _ = metrics.precision_recall_curve(one_hot[:, 0], scores[:, 0])
    calibration = {}
    for name, is_true, score in [("0", one_hot[:, 0], scores[:, 0]), ("micro", one_hot.ravel(), scores.ravel())]:
        share, mean = calibration_curve(is_true, score, n_bins=10)
        calibration[name] = {"share": share.tolist(), "mean": mean.tolist()}
    per_class = metrics.precision_recall_fscore_support(truth, predicted, zero_division=0)
    return {
        "scikit-learn": sklearn.__version__,
        "accuracy_table": accuracy_table(one_hot, scores, np.unique(scores)),
        "areas": roc,
        "roc": {"x": false_rate.tolist(), "y": true_rate.tolist()},
        "precision_recall": {"x": recall[::-1].tolist(), "y": precision[::-1].tolist()},
        "coarse_table": accuracy_table(one_hot, scores, np.linspace(0, 1, 101)),
        "calibration": calibration,
        "confusion": metrics.confusion_matrix(truth, predicted).tolist(),
        "normalised": metrics.confusion_matrix(truth, predicted, normalize="true").tolist(),
        "accuracy": float(metrics.accuracy_score(truth, predicted)),
        "balanced_accuracy": float(metrics.balanced_accuracy_score(truth, predicted)),
        "per_class": [[float(value) for value in column] for column in zip(*per_class, strict=True)],
    }


if __name__ == "__main__":
    FILE.write_text(json.dumps(recorded(), separators=(",", ":")) + "\n")
