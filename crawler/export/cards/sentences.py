"""What both cards say in prose. Words of strangers come in only where a function asks how to quote them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from crawler.audit import wording
from crawler.audit.report.page import moment
from crawler.optout.codec import time_to_text
from crawler.optout.model import Reading

if TYPE_CHECKING:
    from crawler.export.cards.facts import Facts

FILTERS = {
    "kind": "of kinds that were not asked for",
    "since": "fetched before the date that was asked for",
    "licence": "under none of the licences that were asked for",
    "language": "in none of the languages that were asked for, or images where languages were",
}
"""Why items were not asked for."""


def description(facts: Facts) -> str:
    """What the rows are."""
    made = facts.made.composition
    if made.fetched_from is None or made.fetched_to is None:
        return "The export has no rows: nothing that the corpus keeps is what was asked for."
    kinds = wording.kinds(made.kinds)
    return (
        f"{kinds[:1].upper()}{kinds[1:]}, fetched between {moment(made.fetched_from)} and "
        f"{moment(made.fetched_to)} from {wording.count(made.domains_in_all, 'registrable domain')}. Each row "
        "says where it comes from, what was heard of it, and on which entry of the ledger it rests."
    )


def collection(facts: Facts, quote: Callable[[str], str]) -> str:
    """How it was collected; ``quote``: how words of others are written."""
    identity = facts.made.corpus.identity
    runs = facts.runs
    tokens = ", ".join(quote(token) for token in identity.tokens)
    times = (
        f" between {moment(runs[0].started)} and {moment(runs[-1].ended or runs[-1].started)}" if runs else ""
    )
    number = wording.count(len(facts.made.composition.runs), "run")
    return (
        f"The crawler heedful, which calls itself {tokens} in robots.txt, followed links from its seeds in "
        f"{number}{times}. It asks for robots.txt and the other files of a host first, then for the page, "
        "reads its headers, then the page, then the metadata inside what it fetched, and drops what is "
        "reserved or cannot be told at the first of these that says so. It sends no cookies, signs in nowhere, "
        "fills in nothing, pays nothing, and leaves walls alone."
    )


def left_out(facts: Facts) -> Iterator[tuple[str, int]]:
    """Why items of the corpus are no rows, and how many."""
    counts = facts.made.counts
    rows = [
        *((FILTERS.get(name, "not asked for"), number) for name, number in counts.filtered.items()),
        ("held back since a recheck, because they are reserved now or nobody could tell", counts.held_back),
        ("texts without words", counts.empty),
        *((f"texts that could not be read: {why}", number) for why, number in counts.unread.items()),
        ("whose record in the archive is damaged", counts.damaged),
    ]
    yield from ((why, number) for why, number in rows if number)


def posture(facts: Facts) -> str:
    """What had to be said for something to be kept."""
    if facts.opt_in:
        return "Opt-in: only what an accepted licence or permission is bound to was kept, and nothing reserved."
    return "Opt-out: what nobody reserved was kept, whether or not anybody permitted it."


def reading(facts: Facts) -> str:
    """How strictly it was read."""
    if facts.made.corpus.identity.reading is Reading.STRICT:
        return (
            "Read strictly: what was said with a slip in its form, to other crawlers of its kind or by the "
            "page about its pictures counts as well."
        )
    return "Read literally: only what each protocol's own text says, said in its own form, counts."


def rechecks(facts: Facts) -> str:
    """Whether the sites were asked again."""
    standing = facts.made.standing
    if standing.rechecked_at is None:
        return "No recheck is on record."
    held = facts.made.counts.held_back
    found = f"; {wording.count(held, 'item')} held back because of it" if held else ""
    return (
        f"The sites were asked again, last on {moment(standing.rechecked_at)}: "
        f"{wording.count(standing.rechecks, 'finding')} on record{found}."
    )


def withdrawals(facts: Facts) -> str:
    """What was asked to be taken out."""
    standing = facts.made.standing
    asked = standing.withdrawals
    if not asked:
        said = "Nobody has asked so far to have anything taken out."
    else:
        items = sum(one.items for one in asked)
        said = (
            f"{wording.count(len(asked), 'withdrawal')} so far, covering {wording.count(items, 'item')}; none "
            "of these is in this dataset."
        )
    return f"{said} Contents removed from the corpus so far, for whatever reason: {standing.removals:,}."


def sealed(facts: Facts) -> str:
    """How far the ledger was signed when the export was made."""
    standing = facts.made.standing
    if standing.checkpoint is None:
        return "Nothing was signed yet when this was made: there is no checkpoint to hold it against."
    said = f"`provenance/checkpoint` is signed over {standing.checkpoint_size:,} entries of the ledger"
    if facts.unsealed > 0:
        return (
            f"{said}. {wording.count(facts.unsealed, 'entry')} after these under no checkpoint yet: no "
            "signature vouches for rows that rest on them."
        )
    return f"{said}, which are all of them."


def personal() -> str:
    """What has to be said of persons."""
    return (
        "Pages and pictures of the public web: expect names, portraits, addresses, opinions and other personal "
        "data of people who may not know of it. Nobody looked for personal data, and nothing was removed or "
        "masked because of it. A person can ask to be left out as a rightsholder can."
    )


def maintenance(facts: Facts) -> str:
    """How it is kept up to date."""
    return (
        f"Whoever asks at {facts.made.corpus.identity.contact} has content taken out for good; the next export "
        "lacks it, and provenance/removed.jsonl tells holders of copies by digests. heedful recheck asks the "
        f"sites again. {rechecks(facts)} {withdrawals(facts)}"
    )


def bibtex(facts: Facts) -> str:
    """An entry to cite it by. What BibTeX would read as markup is left out of the operator's name."""
    made = facts.made
    at = f"{made.standing.entries} entries, exported {time_to_text(made.at)[:10]}"
    author = " ".join(re.sub(r"[^\w .,:;@/()'+-]", " ", facts.operator).replace("_", " ").split()) or "unknown"
    return "\n".join(
        [
            f"@misc{{heedful-{made.corpus.log[:8]}-{made.standing.entries},",
            f"  title = {{Web corpus {made.corpus.log[:8]}}},",
            f"  author = {{{{{author}}}}},",
            f"  year = {{{made.at.year}}},",
            f"  note = {{Ledger {facts.log} at {at}}}",
            "}",
        ]
    )
