"""Decisions in words: what ``explain`` and ``check`` print. Lines of text come out, no terminal in sight."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from crawler.cli.change import changes
from crawler.cli.quotation import INDENT, VERB, indent, quoted
from crawler.cli.text import safe, shorten, size
from crawler.cli.wrapping import WIDTH, wrapped
from crawler.optout.codec import Plain, decision_to_dict, statement_from_dict, time_to_text
from crawler.optout.model import (
    Asked,
    Carrier,
    Decision,
    Stage,
    Standing,
    Statement,
)
from crawler.tally import OF_ORIGINS

if TYPE_CHECKING:
    from crawler.cli.found import Places
    from crawler.corpus.items import Item

_AT = {
    Carrier.ROBOTS_TXT: Stage.HOST,
    Carrier.HOST_FILE: Stage.HOST,
    Carrier.STATUS: Stage.HEADERS,
    Carrier.HEADER: Stage.HEADERS,
    Carrier.HTML: Stage.CONTENT,
    Carrier.EMBEDDED: Stage.CONTENT,
    Carrier.DOCUMENT: Stage.CONTENT,
}
"""The stage at which each carrier is asked; our own reasons come up at any."""


_HANDED_ON = "handed on by the page or redirect that led here"
_OURS = "our own reasons"
_ONCE = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True, slots=True)
class Told:
    """A decision and where it is recorded."""

    decision: Decision
    """The decision."""
    entry: int | None = None
    """Its number in the ledger; None: it was not recorded."""
    run: str | None = None
    """The run that made it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Event:
    """Something that was done about a URL beside deciding: a removal, a withdrawal, a recheck."""

    type: str
    """The type of its ledger entry."""
    at: datetime
    """When."""
    entry: int
    """Its number in the ledger."""
    run: str
    """The run that did it."""
    fields: Mapping[str, Any]
    """Everything the entry says."""
    about: str = ""
    """The selector by which a withdrawal is about the URL, such as ``host a.example``."""


def story(
    told: Sequence[Told | Event], held: Iterable[Item] | None = None, places: Places | None = None
) -> Iterator[str]:
    """Everything about one URL, in order, on a page of 80 columns that only a URL may exceed.

    ``held``: what is kept of it now; None: that was not looked up. ``places``: see :func:`quoted`.
    """
    if len(told) > 1:
        yield from _overview(told)
    for number, one in enumerate(told):
        if number or len(told) > 1:
            yield ""
        if len(told) > 1:
            yield f"{number + 1} of {len(told)}"
        if isinstance(one, Event):
            yield from _event(one, places)
        elif (before := _alike(told, number)) is not None:
            yield from headline(one.decision)
            yield from wrapped(f"everything was asked again, and answered as in {before + 1}", 2)
            yield from _recorded(one)
        else:
            yield from chapter(one, places)
    if held is not None:
        yield ""
        yield from _held(held)


def as_plain(one: Told | Event) -> Plain:
    """One part of a story as the object that ``--json`` prints."""
    if isinstance(one, Told):
        return {**decision_to_dict(one.decision), "entry": one.entry, "run": one.run}
    return dict(one.fields)


def _overview(told: Sequence[Told | Event]) -> Iterator[str]:
    """One line each."""
    width = len(str(len(told)))
    for number, one in enumerate(told, 1):
        if isinstance(one, Event):
            at, words = one.at, _event_title(one)
        else:
            decision = one.decision
            at = decision.at
            words = f"{decision.outcome.value} at {decision.stage.value}" + (
                "; kept" if decision.collect else ""
            )
        yield f"{number:{width}}  {_to_the_second(at)}  {shorten(words, 50)}"


def _alike(told: Sequence[Told | Event], number: int) -> int | None:
    """The latest earlier decision if it asked the same and heard the same, where that was told in full."""
    earlier = (place for place in range(number - 1, -1, -1) if isinstance(told[place], Told))
    place = next(earlier, None)
    if place is None:
        return None
    one, before = told[number], told[place]
    assert isinstance(one, Told)
    assert isinstance(before, Told)
    if _timeless(one.decision) != _timeless(before.decision):
        return None
    further = _alike(told, place)
    return place if further is None else further


