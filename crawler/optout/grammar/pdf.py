"""What a PDF says about itself: its metadata streams, manifests, locks and permissions.

ISO 32000-2 (PDF 2.0): §14.3.2 for metadata streams, §7.6.4.2 table 22 for permissions, §7.11.4 and §14.13 for
embedded and associated files; C2PA 2.2 §A.4.1 for manifests among them. pypdf reads the structure, and is not
asked to read XMP. Bytes are also searched for XMP packets by their marks, so that a file too broken to be
followed is heard as far as it speaks in the clear.
"""

from __future__ import annotations

import io
import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from crawler.optout.grammar.container.found import Metadata, Part
from crawler.optout.grammar.sniff import document
from crawler.optout.model import Capture, Kind

if TYPE_CHECKING:
    from pypdf import PdfReader

PACKET = 4 * 1024 * 1024
"""Bytes of an XMP packet that are kept."""

ROOM = 16 * 1024 * 1024
"""Bytes of the packets of one file, above which no more streams are unpacked."""

PARTS = 64
"""Packets, and manifests, of one file."""

MANIFEST = 32 * 1024 * 1024
"""Bytes of a manifest store."""

FILES = 1_000
"""Embedded files that are looked at for manifests."""

DEPTH = 16
"""Levels of the name tree of embedded files."""

LONGEST = 500
"""Characters of a title or author."""

COMPONENTS = 1_000
"""Metadata streams that are looked for."""

EXTRACT = 1 << 4
"""Bit 5 of /P: copy or otherwise extract text and graphics."""

_XML_STREAM = re.compile(rb"/Subtype\s{0,4}/XML\b")
_OBJECT = re.compile(rb"(?<![0-9])([0-9]{1,10})\s{1,4}[0-9]{1,5}\s{1,4}obj\b")

_MARKS = (
    (b"<?xpacket begin", b"<?xpacket end"),
    (b"<x:xmpmeta", b"</x:xmpmeta>"),
    (b"<rdf:RDF", b"</rdf:RDF>"),
)
"""What a packet begins and ends with, from the outside inwards."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Pdf:
    """What was found in one document."""

    metadata: Metadata = field(default_factory=Metadata)
    """XMP packets and C2PA manifest stores."""
    encrypted: bool = False
    """Whether it is encrypted, be it with an empty password."""
    needs_password: bool = False
    """Whether it opens only with a password or certificate that nobody gave us."""
    extraction: bool = True
    """Whether its permissions let text and graphics be extracted."""
    title: str = ""
    """As its information dictionary has it."""
    author: str = ""
    """As its information dictionary has it."""
    trouble: str = ""
    """Why something may have been missed, in words; empty when everything was followed."""


def is_pdf(body: bytes) -> bool:
    """Whether the bytes are a PDF's."""
    return document(body) is Kind.PDF


def pdf_of(capture: Capture) -> Pdf:
    """The document in a capture; use as ``capture.parsed(pdf_of)``. Never raises."""
    body = capture.body
    if not is_pdf(body):
        return Pdf(trouble="not a PDF")
    try:
        found = _Reader(body)
        found.read()
        return found.result()
    except Exception as error:  # pypdf raises anything for anything
        return Pdf(
            metadata=Metadata(xmp=_packets(body, ())), trouble=f"could not be followed: {type(error).__name__}"
        )


