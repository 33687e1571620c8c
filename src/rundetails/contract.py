"""What crosses between kernel and page, written down once. `js/src/contract.ts` is made from this file.

Facts go down: one `Snapshot` when the page asks for the whole, then `DeltaMessage`s. Both carry `seq`; a page that
sees a gap asks for a snapshot. Wishes go up, and the page never depends on one being heard.

Points travel as little-endian float64 columns, one after the other in one buffer: all steps, all times, all values,
and (in `whole` buffers) all ordinals: the place of the point among all points of its series, from 0. The points of
several series follow one another in each column, in the order in which the message lists the series.
"""

from __future__ import annotations

from typing import Any, Literal, TypedDict

from typing_extensions import NotRequired

Goal = Literal["min", "max"]
HealthState = Literal["loading", "live", "stale", "paused", "ended", "gone"]
FindingKind = Literal["not_finite", "divergence", "gap", "throughput", "silence", "plateau"]
Severity = Literal["serious", "warning", "info"]
WishName = Literal[
    "hello", "look", "leave", "refresh", "pause", "resume", "range", "snapshot", "twin_written", "cancel",
    "logs", "log_range", "log_find", "files", "logged", "file", "zip", "children", "curves", "select", "open",
    "importance", "siblings",
]  # fmt: skip


LogFind = Literal["error", "text"]


class FittedPart(TypedDict):
    """One part of the model that a run fitted."""

    id: str
    label: str
    """The class, or the algorithm."""
    detail: str
    """Its name, the columns that it is given, its weight; empty when nothing says."""
    after: list[str]
    """IDs of the parts whose results it is given."""


class RunFacts(TypedDict):
    """The run without its metrics. Times are seconds since 1970, in the kernel's clock."""

    id: str
    name: str
    experiment: str
    type: str
    status: str
    has_ended: bool
    created: float | None
    started: float | None
    ended: float | None
    parameters: dict[str, str]
    tags: dict[str, str]
    source: str | None
    user: str | None
    parent: str | None
    detail: str
    """One sentence about its state: its place in a queue, why it was stopped; empty when there is none."""
    can_cancel: bool
    """Whether a `cancel` wish can be granted."""
    logged: list[str]
    """Kinds of what was logged beside numbers, as the run's tags tell: table, list, image, confusion_matrix, …"""
    fitted: list[FittedPart]
    """What its model is made of, in the order in which data run through it; empty when nothing says."""


class Stats(TypedDict):
    """Exact numbers over all points of a series, kept or not. Null where no finite point says."""

    last: float | str | None
    """Value with the latest step and time; "NaN", "Infinity" or "-Infinity" as text."""
    last_step: int | None
    min: float | None
    min_step: int | None
    max: float | None
    max_step: int | None
    not_finite: int
    """How many points are NaN or ±inf."""


class SeriesFacts(TypedDict):
    """One metric. Its `kept` points are in the `whole` buffer beside it."""

    id: int
    """Short name of the series in later messages; for the life of one `epoch`."""
    name: str
    goal: Goal | None
    """Which direction is better, guessed from the name; null when it tells nothing."""
    count: int
    """Points behind it."""
    kept: int
    """Points in the buffer, in order."""
    width: int
    """Of each `width` consecutive points the lowest, the highest and the first that is not finite are kept;
    1 when all are."""
    stats: NotRequired[Stats]
    """Absent when all points are kept: the page then computes them."""
    is_behind: NotRequired[bool]
    """Whether the store has points that were not read: they come once a page shows the series."""


class Health(TypedDict):
    """How reading goes."""

    state: HealthState
    message: str
    """One sentence for people; empty when there is nothing to say."""
    since: float | None
    """Since when the state is `stale` or `gone`: the last good read."""
    retry_at: float | None
    """When it is tried again; null when it is not."""
    read_every: list[float] | None
    """Shortest and longest pause between reads, in seconds; null when nothing is read any more."""
    remaining: int
    """Points of a long history that are still being read; 0 when what is shown is exact."""


class SourceFacts(TypedDict):
    """Where the facts come from."""

    name: str
    portal_url: str | None
    can_zoom: bool
    """Whether a `range` wish can be granted."""
    has_logs: bool
    """Whether `logs`, `log_range` and `log_find` can be granted."""
    selective: bool
    """Whether the page has to say which charts it shows (`look` with `metrics`)."""
    requests: float | None
    """Requests a minute that the store gets from here; null when no server is asked."""


