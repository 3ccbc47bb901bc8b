"""Which groups of a robots.txt speak to one agent, and which of their rules decides a path.

RFC 9309 §2.2.1 and §2.2.2 (https://www.rfc-editor.org/rfc/rfc9309#section-2.2.1)::

    product-token = identifier / "*"
    identifier    = 1*( "-" / "_" / ALPHA )       ; compared without regard to case
    groups for one agent are merged; "*" speaks to those whom no group names
    the longest matching pattern decides, and Allow when two are equally long

An agent is named by the letters its ``User-agent`` line begins with (``MyBot/1.0`` is ``MyBot``), or by the
whole value, for names with digits or spaces. A line that holds the name elsewhere (``GPTBot, MyBot``), or lies
past what is read as rules, names it loosely: such a group can only deny, and never hides ``*``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from crawler.optout.grammar.longest import Longest
from crawler.optout.grammar.robots import ALLOW, Group, Line, robots_of
from crawler.optout.model import Capture

RULES_LIMIT = 20_000
"""Rules for one agent that are weighed; beyond it nobody can say what was meant."""

EVERYONE = "*"
_IDENTIFIER = re.compile(r"[A-Za-z_-]+")
_BETWEEN_NAMES = re.compile(r"[\s,;()]+")


class Rule(NamedTuple):
    """An ``Allow`` or ``Disallow`` line that matches a path."""

    line: Line
    """The line."""
    loose: bool
    """True: it matches, or was recognised, only by a generous reading."""


class Rules:
    """The ``Allow`` and ``Disallow`` lines of merged groups. Immutable; one look-up takes microseconds."""

    def __init__(self, groups: Iterable[Group]) -> None:
        lines = [line for group in groups for line in group.rules if line.value]
        self.overfull = len(lines) > RULES_LIMIT
        """True: more rules than :data:`RULES_LIMIT`, so that none of them is weighed."""
        self.patterns = () if self.overfull else tuple(_patterns(lines))
        """The patterns that are weighed, each with its rule."""
        self._index = Longest(self.patterns)

    def deciding(self, path: str) -> Rule | None:
        """The rule that decides ``path`` (of :func:`~crawler.optout.grammar.urlpattern.subject`), if any.

        ``/robots.txt`` itself may always be fetched (§2.2.2).
        """
        if path == "/robots.txt":
            return None
        rules = self._index.longest(path)
        allowing = (rule for rule in rules if rule.line.key == ALLOW)
        return next(allowing, min(rules, key=lambda rule: rule.loose, default=None))

    def denying(self, path: str) -> Rule | None:
        """The ``Disallow`` rule that decides ``path``; None when an ``Allow`` or nothing does."""
        rule = self.deciding(path)
        return None if rule is None or rule.line.key == ALLOW else rule


def _patterns(lines: Iterable[Line]) -> Iterator[tuple[str, Rule]]:
    """Each pattern once, however many groups repeat it."""
    seen = set()
    for line in lines:
        allow = line.key == ALLOW
        if (allow and line.beyond) or (line.value, allow) in seen:
            continue
        seen.add((line.value, allow))
        if allow or line.value[0] in "/*":
            yield line.value, Rule(line, not line.exact or line.beyond)
        else:
            # "private/" matches nothing by the letter; whoever wrote it meant "/private/".
            yield "/" + line.value, Rule(line, True)


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
        return Rules(groups[index] for index in self.indexes)


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
    parts = {part.strip() for part in value.split(",")}
    names = {_without_version(part) for part in parts}
    for part in _BETWEEN_NAMES.split(value):
        if run := _IDENTIFIER.match(part.lstrip("*")):
            names.add(run[0])
    return names - {""}
