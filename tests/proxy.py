"""A small HTTP proxy on loopback: it knows no names, and leads everything to two webs on this machine."""

from __future__ import annotations

import asyncio
import threading
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from crawler.demo.server import ADDRESS, LoopbackWeb


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """One request as the proxy got it."""

    method: str
    """``CONNECT`` for a tunnel."""
    target: str
    """A whole URL, or host and port of a tunnel."""
    headers: dict[str, str]
    """Header lines by their names, lower case."""


@dataclass(kw_only=True)
class LoopbackProxy:
    """A context manager; ``plain`` answers what is asked over http, ``tls`` gets the tunnels, but for
    those to hosts that are ``deaf``."""

    plain: LoopbackWeb
    tls: LoopbackWeb
    deaf: frozenset[str] | set[str] = frozenset()
    requests: list[Asked] = field(default_factory=list)
    port: int = 0

    def __enter__(self) -> LoopbackProxy:
        self._loop = asyncio.new_event_loop()
        ready = threading.Event()
        self._stop = asyncio.Event()
        self._thread = threading.Thread(target=self._run, args=(ready,), name="loopback-proxy", daemon=True)
        self._thread.start()
        assert ready.wait(10)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(10)
        self._loop.close()

    @property
    def hosts(self) -> set[str]:
        """Host names and addresses that anything was asked of, as they were spelled."""
        return {
            one.target.rpartition(":")[0] if one.method == "CONNECT" else urlsplit(one.target).hostname or ""
            for one in self.requests
        }

    def _run(self, ready: threading.Event) -> None:
        self._loop.run_until_complete(self._serve(ready))

    async def _serve(self, ready: threading.Event) -> None:
        server = await asyncio.start_server(self._connection, ADDRESS, 0)
        self.port = server.sockets[0].getsockname()[1]
        ready.set()
        await self._stop.wait()
        server.close()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    async def _connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                if not await self._pass_on(head.decode("latin-1"), reader, writer):
                    return
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    async def _pass_on(self, head: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """Answer one request; whether another may follow on the same connection."""
        first, *lines = head.rstrip("\r\n").split("\r\n")
        method, target, _ = first.split(" ", 2)
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        self.requests.append(Asked(method=method, target=target, headers=headers))
        if method == "CONNECT":
            if target.rpartition(":")[0] in self.deaf:
                writer.write(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n")
                await writer.drain()
                return False
            there, back = await asyncio.open_connection(ADDRESS, self.tls.port)
            writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
            await asyncio.gather(_pump(reader, back), _pump(there, writer))
            return False
        parts = urlsplit(target)
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        kept = [line for line in lines if not line.lower().startswith(("proxy-", "connection:"))]
        there, back = await asyncio.open_connection(ADDRESS, self.plain.port)
        back.write("\r\n".join([f"{method} {path} HTTP/1.1", *kept, "Connection: close", "", ""]).encode())
        while data := await there.read(65_536):
            writer.write(data)
            await writer.drain()
        back.close()
        return False


async def _pump(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    try:
        while data := await source.read(65_536):
            sink.write(data)
            await sink.drain()
    except ConnectionError:
        pass
    finally:
        sink.close()
