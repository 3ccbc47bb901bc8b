"""Time-stamps: an authority's word for when a checkpoint was there, which its signer cannot set back.

A checkpoint says itself when it was signed, by the clock of whoever holds the key. A time-stamp (RFC 3161,
https://www.rfc-editor.org/rfc/rfc3161) is signed by somebody else over the digest of the checkpoint's note, so
that the whole ledger below it existed by then. Nothing but that digest leaves the house.

::

    timestamps/<size>.tsr   TimeStampResp, as the authority sent it, over the checkpoint of that many entries
    entry "timestamp"       checkpoint   SHA-256 of the note, as the time-stamp has it
                            size         of that checkpoint
                            response     SHA-256 of the file
                            stated       the authority's time
                            authority    URL that was asked

The file is written before the entry; what a crash leaves without an entry is asked for again. That the response
fits the checkpoint needs no more than the ``timestamps`` extra to check; that it is the authority's needs its
certificate. Asking is :mod:`crawler.anchoring`'s part.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

from crawler.audit.checkpoints import checkpoints
from crawler.audit.checkpoints import last as latest
from crawler.corpus.disk import replace_file
from crawler.optout.codec import time_from_text, time_to_text
from crawler.optout.model import Malformed

if TYPE_CHECKING:
    from pathlib import Path
    from types import ModuleType

FOLDER = "timestamps"
SUFFIX = ".tsr"
SIZE_LIMIT = 1 << 20
"""Bytes of a response; usual ones have 2,000 to 8,000."""
MISSING = "time-stamps need a package that is not installed: pip install 'heedful[timestamps]'"

_SHA256 = x509.ObjectIdentifier("2.16.840.1.101.3.4.2.1")
_STATUS = ("granted", "granted with modifications", "rejected", "waiting", "revocation warning", "revoked")


class NoTimestamp(Exception):
    """There is no time-stamp to be had, or none to be believed; one sentence."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """A question to an authority, to be sent to it as ``application/timestamp-query``."""

    size: int
    """Entries of the checkpoint that it is about."""
    note: bytes
    """The checkpoint, as it was signed."""
    query: bytes
    """TimeStampReq, DER: the digest of the note and a number that the answer has to repeat."""
    nonce: int
    """That number."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Stamp:
    """One time-stamp in a ledger's folder, which fits a checkpoint."""

    size: int
    """Entries of that checkpoint."""
    stated: datetime
    """The authority's time, UTC."""
    file: Path
    """Where it is stored."""


@dataclass(frozen=True, kw_only=True, slots=True)
class State:
    """How far a ledger is anchored in somebody else's time."""

    last: Stamp | None
    """The latest time-stamp that is recorded; None: there is none."""
    entries: int
    """Entries under the latest checkpoint that no time-stamp covers."""
    since: datetime | None
    """Unanchored since: time of the first checkpoint with entries that no time-stamp covers. None where there
    is no such entry but the record of the last time-stamp itself, and where there is no checkpoint."""


def available() -> bool:
    """Whether the ``timestamps`` extra is installed."""
    try:
        _client()
    except NoTimestamp:
        return False
    return True


def ask(folder: Path) -> Asked | None:
    """The question about the latest checkpoint of the ledger in ``folder``; None where no question is open.

    That is: there is no checkpoint yet, or nothing came after the last time-stamp but its own record. Raises
    :class:`NoTimestamp` if the extra is missing, and ``Damaged``.
    """
    found = latest(folder)
    if not found:
        return None
    (last,) = found
    sizes = {size for size, _ in _files(folder)}
    if last.checkpoint.size in sizes or last.checkpoint.size - 1 in sizes:
        return None
    client = _client()
    request = (
        client.TimestampRequestBuilder()
        .data(last.data)
        .hash_algorithm(client.HashAlgorithm.SHA256)
        .nonce(nonce=True)
        .cert_request(cert_request=True)
        .build()
    )
    return Asked(size=last.checkpoint.size, note=last.data, query=request.as_bytes(), nonce=int(request.nonce))


