"""How the crawler of a corpus behaves: what its runs were set to, and under which policies they decided."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
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
"""Seconds between two requests to one registrable domain where nobody said anything."""

DELAYS = {"polite": DELAY, "distributed": DELAY, "testing": 0.0}
"""Seconds between two requests to one registrable domain, by settings profile, where nobody said
anything else."""

PROFILE = "polite"
"""The profile of a run that names none."""

PACE = ("AUTOTHROTTLE_ENABLED", "DOWNLOAD_DELAY_JITTER", "DOWNLOAD_SLOTS", "RANDOMIZE_DOWNLOAD_DELAY")
"""Settings of Scrapy's that change the pace in a way that is not told by one number."""

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
    program: str
    """The crawler and its version."""
    delay: float
    """Seconds between two requests to one registrable domain; 0 also where what was set is no number."""
    together: int
    """Requests that may be under way to one registrable domain at once."""
    pace: tuple[str, ...]
    """Names of further settings that changed its pace; see :data:`PACE`."""


@dataclass(frozen=True, kw_only=True, slots=True)
class SeedFile:
    """A file of addresses that a run began at."""

    name: str
    """Its base name."""
    sha256: str
    """Digest of its bytes."""
    count: int
    """Addresses in it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Conduct:
    """How the crawler of one corpus behaves."""

    trips: tuple[Trip, ...]
    """Its runs, oldest first."""
    seeds: frozenset[str]
    """Where the runs that collected began, each address once; ``sitemap:`` stands before those of sitemaps."""
    lists: tuple[SeedFile, ...] | None
    """The files that those were read from, each once; None: a run of an older version did not say."""
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
            seeds=frozenset(seed for run in manifest.runs if not _rechecks(run) for seed in run.seeds),
            lists=_lists(run.settings for run in manifest.runs if not _rechecks(run)),
            versions={name: tuple(told) for name, told in sorted(versions.items())},
            denylist=Denylist(hosts=frozenset(hosts), prefixes=tuple(prefixes), sha256=frozenset(digests)),
            unchecked=any(unchecked(run.settings) for run in manifest.runs),
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


def _lists(settings: Iterable[Mapping[str, Any]]) -> tuple[SeedFile, ...] | None:
    found: dict[SeedFile, None] = {}
    for made in settings:
        told = made.get("seed_lists")
        if not isinstance(told, list):
            return None
        for row in told:
            try:
                file = SeedFile(name=str(row["name"]), sha256=str(row["sha256"]), count=int(row["count"]))
            except (LookupError, TypeError, ValueError):
                return None
            found[file] = None
    return tuple(found)


def _trip(run: Run) -> Trip:
    made = run.settings.get("settings")
    by_name = made if isinstance(made, Mapping) else {}
    delay = by_name.get("DOWNLOAD_DELAY", run.settings.get("delay"))
    if delay is None:
        delay = DELAYS.get(str(run.settings.get("profile", PROFILE)), 0.0)
    return Trip(
        id=run.id,
        started=run.started,
        ended=run.ended,
        recheck=_rechecks(run),
        seeds=len(run.seeds),
        program=f"heedful {run.versions.get('heedful', '(version not recorded)')}",
        delay=_number(delay, 0.0),
        together=int(_number(by_name.get("CONCURRENT_REQUESTS_PER_DOMAIN"), 1.0)),
        pace=tuple(name for name in PACE if name in by_name),
    )


def _rechecks(run: Run) -> bool:
    return run.settings.get("command") == RECHECK


def _number(value: object, otherwise: float) -> float:
    """A number as it was set, from 0; ``otherwise`` for what is none."""
    try:
        number = float(str(value))
    except ValueError:
        return otherwise
    return number if 0 <= number < 1e9 else otherwise


def unchecked(settings: Mapping[str, Any]) -> bool:
    """Whether a run with these settings accepted connections without checking certificates."""
    made = settings.get("settings")
    asked = made.get("DOWNLOAD_VERIFY_CERTIFICATES") if isinstance(made, Mapping) else None
    return asked is not None and str(asked).strip().lower() not in ("1", "true")
