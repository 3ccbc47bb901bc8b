"""Looks up in a corpus what somebody asks about: a site, an address, a file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from crawler.audit.answer import Answer, Request
from crawler.audit.entries import Entry, Filter
from crawler.audit.scope import scope_of
from crawler.audit.selector import Kind, Selector
from crawler.corpus.shunned import Shunned
from crawler.corpus.withdrawal import Wish, Withdrawals
from crawler.domains import owner_domain
from crawler.optout.codec import time_to_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crawler.corpus.corpus import Corpus

MOST_HOPS = 20
"""Redirects that are followed from the URL that was asked for."""


def look_up(corpus: Corpus, selector: Selector) -> Answer:
    """Everything the ledger of ``corpus`` holds about what is asked for; the caller closes it.

    A URL and the URLs it redirected to are found through the index, everything else by going through the ledger
    once. Raises ``Damaged``.
    """
    answer = Answer(selector)
    try:
        answer.scope = scope_of(corpus)
        if selector.kind is Kind.URL:
            _follow(corpus, selector.value, answer)
        else:
            answer.add(corpus.entries(_Selected(selector=selector)))
        answer.settle()
        answer.requests = tuple(_requests(corpus, selector))
        if selector.kind is Kind.SHA256:
            answer.marked = tuple(_marked(corpus, selector.value))
        if selector.kind is Kind.URL and not answer.found:
            answer.similar = tuple(url for url in _spellings(selector.value) if _known(corpus, url))
    except BaseException:
        answer.close()
        raise
    return answer


@dataclass(frozen=True, kw_only=True, slots=True)
class _Selected(Filter):
    """The entries that a selector asks for."""

    selector: Selector

    def might(self, leaf: bytes) -> bool:
        """Whether a line can match at all: quick, and never wrongly False."""
        return self.selector.value.encode() in leaf.lower()

    def matches(self, entry: Entry) -> bool:
        """Whether an entry is asked for."""
        if self.selector.kind is Kind.SHA256:
            item = entry.fields.get("item")
            digests = entry.fields.get("sha256"), item.get("sha256") if isinstance(item, dict) else None
            return self.selector.value in digests
        return any(map(self.selector.covers, entry.urls))


def _requests(corpus: Corpus, selector: Selector) -> Iterator[Request]:
    """The withdrawals that are about what is asked for, or a part of it."""
    for one in Withdrawals(corpus.index).all:
        if covers := tuple(dict.fromkeys(_covering(one.wish, selector))):
            yield Request(one.entry, time_to_text(one.at), one.reason, one.ticket, covers)


def _marked(corpus: Corpus, sha256: str) -> list[tuple[str, int]]:
    """Where bytes with this digest are reserved; nothing where the secret behind the marks cannot be read."""
    try:
        secret = bytes.fromhex(corpus.folder.secret.read_text("ascii").strip())
    except (OSError, ValueError):
        return []
    return corpus.index.marked(Shunned(secret, corpus.index).mark(sha256))


def _covering(wish: Wish, selector: Selector) -> Iterator[str]:
    value, kind = selector.value, selector.kind
    if kind is Kind.SHA256:
        yield from (f"sha256 {value}" for _ in wish.digests & {value})
    elif kind is Kind.URL:
        whole = wish.covers(value)
        yield from () if whole is None else (whole,)
    else:
        yield from (f"domain {name}" for name in sorted(wish.domains & {value, owner_domain(value)}))
        inside = (name for name in sorted(wish.hosts) if selector.covers(f"http://{name}/"))
        yield from (f"host {name}" for name in inside)
        yield from (f"prefix {prefix}" for prefix in sorted(wish.prefixes) if selector.covers(prefix))
        yield from (f"url {url}" for url in sorted(wish.urls) if selector.covers(url))


def _follow(corpus: Corpus, url: str, answer: Answer) -> None:
    """Take in what is about ``url`` and about each URL it redirected to."""
    seen: list[str] = []
    onward: str | None = url
    while onward is not None and onward not in seen and len(seen) <= MOST_HOPS:
        seen.append(onward)
        answer.add(corpus.entries(Filter(url=onward)))
        onward = answer.target(onward)


def _known(corpus: Corpus, url: str) -> bool:
    return any(True for _ in corpus.entries(Filter(url=url)))


def _spellings(url: str) -> Iterator[str]:
    """What whoever wrote ``url`` may have meant: the other scheme, with or without ``www.`` or a last slash."""
    scheme, _, rest = url.partition("://")
    host, slash, path = rest.partition("/")
    hosts = host, host.removeprefix("www.") if host.startswith("www.") else f"www.{host}"
    paths = dict.fromkeys((path, path.removesuffix("/"), f"{path.removesuffix('/')}/" if path else path))
    for one in (scheme, "http" if scheme == "https" else "https"):
        for name in hosts:
            for way in paths:
                if (other := f"{one}://{name}{slash}{way}") != url:
                    yield other
