"""The letter to who asked "did you take my site?", for painters and their lawyers.

It says what was found and no more: silence is never called consent, and absence is told with what it rests on.
It speaks for the operator, who reads it before it goes out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from crawler.audit.answer import Answer, Request
from crawler.audit.fate import Row, State
from crawler.audit.fates import is_withdrawal
from crawler.audit.prose import Block, Bullets, Heading, Paragraph, Part, Quoted, Verbatim
from crawler.audit.scope import absence, limits
from crawler.audit.selector import Kind
from crawler.audit.wording import PREFERENCES, PURPOSES, STAGES, count, kinds, reason
from crawler.optout.codec import time_to_text

if TYPE_CHECKING:
    from crawler.corpus.manifest import Identity

LISTED = 50
"""Addresses that a letter lists of each sort; the operator has the others."""


def letter(answer: Answer, sender: Identity, at: datetime, titles: Mapping[str, str]) -> list[Block]:
    """The letter, dated ``at``. ``titles``: what each signal is called in words."""
    return [
        Heading(1, title(answer)),
        *_head(answer, sender, at),
        *_answer(answer),
        *_held(answer),
        *_gone(answer),
        *_left(answer, titles),
        *_why(answer, sender, titles),
        *_objecting(sender),
        *_checking(answer),
        Heading(2, ["What this answer does not show"]),
        Bullets([[row] for row in limits(answer)]),
    ]


def title(answer: Answer) -> list[Part]:
    """What the letter is called."""
    return ["What we hold of ", *_asked(answer)]


def _asked(answer: Answer) -> list[Part]:
    selector = answer.selector
    words = "the file with the SHA-256 digest " if selector.kind is Kind.SHA256 else ""
    return [words, Quoted(selector.value)]


_MEANS = {
    Kind.DOMAIN: "every address on this domain and on the hosts below it.",
    Kind.HOST: "every address on this one host; other hosts of the same domain are not in this answer.",
    Kind.URL: "this one address, and where it redirected to.",
    Kind.SHA256: "exactly these bytes, under whatever address.",
}


def _head(answer: Answer, sender: Identity, at: datetime) -> Iterator[Block]:
    who: list[Part] = [Quoted(sender.operator), ", "] if sender.operator else []
    yield Bullets(
        [
            ["From: ", *who, Quoted(sender.contact)],
            ["Date: ", time_to_text(at)[:10]],
            ["Asked about: ", *_asked(answer), ", which means ", _MEANS[answer.selector.kind]],
        ]
    )


def _answer(answer: Answer) -> Iterator[Block]:
    yield Heading(2, ["The answer"])
    counts, period = answer.counts(), answer.period()
    if period is None:
        yield Paragraph(
            ["We hold nothing of it, and our records do not name it: it is ", absence(answer.scope), "."]
        )
    else:
        first, last = (time[:10] for time in period)
        when = f"on {first}" if first == last else f"between {first} and {last}"
        if held := counts.get(State.KEPT):
            size = f"{answer.bytes():,} bytes"
            yield Paragraph([f"We hold {kinds(held)} of it, {size} in all, decided {when}."])
        else:
            yield Paragraph(["We hold nothing of it now."])
        seen = sum(number for found in counts.values() for number in found.values())
        rows = [
            [f"{_STATES[state]}: {kinds(found)}."] for state, found in counts.items() if state is not State.KEPT
        ]
        if rows:
            yield Paragraph([f"Our crawler decided about {_addresses(seen)} of it {when}. Not held:"])
            yield Bullets(rows)
    if answer.marked:
        yield Paragraph(["The same bytes were met where they are reserved, and are kept from no address:"])
        yield Bullets([[Quoted(url), f", ledger entry {entry}"] for url, entry in answer.marked[:LISTED]])
    if answer.requests:
        yield Paragraph(["Requests to take out are on record; what they cover is not collected again:"])
        yield Bullets([_request(request) for request in answer.requests[:LISTED]])


def _request(request: Request) -> list[Part]:
    words: list[Part] = [f"{request.at[:10]}, ledger entry {request.entry}: "]
    words += [Quoted(", ".join(request.covers[:5])), ", because ", Quoted(request.reason)]
    return [*words, " (request ", Quoted(request.ticket), ")"] if request.ticket else words


_STATES = {
    State.WITHDRAWN: "held once, and deleted on request",
    State.REMOVED: "held once, and deleted: it was reserved later, or we could no longer ask",
    State.RESERVED: "never kept, because of a reservation",
    State.UNDETERMINED: "never kept, because we could not tell whether anything is reserved",
    State.SKIPPED: "never kept, for a reason of our own",
    State.UNSTORED: "to be kept, but our crawl ended before anything was stored",
}


def _held(answer: Answer) -> Iterator[Block]:
    total = _total(answer, State.KEPT)
    if not total:
        return
    yield Heading(2, ["What we hold"])
    rows: list[list[Part]] = []
    for row in answer.rows(State.KEPT, limit=LISTED):
        for copy in row.copies:
            if copy.removed is None:
                words: list[Part] = [Quoted(row.url), f": {_noun(row.kind)}, {copy.bytes:,} bytes, "]
                words.append(f"taken {copy.at[:10]}, SHA-256 ")
                words += [Quoted(copy.sha256), f", ledger entry {copy.entry}"]
                words += [", under the licence ", Quoted(row.licence)] if row.licence else []
                rows.append(words)
    yield Bullets(rows)
    yield from _more(total)


def _gone(answer: Answer) -> Iterator[Block]:
    states = [state for state in (State.WITHDRAWN, State.REMOVED) if _total(answer, state)]
    if not states:
        return
    yield Heading(2, ["What we held and deleted"])
    for state in states:
        rows: list[list[Part]] = []
        for row in answer.rows(state, limit=LISTED):
            words: list[Part] = [Quoted(row.url), f": {_noun(row.kind)}, taken {row.copies[-1].at[:10]}"]
            for event in row.events:
                if event.type == "removal":
                    why = "on request" if is_withdrawal(event.fields) else "by ourselves"
                    words += [f", deleted {event.at[:10]} {why}: ", Quoted(str(event.fields.get("reason", "")))]
                    ticket = event.fields.get("ticket")
                    words += [" (request ", Quoted(str(ticket)), ")"] if ticket else []
            rows.append(words)
        yield Bullets(rows)
        yield from _more(_total(answer, state))


def _left(answer: Answer, titles: Mapping[str, str]) -> Iterator[Block]:
    states = [state for state in (State.RESERVED, State.UNDETERMINED, State.SKIPPED) if _total(answer, state)]
    if not states:
        return
    yield Heading(2, ["What we met and did not keep"])
    for state in states:
        total, stages = _total(answer, state), answer.stages(state)
        yield Paragraph(
            [
                f"{_addresses(total)} {'was' if total == 1 else 'were'} {_STATES[state]}. Of these "
                + ", ".join(f"{stages[stage]:,} {words}" for stage, words in STAGES.items() if stages[stage])
                + ". The reasons, some with several:"
            ]
        )
        yield Bullets(
            [
                [Quoted(reason(why, titles)), f": {number:,}"]
                for why, number in answer.reasons(state).most_common()
            ]
        )
        if state is State.RESERVED:
            yield Paragraph(["The words that decided:"])
            yield Bullets([_said(row) for row in answer.rows(state, limit=LISTED)])
        else:
            yield Bullets([[Quoted(row.url), f", {row.last[:10]}"] for row in answer.rows(state, limit=LISTED)])
        yield from _more(total)


def _said(row: Row) -> Sequence[Part]:
    ground = row.grounds[0]
    words: list[Part] = [Quoted(row.url), f", {row.last[:10]}: "]
    excerpt = " ".join(str(ground["excerpt"]).split())
    words += [Quoted(excerpt[:200] + ("…" if len(excerpt) > 200 else "")), " in "] if excerpt else []
    words += [Quoted(str(ground["source"])), " (", Quoted(str(ground["locator"])), ")"]
    return words


def _why(answer: Answer, sender: Identity, titles: Mapping[str, str]) -> Iterator[Block]:
    if not _total(answer, State.KEPT):
        return
    purposes = ", ".join(PURPOSES[purpose.value] for purpose in sender.purposes)
    heard = answer.heard()
    yield Heading(2, ["Why we took it"])
    yield Paragraph(
        [
            f"We collect for: {purposes}. Before we keep an address we ask its site, its answer and its "
            "content "
            f"whether anything is reserved, in {count(len(heard.asked), 'way')}:"
        ]
    )
    yield Bullets([[Quoted(titles.get(name, name))] for name in sorted(heard.asked)])
    yield Paragraph(
        [
            "Of each address that we hold, all of these were asked, and at that time none of them spoke "
            "against what "
            "we collect for. That is all we claim. It is not consent, and we do not call it so: somebody "
            "who says "
            "nothing in these ways may still object."
        ]
    )
    if heard.said:
        yield Paragraph(["This was said, and does not stand against what we keep it for:"])
        yield Bullets(
            [
                [
                    Quoted(titles.get(signal, signal)),
                    f" {PREFERENCES[preference]} {PURPOSES[purpose]}" + (f", of {kind}s" if kind else ""),
                ]
                for signal, preference, purpose, kind in sorted(heard.said)
            ]
        )
    if licences := answer.licences():
        yield Paragraph(["A licence or permission that we accept was bound to some of it:"])
        yield Bullets([[Quoted(name), f": {_addresses(number)}"] for name, number in licences.most_common()])


def _objecting(sender: Identity) -> Iterator[Block]:
    yield Heading(2, ["If you do not want this"])
    yield Paragraph(
        [
            "Write to ",
            Quoted(sender.contact),
            " and name the addresses, the host or the domain. You can also say it on the site itself, "
            "which every "
            "later crawl hears before it requests anything; in the file robots.txt, for instance:",
        ]
    )
    yield Verbatim(["User-agent: heedful", "Disallow: /"])
    yield Paragraph(
        [
            "Reservations in tdmrep.json, ai.txt, response headers, pages, and the metadata of images and "
            "documents "
            "are heard as well; one of them is enough, and nothing that allows cancels it."
        ]
    )
    yield Paragraph(
        [
            "What a withdrawal does: the content is deleted from our archive, the same bytes under other "
            "addresses "
            "too; it is not collected again; the ledger keeps one line with the address, the time and the "
            "reason; "
            "you get a certificate of what was deleted, and those who hold copies of ours get a list of "
            "digests by "
            "which to find them. Copies that others made from the site themselves are out of our reach."
        ]
    )


def _checking(answer: Answer) -> Iterator[Block]:
    yield Heading(2, ["How to check this answer"])
    seal = answer.scope.seal
    if seal is None:
        yield Paragraph(["Our ledger is under no checkpoint yet, so that this answer rests on our word alone."])
    else:
        yield Paragraph(
            [
                "Every decision is one entry of a ledger that can only grow. This is its latest signed "
                "checkpoint. "
                "Keep it: whatever we show you later must contain what it seals."
            ]
        )
        when = [f"at {seal.at}"] if seal.at else []
        yield Verbatim([seal.origin, str(seal.size), seal.root, *when])
    yield Paragraph(
        [
            "Ask us for a receipt of any address above (",
            Quoted("heedful receipt"),
            "): a small file with the entry and the proof that it is under a checkpoint. You can check it "
            "without "
            "us and without our data (",
            Quoted("heedful verify --receipt"),
            ").",
        ]
    )


def _more(total: int) -> Iterator[Block]:
    if total > LISTED:
        yield Paragraph([f"And {_addresses(total - LISTED)} more; ask us, and you get the complete list."])


def _total(answer: Answer, state: State) -> int:
    return sum(answer.counts().get(state, {}).values())


def _addresses(number: int) -> str:
    return count(number, "address")


def _noun(kind: str) -> str:
    return {"pdf": "PDF", "epub": "EPUB"}.get(kind, kind)
