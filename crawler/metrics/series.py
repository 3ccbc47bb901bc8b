"""Every series that is exported: its name, what it counts, and the labels it may carry.

No label ever holds a host, a URL or any other word of a stranger: a hostile web could make as many series as it
has names. The names follow Prometheus' conventions
(https://prometheus.io/docs/practices/naming/): base units, counters that end in ``_total``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

Type = Literal["counter", "gauge", "histogram"]

POLICY_AGES = (1.0, 60.0, 600.0, 3_600.0, 21_600.0, 43_200.0, 86_400.0, 90_000.0)
"""Upper bounds of the buckets of ages, in seconds; 24 hours is what RFC 9309 §2.4 allows."""

LAGS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0)
"""Upper bounds of the buckets of delays of the event loop, in seconds."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Series:
    """One series."""

    name: str
    """Its name; a counter's without ``_total``."""
    type: Type
    """What it is to Prometheus."""
    help: str
    """What it counts, in one line."""
    labels: tuple[str, ...] = ()
    """The names of its labels."""

    @property
    def exported(self) -> tuple[str, ...]:
        """The names of its samples, which expressions use."""
        match self.type:
            case "counter":
                return (f"{self.name}_total",)
            case "histogram":
                return tuple(f"{self.name}_{part}" for part in ("bucket", "count", "sum"))
        return (self.name,)


def _series() -> Iterator[Series]:
    def counter(name: str, help: str, *labels: str) -> Series:
        return Series(name=f"heedful_{name}", type="counter", help=help, labels=labels)

    def gauge(name: str, help: str, *labels: str) -> Series:
        return Series(name=f"heedful_{name}", type="gauge", help=help, labels=labels)

    def histogram(name: str, help: str) -> Series:
        return Series(name=f"heedful_{name}", type="histogram", help=help)

    yield counter("decisions", "Decisions of this run, each once, under its first ground.", "outcome", "signal")
    yield counter(
        "undetermined",
        "Reasons of undetermined decisions; one may have several.",
        "reason",
    )
    yield gauge("held_urls", "URLs of this run that could not be told and are asked again.", "reason")
    yield gauge("held_oldest_seconds", "Since the first answer of the URL that has waited longest for another.")
    yield counter("policy_fetch", "Answers to requests for site-level files and licences.", "source", "result")
    yield histogram("policy_age_seconds", "Age of the oldest site-level file behind a decision.")
    yield counter("fetch", "Requests that left this machine and ended, by the class of the answer.", "class")
    yield counter("fetched_bytes", "Bytes of bodies received, as they were sent.")
    yield gauge("in_flight_requests", "Requests that were sent and have not ended.")
    yield gauge("kept_bytes", "Bytes of content kept by this run, less what it removed.")
    yield gauge("frontier_urls", "URLs by where they are, as of the last write.", "state")
    yield gauge("frontier_domains", "Registrable domains by where they are.", "state")
    yield gauge("frontier_oldest_due_seconds", "Since the domain that waited longest could have been asked.")
    yield counter("lease_lost", "Domains that this process held and lost to another, which ends it.")
    yield counter("politeness_violations", "Requests too early or beside too many; must be 0.", "kind")
    yield counter("egress_refused", "URLs and connections refused for their address, port or scheme.", "where")
    yield counter("tls_invalid", "Connections that failed for their certificate or their TLS.")
    yield counter("decode_incomplete", "Bodies that did not decode to their end, or to too much.")
    yield gauge("ledger_entries", "Entries of the ledger.")
    yield gauge("ledger_unsealed_entries", "Entries that no checkpoint is signed over yet.")
    yield gauge("ledger_bytes", "Bytes of the ledger's entries, salts and checkpoints; without the tree.")
    yield gauge("unsynced_bytes", "Bytes recorded that are not on disk yet.")
    yield gauge("fsync_age_seconds", "Since everything recorded was last on disk.")
    yield gauge("checkpoint_age_seconds", "Since the last checkpoint was signed.")
    yield gauge("anchor_age_seconds", "Since the last time-stamp of an authority was stored.")
    yield gauge("disk_free_bytes", "Bytes that this user may still write where the corpus lies.")
    yield counter("tail_repairs", "Torn ends of files that were cut off after a crash.")
    yield histogram("event_loop_lag_seconds", "How late a timer of the crawl's event loop was.")
    yield gauge("event_loop_lag_max_seconds", "The latest that a timer was within the last minute.")
    yield gauge("failing", "1: something ended the crawl, such as a full disk; else 0.")


SERIES = {series.name: series for series in _series()}
"""By name. Beside them stand ``process_*``, which prometheus-client measures where it can."""
