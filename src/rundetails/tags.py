"""Tags by which a run in an MLflow store says more than MLflow has words for: written by the SDK and the engines, read
by the sources."""

from __future__ import annotations

STATUS = "rundetails.status"
"""A finer word than MLflow's five, one of `facts.Status`; counts only while the run has not ended."""

DETAIL = "rundetails.detail"
"""One sentence for people about that state: what it waits for, or why it ended."""

HEARTBEAT = "rundetails.heartbeat"
"""Time of the latest heartbeat: seconds since 1970-01-01 UTC."""

STARTED = "rundetails.started"
"""When its script began to run: seconds since 1970-01-01 UTC; MLflow's own time is when the run was made."""

TYPE = "rundetails.type"
"""What made the run: `script` when it was submitted, `interactive` when it was begun in a session."""

COMPUTE = "rundetails.compute"
"""Name of the compute target it was submitted to."""

HOST = "rundetails.host"
"""Name of the machine it runs on."""

LOGGED = "rundetails.logged"
"""Kinds of `logged.py` that the run has logged, sorted, with commas between them."""

PROPERTY = "rundetails.property."
"""Beginning of the tags that hold properties, which are set once."""

IMAGES = "mlflow.loggedImages"
"""MLflow's own: `true` once images were logged by `mlflow.log_image(key=…)`."""

TABLES = "mlflow.loggedArtifacts"
"""MLflow's own: JSON list of {"path": …, "type": "table"}."""

OURS = "rundetails."
"""Beginning of all of ours."""
