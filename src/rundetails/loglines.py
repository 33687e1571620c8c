"""What counts as an error in a log: the one place that says so. `js/src/logs/errors.ts` does the same for the page,
and `tests/js/record.py` holds the two together.

A line is an error when one of `RULES` matches it, cleaned of escapes, in its last state. Each rule names texts of which
one stands in every line that it matches, so that a gigabyte is searched without looking at each line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

RULES: tuple[tuple[str, tuple[str, ...]], ...] = (
    # Last line of a Python traceback, or an exception that a log names; not a metric such as MeanSquaredError.
    (
        (r"^(?:\[[^\]]{1,40}\]:? ?)?(?!\w*(?:Mean|Squared|Absolute))(?:[A-Za-z_]\w*\.)*"
        r"[A-Za-z_]\w*(?:Error|Exception|Interrupt|Fault)(?::|$)"),
        ("Error", "Exception", "Interrupt", "Fault"),
    ),
    (r"Traceback \(most recent call last\):", ("Traceback (most",)),
    # Levels, as loggers write them; not "ERROR rate 0.1", "ERROR = 3" or "ERROR: 0.31".
    (
        (r"(?:^|[^\w.-])(?:ERROR|CRITICAL|FATAL)(?![\w-])"
        r"(?!\s*(?:rate\b|=|:?\s*[-+]?[\d.]+(?:e[-+]?\d+)?%?\s*(?:$|[,;|])))"),
        ("ERROR", "CRITICAL", "FATAL"),
    ),
    # What programs say of themselves: "error: …", "gcc: error: …", "Error: …"; not "error: 0.31".
    (
        r"^(?:[^\s:]+: )*(?:(?:[Ff]atal|[Ii]nternal|[Rr]untime) )?(?:[Ee]rror|fatal|Fatal): (?!\s*[-+]?[\d.]+)",
        ("rror: ", "atal: "),
    ),
    (
        r"CUDA (?:out of memory|error|driver error)|CUBLAS_STATUS_|NCCL (?:error|failure)|(?:^|: )[Oo]ut of memory",
        ("CUDA ", "CUBLAS_STATUS_", "NCCL ", "ut of memory"),
    ),
    (
        (r"Segmentation fault|Bus error|Illegal instruction|core dumped|Fatal Python error|terminate called after|"
        r"Assertion .{1,200} failed|panicked at|Unhandled exception|No space left on device|: command not found"),
        (
            "Segmentation fault", "Bus error", "Illegal instruction", "core dumped", "Fatal Python", "terminate called",
            "Assertion ", "panicked at", "Unhandled exception", "No space left", "command not found",
        ),
    ),
    (r"^(?:\S+: line \d+: +)?(?:\d+ )?(?:Killed|Aborted)(?:\s*$|\s+\(|\s{3,})", ("Killed", "Aborted")),
    (r"\b[Ee]xit(?:ed)?(?: with)?(?: exit)?[ -]?(?:code|status)[:=]? ?(?:[1-9]\d*|-\d+)\b", ("xit",)),
)  # fmt: skip
"""(pattern, texts of which one is in every line that it matches). Patterns mean the same to Python and JavaScript."""

LONGEST = 2_000
"""Characters of a line that are looked at."""

FRAMES_AT_MOST = 2_000
"""Lines of one traceback at most."""

OUTLIVED = 20
"""A plain error so many lines behind the last traceback is the later trouble; nearer ones only echo it."""

_PATTERN = re.compile("|".join(f"(?:{pattern})" for pattern, _ in RULES), re.ASCII)
_NEEDLES = tuple(dict.fromkeys(needle.encode() for _, needles in RULES for needle in needles))
_ESCAPES = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[ -/]*[0-~])")
_HEADER = re.compile(r"^(?P<before>.*?)Traceback \(most recent call last\):\s*$")


@dataclass(frozen=True, slots=True)
class ErrorLine:
    """One line that tells of an error."""

    offset: int
    """Of its first byte in the file."""
    text: str
    """The line as a person reads it."""


def clean(raw: bytes) -> str:
    """A line as a person reads it: no escapes, of a progress bar the last state.

    >>> clean(b"\\x1b[31m10 %\\r20 %\\x1b[0m\\r")
    '20 %'
    """
    text = raw[-4 * LONGEST :] if b"\r" in raw else raw[: 4 * LONGEST]
    states = _ESCAPES.sub("", text.decode("utf-8", "replace")).replace("\0", "").split("\r")
    return next((state for state in reversed(states) if state.strip()), "").rstrip()


def is_error(text: str) -> bool:
    """Whether a clean line tells of an error.

    >>> is_error("ValueError: no"), is_error("gcc: error: no input files"), is_error("Mean absolute error: 0.3")
    (True, True, False)
    """
    return _PATTERN.search(text[:LONGEST]) is not None


def error_offsets(block: bytes) -> list[int]:
    """Where in the block the lines begin that tell of an error, in order."""
    starts = {block.rfind(b"\n", 0, hit) + 1 for needle in _NEEDLES for hit in _hits(block, needle)}
    return sorted(start for start in starts if is_error(clean(block[start : _end(block, start)])))


def last_error(data: bytes, start: int) -> tuple[ErrorLine, bool] | None:
    """The line that says best why a run failed, and whether it ends a traceback: of the last traceback its last line,
    or the last other error when that comes much later. `data` begins at offset `start` of its file."""
    lines = list(_lines(data, start))
    traceback = next((end for i in reversed(range(len(lines))) if (end := _traceback_end(lines, i)) is not None), None)
    plain = next((i for i in reversed(range(len(lines))) if is_error(lines[i].text)), None)
    if traceback is not None and (plain is None or plain - traceback < OUTLIVED):
        return lines[traceback], True
    return None if plain is None else (lines[plain], False)


def traceback_end(data: bytes, start: int, most: int = 30) -> str:
    """The last traceback as text, of a long one the last `most` lines; empty when there is none. `data` begins at
    offset `start` of its file."""
    lines = list(_lines(data, start))
    for first in reversed(range(len(lines))):
        end = _traceback_end(lines, first)
        if end is not None:
            return "\n".join(line.text for line in lines[max(first, end + 1 - most) : end + 1])
    return ""


def _lines(data: bytes, start: int) -> Iterator[ErrorLine]:
    """All lines; the first is left out when it may have begun earlier."""
    offset = start
    for number, raw in enumerate(data.split(b"\n")):
        if number or not start:
            yield ErrorLine(offset, clean(raw))
        offset += len(raw) + 1


def _traceback_end(lines: list[ErrorLine], first: int) -> int | None:
    """Where the traceback ends whose header is here; None when there is no header, or no end yet."""
    header = _HEADER.match(lines[first].text)
    if header is None:
        return None
    before = header["before"]
    for index in range(first + 1, min(len(lines), first + FRAMES_AT_MOST)):
        text = lines[index].text.removeprefix(before)
        if text.strip() and not text[0].isspace():
            return index
    return None


def _hits(block: bytes, needle: bytes) -> Iterator[int]:
    """At most one a line."""
    hit = block.find(needle)
    while hit >= 0:
        yield hit
        hit = block.find(needle, _end(block, hit))


def _end(block: bytes, position: int) -> int:
    end = block.find(b"\n", position)
    return len(block) if end < 0 else end
