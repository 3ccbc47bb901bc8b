"""Links to licences in markup, and what each of them is a licence of.

HTML ``rel=license`` (https://html.spec.whatwg.org/multipage/links.html#link-type-license) speaks of the page's
main content. A property of microdata (https://html.spec.whatwg.org/multipage/microdata.html) is of the item
around it; one of RDFa 1.1 (https://www.w3.org/TR/rdfa-core/) of the nearest subject, and of the page where none
is named. Only elements that name a licence are looked at, with what is around them::

    rel, property, itemprop = name *( SP name )
    name = "license" / ( "cc" / "dc" / "dct" / "dcterms" / "schema" / "xhv" ) ":license" / IRI ending so

What stands in a footer, beside the main content, among comments or in one of several articles may be a licence
of something else.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from selectolax.lexbor import LexborHTMLParser, LexborNode

from crawler.optout.grammar.document import CREATORS, MEDIA, LicenceLink, Node
from crawler.optout.grammar.pictures import words

MARKER = "license"
"""A page that does not hold this word, in lower case, links to no licence."""

MOST = 200
"""Elements that name a licence and are looked at; there is one more link, to nothing, when there are more."""

MOST_PROPERTIES = 5_000
"""Properties that are looked at, of all items of a page; with more, none is believed."""

MOST_NAMES = 50
"""Names of people that are looked for, in one page."""

_MOST_ARTICLES = 1_000
_CLIMB = 64

_CANDIDATES = f'[rel*="{MARKER}" i],[property*="{MARKER}" i],[itemprop*="{MARKER}" i]'
_NAMESPACES = (
    "http://creativecommons.org/ns#",
    "http://purl.org/dc/elements/1.1/",
    "http://purl.org/dc/terms/",
    "http://schema.org/",
    "https://schema.org/",
    "http://www.w3.org/1999/xhtml/vocab#",
)
_PREFIXES = frozenset({"cc", "dc", "dct", "dcterms", "schema", "xhv"})
_SCHEMA = re.compile(r"(?:https?://schema\.org/|schema:)?([A-Za-z0-9]+)\Z")

_BESIDE = {
    "aside": "aside",
    "blockquote": "quotation",
    "dialog": "dialog",
    "figure": "figure",
    "footer": "footer",
    "nav": "navigation",
    "noscript": "noscript",
    "svg": "drawing",
    "template": "template",
}
_ROLES = {"contentinfo": "footer", "complementary": "aside", "navigation": "navigation"}
_CALLED = re.compile(
    r"(?:site|page|main|global|entry|post|article|primary|secondary)?"
    r"(comment|disqus|footer|colophon|sidebar|widget|related|nav|navbar|navigation|menu|copyright)"
    r"(?:s|list)?\Z",
    re.I,
)
_STRANGERS = frozenset({"comment", "commentlist", "comments", "replies", "reply"})
"""Words for what others than the page's author write, wherever they stand in a name."""
_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+")
_ABSENT = frozenset({"has", "have", "hide", "is", "no", "not", "with", "without"})
"""How names begin that tell of a place elsewhere: ``has-sidebar``."""
_URL_OF = {"a": "href", "area": "href", "link": "href", "audio": "src", "embed": "src", "iframe": "src"} | {
    "img": "src", "source": "src", "track": "src", "video": "src", "object": "data",
}  # fmt: skip


def licences_in(
    roots: Iterable[LexborHTMLParser | LexborNode], *, flat: bool, refers: bool
) -> tuple[tuple[LicenceLink, ...], tuple[Node, ...]]:
    """The links to licences of the page, and what the markup says of other things that have one.

    ``flat``: the tree does not show what stands in what. ``refers``: items may have properties elsewhere
    (``itemref``).
    """
    roots = [*roots]
    found = _Found(flat=flat, refers=refers)
    for root in roots:
        for node in root.css(_CANDIDATES):
            if not found.take(node):
                break
    items = []
    for attribute in ("itemprop", "property"):
        wanted = [item for (_, of), item in found.items.items() if of == attribute]
        if wanted:
            owned, whole = _properties(roots, attribute)
            items += [_item(item, attribute, owned.get(item.mem_id, []), found, whole) for item in wanted]
    return tuple(found.links), (*found.named, *items)