def _timeless(decision: Decision) -> Decision:
    """The decision as if everything in it had happened at one moment."""

    def said(statements: Iterable[Statement]) -> tuple[Statement, ...]:
        return tuple(replace(one, evidence=replace(one.evidence, at=_ONCE)) for one in statements)

    asked = tuple(replace(one, at=_ONCE) for one in decision.asked)
    return replace(decision, at=_ONCE, asked=asked, heard=said(decision.heard), grounds=said(decision.grounds))


def _event_title(event: Event) -> str:
    fields = event.fields
    if event.type == "removal":
        asked = fields.get("withdrawal") is not None
        return "removed from the corpus" + (" on request" if asked else "")
    if event.type == "withdrawal":
        return "withdrawn on request; not collected again"
    if event.type == "recheck":
        return f"asked again: {safe(str(fields.get('state', '')))}"
    return safe(event.type)


def _event(event: Event, places: Places | None) -> Iterator[str]:
    fields = event.fields
    yield _event_title(event)
    if reason := fields.get("reason"):
        yield from wrapped(safe(str(reason)), 2)
    if event.about:
        yield from wrapped(f"by {safe(event.about)}", 2, hanging=2)
    if isinstance(digest := fields.get("sha256"), str):
        yield f"  sha256 {safe(digest)}"
    grounds = tuple(map(statement_from_dict, fields.get("grounds", ())))
    yield from indent(quoted(grounds, grounds, places), INDENT)
    if since := fields.get("since"):
        yield f"  so since {safe(str(since))}"
    words = f"at {_to_the_second(event.at)}   ledger entry {event.entry}   run {safe(event.run)}"
    yield from _fitted(words)
    if ticket := fields.get("ticket"):
        yield from wrapped(f"ticket {safe(str(ticket))}", 2, hanging=2)


def _held(items: Iterable[Item]) -> Iterator[str]:
    """What is kept now."""
    nothing = True
    for item in items:
        nothing = False
        yield from wrapped(f"kept now: {item.kind.value}, {size(item.bytes)}, since entry {item.entry}", 0)
        yield f"  sha256 {item.sha256}"
        yield f"  archive/{safe(item.file)}, byte {item.offset}"
    if nothing:
        yield "nothing is kept of it now"


def chapter(told: Told, places: Places | None = None) -> Iterator[str]:
    """One decision: the outcome, then each stage with what was asked and heard, then what would change it."""
    decision = told.decision
    yield from headline(decision)
    grounds = set(decision.grounds)
    heard: dict[Stage | str, list[Statement]] = {}
    for statement in decision.heard:
        heard.setdefault(_section(statement, decision), []).append(statement)
    yield from _section_lines(_HANDED_ON, heard, grounds, places)
    for stage in _reached(decision):
        asked = [one for one in decision.asked if _AT.get(one.carrier) is stage]
        yield ""
        yield f"  at {stage.value}"
        yield from consulted(asked, decision.asset.url)
        yield from indent(quoted(heard.get(stage, ()), grounds, places), INDENT)
        if stage not in heard:
            yield "    nothing heard" if asked else "    nothing asked"
    yield from _section_lines(_OURS, heard, grounds, places)
    yield from _missing(decision)
    if decision.licence:
        yield ""
        yield from wrapped(f"licensed under {safe(decision.licence)}, by what is marked above", 2, hanging=2)
    if sentences := list(changes(decision)):
        yield ""
        yield "  what would have to change"
        for sentence in sentences:
            yield from wrapped(f"- {safe(sentence)}", 4, hanging=2)
    yield ""
    yield from _recorded(told)


def _recorded(told: Told) -> Iterator[str]:
    yield from _fitted("   ".join(_record(told)))


def _fitted(words: str) -> Iterator[str]:
    """One line, or as many as it needs."""
    yield from [f"  {words}"] if len(words) + 2 <= WIDTH else wrapped(words, 2, hanging=2)


def _missing(decision: Decision) -> Iterator[str]:
    for url in decision.needs:
        yield from wrapped(f"not fetched: {safe(url)}", 2, hanging=2)


