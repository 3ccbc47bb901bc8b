"""A generated web of three hosts with signals laid over it, and what of it must be kept.

The layout comes from a seeded generator and the signals from a table; what must be kept is computed from that
table alone, without asking the gate.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field

from crawler.demo.answer import Responder, Text, page, text, typed
from crawler.demo.images import png, xmp
from crawler.demo.place import html

HOSTS = ("north.example", "south.example", "pictures.example")
"""Two hosts of pages, one of images only."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Overlay:
    """One way of saying no, as it is laid over the generated site."""

    name: str
    """What it is called."""
    share: float
    """Part of the pages, or of the images, that carry it."""
    head: str = ""
    """Markup in the page's head."""
    header: tuple[Text, Text] | None = None
    """A header line of the response."""
    robots: str = ""
    """A robots.txt line for the asset's path, ``{path}`` filled in."""
    tdmrep: bool = False
    """Whether tdmrep.json names the asset's path."""
    metadata: bytes = b""
    """XMP inside the image."""
    text: bool = True
    """Whether the page's text is reserved by it."""
    images: bool = True
    """Whether the images a page shows are reserved by it, once the page was read."""


ON_PAGES: tuple[Overlay, ...] = (
    Overlay(name="nothing", share=0.62, text=False, images=False),
    Overlay(name="meta noai", share=0.06, head='<meta name="robots" content="noai">'),
    Overlay(name="meta noimageai", share=0.06, head='<meta name="robots" content="noimageai">', text=False),
    Overlay(name="meta tdm-reservation", share=0.05, head='<meta name="tdm-reservation" content="1">'),
    Overlay(name="X-Robots-Tag", share=0.05, header=("X-Robots-Tag", "noai"), images=False),
    Overlay(name="Content-Usage", share=0.04, header=("Content-Usage", "train-ai=n"), images=False),
    Overlay(name="Disallow", share=0.06, robots="Disallow: {path}", images=False),
    Overlay(name="Content-Usage rule", share=0.03, robots="Content-Usage: {path} train-ai=n", images=False),
    Overlay(name="tdmrep.json", share=0.03, tdmrep=True, images=False),
)
"""What pages may carry. A page refused before its body was read cannot reserve the images it shows."""

