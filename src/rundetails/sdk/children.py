"""Runs below a run."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from typing_extensions import Self

from .. import tags as names
from ..errors import InvalidTags
from .handle import RunHandle
from .matching import Wanted, matches


class RunChildren(RunHandle):
    """What `Run` can do with its parent and children."""

    @property
    def parent(self) -> Self | None:
        """The run that it is a child of."""
        found = self._facts().parent
        return self.get(self.workspace, found) if found else None

    def get_children(
        self,
        recursive: bool = False,
        tags: Wanted = None,
        properties: Wanted = None,
        type: str | None = None,  # noqa: A002  # the original's name
        status: str | None = None,
    ) -> Iterator[Self]:
        """Its child runs in any experiment, the latest started first. `recursive`: those below them too. `tags`,
        `properties`, `type`, `status`: only such. A generator, as the original's."""
        with self.workspace.reading() as source:
            children = source.children(self.id)
        for child in reversed(children):
            if matches(child.tags, type, tags, properties) and status in (None, child.status.value):
                yield self._of(self.workspace, child.id, child.experiment)
            if recursive:
                below = self._of(self.workspace, child.id, child.experiment)
                yield from below.get_children(True, tags, properties, type, status)

    def child_run(self, name: str | None = None, run_id: str | None = None, outputs: object = None) -> Self:
        """A new run below this one, to log to. IDs are MLflow's: `run_id` and `outputs` must be None."""
        if run_id is not None or outputs is not None:
            raise InvalidTags(
                "child_run takes a name; MLflow chooses the ID, and outputs are uploaded with upload_file."
            )
        return self._child({}, name)

    def create_children(
        self, count: int | None = None, tag_key: str | None = None, tag_values: Sequence[object] | None = None
    ) -> list[Self]:
        """`count` child runs, or one for each of `tag_values` with that value in its tag `tag_key`. The original made
        100 at most; here there is no limit."""
        if (count is None) == (tag_key is None or tag_values is None):
            raise InvalidTags("create_children takes either count, or tag_key with tag_values.")
        every: list[dict[str, str]] = (
            [{}] * (count or 0) if tag_values is None else [{str(tag_key): str(value)} for value in tag_values]
        )
        return [self._child(one, None) for one in every]

    def _child(self, tags: dict[str, str], name: str | None) -> Self:
        made = self.experiment.create_run({names.TYPE: "interactive", **tags}, name, parent=self.id)
        return self._of(self.workspace, made, self.experiment.name, is_ours=True)
