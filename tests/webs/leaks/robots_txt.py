"""Rows whose word stands in robots.txt for crawling: our own token, and the tokens of others."""

from __future__ import annotations

from crawler.demo.answer import Answer, page, redirect, text
from crawler.demo.place import (
    KEPT,
    UNDETERMINED,
    Expectation,
    reserved,
)
from tests.webs.leaks.base import (
    EVERYONE,
    OPEN_TO_ALL,
    ROBOTS,
    by_meta,
)
from tests.webs.row import Leak, leak


def _robots(name: str, says: str, robots: str | bytes | Answer, expect: Expectation, peer: str = "") -> Leak:
    return leak(name, says, "robots", ROBOTS, expect, robots=robots, peer=peer)


def _tokens(name: str, says: str, robots: str, expect: Expectation, peer: str = "") -> Leak:
    return leak(name, says, "training-tokens", ROBOTS, expect, robots=robots, peer=peer)


ROBOTS_TXT = (
    _robots(
        "star", "everyone is disallowed", EVERYONE + "Disallow: /", reserved("robots"), "robots.txt: * Disallow"
    ),
    _robots(
        "token",
        "our token is disallowed, everyone else allowed",
        "User-agent: heedful\nDisallow: /\n" + OPEN_TO_ALL,
        reserved("robots"),
        "robots.txt: Disallow for our token only",
    ),
    _robots(
        "unavailable",
        "robots.txt answers 503",
        text("busy\n", status=503),
        UNDETERMINED,
        "robots.txt: 503",
    ),
    _robots(
        "forbidden",
        "robots.txt answers 403",
        text("no\n", status=403),
        UNDETERMINED,
        "robots.txt: 403",
    ),
    _robots(
        "reset", "robots.txt is reset", Answer(fault="reset"), UNDETERMINED, "robots.txt: connection reset"
    ),
    _robots(
        "bom",
        "a byte order mark stands before User-agent",
        b"\xef\xbb\xbfUser-agent: *\nDisallow: /\n",
        reserved("robots"),
        "robots.txt: byte order mark before User-agent",
    ),
    _robots("bare-cr", "lines end in CR only", b"User-agent: *\rDisallow: /\r", reserved("robots")),
    _robots("misspelt", "the keys are misspelt", "useragent: *\nDissallow: /\n", reserved("robots")),
    _robots("token-case", "our token in capitals", "USER-AGENT: HEEDFUL\nDISALLOW: /\n", reserved("robots")),
    _robots(
        "token-version",
        "our token with a version",
        "User-agent: heedful/1.0\nDisallow: /\n" + OPEN_TO_ALL,
        reserved("robots"),
    ),
    _robots(
        "token-list",
        "our token in a list with commas",
        "User-agent: OtherBot, heedful\nDisallow: /\n" + OPEN_TO_ALL,
        reserved("robots"),
    ),
    _robots(
        "token-prefix",
        "a group for a shorter name allows, * disallows",
        "User-agent: heed\nAllow: /\n\nUser-agent: *\nDisallow: /\n",
        reserved("robots"),
    ),
    _robots(
        "framework",
        "our framework is disallowed by name",
        "User-agent: Scrapy\nDisallow: /\n" + OPEN_TO_ALL,
        reserved("robots"),
    ),
    _robots(
        "split-group",
        "an unknown line stands between two agents of one group",
        "User-agent: heedful\nX-Unknown: 1\nUser-agent: OtherBot\nDisallow: /\n",
        reserved("robots"),
    ),
    _robots("percent", "the rule is percent-encoded", EVERYONE + "Disallow: /p%61ge\n", reserved("robots")),
    _robots("no-slash", "the rule lacks its slash", EVERYONE + "Disallow: page\n", reserved("robots")),
    leak(
        "robots-image",
        "images are disallowed, pages are not",
        "robots",
        ROBOTS,
        KEPT,
        reserved("robots"),
        robots=EVERYONE + "Disallow: /*.png$\n",
    ),
    leak(
        "robots-moved",
        "robots.txt has moved to another host and disallows us there",
        "robots",
        ROBOTS,
        reserved("robots"),
        robots=redirect("http://rules-robots-moved.example:{port}/ours.txt", status=301),
        hosts={"rules-robots-moved.example": {"/ours.txt": text(EVERYONE + "Disallow: /\n")}},
    ),
    _robots(
        "robots-tail",
        "the refusal stands beyond the first 500 KiB",
        EVERYONE + "# filling\n" * 55_000 + "Disallow: /\n",
        reserved("robots"),
    ),
    _robots("allow", "everyone is allowed", EVERYONE + "Allow: /\n", KEPT),
    _robots("elsewhere", "another path is disallowed", EVERYONE + "Disallow: /private/\n", KEPT),
    _robots("no-robots", "there is no robots.txt", text("none\n", status=404), KEPT),
    _robots("robots-page", "a web page stands where robots.txt should", page("<p>Disallow: /</p>"), KEPT),
    _robots(
        "other-bots",
        "search engine helpers are disallowed, no AI crawler",
        "User-agent: AhrefsBot\nUser-agent: SemrushBot\nDisallow: /\n",
        KEPT,
    ),
)

TRAINING_TOKENS = (
    _tokens(
        "four-tokens",
        "four crawlers of model makers are disallowed",
        "User-agent: GPTBot\nUser-agent: CCBot\nUser-agent: ClaudeBot\nUser-agent: Google-Extended\n"
        "Disallow: /\n",
        reserved("training-tokens"),
        "robots.txt: names GPTBot, CCBot, ClaudeBot, Google-Extended",
    ),
    _tokens(
        "one-token",
        "CCBot is disallowed, everyone else allowed",
        "User-agent: CCBot\nDisallow: /\n" + OPEN_TO_ALL,
        reserved("training-tokens"),
    ),
    _tokens(
        "control-token",
        "Google-Extended is disallowed",
        "User-agent: Google-Extended\nDisallow: /\n",
        reserved("training-tokens"),
    ),
    _tokens(
        "retired-token",
        "a retired name is disallowed",
        "User-agent: anthropic-ai\nDisallow: /\n",
        reserved("training-tokens"),
    ),
    _tokens(
        "two-words",
        "a name of two words is disallowed",
        "User-agent: Kangaroo Bot\nDisallow: /\n",
        reserved("training-tokens"),
    ),
    _tokens("user-token", "a user's fetcher is disallowed", "User-agent: ChatGPT-User\nDisallow: /\n", KEPT),
    _tokens("token-path", "CCBot is disallowed elsewhere", "User-agent: CCBot\nDisallow: /members/\n", KEPT),
    _tokens("token-pace", "GPTBot is asked to be slow", "User-agent: GPTBot\nCrawl-delay: 30\n", KEPT),
    _tokens(
        "token-ours",
        "GPTBot is disallowed, and we are allowed by name",
        "User-agent: GPTBot\nDisallow: /\n\nUser-agent: heedful\nAllow: /\n",
        KEPT,
    ),
    by_meta("meta-ccbot", "a meta addresses CCBot", '<meta name="CCBot" content="nofollow">'),
)
