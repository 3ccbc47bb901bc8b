"""The parts of an evidence pack that say under which rules a corpus was collected, run by run."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from crawler.audit.report.conduct import Conduct
from crawler.audit.report.packfile import Part, data, table
from crawler.audit.wording import count
from crawler.corpus.policies import CERTIFICATES, DESCRIPTION, read_policy, read_trust
from crawler.optout import SIGNALS
from crawler.optout.codec import time_to_text
from crawler.optout.described import trust_of, versions_described
from crawler.optout.model import Malformed

if TYPE_CHECKING:
    from crawler.audit.report.cells import Cell
    from crawler.audit.report.model import Figures
    from crawler.corpus.corpus import Corpus

    Rows = Iterator[tuple[Cell, ...]]

FOLDER = "policy"
"""Their folder in the pack."""
POLICIES = (
    "policy", "file", "runs", "purposes", "posture", "reading", "tokens", "accepted", "non-commercial",
    "country", "trust anchors", "denied hosts", "denied prefixes", "denied digests",
)  # fmt: skip
"""A policy: its digest and file, how many runs decided under it, and what it says."""
HEARD = ("policy", "signal", "version", "title", "spec")
"""A signal that is heard under a policy, with the version of its text."""
RUNS = (
    "run", "what", "started", "ended", "seeds", "program", "delay", "scope", "kinds", "profile", "policy",
    "versions",
)  # fmt: skip
"""A run: its name in the ledger, ``crawl`` or ``recheck``, when, how it was set, and its policy."""
SIGNAL = ("signal", "title", "spec", "versions", "urls", "stated", "recovered", "inferred", "alone")
"""A signal: the versions under which decisions were made, and how many URLs it reserves."""


def policy_parts(corpus: Corpus) -> Iterator[Part]:
    """Every policy of a run, as it was stored; raises ``Damaged`` where its bytes are not those of its name."""
    manifest, ledger = corpus.folder.manifest, corpus.folder.ledger
    index: list[tuple[Cell, ...]] = []
    heard: list[tuple[Cell, ...]] = []
    anchors: dict[str, bytes] = {}
    digests = dict.fromkeys([*(run.policy for run in manifest.runs), manifest.identity.policy])
    for digest in digests:
        description = read_policy(ledger, digest)
        used = sum(run.policy == digest for run in manifest.runs)
        if description is None:
            index.append((digest, "not in the corpus any more", used))
            continue
        name = digest.removeprefix("sha256:") + DESCRIPTION
        try:
            said = json.loads(description)
            trusted = trust_of(description)
            versions = versions_described(description)
        except (Malformed, ValueError):
            said, trusted, versions = {}, "", []
        if certificates := read_trust(ledger, trusted):
            anchors[trusted] = certificates.encode()
        index.append((digest, name, used, *_said(said, trusted if trusted in anchors else None)))
        heard.extend((digest, *_of_signal(str(signal), str(version))) for signal, version in versions)
        yield Part(
            name=f"{FOLDER}/{name}",
            what=f"the policy of {count(used, 'run')}, exactly as decisions name it",
            question="By which rules was it decided?",
            check="its SHA-256 is its name, and stands in every decision that was made under it",
            write=data(description),
        )
    for trusted, held in anchors.items():
        yield Part(
            name=f"{FOLDER}/{trusted}{CERTIFICATES}",
            what="certificates of those whose signed permissions a policy believes",
            question="Whose permissions count?",
            check="its SHA-256 is its name, and stands in the policy",
            write=data(held),
        )
    yield Part(
        name=f"{FOLDER}/policies.csv",
        what="the policies side by side",
        question="What do the rules say, and did they change?",
        check="each row repeats the file that it names",
        write=table(POLICIES, lambda: iter(index)),
    )
    yield Part(
        name=f"{FOLDER}/signals.csv",
        what="the signals that each policy hears, with the version of the text that was implemented",
        question="Which protocols, in which version?",
        check="each row repeats the policy that it names; spec is the authority",
        write=table(HEARD, lambda: iter(heard)),
    )


def runs(corpus: Corpus) -> Rows:
    """Every run, oldest first."""
    trips = {trip.id: trip for trip in Conduct.of(corpus).trips}
    for run in corpus.folder.manifest.runs:
        trip = trips[run.id]
        yield (
            run.id,
            "recheck" if trip.recheck else "crawl",
            time_to_text(run.started),
            time_to_text(run.ended) if run.ended else None,
            len(run.seeds),
            trip.program,
            trip.delay,
            *(_text(run.settings.get(name)) for name in ("scope", "kinds", "profile")),
            run.policy,
            ", ".join(f"{name} {version}" for name, version in sorted(run.versions.items())),
        )


def signals(corpus: Corpus, figures: Figures) -> Rows:
    """Every signal that a run heard or that this version hears, by name."""
    versions = Conduct.of(corpus).versions
    counted = {row.signal: row for row in figures.signals}
    for name in sorted({*versions, *counted, *SIGNALS}):
        row, signal = counted.get(name), SIGNALS.get(name)
        numbers = (row.urls, row.stated, row.recovered, row.inferred, row.alone) if row else (0, 0, 0, 0, 0)
        title, spec = (signal.title, signal.spec) if signal else (row.title if row else name, None)
        yield name, title, spec, ", ".join(versions.get(name, ())), *numbers


def _said(said: dict[str, Any], trusted: str | None) -> tuple[Cell, ...]:
    denied = said.get("denylist") or {}
    return (
        _text(said.get("purposes")),
        _text(said.get("posture")),
        _text(said.get("reading")),
        _text(said.get("agents")),
        _text(said.get("accepted")),
        {True: "no", False: "yes"}.get(said.get("commercial")),  # type: ignore[arg-type]
        _text(said.get("country")),
        trusted + CERTIFICATES if trusted else None,
        *(len(denied.get(name, ())) for name in ("hosts", "prefixes", "sha256")),
    )


def _of_signal(name: str, version: str) -> tuple[Cell, ...]:
    signal = SIGNALS.get(name)
    return name, version, signal.title if signal else None, signal.spec if signal else None


def _text(value: object) -> str | None:
    if value is None:
        return None
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
