"""What each producer writes, and what is made of it: real producers where they run here, their recorded words else."""

import json
import math
import time
import warnings

import pytest

from rundetails import Experiment, Workspace
from rundetails.facts import Child, Run, Status
from rundetails.family import read_family
from rundetails.monitor import RunState
from rundetails.runtypes import listed_children, run_type_of
from rundetails.sources import SqliteSource
from rundetails.sources.experiments import ExperimentSource
from rundetails.twin import twin_html, twin_text
from stores import Store


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "mlflow.db")


@pytest.fixture(autouse=True)
def _mlflow_as_it_was(monkeypatch):
    """MLflow remembers, in the process and in its environment, what it was told to write to."""
    from mlflow.tracking import fluent
    from mlflow.tracking._tracking_service import utils

    monkeypatch.setattr(utils, "_tracking_uri", utils._tracking_uri)
    monkeypatch.setattr(fluent, "_active_experiment_id", None)
    for name in ("MLFLOW_TRACKING_URI", "MLFLOW_EXPERIMENT_ID"):
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)
    yield
    import mlflow

    # FLAML leaves one open when it raises.
    while mlflow.active_run() is not None:
        mlflow.end_run()


def use(store):
    """What MLflow's functions write to, here and now: they remember the experiment of another test."""
    import mlflow

    mlflow.set_tracking_uri(store.uri)
    mlflow.set_experiment("Default")


def child(name="c", status=Status.COMPLETED, metrics=None, tags=None, **parameters):
    return Child(
        Run(name, name, status=status, parent="p", parameters=parameters, tags=tags or {}),
        {} if metrics is None else metrics,
    )


def family(run, children):
    kind = run_type_of(run, children)
    return kind, kind.family(run, children)


def test_a_run_without_children_is_an_ordinary_one():
    kind, found = family(Run("r"), [])
    assert (kind.name, found.kind, found.metric) == ("run", "nested", None)


def test_children_that_differ_in_parameters_are_a_sweep():
    children = [child(f"c{n}", lr=str(n), depth="3", metrics={"val_loss": n, "train_loss": n}) for n in range(3)]
    kind, found = family(Run("p"), children)
    assert (kind.name, found.kind, found.metric, found.goal) == ("sweep", "sweep", "val_loss", "min")


def test_children_that_are_alike_are_just_nested():
    assert family(Run("p"), [child("a", lr="1"), child("b", lr="1")])[1].kind == "nested"


def test_azure_automl_is_read_from_one_read_of_the_parent():
    """Columns as in a public sample: semicolons, in chunks; one iteration failed, one has not ended."""
    tags = {
        "azureml.runsource": "automl",
        "iteration_000": "0;1;",
        "iteration_001": "2;3;",
        "score_000": "0.91;nan;",
        "score_001": "0.95;;",
        "run_algorithm_000": "LightGBM;XGBoostClassifier;",
        "run_algorithm_001": "VotingEnsemble;;",
        "run_preprocessor_000": "MaxAbsScaler;StandardScaler;",
        "run_preprocessor_001": ";;",
        "fit_time_000": "4;5.5;",
        "fit_time_001": "9;;",
        "training_percent_000": "100;50;",
        "training_percent_001": "100;100;",
        "rundetails.property.primary_metric": "AUC_weighted",
        "rundetails.property.num_iterations": "20",
        "rundetails.property.AMLSettingsJsonString": json.dumps(
            {"metric_operation": "maximize", "experiment_timeout_minutes": 30}
        ),
        "automl_best_child_run_id": "AutoML_1_2",
    }
    run = Run("AutoML_1", type="automl", tags=tags)
    told = listed_children(run, lambda _: None)
    assert [one.run.id for one in told] == ["AutoML_1_0", "AutoML_1_1", "AutoML_1_2", "AutoML_1_3"]
    assert [one.run.status for one in told] == [Status.COMPLETED, Status.FAILED, Status.COMPLETED, Status.RUNNING]
    assert told[0].metrics == {"AUC_weighted": 0.91}
    assert math.isnan(told[1].metrics["AUC_weighted"])
    assert not any(one.is_run for one in told)
    setup = Child(Run("AutoML_1_setup", parent="AutoML_1"))
    real = Child(
        Run("AutoML_1_2", "VotingEnsemble", status=Status.COMPLETED, parent="AutoML_1"), {"AUC_weighted": 0.95}
    )
    kind, found = family(run, told)
    assert (found.kind, found.metric, found.goal, found.iterations) == ("automl", "AUC_weighted", "max", 20)
    assert (found.best, found.seconds) == ("AutoML_1_2", 1800)
    places = [kind.place(one) for one in told]
    assert [place.number for place in places] == [0, 1, 2, 3]
    assert (places[0].label, places[0].preprocessor, places[0].seconds) == ("LightGBM", "MaxAbsScaler", 4)
    assert (places[0].sampling, places[1].sampling) == (None, 50)
    joined = {one.run.id: one for one in kind.joined(run, told, [setup, real])}
    assert len(joined) == 5
    assert joined["AutoML_1_2"].is_run
    assert kind.place(joined["AutoML_1_2"]).label == "VotingEnsemble"
    assert kind.place(joined["AutoML_1_setup"]).is_apart


