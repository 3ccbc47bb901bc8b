"""``heedful withdraw``."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import UTC
from pathlib import Path
from typing import TYPE_CHECKING

import click

from crawler.cli.app import FOUND, OK, STOPPED
from crawler.cli.helppage import Command, as_json, in_order, option
from crawler.cli.text import safe, size

if TYPE_CHECKING:
    from crawler.corpus.items import Item
    from crawler.corpus.withdrawal import Carried, Wish

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
    from crawler.cli.certificate import as_markdown
    from crawler.corpus.disk import replace_file
    from crawler.withdrawing import Unfinished, carry_out

    try:
        carried, told = carry_out(path, wish, reason=reason, ticket=ticket, warn=_warn)
    except Unfinished as error:
        _warn(str(error))
        return STOPPED
    if certificate is not None:
        replace_file(certificate, "".join(f"{line}\n" for line in as_markdown(told)).encode())
    if as_json:
        click.echo(json.dumps({"new": carried.new} | told.as_dict()))
    else:
        for item in carried.gone:
            _list(item)
    _say(carried)
    return OK if carried.gone else FOUND


def _warn(words: str) -> None:
    click.echo(f"heedful: {safe(words)}", err=True)


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