class _Reader:
    """Gathers what one document holds."""

    def __init__(self, body: bytes) -> None:
        self._body = body
        self._xmp: list[Part] = []
        self._manifests: list[Part] = []
        self._encrypted = self._needs_password = False
        self._extraction = True
        self._title = self._author = self._trouble = ""

    def result(self) -> Pdf:
        """What was gathered, and what stands in the clear."""
        packets = _packets(self._body, self._xmp)
        if len(packets) > PARTS:
            self._note(f"more than {PARTS} packets")
        return Pdf(
            metadata=Metadata(
                xmp=(*self._xmp, *packets)[:PARTS], manifests=tuple(self._manifests), trouble=self._trouble
            ),
            encrypted=self._encrypted,
            needs_password=self._needs_password,
            extraction=self._extraction,
            title=self._title,
            author=self._author,
            trouble=self._trouble,
        )

    def read(self) -> None:
        """Follow the structure as far as it goes."""
        with bounded():
            try:
                self._follow()
            except Exception as error:  # pypdf raises anything for anything
                self._note(f"could not be followed: {type(error).__name__}")

    def _follow(self) -> None:
        from pypdf import PasswordType, PdfReader

        try:
            reader = PdfReader(io.BytesIO(self._body))
        except NotImplementedError:
            self._encrypted = True
            if b"/Adobe.PubSec" in self._body:  # opens for the holders of certificates
                self._needs_password = True
                return
            raise
        if reader.is_encrypted:
            self._encrypted = True
            allowed = reader.user_access_permissions
            self._extraction = allowed is not None and bool(int(allowed) & EXTRACT)
            if reader.decrypt("") == PasswordType.NOT_DECRYPTED:
                self._needs_password = True
                return
        catalogue = reader.root_object
        if "/Metadata" in catalogue:
            self._stream(self._main(reader, catalogue), "catalogue/Metadata", self._xmp, PACKET)
        self._components(reader)
        for specification, locator in _files(catalogue):
            if specification.get("/AFRelationship") == "/C2PA_Manifest":
                self._manifest(specification, locator)
        with suppress(Exception):  # nothing is reserved there
            information: Any = reader.metadata or {}
            self._title = _words(information.get("/Title"))
            self._author = _words(information.get("/Author"))

    def _main(self, reader: PdfReader, catalogue: Any) -> Any:
        """The stream that the catalogue names; it alone may be left unencrypted (§7.6.4, EncryptMetadata)."""
        from pypdf import PdfReader

        reference = catalogue.raw_get("/Metadata")
        lock = _resolved(reader.trailer.get("/Encrypt"))
        clear = isinstance(lock, dict) and getattr(lock.get("/EncryptMetadata"), "value", True) is False
        if not clear or not hasattr(reference, "idnum"):
            return reference
        plain = PdfReader(io.BytesIO(self._body))
        plain._override_encryption = True  # otherwise every stream is decrypted, or refused
        return plain.get_object(reference.idnum)

    def _components(self, reader: PdfReader) -> None:
        """The metadata of pages, pictures and other parts (§14.3.2), found by the marks of their streams.

        It speaks of parts of the document, and can reserve only.
        """
        from pypdf.generic import IndirectObject

        main = getattr(reader.root_object.raw_get("/Metadata"), "idnum", 0) if self._xmp else 0
        numbers: dict[int, None] = {}
        for count, mark in enumerate(_XML_STREAM.finditer(self._body)):
            if count >= COMPONENTS:
                self._note(f"more than {COMPONENTS} metadata streams")
                break
            head = self._body[max(0, mark.start() - 500) : mark.start()]
            named = _OBJECT.findall(head)
            if named and int(named[-1]) != main:
                numbers[int(named[-1])] = None
        for number in numbers:
            if self._trouble:
                return  # more of it says nothing more, and each stream may cost as much as a bomb
            if sum(len(part.data) for part in self._xmp) > ROOM:
                self._note(f"more than {ROOM} bytes of metadata")
                return
            stream: Any = None
            with suppress(Exception):  # what the table of contents does not know is no part of the document
                stream = reader.get_object(IndirectObject(number, 0, reader))
            if isinstance(stream, dict) and stream.get("/Subtype") == "/XML":
                self._stream(stream, f"scan[object {number}]", self._xmp, PACKET)

    def _manifest(self, specification: Any, locator: str) -> None:
        files = _resolved(specification.get("/EF"))
        if not isinstance(files, dict):
            self._note("a manifest without its file")
            return
        for content in list(files.values())[:4]:
            self._stream(content, locator, self._manifests, MANIFEST)

    def _stream(self, reference: Any, locator: str, into: list[Part], limit: int) -> None:
        """Take in the content of a stream object."""
        stream = _resolved(reference)
        if stream is None or not hasattr(stream, "get_data"):
            self._note(f"{locator} is no stream")
            return
        if len(into) >= PARTS:
            self._note(f"more than {PARTS} parts")
            return
        try:
            content = bytes(stream.get_data())
        except Exception as error:
            self._note(f"{locator} could not be unpacked: {type(error).__name__}")
            return
        if len(content) > limit:
            self._note(f"{locator} has more than {limit} bytes")
        part = Part(content[:limit], locator)
        if all(part.data != other.data for other in into):
            into.append(part)

    def _note(self, trouble: str) -> None:
        self._trouble = self._trouble or trouble


