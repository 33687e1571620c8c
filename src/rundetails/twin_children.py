"""The runs below a run, in its static picture: what they are together, the best one, the foremost ten."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from .choosing import by_group
from .contract import Goal
from .facts import Run, experiment_in
from .family import chosen_metric, ranked
from .monitor.children import Children

ROWS = 10
"""Children in the table at most."""

PARAMETERS = 4
"""Parameters of the best that are named."""

ALGORITHMS = 5
"""Algorithms that are named."""

NOUNS = {"automl": "iterations", "sweep": "trials", "pipeline": "steps", "nested": "child runs"}


def summary(run: Run, children: Children, short: Callable[[float | None], str], name: Callable[[str], str]) -> str:
    """One line: how many runs are below `run`, how they ended, the best; empty when there are none."""
    if not children.all:
        return ""
    family = children.family
    states = Counter(children.place(child).state or child.run.status.value for child in children.all.values())
    planned = f" of {family.iterations:,} planned" if family.iterations else ""
    counted = ", ".join(f"{count:,} {state.lower()}" for state, count in states.most_common(5))
    is_experiment = experiment_in(run.id) is not None and family.kind == "nested"
    noun = "runs" if is_experiment else NOUNS[family.kind]
    producer = f"{name(family.producer)}: " if family.producer else ""
    line = f"{producer}{len(children.all):,} {noun}{planned} ({counted})"
    metric, goal = chosen_metric(children, None, None)
    found = ranked(children, metric, goal)
    if found:
        best = found[0]
        label = children.place(best).label or best.run.name or best.run.id
        line += f". Best {name(metric)} {short(best.metrics[metric])}: {name(label)}"
        parameters = [f"{name(one)}={name(text)[:24]}" for one, text in list(best.run.parameters.items())[:PARAMETERS]]
        line += f" ({', '.join(parameters)})" if parameters and family.kind == "sweep" else ""
        if family.kind == "automl":
            line += _by_algorithm(children, metric, goal, short, name)
    return line + "."


def _by_algorithm(
    children: Children, metric: str, goal: Goal, short: Callable[[float | None], str], name: Callable[[str], str]
) -> str:
    """The best of each of the foremost algorithms; empty where there is one only."""
    sound = {child.run.id for child in ranked(children, metric, goal)}
    listed = [(child, children.place(child)) for child in children.all.values()]
    labelled = [(child, place) for child, place in listed if place.label and not place.is_apart]
    groups = by_group(
        [place.label for _, place in labelled],
        [child.metrics.get(metric) if child.run.id in sound else None for child, _ in labelled],
        [place.seconds for _, place in labelled],
        goal,
    )
    if len(groups) < 2:
        return ""
    said = [
        f"{name(group.label)} {short(group.best)} ({group.count:,} runs)"
        for group in groups[:ALGORITHMS]
        if group.best is not None
    ]
    return f". By algorithm: {', '.join(said)}"


def table(
    children: Children, short: Callable[[float | None], str], name: Callable[[str], str]
) -> tuple[list[str], list[list[str]]]:
    """Titles and rows of the foremost: by score, or in their order where there is none."""
    family = children.family
    metric, goal = chosen_metric(children, None, None)
    found = ranked(children, metric, goal) if family.kind in ("automl", "sweep") else []
    rows = []
    for child in (found or list(children.all.values()))[:ROWS]:
        place = children.place(child)
        seconds = place.seconds
        if seconds is None and child.run.started is not None and child.run.ended is not None:
            seconds = child.run.ended - child.run.started
        number = "" if place.number is None else f"{place.number:g}"
        label = ", ".join(filter(None, (place.preprocessor, place.label))) or child.run.name or child.run.id
        state = place.state or child.run.status.value
        lasted = "" if seconds is None else f"{seconds:,.1f} s"
        rows.append([number, name(label), short(child.metrics.get(metric)), state, lasted, child.run.id])
    titles = ["#", "name", name(metric) or "score", "status", "duration", "run ID"]
    # Steps have neither numbers nor scores.
    kept = [place for place in range(len(titles)) if place not in (0, 2) or any(row[place] for row in rows)]
    return [titles[place] for place in kept], [[row[place] for place in kept] for row in rows]
