#!/usr/bin/env python3
"""Gives this environment MLflow servers to test against, of the newest MLflow and of the oldest that is promised.

`rundetails` needs but `mlflow-skinny`, which has no server. Here are the rest of MLflow, and what its server imports,
without what it only imports for models and plots: 50 MB a version and seconds, where all of MLflow is 800 MB and
minutes. Each is a folder of its own that a server's process looks at first, `.venv/servers/<version>`.
"""

import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

FOLDER = Path(sys.prefix) / "servers"
OLD = "3.10.*"
"""The oldest MLflow that rundetails supports; before 3.15 servers are asked in other ways."""

SHARED = (
    *("aiohappyeyeballs", "aiohttp", "aiosignal", "frozenlist", "multidict", "propcache", "yarl"),
    *("flask", "flask-cors", "blinker", "itsdangerous", "werkzeug"),
    *("graphene", "graphql-core", "graphql-relay", "huey", "skops"),
    "psycopg2-binary",
)
"""What the server imports beyond `mlflow-skinny` and scikit-learn, and the driver of PostgreSQL."""


def folders() -> dict[str, list[str]]:
    """Name of a folder → what is to be in it."""
    new = version("mlflow-skinny")
    return {"shared": list(SHARED), new: [f"mlflow=={new}"], "3.10": [f"mlflow=={OLD}"]}


if __name__ == "__main__":
    if sys.prefix == sys.base_prefix:
        sys.exit("This is the system's Python, which is left alone: run it with the environment's, .venv/bin/python.")
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-compile", "--upgrade"]
    pip += ["--disable-pip-version-check"]
    for name, packages in folders().items():
        if not (FOLDER / name / ".installed").exists():
            subprocess.run([*pip, "--target", str(FOLDER / name), *packages], check=True)
            (FOLDER / name / ".installed").touch()
