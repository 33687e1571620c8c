"""What a model is made of: the parts that data run through, as the run's own parameters and properties tell."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from ..facts import Run
from .kind import number, said

MOST = 60
"""Parts that are told at most: more are a thicket."""

DEEPEST = 8
"""Pipelines within pipelines that are followed."""

DATA = "data"

CALL = re.compile(r"([A-Za-z_][\w.]*)\(")


@dataclass(frozen=True, slots=True)
class FittedPart:
    """One part of a model."""

    id: str
    label: str
    """The class, or the algorithm."""
    detail: str = ""
    """Its name in the pipeline, the columns that it is given, its weight; empty when nothing says."""
    after: tuple[str, ...] = ()
    """IDs of the parts whose results it is given."""


def fitted_parts(run: Run) -> list[FittedPart]:
    """The parts of the run's model, each after those that it depends on. Empty where there are fewer than two.

    Told are pipelines of scikit-learn under MLflow's autologging (from the parameters that `get_params(deep=True)`
    gives; of a search, from the printed model), and the trials of Azure AutoML (from their properties).
    """
    parts = _of_azure(run) if said(run, "run_algorithm") else _of_sklearn(run)
    return parts if 2 < len(parts) <= MOST + 1 else []


def _of_azure(run: Run) -> list[FittedPart]:
    algorithm = said(run, "run_algorithm") or ""
    parts = [FittedPart(DATA, "Data")]
    members = _literal(said(run, "ensembled_algorithms"))
    if isinstance(members, list) and members:
        weights, iterations = (_literal(said(run, name)) for name in ("ensemble_weights", "ensembled_iterations"))
        for place, member in enumerate(members[:MOST]):
            weight, iteration = number(_item(weights, place)), _item(iterations, place)
            told = ["" if iteration is None else f"iteration {iteration}", "" if weight is None else f"{weight:.0%}"]
            parts.append(FittedPart(f"member {place}", str(member), ", ".join(filter(None, told)), (DATA,)))
        return [*parts, FittedPart("model", algorithm, "", tuple(part.id for part in parts[1:]))]
    if preprocessor := said(run, "run_preprocessor"):
        parts.append(FittedPart("preprocessor", preprocessor, "", (DATA,)))
    return [*parts, FittedPart("model", algorithm, "", (parts[-1].id,))]


def _of_sklearn(run: Run) -> list[FittedPart]:
    if "estimator_class" not in run.tags:
        return []
    name = run.tags.get("estimator_name", "")
    # A search has the model that it searches for as its parameter `estimator`.
    prefix, text = ("estimator__", run.parameters.get("estimator", "")) if name.endswith("SearchCV") else ("", name)
    walk = _Walk(run)
    walk.put(prefix, text, "", [DATA], 0)
    return walk.parts


class _Walk:
    """Parts in the order in which data run through them."""

    def __init__(self, run: Run) -> None:
        self._parameters = run.parameters
        self.parts = [FittedPart(DATA, "Data")]

    def put(self, prefix: str, text: str, detail: str, before: Sequence[str], depth: int) -> list[str]:
        """Adds one estimator and what it is made of; gives the IDs of those whose results go on.

        `prefix`: of the names of its parameters. `before`: whose results it is given.
        """
        if text == "passthrough":
            return list(before)
        if text in ("drop", "None") or len(self.parts) > MOST:
            return []
        if depth < DEEPEST:
            if steps := list(self._members(prefix, text, "steps")):
                for name, inner, _ in steps:
                    before = self.put(f"{prefix}{name}__", inner, _joined(detail, name), before, depth + 1)
                    detail = ""
                return list(before)
            for kind in ("transformers", "transformer_list"):
                if branches := list(self._members(prefix, text, kind)):
                    return [
                        end
                        for name, inner, columns in branches
                        for end in self.put(f"{prefix}{name}__", inner, _joined(columns, name), before, depth + 1)
                    ]
            if members := list(self._members(prefix, text, "estimators")):
                before = [
                    end
                    for name, inner, _ in members
                    for end in self.put(f"{prefix}{name}__", inner, name, before, depth + 1)
                ]
        found = CALL.match(text)
        own = prefix.removesuffix("__") or "model"
        self.parts.append(FittedPart(own, found[1] if found else text, detail, tuple(before)))
        return [own]

    def _members(self, prefix: str, text: str, kind: str) -> Iterator[tuple[str, str, str]]:
        """(name, text of the estimator, columns) of each; by the parameter that lists them, else by the text itself."""
        listed = self._parameters.get(prefix + kind)
        rows = _expression(text if listed is None else listed)
        if listed is None:
            told = rows.keywords if isinstance(rows, ast.Call) else ()
            rows = next((one.value for one in told if one.arg == kind), None)
        elif rows is None:
            yield from self._cut(prefix, listed)
        for row in rows.elts if isinstance(rows, ast.List) else ():
            if not isinstance(row, ast.Tuple) or len(row.elts) < 2 or not isinstance(row.elts[0], ast.Constant):
                continue
            name, inner = str(row.elts[0].value), row.elts[1]
            one = str(inner.value) if isinstance(inner, ast.Constant) else ast.unparse(inner)
            yield name, one, _columns(row.elts[2]) if len(row.elts) > 2 else ""

    def _cut(self, prefix: str, text: str) -> Iterator[tuple[str, str, str]]:
        """The same where the list is too long to have been written whole: each member is a parameter of its own."""
        names = {}
        for parameter, value in self._parameters.items():
            name = parameter.removeprefix(prefix)
            is_direct = parameter.startswith(prefix) and "__" not in name
            if is_direct and (value == "passthrough" or CALL.match(value)):
                place = text.find(f"'{name}'")
                names[name] = (place if place >= 0 else len(text), value)
        for name, (_, value) in sorted(names.items(), key=lambda one: one[1][0]):
            yield name, value, ""


def _columns(node: ast.expr) -> str:
    """Columns of a table, in a few words."""
    if isinstance(node, ast.List):
        names = [str(one.value) if isinstance(one, ast.Constant) else ast.unparse(one) for one in node.elts]
        return ", ".join(names) if len(names) <= 3 else f"{len(names)} columns"
    return ast.unparse(node)[:60]


def _expression(text: str) -> ast.expr | None:
    """None for what is no expression: a text that was cut, say."""
    try:
        return ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _joined(*words: str) -> str:
    return ": ".join(filter(None, words))


def _literal(text: str | None) -> Any:
    try:
        return None if text is None else ast.literal_eval(text)
    except (ValueError, SyntaxError, RecursionError, MemoryError):
        return None


def _item(values: object, place: int) -> object:
    return values[place] if isinstance(values, list) and place < len(values) else None
