"""Decisions in words: what ``explain`` and ``check`` print. Lines of text come out, no terminal in sight."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from crawler.cli.quotation import VERB, indent, quoted
from crawler.cli.text import safe, shorten
from crawler.optout.codec import Plain, decision_to_dict, time_to_text
from crawler.optout.model import (
    Asked,
    Carrier,
    Decision,
    Stage,
    Standing,
    Statement,
)

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
class Removed:
    """The end of something that was kept."""

    at: datetime
    """When."""
    reason: str
    """Why, in words."""
    ticket: str
    """The request it was done for; empty when there is none."""
    entry: int
    """Its number in the ledger."""
    run: str
    """The run that did it."""


def story(told: Sequence[Told | Removed]) -> Iterator[str]:
    """Everything about one URL, in order."""
    for number, one in enumerate(told):
        if number:
            yield ""
        if len(told) > 1:
            yield f"{number + 1} of {len(told)}"
        yield from chapter(one) if isinstance(one, Told) else _removal(one)


def as_plain(one: Told | Removed) -> Plain:
    """One part of a story as the object that ``--json`` prints."""
    if isinstance(one, Told):
        return {**decision_to_dict(one.decision), "entry": one.entry, "run": one.run}
    plain = {"reason": one.reason, "ticket": one.ticket or None, "at": time_to_text(one.at)}
    return {"type": "removal", **plain, "entry": one.entry, "run": one.run}


def _removal(removed: Removed) -> Iterator[str]:
    yield "removed from the corpus"
    yield f"  {safe(removed.reason)}"
    yield f"  at {_to_the_second(removed.at)}   ledger entry {removed.entry}   run {safe(removed.run)}"
    if removed.ticket:
        yield f"  ticket {safe(removed.ticket)}"


def chapter(told: Told) -> Iterator[str]:
    """One decision: the outcome, then each stage with what was asked and heard, then where it is recorded."""
    decision = told.decision
    yield from headline(decision)
    grounds = set(decision.grounds)
    heard: dict[Stage | str, list[Statement]] = {}
    for statement in decision.heard:
        heard.setdefault(_section(statement, decision), []).append(statement)
    yield from _section_lines(_HANDED_ON, heard, grounds)
    for stage in _reached(decision):
        asked = [one for one in decision.asked if _AT.get(one.carrier) is stage]
        yield ""
        yield f"  at {stage.value}"
        yield from consulted(asked, decision.asset.url)
        yield from indent(quoted(heard.get(stage, ()), grounds), 4)
        if stage not in heard:
            yield "    nothing heard" if asked else "    nothing asked"
    yield from _section_lines(_OURS, heard, grounds)
    for url in decision.needs:
        yield f"  not fetched: {safe(url)}"
    yield ""
    yield "  " + "   ".join(_record(told))
    if decision.licence:
        yield f"  licence {safe(decision.licence)}"


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
    title: str, heard: Mapping[Stage | str, Sequence[Statement]], grounds: Collection[Statement]
) -> Iterator[str]:
    if title in heard:
        yield ""
        yield f"  {title}"
        yield from indent(quoted(heard[title], grounds), 4)


def headline(decision: Decision) -> Iterator[str]:
    """The outcome, of what, and for what it was asked."""
    yield f"{decision.outcome.value} at {decision.stage.value}    {safe(decision.asset.url)}"
    if decision.asset.via:
        yield f"  {decision.asset.kind.value} of {safe(decision.asset.via)}"
    purposes = ", ".join(purpose.value for purpose in decision.purposes)
    yield (
        f"  {decision.asset.kind.value} for {purposes}; {decision.posture.value}, "
        f"{decision.reading.value} reading; {'collected' if decision.collect else 'not collected'}"
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
    for name in names:
        said = [one for one in decision.heard if one.signal == name]
        asked = [one for one in decision.asked if name in one.signals]
        missing = [one for one in asked if one.standing is Standing.UNREACHABLE]
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
    for url in decision.needs:
        yield f"  not fetched: {safe(url)}"
    yield ""
    yield "would be collected" if decision.collect else "would not be collected"
