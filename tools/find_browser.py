#!/usr/bin/env python3
"""Prints the path of a Chromium on this machine; with --install gets one first where there is none.

Looked at, in this order: $CHROMIUM, the usual command names, Playwright's own.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
NONE = (
    "No Chromium was found. Install one (Debian: apt-get install chromium; elsewhere: playwright install chromium), "
    "or put the path of yours into $CHROMIUM; then run make setup again."
)


def playwrights_own() -> str | None:
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        return None
    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if Path(path).exists() else None


def find() -> str | None:
    named = os.environ.get("CHROMIUM")
    if named:
        if not shutil.which(named):
            sys.exit(f"$CHROMIUM is {named}, and no program is there: correct it, or unset it to have one looked for.")
        return shutil.which(named)
    return next(filter(None, map(shutil.which, NAMES)), None) or playwrights_own()


def install() -> None:
    """Says what it does on stderr: stdout is for the path."""
    if shutil.which("apt-get"):
        root = [] if os.geteuid() == 0 else ["sudo", "--non-interactive"]
        steps = [[*root, "apt-get", "update"], [*root, "apt-get", "install", "--yes", "chromium"]]
    else:
        steps = [[sys.executable, "-m", "playwright", "install", "chromium"]]
    for step in steps:
        print("Installing a browser:", *step, file=sys.stderr)
        try:
            failed = subprocess.run(step, stdout=sys.stderr, env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"})
        except FileNotFoundError as error:
            sys.exit(f"{error.filename} is not on this machine. {NONE}")
        if failed.returncode:
            sys.exit(f"{' '.join(step)} ended with {failed.returncode}. {NONE}")


if __name__ == "__main__":
    path = find()
    if not path and "--install" in sys.argv:
        install()
        path = find()
    if not path:
        sys.exit(NONE)
    print(path)
