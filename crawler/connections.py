"""Connections that are kept open for a next request, and how many of them.

Twisted keeps every connection that ended well for four minutes, and what it knows of a host for ever. A crawl
of many hosts that have few pages would hold thousands open, until it can open nothing more.
"""

from __future__ import annotations

from typing import Any

from twisted.web.client import HTTPConnectionPool

IDLE = 500
"""Connections kept open while nothing is asked over them, of all hosts together; the one that has been idle
longest is closed first. With the requests under way and the crawl's own files that is fewer than the 1,024
files that a process may have open on most systems."""

BEGUN = "optout_begun"
"""Request meta: a list into which something is put when an answer has begun, be it ever so broken."""


class Pool(HTTPConnectionPool):
    """Twisted's pool, with a bound over all hosts."""

    def getConnection(self, key: Any, endpoint: Any) -> Any:
        """A connection for one request, one that is open already if there is any."""
        found = super().getConnection(key, endpoint)
        self._tidy(key)
        return found

    def _putConnection(self, key: Any, connection: Any) -> None:
        super()._putConnection(key, connection)  # type: ignore[no-untyped-call]
        while len(self._timeouts) > IDLE:
            oldest, timeout = next(iter(self._timeouts.items()))  # in the order in which they became idle
            longest = timeout.args[0]  # its host; gone when it is cancelled
            timeout.cancel()
            self._removeConnection(longest, oldest)

    def _removeConnection(self, key: Any, connection: Any) -> None:
        super()._removeConnection(key, connection)  # type: ignore[no-untyped-call]
        self._tidy(key)

    def _tidy(self, key: Any) -> None:
        """Forget a host that no connection is open to."""
        if not self._connections.get(key, True):
            del self._connections[key]
