"""What an EPUB says about itself: the metadata of its package documents, and whether it is locked.

EPUB 3.3 (https://www.w3.org/TR/epub-33/, §4.2 for the container, §5.4 and appendix D for metadata and their
prefixes) and OPF 2.0.1 (https://idpf.org/epub/20/spec/OPF_2.0.1_draft.htm). Every package document that the
container names is read, and every other one in it: a publication is one file, and what any of its renditions
reserves concerns it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import unquote

from lxml import etree

from crawler.optout.grammar.sniff import document
from crawler.optout.grammar.xml import children, name_of, parse_xml
from crawler.optout.grammar.zip import Archive
from crawler.optout.model import Capture, Kind, Malformed

PACKAGES = 8
"""Package documents read of one publication; real ones have one."""

PACKAGE_LIMIT = 5 * 1024 * 1024
"""Bytes of a package document. Its manifest lists every file of the book."""

SMALL = 1024 * 1024
"""Bytes of a file of the container."""

METAS = 5_000
"""Properties taken from one publication."""

LONGEST = 2_000
"""Characters taken of a property's value; enough for a statement, too little for a work."""

CONTAINER = "META-INF/container.xml"
ENCRYPTION = "META-INF/encryption.xml"

LOCKS = ("META-INF/license.lcpl", "META-INF/sinf.xml", "META-INF/rights.xml")
"""Files that come with rights management: Readium LCP, FairPlay, and the name that OCF reserves for it."""

FONTS = frozenset({"http://www.idpf.org/2008/embedding", "http://ns.adobe.com/pdf/enc#rc"})
"""Algorithms that obfuscate embedded fonts and lock nothing (EPUB 3.3 §4.3, and Adobe's)."""

DC = "http://purl.org/dc/elements/1.1/"
DCTERMS = "http://purl.org/dc/terms/"
OPF = "http://www.idpf.org/2007/opf"

