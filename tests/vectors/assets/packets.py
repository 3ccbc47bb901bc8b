"""Small JPEGs and drawings whose XMP takes every form and spelling; see :func:`described`."""

from __future__ import annotations

import struct
from collections.abc import Callable
from functools import partial

from tests.vectors.assets.containers import app1, app13, itxt, jpeg, png, resource, segment, svg, tiff
from tests.vectors.assets.xmp import PLUS, RDF, RSL, TDM, VOCABULARY, xmp

KEYS = (
    "DMI-UNSPECIFIED",
    "DMI-ALLOWED",
    "DMI-PROHIBITED-AIMLTRAINING",
    "DMI-PROHIBITED-GENAIMLTRAINING",
    "DMI-PROHIBITED-EXCEPTSEARCHENGINEINDEXING",
    "DMI-PROHIBITED",
    "DMI-PROHIBITED-SEECONSTRAINT",
    "DMI-PROHIBITED-SEEEMBEDDEDRIGHTSEXPR",
    "DMI-PROHIBITED-SEELINKEDRIGHTSEXPR",
)
NO = VOCABULARY + "DMI-PROHIBITED"
YES = VOCABULARY + "DMI-ALLOWED"
SPACES = " ".join(
    f'xmlns:{prefix}="{space}"'
    for prefix, space in {
        "plus": PLUS,
        "tdm": TDM,
        "rsl": RSL,
        "Iptc4xmpExt": "http://iptc.org/std/Iptc4xmpExt/2008-02-29/",
        "xmpRights": "http://ns.adobe.com/xap/1.0/rights/",
        "xmpMM": "http://ns.adobe.com/xap/1.0/mm/",
        "dc": "http://purl.org/dc/elements/1.1/",
        "photoshop": "http://ns.adobe.com/photoshop/1.0/",
        "my": "https://h.example/ns/",
    }.items()
)


def described(inside: str, *, attributes: str = 'rdf:about=""', node: str = "rdf:Description") -> str:
    """A packet with one node that holds ``inside``; every usual prefix is declared on ``rdf:RDF``."""
    return (
        f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="{RDF}" {SPACES}>'
        f"<{node} {attributes}>{inside}</{node}></rdf:RDF></x:xmpmeta>"
    )


def mining(value: str) -> str:
    """The property as an element with ``value`` as it stands."""
    return f"<plus:DataMining>{value}</plus:DataMining>"


def photo(packet: str | bytes, *more: str | bytes) -> Callable[[], bytes]:
    """Builds a JPEG that holds each packet in a segment of its own."""
    packets = [one if isinstance(one, bytes) else one.encode() for one in (packet, *more)]
    return lambda: jpeg(*map(app1, packets))


def valued(value: str) -> Callable[[], bytes]:
    """Builds a JPEG whose ``plus:DataMining`` is ``value``."""
    return photo(described(mining(value)))


def terms(content: str, *, of: str = "rsl:rsl") -> str:
    """RSL terms as they stand inside a packet."""
    return f"<{of}>{content}</{of}>"


def content(licence: str, url: str = "https://h.example/i.jpg") -> str:
    """One content element of RSL terms."""
    return f'<rsl:content url="{url}"><rsl:license>{licence}</rsl:license></rsl:content>'


def two_pages(packet: bytes) -> bytes:
    """A TIFF whose second page has metadata."""
    first, offset = tiff(), len(tiff())
    page = struct.pack("<HHHII", 1, 700, 1, len(packet), offset + 18) + bytes(4) + packet
    return first[:-4] + struct.pack("<I", offset) + page


PROHIBITS = '<rsl:prohibits type="usage">ai-train</rsl:prohibits>'
FREE = '<rsl:permits type="usage">all</rsl:permits><rsl:payment type="free"/>'
RSL_NO = terms(content(PROHIBITS))
RSL_FREE = terms(content(FREE))
CONSTRAINTS = (
    "<plus:OtherConstraints><rdf:Alt><rdf:li xml:lang='x-default'>{}</rdf:li></rdf:Alt></plus:OtherConstraints>"
)
TDM_NO = "<tdm:reservation>1</tdm:reservation>"
BROKEN_END = "</rdf:Wrong></rdf:RDF></x:xmpmeta>"

