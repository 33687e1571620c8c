"""Asking an MLflow server: one request at a time, over MLflow's own way of signing in, and never for long."""

from __future__ import annotations

import functools
import json
import logging
import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from ..errors import RunDetailsError
from .portal import web_address
from .server_errors import Missing, error_of, retry_after, what_failed, what_said

API = "/api/2.0/mlflow/"

PATIENCE = 10.0
"""Seconds that a server may be silent: until it is connected to, until it answers, between two pieces of a reply."""

LONG_PATIENCE = 60.0
"""The same where a server has to work: servers before 3.15 go through a whole history for each answer."""

WHOLE_PATIENCE = 3.0
"""A reply may take this many times as long as a silence."""

MOST = 64 * 2**20
"""Bytes of a reply."""

PIECE = 65_536


@dataclass(frozen=True, slots=True)
class Reply:
    """What a server answered when it was asked for a file."""

    status: int
    headers: Mapping[str, str]
    pieces: Iterator[bytes]
    """The body, for as long as the reply is open."""


class Server:
    """One server. Credentials are looked up for each request, so that new ones count at once."""

    def __init__(self, address: str, clock: Callable[[], float] = time.monotonic, patience: float = PATIENCE) -> None:
        """`address`: an `http`, `https` or `databricks` tracking URI. `patience`: seconds, as `PATIENCE`."""
        self.address = address
        self.is_databricks = address.startswith("databricks")
        self.requests = 0
        self._clock = clock
        self._patience = patience
        self._credentials: Any = None

    @property
    def place(self) -> str:
        """For people, without secrets."""
        if self.is_databricks:
            return f"Databricks ({self.address.partition('://')[2] or 'default profile'})"
        return f"the MLflow server {web_address(self.address) or self.address.partition('@')[2]}"

    @property
    def host(self) -> str | None:
        """Where a browser finds the server; None when that is not known yet."""
        return getattr(self._credentials, "host", None) if self.is_databricks else self.address

    def get(self, call: str, *, long: bool = False, **params: object) -> dict[str, Any]:
        """What a call of MLflow's API answers. `long`: it may take its time."""
        given = {name: value for name, value in params.items() if value is not None}
        return self._json("GET", call, long, params=given)

    def post(self, call: str, body: Mapping[str, object], *, long: bool = False) -> dict[str, Any]:
        return self._json("POST", call, long, json=dict(body))

    def version(self) -> tuple[int, int] | None:
        """MLflow's version on the server; None when it does not say, as Databricks and gateways."""
        if self.is_databricks:
            return None
        with self._asked("GET", "/version") as reply:
            body = b"" if reply.status != 200 else b"".join(reply.pieces)
        found = re.match(rb"\s*(\d+)\.(\d+)", body)
        return (int(found[1]), int(found[2])) if found else None

    @contextmanager
    def file(self, endpoint: str, params: Mapping[str, str], asked: str) -> Iterator[Reply]:
        """An open reply to a request for the bytes `asked` of a file, such as `0-99`. Raises for 401 and the like."""
        with self._asked("GET", endpoint, params=dict(params), extra_headers={"Range": f"bytes={asked}"}) as reply:
            self._refuse_status(reply, endpoint)
            yield reply

    def forget(self) -> None:
        """Lets go of credentials that are kept."""
        self._credentials = None
        if self.is_databricks:
            from mlflow.utils import rest_utils

            # The SDK's client keeps the token that it began with.
            clear = getattr(getattr(rest_utils, "get_workspace_client", None), "cache_clear", None)
            if callable(clear):
                clear()

    def failed(self, what: str, detail: str = "", status: int = 0, wait: float | None = None) -> RunDetailsError:
        """The error for one of `server_errors.SENTENCES`."""
        if what == "unreachable" and not self.is_databricks and web_address(self.address) is None:
            # Libraries quote what they cannot read, a part of a password perhaps.
            detail = "its address is malformed"
        return error_of(what, self.place, detail=detail, status=status, wait=wait, databricks=self.is_databricks)

    def _json(self, method: str, call: str, long: bool, **arguments: object) -> dict[str, Any]:
        endpoint = API + call
        with self._asked(method, endpoint, long, **arguments) as reply:
            self._refuse_status(reply, endpoint)
            body = b"".join(reply.pieces)
        said = _parsed(body)
        if reply.status == 200:
            if isinstance(said, dict):
                return said
            raise self._no_data(body)
        raise self._refusal(reply.status, said if isinstance(said, dict) else None, body)

    def _refuse_status(self, reply: Reply, endpoint: str) -> None:
        said = what_said(reply.status, reply.headers, endpoint, web_address(self.address) or "")
        if said is None:
            return
        what, detail = said
        if what in ("signed out", "sign-in page", "not allowed"):
            self.forget()
        raise self.failed(what, detail, reply.status, retry_after(reply.headers))

    def _refusal(self, status: int, said: dict[str, Any] | None, body: bytes) -> RunDetailsError:
        """The error for an answer that is neither good nor clear from its status."""
        code, message = ("", "") if said is None else (str(said.get("error_code", "")), str(said.get("message", "")))
        if code in ("RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE"):
            return Missing(message)
        if code in ("PERMISSION_DENIED", "UNAUTHENTICATED", "CUSTOMER_UNAUTHORIZED"):
            self.forget()
            return self.failed("not allowed" if code == "PERMISSION_DENIED" else "signed out")
        if status == 404 or code == "ENDPOINT_NOT_FOUND":
            return self.failed("no API")
        detail = f": {message}" if message else ""
        return self.failed("failed" if status >= 500 else "refused", detail, status)

    def _no_data(self, body: bytes) -> RunDetailsError:
        start = body[:20_000].lstrip().lower()
        if start.startswith((b"<!doctype", b"<html", b"<head", b"<?xml")):
            asks = re.search(rb"password|sign[ -]?in|log[ -]?in", start)
            return self.failed("sign-in page" if asks else "web page")
        return self.failed("half a reply" if start.startswith((b"{", b"[")) or not start else "no JSON")

    @contextmanager
    def _asked(self, method: str, endpoint: str, long: bool = False, **arguments: object) -> Iterator[Reply]:
        """An open reply. Whatever goes wrong on the way becomes one of ours."""
        patience = max(LONG_PATIENCE, self._patience) if long and self._patience >= PATIENCE else self._patience
        response = None
        try:
            request = _http_request()
            self.requests += 1
            response = request(
                self._host_creds(),
                endpoint,
                method,
                # The monitor waits between tries, and says so; MLflow would try for minutes in silence.
                max_retries=0,
                retry_codes=(),
                raise_on_status=False,
                respect_retry_after_header=False,
                retry_timeout_seconds=1,
                timeout=patience,
                allow_redirects=False,
                stream=True,
                **arguments,
            )
            deadline = self._clock() + WHOLE_PATIENCE * patience
            yield Reply(response.status_code, response.headers, self._pieces(response, deadline))
        except RunDetailsError:
            raise
        except Exception as error:
            what, detail = what_failed(error)
            if what in ("silent", "broken") and response is not None:
                what = "half a reply"
            if what == "no credentials":
                self.forget()
            raise self.failed(what, detail) from None
        finally:
            if response is not None:
                # What is left of it would have to be read before the connection serves again.
                response.close()

    def _pieces(self, response: Any, deadline: float) -> Iterator[bytes]:
        """The body, piece by piece: an end of patience, and of size, holds for servers that send on and on."""
        raw, size = response.raw, 0
        if raw is None or getattr(response, "_content_consumed", False):
            yield response.content
            return
        read = getattr(raw, "read1", None) or raw.read
        while piece := read(PIECE if hasattr(raw, "read1") else 1_024, decode_content=True):
            yield piece
            size += len(piece)
            if size > MOST:
                raise self.failed("too long", f"{MOST // 2**20} MB")
            if self._clock() > deadline:
                raise self.failed("endless")
        expected = response.headers.get("Content-Length", "")
        if expected.isdigit() and not response.headers.get("Content-Encoding") and size < int(expected):
            raise self.failed("half a reply")

    def _host_creds(self) -> Any:
        if not self.is_databricks:
            return _host_creds_of(self.address)()
        if self._credentials is None:
            with _quiet("mlflow.utils.databricks_utils"):
                self._credentials = _host_creds_of(self.address)()
        return self._credentials


