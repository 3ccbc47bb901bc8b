"""What would have to change for another outcome: the same statements weighed again, some of them left out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from crawler.optout import SIGNALS
from crawler.optout.model import (
    OPEN,
    Carrier,
    Decision,
    Outcome,
    Posture,
    Purpose,
    Reading,
    Stage,
    Statement,
)
from crawler.optout.policy import Policy, Verdict

_NEXT = {
    Stage.HOST: "it would have been requested, and judged by its answer",
    Stage.HEADERS: "it would have been read, and judged by its content",
    Stage.CONTENT: "it would have been kept",
}
"""What comes after a stage with an open outcome."""

_OURS = {
    "address": "its address would have to be public, or --allow-private be given",
    "budget": "the limit would have to be higher; a later run goes on",
    "denied": "the operator's own list would have to leave it out",
    "gone": "the server would have to have something there",
    "links-only": "nothing: sitemaps and feeds are read for their links and never kept",
    "moved": "nothing: it is judged at the address it moved to",
    "posture": "a licence or permission that is accepted would have to be bound to it",
    "scope": "--scope would have to reach it, or it would have to be a seed",
    "type": "--kinds would have to name what it is",
    "withdrawn": "nothing: it was withdrawn on request and stays out of this corpus",
}
"""The same for our own reasons, by the locator of the statement."""


def changes(decision: Decision) -> Iterator[str]:
    """Sentences without a capital and a full stop; none of them promises what was never asked."""
    if decision.outcome is Outcome.RESERVED:
        yield from _of_reserved(decision)
    elif decision.outcome is Outcome.UNDETERMINED:
        yield from _of_undetermined(decision)
    elif decision.outcome is Outcome.SKIPPED:
        for locator in dict.fromkeys(ground.evidence.locator for ground in decision.grounds):
            if locator in _OURS:
                yield _OURS[locator]
    else:
        yield from _of_open(decision)


def _of_reserved(decision: Decision) -> Iterator[str]:
    count = len({(one.evidence, one.signal) for one in decision.grounds})
    which = "the statement that decides" if count == 1 else f"each of the {count} statements that decide"
    rest = [one for one in decision.heard if one not in decision.grounds]
    yield f"{which} would have to go; then {_then(_weighed(decision, rest), decision)}"
    if decision.reading is Reading.STRICT:
        literal = _weighed(decision, decision.heard, reading=Reading.LITERAL)
        if literal.outcome is not Outcome.RESERVED:
            yield (
                "or each protocol would have to be read by its letter (the literal reading, which the "
                f"configuration must give a reason for); then {_then(literal, decision)}"
            )
    if set(decision.purposes) != {Purpose.SEARCH}:
        search = _weighed(decision, decision.heard, purposes=(Purpose.SEARCH,))
        if search.outcome in OPEN:
            yield f"or the run would have to be for search alone; then {_then(search, decision)}"


def _of_undetermined(decision: Decision) -> Iterator[str]:
    for evidence in dict.fromkeys(ground.evidence for ground in decision.grounds):
        if evidence.locator == "unreachable" or evidence.carrier is Carrier.STATUS:
            yield f"{evidence.source} would have to answer, if only that there is nothing"
        else:
            yield f"what {evidence.source} says ({evidence.locator}) would have to be readable"
    for url in decision.needs:
        yield f"{url}, which it names, would have to be fetched"
    yield "the next crawl asks again; what could not be told is never taken for a yes"


def _of_open(decision: Decision) -> Iterator[str]:
    sources = len({asked.source for asked in decision.asked} | {decision.asset.url})
    if not decision.collect:
        yield "nothing stood against it so far; it was not asked further"
    elif sources > 1:
        yield (
            f"one reservation in any of the {sources} sources that were asked would have kept it out; "
            "heedful recheck asks them again"
        )
    if decision.outcome is Outcome.LICENSED and decision.posture is Posture.OPT_IN:
        yield "without what licenses it, it would not have been kept: this corpus keeps only what is permitted"


def _weighed(
    decision: Decision,
    heard: Iterable[Statement],
    *,
    reading: Reading | None = None,
    purposes: tuple[Purpose, ...] | None = None,
) -> Verdict:
    policy = Policy(
        purposes=frozenset(decision.purposes if purposes is None else purposes),
        posture=decision.posture,
        reading=decision.reading if reading is None else reading,
    )
    asset = replace(decision.asset)
    return policy.weigh(asset, decision.stage, heard, SIGNALS)


def _then(verdict: Verdict, decision: Decision) -> str:
    if verdict.outcome not in OPEN:
        return f"it would have been {verdict.outcome.value}"
    if decision.stage is Stage.CONTENT and decision.posture is Posture.OPT_IN:
        return "it would have been kept if something that is accepted permitted it"
    return _NEXT[decision.stage]
