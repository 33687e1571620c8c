"""Whose turn it is to ask a store."""

from __future__ import annotations

import threading


class Turn:
    """Held by whoever asks one store something: it is asked by one thread at a time.

    A store that wants to be left alone is, by all watches of it: not one request of theirs comes before `free_at`.
    """

    def __init__(self) -> None:
        self.free_at = float("-inf")
        """When the store may be polled again: a reading of the monotonic clock."""
        self.message = ""
        """Why not before: the sentence of the read that was told so."""
        self._lock = threading.Lock()

    def __enter__(self) -> None:
        self._lock.acquire()

    def __exit__(self, *_: object) -> None:
        self._lock.release()

    def leave_alone(self, until: float, message: str) -> None:
        """The store asked for peace."""
        if until > self.free_at:
            self.free_at, self.message = until, message
