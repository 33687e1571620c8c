"""When to read next: plain rules, no thread and no clock."""

from __future__ import annotations

from dataclasses import dataclass

from ..errors import RunDetailsError

REFRESH = (10.0, 15.0)
"""Seconds between two reads, by default: somewhere between these."""

UNSEEN = 60.0
"""Seconds between two reads while nobody looks."""

LONGEST_BACK_OFF = 300.0
"""Seconds between two tries at most, unless the store asks for more."""

SIGN_IN_AGAIN = 60.0
"""Seconds between two tries at most, while the credentials are not accepted: somebody is mending just that."""

COST_FACTOR = 5.0
"""The pause is at least this many times what the last read took."""

Refresh = tuple[float, float] | float | int | None


@dataclass(frozen=True, slots=True)
class Pace:
    """How often one view wants its run read."""

    shortest: float = REFRESH[0]
    """Seconds between two reads, at least."""
    longest: float = REFRESH[1]
    """Seconds between two reads, at most, while somebody looks and reads are cheap."""
    once: bool = False
    """Read a single time only."""

    @classmethod
    def of(cls, refresh: Refresh) -> Pace:
        """From what a user may write: `(10, 15)`, `5`, or None for a single read."""
        if refresh is None:
            return cls(once=True)
        try:
            if isinstance(refresh, (int, float)):
                shortest = longest = float(refresh)
            else:
                shortest, longest = (float(bound) for bound in refresh)
        except (TypeError, ValueError):
            raise _wrong(refresh) from None
        if not 0 < shortest <= longest < float("inf"):
            raise _wrong(refresh)
        return cls(shortest, longest)


def _wrong(refresh: object) -> RunDetailsError:
    return InvalidRefresh(
        f"refresh={refresh!r} is not a pause between reads. Give a pair of seconds such as (10, 15), "
        "one number of seconds such as 5, or None to read once."
    )


class InvalidRefresh(RunDetailsError, ValueError):
    """`refresh` is neither a number of seconds, nor a pair, nor None."""


BRIEF = 2.0
"""Seconds between two reads while a run is in a state that passes (waiting, beginning, ending), where that is cheap."""


def next_pause(pace: Pace, chance: float, *, seen: bool = True, cost: float = 0.0, passes: bool = False) -> float:
    """Seconds until the next read after a good one; `chance` is between 0 and 1, `cost` in seconds. `passes`: the run
    is in a state that passes, and reads cost a store on this machine next to nothing."""
    pause = pace.shortest + chance * (pace.longest - pace.shortest)
    if not seen:
        pause = max(pause, UNSEEN)
    elif passes:
        pause = min(pause, BRIEF)
    return max(pause, COST_FACTOR * cost)


def back_off(
    pace: Pace, chance: float, failures: int, retry_after: float | None = None, longest: float = LONGEST_BACK_OFF
) -> float:
    """Seconds until the next try after this many failures in a row; never sooner than the store asked for."""
    doubled = pace.shortest * 2.0 ** min(failures - 1, 16)
    pause = min(doubled, max(longest, pace.shortest)) * (1 + 0.2 * chance)
    return max(pause, retry_after or 0.0)
