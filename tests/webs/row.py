"""One host of the leak suite: what it serves, and what must become of its page and its image."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from crawler.demo.answer import Responder, Text, page, text, typed
from crawler.demo.images import png
from crawler.demo.place import KEPT, NOT_KEPT, Expectation, html, reserved
from crawler.optout.model import Carrier, Outcome

Headers = tuple[tuple[Text, Text], ...]
Table = Mapping[str, Mapping[str, Responder]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Leak:
    """One situation."""

    name: str
    """What it is called; its host is ``name.example``."""
    says: str
    """The situation in words."""
    signal: str
    """The signal it is about; empty: none."""
    carrier: Carrier | None
    """How that signal travels here."""
    hosts: Table
    """What is served, by host and path."""
    page: Expectation
    """What must become of the page."""
    image: Expectation
    """What must become of the image."""
    seeds: tuple[str, ...]
    """``host/path`` where a crawl begins."""
    page_at: str
    """``host/path`` of the page."""
    image_at: str
    """``host/path`` of the image."""
    also: Mapping[str, Expectation] = field(default_factory=dict)
    """Further ``host/path`` with what must become of them."""
    peer: str = ""
    """Its name among the situations that other crawlers were measured with; empty: not one of them."""

    @property
    def host(self) -> str:
        """The host the row is named after."""
        return f"{self.name}.example"

    @property
    def control(self) -> bool:
        """Whether page and image must both be kept: the crawl must not drop everything."""
        return self.page.kept and self.image.kept

    @property
    def expectations(self) -> dict[str, Expectation]:
        """What must become of everything in the row, by ``host/path``."""
        return {self.page_at: self.page, self.image_at: self.image, **self.also}


def picture(name: str) -> bytes:
    """A PNG that no other name has."""
    red, green, blue, width = zlib.crc32(name.encode()).to_bytes(4, "big")
    return png(red, green, blue, 48 + width % 64, 48)


def leak(
    name: str,
    says: str,
    signal: str,
    carrier: Carrier | None,
    page_expect: Expectation,
    image_expect: Expectation | None = None,
    *,
    peer: str = "",
    robots: Text | Responder | None = None,
    files: Mapping[str, Responder] | None = None,
    headers: Headers = (),
    head: str = "",
    body: str = "",
    show: str = '<img src="{image}" alt="">',
    answer: Responder | None = None,
    image: bytes | None = None,
    image_headers: Headers = (),
    image_answer: Responder | None = None,
    image_host: str = "",
    image_path: str = "/image.png",
    hosts: Table | None = None,
    seeds: tuple[str, ...] = (),
    also: Mapping[str, Expectation] | None = None,
) -> Leak:
    """A row from what is special about it; everything else is a plain free page with a plain free image.

    The page is ``/page``, the image ``image_path`` on ``image_host`` or the host itself. ``{image}`` in the
    page's markup becomes the image's URL. An image whose page is dropped inherits that when the page was read,
    and is not even found when it was not.
    """
    host = f"{name}.example"
    at = f"http://{image_host}:{{port}}{image_path}" if image_host else image_path
    content = html(f"Page of {host}", says, head=head, body=(body + show)).replace("{image}", at)
    served: dict[str, dict[str, Responder]] = {
        host: {"/page": answer or page(content, *headers), "/robots.txt": _robots(robots), **(files or {})}
    }
    bytes_ = image if image is not None else picture(name)
    image_at = image_host or host
    served.setdefault(image_at, {})[image_path] = image_answer or typed("image/png", bytes_, *image_headers)
    for other, paths in (hosts or {}).items():
        served.setdefault(other, {}).update(paths)
    for paths in served.values():
        paths.setdefault("/robots.txt", text("none\n", status=404))
    if image_expect is None:
        read = carrier is Carrier.HTML and page_expect.outcome is Outcome.RESERVED
        image_expect = KEPT if page_expect.kept else reserved(signal) if read else NOT_KEPT
    return Leak(
        name=name,
        says=says,
        signal=signal,
        carrier=carrier,
        hosts=served,
        page=page_expect,
        image=image_expect,
        seeds=seeds or (f"{host}/page",),
        page_at=f"{host}/page",
        image_at=image_at + image_path,
        also=also or {},
        peer=peer,
    )


def hosts_of(rows: Iterable[Leak]) -> dict[str, Mapping[str, Responder]]:
    """All hosts of all rows; raises ``ValueError`` when two rows share one."""
    found: dict[str, Mapping[str, Responder]] = {}
    for row in rows:
        for host, paths in row.hosts.items():
            if host in found:
                raise ValueError(f"{host} belongs to two rows")
            found[host] = paths
    return found


def _robots(robots: Text | Responder | None) -> Responder:
    if robots is None:
        return text("none\n", status=404)
    return text(robots) if isinstance(robots, str | bytes) else robots
