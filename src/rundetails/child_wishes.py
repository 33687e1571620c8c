"""What a page wishes about the runs below its run: more of them, their curves, which are chosen."""

from __future__ import annotations

from collections.abc import Mapping

from . import contract, wire
from .facts import Points
from .monitor import Watch
from .sources.protocol import RunSource
from .wire_children import children_facts, some
from .wishes import Buffers, Grant, NotUnderstood, number, text

CURVES = 60
"""Runs whose curves one answer has, at most."""

POINTS = 2_000
"""Points of a curve, at most."""

CHOSEN = 10_000
"""Children that can be chosen."""


class ChildWishes:
    """The runs below one run, for one page. Everything is done on the poll thread."""

    def __init__(self, source: RunSource) -> None:
        self._source = source
        self.chosen: tuple[str, ...] = ()
        """IDs of the children that a reader chose, in the order in which they did."""

    @property
    def grants(self) -> dict[str, Grant]:
        """What is done for each wish."""
        return {"children": self._more, "curves": self._curves, "select": self._select}

    def _more(self, watch: Watch, wish: contract.Wish, answer: contract.AnswerMessage, buffers: Buffers) -> None:
        with watch.lock:
            children = watch.state.children
            ids = some(children, max(0, int(number(wish, "start"))))
            answer["children"], cells = children_facts(children, ids)
        buffers.append(cells)

    def _curves(self, watch: Watch, wish: contract.Wish, answer: contract.AnswerMessage, buffers: Buffers) -> None:
        runs, metric = ids_of(wish)[:CURVES], text(wish, "metric")
        limit = max(4, min(POINTS, int(number(wish, "length"))))
        with watch.lock:
            runs = [one for one in runs if one in watch.state.children.all and watch.state.children.all[one].is_run]
        found: Mapping[str, Points] = {}
        if "range" in self._source.capabilities:
            with watch.turn:
                found = self._source.curves(runs, metric, limit)
            watch.learn(metric, found)
        answer["curves"] = [{"run": run, "kept": len(points)} for run, points in found.items()]
        buffers.append(wire.joined_buffer(found.values()))

    def _select(self, _: Watch, wish: contract.Wish, *__: object) -> None:
        self.chosen = tuple(ids_of(wish)[:CHOSEN])


def ids_of(wish: contract.Wish) -> list[str]:
    """The runs of a wish. Raises NotUnderstood."""
    found = wish.get("runs")
    if not isinstance(found, list) or not all(isinstance(one, str) for one in found):
        raise NotUnderstood
    return found
