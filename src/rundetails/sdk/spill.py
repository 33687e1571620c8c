"""Points that a store did not take, in a file; `python -m rundetails.sdk.spill FILE` writes them to the store later."""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import NotWritten
from ..redact import redact

if TYPE_CHECKING:
    from mlflow.entities import Metric

BATCH = 1_000


def spill(tracking_uri: str, run_id: str, points: Sequence[Metric]) -> Path:
    """Writes the points into a new file, readable by its owner alone; returns its path. An address with a password in
    it is left out: then MLFLOW_TRACKING_URI says where they belong."""
    address = tracking_uri if redact(tracking_uri) == tracking_uri else None
    with tempfile.NamedTemporaryFile(
        "w", encoding="utf-8", prefix=f"rundetails-{run_id[:12]}-", suffix=".jsonl", delete=False
    ) as file:
        json.dump({"tracking_uri": address, "run_id": run_id}, file)
        for point in points:
            file.write("\n")
            json.dump([point.key, point.value, point.timestamp, point.step], file)
    return Path(file.name)


def restore(path: Path) -> int:
    """Writes the points of such a file to their store, and deletes it; returns how many. Raises NotWritten; the file
    stays then, and what was written twice counts once."""
    from mlflow.entities import Metric

    from ..sources.opening import default_address
    from .client import client_of

    first, *lines = path.read_text("utf-8").splitlines()
    about = json.loads(first)
    points = [Metric(key, value, at, step) for key, value, at, step in map(json.loads, lines)]
    client = client_of(about["tracking_uri"] or default_address())
    try:
        for start in range(0, len(points), BATCH):
            client.log_batch(about["run_id"], metrics=points[start : start + BATCH])
    except Exception as error:
        raise NotWritten(len(points), redact(str(error))[:500]) from error
    path.unlink()
    return len(points)


if __name__ == "__main__":
    for name in sys.argv[1:]:
        sys.stdout.write(f"{restore(Path(name)):,} points of {name} written.\n")
