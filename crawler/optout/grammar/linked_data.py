"""What a page's structured data says of the page itself and of single images, in whatever syntax it is written.

schema.org (https://schema.org/license, https://schema.org/ImageObject) in JSON-LD, microdata and RDFa. A node
is the page when it is of a type that a page is, and its ``url``, ``@id`` or ``mainEntityOfPage`` is the page's
URL or its canonical one. It is an image when it is an ``ImageObject`` and its ``contentUrl`` is the image's
URL; ``url`` and ``@id`` count where they end as an image does. RDFa's ``about`` names either. JSON-LD is read
without expansion, hence believed only in the context of schema.org.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from crawler.optout.grammar.document import CREATORS, MEDIA, Node, Page
from crawler.optout.grammar.html import page
from crawler.optout.grammar.json_ld import MOST, Block, blocks, local
from crawler.optout.grammar.links import Base
from crawler.optout.model import Capture, Malformed

PAGES = frozenset(
    """WebPage AboutPage CheckoutPage CollectionPage ContactPage FAQPage ItemPage MedicalWebPage
    ProfilePage QAPage SearchResultsPage Article AdvertiserContentArticle NewsArticle
    AnalysisNewsArticle AskPublicNewsArticle BackgroundNewsArticle OpinionNewsArticle
    ReportageNewsArticle ReviewNewsArticle Report SatiricalArticle ScholarlyArticle
    MedicalScholarlyArticle SocialMediaPosting BlogPosting LiveBlogPosting DiscussionForumPosting
    TechArticle APIReference CreativeWork Book Chapter Course HowTo LearningResource Poem Recipe
    ShortStory Thesis""".split()  # noqa: SIM905 - a table reads better
)
"""schema.org types of what a page can be, or be wholly about."""

ELSEWHERE = MEDIA | frozenset(
    """3DModel AudioObject DataCatalog DataDownload DataFeed Dataset MediaObject MobileApplication
    MusicRecording Product SoftwareApplication SoftwareSourceCode VideoGame VideoObject VisualArtwork Painting
    WebApplication""".split()  # noqa: SIM905
)
"""Types of what a page shows or offers: their licence is neither the page's nor another word on it."""

_SCHEMA = re.compile(r"https?://schema\.org/?#?\Z")
_IMAGE = re.compile(r"\.(?:jpe?g|png|gif|webp|avif|jxl|tiff?|bmp|heic|svg)\Z", re.I)
_VOCABULARIES = frozenset({"", "cc", "dc", "dct", "dcterms", "schema", "xhv"})
_DEPTH = 4
_LONGEST = 300
_MOST_VALUES = 1_000
_SPEAKING = frozenset({"license", "copyrightNotice", *CREATORS})
_LICENCE = "license"


@dataclass(frozen=True, kw_only=True, slots=True)
class LinkedData:
    """The nodes of a page by what they are; a node may be several."""

    of_page: tuple[Node, ...] = ()
    """Those that are the page."""
    astray: tuple[Node, ...] = ()
    """Those with a licence that are neither the page, nor an image, nor something else that is told apart."""
    of_images: tuple[tuple[str, Node], ...] = ()
    """Those that are an image, after its absolute, normalised URL."""


NOTHING = LinkedData()


class Work(NamedTuple):
    """Who made an image and what it is called, by the node that is the image."""

    title: str
    """Empty where the node says none."""
    creators: tuple[str, ...]
    """Names, at most five."""


def linked_data(capture: Capture) -> LinkedData:
    """What the structured data of a page says; use as ``capture.parsed(linked_data)``. Never raises."""
    document = capture.parsed(page)
    nodes = [*document.nodes]
    for block in capture.parsed(blocks):
        nodes += _nodes(block)
    if not nodes:
        return NOTHING
    try:
        base = Base(capture.url, document.base)
        here = {Base(capture.url).url, *_canonical(document, base)}
    except Malformed:
        return NOTHING
    of_page, astray, of_images = [], [], []
    for node in nodes:
        urls = {url for address in node.addresses if (url := _resolved(base, address, node)) is not None}
        typed = bool(node.types) and node.types <= PAGES
        images: set[str] = set()
        if node.named or node.types & MEDIA:
            images = {url for url in urls - here if node.named or _IMAGE.search(urlsplit(url).path)}
            images |= {url for file in node.files if (url := base.resolve(file)) is not None}
        of_images += [(url, node) for url in sorted(images)]
        if urls & here and (typed or not node.types):
            of_page.append(node)
        elif node.licences and not images and not node.named and not node.types & ELSEWHERE:
            astray.append(node)
    return LinkedData(of_page=tuple(of_page), astray=tuple(astray), of_images=tuple(of_images))


def works_of(capture: Capture) -> dict[str, Work]:
    """What a page calls single images whose licence it names, by their URLs. Never raises."""
    return {
        url: Work(node.title[:_LONGEST], tuple(name[:_LONGEST] for name in node.creators[:5]))
        for url, node in reversed(capture.parsed(linked_data).of_images)
        if node.licences and (node.title or node.creators)
    }


