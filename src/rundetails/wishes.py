"""What a page wishes, read with care: it may come from another version, or from anybody."""

from __future__ import annotations

import math
from collections.abc import Callable

from . import contract
from .errors import RunDetailsError
from .monitor import Watch

Buffers = list[memoryview]

Grant = Callable[[Watch, contract.Wish, contract.AnswerMessage, Buffers], bool | None]
"""Does what a page wishes: fills the answer, and its buffers. True: it is answered later."""

FURTHEST = 2**62
"""Numbers from a page are taken up to here: a store has no larger ones."""


class NotUnderstood(RunDetailsError):
    """A page asked for something that makes no sense."""

    def __init__(self) -> None:
        super().__init__(
            "The kernel does not understand what this page asks for, which may come from another version. Reload the "
            "page, or run the cell again."
        )


class SeriesGone(RunDetailsError):
    """The history changed after the page drew the series."""

    def __init__(self) -> None:
        super().__init__("That series is no longer there: the run's history changed. What is drawn now is current.")


def number(wish: contract.Wish, name: str) -> float:
    """A finite number of the wish. Raises NotUnderstood."""
    found = wish.get(name)
    if not isinstance(found, (int, float)) or not math.isfinite(found):
        raise NotUnderstood
    return max(-FURTHEST, min(found, FURTHEST))


def text(wish: contract.Wish, name: str, absent: str | None = None) -> str:
    """A text of the wish, or `absent`. Raises NotUnderstood."""
    found = wish.get(name, absent)
    if not isinstance(found, str):
        raise NotUnderstood
    return found
