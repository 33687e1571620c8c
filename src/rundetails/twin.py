"""The static picture of a run that stays in the notebook: script-free HTML, and the same as plain text.

Read by code hosts, nbconvert, mail, and by whoever opens the notebook without a kernel. Only what is listed here
gets in: names, times, status, numbers. Sanitisers drop `<style>` and inline `<svg>`: styles are attributes, curves are
images in data URIs, and every number stands in a plain table as well.
"""

from __future__ import annotations

import base64
import html
import json
import math
from datetime import datetime, timezone

import numpy as np

from .facts import Run, Status, experiment_in
from .goals import guess_goal
from .monitor.state import RunState
from .redact import redact
from .series import Series
from .twin_children import summary
from .twin_children import table as children_table

BIGGEST = 50_000
"""Bytes that a twin has at most."""

ROWS = 40
"""Metrics in the table at most."""

CURVES = 8
"""Metrics with a curve at most."""

WARNINGS = 3
"""Findings in words, at most."""

NAME_LENGTH = 120
"""Characters of a name at most."""

_ICONS = {Status.COMPLETED: "✓", Status.FAILED: "✕", Status.CANCELED: "⊘", Status.RUNNING: "●"}
# No stylesheet tells dark from light here: 4.3 : 1 on both is as good as one colour can be.
_COLOURS = {Status.COMPLETED: "#238b41", Status.FAILED: "#d7444e", Status.CANCELED: "#a26f09"}
_BOX = "border:1px solid #8b949e;border-radius:6px;padding:8px 12px;overflow-x:auto"
_CELL = "padding:2px 12px 2px 0;text-align:"


def twin_html(state: RunState, key: str, now: float) -> str:
    """The picture, at most `BIGGEST` bytes. `key` names it (class `rd-twin-<key>`); `now` is seconds since 1970."""
    rows = _rows(state)
    for curves in (CURVES, 4, 0):
        text = _page(state, key, now, rows, curves)
        if len(text.encode()) <= BIGGEST:
            return text
    return _page(state, key, now, rows[:5], 0)


def twin_text(state: RunState, now: float) -> str:
    """The same in a few lines."""
    run = state.run
    lines = [f"{_title(run)}: {_status(state)[1]} · {_when(state, now)}"]
    lines += [f"  {reason}"] if (reason := _reason(state)) else []
    if warned := _warnings(state):
        lines.append(f"  {warned}")
    if told := summary(run, state.children, _short, _name):
        lines.append(f"  {told}")
    lines += [f"  {_name(name)}: {_short(one.stats.last)}{_best_text(name, one)}" for name, one in _rows(state)[:8]]
    lines.append(f"  Open again: {reopening(run)}")
    return "\n".join(lines)


def reopening(run: Run) -> str:
    """The line that opens the run again."""
    return f"RunDetails({json.dumps(redact(run.id), ensure_ascii=False)}).show()"


def _page(state: RunState, key: str, now: float, rows: list[tuple[str, Series]], curves: int) -> str:
    run = state.run
    icon, status, colour = _status(state)
    state_and_name = (
        f'<b style="color:{colour}">{icon} {status}</b> &nbsp; '
        f"<b>{_escaped(_title(run))}</b> &nbsp; {_escaped(_name(run.experiment))}"
    )
    parts = [
        f'<div class="rd-twin-{key}" style="{_BOX}">',
        f"<div>{state_and_name}</div>",
        f"<div>{_escaped(_when(state, now))}</div>",
    ]
    if reason := _reason(state):
        parts.append(f'<div style="color:#d7444e">{_escaped(reason)}</div>')
    warned = _warnings(state)
    if warned:
        parts.append(f'<div style="color:#a26f09">{_escaped(warned)}</div>')
    if told := summary(run, state.children, _short, _name):
        parts.append(f"<div>{_escaped(told)}</div>{_children(state)}")
    if rows:
        parts.append(_table(rows, curves))
        more = len(state.series) - len(rows)
        if more > 0:
            parts.append(f"<div>and {more:,} more metrics</div>")
    elif not told:
        parts.append(f"<div>No {'metrics' if experiment_in(run.id) is None else 'runs'} yet.</div>")
    again = "Open again:" if run.status.has_ended else "Live when the kernel is free, or elsewhere with"
    code = f'<code style="overflow-wrap:anywhere">{_escaped(reopening(run))}</code>'
    parts.append(f"<div>Saved {_clock(now)}. {again} {code}</div></div>")
    return "".join(parts)


def _status(state: RunState) -> tuple[str, str, str]:
    """Sign, words and colour of its status; where nobody ends the run itself, of those below it."""
    status = state.run.status
    if _is_forgotten(state):
        return _ICONS[Status.COMPLETED], "All trials ended", _COLOURS[Status.COMPLETED]
    return _ICONS.get(status, "○"), status.value, _COLOURS.get(status, "#1677e9")


def _is_forgotten(state: RunState) -> bool:
    return state.children.family.is_over and not state.run.status.has_ended


def _warnings(state: RunState) -> str:
    """One line: whether the run is likely dead, and what looks wrong; empty when all is well."""
    insight, said = state.insight, []
    if insight.stale is not None:
        said.append(f"Stale, last seen {_clock(insight.stale.last_seen)} ({insight.stale.why}).")
    bad = [one for one in insight.findings if one.severity != "info"]
    said += [redact(one.sentence) for one in bad[:WARNINGS]]
    if len(bad) > WARNINGS:
        said.append(f"{len(bad) - WARNINGS} more findings.")
    return "⚠ " + " ".join(said) if said else ""