def _canonical(document: Page, base: Base) -> set[str]:
    """``rel=canonical``; empty when absent or several disagree."""
    found = {base.resolve(link.href) for link in document.links if "canonical" in link.rel and link.href}
    return {url for url in found if url is not None} if len(found) == 1 else set()


def _resolved(base: Base, address: str, node: Node) -> str | None:
    """The URL of what is named; None for parts of a page, which are not the page."""
    address = address.strip()
    if not address:
        return base.url if node.named else None
    return None if "#" in address.removesuffix("#") else base.resolve(address)


def _nodes(block: Block) -> Iterator[Node]:
    """The objects of a block that say something about rights."""
    if block.broken:
        if _LICENCE in block.text:
            yield Node(locator=f"{block.locator} (broken)", exact=False, licences=("",))
        return
    waiting: list[tuple[object, bool]] = [(block.root, False)]
    names: dict[str, str] = {}
    found: list[tuple[dict[str, Any], bool]] = []
    for value, schema in waiting:  # grows while it is walked
        if isinstance(value, dict):
            context = value.get("@context")
            schema = schema if context is None else _is_schema(context)
            found.append((value, schema))
            if isinstance(own := value.get("@id"), str) and isinstance(name := value.get("name"), str):
                names.setdefault(own, name)
            waiting += [
                (one, schema and key != "@reverse")
                for key, one in value.items()
                if isinstance(one, dict | list) and key != "@context"
            ]
        elif isinstance(value, list):
            waiting += [(one, schema) for one in value if isinstance(one, dict | list)]
        if len(waiting) > MOST:
            yield Node(locator=f"{block.locator} (more than is read)", exact=False, licences=("",))
            break
    for index, (value, schema) in enumerate(found):
        if not _SPEAKING.isdisjoint(map(local, value)):
            node = _node(value, schema, f"{block.locator} > object[{index}]", names)
            yield replace(node, aside=block.aside) if block.aside else node


def _node(value: dict[str, Any], schema: bool, locator: str, names: dict[str, str]) -> Node:
    said: dict[str, list[object]] = {}
    exact = schema
    for key, given in value.items():
        name = local(key)
        said.setdefault(name, []).append(given)
        if name == _LICENCE and key.rpartition(name)[0].rstrip(":") not in _VOCABULARIES:
            exact = exact and bool(_SCHEMA.match(key.removesuffix(name)))
    addresses = [
        *_texts(said.get("@id", [])),
        *_texts(said.get("url", [])),
        *_texts([given for given in said.get("mainEntityOfPage", []) if not isinstance(given, bool)]),
    ]
    types = [local(one) for one in _texts(said.get("@type", []))]
    return Node(
        locator=locator,
        exact=exact,
        types=frozenset(types),
        addresses=tuple(addresses),
        files=tuple(_texts(said.get("contentUrl", []))),
        licences=tuple(_texts(said.get(_LICENCE, []))),
        title=next((text for name in ("headline", "name") for text in _texts(said.get(name, []))), ""),
        creators=next((tuple(_people(said[name], names)) for name in CREATORS if said.get(name)), ()),
        notices=tuple(_texts(said.get("copyrightNotice", []))),
    )


def _flat(value: object) -> Iterator[object]:
    """The values in a list and in lists in it; what is beyond the bounds is one that is nothing."""
    waiting = [(value, 0)]
    for one, depth in waiting:  # grows while it is walked
        if not isinstance(one, list):
            yield one
        elif depth < _DEPTH and len(waiting) + len(one) <= _MOST_VALUES:
            waiting += [(inner, depth + 1) for inner in one]
        else:
            yield ""


def _texts(value: object) -> Iterator[str]:
    """The texts and addresses that a value consists of; an empty one for what is neither."""
    for one in _flat(value):
        if isinstance(one, dict):
            given = [text for key in ("@id", "url", "@value") if isinstance(text := one.get(key), str)]
            yield from given or [""]
        elif one is not None:
            yield str(one)


def _people(value: object, names: dict[str, str]) -> Iterator[str]:
    """The names of people and organisations."""
    for one in _flat(value):
        if isinstance(one, dict):
            name = next((name for name in _flat(one.get("name")) if isinstance(name, str)), None)
            if name := name or names.get(str(one.get("@id"))):
                yield name
        elif isinstance(one, str) and one:
            yield names.get(one, one)


def _is_schema(context: object) -> bool:
    """Whether names mean what schema.org says they mean."""
    if isinstance(context, str):
        return bool(_SCHEMA.match(context))
    if isinstance(context, list):
        # What follows may redefine what came before, and is not fetched to find out.
        redefined = any(
            bool({_LICENCE, "@import"} & set(one)) if isinstance(one, dict) else not _is_schema(one)
            for one in context
        )
        return not redefined and any(map(_is_schema, context))
    if isinstance(context, dict) and not {_LICENCE, "@import"} & set(context):
        return any(
            key in ("@vocab", "schema") and isinstance(value, str) and bool(_SCHEMA.match(value))
            for key, value in context.items()
        )
    return False
