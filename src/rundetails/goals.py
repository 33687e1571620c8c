"""Which direction of a metric is better, guessed from its name."""

from __future__ import annotations

import re

from .contract import Goal

_LOWER_IS_BETTER = frozenset(
    "loss error err mae mse rmse mape smape rmsle msle mrd perplexity ppl wer cer nll regret deviance logloss brier "
    "fid kid ece latency divergence kl cost penalty".split()
)
_HIGHER_IS_BETTER = frozenset(
    "accuracy acc auc auroc auprc auc_roc roc_auc ap map f1 fbeta precision recall sensitivity specificity iou miou "
    "dice jaccard bleu rouge meteor r2 score reward return psnr ssim mrr ndcg kappa mcc correlation spearman pearson "
    "throughput success win_rate elo".split()
)
_UNDECIDED = frozenset({"lr", "epoch", "step", "norm", "grad", "count", "size", "time", "scale"})


def guess_goal(name: str) -> Goal | None:
    """`"min"`, `"max"`, or None when the name tells nothing.

    >>> guess_goal("val/loss"), guess_goal("train_accuracy"), guess_goal("neg_mean_squared_error")
    ('min', 'max', 'max')
    >>> guess_goal("learning_rate") is None
    True
    """
    tail = name.rsplit("/", 1)[-1]
    words = re.findall(r"[a-z]+\d?|\d+", re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", tail).lower())
    if not words:
        return None
    if words[-1] in _UNDECIDED:
        return None
    found: Goal | None = None
    if "error" in words or "loss" in words:
        found = "min"
    else:
        decided = (word for word in reversed(words) if word in _LOWER_IS_BETTER or word in _HIGHER_IS_BETTER)
        word = next(decided, None)
        if word is not None:
            found = "min" if word in _LOWER_IS_BETTER else "max"
    if found == "min" and words[0] in ("neg", "negative"):
        return "max"
    return found
