"""``heedful withdraw``."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from crawler.cli.app import FOUND, OK, STOPPED
from crawler.cli.helppage import Command, as_json, in_order, option
from crawler.cli.text import safe, size

if TYPE_CHECKING:
    from crawler.cli.certificate import Certificate, Gone
    from crawler.corpus.corpus import Corpus
    from crawler.corpus.items import Item
    from crawler.corpus.withdrawal import Carried, Wish, Withdrawal

# Not from the environment, unlike other options: what is to leave is said where it is asked for.
selectors = in_order(
    click.option("--url", "urls", multiple=True, metavar="URL", help="This URL."),
    click.option("--prefix", "prefixes", multiple=True, metavar="URL", help="This URL and all below it."),
    click.option("--host", "hosts", multiple=True, metavar="NAME", help="This host name and no other."),
    click.option("--domain", "domains", multiple=True, metavar="NAME", help="This domain with all its hosts."),
    click.option("--sha256", "digests", multiple=True, metavar="DIGEST", help="These bytes."),
)


@click.command(
    cls=Command,
    example='heedful withdraw corpus --domain example.org --reason "asked" --dry-run',
    epilog="Each selector may be repeated. Try --dry-run first: what leaves does not come back.",
)
@click.argument("corpus", type=click.Path(path_type=Path))
@selectors
@option("--reason", metavar="TEXT", required=True, help="Why; kept in the ledger.")
@option("--ticket", metavar="ID", help="What you call the request.")
@option("--dry-run", is_flag=True, help="Say what would leave, and change nothing.")
@option("--certificate", type=click.Path(path_type=Path), metavar="FILE", help="Write one, for who asked.")
@as_json
def command(
    corpus: Path,
    reason: str,
    ticket: str | None,
    dry_run: bool,
    certificate: Path | None,
    as_json: bool,
    **selectors: tuple[str, ...],
) -> int:
    """Take content out of CORPUS on request, and never collect it again.

    What matches leaves with the same bytes under every other URL. Where nothing matches, the request is kept
    all the same.
    """
    wish = _wish(selectors)
    reason = reason.strip()
    if not reason:
        raise click.UsageError("--reason is empty: say why, for those who read the ledger later")
    if dry_run:
        if certificate is not None:
            raise click.UsageError("--dry-run removes nothing that --certificate could be about")
        return _dry_run(corpus, wish, as_json=as_json)
    if certificate is not None:
        _expect_room_for(certificate, corpus)
    return _withdraw(corpus, wish, reason, ticket, certificate, as_json=as_json)


def _wish(given: dict[str, tuple[str, ...]]) -> Wish:
    """What was asked for, in the form of the ledger."""
    from crawler.config import lists
    from crawler.corpus.warc import safe_url
    from crawler.corpus.withdrawal import Wish
    from crawler.optout.grammar.links import normalise_url

    def url(text: str) -> str:
        return safe_url(normalise_url(text))

    def prefix(text: str) -> str:
        return safe_url(lists.prefix(text))

    read: dict[str, tuple[str, Callable[[str], str]]] = {
        "urls": ("--url", url),
        "prefixes": ("--prefix", prefix),
        "hosts": ("--host", _host),
        "domains": ("--domain", _domain),
        "digests": ("--sha256", lists.sha256),
    }
    if not any(given.values()):
        raise click.UsageError("say what is to leave, by --url, --prefix, --host, --domain or --sha256")
    return Wish(
        **{name: frozenset(_read(*read[name], text) for text in texts) for name, texts in given.items()}
    )


def _read(option: str, meaning: Callable[[str], str], text: str) -> str:
    from crawler.optout.model import Malformed

    try:
        return meaning(text.strip())
    except Malformed as error:
        words = "a URL with https:// or http://" if option == "--url" else str(error)
        raise click.UsageError(f"{option}: {text[:200]!r} is not {words}") from None


def _host(text: str) -> str:
    from crawler.config import lists
    from crawler.optout.model import Malformed

    if text.startswith("."):
        raise Malformed(f"one host name; --domain {text.lstrip('.')} means everything below it too")
    return lists.host(text)


def _domain(text: str) -> str:
    from crawler.config import lists
    from crawler.domains import is_address, owner_domain

    host = lists.host(text.lstrip("."))
    domain = owner_domain(host)
    if domain != host:
        raise click.UsageError(
            f"--domain: {host} is a host of {domain}; say --host {host} or --domain {domain}"
        )
    if not is_address(host) and owner_domain(f"a.{host}") != host:
        raise click.UsageError(
            f"--domain: under {host} names belong to many owners; name the one below it, or say --host {host}"
        )
    return host


def _expect_room_for(certificate: Path, corpus: Path) -> None:
    if certificate.exists():
        raise click.UsageError(f"--certificate: {certificate} is there already; name a new file")
    if not certificate.absolute().parent.is_dir():
        raise click.UsageError(f"--certificate: {certificate.parent} is not a folder")
    if certificate.resolve().is_relative_to(corpus.resolve()):
        raise click.UsageError(f"--certificate: {certificate} lies inside the corpus; name a file beside it")


def _dry_run(path: Path, wish: Wish, *, as_json: bool) -> int:
    from crawler.corpus.corpus import Corpus
    from crawler.corpus.items import item_to_dict
    from crawler.corpus.withdrawal import doomed, matching

    with Corpus.read(path) as corpus:
        matched = matching(corpus.store, wish)
        named = {(item.file, item.offset) for item in matched}
        items = doomed(corpus.store, matched)
    if as_json:
        rows = [item_to_dict(item) for item in items]
        total = sum(item.bytes for item in items)
        click.echo(
            json.dumps(
                {"dry_run": True, "selectors": wish.said(), "count": len(rows), "bytes": total, "items": rows}
            )
        )
        return OK if items else FOUND
    for item in items:
        twin = "" if (item.file, item.offset) in named else "  [the same bytes]"
        _list(item, twin)
    if not items:
        click.echo("heedful: nothing that is kept matches; the request would be put on record", err=True)
        return FOUND
    click.echo(f"heedful: {_amount(items)} would leave; nothing was changed", err=True)
    return OK


def _withdraw(
    path: Path, wish: Wish, reason: str, ticket: str | None, certificate: Path | None, *, as_json: bool
) -> int:
    from crawler.audit import keys
    from crawler.captures import now
    from crawler.corpus.corpus import Corpus
    from crawler.corpus.disk import replace_file
    from crawler.corpus.folder import CorpusFolder
    from crawler.corpus.manifest import run_name
    from crawler.corpus.withdrawal import withdraw
    from crawler.run import DISK

    CorpusFolder.read(path)  # before a key is made: there may be no corpus
    signer = keys.signer(corpus=path)
    at = now()
    try:
        with Corpus.change(path, at=at) as corpus:
            corpus.seal(signer, at)
            carried = withdraw(
                corpus,
                wish,
                reason=reason,
                ticket=ticket,
                run=run_name(at),
                at=at,
                before=partial(_tell_frontier, corpus.folder.frontier),
            )
            corpus.seal(signer, now())
            told = _certificate(corpus, carried, str(signer.verifier))
    except OSError as error:
        if error.errno not in DISK:
            raise
        what = _where_it_stands(path, wish, at)
        click.echo(f"heedful: {safe(str(error.filename or path))}: {error.strerror}; {what}", err=True)
        return STOPPED
    if certificate is not None:
        replace_file(certificate, "".join(f"{line}\n" for line in told.as_markdown()).encode())
    if as_json:
        click.echo(json.dumps({"new": carried.new} | told.as_dict()))
    else:
        for item in carried.gone:
            _list(item)
    _say(carried)
    return OK if carried.gone else FOUND


def _tell_frontier(path: Path, urls: Iterable[str]) -> None:
    """These URLs count as kept no longer. A frontier that cannot be used is no reason to keep content.

    It is told before the ledger: a crash in between has a URL asked again that is still there, and no more.
    """
    from crawler.frontier.contract import FrontierError
    from crawler.frontier.embedded import EmbeddedFrontier

    if not path.exists():
        return
    try:
        frontier = EmbeddedFrontier(path)
        try:
            frontier.gone(urls, forget=True)
        finally:
            frontier.close()
    except FrontierError as error:
        click.echo(f"heedful: {safe(str(error))} The withdrawal goes on without it.", err=True)


def _certificate(corpus: Corpus, carried: Carried, key: str) -> Certificate:
    from crawler.audit.checkpoints import checkpoints
    from crawler.cli.certificate import Certificate

    asked, identity = carried.withdrawal, corpus.folder.manifest.identity
    before = after = None
    for one in checkpoints(corpus.folder.ledger):
        note = one.data.decode()
        if one.checkpoint.size < asked.entry:
            before = note
        elif after is None and one.checkpoint.size >= asked.entry + asked.removals:
            after = note
    gone = _from_items(carried) if carried.new else _from_ledger(corpus, asked)
    return Certificate(
        corpus=corpus.folder.path.name,
        operator=f"{identity.operator} ({identity.contact})" if identity.operator else identity.contact,
        withdrawal=asked,
        gone=tuple(gone),
        before=before,
        after=after,
        key=key,
    )


def _from_items(carried: Carried) -> Iterator[Gone]:
    from crawler.cli.certificate import Gone
    from crawler.optout.codec import time_to_text

    digests = dict.fromkeys(item.sha256 for item in carried.gone)
    removals = {digest: carried.withdrawal.entry + number for number, digest in enumerate(digests, 1)}
    for item in carried.gone:
        yield Gone(
            url=item.url,
            sha256=item.sha256,
            bytes=item.bytes,
            fetched_at=time_to_text(item.fetched_at),
            kept_by=item.entry,
            removed_by=removals[item.sha256],
        )


def _from_ledger(corpus: Corpus, asked: Withdrawal) -> Iterator[Gone]:
    """What an earlier withdrawal removed, as far as the ledger still tells it."""
    from crawler.audit.entries import REMOVAL, Filter
    from crawler.cli.certificate import Gone

    for removal in corpus.entries():
        if removal.type == REMOVAL and removal.fields.get("withdrawal") == asked.entry:
            for url in removal.urls:
                for entry in corpus.entries(Filter(url=url)):
                    item = entry.fields.get("item", {})
                    if entry.number < removal.number and item.get("sha256") == removal.fields["sha256"]:
                        yield Gone(
                            url=url,
                            sha256=item["sha256"],
                            bytes=int(item["bytes"]),
                            fetched_at=str(entry.fields["at"]),
                            kept_by=entry.number,
                            removed_by=removal.number,
                        )
                        break


def _where_it_stands(path: Path, wish: Wish, at: datetime) -> str:
    """What is left of a withdrawal that found no room, in words."""
    from crawler.corpus.corpus import Corpus
    from crawler.corpus.withdrawal import Withdrawals

    with Corpus.read(path) as corpus:
        found = Withdrawals(corpus.index).on_record(wish)
    if found is None or found.at != at:
        return "nothing was removed and nothing recorded; make room and say the same again"
    return (
        f"the withdrawal is on record as entry {found.entry}, and what is not removed yet will be as soon as "
        "there is room and a command writes to this corpus; the same command again does it"
    )


def _list(item: Item, more: str = "") -> None:
    click.echo(f"{item.entry:>7}  {item.kind.value:5}  {size(item.bytes):>8}  {safe(item.url)}{more}")


def _amount(items: Sequence[Item]) -> str:
    number = "1 item" if len(items) == 1 else f"{len(items)} items"
    return f"{number}, {size(sum(item.bytes for item in items))}"


def _say(carried: Carried) -> None:
    asked = carried.withdrawal
    if carried.gone:
        words = f"{_amount(carried.gone)} withdrawn, entry {asked.entry}; never collected again"
    elif carried.new:
        words = f"nothing that is kept matches; on record as entry {asked.entry}, so it is never collected"
    else:
        when = asked.at.astimezone(UTC)
        words = f"nothing that is kept matches any more: withdrawn on {when:%Y-%m-%d}, entry {asked.entry}"
    click.echo(f"heedful: {words}", err=True)
