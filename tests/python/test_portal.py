"""Addresses of runs in web interfaces."""

import pytest

from rundetails.facts import Run
from rundetails.sources.portal import portal_url, web_address

AZURE = (
    "azureml://westeurope.api.azureml.ms/mlflow/v1.0/subscriptions/1234-ab/resourceGroups/my.group/"
    "providers/Microsoft.MachineLearningServices/workspaces/my_workspace"
)


@pytest.mark.parametrize(
    ("store", "expected"),
    [
        ("http://localhost:5000", "http://localhost:5000/#/experiments/7/runs/4f"),
        ("http://localhost:5000/", "http://localhost:5000/#/experiments/7/runs/4f"),
        ("HTTPS://ml.example/team/a", "https://ml.example/team/a/#/experiments/7/runs/4f"),
        ("https://ada:pass%40word@ml.example:8443/?token=x#y", "https://ml.example:8443/#/experiments/7/runs/4f"),
        ("http://[::1]:5000", "http://[::1]:5000/#/experiments/7/runs/4f"),
        (
            AZURE,
            "https://ml.azure.com/runs/4f?wsid=/subscriptions/1234-ab/resourcegroups/my.group/workspaces/my_workspace",
        ),
        ("azureml://elsewhere", None),
        ("databricks", None),
        ("sqlite:///mlflow.db", None),
        ("file:///tmp/mlruns", None),
        ("javascript:alert(1)", None),
        ("http://", None),
        ("http://host:port/", None),
        ("", None),
    ],
)
def test_each_kind_of_store_has_its_rule(store, expected):
    assert portal_url(store, Run("4f"), "7") == expected


def test_databricks_needs_the_address_of_its_workspace():
    url = portal_url("databricks://profile", Run("4f"), "7", host="https://adb-1.azuredatabricks.net/")
    assert url == "https://adb-1.azuredatabricks.net/ml/experiments/7/runs/4f"


def test_ids_are_quoted():
    url = portal_url("http://host", Run('x/../"><script>'), "7 8")
    assert url == "http://host/#/experiments/7%208/runs/x%2F..%2F%22%3E%3Cscript%3E"


def test_nothing_secret_stays_in_an_address():
    assert web_address("https://user:secret@host/path?sig=secret#secret") == "https://host/path"
