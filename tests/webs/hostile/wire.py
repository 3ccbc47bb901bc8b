"""A server on loopback that writes octets, not answers: whatever a row wants to be on the wire.

Every connection has a thread of its own, because a row may wait, drip or flood as long as it likes.
"""

from __future__ import annotations

import contextlib
import socket
import ssl
import struct
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import TracebackType

ADDRESS = "127.0.0.1"

PATIENCE = 60.0
"""Seconds after which a silent row hangs up by itself; every client here gives up long before."""


@dataclass(kw_only=True, slots=True)
class Talk:
    """One request, and the connection it came over."""

    connection: socket.socket
    """Where to write."""
    host: str
    """The Host header without its port, lower case."""
    target: str
    """Path and query."""
    head: bytes
    """The request as it was sent, without the blank line."""
    number: int
    """How many requests there were for this target of this host, with this one."""
    port: int
    """The port of the server."""
    over: threading.Event
    """Set when the server ends."""

    def send(self, data: bytes) -> None:
        """Write; raises ``OSError`` when the client has gone."""
        self.connection.sendall(data)

    def drip(self, data: bytes, pause: float = 0.05) -> None:
        """Write one octet at a time."""
        for octet in data:
            self.send(bytes((octet,)))
            if self.over.wait(pause):
                return

    def flood(self, piece: bytes) -> None:
        """Write the same for ever."""
        while not self.over.is_set():
            self.send(piece)
            self.over.wait(0.005)  # a flood, and not all that this machine can do

    def hang(self) -> None:
        """Say nothing until the client has gone."""
        end = time.monotonic() + PATIENCE
        self.connection.settimeout(0.5)
        while not self.over.is_set() and time.monotonic() < end:
            with contextlib.suppress(TimeoutError):
                if not self.connection.recv(4096):
                    return

    def reset(self) -> None:
        """End the connection with a reset instead of an end."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


Act = Callable[[Talk], bool | None]
"""What a row does with a request; True: the connection stays open for the next one."""

Accepted = Callable[[Talk], None]
"""What a port does with a connection before anything was asked."""


class Wire:
    """A context manager: ``hosts`` (name → path → act) on one port, and further ports that never read HTTP.

    A path is looked up with its query, then without, then as ``*``; what is not there is 404. A host ``*``
    answers for all others. A client that begins TLS is answered in plain HTTP.
    """

    def __init__(self, hosts: Mapping[str, Mapping[str, Act]], ports: Mapping[str, Accepted]) -> None:
        self.asked: Counter[str] = Counter()
        """Requests, by ``host/path`` with query."""
        self.told: list[str] = []
        """What went wrong in an act itself; a test asks that nothing did."""
        self.ports: dict[str, int] = {}
        """The ports by name; ``port`` is the one that reads HTTP, ``refused`` one where nobody listens."""
        self._hosts = hosts
        self._names = ports
        self._over = threading.Event()
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()

    def __enter__(self) -> Wire:
        acts: dict[str, Callable[[socket.socket], None]] = {"port": self._serve}
        for name, accepted in self._names.items():
            acts[name] = lambda connection, accepted=accepted: accepted(self._talk(connection, "", "", b""))
        self._listeners = []
        for name, act in acts.items():
            listener = socket.create_server((ADDRESS, 0), backlog=1024)
            self._listeners.append(listener)
            self.ports[name] = listener.getsockname()[1]
            threading.Thread(target=self._accept, args=(listener, act), daemon=True).start()
        self._unused = socket.socket()  # bound and never listening, so that nobody else takes the port
        self._unused.bind((ADDRESS, 0))
        self.ports["refused"] = self._unused.getsockname()[1]
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        for listener in self._listeners:
            with contextlib.suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            listener.close()
        self._unused.close()
        with self._lock:
            for connection in self._open:
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)

    def _accept(self, listener: socket.socket, act: Callable[[socket.socket], None]) -> None:
        while not self._over.is_set():
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=self._attend, args=(connection, act), daemon=True).start()

    def _attend(self, connection: socket.socket, act: Callable[[socket.socket], None]) -> None:
        with self._lock:
            self._open.add(connection)
        try:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            act(connection)
        except (OSError, ssl.SSLError):
            pass  # the client has gone, which is what most rows wait for
        except Exception as error:  # a mistake in a row; the test shows it
            self.told.append(f"{type(error).__name__}: {error}")
        finally:
            with self._lock:
                self._open.discard(connection)
            connection.close()

    def _talk(self, connection: socket.socket, host: str, target: str, head: bytes) -> Talk:
        with self._lock:
            self.asked[host + target] += 1
            number = self.asked[host + target]
        return Talk(
            connection=connection,
            host=host,
            target=target,
            head=head,
            number=number,
            port=self.ports["port"],
            over=self._over,
        )

    def _serve(self, connection: socket.socket) -> None:
        rest = b""
        while not self._over.is_set():
            while b"\r\n\r\n" not in rest:
                if rest[:1] == b"\x16":
                    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<p>Plain words.")
                    return
                more = connection.recv(65_536)
                if not more:
                    return
                rest += more
            head, rest = rest.split(b"\r\n\r\n", 1)
            lines = head.decode("latin-1").split("\r\n")
            target = lines[0].split(" ")[1]
            hosts = [line[5:].strip() for line in lines if line.lower().startswith("host:")]
            host = hosts[0].partition(":")[0].lower() if hosts else ""
            act = self._find(host, target)
            if not act(self._talk(connection, host, target, head)):
                return

    def _find(self, host: str, target: str) -> Act:
        paths = self._hosts.get(host) or self._hosts.get("*") or {}
        for key in (target, target.partition("?")[0], "*"):
            if key in paths:
                return paths[key]
        return absent


def reply(
    body: bytes | str = b"",
    *headers: tuple[str, str],
    status: str = "200 OK",
    media: str = "text/html",
    keep: bool = True,
) -> Act:
    """A sound answer with these header lines; ``{port}`` in a text body or a header value is filled in."""

    def act(talk: Talk) -> bool:
        port = str(talk.port)
        content = body.replace("{port}", port).encode() if isinstance(body, str) else body
        lines = [f"HTTP/1.1 {status}", *([f"Content-Type: {media}"] if media else [])]
        lines += [f"{name}: {value.replace('{port}', port)}" for name, value in headers]
        lines += [f"Content-Length: {len(content)}", *([] if keep else ["Connection: close"])]
        talk.send("\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + content)
        return keep

    return act


absent = reply("nothing here\n", status="404 Not Found", media="text/plain")


def raw(*parts: bytes) -> Act:
    """These octets, and then the end of the connection."""

    def act(talk: Talk) -> None:
        for part in parts:
            talk.send(part)

    return act


def in_turn(*acts: Act) -> Act:
    """One act for each request of a target, in order; the last one for ever."""

    def act(talk: Talk) -> bool | None:
        return acts[min(talk.number, len(acts)) - 1](talk)

    return act
