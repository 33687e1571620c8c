"""Where a browser shows a run: the rules for the addresses of each kind of store."""

from __future__ import annotations

import re
from urllib.parse import quote, urlsplit, urlunsplit

from ..facts import Run


def portal_url(store: str, run: Run, experiment_id: str, host: str | None = None) -> str | None:
    """The page of a run in the web interface of the store at address `store`; None when it has none.

    `host`: address of the workspace, for `databricks` stores, which do not name it themselves.

    >>> portal_url("https://ada:secret@mlflow.example/team", Run("4f"), "7")
    'https://mlflow.example/team/#/experiments/7/runs/4f'
    """
    scheme = store.partition(":")[0].lower()
    run_id, experiment = quote(run.id, safe=""), quote(experiment_id, safe="")
    if scheme in ("http", "https"):
        base = web_address(store)
        return f"{base}/#/experiments/{experiment}/runs/{run_id}" if base else None
    if scheme in ("databricks", "databricks-uc"):
        base = web_address(host or "")
        return f"{base}/ml/experiments/{experiment}/runs/{run_id}" if base else None
    if scheme == "azureml":
        return _studio_url(store, run_id)
    return None


def experiment_url(store: str, experiment_id: str, host: str | None = None) -> str | None:
    """The page of an experiment, likewise.

    >>> experiment_url("https://mlflow.example", "7")
    'https://mlflow.example/#/experiments/7'
    """
    if store.partition(":")[0].lower() not in ("http", "https", "databricks", "databricks-uc"):
        return None
    of_a_run = portal_url(store, Run(""), experiment_id, host)
    return of_a_run and of_a_run.removesuffix("/runs/")


def web_address(address: str) -> str | None:
    """The address without user, password, query and fragment; None unless it is http or https.

    >>> web_address("javascript:alert(1)") is None
    True
    """
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        return None
    if parts.scheme.lower() not in ("http", "https") or not parts.hostname:
        return None
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return urlunsplit((parts.scheme.lower(), f"{host}:{port}" if port else host, parts.path.rstrip("/"), "", ""))


def _studio_url(store: str, run_id: str) -> str | None:
    found = re.search(
        r"/subscriptions/(?P<subscription>[\w-]+)/resourceGroups/(?P<group>[\w.()-]+)/.*?/workspaces/(?P<workspace>[\w.-]+)",
        store,
        re.IGNORECASE,
    )
    if found is None:
        return None
    scope = "/subscriptions/{subscription}/resourcegroups/{group}/workspaces/{workspace}".format(**found.groupdict())
    return f"https://ml.azure.com/runs/{run_id}?wsid={quote(scope, safe='/')}"
