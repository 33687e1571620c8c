"""Tags and properties of a run."""

from __future__ import annotations

from collections.abc import Mapping

from .. import tags as names
from ..errors import InvalidTags
from .experiment import checked_tags
from .handle import RunHandle


class RunLabels(RunHandle):
    """What `Run` can do with its tags, which change, and its properties, which do not."""

    @property
    def tags(self) -> dict[str, str]:
        """Its tags, without those that MLflow and this package keep for themselves."""
        return {name: text for name, text in self._facts().tags.items() if not name.startswith(("mlflow.", names.OURS))}

    @property
    def properties(self) -> dict[str, str]:
        """What `add_properties` added."""
        every = self._facts().tags
        return {name.removeprefix(names.PROPERTY): every[name] for name in every if name.startswith(names.PROPERTY)}

    def tag(self, key: str, value: object = None) -> None:
        """Sets one tag; without a value it is empty."""
        self.set_tags({key: value})

    def set_tags(self, tags: Mapping[str, object]) -> None:
        """Sets these tags, in place of those of the same names."""
        for name, value in checked_tags(tags).items():
            self.workspace.client.set_tag(self.id, name, value)

    def add_properties(self, properties: Mapping[str, object]) -> None:
        """Adds properties, which never change: one that is there with another value raises InvalidTags, and none is
        added."""
        known, new = self.properties, checked_tags(properties)
        changed = [name for name, value in new.items() if known.get(name, value) != value]
        if changed:
            raise InvalidTags(
                f"Properties never change, and {', '.join(changed)} has another value already. Tags do: run.tag(…)."
            )
        for name, value in new.items():
            self.workspace.client.set_tag(self.id, names.PROPERTY + name, value)
