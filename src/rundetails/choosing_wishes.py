"""What a page wishes to know of many children at once: which parameters mattered, how one stands among the others."""

from __future__ import annotations

import threading
from collections.abc import Sequence

import numpy as np

from . import contract
from .choosing import band, parameter_importance, worse_than
from .errors import RunDetailsError
from .facts import Child, Points
from .family import chosen_metric, ranked
from .monitor import Watch
from .monitor.children import Children
from .page import Page
from .redact import redact
from .sources.protocol import RunSource
from .wishes import Buffers, Grant, text

SIBLINGS = 60
"""Runs whose curves make the band, at most: those that began last before the others."""

POINTS = 200
"""Points of each of their curves."""

STEPS = 60
"""Steps of the band."""

QUANTILES = (0.1, 0.25, 0.5, 0.75, 0.9)


class ChoosingWishes:
    """For one page and the run that it shows."""

    def __init__(self, source: RunSource, page: Page) -> None:
        self._source = source
        self._page = page

    @property
    def grants(self) -> dict[str, Grant]:
        """What is done for each wish."""
        return {"importance": self._importance, "siblings": self._siblings}

    def _importance(self, watch: Watch, wish: contract.Wish, answer: contract.AnswerMessage, _: Buffers) -> bool:
        """Takes seconds: done on a thread of its own, and answered later."""
        metric = text(wish, "metric")
        with watch.lock:
            # What was pruned has the score of where it was stopped: as in Optuna, only whole trials count.
            sound = ranked(watch.state.children, metric, "max")
            scales = dict(watch.state.children.family.scales)

        def work() -> None:
            try:
                found = parameter_importance(
                    [one.run.parameters for one in sound], [one.metrics[metric] for one in sound], scales=scales
                )
                answer["importance"] = [
                    {"name": one.name, "importance": round(one.importance, 6), "how": one.how} for one in found
                ]
                answer["count"] = len(sound)
            except RunDetailsError as error:
                answer["error"] = redact(str(error))
            except Exception as error:
                answer["error"] = f"It could not be told which parameters mattered ({redact(str(error))})."
            self._page.monitor.post(lambda: self._page.answer(watch, answer))

        threading.Thread(target=work, name="rundetails-importance", daemon=True).start()
        return True

    def _siblings(self, watch: Watch, wish: contract.Wish, answer: contract.AnswerMessage, buffers: Buffers) -> None:
        """Quantiles of the others' curves behind one child's, and how it stands among them."""
        run_id, metric = text(wish, "path"), text(wish, "metric")
        with watch.lock:
            children = watch.state.children
            own = children.all.get(run_id)
            others = _siblings_of(children, run_id, metric)
            _, goal = chosen_metric(children, metric, None)
        if own is None or "range" not in self._source.capabilities:
            return
        with watch.turn:
            curves = self._source.curves([run_id, *others], metric, POINTS)
        mine = curves.get(run_id)
        theirs = [_pair(points) for name, points in curves.items() if name != run_id]
        if mine is None or len(theirs) < 2:
            return
        last = int(mine.step.max())
        furthest = max(last, *(int(max(steps)) for steps, _ in theirs))
        steps = np.unique(np.linspace(0, furthest, STEPS).round())
        found = band(theirs, steps, QUANTILES)
        value = float(mine.value[np.lexsort((mine.time, mine.step))[-1]])
        share, count = worse_than(value, last, theirs, goal)
        answer["count"] = count
        if count:
            among = f"Worse than {share:.0%} of {count}"
            if share in (0.0, 1.0):
                among = f"{'Worse than' if share else 'As good as, or better than,'} all {count}"
            answer["said"] = f"{among} siblings at step {last:,}."
        buffers.append(memoryview(np.concatenate([found.step, *found.value, found.count]).astype("<f8").tobytes()))


def _siblings_of(children: Children, run_id: str, metric: str) -> Sequence[str]:
    """Those beside it that have a curve of the metric."""

    def has_curve(child: Child) -> bool:
        return child.is_run and child.steps > 0 and metric in child.metrics and child.run.id != run_id

    parent = children.all[run_id].run.parent if run_id in children.all else None
    found = [one.run.id for one in children.all.values() if has_curve(one) and one.run.parent == parent]
    return found[-SIBLINGS:]


def _pair(points: Points) -> tuple[np.typing.NDArray[np.float64], np.typing.NDArray[np.float64]]:
    return points.step.astype(np.float64), points.value
