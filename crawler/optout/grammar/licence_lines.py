"""``License:`` lines of robots.txt, and whom they are said to.

RSL 1.0 (https://rslstandard.org/rsl), with its errata: a line inside the group that speaks to us replaces those
outside all groups.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from crawler.optout.grammar.groups import addressed, bound
from crawler.optout.grammar.robots import Line, robots_of
from crawler.optout.model import Capture

_QUOTES = "<>\"'"


class LicenceLine(NamedTuple):
    """One line that concerns us."""

    line: Line
    """The line."""
    reference: str
    """The URI reference it names, without quotes."""
    exact: bool
    """Whether its key is spelled as specified."""
    grants: bool
    """Whether a grant would be believed: it stands where it speaks to us."""
    inferred: bool
    """Whether it was said to others and is read onto us."""


def licence_lines(capture: Capture, agents: tuple[str, ...], others: Iterable[str]) -> tuple[LicenceLine, ...]:
    """The lines of our group; without any, those outside all groups; without any, those of others.

    ``agents``: our product tokens, the first one is the User-Agent's. ``others``: names that denials to us
    may go by as well, in order. Worked out once per file.
    """
    return capture.parsed(_Concerning(agents, tuple(others)))


@dataclass(frozen=True, slots=True)
class _Concerning:
    """The selection for us, in the form that ``Capture.parsed`` remembers it by."""

    agents: tuple[str, ...]
    others: tuple[str, ...]

    def __call__(self, capture: Capture) -> tuple[LicenceLine, ...]:
        return tuple(_lines(capture, self.agents, self.others))


def _lines(capture: Capture, agents: tuple[str, ...], others: Iterable[str]) -> Iterator[LicenceLine]:
    groups = capture.parsed(robots_of)
    first, *aliases = agents
    ours = bound(capture, first)
    lines = _among(ours.others) or _among(groups.outside)
    loose = _among(ours.loose_others)
    for name in (*aliases, *others):
        if naming := addressed(capture, name):
            loose += _among((*naming.others, *naming.loose_others))
    yield from (_read(line, grants=True) for line in lines)
    yield from (_read(line) for line in loose)
    if not lines and not loose:
        # Early guides called every License line global, wherever it stands.
        for group in groups.groups:
            yield from (_read(line, inferred=True) for line in _among(group.others))


def _among(lines: Iterable[Line]) -> list[Line]:
    return [line for line in lines if line.key.split(" ")[0] in ("license", "licence") and line.value]


def _read(line: Line, *, grants: bool = False, inferred: bool = False) -> LicenceLine:
    # "License https://…" without its colon is split at the colon of the URL.
    reference = line.value if " " not in line.key else line.text.partition(" ")[2].strip()
    return LicenceLine(
        line=line,
        reference=reference.strip(_QUOTES),
        exact=line.key == "license" and line.exact and reference.lower().startswith("https://"),
        grants=grants and not line.beyond,
        inferred=inferred,
    )
