"""Where the queue of this machine keeps its state: a folder of the user's own."""

from __future__ import annotations

import json
import os
from pathlib import Path

SETTINGS = "settings.json"


def home() -> Path:
    """`RUNDETAILS_HOME`, else the folder for the state of programs. It need not be there."""
    given = os.environ.get("RUNDETAILS_HOME")
    if given:
        return Path(given).expanduser().absolute()
    from platformdirs import user_state_path

    return user_state_path("rundetails", appauthor=False)


def slots_of(folder: Path) -> int:
    """How many runs may run at a time: RUNDETAILS_SLOTS, else what was set for this folder, else the cores."""
    for given in (os.environ.get("RUNDETAILS_SLOTS"), _settings(folder).get("slots")):
        if str(given).isdecimal() and int(str(given)) > 0:
            return int(str(given))
    return os.cpu_count() or 1


def set_slots(folder: Path, slots: int) -> None:
    """Keeps it for all that use this queue. Raises ValueError."""
    if isinstance(slots, bool) or not isinstance(slots, int) or slots < 1:
        raise ValueError(f"The slots of a queue are a whole number from 1, not {slots!r}.")
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = folder / f".{SETTINGS}.{os.getpid()}"
    draft.write_text(json.dumps({**_settings(folder), "slots": slots}), "utf-8")
    draft.replace(folder / SETTINGS)


def _settings(folder: Path) -> dict[str, object]:
    try:
        found = json.loads((folder / SETTINGS).read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
