"""Files and table as answers. The server sends these answers, the expectation is computed from them."""

from __future__ import annotations

import hashlib
import mimetypes
from dataclasses import replace
from functools import lru_cache
from html import escape
from pathlib import Path
from urllib.parse import quote, unquote

from benchmarks.sites.dress import RENAMED, dress_for
from benchmarks.sites.table import ROOTS, Row, rows_for, site_files
from crawler.demo.answer import NOT_FOUND, Answer, Request

TYPES = mimetypes.MimeTypes()
"""Python's own list, not the machine's."""


class Sites:
    """The unpacked packages under ``folder``, by host and target; ``later``: for the second crawl."""

    def __init__(self, folder: Path, *, later: bool = False) -> None:
        self._later = later
        self._roots = {host: (folder / place).resolve() for host, (_, place) in ROOTS.items()}
        self._files = {host: site_files(host, later) for host in ROOTS}

    def respond(self, request: Request) -> Answer:
        """What the loopback web answers; 304 to who has it, with the headers that are there now."""
        answer = self.answer(request.host, request.target)
        assert isinstance(answer.body, bytes)
        if answer.status != 200:
            return answer
        tag = f'"{hashlib.sha256(answer.body).hexdigest()[:16]}"'
        if request.value("if-none-match") == tag:
            return Answer(status=304, headers=(("ETag", tag), *answer.headers))
        return replace(answer, headers=(("ETag", tag), *answer.headers))

    def rows(self, host: str, path: str) -> list[Row]:
        """The rows about a decoded path."""
        return rows_for(host, path, self._later)

    def answer(self, host: str, target: str) -> Answer:
        """The answer for a request target; an absolute redirect holds ``{port}``."""
        path = unquote(target.partition("?")[0])
        if path in self._files[host]:
            status, media_type, text = self._files[host][path]
            return Answer(status=status, headers=(("Content-Type", media_type),), body=text.encode())
        rows = self.rows(host, path)
        headers = tuple(row.header for row in rows if row.header)
        for row in rows:
            if row.moved:
                return Answer(
                    status=row.status, headers=(("Location", _moved(host, path, row.moved)), *headers)
                )
            if row.status != 200:
                return Answer(status=row.status, headers=headers, body=b"no")
        return self._file(host, path, headers, "".join(row.meta for row in rows))

    def _file(self, host: str, path: str, headers: tuple[tuple[str, str], ...], metas: str) -> Answer:
        root = self._roots[host]
        file = (root / path.replace(RENAMED, "").lstrip("/")).resolve()
        if not file.is_relative_to(root):
            return NOT_FOUND
        if file.is_dir():
            if not path.endswith("/"):
                return Answer(status=301, headers=(("Location", quote(path + "/")),))
            if not (file / "index.html").exists():
                return Answer(headers=(("Content-Type", "text/html"), *headers), body=_listing(file))
            file /= "index.html"
        if not file.is_file():
            return NOT_FOUND
        media_type = TYPES.guess_type(file.name)[0] or "application/octet-stream"
        if media_type != "text/html":
            return Answer(headers=(("Content-Type", media_type), *headers), body=_read(file))
        source = _read(file).decode().replace("<head>", f"<head>{metas}", 1)
        dress = dress_for(host, path)
        if dress is None:
            return Answer(headers=(("Content-Type", media_type), *headers), body=source.encode())
        body = dress.change(source).encode(dress.charset, "xmlcharrefreplace")
        if dress.announced:
            media_type += f"; charset={dress.announced}"
        return Answer(headers=(("Content-Type", media_type), *headers), body=body, encoding=dress.coding)


@lru_cache(maxsize=512)
def _read(file: Path) -> bytes:
    return file.read_bytes()


def _moved(host: str, path: str, change: tuple[str, str]) -> str:
    """The target: a path where the host stays, an absolute URL where it does not."""
    to, _, target = (host + path).replace(change[0], change[1], 1).partition("/")
    return quote(f"/{target}") if to == host else f"http://{to}:{{port}}{quote(f'/{target}')}"


def _listing(folder: Path) -> bytes:
    """What a web server shows of a folder without an index page."""
    names = sorted(f"{entry.name}/" if entry.is_dir() else entry.name for entry in folder.iterdir())
    rows = "".join(f'<li><a href="{quote(name)}">{escape(name)}</a></li>' for name in names)
    title = f"<title>Index of {escape(folder.name)}</title>"
    return f"<html><head>{title}</head><body><ul>{rows}</ul></body></html>".encode()
