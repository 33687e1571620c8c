// Made by js/generate_contract.py from src/rundetails/contract.py: change that one.

export type Goal = "min" | "max";

export type HealthState = "loading" | "live" | "stale" | "paused" | "ended" | "gone";

export type FindingKind = "not_finite" | "divergence" | "gap" | "throughput" | "silence" | "plateau";

export type Severity = "serious" | "warning" | "info";

export type WishName = "hello" | "look" | "leave" | "refresh" | "pause" | "resume" | "range" | "snapshot" | "twin_written" | "cancel" | "logs" | "log_range" | "log_find" | "files" | "logged" | "file" | "zip" | "children" | "curves" | "select" | "open" | "importance" | "siblings";

export type LogFind = "error" | "text";

/** One part of the model that a run fitted. */
export interface FittedPart {
  id: string;
  /** The class, or the algorithm. */
  label: string;
  /** Its name, the columns that it is given, its weight; empty when nothing says. */
  detail: string;
  /** IDs of the parts whose results it is given. */
  after: string[];
}

/** The run without its metrics. Times are seconds since 1970, in the kernel's clock. */
export interface RunFacts {
  id: string;
  name: string;
  experiment: string;
  type: string;
  status: string;
  has_ended: boolean;
  created: number | null;
  started: number | null;
  ended: number | null;
  parameters: Record<string, string>;
  tags: Record<string, string>;
  source: string | null;
  user: string | null;
  parent: string | null;
  /** One sentence about its state: its place in a queue, why it was stopped; empty when there is none. */
  detail: string;
  /** Whether a `cancel` wish can be granted. */
  can_cancel: boolean;
  /** Kinds of what was logged beside numbers, as the run's tags tell: table, list, image, confusion_matrix, … */
  logged: string[];
  /** What its model is made of, in the order in which data run through it; empty when nothing says. */
  fitted: FittedPart[];
}

/** Exact numbers over all points of a series, kept or not. Null where no finite point says. */
export interface Stats {
  /** Value with the latest step and time; "NaN", "Infinity" or "-Infinity" as text. */
  last: number | string | null;
  last_step: number | null;
  min: number | null;
  min_step: number | null;
  max: number | null;
  max_step: number | null;
  /** How many points are NaN or ±inf. */
  not_finite: number;
}

/** One metric. Its `kept` points are in the `whole` buffer beside it. */
export interface SeriesFacts {
  /** Short name of the series in later messages; for the life of one `epoch`. */
  id: number;
  name: string;
  /** Which direction is better, guessed from the name; null when it tells nothing. */
  goal: "min" | "max" | null;
  /** Points behind it. */
  count: number;
  /** Points in the buffer, in order. */
  kept: number;
  /** Of each `width` consecutive points the lowest, the highest and the first that is not finite are kept; 1 when all are. */
  width: number;
  /** Absent when all points are kept: the page then computes them. */
  stats?: Stats;
  /** Whether the store has points that were not read: they come once a page shows the series. */
  is_behind?: boolean;
}

/** How reading goes. */
export interface Health {
  state: "loading" | "live" | "stale" | "paused" | "ended" | "gone";
  /** One sentence for people; empty when there is nothing to say. */
  message: string;
  /** Since when the state is `stale` or `gone`: the last good read. */
  since: number | null;
  /** When it is tried again; null when it is not. */
  retry_at: number | null;
  /** Shortest and longest pause between reads, in seconds; null when nothing is read any more. */
  read_every: number[] | null;
  /** Points of a long history that are still being read; 0 when what is shown is exact. */
  remaining: number;
}

/** Where the facts come from. */
export interface SourceFacts {
  name: string;
  portal_url: string | null;
  /** Whether a `range` wish can be granted. */
  can_zoom: boolean;
  /** Whether `logs`, `log_range` and `log_find` can be granted. */
  has_logs: boolean;
  /** Whether the page has to say which charts it shows (`look` with `metrics`). */
  selective: boolean;
  /** Requests a minute that the store gets from here; null when no server is asked. */
  requests: number | null;
}

/** The latest point of a series whose other new points were not read: nobody sees its chart. */
export interface LatestPoint {
  id: number;
  step: number;
  time: number;
  value: number | string;
}

