"""Which of the rules of merged groups decides a path.

RFC 9309 §2.2.2 (https://www.rfc-editor.org/rfc/rfc9309#section-2.2.2)::

    rule         = *WS ("allow" / "disallow") *WS ":" *WS (path-pattern / empty-pattern) EOL
    path-pattern = "/" *UTF8-char-noctl

The longest matching pattern decides, and ``Allow`` when two are equally long. A ``Disallow`` whose pattern
lacks the leading slash, or is a whole URL of this host, is read as what its author meant; an ``Allow`` is not.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from crawler.optout.grammar.longest import Longest
from crawler.optout.grammar.robots import ALLOW, Group, Line

RULES_LIMIT = 20_000
"""Rules for one agent that are weighed; beyond it nobody can say what was meant."""

_WHOLE_URL = re.compile(r"https?://([^/?#:]*)(?::\d*)?(?=[/?]|$)", re.IGNORECASE)


class Rule(NamedTuple):
    """An ``Allow`` or ``Disallow`` line that matches a path."""

    line: Line
    """The line."""
    loose: bool
    """True: it matches, or was recognised, only by a generous reading."""


class Rules:
    """The ``Allow`` and ``Disallow`` lines of merged groups. Immutable; one look-up takes microseconds."""

    def __init__(self, groups: Iterable[Group], host: str) -> None:
        """``host``: whose rules they are, for patterns that were written as whole URLs."""
        lines = [line for group in groups for line in group.rules if line.value]
        self.overfull = len(lines) > RULES_LIMIT
        """True: more rules than :data:`RULES_LIMIT`, so that none of them is weighed."""
        self.patterns = () if self.overfull else tuple(_patterns(lines, host))
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


def _patterns(lines: Iterable[Line], host: str) -> Iterator[tuple[str, Rule]]:
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
            for pattern in _meant(line.value, host):
                yield pattern, Rule(line, True)


def _meant(value: str, host: str) -> Iterator[str]:
    """The paths that someone meant who wrote ``private/`` or a whole URL; by the letter both match nothing."""
    yield "/" + value
    url = _WHOLE_URL.match(value)
    if url and url[1].lower().removeprefix("www.") == host:
        path = value[url.end() :]
        yield path if path.startswith("/") else "/" + path