def test_azure_children_speak_for_themselves():
    tags = {"iteration": "7", "run_algorithm": "KNN", "run_preprocessor": "SparseNormalizer", "training_percent": "100"}
    kind = run_type_of(Run("AutoML_2", type="automl"))
    place = kind.place(child("AutoML_2_7", tags=tags))
    assert (place.number, place.label, place.preprocessor) == (7, "KNN", "SparseNormalizer")


def test_hyperdrive_children_get_their_parameters_from_the_parent():
    tags = {
        "_aml_system_HD_1_0": '{"--lr": 0.1, "--n": 3}',
        "HD_1_1": '{"--lr": 0.2, "--n": 4}',
        "rundetails.property.primary_metric_config": '{"name": "Accuracy", "goal": "maximize"}',
        "rundetails.property.best_child_run_id": "HD_1_1",
        "_aml_system_max_total_jobs": "8",
        "hyper_parameters": '{"--lr": ["loguniform", [-6, -1]], "--n": ["choice", [[3, 4]]]}',
    }
    run = Run("HD_1", type="hyperdrive", tags=tags)
    kind, found = family(run, [])
    assert (found.kind, found.metric, found.goal, found.best) == ("sweep", "Accuracy", "max", "HD_1_1")
    assert found.iterations == 8
    assert found.scales == {"--lr": "log", "--n": "categorical"}
    joined = kind.joined(run, [], [child("HD_1_0"), child("HD_1_1")])
    assert [dict(one.run.parameters) for one in joined] == [{"--lr": "0.1", "--n": "3"}, {"--lr": "0.2", "--n": "4"}]
    assert [kind.place(one).number for one in joined] == [0, 1]


def test_trials_of_ray_tune_are_numbered_and_its_bookkeeping_is_no_score():
    """As MLflowLoggerCallback of Ray 2.60.0 wrote them."""
    told = {
        "timestamp": 1795578937.0, "done": 1.0, "training_iteration": 8.0, "time_this_iter_s": 0.05, "pid": 24372.0,
        "time_total_s": 0.37, "time_since_restore": 0.37, "iterations_since_restore": 8.0, "config/lr": 2.0,
    }  # fmt: skip
    trials = [
        child(str(number), tags={"trial_name": f"train_0928c_{number:05}"}, metrics={**told, "reward": number / 10})
        for number in (3, 0, 11)
    ]
    kind, found = family(Run("experiment:ray"), trials)
    assert (found.kind, found.producer, found.metric) == ("sweep", "Ray Tune", "reward")
    assert [kind.place(one).number for one in trials] == [3, 0, 11]
    alone = run_type_of(trials[0].run)
    assert alone.headline([*told, "reward"]) == ["reward"]
    odd = child("x", tags={"trial_name": "train"})
    assert run_type_of(odd.run).place(odd).number is None


def test_pipeline_steps_know_what_they_wait_for():
    steps = [
        child("1", tags={"rundetails.step": "prepare"}),
        child("2", tags={"rundetails.step": "train", "rundetails.after": "prepare"}),
        child("3", tags={"rundetails.step": "report", "rundetails.after": "train", "azureml.isreused": "true"}),
    ]
    kind, found = family(Run("p"), steps)
    assert found.kind == "pipeline"
    assert [(kind.place(one).label, kind.place(one).after) for one in steps] == [
        ("prepare", ""),
        ("train", "prepare"),
        ("report", "train"),
    ]
    assert [kind.place(one).is_reused for one in steps] == [False, False, True]


def test_a_leaderboard_of_autogluon_that_was_logged_as_a_table(store):
    run = Experiment(Workspace(store.path), "gluon").start_logging()
    for order, (model, score) in enumerate([("WeightedEnsemble_L2", 0.93), ("LightGBM", 0.92), ("KNeighbors", 0.7)]):
        run.log_row("leaderboard", model=model, score_val=score, fit_time=1.5, fit_order=3 - order)
    run.complete()
    found = read_family(SqliteSource(store.path), run.id)
    children = found.children
    assert (children.family.kind, children.family.producer, children.family.goal) == ("automl", "AutoGluon", "max")
    assert [children.kind.place(one).label for one in found.ranked()] == [
        "WeightedEnsemble_L2",
        "LightGBM",
        "KNeighbors",
    ]
    assert children.kind.place(found.best()).number == 3