/** Why the run failed, as its logs tell. */
export interface Failure {
  path: string;
  /** Of the line's first byte in the file. */
  offset: number;
  /** Without secrets, at most 300 characters. */
  line: string;
}

/** How far a run is. */
export interface ProgressFacts {
  /** What is counted: "epoch", "step", "tree", …; "second" for a time limit. */
  unit: string;
  total: number;
  /** The one it is at, from 1; above `total` when it went on. Null for a time limit: see `since`. */
  current: number | null;
  /** How many are done. */
  done: number | null;
  /** For a time limit, when it began. */
  since: number | null;
  /** When it may be done at the earliest; null when not known. */
  earliest: number | null;
  /** The same at the latest. */
  latest: number | null;
  /** Which parameter says so and what counts, in a sentence. */
  how: string;
}

/** One thing that looks wrong. */
export interface FindingFacts {
  kind: "not_finite" | "divergence" | "gap" | "throughput" | "silence" | "plateau";
  severity: "serious" | "warning" | "info";
  metric: string | null;
  step: number | null;
  time: number | null;
  /** What was seen, with the numbers. */
  sentence: string;
  /** When this is said. */
  rule: string;
}

/** What looks wrong, most serious first. */
export interface FindingsFacts {
  shown: FindingFacts[];
  /** How many there are beside these. */
  more: number;
}

/** The run says that it is running, and is likely dead. */
export interface StaleFacts {
  last_seen: number;
  /** False where a heartbeat has stopped. */
  is_guess: boolean;
  /** What it rests on, to follow "last seen 2 h ago". */
  why: string;
}

/** What can be said of the run beyond its facts. In a delta, absent keys are as before. */
export interface InsightFacts {
  progress?: ProgressFacts | null;
  findings?: FindingsFacts;
  stale?: StaleFacts | null;
}

export type ColumnKind = "fact" | "parameter" | "metric" | "lowest" | "highest";

/** One column of some children. Its cells are in the buffer, after those of the column before. */
export interface ChildColumn {
  name: string;
  /** `fact`: what one is among the others: number, label, preprocessor, sampling, seconds, state, after, reused, apart, steps (the highest one, where there is a curve). `lowest`, `highest`: of the curve behind a metric. */
  kind: "fact" | "parameter" | "metric" | "lowest" | "highest";
  /** Cells in the buffer. */
  count: number;
  /** Whether the rows that the cells belong to come before the cells, as numbers. Else every row has one. */
  is_sparse?: boolean;
  /** When the cells are texts: the cells in the buffer are places in this list. */
  words?: string[];
}

/** What the children are to each other. */
export interface FamilyFacts {
  kind: "automl" | "sweep" | "pipeline" | "nested";
  producer: string;
  /** The metric that they are chosen by. */
  metric: string | null;
  goal: "min" | "max" | null;
  /** Directions of all metrics, as told or guessed; absent where nothing tells. */
  goals: Record<string, "min" | "max">;
  /** The metric of a child's values on the way to its score, where they have another name; else empty. */
  curve: string;
  /** ID of the best, where the run says it itself. */
  best: string | null;
  /** How many there will be. */
  iterations: number | null;
  /** For how long it is to go on. */
  seconds: number | null;
  /** How parameters were drawn. */
  scales: Record<string, "linear" | "log" | "categorical">;
  /** Whether nothing more is expected, although the run may say that it goes on. */
  is_over: boolean;
  note: string;
  /** Whether the store tells the lowest and highest values of curves; else they are known of those that were shown. */
  has_extremes: boolean;
}

/** Some of the runs below the run: new ones and changed ones, each whole. In the buffer beside it: when each was created, started and ended (seconds since 1970, NaN for none), then the columns. */
export interface ChildrenFacts {
  /** All that are known, in this message or not. */
  total: number;
  /** About how many are still to be read from the store. */
  left: number;
  ids: string[];
  names: string[];
  statuses: string[];
  /** By row: the run that it is a child of, where that is another child. */
  parents?: Record<string, string>;
  /** Rows that are no runs of the store: they cannot be opened. */
  closed?: number[];
  columns: ChildColumn[];
  /** IDs of those that are no longer there. */
  gone?: string[];
  family?: FamilyFacts;
  /** Why they cannot be read; "" when they can be again. */
  error?: string;
}

