"""What is sent to the page as code."""

from __future__ import annotations

import gzip
from pathlib import Path

from rundetails.widget import front_end

from .table import Table


def measure(table: Table, folder: Path) -> None:
    code = front_end().encode()
    table.add("bundle, style sheet included", len(code) / 1000, "kB", 300)
    table.add("the same with gzip", len(gzip.compress(code)) / 1000, "kB")
