"""From the tables of a census to the figures of a report."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING

from crawler import TOKEN, user_agent
from crawler.audit.report.census import TITLES, bases_of, counted, counting
from crawler.audit.report.conduct import unchecked
from crawler.audit.report.languages import NONE, UNMEASURED, name_of
from crawler.audit.report.model import (
    About,
    Figures,
    KindRow,
    LanguageRow,
    LicenceRow,
    PostureRow,
    ReadingRow,
    Reason,
    RunRow,
    SignalRow,
    SilentRow,
    StageRow,
    SuffixRow,
)
from crawler.audit.scope import scope_of
from crawler.audit.wording import CARRIERS, reason
from crawler.corpus.holds import Holds
from crawler.domains import suffix_list
from crawler.optout.model import Kind, Stage

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator

    from crawler.audit.report.census import Census
    from crawler.corpus.corpus import Corpus


def figures_of(census: Census) -> Figures:
    """All figures but the domains."""
    database = census.database
    return Figures(
        about=_about(census.corpus),
        at=census.at,
        period=census.period(),
        total=counted(*database.execute(counting()).fetchone()),
        held_back=_held_back(census),
        domains=_one(database, "SELECT count(*) FROM domain"),
        contributing=_one(database, "SELECT count(DISTINCT domain) FROM fact WHERE state = 'kept'"),
        kinds=tuple(_kinds(database)),
        signals=tuple(sorted(_signals(database), key=lambda row: (-row.urls, row.signal))),
        stages=tuple(_stages(database)),
        suffixes=tuple(_suffixes(database)),
        languages=tuple(_languages(database)),
        periods=census.clock.rows(),
        postures=tuple(_postures(database)),
        readings=tuple(sorted(_readings(database), key=lambda row: (-row.urls, row.signal, row.basis))),
        literal=_one(database, "SELECT count(*) FROM spare"),
        walls=tuple(
            _rows(database, "SELECT wall, count(*) AS n, count(DISTINCT domain) FROM wall GROUP BY wall")
        ),
        undetermined=tuple(_reasons(database, "undetermined")),
        silent=tuple(_silent(census)),
        skipped=tuple(_reasons(database, "skipped")),
        licences=tuple(_licences(database)),
        events=census.happenings.rows(),
    )


def _about(corpus: Corpus) -> About:
    manifest, scope = corpus.folder.manifest, scope_of(corpus)
    identity, seal = manifest.identity, scope.seal
    return About(
        name=corpus.folder.path.resolve().name,
        log=manifest.origin,
        created=manifest.created,
        operator=identity.operator,
        contact=identity.contact,
        tokens=identity.tokens,
        user_agent=_user_agent(corpus),
        purposes=tuple(purpose.value for purpose in identity.purposes),
        posture=identity.posture.value,
        reading=identity.reading.value,
        unchecked=any(unchecked(run.settings) for run in manifest.runs),
        reason=identity.reason,
        policy=identity.policy,
        runs=tuple(
            RunRow(
                id=run.id,
                started=run.started,
                ended=run.ended,
                seeds=len(run.seeds),
                versions=", ".join(f"{name} {version}" for name, version in run.versions.items()),
                policy=run.policy,
            )
            for run in manifest.runs
        ),
        entries=scope.entries,
        sealed=seal.size if seal else 0,
        root=seal.root if seal else None,
        sealed_at=seal.at if seal else None,
        erased=scope.erased,
        suffix_list=suffix_list(),
    )


def _user_agent(corpus: Corpus) -> str:
    """As the last run sent it: its token as the operator wrote it, where that was recorded."""
    manifest = corpus.folder.manifest
    token = manifest.identity.tokens[0] if manifest.identity.tokens else TOKEN
    for run in reversed(manifest.runs):
        written = run.settings.get("tokens")
        found = [name for name in written if str(name).lower() == token] if isinstance(written, list) else []
        if found:
            token = str(found[0])
            break
    return user_agent(token, manifest.identity.contact, manifest.versions.get("heedful", "0"))


def _held_back(census: Census) -> int:
    if not any(event.what == "recheck" for event in census.happenings.rows()):
        return 0
    holds = Holds.read(census.corpus)
    kept = census.database.execute("SELECT url FROM fact WHERE state = 'kept'")
    return sum(holds.of(url) is not None for (url,) in kept)


def _kinds(database: sqlite3.Connection) -> Iterator[KindRow]:
    found = {
        kind: counted(*row)
        for kind, *row in database.execute(counting("kind, ", "GROUP BY kind ORDER BY kind"))
    }
    names = dict.fromkeys((*(kind.value for kind in Kind if kind in found), *found))
    return (KindRow(kind=kind, count=found[kind]) for kind in names)


def _signals(database: sqlite3.Connection) -> Iterator[SignalRow]:
    urls: Counter[tuple[str, str]] = Counter()
    alone: Counter[str] = Counter()
    query = "SELECT reasons, count(*) FROM fact WHERE state = 'reserved' GROUP BY reasons"
    for reasons, number in database.execute(query):
        bases = bases_of(reasons)
        urls.update(dict.fromkeys(bases.items(), number))
        if len(bases) == 1:
            alone.update(dict.fromkeys(bases, number))
    for signal in {signal for signal, _ in urls}:
        yield SignalRow(
            signal=signal,
            title=TITLES.get(signal, signal),
            stated=urls[signal, "stated"],
            recovered=urls[signal, "recovered"],
            inferred=urls[signal, "inferred"],
            alone=alone[signal],
        )


def _stages(database: sqlite3.Connection) -> Iterator[StageRow]:
    found = {
        stage: row
        for stage, *row in database.execute(
            "SELECT stage, sum(state = 'reserved'), sum(state = 'undetermined'), sum(state = 'skipped')"
            " FROM fact GROUP BY stage"
        )
    }
    for stage in Stage:
        reserved, undetermined, skipped = found.get(stage.value, (0, 0, 0))
        yield StageRow(stage=stage.value, reserved=reserved, undetermined=undetermined, skipped=skipped)


def _suffixes(database: sqlite3.Connection) -> Iterator[SuffixRow]:
    query = counting("suffix, count(DISTINCT domain), ", "GROUP BY suffix ORDER BY count(*) DESC, suffix")
    for suffix, domains, *row in database.execute(query):
        yield SuffixRow(suffix=suffix, domains=domains, count=counted(*row))


def _languages(database: sqlite3.Connection) -> Iterator[LanguageRow]:
    query = (
        "SELECT CASE WHEN language IS NULL THEN ? WHEN language = '' THEN ? ELSE language END AS code,"
        " count(*), coalesce(sum(measure.bytes), 0) AS size, coalesce(sum(words), 0)"
        " FROM held LEFT JOIN measure USING (sha256) WHERE kind != 'image'"
        " GROUP BY code ORDER BY size DESC, count(*) DESC, code"
    )
    for code, items, size, words in database.execute(query, (UNMEASURED, NONE)):
        yield LanguageRow(language=code, name=name_of(code), items=items, text_bytes=size, words=words)


def _postures(database: sqlite3.Connection) -> Iterator[PostureRow]:
    query = "SELECT kind, count(*), coalesce(sum(licensed), 0) FROM fact WHERE open GROUP BY kind"
    found = {kind: (out, licensed) for kind, out, licensed in database.execute(query)}
    for kind in dict.fromkeys((*(kind.value for kind in Kind if kind in found), *sorted(found))):
        yield PostureRow(kind=kind, opt_out=found[kind][0], opt_in=found[kind][1])
    yield PostureRow(
        kind="all", opt_out=sum(out for out, _ in found.values()), opt_in=sum(one for _, one in found.values())
    )


def _readings(database: sqlite3.Connection) -> Iterator[ReadingRow]:
    found: Counter[tuple[str, str]] = Counter()
    for pairs, number in database.execute("SELECT pairs, count(*) FROM spare GROUP BY pairs"):
        found.update(dict.fromkeys(map(tuple, json.loads(pairs)), number))
    for (signal, basis), urls in found.items():
        yield ReadingRow(signal=signal, basis=basis, urls=urls)


def _reasons(database: sqlite3.Connection, state: str) -> Iterator[Reason]:
    query = (
        "SELECT worded(value), count(DISTINCT url) AS n, count(DISTINCT domain)"
        " FROM fact, json_each(fact.reasons) WHERE state = ? GROUP BY 1"
    )
    return _rows(database, query, state)


def _silent(census: Census) -> Iterator[SilentRow]:
    query = "SELECT origin_of(url), count(*) FROM fact WHERE state = 'undetermined' GROUP BY 1"
    urls = dict(census.database.execute(query)) if census.silence else {}
    for row in census.silence.rows():
        words = "; ".join(reason(one, CARRIERS) for one in row.reason.split(", "))
        yield SilentRow(
            origin=row.origin, reason=words, since=row.since, last=row.last, urls=urls.get(row.origin, 0)
        )


def _rows(database: sqlite3.Connection, query: str, *values: str) -> Iterator[Reason]:
    for words, urls, domains in database.execute(f"{query} ORDER BY n DESC, 1", values):
        yield Reason(reason=words, urls=urls, domains=domains)


def _licences(database: sqlite3.Connection) -> Iterator[LicenceRow]:
    query = (
        "SELECT licence, count(*) AS n, sum(accepted), sum(bytes) FROM named"
        " GROUP BY licence ORDER BY n DESC, licence"
    )
    for licence, items, accepted, size in database.execute(query):
        yield LicenceRow(licence=licence, items=items, accepted=accepted, bytes=size)


def _one(database: sqlite3.Connection, query: str) -> int:
    return int(database.execute(query).fetchone()[0])