def places(*, flat: bool) -> Callable[[LexborNode], str]:
    """Tells of the elements of one page why what stands there may speak of something else; empty: it does not.

    ``flat``: as for :func:`licences_in`.
    """
    return _Found(flat=flat, refers=False).beside


class _Subject(NamedTuple):
    """What RDFa is speaking of at some place."""

    address: str | None = None
    """Its address as written."""
    item: LexborNode | None = None
    """The element that gives it a type and no address."""
    clear: bool = True
    """False: it follows from more than is read."""


class _Found:
    """Gathers links and items from one page."""

    def __init__(self, *, flat: bool, refers: bool) -> None:
        self.links: list[LicenceLink] = []
        self.named: list[Node] = []
        self.items: dict[tuple[int, str], LexborNode] = {}
        self.flat = flat
        self.refers = refers
        self._left = MOST
        self.names_left = MOST_NAMES
        self._count: dict[str, int] = {}
        self._places: dict[int, str] = {}
        self._several: bool | None = None

    def take(self, node: LexborNode) -> bool:
        """Look at one element; False when there were too many."""
        if not self._left:
            self.links.append(LicenceLink("", "", f"more than {MOST} licences", "too many"))
            return False
        self._left -= 1
        attrs = node.attributes
        related = {name.lower() for name in _names(attrs.get("rel"))}
        if MARKER in related and (href := attrs.get("href") or attrs.get("resource")):
            self._relation(node, "rel", href)
        if MARKER in _names(attrs.get("property")) and not _redefined(node):
            self._relation(node, "property", _rdfa_value(node))
        if MARKER in _names(attrs.get("itemprop")):
            item = _around(node, "itemscope")
            if item is None:
                self._link(node, "itemprop", _value(node), "outside an item")
            else:
                self.items[item.mem_id, "itemprop"] = item
        return True

    def beside(self, node: LexborNode) -> str:
        """Why what stands here may speak of something else than the page; empty: it speaks of the page."""
        articles = 0
        for place in _up(node):
            tag = place.tag
            if tag == "head":
                return ""
            if tag == "body":
                if self.flat:
                    return "no structure"
                return "one of several articles" if articles and self._has_several(place) else ""
            if why := self._called(place):
                return why
            articles += tag == "article"
            if articles > 1:
                return "article in an article"
        return "out of sight"

    def _called(self, place: LexborNode) -> str:
        """What sort of place beside the main content an element is; empty: none."""
        known = self._places.get(place.mem_id)
        if known is None:
            attrs, tag = place.attributes, place.tag or ""
            role = (attrs.get("role") or "").strip().lower()
            known = _BESIDE.get(tag) or _ROLES.get(role) or ""
            called = f"{(attrs.get('id') or '')[:100]} {(attrs.get('class') or '')[:1000]}".split()[:20]
            if "-" in tag:
                called.append(tag[:100])  # an element of the page's own, ``<site-footer>``
            known = known or next(filter(None, map(_sort_of, called)), "")
            self._places[place.mem_id] = known
        return known

    def _has_several(self, body: LexborNode) -> bool:
        """Whether the page has more than one article, those inside others left out."""
        if self._several is None:
            articles = body.css("article")
            outer = 0
            for article in articles[:_MOST_ARTICLES]:
                outer += _around(article, tag="article") is None
            self._several = outer > 1 or len(articles) > _MOST_ARTICLES
        return self._several

    def _relation(self, node: LexborNode, attribute: str, href: str) -> None:
        """A licence of RDFa's subject, which is the page where none is named."""
        subject = _subject(node)
        if subject.address is not None:
            self.named.append(
                Node(
                    locator=f"{node.tag}[{attribute}=license][about={subject.address[:80]}]",
                    exact=not self.flat,
                    named=True,
                    aside=self.beside(node),
                    addresses=(subject.address,),
                    licences=(href,),
                )
            )
        elif subject.item is not None:
            self.items[subject.item.mem_id, "property"] = subject.item
        else:
            item = _around(node, "itemscope")
            if item is not None and attribute == "rel" and _types(item, "itemtype") & MEDIA:
                return  # of the image in whose item it stands
            self._link(node, attribute, href, self.beside(node) if subject.clear else "unclear subject")

    def _link(self, node: LexborNode, attribute: str, href: str, aside: str) -> None:
        if "rsl" in (node.attributes.get("type") or "").lower():
            return  # an RSL document is no open licence
        label = f"{node.tag}[{attribute}=license]"
        index = self._count[label] = self._count.get(label, -1) + 1
        text = f'<{node.tag} {attribute}="license" href="{href[:500]}">'
        self.links.append(LicenceLink(href, text, f"{label}[{index}]", aside))


