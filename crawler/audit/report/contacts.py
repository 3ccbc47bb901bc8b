"""Addresses that site owners publish in the files that every crawler reads: whom to ask, and what for.

============================  ====================================================================
``/trust.txt``                ``contact=`` lines (JournalList, trust.txt 2024-04-04)
``/robots.txt``, ``/ai.txt``  comment lines with a mail address
TDM policy                    the ``assigner`` of the offer, in vCard properties (W3C TDMRep)
``/.well-known/security.txt`` ``Contact:`` lines (RFC 9116); published for security reports alone
============================  ====================================================================

An address is quoted as it stands there. Nothing is looked for in pages, and nobody's name is put together from
several places.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from crawler.optout.codec import time_to_text
from crawler.optout.host import is_challenge, is_web_page
from crawler.optout.model import Capture

LICENSOR, LICENCE, ASSIGNER, TRUST, ROBOTS, SECURITY = (
    "licensor",
    "rsl",
    "tdm-policy",
    "trust-txt",
    "robots-txt",
    "security-txt",
)
"""Where an address was found, those who grant licences first, those who do not at all last."""

ORDER = (LICENSOR, LICENCE, ASSIGNER, TRUST, ROBOTS, SECURITY)
"""In which order they are shown."""

WORDS = {
    LICENSOR: "licensor named inside the picture",
    LICENCE: "RSL licence document",
    ASSIGNER: "TDM policy",
    TRUST: "trust.txt",
    ROBOTS: "comment in robots.txt or ai.txt",
    SECURITY: "security.txt: published for security reports, not for licences",
}
"""What the places are called."""

MOST = 5
"""Addresses that are taken from one file."""

READ = 1 << 20
"""Bytes of a file in which they are looked for."""

SECURITY_TXT = "/.well-known/security.txt"
"""RFC 9116 section 3."""

_TRUST_TXT = ("/trust.txt", "/.well-known/trust.txt")
_COMMENTED = ("/robots.txt", "/ai.txt")
_PATHS = frozenset({*_TRUST_TXT, *_COMMENTED, SECURITY_TXT})
_MAIL = re.compile(r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,8}")
_TRUST = re.compile(r"contact\s*=\s*(\S.{0,500})\s*\Z", re.I)
_CONTACT = re.compile(r"contact:[ \t]*(\S.{0,500})\s*\Z", re.I)
_EXPIRES = re.compile(r"expires:[ \t]*(\S{1,60})\s*\Z", re.I)
_LONGEST = 300


@dataclass(frozen=True, kw_only=True, slots=True)
class Contact:
    """Whom to ask, and where that was read."""

    kind: str
    """One of :data:`ORDER`."""
    name: str
    """Name of a person or organisation as written; empty where none is given."""
    addresses: tuple[str, ...]
    """Mail addresses, addresses on the web and telephone numbers, as written."""
    words: str
    """What stands beside them and says what they are for; may be empty."""
    source: str
    """URL of the file or picture."""
    at: str
    """When that was read, RFC 3339."""

    @property
    def named(self) -> str:
        """Name and addresses in one line."""
        return ", ".join(filter(None, (self.name, *self.addresses)))


def may_hold(capture: Capture) -> bool:
    """Whether addresses are looked for in such a file at all."""
    return urlsplit(capture.url).path in _PATHS or _may_be_policy(capture)


def contacts_in(capture: Capture) -> tuple[Contact, ...]:
    """The addresses in a site-level file or policy document. Never raises because of what it reads."""
    if capture.status != 200 or not capture.body or is_web_page(capture) or is_challenge(capture):
        return ()
    found = _assigners(capture) if _may_be_policy(capture) else _in_lines(capture)
    return tuple(contact for contact, _ in zip(found, range(MOST), strict=False))


def _in_lines(capture: Capture) -> Iterator[Contact]:
    path = urlsplit(capture.url).path
    lines = [line.strip() for line in re.split(r"\r\n|\r|\n", _text(capture))]
    if path in _TRUST_TXT:
        for line in lines:
            if found := _TRUST.match(line):
                yield _contact(capture, TRUST, found[1])
    elif path in _COMMENTED:
        for line in lines:
            comment = line.partition("#")[2]
            if comment and (mail := _MAIL.search(comment)):
                yield _contact(capture, ROBOTS, mail[0], words=comment.strip())
    elif path == SECURITY_TXT:
        until = next((found[1] for line in lines if (found := _EXPIRES.match(line))), "")
        words = f"valid until {until}" if until else ""
        for line in lines:
            if found := _CONTACT.match(line):
                yield _contact(capture, SECURITY, found[1], words=words)


def _may_be_policy(capture: Capture) -> bool:
    return b'"assigner"' in capture.body[:READ] and capture.body.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (
        b"{",
        b"[",
    )


def _assigners(capture: Capture) -> Iterator[Contact]:
    """Who offers, in vCard properties with or without their prefix."""
    try:
        root = json.loads(_text(capture))
    except (ValueError, RecursionError):
        return
    for offer in root if isinstance(root, list) else [root]:
        assigner = offer.get("assigner") if isinstance(offer, dict) else None
        for one in assigner if isinstance(assigner, list) else [assigner]:
            if isinstance(one, dict):
                said = {key.rpartition(":")[2].lower(): value for key, value in one.items()}
                addresses = [
                    text
                    for key in ("hasemail", "email", "hastelephone", "hasurl", "url", "uid")
                    if (text := _plain(said.get(key)))
                ]
                if addresses:
                    yield _contact(capture, ASSIGNER, *addresses, name=_plain(said.get("fn")))


def _plain(value: Any) -> str:
    """A value of JSON-LD as text."""
    if isinstance(value, list) and value:
        value = value[0]
    if isinstance(value, dict):
        value = next((value[key] for key in ("@id", "@value", "hasValue") if key in value), None)
    return value if isinstance(value, str) else ""


def _contact(capture: Capture, kind: str, *addresses: str, name: str = "", words: str = "") -> Contact:
    return Contact(
        kind=kind,
        name=_short(name),
        addresses=tuple(dict.fromkeys(address_of(one) for one in addresses)),
        words=_short(words),
        source=capture.url,
        at=time_to_text(capture.at),
    )


def address_of(text: str) -> str:
    """An address on one line, without the scheme of mail and telephone URLs."""
    return _short(re.sub(r"\A(?:mailto|tel):", "", text.strip(), flags=re.I))


def _short(text: str) -> str:
    words = " ".join(text[: 4 * _LONGEST].split())
    return words if len(words) <= _LONGEST else words[: _LONGEST - 1] + "…"


def _text(capture: Capture) -> str:
    return capture.body[:READ].decode("utf-8-sig", "replace").replace("\0", "")
