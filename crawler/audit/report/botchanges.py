"""What changed about a crawler since it was published last, one change at a time.

The state that was published, and the changes before it, are read back from the ``crawler.json`` of the last
time; of a corpus, each run that began since then is asked for the policy that it decided under.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from crawler.audit.report.request import ReportError
from crawler.audit.wording import PURPOSES
from crawler.corpus.policies import read_policy
from crawler.optout import SIGNALS
from crawler.optout.codec import time_from_text, time_to_text
from crawler.optout.described import parse_description, versions_described
from crawler.optout.model import Malformed

if TYPE_CHECKING:
    from pathlib import Path

    from crawler.corpus.corpus import Corpus

KEPT = 200
"""Changes that are remembered; older ones fall out."""

State = Mapping[str, Any]
"""What is compared: ``tokens``, ``purposes``, ``posture``, ``reading``, ``accepted``, ``signals`` (name and
version), and of what is published besides ``addresses``, ``operator``, ``contact``."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """One thing that changed."""

    number: int
    """Counts from 1, in the order in which they were published."""
    at: datetime
    """When, UTC: of what a run did first, when that run began."""
    title: str
    """What, in a few words."""
    text: str
    """What it is now and what it was."""

    def plain(self) -> dict[str, Any]:
        """As it is kept."""
        return {
            "number": self.number,
            "at": time_to_text(self.at),
            "title": self.title,
            "text": self.text,
        }


@dataclass(frozen=True, kw_only=True, slots=True)
class Published:
    """What was published the last time."""

    feed: str
    """The feed's id."""
    state: State
    """What was said of the crawler."""
    changes: tuple[Change, ...]
    """The changes that are remembered, oldest first; at least one."""

    @property
    def updated(self) -> datetime:
        """When something changed last."""
        return max(change.at for change in self.changes)


def published(path: Path) -> Published | None:
    """What the file of the last time says; None: there is none. Raises ``ReportError`` for another file."""
    try:
        said = json.loads(path.read_bytes())
        found = Published(
            feed=str(said["feed"]),
            state=_state(said),
            changes=tuple(_change(row) for row in reversed(said["changes"])),
        )
        numbers = [change.number for change in found.changes]
        if not numbers or numbers != sorted(set(numbers)):
            raise ValueError("its changes do not follow one another")
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, Malformed) as error:
        raise ReportError(
            f"{path} is not what was published the last time ({type(error).__name__}: {error}); put that back, "
            "or move it and changes.atom away to begin anew"
        ) from error
    return found


def history(old: Published | None, state: State, corpus: Corpus | None, at: datetime) -> tuple[Change, ...]:
    """All changes up to ``state``, which holds at ``at``, oldest first; the same ones if nothing changed."""
    changes = list(old.changes) if old else []
    last = old.state if old else None
    for began, ruled in _runs(corpus):
        if last is None:
            last = ruled | {name: state[name] for name in state.keys() - ruled.keys()}
            changes.append(_begun(last, began))
        elif old is None or began > old.updated:
            _note(changes, last, {**last, **ruled}, began)
            last = {**last, **ruled}
    if last is None:
        changes.append(_begun(state, at))
    else:
        _note(changes, last, state, max(at, changes[-1].at))
    return tuple(changes[-KEPT:])


def differences(old: State, new: State) -> Iterator[tuple[str, str]]:
    """What differs, as title and text each."""
    for name, told in _ASPECTS.items():
        before, after = old.get(name), new.get(name)
        if before != after and name in new:
            yield told[0], f"{told[1]}{_worded(name, after)}. Before: {_worded(name, before)}."
    before, after = old.get("signals", {}), new.get("signals", {})
    for name in sorted({*before, *after}):
        signal = SIGNALS.get(name)
        title = f"{signal.title} ({name})" if signal else name
        if name not in before:
            yield f"{title} is heard now", f"It is read as version {after[name]} of its text says."
        elif name not in after:
            yield f"{title} is not heard any more", f"It was read as version {before[name]} of its text says."
        elif before[name] != after[name]:
            now = f"It is read as version {after[name]} of its text says. Before: {before[name]}."
            yield f"{title} is read by another version of its text", now


_ASPECTS = {
    "tokens": ("It has another name", "Rules in robots.txt bind it that are for: "),
    "purposes": ("It collects for another purpose", "It collects for: "),
    "posture": ("What it keeps changed", ""),
    "reading": ("How refusals are read changed", ""),
    "accepted": ("Other licences and permissions count", "What counts as a permission: "),
    "addresses": ("It comes from other addresses", "It comes from: "),
    "operator": ("It has another operator", "It is run by: "),
    "contact": ("It has another contact", "Its operator is reached at: "),
}
_SAID = {
    "opt-out": "It keeps what nobody has reserved",
    "opt-in": "It keeps only what an accepted licence or permission covers and nobody has reserved",
    "strict": "A refusal counts however it is spelt and whomever of the AI crawlers it names",
    "literal": "A refusal counts as far as the letter of its protocol goes",
}


def _worded(name: str, value: Any) -> str:
    if isinstance(value, list):
        return (
            ", ".join(PURPOSES.get(one, one) if name == "purposes" else one for one in value) or "not published"
        )
    return _SAID.get(value, str(value)) if value else "not published"


def _runs(corpus: Corpus | None) -> Iterator[tuple[datetime, dict[str, Any]]]:
    """When each run began, and what of the state its policy says; nothing where the policy is not stored."""
    if corpus is None:
        return
    for run in corpus.folder.manifest.runs:
        description = read_policy(corpus.folder.ledger, run.policy)
        if description is None:
            continue
        try:
            policy, context = parse_description(description)
            versions = versions_described(description)
        except Malformed:
            continue
        yield (
            run.started,
            {
                "tokens": list(context.agents),
                "purposes": sorted(policy.purposes),
                "posture": policy.posture.value,
                "reading": policy.reading.value,
                "accepted": sorted(policy.accepted),
                "signals": {str(name): str(version) for name, version in versions},
            },
        )


def _note(changes: list[Change], old: State, new: State, at: datetime) -> None:
    for title, text in differences(old, new):
        changes.append(Change(number=changes[-1].number + 1, at=at, title=title, text=text))


def _begun(state: State, at: datetime) -> Change:
    told = (
        f"Names: {_worded('tokens', state['tokens'])}. Purposes: {_worded('purposes', state['purposes'])}. "
        f"Signals that are heard: {', '.join(state['signals'])}"
    )
    return Change(
        number=1, at=at, title="This crawler is published", text=f"From here on its changes are told. {told}."
    )


def _state(said: Mapping[str, Any]) -> State:
    """The state in a file of the last time; raises what comes of a file that is another."""
    return {
        "tokens": [_text(one).lower() for one in said["tokens"]],
        "purposes": [_text(one) for one in said["purposes"]],
        "posture": _text(said["posture"]),
        "reading": _text(said["reading"]),
        "accepted": [_text(one) for one in said["accepted"]],
        "signals": {_text(row["name"]): _text(row["version"]) for row in said["signals"]},
        "addresses": [_text(one) for one in said["addresses"]],
        "operator": said["operator"] and _text(said["operator"]),
        "contact": _text(said["contact"]),
    }


def _change(row: Mapping[str, Any]) -> Change:
    number = row["number"]
    if not isinstance(number, int) or isinstance(number, bool) or number < 1:
        raise TypeError(f"{number!r:.40} is no number of a change")
    return Change(
        number=number, at=time_from_text(_text(row["at"])), title=_text(row["title"]), text=_text(row["text"])
    )


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r:.40} is no text")
    return value
