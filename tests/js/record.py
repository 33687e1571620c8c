"""Records what Python makes of series, log lines and children, for vitest: python tests/js/record.py [--check]"""

import json
import math
import sys
from pathlib import Path
from typing import Any

import numpy as np

from rundetails.choosing import by_group, pareto_front, running_best, since_improvement
from rundetails.facts import Child, ChildrenDelta, Points, Run, Status
from rundetails.loglines import clean, is_error
from rundetails.monitor.children import Children
from rundetails.series import Kept, Series, Stats, thin, thin_to
from rundetails.wire_children import children_facts

FOLDER = Path(__file__).parent / "recorded"


def plain(values: Any) -> list[float | str]:
    """JSON has no NaN and no infinity."""
    return [value if math.isfinite(value) else str(value) for value in np.asarray(values, float).tolist()]


def kept_facts(kept: Kept) -> dict[str, Any]:
    points = kept.points
    return {
        "step": plain(points.step),
        "time": plain(points.time),
        "value": plain(points.value),
        "ordinal": plain(kept.ordinal),
        "width": kept.width,
    }


def stats_facts(stats: Stats) -> dict[str, Any]:
    names = ("count", "last", "last_step", "last_time", "min", "min_step", "max", "max_step", "not_finite")
    facts = {name: getattr(stats, name) for name in names}
    return {name: plain([value])[0] if isinstance(value, float) else value for name, value in facts.items()}


def histories() -> dict[str, Points]:
    random = np.random.default_rng(7)
    noise = random.normal(size=260).round(6)
    odd = noise.copy()
    odd[[5, 6, 7, 130]] = np.nan
    odd[[50, 51]] = np.inf
    odd[180:200] = -np.inf
    spike = np.zeros(260)
    spike[133] = 1e308
    steps = np.arange(260, dtype=np.int64)

    def points(value: Any, step: Any = None) -> Points:
        value = np.asarray(value, float)
        step = steps[: len(value)] if step is None else np.asarray(step, np.int64)
        return Points(step, 1e9 + np.arange(len(value), dtype=float), value)

    return {
        "noise": points(noise),
        "odd": points(odd),
        "spike": points(spike),
        "backwards": points(noise, steps[::-1] % 97),
        "same step": points(noise[:40], np.zeros(40)),
        "all nan": points([math.nan] * 9),
        "one": points([3.5]),
        "empty": points([]),
    }


def cases() -> dict[str, Any]:
    recorded = {}
    for name, points in histories().items():
        whole = Kept(points, np.arange(len(points), dtype=float), 1)
        stats = Stats()
        stats.add(points)
        parts = Series(limit=100)
        for start in range(0, len(points), 33):
            parts.append(points.take(slice(start, start + 33)))
        recorded[name] = {
            "points": kept_facts(whole),
            "thin": {str(width): kept_facts(thin(whole, width)) for width in (1, 2, 10, 64)},
            "thin_twice": kept_facts(thin(thin(whole, 4), 32)),
            "thin_to": {str(limit): kept_facts(thin_to(whole, limit)) for limit in (1, 10, 100, 259)},
            "stats": stats_facts(stats),
            "stats_in_parts": stats_facts(parts.stats),
        }
    return recorded


