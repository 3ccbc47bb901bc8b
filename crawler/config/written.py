"""A ``heedful.toml`` in which every key stands: those that were answered as values, the others as comments.

Text in, text out: nothing is read or written here. What the file says of a key is what
:mod:`crawler.config.keys` says of it.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from crawler.config.keys import KEYS, SECTIONS, Key
from crawler.optout.model import Malformed

WIDTH = 100
"""Columns of a comment."""

_HEAD = """What heedful is told when neither an option nor the environment says otherwise. The first that
speaks wins: option, HEEDFUL_<NAME>, this file, default. A key behind a # shows its default, or an example where
there is none; take the # away to set it. Paths start from this file's folder. heedful config show prints what
is in effect, and where from."""

_SECTIONS = {
    "operator": "Who asks.",
    "run": "What a crawl does. Every option of heedful crawl may stand here by its long name.",
    "policy": "What may be kept.",
    "manners": "The pace.",
    "traps": "Bounds for hosts that have no end.",
    "network": "What may be asked.",
    "limits": "How much of anything is taken in.",
    "summary": "Your fields of the EU template of the training-content summary and of other reports. "
    "What is not answered is printed as TO BE PROVIDED; where something does not apply, write "
    '"not applicable". To answer, take the # away from [summary] too.',
}

ORDER = ("operator", "run", "policy", "manners", "traps", "network", "limits", "summary")
"""The sections as they follow one another."""
assert set(ORDER) == set(SECTIONS)

_ESCAPES = {'"': '\\"', "\\": "\\\\", "\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r"}


def plain(value: object) -> object:
    """A value of the configuration as texts, numbers, truths and lists of those; sets are sorted."""
    match value:
        case Enum():
            return plain(value.value)
        case Path():
            return str(value)
        case frozenset():
            return sorted((plain(one) for one in value), key=lambda one: (isinstance(one, str), one))
        case list() | tuple():
            return [plain(one) for one in value]
        case Mapping():
            return [f"{name}={setting}" for name, setting in value.items()]
    return value


def literal(value: object) -> str:
    """A text, number, truth or list of those in TOML 1.0; raises ``Malformed`` for what TOML cannot hold."""
    match value:
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case float():
            return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
        case str():
            return f'"{"".join(map(_escaped, value))}"'
        case list() | tuple():
            return f"[{', '.join(map(literal, value))}]"
    raise Malformed(f"{value!r:.80} cannot be written in TOML")


def _escaped(one: str) -> str:
    """A character of a basic string: https://toml.io/en/v1.0.0#string."""
    if one in _ESCAPES:
        return _ESCAPES[one]
    if "\ud800" <= one <= "\udfff":
        raise Malformed("a name that is no text cannot be written in TOML")
    return f"\\u{ord(one):04x}" if ord(one) < 0x20 or ord(one) == 0x7F else one


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """A key that may stand under ``[summary]``."""

    name: str
    """The key."""
    meaning: str
    """What is asked for."""
    form: str
    """What an answer looks like, in words: no example is shown, because it could pass for an answer."""


def written(answers: Mapping[str, object], summary: Sequence[Entry] = ()) -> str:
    """The whole file.

    ``answers``: values by field of the configuration, as :func:`literal` takes them. ``summary``: what the
    operator may answer for the EU template, in the template's order.
    """
    return "\n".join(_lines(answers, summary))


def _lines(answers: Mapping[str, object], summary: Sequence[Entry]) -> Iterator[str]:
    yield from _comment(_HEAD)
    for section in ORDER[:-1]:
        yield from ("", f"[{section}]")
        yield from _comment(_SECTIONS[section])
        for key in KEYS:
            if key.home[0] == section:
                yield from _entry(key, answers)
    yield from ("", "# [summary]")
    yield from _comment(_SECTIONS["summary"])
    for entry in summary:
        yield ""
        yield from _comment(entry.meaning)
        yield f'# {entry.name} = ""  # {entry.form}'
    yield ""


def _entry(key: Key, answers: Mapping[str, object]) -> Iterator[str]:
    name = key.home[1]
    yield ""
    if key.field in answers:
        yield from _comment(key.meaning)
        yield f"{name} = {literal(answers[key.field])}"
    else:
        yield from _comment(key.meaning if key.default is not None else f"{key.meaning} For example:")
        yield f"# {name} = {key.default or key.example}"


def _comment(words: str) -> Iterator[str]:
    for line in textwrap.wrap(words, WIDTH - 2, break_long_words=False, break_on_hyphens=False):
        yield f"# {line}"