def _sort_of(called: str) -> str:
    """What sort of place beside the main content has this name: its first word tells, or its last."""
    heard = _WORD.findall(called)
    if not heard or heard[0].lower() in _ABSENT:
        return ""
    if not _STRANGERS.isdisjoint(word.lower() for word in heard):
        return "comment"
    match = next(filter(None, map(_CALLED.match, ("".join(heard[:2]), heard[0], heard[-1]))), None)
    return match[1].lower() if match else ""


def _up(node: LexborNode) -> Iterator[LexborNode]:
    """The ancestors, as far as they are looked at."""
    parent = node.parent
    for _ in range(_CLIMB):
        if parent is None:
            return
        yield parent
        parent = parent.parent


def _around(node: LexborNode, attribute: str | None = None, *, tag: str | None = None) -> LexborNode | None:
    """The nearest ancestor with this attribute or tag."""
    for place in _up(node):
        if place.tag == tag or (attribute is not None and attribute in place.attributes):
            return place
    return None


def _subject(node: LexborNode) -> _Subject:
    """RDFa Core 1.1 §7.5, as far as an address or type is given on the way up; otherwise the page."""
    if "about" in node.attributes:
        return _Subject(address=node.attributes["about"] or "")
    last = node
    for last in _up(node):
        attrs = last.attributes
        if "about" in attrs:
            return _Subject(address=attrs["about"] or "")
        leads = next((attrs[name] or "" for name in ("resource", "href", "src") if name in attrs), None)
        if "typeof" in attrs:
            return _Subject(item=last) if leads is None else _Subject(address=leads)
        if "rel" in attrs or "rev" in attrs:
            return _Subject(clear=False) if leads is None else _Subject(address=leads)
        if leads is not None and "property" not in attrs:
            return _Subject(address=leads)
    return _Subject(clear=last.tag in ("html", "-document", "head", "body"))


def _redefined(node: LexborNode) -> bool:
    """Whether the licence among an element's properties is one of another vocabulary (RDFa Core 1.1 §7.4.3)."""
    tokens = [one for one in (node.attributes.get("property") or "").split()[:50] if one.endswith(MARKER)]
    prefixes = {prefix for one in tokens if (prefix := one.rpartition(":")[0]) in _PREFIXES}
    plain = MARKER in tokens
    for place in (node, *_up(node)):
        attrs = place.attributes
        if plain and (vocabulary := (attrs.get("vocab") or "").strip()):
            return not _is_known(vocabulary)
        given = (attrs.get("prefix") or "").split()[:100]
        for name, meaning in zip(given[::2], given[1::2], strict=False):
            if name.lower().removesuffix(":") in prefixes and not _is_known(meaning):
                return True
    return False


def _is_known(vocabulary: str) -> bool:
    return vocabulary.rstrip("/#") in {namespace.rstrip("/#") for namespace in _NAMESPACES}


