"""The folder as a whole: nothing that does not belong, and nothing beside the ledger that contradicts it."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Collection, Iterator
from contextlib import suppress
from pathlib import Path

from crawler.audit.entries import Entry
from crawler.audit.verify.findings import MOST, Findings, files_below
from crawler.corpus.disk import TEMPORARY
from crawler.corpus.errors import Damaged
from crawler.corpus.policies import read_policy, read_trust
from crawler.corpus.removed import lines_of
from crawler.corpus.within import LINK, strays

_WARC = r"[^/]+-\d{6,}\.warc\.gz"
_TILE = r"tile/\d+/(?:x\d{3}/)*\d{3}(?:\.p/\d+)?"

BELONGS = re.compile(
    r"heedful\.json|removed\.jsonl"
    rf"|(?:archive|evidence)/{_WARC}"
    rf"|ledger/(?:decisions-\d{{6,}}\.zst|tail\.jsonl|salts\.bin|checkpoints?|marks\.key|{_TILE})"
    r"|ledger/policies/[0-9a-f]{64}\.(?:json|pem)|ledger/timestamps/\d+\.tsr"
)
"""What is evidence, or says something about it; all of it is checked."""

FREE = re.compile(r"\.lock|(?:frontier|measures)\.db(?:-\w+)?|report/.*|ledger/index\.db(?:-\w+)?")
"""What proves nothing and is not looked at: lock, what is still to visit, measures, report, derived index."""


def only_files(folder: Path, findings: Findings) -> bool:
    """Whether there are only files and folders; anything else is named, and nothing is read through it."""
    found = list(strays(folder))
    for path, what in found:
        said = "it is a link: what it leads to is outside the corpus" if what == LINK else f"it is {what}"
        findings.add(f"{said}; nothing was checked further", file=findings.name_of(path))
    return not found


def check_names(folder: Path, findings: Findings) -> None:
    """Name every file that does not belong to a corpus, and what a crash left."""
    for path in files_below(folder):
        name = findings.name_of(path)
        if name.endswith(TEMPORARY) or name == "ledger/erasing":
            findings.note(f"{name} was left by a command that was stopped; the next one that writes sees to it")
        elif not BELONGS.fullmatch(name) and not FREE.fullmatch(name):
            findings.add("it is no file of a corpus", file=name)


def check_policies(ledger: Path, used: set[str], findings: Findings) -> None:
    """See that every stored policy is the one it is called, and that decisions rest on it."""
    missing = [policy for policy in sorted(used) if not _is_there(ledger, policy)]
    if missing:
        findings.note(f"policies that decisions rest on are not stored: {', '.join(missing[:3])}")
    if not (ledger / "policies").is_dir():
        return
    known = {policy.removeprefix("sha256:") for policy in used}
    for path in sorted((ledger / "policies").iterdir()):
        name = findings.name_of(path)
        try:
            if path.suffix == ".json":
                read_policy(ledger, path.stem)
                if path.stem not in known:
                    findings.note(f"{name}: no decision rests on this policy")
            elif path.suffix == ".pem":
                read_trust(ledger, path.stem)
        except Damaged:
            findings.add("its bytes have another digest than its name", file=name)


def _is_there(ledger: Path, policy: str) -> bool:
    try:
        return read_policy(ledger, policy) is not None
    except Damaged:  # told of by its name
        return True


def check_secret(path: Path, keys: set[str], findings: Findings) -> None:
    """See that the secret behind the marks, where it is there, is that of the ledger's marks."""
    try:
        text = path.read_bytes()
    except FileNotFoundError:
        return
    name = findings.name_of(path)
    if not re.fullmatch(rb"[0-9a-f]{64}\n", text):
        findings.add("it is no secret as one is written", file=name)
        return
    key = hashlib.sha256(bytes.fromhex(text.decode())).hexdigest()[:8]
    if keys - {key}:
        findings.add(f"it is not the secret {', '.join(sorted(keys))} of the ledger's marks", file=name)


class RemovedList:
    """``removed.jsonl`` beside the removals that it is made from, both in their order."""

    def __init__(self, path: Path, findings: Findings) -> None:
        """See :meth:`removal` and :meth:`end`."""
        self._name = findings.name_of(path)
        self._findings = findings
        self._lines = _lines(path)
        self._line, self._number = next(self._lines, b""), 1
        self._missing = 0
        self._passed: list[tuple[int, int]] = []

    def removal(self, entry: Entry) -> None:
        """The next removal of the ledger."""
        try:
            expected = list(lines_of(entry.fields))
        except (KeyError, TypeError, AttributeError) as error:
            self._findings.add(f"it is no removal: {error!r:.100}", entry=entry.number)
            return
        for line in expected:
            while self._line and self._line != line and _removal(self._line) < entry.number:
                self._pass()
            if self._line == line:
                self._advance()
            elif not self._line or _removal(self._line) > entry.number:
                self._missing += 1
            else:
                what = f"line {self._number} is not what the ledger says of removal {entry.number}"
                self._findings.add(what, entry=entry.number, file=self._name)
                self._advance()

    def end(self, blanks: Collection[int]) -> None:
        """There are no more removals; ``blanks``: erased entries, which may have been removals."""
        while self._line:
            self._pass()
        for number, removal in self._passed:
            if removal not in blanks:
                self._findings.add(f"line {number} has no removal in the ledger", file=self._name)
        if self._missing:
            self._findings.note(
                f"{self._name} lacks {self._missing} lines; it is made from the ledger, and will be made again"
            )

    def _pass(self) -> None:
        if len(self._passed) < MOST:
            self._passed.append((self._number, _removal(self._line)))
        self._advance()

    def _advance(self) -> None:
        self._line = next(self._lines, b"")
        self._number += 1


def _lines(path: Path) -> Iterator[bytes]:
    with suppress(FileNotFoundError), path.open("rb") as file:
        yield from file


def _removal(line: bytes) -> int:
    """The entry that a line of the list names; 0: none."""
    try:
        number = json.loads(line)["removal"]
    except (ValueError, LookupError, TypeError, RecursionError):
        return 0
    return number if isinstance(number, int) else 0
