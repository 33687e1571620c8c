"""The rules that find what is wrong with a curve: one function each. `docs/insight.md` says them for people.

A rule gets a curve and whether it found the same at the last look: what is shown stays until it is clearly over, so
that nothing flickers. All thresholds are ratios, none has the unit of a metric.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable

import numpy as np

from ..series import Series
from .curve import POINTS, Curve, Floats, blocks, counted, named, noise, short, words_of
from .findings import Finding

_GAMES = frozenset("gan generator discriminator adversarial adv critic actor policy value entropy g d q td kl".split())
"""Words of losses that rise and fall by design: two networks play against each other, or rewards grow."""

_SPEED = re.compile(
    r"(?i)throughput|(^|[/_. -])(fps|its|ips)($|[/_. -])"
    r"|(it|iter|iteration|step|sample|image|img|token|tok|batch|batche|example|row|frame|episode)s?"
    r"(/|_per_|_p|[ .-]per[ .-])s(ec|econd)?s?($|[^a-z])"
)


def not_finite(name: str, goal: str | None, series: Series) -> Finding | None:
    """A value is NaN or ±inf. No threshold: one is enough, and all that follows is computed from it."""
    count = series.stats.not_finite
    if not count:
        return None
    points = series.kept(POINTS).points
    bad = np.flatnonzero(~np.isfinite(points.value))
    if not len(bad):
        return None
    first = int(bad[0])
    last = series.stats.last
    is_bad_still = last is not None and not math.isfinite(last)
    what = "NaN" if np.isnan(points.value[first]) else "inf"
    tail = ", and the latest value is no number either" if is_bad_still else ", and it has recovered since"
    return Finding(
        "not_finite",
        "serious" if is_bad_still and goal else "warning",
        f"{named(name)} was {what} first at step {counted(points.step[first])}, in {_at_least(count)}{tail}.",
        "A value is NaN or infinite: once is enough.",
        name,
        int(points.step[first]),
        float(points.time[first]),
    )


def _at_least(count: int) -> str:
    """Exact up to ten, then a lower bound, so that the sentence does not change with every point."""
    if count <= 10:
        return "1 point" if count == 1 else f"{count} points"
    size = 10 ** int(math.log10(count))
    return f"more than {max(size * k for k in (1, 2, 5) if size * k <= count):,} points"


def divergence(curve: Curve, was: bool = False) -> Finding | None:
    """A loss has lost what it had gained.

    Of at least 20 points, in up to 50 blocks by their medians: the lowest of the last 10 % of blocks (at least two)
    lies above the best block by more than 75 % of what had been gained until then, by half of the best value, and by
    4 times the noise. Or, where all is positive: by a factor of 100 and 60 % of the gain in powers of ten.
    Shown until the rise is below half of the gain (a factor of 30). Medians forget single spikes; the gain is counted
    from the highest block before the best, so that a rise during warmup is part of the way down. A restart of the
    learning rate gives back less. What rose like this before and came back must rise above all before it. Not for
    losses of games (GAN, actor and critic), which rise by design.
    """
    if curve.goal != "min" or len(curve) < 20 or _GAMES.intersection(words_of(curve.name)):
        return None
    level = blocks(curve.value, min(50, len(curve) // 4))
    recent = max(2, math.ceil(len(level) / 10))
    best = int(np.argmin(level))
    if best >= len(level) - recent:
        return None
    gained, rise = _gain_and_rise(level, best, recent)
    least = max((0.5 if was else 0.75) * gained, 0.5 * abs(level[best]) * (0.7 if was else 1), 4 * noise(curve.value))
    threshold = level[best] + least
    if rise <= least or rise <= 0:
        if level[best] <= 0:
            return None
        logs = np.log10(level)
        gained, rise = _gain_and_rise(logs, best, recent)
        least = max(1.5 if was else 2.0, 0.6 * gained, 4 * noise(np.log10(np.maximum(curve.value, level[best] / 10))))
        if rise <= least:
            return None
        threshold = 10 ** (logs[best] + least)
    size = len(curve) // len(level)
    offset = len(curve) - size * len(level)
    low = int(np.flatnonzero(level <= threshold)[-1])
    if not was and _comes_and_goes(level, best, low, threshold) and level[-recent:].min() <= level[: low + 1].max():
        return None
    since, at = offset + (low + 1) * size, offset + best * size + size // 2
    return Finding(
        "divergence",
        "serious",
        f"{named(curve.name)} rose from {short(level[best])} around step {counted(curve.step[at])} to "
        f"{short(float(np.median(level[-recent:])))}.",
        "The smoothed loss has lost more than three quarters of what it had gained (or grew a hundredfold), and stays "
        "there.",
        curve.name,
        int(curve.step[since]),
        float(curve.time[since]),
    )


def _comes_and_goes(level: Floats, best: int, low: int, threshold: float) -> bool:
    """Whether it rose like this before and came back."""
    before = level[: best + 1]
    risen = float((before - np.minimum.accumulate(before)).max())
    return risen > 0.5 * (threshold - level[best]) or bool(np.any(level[best : low + 1] > threshold))


def _gain_and_rise(level: Floats, best: int, recent: int) -> tuple[float, float]:
    return float(level[: best + 1].max() - level[best]), float(level[-recent:].min() - level[best])


def plateau(curve: Curve, was: bool = False) -> Finding | None:
    """Nothing has been gained for a long time.

    Of at least 50 points, in up to 50 blocks by their means: the last fifth is not better than the fifth before by
    more than twice the standard error of that difference, and even with twice the error added it would be less than
    1 % of all that was gained (2 % to stay). The second half says that a gain would have been seen: what is hidden in
    noise is never called a plateau. Only where something was gained before (by 8 standard errors).
    """
    if curve.goal is None or len(curve) < 50:
        return None
    level = blocks(curve.cost, min(50, len(curve) // 2), robust=False)
    fifth = len(level) // 5
    before, last = level[-2 * fifth : -fifth], level[-fifth:]
    improved = float(before.mean() - last.mean())
    error = math.sqrt((before.var(ddof=1) + last.var(ddof=1)) / fifth)
    gained = float(np.median(level[: max(2, fifth // 2)]) - level.min())
    if gained <= 8 * error or gained <= 0:
        return None
    if improved > 2 * error or abs(improved) + 2 * error > (0.02 if was else 0.01) * gained:
        return None
    size = len(curve) // len(level)
    offset = len(curve) - size * len(level)
    # Since when: the first block that is as good as the last fifth, noise apart.
    good = np.flatnonzero(level <= last.mean() + 2 * max(float(level[-2 * fifth :].std()), 0.002 * gained))
    since = offset + min(int(good[0]), len(level) - 2 * fifth) * size
    value = float(last.mean()) * (-1 if curve.goal == "max" else 1)
    return Finding(
        "plateau",
        "info",
        f"{named(curve.name)} has stayed at about {short(float(f'{value:.3g}'))} since step "
        f"{counted(curve.step[since])}.",
        "The last 40 % of at least 50 points gained less than 1 % of all that was gained, noise allowed for.",
        curve.name,
        int(curve.step[since]),
        float(curve.time[since]),
    )


def gap(train: Curve, evaluated: Curve, was: bool = False) -> Finding | None:
    """Evaluation gets worse while training gets better: overfitting.

    At least 10 points of evaluation. Its mean over a window (a tenth, at least 3 points) lies above the best such
    window by more than 5 standard errors (3 to stay) and by 10 % of what it had gained until then (5 %), rose in both
    halves of the way, and the last window does not overlap the best. Training, in the same time, got better by 2
    standard errors, and by 10 % of itself or 2 % of its range.
    """
    if evaluated.goal is None or len(evaluated) < 10 or len(train) < 10:
        return None
    cost = evaluated.cost
    window = max(3, len(cost) // 10)
    means = np.convolve(cost, np.ones(window) / window, "valid")
    best = int(np.argmin(means))
    if best + window > len(means) - 1:
        return None
    rise = float(means[-1] - means[best])
    gained = float(means[: best + 1].max() - means[best])
    error = noise(cost) * math.sqrt(2 / window)
    if rise <= (3 if was else 5) * error or rise <= (0.05 if was else 0.1) * gained or rise <= 1e-9 * abs(means[best]):
        return None
    middle = float(means[(best + len(means) - 1) // 2] - means[best])
    if not 0.2 * rise <= middle <= 1.05 * rise:
        return None
    at = best + window // 2
    fell = _improved(train, float(evaluated.step[at]))
    if fell is None:
        return None
    sign = -1 if evaluated.goal == "max" else 1
    went, came = ("rose", "fell") if evaluated.goal == "min" else ("fell", "rose")
    return Finding(
        "gap",
        "warning",
        f"{named(evaluated.name)} {went} from {short(float(f'{sign * means[best]:.3g}'))} to "
        f"{short(float(f'{sign * means[-1]:.3g}'))} since step {counted(evaluated.step[at])}, while "
        f"{named(train.name)} {came} from {short(float(f'{sign * fell[0]:.3g}'))} to "
        f"{short(float(f'{sign * fell[1]:.3g}'))}.",
        "Evaluation gets worse than its best by more than its noise and a tenth of its gain, while training still "
        "gets better.",
        evaluated.name,
        int(evaluated.step[at]),
        float(evaluated.time[at]),
    )


def _improved(train: Curve, since: float) -> tuple[float, float] | None:
    """Costs of training at a step and now, if it clearly got better in between."""
    cost = train.cost
    window = max(3, len(cost) // 20)
    until = int(np.searchsorted(train.step, since, side="right"))
    if until < 1 or len(cost) - until < window:
        return None
    then, now = float(cost[max(0, until - window) : until].mean()), float(cost[-window:].mean())
    fell = then - now
    if fell <= 2 * noise(cost) * math.sqrt(2 / window):
        return None
    return (then, now) if fell > 0.1 * abs(then) or fell > 0.02 * float(np.ptp(cost)) else None


def measures_speed(name: str) -> bool:
    """Whether a metric's name says that it is a throughput.

    >>> [measures_speed(name) for name in ("train/samples_per_second", "it/s", "throughput", "loss", "lr")]
    [True, True, True, False, False]
    """
    return bool(_SPEED.search(name))


def throughput(curve: Curve, was: bool = False) -> Finding | None:
    """A metric that measures speed has halved.

    Of at least 20 points, in up to 20 blocks by their medians: each of the last 10 % of blocks (at least two) lies
    below half of the median before (70 % to stay); before is all up to the last block of full speed (70 % of
    what a fifth of them reach). A speed that was low before in more than a tenth of the blocks comes and goes: that
    is no drop.
    """
    if len(curve) < 20:
        return None
    level = blocks(curve.value, min(20, len(curve) // 5))
    recent = max(2, len(level) // 10)
    since = int(np.flatnonzero(level >= 0.7 * np.quantile(level, 0.8))[-1]) + 1
    usual, now = float(np.median(level[:since])), float(np.median(level[-recent:]))
    if usual <= 0 or since > len(level) - recent or float(level[-recent:].max()) >= (0.7 if was else 0.5) * usual:
        return None
    if float(np.mean(level[:since] < 0.6 * usual)) > 0.1:
        return None
    at = len(curve) - (len(level) - since) * (len(curve) // len(level))
    return Finding(
        "throughput",
        "warning",
        f"{named(curve.name)} is {short(float(f'{now:.2g}'))} now, and was {short(float(f'{usual:.2g}'))} "
        f"before step {counted(curve.step[at])}.",
        "Less than half of its earlier median.",
        curve.name,
        int(curve.step[at]),
        float(curve.time[at]),
    )


def slow_steps(curve: Curve, was: bool = False) -> Finding | None:
    """Steps take twice as long as before; where no metric measures speed.

    Of at least 40 points in 20 blocks: the time a step takes in each of the last two blocks is more than twice the
    median before (1.4 times to stay), and the two took at least 30 s. Before is all up to the last quick block (1.4
    times what a fifth of them need). One pause, however long, falls into one block; a pace that was slow before in
    more than a tenth of the blocks comes and goes: that is no drop.
    """
    if len(curve) < 40:
        return None
    size = (len(curve) - 1) // 20
    edges = len(curve) - 1 - size * np.arange(20, -1, -1)
    moved = curve.step if bool(np.all(np.diff(curve.step) > 0)) else curve.ordinal
    took, gone = np.diff(curve.time[edges]), np.diff(moved[edges])
    if bool(np.any(gone <= 0)) or bool(np.any(took < 0)) or took[-2:].sum() < 30:
        return None
    pace = took / gone
    quick = int(np.flatnonzero(pace <= 1.4 * np.quantile(pace, 0.2))[-1]) + 1
    usual, slow = float(np.median(pace[:quick])), float(pace[-2:].min())
    if usual <= 0 or quick > len(pace) - 2 or slow <= (1.4 if was else 2) * usual:
        return None
    if float(np.mean(pace[:quick] > 1.6 * usual)) > 0.1:
        return None
    since = int(edges[quick])
    return Finding(
        "throughput",
        "warning",
        f"A step takes {slow / usual:.1f} times as long as before step {counted(curve.step[since])}.",
        "The time between steps is more than twice its earlier median.",
        None,
        int(curve.step[since]),
        float(curve.time[since]),
    )


Rule = Callable[[Curve, bool], Finding | None]

CURVE_RULES: tuple[Rule, ...] = (divergence, plateau)
"""Rules about one curve that has a direction. A new one is a function above and its name here."""
