"""XMP packets in every form that writers use; see :func:`xmp`."""

from __future__ import annotations

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
PLUS = "http://ns.useplus.org/ldf/xmp/1.0/"
VOCABULARY = "http://ns.useplus.org/ldf/vocab/"
TDM = "http://www.w3.org/ns/tdmrep/"
RSL = "https://rslstandard.org/rsl"
REFUSAL = (
    f'<rsl:rsl xmlns:rsl="{RSL}"><rsl:content url="https://h.example/work.png">'
    '<rsl:license><rsl:prohibits type="usage">ai-train</rsl:prohibits></rsl:license></rsl:content></rsl:rsl>'
)
"""Terms in RSL, as they stand inside a file: ``ai-train`` prohibited."""


def xmp(
    mining: str = "",
    *,
    form: str = "element",
    prefix: str = "plus",
    attributes: str = "",
    extra: str = "",
    encoding: str = "utf-8",
    wrapped: bool = True,
) -> bytes:
    """A packet with ``plus:DataMining``, and ``attributes`` and ``extra`` elements of its description.

    ``mining``: a key of the vocabulary (``DMI-PROHIBITED``) or any URI; empty: the property is left out.
    ``form``: ``element``, ``attribute``, ``resource`` (rdf:resource), ``Bag``, ``Seq`` or ``Alt``.
    ``wrapped``: inside ``<?xpacket …?>``, which names the encoding by its byte order mark.
    """
    uri = mining if ":" in mining else VOCABULARY + mining
    name = f"{prefix}:DataMining"
    forms = {
        "element": f"<{name}>{uri}</{name}>",
        "attribute": "",
        "resource": f'<{name} rdf:resource="{uri}"/>',
        **{
            array: f"<{name}><rdf:{array}><rdf:li>{uri}</rdf:li></rdf:{array}></{name}>"
            for array in ("Bag", "Seq", "Alt")
        },
    }
    element = forms[form] if mining else ""
    if mining and form == "attribute":
        attributes = f'{name}="{uri}" {attributes}'
    text = (
        '<x:xmpmeta xmlns:x="adobe:ns:meta/">'
        f'<rdf:RDF xmlns:rdf="{RDF}">'
        f'<rdf:Description rdf:about="" xmlns:{prefix}="{PLUS}" xmlns:tdm="{TDM}" {attributes}>'
        f"{element}{extra}</rdf:Description></rdf:RDF></x:xmpmeta>"
    )
    if wrapped:
        begin = '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>'
        text = begin + text + " " * 100 + '<?xpacket end="w"?>'
    return text.encode(encoding)
