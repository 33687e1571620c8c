"""Synthetic curves: healthy ones, on which nothing may be found, and sick ones."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from rundetails.facts import Points
from rundetails.insight.anomalies import divergence, gap, plateau
from rundetails.insight.curve import Curve, curve_of
from rundetails.series import Series

START = 1_700_000_000.0

Family = Callable[[np.random.Generator, int], np.ndarray]


def series_of(values, every: float = 1.0, steps=None, start: float = START) -> Series:
    """`every`: seconds between two points."""
    values = np.asarray(values, float)
    steps = np.arange(len(values)) if steps is None else np.asarray(steps)
    series = Series()
    series.append(Points(steps.astype(np.int64), start + every * np.arange(len(values)), values))
    return series


def curve(values, goal="min", name="loss", every: float = 1.0, steps=None) -> Curve:
    return curve_of(name, goal, series_of(values, every, steps))


def along(count: int) -> np.ndarray:
    return np.linspace(0, 1, count)


def decay(random, count):
    fast, floor, level = random.uniform(2, 5), random.uniform(0, 0.5), 10 ** random.uniform(-3, 3)
    relative = random.choice([0, 0.01, 0.05, 0.2])
    clean = floor + np.exp(-fast * along(count))
    return level * (clean + relative * random.normal(size=count))


def proportional_noise(random, count):
    clean = 2.3 * np.exp(-random.uniform(2, 5) * along(count)) + random.uniform(0, 0.3)
    return clean * np.exp(random.uniform(0, 0.5) * random.normal(size=count))


def power_law(random, count):
    return (1 + 50 * along(count)) ** -random.uniform(0.2, 1) + random.uniform(0, 0.03) * random.normal(size=count)


def restarts(random, count):
    """Cosine schedules with warm restarts: each gives back up to a half of what its cycle gained."""
    x, cycles = along(count), random.integers(2, 7)
    within = (x * cycles) % 1
    envelope = np.exp(-random.uniform(1.5, 3) * x)
    bumps = random.uniform(0.1, 0.45) * envelope * (0.5 + 0.5 * np.cos(np.pi * within)) * (x * cycles >= 1)
    return envelope + bumps + 0.02 * random.normal(size=count)


def warmup(random, count):
    x = along(count)
    rise = random.uniform(0.2, 1) * np.exp(-(((x - 0.05) / 0.03) ** 2))
    return 2.3 * np.exp(-3 * x) + rise + 0.05 * random.normal(size=count)


def step_decay(random, count):
    x = along(count)
    level = np.where(x < 0.33, 0.5, np.where(x < 0.66, 0.25, 0.1))
    since = np.where(x < 0.33, x, np.where(x < 0.66, x - 0.33, x - 0.66))
    return level + np.exp(-6 * x) * 0.8 + 0.15 * np.exp(-9 * since) + 0.03 * random.normal(size=count)


def oscillating(random, count):
    """Two networks play: up and down around a level."""
    x = along(count)
    return (
        1 + 0.4 * np.sin(2 * np.pi * random.uniform(3, 25) * x + random.uniform(0, 6)) + 0.1 * random.normal(size=count)
    )


def constant(random, count):
    return np.full(count, random.choice([0.0, 1e-300, 0.1, 2.302585, -5.0]))


def pure_noise(random, count):
    return random.uniform(-5, 5) + random.normal(size=count)


def spikes(random, count):
    values = decay(random, count)
    values[random.integers(0, count, max(1, count // 50))] *= 30
    return values


def slow(random, count):
    """Red noise on a slow decline."""
    red = np.zeros(count)
    for index in range(1, count):
        red[index] = 0.8 * red[index - 1] + random.normal()
    return 2 - along(count) + 0.03 * red


LOSSES: dict[str, Family] = {
    one.__name__: one
    for one in (
        decay, proportional_noise, power_law, restarts, warmup, step_decay, oscillating, constant, pure_noise, spikes,
        slow,
    )
}  # fmt: skip


def logistic(random, count):
    x = along(count)
    return 1 / (1 + np.exp(-random.uniform(5, 12) * (x - 0.3))) + random.uniform(0, 0.05) * random.normal(size=count)


def rewards(random, count):
    x = along(count)
    return 200 * x ** random.uniform(0.5, 1.5) + random.uniform(20, 80) * random.normal(size=count)


SCORES: dict[str, Family] = {one.__name__: one for one in (logistic, rewards)}

LENGTHS = (1, 2, 5, 20, 30, 60, 150, 400, 1_000, 5_000)


def findings_of(values, goal) -> list:
    """What the rules about one curve say of it, as a whole and while it grows."""
    found = []
    for share in (0.3, 0.6, 0.8, 1.0):
        part = values[: max(1, int(share * len(values)))]
        one = curve(part, goal)
        found += [finding for rule in (divergence, plateau) if (finding := rule(one)) is not None]
    return found


__all__ = ["LENGTHS", "LOSSES", "SCORES", "along", "curve", "findings_of", "gap", "series_of"]
