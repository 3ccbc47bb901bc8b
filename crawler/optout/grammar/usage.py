"""Usage lines: ``label=value`` lists, read generously.

The specifications read them strictly (a structured field) or not at all (no grammar was published). Beside that
strict reading stands this one: it finds every ``label=value`` however it is spaced, cased, quoted or separated,
and is only ever used to find denials::

    pair  = label *WS ( "=" / ":" ) *WS [ DQUOTE / "'" ] value
    label = ALPHA *( ALPHA / DIGIT / "-" / "_" )
    value = "?0" / "?1" / 1*( ALPHA / DIGIT )
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from crawler.optout.grammar.longest import Longest
from crawler.optout.grammar.robots import Line
from crawler.optout.grammar.rules import Rule

NO = frozenset(
    {"n", "no", "none", "never", "?0", "0", "false", "off", "deny", "denied", "disallow", "disallowed"}
)
"""Values, lower case, that can only be meant as a refusal."""

YES = frozenset({"y", "yes", "?1", "1", "true", "on", "all", "any"})
"""What is written, lower case, where a path is asked for and the whole site is meant."""

_DISALLOW, _ALLOW = "disallowaitraining", "allowaitraining"

# Possessive quantifiers: a stranger's line is read once from left to right.
_PAIR = re.compile(
    r"(?<![A-Za-z0-9_-])([A-Za-z][A-Za-z0-9_-]*+)[ \t]*+[=:][ \t]*+[\"']?+"
    r"(\?[01]|[A-Za-z0-9]++)(?![A-Za-z0-9_-])"
)


class Scoped(NamedTuple):
    """The value of a usage line that may begin with a path."""

    path: str
    """The pattern it is limited to; empty: none."""
    usage: str
    """What is said."""
    loose: bool
    """True: a path was recognised that the specification would not."""


def pairs(text: str) -> list[tuple[str, str]]:
    """Every label and value in ``text``, lower case, ``_`` written ``-``."""
    return [(label.lower().replace("_", "-"), value.lower()) for label, value in _PAIR.findall(text)]


def denied(text: str) -> set[str]:
    """The labels that ``text`` refuses."""
    return {label for label, value in pairs(text) if value in NO}


def scoped(value: str) -> Scoped:
    """Split ``[ path-pattern 1*WS ] usage``; ``*.pdf usage`` is read as a path too, though loosely.

    Grammar: https://www.ietf.org/archive/id/draft-ietf-aipref-attach-05.txt
    """
    if not value.startswith(("/", "*")):
        return Scoped("", value, False)
    path, _, usage = value.replace("\t", " ").partition(" ")
    return Scoped(path, usage.strip(), path.startswith("*"))


def whole_site(value: str) -> str:
    """The pattern meant by a value that ought to be one: ``yes`` is ``/``, ``no`` and nothing are empty."""
    word = value.lower()
    if not word or word in NO:
        return ""
    if word in YES:
        return "/"
    return value if value.startswith(("/", "*")) else "/" + value


def training_rules(lines: Iterable[Line]) -> Longest[Rule]:
    """The ``DisallowAITraining`` and ``AllowAITraining`` rules among ``lines``.

    Grammar: that of ``Disallow`` and ``Allow``
    (https://www.ietf.org/archive/id/draft-canel-robots-ai-control-00.txt).
    """
    return Longest(_training_patterns(lines))


def _training_patterns(lines: Iterable[Line]) -> Iterator[tuple[str, Rule]]:
    for line in lines:
        key = line.key.replace("-", "").replace("_", "").replace(" ", "")
        if key == _DISALLOW and (pattern := whole_site(line.value)):
            exact = line.exact and not line.beyond and key == line.key and pattern == line.value
            yield pattern, Rule(line, not exact)
        elif key == _ALLOW == line.key and line.exact and not line.beyond and line.value.startswith(("/", "*")):
            yield line.value, Rule(line, False)


def training_refused(rules: Longest[Rule], path: str) -> Rule | None:
    """The rule that refuses training on ``path``; of two equally long ones the refusal."""
    refusing = (rule for rule in rules.longest(path) if rule.line.key != _ALLOW)
    return min(refusing, key=lambda rule: rule.loose, default=None)
