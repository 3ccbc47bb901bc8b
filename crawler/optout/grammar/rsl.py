"""Really Simple Licensing 1.0: the licence document as written.

RSL 1.0, 2025-12-10 with its errata (https://rslstandard.org/rsl)::

    rsl       = content+                      ; namespace https://rslstandard.org/rsl; @max-age days
    content   = license+ alternate* schema? copyright? terms?    ; @url @server @encrypted @lastmod
    license   = permits* prohibits* payment? reporting* legal*
    permits   = tokens                        ; @type usage | user | geo, at most one element per type
    prohibits = tokens                        ; likewise
    payment   = standard? custom? amount? accepts?               ; @type
    reporting =                               ; @type @profile @endpoint

Elements of other namespaces are ignored; an unknown one in RSL's own makes the document non-conformant, and
so does everything else that :attr:`Document.defects` lists. A document in a namespace close to RSL's, or in
none, is read the same way and is non-conformant for it. Order never matters.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree

from crawler.optout.grammar.xml import children, name_of, parse_xml, text_of
from crawler.optout.model import EXCERPT_LIMIT, Malformed

NAMESPACE = "https://rslstandard.org/rsl"
"""Exactly this, for a grant to be believed."""

ELEMENTS = 20_000
"""Elements of one document."""

MOST = 20
"""Licences of one content, rules of one licence and tokens of one rule; twice what the vocabulary offers."""

_NEAR = re.compile(r"(?:https?:)?(?://)?(?:www\.)?rslstandard\.org(?:[/#].*)?", re.IGNORECASE)

_MAY_HOLD: dict[str, frozenset[str]] = {
    "rsl": frozenset({"content"}),
    "content": frozenset({"license", "alternate", "schema", "copyright", "terms"}),
    "license": frozenset({"permits", "prohibits", "payment", "reporting", "legal"}),
    "payment": frozenset({"standard", "custom", "amount", "accepts"}),
}
_NAMES = frozenset().union(*_MAY_HOLD.values())
_ONCE = frozenset({"schema", "copyright", "terms", "payment", "standard", "custom", "amount", "accepts"})
_RULE_TYPES = frozenset({"usage", "user", "geo"})
_LIST = frozenset({"content", "license"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """Where in the document something stands."""

    locator: str
    """``content[0]/license[1]/prohibits``, counted from 0."""
    excerpt: str
    """The element's start tag, and its text where it has any."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Rule:
    """One ``permits`` or ``prohibits``."""

    type: str
    """``usage``, ``user`` or ``geo``."""
    tokens: tuple[str, ...]
    """The tokens as spelled, each once."""
    exact: bool
    """False: separated by commas, as drafts before 1.0 did."""
    place: Place
    """Where."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Payment:
    """What is asked in return."""

    type: str | None
    """As spelled; None when not given."""
    asks: tuple[str, ...]
    """Names of the children, which say how and how much."""
    amount: str | None
    """The amount as spelled; None when not given."""
    currency: str | None
    """Of the amount, as spelled."""
    place: Place
    """Where."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Licence:
    """One offer."""

    permits: tuple[Rule, ...]
    """What is permitted; none: everything that is not prohibited."""
    prohibits: tuple[Rule, ...]
    """What is prohibited."""
    payments: tuple[Payment, ...]
    """What is asked in return; none: nothing."""
    reporting: tuple[Place, ...]
    """The reports that are asked for."""
    place: Place
    """Where."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Content:
    """Terms for some URLs."""

    url: str | None
    """Absolute URL or path pattern; "": where it is placed; None: not given."""
    server: str | None
    """The server that hands out tokens; None: no token is asked for."""
    encrypted: bool
    """Whether the content is (anything but ``false``)."""
    licences: tuple[Licence, ...]
    """The offers; none is a defect."""
    place: Place
    """Where."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Document:
    """A licence document."""

    contents: tuple[Content, ...]
    """What it speaks about."""
    defects: tuple[tuple[Place, str], ...]
    """Why it does not conform, and where; none for a document whose grants may be believed."""


def is_rsl(namespace: str) -> bool:
    """Whether a namespace is RSL's, or close enough that it was meant to be."""
    return _NEAR.fullmatch(namespace) is not None


def parse_rsl(body: bytes) -> Document:
    """The document in ``body``; raises ``Malformed`` when it is not XML or not RSL at all."""
    root = parse_xml(body, elements=ELEMENTS)
    if name_of(root)[1].lower() != "rsl":
        raise Malformed(f"root is {name_of(root)[1][:60]!r}, not rsl")
    return read_rsl(root)


def read_rsl(root: etree._Element) -> Document:
    """The document under ``root``: an ``rsl`` element, or a ``content`` that stands alone, as in feeds."""
    reader = _Reader(name_of(root)[0])
    namespace, local = name_of(root)
    place = _place(root, local if local == "content" else "rsl")
    if namespace != NAMESPACE:
        reader.defects.append((place, f"namespace {namespace[:100]!r}"))
    if local.lower() == "content":
        contents: tuple[Content, ...] = (reader.content(root, _place(root, "content[0]")),)
    else:
        contents = tuple(
            reader.content(child, at)
            for child, name, at in reader.inside(root, "rsl", "")
            if name.lower() == "content"
        )
        if not contents:
            reader.defects.append((place, "no content"))
    return Document(contents=contents, defects=tuple(reader.defects))


