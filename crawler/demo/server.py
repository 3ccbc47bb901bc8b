"""An HTTP/1.1 server on loopback that says exactly what a table tells it to, faults included.

>>> with LoopbackWeb({"a.example": {"/": page("<p>Hello.</p>")}}) as web:
...     web.resolve == [f"*:{web.port}:127.0.0.1"]
True

It serves one loopback address under any number of host names, told apart by the Host header. It is fast
enough to measure a crawler with, and it is no server for anything else.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
import struct
import threading
import time
from collections import Counter
from collections.abc import Mapping
from types import TracebackType

from crawler.demo.answer import (
    NOT_FOUND,
    Answer,
    Request,
    Responder,
    find,
    in_turn,
    names,
    page,
    redirect,
    text,
    typed,
)
from crawler.demo.faults import SENDERS

__all__ = [
    "Answer",
    "LoopbackWeb",
    "Request",
    "Responder",
    "in_turn",
    "page",
    "redirect",
    "text",
    "typed",
]

ADDRESS = "127.0.0.1"
MAX_HEAD = 65_536
"""Bytes of a request head; a client that sends more is cut off."""

SMALL = 65_536
"""Bytes of an answer that is sent at once; a larger one goes in pieces, as fast as the client reads."""

PIECE = 8_192
"""Bytes of a larger answer that are sent at once, so that ``sent`` tells what left and not what was queued."""


class LoopbackWeb:
    """A context manager that serves ``hosts`` (name → path → answer) from a thread of its own.

    A path is looked up with its query, then without, then as ``*``; what is not there is 404. An unknown host
    is 421, unless the table has a host ``*``. Answers that are callables run in the server's thread.
    """

    def __init__(
        self,
        hosts: Mapping[str, Mapping[str, Responder]],
        *,
        port: int = 0,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.requests: list[Request] = []
        """Every request in the order of arrival."""
        self.sent: Counter[str] = Counter()
        """Bytes sent, by host; what the client's end still had to read when it hung up is among them."""
        self.accepted = 0
        """Connections that were opened, whether or not anything was asked over them."""
        self.port = port
        """The port; chosen by the system when 0 was given, known inside the ``with`` block."""
        self._hosts = dict(zip(names(hosts), hosts.values(), strict=True))
        self._tls = tls
        self._table: dict[str, dict[str, Responder]] = {}
        self._busy: Counter[str] = Counter()
        self._connections: set[_Connection] = set()
        self._thread: threading.Thread | None = None

    def __enter__(self) -> LoopbackWeb:
        listener = socket.create_server((ADDRESS, self.port), backlog=1024)
        self.port = listener.getsockname()[1]
        self._table = {
            host: {
                path: responder.at_port(self.port) if isinstance(responder, Answer) else responder
                for path, responder in paths.items()
            }
            for host, paths in self._hosts.items()
        }
        self._loop = asyncio.new_event_loop()
        self._stop = asyncio.Event()
        self._thread = threading.Thread(target=self._run, args=(listener,), name="loopback-web", daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._thread is not None
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()
        self._loop.close()

    @property
    def resolve(self) -> list[str]:
        """Values for ``--resolve`` that lead every host name here."""
        return [f"*:{self.port}:{ADDRESS}"]

    def url(self, host: str, path: str = "/") -> str:
        """The URL of ``path`` on ``host``."""
        return f"{'https' if self._tls else 'http'}://{host}:{self.port}{path}"

    def asked(self, host: str, target: str | None = None) -> list[Request]:
        """The requests for a host, or for one target of it."""
        return [
            request
            for request in list(self.requests)
            if request.host == host and target in (None, request.target, request.path)
        ]

    def _run(self, listener: socket.socket) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._serve(listener))
        asyncio.set_event_loop(None)

    async def _serve(self, listener: socket.socket) -> None:
        server = await self._loop.create_server(lambda: _Connection(self), sock=listener, ssl=self._tls)
        await self._stop.wait()
        server.close()
        tasks = [task for connection in self._connections if (task := connection.task)]
        for task in tasks:
            task.cancel()
        for connection in list(self._connections):
            connection.abort()
        await asyncio.gather(*tasks, return_exceptions=True)
        await server.wait_closed()
        while self._connections:
            await asyncio.sleep(0)

    def _opened(self, connection: _Connection) -> int:
        self._connections.add(connection)
        self.accepted += 1
        return self.accepted

    def _closed(self, connection: _Connection) -> None:
        self._connections.discard(connection)

    def _begin(
        self, method: str, host: str, target: str, headers: tuple[tuple[str, str], ...], number: int
    ) -> Answer:
        """Log a request that arrived and find its answer."""
        self._busy[host] += 1
        request = Request(
            method=method,
            host=host,
            target=target,
            headers=headers,
            at=time.monotonic(),
            busy=dict(self._busy),
            connection=number,
        )
        self.requests.append(request)
        found = find(self._table, host, target) or NOT_FOUND
        return found if isinstance(found, Answer) else found(request).at_port(self.port)

    def _end(self, host: str) -> None:
        self._busy[host] -= 1
        if not self._busy[host]:
            del self._busy[host]


