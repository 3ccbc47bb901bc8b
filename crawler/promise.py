"""The settings that the promise rests on: which they are, what they must be, and what ours mean.

What would make the promise untrue is refused with one sentence, wherever it was set, instead of overruled in
silence. So is what could not be meant: a name that does not exist, a value that nothing reads.
"""

from __future__ import annotations

import difflib
import logging
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from crawler import TOKEN
from crawler.config import lists
from crawler.config.accept import accepted
from crawler.config.values import authority
from crawler.limits import SETTING as LIMITS
from crawler.limits import Limits
from crawler.optout import Gate, Policy
from crawler.optout.model import Context, Denylist, Kind, Malformed, Operator, Posture, Purpose, Reading
from crawler.optout.policy import ACCEPTED, NON_COMMERCIAL
from crawler.resolver import Overrides

if TYPE_CHECKING:
    from scrapy.settings import BaseSettings

T = TypeVar("T")

logger = logging.getLogger(__name__)

PREFIX = "OPTOUT_"

CERTIFICATES = "DOWNLOAD_VERIFY_CERTIFICATES"
"""The one needed setting that an operator may lower, with a written reason."""

PROJECT, FORCED = 20, 100
"""Scrapy's settings priorities: what a project sets, and one above the command line."""

NEEDED: dict[str, tuple[Any, str]] = {
    CERTIFICATES: (True, "an unverified server can hide the reservations of the real one"),
    "DOWNLOAD_FAIL_ON_DATALOSS": (True, "a page that was cut short may have lost its reservation"),
    "HTTPCACHE_ENABLED": (False, "a cache would keep what is reserved and answer with stale permissions"),
    "COOKIES_ENABLED": (False, "content behind a session is not public"),
    "TWISTED_REACTOR_ENABLED": (True, "without Twisted's reactor, names resolve past the address guard"),
}
"""Setting → the only value the promise holds with, and why."""

DEFAULTS: dict[str, Any] = {
    "OPTOUT_TOKENS": [],
    "OPTOUT_CONTACT": None,
    "OPTOUT_PURPOSES": ["tdm"],
    "OPTOUT_POSTURE": "opt-out",
    "OPTOUT_READING": "strict",
    "OPTOUT_REASON": None,
    "OPTOUT_ACCEPT": [],
    "OPTOUT_TRUST_ANCHORS": None,
    "OPTOUT_COMMERCIAL": True,
    "OPTOUT_COUNTRY": None,
    "OPTOUT_DENY_HOSTS": [],
    "OPTOUT_DENY_PREFIXES": [],
    "OPTOUT_DENY_SHA256": [],
    "OPTOUT_KINDS": [],
    "OPTOUT_ALLOW_PRIVATE": False,
    "OPTOUT_PORTS": [80, 443],
    "OPTOUT_RESOLVE": [],
    "OPTOUT_TIMESTAMP_URL": None,
    "OPTOUT_RETRY_DELAY": 15.0,
    "OPTOUT_MAX_CRAWL_DELAY": 60.0,
    "OPTOUT_MAX_BACKOFF": 60.0,
    "OPTOUT_LIMITS": {},
}
"""Our settings and what they are when nobody sets them; documented in ``docs/settings.md``."""


class WeakenedSetting(ValueError):
    """A setting would make the promise untrue, or cannot be meant."""


def reason_of(settings: BaseSettings) -> str:
    """The operator's written reason for hearing less; empty when there is none."""
    return str(settings.get("OPTOUT_REASON") or "").strip()


def refuse_unknown(settings: BaseSettings) -> None:
    """Raise ``WeakenedSetting`` for a name that looks like ours and is not: what it meant would not happen."""
    for name in map(str, settings):
        if name.startswith(PREFIX) and name not in DEFAULTS:
            near = difflib.get_close_matches(name, DEFAULTS, n=1)
            hint = f"; did you mean {near[0]}?" if near else "."
            raise WeakenedSetting(f"{name} is no setting of ours, so nothing would come of it{hint}")


def weakened(settings: BaseSettings) -> Iterator[str]:
    """One sentence for each needed setting that has another value than the promise holds with."""
    for name, (value, why) in NEEDED.items():
        asked = settings.get(name)
        excused = name == CERTIFICATES and reason_of(settings)
        if not excused and _is_on(asked) is not value:
            yield f"{name} = {asked!r} is refused: {why}; leave it at {value!r}."


def need(settings: BaseSettings) -> None:
    """Set what is needed. Raises ``WeakenedSetting`` where somebody asked for less."""
    for name, (value, why) in NEEDED.items():
        asked = settings.get(name)
        if _is_on(asked) is not value and (settings.getpriority(name) or 0) >= PROJECT:
            if name == CERTIFICATES and reason_of(settings):
                logger.warning("certificates are not verified: %s", reason_of(settings))
                continue
            raise WeakenedSetting(f"{name} = {asked!r} is refused: {why}; leave it at {value!r}.")
        settings.set(name, value, priority=FORCED)


