"""What a model is made of: real pipelines under MLflow's autologging, and real trials of Azure AutoML."""

import dataclasses
import json

import pytest

from python.test_choosing_corpus import outputs
from rundetails.facts import Run
from rundetails.runtypes import fitted_parts
from rundetails.sources import SqliteSource
from rundetails.wire import run_facts


def shape(parts):
    return {part.id: (part.label, part.detail, set(part.after)) for part in parts}


@pytest.fixture
def autologged(tmp_path):
    """Fits a model under autologging and reads its run from the store."""
    import mlflow
    from mlflow.utils.autologging_utils import autologging_is_disabled

    from rundetails import create_store

    path = tmp_path / "mlflow.db"
    create_store(path)
    before = mlflow.get_tracking_uri()
    mlflow.set_tracking_uri(f"sqlite:///{path}")
    assert autologging_is_disabled("sklearn")
    mlflow.sklearn.autolog(log_models=False, silent=True)

    def fit(model, *data):
        with mlflow.start_run() as run:
            model.fit(*data)
        return SqliteSource(path).find(run.info.run_id)

    yield fit
    mlflow.sklearn.autolog(disable=True)
    mlflow.set_tracking_uri(before)


def table():
    import numpy as np
    import pandas as pd

    chance = np.random.default_rng(1)
    frame = pd.DataFrame({"age": chance.random(60), "income": chance.random(60), "city": ["a", "b", "c"] * 20})
    return frame, [0, 1] * 30


def model():
    from sklearn.compose import ColumnTransformer
    from sklearn.decomposition import PCA
    from sklearn.ensemble import RandomForestClassifier, VotingClassifier
    from sklearn.impute import SimpleImputer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import FeatureUnion, Pipeline
    from sklearn.preprocessing import OneHotEncoder, StandardScaler

    numbers = Pipeline([("impute", SimpleImputer()), ("scale", StandardScaler())])
    columns = [("num", numbers, ["age", "income"]), ("cat", OneHotEncoder(), ["city"]), ("rest", "drop", [])]
    both = FeatureUnion([("pca", PCA(2)), ("keep", "passthrough")])
    vote = VotingClassifier([("lr", LogisticRegression(C=3)), ("rf", RandomForestClassifier(5))])
    return Pipeline([("prep", ColumnTransformer(columns)), ("both", both), ("vote", vote)])


EXPECTED = {
    "data": ("Data", "", set()),
    "prep__num__impute": ("SimpleImputer", "age, income: num: impute", {"data"}),
    "prep__num__scale": ("StandardScaler", "scale", {"prep__num__impute"}),
    "prep__cat": ("OneHotEncoder", "city: cat", {"data"}),
    "both__pca": ("PCA", "pca", {"prep__num__scale", "prep__cat"}),
    "vote__lr": ("LogisticRegression", "lr", {"both__pca", "prep__num__scale", "prep__cat"}),
    "vote__rf": ("RandomForestClassifier", "rf", {"both__pca", "prep__num__scale", "prep__cat"}),
    "vote": ("VotingClassifier", "vote", {"vote__lr", "vote__rf"}),
}


def test_a_pipeline_of_scikit_learn_is_its_parts_in_the_order_of_the_data(autologged):
    run = autologged(model(), *table())
    parts = fitted_parts(run)
    assert shape(parts) == EXPECTED
    seen = set()
    for part in parts:
        assert set(part.after) <= seen, "each comes after those that it depends on"
        seen.add(part.id)
    # Lists that were too long to be written whole: the parts are parameters of their own, only the columns are lost.
    lists = ("steps", "transformers", "transformer_list", "estimators")
    cut = {name: text[:60] + "..." if name.endswith(lists) else text for name, text in run.parameters.items()}
    columns = ("age, income: ", "city: ")
    bare = dict(EXPECTED)
    for name in ("prep__num__impute", "prep__cat"):
        label, detail, after = bare[name]
        bare[name] = (label, detail.removeprefix(columns[0]).removeprefix(columns[1]), after)
    assert shape(fitted_parts(dataclasses.replace(run, parameters=cut))) == bare
    assert [part["label"] for part in run_facts(run)["fitted"]] == [label for label, _, _ in EXPECTED.values()]


def test_a_search_shows_the_pipeline_that_it_searches_for(autologged):
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import GridSearchCV
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    frame, target = table()
    search = GridSearchCV(
        make_pipeline(StandardScaler(), LogisticRegression()), {"logisticregression__C": [1, 2]}, cv=2
    )
    run = autologged(search, frame[["age", "income"]], target)
    assert [part.label for part in fitted_parts(run)] == ["Data", "StandardScaler", "LogisticRegression"]


def test_one_estimator_is_no_graph(autologged):
    from sklearn.linear_model import LogisticRegression

    frame, target = table()
    assert fitted_parts(autologged(LogisticRegression(), frame[["age"]], target)) == []


def test_an_ensemble_of_azure_automl_is_its_members_with_their_weights():
    name = "automl-child-completed-dea4ebe6.json"
    output = dict(outputs())[name]
    said = output["run_properties"]["properties"]
    run = Run("x", "x", "x", tags={f"rundetails.property.{key}": text or "" for key, text in said.items()})
    data, *members, ensemble = fitted_parts(run)
    assert [part.label for part in members] == json.loads(said["ensembled_algorithms"].replace("'", '"'))
    assert members[7].detail == "iteration 1, 40%"
    assert ensemble.label == "VotingEnsemble"
    assert ensemble.after == tuple(part.id for part in members)
    assert {part.after for part in members} == {(data.id,)}


def test_a_trial_of_azure_automl_is_its_preprocessor_and_its_algorithm():
    run = Run("x", "x", "x", tags={"run_algorithm": "LightGBM", "run_preprocessor": "MaxAbsScaler"})
    assert [part.label for part in fitted_parts(run)] == ["Data", "MaxAbsScaler", "LightGBM"]


@pytest.mark.parametrize(
    "steps",
    ["", "[", "[(", "[(1,)]", "()", "None", "[('a', b)]" * 500, "(" * 5_000, "[('a', " * 200, "[('x', 'drop')]", "\0"],
)
def test_a_list_that_makes_no_sense_is_no_graph_and_no_error(steps):
    tags = {"estimator_name": "Pipeline", "estimator_class": "sklearn.pipeline.Pipeline"}
    assert fitted_parts(Run("x", "x", "x", tags=tags, parameters={"steps": steps})) == []


def test_a_pipeline_within_itself_ends():
    tags = {"estimator_name": "Pipeline", "estimator_class": "sklearn.pipeline.Pipeline"}
    endless = {f"{'a__' * depth}steps": "[('a', Pipeline()), ('b', B()), ('c', C())]" for depth in range(40)}
    parts = fitted_parts(Run("x", "x", "x", tags=tags, parameters=endless))
    assert 2 < len(parts) <= 61


def test_secrets_in_a_part_stay_hidden():
    tags = {"estimator_name": "Pipeline", "estimator_class": "sklearn.pipeline.Pipeline"}
    column = "https://x.blob.core.windows.net/a?sig=abcdefghijklmnopqrstuvwxyz0123456789"
    steps = "[('a', ColumnTransformer(x=1)), ('b', B())]"
    parameters = {"steps": steps, "a__transformers": f"[('n', N(), ['{column}'])]"}
    told = json.dumps(run_facts(Run("x", "x", "x", tags=tags, parameters=parameters))["fitted"])
    assert "B" in told
    assert "abcdefghij" not in told
