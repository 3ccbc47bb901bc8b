"""Figures for tests of what shows them: empty ones, ordinary ones, and ones that try to break the page."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from crawler.audit.report.model import (
    About,
    Count,
    DomainRow,
    EventRow,
    Figures,
    KindRow,
    LanguageRow,
    LicenceRow,
    PeriodRow,
    PostureRow,
    ReadingRow,
    Reason,
    RunRow,
    SignalRow,
    SilentRow,
    StageRow,
    SuffixRow,
)

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
HOSTILE = '"><img src=x onerror=alert(1)><script>alert(2)</script>'
"""Words that are a page of their own wherever somebody forgot to escape."""
HIDING = "evil\u202egnp.exe\u2066\u200b\x07"
"""Words that reorder and hide."""

ABOUT = About(
    name="corpus",
    log="heedful.example/ledger/3f9a",
    created=NOON,
    operator="Example Lab",
    contact="bot@example.org",
    tokens=("examplebot", "heedful"),
    user_agent="examplebot/0.1.0 (+mailto:bot@example.org)",
    purposes=("ai-train", "tdm"),
    posture="opt-out",
    reading="strict",
    unchecked=False,
    reason=None,
    policy="sha256:" + "5e" * 32,
    runs=(
        RunRow(
            id="20261122T120000Z-1",
            started=NOON,
            ended=NOON + timedelta(hours=30),
            seeds=12,
            versions="heedful 0.1.0, python 3.11, scrapy 2.19",
            policy="sha256:" + "5e" * 32,
        ),
    ),
    entries=48_231,
    sealed=48_128,
    root="qw9Zk0V6l1f7eY7B5rYk0f2n1m2T2o3p4q5r6s7t8u8=",
    sealed_at="2026-11-23T18:00:00Z",
    erased=2,
    suffix_list="2026-10-01 (tldextract 5.3.0)",
)

EMPTY = Figures(
    about=replace(ABOUT, runs=(), entries=0, sealed=0, root=None, sealed_at=None, erased=0, operator=None),
    at=NOON,
    period=None,
    total=Count(),
    held_back=0,
    domains=0,
    contributing=0,
    kinds=(),
    signals=(),
    stages=(),
    suffixes=(),
    languages=(),
    periods=(),
    postures=(),
    readings=(),
    literal=0,
    walls=(),
    undetermined=(),
    silent=(),
    skipped=(),
    licences=(),
    events=(),
)
"""A corpus in which nothing has been decided."""

TEXTS = Count(kept=9_120, bytes=412_000_111, reserved=11_310, undetermined=1_420, skipped=3_700, withdrawn=38)
IMAGES = Count(
    kept=7_004, bytes=2_912_400_000, reserved=8_201, undetermined=702, skipped=5_120, withdrawn=11, removed=140
)
PDFS = Count(kept=212, bytes=90_400_000, reserved=44, undetermined=9, skipped=3, unstored=4)
EPUBS = Count(kept=1, bytes=400_000)


def summed(*counts: Count) -> Count:
    """All of them together."""
    return Count(**{name: sum(getattr(one, name) for one in counts) for name in Count.__slots__})


ORDINARY = Figures(
    about=ABOUT,
    at=NOON + timedelta(days=3),
    period=("2026-11-22T12:00:00.123456Z", "2026-11-23T18:00:00Z"),
    total=summed(TEXTS, IMAGES, PDFS, EPUBS),
    held_back=61,
    domains=1_204,
    contributing=811,
    kinds=(
        KindRow(kind="text", count=TEXTS),
        KindRow(kind="image", count=IMAGES),
        KindRow(kind="pdf", count=PDFS),
        KindRow(kind="epub", count=EPUBS),
    ),
    signals=tuple(
        SignalRow(signal=name, title=title, stated=stated, recovered=recovered, inferred=inferred, alone=alone)
        for name, title, stated, recovered, inferred, alone in (
            ("robots", "robots.txt groups for AI crawlers", 2_912, 31, 7_400, 6_120),
            ("robots-meta", "Robots meta tags and X-Robots-Tag", 1_440, 0, 3_208, 2_002),
            ("tdmrep", "TDM Reservation Protocol", 2_840, 120, 0, 1_900),
            ("content-signal", "Content Signals in robots.txt", 1_200, 14, 0, 410),
            ("http-status", "Refusals, logins and paywalls", 1_090, 0, 0, 1_090),
            ("rsl", "Really Simple Licensing", 612, 9, 0, 212),
            ("aipref", "Content-Usage (IETF AI Preferences)", 402, 61, 0, 12),
            ("iptc", "IPTC and PLUS data mining property", 330, 0, 0, 330),
            ("c2pa", "C2PA and CAWG training and data mining assertions", 97, 0, 0, 90),
            ("same-bytes", "The same bytes, reserved elsewhere", 0, 0, 41, 41),
            ("ai-txt", "ai.txt", 3, 0, 0, 0),
        )
    ),
    stages=(
        StageRow(stage="host", reserved=12_000, undetermined=1_500, skipped=6_000),
        StageRow(stage="headers", reserved=4_500, undetermined=600, skipped=2_700),
        StageRow(stage="content", reserved=3_055, undetermined=31, skipped=123),
    ),
    suffixes=tuple(
        SuffixRow(suffix=name, domains=max(400 // (index + 1), 1), count=Count(
            kept=8000 // (index + 1), reserved=9000 // (index + 1), undetermined=900 // (index + 1), skipped=300
        ))
        for index, name in enumerate(
            "com org net de fr uk io eu nl it es pl ch at se dk fi no cz be pt ie gr hu ro bg hr".split()  # noqa: SIM905
        )
    ),
    languages=tuple(
        LanguageRow(language=code, name=name, items=items, text_bytes=items * 5_000, words=items * 800)
        for code, name, items in (
            ("en", "English", 5_210), ("de", "German", 1_904), ("fr", "French", 1_112), ("es", "Spanish", 602),
            ("it", "Italian", 301), ("(none)", "Too little text to tell", 204),
        )
    ),
    periods=tuple(
        PeriodRow(
            start=f"2026-11-{22 + hour // 24}T{hour % 24:02}",
            kept=(hour * 37) % 600 + 50,
            reserved=(hour * 53) % 900 + 10,
            undetermined=(hour * 7) % 80,
            skipped=(hour * 11) % 300,
        )
        for hour in range(12, 42)
    ),
    postures=(
        PostureRow(kind="text", opt_out=9_162, opt_in=1_210),
        PostureRow(kind="image", opt_out=7_155, opt_in=640),
        PostureRow(kind="pdf", opt_out=212, opt_in=12),
        PostureRow(kind="all", opt_out=16_529, opt_in=1_862),
    ),
    readings=(
        ReadingRow(signal="robots", basis="inferred", urls=6_800),
        ReadingRow(signal="robots-meta", basis="inferred", urls=2_700),
        ReadingRow(signal="tdmrep", basis="recovered", urls=90),
    ),
    literal=9_100,
    walls=(
        Reason(reason="403 Forbidden", urls=702, domains=44),
        Reason(reason="a paywall", urls=201, domains=9),
        Reason(reason="401 Unauthorized", urls=96, domains=12),
        Reason(reason="a captcha or challenge", urls=90, domains=31),
        Reason(reason="402 Payment Required", urls=1, domains=1),
    ),
    undetermined=(
        Reason(reason="robots.txt did not answer in a usable way", urls=1_800, domains=88),
        Reason(reason="the page did not answer in a usable way", urls=331, domains=60),
    ),
    silent=(
        SilentRow(
            origin="https://archive.example/",
            reason="robots.txt did not answer in a usable way",
            since="2026-10-02T03:12:00Z",
            last="2026-11-22T09:00:00Z",
            urls=1_204,
        ),
        SilentRow(
            origin="https://down.example/",
            reason="a file of the host did not answer in a usable way",
            since="2026-11-21T17:40:00Z",
            last="2026-11-22T09:01:00Z",
            urls=31,
        ),
    ),
    skipped=(
        Reason(reason="it lies outside what this crawl was to visit", urls=5_000, domains=700),
        Reason(reason="there is nothing there", urls=2_800, domains=240),
        Reason(reason="it is of a kind that this crawl does not keep", urls=1_023, domains=90),
    ),
    licences=(
        LicenceRow(licence="CC-BY-4.0", items=1_402, accepted=1_310, bytes=90_000_000),
        LicenceRow(licence="CC-BY-NC-4.0", items=700, accepted=0, bytes=41_000_000),
        LicenceRow(licence="CC0-1.0", items=552, accepted=552, bytes=12_000_000),
    ),
    events=(
        EventRow(
            at="2026-11-23T09:00:00Z", what="withdrawal", ticket="REQ-17", words="under one address", items=49
        ),
        EventRow(
            at="2026-11-24T09:00:00Z", what="recheck", ticket=None, words="some are reserved now", items=140
        ),
    ),
)  # fmt: skip
"""A crawl of some size."""


def domain(name: str, *, kept: int = 3, reserved: int = 2, signals: tuple[str, ...] = ("tdmrep",)) -> DomainRow:
    """One domain."""
    return DomainRow(
        domain=name,
        count=Count(kept=kept, bytes=kept * 41_234, reserved=reserved, skipped=1),
        texts=kept - kept // 3,
        images=kept // 3,
        text_bytes=None,
        image_bytes=kept * 20_000,
        words=None,
        first="2026-11-22T12:00:00Z",
        last="2026-11-22T13:00:00Z",
        signals=signals,
    )


def domains(number: int) -> list[DomainRow]:
    """So many, the most URLs first."""
    names = ("gallery", "newsroom", "archive-of-very-long-and-descriptive-names", "blog", "museum", "shop")
    ends = ("com", "org", "example", "co.uk", "github.io")
    return [
        domain(
            f"{names[at % len(names)]}{at}.{ends[at % len(ends)]}",
            kept=(2_000 // (at + 1)) * (at % 4 > 0),
            reserved=1_500 // (at + 1) + at % 7,
            signals=("robots", "tdmrep", "http-status")[: at % 4],
        )
        for at in range(number)
    ]


_HUGE = Count(kept=10**15, bytes=10**21, reserved=9 * 10**15, undetermined=1, skipped=7)

BREAKING = replace(
    ORDINARY,
    about=replace(
        ABOUT,
        name=HOSTILE + HIDING,
        operator=HOSTILE,
        contact="mailto:" + HOSTILE,
        reading="literal",
        reason=HOSTILE + HIDING + " because " + "x" * 300,
    ),
    total=_HUGE,
    kinds=(KindRow(kind="text", count=_HUGE),),
    suffixes=(SuffixRow(suffix=HOSTILE, domains=1, count=_HUGE),),
    licences=(
        LicenceRow(licence="https://a.example/" + HOSTILE + "y" * 400, items=1, accepted=0, bytes=1),
        LicenceRow(licence='=HYPERLINK("https://a.example","x")', items=1, accepted=0, bytes=1),
        LicenceRow(licence=HIDING, items=1, accepted=0, bytes=1),
    ),
    walls=(Reason(reason="one", urls=1, domains=1),),
    languages=(
        LanguageRow(language="(not measured)", name="not measured", items=10**15, text_bytes=0, words=0),
    ),
    periods=tuple(PeriodRow(start=f"{2000 + m // 12}-{m % 12 + 1:02}", kept=m, reserved=1, undetermined=0,
                            skipped=0) for m in range(300)),
    events=(
        EventRow(at="not a time", what="withdrawal", ticket=HOSTILE, words=HOSTILE + HIDING, items=10**15),
    ),
)  # fmt: skip
"""Strangers' words that are markup, formulas or invisible; numbers and names beyond measure."""

BREAKING_DOMAINS = [
    domain(HOSTILE),
    domain("=cmd|'/c calc'!A1.example"),
    domain("@sum.example"),
    domain(HIDING),
    domain("x" * 260 + ".example"),
    domain("猫" * 60 + ".example", kept=10**15),
    domain("مثال.إختبار"),
]
