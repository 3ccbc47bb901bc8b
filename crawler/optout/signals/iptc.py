"""IPTC/PLUS Data Mining: what a photographer wrote into the picture.

IPTC Photo Metadata Standard 2023.1 to 2025.1 (https://iptc.org/std/photometadata/specification/), property
``plus:DataMining`` with the PLUS vocabulary (https://ns.useplus.org/LDF/ldf-XMPSpecification#DataMining). It is
one property of the file's XMP::

    plus:DataMining = "http://ns.useplus.org/ldf/vocab/" key

Several values in several packets are all heard. The keys that send the reader elsewhere (constraints, encoded
rights expressions) prohibit everything, because no machine reads what they refer to; it is recorded as terms.
``DMI-ALLOWED`` is a permission like any other: it lifts nothing, and licenses only where ``iptc`` is accepted.
The same property in the metadata assertions of C2PA manifests (``cawg.metadata``) can reserve.

What a picture's metadata may hold and nobody could read is told here, once for all signals of XMP.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from crawler.optout.grammar.c2pa import manifests_trusting, may_hold
from crawler.optout.grammar.container.walk import metadata_of
from crawler.optout.grammar.plus import (
    ALLOWED,
    NAMESPACE,
    Key,
    constrains,
    hidden_in,
    keys_in,
    keys_of,
    values_in_json,
)
from crawler.optout.grammar.xmp import Value, Xmp, xmp_of
from crawler.optout.model import (
    Asset,
    Basis,
    Capture,
    Carrier,
    Context,
    Evidence,
    Preference,
    Purpose,
    Signal,
    Statement,
    quote,
)

EXTENSION = "http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
RIGHTS = "http://ns.adobe.com/xap/1.0/rights/"

TERMS = 500
"""Characters of terms that are recorded."""

_SPACE = re.compile(r"[\x00-\x20\x7f]+")
_REFERS = {
    "DMI-PROHIBITED-SEECONSTRAINT": ((NAMESPACE, "OtherConstraints"),),
    "DMI-PROHIBITED-SEEEMBEDDEDRIGHTSEXPR": ((EXTENSION, "EncRightsExpr"), (EXTENSION, "EmbdEncRightsExpr")),
    "DMI-PROHIBITED-SEELINKEDRIGHTSEXPR": ((EXTENSION, "LinkedRightsExpr"), (EXTENSION, "LinkedEncRightsExpr")),
}
_ASK = ((RIGHTS, "WebStatement"), (NAMESPACE, "LicensorURL"))
"""Where a file says whom to ask."""

_LICENSOR = ("LicensorName", "LicensorURL", "LicensorEmail")
"""Who is to be asked for a licence, by the file's own word: a published business address. Neither the creator's
name nor telephone numbers are recorded."""

_NAME = 200
"""Characters of each of these."""


def read_embedded(capture: Capture, asset: Asset, context: Context) -> Iterable[Statement]:
    """``plus:DataMining`` of every packet; without a prohibition, what else may be meant as one."""
    xmp = capture.parsed(xmp_of)
    said = list(_properties(capture, xmp))
    said += _asserted(capture, context)
    said += _broken(capture, xmp, {one.purpose for one in said if one.preference is Preference.DISALLOW})
    if not _reserves(said):
        said += _hidden(capture)
    if not _reserves(said):
        said += _constraints(capture, xmp)
    yield from said
    trouble = "; ".join(filter(None, (capture.parsed(metadata_of).trouble, xmp.trouble)))
    if trouble:
        evidence = quote(capture, Carrier.EMBEDDED, "metadata", trouble)
        yield _statement(Purpose.ANY, Preference.UNREADABLE, Basis.STATED, evidence)


def _properties(capture: Capture, xmp: Xmp) -> Iterator[Statement]:
    for value, meant in _plus(xmp, "DataMining"):
        evidence = quote(capture, Carrier.EMBEDDED, value.locator, value.written)
        for key in keys_of(value.text):
            exact = value.exact and key.exact and meant
            if key.key == ALLOWED and exact and value.grants:
                yield _statement(Purpose.TDM, Preference.ALLOW, Basis.STATED, evidence)
            yield from _prohibited(key, evidence, exact, _terms(xmp, key))


def _broken(capture: Capture, xmp: Xmp, heard: set[Purpose]) -> Iterator[Statement]:
    """Packets that are not well-formed can only reserve, so their bytes are as good as their markup."""
    for part in xmp.broken:
        for key in keys_in(part.data):
            if not heard.issuperset(key.prohibits):
                evidence = quote(capture, Carrier.EMBEDDED, part.locator, key.key)
                yield from _prohibited(key, evidence, False, _terms(xmp, key))


def _asserted(capture: Capture, context: Context) -> Iterator[Statement]:
    """The same property in the metadata assertions of C2PA manifests, where it can only reserve."""
    if not capture.parsed(may_hold):
        return
    for assertion in capture.parsed(manifests_trusting(context.trust_anchors)).assertions:
        if assertion.trains:
            continue
        values = values_in_json(assertion.data)
        if values is None:
            evidence = quote(capture, Carrier.EMBEDDED, assertion.locator, assertion.data)
            yield _statement(Purpose.ANY, Preference.UNREADABLE, Basis.STATED, evidence)
        for name, text in values or ():
            evidence = quote(capture, Carrier.EMBEDDED, assertion.locator, f"{name} = {text}")
            for key in keys_of(text):
                yield from _prohibited(key, evidence, key.exact, None)


def _hidden(capture: Capture) -> Iterator[Statement]:
    """A key where nobody looks for one: in a form of markup that is not read, or anywhere in the file."""
    metadata = capture.parsed(metadata_of)
    parts = [(part.data, f"{part.locator} > ") for part in (*metadata.xmp, *metadata.texts)]
    for data, where in (*parts, (capture.body, "")):
        found = hidden_in(data)
        if found is not None:
            key, at = found
            evidence = quote(capture, Carrier.EMBEDDED, f"{where}byte {at}", key.key)
            yield from _prohibited(key, evidence, False, None)
            return


def _constraints(capture: Capture, xmp: Xmp) -> Iterator[Statement]:
    """Constraints in prose, where they speak of what a crawler does and no prohibition refers to them."""
    for value, _ in _plus(xmp, "OtherConstraints"):
        if constrains(value.text):
            evidence = quote(capture, Carrier.EMBEDDED, value.locator, value.written)
            terms = value.text[:TERMS]
            yield _statement(Purpose.TDM, Preference.DISALLOW, Basis.INFERRED, evidence, terms)


def _plus(xmp: Xmp, local: str) -> Iterator[tuple[Value, bool]]:
    """The values of a PLUS property, and whether it is spelled as such; the prefix may tell what is meant."""
    for namespace, spelled in xmp.spellings(local.lower()):
        for value in xmp.values(namespace, spelled):
            if "useplus.org" in namespace.lower() or value.name.lower().startswith("plus:"):
                yield value, namespace == NAMESPACE and spelled == local


def _prohibited(key: Key, evidence: Evidence, exact: bool, terms: str | None) -> Iterator[Statement]:
    basis = Basis.STATED if exact else Basis.RECOVERED
    for purpose in key.prohibits:
        yield _statement(purpose, Preference.DISALLOW, basis, evidence, terms)


def _terms(xmp: Xmp, key: Key) -> str | None:
    """What the key refers to, or else the address where the file says whom to ask; behind it the licensor."""
    places = (*_REFERS.get(key.key, ()), *_ASK)
    base = next((value.text[:TERMS] for place in places for value in xmp.values(*place)), None)
    first = (next(iter(xmp.values(NAMESPACE, local)), None) for local in _LICENSOR)
    said = [_SPACE.sub(" ", value.text)[:_NAME] for value in first if value is not None]
    licensor = ", ".join(one for one in said if one != base)
    if not licensor:
        return base
    return f"{base} (licensor: {licensor})" if base else f"licensor: {licensor}"


def _reserves(said: Iterable[Statement]) -> bool:
    return any(statement.preference is Preference.DISALLOW for statement in said)


def _statement(
    purpose: Purpose, preference: Preference, basis: Basis, evidence: Evidence, terms: str | None = None
) -> Statement:
    return Statement(
        signal="iptc", purpose=purpose, preference=preference, basis=basis, evidence=evidence, terms=terms
    )


SIGNAL = Signal(
    name="iptc",
    title="IPTC/PLUS Data Mining",
    spec="https://iptc.org/std/photometadata/specification/",
    version="2023.1 to 2025.1",
    readers={Carrier.EMBEDDED: read_embedded},
    meanings=(
        ("plus:DataMining = DMI-PROHIBITED", "mining and search are reserved"),
        ("DMI-PROHIBITED-AIMLTRAINING", "training is reserved"),
        ("DMI-PROHIBITED-GENAIMLTRAINING", "training of generative models is reserved"),
        ("DMI-PROHIBITED-EXCEPTSEARCHENGINEINDEXING", "mining is reserved, search is not"),
        ("DMI-PROHIBITED-SEE…", "mining and search are reserved; what it refers to is recorded as terms"),
        ("xmpRights:WebStatement, plus:Licensor beside a prohibition", "whom to ask, recorded as terms"),
        ("an unknown DMI- key", "recovered: mining and search are reserved"),
        ("a value that is no key", "recovered: mining is reserved"),
        ("the key alone, its English label, another case or slash", "recovered: what the key reserves"),
        ("DMI-ALLOWED", "allowed; licenses only where iptc is accepted by name"),
        ("DMI-UNSPECIFIED, or an empty value", "nothing"),
        ("plus:OtherConstraints that speak of AI, mining or training", "inferred: mining is reserved"),
        ("plus:DataMining in a C2PA metadata assertion", "what the key reserves"),
        ("broken XML, or bytes anywhere in the file, with DMI-PROHIBITED", "recovered: what the key reserves"),
        ("metadata that cannot be followed to its end", "unreadable"),
    ),
)
