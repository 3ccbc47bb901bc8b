"""A corpus verified: the ledger by itself, then everything else against the ledger."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from crawler.audit import ledger, timestamps
from crawler.audit.checkpoints import LATEST
from crawler.audit.entries import DECISION, ERASURE, KEY, REMOVAL, SELF_CHECK, TIMESTAMP, WITHDRAWAL, Entry
from crawler.audit.note import Verifier, parse_verifier
from crawler.audit.verify.claims import Claims
from crawler.audit.verify.content import check_evidence, check_items
from crawler.audit.verify.files import RemovedList, check_names, check_policies, check_secret, only_files
from crawler.audit.verify.findings import Findings
from crawler.audit.verify.log import Log, Signed
from crawler.audit.verify.policies import Gates
from crawler.audit.verify.replay import Extent, Replay
from crawler.audit.verify.seals import Seals, Unusable
from crawler.corpus import archive
from crawler.corpus.checked import digest_of
from crawler.corpus.errors import CorpusError, Damaged
from crawler.corpus.folder import CorpusFolder
from crawler.corpus.manifest import SEAL, Manifest, Run, format_manifest
from crawler.corpus.removed import FILE as REMOVED
from crawler.corpus.warc import capture_of
from crawler.corpus.withdrawal import Wish
from crawler.optout.codec import time_from_text, time_to_text
from crawler.optout.model import Capture, Malformed

MANIFEST = "heedful.json"
"""The file that says what the corpus is."""


@dataclass(frozen=True, kw_only=True)
class Question:
    """What an auditor asks."""

    keys: Sequence[Verifier] = ()
    """The only keys that count; none: those that the corpus names itself."""
    since: Sequence[Path] = ()
    """Checkpoints that the auditor kept."""
    replay: bool = False
    """Whether every decision is derived again."""
    authorities: tuple[Any, ...] = ()
    """Certificates of the authority that stamped the time."""


@dataclass(kw_only=True)
class Report:
    """What came of it."""

    findings: Findings
    """What does not hold, what is to be known, and how much was looked at."""
    manifest: Manifest
    """What the corpus is."""
    keys: Sequence[Verifier]
    """The keys that counted."""
    own_keys: bool
    """Whether these were taken from the corpus itself."""
    size: int = 0
    """Entries of the ledger."""
    sealed: Signed | None = None
    """The last checkpoint that is signed by a key that counts."""
    anchors: timestamps.State | None = None
    """How far the ledger is stamped by an authority."""
    replayed: dict[str, int] = field(default_factory=dict)
    """Decisions by how far they were derived again; empty: nobody asked."""
    reasons: dict[str, int] = field(default_factory=dict)
    """Why those that were not derived in full were not."""

    @property
    def unsealed(self) -> int:
        """Entries that no checkpoint covers."""
        return self.size - (self.sealed.checkpoint.size if self.sealed is not None else 0)

    @property
    def holds(self) -> bool:
        """Whether everything that was looked at holds."""
        return not self.findings.count


def verify(folder: Path, question: Question) -> Report:
    """Check the corpus in ``folder``, which is only read. Raises ``CorpusError`` for what is no corpus."""
    corpus = CorpusFolder.read(folder, judged=True)
    findings = Findings(folder=folder)
    keys = list(question.keys) or _own_keys(corpus.manifest, findings)
    report = Report(findings=findings, manifest=corpus.manifest, keys=keys, own_keys=not question.keys)
    claims = Claims()
    try:
        _verify(corpus, question, report, claims)
    finally:
        claims.close()
    return report


def _verify(corpus: CorpusFolder, question: Question, report: Report, claims: Claims) -> None:
    findings = report.findings
    if not only_files(corpus.path, findings):
        return
    if corpus.in_use():
        findings.note("a process writes to the corpus: what it adds meanwhile may seem to be missing")
    seals = Seals(corpus.ledger, corpus.manifest.origin, report.keys, findings)
    seals.read()
    report.sealed = seals.signed[-1] if seals.signed else None
    if report.sealed is None and (report.keys or question.since):
        findings.add("no checkpoint is signed by a key that counts", file=f"ledger/{LATEST}")
    outside = [seals.outside(path) for path in question.since]
    for kept in outside:
        seals.compare(kept)
    log = Log(corpus.ledger, [*seals.signed, *outside], findings)
    book = _Book(corpus, log, claims, findings)
    for entry in log.entries():
        book.take_in(entry)
    report.size = log.size
    book.end()
    seals.succeeded(frozenset(book.vkeys))
    check_policies(corpus.ledger, book.policies, findings)
    check_secret(corpus.secret, book.mark_keys, findings)
    check_evidence(corpus.evidence, claims, findings)
    unfinished = {run.id for run in corpus.manifest.runs if run.ended is None}
    check_items(corpus.archive, claims, book.wishes, unfinished, findings)
    check_names(corpus.path, findings)
    _check_manifest(corpus, report)
    _check_stamps(corpus, question, report, book)
    if question.replay:
        _replay(corpus, report, claims)


BACKWARDS = timedelta(hours=1)
"""By how much an entry may be older than one before it: what is decided early may be recorded late."""


class _Book:
    """What the entries of the ledger say, taken apart."""

    def __init__(self, corpus: CorpusFolder, log: Log, claims: Claims, findings: Findings) -> None:
        self._log = log
        self._claims = claims
        self._findings = findings
        self._checked = {run.id: run.checked for run in corpus.manifest.runs}
        self._newest: datetime | None = None
        self._back: Any = None
        self._removed = RemovedList(corpus.path / REMOVED, findings)
        self._takers: Mapping[str, Callable[[Entry], None]] = {
            DECISION: self._decision,
            REMOVAL: self._removal,
            WITHDRAWAL: self._withdrawal,
            ERASURE: self._erasure,
            KEY: self._key,
            TIMESTAMP: self._timestamp,
            SELF_CHECK: self._self_check,
        }
        self.vkeys: set[str] = set()
        """Keys that the ledger says sign it."""
        self.policies: set[str] = set()
        """Policies that decisions rest on."""
        self.mark_keys: set[str] = set()
        """Secrets that marks are made with, by their short names."""
        self.wishes: list[Wish] = []
        """What was withdrawn."""
        self.stamps: list[Entry] = []
        """Entries that record time-stamps."""

    def take_in(self, entry: Entry) -> None:
        """One entry."""
        self._findings.counts[entry.type] += 1
        try:
            self._time(entry)
            for row in entry.fields.get("evidence", ()):
                self._claims.needs(entry.number, str(row["sha256"]))
            for name in ("reserved", "freed"):
                if name in entry.fields:
                    self.mark_keys.add(str(entry.fields[name]["key"]))
            if (taker := self._takers.get(entry.type)) is not None:
                taker(entry)
        except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
            words = str(error) if isinstance(error, Malformed) else repr(error)
            self._findings.add(f"the entry is no good: {words:.300}", entry=entry.number)

    def end(self) -> None:
        """There are no more."""
        self._removed.end(self._log.blanks)
        for number, told in self._log.blanks.items():
            if not told:
                self._findings.add("it is erased, and no entry says so", entry=number)

    def _time(self, entry: Entry) -> None:
        """See whether it is older than what was recorded long before it, as after a clock was set back."""
        if "at" not in entry.fields:
            return
        at = time_from_text(str(entry.fields["at"]))
        if self._newest is not None and self._newest - at > BACKWARDS and entry.fields.get("run") != self._back:
            self._back = entry.fields.get("run")
            self._findings.note(
                f"time goes backwards at entry {entry.number}, from {time_to_text(self._newest)} to "
                f"{time_to_text(at)}: a clock was set back, or had been wrong"
            )
        self._newest = at if self._newest is None else max(self._newest, at)

    def _decision(self, entry: Entry) -> None:
        decision = entry.decision
        self.policies.add(decision.policy)
        item = entry.fields.get("item")
        if decision.collect:
            self._findings.counts["collected"] += 1
            if not isinstance(item, Mapping):
                raise Malformed("it collects something and does not say which bytes")
            self._claims.collects(entry, item)
        elif item is not None:
            raise Malformed("it names content, and is no decision to collect it")

    def _removal(self, entry: Entry) -> None:
        withdrawn = entry.fields.get("withdrawal") is not None
        self._claims.removes(entry.number, str(entry.fields["sha256"]), withdrawn=withdrawn)
        self._removed.removal(entry)

    def _withdrawal(self, entry: Entry) -> None:
        self.wishes.append(Wish.heard(entry.fields))

    def _erasure(self, entry: Entry) -> None:
        for number in entry.fields["entries"]:
            if number not in self._log.blanks:
                self._findings.add(f"entry {entry.number} says that it is erased, and it is not", entry=number)
            else:
                self._log.blanks[number] = True
        for row in entry.fields.get("removed", ()):
            withdrawn = row.get("withdrawal") is not None
            self._claims.removes(int(row["entry"]), str(row["sha256"]), withdrawn=withdrawn)

    def _key(self, entry: Entry) -> None:
        self.vkeys.add(str(parse_verifier(str(entry.fields["vkey"]))))

    def _self_check(self, entry: Entry) -> None:
        run = str(entry.fields["run"])
        listed = self._checked.get(run)
        if not listed:
            raise Malformed(f"{MANIFEST} does not list what run {run} was found to run with")
        if (entry.fields["checked"], entry.fields["settings"]) != (digest_of(listed), len(listed)):
            raise Malformed(f"run {run} was found to run with other settings than {MANIFEST} lists")

    def _timestamp(self, entry: Entry) -> None:
        self.stamps.append(entry)


def _own_keys(manifest: Manifest, findings: Findings) -> list[Verifier]:
    keys = []
    for key in manifest.keys:
        try:
            keys.append(parse_verifier(key.vkey))
        except Malformed as error:
            findings.add(f"a key cannot be read: {error}", file=MANIFEST)
    return keys


def _check_manifest(corpus: CorpusFolder, report: Report) -> None:
    """See that ``heedful.json`` is the file that the last checkpoint names."""
    findings, manifest = report.findings, corpus.manifest
    if format_manifest(manifest) != (corpus.path / MANIFEST).read_bytes():
        findings.add("it is not written as such a file is", file=MANIFEST)
    if report.sealed is None:
        return
    named = next((one for one in report.sealed.checkpoint.extensions if one.startswith(SEAL)), None)
    if named is None:
        findings.note(f"the last checkpoint does not name {MANIFEST}: nothing vouches for what it says")
    elif named == manifest.seal:
        return
    elif any(named == earlier.seal for earlier in before(manifest)):
        findings.note(f"{MANIFEST} was written after the last checkpoint: a command was stopped, or goes on")
    else:
        findings.add("it is not the file that the last checkpoint names", file=MANIFEST)


def before(manifest: Manifest) -> Iterator[Manifest]:
    """What the manifest may have been before the last thing that was written to it."""
    for keys in {manifest.keys, manifest.keys[:-1]}:
        yield replace(manifest, keys=keys)
        if manifest.runs:
            *earlier, last = manifest.runs
            steps = [replace(last, ended=None), replace(last, ended=None, checked={})]
            begun: list[tuple[Run, ...]] = [(step,) for step in steps if step != last]
            if last.ended is None:
                begun.append(())
            for runs in begun:
                yield replace(manifest, keys=keys, runs=(*earlier, *runs))


def _check_stamps(corpus: CorpusFolder, question: Question, report: Report, book: _Book) -> None:
    findings = report.findings
    records = [entry.fields for entry in book.stamps]
    for entry in book.stamps:
        try:
            timestamps.check(corpus.ledger, entry.fields, certificates=question.authorities)
            findings.counts["stamps"] += 1
        except (timestamps.NoTimestamp, Malformed, Damaged) as error:
            findings.damage(error, entry=entry.number)
    for path in timestamps.unrecorded(corpus.ledger, records):
        findings.note(f"{findings.name_of(path)} is recorded by no entry, and counts for nothing")
    with suppress(Damaged):  # a checkpoint that cannot be read was told of already
        report.anchors = timestamps.state(corpus.ledger, records)


def _replay(corpus: CorpusFolder, report: Report, claims: Claims) -> None:
    findings = report.findings

    def reading(digest: str) -> Capture | None:
        found = claims.reading(digest)
        return None if found is None else capture_of(archive.read(corpus.evidence, *found))

    def content(entry: Entry) -> Capture | None:
        found = claims.content(entry.number)
        return None if found is None else capture_of(archive.read(corpus.archive, *found[:2]))

    report.replayed = {extent.value: 0 for extent in Extent}
    replay = Replay(Gates(corpus.ledger), reading, content)
    for entry in _decisions(ledger.entries(corpus.ledger), findings):
        try:
            done = replay.of(entry)
        except (CorpusError, Malformed) as error:
            findings.add(f"it cannot be replayed: {error}", entry=entry.number)
            continue
        report.replayed[done.extent.value] += 1
        if done.differs:
            url = str(entry.fields.get("url"))
            findings.add(f"the decision does not follow: {done.differs}", entry=entry.number, url=url)
        elif done.why:
            report.reasons[done.why] = report.reasons.get(done.why, 0) + 1


def _decisions(entries: Iterable[Entry], findings: Findings) -> Iterable[Entry]:
    try:
        yield from (entry for entry in entries if entry.type == DECISION)
    except Damaged:
        findings.note("what comes after the damage in the ledger was not replayed")


__all__ = ["Question", "Report", "Unusable", "verify"]