class LatestPoint(TypedDict):
    """The latest point of a series whose other new points were not read: nobody sees its chart."""

    id: int
    step: int
    time: float
    value: float | str


class Failure(TypedDict):
    """Why the run failed, as its logs tell."""

    path: str
    offset: int
    """Of the line's first byte in the file."""
    line: str
    """Without secrets, at most 300 characters."""


class ProgressFacts(TypedDict):
    """How far a run is."""

    unit: str
    """What is counted: "epoch", "step", "tree", …; "second" for a time limit."""
    total: float
    current: float | None
    """The one it is at, from 1; above `total` when it went on. Null for a time limit: see `since`."""
    done: float | None
    """How many are done."""
    since: float | None
    """For a time limit, when it began."""
    earliest: float | None
    """When it may be done at the earliest; null when not known."""
    latest: float | None
    """The same at the latest."""
    how: str
    """Which parameter says so and what counts, in a sentence."""


class FindingFacts(TypedDict):
    """One thing that looks wrong."""

    kind: FindingKind
    severity: Severity
    metric: str | None
    step: int | None
    time: float | None
    sentence: str
    """What was seen, with the numbers."""
    rule: str
    """When this is said."""


class FindingsFacts(TypedDict):
    """What looks wrong, most serious first."""

    shown: list[FindingFacts]
    more: int
    """How many there are beside these."""


class StaleFacts(TypedDict):
    """The run says that it is running, and is likely dead."""

    last_seen: float
    is_guess: bool
    """False where a heartbeat has stopped."""
    why: str
    """What it rests on, to follow "last seen 2 h ago"."""


class InsightFacts(TypedDict):
    """What can be said of the run beyond its facts. In a delta, absent keys are as before."""

    progress: NotRequired[ProgressFacts | None]
    findings: NotRequired[FindingsFacts]
    stale: NotRequired[StaleFacts | None]


ColumnKind = Literal["fact", "parameter", "metric", "lowest", "highest"]


class ChildColumn(TypedDict):
    """One column of some children. Its cells are in the buffer, after those of the column before."""

    name: str
    kind: ColumnKind
    """`fact`: what one is among the others: number, label, preprocessor, sampling, seconds, state, after, reused,
    apart, steps (the highest one, where there is a curve). `lowest`, `highest`: of the curve behind a metric."""
    count: int
    """Cells in the buffer."""
    is_sparse: NotRequired[bool]
    """Whether the rows that the cells belong to come before the cells, as numbers. Else every row has one."""
    words: NotRequired[list[str]]
    """When the cells are texts: the cells in the buffer are places in this list."""


class FamilyFacts(TypedDict):
    """What the children are to each other."""

    kind: Literal["automl", "sweep", "pipeline", "nested"]
    producer: str
    metric: str | None
    """The metric that they are chosen by."""
    goal: Goal | None
    goals: dict[str, Goal]
    """Directions of all metrics, as told or guessed; absent where nothing tells."""
    curve: str
    """The metric of a child's values on the way to its score, where they have another name; else empty."""
    best: str | None
    """ID of the best, where the run says it itself."""
    iterations: int | None
    """How many there will be."""
    seconds: float | None
    """For how long it is to go on."""
    scales: dict[str, Literal["linear", "log", "categorical"]]
    """How parameters were drawn."""
    is_over: bool
    """Whether nothing more is expected, although the run may say that it goes on."""
    note: str
    has_extremes: bool
    """Whether the store tells the lowest and highest values of curves; else they are known of those that were shown."""


class ChildrenFacts(TypedDict):
    """Some of the runs below the run: new ones and changed ones, each whole. In the buffer beside it: when each was
    created, started and ended (seconds since 1970, NaN for none), then the columns."""

    total: int
    """All that are known, in this message or not."""
    left: int
    """About how many are still to be read from the store."""
    ids: list[str]
    names: list[str]
    statuses: list[str]
    parents: NotRequired[dict[str, str]]
    """By row: the run that it is a child of, where that is another child."""
    closed: NotRequired[list[int]]
    """Rows that are no runs of the store: they cannot be opened."""
    columns: list[ChildColumn]
    gone: NotRequired[list[str]]
    """IDs of those that are no longer there."""
    family: NotRequired[FamilyFacts]
    error: NotRequired[str]
    """Why they cannot be read; "" when they can be again."""


