"""Which groups of a robots.txt speak to one agent.

RFC 9309 §2.2.1 (https://www.rfc-editor.org/rfc/rfc9309#section-2.2.1)::

    product-token = identifier / "*"
    identifier    = 1*( "-" / "_" / ALPHA )       ; compared without regard to case
    groups for one agent are merged; "*" speaks to those whom no group names

An agent is named by the letters its ``User-agent`` line begins with (``MyBot/1.0`` is ``MyBot``), or by the
whole value, for names with digits or spaces. A line that holds the name elsewhere (``GPTBot, MyBot``), or lies
past what is read as rules, names it loosely: such a group can only deny, and never hides ``*``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from crawler.optout.grammar.robots import Line, robots_of
from crawler.optout.grammar.rules import Rules
from crawler.optout.model import Capture

EVERYONE = "*"
_IDENTIFIER = re.compile(r"[A-Za-z_-]+")
_BETWEEN_NAMES = re.compile(r"[\s,;()]+")


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Bound:
    """What a robots.txt says to one agent."""

    named: bool
    """Whether a group names the agent; otherwise ``rules`` and ``others`` are those for everyone."""
    agents: tuple[Line, ...]
    """The ``User-agent`` lines of the groups that bind it, then of those that name it loosely."""
    rules: Rules
    """The rules that bind it."""
    others: tuple[Line, ...]
    """The other lines of the groups that bind it."""
    loose_rules: Rules
    """The rules of groups that name it loosely. Only denials may be taken."""
    loose_others: tuple[Line, ...]
    """The other lines of those groups."""


def bound(capture: Capture, agent: str) -> Bound:
    """What the captured robots.txt says to ``agent``; worked out once per file and agent."""
    return capture.parsed(_BoundTo(agent.lower()))


def everyone(capture: Capture) -> Bound:
    """What the captured robots.txt says to those whom it does not name."""
    return bound(capture, EVERYONE)


def addressed(capture: Capture, agent: str) -> Bound | None:
    """What the file says to ``agent`` by name, loosely or not; None when it nowhere names it."""
    name = agent.lower()
    if name not in capture.parsed(_names):
        return None
    return capture.parsed(_BoundTo(name, fallback=False))


@dataclass(frozen=True, slots=True)
class _BoundTo:
    """The selection for one agent, in the form that ``Capture.parsed`` remembers it by."""

    agent: str
    fallback: bool = True

    def __call__(self, capture: Capture) -> Bound:
        groups = capture.parsed(robots_of).groups
        names = capture.parsed(_names)
        mentions = names.get(self.agent, {})
        plain = [index for index, exactly in mentions.items() if exactly]
        loose = [index for index, exactly in mentions.items() if not exactly]
        named = bool(plain)
        if self.fallback and not named:
            general = names.get(EVERYONE, {})
            plain = [index for index, exactly in general.items() if exactly]
            loose = sorted({*loose, *(index for index, exactly in general.items() if not exactly)} - {*plain})
        return Bound(
            named=named,
            agents=tuple(line for index in (*plain, *loose) for line in groups[index].agents),
            rules=capture.parsed(_RulesOf(tuple(plain))),
            others=tuple(line for index in plain for line in groups[index].others),
            loose_rules=capture.parsed(_RulesOf(tuple(loose))),
            loose_others=tuple(line for index in loose for line in groups[index].others),
        )


@dataclass(frozen=True, slots=True)
class _RulesOf:
    """The rules of some groups: compiled once, however many agents share the groups."""

    indexes: tuple[int, ...]

    def __call__(self, capture: Capture) -> Rules:
        groups = capture.parsed(robots_of).groups
        asked = capture.hops[0].url if capture.hops else capture.url
        host = (urlsplit(asked).hostname or "").removeprefix("www.")
        return Rules((groups[index] for index in self.indexes), host)


def _names(capture: Capture) -> Mapping[str, Mapping[int, bool]]:
    """For every name in the file, lower case: the groups that name it, and whether exactly or loosely."""
    found: dict[str, dict[int, bool]] = {}
    for index, group in enumerate(capture.parsed(robots_of).groups):
        for line in group.agents:
            value = line.value.lower()
            for name in _exact_names(value):
                mentions = found.setdefault(name, {})
                mentions[index] = mentions.get(index, False) or not line.beyond
            for name in _loose_names(value):
                found.setdefault(name, {}).setdefault(index, False)
    return found


def _exact_names(value: str) -> Iterator[str]:
    if value == EVERYONE or value.startswith(("* ", "*\t")):
        yield EVERYONE
    elif value:
        yield _without_version(value)
        if run := _IDENTIFIER.match(value):
            yield run[0]


def _without_version(value: str) -> str:
    return value.partition("/")[0].rstrip()


def _loose_names(value: str) -> set[str]:
    """The names in lists and in whole User-Agent headers, a star before or after them left out."""
    if value.replace("-", "").isalnum():
        return set()
    if EVERYONE in value and not any(char.isalnum() for char in value):
        return {EVERYONE}  # ": *", "**"
    parts = {part.strip() for part in value.split(",")}
    names = {_without_version(part) for part in parts}
    for part in _BETWEEN_NAMES.split(value):
        if run := _IDENTIFIER.match(part.lstrip("*")):
            names.add(run[0])
    return names - {""}
