"""Facts flow one way: the import table of docs/design.md, kept true."""

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "src" / "rundetails"

MAY_IMPORT = {
    "facts": set(),
    "errors": set(),
    "tags": set(),
    "logged": {"tags"},
    "contract": set(),
    "redact": set(),
    "goals": {"contract"},
    "choosing": {"contract", "errors"},
    "loglines": set(),
    "series": {"facts"},
    "runtypes": {"contract", "facts", "goals"},
    "sources": {"facts", "errors", "redact", "series", "tags", "logged"},
    "compute": {"errors", "facts", "redact", "sources", "tags"},
    "family": {"choosing", "contract", "errors", "facts", "goals", "monitor", "sources"},
    "sdk": {"compute", "contract", "errors", "facts", "family", "logged", "loglines", "redact", "sources", "tags",
        "zipping"},
    "insight": {"contract", "facts", "goals", "series", "tags"},
    "monitor": {"facts", "errors", "insight", "loglines", "redact", "runtypes", "series", "sources", "tags"},
    "looking": {"monitor"},
    "cell": set(),
    "wire_children": {"contract", "facts", "goals", "monitor", "redact", "runtypes"},
    "wire": {
        "contract", "facts", "goals", "insight", "logged", "monitor", "redact", "runtypes", "series", "wire_children",
    },
    "twin_children": {"choosing", "contract", "facts", "family", "monitor"},
    "twin": {"facts", "goals", "monitor", "redact", "series", "twin_children"},
    "twin_output": {"contract", "monitor", "twin"},
    "logs": {"contract", "errors", "facts", "loglines", "monitor", "redact", "sources"},
    "zipping": {"errors", "sources"},
    "waiting": {"errors", "facts", "monitor"},
    "wishes": {"contract", "errors", "monitor"},
    "page": {"contract", "monitor", "wishes"},
    "log_wishes": {"contract", "logs", "monitor", "page", "sources", "wishes"},
    "file_wishes": {
        "contract", "errors", "monitor", "page", "sources", "wishes", "zipping"
    },
    "child_wishes": {"contract", "facts", "monitor", "sources", "wire", "wire_children", "wishes"},
    "choosing_wishes": {
        "choosing", "contract", "errors", "facts", "family", "monitor", "page", "redact", "sources", "wishes"
    },
    "opened": {"contract", "wishes"},
    "widget": {"contract", "errors"},
    "presenter": {
        "cell", "child_wishes", "choosing_wishes", "contract", "file_wishes", "log_wishes", "logs", "looking",
        "monitor", "opened",
        "redact", "sources", "twin", "twin_output",
        "widget", "wire", "wishes",
    },
    "figure": {"errors", "facts", "monitor", "series", "sources"},
    "frame": {"errors", "facts", "sources"},
    "details": {
        "cell", "compute", "errors", "facts", "family", "figure", "frame", "goals", "monitor", "presenter", "redact",
        "series",
        "sources", "twin", "waiting", "wire",
    },
    "__init__": {"compute", "details", "presenter", "sdk", "sources"},
}  # fmt: skip
"""Layer (module or folder) → layers of ours that it may import."""

MAY_NOT_IMPORT = {
    "insight": {"threading", "time", "traitlets", "ipywidgets", "mlflow"},
    "choosing": {"threading", "time", "traitlets", "ipywidgets", "mlflow", "pandas", "scipy", "optuna"},
    "facts": {"threading", "traitlets", "ipywidgets", "mlflow"},
    "sources": {"threading", "traitlets", "ipywidgets", "anywidget", "IPython"},
    "monitor": {"traitlets", "ipywidgets", "anywidget", "IPython", "mlflow"},
    "twin": {"ipywidgets", "anywidget", "IPython", "mlflow"},
}


def layer_of(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imports_of(path: Path) -> tuple[set[str], set[str]]:
    """(layers of ours, top-level names of others)"""
    ours, others = set(), set()
    depth = len(path.relative_to(PACKAGE).parts)
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            others |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            others.add((node.module or "").split(".")[0])
        elif isinstance(node, ast.ImportFrom):
            if node.level < depth:
                continue
            names = [node.module.split(".")[0]] if node.module else [alias.name for alias in node.names]
            ours |= set(names)
    return ours, others


modules = sorted(PACKAGE.rglob("*.py"))


@pytest.mark.parametrize("path", modules, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_layer_imports_only_what_the_table_allows(path):
    layer = layer_of(path)
    assert layer in MAY_IMPORT, f"{layer} is new: give it a line in the table here and in docs/design.md"
    ours, others = imports_of(path)
    assert ours - {layer} <= MAY_IMPORT[layer]
    assert not others & MAY_NOT_IMPORT.get(layer, set())


def test_the_table_names_only_what_exists():
    assert set(MAY_IMPORT) <= {layer_of(path) for path in modules}
