"""What the parts of a presenter know of the page they work for."""

from __future__ import annotations

from typing import Protocol

from . import contract
from .monitor import Monitor, Watch
from .wishes import Buffers


class Page(Protocol):
    """One view's page, as those see it who answer its wishes."""

    @property
    def monitor(self) -> Monitor:
        """Whose thread does everything."""

    def tell(self, message: object, buffers: Buffers | None = None) -> None:
        """Sends a message; a page that is gone is no error."""

    def answer(self, watch: Watch, answer: contract.AnswerMessage, buffers: Buffers | None = None) -> None:
        """Answers a wish later."""

    def shows(self, watch: Watch) -> bool:
        """Whether this run is still shown there."""

    def is_lost(self, view: str) -> bool:
        """Whether a view is gone without a word."""
