"""What is known of a run: frozen values, with no thread, widget or store behind them."""

from .child import Child, ChildrenDelta, Known
from .delta import Cursor, Delta, Overview
from .experiment import PREFIX, Experiment, experiment_in
from .files import ArtifactEntry, Failure, LogChunk, LogFile
from .points import Points
from .run import Run
from .status import Status

__all__ = [
    "PREFIX",
    "ArtifactEntry",
    "Child",
    "ChildrenDelta",
    "Cursor",
    "Delta",
    "Experiment",
    "Failure",
    "Known",
    "LogChunk",
    "LogFile",
    "Overview",
    "Points",
    "Run",
    "Status",
    "experiment_in",
]