def keep(folder: Path, asked: Asked, response: bytes, *, authority: str) -> dict[str, Any]:
    """Store the authority's answer, and return the fields of the entry that records it.

    Raises :class:`NoTimestamp` if the authority refused or answered something else than was asked.
    """
    if len(response) > SIZE_LIMIT:
        raise NoTimestamp("the answer is too long for a time-stamp")
    stamp = _decoded(response)
    if not _fits(stamp, asked.note):
        raise NoTimestamp("the answer is about something else than was asked")
    if stamp.tst_info.nonce != asked.nonce:
        raise NoTimestamp("the answer is to another question: its nonce is not ours")
    file = _file(folder, asked.size)
    file.parent.mkdir(exist_ok=True)
    replace_file(file, response)
    return {
        "checkpoint": sha256(asked.note).hexdigest(),
        "size": asked.size,
        "response": sha256(response).hexdigest(),
        "stated": time_to_text(_time(stamp)),
        "authority": authority,
    }


def state(folder: Path, records: Iterable[Mapping[str, Any]]) -> State:
    """How far the ledger in ``folder`` is anchored, by its entries; nothing is checked. Raises ``Damaged``.

    ``records``: the fields of its entries of the type ``timestamp``, in their order. Those that record none do
    not count. Works without the extra.
    """
    last: Stamp | None = None
    for fields in records:
        with suppress(Malformed):
            size, stated = _recorded(fields)
            if last is None or size >= last.size:
                last = Stamp(size=size, stated=stated, file=_file(folder, size))
    every = list(checkpoints(folder))
    beyond = [one.checkpoint for one in every if last is None or one.checkpoint.size > last.size]
    if not beyond:
        return State(last=last, entries=0, since=None)
    entries = beyond[-1].size - (0 if last is None else last.size)
    its_own = 0 if last is None else last.size + 1  # the entry that records the time-stamp itself
    since = next((one.at for one in beyond if one.size > its_own), None)
    return State(last=last, entries=entries, since=since)


def unrecorded(folder: Path, records: Iterable[Mapping[str, Any]]) -> list[Path]:
    """Stored responses that no entry records, such as a crash leaves; they count for nothing."""
    known = {fields.get("size") for fields in records}
    return [file for size, file in _files(folder) if size not in known]


def check(folder: Path, fields: Mapping[str, Any], *, certificates: tuple[x509.Certificate, ...] = ()) -> Stamp:
    """The time-stamp that an entry of these fields records, checked.

    Always: the file is there, is the very one that was recorded, and belongs to a checkpoint of the ledger.
    With ``certificates`` (:func:`read_certificates`) also: the authority signed it, and for the time that it
    says. Raises :class:`NoTimestamp`, one sentence that names the file; ``Malformed`` for fields that are not
    those of a record.
    """
    size, stated = _recorded(fields)
    file = _file(folder, size)
    try:
        response = file.read_bytes()
    except FileNotFoundError:
        raise NoTimestamp(f"{file} is missing") from None
    if sha256(response).hexdigest() != fields.get("response"):
        raise NoTimestamp(f"{file} is not the time-stamp that was recorded")
    notes = (one.data for one in checkpoints(folder) if one.checkpoint.size == size)
    note = next((data for data in notes if sha256(data).hexdigest() == fields.get("checkpoint")), None)
    if note is None:
        raise NoTimestamp(f"{file} is about a checkpoint that is not there")
    if not certificates:
        return Stamp(size=size, stated=stated, file=file)
    try:
        stamp = _decoded(response)
        if not _fits(stamp, note):
            raise NoTimestamp("it is about something else than that checkpoint")
        if _time(stamp) != stated:
            raise NoTimestamp("it states another time than was recorded")
        _verify(stamp, note, certificates)
    except NoTimestamp as error:
        raise NoTimestamp(f"{file} does not hold: {error}") from None
    return Stamp(size=size, stated=stated, file=file)


