"""Signed notes: a text that people can read, and under it who signed it.

The format is C2SP's signed note (https://c2sp.org/signed-note), that of Go's ``golang.org/x/mod/sumdb/note``::

    note      = text LF signature+              the last empty line parts the two
    text      = line+                           lines end in LF and may be empty
    signature = "— " name " " base64 LF         of the key's id (4 bytes) and the signature over the text
    id        = SHA-256(name LF 0x01 public)[:4]
    vkey      = name "+" hex(id) "+" base64(0x01 public)
    skey      = "PRIVATE+KEY+" name "+" hex(id) "+" base64(0x01 seed)

UTF-8, no control character but LF, no blank and no ``+`` in a name. Only Ed25519 (0x01) is signed with and
believed. Signatures of keys that one does not know say nothing, neither for the note nor against it; that is
how keys are replaced and how witnesses add theirs. Base64 is read only as it would be written, so that no byte
of a note can change unnoticed.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from crawler.optout.model import Malformed

ED25519 = b"\x01"
"""The kind of signature, as keys name it."""
SIZE_LIMIT = 1_000_000
"""Bytes of a note."""
SIGNATURE_LIMIT = 100
"""Signatures of a note, as many as Go reads."""
PRIVATE = "PRIVATE+KEY+"
"""What a private key begins with, lest it be taken for a public one."""

_DASH = "— "
_CONTROL = re.compile("[\x00-\x09\x0b-\x1f]")


class BadSignature(Exception):
    """A note is not signed as it has to be; the text must not be believed."""


@dataclass(frozen=True, slots=True)
class Signature:
    """One line under a note."""

    name: str
    """Name of the key, as the line claims."""
    key_id: bytes
    """Four bytes that tell keys of one name apart."""
    signature: bytes
    """What the key made of the text."""


@dataclass(frozen=True, slots=True)
class Note:
    """A text and the signatures under it, checked or not."""

    text: str
    """What is signed, with its last LF."""
    signatures: tuple[Signature, ...]
    """In their order."""


@dataclass(frozen=True)
class Verifier:
    """A public key, which tells what the holder of the private one has signed."""

    name: str
    """Its name, for people and to tell keys apart; not part of the arithmetic but of the id."""
    public: bytes
    """32 bytes, RFC 8032."""

    @cached_property
    def key_id(self) -> bytes:
        """The four bytes by which a signature names it."""
        return sha256(self.name.encode() + b"\n" + ED25519 + self.public).digest()[:4]

    def __str__(self) -> str:
        """The key as one writes it down (vkey); the inverse of :func:`parse_verifier`."""
        return f"{self.name}+{self.key_id.hex()}+{encode64(ED25519 + self.public)}"

    def accepts(self, text: str, signature: bytes) -> bool:
        """Whether ``signature`` is this key's over ``text``."""
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, text.encode())
        except (InvalidSignature, ValueError):
            return False
        return True


