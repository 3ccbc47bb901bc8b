"""ai.txt, by Spawning (https://site.spawning.ai/spawning-ai-txt), 2023-05-30.

A file at the root of the host that serves the work, in the lines of robots.txt, with patterns that are mostly
file extensions. Presented as a reservation against text and data mining (Directive (EU) 2019/790, Article 4).

Other formats use the same name, so a file counts only when a ``User-agent`` line is followed by a rule. The
individual draft for ``/.well-known/ai.txt`` is not read: its syntax is not settled.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from crawler.optout.agents import FRAMEWORK_AGENTS, TRAINING_AGENTS
from crawler.optout.grammar.groups import Bound, addressed, bound
from crawler.optout.grammar.media_rules import MEDIA, deciding, denied_kinds, extension_of
from crawler.optout.grammar.robots import ALLOW, Line, robots_of
from crawler.optout.grammar.rules import Rules
from crawler.optout.grammar.urlpattern import subject
from crawler.optout.model import (
    Asset,
    Basis,
    Capture,
    Carrier,
    Context,
    HostFile,
    Kind,
    Preference,
    Purpose,
    Signal,
    Statement,
    quote,
)

NAME = "ai-txt"


class Said(NamedTuple):
    """One rule that speaks about the asset."""

    line: Line
    preference: Preference
    basis: Basis
    kind: Kind | None = None


def read_host_file(capture: Capture, asset: Asset, context: Context) -> Iterable[Statement]:
    """What the group for us says about the path or its medium, and what those for training crawlers say."""
    if not _is_ai_txt(capture):
        return
    path = subject(asset.url)
    first, *others = context.agents
    ours = bound(capture, first)
    said = [*_said(ours.rules, path, Basis.STATED), *_said(ours.loose_rules, path, Basis.RECOVERED)]
    said += _words(ours.others, ours.loose_others)
    for name in (*others, *sorted(FRAMEWORK_AGENTS)):
        if naming := addressed(capture, name):
            said += _said(naming.rules, path, Basis.STATED)
            said += _said(naming.loose_rules, path, Basis.RECOVERED)
            said += _words(naming.others, naming.loose_others)
    if not _allowed_by_name(ours, path):
        said += _inferred(capture, path)
    for item in dict.fromkeys(said):
        yield Statement(
            signal=NAME,
            purpose=Purpose.TDM,
            preference=item.preference,
            basis=item.basis,
            evidence=quote(
                capture, Carrier.HOST_FILE, f"line {item.line.number}", item.line.text, of_file=True
            ),
            kind=item.kind,
        )


def _is_ai_txt(capture: Capture) -> bool:
    """Whether the file is this format and no page, summary or other ai.txt."""
    if capture.body[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        return False
    return any(group.rules or _words(group.others, ()) for group in capture.parsed(robots_of).groups)


def _said(rules: Rules, path: str, basis: Basis) -> Iterator[Said]:
    """The denials of one agent's rules, for the path or, where that tells no medium, for kinds of assets."""
    if rules.overfull:
        line = Line(1, "", "", "more rules than are weighed", False, True)
        yield Said(line, Preference.UNREADABLE, Basis.STATED)
        return
    weighed = [rule for _, rule in rules.patterns]
    rule = deciding(weighed, path)
    if rule is not None and rule.line.key != ALLOW:
        yield _denial(rule.line, basis)
    elif extension_of(path) not in MEDIA:
        for kind, denying in denied_kinds(weighed):
            yield _denial(denying.line, basis, kind)


def _denial(line: Line, basis: Basis, kind: Kind | None = None) -> Said:
    exact = line.exact and not line.beyond
    return Said(line, Preference.DISALLOW, basis if exact else Basis.RECOVERED, kind)


def _words(others: Iterable[Line], loosely: Iterable[Line]) -> list[Said]:
    """``Spawning: disallow`` and the like: a key nobody defined, but the word is plain."""
    return [
        Said(line, Preference.DISALLOW, Basis.RECOVERED)
        for line in (*others, *loosely)
        if line.value.lower() == "disallow"
    ]


def _allowed_by_name(ours: Bound, path: str) -> bool:
    """Whether a group for the token in our User-Agent allows the path: then the author has spoken to us."""
    if not ours.named or ours.rules.overfull:
        return False
    rule = deciding([rule for _, rule in ours.rules.patterns], path)
    return rule is not None and rule.line.key == ALLOW and not rule.loose


def _inferred(capture: Capture, path: str) -> list[Said]:
    """Denials to the first crawler whose refusal refuses training; the others of a list add nothing."""
    for name, agent in TRAINING_AGENTS.items():
        if agent.strong and (naming := addressed(capture, name)):
            said = [
                *_said(naming.rules, path, Basis.INFERRED),
                *_said(naming.loose_rules, path, Basis.INFERRED),
            ]
            said += _words(naming.others, naming.loose_others)
            if said:
                return [item._replace(basis=Basis.INFERRED) for item in said]
    return []


SIGNAL = Signal(
    name=NAME,
    title="Spawning ai.txt",
    spec="https://site.spawning.ai/spawning-ai-txt",
    version="2023-05-30",
    readers={Carrier.HOST_FILE: read_host_file},
    meanings=(
        ("`Disallow: *.jpg`", "no mining of paths that end so; of any image whose path tells no medium"),
        ("`Disallow: /` or `Disallow: *`", "no mining of anything"),
        ("`Spawning: disallow` in a group for us", "the same, recovered"),
        ("the same in a group for GPTBot and its like only", "the same, inferred"),
        ("`Allow:`", "lifts a shorter `Disallow` of the same group; grants nothing"),
        ("a page, a Markdown summary, a file without rules", "nothing"),
    ),
    host_files=(HostFile(path="/ai.txt"),),
)