def test_a_table_that_is_no_leaderboard_is_left_alone(store):
    run = Experiment(Workspace(store.path), "tables").start_logging()
    run.log_row("leaderboard", player="ada", points=3)
    run.complete()
    assert read_family(SqliteSource(store.path), run.id).children.all == {}


@pytest.fixture
def optuna():
    found = pytest.importorskip("optuna")
    found.logging.set_verbosity(found.logging.ERROR)
    warnings.simplefilter("ignore", category=found.exceptions.ExperimentalWarning)
    return found


def objective(trial, optuna):
    rate = trial.suggest_float("lr", 1e-5, 1e-1, log=True)
    trial.suggest_categorical("optimizer", ["adam", "sgd"])
    layers = trial.suggest_int("layers", 1, 4)
    for step in range(3):
        trial.report(layers - step * rate, step)
    if trial.number in (2, 4):
        raise optuna.TrialPruned
    if trial.number == 3:
        raise ValueError("diverged")
    return layers + rate


def test_optuna_with_mlflows_storage(store, optuna):
    """The study is a run that stays RUNNING for ever; pruned trials are killed runs."""
    storage = pytest.importorskip("mlflow.optuna.storage")
    import mlflow

    use(store)
    study = optuna.create_study(
        storage=storage.MlflowStorage(experiment_id="0"), study_name="layers", direction="minimize"
    )
    study.optimize(lambda trial: objective(trial, optuna), n_trials=6, catch=(ValueError,))
    study._storage.flush_all_batches() if hasattr(study._storage, "flush_all_batches") else None
    (run_id,) = (row.info.run_id for row in mlflow.MlflowClient().search_runs(["0"], "attributes.run_name = 'layers'"))
    found = read_family(SqliteSource(store.path), run_id)
    children = found.children
    assert found.run.status is Status.RUNNING
    assert (children.family.kind, children.family.producer) == ("sweep", "Optuna")
    assert (children.family.metric, children.family.goal) == ("value", "min")
    assert children.family.curve == "intermediate_value"
    assert children.family.scales == {"lr": "log", "optimizer": "categorical", "layers": "linear"}
    states = {children.kind.place(one).number: children.kind.place(one).state for one in children.all.values()}
    assert sorted(states) == [0, 1, 2, 3, 4, 5]
    assert {number for number, state in states.items() if state == "Pruned"} == {2, 4}
    failed = [one for one in children.all.values() if one.run.status is Status.FAILED]
    assert [children.kind.place(one).number for one in failed] == [3]
    assert children.family.is_over
    assert children.kind.headline(["trial_id", "loss"]) == ["loss"]
    state = RunState(found.run, children=children)
    assert "All trials ended" in twin_text(state, time.time())
    assert "running for" not in twin_html(state, "k", time.time())
    assert found.best().metrics["value"] == study.best_value
    assert children.kind.place(found.best()).number == study.best_trial.number


def test_optuna_with_its_callback_inside_a_run(store, optuna):
    """All trials end as finished runs: what became of them stands in a tag."""
    integration = pytest.importorskip("optuna.integration.mlflow")
    import mlflow

    use(store)
    with mlflow.start_run(run_name="search") as parent:
        study = optuna.create_study(direction="maximize")
        callback = integration.MLflowCallback(store.uri, metric_name="score", mlflow_kwargs={"nested": True})
        study.optimize(lambda trial: objective(trial, optuna), n_trials=6, callbacks=[callback], catch=(ValueError,))
    found = read_family(SqliteSource(store.path), parent.info.run_id)
    children = found.children
    assert (children.family.producer, children.family.metric, children.family.goal) == ("Optuna", "score", "max")
    assert children.family.curve == ""
    pruned = {children.kind.place(one).number for one in children.all.values() if children.kind.place(one).state}
    assert {2, 4} <= pruned
    assert found.best().metrics["score"] == study.best_value
    assert children.family.scales["lr"] == "log"


