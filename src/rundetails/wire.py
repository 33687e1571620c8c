"""Facts as messages: the whole (`snapshot`) and what is new (`encode`), as `contract` says."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np

from . import contract
from .facts import Failure, Points, Run
from .goals import guess_goal
from .insight import Finding, Insight, Part, Progress
from .logged import logged_kinds
from .monitor.children import ChildrenChange
from .monitor.state import Change, Health, RunState, without_heartbeat
from .redact import redact, redact_value
from .runtypes import fitted_parts
from .series import Kept, Series, Stats
from .wire_children import children_facts, some

POINTS_PER_SERIES = 2_000
"""A page keeps at most this many points of a series."""

POINTS_PER_PAGE = 30_000
"""All series of one message together have about this many points: 0.96 MB in four float64 columns."""

FINDINGS = 8
"""Findings that a page gets, at most; how many more there are is said."""

PARTS: tuple[Part, ...] = ("progress", "findings", "stale")

TEXT_PER_VALUE = 4_000
"""Longer parameters and tags are cut on the wire; `details.run` has them whole."""

LABEL = 200
"""Characters of what a part of a model is called."""

TEXT_PER_PAGE = 300_000
"""Characters of parameters and tags together; the longest are cut first."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a message says beside the state of the run."""

    version: str
    """Of this package."""
    source: contract.SourceFacts
    now: float
    """The kernel's clock: seconds since 1970-01-01 UTC."""
    read_every: list[float] | None = None
    """Shortest and longest pause between reads, in seconds; None when read once."""


@dataclass(frozen=True, slots=True)
class Encoded:
    """One message and its buffers."""

    message: contract.DeltaMessage
    buffers: list[memoryview] = field(default_factory=list)


def snapshot(state: RunState, around: Surroundings, key: str) -> contract.Snapshot:
    """The bounded whole of a run."""
    facts, whole = _series(state, list(state.series))
    message: contract.Snapshot = {
        "seq": state.seq,
        "epoch": state.epoch,
        "key": key,
        "version": around.version,
        "now": around.now,
        "at": state.at,
        "run": run_facts(state.run),
        "source": around.source,
        "health": health_facts(state.health, around.read_every),
        "headline": headline(state),
        "insight": insight_facts(state.insight),
        "series": facts,
        "whole": whole,
    }
    if state.failure is not None:
        message["failure"] = failure_facts(state.failure)
    if state.children.all or state.children.error:
        message["children"], message["cells"] = children_facts(state.children, some(state.children))
    return message


def encode(state: RunState, change: Change, around: Surroundings) -> Encoded:
    """What is new, as one message."""
    message: contract.DeltaMessage = {"kind": "delta", "seq": state.seq, "now": around.now, "at": state.at}
    buffers: list[memoryview] = []
    if change.run:
        message["run"] = run_facts(state.run)
    if change.health:
        message["health"] = health_facts(state.health, around.read_every)
    if change.failure and state.failure is not None:
        message["failure"] = failure_facts(state.failure)
    if change.insight:
        message["insight"] = insight_facts(state.insight, change.insight)
    if change.reset:
        message["reset"] = True
    if around.source["requests"] is not None:
        message["requests"] = around.source["requests"]
    if change.latest:
        message["latest"] = [_latest(state.ids[name], points) for name, points in change.latest.items()]
    if change.whole or (change.children.family and state.series):
        # What deserves a tile depends on what the run is, which those below it may tell.
        message["headline"] = headline(state)
    if change.appended or change.whole:
        message["appended"] = [[state.ids[name], len(points)] for name, points in change.appended.items()]
        buffers.append(_columns(change.appended.values()))
    if change.whole:
        message["series"], whole = _series(state, change.whole)
        buffers.append(whole)
    if change.children:
        moved = change.children.moved
        message["children"], cells = children_facts(
            state.children, moved, change.children.gone, family=change.children.family
        )
        buffers.append(cells)
    return Encoded(message, buffers)


def everything(state: RunState, around: Surroundings) -> Encoded:
    """The whole as a message: for a page that missed something."""
    children = ChildrenChange(tuple(some(state.children)), family=True) if state.children.all else ChildrenChange()
    whole = Change(
        run=True,
        failure=True,
        health=True,
        reset=True,
        whole=tuple(state.series),
        insight=PARTS,
        children=children,
    )
    return encode(state, whole, around)


def points_buffer(points: Points) -> memoryview:
    """Step, time and value of some points."""
    return _columns([points])


def joined_buffer(parts: Iterable[Points]) -> memoryview:
    """Step, time and value of points that follow one another."""
    return _columns(parts)


def headline(state: RunState) -> list[str]:
    """Names of the metrics worth a tile."""
    return state.children.kind.headline(list(state.series))


def run_facts(run: Run) -> contract.RunFacts:
    """The run's own facts, with long texts cut and secrets hidden: a page's state may be saved with the notebook."""
    budget = _Budget(TEXT_PER_PAGE)
    return {
        "id": run.id,
        "name": run.name,
        "experiment": run.experiment,
        "type": run.type,
        "status": run.status.value,
        "has_ended": run.status.has_ended,
        "created": run.created,
        "started": run.started,
        "ended": run.ended,
        "parameters": budget.cut(_safe(run.parameters)),
        "tags": budget.cut(_safe(without_heartbeat(run).tags)),
        "source": run.source,
        "user": run.user,
        "parent": run.parent,
        "detail": redact(run.detail),
        "can_cancel": run.can_cancel and not run.status.has_ended,
        "logged": sorted(logged_kinds(run.tags)),
        "fitted": [
            {
                "id": part.id,
                "label": redact(part.label)[:LABEL],
                "detail": redact(part.detail)[:LABEL],
                "after": list(part.after),
            }
            for part in fitted_parts(run)
        ],
    }


