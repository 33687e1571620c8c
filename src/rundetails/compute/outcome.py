"""How a job ended, and that its run says so."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from .. import tags

if TYPE_CHECKING:
    from mlflow import MlflowClient

LONGEST_RETRY = 30.0
"""Seconds between two tries to tell the store, at most."""

PATIENCE = 3_600.0
"""Seconds for which a worker tries; then the job stays unfinished, and the next who looks has it tried again."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """The end of a run."""

    status: Literal["FINISHED", "FAILED", "KILLED"]
    """In MLflow's words."""
    detail: str
    """Why, in one sentence; empty when it ended well."""
    ended: float
    """Seconds since 1970-01-01 UTC."""


def outcome_of(
    codes: Sequence[int | None], ended: float, *, canceled: bool, timed_out: float | None, restarted: bool
) -> Outcome:
    """From the exit codes of all processes (None: unknown; those of a shell are 128 + the signal's number).

    `timed_out`: the limit in seconds that it exceeded. `restarted`: the machine was, since the job began.

    >>> outcome_of([0, 3], 7.0, canceled=False, timed_out=None, restarted=False).detail
    'Process 1 ended with exit code 3.'
    """
    if canceled:
        return Outcome("KILLED", "It was canceled.", ended)
    if timed_out is not None:
        return Outcome("KILLED", f"It was canceled after its limit of {timed_out:g} s.", ended)
    if all(code == 0 for code in codes):
        return Outcome("FINISHED", "", ended)
    failed = [rank for rank, code in enumerate(codes) if code not in (0, None)]
    if failed:
        # Those that were ended because another had failed say nothing.
        rank = next((one for one in failed if _signal(codes[one]) is not signal.SIGTERM), failed[0])
        who = "The script" if len(codes) == 1 else f"Process {rank}"
        return Outcome("FAILED", f"{who} {_said(codes[rank])}", ended)
    if restarted:
        return Outcome("FAILED", "The machine was restarted while it ran.", ended)
    return Outcome("FAILED", "Its processes were gone, and left no exit code: something killed all of them.", ended)


def tell(
    connect: Callable[[], MlflowClient],
    run_id: str,
    outcome: Outcome,
    *,
    note: Callable[[str], None],
    patience: float = PATIENCE,
) -> bool:
    """Has the store say how the run ended, whatever its script said; tries for `patience` seconds. Returns whether it
    took it."""
    began, pause = time.monotonic(), 0.5
    while True:
        try:
            client = connect()
            client.set_tag(run_id, tags.DETAIL, outcome.detail)
            client.set_terminated(run_id, outcome.status, end_time=round(outcome.ended * 1000))
            return True
        except Exception as error:
            if _is_gone(error):
                note(f"the store no longer has the run: {error}")
                return True
            note(f"the store did not take the end of the run: {error}")
        if time.monotonic() - began > patience:
            return False
        time.sleep(pause)
        pause = min(LONGEST_RETRY, pause * 2)


def _is_gone(error: Exception) -> bool:
    return getattr(error, "error_code", "") == "RESOURCE_DOES_NOT_EXIST" or "must be in 'active' state" in str(error)


def _signal(code: int | None) -> signal.Signals | None:
    if code is None or code in range(129):
        return None
    try:
        return signal.Signals(-code if code < 0 else code - 128)
    except ValueError:
        return None


def _said(code: int | None) -> str:
    found = _signal(code)
    if found is None:
        return f"ended with exit code {code}."
    why = {
        signal.SIGKILL: " Too little memory is the usual reason.",
        signal.SIGSEGV: " It is a fault in compiled code.",
        signal.SIGBUS: " It is a fault in compiled code, or too little shared memory.",
    }.get(found, "")
    return f"was ended by signal {found.value} ({found.name}).{why}"
