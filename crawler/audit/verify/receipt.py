"""Receipts: what the ledger says about one URL, with everything needed to check that it says so.

A receipt is one JSON object (UTF-8) and needs no corpus::

    receipt   = format url key checkpoint entries since
    format     "heedful-receipt/1"
    key        public key that signed the checkpoint (https://c2sp.org/signed-note); compare it with one that
               you had from elsewhere
    checkpoint the signed note (https://c2sp.org/tlog-checkpoint): size and root of the tree
    entries    [{entry index salt line proof}]
               line   the ledger's line, without its LF: canonical JSON
               salt   16 bytes, hexadecimal; the leaf hash is SHA-256(0x00 salt line)
               index  number of the leaf, from 0; entry is one more
               proof  audit path, RFC 6962 section 2.1.1, lowest first, base64
    since      [{checkpoint proof}]
               earlier signed notes, each with the consistency proof (RFC 6962 section 2.1.2) that the tree
               below ``checkpoint`` begins with theirs

A proof consists of hashes over salted entries: it tells nothing about any entry but its own.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crawler.audit import checkpoints as stored
from crawler.audit import salts, tiles
from crawler.audit.checkpoint import Checkpoint, open_checkpoint, read_unchecked, split_checkpoints
from crawler.audit.entries import Entry, parse_entry
from crawler.audit.merkle import (
    consistency_proof,
    inclusion_proof,
    verify_consistency,
    verify_inclusion,
)
from crawler.audit.note import BadSignature, Note, Verifier, decode64, encode64, parse_verifier
from crawler.audit.printable import json_text
from crawler.audit.verify.seals import Unusable
from crawler.corpus.errors import Damaged
from crawler.optout.model import Malformed

if TYPE_CHECKING:
    from crawler.corpus.manifest import Manifest

FORMAT = "heedful-receipt/1"
"""Which version of the format a receipt has."""
SIZE_LIMIT = 100_000_000
"""Bytes of a receipt that is read."""


@dataclass(kw_only=True)
class Checked:
    """What a receipt proves."""

    url: str
    """The URL that it is about."""
    checkpoint: Checkpoint | None = None
    """The signed state of the ledger; None: its signature does not hold."""
    signer: Verifier | None = None
    """The key that counts and signed it."""
    own_key: bool = False
    """Whether that key was taken from the receipt itself."""
    entries: list[Entry] = field(default_factory=list)
    """The entries that are proven to be in that ledger."""
    since: list[Checkpoint] = field(default_factory=list)
    """Earlier states that the ledger is proven to have grown out of."""
    findings: list[str] = field(default_factory=list)
    """What does not hold."""


def make_receipt(
    ledger: Path, manifest: Manifest, url: str, entries: Iterable[Entry], *, since: Sequence[Path] = ()
) -> dict[str, Any]:
    """The receipt for these entries, those after the last checkpoint left out.

    ``since``: files with earlier checkpoints. Raises :class:`Unusable` where there is nothing to prove with,
    and ``Damaged`` where the ledger is not what was signed.
    """
    last = stored.last(ledger)
    if not last:
        raise Unusable(f"{ledger} has no checkpoint yet, so there is nothing that could be proven")
    (latest,) = last
    sealed = latest.checkpoint
    nodes = tiles.nodes(ledger, sealed.size)
    rows = []
    for entry in entries:
        index = entry.number - 1
        if entry.number > sealed.size:
            continue
        salt = salts.read(ledger, entry.number)
        proof = inclusion_proof(index, sealed.size, nodes)
        hash = salts.salted(salt, entry.leaf)
        if not verify_inclusion(hash, index, sealed.size, proof, sealed.root):
            raise Damaged(f"{ledger}: entry {entry.number} is not the one that was signed; see heedful verify")
        rows.append(
            {
                "entry": entry.number,
                "index": index,
                "salt": salt.hex(),
                "line": entry.leaf.decode(),
                "proof": _written(proof),
            }
        )
    return {
        "format": FORMAT,
        "url": url,
        "key": _key(manifest, latest.note),
        "checkpoint": latest.data.decode(),
        "entries": rows,
        "since": [_grown(path, sealed, nodes) for path in since],
    }


def format_receipt(receipt: dict[str, Any]) -> str:
    """A receipt as a file, for people to read too: what could move or hide other words is escaped."""
    return json_text(receipt, indent=1) + "\n"


def check_receipt(path: Path, keys: Sequence[Verifier], since: Sequence[Path] = ()) -> Checked:
    """Check a receipt by itself.

    ``keys``: the only ones that count; none: the one that it names. ``since``: checkpoints that the reader
    kept; the receipt has to prove that its ledger grew out of each. Raises :class:`Unusable` for what is no
    receipt.
    """
    receipt = _read(path)
    checked = Checked(url=str(receipt["url"]), own_key=not keys)
    try:
        counting = list(keys) or [parse_verifier(str(receipt["key"]))]
        sealed, signers = open_checkpoint(str(receipt["checkpoint"]).encode(), counting)
    except (Malformed, BadSignature, UnicodeEncodeError) as error:
        checked.findings.append(f"the checkpoint does not hold: {error}")
        return checked
    checked.checkpoint, checked.signer = sealed, signers[0]
    for row in receipt["entries"]:
        try:
            entry = _proven(row, sealed)
        except (Malformed, KeyError, TypeError, ValueError) as error:
            checked.findings.append(f"an entry is not written as it should be: {error!s:.200}")
            continue
        if entry is None:
            checked.findings.append(f"entry {row['entry']} is not in the ledger that was signed")
        elif checked.url not in entry.urls:
            checked.findings.append(f"entry {entry.number} is not about {checked.url}")
        else:
            checked.entries.append(entry)
    for row in receipt["since"]:
        _check_grown(row, sealed, counting, checked)
    for file in since:
        _check_kept(file, counting, checked)
    return checked


def _key(manifest: Manifest, note: Note) -> str:
    """The public key of one of those who signed a note, from the manifest."""
    signers = {(line.name, line.key_id) for line in note.signatures}
    for key in reversed(manifest.keys):
        try:
            verifier = parse_verifier(key.vkey)
        except Malformed:
            continue
        if (verifier.name, verifier.key_id) in signers:
            return key.vkey
    raise Damaged(
        "the key that signed the last checkpoint is not among those of the corpus; see heedful verify"
    )


def _grown(path: Path, sealed: Checkpoint, nodes: Callable[[int, int], bytes]) -> dict[str, Any]:
    note = _last_note(path)
    old = read_unchecked(note)[0]
    if old.origin != sealed.origin:
        raise Unusable(f"{path} is a checkpoint of another ledger, {old.origin}")
    if old.size > sealed.size:
        raise Unusable(f"{path} is over {old.size} entries, but this ledger has signed only {sealed.size}")
    proof = consistency_proof(old.size, sealed.size, nodes)
    if not verify_consistency(old.size, sealed.size, proof, old.root, sealed.root):
        raise Damaged(f"{path}: this ledger did not grow out of that one; see heedful verify --since")
    return {"checkpoint": note.decode(), "proof": _written(proof)}


def _check_grown(row: dict[str, Any], sealed: Checkpoint, keys: Sequence[Verifier], checked: Checked) -> None:
    try:
        old, _ = open_checkpoint(str(row["checkpoint"]).encode(), keys, origin=sealed.origin)
        proof = [decode64(str(part)) for part in row["proof"]]
    except (Malformed, BadSignature, KeyError, TypeError, UnicodeEncodeError) as error:
        checked.findings.append(f"an earlier checkpoint does not hold: {error}")
        return
    if old.size <= sealed.size and verify_consistency(old.size, sealed.size, proof, old.root, sealed.root):
        checked.since.append(old)
    else:
        checked.findings.append(f"the ledger is not shown to have grown out of that of {old.size} entries")


def _check_kept(path: Path, keys: Sequence[Verifier], checked: Checked) -> None:
    """See that the receipt covers a checkpoint that its reader kept."""
    try:
        kept, _ = open_checkpoint(_last_note(path), keys)
    except (Malformed, BadSignature) as error:
        raise Unusable(f"{path} proves nothing: {error}") from error
    shown = [checked.checkpoint, *checked.since]
    if all((one.origin, one.size, one.root) != (kept.origin, kept.size, kept.root) for one in shown if one):
        checked.findings.append(
            f"the receipt does not show that its ledger grew out of that of {path}; "
            "ask for one that was made with --since and that file"
        )


def _proven(row: dict[str, Any], sealed: Checkpoint) -> Entry | None:
    """The entry of a row; None: the proof does not show that it is in the ledger."""
    number, index = row["entry"], row["index"]
    if not isinstance(index, int) or isinstance(index, bool) or number != index + 1:
        raise Malformed(f"index {index!r:.40} is not that of entry {number!r:.40}")
    line, salt = str(row["line"]).encode(), bytes.fromhex(row["salt"])
    if len(salt) != salts.SIZE:
        raise Malformed(f"the salt of entry {number} has {len(salt)} bytes, not {salts.SIZE}")
    proof = [decode64(str(part)) for part in row["proof"]]
    if not verify_inclusion(salts.salted(salt, line), index, sealed.size, proof, sealed.root):
        return None
    return parse_entry(line, number)


def _read(path: Path) -> dict[str, Any]:
    try:
        with path.open("rb") as file:
            data = file.read(SIZE_LIMIT + 1)
    except OSError as error:
        raise Unusable(f"{path} cannot be read: {error.strerror}") from error
    try:
        receipt = json.loads(data.decode()) if len(data) <= SIZE_LIMIT else None
    except (ValueError, RecursionError) as error:
        raise Unusable(f"{path} is no receipt: {error}") from error
    if not isinstance(receipt, dict) or receipt.get("format") != FORMAT:
        raise Unusable(f"{path} is no receipt: it does not say {FORMAT}")
    for key, kind in (("url", str), ("key", str), ("checkpoint", str), ("entries", list), ("since", list)):
        if not isinstance(receipt.get(key), kind):
            raise Unusable(f"{path} is no receipt: {key} is missing or no {kind.__name__}")
    return receipt


def _last_note(path: Path) -> bytes:
    try:
        notes = [note for _, note in split_checkpoints(path.read_bytes())]
    except OSError as error:
        raise Unusable(f"{path} cannot be read: {error.strerror}") from error
    try:
        read_unchecked(notes[-1] if notes else b"")
    except Malformed as error:
        raise Unusable(f"{path} holds no checkpoint: {error}") from error
    return notes[-1]


def _written(proof: Iterable[bytes]) -> list[str]:
    return [encode64(hash) for hash in proof]
