"""Evidence and archive against the ledger: every reading and every item is there, whole, and has its entry."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from pathlib import Path

from crawler.audit.verify.claims import Claims
from crawler.audit.verify.findings import Findings
from crawler.corpus import archive
from crawler.corpus.errors import Damaged
from crawler.corpus.evidence import answer_of, reading_of
from crawler.corpus.items import item_of
from crawler.corpus.journal import GROUP_ENDINGS
from crawler.corpus.segments import Place
from crawler.corpus.warc import Record, capture_of
from crawler.corpus.withdrawal import Wish


def check_evidence(folder: Path, claims: Claims, findings: Findings) -> None:
    """Read every reading, and see that each is what it is called and that none is missing."""

    def reading(place: Place, record: Record) -> None:
        named = record.need("Heedful-Reading").removeprefix("sha256:")
        findings.counts["readings"] += 1
        where = {"file": findings.name_of(folder / place.file), "offset": place.offset}
        if reading_of(capture_of(record)) != named:
            findings.add(f"the reading is not {named}, as it is called", **where)
        elif not claims.reads(named, place):
            findings.add(f"the reading {named} is stored twice", **where)

    _walk(folder, findings, reading)
    for number, digest in claims.unread():
        findings.add(f"the reading {digest}, on which it rests, is not stored", entry=number)


def check_items(
    folder: Path, claims: Claims, wishes: Iterable[Wish], unfinished: Collection[str], findings: Findings
) -> None:
    """Read every item, and see that each rests on its entry, that none is missing and none should be gone.

    ``unfinished``: the runs that did not come to their end.
    """
    wishes = list(wishes)

    def item(place: Place, record: Record) -> None:
        found = item_of(place, record)
        findings.counts["items"] += 1
        findings.counts["bytes"] += found.bytes
        where = {
            "entry": found.entry,
            "file": findings.name_of(folder / place.file),
            "offset": place.offset,
            "url": found.url,
        }
        if trouble := claims.fits(found, reading_of(answer_of(capture_of(record)))):
            findings.add(trouble, **where)
        if (removal := claims.removed_from(found.sha256, found.entry)) is not None:
            findings.add(f"entry {removal} says that it was removed, and it is still there", **where)
        for wish in wishes:
            if covered := wish.covers(found.url, found.sha256):
                findings.add(f"it was withdrawn ({covered}), and is there", **where)
                break
        claims.holds(found)

    _walk(folder, findings, item)
    for number, file, offset in claims.twice():
        findings.add(
            f"a second item rests on entry {number}",
            entry=number,
            file=findings.name_of(folder / file),
            offset=offset,
        )
    _check_lost(claims, unfinished, findings)


def _check_lost(claims: Claims, unfinished: Collection[str], findings: Findings) -> None:
    """Name decisions whose content is missing, unless it never came to be.

    Decisions are on disk before their content, a group at a time, and content is written in their order. So a
    run that did not come to its end, killed or out of room, may leave decisions behind its last content, one
    group of them at most; their URLs count as not asked yet. Any other has lost what it once had.
    """
    lost: dict[str, list[int]] = {}
    for number, run in claims.lost():
        lost.setdefault(run, []).append(number)
    for run, numbers in lost.items():
        last = claims.kept_last(run) if run in unfinished else None
        behind = [number for number in numbers if last is not None and number > last]
        if 0 < len(behind) <= GROUP_ENDINGS:
            findings.note(
                f"run {run} was interrupted before it had written what its last {len(behind)} decisions to "
                f"collect, from entry {behind[0]} on, are about; the next crawl asks again"
            )
        else:
            behind = []
        for number in numbers:
            if number not in behind:
                findings.add(
                    "what it collects is not in the archive, and no entry says that it was removed",
                    entry=number,
                )


def _walk(folder: Path, findings: Findings, look: Callable[[Place, Record], None]) -> None:
    for name in archive.names(folder):
        path, end = folder / name, 0
        try:
            for place, record in archive.walk(folder, name):
                end = place.end
                try:
                    if record.get("WARC-Type") != "warcinfo":
                        look(place, record)
                except (ArithmeticError, ValueError) as error:
                    findings.add(
                        f"the record is no good: {error}", file=findings.name_of(path), offset=place.offset
                    )
        except (Damaged, OSError) as error:
            findings.damage(error)
            findings.note(f"{findings.name_of(path)} could be read up to byte {end}, and not beyond")
            continue
        left = path.stat().st_size - end
        if left:
            findings.note(f"{findings.name_of(path)} ends in {left} bytes that are no whole record")
