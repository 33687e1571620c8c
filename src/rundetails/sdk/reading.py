"""`Run.get_details`: what is known of a run, in the original's words."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from .. import tags as names
from ..facts import Run as Facts
from ..facts import Status
from ..redact import redact, redact_value

if TYPE_CHECKING:
    from .run import Run


def details(run: Run, facts: Facts) -> dict[str, Any]:
    """The dict that `Run.get_details` describes."""
    with run.workspace.reading() as source:
        logs = [log.path for log in source.log_files(facts.id)] if "files" in source.capabilities else []
    detail = redact(facts.detail)
    found: dict[str, Any] = {
        "runId": facts.id,
        "target": facts.tags.get(names.COMPUTE, "local"),
        "status": facts.status.value,
        "startTimeUtc": utc(facts.started),
    }
    if facts.ended is not None:
        found["endTimeUtc"] = utc(facts.ended)
    if facts.status is Status.FAILED:
        found["error"] = {"error": {"message": detail or "The run failed; its logs say why."}}
    return {
        **found,
        "detail": detail,
        "warnings": [],
        "properties": run.properties,
        "tags": {name: redact_value(name, text) for name, text in run.tags.items()},
        "inputDatasets": [],
        "outputDatasets": [],
        "runDefinition": {
            "script": facts.source,
            "arguments": facts.tags.get(names.OURS + "arguments", ""),
            "target": facts.tags.get(names.COMPUTE, "local"),
        },
        "logFiles": {path: f"runs:/{facts.id}/{path}" for path in logs},
        "submittedBy": facts.user,
    }


def utc(seconds: float | None) -> str | None:
    """ISO 8601 with `Z`.

    >>> utc(0.5)
    '1970-01-01T00:00:00.500000Z'
    """
    if seconds is None:
        return None
    return datetime.fromtimestamp(seconds, timezone.utc).isoformat(timespec="microseconds").replace("+00:00", "Z")
