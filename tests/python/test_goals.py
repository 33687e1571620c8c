"""Which direction is better, from the name."""

import pytest

from rundetails.goals import guess_goal


@pytest.mark.parametrize(
    "name",
    "loss train/loss val_loss validation-mse rmse trainLoss error_rate cross_entropy_loss perplexity "
    "mean_squared_error "
    "eval/wer accuracy_loss".split(),
)
def test_lower_is_better(name):
    assert guess_goal(name) == "min"


@pytest.mark.parametrize(
    "name",
    "accuracy val/accuracy valAcc f1 f1_score roc_auc AUC_weighted r2 neg_log_loss neg_mean_squared_error mAP".split(),
)
def test_higher_is_better(name):
    assert guess_goal(name) == "max"


@pytest.mark.parametrize("name", ["learning_rate", "lr", "epoch", "", "///", "🎯", "grad_norm", "foo", "system/cpu"])
def test_some_names_tell_nothing(name):
    assert guess_goal(name) is None
