"""The changes of a crawler as an Atom feed (RFC 4287), the same bytes for the same changes.

Ids are tag URIs (RFC 4151) under the contact's domain and the day on which the feed was begun. They are kept
with the feed, so that another contact does not make old entries new.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Sequence
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from xml.sax.saxutils import escape

from crawler.audit.report.cells import visible
from crawler.optout.codec import time_to_text

if TYPE_CHECKING:
    from datetime import datetime

    from crawler.audit.report.bot import Crawler
    from crawler.audit.report.botchanges import Change

_DOMAIN = re.compile(r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*")
# RFC 4151 §2.1: DNSname
_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# What is no Char of XML 1.0, §2.2.


def feed_id(contact: str, token: str, at: datetime) -> str:
    """The id of a new feed."""
    domain = _domain(contact)
    if not _DOMAIN.fullmatch(domain):
        return uuid.uuid5(uuid.NAMESPACE_URL, f"{contact} {at:%Y-%m-%d} {token}").urn
    return f"tag:{domain},{at:%Y-%m-%d}:{token}/changes"


def feed(crawler: Crawler, identity: str, changes: Sequence[Change]) -> bytes:
    """The feed, newest first. ``changes``: oldest first, at least one; ``identity``: its id."""
    updated = time_to_text(max(change.at for change in changes))
    entries = "".join(_entry(identity, change) for change in reversed(changes))
    return f"""<?xml version="1.0" encoding="utf-8"?>
<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="en">
  <id>{_words(identity)}</id>
  <title>Changes of the crawler {_words(crawler.token)}</title>
  <updated>{updated}</updated>
  <author>
    <name>{_words(crawler.operator or crawler.contact)}</name>
  </author>
  <link rel="self" type="application/atom+xml" href="changes.atom"/>
  <link rel="alternate" type="text/html" href="index.html"/>
  <generator>heedful</generator>
{entries}</feed>
""".encode()


def _entry(identity: str, change: Change) -> str:
    name = f"{identity}/{change.number}"
    if identity.startswith("urn:"):
        name = uuid.uuid5(uuid.NAMESPACE_URL, name).urn
    at = time_to_text(change.at)
    return f"""  <entry>
    <id>{_words(name)}</id>
    <title>{_words(change.title)}</title>
    <updated>{at}</updated>
    <published>{at}</published>
    <link rel="alternate" type="text/html" href="index.html"/>
    <content type="text">{_words(change.text)}</content>
  </entry>
"""


def _words(text: str) -> str:
    """Text that is well-formed, and shows all there is."""
    return escape(_NO_XML.sub("\ufffd", visible(" ".join(text.splitlines()), "\ufffd")))


def _domain(contact: str) -> str:
    if "://" not in contact:
        return contact.rpartition("@")[2].lower()
    try:
        host = (urlsplit(contact).hostname or "").rstrip(".")
        return host if host.isascii() else host.encode("idna").decode("ascii")
    except ValueError:
        return ""
