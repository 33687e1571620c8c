"""What can go wrong between here and an MLflow server, each with the sentence that people read."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterator, Mapping

from ..errors import AuthExpired, SourceUnavailable, StoreError
from ..redact import HIDDEN, redact

LONGEST_WAIT = 3600.0
"""Seconds that a server may ask to be left alone; it is believed up to here."""

SIGN_IN = (
    "Set MLFLOW_TRACKING_TOKEN, or MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, in os.environ of this process"
)
SIGN_IN_DATABRICKS = "Run `databricks auth login`, or set DATABRICKS_HOST and DATABRICKS_TOKEN in os.environ"

TRIED = "It is tried again."


class Missing(StoreError):
    """The server does not have what was asked for."""


class NoEndpoint(SourceUnavailable):
    """The server does not know this call."""


SENTENCES: dict[str, tuple[type[SourceUnavailable], str]] = {
    # The server answers.
    "signed out": (AuthExpired, "{place} does not accept the credentials (401). {sign_in}; it is tried again."),
    "not allowed": (
        AuthExpired,
        (
            "{place} knows who you are, but does not let you see this (403). Ask for access to it, or sign in as "
            "somebody who has it; it is tried again."
        ),
    ),
    "sign-in page": (AuthExpired, "{place} answers with a sign-in page, not with data. {sign_in}; it is tried again."),
    "moved": (
        SourceUnavailable,
        "{place} says that it has moved to {detail}. Use that address in MLFLOW_TRACKING_URI, or as store=….",
    ),
    "web page": (
        SourceUnavailable,
        (
            "{place} answers with a web page, not with data. Is it the address of an MLflow server, prefix included, "
            "and does no sign-in or proxy page stand before it? {tried}"
        ),
    ),
    "no API": (
        NoEndpoint,
        (
            "{place} has no MLflow API (404). Check the address, port and path prefix included, in "
            "MLFLOW_TRACKING_URI; it is tried again."
        ),
    ),
    "too many": (SourceUnavailable, "{place} gets too many requests and asks for patience (429). {tried}"),
    "failed": (
        SourceUnavailable,
        "{place} failed to answer ({status}{detail}). The server's log says why. {tried}",
    ),
    "busy": (SourceUnavailable, "{place} is busy or under maintenance (503). {tried}"),
    "no server behind": (
        SourceUnavailable,
        "{place} is behind a proxy that cannot reach it ({status}). {tried}",
    ),
    "refused": (SourceUnavailable, "{place} refuses the request ({status}{detail}). {tried}"),
    # The answer does not arrive.
    "half a reply": (SourceUnavailable, "{place} sent only a part of its reply. {tried}"),
    "no JSON": (SourceUnavailable, "{place} sent a reply that is not JSON. Is it an MLflow server? {tried}"),
    "endless": (SourceUnavailable, "{place} did not come to the end of its reply, which was given up. {tried}"),
    "too long": (SourceUnavailable, "{place} sent a reply of more than {detail}, which was given up. {tried}"),
    "silent": (SourceUnavailable, "{place} took the request, but did not answer in time. {tried}"),
    # The server is not reached.
    "unknown name": (
        SourceUnavailable,
        "The name of {place} cannot be resolved. Check the network, the VPN and the address. {tried}",
    ),
    "nobody there": (SourceUnavailable, "Nothing listens at {place}: the server is stopped, or starts. {tried}"),
    "no way": (SourceUnavailable, "{place} cannot be connected to in time. Check the network and the VPN. {tried}"),
    "broken": (SourceUnavailable, "The connection to {place} broke. {tried}"),
    "certificate": (
        SourceUnavailable,
        (
            "The TLS certificate of {place} is not trusted. MLFLOW_TRACKING_SERVER_CERT_PATH names a certificate that "
            "is; MLFLOW_TRACKING_INSECURE_TLS=true trusts any. {tried}"
        ),
    ),
    "no TLS": (
        SourceUnavailable,
        "No TLS connection to {place} comes about. Is the address http:// rather than https://? {tried}",
    ),
    "proxy": (
        SourceUnavailable,
        (
            "The proxy on the way to {place} does not let through. HTTPS_PROXY and HTTP_PROXY name it, NO_PROXY names "
            "hosts that are reached without. {tried}"
        ),
    ),
    "no credentials": (AuthExpired, "There are no usable credentials for {place}. {sign_in}; it is tried again."),
    "unreachable": (SourceUnavailable, "{place} cannot be reached for the moment ({detail}). {tried}"),
}
"""By what happened: the class of the error, and the sentence. At most 300 characters each, filled in."""


FAILURES = {
    "ProxyError": "proxy",
    "SSLCertVerificationError": "certificate",
    "SSLError": "no TLS",
    "NameResolutionError gaierror": "unknown name",
    "ConnectionRefusedError": "nobody there",
    "ConnectTimeout ConnectTimeoutError": "no way",
    "ReadTimeout ReadTimeoutError TimeoutError": "silent",
    "IncompleteRead InvalidChunkLength ChunkedEncodingError": "half a reply",
    "ProtocolError ConnectionError": "broken",
}
"""By the names of exceptions on the way, more telling ones first: which of `SENTENCES` it is."""


def error_of(
    what: str, place: str, *, detail: str = "", status: int = 0, wait: float | None = None, databricks: bool = False
) -> SourceUnavailable:
    """The error for one of `SENTENCES`. `wait`: seconds that the server asks for."""
    kind, sentence = SENTENCES[what]
    said = sentence.format(
        place=_short(place, 70),
        detail=_short(without_secrets(detail), 60),
        status=status,
        sign_in=SIGN_IN_DATABRICKS if databricks else SIGN_IN,
        tried=TRIED,
    )
    return kind(said[:1].upper() + said[1:], wait)


def what_failed(error: BaseException) -> tuple[str, str]:
    """Which of `SENTENCES` an exception on the way is, and a detail."""
    chain = list(_chain(error))
    # By name: `requests` and `urllib3` are only imported with MLflow, and differ between their versions.
    names = {kind.__name__ for one in chain for kind in type(one).__mro__}
    for kinds, what in FAILURES.items():
        if names & set(kinds.split()):
            return what, ""
    text = " ".join(str(one) for one in chain).lower()
    if "credential" in text or "authentication" in text or "default auth" in text:
        return "no credentials", ""
    return "unreachable", f"{type(chain[-1]).__name__}: {chain[-1]}"


def what_said(status: int, headers: Mapping[str, str], asked: str, place: str) -> tuple[str, str] | None:
    """Which of `SENTENCES` an answer with an HTTP status other than 200 is, by its head alone; None: by its body."""
    if 300 <= status < 400:
        return _redirected(headers.get("Location", ""), asked, place)
    known = {401: "signed out", 403: "not allowed", 407: "proxy", 429: "too many", 502: "no server behind"}
    known |= {503: "busy", 504: "no server behind"}
    return (known[status], "") if status in known else None


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds that the server asks to wait, given as seconds or as a date; None when it does not ask."""
    said = headers.get("Retry-After", "").strip()
    if re.fullmatch(r"\d+(\.\d+)?", said):
        return min(float(said), LONGEST_WAIT)
    at = _date(said)
    if at is None:
        return None
    # By the server's own clock, where it says what that shows: ours may differ by an hour.
    now = _date(headers.get("Date", ""))
    return min(max(0.0, at - (time.time() if now is None else now)), LONGEST_WAIT)


