"""Points that a store did not take, in a file; `python -m rundetails.sdk.spill FILE` writes them to the store later."""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from ..errors import NotWritten
from ..redact import redact
from .points import BATCH, Waiting, following_steps, with_steps


def spill(tracking_uri: str, run_id: str, points: Sequence[Waiting]) -> Path:
    """Writes the points into a new file, readable by its owner alone; returns its path. An address with a password in
    it is left out: then MLFLOW_TRACKING_URI says where they belong. Nothing of MLflow is needed for it."""
    address = tracking_uri if redact(tracking_uri) == tracking_uri else None
    with tempfile.NamedTemporaryFile(
        "w", encoding="utf-8", prefix=f"rundetails-{run_id[:12]}-", suffix=".jsonl", delete=False
    ) as file:
        json.dump({"tracking_uri": address, "run_id": run_id}, file)
        for name, step, at, value in points:
            file.write("\n")
            json.dump([name, value, at, step], file)
    return Path(file.name)


def restore(path: Path) -> int:
    """Writes the points of such a file to their store, and deletes it; returns how many. Raises NotWritten; the file
    stays then, and what was written twice counts once."""
    from ..sources.opening import default_address
    from .client import client_of

    first, *lines = path.read_text("utf-8").splitlines()
    about = json.loads(first)
    kept: list[Waiting] = [(name, step, at, value) for name, value, at, step in map(json.loads, lines)]
    client = client_of(about["tracking_uri"] or default_address())
    points = []
    try:
        # Only points that no store has seen may lack a step.
        has_all = all(step is not None for _, step, _, _ in kept)
        points = with_steps(kept, {} if has_all else following_steps(client, about["run_id"]))
        for start in range(0, len(points), BATCH):
            client.log_batch(about["run_id"], metrics=points[start : start + BATCH])
    except Exception as error:
        raise NotWritten(len(kept), redact(str(error))[:500]) from error
    path.unlink()
    return len(points)


if __name__ == "__main__":
    for name in sys.argv[1:]:
        sys.stdout.write(f"{restore(Path(name)):,} points of {name} written.\n")