/** The bounded whole: at most about 1 MB. */
export interface Snapshot {
  seq: number;
  /** Changes when series ids start anew. */
  epoch: string;
  /** Names the twin of this view: the class `rd-twin-<key>`. */
  key: string;
  version: string;
  /** The kernel's clock when this was made. */
  now: number;
  /** When the source was last read well; null before the first read. */
  at: number | null;
  run: RunFacts;
  source: SourceFacts;
  health: Health;
  /** Names of the metrics worth a tile, first first. */
  headline: string[];
  insight: InsightFacts;
  series: SeriesFacts[];
  failure?: Failure;
  /** Buffer of the kept points: step, time, value, ordinal. */
  whole: DataView;
  /** The first of them; when `total` is more, a `children` wish brings the others. */
  children?: ChildrenFacts;
  /** Buffer of `children`. */
  cells?: DataView;
}

/** What is new. Absent keys: as before. Buffers: `appended` points (3 columns), `whole` points (4 columns), and last the cells of `children`, where there are any. */
export interface DeltaMessage {
  kind: "delta";
  seq: number;
  now: number;
  at: number | null;
  run?: RunFacts;
  health?: Health;
  headline?: string[];
  failure?: Failure;
  insight?: InsightFacts;
  /** Forget all series first. */
  reset?: boolean;
  /** Series that are new, or sent anew as a whole. */
  series?: SeriesFacts[];
  /** [id, number of points] for each known series that grew. */
  appended?: number[][];
  latest?: LatestPoint[];
  /** As in `SourceFacts`. */
  requests?: number;
  children?: ChildrenFacts;
  /** The run below that the message is about, when a reader opened one; this run's own otherwise. */
  opened?: string;
}

/** The whole of a run below that a reader opened. The points are in the first buffer, cells in the second. */
export interface OpenedMessage {
  kind: "opened";
  /** Its ID. */
  opened: string;
  /** Without its buffers. */
  snapshot: Snapshot;
}

/** Nothing new, but still reading: sent seldom. */
export interface AliveMessage {
  kind: "alive";
  seq: number;
  now: number;
  at: number | null;
  /** As in `SourceFacts`. */
  requests?: number;
  /** As in `SourceFacts`: where it was not known at first. */
  portal_url?: string;
  /** As in `DeltaMessage`. */
  opened?: string;
}

/** The static picture of the run, for the page to put where the twin's output is. */
export interface TwinMessage {
  kind: "twin";
  html: string;
}

/** One text file that the run writes. */
export interface LogFileFacts {
  path: string;
  /** Bytes; null when the store does not say. */
  size: number | null;
  /** Last change, seconds since 1970; null when the store does not say. */
  modified: number | null;
}

/** Bytes of one log file: in the buffer at the same place. Only the page makes text of them. */
export interface LogPart {
  path: string;
  /** Offset of the first byte. */
  start: number;
  /** Bytes in the whole file when it was read. */
  size: number;
  /** Rises when the file was rewritten: what is known of it is void then. */
  generation: number;
  /** Why it cannot be read, in a sentence; the buffer is empty then. */
  error?: string;
}

/** What open log files grew by: at most 256 kB a tick. A part that begins beyond what the page knows: too much came to be sent, and what lies between is there for a `log_range` wish. */
export interface LogMessage {
  kind: "log";
  /** As in `DeltaMessage`. */
  opened?: string;
  seq: number;
  now: number;
  at: number | null;
  parts: LogPart[];
  /** Files that are new or changed; all of them when `is_whole`. */
  files?: LogFileFacts[];
  is_whole?: boolean;
  /** Why the files cannot be listed; "" when they can be again. */
  error?: string;
}

/** One file or folder among the run's files. */
export interface FileEntry {
  path: string;
  is_folder: boolean;
  /** Bytes; null for a folder, or when the store does not say. */
  size: number | null;
}

