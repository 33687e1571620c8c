"""Runs below a run, or in an experiment, where a store is searched page by page: MLflow's client and its server."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace

from ..facts import Child, ChildrenDelta, Run, experiment_in
from .mlflow_facts import PARENT_TAG

FIRST = 50
"""Children of the first page."""

PAGE = 200
"""Children of another page: half a second of a server's time, in which other views wait."""

OVERLAP = 60.0
"""Seconds that a search for news looks back: clocks differ, and writing takes its time."""

BRANCHES = 50
"""Runs at most of which a tick asks for new children: each costs a search or more."""

DEEPER = 2_000
"""Runs below other runs, at most, among which those are looked for that lie deeper than one level."""

LONGEST = 2_000
"""Characters of a tag that are kept."""

Page = Callable[[Sequence[str], str, int, str | None], tuple[list[Child], "str | None"]]
"""(experiments, filter, size, token) → children, newest first, and the token of the next page."""


@dataclass(frozen=True, slots=True)
class Fill:
    """A listing that is under way."""

    experiments: Sequence[str]
    condition: str
    token: str | None = None
    later: Sequence[str] = ()
    """Experiments to be listed after these."""
    seen: frozenset[str] = frozenset()
    """What this listing has come across, in all experiments."""
    deeper: Mapping[str, Child] | None = None
    """Runs below other runs, of which some may lie deeper below this one; None: not there yet."""


@dataclass(frozen=True, slots=True)
class SearchCursor:
    """Where reading stopped."""

    given: Mapping[str, Child] = field(default_factory=dict)
    fill: Fill | None = None
    homes: Sequence[str] = ()
    """Experiments in which there are children."""
    latest: float = 0.0
    """When the newest of what is known happened, on the store's clock: seconds since 1970."""


