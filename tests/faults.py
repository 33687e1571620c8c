"""A proxy that does to a server's answers what networks, logins and overload do: for tests, and for people.

    python tests/faults.py http://127.0.0.1:5000 --port 5001

Then watch a run at http://127.0.0.1:5001 and type the name of a fault (`?` lists them, `ok` ends it) to see what the
view says. Tests use `FaultProxy` the same way: `proxy.fault = Fault("busy", retry_after=30)`.
"""

from __future__ import annotations

import argparse
import contextlib
import http.client
import json
import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "content-length", "te", "trailer", "upgrade"}
TIMES = {"start_time", "end_time", "timestamp", "creation_time", "last_update_time"}
"""Fields of MLflow's answers that are times of somebody's clock, in milliseconds."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What is done to each answer; `path` limits it to addresses that contain this text."""

    name: str = "ok"
    """One of `FAULTS`."""
    retry_after: str = ""
    """Value of the header of this name, for `busy` and `away`."""
    path: str = ""
    unless: str = ""
    """An `Authorization` with which the fault does not happen."""


def _status(code: int, reason: str) -> Callable[[Handler, Fault], None]:
    def answer(handler: Handler, fault: Fault) -> None:
        headers = {"Content-Type": "application/json"}
        if fault.retry_after:
            headers["Retry-After"] = fault.retry_after
        handler.answer(code, json.dumps({"error_code": reason, "message": reason.lower()}).encode(), headers)

    return answer


def _login(handler: Handler, _: Fault) -> None:
    """A redirect to a page where people sign in, as single sign-on does it; the page itself is fine."""
    if handler.path.startswith("/login"):
        return _page(handler, _)
    return handler.answer(302, b"", {"Location": "/login?next=secret-token-1234567890"})


def _page(handler: Handler, _: Fault) -> None:
    """A page for people with status 200, where JSON was asked for."""
    handler.answer(200, b"<!doctype html><title>Sign in</title><p>Please sign in.", {"Content-Type": "text/html"})


