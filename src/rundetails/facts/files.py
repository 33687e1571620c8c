"""Files that a run left: artifacts, and the text ones among them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ArtifactEntry:
    """One file or folder among a run's artifacts."""

    path: str
    """Path below the run's artifact folder, with forward slashes."""
    is_folder: bool = False
    """Whether it holds other entries."""
    size: int | None = None
    """Bytes; None for a folder, or when the store does not say."""


@dataclass(frozen=True, slots=True)
class LogFile:
    """One text file that grows while the run writes to it."""

    path: str
    """Path below the run's artifact folder, with forward slashes."""
    size: int | None = None
    """Bytes so far; None when the store does not say."""
    modified: float | None = None
    """Last change: seconds since 1970-01-01 UTC; None when the store does not say."""


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a run failed, as its logs tell."""

    path: str
    """Path of the log file, as in `LogFile`."""
    offset: int
    """Of the first byte of the line in the file."""
    line: str
    """The line, without secrets, at most 300 characters."""


@dataclass(frozen=True, slots=True)
class LogChunk:
    """A range of bytes of one file."""

    path: str
    """Path below the run's artifact folder, with forward slashes."""
    start: int
    """Offset of the first byte."""
    data: bytes
    """The bytes; may end in the middle of a character."""
    size: int
    """Bytes in the whole file when it was read."""