class Snapshot(TypedDict):
    """The bounded whole: at most about 1 MB."""

    seq: int
    epoch: str
    """Changes when series ids start anew."""
    key: str
    """Names the twin of this view: the class `rd-twin-<key>`."""
    version: str
    now: float
    """The kernel's clock when this was made."""
    at: float | None
    """When the source was last read well; null before the first read."""
    run: RunFacts
    source: SourceFacts
    health: Health
    headline: list[str]
    """Names of the metrics worth a tile, first first."""
    insight: InsightFacts
    series: list[SeriesFacts]
    failure: NotRequired[Failure]
    whole: Any
    """Buffer of the kept points: step, time, value, ordinal."""
    children: NotRequired[ChildrenFacts]
    """The first of them; when `total` is more, a `children` wish brings the others."""
    cells: NotRequired[Any]
    """Buffer of `children`."""


class DeltaMessage(TypedDict):
    """What is new. Absent keys: as before. Buffers: `appended` points (3 columns), `whole` points (4 columns), and last
    the cells of `children`, where there are any."""

    kind: Literal["delta"]
    seq: int
    now: float
    at: float | None
    run: NotRequired[RunFacts]
    health: NotRequired[Health]
    headline: NotRequired[list[str]]
    failure: NotRequired[Failure]
    insight: NotRequired[InsightFacts]
    reset: NotRequired[bool]
    """Forget all series first."""
    series: NotRequired[list[SeriesFacts]]
    """Series that are new, or sent anew as a whole."""
    appended: NotRequired[list[list[int]]]
    """[id, number of points] for each known series that grew."""
    latest: NotRequired[list[LatestPoint]]
    requests: NotRequired[float]
    """As in `SourceFacts`."""
    children: NotRequired[ChildrenFacts]
    opened: NotRequired[str]
    """The run below that the message is about, when a reader opened one; this run's own otherwise."""


class OpenedMessage(TypedDict):
    """The whole of a run below that a reader opened. The points are in the first buffer, cells in the second."""

    kind: Literal["opened"]
    opened: str
    """Its ID."""
    snapshot: Snapshot
    """Without its buffers."""


class AliveMessage(TypedDict):
    """Nothing new, but still reading: sent seldom."""

    kind: Literal["alive"]
    seq: int
    now: float
    at: float | None
    requests: NotRequired[float]
    """As in `SourceFacts`."""
    portal_url: NotRequired[str]
    """As in `SourceFacts`: where it was not known at first."""
    opened: NotRequired[str]
    """As in `DeltaMessage`."""


class TwinMessage(TypedDict):
    """The static picture of the run, for the page to put where the twin's output is."""

    kind: Literal["twin"]
    html: str


class LogFileFacts(TypedDict):
    """One text file that the run writes."""

    path: str
    size: int | None
    """Bytes; null when the store does not say."""
    modified: float | None
    """Last change, seconds since 1970; null when the store does not say."""


class LogPart(TypedDict):
    """Bytes of one log file: in the buffer at the same place. Only the page makes text of them."""

    path: str
    start: int
    """Offset of the first byte."""
    size: int
    """Bytes in the whole file when it was read."""
    generation: int
    """Rises when the file was rewritten: what is known of it is void then."""
    error: NotRequired[str]
    """Why it cannot be read, in a sentence; the buffer is empty then."""


class LogMessage(TypedDict):
    """What open log files grew by: at most 256 kB a tick. A part that begins beyond what the page knows: too much came
    to be sent, and what lies between is there for a `log_range` wish."""

    kind: Literal["log"]
    opened: NotRequired[str]
    """As in `DeltaMessage`."""
    seq: int
    now: float
    at: float | None
    parts: list[LogPart]
    files: NotRequired[list[LogFileFacts]]
    """Files that are new or changed; all of them when `is_whole`."""
    is_whole: NotRequired[bool]
    error: NotRequired[str]
    """Why the files cannot be listed; "" when they can be again."""


class FileEntry(TypedDict):
    """One file or folder among the run's files."""

    path: str
    is_folder: bool
    size: int | None
    """Bytes; null for a folder, or when the store does not say."""