def without_secrets(text: str) -> str:
    """The text without what looks like a secret, and without the credentials that are set."""
    for name in ("MLFLOW_TRACKING_TOKEN", "MLFLOW_TRACKING_PASSWORD", "DATABRICKS_TOKEN", "DATABRICKS_CLIENT_SECRET"):
        if secret := os.environ.get(name):
            text = text.replace(secret, HIDDEN)
    return redact(text)


def _redirected(location: str, asked: str, place: str) -> tuple[str, str]:
    """To the same path elsewhere: the server has moved. To any other: somebody wants a sign-in."""
    target, _, _ = location.partition("?")
    if target.endswith(asked):
        base = target.removesuffix(asked)
        # `http` to `https`, mostly; a path alone would be on the same host.
        return "moved", base if re.match(r"https?://", base) else f"{place}{base}"
    return "sign-in page", ""


def _date(text: str) -> float | None:
    from email.utils import parsedate_to_datetime

    try:
        return parsedate_to_datetime(text).timestamp()
    except (TypeError, ValueError):
        return None


def _short(text: str, most: int) -> str:
    text = " ".join(text.split())
    return text if len(text) <= most else text[: most - 1] + "…"


def _chain(error: BaseException) -> Iterator[BaseException]:
    """An exception and all that led to it, also where a library keeps it in an attribute."""
    waiting, seen = [error], set[int]()
    while waiting:
        one = waiting.pop(0)
        if id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        inner = (one.__cause__, one.__context__, getattr(one, "reason", None), *one.args)
        waiting += [each for each in inner if isinstance(each, BaseException)]