class ChildrenSearch:
    """One read."""

    def __init__(self, run_id: str, homes: Callable[[], tuple[str, list[str]]], page: Page) -> None:
        """`homes`: the run's own experiment, and all others; of an experiment, itself and none."""
        self._run_id = run_id
        self._is_experiment = experiment_in(run_id) is not None
        self._homes = homes
        self._page = page

    def read(self, known: SearchCursor | None, *, sweep: bool) -> ChildrenDelta:
        """As `RunSource.read_children`."""
        if known is None or (sweep and known.fill is None):
            own, others = self._homes()
            fill = Fill([own], self._below(self._run_id), later=others)
            return self._fill(replace(known or SearchCursor(homes=[own]), fill=fill), fill, FIRST)
        if (filling := known.fill) is not None:
            return self._fill(known, filling, PAGE) if filling.deeper is None else self._fill_deeper(known, filling)
        return self._tick(known)

    def _fill(self, known: SearchCursor, fill: Fill, size: int) -> ChildrenDelta:
        children, token = self._page(fill.experiments, fill.condition, size, fill.token)
        known, news = _taken(known, children)
        fill = replace(fill, token=token, seen=fill.seen | {one.run.id for one in children})
        if children and len(fill.experiments) > 1:
            # Only from now on is it known that there are children elsewhere, and not in which of them.
            known = replace(
                known, homes=[*known.homes, *(each for each in fill.experiments if each not in known.homes)]
            )
        if token is None and fill.later:
            fill = replace(fill, experiments=fill.later, later=())
        elif token is None and fill.seen and not self._is_experiment:
            fill = Fill(known.homes, self._deeper(known), seen=fill.seen, deeper={})
        elif token is None:
            return self._filled(known, fill.seen, news)
        return ChildrenDelta(replace(known, fill=fill), news, remaining=PAGE if token else 1)

    def _fill_deeper(self, known: SearchCursor, fill: Fill) -> ChildrenDelta:
        """All runs that lie below some other run, since the first of the children began: what each of them is below
        tells which belong here, however deep."""
        children, token = self._page(fill.experiments, fill.condition, PAGE, fill.token)
        others = {**(fill.deeper or {}), **{one.run.id: one for one in children}}
        if token is not None and len(others) < DEEPER:
            return ChildrenDelta(replace(known, fill=replace(fill, token=token, deeper=others)), remaining=1)
        seen, found = set(fill.seen), list[Child]()
        while new := [one for one in others.values() if one.run.parent in seen and one.run.id not in seen]:
            found += new
            seen |= {one.run.id for one in new}
        known, news = _taken(known, found)
        return self._filled(known, seen, news)

    def _filled(self, known: SearchCursor, seen: AbstractSet[str], news: Sequence[Child]) -> ChildrenDelta:
        gone = [name for name in known.given if name not in seen]
        given = {name: one for name, one in known.given.items() if name in seen}
        return ChildrenDelta(replace(known, fill=None, given=given), news, gone)

    def _tick(self, known: SearchCursor) -> ChildrenDelta:
        """Those that run, and those that began or ended since."""
        since = int((known.latest - OVERLAP) * 1000)
        running = [one for one in known.given.values() if not one.run.status.has_ended]
        parents = dict.fromkeys([self._run_id, *(one.run.parent or "" for one in running if not self._is_experiment)])
        conditions = [f"attributes.start_time >= {since}"]
        if running:
            # What ended later than anything known; and what ended earlier, but was running when it was last seen.
            conditions += ["attributes.status = 'RUNNING'", f"attributes.end_time >= {since}"]
        found: dict[str, Child] = {}
        for parent in list(parents)[:BRANCHES]:
            for condition in conditions:
                token: str | None = None
                while True:
                    together = " and ".join(filter(None, (self._below(parent), condition)))
                    children, token = self._page(known.homes, together, PAGE, token)
                    found |= {one.run.id: one for one in children}
                    if token is None:
                        break
        known, news = _taken(known, list(found.values()))
        lost = [one.run.id for one in running if one.run.id not in found]
        if lost:
            # Ended at a time of their own choosing, or deleted: looked at one by one, in one request.
            quoted = ", ".join(f"'{one}'" for one in lost[:PAGE])
            children, _ = self._page(known.homes, f"attributes.run_id IN ({quoted})", PAGE, None)
            known, more = _taken(known, children)
            there = {one.run.id for one in children}
            gone = [one for one in lost[:PAGE] if one not in there]
            given = {name: one for name, one in known.given.items() if name not in gone}
            return ChildrenDelta(replace(known, given=given), [*news, *more], gone)
        return ChildrenDelta(known, news)

    def _deeper(self, known: SearchCursor) -> str:
        """What those below other runs fulfil."""
        began = min((one.run.created for one in known.given.values() if one.run.created is not None), default=OVERLAP)
        since = int((began - OVERLAP) * 1000)
        return f"{self._below(self._run_id).replace(' = ', ' != ')} and attributes.start_time >= {since}"

    def _below(self, parent: str) -> str:
        """What only those below a run fulfil; nothing for an experiment, which alone is searched."""
        if self._is_experiment:
            return ""
        quoted = parent.replace("'", "")
        return f"tags.`{PARENT_TAG}` = '{quoted}'"


def shortened(run: Run) -> Run:
    """With its long tags cut."""
    if all(len(text) <= LONGEST for text in run.tags.values()):
        return run
    return replace(run, tags={name: text[:LONGEST] for name, text in run.tags.items()})


def _taken(known: SearchCursor, children: Sequence[Child]) -> tuple[SearchCursor, list[Child]]:
    """With these given; and those of them that are news, oldest first."""
    news = [one for one in children if known.given.get(one.run.id) != one]
    news.sort(key=lambda one: one.run.created or 0)
    if not news:
        return known, news
    times = [moment for one in news for moment in (one.run.created, one.run.ended) if moment is not None]
    return replace(
        known,
        given={**known.given, **{one.run.id: one for one in news}},
        latest=max([known.latest, *times]),
    ), news