@functools.cache
def _http_request() -> Callable[..., Any]:
    from mlflow.utils.rest_utils import http_request

    return http_request


@functools.lru_cache(maxsize=32)
def _host_creds_of(address: str) -> Callable[[], Any]:
    """How MLflow looks up credentials for an address: those of its store, which a plugin may have brought."""
    from mlflow.tracking._tracking_service.utils import _get_store
    from mlflow.utils.credentials import get_default_host_creds

    open_store: Callable[[str], Any] = _get_store
    found = getattr(open_store(address), "get_host_creds", None)
    return found if callable(found) else functools.partial(get_default_host_creds, address)


@contextmanager
def _quiet(name: str) -> Iterator[None]:
    """MLflow logs a warning for each failure; from a thread it would land in whatever cell runs."""
    logger = logging.getLogger(name)
    before, logger.disabled = logger.disabled, True
    try:
        yield
    finally:
        logger.disabled = before


def _parsed(body: bytes) -> object:
    try:
        return json.loads(body) if body else None
    except ValueError:
        return None


def is_server(address: str) -> bool:
    """Whether an address is that of an MLflow server, or of a host that speaks its language.

    >>> is_server("https://mlflow.example"), is_server("databricks://team"), is_server("postgresql://host/db")
    (True, True, False)
    """
    return urlsplit(address).scheme in ("http", "https", "databricks") or address == "databricks"
