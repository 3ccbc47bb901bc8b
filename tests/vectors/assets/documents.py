"""PDFs and EPUBs: with metadata in every form, locked ones, broken ones, and hostile ones."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Callable, Mapping
from functools import partial

from pypdf import PdfWriter
from pypdf._encryption import AlgV4
from pypdf.constants import UserAccessPermissions
from pypdf.generic import (
    ArrayObject,
    DecodedStreamObject,
    DictionaryObject,
    IndirectObject,
    NameObject,
    TextStringObject,
)

TDMREP = "http://www.w3.org/ns/tdmrep/"
PLUS = "http://ns.useplus.org/ldf/xmp/1.0/"


def xmp(properties: str) -> bytes:
    """A packet whose description holds these elements; tdm, plus, xmpRights and dc are declared."""
    return (
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>'
        '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        f'<rdf:Description rdf:about="" xmlns:tdm="{TDMREP}" xmlns:plus="{PLUS}" '
        'xmlns:xmpRights="http://ns.adobe.com/xap/1.0/rights/" xmlns:dc="http://purl.org/dc/elements/1.1/">'
        f'{properties}</rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="w"?>'
    ).encode()


def pdf(
    properties: str | None = None,
    *,
    compressed: bool = False,
    manifest: bytes | None = None,
    change: Callable[[PdfWriter], None] | None = None,
    **encryption: object,
) -> bytes:
    """A document of one empty page, with a title, an author, and the properties in its catalogue's XMP.

    ``encryption``: what :meth:`pypdf.PdfWriter.encrypt` takes.
    """
    writer = PdfWriter()
    writer.add_blank_page(72, 72)
    writer.add_metadata({"/Title": "A free document", "/Author": "Ada Writer"})
    if properties is not None:
        writer.root_object[NameObject("/Metadata")] = stream(writer, xmp(properties), compressed=compressed)
    if manifest is not None:
        specification = DictionaryObject(
            {
                NameObject("/Type"): NameObject("/Filespec"),
                NameObject("/F"): TextStringObject("manifest.c2pa"),
                NameObject("/AFRelationship"): NameObject("/C2PA_Manifest"),
                NameObject("/EF"): DictionaryObject({NameObject("/F"): stream(writer, manifest)}),
            }
        )
        writer.root_object[NameObject("/AF")] = ArrayObject([writer._add_object(specification)])
    if change is not None:
        change(writer)
    if encryption:
        writer.encrypt(**encryption)  # type: ignore[arg-type]
    held = io.BytesIO()
    writer.write(held)
    return held.getvalue()


def stream(writer: PdfWriter, content: bytes, *, compressed: bool = False) -> IndirectObject:
    """A metadata stream."""
    plain = DecodedStreamObject()
    plain.set_data(content)
    plain[NameObject("/Type")] = NameObject("/Metadata")
    plain[NameObject("/Subtype")] = NameObject("/XML")
    return writer._add_object(plain.flate_encode() if compressed else plain)


def flate_bomb() -> bytes:
    """A metadata stream of a gigabyte of zeros."""
    packer = zlib.compressobj(1)
    packed = b"".join(packer.compress(bytes(1 << 24)) for _ in range(64)) + packer.flush()
    return _by_hand(b"<</Type/Catalog/Metadata 2 0 R>>", _stream(packed))


def endless_end() -> bytes:
    """A document behind whose end come 40 MB of line breaks, through which a reader looks for it."""
    return pdf() + b"\n" * 40_000_000


def endless_table() -> bytes:
    """A cross-reference table of a million entries that lead nowhere."""
    rows = b"0000000000 00000 n \n" * 1_000_000
    return b"%PDF-1.7\nxref\n0 1000000\n" + rows + b"trailer<</Root 7 0 R/Size 1000000>>\nstartxref\n9\n%%EOF\n"


def deep() -> bytes:
    """Arrays within arrays, two million of them."""
    return _by_hand(b"<</Type/Catalog/Metadata 2 0 R/A " + b"[" * 2_000_000 + b">>", b"null")


def _stream(packed: bytes) -> bytes:
    return b"<</Type/Metadata/Filter/FlateDecode/Length %d>>stream\n%b\nendstream" % (len(packed), packed)


def _by_hand(*objects: bytes) -> bytes:
    body, places = b"%PDF-1.7\n", []
    for number, one in enumerate(objects, 1):
        places.append(len(body))
        body += b"%d 0 obj\n%b\nendobj\n" % (number, one)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    return body + (
        b"xref\n0 %d\n0000000000 65535 f \n%btrailer<</Root 1 0 R/Size %d>>\nstartxref\n%d\n%%%%EOF\n"
        % (len(objects) + 1, table, len(objects) + 1, len(body))
    )


def certificate() -> bytes:
    """A document that opens for the holders of a certificate."""
    whole = _by_hand(b"<</Type/Catalog>>", b"<</Filter/Adobe.PubSec/SubFilter/adbe.pkcs7.s4/V 2>>")
    return whole.replace(b"trailer<<", b"trailer<</Encrypt 2 0 R")


def clear_metadata(properties: str) -> bytes:
    """A document that opens with the empty password, encrypted but for its metadata (ISO 32000-1 §7.6.3)."""
    owner, permissions, file = b"o" * 32, 0xFFFFFFFC, b"i" * 16
    key = AlgV4.compute_key(b"", 4, 128, owner, permissions, file, False)
    lock = (
        b"<</Filter/Standard/V 4/R 4/Length 128/P %d/EncryptMetadata false/StmF/StdCF/StrF/StdCF"
        b"/CF<</StdCF<</CFM/V2/AuthEvent/DocOpen/Length 16>>>>/O<%b>/U<%b>>>"
        % (permissions - (1 << 32), owner.hex().encode(), AlgV4.compute_U_value(key, 4, file).hex().encode())
    )
    packet = xmp(properties)
    metadata = b"<</Type/Metadata/Subtype/XML/Length %d>>stream\n%b\nendstream" % (len(packet), packet)
    whole = _by_hand(b"<</Type/Catalog/Metadata 2 0 R/Pages 4 0 R>>", metadata, lock, b"<</Kids[]/Count 0>>")
    return whole.replace(b"trailer<<", b"trailer<</Encrypt 3 0 R/ID[<%b><%b>]" % ((file.hex().encode(),) * 2))


def _on_page(properties: str) -> Callable[[PdfWriter], None]:
    """Puts metadata into the first page."""

    def change(writer: PdfWriter) -> None:
        writer.pages[0][NameObject("/Metadata")] = stream(writer, xmp(properties), compressed=True)

    return change


def _dangling(writer: PdfWriter) -> None:
    writer.root_object[NameObject("/Metadata")] = NameObject("/Nothing")


CONTAINER = (
    '<?xml version="1.0"?><container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container">'
    '<rootfiles><rootfile full-path="EPUB/package.opf" media-type="application/oebps-package+xml"/></rootfiles>'
    "</container>"
)


def opf(metadata: str = "", *, version: str = "3.0", prefix: str = "") -> str:
    """A package document with a title, a creator and these elements in its metadata."""
    declared = f' prefix="{prefix}"' if prefix else ""
    return (
        f'<?xml version="1.0"?><package xmlns="http://www.idpf.org/2007/opf" version="{version}"{declared}>'
        '<metadata xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>A free book</dc:title>'
        f"<dc:creator>Ada Writer</dc:creator><dc:language>en</dc:language>{metadata}</metadata>"
        '<manifest><item id="a" href="a.xhtml" media-type="application/xhtml+xml"/></manifest>'
        '<spine><itemref idref="a"/></spine></package>'
    )


def epub(
    package: str | bytes = "",
    *,
    files: Mapping[str, str | bytes] | None = None,
    container: str | None = CONTAINER,
    flag: int = 0,
) -> bytes:
    """A publication of one chapter; ``flag``: general purpose bits set on every entry."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo("mimetype"), "application/epub+zip")
        if container is not None:
            archive.writestr("META-INF/container.xml", container)
        archive.writestr("EPUB/package.opf", package or opf())
        archive.writestr(
            "EPUB/a.xhtml", "<html xmlns='http://www.w3.org/1999/xhtml'><body>Words.</body></html>"
        )
        for name, content in (files or {}).items():
            archive.writestr(name, content)
        for entry in archive.filelist:
            entry.flag_bits |= flag
    return held.getvalue()