def _names(attribute: str | None) -> set[str]:
    """The local names of an attribute's tokens, of the vocabularies that are read."""
    found = set()
    for token in (attribute or "").split()[:50]:
        for namespace in _NAMESPACES:
            if token.startswith(namespace):
                token = token.removeprefix(namespace)
                break
        prefix, colon, name = token.rpartition(":")
        if not colon or prefix in _PREFIXES:
            found.add(name)
    return found


def _types(node: LexborNode, attribute: str) -> frozenset[str]:
    """The local names of an item's schema.org types."""
    written = (node.attributes.get(attribute) or "").split()[:20]
    return frozenset(match[1] for token in written if (match := _SCHEMA.match(token)))


def _value(node: LexborNode) -> str:
    """A microdata value: https://html.spec.whatwg.org/multipage/microdata.html#values."""
    attrs = node.attributes
    if "itemscope" in attrs:
        return attrs.get("itemid") or ""
    key = _URL_OF.get(node.tag or "") or ("content" if "content" in attrs or node.tag == "meta" else None)
    return (attrs.get(key) or "").strip() if key else words(node.text())


def _rdfa_value(node: LexborNode) -> str:
    """An RDFa value: RDFa Core 1.1 §7.5, step 11."""
    attrs = node.attributes
    for key in ("content", "resource", "href", "src"):
        if key in attrs:
            return (attrs[key] or "").strip()
    return words(node.text())


def _properties(
    roots: Iterable[LexborHTMLParser | LexborNode], attribute: str
) -> tuple[dict[int, list[LexborNode]], bool]:
    """The elements with a property by the item that they are of, and whether these are all."""
    owned: dict[int, list[LexborNode]] = {}
    left = MOST_PROPERTIES
    for root in roots:
        nodes = root.css(f"[{attribute}]")
        for node in nodes[:left]:
            owner = _around(node, "itemscope") if attribute == "itemprop" else _subject(node).item
            if owner is not None:
                owned.setdefault(owner.mem_id, []).append(node)
        left -= len(nodes)
        if left < 0:
            return owned, False
    return owned, True


def _item(
    item: LexborNode, attribute: str, properties: Iterable[LexborNode], found: _Found, whole: bool
) -> Node:
    """What is said of an item by the elements inside it, those inside further items left out."""
    microdata = attribute == "itemprop"
    said: dict[str, list[str]] = {}
    for node in properties:
        value = _value(node) if microdata else _rdfa_value(node)
        for name in _names(node.attributes.get(attribute)):
            if name not in CREATORS:
                said.setdefault(name, []).append(value)
            elif found.names_left:
                found.names_left -= 1
                said.setdefault(name, []).append(_name_in(node, attribute))
    named = item.attributes.get("itemid") if microdata else None
    types = _types(item, "itemtype" if microdata else "typeof")
    return Node(
        locator=f"{item.tag}[{'itemscope' if microdata else 'typeof'}={','.join(sorted(types))[:80]}]",
        exact=whole and not found.flat and not found.refers,
        aside=found.beside(item),
        types=types,
        addresses=(*((named,) if named else ()), *said.get("url", ()), *said.get("mainEntityOfPage", ())),
        files=tuple(said.get("contentUrl", ())),
        licences=tuple(said.get("license", ())),
        title=next(iter(said.get("headline", ()) or said.get("name", ())), ""),
        creators=next((tuple(said[name]) for name in CREATORS if name in said), ()),
        notices=tuple(said.get("copyrightNotice", ())),
    )


def _name_in(node: LexborNode, attribute: str) -> str:
    """The name of a person: of the item, where it is one, else the text."""
    for inner in node.css(f"[{attribute}]")[:20]:
        if inner.mem_id != node.mem_id and "name" in _names(inner.attributes.get(attribute)):
            return inner.attributes.get("content") or words(inner.text())
    return (node.attributes.get("content") or "").strip() or words(node.text())
