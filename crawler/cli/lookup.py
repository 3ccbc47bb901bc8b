"""``heedful lookup``."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

import click

from crawler.cli.helppage import Command, as_json, option
from crawler.cli.output import writing
from crawler.cli.text import safe, size
from crawler.cli.wrapping import wrapped

if TYPE_CHECKING:
    from crawler.audit.answer import Answer, Request
    from crawler.audit.fate import Event, Row, State
    from crawler.corpus.corpus import Corpus

LISTED = 20
"""URLs of each state that are listed for people."""


@click.command(cls=Command, example="heedful lookup corpus example.org --letter -o answer.md")
@click.argument("corpus", type=click.Path(path_type=Path))
@click.argument("asked", metavar="DOMAIN|URL|SHA256")
@option("--letter", is_flag=True, help="As a letter to who asked.")
@option("--format", "form", type=click.Choice(["md", "html"]), help="Of the letter.  [md]")
# No HEEDFUL_OUTPUT: that is where a crawl puts its corpus.
@click.option(
    "-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help="A file instead of stdout."
)
@as_json
def command(
    corpus: Path, asked: str, letter: bool, form: str | None, output: Path | None, as_json: bool
) -> None:
    """Answer "did you take my site?": what CORPUS kept, dropped and withdrew of it, and why."""
    from crawler.audit.lookup import look_up
    from crawler.audit.selector import Unaskable, selector_of
    from crawler.corpus.corpus import Corpus

    if form is not None and not letter:
        raise click.UsageError("--format is for --letter")
    if letter and as_json:
        raise click.UsageError("--letter and --json are two forms of one answer; choose one")
    try:
        selector = selector_of(asked)
    except Unaskable as error:
        raise click.UsageError(str(error)) from error
    with Corpus.read(corpus) as opened, look_up(opened, selector) as answer, writing(output) as to:
        if as_json:
            _write_json(answer, to)
        elif letter:
            to.write(_letter(opened, answer, form or "md"))
        else:
            to.writelines(f"{line}\n" for line in _lines(answer))
    if letter:
        click.echo("heedful: the letter speaks in your name: read it before you send it", err=True)


def _letter(corpus: Corpus, answer: Answer, form: str) -> str:
    from datetime import UTC, datetime

    from crawler.audit.letter import letter, title
    from crawler.audit.prose import as_html, as_markdown
    from crawler.optout import SIGNALS

    titles = {name: signal.title for name, signal in SIGNALS.items()}
    blocks = letter(answer, corpus.folder.manifest.identity, datetime.now(UTC), titles)
    return as_markdown(blocks) if form == "md" else as_html(blocks, title(answer))


def _write_json(answer: Answer, to: TextIO) -> None:
    """One object, written piece by piece, because a domain may have a million URLs."""
    from crawler.audit.scope import absence

    selector, scope, period = answer.selector, answer.scope, answer.period()
    head = {
        "asked": {"kind": selector.kind, "value": selector.value, "note": selector.note or None},
        "found": answer.found,
        "scope": {
            "entries": scope.entries,
            "checkpoint": None
            if scope.seal is None
            else {name: getattr(scope.seal, name) for name in ("origin", "size", "root", "at")},
            "unsealed": scope.unsealed,
            "erased": scope.erased,
        },
        "absence": None if answer.found else absence(scope),
        "counts": {state: sum(kinds.values()) for state, kinds in answer.counts().items()},
        "bytes": answer.bytes(),
        "first": period and period[0],
        "last": period and period[1],
        "reserved_at": [{"url": url, "entry": entry} for url, entry in answer.marked],
        "withdrawals": [request._asdict() for request in answer.requests],
        "similar": list(answer.similar),
    }
    to.write(json.dumps(head)[:-1] + ', "urls": [')
    for number, row in enumerate(answer.rows()):
        to.write((", " if number else "") + json.dumps(_plain(row)))
    to.write("]}\n")


def _plain(row: Row) -> dict[str, Any]:
    return {
        "url": row.url,
        "kind": row.kind,
        "state": row.state,
        "stage": row.stage,
        "reasons": list(row.reasons),
        "grounds": list(row.grounds),
        "licence": row.licence,
        "moved_to": row.moved_to,
        "first": row.first,
        "last": row.last,
        "decisions": row.decisions,
        "entry": row.entry,
        "copies": [copy._asdict() for copy in row.copies],
        "events": [dict(event.fields) for event in row.events],
    }


def _lines(answer: Answer) -> Iterator[str]:
    """The answer for people, at most 80 columns but for URLs; of absence, also what it does not show."""
    from crawler.audit.scope import absence, limits
    from crawler.audit.wording import STAGES, kinds, reason

    selector, counts = answer.selector, answer.counts()
    yield f"{selector.kind.value} {safe(selector.value)}"
    if selector.note:
        yield from wrapped(selector.note, 2)
    if answer.found:
        for state, found in counts.items():
            held = f", {size(answer.bytes())}" if state == "kept" else ""
            yield f"  {state.value:12}  {kinds(found)}{held}"
        first, last = answer.period() or ("", "")
        yield f"  decided between {first[:19]}Z and {last[:19]}Z"
    else:
        yield from wrapped(f"nothing found: {absence(answer.scope)}", 2)
        yield from (f"  known in another spelling: {safe(url)}" for url in answer.similar)
    for url, entry in answer.marked:
        yield f"  reserved at {safe(url)} (entry {entry})"
    for request in answer.requests:
        yield from wrapped(safe(_request(request)), 2, hanging=2)
    for state in counts:
        yield ""
        yield state.value
        if state not in ("kept", "withdrawn", "removed"):
            stages = answer.stages(state)
            yield from wrapped(
                ", ".join(f"{stages[one]:,} {words}" for one, words in STAGES.items() if stages[one]), 2
            )
            for why, number in answer.reasons(state).most_common():
                yield from wrapped(safe(f"{number:,}: {reason(why)}"), 4, hanging=2)
        yield from _listed(answer, state)
    yield ""
    if answer.found:
        seal = answer.scope.seal
        under = (
            "no checkpoint yet"
            if seal is None
            else f"checkpoint {seal.origin}, size {seal.size}, root {seal.root}"
        )
        yield from wrapped(f"Taken from {answer.scope.entries:,} ledger entries under {under}.", 0)
    else:
        for row in limits(answer):
            yield from wrapped(row, 0)


def _listed(answer: Answer, state: State) -> Iterator[str]:
    total = sum(answer.counts()[state].values())
    for row in answer.rows(state, limit=LISTED):
        yield f"  {safe(row.url)}"
        if row.moved_to:
            yield f"    moved to {safe(row.moved_to)}"
        yield from wrapped(f"decided {row.last[:10]} at {row.stage}, entry {row.entry}", 4)
        for copy in row.copies:
            gone = "" if copy.removed is None else f", gone with entry {copy.removed}"
            yield from wrapped(f"{row.kind}, {size(copy.bytes)}, {copy.at[:10]}, entry {copy.entry}{gone}", 4)
            yield f"    sha256 {copy.sha256}"
        for ground in row.grounds[:1] if not row.copies else ():
            excerpt = " ".join(str(ground["excerpt"]).split())[:120]
            yield from wrapped(safe(f"{ground['signal']} ({ground['basis']}): {excerpt}"), 4, hanging=2)
        for event in row.events:
            yield from wrapped(safe(_event(event)), 4, hanging=2)
    if total > LISTED:
        yield f"  … and {total - LISTED:,} more; --json lists them all"


def _request(request: Request) -> str:
    ticket = f", ticket {request.ticket}" if request.ticket else ""
    about = ", ".join(request.covers)
    return f"withdrawal of {request.at[:10]}, entry {request.entry}{ticket}, covers {about}: {request.reason}"


def _event(event: Event) -> str:
    words = event.fields.get("reason") or event.fields.get("state") or ""
    return f"{event.type} {event.at[:10]}, entry {event.entry}: {words}"