@contextmanager
def bounded() -> Iterator[None]:
    """pypdf unpacks so much and no more, runs no other program, and says nothing about what it meets."""
    from pypdf import apply_configuration  # a large library that only a child process needs

    with (
        _silence(),
        apply_configuration(
            zlib_maximum_output_length=MANIFEST,
            lzw_maximum_output_length=MANIFEST,
            run_length_maximum_output_length=MANIFEST,
            stream_decoding_work_maximum_length=2 * MANIFEST,
            jbig2dec_binary=None,
            disable_legacy_handling=True,
        ),
    ):
        yield


@contextmanager
def _silence() -> Iterator[None]:
    """pypdf tells its log about the bytes it meets; they may be reserved."""
    logger = logging.getLogger("pypdf")
    level = logger.level
    logger.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        logger.setLevel(level)


def _files(catalogue: Any) -> Iterator[tuple[Any, str]]:
    """The file specifications of a document: associated files, and the name tree of embedded ones."""
    associated = _resolved(catalogue.get("/AF"))
    for index, one in enumerate(associated[:FILES] if isinstance(associated, list) else ()):
        specification = _resolved(one)
        if isinstance(specification, dict):
            yield specification, f"AF[{index}]"
    names = _resolved(catalogue.get("/Names"))
    root = _resolved(names.get("/EmbeddedFiles")) if isinstance(names, dict) else None
    count, level = 0, [root]
    for _ in range(DEPTH):
        below: list[Any] = []
        for node in level:
            if not isinstance(node, dict):
                continue
            pairs = _resolved(node.get("/Names"))
            for one in pairs[1::2] if isinstance(pairs, list) else ():
                specification = _resolved(one)
                if count >= FILES:
                    raise ValueError(f"more than {FILES} embedded files")
                count += 1
                if isinstance(specification, dict):
                    yield specification, f"EmbeddedFiles[{count - 1}]"
            kids = _resolved(node.get("/Kids"))
            below += [_resolved(kid) for kid in kids[:FILES]] if isinstance(kids, list) else []
            if len(below) > FILES:
                raise ValueError(f"more than {FILES} nodes of embedded files")
        level = below
    if level:
        raise ValueError("embedded files in a tree too deep")


def _resolved(reference: Any) -> Any:
    """The object that an indirect reference leads to."""
    return reference.get_object() if hasattr(reference, "get_object") else reference


def _words(value: Any) -> str:
    value = _resolved(value)
    words = str(value).encode("utf-8", "replace").decode() if isinstance(value, str) else ""
    return " ".join(words[: 4 * LONGEST].split())[:LONGEST]


def _packets(body: bytes, known: list[Part] | tuple[()]) -> tuple[Part, ...]:
    """XMP packets that stand in the clear, but for those that are known already."""
    found: list[Part] = []
    held = {part.data.strip() for part in known}
    for begin, end in _MARKS:
        position = body.find(begin)
        while position >= 0 and len(found) <= PARTS:
            stop = body.find(end, position)
            stop = len(body) if stop < 0 else stop + len(end)
            packet = body[position : min(stop, position + PACKET)]
            if not any(packet in other for other in held):
                found.append(Part(packet, f"scan[{len(found)}]"))
                held.add(packet)
            position = body.find(begin, position + len(packet))
    return tuple(found)
