"""``heedful.toml`` and the environment: whether a crawl could be run with them, and what they weaken."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from crawler.config import ConfigError
from crawler.config.file import NAME, read_file
from crawler.config.load import file_named, said, understood, weakening
from crawler.config.values import reaches_nobody
from crawler.doctor.model import Check, ok, problem, warning


def understand(options: Mapping[str, object], environ: Mapping[str, str]) -> tuple[dict[str, Any], list[Check]]:
    """What is configured, nothing where it cannot be read, and what is to be said of it."""
    named = file_named(options, environ)
    where = str(named or NAME)
    try:
        found = understood(said(options, environ, read_file(named, Path())))
    except ConfigError as error:
        return {}, [problem("configuration", str(error), "mend it: no crawl begins with it")]
    there = named is not None or Path(NAME).exists()
    first = ok("configuration", f"{where} can be used" if there else f"there is no {NAME} here; defaults hold")
    return found, [first, *_meaning(found)]


def _meaning(found: Mapping[str, Any]) -> Iterator[Check]:
    contact = found.get("contact")
    if contact is None:
        advice = "say who you are in heedful.toml (heedful init writes one), HEEDFUL_CONTACT or --contact"
        yield warning("contact", "there is none here, and a crawl needs one", advice)
    elif reaches_nobody(contact):
        yield warning("contact", f"{contact} is an example that reaches nobody", "write one that reaches you")
    else:
        yield ok("contact", contact)
    weak = weakening(found)
    if weak:
        reason = found.get("reason")
        yield warning(
            "promise", f"weakened by {' and '.join(weak)}, because: {reason}", "take it back when you can"
        )
    else:
        yield ok("promise", "nothing weakens it")
    if found.get("allow_private"):
        yield warning(
            "addresses", "private addresses may be asked", "leave allow_private out on a crawl of the web"
        )
