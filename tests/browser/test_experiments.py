"""An experiment in a real page: its runs as they come, whoever writes them."""

from __future__ import annotations

from playwright.sync_api import expect

from browser.view import SECOND, view

CALLBACK = """
import warnings
import mlflow, optuna
from optuna.integration.mlflow import MLflowCallback
from rundetails import RunDetails, create_store
warnings.filterwarnings("ignore")
optuna.logging.set_verbosity(optuna.logging.ERROR)
mlflow.set_tracking_uri(create_store("flat.db"))
experiment = mlflow.set_experiment("<img src=x onerror=alert(1)> study")
details = RunDetails(experiment, refresh=0.5)
details.show()
"""

SEARCH = """
def objective(trial):
    rate = trial.suggest_float("lr", 1e-5, 1e-1, log=True)
    kind = trial.suggest_categorical("kind", ["a", "b"])
    if trial.number % 5 == 4:
        raise optuna.TrialPruned
    return rate + (kind == "b")

study = optuna.create_study(study_name=experiment.name)
study.optimize(objective, n_trials=15, callbacks=[MLflowCallback(mlflow.get_tracking_uri(), metric_name="score")])
"""


def test_flat_trials_of_optunas_callback_are_a_sweep(notebook):
    opened = notebook(
        CALLBACK, SEARCH, "details.children['metrics.score'].min() == study.best_value", "details.close()"
    )
    opened.run(0, 120)
    page = opened.page
    expect(page.locator(".rd-empty")).to_contain_text("No runs in this experiment yet")
    expect(view(page)).to_have_attribute("data-status", "NotStarted")
    expect(view(page).get_by_role("tab")).to_have_text(["Runs0"])
    opened.screen.screenshot("experiment-empty")
    searching = opened.start(1)
    expect(view(page).get_by_role("tab", name="Trials")).to_be_visible(timeout=60 * SECOND)
    expect(view(page)).to_have_attribute("data-status", "Running")
    opened.wait(searching, 120)
    expect(page.locator(".rd-loaded")).to_have_text("15 of 15 loaded", timeout=60 * SECOND)
    expect(page.locator(".rd-chips")).to_contain_text("Pruned 3")
    expect(page.locator(".rd-name")).to_have_text("<img src=x onerror=alert(1)> study")
    opened.screen.screenshot("experiment-flat")
    page.locator("[data-child]").first.hover()
    page.locator("[data-child] .rd-open").first.click()
    expect(page.locator(".rd-trail")).to_contain_text("study")
    expect(view(page)).to_have_attribute("data-status", "Completed", timeout=30 * SECOND)
    page.locator(".rd-trail button").click()
    expect(page.locator(".rd-loaded")).to_have_text("15 of 15 loaded")
    opened.run(2)
    assert opened.said(2).strip() in ("True", "np.True_")
    # A picture is made once a minute, and once more when the view is closed.
    opened.run(3)
    opened.save()
    outputs = opened.server.saved_outputs(opened.name, 0)
    twin = "".join("".join(output.get("data", {}).get("text/html", "")) for output in outputs)
    assert "15 trials (12 completed, 3 pruned)" in twin
    assert "<img src=x" not in twin
    assert opened.errors() == []
