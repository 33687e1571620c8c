#!/usr/bin/env python3
"""Gives this environment a second kernel, `python3-ipykernel6`, that runs ipykernel 6 beside the installed 7.

Only ipykernel and what no other package here brings go into a folder of their own, which the kernel looks at first:
two seconds and some megabytes, where a second environment would cost minutes. The two differ in how clicks reach
a busy kernel (docs/design.md, "Widget").
"""

import json
import subprocess
import sys
from pathlib import Path

NAME = "python3-ipykernel6"
FOLDER = Path(sys.prefix) / "ipykernel6"
# nest-asyncio is the one dependency that ipykernel 7 does not share.
PACKAGES = ("ipykernel>=6.29,<7", "nest-asyncio")

if __name__ == "__main__":
    if sys.prefix == sys.base_prefix:
        sys.exit("This is the system's Python, which is left alone: run it with the environment's, .venv/bin/python.")
    if not (FOLDER / "ipykernel").exists():
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--upgrade", "--target", str(FOLDER)]
        subprocess.run([*pip, *PACKAGES], check=True)
    spec = Path(sys.prefix) / "share" / "jupyter" / "kernels" / NAME / "kernel.json"
    spec.parent.mkdir(parents=True, exist_ok=True)
    spec.write_text(
        json.dumps(
            {
                "argv": [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"],
                "display_name": "Python 3 (ipykernel 6)",
                "language": "python",
                "env": {"PYTHONPATH": str(FOLDER)},
            },
            indent=1,
        )
    )
