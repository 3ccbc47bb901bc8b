"""The series as prometheus-client writes them: every number is made when somebody asks for it."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from crawler.metrics import state, vocabulary
from crawler.metrics.counts import Counts, Distribution
from crawler.metrics.series import SERIES

if TYPE_CHECKING:
    from crawler.job import Job

UNDECODABLE = "heedful/undecodable"
"""Scrapy's stat of bodies that could not be decoded."""

Label = str | tuple[str, ...]


class Families:
    """A collector, as a registry of prometheus-client asks it."""

    def __init__(self, counts: Counts, job: Job, stats: Any) -> None:
        """``stats``: Scrapy's."""
        self._counts = counts
        self._job = job
        self._stats = stats

    def collect(self) -> Iterator[Any]:
        """Every series, now."""
        yield from self._happened()
        yield from self._is()

    def _happened(self) -> Iterator[Any]:
        counts = self._counts
        yield _labelled("decisions", counts.decisions)
        yield _labelled("undetermined", counts.undetermined)
        yield _labelled("policy_fetch", counts.policy)
        yield _labelled("fetch", counts.fetched, dict.fromkeys(vocabulary.FETCH_CLASSES, 0))
        yield _labelled("politeness_violations", counts.violations, dict.fromkeys(vocabulary.VIOLATIONS, 0))
        yield _labelled("egress_refused", counts.refused, dict.fromkeys(vocabulary.REFUSED, 0))
        yield _distribution("policy_age_seconds", counts.policy_ages)
        yield _distribution("event_loop_lag_seconds", counts.lags)
        yield _single("event_loop_lag_max_seconds", counts.worst_lag)
        yield _single("fetched_bytes", counts.bytes)
        yield _single("in_flight_requests", counts.in_flight)
        yield _single("tls_invalid", counts.tls)
        yield _single("decode_incomplete", self._stats.get_value(UNDECODABLE, 0))
        yield _labelled("held_urls", counts.held_reasons)
        yield _single("held_oldest_seconds", counts.held_for)

    def _is(self) -> Iterator[Any]:
        job = self._job
        folder, ledger, journal = job.corpus.folder, job.corpus.ledger, job.journal
        assert ledger is not None
        yield _single("kept_bytes", job.tally.bytes)
        if job.left is not None:
            left = {name: getattr(job.left, name) for name in vocabulary.URL_STATES}
            yield _labelled("frontier_urls", left)
        found = state.domains(job)
        if found is not None:
            yield _labelled(
                "frontier_domains", {name: getattr(found, name) for name in vocabulary.DOMAIN_STATES}
            )
            yield _single("frontier_oldest_due_seconds", state.oldest_due(job, found))
        yield _single("lease_lost", state.leases_lost(job))
        yield _single("ledger_entries", ledger.count)
        yield _single("ledger_unsealed_entries", ledger.count - ledger.sealed_size)
        yield _single("ledger_bytes", state.ledger_bytes(folder.ledger))
        yield _single("unsynced_bytes", journal.unsynced)
        yield _single("fsync_age_seconds", time.monotonic() - journal.synced_at)
        yield from _known("checkpoint_age_seconds", state.since_checkpoint(folder.ledger))
        yield from _known("anchor_age_seconds", state.since_anchor(folder.ledger))
        with suppress(OSError):  # a file system that is gone has no number: the series ends
            yield _single("disk_free_bytes", state.disk(folder.path).free)
        yield _single("tail_repairs", state.repairs())
        yield _single("failing", job.failure is not None)


def _family(name: str) -> Any:
    from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily

    series = SERIES[f"heedful_{name}"]
    kinds: Mapping[str, Any] = {
        "counter": CounterMetricFamily,
        "gauge": GaugeMetricFamily,
        "histogram": HistogramMetricFamily,
    }
    if series.labels:
        return kinds[series.type](series.name, series.help, labels=series.labels)
    return kinds[series.type](series.name, series.help)


def _single(name: str, value: float) -> Any:
    family = _family(name)
    family.add_metric((), float(value))
    return family


def _known(name: str, value: float | None) -> Iterable[Any]:
    return () if value is None else (_single(name, value),)


def _labelled(name: str, values: Mapping[Any, int], least: Mapping[Any, int] | None = None) -> Any:
    """One sample for each label; those of ``least`` also where nothing has happened yet."""
    family = _family(name)
    for label, value in {**(least or {}), **values}.items():
        family.add_metric((label,) if isinstance(label, str) else label, float(value))
    return family


def _distribution(name: str, values: Distribution) -> Any:
    family = _family(name)
    family.add_metric((), buckets=values.buckets(), sum_value=values.total)
    return family
