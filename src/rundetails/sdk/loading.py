"""Models that a run logged with MLflow: where they are, and how they are loaded."""

from __future__ import annotations

import contextlib
from importlib import import_module
from typing import TYPE_CHECKING, Any

from ..errors import RunDetailsError

if TYPE_CHECKING:
    from .workspace import Workspace

FLAVORS = ("sklearn", "lightgbm", "xgboost", "catboost", "keras", "pytorch", "tensorflow", "transformers")
"""Tried in this order; `pyfunc` loads any."""


class NoModel(RunDetailsError):
    """A run logged no model with MLflow."""


def model_address(workspace: Workspace, run_id: str) -> str | None:
    """MLflow's address of the last model that the run logged; None when it logged none."""
    run = workspace.client.get_run(run_id)
    outputs = getattr(getattr(run, "outputs", None), "model_outputs", None) or []
    if outputs:
        return f"models:/{outputs[-1].model_id}"
    with workspace.reading() as source:
        for folder in [entry.path for entry in source.artifacts(run_id) if entry.is_folder]:
            if any(entry.path == f"{folder}/MLmodel" for entry in source.artifacts(run_id, folder)):
                return f"runs:/{run_id}/{folder}"
    return None


def load_model(workspace: Workspace, address: str) -> Any:
    """The model itself: this runs code that lies in the store."""
    import mlflow

    before = mlflow.get_tracking_uri()
    mlflow.set_tracking_uri(workspace.tracking_uri)
    try:
        from mlflow.models import get_model_info

        flavors = get_model_info(address).flavors
        for flavor in FLAVORS:
            if flavor in flavors:
                with contextlib.suppress(ImportError):
                    return import_module(f"mlflow.{flavor}").load_model(address)
        return mlflow.pyfunc.load_model(address)
    finally:
        mlflow.set_tracking_uri(before)
