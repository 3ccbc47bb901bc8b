"""``provenance/``: whether a key that counts signed the checkpoint, and whether that names the manifest."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from crawler.audit.checkpoint import open_checkpoint
from crawler.audit.note import BadSignature, Verifier, parse_verifier
from crawler.audit.verify.findings import Findings
from crawler.audit.verify.log import Signed
from crawler.corpus.errors import CorpusError
from crawler.corpus.manifest import SEAL, Manifest, parse_manifest
from crawler.export.cards.provenance import CHECKPOINT_FILE, MANIFEST_FILE, POLICIES, REMOVED_FILE
from crawler.export.checking.listing import Listing
from crawler.export.checking.said import Said
from crawler.export.made import STATE
from crawler.optout.model import Malformed

_LINE = 1 << 20
"""Bytes; longer than any line of the list of removals."""


def keys_of(manifest: Manifest) -> list[Verifier]:
    """The keys that a corpus names itself, without those that cannot be read."""
    keys = []
    for key in manifest.keys:
        try:
            keys.append(parse_verifier(key.vkey))
        except Malformed:
            continue
    return keys


def read_manifest(folder: Path, said: Said, listing: Listing, findings: Findings) -> Manifest | None:
    """The corpus' manifest as the export has it; None: there is none that can be believed."""
    if listing.digest(MANIFEST_FILE) is None:
        return None  # told of already, or it is not listed at all
    try:
        manifest = parse_manifest((folder / MANIFEST_FILE).read_bytes(), MANIFEST_FILE)
    except CorpusError as error:
        findings.add(str(error), file=MANIFEST_FILE)
        return None
    if manifest.log != said.log:
        findings.add(f"it is of another corpus than {STATE} says", file=MANIFEST_FILE)
    return manifest


def check_seal(
    folder: Path, said: Said, manifest: Manifest, keys: Sequence[Verifier], listing: Listing, findings: Findings
) -> Signed | None:
    """The export's checkpoint, if one of the keys signed it; what does not hold is told to the findings."""
    claimed = said.ledger.get("checkpoint")
    if listing.digest(CHECKPOINT_FILE) is None:
        if claimed is not None:
            findings.add(
                f"{STATE} has a checkpoint, and this file is not there as it was", file=CHECKPOINT_FILE
            )
        elif keys:
            findings.add(
                "there is no checkpoint, though keys are known that should have signed one", file=STATE
            )
        else:
            findings.note("nothing was signed when the export was made: nobody vouches for its ledger")
        return None
    data = (folder / CHECKPOINT_FILE).read_bytes()
    if not isinstance(claimed, str) or claimed.encode() != data:
        findings.add(f"it is not the checkpoint that {STATE} has", file=CHECKPOINT_FILE)
    try:
        checkpoint, signers = open_checkpoint(data, keys, origin=manifest.origin)
    except (Malformed, BadSignature) as error:
        findings.add(f"the checkpoint does not hold: {error}", file=CHECKPOINT_FILE)
        return None
    digest = hashlib.sha256((folder / MANIFEST_FILE).read_bytes()).hexdigest()
    named = [one.removeprefix(SEAL) for one in checkpoint.extensions if one.startswith(SEAL)]
    if not named:
        findings.note(f"the checkpoint does not name {MANIFEST_FILE}: nothing vouches for what it says")
    elif digest not in named:
        from crawler.audit.verify.whole import before  # brings all that derives decisions, and is seldom needed

        if any(earlier.seal.removeprefix(SEAL) in named for earlier in before(manifest)):
            findings.note(f"{MANIFEST_FILE} was written after the checkpoint, when a run began or ended")
        else:
            findings.add("it is not the file that the checkpoint names", file=MANIFEST_FILE)
    entries = said.ledger.get("entries")
    if not isinstance(entries, int) or entries < checkpoint.size:
        findings.add(f"it speaks of {entries!r:.20} entries, the checkpoint of {checkpoint.size}", file=STATE)
    elif entries > checkpoint.size:
        findings.note(f"{entries - checkpoint.size} entries of the ledger were under no checkpoint yet")
    return Signed(checkpoint=checkpoint, where=CHECKPOINT_FILE, signer=signers[0].name, outside=True)


def check_policies(listing: Listing, findings: Findings) -> None:
    """See that every policy is the one that it is called."""
    for path, digest in listing.listed(POLICIES):
        if path.rpartition("/")[2].partition(".")[0] != digest:
            findings.add("its bytes have another digest than its name", file=path)


@dataclass(frozen=True, kw_only=True, slots=True)
class Removal:
    """That bytes were removed."""

    number: int
    """The ledger entry of the removal."""
    withdrawn: bool
    """Whether somebody asked for it, so that they do not come back."""


class Removed:
    """Which bytes were removed, by digest. Waits in a temporary database."""

    def __init__(self) -> None:
        self._db = sqlite3.connect("", isolation_level=None)
        self._db.executescript(
            "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA cache_size=-4000;"
            "CREATE TABLE removal (sha256 TEXT, number INTEGER, withdrawn INTEGER);"
            "CREATE INDEX removal_sha256 ON removal (sha256)"
        )
        self._db.execute("BEGIN")

    def close(self) -> None:
        """Forget everything."""
        self._db.close()

    def add(self, sha256: str, number: int, *, withdrawn: bool) -> None:
        """One removal."""
        self._db.execute("INSERT INTO removal VALUES (?,?,?)", (sha256, number, withdrawn))

    def of(self, sha256: str, entry: int) -> Removal | None:
        """The removal because of which a row of this entry is not to be there; None: there is none."""
        found = self._db.execute(
            "SELECT number, withdrawn FROM removal WHERE sha256 = ? AND (withdrawn OR number > ?)"
            " ORDER BY withdrawn DESC LIMIT 1",
            (sha256, entry),
        ).fetchone()
        return None if found is None else Removal(number=found[0], withdrawn=bool(found[1]))

    def read(self, folder: Path, listing: Listing, findings: Findings) -> None:
        """Take in the export's own list."""
        if listing.digest(REMOVED_FILE) is None:
            return
        with (folder / REMOVED_FILE).open("rb") as file:
            for number, line in enumerate(iter(lambda: file.readline(_LINE), b""), 1):
                try:
                    said = msgspec.json.decode(line, type=_Removed)
                except (msgspec.MsgspecError, UnicodeDecodeError) as error:
                    findings.add(f"line {number} cannot be read: {error}", file=REMOVED_FILE)
                    return
                self.add(said.sha256, said.removal, withdrawn=said.withdrawal is not None)
                findings.counts["removals"] += 1


@dataclass(frozen=True, kw_only=True, slots=True)
class _Removed:
    sha256: str
    removal: int
    withdrawal: int | None