RESERVED_PREFIXES = {
    "a11y": "http://www.idpf.org/epub/vocab/package/a11y/#",
    "dcterms": DCTERMS,
    "marc": "http://id.loc.gov/vocabulary/",
    "media": "http://www.idpf.org/epub/vocab/overlays/#",
    "onix": "http://www.editeur.org/ONIX/book/codelists/current.html#",
    "rendition": "http://www.idpf.org/vocab/rendition/#",
    "schema": "http://schema.org/",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
"""EPUB 3.3 §D.1.4; a publication's own declaration goes before them."""

_RESOURCE_FORK = re.compile(r"(?:\A|/)\._[^/]*+\Z")
"""What macOS puts beside each file of an archive: its attributes in AppleDouble (RFC 1740), under its name."""

_PREFIX = re.compile(r"([^\s:]++):\s++(\S++)")


@dataclass(frozen=True, kw_only=True, slots=True)
class Meta:
    """One property in a package's metadata, whichever form it has."""

    name: str
    """As written: ``tdm:reservation``, ``dc:rights``, ``cover``."""
    namespace: str
    """The namespace of an element or attribute, or the URI that the prefix stands for; "" when nobody says."""
    local: str
    """The name without its prefix."""
    value: str
    """Its text or ``content``, stripped, at most :data:`LONGEST` characters."""
    refines: str
    """The element within the package that alone is spoken of: ``#creator``; "" for the publication."""
    locator: str
    """Where: ``metadata/meta[3]``; of a second package document ``package[1]/metadata/meta[3]``."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Link:
    """One ``link`` in a package's metadata."""

    rel: str
    """Its relations, as written: ``license``, ``cc:license``, ``record``."""
    href: str
    """What it leads to, as written."""
    refines: str
    """As for :class:`Meta`."""
    locator: str
    """As for :class:`Meta`."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Epub:
    """What was found in one publication."""

    metas: tuple[Meta, ...] = ()
    """Every property, in order."""
    links: tuple[Link, ...] = ()
    """Every link, in order."""
    prefixes: tuple[tuple[str, str], ...] = ()
    """The prefixes that the packages declare, with what they stand for."""
    packages: tuple[bytes, ...] = ()
    """The package documents themselves, for what stands in them as elements of its own."""
    places: tuple[str, ...] = ()
    """Where in the archive each of them stands."""
    drm: bool = False
    """Whether content of it is encrypted, or comes with rights management."""
    lock: str = ""
    """The file that says so."""
    trouble: str = ""
    """Why something may have been missed, in words; empty when everything was read."""

    @property
    def rights(self) -> tuple[str, ...]:
        """The texts of ``dc:rights``."""
        return self._texts(DC, "rights")

    @property
    def title(self) -> str:
        """The first ``dc:title``; "" without one."""
        return next(iter(self._texts(DC, "title")), "")

    @property
    def creator(self) -> str:
        """The names of ``dc:creator``, in order; "" without any."""
        return ", ".join(self._texts(DC, "creator"))

    def _texts(self, namespace: str, local: str) -> tuple[str, ...]:
        found = (meta.value for meta in self.metas if (meta.namespace, meta.local) == (namespace, local))
        return tuple(value for value in found if value)


def may_be_epub(capture: Capture) -> bool:
    """Whether the bytes are an EPUB's, or an archive's that is served as one."""
    served_as_one = capture.media_type == "application/epub+zip" and capture.body.startswith(b"PK\x03\x04")
    return served_as_one or document(capture.body) is Kind.EPUB


def epub_of(capture: Capture) -> Epub:
    """The publication in a capture; use as ``capture.parsed(epub_of)``. Never raises."""
    if not may_be_epub(capture):
        return Epub(trouble="not an EPUB")
    try:
        return _read(Archive(capture.body))
    except Malformed as error:
        return Epub(trouble=str(error))
    except Exception as error:  # whatever else an archive does to its readers
        return Epub(trouble=f"could not be read: {type(error).__name__}")


class _Reader:
    """Gathers what the packages of one archive say."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self.metas: list[Meta] = []
        self.links: list[Link] = []
        self.prefixes: list[tuple[str, str]] = []
        self.packages: list[bytes] = []
        self.places: list[str] = []
        self.trouble = ""

    def file(self, name: str, limit: int) -> list[bytes]:
        """The entries called ``name`` that can be read; for the others there is trouble."""
        try:
            return self._archive.read(name, limit)
        except Malformed as error:
            self.note(str(error))
            return []

    def note(self, trouble: str) -> None:
        """Remember the first trouble."""
        self.trouble = self.trouble or trouble

    def tree(self, content: bytes, name: str, limit: int) -> etree._Element | None:
        """A file's root element; of broken markup what can be read, and trouble."""
        try:
            return parse_xml(content, limit=limit)
        except Malformed as error:
            self.note(f"{name}: {error}")
        try:
            return parse_xml(content, limit=limit, recover=True)
        except Malformed:
            return None


def _read(archive: Archive) -> Epub:
    reader = _Reader(archive)
    names = archive.names
    paths = _package_paths(reader, names)
    found = [(path, content) for path in paths for content in reader.file(path, PACKAGE_LIMIT)]
    for path, content in found[:PACKAGES]:
        reader.places.append(path)
        _read_package(reader, content)
    if not reader.packages:
        reader.note("no package document")
    lock = _lock(reader, archive, names)
    return Epub(
        metas=tuple(reader.metas),
        links=tuple(reader.links),
        prefixes=tuple(reader.prefixes),
        packages=tuple(reader.packages),
        places=tuple(reader.places),
        drm=bool(lock),
        lock=lock,
        trouble=reader.trouble,
    )


def _package_paths(reader: _Reader, names: list[str]) -> list[str]:
    """The package documents: those that the container names, then those that only look like one."""
    there = set(names)
    paths: dict[str, None] = {}
    containers = reader.file(CONTAINER, SMALL)
    if not containers:
        reader.note("no container.xml")
    for content in containers:
        root = reader.tree(content, CONTAINER, SMALL)
        for element in () if root is None else root.iter("{*}rootfile"):
            path = (element.get("full-path") or "").lstrip("/")
            media_type = element.get("media-type")
            if media_type not in (None, "application/oebps-package+xml"):
                continue
            named = next((name for name in (path, unquote(path)) if name in there), None)
            if named is None:
                reader.note("the container names a package that is not there")
            else:
                paths[named] = None
    paths |= dict.fromkeys(
        name for name in names if name.lower().endswith(".opf") and not _RESOURCE_FORK.search(name)
    )
    if len(paths) > PACKAGES:
        reader.note(f"more than {PACKAGES} package documents")
    return list(paths)[:PACKAGES]


def _read_package(reader: _Reader, content: bytes) -> None:
    number = len(reader.packages)
    reader.packages.append(content)
    root = reader.tree(content, "package", PACKAGE_LIMIT)
    if root is None:
        return
    declared = _PREFIX.findall((root.get("prefix") or "")[:10_000])
    reader.prefixes += [(prefix[:100], uri[:LONGEST]) for prefix, uri in declared[:100]]
    known = {prefix.lower(): uri for prefix, uri in (*RESERVED_PREFIXES.items(), *declared)}
    where = f"package[{number}]/metadata" if number else "metadata"
    places = [child for child in children(root) if name_of(child)[1].lower() == "metadata"]
    if not places:
        reader.note("a package without metadata")
    for place in places:
        # OPF 2 allowed dc-metadata and x-metadata between the two.
        elements = [(child, True) for child in place.iterdescendants() if isinstance(child.tag, str)]
        for index, (element, _) in enumerate([(place, False), *elements]):
            if len(reader.metas) + len(reader.links) >= METAS:
                reader.note(f"more than {METAS} properties")
                return
            _read_element(reader, element, known, where, index - 1)


def _read_element(
    reader: _Reader, element: etree._Element, known: dict[str, str], where: str, index: int
) -> None:
    namespace, local = name_of(element)
    locator = where if index < 0 else f"{where}/{local[:50]}[{index}]"
    refines = (element.get("refines") or "")[:LONGEST]
    for name, value in element.attrib.items():
        space, brace, own = str(name).rpartition("}")
        if brace and own != "lang" and space[1:] not in (OPF, "http://www.w3.org/2001/XMLSchema-instance"):
            reader.metas.append(_meta(own, space[1:], own, str(value), refines, f"{locator}/@{own[:50]}"))
    if index < 0:
        return
    if namespace in (OPF, "") and local == "link":
        rel, href = element.get("rel") or "", (element.get("href") or "").strip()
        reader.links.append(
            Link(rel=rel.strip()[:LONGEST], href=href[:LONGEST], refines=refines, locator=locator)
        )
    elif namespace in (OPF, "") and local == "meta":
        # EPUB 3: <meta property="a:b">value</meta>; EPUB 2: <meta name="a:b" content="value"/>. Both may stand
        # on one element, and neither form is held against a publication of the other version.
        text = "".join(element.itertext()).strip()
        said = element.get("content")
        for attribute in ("property", "name"):
            written = (element.get(attribute) or "").strip()
            if written:
                prefix, colon, own = written.rpartition(":")
                uri = known.get(prefix.lower(), "") if colon else ""
                first, second = (text, said) if attribute == "property" else (said, text)
                value = first if first and first.strip() else second or ""
                reader.metas.append(_meta(written, uri, own, value, refines, locator))
    else:
        prefix = f"{element.prefix}:" if element.prefix else ""
        reader.metas.append(_meta(prefix + local, namespace, local, (element.text or ""), refines, locator))


def _meta(name: str, namespace: str, local: str, value: str, refines: str, locator: str) -> Meta:
    return Meta(
        name=name[:LONGEST],
        namespace=namespace[:LONGEST],
        local=local[:LONGEST],
        value=value.strip()[:LONGEST],
        refines=refines,
        locator=locator,
    )


def _lock(reader: _Reader, archive: Archive, names: list[str]) -> str:
    """The file by which content is locked; "" when none is."""
    there = set(names)
    for name in LOCKS:
        if name in there:
            return name
    if archive.encrypted:
        return "the archive"
    for content in reader.file(ENCRYPTION, SMALL):
        root = reader.tree(content, ENCRYPTION, SMALL)
        for data in () if root is None else root.iter("{*}EncryptedData"):
            method = data.find("{*}EncryptionMethod")
            algorithm = (method.get("Algorithm") or "") if method is not None else ""
            if algorithm.strip().lower() not in FONTS:
                return ENCRYPTION
    return ""
