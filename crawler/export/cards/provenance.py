"""``provenance/``: what an export rests on, for those who do not have its corpus.

::

    heedful.json      the corpus' own, which the checkpoint names by its digest
    checkpoint        the last that was signed over the ledger; missing when none was
    policies/         the policies of the runs, each under its digest (crawler.corpus.policies)
    removed.jsonl     digests of everything that was removed up to this export (crawler.corpus.removed)
    README.md         what these are
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from crawler.audit import ledger
from crawler.audit.checkpoints import LATEST
from crawler.audit.entries import REMOVAL, Entry, Filter
from crawler.corpus import policies, removed
from crawler.corpus.errors import Damaged
from crawler.corpus.folder import MANIFEST
from crawler.export.cards.written import PROVENANCE, Written
from crawler.optout.described import trust_of, versions_described
from crawler.optout.model import Malformed

if TYPE_CHECKING:
    from crawler.export.made import Made

MANIFEST_FILE = f"{PROVENANCE}/{MANIFEST}"
"""The manifest."""
CHECKPOINT_FILE = f"{PROVENANCE}/{LATEST}"
"""The checkpoint."""
REMOVED_FILE = f"{PROVENANCE}/{removed.FILE}"
"""What was removed."""
POLICIES = f"{PROVENANCE}/{policies.FOLDER}"
"""The policies."""

_README = """# What this export rests on

| file | |
|---|---|
| `heedful.json` | what the corpus is: who collected, what for, how strictly, with which settings, when |
| `checkpoint` | how many entries its ledger had, and the root of the tree over them, signed; it names `heedful.json` by its SHA-256 |
| `policies/` | everything that decisions depended on, the operator's own deny lists included, each file under its SHA-256 |
| `removed.jsonl` | one line for each URL of what was removed, with the SHA-256 of the content and of the URL, never the URL |

`heedful verify CORPUS --since checkpoint` shows that the ledger of a corpus still begins with what this
checkpoint was signed over. `heedful verify EXPORT` checks the folder above this one.
"""  # noqa: E501


@dataclass(frozen=True, kw_only=True, slots=True)
class Basis:
    """What the cards tell of it."""

    signals: Mapping[str, tuple[str, ...]]
    """Signals that the runs behind the rows listened to, by name, each with its versions."""
    unknown: tuple[str, ...]
    """Digests of policies that these runs had and that are not stored."""
    removed: int
    """Lines of ``removed.jsonl``."""


def write(written: Written, made: Made, corpus: Path) -> Basis:
    """Write the folder anew. An ``OSError`` names its file."""
    place = corpus / "ledger"
    written.put(MANIFEST_FILE, made.manifest)
    if made.standing.checkpoint is not None:
        written.put(CHECKPOINT_FILE, made.standing.checkpoint)
    signals, unknown = _policies(written, made, place)
    count = 0
    with written.putting(REMOVED_FILE) as file:
        for line in _removed(corpus, place, made.standing.entries):
            file.write(line)
            count += 1
    written.put(f"{PROVENANCE}/README.md", _README.encode())
    written.keep_only(PROVENANCE)
    return Basis(signals=signals, unknown=unknown, removed=count)


def _policies(written: Written, made: Made, place: Path) -> tuple[dict[str, tuple[str, ...]], tuple[str, ...]]:
    """Copy the policies of all runs; the signals and the missing ones are those of runs that kept rows."""
    behind = {run.policy for run in made.corpus.runs if run.id in made.composition.runs}
    behind = behind or {made.corpus.identity.policy}
    heard: dict[str, set[str]] = {}
    unknown = []
    for policy in sorted({made.corpus.identity.policy, *(run.policy for run in made.corpus.runs)}):
        description = None
        with suppress(Damaged):  # a policy that was changed is none, and heedful verify CORPUS names it
            description = policies.read_policy(place, policy)
        if description is None:
            unknown += [policy] if policy in behind else []
            continue
        written.put(f"{POLICIES}/{policy.removeprefix('sha256:')}{policies.DESCRIPTION}", description)
        with suppress(Damaged, Malformed):
            trust = trust_of(description)
            if certificates := policies.read_trust(place, trust):
                written.put(f"{POLICIES}/{trust}{policies.CERTIFICATES}", certificates.encode())
        if policy in behind:
            with suppress(Malformed):
                for name, version in versions_described(description):
                    heard.setdefault(name, set()).add(version)
    return {name: tuple(sorted(heard[name])) for name in sorted(heard)}, tuple(unknown)


def _removed(corpus: Path, place: Path, entries: int) -> Iterator[bytes]:
    """The lines of removals up to that entry: of the ledger, and of removals that were erased in it since."""
    told = _numbered(_lines(ledger.entries(place, Filter(type=REMOVAL))), entries)
    listed = _numbered(_stored(corpus / removed.FILE), entries)
    last = 0
    for number, ours, line in heapq.merge(
        ((number, 0, line) for number, line in told),
        ((number, 1, line) for number, line in listed),
        key=lambda row: row[:2],
    ):
        if ours == 0:
            last = number
        if ours == 0 or number != last:
            yield line


def _lines(entries: Iterable[Entry]) -> Iterator[bytes]:
    yield from removed.lines(entries)


def _stored(path: Path) -> Iterator[bytes]:
    with suppress(FileNotFoundError), path.open("rb") as file:
        yield from file


def _numbered(lines: Iterable[bytes], entries: int) -> Iterator[tuple[int, bytes]]:
    """Lines with the number of their removal, up to that entry; what is no line is left out."""
    for line in lines:
        number = 0
        with suppress(msgspec.MsgspecError, KeyError, UnicodeDecodeError):
            said = msgspec.json.decode(line, type=dict[str, object])["removal"]
            number = said if isinstance(said, int) and line.endswith(b"\n") else 0
        if 0 < number <= entries:
            yield number, line
