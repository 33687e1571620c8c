"""A zip of a run's files, made while it is read: never more than a part of it is in memory."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from .errors import RunDetailsError
from .sources.protocol import RunSource

PART = 1 << 20
"""Bytes of a file that are read in one go, and about what one step gives."""

STORED = frozenset("7z bz2 gif gz jpeg jpg mp3 mp4 npz onnx parquet png pt pth safetensors webp xz zip zst".split())
"""Endings of files that are compressed already, or do not compress."""

MISSING = "MISSING.txt"
"""A file in the archive that names those that could not be read; with `_` before it where the run has one."""


@dataclass(frozen=True, slots=True)
class Step:
    """A part of an archive."""

    data: bytes
    files: int
    """Files that are in it so far."""
    of_files: int
    read: int
    """Bytes read so far."""
    of_bytes: int
    """Bytes of all files, as far as the store says."""


def files_below(source: RunSource, run_id: str, folder: str = "") -> dict[str, int | None]:
    """Paths of all files below a folder with their sizes (None: the store does not say)."""
    found: dict[str, int | None] = {}
    for _ in _listing(source, run_id, folder, found):
        pass
    return found


def _listing(source: RunSource, run_id: str, folder: str, found: dict[str, int | None]) -> Iterator[None]:
    """Fills `found`, one folder a step."""
    waiting = [folder]
    while waiting:
        for entry in source.artifacts(run_id, waiting.pop()):
            if entry.is_folder:
                waiting.append(entry.path)
            else:
                found[entry.path] = entry.size
        yield


def zip_steps(
    source: RunSource, run_id: str, folder: str = "", *, check: Callable[[int], None] = lambda _: None
) -> Iterator[Step]:
    """The archive in parts, to be put one behind the other. The paths in it begin below the folder's parent. `check` is
    told how many bytes of files it will hold, as far as is known, and may raise.

    A file that grows meanwhile is cut where it ended when its turn came; one that cannot be read is named in
    MISSING.txt. A name that would lead out of where it is unpacked is left out, and named there.
    """
    files: dict[str, int | None] = {}
    for _ in _listing(source, run_id, folder, files):
        yield Step(b"", 0, len(files), 0, 0)
    above = folder.strip("/").rpartition("/")[0]
    out, missing, read = _Parts(), list[str](), 0
    total = sum(size or 0 for size in files.values())
    check(total)
    with zipfile.ZipFile(out, "w") as archive:
        for done, path in enumerate(sorted(files)):
            name = path.removeprefix(above + "/") if above else path
            if name.startswith("/") or ".." in name.split("/") or "\\" in name:
                missing.append(f"{path}: its name leads out of the archive")
                continue
            try:
                chunk = source.read_file(run_id, path, 0, PART)
            except RunDetailsError as error:
                missing.append(f"{path}: {error}")
                continue
            how = zipfile.ZIP_STORED if path.rpartition(".")[2].lower() in STORED else zipfile.ZIP_DEFLATED
            about = zipfile.ZipInfo(name)
            about.compress_type = how
            size, offset = chunk.size, 0
            with archive.open(about, "w", force_zip64=size > 1 << 31) as file:
                while True:
                    file.write(chunk.data)
                    offset += len(chunk.data)
                    read += len(chunk.data)
                    check(max(total, read))
                    yield Step(out.take(), done, len(files), read, max(total, read))
                    if offset >= size:
                        break
                    if not chunk.data:
                        missing.append(
                            f"{path}: it was cut while it was read, only its first {offset:,} bytes are here"
                        )
                        break
                    try:
                        chunk = source.read_file(run_id, path, offset, min(PART, size - offset))
                    except RunDetailsError as error:
                        missing.append(f"{path}: only its first {offset:,} bytes could be read. {error}")
                        break
        if missing:
            note = MISSING
            while note in archive.namelist():
                note = f"_{note}"
            archive.writestr(note, "\n".join(missing) + "\n")
    yield Step(out.take(), len(files), len(files), read, max(total, read))


class _Parts(io.RawIOBase):
    """What was written since it was last taken. Cannot go back, so that zipfile puts sizes behind each file."""

    def __init__(self) -> None:
        super().__init__()
        self._data = bytearray()

    def writable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return False

    def write(self, data: object) -> int:
        before = len(self._data)
        self._data += data  # type: ignore[arg-type]
        return len(self._data) - before

    def take(self) -> bytes:
        data = bytes(self._data)
        self._data.clear()
        return data
