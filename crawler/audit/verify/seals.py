"""The checkpoints: which of them are signed by a key that counts, and whether they stand in their order."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from crawler.audit import checkpoints as stored
from crawler.audit.checkpoint import open_checkpoint, read_unchecked, split_checkpoints
from crawler.audit.note import BadSignature, Note, Verifier
from crawler.audit.verify.findings import Findings
from crawler.audit.verify.log import Signed
from crawler.corpus.errors import CorpusError
from crawler.optout.model import Malformed


class Unusable(CorpusError):
    """Something that the auditor gave cannot be used; one sentence."""


class Seals:
    """The checkpoints of one ledger."""

    def __init__(self, ledger: Path, origin: str, keys: Sequence[Verifier], findings: Findings) -> None:
        """``origin``: what every checkpoint has to be about. ``keys``: those that count."""
        self._ledger = ledger
        self._origin = origin
        self._keys = keys
        self._findings = findings
        self._strangers: dict[str, tuple[str, int]] = {}
        self.signed: list[Signed] = []
        """Those whose signature holds, in their order."""

    def read(self) -> None:
        """Look at everything that is stored; what does not hold is told to the findings."""
        path = self._ledger / stored.EVERY
        file = self._findings.name_of(path)
        data = path.read_bytes() if path.exists() else b""
        size, at = 0, None
        last = b""
        for offset, one in split_checkpoints(data):
            if offset + len(one) == len(data):  # the empty line after it is missing
                self._findings.note(f"{file} ends in {len(one)} bytes that are no whole checkpoint")
                break
            last = one
            try:
                checkpoint, note = read_unchecked(one)
                signer = self._signer(one, note, file, offset)
            except (Malformed, BadSignature) as error:
                self._findings.add(f"the checkpoint does not hold: {error}", file=file, offset=offset)
                continue
            if checkpoint.size < size:
                what = f"the checkpoint of {checkpoint.size} entries stands after one of {size}"
                self._findings.add(what, file=file, offset=offset)
            elif (
                checkpoint.size == size and at is not None and checkpoint.at is not None and checkpoint.at < at
            ):
                self._findings.add("the checkpoint stands after one signed later", file=file, offset=offset)
            size, at = max(size, checkpoint.size), checkpoint.at
            if checkpoint.origin != self._origin:
                what = f"the checkpoint is about the ledger {checkpoint.origin}, not {self._origin}"
                self._findings.add(what, file=file, offset=offset)
            elif signer is not None:
                self.signed.append(Signed(checkpoint=checkpoint, where=file, offset=offset, signer=signer))
        self._latest(last)

    def outside(self, path: Path) -> Signed:
        """A checkpoint that the auditor kept; raises :class:`Unusable`."""
        try:
            notes = [note for _, note in split_checkpoints(path.read_bytes())]
        except OSError as error:
            raise Unusable(f"{path} cannot be read: {error.strerror}") from error
        if not notes:
            raise Unusable(f"{path} holds no checkpoint")
        try:
            checkpoint, signers = open_checkpoint(notes[-1], self._keys)
        except Malformed as error:
            raise Unusable(f"{path} holds no checkpoint: {error}") from error
        except BadSignature as error:
            raise Unusable(f"{path} proves nothing: {error}") from error
        return Signed(checkpoint=checkpoint, where=str(path), signer=signers[0].name, outside=True)

    def compare(self, kept: Signed) -> None:
        """Tell the findings if a checkpoint from outside is about another ledger than this one."""
        if kept.checkpoint.origin != self._origin:
            what = f"the checkpoint given is about the ledger {kept.checkpoint.origin}, not {self._origin}"
            self._findings.add(what, file=kept.where)

    def succeeded(self, vkeys: frozenset[str]) -> None:
        """Tell of checkpoints whose key is not known; ``vkeys``: those that the ledger says signed later."""
        for name, (file, offset) in self._strangers.items():
            if any(vkey.startswith(f"{name}+") for vkey in vkeys):
                self._findings.note(f"{file}: checkpoints from byte {offset} on are signed by {name} only")
            else:
                what = f"the checkpoint is signed by {name}, which is none of the keys that count"
                self._findings.add(what, file=file, offset=offset)

    def _signer(self, data: bytes, note: Note, file: str, offset: int) -> str | None:
        """The name of a key that counts and signed; None: all of its keys are strangers."""
        known = {(key.name, key.key_id) for key in self._keys}
        if any((line.name, line.key_id) in known for line in note.signatures):
            return open_checkpoint(data, self._keys)[1][0].name
        for line in note.signatures:
            self._strangers.setdefault(f"{line.name}+{line.key_id.hex()}", (file, offset))
        return None

    def _latest(self, last: bytes) -> None:
        path = self._ledger / stored.LATEST
        file = self._findings.name_of(path)
        try:
            alone = path.read_bytes()
        except FileNotFoundError:
            if last:
                self._findings.add("the latest checkpoint is missing", file=file)
            return
        if alone != last:
            self._findings.add("it is not the last of the checkpoints that were signed", file=file)