def _safe(texts: Mapping[str, str]) -> dict[str, str]:
    return {name: redact_value(name, text) for name, text in texts.items()}


def health_facts(health: Health, read_every: list[float] | None) -> contract.Health:
    return {
        "state": health.state,
        "message": health.message,
        "since": health.since,
        "retry_at": health.retry_at,
        "read_every": None if health.state == "ended" else read_every,
        "remaining": health.remaining,
    }


def failure_facts(failure: Failure) -> contract.Failure:
    return {"path": failure.path, "offset": failure.offset, "line": failure.line}


def insight_facts(insight: Insight, parts: Iterable[Part] = PARTS) -> contract.InsightFacts:
    """These parts of it."""
    facts: contract.InsightFacts = {}
    progress, findings, stale = insight.progress, insight.findings, insight.stale
    if "progress" in parts:
        facts["progress"] = None if progress is None else progress_facts(progress)
    if "findings" in parts:
        shown = [finding_facts(one) for one in findings[:FINDINGS]]
        facts["findings"] = {"shown": shown, "more": len(findings) - len(shown)}
    if "stale" in parts:
        facts["stale"] = None
        if stale is not None:
            facts["stale"] = {"last_seen": stale.last_seen, "is_guess": stale.is_guess, "why": stale.why}
    return facts


def progress_facts(progress: Progress) -> contract.ProgressFacts:
    """Times in whole seconds: an estimate has no more."""
    return {
        "unit": progress.unit,
        "total": progress.total,
        "current": progress.current,
        "done": None if progress.done is None else round(progress.done, 3),
        "since": progress.since,
        "earliest": None if progress.earliest is None else round(progress.earliest),
        "latest": None if progress.latest is None else round(progress.latest),
        "how": redact(progress.how),
    }


def finding_facts(finding: Finding) -> contract.FindingFacts:
    """One finding."""
    return {
        "kind": finding.kind,
        "severity": finding.severity,
        "metric": finding.metric,
        "step": finding.step,
        "time": finding.time,
        "sentence": redact(finding.sentence),
        "rule": finding.rule,
    }


def number(value: float | None) -> float | str | None:
    """A number as JSON can carry it: NaN and ±inf as text."""
    if value is None or np.isfinite(value):
        return value
    return "NaN" if np.isnan(value) else "Infinity" if value > 0 else "-Infinity"


def _series(state: RunState, names: Iterable[str]) -> tuple[list[contract.SeriesFacts], memoryview]:
    limit = min(POINTS_PER_SERIES, max(4, POINTS_PER_PAGE // max(1, len(state.series))))
    facts: list[contract.SeriesFacts] = []
    kept: list[Kept] = []
    for name in names:
        series = state.series[name]
        one = series.kept(limit)
        kept.append(one)
        facts.append(_facts(state, name, series, one))
    ordinals = [one.ordinal for one in kept]
    return facts, _columns([one.points for one in kept], ordinals)


def _facts(state: RunState, name: str, series: Series, kept: Kept) -> contract.SeriesFacts:
    count = state.counts.get(name, series.stats.count)
    facts: contract.SeriesFacts = {
        "id": state.ids[name],
        "name": name,
        "goal": guess_goal(name),
        "count": count,
        "kept": len(kept),
        "width": kept.width,
    }
    if len(kept) < count or series.is_behind:
        facts["stats"] = _stats(series.stats)
    if series.is_behind:
        facts["is_behind"] = True
    return facts


def _latest(identity: int, points: Points) -> contract.LatestPoint:
    value = number(float(points.value[-1]))
    assert value is not None
    return {"id": identity, "step": int(points.step[-1]), "time": float(points.time[-1]), "value": value}


def _stats(stats: Stats) -> contract.Stats:
    return {
        "last": number(stats.last),
        "last_step": stats.last_step,
        "min": stats.min,
        "min_step": stats.min_step,
        "max": stats.max,
        "max_step": stats.max_step,
        "not_finite": stats.not_finite,
    }


def _columns(parts: Iterable[Points], ordinals: list[np.typing.NDArray[np.float64]] | None = None) -> memoryview:
    joined = Points.joined(parts)
    columns = [joined.step.astype("<f8"), joined.time.astype("<f8"), joined.value.astype("<f8")]
    if ordinals is not None:
        columns.append(np.concatenate(ordinals).astype("<f8") if ordinals else np.empty(0, "<f8"))
    return memoryview(np.concatenate(columns).tobytes())


class _Budget:
    """Room for text; what does not fit is cut and says so."""

    def __init__(self, characters: int) -> None:
        self._left = characters

    def cut(self, texts: Mapping[str, str]) -> dict[str, str]:
        limit = TEXT_PER_VALUE
        while limit > 100 and sum(min(len(text), limit) for text in texts.values()) > self._left:
            limit //= 2
        cut = {name: text if len(text) <= limit else _shortened(text, limit) for name, text in texts.items()}
        self._left = max(0, self._left - sum(len(text) for text in cut.values()))
        return cut


def _shortened(text: str, limit: int) -> str:
    return f"{text[:limit]}… ({len(text):,} characters in all)"
