"""How the crawler of a corpus behaves: what its runs were set to, and under which policies they decided."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from crawler.corpus.policies import read_policy
from crawler.optout.described import parse_description, versions_described
from crawler.optout.model import Denylist, Malformed

if TYPE_CHECKING:
    from crawler.corpus.corpus import Corpus
    from crawler.corpus.manifest import Run

DELAY = 1.0
"""Seconds between two requests to one registrable domain where nothing else was set."""

RECHECK = "recheck"
"""The ``command`` of a run that asks again and collects nothing."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Trip:
    """One run."""

    id: str
    """Its name in the ledger."""
    started: datetime
    """When it began, UTC."""
    ended: datetime | None
    """When it ended, UTC; None: it is running, or was killed."""
    recheck: bool
    """Whether it only asked again about what is kept."""
    seeds: int
    """Addresses it began at."""
    sitemaps: int
    """How many of them are sitemaps."""
    program: str
    """The crawler and its version."""
    delay: float
    """Seconds between two requests to one registrable domain."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Conduct:
    """How the crawler of one corpus behaves."""

    trips: tuple[Trip, ...]
    """Its runs, oldest first."""
    versions: Mapping[str, tuple[str, ...]]
    """By name of a signal, the versions of its text that decisions rest on; more than one if it changed."""
    denylist: Denylist
    """What the operator never collects, over all runs."""
    unchecked: bool
    """Whether a run accepted connections without checking certificates."""
    policies_missing: int
    """Policies of runs that are not in the folder any more."""

    @classmethod
    def of(cls, corpus: Corpus) -> Conduct:
        """From the manifest and the policies in the ledger's folder; raises ``Damaged``."""
        manifest = corpus.folder.manifest
        versions: dict[str, dict[str, None]] = {}
        hosts, prefixes, digests = set[str](), dict[str, None](), set[str]()
        missing = 0
        for digest in dict.fromkeys([*(run.policy for run in manifest.runs), manifest.identity.policy]):
            description = read_policy(corpus.folder.ledger, digest)
            try:
                if description is None:
                    raise Malformed("not there")
                denylist = parse_description(description)[1].denylist
                described = versions_described(description)
            except Malformed:
                missing += 1
                continue
            for name, version in described:
                versions.setdefault(str(name), {})[str(version)] = None
            hosts |= denylist.hosts
            prefixes |= dict.fromkeys(denylist.prefixes)
            digests |= denylist.sha256
        return cls(
            trips=tuple(map(_trip, manifest.runs)),
            versions={name: tuple(told) for name, told in sorted(versions.items())},
            denylist=Denylist(hosts=frozenset(hosts), prefixes=tuple(prefixes), sha256=frozenset(digests)),
            unchecked=any(_unchecked(run.settings) for run in manifest.runs),
            policies_missing=missing,
        )

    @property
    def crawls(self) -> tuple[Trip, ...]:
        """The runs that collected."""
        return tuple(trip for trip in self.trips if not trip.recheck)

    @property
    def rechecks(self) -> tuple[Trip, ...]:
        """The runs that asked again."""
        return tuple(trip for trip in self.trips if trip.recheck)


def _trip(run: Run) -> Trip:
    delay = run.settings.get("delay", DELAY)
    return Trip(
        id=run.id,
        started=run.started,
        ended=run.ended,
        recheck=run.settings.get("command") == RECHECK,
        seeds=len(run.seeds),
        sitemaps=sum(seed.startswith("sitemap:") for seed in run.seeds),
        program=f"heedful {run.versions.get('heedful', '(version not recorded)')}",
        delay=float(delay) if isinstance(delay, int | float) else DELAY,
    )


def _unchecked(settings: Mapping[str, Any]) -> bool:
    made = settings.get("settings")
    asked = made.get("DOWNLOAD_VERIFY_CERTIFICATES") if isinstance(made, Mapping) else None
    return asked is not None and str(asked).strip().lower() not in ("1", "true")
