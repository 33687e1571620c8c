"""Runs out of MLflow's tables, without their metrics."""

from __future__ import annotations

import difflib
import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ..facts import Experiment, Run
from .mlflow_facts import NEWEST, PARENT_TAG, experiment_of, run_of

NEAREST_AMONG = 2_000
"""Newest runs whose IDs and names are compared letter by letter."""

TOGETHER = 1_000
"""Runs whose rows are joined into one text: `sqlite3` lets go of the interpreter's lock between any two rows."""

_RUNS = """
    SELECT r.run_uuid, r.name, e.name, r.status, r.start_time, r.end_time, r.user_id, r.source_name,
           r.lifecycle_stage, r.artifact_uri, r.experiment_id
    FROM runs AS r LEFT JOIN experiments AS e ON e.experiment_id = r.experiment_id
"""

_CHILDREN = """
    SELECT t.run_uuid FROM tags AS t JOIN runs AS r ON r.run_uuid = t.run_uuid
    WHERE t.key = ? AND t.value = ? AND r.lifecycle_stage != 'deleted'
"""


@dataclass(frozen=True, slots=True)
class StoredRun:
    """A run, and what only the store needs to know of it."""

    run: Run
    is_deleted: bool
    """Whether it is in MLflow's bin."""
    artifacts: str | None
    """Address of its artifact folder."""
    experiment_id: str


def stored_run(connection: sqlite3.Connection, run_id: str) -> StoredRun | None:
    """The run of this ID, deleted ones too; None when there is none."""
    row = connection.execute(_RUNS + "WHERE r.run_uuid = ?", (run_id,)).fetchone()
    if row is None:
        return None
    texts = connection.execute(
        "SELECT 0, key, value FROM (SELECT key, value FROM params WHERE run_uuid = :run_id ORDER BY rowid) "
        "UNION ALL SELECT 1, key, value FROM (SELECT key, value FROM tags WHERE run_uuid = :run_id ORDER BY rowid)",
        {"run_id": run_id},
    ).fetchall()
    return stored(
        row,
        {key: value for is_tag, key, value in texts if not is_tag},
        {key: value or "" for is_tag, key, value in texts if is_tag},
    )


def run_rows(connection: sqlite3.Connection, ids: Sequence[str]) -> list[tuple[Any, ...]]:
    """Rows for `stored` of these runs, oldest first, without those in the bin."""
    rows: list[tuple[Any, ...]] = []
    for start in range(0, len(ids), TOGETHER):
        some = ids[start : start + TOGETHER]
        rows += (
            tuple(row)
            for row in json.loads(
                connection.execute(
                    "SELECT json_group_array(json_array(r.run_uuid, r.name, e.name, r.status, r.start_time, r.end_time,"
                    " r.user_id, r.source_name, r.lifecycle_stage, r.artifact_uri, r.experiment_id, r.rowid))"
                    " FROM json_each(?) AS wanted CROSS JOIN runs AS r ON r.run_uuid = wanted.value"
                    " LEFT JOIN experiments AS e ON e.experiment_id = r.experiment_id"
                    " WHERE r.lifecycle_stage != 'deleted'",
                    (json.dumps(some),),
                ).fetchone()[0]
            )
        )
    return [row[:-1] for row in sorted(rows, key=lambda row: (row[4] or 0, row[-1]))]


def child_runs(connection: sqlite3.Connection, run_id: str) -> list[Run]:
    """Runs whose parent this one is, in any experiment, oldest first."""
    about = (PARENT_TAG, run_id)
    rows = connection.execute(
        f"{_RUNS} WHERE r.run_uuid IN ({_CHILDREN}) ORDER BY r.start_time, r.rowid",
        about,
    ).fetchall()
    parameters: dict[str, dict[str, str]] = {row[0]: {} for row in rows}
    tags: dict[str, dict[str, str]] = {row[0]: {} for row in rows}
    for table, texts in (("params", parameters), ("tags", tags)):
        for child, key, value in connection.execute(
            f"SELECT run_uuid, key, value FROM {table} WHERE run_uuid IN ({_CHILDREN})",  # noqa: S608
            about,
        ):
            if child in texts:
                texts[child][key] = value or ""
    return [stored(row, parameters[row[0]], tags[row[0]]).run for row in rows]