ASSETS: dict[str, Callable[[], bytes]] = {
    **{f"{key.lower()}.jpg": valued(VOCABULARY + key) for key in KEYS},
    # Forms of the value.
    "bag.jpg": photo(xmp("DMI-PROHIBITED", form="Bag")),
    "seq.jpg": photo(xmp("DMI-PROHIBITED", form="Seq")),
    "alt.jpg": photo(xmp("DMI-PROHIBITED", form="Alt")),
    "bag-resource.jpg": valued(f'<rdf:Bag><rdf:li rdf:resource="{NO}"/></rdf:Bag>'),
    "bag-two.jpg": valued(f"<rdf:Bag><rdf:li>{YES}</rdf:li><rdf:li>{NO}</rdf:li></rdf:Bag>"),
    "rdf-value.jpg": photo(
        described(
            '<plus:DataMining rdf:parseType="Resource">'
            f"<rdf:value>{VOCABULARY}DMI-PROHIBITED-AIMLTRAINING</rdf:value>"
            "<my:note>as agreed</my:note></plus:DataMining>"
        )
    ),
    "rdf-value-attribute.jpg": photo(described(f'<plus:DataMining rdf:value="{NO}" my:note="x"/>')),
    "nested-description.jpg": valued(f'<rdf:Description rdf:about="{NO}"/>'),
    "nested-typed.jpg": valued(f"<my:Term><rdf:value>{NO}</rdf:value></my:Term>"),
    "typed-node.jpg": photo(described(mining(NO), node="my:Photo")),
    "typed-node-attribute.jpg": photo(described("", attributes=f'plus:DataMining="{NO}"', node="my:Photo")),
    "comment-inside.jpg": valued("http://ns.useplus.org/ldf/vocab/DMI-<!-- -->PROHIBITED"),
    "references.jpg": valued(NO.replace("DMI", "&#68;&#x4D;I")),
    "cdata.jpg": valued(f"<![CDATA[{NO}]]>"),
    "whitespace.jpg": valued(f"\n    {NO}\n  "),
    "several-rdf.jpg": photo(
        '<x:xmpmeta xmlns:x="adobe:ns:meta/">'
        + described("").partition(">")[2].removesuffix("</x:xmpmeta>")
        + described(mining(NO)).partition(">")[2]
    ),
    "several-roots.jpg": photo(described("") + described(mining(NO))),
    "in-ingredient.jpg": photo(
        described(
            f"<xmpMM:Pantry><rdf:Bag><rdf:li><rdf:Description>{mining(NO)}</rdf:Description></rdf:li></rdf:Bag></xmpMM:Pantry>"
        )
    ),
    # Spellings of the value.
    "bare-key.jpg": valued("DMI-PROHIBITED-AIMLTRAINING"),
    "https-key.jpg": valued("https://ns.useplus.org/ldf/vocab/DMI-PROHIBITED"),
    "lower-case-key.jpg": valued("http://ns.useplus.org/ldf/vocab/dmi-prohibited-genaimltraining"),
    "slash-key.jpg": valued(NO + "/"),
    "two-keys.jpg": valued(f"{YES}, {VOCABULARY}DMI-PROHIBITED-AIMLTRAINING"),
    "label-ai.jpg": valued("Prohibited for AI/ML training"),
    "label-generative.jpg": valued("Prohibited for Generative AI/ML training"),
    "label-search.jpg": valued("Prohibited except for search engine indexing"),
    "label-prohibited.jpg": valued("Prohibited"),
    "label-constraint.jpg": valued("Prohibited, see Other Constraints property"),
    "label-embedded.jpg": valued("Prohibited, see Embedded Encoded Rights Expression property"),
    "label-linked.jpg": valued("Prohibited, see iptcExt:LinkedEncRightsExpr"),
    "label-allowed.jpg": valued("Allowed"),
    "label-unspecified.jpg": valued("Unspecified - no prohibition defined"),
    "label-unknown.jpg": valued("Ask me first"),
    "empty-value.jpg": valued("  "),
    "empty-attribute.jpg": photo(described("", attributes='rdf:about="" plus:DataMining=""')),
    "label-undeclared.jpg": photo(
        described("", attributes='rdf:about="" plus:DataMining="Prohibited"').replace(
            f'xmlns:plus="{PLUS}"', ""
        )
    ),
    # In a form that XMP does not have.
    "node-reference-compressed.png": lambda: png(
        itxt(
            described(
                f'<plus:DataMining rdf:nodeID="n"/></rdf:Description>'
                f'<rdf:Description rdf:nodeID="n" rdf:value="{NO}">'
            ).encode(),
            packed=True,
        )
    ),
    # A packet from which everything was removed, and its wrapper left.
    "empty-wrapper.jpg": photo(
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>\n\n<?xpacket end="w"?>'
    ),
    # Constraints in other words.
    "constraints-words.jpg": photo(described(CONSTRAINTS.format("No artificial intelligence, please"))),
    "constraints-german.jpg": photo(described(CONSTRAINTS.format("Nutzung durch KI untersagt"))),
    "constraints-french.jpg": photo(described(CONSTRAINTS.format("Fouille de textes et de données interdite"))),
    "constraints-japanese.jpg": photo(described(CONSTRAINTS.format("AI学習への使用を禁じます"))),
    # Where a permission may not stand.
    "allowed-other-picture.jpg": lambda: jpeg() + jpeg(app1(xmp("DMI-ALLOWED"))),
    "prohibited-other-picture.jpg": lambda: jpeg() + jpeg(app1(xmp("DMI-PROHIBITED"))),
    "allowed-other-page.tiff": partial(two_pages, xmp("DMI-ALLOWED")),
    "prohibited-other-page.tiff": partial(two_pages, xmp("DMI-PROHIBITED")),
    "allowed-bare.jpg": valued("DMI-ALLOWED"),
    "allowed-bag.jpg": photo(xmp("DMI-ALLOWED", form="Bag")),
    "allowed-elsewhere.jpg": photo(
        described(mining(YES), attributes='rdf:about="https://h.example/other.jpg"')
    ),
    "allowed-uuid.jpg": photo(described(mining(YES), attributes='rdf:about="uuid:faf5bdd5-ba3d-11da-ad31"')),
    "allowed-near.jpg": photo(described(mining(YES)).replace(PLUS, "https://ns.useplus.org/ldf/xmp/1.0")),
    "allowed-in-ingredient.jpg": photo(
        described(
            f"<xmpMM:Pantry><rdf:Bag><rdf:li><rdf:Description>{mining(YES)}</rdf:Description></rdf:li></rdf:Bag></xmpMM:Pantry>"
        )
    ),
    "allowed-roots.jpg": photo(described(mining(YES)) * 2),
    "allowed-constraints.jpg": photo(described(mining(YES) + CONSTRAINTS.format("Not for AI."))),
    # Namespaces.
    "near-namespace.jpg": photo(described(mining(NO)).replace(PLUS, "https://ns.useplus.org/ldf/xmp/1.0")),
    "prefix-alone.jpg": photo(described(mining(NO)).replace(PLUS, "https://h.example/plus")),
    "other-namespace.jpg": photo(described("<my:DataMining>yes</my:DataMining>")),
    "lower-case-name.jpg": photo(described(f"<plus:datamining>{NO}</plus:datamining>")),
    # Encodings and wrappers.
    "wrong-declaration.jpg": photo('<?xml version="1.0" encoding="UTF-16"?>' + described(mining(NO))),
    "declaration-inside.jpg": photo('<?xpacket begin=""?><?xml version="1.0"?>' + described(mining(NO))),
    "unknown-encoding.jpg": photo('<?xml version="1.0" encoding="hex"?>' + described(mining(NO))),
    "leading-nuls.jpg": photo(b"\0\0\0" + described(mining(NO)).encode() + b"\0" * 40),
    "latin-1.jpg": photo(described("<dc:format>caf\xe9</dc:format>" + mining(NO)).encode("latin-1")),
    "latin-1-declared.jpg": photo(
        (
            '<?xml version="1.0" encoding="iso-8859-1"?>'
            + described("<dc:format>\xe9</dc:format>" + mining(NO))
        ).encode("latin-1")
    ),
    "utf-16-bom.jpg": photo(described(mining(NO)).encode("utf-16")),
    "utf-32-bom.jpg": photo(described(mining(NO)).encode("utf-32")),
    "bare-rdf.jpg": photo(
        described(mining(NO)).removeprefix('<x:xmpmeta xmlns:x="adobe:ns:meta/">').removesuffix("</x:xmpmeta>")
    ),
    # Broken.
    "undeclared-prefix.jpg": photo(described(mining(NO)).replace(SPACES, "")),
    "broken-utf-16.jpg": photo(described(mining(NO)).replace("</rdf:Description>", "").encode("utf-16-le")),
    "broken-constraint.jpg": photo(
        described(mining(VOCABULARY + "DMI-PROHIBITED-SEECONSTRAINT") + CONSTRAINTS.format("R&D only")).replace(
            "</rdf:Description>", ""
        )
    ),
    "broken-clean.jpg": photo(described("<dc:title>R&D</dc:title>")),
    "ends-early.jpg": photo(described(mining(NO))[:-200].partition("<plus:")[0]),
    "no-markup.jpg": photo("DMI-UNSPECIFIED"),
    "garbage.jpg": photo(bytes(range(128, 256))),
    "padding.jpg": photo(b" \0\n" * 50),
    "entity-declared.jpg": photo('<!DOCTYPE x [<!ENTITY no "DMI-PROHIBITED">]>' + described(mining("&no;"))),
    "entity-unknown.jpg": photo(described(mining("&no;DMI-PROHIBITED"))),
    # Beyond XMP.
    "comment-segment.jpg": lambda: jpeg(segment(0xFE, b"rights: DMI-PROHIBITED-AIMLTRAINING")),
    "comment-segment-16.jpg": lambda: jpeg(segment(0xFE, "DMI-PROHIBITED-AIMLTRAINING.".encode("utf-16-le"))),
    "comment-segment-allowed.jpg": lambda: jpeg(segment(0xFE, b"rights: DMI-ALLOWED")),
    "attribute.svg": lambda: svg().replace(
        b"<svg ", f'<svg xmlns:plus="{PLUS}" plus:DataMining="{NO}" '.encode()
    ),
    "allowed.svg": lambda: svg(described(mining(YES)).encode()),
    "illustrator.svg": lambda: svg(
        before=b'<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">\n'
    ),
    # What a prohibition refers to.
    "constraint.jpg": photo(
        described(mining(VOCABULARY + KEYS[6]) + CONSTRAINTS.format("Only with a licence of Example Ltd"))
    ),
    "embedded-expression.jpg": photo(
        described(
            mining(VOCABULARY + KEYS[7])
            + '<Iptc4xmpExt:EmbdEncRightsExpr><rdf:Bag><rdf:li rdf:parseType="Resource">'
            "<Iptc4xmpExt:EncRightsExpr>{&quot;policy&quot;: 1}</Iptc4xmpExt:EncRightsExpr>"
            "<Iptc4xmpExt:RightsExprEncType>application/ld+json</Iptc4xmpExt:RightsExprEncType>"
            "</rdf:li></rdf:Bag></Iptc4xmpExt:EmbdEncRightsExpr>"
        )
    ),
    "linked-expression.jpg": photo(
        described(
            mining(VOCABULARY + KEYS[8])
            + '<Iptc4xmpExt:LinkedEncRightsExpr><rdf:Bag><rdf:li Iptc4xmpExt:LinkedRightsExpr="https://h.example/policy.json"/>'
            "</rdf:Bag></Iptc4xmpExt:LinkedEncRightsExpr>"
        )
    ),
    "web-statement.jpg": photo(
        described(mining(NO), attributes='rdf:about="" xmpRights:WebStatement="https://h.example/terms"')
    ),
    "licensor.jpg": photo(
        described(
            mining(NO)
            + '<plus:Licensor><rdf:Seq><rdf:li rdf:parseType="Resource"><plus:LicensorURL>https://h.example/licensor</plus:LicensorURL>'
            "</rdf:li></rdf:Seq></plus:Licensor>"
        )
    ),
    "licensor-named.jpg": photo(
        described(
            mining(NO) + '<plus:Licensor><rdf:Seq><rdf:li rdf:parseType="Resource">'
            "<plus:LicensorName>Example Pictures, Ltd</plus:LicensorName>"
            "<plus:LicensorURL>https://h.example/licensor</plus:LicensorURL>"
            "<plus:LicensorEmail>licences@h.example</plus:LicensorEmail>"
            "<plus:LicensorTelephone1>+44 20 7946 0991</plus:LicensorTelephone1>"
            "</rdf:li></rdf:Seq></plus:Licensor>"
            "<dc:creator><rdf:Seq><rdf:li>Somebody Else</rdf:li></rdf:Seq></dc:creator>",
            attributes='rdf:about="" xmpRights:WebStatement="https://h.example/terms"',
        )
    ),
    "long-constraint.jpg": photo(described(mining(VOCABULARY + KEYS[6]) + CONSTRAINTS.format("x" * 3000))),
    "constraints-ai.jpg": photo(described(CONSTRAINTS.format("Not to be used for machine learning."))),
    "constraints-print.jpg": photo(described(CONSTRAINTS.format("Print only, maintain credit. Rainy days."))),
    # TDMRep.
    "tdm-attribute.jpg": photo(
        described("", attributes='tdm:reservation="1" tdm:policy="https://h.example/p.json"')
    ),
    "tdm-hash.jpg": photo(described(TDM_NO).replace(TDM, "http://www.w3.org/ns/tdmrep#")),
    "tdm-https.jpg": photo(described(TDM_NO).replace(TDM, "https://www.w3.org/ns/tdmrep")),
    "tdm-malformed.jpg": photo(described("<tdm:reservation>true</tdm:reservation>")),
    "tdm-empty.jpg": photo(described("<tdm:reservation> </tdm:reservation>")),
    "tdm-policy.jpg": photo(described("<tdm:policy>https://h.example/p.json</tdm:policy>")),
    "tdm-both.jpg": photo(described("<tdm:reservation>0</tdm:reservation>"), described(TDM_NO)),
    "tdm-hyphen.jpg": photo(described("<tdm:tdm-reservation>1</tdm:tdm-reservation>")),
    "tdm-broken.jpg": photo(described(TDM_NO).replace("</rdf:Description>", BROKEN_END)),
    "tdm-broken-0.jpg": photo(described(TDM_NO.replace("1", "0")).replace("</rdf:Description>", BROKEN_END)),
    "tdm-undeclared.jpg": photo(described(TDM_NO).replace(SPACES, "")),
    "tdm-bytes.jpg": photo(f'<!DOCTYPE x [<!ENTITY e "x">]><x xmlns:tdm="{TDM}">{TDM_NO}&e;</x>'),
    "tdm-other.jpg": photo(described("<my:reservation>1</my:reservation>")),
    # RSL.
    "rsl-free.jpg": photo(described(RSL_FREE)),
    "rsl-literal.jpg": photo(described("<my:terms rdf:parseType='Literal'>" + RSL_NO + "</my:terms>")),
    "rsl-elsewhere.jpg": photo(described(terms(content(FREE, "https://other.example/i.jpg")))),
    "rsl-elsewhere-no.jpg": photo(described(terms(content(PROHIBITS, "https://other.example/i.jpg")))),
    "rsl-no-url.jpg": photo(described(terms(content(FREE, "")))),
    "rsl-two.jpg": photo(described(terms(content(FREE) * 2))),
    "rsl-content.jpg": photo(described(content(FREE))),
    "rsl-broken.jpg": photo(described(RSL_FREE).replace("</rdf:Description>", "")),
    "rsl-undeclared.jpg": photo(described(RSL_FREE).replace(SPACES, "")),
    "rsl-namespace.jpg": photo(described(RSL_FREE).replace(RSL, "https://rslstandard.org/rsl/1.0")),
    "rsl-unread.jpg": photo(f'<!DOCTYPE x [<!ENTITY e "x">]><rsl xmlns="{RSL}">&e;</rsl>'),
    "rsl-many.jpg": photo(described(RSL_NO * 30)),
    "rsl-none.jpg": photo(described("<dc:title>an rsl of content</dc:title>")),
    "rsl-text-free.png": lambda: png(
        itxt(RSL_FREE.replace("<rsl:rsl>", f'<rsl:rsl xmlns:rsl="{RSL}">').encode(), keyword=b"RSL")
    ),
    "rsl-text-broken.png": lambda: png(
        itxt(RSL_FREE.replace("<rsl:rsl>", f'<rsl:rsl xmlns:rsl="{RSL}"><').encode(), keyword=b"RSL")
    ),
    "rsl-text-other.png": lambda: png(itxt(b"<p>about rsl</p>", keyword=b"Comment")),
    # Credits.
    "credits-xmp.jpg": photo(
        described(
            "<dc:title><rdf:Alt><rdf:li xml:lang='x-default'>Pond\n at dusk</rdf:li></rdf:Alt></dc:title>"
            "<dc:creator><rdf:Seq><rdf:li>Ada Example</rdf:li><rdf:li>Bo Example</rdf:li></rdf:Seq>"
            "</dc:creator>"
            "<photoshop:Credit>Example Agency</photoshop:Credit>"
            "<xmpRights:UsageTerms><rdf:Alt><rdf:li xml:lang='x-default'>Ask first</rdf:li></rdf:Alt>"
            "</xmpRights:UsageTerms>"
        )
    ),
    "credits-utf-8.jpg": lambda: jpeg(app13(resource(0x0404, IIM_UTF8))),
}

IIM_UTF8 = (
    b"\x1c\x01\x5a\x00\x03\x1b%G"
    + b"\x1c\x02\x05\x80\x04\x00\x00\x00\x06"
    + "Grün".encode()[:6].ljust(6)
    + b"\x1c\x02\x6e\x00\x02ab"
    + b"\x1c\x02\x74\x7f\xffcut"
)
