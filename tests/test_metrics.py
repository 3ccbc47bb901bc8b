"""``--metrics``: what a crawl tells of itself is what it did, in few series, to this machine alone."""

from __future__ import annotations

import json
import re
import socket
import subprocess
import time
import urllib.request
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.error import HTTPError

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families
from scrapy import Request
from scrapy.http import Response
from scrapy.settings import Settings

from crawler.audit import ledger
from crawler.demo.answer import Responder, page, text
from crawler.demo.server import LoopbackWeb
from crawler.metrics import vocabulary
from crawler.metrics.counts import Counts
from crawler.metrics.series import POLICY_AGES, SERIES
from crawler.metrics.wire import Wire
from crawler.optout.model import Outcome
from crawler.resolver import GuardedResolver
from tests.corpora import decision
from tests.crawls import begin, crawl, crawling, environment, heedful
from tests.webs.tls import server_context

ROOT = Path(__file__).parent.parent
OPEN = text("User-agent: *\nAllow: /\n")
CLOSED = text("User-agent: *\nDisallow: /\n")
Samples = dict[tuple[str, frozenset[tuple[str, str]]], float]


def free_port() -> int:
    with socket.socket() as tried:
        tried.bind(("127.0.0.1", 0))
        return int(tried.getsockname()[1])


def get(port: int, path: str, **headers: str) -> tuple[int, str]:
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, answer.read().decode()
    except HTTPError as error:
        with error:
            return error.code, error.read().decode()


def samples(port: int) -> Samples:
    """Everything that is told now, read by Prometheus' own parser."""
    status, told = get(port, "/metrics")
    assert status == 200
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(told)
        for sample in family.samples
    }


def total(found: Samples, name: str, **labels: str) -> float:
    wanted = set(labels.items())
    return sum(value for (one, of), value in found.items() if one == name and wanted <= of)


def by_label(found: Samples, name: str, *labels: str) -> Counter[tuple[str, ...]]:
    counted: Counter[tuple[str, ...]] = Counter()
    for (one, of), value in found.items():
        if one == name and value:
            counted[tuple(dict(of)[label] for label in labels)] += int(value)
    return counted


@contextmanager
def crawling_now(
    web: LoopbackWeb, folder: Path, seeds: list[str], *more: str
) -> Iterator[tuple[int, subprocess.Popen[str]]]:
    """A crawl that tells its numbers on a port; it is ended with the block."""
    port = free_port()
    process = begin(*crawling(web, folder, seeds, "--metrics", str(port), *more))
    try:
        yield port, process
    finally:
        process.kill()  # asked to end, it would wait for the page that is not answered
        process.communicate(timeout=30)


@contextmanager
def crawling_late(folder: Path) -> Iterator[tuple[int, subprocess.Popen[str]]]:
    """The same, of one page that is not answered meanwhile."""
    with (
        LoopbackWeb({"late.example": {"/robots.txt": OPEN, "/": waiting_page()}}) as web,
        crawling_now(web, folder, ["late.example/"], "-s", "DOWNLOAD_TIMEOUT=60") as running,
    ):
        yield running


def until(port: int, process: subprocess.Popen[str], holds: Any, seconds: float = 60) -> Samples:
    """The numbers as soon as ``holds`` of them; raises when the crawl ends or the time is up before."""
    end = time.monotonic() + seconds
    found: Samples = {}
    while time.monotonic() < end:
        assert process.poll() is None, process.communicate()
        try:
            found = samples(port)
        except OSError:
            time.sleep(0.1)
            continue
        if holds(found):
            return found
        time.sleep(0.1)
    raise AssertionError(sorted((name, dict(of), value) for (name, of), value in found.items()))


def waiting_page() -> Responder:
    """A page that is not answered while the numbers are looked at, so that the crawl goes on."""
    return replace(page("<p>late</p>"), delay=40.0)


def in_ledger(folder: Path) -> Counter[tuple[str, ...]]:
    """The decisions on disk by outcome and signal of the first ground, read while a crawl writes."""
    return Counter(
        (entry.decision.outcome.value, entry.decision.grounds[0].signal if entry.decision.grounds else "none")
        for entry in ledger.entries(folder / "ledger")
        if entry.type == "decision"
    )