/** One file of what was logged beside numbers. */
export interface LoggedFile {
  kind: string;
  name: string;
  path: string;
  /** Parts of one name, sorted, are in the order in which they were logged. */
  part: string;
  /** Of an image. */
  step: number | null;
  /** Of an image: seconds since 1970. */
  time: number | null;
  size: number | null;
}

/** How much one parameter mattered. */
export interface ImportanceFacts {
  name: string;
  /** Part of the differences between scores that it explains, 0 to 1. */
  importance: number;
  /** How its values were read. */
  how: "linear" | "log" | "categorical" | "constant";
}

/** One metric of one child. */
export interface CurveFacts {
  run: string;
  /** Points in the buffer. */
  kept: number;
}

/** Answer to a wish. For `range`, its points (3 columns) are in the buffer; for `logs` and `log_range` the bytes of its `parts`; for `file` and `zip` bytes. */
export interface AnswerMessage {
  kind: "answer";
  /** As in `DeltaMessage`. */
  opened?: string;
  id: number;
  /** What has been told so far: a page that has heard less asks for the whole. */
  seq: number;
  error?: string;
  /** For `cancel`: what happens next, in a sentence. For `siblings`: how the run stands among them; in the buffer, one after the other and equally long: steps, the quantiles 0.1, 0.25, 0.5, 0.75, 0.9 of the siblings' values there, and how many have come so far. */
  said?: string;
  series?: number;
  /** For `range`: points of the series in it, kept or not. For `files`: entries of the folder, listed or not. */
  count?: number;
  /** For `files`. */
  entries?: FileEntry[];
  /** For `logged`. */
  logged?: LoggedFile[];
  /** For `file`: offset of the first byte. */
  start?: number;
  /** For `file`: bytes of the whole. */
  size?: number;
  /** For `zip`: files done, of all; bytes read, of all. */
  progress?: number[];
  /** For `zip`: the archive is complete. */
  is_done?: boolean;
  parts?: LogPart[];
  /** For `logs`: all log files. */
  files?: LogFileFacts[];
  /** For `log_find`: offset of the line, or of the text; null when there is none in what was searched. */
  found?: number | null;
  /** For `children`. */
  children?: ChildrenFacts;
  /** For `importance`, the most important first; `count` runs with a score were looked at. */
  importance?: ImportanceFacts[];
  /** For `curves`: their points (3 columns) follow one another in the buffer. */
  curves?: CurveFacts[];
  /** For `log_find`: where the search stopped; the file's end or start when all was searched. */
  searched_to?: number;
}

/** What the page asks for. Queued in the kernel, answered when heard. */
export interface Wish {
  kind: "wish";
  id: number;
  wish: "hello" | "look" | "leave" | "refresh" | "pause" | "resume" | "range" | "snapshot" | "twin_written" | "cancel" | "logs" | "log_range" | "log_find" | "files" | "logged" | "file" | "zip" | "children" | "curves" | "select" | "open" | "importance" | "siblings";
  /** Which view asks. */
  view: string;
  /** The run below that a reader opened, when the wish is about that one. */
  opened?: string;
  /** `select`: IDs of the children that are chosen. `curves`: whose. */
  runs?: string[];
  /** `curves`, `importance`, `siblings`: its name. */
  metric?: string;
  /** `look`: whether somebody can see it. */
  visible?: boolean;
  /** `look`: the series whose charts are in sight. */
  metrics?: number[];
  series?: number;
  first_step?: number;
  last_step?: number;
  /** `logs`: the file that is open, "" when it is only the list; absent when the logs are closed. `log_range`, `log_find`, `file`: the file. `siblings`: the child's ID. `files`, `zip`: the folder, "" for all. */
  path?: string;
  /** `children`: how many the page has. `log_range`, `file`: first byte. `log_find`: where to begin. `zip`: 0 begins, 1 goes on, -1 gives up. */
  start?: number;
  /** `curves`: points of each at most. `log_range`: at most 256 kB. `file`: at most 1 MB. */
  length?: number;
  find?: "error" | "text";
  /** `log_find` of `text`: letters match whatever their case. */
  text?: string;
  /** `log_find`: towards the start of the file. */
  back?: boolean;
}
