"""Answers ``/metrics``, ``/healthz`` and ``/readyz`` in the crawl's own event loop.

Whoever is answered knows that it turns.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from twisted.web.resource import Resource
from twisted.web.server import Site

NAMES = ("127.0.0.1", "localhost")
"""The names under which this is asked. A page in a browser that lets its own name lead here is refused."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Told:
    """An answer."""

    body: bytes
    """What is said."""
    media_type: str
    """What that is."""
    well: bool = True
    """False: status 503."""


def told(well: bool, **fields: object) -> Told:
    """An answer in JSON that says whether all is well, and more."""
    said = {"status": "ok" if well else "failing", **fields}
    return Told(body=json.dumps(said).encode() + b"\n", media_type="application/json", well=well)


class _Answers(Resource):
    isLeaf = True

    def __init__(self, pages: dict[bytes, Callable[[], Told]]) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._pages = pages

    def render_GET(self, request: Any) -> bytes:
        """One of the pages."""
        request.setHeader(b"Cache-Control", b"no-store")
        request.setHeader(b"X-Content-Type-Options", b"nosniff")
        request.setHeader(b"Content-Type", b"text/plain; charset=utf-8")
        host = (request.getHeader("host") or "").rpartition(":")
        if (host[0] or host[2]).lower() not in NAMES:
            request.setResponseCode(403)
            return b"asked under a name that is not this machine's\n"
        page = self._pages.get(request.path)
        if page is None:
            request.setResponseCode(404)
            return b"there are /metrics, /healthz and /readyz\n"
        answer = page()
        request.setHeader(b"Content-Type", answer.media_type.encode())
        if not answer.well:
            request.setResponseCode(503)
        return answer.body


class Numbers(Site):
    """The site of these pages. It logs nothing."""

    noisy = False

    def __init__(self, pages: dict[bytes, Callable[[], Told]]) -> None:
        super().__init__(_Answers(pages), timeout=30)  # type: ignore[no-untyped-call]

    def log(self, request: Any) -> None:
        """Nothing: who asks for numbers is no news."""
