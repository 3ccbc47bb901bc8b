"""Middlewares such as projects write, each of which comes between the gate and the network in its own way."""

from __future__ import annotations

from scrapy import Request
from scrapy.http import HtmlResponse, Response

RESERVED = b'<html><head><meta name="robots" content="noai"></head><body>the reserved words</body></html>'


class Copier:
    """Puts a copy with one header more in the place of every request."""

    def process_request(self, request: Request) -> Request | None:
        if "X-Copied" in request.headers:
            return None
        return request.replace(headers={**request.headers, "X-Copied": "1"}, dont_filter=True)


class Answerer:
    """Answers by itself, as caches and browsers in other processes do."""

    def process_request(self, request: Request) -> Response | None:
        return HtmlResponse(request.url, body=RESERVED) if request.url.endswith("/answered") else None


class Elsewhere:
    """Hands on the answer of another address, as what follows redirects by itself does."""

    def process_response(self, request: Request, response: Response) -> Response:
        if request.url.endswith("/elsewhere"):
            return response.replace(url="http://shut.example/page")
        return response