def read_certificates(file: Path) -> tuple[x509.Certificate, ...]:
    """The authority's certificates, from a PEM file: its own, its issuer's, or the chain.

    Raises :class:`NoTimestamp` for a file without any; an ``OSError`` names the file.
    """
    try:
        found = tuple(x509.load_pem_x509_certificates(file.read_bytes()))
    except ValueError:
        found = ()
    if not found:
        raise NoTimestamp(f"{file} holds no certificate in PEM")
    return found


def _verify(stamp: Any, note: bytes, certificates: tuple[x509.Certificate, ...]) -> None:
    roots = [one for one in certificates if one.issuer == one.subject]
    if not roots:
        raise NoTimestamp(
            "a root is missing: give the certificate of the authority's issuer too, up to a self-signed one"
        )
    signers = [one for one in certificates if _stamps(one)]
    client = _client()
    builder = client.VerifierBuilder(
        roots=roots,
        intermediates=[one for one in certificates if one not in roots and one not in signers],
        tsa_certificate=signers[0] if len(signers) == 1 else None,
    )
    try:
        builder.build().verify_message(stamp, note)
    except (client.VerificationError, ValueError) as error:
        words = str(error)
        why = re.search('"Verify error: ([^"]*)"', words)
        raise NoTimestamp(
            f"the certificates do not vouch for it ({why[1] if why else words.partition(': ErrorStack')[0]})"
        ) from None


def _stamps(certificate: x509.Certificate) -> bool:
    """Whether it is the certificate of somebody who time-stamps."""
    try:
        usage = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except (x509.ExtensionNotFound, ValueError):
        return False
    return ExtendedKeyUsageOID.TIME_STAMPING in usage


def _recorded(fields: Mapping[str, Any]) -> tuple[int, datetime]:
    size, stated = fields.get("size"), fields.get("stated")
    if not isinstance(size, int) or isinstance(size, bool) or size < 0 or not isinstance(stated, str):
        raise Malformed("it records no time-stamp")
    return size, time_from_text(stated)


def _decoded(response: bytes) -> Any:
    """The response; raises :class:`NoTimestamp` unless it grants a time-stamp."""
    try:
        stamp = _client().decode_timestamp_response(response)
        status, words = int(stamp.status), "; ".join(map(str, stamp.status_string or ()))
        if status == 0:
            stamp.tst_info.message_imprint  # noqa: B018 - raises where there is no token
            return stamp
    except ValueError:
        raise NoTimestamp("the answer is no time-stamp response") from None
    name = _STATUS[status] if 0 <= status < len(_STATUS) else f"status {status}"
    raise NoTimestamp(f"the authority's answer is: {name}{f' ({words[:200]})' if words else ''}")


def _fits(stamp: Any, note: bytes) -> bool:
    return _is_sha256(stamp) and stamp.tst_info.message_imprint.message == sha256(note).digest()


def _is_sha256(stamp: Any) -> bool:
    return bool(stamp.tst_info.message_imprint.hash_algorithm == _SHA256)


def _time(stamp: Any) -> datetime:
    at: datetime = stamp.tst_info.gen_time
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


def _file(folder: Path, size: int) -> Path:
    return folder / FOLDER / f"{size}{SUFFIX}"


def _files(folder: Path) -> Iterator[tuple[int, Path]]:
    """The stored responses by size of their checkpoint."""
    found = (folder / FOLDER).glob(f"*{SUFFIX}")
    sizes = ((int(one.stem), one) for one in found if re.fullmatch("0|[1-9][0-9]{0,18}", one.stem))
    yield from sorted(sizes)


def _client() -> ModuleType:
    try:
        import rfc3161_client
    except ImportError:
        raise NoTimestamp(MISSING) from None
    return rfc3161_client
