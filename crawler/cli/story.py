"""Decisions in words: what ``explain`` and ``check`` print. Lines of text come out, no terminal in sight."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from crawler.cli.quotation import VERB, indent, quoted
from crawler.cli.text import safe
from crawler.optout.codec import Plain, decision_to_dict, time_to_text
from crawler.optout.model import (
    Asked,
    Carrier,
    Decision,
    Stage,
    Standing,
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
    ticket = f"   ticket {safe(removed.ticket)}" if removed.ticket else ""
    yield f"  at {time_to_text(removed.at)}   ledger entry {removed.entry}   run {safe(removed.run)}{ticket}"


def chapter(told: Told) -> Iterator[str]:
    """One decision: the outcome, then each stage with what was asked and heard, then where it is recorded."""
    decision = told.decision
    yield from headline(decision)
    reached = list(Stage).index(decision.stage)
    grounds = set(decision.grounds)
    for stage in list(Stage)[: reached + 1]:
        yield ""
        yield f"  at {stage.value}"
        asked = [one for one in decision.asked if _AT[one.carrier] is stage]
        heard = [one for one in decision.heard if _AT.get(one.evidence.carrier) is stage]
        yield from consulted(asked)
        for statement in heard:
            yield from indent(quoted(statement, decides=statement in grounds), 4)
        if not heard:
            yield "    nothing heard" if asked else "    nothing asked"
    for statement in decision.heard:
        if statement.evidence.carrier is Carrier.HOUSE:
            yield ""
            yield from indent(quoted(statement, decides=statement in grounds), 2)
    for url in decision.needs:
        yield f"  not fetched: {safe(url)}"
    yield ""
    yield "  " + "   ".join(_record(told))


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
    yield f"decided {time_to_text(told.decision.at)}"
    if told.entry is not None:
        yield f"ledger entry {told.entry}"
    if told.run is not None:
        yield f"run {safe(told.run)}"
    if told.decision.licence:
        yield f"licence {safe(told.decision.licence)}"


def consulted(asked: Iterable[Asked]) -> Iterator[str]:
    """The sources that were asked, one line each."""
    for one in asked:
        answer = "no answer" if one.status is None else f"status {one.status}"
        yield f"    asked {one.carrier.value}: {one.standing.value}, {answer}   {safe(one.source)}"


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
    for statement in decision.grounds:
        yield ""
        yield from indent(quoted(statement, decides=True), 2)
    for url in decision.needs:
        yield f"  not fetched: {safe(url)}"
    yield ""
    yield "would be collected" if decision.collect else "would not be collected"