def hostile() -> dict[str, Mapping[str, Responder]]:
    """Any number of names, of an owner who writes into everything what would make a label."""
    words = 'x",signal="evil\\n\\\\'
    hosts: dict[str, Mapping[str, Responder]] = {
        "*": {
            "/robots.txt": OPEN,
            "/": page(f"<title>{words}</title>", ("X-Robots-Tag", f"noai, {words.replace(chr(92), '')}")),
        }
    }
    return hosts


def ordinary() -> dict[str, Mapping[str, Responder]]:
    return {
        **{f"open{n}.example": {"/robots.txt": OPEN, "/": page("<p>words</p>")} for n in range(6)},
        **{f"closed{n}.example": {"/robots.txt": CLOSED, "/": page("<p>words</p>")} for n in range(4)},
        "noai.example": {"/robots.txt": OPEN, "/": page("<p>no</p>", ("X-Robots-Tag", "noai"))},
        "gone.example": {"/robots.txt": OPEN},
        "broken.example": {"/robots.txt": OPEN, "/": page("<p>x</p>", ("Content-Encoding", "gzip"))},
        "down.example": {"/robots.txt": text("later", status=503), "/": page("<p>x</p>")},
        "late.example": {"/robots.txt": OPEN, "/": waiting_page()},
    }


def test_what_is_told_is_what_the_ledger_holds(tmp_path: Path) -> None:
    hosts = ordinary()
    with LoopbackWeb(hosts) as web:
        seeds = [f"{host}/" for host in hosts]
        with crawling_now(web, tmp_path / "c", seeds, "-s", "DOWNLOAD_TIMEOUT=60") as (port, process):
            found = until(port, process, lambda now: _settled(now, len(hosts) - 1))
            on_disk = in_ledger(tmp_path / "c")
            health, ready = get(port, "/healthz"), get(port, "/readyz")
        asked = [one for one in web.requests if (one.host, one.path) != ("late.example", "/")]
    assert by_label(found, "heedful_decisions_total", "outcome", "signal") == on_disk
    assert sum(on_disk.values()) == len(hosts) - 1
    assert total(found, "heedful_decisions_total", outcome="unreserved") == 6
    assert total(found, "heedful_decisions_total", outcome="reserved", signal="robots") == 4
    assert total(found, "heedful_decisions_total", outcome="undetermined") == 2
    assert total(found, "heedful_undetermined_total") >= 2
    assert total(found, "heedful_fetch_total") == len(asked)
    assert total(found, "heedful_fetch_total", **{"class": "5xx"}) == sum(
        one.host == "down.example" and one.path == "/robots.txt" for one in web.requests
    )
    policies = total(found, "heedful_policy_fetch_total")
    assert policies == sum(one.path in vocabulary.SOURCES for one in web.requests)
    assert total(found, "heedful_policy_fetch_total", source="/robots.txt", result="2xx") == len(hosts) - 1
    assert total(found, "heedful_in_flight_requests") == 1
    assert total(found, "heedful_decode_incomplete_total") >= 1
    assert total(found, "heedful_policy_age_seconds_count") == len(hosts) - 1
    assert total(found, "heedful_policy_age_seconds_bucket", le="90000.0") == len(hosts) - 1
    assert total(found, "heedful_politeness_violations_total") == 0
    assert total(found, "heedful_frontier_urls", state="done") == len(hosts) - 1
    assert total(found, "heedful_frontier_domains", state="leased") == 1
    assert total(found, "heedful_ledger_entries") == sum(on_disk.values()) + 1, "and the self-check"
    assert total(found, "heedful_ledger_bytes") > 1000
    assert total(found, "heedful_disk_free_bytes") > 0
    assert total(found, "heedful_kept_bytes") == 6 * len("<p>words</p>")
    assert (health[0], json.loads(health[1])["status"]) == (200, "ok")
    assert ready == (200, '{"status": "ok", "obstacles": []}\n')


def _settled(now: Samples, decisions: int) -> bool:
    """Whether everything but one URL has ended and is on disk."""
    return (
        total(now, "heedful_decisions_total") == decisions
        and total(now, "heedful_unsynced_bytes") == 0
        and total(now, "heedful_frontier_urls", state="done") == decisions
    )


