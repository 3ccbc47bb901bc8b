"""robots.txt: whether we may fetch and keep a URL at all.

Authority: RFC 9309, Robots Exclusion Protocol, September 2022 (https://www.rfc-editor.org/rfc/rfc9309).
What an unreachable, refused or missing file means is decided by its standing; here there is a file.

The group for the token in our User-Agent decides, or ``*`` where no group names it. Groups that name us
otherwise (a further token, the framework this crawler is built on, a list of agents on one line) can only deny.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from protego import Protego

from crawler.optout.agents import FRAMEWORK_AGENTS
from crawler.optout.grammar.groups import Bound, addressed, bound
from crawler.optout.grammar.robots import ALLOW, DENIAL_LIMIT, ROBOTS_TXT, Line, quote_robots, robots_of
from crawler.optout.grammar.rules import RULES_LIMIT
from crawler.optout.grammar.urlpattern import normalise, subject
from crawler.optout.model import (
    Asset,
    Basis,
    Capture,
    Carrier,
    Context,
    Preference,
    Purpose,
    Signal,
    Statement,
    quote,
)

NAME = "robots"
TOO_MANY = f"more than {RULES_LIMIT} rules for us"


def read_robots_txt(capture: Capture, asset: Asset, context: Context) -> Iterable[Statement]:
    """The line that denies this asset for each of our names; an ``Allow`` only where a group names us."""
    path = subject(asset.url)
    first, *others = context.agents
    ours = bound(capture, first)
    said = list(_binding(capture, first, ours, asset.url, path))
    denying = [(ours.loose_rules, False)]
    for name in (*others, *sorted(FRAMEWORK_AGENTS)):
        naming = addressed(capture, name)
        if naming is not None:
            denying += [(naming.rules, True), (naming.loose_rules, False)]
    for rules, by_name in denying:
        if rules.overfull:
            said.append(_unreadable(capture, "rules", TOO_MANY))
        elif rule := rules.denying(path):
            said.append(_crawl(capture, rule.line, Preference.DISALLOW, by_name and not rule.loose))
    if capture.parsed(robots_of).unread:
        said.append(_unreadable(capture, "file", f"longer than {DENIAL_LIMIT} octets, or of too many lines"))
    return dict.fromkeys(said)


def _binding(capture: Capture, agent: str, ours: Bound, url: str, path: str) -> Iterator[Statement]:
    """What the one merged group says that binds us."""
    if ours.rules.overfull:
        yield _unreadable(capture, "rules", TOO_MANY)
        return
    rule = ours.rules.deciding(path)
    if rule is not None and rule.line.key != ALLOW:
        yield _crawl(capture, rule.line, Preference.DISALLOW, not rule.loose)
    elif ours.rules.patterns and path != "/robots.txt" and not _protego_allows(capture, agent, url):
        # Protego also denies where it takes "%26" for "&" or a "$" for itself. The RFC keeps those apart, but
        # between two readings of a denial the denial stands. Protego cannot say which line; quote the group's.
        yield _crawl(capture, ours.agents[0], Preference.DISALLOW, False)
    elif rule is not None and ours.named and rule.line.exact:
        yield _crawl(capture, rule.line, Preference.ALLOW, True)


def _protego_allows(capture: Capture, agent: str, url: str) -> bool:
    # Protego raises for a lone surrogate, which a URL from a broken page can hold.
    return capture.parsed(_Synthetic(agent)).can_fetch(url if url.isascii() else normalise(url), agent)


@dataclass(frozen=True, slots=True)
class _Synthetic:
    """Protego's view of the rules that bind one agent, remembered with the capture.

    Protego is handed a single group of nothing but rules: its own choice of groups is not the RFC's, and on a
    file of many agents and rules it multiplies the two.
    """

    agent: str

    def __call__(self, capture: Capture) -> Protego:
        patterns = bound(capture, self.agent).rules.patterns
        lines = (f"{rule.line.key}: {normalise(pattern)}" for pattern, rule in patterns)
        return Protego.parse("\n".join(["User-agent: *", *lines]))


def _crawl(capture: Capture, line: Line, preference: Preference, exactly: bool) -> Statement:
    return Statement(
        signal=NAME,
        purpose=Purpose.CRAWL,
        preference=preference,
        basis=Basis.STATED if exactly else Basis.RECOVERED,
        evidence=quote_robots(capture, line),
    )


def _unreadable(capture: Capture, locator: str, reason: str) -> Statement:
    return Statement(
        signal=NAME,
        purpose=Purpose.CRAWL,
        preference=Preference.UNREADABLE,
        basis=Basis.STATED,
        evidence=quote(capture, Carrier.ROBOTS_TXT, locator, reason, of_file=True),
    )


SIGNAL = Signal(
    name=NAME,
    title="robots.txt",
    spec="https://www.rfc-editor.org/rfc/rfc9309",
    version="RFC 9309 (2022-09)",
    readers={Carrier.ROBOTS_TXT: read_robots_txt},
    meanings=(
        ("a `Disallow` that wins in our group, or in `*` when no group names us", "not fetched"),
        ("the same for another of our tokens, or for `Scrapy`", "not fetched"),
        ("`User-agent: GPTBot, OurBot`, `Dissallow:`, `Disallow: private/`", "not fetched; recovered"),
        ("a `Disallow` past the first 500 KiB", "not fetched; recovered"),
        ("more than 20,000 rules for us, or more than 5 MiB", "undetermined"),
        ("an `Allow` that wins in a group for our User-Agent's token", "recorded; lifts nothing else"),
    ),
    host_files=(ROBOTS_TXT,),
)
