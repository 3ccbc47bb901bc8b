"""Asks a time-stamping authority about the latest checkpoint, once, and never stops a crawl over it.

What comes of it lies in the ledger's folder, see :mod:`crawler.audit.timestamps`. Asking blocks for some
seconds at most: it belongs to the end of a crawl, or into a thread. The authority is the operator's own choice
and no site that is crawled, so the question goes past the gate; it holds nothing but a digest.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from http.client import HTTPException
from pathlib import Path
from typing import IO, Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from crawler import __version__
from crawler.audit.timestamps import SIZE_LIMIT, NoTimestamp, ask, keep
from crawler.config.values import authority
from crawler.optout.model import Malformed

SETTING = "OPTOUT_TIMESTAMP_URL"
"""Scrapy setting with the authority's URL."""
PATIENCE = 20.0
"""Seconds until an answer has to be complete."""

_PIECE = 1 << 16


class _StayHere(HTTPRedirectHandler):
    """An authority that sends us elsewhere is not the one that was configured."""

    def redirect_request(self, *args: Any) -> None:
        """No request for what is elsewhere: the redirect itself is the answer, and an error."""


def anchor(folder: Path, url: str, record: Callable[[dict[str, Any]], object]) -> str | None:
    """Have the latest checkpoint of the ledger in ``folder`` time-stamped by the authority at ``url``.

    ``record`` is called with the fields of the ``timestamp`` entry to append, when there is one. Returns None,
    or why the ledger stays unanchored, in one sentence. Raises ``Damaged``, and ``OSError`` where the disk
    fails.
    """
    try:
        asked = ask(folder)
        if asked is None:
            return None
        record(keep(folder, asked, fetch(url, asked.query), authority=url.partition("?")[0]))
    except NoTimestamp as error:
        return f"the ledger is not anchored in time: {error}"
    return None


def fetch(url: str, query: bytes, *, patience: float = PATIENCE) -> bytes:
    """The authority's answer to a TimeStampReq (RFC 3161, section 3.4); raises :class:`NoTimestamp`."""
    try:
        authority(url)
    except Malformed as error:
        raise NoTimestamp(f"the authority is not {error}") from None
    request = Request(  # noqa: S310 - the scheme is checked
        url,
        data=query,
        headers={
            "Content-Type": "application/timestamp-query",
            "Accept": "application/timestamp-reply",
            "User-Agent": f"heedful/{__version__}",
        },
        method="POST",
    )
    end = time.monotonic() + patience
    host = urlsplit(url).netloc
    try:
        with build_opener(_StayHere).open(request, timeout=patience) as response:
            return _read(response, end, host)
    except HTTPError as error:
        error.close()
        raise NoTimestamp(f"{host} answered with status {error.code}") from None
    except URLError as error:
        raise NoTimestamp(f"{host} cannot be reached ({error.reason})") from None
    except TimeoutError:
        raise NoTimestamp(f"{host} did not answer in {patience:g} seconds") from None
    except (OSError, HTTPException, ValueError) as error:
        raise NoTimestamp(f"{host} cannot be reached ({type(error).__name__})") from None


def _read(response: IO[bytes], end: float, host: str) -> bytes:
    """The body, if it is no longer than a time-stamp and whole in time."""
    data = b""
    while piece := response.read1(_PIECE):  # type: ignore[attr-defined]
        data += piece
        if len(data) > SIZE_LIMIT:
            raise NoTimestamp(f"{host} answered with more than a time-stamp")
        if time.monotonic() > end:
            raise TimeoutError
    return data