def test_every_series_is_told_and_none_else(tmp_path: Path) -> None:
    with crawling_late(tmp_path / "c") as (port, process):
        until(port, process, lambda now: total(now, "heedful_in_flight_requests") == 1)
        families = list(text_string_to_metric_families(get(port, "/metrics")[1]))
    told = {family.name: family for family in families if not family.name.startswith("process_")}
    sometimes = {"heedful_anchor_age_seconds", "heedful_checkpoint_age_seconds", "heedful_frontier_urls"}
    assert set(SERIES) - sometimes <= set(told) <= set(SERIES)
    for name, family in told.items():
        assert family.type == SERIES[name].type
        assert family.documentation == SERIES[name].help
        for sample in family.samples:
            assert set(sample.labels) <= {*SERIES[name].labels, "le"}
            assert sample.name in SERIES[name].exported


def test_a_hostile_web_makes_no_series(tmp_path: Path) -> None:
    """Every label is a word of ours, however many names there are and whatever they say."""
    count = 150
    hosts = hostile()
    hosts["late.example"] = {"/robots.txt": OPEN, "/": waiting_page()}
    with LoopbackWeb(hosts) as web:
        seeds = ["late.example/", *(f"n{n}.evil-{n}.example/" for n in range(count))]
        with crawling_now(web, tmp_path / "c", seeds, "-s", "DOWNLOAD_TIMEOUT=60") as (port, process):
            found = until(port, process, lambda now: _settled(now, count), 90)
            told = get(port, "/metrics")[1]
    assert "evil" not in told
    assert "example" not in told.replace("heedful", "")
    assert total(found, "heedful_decisions_total", outcome="reserved", signal="robots-meta") == count
    allowed: dict[str, frozenset[str]] = {
        "outcome": frozenset(vocabulary.OUTCOMES), "signal": vocabulary.SIGNAL_NAMES,
        "class": frozenset(vocabulary.FETCH_CLASSES), "source": vocabulary.SOURCES,
        "result": frozenset(vocabulary.RESULTS), "kind": frozenset(vocabulary.VIOLATIONS),
        "where": frozenset(vocabulary.REFUSED),
        "state": frozenset({*vocabulary.URL_STATES, *vocabulary.DOMAIN_STATES}),
    }  # fmt: skip
    for (name, labels), _ in found.items():
        for label, value in labels:
            if label == "reason":
                assert vocabulary.reason_of(value) == value or value in (vocabulary.OTHER, "reader failed"), (
                    name
                )
            elif label != "le":
                assert value in allowed[label], (name, label, value)
    assert len(found) < 400


@pytest.mark.parametrize(
    ("words", "label"),
    [
        ("robots.txt unreachable", "other"),
        ("robots_txt unreachable", "other"),
        ("c2pa reader failed: ValueError evil.example", "reader failed"),
        ("evil.example unreadable", "other"),
        ("rsl unreadable", "rsl unreadable"),
        ("document not fetched", "document not fetched"),
    ],
)
def test_reasons_are_words_of_ours(words: str, label: str) -> None:
    carriers = {one for one in vocabulary._CARRIERS if one == words}
    assert vocabulary.reason_of(words) == (words if carriers else label)


def test_tens_of_thousands_of_names_make_as_many_series_as_one() -> None:

    few, many = Counts(), Counts()
    for counts, names in ((few, 1), (many, 10_000)):
        for number in range(names):
            counts.recorded(decision(f"https://h{number}.example/", Outcome.RESERVED))
            counts.put_off(decision(f"https://h{number}.example/held", Outcome.UNDETERMINED))
    assert set(few.decisions) == set(many.decisions)
    assert set(few.held_reasons) == set(many.held_reasons)
    assert many.held_reasons.total() == 10_000


class _Crawler:
    """As much of Scrapy's as is asked: its settings."""

    settings = Settings({"DOWNLOAD_DELAY": 0.2, "CONCURRENT_REQUESTS_PER_DOMAIN": 1})


def test_what_is_not_polite_is_counted() -> None:
    """Measured where requests leave: with the pace of the downloader taken out, the violations show."""
    counts = Counts()
    wire = Wire(_Crawler(), counts, lambda host: None)  # type: ignore[arg-type]
    wire._leaves("a.example")
    wire._leaves("b.example")
    assert not counts.violations
    wire._leaves("a.example")
    assert counts.violations == {"overlap": 1, "gap": 1}
    wire._ends("a.example")
    wire._ends("a.example")
    wire._leaves("a.example")
    assert counts.violations == {"overlap": 1, "gap": 2}
    assert counts.in_flight == 2
    time.sleep(0.2)
    wire._ends("b.example")
    wire._leaves("b.example")
    assert counts.violations == {"overlap": 1, "gap": 2}


