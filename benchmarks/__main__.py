"""`make bench`: the figures of the README, each beside its budget. Names of parts as arguments run only those."""

from __future__ import annotations

import os
import sys
import tempfile
from importlib import import_module
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"

from .table import Table, heading  # after the environment is set, which MLflow reads when imported

PARTS = (
    "bundle",
    "reads",
    "server",
    "kernel",
    "training",
    "logging",
    "page",
    "children",
    "server_children",
    "remote",
    "peers",
)


def main(parts: list[str]) -> int:
    table = Table()
    print(heading())
    for part in parts or PARTS:
        if part not in PARTS:
            print(f"There is no part {part!r}: choose of {', '.join(PARTS)}.", file=sys.stderr)
            return 2
        with tempfile.TemporaryDirectory(prefix="rundetails-bench-") as folder:
            import_module(f"benchmarks.{part}").measure(table, Path(folder))
    for row in table.over:
        print(f"Over budget: {row.what}: {row.figure:,.4g} {row.unit}, budget {row.budget:,g}.")
    return 1 if table.over else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