@dataclass(frozen=True)
class Signer:
    """A private key. It is never shown: not in a representation, not in an error."""

    name: str
    """Its name, as that of its :attr:`verifier`."""
    seed: bytes = field(repr=False)
    """32 bytes, RFC 8032."""

    @cached_property
    def verifier(self) -> Verifier:
        """Its public half."""
        return Verifier(self.name, self._key.public_key().public_bytes_raw())

    def sign(self, text: str) -> Signature:
        """Its signature over ``text``."""
        return Signature(self.name, self.verifier.key_id, self._key.sign(text.encode()))

    @cached_property
    def _key(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(self.seed)


def parse_verifier(vkey: str) -> Verifier:
    """A public key from how it is written down; raises ``Malformed``."""
    name, key_id, public = _parse_key(vkey, "a public key, NAME+ID+KEY")
    verifier = Verifier(name, public)
    if verifier.key_id != key_id:
        raise Malformed(
            f"the public key of {name!r:.80} does not match its id: it was copied wrongly or altered"
        )
    return verifier


def parse_signer(skey: str) -> Signer:
    """A private key from how it is stored; raises ``Malformed``, which does not quote it."""
    if not skey.startswith(PRIVATE):
        raise Malformed("not a private key, PRIVATE+KEY+NAME+ID+KEY")
    name, key_id, seed = _parse_key(skey.removeprefix(PRIVATE), "a private key, PRIVATE+KEY+NAME+ID+KEY")
    signer = Signer(name, seed)
    if signer.verifier.key_id != key_id:
        raise Malformed("the private key does not match its id: it was copied wrongly or altered")
    return signer


def format_signer(signer: Signer) -> str:
    """The inverse of :func:`parse_signer`. Whoever has it can sign in this name."""
    return f"{PRIVATE}{signer.name}+{signer.verifier.key_id.hex()}+{encode64(ED25519 + signer.seed)}"


def is_name(name: str) -> bool:
    """Whether a key may be called this: something, without blanks, ``+`` and control characters."""
    return (
        bool(name)
        and "+" not in name
        and not any(one.isspace() or one < " " for one in name)
        and _writable(name)
    )


def parse_note(data: bytes) -> Note:
    """The inverse of :func:`format_note`; checks no signature. Raises ``Malformed``, saying what is wrong."""
    if len(data) > SIZE_LIMIT:
        raise Malformed(f"a note of {len(data)} bytes is too long")
    try:
        whole = data.decode()
    except UnicodeDecodeError as error:
        raise Malformed(f"byte {error.start} is not UTF-8") from None
    if control := _CONTROL.search(whole):
        raise Malformed(f"there is a control character, {control[0]!r}")
    head, parted, tail = whole.rpartition("\n\n")
    if not parted or not tail.endswith("\n"):
        raise Malformed("it does not end in an empty line and signatures")
    lines = tail[:-1].split("\n")
    if len(lines) > SIGNATURE_LIMIT:
        raise Malformed(f"{len(lines)} signatures are too many")
    return Note(head + "\n", tuple(_parse_signature(line) for line in lines))


def format_note(note: Note) -> bytes:
    """The note as bytes. Raises ``ValueError`` for what could not be read again as the same note."""
    lines = "".join(f"{_DASH}{one.name} {encode64(one.key_id + one.signature)}\n" for one in note.signatures)
    data = f"{note.text}\n{lines}".encode()
    if parse_note(data) != note:
        raise ValueError("this cannot be a note: read again, it would be another")
    return data


def sign(text: str, *signers: Signer) -> bytes:
    """A note of ``text``, which must end in LF, signed by each of the keys. Raises ``ValueError``."""
    return format_note(Note(text, tuple(signer.sign(text) for signer in signers)))


def signed_by(note: Note, verifiers: Iterable[Verifier]) -> tuple[Verifier, ...]:
    """Which of these keys signed the note.

    Raises ``BadSignature`` if none of them did, and also if a line claims one of them and is not its signature,
    whoever else signed: somebody changed the note.
    """
    known = {(one.name, one.key_id): one for one in verifiers}
    found: dict[Verifier, None] = {}
    for line in note.signatures:
        verifier = known.get((line.name, line.key_id))
        if verifier is None:
            continue
        if not verifier.accepts(note.text, line.signature):
            raise BadSignature(f"the signature of {line.name}+{line.key_id.hex()} does not fit the text")
        found[verifier] = None
    if not found:
        claimed = ", ".join(f"{line.name}+{line.key_id.hex()}" for line in note.signatures[:4])
        wanted = ", ".join(f"{one.name}+{one.key_id.hex()}" for one in known.values()) or "none"
        raise BadSignature(f"it is signed by {claimed}, none of the keys that are trusted ({wanted})")
    return tuple(found)


def encode64(data: bytes) -> str:
    """Base64, RFC 4648, section 4."""
    return base64.b64encode(data).decode()


def decode64(text: str) -> bytes:
    """The inverse of :func:`encode64`, of nothing else; raises ``Malformed``."""
    try:
        data = base64.b64decode(text.encode("ascii"), validate=True)
    except (binascii.Error, ValueError):
        data = None
    if data is None or encode64(data) != text:
        raise Malformed("the base64 is not as it would be written")
    return data


def _parse_signature(line: str) -> Signature:
    name, blank, rest = line.removeprefix(_DASH).partition(" ")
    if not line.startswith(_DASH) or not blank or not is_name(name):
        raise Malformed(f"{line!r:.100} is no signature line")
    data = decode64(rest)
    if len(data) < 5:
        raise Malformed(f"the signature of {name!r:.80} is too short")
    return Signature(name, data[:4], data[4:])


def _parse_key(text: str, what: str) -> tuple[str, bytes, bytes]:
    parts = text.split("+", 2)  # base64 has a + of its own
    if len(parts) != 3 or not is_name(parts[0]) or not re.fullmatch("[0-9a-f]{8}", parts[1]):
        raise Malformed(f"not {what}")
    data = decode64(parts[2])
    if data[:1] != ED25519:
        raise Malformed("the key is not an Ed25519 key")
    if len(data) != 33:
        raise Malformed(f"an Ed25519 key has 32 bytes, this one {len(data) - 1}")
    return parts[0], bytes.fromhex(parts[1]), data[1:]


def _writable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