class LoggedFile(TypedDict):
    """One file of what was logged beside numbers."""

    kind: str
    name: str
    path: str
    part: str
    """Parts of one name, sorted, are in the order in which they were logged."""
    step: int | None
    """Of an image."""
    time: float | None
    """Of an image: seconds since 1970."""
    size: int | None


class ImportanceFacts(TypedDict):
    """How much one parameter mattered."""

    name: str
    importance: float
    """Part of the differences between scores that it explains, 0 to 1."""
    how: Literal["linear", "log", "categorical", "constant"]
    """How its values were read."""


class CurveFacts(TypedDict):
    """One metric of one child."""

    run: str
    kept: int
    """Points in the buffer."""


class AnswerMessage(TypedDict):
    """Answer to a wish. For `range`, its points (3 columns) are in the buffer; for `logs` and `log_range` the bytes of
    its `parts`; for `file` and `zip` bytes."""

    kind: Literal["answer"]
    opened: NotRequired[str]
    """As in `DeltaMessage`."""
    id: int
    seq: int
    """What has been told so far: a page that has heard less asks for the whole."""
    error: NotRequired[str]
    said: NotRequired[str]
    """For `cancel`: what happens next, in a sentence. For `siblings`: how the run stands among them; in the buffer, one
    after the other and equally long: steps, the quantiles 0.1, 0.25, 0.5, 0.75, 0.9 of the siblings' values there, and
    how many have come so far."""
    series: NotRequired[int]
    count: NotRequired[int]
    """For `range`: points of the series in it, kept or not. For `files`: entries of the folder, listed or not."""
    entries: NotRequired[list[FileEntry]]
    """For `files`."""
    logged: NotRequired[list[LoggedFile]]
    """For `logged`."""
    start: NotRequired[int]
    """For `file`: offset of the first byte."""
    size: NotRequired[int]
    """For `file`: bytes of the whole."""
    progress: NotRequired[list[int]]
    """For `zip`: files done, of all; bytes read, of all."""
    is_done: NotRequired[bool]
    """For `zip`: the archive is complete."""
    parts: NotRequired[list[LogPart]]
    files: NotRequired[list[LogFileFacts]]
    """For `logs`: all log files."""
    found: NotRequired[int | None]
    """For `log_find`: offset of the line, or of the text; null when there is none in what was searched."""
    children: NotRequired[ChildrenFacts]
    """For `children`."""
    importance: NotRequired[list[ImportanceFacts]]
    """For `importance`, the most important first; `count` runs with a score were looked at."""
    curves: NotRequired[list[CurveFacts]]
    """For `curves`: their points (3 columns) follow one another in the buffer."""
    searched_to: NotRequired[int]
    """For `log_find`: where the search stopped; the file's end or start when all was searched."""


class Wish(TypedDict):
    """What the page asks for. Queued in the kernel, answered when heard."""

    kind: Literal["wish"]
    id: int
    wish: WishName
    view: str
    """Which view asks."""
    opened: NotRequired[str]
    """The run below that a reader opened, when the wish is about that one."""
    runs: NotRequired[list[str]]
    """`select`: IDs of the children that are chosen. `curves`: whose."""
    metric: NotRequired[str]
    """`curves`, `importance`, `siblings`: its name."""
    visible: NotRequired[bool]
    """`look`: whether somebody can see it."""
    metrics: NotRequired[list[int]]
    """`look`: the series whose charts are in sight."""
    series: NotRequired[int]
    first_step: NotRequired[float]
    last_step: NotRequired[float]
    path: NotRequired[str]
    """`logs`: the file that is open, "" when it is only the list; absent when the logs are closed. `log_range`,
    `log_find`, `file`: the file. `siblings`: the child's ID. `files`, `zip`: the folder, "" for all."""
    start: NotRequired[int]
    """`children`: how many the page has. `log_range`, `file`: first byte. `log_find`: where to begin. `zip`: 0 begins,
    1 goes on, -1 gives up."""
    length: NotRequired[int]
    """`curves`: points of each at most. `log_range`: at most 256 kB. `file`: at most 1 MB."""
    find: NotRequired[LogFind]
    text: NotRequired[str]
    """`log_find` of `text`: letters match whatever their case."""
    back: NotRequired[bool]
    """`log_find`: towards the start of the file."""
