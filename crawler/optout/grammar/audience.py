"""Which usage lines of a robots.txt concern us, and how directly.

``Content-Usage``, ``Content-Signal`` and their like stand in groups, as rules do. Beside the lines of the
groups that bind us, three more sorts are heard, for denials only:

* what is said to everyone, where the group that names us is silent on the use: whoever gave us a group of our
  own wanted other paths for us, not fewer reservations;
* what is said to another name of ours;
* what is said to no one, before any group, or to a list of agents on one line.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from crawler.optout.grammar.groups import addressed, bound, everyone
from crawler.optout.grammar.robots import Line, quote_robots, robots_of
from crawler.optout.model import Basis, Capture, Kind, Preference, Purpose, Statement

PARTS = frozenset({Purpose.AI_TRAIN, Purpose.AI_INPUT})
"""What usage lines divide mining into."""

Lines = tuple[Line, ...]


class Said(NamedTuple):
    """One thing that a line says about one purpose."""

    purpose: Purpose
    """What it is about."""
    preference: Preference
    """What it says."""
    basis: Basis
    """How directly."""
    line: Line
    """Where."""
    kind: Kind | None = None
    """The only kind of asset it concerns; None: any."""


Hearing = Callable[[str], list[Said]]
"""What some lines say about a path (of :func:`~crawler.optout.grammar.urlpattern.subject`)."""

Compile = Callable[[Lines], Hearing]
"""Prepares lines for many paths; a module-level function, because results are remembered by it."""


def heard(capture: Capture, agents: Sequence[str], path: str, compile_lines: Compile) -> list[Said]:
    """What the captured robots.txt says to us about ``path``.

    ``agents``: our names; the first is the one in the User-Agent, the others can only bring denials.
    """
    own, general, also, loosely = capture.parsed(_Compiled(tuple(agents), compile_lines))
    said = own(path)
    spoken_of = {item.purpose for item in said}
    denials = also(path)
    denials += [item._replace(basis=Basis.RECOVERED) for item in loosely(path)]
    for item in general(path):
        denials += [
            item._replace(basis=Basis.INFERRED, purpose=purpose)
            for purpose in _unspoken(item.purpose, spoken_of)
        ]
    for item in denials:
        again = any(
            item.purpose is other.purpose and item.kind is other.kind and other.preference is item.preference
            for other in said
        )
        if item.preference is not Preference.ALLOW and not again:
            said.append(item)
    return said


def _unspoken(purpose: Purpose, spoken_of: set[Purpose]) -> frozenset[Purpose]:
    """What of ``purpose`` our own group has not spoken of; its word on training leaves input unspoken of."""
    if purpose is Purpose.TDM and purpose not in spoken_of and spoken_of & PARTS:
        return PARTS - spoken_of
    return frozenset({purpose}) - spoken_of


def statements(signal: str, capture: Capture, said: Sequence[Said]) -> list[Statement]:
    """What was said, as statements of ``signal``."""
    return [
        Statement(
            signal=signal,
            purpose=item.purpose,
            preference=item.preference,
            basis=item.basis,
            evidence=quote_robots(capture, item.line),
            kind=item.kind,
        )
        for item in said
    ]


@dataclass(frozen=True, slots=True)
class _Compiled:
    """The four sorts of lines, compiled, in the form that ``Capture.parsed`` remembers them by."""

    agents: tuple[str, ...]
    compile_lines: Compile

    def __call__(self, capture: Capture) -> tuple[Hearing, Hearing, Hearing, Hearing]:
        first, *others = self.agents
        ours = bound(capture, first)
        general = everyone(capture)
        named = [naming for name in others if (naming := addressed(capture, name)) is not None]
        loosely = [ours.loose_others, *(naming.loose_others for naming in named)]
        if ours.named:
            loosely.append(general.loose_others)
        return (
            self.compile_lines(ours.others),
            self.compile_lines(general.others if ours.named else ()),
            self.compile_lines(tuple(line for naming in named for line in naming.others)),
            self.compile_lines(
                (*capture.parsed(robots_of).outside, *(line for lines in loosely for line in lines))
            ),
        )