def test_what_is_refused_for_its_address_is_counted() -> None:

    counts = Counts()
    left = decision("https://a.example/", Outcome.SKIPPED)
    (ground,) = left.grounds
    for locator in ("address", "budget"):
        house = replace(ground, signal="house", evidence=replace(ground.evidence, locator=locator))
        counts.recorded(replace(left, grounds=(house,)))
    assert counts.refused == {"gate": 1}
    wire = Wire(_Crawler(), counts, lambda host: None)  # type: ignore[arg-type]

    async def fail(request: Request) -> Response:
        raise OSError("nothing answers")

    GuardedResolver.refused["inside.example"] = "10.0.0.1"
    try:
        for host in ("inside.example", "outside.example"):
            with pytest.raises(OSError, match="nothing"):
                wire._measured(fail, Request(f"http://{host}/")).send(None)
    finally:
        del GuardedResolver.refused["inside.example"]
    assert counts.refused == {"gate": 1, "resolver": 1}
    assert (counts.fetched, counts.in_flight) == ({"failed": 2}, 0)


def test_a_crawl_with_pauses_is_polite_and_says_so(tmp_path: Path) -> None:
    asks = text("User-agent: *\nCrawl-delay: 1\nAllow: /\n")
    links = "".join(f"<a href='/{n}'>n</a>" for n in range(4))
    hosts: dict[str, Mapping[str, Responder]] = {
        "a.example": {"/robots.txt": asks, "/": page(links), **{f"/{n}": page(str(n)) for n in range(4)}},
        "b.example": {"/robots.txt": OPEN, "/": page(links), **{f"/{n}": page(str(n)) for n in range(4)}},
        "late.example": {"/robots.txt": OPEN, "/": waiting_page()},
    }
    with LoopbackWeb(hosts) as web:
        more = ("--delay", "0.3", "-s", "DOWNLOAD_TIMEOUT=60")
        with crawling_now(web, tmp_path / "c", [f"{host}/" for host in hosts], *more) as (port, process):
            found = until(port, process, lambda now: _settled(now, 10))
    assert total(found, "heedful_decisions_total", outcome="unreserved") == 10
    assert by_label(found, "heedful_politeness_violations_total", "kind") == {}


def test_certificates_and_refused_addresses_are_counted(tmp_path: Path) -> None:
    late: dict[str, Mapping[str, Responder]] = {"late.example": {"/robots.txt": OPEN, "/": waiting_page()}}
    secure = {"self-signed.example": {"/robots.txt": OPEN, "/": page("x")}}
    with (
        LoopbackWeb(late) as web,
        LoopbackWeb(secure, tls=server_context(["self-signed.example"], tmp_path)) as other,
    ):
        to_other = f"self-signed.example:{other.port}:127.0.0.1"
        seeds = ["late.example/", other.url("self-signed.example", "/")]
        more = ("-s", "DOWNLOAD_TIMEOUT=60", "--resolve", to_other)
        with crawling_now(web, tmp_path / "c", seeds, *more) as (port, process):
            found = until(port, process, lambda now: total(now, "heedful_tls_invalid_total") >= 1)
    assert total(found, "heedful_fetch_total", **{"class": "failed"}) >= 1


def test_nobody_else_is_told(tmp_path: Path) -> None:
    with crawling_late(tmp_path / "c") as (port, process):
        until(port, process, lambda now: True)
        assert get(port, "/metrics", Host=f"rebound.example:{port}")[0] == 403
        assert get(port, "/metrics", Host=f"localhost:{port}")[0] == 200
        assert get(port, "/nothing")[0] == 404
        connection = HTTPConnection("127.0.0.1", port, timeout=10)
        connection.request("POST", "/metrics", body="x")
        assert connection.getresponse().status == 405
        connection.close()
        for address in _others():
            with socket.socket() as tried:
                tried.settimeout(2)
                assert tried.connect_ex((address, port)) != 0


