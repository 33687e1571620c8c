"""Locks that their holder's death gives back, and that a child can be handed."""

from __future__ import annotations

import os
from pathlib import Path

try:
    import fcntl
except ImportError:
    # Windows has none: LocalQueue says so.
    fcntl = None  # type: ignore[assignment]


def try_lock(path: Path) -> int | None:
    """Takes the lock; returns the open file that holds it, to be closed when done, or None when somebody has it, or its
    folder is gone."""
    try:
        opened = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except FileNotFoundError:
        return None
    return opened if _take(opened) else None


def _take(opened: int) -> bool:
    """Locks the open file, or closes it."""
    assert fcntl is not None
    try:
        fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(opened)
        return False
    return True


def is_locked(path: Path) -> bool:
    """Whether somebody holds it; looking takes it for a moment, and makes no lock where there is none."""
    try:
        opened = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    if not _take(opened):
        return True
    os.close(opened)
    return False


def is_possible() -> bool:
    """Whether this system has such locks."""
    return fcntl is not None
