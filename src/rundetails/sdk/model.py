"""`Model`: a version of a model in MLflow's registry."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .. import tags as names
from ..errors import ArtifactNotFound, InvalidName, ModelNotFound
from .experiment import Experiment, checked_tags
from .files import RunFiles

if TYPE_CHECKING:
    from .run import Run
    from .workspace import Workspace

EXPERIMENT = "models"
"""Experiment of the runs that `Model.register` makes for files that no run left."""


class Model:
    """A registered version of a model.

    `name`: of the model; `version`: which one, by default the latest. Raises ModelNotFound with the names there are.
    """

    def __init__(self, workspace: Workspace, name: str, version: int | str | None = None) -> None:
        self.workspace = workspace
        self.name = name
        self.version = int(version) if version is not None else max(_versions(workspace, name))
        self._stored = _version(workspace, name, self.version)

    def __repr__(self) -> str:
        return f"Model({self.workspace!r}, {self.name!r}, {self.version})"

    @property
    def id(self) -> str:
        """`name:version`."""
        return f"{self.name}:{self.version}"

    @property
    def description(self) -> str:
        return self._stored.description or ""

    @property
    def tags(self) -> dict[str, str]:
        return {name: text for name, text in self._stored.tags.items() if not name.startswith(names.OURS)}

    @property
    def properties(self) -> dict[str, str]:
        every = self._stored.tags
        return {name.removeprefix(names.PROPERTY): every[name] for name in every if name.startswith(names.PROPERTY)}

    @property
    def run_id(self) -> str | None:
        """The run whose files it is made of."""
        return self._stored.run_id or None

    @classmethod
    def register(
        cls,
        workspace: Workspace,
        model_path: str | os.PathLike[str],
        model_name: str,
        tags: Mapping[str, object] | None = None,
        properties: Mapping[str, object] | None = None,
        description: str | None = None,
    ) -> Model:
        """A new version made of a file or folder here, which is copied into the store, to a run of the experiment
        `models`. Raises FileNotFoundError, InvalidName."""
        path = Path(model_path)
        if not path.exists():
            raise FileNotFoundError(
                f"There is no {path.absolute()}. What a run left is registered with run.register_model(name, path)."
            )
        _check_name(model_name)
        with Experiment(workspace, EXPERIMENT).start_logging(display_name=model_name) as run:
            if path.is_dir():
                run.upload_folder(path.name, path)
            else:
                run.upload_file(path.name, path)
        return register_from_run(run, model_name, path.name, tags, properties, description)

    @classmethod
    def list(cls, workspace: Workspace, name: str | None = None, latest: bool = False) -> list[Model]:
        """Registered versions, the latest first; `name`: of one model; `latest`: one of each."""
        models = [name] if name is not None else sorted(_names(workspace))
        found = [(one, version) for one in models for version in sorted(_versions(workspace, one), reverse=True)]
        if latest:
            found = list({one: (one, version) for one, version in reversed(found)}.values())
        return [cls(workspace, one, version) for one, version in found]

    def download(self, target_dir: str | os.PathLike[str] = ".", exist_ok: bool = False) -> str:
        """Copies it below `target_dir`; returns the path of its file or folder. Raises FileExistsError when there is
        one and `exist_ok` is False."""
        from mlflow.artifacts import download_artifacts

        source = str(self._stored.source)
        target = Path(target_dir) / source.rstrip("/").rpartition("/")[2]
        if target.exists() and not exist_ok:
            raise FileExistsError(f"{target} is there already; exist_ok=True replaces it.")
        Path(target_dir).mkdir(parents=True, exist_ok=True)
        return str(
            download_artifacts(artifact_uri=source, dst_path=str(target_dir), tracking_uri=self.workspace.tracking_uri)
        )

    def delete(self) -> None:
        """Takes this version out of the registry; the run's files stay."""
        self.workspace.client.delete_model_version(self.name, str(self.version))


def register_from_run(
    run: Run,
    model_name: str,
    model_path: str | None,
    tags: Mapping[str, object] | None,
    properties: Mapping[str, object] | None,
    description: str | None,
) -> Model:
    """A new version made of files of a run. Raises ArtifactNotFound, InvalidName."""
    _check_name(model_name)
    path = (model_path or "").strip("/")
    _check_path(run, path)
    client = run.workspace.client
    if model_name not in _names(run.workspace, model_name):
        client.create_registered_model(model_name)
    folder = client.get_run(run.id).info.artifact_uri.rstrip("/")
    every: dict[str, Any] = {
        **checked_tags(tags),
        **{names.PROPERTY + name: value for name, value in checked_tags(properties).items()},
    }
    stored = client.create_model_version(
        model_name, f"{folder}/{path}".rstrip("/"), run.id, tags=every, description=description
    )
    return Model(run.workspace, model_name, stored.version)


def _check_path(run: RunFiles, path: str) -> None:
    known = run.get_file_names()
    if not known or not (path == "" or any(name == path or name.startswith(path + "/") for name in known)):
        said = f"It has {', '.join(known[:8])}{', …' if len(known) > 8 else ''}." if known else "It has no files."
        raise ArtifactNotFound(f"The run has no file or folder {path!r} to make a model of. {said}")


def _check_name(name: object) -> None:
    if not isinstance(name, str) or not name.strip() or any(sign in name for sign in "/:'\""):
        raise InvalidName(f"A model needs a name without / : ' and \", not {name!r:.80}.")


def _names(workspace: Workspace, name: str | None = None) -> set[str]:
    found, token = set[str](), None
    quoted = (name or "").replace("'", "")
    while True:
        page = workspace.client.search_registered_models(
            f"name = '{quoted}'" if name is not None else None, max_results=100, page_token=token
        )
        found |= {one.name for one in page}
        token = page.token
        if not token:
            return found


def _versions(workspace: Workspace, name: str) -> list[int]:
    quoted = name.replace("'", "")
    found = [int(one.version) for one in workspace.client.search_model_versions(f"name = '{quoted}'")]
    if not found:
        raise ModelNotFound(name, sorted(_names(workspace)))
    return found


def _version(workspace: Workspace, name: str, version: int) -> Any:
    known = _versions(workspace, name)
    if version not in known:
        raise ModelNotFound(f"{name}:{version}", [f"{name}:{one}" for one in sorted(known, reverse=True)])
    return workspace.client.get_model_version(name, str(version))