LINES = [
    "ValueError: no such thing",
    "KeyError: 3",
    "KeyboardInterrupt",
    "torch.cuda.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.50 GiB",
    "[rank0]: RuntimeError: shape mismatch",
    "AssertionError",
    "Traceback (most recent call last):",
    "2026-01-01 12:00:00 ERROR root: it broke",
    "ERROR:root:it broke",
    "[ERROR] it broke",
    "CRITICAL disk",
    "error: unrecognized arguments: --lr",
    "train.py: error: the following arguments are required: --lr",
    "bash: line 1: pyhton: command not found",
    "fatal: not a git repository",
    "Error: Cannot find module 'x'",
    "Segmentation fault (core dumped)",
    "run.sh: line 3:  4711 Killed                  python train.py",
    "Killed",
    "slurmstepd: out of memory",
    "RuntimeError: CUDA error: device-side assert triggered",
    "terminate called after throwing an instance of 'std::bad_alloc'",
    "thread 'main' panicked at src/main.rs:2",
    "a.out: a.c:3: main: Assertion `x > 0' failed.",
    "OSError: [Errno 28] No space left on device",
    "Process finished with exit code 137",
    "command exited with status -9",
    "",
    "epoch 3 loss 0.31 val_error 0.2",
    "Mean absolute error: 0.31",
    "MeanSquaredError: 0.25",
    "error: 0.31",
    "ERROR: 0.31",
    "ERROR rate 0.2",
    "ERROR = 3",
    "no errors found",
    "0 errors, 2 warnings",
    "exit code 0",
    "WARNING: something",
    "Killed 3 idle workers",
    "    raise ValueError('no')",
    "to avoid out of memory, lower the batch size",
    "INFO error_rate=0.1 TypeError_count=0",
    "übergröße ERROR größe",
]
"""Lines that are errors, and lines that look like it."""

STATES = ["10 %\r20 %", "a\r\r", "\x1b[31mred\x1b[0m", "50 %\r\x1b[K", "x\x1b]0;t\x07y", "  kept  "]


def line_cases() -> dict[str, Any]:
    return {
        "lines": [[line, is_error(line)] for line in LINES],
        "states": [[state, clean(state.encode())] for state in STATES],
    }


def children_case() -> dict[str, Any]:
    """A message about a few children, and what every cell of it means."""
    children = Children()
    parent = Run("p", status=Status.RUNNING)
    listed = [
        Child(
            Run(
                f"c{number}",
                f"trial {number}",
                status=[Status.COMPLETED, Status.FAILED, Status.RUNNING][number % 3],
                created=1000.0 + number,
                started=None if number == 4 else 1000.5 + number,
                ended=1010.0 + number if number % 3 == 0 else None,
                parameters={"lr": ["0.1", "1e-3", "None"][number % 3], **({"depth": "3"} if number > 2 else {})},
                parent="p" if number < 5 else "c1",
                tags={"iteration": str(number)},
            ),
            {"loss": [0.5, math.nan, math.inf][number % 3]} if number else {},
            number,
            {"loss": 0.25} if number == 3 else {},
        )
        for number in range(6)
    ]
    children.take(parent, ChildrenDelta(None, listed, remaining=7), None)
    facts, buffer = children_facts(children, list(children.all), ["gone"])
    return {
        "facts": facts,
        "cells": plain(np.frombuffer(buffer, "<f8")),
        "parameters": [dict(one.run.parameters) for one in listed],
    }


def choosing_cases() -> list[dict[str, Any]]:
    """Scores with ties and holes: the best so far, groups, the front of two objectives."""
    chance = np.random.default_rng(9)
    found = []
    for size in (1, 2, 9, 60):
        values, others = chance.integers(-4, 5, size) / 2, chance.integers(-4, 5, size) / 2
        values[chance.random(size) < 0.15] = np.nan
        labels = [str(label) for label in chance.choice(["a", "b", "c"], size)]
        for goal in ("min", "max"):
            groups = by_group(labels, values, np.ones(size), goal)
            found.append(
                {
                    "goal": goal,
                    "values": plain(values),
                    "others": plain(others),
                    "labels": labels,
                    "best": plain(running_best(values, goal)),
                    "since": since_improvement(values, goal),
                    "groups": [[one.label, one.count, one.best, one.median, one.seconds] for one in groups],
                    "front": pareto_front(np.column_stack([values, others]), (goal, "min")).tolist(),
                }
            )
    return found


if __name__ == "__main__":
    for name, recorded in {
        "series": cases(),
        "errors": line_cases(),
        "children": children_case(),
        "choosing": choosing_cases(),
    }.items():
        target = FOLDER / f"{name}.json"
        text = json.dumps(recorded, indent=None, separators=(",", ":")) + "\n"
        if "--check" not in sys.argv:
            FOLDER.mkdir(exist_ok=True)
            target.write_text(text)
        elif json.loads(target.read_text()) != json.loads(text):
            sys.exit(f"tests/js/recorded/{name}.json is not what Python makes: run python tests/js/record.py")
