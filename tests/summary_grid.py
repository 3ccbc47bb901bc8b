"""The questions that are asked of published summaries, and whether one answers them.

They are those of the quality assessment of public summaries by Blankvoort, Pandit and Gahntz
(https://doi.org/10.5281/zenodo.18803975) for sections 2.3 and 3.1, in our own words, with their numbers and
weights.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from crawler.domains import host_of, owner_domain
from crawler.optout import SIGNALS
from tests import crawls
from tests.summaries import Summary

Check = Callable[[Summary], bool]


@dataclass(frozen=True, kw_only=True)
class Question:
    """One question of the graders."""

    id: str
    weight: int
    asks: str
    check: Check | None = None
    """Whether the summary answers it well; None: only the operator can."""
    operator: tuple[str, ...] = ()
    """Names of the fields that the operator has to fill in for it."""


def months(words: str) -> list[str]:
    return re.findall(r"\b(?:0[1-9]|1[0-2])/20\d\d\b", words)


def sentences(words: str) -> list[int]:
    """Words of each sentence."""
    return [len(one.split()) for one in re.split(r"(?<=[.:;])\s+", words) if one.strip()]


def plain(words: str) -> bool:
    """Whether somebody without technical knowledge can follow: sentences are short."""
    lengths = sentences(words)
    return sum(lengths) / len(lengths) <= 22 and max(lengths) <= 50


def relevant(words: str) -> bool:
    """Whether it says nothing for the sake of looking good."""
    boast = (
        r"(?i)\b(best|leading|world-class|state-of-the-art|high.quality|committed|performance|robust|strive)\b"
    )
    return re.search(boast, words) is None


BEHAVIOUR = ("captchas", "passwords", "paywalls", "robots", "protocols", "conduct", "walls")


def behaviour(summary: Summary) -> str:
    return " ".join(summary.said(f"behaviour_{name}") for name in BEHAVIOUR)


def protocols_named(summary: Summary, name: str) -> bool:
    """Every signal that a site can use, by its title and the version that was read."""
    told = summary.said(name)
    walls = {"denylist", "document-locks", "http-status", "oversize", "paywall", "robots", "licence"}
    return all(
        f"{signal.title}, version {signal.version}" in told
        for signal in SIGNALS.values()
        if signal.name not in walls
    )


def walls_counted(summary: Summary) -> bool:
    """Each status that is a wall, and pages that are sold, as often as the ledger says."""
    rows = {row["Wall met and left alone"]: int(row["URLs"]) for row in summary.figures("behaviour_walls")}
    met = Counter(
        ground.evidence.excerpt[:3]
        for one in summary.refusals
        for ground in one.grounds
        if ground.signal == "http-status" and ground.evidence.locator == "status"
    )
    told = {found[1]: number for wall, number in rows.items() if (found := re.search(r"\((4\d\d)\)", wall))}
    return (
        told == dict(met) and bool(met) and rows["the page says that it is sold"] == summary.reserved["paywall"]
    )


def drops_counted(summary: Summary) -> bool:
    told = summary.said("measures_protocols") + summary.said("measures_robots")
    for name, number in summary.reserved.items():
        if name in {"http-status", "paywall", "document-locks", "robots", "same-bytes", "licence"}:
            continue
        if f"{SIGNALS[name].title}, version {SIGNALS[name].version}. Kept out by it: {number} URL" not in told:
            return False
    return f"Kept out by it: {summary.reserved['robots']} URL" in summary.said("measures_robots")


def periods(summary: Summary) -> bool:
    rows = summary.figures("period")
    return len(rows) == len(summary.manifest["runs"]) == 2 and all(
        len(months(row["Months"])) == 2 for row in rows
    )


def period_true(summary: Summary) -> bool:
    runs = [run for run in summary.manifest["runs"] if run["settings"].get("command") != "recheck"]
    first, last = min(run["started"] for run in runs), max(run["ended"] for run in runs)
    return summary.fields["period"]["value"].endswith(f"{first[5:7]}/{first[:4]}-{last[5:7]}/{last[:4]}")


def modalities(summary: Summary, name: str) -> bool:
    kinds = {"image" if item["kind"] == "image" else "text" for item in summary.items}
    return {one for one, ticked in summary.fields[name]["value"].items() if ticked} == kinds


def kept_by_domain(summary: Summary) -> Counter[str]:
    return Counter(owner_domain(host_of(item["url"])) for item in summary.items)


def image_bytes(summary: Summary) -> Counter[str]:
    sizes: Counter[str] = Counter()
    for item in summary.items:
        if item["kind"] == "image":
            sizes[owner_domain(host_of(item["url"]))] += item["bytes"]
    return sizes


def list_required(summary: Summary) -> bool:
    """A tenth of each modality, rounded up, from the list of all domains."""
    every = summary.table("all-domains.csv")
    wanted = set()
    for rank, size in (("text_rank", "text_bytes"), ("image_rank", "image_bytes")):
        held = sorted((row for row in every if row[rank]), key=lambda row: -int(row[size]))
        last = int(held[-(-len(held) // 10) - 1][size])
        wanted |= {row["domain"] for row in held if int(row[size]) >= last}
    return {row["domain"] for row in summary.table("domains.csv")} == wanted and bool(wanted)


def list_accurate(summary: Summary) -> bool:
    every = {row["domain"]: row for row in summary.table("all-domains.csv")}
    sizes, kept = image_bytes(summary), kept_by_domain(summary)
    told = json.loads((summary.folder / "domains.json").read_text())
    for name, file in told["files"].items():
        if hashlib.sha256((summary.folder / name).read_bytes()).hexdigest() != file["sha256"]:
            return False
    return (
        {name: int(row["image_bytes"]) for name, row in every.items() if row["image_bytes"] != "0"}
        == dict(sizes)
        and {name for name, row in every.items() if int(row["pages"]) + int(row["images"])} == set(kept)
        and all(int(row["pages"]) + int(row["images"]) == kept[name] for name, row in every.items())
        and "Public Suffix List of" in told["public_suffix_list"]
    )


def list_accessible(summary: Summary) -> bool:
    """Named and linked in the document itself, and the links lead to files beside it."""
    answer = summary.html.css_first("#domains")
    assert answer is not None
    links = [node.attributes["href"] for node in answer.css("a")]
    names = {row["domain"] for row in summary.table("domains.csv")}
    return {"domains.csv", "domains.json"} <= set(links) and all(
        name in summary.shown("domains") for name in names
    )


def list_readable(summary: Summary) -> bool:
    """A table with headings, in the page and in the file; what its columns mean is told."""
    head = summary.html.css("#domains thead th[scope=col]")
    columns = json.loads((summary.folder / "domains.json").read_text())["columns"]
    return len(head) >= 8 and list(columns) == list(summary.table("domains.csv")[0])


def works_named(summary: Summary) -> bool:
    links = {file["path"] for file in summary.fields["crawled_more"]["files"]}
    return "works.csv" in links and {row["url"] for row in summary.table("works.csv")} == {
        item["url"] for item in summary.items
    }


def languages(summary: Summary) -> bool:
    rows = summary.figures("crawled_languages")
    told = summary.said("crawled_languages")
    names = {row["Language"] for row in rows}
    return "English" in names and "Official languages of the European Union: English" in told


def geography(summary: Summary) -> bool:
    rows = summary.figures("crawled_geography")
    kept = kept_by_domain(summary).total()
    return sum(int(row["Items kept"]) for row in rows) == kept and "does not prove" in summary.said(
        "crawled_geography"
    )


def content_true(summary: Summary) -> bool:
    types = Counter(item["media_type"].partition(";")[0] for item in summary.items)
    told = summary.said("crawled_content")
    return f"web pages ({types['text/html']})" in told and f"PNG images ({types['image/png']})" in told


def up_to_date(summary: Summary) -> bool:
    """Rechecks with dates and results, withdrawals with numbers and dates, and where to ask."""
    told = summary.said("measures_up_to_date")
    asked = next(
        run["started"] for run in summary.manifest["runs"] if run["settings"].get("command") == "recheck"
    )
    day = f"{asked[8:10]}/{asked[5:7]}/{asked[:4]}"
    late = [one for one in crawls.decided(summary.corpus).values() if one.outcome == "reserved"]
    removed = len(late) - len(summary.refusals)
    return (
        f"asked about for too long: {removed} URL" in told
        and f"asked again 1 time: {day}" in told
        and "could not be asked" in told
        and "left the data in 2 withdrawals" in told
        and "https://demo.example/" in told
    )


def fail_closed(summary: Summary) -> bool:
    told = summary.said("measures_order") + summary.said("measures_robots")
    return "counts as a refusal" in told and "nothing else of the host is requested" in told


def consistent(summary: Summary) -> bool:
    """The same figure is the same wherever it is told."""
    field = summary.fields
    return (
        field["modalities"]["value"] == field["crawled_modalities"]["value"]
        and field["languages"]["figures"] == field["crawled_languages"]["figures"]
        and field["latest_acquisition"]["value"] in field["period"]["value"]
        and field["behaviour_robots"]["value"] == field["measures_robots"]["value"]
    )


def purposes_per_crawler(summary: Summary) -> bool:
    names = [row.split(".")[0].split(":")[0].split(",")[0] for row in summary.fields["crawlers"]["value"][:1]]
    return all(
        any(row.startswith(name) for row in summary.fields["crawled_purposes"]["value"]) for name in names
    )


GRID = (
    Question(id="F2.3.1", weight=3, asks="Does the section agree with the others?", check=consistent),
    Question(
        id="F2.3.a.1",
        weight=3,
        asks="Is it said whether crawlers were used?",
        check=lambda s: s.fields["crawlers_used"]["value"] is True and "☑ Yes" in s.shown("crawlers_used"),
    ),
    Question(id="F2.3.a.2", weight=3, asks="Is that true?", check=lambda s: len(s.manifest["runs"]) > 0),
    Question(
        id="F2.3.b.1",
        weight=15,
        asks="Are there names of crawlers and nothing else?",
        check=lambda s: all(
            row.startswith(tuple(s.manifest["tokens"])) for row in s.fields["crawlers"]["value"]
        ),
    ),
    Question(
        id="F2.3.b.2",
        weight=15,
        asks="Can a crawler be told by its name?",
        check=lambda s: (
            "User-Agent: heedful/0" in s.said("crawlers") and "https://demo.example/" in s.said("crawlers")
        ),
    ),
    Question(
        id="F2.3.b.3",
        weight=15,
        asks="Was each one that is listed used?",
        check=lambda s: len(s.fields["crawlers"]["value"]) == len(s.manifest["tokens"]),
    ),
    Question(
        id="F2.3.b.4",
        weight=15,
        asks="Is each one that was used listed?",
        operator=("crawled_other_crawlers",),
        check=lambda s: (
            set(s.manifest["tokens"]) <= {row.split(".")[0] for row in s.fields["crawlers"]["value"]}
        ),
    ),
    Question(
        id="F2.3.b.5",
        weight=15,
        asks="Is it structured?",
        check=lambda s: len(s.html.css("#crawlers li")) == len(s.fields["crawlers"]["value"]),
    ),
    Question(
        id="F2.3.c.1",
        weight=10,
        asks="Are purposes described?",
        check=lambda s: "text and data mining" in s.said("crawled_purposes"),
    ),
    Question(id="F2.3.c.2", weight=10, asks="For each crawler?", check=purposes_per_crawler),
    Question(
        id="F2.3.c.3",
        weight=10,
        asks="In words for everybody?",
        check=lambda s: plain(s.said("crawled_purposes")),
    ),
    Question(
        id="F2.3.c.4",
        weight=10,
        asks="And nothing but purposes?",
        check=lambda s: (
            relevant(s.said("crawled_purposes")) and not re.search(r"\d", s.said("crawled_purposes"))
        ),
    ),
    Question(
        id="F2.3.c.5",
        weight=10,
        asks="Are they true?",
        check=lambda s: all(f"({one})" in s.said("crawled_purposes") for one in s.manifest["purposes"]),
    ),
    Question(id="F2.3.d.1", weight=10, asks="Is behaviour described?", check=lambda s: len(behaviour(s)) > 500),
    Question(
        id="F2.3.d.2",
        weight=10,
        asks="Captchas?",
        check=lambda s: "does not solve it" in s.said("behaviour_captchas"),
    ),
    Question(
        id="F2.3.d.3",
        weight=10,
        asks="Password-protected sites?",
        check=lambda s: "never signs in" in s.said("behaviour_passwords"),
    ),
    Question(
        id="F2.3.d.4",
        weight=10,
        asks="Paywalls?",
        check=lambda s: "does not go around a paywall" in s.said("behaviour_paywalls"),
    ),
    Question(
        id="F2.3.d.5", weight=10, asks="robots.txt?", check=lambda s: "RFC 9309" in s.said("behaviour_robots")
    ),
    Question(
        id="F2.3.d.6",
        weight=10,
        asks="Protocols beside robots.txt?",
        check=lambda s: protocols_named(s, "behaviour_protocols"),
    ),
    Question(
        id="F2.3.d.7",
        weight=10,
        asks="Other things that matter?",
        check=lambda s: (
            "One request" in s.said("behaviour_conduct") or "one request" in s.said("behaviour_conduct")
        ),
    ),
    Question(
        id="F2.3.d.8",
        weight=10,
        asks="In words for everybody?",
        check=lambda s: all(plain(s.said(f"behaviour_{name}")) for name in BEHAVIOUR),
    ),
    Question(id="F2.3.d.9", weight=10, asks="And nothing else?", check=lambda s: relevant(behaviour(s))),
    Question(id="F2.3.d.10", weight=10, asks="Is it true?", check=walls_counted),
    Question(
        id="F2.3.e.1", weight=7, asks="Is there a period?", check=lambda s: bool(months(s.said("period")))
    ),
    Question(
        id="F2.3.e.2",
        weight=7,
        asks="For each crawler?",
        check=lambda s: s.fields["period"]["value"].startswith(s.manifest["tokens"][0] + ": "),
    ),
    Question(id="F2.3.e.3", weight=7, asks="With exact dates?", check=periods),
    Question(
        id="F2.3.e.4",
        weight=7,
        asks="As MM/YYYY?",
        check=lambda s: (
            re.fullmatch(r"heedful: \d\d/\d{4}-\d\d/\d{4}", s.fields["period"]["value"]) is not None
        ),
    ),
    Question(id="F2.3.e.5", weight=7, asks="Is it true?", check=period_true),
    Question(id="F2.3.f.1", weight=13, asks="Geography?", check=geography),
    Question(id="F2.3.f.2", weight=13, asks="Languages?", check=languages),
    Question(id="F2.3.f.3", weight=13, asks="Demographics?", operator=("crawled_demographics",)),
    Question(id="F2.3.f.4", weight=13, asks="Kinds of websites?", operator=("crawled_site_kinds",)),
    Question(
        id="F2.3.f.5",
        weight=13,
        asks="Other things about the content?",
        check=lambda s: "CC-BY-4.0" in {row["Licence named"] for row in s.figures("crawled_content")},
    ),
    Question(
        id="F2.3.f.6",
        weight=13,
        asks="And nothing else?",
        check=lambda s: relevant(s.said("crawled_content") + s.said("crawled_geography")),
    ),
    Question(id="F2.3.f.7", weight=13, asks="Is it true?", check=content_true),
    Question(
        id="F2.3.g.1",
        weight=3,
        asks="Are modalities ticked?",
        check=lambda s: any(s.fields["crawled_modalities"]["value"].values()),
    ),
    Question(
        id="F2.3.g.2", weight=3, asks="The right ones?", check=lambda s: modalities(s, "crawled_modalities")
    ),
    Question(
        id="F2.3.h.1", weight=25, asks="Is there the list of domains that is asked for?", check=list_required
    ),
    Question(id="F2.3.h.2", weight=25, asks="Is it true?", check=list_accurate),
    Question(id="F2.3.h.3", weight=25, asks="Is it easy to get at?", check=list_accessible),
    Question(id="F2.3.h.4", weight=25, asks="Is it easy to read?", check=list_readable),
    Question(
        id="F2.3.i.1",
        weight=20,
        asks="Are more domains disclosed?",
        check=lambda s: (
            len(s.table("all-domains.csv")) > len(s.table("domains.csv"))
            and "all-domains.csv" in {file["path"] for file in s.fields["crawled_more"]["files"]}
        ),
    ),
    Question(id="F2.3.i.2", weight=20, asks="Are the addresses of single works given?", check=works_named),
    Question(
        id="F2.3.i.3",
        weight=20,
        asks="Other things that matter?",
        check=lambda s: "Its contact is https://demo.example/" in s.said("crawled_more"),
    ),
    Question(
        id="F2.3.i.4", weight=20, asks="And nothing else?", check=lambda s: relevant(s.said("crawled_more"))
    ),
    Question(
        id="F2.3.i.5",
        weight=20,
        asks="Is it true?",
        check=lambda s: f"All {len(s.table('all-domains.csv'))} domains" in s.said("crawled_more"),
    ),
    Question(id="F3.1", weight=3, asks="Does the section agree with the others?", check=consistent),
    Question(
        id="F3.1.a.1",
        weight=3,
        asks="Is it said whether the Code of Practice was signed?",
        operator=("rights_signatory",),
    ),
    Question(id="F3.1.a.2", weight=3, asks="Is that true?", operator=("rights_signatory",)),
    Question(
        id="F3.1.b.1",
        weight=18,
        asks="How is robots.txt respected?",
        check=lambda s: "disallows is not requested" in s.said("measures_robots") and fail_closed(s),
    ),
    Question(
        id="F3.1.b.2",
        weight=18,
        asks="How are opt-outs of datasets of others dealt with?",
        operator=("public_datasets_used", "private_used", "rights_datasets"),
    ),
    Question(
        id="F3.1.b.3", weight=18, asks="How does the provider stay up to date with requests?", check=up_to_date
    ),
    Question(
        id="F3.1.b.4",
        weight=18,
        asks="And nothing else?",
        check=lambda s: relevant(s.said("measures_protocols") + s.said("measures_order")),
    ),
    Question(
        id="F3.1.b.5",
        weight=18,
        asks="Is it true?",
        check=lambda s: protocols_named(s, "measures_protocols") and drops_counted(s),
    ),
    Question(
        id="F3.1.c.1",
        weight=5,
        asks="Is the copyright policy summarised?",
        operator=("rights_copyright_policy",),
    ),
    Question(
        id="F3.1.c.2",
        weight=5,
        asks="And nothing else?",
        check=lambda s: s.fields["rights_comments"]["source"] == "not applicable",
    ),
)
