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
    """Takes the lock; returns the open file that holds it, to be closed when done, or None when somebody has it."""
    assert fcntl is not None
    opened = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(opened)
        return None
    return opened


def is_locked(path: Path) -> bool:
    """Whether somebody holds it; looking takes it for a moment."""
    if not path.exists():
        return False
    opened = try_lock(path)
    if opened is None:
        return True
    os.close(opened)
    return False


def is_possible() -> bool:
    """Whether this system has such locks."""
    return fcntl is not None