ON_IMAGES: tuple[Overlay, ...] = (
    Overlay(name="nothing", share=0.8, images=False),
    Overlay(name="X-Robots-Tag", share=0.06, header=("X-Robots-Tag", "noimageai")),
    Overlay(name="tdm-reservation", share=0.04, header=("tdm-reservation", "1")),
    Overlay(name="DMI-PROHIBITED", share=0.06, metadata=xmp("DMI-PROHIBITED")),
    Overlay(name="Disallow", share=0.04, robots="Disallow: {path}"),
)
"""What images may carry themselves."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Item:
    """One generated page or image."""

    at: str
    """``host/path``."""
    overlay: Overlay
    """What it carries."""
    links: tuple[str, ...] = ()
    """Pages it links to, as ``host/path``; empty for images."""
    shows: tuple[str, ...] = ()
    """Images it shows, as ``host/path``; empty for images."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Site:
    """The whole generated web."""

    pages: Mapping[str, Item] = field(default_factory=dict)
    """Pages by ``host/path``."""
    images: Mapping[str, Item] = field(default_factory=dict)
    """Images by ``host/path``."""
    seeds: tuple[str, ...] = ()
    """Where a crawl begins, as ``host/path``."""

    def hosts(self) -> dict[str, dict[str, Responder]]:
        """What to serve."""
        served: dict[str, dict[str, Responder]] = {host: {} for host in HOSTS}
        for number, item in enumerate(self.pages.values()):
            host, path = _split(item.at)
            content = html(
                f"Page {number}",
                f"This is {item.at}. It carries: {item.overlay.name}.",
                head=item.overlay.head,
                links=[f"http://{_port(link)}" for link in item.links],
                pictures=[f"http://{_port(image)}" for image in item.shows],
            )
            served[host][path] = page(content, *_lines(item))
        for number, item in enumerate(self.images.values()):
            host, path = _split(item.at)
            width = 16 + number % 200
            body = png(number % 256, number // 256, 77, width, 16, xmp=item.overlay.metadata)
            served[host][path] = typed("image/png", body, *_lines(item))
        for host in HOSTS:
            served[host]["/robots.txt"] = text(self._robots(host))
            served[host]["/.well-known/tdmrep.json"] = typed("application/json", self._tdmrep(host))
        return served

    def read(self) -> set[str]:
        """The pages whose body a crawl gets to read: reachable, and not refused before."""
        seen: set[str] = set()
        waiting = list(self.seeds)
        while waiting:
            at = waiting.pop()
            if at in seen or not _is_read(self.pages[at].overlay):
                continue
            seen.add(at)
            waiting += self.pages[at].links
        return seen

    def kept(self) -> set[str]:
        """What must be kept, as ``host/path``: computed from the table, never from the gate."""
        read = self.read()
        pages = {at for at in read if not self.pages[at].overlay.text}
        found = {image for at in read for image in self.pages[at].shows}
        reserved = {image for at in read if self.pages[at].overlay.images for image in self.pages[at].shows}
        free = {at for at in found - reserved if not self.images[at].overlay.images}
        return pages | free

    def _robots(self, host: str) -> str:
        lines = ["User-agent: *"]
        for item in (*self.pages.values(), *self.images.values()):
            if _split(item.at)[0] == host and item.overlay.robots:
                lines.append(item.overlay.robots.format(path=_split(item.at)[1]))
        return "\n".join([*lines, "Allow: /", ""])

    def _tdmrep(self, host: str) -> str:
        rules = [
            f'{{"location": "{_split(item.at)[1]}", "tdm-reservation": 1}}'
            for item in self.pages.values()
            if _split(item.at)[0] == host and item.overlay.tdmrep
        ]
        return f"[{', '.join(rules)}]"


def generate(seed: int = 1, pages: int = 180, images: int = 120) -> Site:
    """A web of ``pages`` pages on two hosts and ``images`` images on three, the same for the same seed."""
    chance = random.Random(seed)
    page_names = [f"{HOSTS[number % 2]}/page-{number:04d}.html" for number in range(pages)]
    image_names = [f"{HOSTS[number % 3]}/image-{number:04d}.png" for number in range(images)]
    front = tuple(f"{host}/" for host in HOSTS[:2])
    nothing = ON_PAGES[0]
    made: dict[str, Item] = {}
    for number, at in enumerate((*front, *page_names)):
        made[at] = Item(
            at=at,
            overlay=nothing if at in front else _draw(chance, ON_PAGES),
            # The front pages know every fifth page, so that a refused page does not hide half the site.
            links=tuple(page_names[number::5])
            if at in front
            else tuple(chance.sample(page_names, min(4, pages))),
            shows=() if at in front else tuple(chance.sample(image_names, min(chance.randrange(4), images))),
        )
    pictures = {at: Item(at=at, overlay=_draw(chance, ON_IMAGES)) for at in image_names}
    return Site(pages=made, images=pictures, seeds=front)


def _draw(chance: random.Random, overlays: tuple[Overlay, ...]) -> Overlay:
    return chance.choices(overlays, weights=[overlay.share for overlay in overlays])[0]


def _is_read(overlay: Overlay) -> bool:
    """A page refused by its host or its headers is not read: its links and images stay unknown."""
    return not (overlay.robots or overlay.tdmrep or overlay.header)


def _lines(item: Item) -> tuple[tuple[Text, Text], ...]:
    return (item.overlay.header,) if item.overlay.header else ()


def _split(at: str) -> tuple[str, str]:
    host, _, path = at.partition("/")
    return host, "/" + path


def _port(at: str) -> str:
    host, path = _split(at)
    return f"{host}:{{port}}{path}"
