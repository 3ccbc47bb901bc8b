"""The PLUS data mining vocabulary: what a ``DMI-`` key prohibits.

IPTC Photo Metadata Standard 2023.1 and later (https://iptc.org/std/photometadata/specification/), property
``plus:DataMining``; the values are those of https://ns.useplus.org/LDF/ldf-XMPSpecification#DataMining. One
value, a URI ``http://ns.useplus.org/ldf/vocab/`` + key.

Read generously: the key alone, ``https``, any case, a slash behind it, several keys in one text, the English
labels that some writers store in place of the URI. A key that is not in the vocabulary prohibits every use.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from itertools import islice
from typing import NamedTuple

from crawler.optout.model import Purpose

NAMESPACE = "http://ns.useplus.org/ldf/xmp/1.0/"
"""Exactly this, for a permission to be believed."""

VOCABULARY = "http://ns.useplus.org/ldf/vocab/"

ALLOWED = "DMI-ALLOWED"
"""The one key that permits."""

_EVERY = (Purpose.TDM, Purpose.SEARCH)
PROHIBITS: Mapping[str, tuple[Purpose, ...]] = {
    "DMI-UNSPECIFIED": (),
    ALLOWED: (),
    "DMI-PROHIBITED-AIMLTRAINING": (Purpose.AI_TRAIN,),
    "DMI-PROHIBITED-GENAIMLTRAINING": (Purpose.GEN_AI_TRAIN,),
    "DMI-PROHIBITED-EXCEPTSEARCHENGINEINDEXING": (Purpose.TDM,),
    "DMI-PROHIBITED": _EVERY,
    "DMI-PROHIBITED-SEECONSTRAINT": _EVERY,
    "DMI-PROHIBITED-SEEEMBEDDEDRIGHTSEXPR": _EVERY,
    "DMI-PROHIBITED-SEELINKEDRIGHTSEXPR": _EVERY,
}
"""What each key of the vocabulary prohibits. What the last three refer to is never read as lifting anything."""

_KEY = re.compile(r"DMI[-_][A-Z0-9_-]{1,60}+", re.IGNORECASE)
_KEY_BYTES = re.compile(rb"DMI[-_][A-Z0-9_-]{1,60}+", re.IGNORECASE)
_BETWEEN = re.compile(r"[^a-z]+")
_OPEN_LABELS = {
    "allowed": ALLOWED,
    "unspecified": "DMI-UNSPECIFIED",
    "unspecified no prohibition defined": "DMI-UNSPECIFIED",
}
_LABELS = (  # the first that the label begins with, letters only
    ("prohibited for ai", "DMI-PROHIBITED-AIMLTRAINING"),
    ("prohibited for generative ai", "DMI-PROHIBITED-GENAIMLTRAINING"),
    ("prohibited except for search engine indexing", "DMI-PROHIBITED-EXCEPTSEARCHENGINEINDEXING"),
    ("prohibited see plus otherconstraints", "DMI-PROHIBITED-SEECONSTRAINT"),
    ("prohibited see other constraints", "DMI-PROHIBITED-SEECONSTRAINT"),
    ("prohibited see iptcext embdencrightsexpr", "DMI-PROHIBITED-SEEEMBEDDEDRIGHTSEXPR"),
    ("prohibited see embedded", "DMI-PROHIBITED-SEEEMBEDDEDRIGHTSEXPR"),
    ("prohibited see iptcext linkedencrightsexpr", "DMI-PROHIBITED-SEELINKEDRIGHTSEXPR"),
    ("prohibited see linked", "DMI-PROHIBITED-SEELINKEDRIGHTSEXPR"),
    ("prohibited", "DMI-PROHIBITED"),
)
_CONSTRAINS = re.compile(
    r"\b(?:(?:gen)?AI|TDM|train\w*+|(?:data)?mining|machine[- ]learning"
    # In other languages, among them those of the European Union's larger member states.
    r"|(?-i:KI|IA|ИИ)|(?:generative|artificial) (?:AI|intelligence)|künstliche\w? Intelligenz"
    r"|intelligen\w++ artifi[ck]\w++|int[ei]lig[eê]n\w++ artificial|intelligenza artificiale"
    r"|sztuczn\w++ inteligencj\w++|kunstmatige intelligentie|artificiell intelligens"
    r"|Trainieren|trénovat\w*+|trenowani\w++|entra[iî]n\w++|entren\w++|addestra\w++|treina\w++|trein(?:o|ar)"
    r"|fouille de (?:textes?|données)|miner[ií]a de (?:textos?|datos)|minera[cç][aã]o de"
    r"|estrazione di (?:testo|dati))\b"
    r"|人工知能|人工智能|机器学习|機械学習|训练|訓練|AI学習|学習データ",
    re.I,
)
"""Words for what a crawler's users do; a prohibition is recognised generously, a permission never by them."""