def _reached(decision: Decision) -> list[Stage]:
    stages = list(Stage)
    return stages[: stages.index(decision.stage) + 1]


def _section(statement: Statement, decision: Decision) -> Stage | str:
    """Where in the chapter a statement is told."""
    carrier, source = statement.evidence.carrier, statement.evidence.source
    if carrier is Carrier.HOUSE:
        return _OURS
    stage = _AT[carrier]
    from_elsewhere = stage is not Stage.HOST and source == decision.asset.via
    return _HANDED_ON if from_elsewhere or stage not in _reached(decision) else stage


def _section_lines(
    title: str,
    heard: Mapping[Stage | str, Sequence[Statement]],
    grounds: Collection[Statement],
    places: Places | None,
) -> Iterator[str]:
    if title in heard:
        yield ""
        yield f"  {title}"
        yield from indent(quoted(heard[title], grounds, places), INDENT)


def headline(decision: Decision) -> Iterator[str]:
    """The outcome, of what, and for what it was asked."""
    how, url = f"{decision.outcome.value} at {decision.stage.value}", safe(decision.asset.url)
    yield from [f"{how}    {url}"] if len(how) + 4 + len(url) <= WIDTH else (how, f"  {url}")
    if decision.asset.via:
        yield from wrapped(f"{decision.asset.kind.value} of {safe(decision.asset.via)}", 2, hanging=2)
    purposes = ", ".join(purpose.value for purpose in decision.purposes)
    yield from wrapped(
        f"{decision.asset.kind.value} for {purposes}; {decision.posture.value}, "
        f"{decision.reading.value} reading; {'collected' if decision.collect else 'not collected'}",
        2,
        hanging=2,
    )


def _record(told: Told) -> Iterator[str]:
    yield f"decided {_to_the_second(told.decision.at)}"
    if told.entry is not None:
        yield f"ledger entry {told.entry}"
    if told.run is not None:
        yield f"run {safe(told.run)}"


def _to_the_second(at: datetime) -> str:
    return f"{time_to_text(at)[:19]}Z"


def consulted(asked: Iterable[Asked], url: str) -> Iterator[str]:
    """The sources that were asked, one line each; a source is named unless it is ``url`` itself."""
    for one in asked:
        status = "---" if one.status is None else str(one.status)
        source = "" if one.source == url else shorten(one.source, 46)
        yield f"    {one.carrier.value:10}  {status} {one.standing.value:11}  {source}".rstrip()


def soundings(decision: Decision, names: Iterable[str]) -> Iterator[tuple[str, str, str]]:
    """For every signal: its name, ``heard``, ``absent``, ``unreachable`` or ``not asked``, and what it said."""
    counts = {one.evidence.source for one in decision.heard if one.evidence.locator == "unreachable"}
    for name in names:
        said = [one for one in decision.heard if one.signal == name]
        asked = [one for one in decision.asked if name in one.signals]
        missing = [
            one
            for one in asked
            if one.standing is Standing.UNREACHABLE
            # of a host that is not there over https, nothing is missing
            and (one.source in counts or one.carrier not in OF_ORIGINS)
        ]
        if missing or any(one.evidence.locator == "unreachable" for one in said):
            yield name, "unreachable", ", ".join(dict.fromkeys(safe(one.source) for one in missing))
        elif said:
            words = dict.fromkeys(f"{VERB[one.preference]} {one.purpose.value}" for one in said)
            yield name, "heard", ", ".join(words)
        else:
            yield name, "absent" if asked else "not asked", ""


def check_lines(decision: Decision, names: Iterable[str]) -> Iterator[str]:
    """What ``check`` prints: the outcome, every signal, and the statements that decide, quoted."""
    yield from headline(decision)
    yield ""
    rows = list(soundings(decision, names))
    width = max((len(name) for name, _, _ in rows), default=0)
    for name, standing, words in rows:
        yield f"  {name:{width}}  {standing:11}  {words}".rstrip()
    if decision.grounds:
        yield ""
        yield from indent(quoted(decision.grounds, decision.grounds), 2)
    yield from _missing(decision)
    yield ""
    yield "would be collected" if decision.collect else "would not be collected"