class _Reader:
    """Walks the four levels once and collects what does not conform."""

    def __init__(self, namespace: str) -> None:
        self.namespace = namespace
        self.defects: list[tuple[Place, str]] = []

    def meant(self, namespace: str) -> bool:
        """Whether a namespace stands for RSL's in this document."""
        return namespace in ("", self.namespace) or is_rsl(namespace)

    def inside(
        self, parent: etree._Element, kind: str, path: str
    ) -> Iterator[tuple[etree._Element, str, Place]]:
        """The children of RSL's own namespace, with name and place; one that may not be there is a defect."""
        seen: Counter[str] = Counter()
        for child in children(parent):
            namespace, local = name_of(child)
            if namespace != NAMESPACE and not (self.meant(namespace) and local in _NAMES):
                continue  # somebody else's vocabulary
            index, seen[local] = seen[local], seen[local] + 1
            step = f"{local}[{index}]" if index or local in _LIST else local
            at = _place(child, f"{path}/{step}" if path else step)
            if local not in _MAY_HOLD.get(kind, ()):
                self.defects.append((at, f"{local[:60]} inside {kind}"))
            elif namespace != NAMESPACE:
                self.defects.append((at, f"namespace {namespace[:100]!r}"))
            elif index and local in _ONCE:
                self.defects.append((at, f"more than one {local}"))
            yield child, local, at

    def content(self, element: etree._Element, at: Place) -> Content:
        url = element.get("url")
        if url is None:
            self.defects.append((at, "content without url"))
        licences = tuple(
            self.licence(child, place)
            for child, name, place in self.inside(element, "content", at.locator)
            if name == "license"
        )
        if not licences:
            self.defects.append((at, "content without license"))
        if len(licences) > MOST:
            self.defects.append((at, f"more than {MOST} licences"))
        return Content(
            url=None if url is None else url.strip(),
            server=element.get("server"),
            encrypted=(element.get("encrypted") or "false").strip() != "false",
            licences=licences[:MOST],
            place=at,
        )

    def licence(self, element: etree._Element, at: Place) -> Licence:
        rules: dict[str, list[Rule]] = {"permits": [], "prohibits": []}
        payments: list[Payment] = []
        reporting: list[Place] = []
        for child, name, place in self.inside(element, "license", at.locator):
            if name in rules:
                rules[name].append(self.rule(child, name, rules[name], place))
            elif name == "payment":
                payments.append(self.payment(child, place))
            elif name == "reporting":
                self.leaf(child, name, place)
                reporting.append(place)
            elif name == "legal":
                self.leaf(child, name, place)
        return Licence(
            permits=tuple(rules["permits"][:MOST]),
            prohibits=tuple(rules["prohibits"][:MOST]),
            payments=tuple(payments[:MOST]),
            reporting=tuple(reporting[:MOST]),
            place=at,
        )

    def rule(self, element: etree._Element, name: str, before: list[Rule], at: Place) -> Rule:
        self.leaf(element, name, at)
        kind = element.get("type")
        if kind not in _RULE_TYPES:
            self.defects.append((at, f"{name} without a known type"))
        elif any(rule.type == kind for rule in before[:MOST]):
            self.defects.append((at, f"more than one {name} of type {kind}"))
        text = element.text or ""
        tokens = tuple(dict.fromkeys(text.replace(",", " ").split()))
        if len(tokens) > MOST:
            self.defects.append((at, f"more than {MOST} tokens"))
        return Rule(
            type=kind or "usage",
            tokens=tokens[:MOST],
            exact="," not in text,
            place=at,
        )

    def payment(self, element: etree._Element, at: Place) -> Payment:
        found: dict[str, etree._Element] = {}
        for child, name, place in self.inside(element, "payment", at.locator):
            self.leaf(child, name, place)
            found.setdefault(name, child)
        amount = found.get("amount")
        return Payment(
            type=element.get("type"),
            asks=tuple(found),
            amount=None if amount is None else text_of(amount)[:40],
            currency=None if amount is None else (amount.get("currency") or "").strip()[:10] or None,
            place=at,
        )

    def leaf(self, element: etree._Element, name: str, at: Place) -> None:
        for _ in self.inside(element, name, at.locator):
            pass  # whatever is inside is a defect, and is noted as one


def _place(element: etree._Element, locator: str) -> Place:
    local = name_of(element)[1]
    attributes = "".join(f' {str(key).rpartition("}")[2]}="{value}"' for key, value in element.attrib.items())
    text = text_of(element)
    tag = f"<{local}{attributes}>{text}</{local}>" if text else f"<{local}{attributes}>"
    return Place(locator=locator, excerpt=tag[:EXCERPT_LIMIT])