MOST = 16
"""Keys read of one value or broken packet."""

MOST_LOOKED_AT = 10_000
"""Places in one broken packet that may hold a key."""

_ABOUT_VALUES = frozenset({"@context", "@type", "@language", "@direction"})

_HIDDEN = tuple(
    (b"\0" * width).join(letter.to_bytes(1, "big") for letter in b"DMI-PROHIBITED") for width in (0, 1, 3)
)


class Key(NamedTuple):
    """One key, as meant."""

    key: str
    """Upper case; "" for a value that names no key."""
    exact: bool
    """Whether it is written as specified and is in the vocabulary."""

    @property
    def prohibits(self) -> tuple[Purpose, ...]:
        """The purposes it prohibits; everything that can be mined where the value is not understood."""
        if not self.key:
            return (Purpose.TDM,)
        return PROHIBITS.get(self.key, _EVERY)


def keys_of(text: str) -> tuple[Key, ...]:
    """What a value of ``plus:DataMining`` says; a value that is not understood is one key without a name."""
    named = text.removeprefix(VOCABULARY)
    if named in PROHIBITS and named != text:
        return (Key(named, True),)
    found = dict.fromkeys(_upper(match[0]) for match in _KEY.finditer(text))
    if found:
        return tuple(Key(key, False) for key in found)[:MOST]
    label = _BETWEEN.sub(" ", text.lower()).strip()
    key = _OPEN_LABELS.get(label) or next((key for begins, key in _LABELS if label.startswith(begins)), "")
    return (Key(key, False),)


def keys_in(data: bytes) -> tuple[Key, ...]:
    """The keys in bytes that could not be read as markup, in any encoding that holds ASCII; none is exact."""
    matches = list(islice(_KEY_BYTES.finditer(data.replace(b"\0", b"")), MOST_LOOKED_AT + 1))
    found = dict.fromkeys(_upper(match[0].decode("ascii")) for match in matches)
    if len(matches) > MOST_LOOKED_AT:
        found["DMI-"] = None  # there are more, and any of them may prohibit
    return tuple(Key(key, False) for key in found)[-MOST:]


def values_in_json(text: str) -> tuple[tuple[str, str], ...] | None:
    """Every ``plus:DataMining`` in JSON-LD, as name and value; None when it cannot be read.

    C2PA's metadata assertions are XMP written as JSON-LD (JSON-LD serialization of XMP, ISO 16684-3).
    """
    try:
        content = json.loads(text)
    except (ValueError, RecursionError):
        return None
    nodes: list[tuple[str, object]] = [("", content)]
    terms = _terms_of(content)
    found: list[tuple[str, str]] = []
    while nodes and len(found) < MOST:
        name, node = nodes.pop()
        if isinstance(node, dict):
            # Below the property itself, a value may be wrapped: {"@value": …}, {"@id": …}.
            nodes += (
                (name or (key if _is_property(key, terms) else ""), value)
                for key, value in node.items()
                if key not in _ABOUT_VALUES
            )
        elif isinstance(node, list):
            nodes += ((name, value) for value in node)
        elif name and isinstance(node, str) and node.strip():
            found.append((name, node.strip()))
    return None if nodes else tuple(found)


def _terms_of(content: object) -> Mapping[str, str]:
    """What the document's own context says its prefixes and terms stand for (JSON-LD 1.1 §4.1)."""
    context = content.get("@context") if isinstance(content, dict) else None
    found: dict[str, str] = {}
    for one in context if isinstance(context, list) else [context]:
        for term, meant in one.items() if isinstance(one, dict) else ():
            uri = meant.get("@id") if isinstance(meant, dict) else meant
            if isinstance(uri, str):
                found[term] = uri
    return found


def _is_property(key: str, terms: Mapping[str, str]) -> bool:
    head, _, tail = key.partition(":")
    for name in (key, terms.get(key, ""), f"{terms[head]}:{tail}" if head in terms else ""):
        prefix, _, local = re.sub(r"[/#]", ":", name).rpartition(":")
        if local.lower() == "datamining" and (
            prefix.lower() in ("", "plus") or "useplus.org" in prefix.lower()
        ):
            return True
    return False


def hidden_in(body: bytes) -> tuple[Key, int] | None:
    """A prohibition anywhere in a file, and where: the last net, for packets in places that nobody knows."""
    for mark in _HIDDEN:
        at = body.find(mark)
        if at >= 0:
            keys = keys_in(body[at : at + 4 * 80])
            return (keys[0] if keys else Key("DMI-PROHIBITED", False), at)
    return None


def constrains(text: str) -> bool:
    """Whether the words of ``plus:OtherConstraints`` are about mining or training."""
    return _CONSTRAINS.search(text) is not None


def _upper(key: str) -> str:
    return key.upper().replace("_", "-").strip("-")
