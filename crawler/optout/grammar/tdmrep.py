"""``/.well-known/tdmrep.json``: rules, and the one that speaks for a URL.

TDM Reservation Protocol, Final Community Group Report of 2024-05-10, §6.1
(https://www.w3.org/community/reports/tdmrep/CG-FINAL-tdmrep-20240510/)::

    file = [ rule, ... ]
    rule = { "location": pattern, "tdm-reservation": 0 / 1, "tdm-policy": URL (optional) }

Read generously: one rule as the root, rules inside up to three wrappers, numbers as strings or booleans, keys
in any case, a key given twice.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from typing import Any
from urllib.parse import urlsplit

from crawler.optout.grammar.urlpattern import Pattern, compile_pattern, subject
from crawler.optout.model import Malformed

MOST_RULES = 10_000
"""Rules read of one file."""

DEEPEST = 3
"""Wrappers around the rules that are looked into."""

_FULL_URL = re.compile(r"(?:https?:)?//([^/?#]*)", re.I)


class Reserved(IntEnum):
    """What a ``tdm-reservation`` says, from permissive to restrictive."""

    UNSET = 0
    NO = 1
    MALFORMED = 2
    """Present, and neither 0 nor 1."""
    YES = 3


@dataclass(frozen=True, kw_only=True, slots=True)
class Rule:
    """One rule of the file."""

    location: str | None
    """As written; None: missing."""
    reserved: Reserved
    """What it says."""
    values: tuple[object, ...]
    """Every value of ``tdm-reservation`` as written."""
    policy: str | None
    """``tdm-policy`` as written."""
    index: int
    """Its place among the rules, from 0."""

    @property
    def exact(self) -> bool:
        """Whether it says so with one number, as the report asks of a permission."""
        return len(self.values) == 1 and type(self.values[0]) is int

    @property
    def text(self) -> str:
        """The rule in words of its own file."""
        value = next((value for value in self.values if isinstance(value, str | int | float)), None)
        rule = {"location": self.location, "tdm-reservation": value, "tdm-policy": self.policy}
        return json.dumps({key: value for key, value in rule.items() if value is not None}, ensure_ascii=False)


def reserved_of(value: object) -> Reserved:
    """What a value of ``tdm-reservation`` says; a string is a header's, a meta's or a generous file's."""
    if isinstance(value, str):
        value = value.strip()
        parts = {part.strip() for part in value.split(",")}
        value = parts.pop() if len(parts) == 1 else value  # a proxy may have joined equal lines
    if value is None or value == "":
        return Reserved.UNSET
    if value in ("1", 1):
        return Reserved.YES
    return Reserved.NO if value in ("0", 0) else Reserved.MALFORMED


def read_rules(body: bytes) -> tuple[list[Rule], bool]:
    """The rules of a file, and whether there were more than :data:`MOST_RULES`.

    Raises ``Malformed`` when the body is no JSON, or names ``tdm-reservation`` where no rule can be found.
    """
    try:
        try:
            root = json.loads(body, object_pairs_hook=_Object)
        except UnicodeDecodeError:
            root = json.loads(body.decode("latin-1"), object_pairs_hook=_Object)
    except (ValueError, RecursionError) as error:
        raise Malformed(f"not JSON: {type(error).__name__}") from error
    rules: list[Rule] = []
    for found in _rule_objects(root, DEEPEST):
        if len(rules) == MOST_RULES:
            return rules, True
        rules.append(_rule(found, len(rules)))
    if not rules and b"tdm-reservation" in body.lower():
        raise Malformed("names tdm-reservation, but holds no rule")
    return rules, False


def rules_for(rules: list[Rule], url: str) -> Rule | None:
    """The rule that speaks for ``url``.

    The report takes the first match in one sentence and points to longest match in another; where the two
    differ, the more restrictive rule speaks.
    """
    path = subject(url)
    host = urlsplit(url).netloc.lower()
    matches: list[tuple[int, Rule]] = []
    for rule in rules:
        pattern = _pattern(rule, host)
        if rule.reserved is not Reserved.UNSET and pattern is not None and pattern.matches(path):
            matches.append((pattern.length, rule))
    if not matches:
        return None
    longest = max(length for length, _ in matches)
    spoken = [matches[0][1], *(rule for length, rule in matches if length == longest)]
    return max(spoken, key=lambda rule: rule.reserved)


class _Object(dict[str, list[Any]]):
    """A JSON object with lower-case keys, every value of a repeated key kept."""

    def __init__(self, pairs: list[tuple[str, Any]]) -> None:
        super().__init__()
        for key, value in pairs:
            self.setdefault(key.strip().lower().replace("_", "-"), []).append(value)


def _rule_objects(node: object, depth: int) -> Iterator[_Object]:
    if isinstance(node, _Object):
        if "tdm-reservation" in node or "tdm-policy" in node:
            yield node
        elif depth:
            for values in node.values():
                for value in values:
                    yield from _rule_objects(value, depth - 1)
    elif isinstance(node, list):
        for item in node:
            if isinstance(item, _Object) or (isinstance(item, list) and depth):
                yield from _rule_objects(item, depth if isinstance(item, _Object) else depth - 1)


def _rule(found: _Object, index: int) -> Rule:
    values = found.get("tdm-reservation", [])
    said = [reserved_of(value) for value in values]
    policies = [value for value in found.get("tdm-policy", []) if isinstance(value, str) and value.strip()]
    reserved = max(said, default=Reserved.UNSET)
    if reserved is Reserved.UNSET and policies:
        reserved = Reserved.MALFORMED  # terms are offered for something that is not said to be reserved
    locations = [value for value in found.get("location", []) if isinstance(value, str) and value.strip()]
    return Rule(
        # Given twice, a location cannot tell which is meant; the rule then speaks for the whole host.
        location=locations[0].strip() if len(set(locations)) == 1 else None,
        reserved=reserved,
        values=tuple(values),
        policy=policies[0].strip() if policies else None,
        index=index,
    )


def _pattern(rule: Rule, host: str) -> Pattern | None:
    """The rule's compiled location; None when it speaks for nothing on this host."""
    location = rule.location
    if location is None:
        return compile_pattern("/") if rule.reserved > Reserved.NO else None
    if match := _FULL_URL.match(location):
        if match[1].lower() != host:
            return None
        location = location[match.end() :] or "/"
    if not location.startswith(("/", "*")):
        location = "/" + location
    return compile_pattern(location)
