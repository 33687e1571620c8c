"""Records what Python makes of series, for vitest to replay: python tests/js/record.py [--check]"""

import json
import math
import sys
from pathlib import Path
from typing import Any

import numpy as np

from rundetails.facts import Points
from rundetails.series import Kept, Series, Stats, thin, thin_to

TARGET = Path(__file__).parent / "recorded" / "series.json"


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


if __name__ == "__main__":
    text = json.dumps(cases(), indent=None, separators=(",", ":")) + "\n"
    if "--check" in sys.argv:
        if json.loads(TARGET.read_text()) != json.loads(text):
            sys.exit("tests/js/recorded/series.json is not what Python makes: run python tests/js/record.py")
    else:
        TARGET.parent.mkdir(exist_ok=True)
        TARGET.write_text(text)