class _Connection(asyncio.Protocol):
    """One connection: requests are read one after the other, the next one after the answer to the last."""

    def __init__(self, web: LoopbackWeb) -> None:
        self.task: asyncio.Task[None] | None = None
        self._web = web
        self._buffer = b""
        self._host = ""
        self._room = asyncio.Event()
        self._room.set()
        self._lost = asyncio.Event()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._number = self._web._opened(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self._lost.set()
        self._room.set()
        self._web._closed(self)

    def pause_writing(self) -> None:
        self._room.clear()

    def resume_writing(self) -> None:
        self._room.set()

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        self._next()

    def _next(self) -> None:
        while self.task is None and not self._transport.is_closing():
            head, blank, rest = self._buffer.partition(b"\r\n\r\n")
            if not blank:
                if len(self._buffer) > MAX_HEAD:
                    self._transport.abort()
                return
            self._buffer = rest
            self._answer(head)

    def _answer(self, head: bytes) -> None:
        first, *lines = head.decode("latin-1").split("\r\n")
        method, _, tail = first.partition(" ")
        target, _, version = tail.partition(" ")
        headers = tuple((name.strip().lower(), value.strip()) for name, _, value in map(_split, lines))
        values = dict(headers)
        host = values.get("host", "").partition(":")[0].lower()
        # Nothing but GET and HEAD is ever sent here, so a request body is not read: the connection ends.
        last = (
            version != "HTTP/1.1"
            or method not in ("GET", "HEAD")
            or values.get("connection", "").lower() == "close"
        )
        answer = self._web._begin(method, host, target, headers, self._number)
        self._host = host
        wire = b"" if answer.fault or answer.delay else answer.wire(head_only=method == "HEAD")
        if 0 < len(wire) <= SMALL:
            self.send(wire)
            self._web._end(host)
            if last:
                self._transport.close()
        else:
            self.task = self._web._loop.create_task(self._slowly(answer, host, method, last))

    async def _slowly(self, answer: Answer, host: str, method: str, last: bool) -> None:
        # What is sent but not read yet waits in buffers; small ones keep the count close to what was read.
        self._transport.set_write_buffer_limits(high=0)
        raw = self._transport.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, PIECE)
        try:
            if answer.delay:
                await self.gone(answer.delay)
            if answer.fault is None:
                await self._piecewise(answer.wire(head_only=method == "HEAD"))
            else:
                await SENDERS[answer.fault](self, answer)
        finally:
            self._web._end(host)
            self.task = None
        if last or answer.fault is not None:
            self._transport.close()
        else:
            self._next()

    async def _piecewise(self, wire: bytes) -> None:
        for start in range(0, len(wire), PIECE):
            self.send(wire[start : start + PIECE])
            if not await self.sent():
                return

    def send(self, data: bytes) -> None:
        if not self._transport.is_closing():
            self._web.sent[self._host] += len(data)
            self._transport.write(data)

    async def sent(self) -> bool:
        await self._room.wait()
        return not self._transport.is_closing()

    async def gone(self, timeout: float) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._lost.wait(), timeout)

    def reset(self) -> None:
        raw = self._transport.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._transport.abort()

    def abort(self) -> None:
        self._transport.abort()


def _split(line: str) -> tuple[str, str, str]:
    return line.partition(":")