def test_optuna_with_its_callback_alone(store, optuna):
    """Trials lie flat in an experiment of their own, named like the study, each written when it has ended."""
    integration = pytest.importorskip("optuna.integration.mlflow")

    use(store)
    study = optuna.create_study(direction="maximize", study_name="flat")
    callback = integration.MLflowCallback(store.uri, metric_name="score")
    study.optimize(lambda trial: objective(trial, optuna), n_trials=6, callbacks=[callback], catch=(ValueError,))
    found = read_family(ExperimentSource(SqliteSource(store.path)), "experiment:flat")
    children = found.children
    assert (found.run.name, found.run.status) == ("flat", Status.RUNNING)
    assert (children.family.kind, children.family.producer, children.family.goal) == ("sweep", "Optuna", "max")
    assert {2, 4} <= {
        children.kind.place(one).number for one in children.all.values() if children.kind.place(one).state
    }
    assert found.best().metrics["score"] == study.best_value
    assert [children.kind.place(one).number for one in children.all.values()] == list(range(6))


def test_optuna_with_two_objectives(store, optuna):
    storage = pytest.importorskip("mlflow.optuna.storage")
    import mlflow

    use(store)
    study = optuna.create_study(
        storage=storage.MlflowStorage(experiment_id="0"), study_name="two", directions=["minimize", "maximize"]
    )
    study.optimize(lambda trial: (trial.suggest_float("x", 0, 1), trial.suggest_float("y", 0, 1)), n_trials=4)
    (run_id,) = (row.info.run_id for row in mlflow.MlflowClient().search_runs(["0"], "attributes.run_name = 'two'"))
    facts = read_family(SqliteSource(store.path), run_id).children.family
    assert dict(facts.goals) == {"value_0": "min", "value_1": "max"}
    assert (facts.metric, facts.goal) == ("value_0", "min")


def test_scikit_learns_search_has_all_candidates_of_which_five_are_runs(store):
    pytest.importorskip("sklearn")
    import mlflow
    import mlflow.sklearn
    from sklearn.datasets import load_iris
    from sklearn.model_selection import GridSearchCV
    from sklearn.tree import DecisionTreeClassifier

    use(store)
    mlflow.sklearn.autolog(log_models=False, log_datasets=False, silent=True)
    try:
        with mlflow.start_run() as parent:
            grid = {"max_depth": [1, 2, 3], "min_samples_leaf": [1, 5, 9]}
            search = GridSearchCV(DecisionTreeClassifier(random_state=0), grid, cv=3).fit(*load_iris(return_X_y=True))
    finally:
        mlflow.sklearn.autolog(disable=True, silent=True)
    found = read_family(SqliteSource(store.path), parent.info.run_id)
    children = found.children
    assert (children.family.kind, children.family.producer) == ("sweep", "GridSearchCV")
    assert len(children.all) == 9
    assert sum(one.is_run for one in children.all.values()) == 5
    scores = {one.metrics["rank_test_score"]: one.metrics["mean_test_score"] for one in children.all.values()}
    assert scores[1] == pytest.approx(search.best_score_)
    best = found.best()
    assert {name: int(best.run.parameters[name]) for name in search.best_params_} == search.best_params_
    assert [children.kind.place(one).number for one in children.all.values()] == list(range(9))


@pytest.mark.slow
def test_flaml_as_it_really_is(store):
    """Its misspelt tag, its trials as nested runs, its failure after all is logged."""
    flaml = pytest.importorskip("flaml")
    if not hasattr(flaml, "AutoML"):
        pytest.skip("flaml.AutoML needs lightgbm and xgboost (or xgboost-cpu).")
    import contextlib

    import mlflow
    from sklearn.datasets import load_iris

    use(store)
    automl = flaml.AutoML()
    with mlflow.start_run(run_name="iris") as parent, contextlib.suppress(Exception):
        automl.fit(
            *load_iris(return_X_y=True),
            task="classification",
            metric="accuracy",
            max_iter=12,
            time_budget=20,
            verbose=0,
        )
    found = read_family(SqliteSource(store.path), parent.info.run_id)
    children = found.children
    assert (children.family.kind, children.family.producer) == ("automl", "FLAML")
    assert (children.family.metric, children.family.goal) == ("accuracy", "max")
    numbers = [children.kind.place(one).number for one in children.all.values()]
    assert len(numbers) >= 3
    assert len(set(numbers)) == len(numbers)
    assert all(children.kind.place(one).label for one in children.all.values())
    metrics = sorted({name for one in children.all.values() for name in one.metrics} | {"iter_counter"})
    assert "accuracy" in children.kind.headline(metrics)
    assert not {"iter_counter", "trial_time", "wall_clock_time"} & set(children.kind.headline(metrics, 99))
    assert found.best().metrics["validation_loss"] == pytest.approx(automl.best_loss)
    assert Experiment(Workspace(store.path), "Default").name == "Default"