def encryption(algorithm: str, uri: str) -> str:
    """``META-INF/encryption.xml`` that says one file is encrypted."""
    return (
        '<encryption xmlns="urn:oasis:names:tc:opendocument:xmlns:container" '
        'xmlns:enc="http://www.w3.org/2001/04/xmlenc#"><enc:EncryptedData>'
        f'<enc:EncryptionMethod Algorithm="{algorithm}"/><enc:CipherData><enc:CipherReference URI="{uri}"/>'
        "</enc:CipherData></enc:EncryptedData></encryption>"
    )


def many_entries() -> bytes:
    """An archive of 60,000 empty files beside a publication's."""
    return epub(files={f"{number:x}": b"" for number in range(60_000)})


RESERVED = '<meta property="tdm:reservation">1</meta><meta property="tdm:policy">https://h.example/p</meta>'
AES = "http://www.w3.org/2001/04/xmlenc#aes256-cbc"
FONT = "http://www.idpf.org/2008/embedding"
NO_EXTRACTION = UserAccessPermissions.all() & ~UserAccessPermissions.EXTRACT
ONE = "<tdm:reservation>1</tdm:reservation><tdm:policy>https://h.example/p</tdm:policy>"
NOBODY = {"user_password": "", "owner_password": "owner"}

ASSETS: dict[str, Callable[[], bytes]] = {
    # What is free, and what its metadata reserves or permits.
    "free.pdf": pdf,
    "tdm-1.pdf": partial(pdf, ONE),
    "tdm-1-compressed.pdf": partial(pdf, ONE, compressed=True),
    "tdm-0.pdf": partial(pdf, "<tdm:reservation>0</tdm:reservation>"),
    "prohibited.pdf": partial(
        pdf, "<plus:DataMining>http://ns.useplus.org/ldf/vocab/DMI-PROHIBITED</plus:DataMining>"
    ),
    "cc-by.pdf": partial(
        pdf,
        "<xmpRights:WebStatement>https://creativecommons.org/licenses/by/4.0/</xmpRights:WebStatement>",
    ),
    # Encrypted with an empty password (vector O9), with one that nobody gave us (O8), for certificates.
    "owner-password.pdf": partial(pdf, algorithm="AES-256", **NOBODY),
    "tdm-1-owner-password.pdf": partial(pdf, ONE, compressed=True, algorithm="AES-256", **NOBODY),
    "tdm-1-owner-password-rc4.pdf": partial(pdf, ONE, algorithm="RC4-128", **NOBODY),
    "tdm-0-clear-metadata.pdf": partial(clear_metadata, "<tdm:reservation>0</tdm:reservation>"),
    "tdm-1-clear-metadata.pdf": partial(clear_metadata, ONE),
    # Metadata of a page, compressed.
    "tdm-1-page.pdf": partial(pdf, change=_on_page(ONE)),
    "tdm-0-page.pdf": partial(pdf, change=_on_page("<tdm:reservation>0</tdm:reservation>")),
    "password.pdf": partial(pdf, user_password="secret", algorithm="AES-256"),
    "password-rc4.pdf": partial(pdf, user_password="secret", algorithm="RC4-40"),
    "no-extraction.pdf": partial(pdf, algorithm="AES-128", permissions_flag=NO_EXTRACTION, **NOBODY),
    "certificate.pdf": certificate,
    # Broken: with and without words in the clear.
    "tdm-1-cut.pdf": lambda: pdf(ONE)[:-150],
    "cut.pdf": lambda: pdf()[:-200],
    "header-only.pdf": lambda: b"%PDF-1.7\n",
    "no-metadata-stream.pdf": partial(pdf, change=_dangling),
    "tdm-1-wrong-startxref.pdf": lambda: pdf(ONE).replace(b"startxref\n", b"startxref\n9"),
    # Hostile.
    "flate-bomb.pdf": flate_bomb,
    "endless-end.pdf": endless_end,
    "xref-of-a-million.pdf": endless_table,
    "deep.pdf": deep,
    # Publications, and what their packages reserve or permit (vectors O1, O2).
    "free.epub": epub,
    "tdm-1.epub": lambda: epub(opf(RESERVED, prefix="tdm: http://www.w3.org/ns/tdmrep#")),
    "tdm-1-undeclared.epub": lambda: epub(opf(RESERVED)),
    "tdm-1-other-prefix.epub": lambda: epub(
        opf('<meta property="r:reservation">1</meta>', prefix="r: http://www.w3.org/ns/tdmrep#")
    ),
    "tdm-1-version-2.epub": lambda: epub(opf('<meta name="tdm:reservation" content="1"/>', version="2.0")),
    "tdm-0.epub": lambda: epub(
        opf('<meta property="tdm:reservation">0</meta>', prefix="tdm: http://www.w3.org/ns/tdmrep#")
    ),
    "tdm-1-second-package.epub": lambda: epub(files={"other.opf": opf(RESERVED)}),
    "resource-fork.epub": lambda: epub(files={"__MACOSX/EPUB/._package.opf": b"\0\5\x16\7\0\2\0\0Mac OS X"}),
    "rights.epub": lambda: epub(opf("<dc:rights>https://creativecommons.org/licenses/by/4.0/</dc:rights>")),
    "licence-link.epub": lambda: epub(
        opf('<link rel="dcterms:license" href="https://creativecommons.org/licenses/by/4.0/"/>')
    ),
    "rsl-prohibits.epub": lambda: epub(
        opf(
            '<rsl xmlns="https://rslstandard.org/rsl"><content url="https://h.example/b.epub"><license>'
            "<prohibits type='usage'>all</prohibits></license></content></rsl>"
        )
    ),
    # Locked, and not locked.
    "lcp.epub": lambda: epub(files={"META-INF/license.lcpl": "{}"}),
    "adept.epub": lambda: epub(
        files={"META-INF/rights.xml": '<rights xmlns="http://ns.adobe.com/adept"/>'},
    ),
    "encrypted.epub": lambda: epub(files={"META-INF/encryption.xml": encryption(AES, "EPUB/a.xhtml")}),
    "fonts.epub": lambda: epub(files={"META-INF/encryption.xml": encryption(FONT, "EPUB/a.otf")}),
    "zip-password.epub": partial(epub, flag=1),
    # Broken.
    "broken-package.epub": lambda: epub(opf("<meta property='x'>")),
    "tdm-1-broken-package.epub": lambda: epub(opf(RESERVED + "<b>&nbsp;")),
    "no-container.epub": partial(epub, container=None),
    "no-package.epub": partial(epub, container=CONTAINER.replace("EPUB/", "../../")),
    "broken-encryption.epub": lambda: epub(files={"META-INF/encryption.xml": b"<encryption"}),
    "cut.epub": lambda: epub()[:-40],
    # Hostile.
    "zip-bomb.epub": lambda: epub(b"<package>" + b" " * 20_000_000),
    "many-entries.epub": many_entries,
    "entity-bomb.epub": lambda: epub(
        '<!DOCTYPE package [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
        "<package><metadata>&b;</metadata></package>"
    ),
    "deep-package.epub": lambda: epub("<package><metadata>" + "<a>" * 50_000),
}