def _others() -> list[str]:
    """Addresses of this machine that are not the one that is listened on."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as made:
        try:
            made.connect(("192.0.2.1", 9))  # sends nothing: it only asks which address would be used
            own = str(made.getsockname()[0])
        except OSError:
            own = "127.0.0.2"
    return sorted({own, "127.0.0.2"} - {"127.0.0.1"})


def test_a_port_that_is_taken_is_told_before_anything_happens(tmp_path: Path) -> None:
    with LoopbackWeb({"a.example": {"/robots.txt": OPEN, "/": page("x")}}) as web:
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
            ended = crawl(web, tmp_path / "c", ["a.example/"], "--metrics", str(port))
        assert ended.code == 2
        assert f"127.0.0.1:{port} cannot be listened on" in ended.sentence
        assert not web.requests
        assert not (tmp_path / "c").exists()
        for wrong in ("65536", "-1", "http"):
            ended = heedful(*crawling(web, tmp_path / "c", ["a.example/"], f"--metrics={wrong}"))
            assert (ended.code, "--metrics" in ended.sentence) == (2, True)
        assert crawl(web, tmp_path / "c", ["a.example/"], "--metrics", "0").code == 0


def test_without_the_package_one_sentence_says_so(tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(
        "import importlib.util as u\nfound = u.find_spec\n"
        "u.find_spec = lambda name, *more: None if name == 'prometheus_client' else found(name, *more)\n"
    )
    env = environment(PYTHONPATH=str(tmp_path))
    with LoopbackWeb({"a.example": {"/robots.txt": OPEN, "/": page("x")}}) as web:
        ended = crawl(web, tmp_path / "c", ["a.example/"], "--metrics", str(free_port()), env=env)
    assert ended.code == 2
    assert "pip install 'heedful[metrics]'" in ended.sentence


# The files that operators take


RULES = yaml.safe_load((ROOT / "docs" / "operating" / "alerts.yml").read_text("utf-8"))
GUIDE = (ROOT / "docs" / "operating.md").read_text("utf-8")
EXPORTED = {name for series in SERIES.values() for name in series.exported}


def rules() -> list[dict[str, Any]]:
    return [rule for group in RULES["groups"] for rule in group["rules"]]


def test_alerts_use_only_what_is_exported_and_every_label_is_real() -> None:
    assert len({rule["alert"] for rule in rules()}) == len(rules()) > 15
    for rule in rules():
        assert set(rule) <= {"alert", "expr", "for", "labels", "annotations"}
        assert rule["labels"]["severity"] in ("page", "warn", "info")
        assert set(rule["annotations"]) == {"summary", "action"}
        expression = rule["expr"]
        assert expression.count("(") == expression.count(")")
        used = set(re.findall(r"\b(?:heedful|process)_\w+", expression))
        for name in used - {"process_open_fds", "process_max_fds"}:
            assert name in EXPORTED, (rule["alert"], name)
        for name, selector in re.findall(r"(heedful_\w+)\{([^}]*)\}", expression):
            (series,) = (one for one in SERIES.values() if name in one.exported)
            labels = dict(re.findall(r'(\w+)=~?"([^"]*)"', selector))
            assert set(labels) <= {*series.labels, "le"}
            for label, values in labels.items():
                for value in values.split("|"):
                    assert value in _values(series.name, label), (rule["alert"], label, value)


def _values(series: str, label: str) -> set[str]:
    """What a label of a series may be, as an expression may name it."""
    match label:
        case "le":
            return {repr(bound) for bound in POLICY_AGES}
        case "outcome":
            return set(vocabulary.OUTCOMES)
        case "result":
            return set(vocabulary.RESULTS)
        case "class":
            return set(vocabulary.FETCH_CLASSES)
        case "where":
            return set(vocabulary.REFUSED)
        case "state":
            return set(vocabulary.DOMAIN_STATES if series.endswith("domains") else vocabulary.URL_STATES)
    return set()


def test_the_guide_explains_every_series_and_every_alert() -> None:
    explained = set(re.findall(r"^\| `(heedful_\w+)", GUIDE, re.MULTILINE))
    assert explained == {
        name for series in SERIES.values() for name in (series.exported[0].removesuffix("_bucket"),)
    }
    alerts = set(re.findall(r"^\| `(Heedful\w+)`", GUIDE, re.MULTILINE))
    assert alerts == {rule["alert"] for rule in rules()}
