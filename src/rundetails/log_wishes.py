"""What a page wishes of logs: which one is open, ranges, searches; and what they grew by, with each tick."""

from __future__ import annotations

from collections.abc import Iterator

from . import contract
from .logs import Found, LogDesk, Part, sentence
from .monitor import Watch
from .page import Page
from .sources.protocol import RunSource
from .wishes import Buffers, Grant, number, text


class LogWishes:
    """The logs of one run for one page. Everything is done on the poll thread."""

    def __init__(self, source: RunSource, run_id: str, page: Page) -> None:
        self._source = source
        self._page = page
        self._desk = LogDesk(source, run_id, page.monitor.clock, page.is_lost)
        self._searches: dict[str, Iterator[Found]] = {}

    def __repr__(self) -> str:
        return f"<LogWishes: {self._desk!r}>"

    @property
    def grants(self) -> dict[str, Grant]:
        """What is done for each wish."""
        return {"logs": self._open, "log_range": self._range, "log_find": self._find}

    def read(self, watch: Watch, *, is_seen: bool) -> None:
        """With each tick, but not under the watch's lock, and only while somebody looks at them."""
        state = watch.state.health.state
        # A server that does not answer, or asked for peace, is not asked for logs either.
        may_ask = state not in ("stale", "gone") or self._source.requests is None
        if self._desk.is_open and may_ask and state != "paused" and is_seen:
            self._page.monitor.post(lambda: self._tell(watch))

    def close(self, view: str) -> None:
        """The view is gone, or shows something else."""
        self._desk.close(view)

    def _tell(self, watch: Watch) -> None:
        with watch.turn:
            news = self._desk.tick(watch.state, self._page.monitor.clock.time())
        if news is not None:
            self._page.tell(news[0], [memoryview(data) for data in news[1]])

    def _open(self, watch: Watch, wish: contract.Wish, answer: contract.AnswerMessage, buffers: Buffers) -> None:
        view = str(wish.get("view", ""))
        if wish.get("path") is None:
            self._desk.close(view)
            return
        path = text(wish, "path")
        with watch.turn:
            answer["files"], part = self._desk.open(view, path)
        if part is not None:
            _add_part(part, answer, buffers)

    def _range(self, watch: Watch, wish: contract.Wish, answer: contract.AnswerMessage, buffers: Buffers) -> None:
        with watch.turn:
            part = self._desk.range(text(wish, "path"), int(number(wish, "start")), int(number(wish, "length")))
        _add_part(part, answer, buffers)

    def _find(self, watch: Watch, wish: contract.Wish, answer: contract.AnswerMessage, _: Buffers) -> bool:
        """In steps, so that neither reads nor other wishes wait for a search through a gigabyte."""
        view = str(wish.get("view", ""))
        find, words, back = wish.get("find", "text"), text(wish, "text", ""), bool(wish.get("back"))
        steps = self._desk.search(text(wish, "path"), int(number(wish, "start")), find, words, back)
        self._searches[view] = steps
        self._search_on(watch, view, steps, answer)
        return True

    def _search_on(self, watch: Watch, view: str, steps: Iterator[Found], answer: contract.AnswerMessage) -> None:
        is_done = True
        try:
            # A newer search of the same view takes the place of this one.
            if self._searches.get(view) is steps and self._page.shows(watch):
                with watch.turn:
                    found = next(steps)
                answer["found"], answer["searched_to"], is_done = found.offset, found.searched_to, found.is_done
        except Exception as error:
            answer["error"] = sentence(error)
        if not is_done:
            self._page.monitor.post(lambda: self._search_on(watch, view, steps, answer))
            return
        if self._searches.get(view) is steps:
            del self._searches[view]
        self._page.answer(watch, answer)


def _add_part(part: Part, answer: contract.AnswerMessage, buffers: Buffers) -> None:
    answer["parts"] = [part[0]]
    buffers.append(memoryview(part[1]))
