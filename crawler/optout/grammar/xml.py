"""The one door through which XML from strangers is parsed.

XML 1.0, fifth edition (https://www.w3.org/TR/xml/). Nothing outside the bytes is ever opened, no entity is
expanded into the tree, and the work is bounded before the parser starts: by size, by the number of tags, and
by the depth that libxml2 allows without ``huge_tree``.
"""

from __future__ import annotations

import re

from lxml import etree

from crawler.optout.model import Malformed

LIMIT = 5 * 1024 * 1024
"""Bytes of a document, unless the caller says otherwise."""

ELEMENTS = 100_000
"""Elements of a document, unless the caller says otherwise."""

DEPTH = 256
"""Elements within elements; libxml2's own bound, which ``huge_tree=False`` keeps."""

# XMLDecl ::= '<?xml' VersionInfo EncodingDecl? SDDecl? S? '?>'
# Only encodings in which "<" is the octet 3C: in others (UTF-7, EBCDIC) tags cannot be counted beforehand.
_DECLARED = re.compile(rb"""<\?xml[^>]{0,200}?encoding\s*=\s*["']([A-Za-z][A-Za-z0-9._-]*)["']""")
_ENCODINGS = re.compile(
    rb"utf-?8|us-ascii|ascii|(?:utf-?16|iso-10646-ucs-2)(?:le|be)?|iso[-_]?8859-?\d{1,2}|latin-?1"
    rb"|(?:windows|cp)-?12\d\d|koi8-[ru]|shift_jis|euc-(?:jp|kr)|gbk?|gb2312|gb18030|big5",
    re.IGNORECASE,
)
_AMPERSAND = re.compile(rb"(<!\[CDATA\[.*?(?:\]\]>|\Z))|&(?!#?[A-Za-z0-9]+;)", re.DOTALL)
_BOUNDS = frozenset({etree.ErrorTypes.ERR_RESOURCE_LIMIT, etree.ErrorTypes.ERR_ENTITY_LOOP})


def parse_xml(
    body: bytes, *, limit: int = LIMIT, elements: int = ELEMENTS, recover: bool = False
) -> etree._Element:
    """The root element of ``body``; comments and processing instructions are left out.

    ``recover``: read what can be read of broken markup instead of refusing it. Raises ``Malformed`` for
    anything that is not XML or passes a bound, and for documents that declare entities.
    """
    if len(body) > limit:
        raise Malformed(f"more than {limit} bytes")
    declared = _DECLARED.match(body.lstrip(b"\xef\xbb\xbf \t\r\n")[:256])
    if declared is not None and not _ENCODINGS.fullmatch(declared[1]):
        raise Malformed(f"encoding {declared[1].decode('ascii')[:40]} is not read")
    # Start tags are "<" that begin no end tag. In UTF-16 end tags count too, which only errs on the safe side.
    if body.count(b"<") - body.count(b"</") > elements:
        raise Malformed(f"more than {elements} elements")
    try:
        root = _parsed(body, recover=False)
    except Malformed:
        if not recover:
            raise
        root = _parsed(_mended(body), recover=True)
    declarations = root.getroottree().docinfo.internalDTD
    if declarations is not None and next(iter(declarations.iterentities()), None) is not None:
        raise Malformed("declares entities")
    return root


def _parsed(body: bytes, *, recover: bool) -> etree._Element:
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        attribute_defaults=False,
        huge_tree=False,
        recover=recover,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(body, parser)
    except (etree.XMLSyntaxError, ValueError, LookupError) as error:
        raise Malformed(f"not XML: {str(error)[:200]}") from None
    if root is None:
        raise Malformed("not XML: no element")
    if recover and any(entry.type in _BOUNDS for entry in parser.error_log):
        raise Malformed(f"deeper than {DEPTH} elements, or entities within entities")
    return root


def _mended(body: bytes) -> bytes:
    """Broken markup without its cut end, and with the ampersands that were meant as such."""
    whole = body[: body.rfind(b">") + 1].lstrip(b" \t\r\n")
    if b"&" not in whole:  # the pattern takes half a second for 50 MiB, and nobody else has a turn meanwhile
        return whole
    return _AMPERSAND.sub(lambda match: match[1] or b"&amp;", whole)


def name_of(element: etree._Element) -> tuple[str, str]:
    """Namespace ("" for none) and local name of an element."""
    namespace, brace, local = str(element.tag).rpartition("}")
    return (namespace[1:] if brace else "", local)


def children(element: etree._Element) -> list[etree._Element]:
    """The child elements, without the entity references among them."""
    return [child for child in element if isinstance(child.tag, str)]


def text_of(element: etree._Element) -> str:
    """The element's own text, stripped."""
    return (element.text or "").strip()