def stored_experiment(connection: sqlite3.Connection, name: str) -> Experiment | None:
    """The experiment of this name; None when there is none, or it is in the bin."""
    if (found := experiment_id(connection, name)) is None:
        return None
    runs = "FROM runs WHERE experiment_id = ? AND lifecycle_stage != 'deleted'"
    first, ended, unfinished = connection.execute(
        "SELECT min(start_time), max(end_time), count(*) FILTER (WHERE status NOT IN ('FINISHED', 'FAILED', 'KILLED')) "
        + runs,
        (found,),
    ).fetchone()
    starts = _column(connection, f"SELECT start_time {runs} ORDER BY start_time DESC LIMIT ?", found, NEWEST)
    return experiment_of(
        name, _whole(first), [_whole(one) for one in starts], [_whole(ended)], is_running=unfinished > 0
    )


def experiment_id(connection: sqlite3.Connection, name: str) -> int | None:
    """ID of the experiment of this name, unless it is in the bin."""
    row = connection.execute(
        "SELECT experiment_id FROM experiments WHERE name = ? AND lifecycle_stage != 'deleted'", (name,)
    ).fetchone()
    return None if row is None else _whole(row[0])


def experiment_names(connection: sqlite3.Connection) -> list[str]:
    """Names of the experiments, newest first."""
    return _column(
        connection,
        "SELECT name FROM experiments WHERE lifecycle_stage != 'deleted' ORDER BY experiment_id DESC LIMIT ?",
        NEAREST_AMONG,
    )


def nearest_ids(connection: sqlite3.Connection, run_id: str, limit: int) -> list[str]:
    """IDs of runs that are not deleted: those that begin alike, then those of like ID or name, else the newest."""
    alive = "lifecycle_stage != 'deleted'"
    alike: list[str] = []
    for length in (len(run_id), 8, 4):
        if 0 < length <= len(run_id) and len(alike) < limit:
            beginning = run_id[:length].replace("!", "!!").replace("%", "!%").replace("_", "!_") + "%"
            alike += _column(
                connection,
                f"SELECT run_uuid FROM runs WHERE run_uuid LIKE ? ESCAPE '!' AND {alive} "  # noqa: S608
                "ORDER BY start_time DESC LIMIT ?",
                beginning,
                limit,
            )
    newest = connection.execute(
        f"SELECT run_uuid, name FROM runs WHERE {alive} ORDER BY start_time DESC, rowid DESC LIMIT ?",  # noqa: S608
        (NEAREST_AMONG,),
    ).fetchall()
    if len(alike) < limit:
        named: dict[str, list[str]] = {}
        for found, name in newest:
            named.setdefault(found, []).append(found)
            if name:
                named.setdefault(name, []).append(found)
        for close in difflib.get_close_matches(run_id, named, n=limit, cutoff=0.6):
            alike += named[close]
    return list(dict.fromkeys(alike or [found for found, _ in newest]))[:limit]


def stored(row: Sequence[object], parameters: dict[str, str], tags: dict[str, str]) -> StoredRun:
    """Out of a row of `run_rows`."""
    run_id, name, experiment, status, started, ended, user, source, stage, artifacts, experiment_id = row
    run = run_of(
        str(run_id),
        name=_word(name),
        experiment=_word(experiment),
        status=str(status),
        started=_whole(started),
        ended=_whole(ended),
        parameters=parameters,
        tags=tags,
        user=_word(user),
        source=_word(source),
    )
    return StoredRun(run, stage == "deleted", _word(artifacts), str(experiment_id))


def _word(value: object) -> str | None:
    return None if value is None else str(value)


def _whole(value: object) -> int | None:
    return int(value) if isinstance(value, (int, float)) else None


def _column(connection: sqlite3.Connection, sql: str, *values: object) -> list[str]:
    return [row[0] for row in connection.execute(sql, values)]