def gate_from_settings(settings: BaseSettings) -> Gate:
    """The gate that the ``OPTOUT_*`` settings describe. Raises ``WeakenedSetting`` with a sentence."""
    reading = _one_of(Reading, settings, "OPTOUT_READING")
    if reading is Reading.LITERAL and not reason_of(settings):
        raise WeakenedSetting(
            "OPTOUT_READING = 'literal' needs OPTOUT_REASON, a written reason for hearing less."
        )
    purposes = _each(settings, "OPTOUT_PURPOSES", Purpose)
    if not purposes:
        raise WeakenedSetting("OPTOUT_PURPOSES is empty: a crawl without a purpose would hear no objection.")
    commercial = settings.getbool("OPTOUT_COMMERCIAL", True)
    policy = Policy(
        purposes=frozenset(purposes),
        posture=_one_of(Posture, settings, "OPTOUT_POSTURE"),
        reading=reading,
        accepted=_accepted(settings, commercial=commercial),
    )
    agents = dict.fromkeys(token.lower() for token in [*settings.getlist("OPTOUT_TOKENS"), TOKEN])
    context = Context(
        agents=tuple(agents),
        operator=Operator(commercial=commercial, country=settings.get("OPTOUT_COUNTRY")),
        denylist=Denylist(
            hosts=frozenset(_each(settings, "OPTOUT_DENY_HOSTS", lists.host)),
            prefixes=tuple(_each(settings, "OPTOUT_DENY_PREFIXES", lists.prefix)),
            sha256=frozenset(_each(settings, "OPTOUT_DENY_SHA256", lists.sha256)),
        ),
        trust_anchors=_trust_anchors(settings),
    )
    return Gate(policy, context)


def check_values(settings: BaseSettings) -> None:
    """Raise ``WeakenedSetting`` for a value of ours that nothing could read."""
    gate_from_settings(settings)
    _each(settings, "OPTOUT_KINDS", Kind)
    _each(settings, "OPTOUT_PORTS", int)
    timestamp_url(settings)
    for name in ("OPTOUT_ALLOW_PRIVATE", "OPTOUT_COMMERCIAL"):
        try:
            settings.getbool(name)
        except ValueError:
            raise WeakenedSetting(f"{name} = {settings.get(name)!r} is neither True nor False.") from None
    try:
        Overrides(settings.getlist("OPTOUT_RESOLVE"))
    except ValueError as error:
        raise WeakenedSetting(f"OPTOUT_RESOLVE: {error}.") from None
    try:
        Limits.of(settings)
    except (TypeError, ValueError) as error:
        raise WeakenedSetting(f"{LIMITS}: {error}.") from None
    for name in ("OPTOUT_RETRY_DELAY", "OPTOUT_MAX_CRAWL_DELAY", "OPTOUT_MAX_BACKOFF"):
        try:
            patient = 0 < settings.getfloat(name) <= 86_400
        except (TypeError, ValueError):
            patient = False
        if not patient:
            raise WeakenedSetting(
                f"{name} = {settings.get(name)!r} is no number of seconds between 0 and a day."
            )


def timestamp_url(settings: BaseSettings) -> str | None:
    """The authority that time-stamps checkpoints; None: nobody does. Raises ``WeakenedSetting``."""
    name = "OPTOUT_TIMESTAMP_URL"
    return _read(authority, name, str(settings.get(name))) if settings.get(name) else None


def product_of(agent: str) -> str | None:
    """The product token (RFC 9309 §2.2.1) that a User-Agent begins with; None when there is none."""
    product = re.match(r"[A-Za-z_-]+", agent)
    return product[0] if product else None


def _accepted(settings: BaseSettings, *, commercial: bool) -> frozenset[str]:
    """What licenses: anyway, because the run is non-commercial, and because the operator says so."""
    widened = _each(settings, "OPTOUT_ACCEPT", accepted)
    return ACCEPTED | frozenset(widened) | (frozenset() if commercial else NON_COMMERCIAL)


def _trust_anchors(settings: BaseSettings) -> str:
    """The certificates of those whose signed permissions are believed; "" for nobody's."""
    name = settings.get("OPTOUT_TRUST_ANCHORS")
    if not name:
        return ""
    try:
        return lists.certificates(Path(str(name)).expanduser())
    except Malformed as error:
        raise WeakenedSetting(f"OPTOUT_TRUST_ANCHORS: {str(name)!r} is not {error}.") from None


def _is_on(value: Any) -> bool:
    """As Scrapy's ``getbool`` reads it; what that cannot read is on."""
    return str(value).lower() not in ("0", "false", "none", "")


def _one_of(meaning: Callable[[Any], T], settings: BaseSettings, name: str) -> T:
    return _read(meaning, name, settings.get(name, DEFAULTS[name]))


def _each(settings: BaseSettings, name: str, meaning: Callable[[Any], T]) -> list[T]:
    return [_read(meaning, name, entry) for entry in settings.getlist(name, DEFAULTS[name])]


def _read(meaning: Callable[[Any], T], name: str, value: Any) -> T:
    try:
        return meaning(value)
    except (TypeError, ValueError, AttributeError) as error:
        words = str(error) if meaning in (lists.host, lists.prefix, lists.sha256, accepted, authority) else ""
        if isinstance(meaning, type) and hasattr(meaning, "__members__"):
            words = "one of " + ", ".join(str(member) for member in meaning)  # type: ignore[attr-defined]
        raise WeakenedSetting(f"{name}: {value!r} is not {words or 'a number'}.") from None