def _table(rows: list[tuple[str, Series]], curves: int) -> str:
    titles = ["metric", "last", "best", "at step", "points", ""]
    head = "".join(f'<th style="{_CELL}{"left" if i == 0 else "right"}">{title}</th>' for i, title in enumerate(titles))
    lines = [f"<table><thead><tr>{head}</tr></thead><tbody>"]
    for index, (name, one) in enumerate(rows):
        best, step = _best(name, one)
        # Of a metric that nobody looks at a server is asked for the latest point alone.
        count = f"{one.stats.count:,}{'+' if one.is_behind else ''}"
        cells = [_short(one.stats.last), _short(best), "" if step is None else f"{step:,}", count]
        numbers = "".join(f'<td style="{_CELL}right">{cell}</td>' for cell in cells)
        curve = f"<td>{_curve(one, _name(name))}</td>" if index < curves and one.stats.count > 1 else "<td></td>"
        lines.append(f'<tr><td style="{_CELL}left">{_escaped(_name(name))}</td>{numbers}{curve}</tr>')
    return "".join(lines) + "</tbody></table>"


def _children(state: RunState) -> str:
    """The foremost of the runs below."""
    titles, rows = children_table(state.children, _short, _name)
    head = "".join(f'<th style="{_CELL}left">{_escaped(title)}</th>' for title in titles)
    lines = []
    for row in rows:
        *cells, run_id = (f'<td style="{_CELL}left">{_escaped(cell)}</td>' for cell in row)
        lines.append(f"<tr>{''.join(cells)}{run_id}</tr>")
    return f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(lines)}</tbody></table>"


def _curve(one: Series, name: str) -> str:
    """A small line as an image: nothing in it comes from the run but numbers."""
    points = one.kept(40).points
    value = np.where(np.isfinite(points.value), points.value, np.nan)
    if not np.isfinite(value).any():
        return ""
    # Halves, so that the distance between -1e308 and 1e308 does not overflow.
    low, high = np.nanmin(value) / 2, np.nanmax(value) / 2
    height = np.full(len(value), 10.0) if high == low else 18 - 16 * ((value / 2 - low) / (high - low))
    path, pen = [], "M"
    for x, y in zip(np.linspace(2, 118, len(value)), height, strict=True):
        if math.isnan(y):
            pen = "M"
        else:
            path.append(f"{pen}{x:.0f},{y:.1f}")
            pen = "L"
    svg = (
        '<svg xmlns="http://www.w3.org/2000/svg" width="120" height="20">'
        f'<path d="{"".join(path)}" fill="none" stroke="#2f6fde" stroke-width="1.5"/></svg>'
    )
    data = base64.b64encode(svg.encode()).decode()
    return f'<img alt="curve of {_escaped(name)}" src="data:image/svg+xml;base64,{data}" width="120" height="20">'


def _rows(state: RunState) -> list[tuple[str, Series]]:
    names = [name for name in state.series if not name.startswith("system/")]
    first = state.children.kind.headline(names)
    ordered = first + [name for name in names[: ROWS * 2] if name not in first]
    return [(name, state.series[name]) for name in ordered[:ROWS]]


def _best(name: str, one: Series) -> tuple[float | None, int | None]:
    goal = guess_goal(name)
    if goal == "min":
        return one.stats.min, one.stats.min_step
    if goal == "max":
        return one.stats.max, one.stats.max_step
    return None, None


def _best_text(name: str, one: Series) -> str:
    best, step = _best(name, one)
    return "" if best is None else f" (best {_short(best)} at step {step:,})"


def _reason(state: RunState) -> str:
    """Why the run failed, one line of its logs; else what is said about its state. Empty when nothing tells."""
    failure = state.failure
    return _name(state.run.detail) if failure is None else f"{redact(failure.line)} (in {_name(failure.path)})"


def _title(run: Run) -> str:
    return _name(run.name) or run.id


def _name(text: str) -> str:
    text = redact(text)
    return text if len(text) <= NAME_LENGTH else text[:NAME_LENGTH] + "…"


def _when(state: RunState, now: float) -> str:
    run = state.run
    if run.started is None:
        return "not started"
    ended = run.ended
    if _is_forgotten(state):
        ended = max((one.run.ended for one in state.children.all.values() if one.run.ended is not None), default=None)
    took = _duration((now if ended is None else ended) - run.started)
    return f"started {_clock(run.started)} · {'running for' if ended is None else 'took'} {took}"


def _clock(seconds: float) -> str:
    try:
        return datetime.fromtimestamp(seconds, timezone.utc).strftime("%Y-%m-%d %H:%M UTC")
    except (OverflowError, ValueError, OSError):
        return "at an unknown time"


def _duration(seconds: float) -> str:
    whole = max(0, int(seconds))
    return f"{whole // 3600}:{whole // 60 % 60:02}:{whole % 60:02}"


def _short(value: float | None) -> str:
    if value is None:
        return ""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    if value == int(value) and abs(value) < 1e9:
        return f"{int(value):,}"
    return f"{value:.4g}"


def _escaped(text: str) -> str:
    return html.escape(text, quote=True)
