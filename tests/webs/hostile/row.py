"""One row of the hostile web: what a server does, and what must become of each of its URLs."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from crawler.demo.images import png
from crawler.demo.place import html
from crawler.optout.model import OPEN, Outcome
from tests.webs.hostile.wire import Act, Talk, reply


@dataclass(frozen=True, kw_only=True, slots=True)
class Ending:
    """What must become of one URL."""

    outcome: Outcome
    """The outcome of its last decision."""
    why: str = ""
    """Words that must be among the grounds, as ``signal locator: excerpt``; empty where it is kept."""

    @property
    def kept(self) -> bool:
        """Whether it must be in the corpus."""
        return self.outcome in OPEN


KEPT = Ending(outcome=Outcome.UNRESERVED)


def undetermined(why: str) -> Ending:
    """It could not be told, and ``why`` says what went wrong."""
    return Ending(outcome=Outcome.UNDETERMINED, why=why)


def skipped(why: str) -> Ending:
    """Left for a reason of ours."""
    return Ending(outcome=Outcome.SKIPPED, why=why)


def reserved(why: str) -> Ending:
    """Reserved, and by this."""
    return Ending(outcome=Outcome.RESERVED, why=why)


@dataclass(frozen=True, kw_only=True, slots=True)
class Lie:
    """One way in which a server lies, hangs, floods or bombs."""

    name: str
    """What it is called; its host is ``name.example``."""
    does: str
    """What the server does, in words."""
    hosts: Mapping[str, Mapping[str, Act]]
    """What is served, by host and path."""
    ends: Mapping[str, Ending]
    """What must become of each URL, by ``host/path``; the first is the one that the row is about."""
    seeds: tuple[str, ...]
    """Where the crawl begins: ``host/path``, or URLs with ``{port}`` or another port's name in braces."""
    others: bool = False
    """Whether further URLs of its hosts are decided on, as on a site without an end."""
    most: int = 0
    """Items of its hosts that may be kept beyond those in ``ends``."""
    stopped: str = ""
    """The reason that ends a site without an end: some URL of it must be left for it."""

    @property
    def host(self) -> str:
        """The host the row is named after."""
        return f"{self.name}.example"


def words(host: str, *, head: str = "", body: str = "") -> str:
    """A page that no other host has."""
    return html(
        f"Page of {host}", f"What {host} tells, number {zlib.crc32(host.encode())}.", head=head, body=body
    )


def picture(host: str) -> bytes:
    """A PNG that no other host has."""
    red, green, blue, width = zlib.crc32(host.encode()).to_bytes(4, "big")
    return png(red, green, blue, 48 + width % 64, 48)


def lie(name: str, does: str, page: Act, ending: Ending, **paths: Act) -> Lie:
    """A host whose ``/page`` is the lie; ``paths``: further paths of it, ``_`` for ``/``."""
    host = f"{name}.example"
    more = {"/" + path.replace("_", "/"): act for path, act in paths.items()}
    return Lie(
        name=name,
        does=does,
        hosts={host: {"/page": page, **more}},
        ends={f"{host}/page": ending},
        seeds=(f"{host}/page",),
    )


def rules(name: str, does: str, file: Act, ending: Ending, *, path: str = "/robots.txt", **more: Act) -> Lie:
    """A host with a sound page whose site-level file ``path`` is the lie; ``more``: further paths."""
    host = f"{name}.example"
    return Lie(
        name=name,
        does=does,
        hosts={
            host: {"/page": reply(words(host)), path: file, **{f"/{key}": act for key, act in more.items()}}
        },
        ends={f"{host}/page": ending},
        seeds=(f"{host}/page",),
    )


def shown(name: str, does: str, image: Act, ending: Ending, *, path: str = "/image.png") -> Lie:
    """A host with a sound page, kept, whose image is the lie."""
    host = f"{name}.example"
    content = words(host, body=f'<img src="{path}" alt="">')
    return Lie(
        name=name,
        does=does,
        hosts={host: {"/page": reply(content), path: image}},
        ends={f"{host}{path}": ending, f"{host}/page": KEPT},
        seeds=(f"{host}/page",),
    )


def saying(make: Callable[[Talk], bytes]) -> Act:
    """Octets that depend on the request, and then the end of the connection."""

    def act(talk: Talk) -> None:
        talk.send(make(talk))

    return act


def hosts_of(rows: Iterable[Lie]) -> dict[str, Mapping[str, Act]]:
    """All hosts of all rows; raises ``ValueError`` when two rows share one."""
    found: dict[str, Mapping[str, Act]] = {}
    for row in rows:
        for host, paths in row.hosts.items():
            if host in found:
                raise ValueError(f"{host} belongs to two rows")
            found[host] = paths
    return found