def _half(handler: Handler, _: Fault) -> None:
    """Half of the answer; then the connection is cut."""
    status, headers, body = handler.ask()
    handler.begin(status, {**headers, "Content-Length": str(len(body))})
    handler.wfile.write(body[: len(body) // 2])
    handler.cut()


def _endless(handler: Handler, _: Fault) -> None:
    """An answer that goes on for ever, a space at a time, faster than a socket's timeout notices."""
    handler.begin(200, {"Content-Type": "application/json", "Transfer-Encoding": "chunked"})
    with contextlib.suppress(OSError):
        while not handler.proxy.is_over.wait(0.05):
            handler.wfile.write(b"1\r\n \r\n")
            if handler.proxy.fault.name != "endless":
                break
    handler.cut()


def _silent(handler: Handler, _: Fault) -> None:
    """The question is taken, and nothing ever comes back."""
    while handler.proxy.fault.name == "silent" and not handler.proxy.is_over.wait(0.05):
        pass
    handler.cut()


def _slow(handler: Handler, _: Fault) -> None:
    """Two seconds late."""
    handler.proxy.is_over.wait(2.0)
    handler.answer(*handler.ask_again())


def _cut(handler: Handler, _: Fault) -> None:
    """The connection is cut without an answer, as a server does that is restarted."""
    handler.cut()


def _shifted(seconds: float) -> Callable[[Handler, Fault], None]:
    def answer(handler: Handler, _: Fault) -> None:
        status, body, headers = handler.ask_again()
        with contextlib.suppress(ValueError):
            body = json.dumps(shift(json.loads(body), int(seconds * 1000))).encode()
        handler.answer(status, body, headers)

    answer.__doc__ = f"The clock of whoever trains is {abs(seconds):g} s {'ahead' if seconds > 0 else 'behind'}."
    return answer


def shift(value: object, milliseconds: int) -> object:
    """The value with every time in it moved."""
    if isinstance(value, dict):
        return {
            name: int(one) + milliseconds if name in TIMES and one else shift(one, milliseconds)
            for name, one in value.items()
        }
    return [shift(one, milliseconds) for one in value] if isinstance(value, list) else value


FAULTS: dict[str, Callable[[Handler, Fault], None] | None] = {
    "ok": None,
    "unauthorized": _status(401, "UNAUTHENTICATED"),
    "forbidden": _status(403, "PERMISSION_DENIED"),
    "missing": _status(404, "ENDPOINT_NOT_FOUND"),
    "busy": _status(429, "REQUEST_LIMIT_EXCEEDED"),
    "broken": _status(500, "INTERNAL_ERROR"),
    "away": _status(503, "TEMPORARILY_UNAVAILABLE"),
    "half": _half,
    "endless": _endless,
    "silent": _silent,
    "slow": _slow,
    "cut": _cut,
    "login": _login,
    "page": _page,
    "ahead": _shifted(3600),
    "behind": _shifted(-3600),
}


class Handler(BaseHTTPRequestHandler):
    """One connection. Asks the server behind the proxy, and answers as the fault has it."""

    protocol_version = "HTTP/1.1"
    server: _Listener

    @property
    def proxy(self) -> FaultProxy:
        return self.server.proxy

    def handle_any(self) -> None:
        self.proxy.requests.append(f"{self.command} {self.path.partition('?')[0]}")
        fault = self.proxy.fault
        is_spared = fault.unless and self.headers.get("Authorization") == fault.unless
        act = FAULTS[fault.name] if fault.path in self.path and not is_spared else None
        try:
            if act is not None:
                act(self, fault)
            else:
                self.answer(*self.ask_again())
        except OSError:
            self.close_connection = True

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = handle_any  # noqa: N815  # the names are http.server's

    def ask(self) -> tuple[int, dict[str, str], bytes]:
        """(status, headers, body) of the server behind."""
        behind = urlsplit(self.proxy.behind)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        headers = {name: value for name, value in self.headers.items() if name.lower() not in HOP_BY_HOP}
        headers["Host"] = behind.netloc
        connection = http.client.HTTPConnection(behind.hostname or "", behind.port, timeout=60)
        with contextlib.closing(connection):
            connection.request(self.command, behind.path + self.path, body, headers)
            found = connection.getresponse()
            kept = {name: value for name, value in found.getheaders() if name.lower() not in HOP_BY_HOP}
            return found.status, kept, found.read()

    def ask_again(self) -> tuple[int, bytes, dict[str, str]]:
        """The same in the order of `answer`."""
        status, headers, body = self.ask()
        return status, body, headers

    def begin(self, status: int, headers: dict[str, str]) -> None:
        self.send_response_only(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()

    def answer(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.begin(status, {**headers, "Content-Length": str(len(body))})
        if self.command != "HEAD":
            self.wfile.write(body)

    def cut(self) -> None:
        """Ends the connection, whatever was promised."""
        self.close_connection = True
        with contextlib.suppress(OSError):
            self.wfile.flush()
            self.connection.shutdown(socket.SHUT_RDWR)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the name is http.server's
        """Nothing is printed."""


class _Listener(ThreadingHTTPServer):
    daemon_threads = True
    proxy: FaultProxy

    def __init__(self, *arguments: object) -> None:
        self._open: set[socket.socket] = set()
        super().__init__(*arguments)  # type: ignore[arg-type]

    def process_request(self, request: socket.socket, client_address: object) -> None:  # type: ignore[override]
        self._open.add(request)
        super().process_request(request, client_address)  # type: ignore[arg-type]

    def shutdown_request(self, request: socket.socket) -> None:  # type: ignore[override]
        self._open.discard(request)
        super().shutdown_request(request)

    def cut_all(self) -> None:
        """A process that ends takes its connections with it, those kept for the next request included."""
        for one in list(self._open):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that went away is no news."""


class FaultProxy:
    """Stands in front of the server at `behind` while the `with` block lasts; `address` is where to find it.

    With `certificate` (a PEM file that holds the key as well) it speaks TLS.
    """

    def __init__(self, behind: str, port: int = 0, certificate: Path | None = None) -> None:
        self.behind = behind.rstrip("/")
        self.fault = Fault()
        self.requests: list[str] = []
        """What was asked, in order: "GET /api/…"."""
        self.is_over = threading.Event()
        self._certificate = certificate
        self._port = port
        self._listener: _Listener | None = None

    @property
    def address(self) -> str:
        return f"{'https' if self._certificate else 'http'}://127.0.0.1:{self._port}"

    def __enter__(self) -> FaultProxy:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.is_over.set()
        self.stop()

    def start(self) -> None:
        """Listens, on the same port as before."""
        listener = _Listener(("127.0.0.1", self._port), Handler)
        listener.proxy = self
        if self._certificate is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(self._certificate)
            listener.socket = context.wrap_socket(listener.socket, server_side=True)
        self._port = listener.server_address[1]
        self._listener = listener
        threading.Thread(target=listener.serve_forever, args=(0.05,), daemon=True).start()

    def stop(self) -> None:
        """Nobody listens any more: connections are refused, as while a server is restarted."""
        if self._listener is not None:
            self._listener.shutdown()
            self._listener.server_close()
            self._listener.cut_all()
            self._listener = None

    @contextlib.contextmanager
    def down(self) -> Iterator[None]:
        """Away for the length of the block."""
        self.stop()
        try:
            yield
        finally:
            self.start()


class Wire:
    """Passes bytes on to a port of this machine, WebSockets included, until it is cut: a network that can fail."""

    def __init__(self, behind: int) -> None:
        self._behind = behind
        self._listener: socket.socket | None = None
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        self.port = 0

    def __enter__(self) -> Wire:
        self.mend()
        return self

    def __exit__(self, *_: object) -> None:
        self.cut()

    def mend(self) -> None:
        """Connections are taken, on the same port as before."""
        self._listener = socket.create_server(("127.0.0.1", self.port), reuse_port=False)
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, args=(self._listener,), daemon=True).start()

    def cut(self) -> None:
        """All connections end, and new ones are refused."""
        listener, self._listener = self._listener, None
        if listener is not None:
            # A thread that waits in accept() keeps the port open until it is woken up.
            with contextlib.suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            listener.close()
        with self._lock:
            ends, self._open = self._open, set()
        for end in ends:
            self._close(end)

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                near, _ = listener.accept()
                far = socket.create_connection(("127.0.0.1", self._behind))
            except OSError:
                return
            with self._lock:
                self._open |= {near, far}
            for source, sink in ((near, far), (far, near)):
                threading.Thread(target=self._pass_on, args=(source, sink), daemon=True).start()

    def _pass_on(self, source: socket.socket, sink: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65_536):
                sink.sendall(data)
        for end in (source, sink):
            self._close(end)
        with self._lock:
            self._open -= {source, sink}

    @staticmethod
    def _close(end: socket.socket) -> None:
        with contextlib.suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
        end.close()


def make_certificate(folder: Path) -> Path:
    """A certificate for 127.0.0.1 that nobody trusts, with its key, in one file."""
    path = folder / "certificate.pem"
    command = (
        "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=127.0.0.1 -addext subjectAltName=IP:127.0.0.1"
    )
    key, certificate = folder / "key.pem", folder / "only.pem"
    subprocess.run(
        [*command.split(), "-keyout", str(key), "-out", str(certificate)], check=True, stderr=subprocess.DEVNULL
    )
    path.write_bytes(key.read_bytes() + certificate.read_bytes())
    return path


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("server", help="address of the server behind, such as http://127.0.0.1:5000")
    parser.add_argument("--port", type=int, default=0, help="where to listen on 127.0.0.1; by default a free port")
    given = parser.parse_args()
    with FaultProxy(given.server, given.port) as proxy:
        print(
            f"{given.server} is at {proxy.address} as well. Type a fault, `?` for all of them, `ok` to end it.",
            flush=True,
        )
        for line in sys.stdin:
            name, _, rest = line.strip().partition(" ")
            if name in FAULTS:
                proxy.fault = Fault(name, retry_after=rest)
                print(f"Now: {name} {rest}".rstrip(), flush=True)
            else:
                print("One of: " + ", ".join(FAULTS) + ". `busy 30` asks for 30 s of peace. Ctrl-D ends.", flush=True)


if __name__ == "__main__":
    main()
