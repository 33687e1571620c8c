"""Writes js/src/contract.ts from src/rundetails/contract.py; with --check only says whether it is current."""

import inspect
import re
import sys
import typing
from pathlib import Path

from typing_extensions import NotRequired, get_type_hints, is_typeddict

from rundetails import contract

TARGET = Path(__file__).parent / "src" / "contract.ts"
PLAIN = {str: "string", int: "number", float: "number", bool: "boolean", type(None): "null", typing.Any: "DataView"}
HEADER = """// Made by js/generate_contract.py from src/rundetails/contract.py: change that one.

"""


def typescript(hint: object) -> str:
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin is NotRequired:
        return typescript(arguments[0])
    if origin is typing.Literal:
        return " | ".join(f'"{word}"' for word in arguments)
    if origin is list:
        inner = typescript(arguments[0])
        return f"({inner})[]" if " | " in inner else f"{inner}[]"
    if origin is dict:
        return f"Record<{typescript(arguments[0])}, {typescript(arguments[1])}>"
    if arguments:
        return " | ".join(dict.fromkeys(typescript(one) for one in arguments))
    if is_typeddict(hint):
        return hint.__name__
    return PLAIN[hint]


def field_comments(cls: type) -> dict[str, str]:
    """The text under each field, which Python itself does not keep."""
    pattern = re.compile(r'^    (\w+): [^\n]+\n    """(.*?)"""', re.MULTILINE | re.DOTALL)
    return {name: " ".join(text.split()) for name, text in pattern.findall(inspect.getsource(cls))}


def generated() -> str:
    parts = []
    for name, value in vars(contract).items():
        if typing.get_origin(value) is typing.Literal:
            parts.append(f"export type {name} = {typescript(value)};\n")
        elif is_typeddict(value):
            comments = field_comments(value)
            lines = [f"/** {' '.join((value.__doc__ or '').split())} */", f"export interface {name} {{"]
            for field, hint in get_type_hints(value, include_extras=True).items():
                if field in comments:
                    lines.append(f"  /** {comments[field]} */")
                mark = "?" if typing.get_origin(hint) is NotRequired else ""
                lines.append(f"  {field}{mark}: {typescript(hint)};")
            parts.append("\n".join([*lines, "}\n"]))
    return HEADER + "\n".join(parts)


if __name__ == "__main__":
    if "--check" in sys.argv:
        if TARGET.read_text() != generated():
            sys.exit(
                "js/src/contract.ts is not what src/rundetails/contract.py says: run python js/generate_contract.py"
            )
    else:
        TARGET.write_text(generated())
