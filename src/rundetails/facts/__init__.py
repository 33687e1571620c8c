"""What is known of a run: frozen values, with no thread, widget or store behind them."""

from .delta import Cursor, Delta, Overview
from .files import ArtifactEntry, Failure, LogChunk, LogFile
from .points import Points
from .run import Run
from .status import Status

__all__ = ["ArtifactEntry", "Cursor", "Delta", "Failure", "LogChunk", "LogFile", "Overview", "Points", "Run", "Status"]
