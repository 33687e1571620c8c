"""What is known of a run: frozen values, with no thread, widget or store behind them."""

from .child import Child, ChildrenDelta, Known
from .delta import Cursor, Delta, Overview
from .files import ArtifactEntry, Failure, LogChunk, LogFile
from .points import Points
from .run import Run
from .status import Status

__all__ = [
    "ArtifactEntry",
    "Child",
    "ChildrenDelta",
    "Cursor",
    "Delta",
    "Failure",
    "Known",
    "LogChunk",
    "LogFile",
    "Overview",
    "Points",
    "Run",
    "Status",
]
