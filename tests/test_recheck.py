"""``recheck``: a web that changes its mind, and what becomes of what was kept of it."""

from __future__ import annotations

import fcntl
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from crawler.audit import ledger
from crawler.corpus.corpus import Corpus
from crawler.corpus.holds import Holds, State
from crawler.demo.server import Answer, LoopbackWeb, Request, Responder, page, redirect, text, typed
from crawler.optout.model import Outcome
from tests import crawls
from tests.webs.row import picture

SEEDS = ["a.example/", "b.example/", "c.example/"]
NAMES = (
    "plain", "tagged", "header", "meta", "silent", "noimage", "gone", "busy", "refused", "changed", "ruled",
    "moved", "logged", "broken",
)  # fmt: skip
AGAIN = ("/plain", "/login", "/broken")
"""Where redirects lead, and what a connection is tried again for."""
TAG = ("ETag", '"1"')


class Mind:
    """What a web has changed its mind about, by name."""

    def __init__(self) -> None:
        self.changed: set[str] = set()

    def __call__(self, about: str, before: Responder, after: Responder) -> Responder:
        """What stands at a place before and after a change of mind."""

        def respond(request: Request) -> Answer:
            now = after if about in self.changed else before
            return now if isinstance(now, Answer) else now(request)

        return respond


def shown(name: str, *headers: tuple[str, str], head: str = "", words: str = "") -> Answer:
    return page(
        f"<!doctype html><html><head><title>{name}</title>{head}</head><body><p>{name} {words}</p>"
        f'<img src="/{name}.png" alt="{name}"></body></html>',
        *headers,
    )


def validated(answer: Answer, *more: tuple[str, str]) -> Responder:
    """Says 304 to whoever brings its ETag back; ``more``: header lines of the 304 alone."""

    def respond(request: Request) -> Answer:
        known = request.value("if-none-match") == TAG[1]
        return Answer(status=304, headers=more) if known else answer

    return respond


def image(name: str, *headers: tuple[str, str]) -> Answer:
    return typed("image/png", picture(name), *headers)


def served(mind: Mind) -> dict[str, dict[str, Responder]]:
    links = "".join(f'<a href="/{name}">{name}</a> ' for name in NAMES)
    a: dict[str, Responder] = {
        "/robots.txt": mind(
            "robots", text("User-agent: *\nDisallow: /x\n"), text("User-agent: *\nDisallow: /ruled\n")
        ),
        "/": page(f"<title>front</title>{links}"),
        "/tagged": validated(shown("tagged", TAG)),
        "/header": mind("items", shown("header"), shown("header", ("tdm-reservation", "1"))),
        "/meta": mind("items", shown("meta"), shown("meta", head='<meta name="robots" content="noai">')),
        "/silent": mind(
            "items", shown("silent", TAG), validated(shown("silent", TAG), ("X-Robots-Tag", "noai"))
        ),
        "/noimage": mind(
            "items", shown("noimage"), shown("noimage", head='<meta name="robots" content="noimageai">')
        ),
        "/gone": mind("items", shown("gone"), text("gone", status=410)),
        "/busy": mind("items", shown("busy"), text("busy", status=503)),
        "/refused": mind("items", shown("refused"), text("no", status=403)),
        "/changed": mind("items", shown("changed"), shown("changed", words="anew")),
        "/moved": mind("items", shown("moved"), redirect("/plain")),
        "/logged": mind("items", shown("logged"), redirect("/login")),
        "/login": text("who are you", status=401),
        "/broken": mind("items", shown("broken"), Answer(fault="reset")),
    }
    for name in NAMES:
        a.setdefault(f"/{name}", shown(name))
        a[f"/{name}.png"] = image(name)
    a["/tagged.png"] = validated(image("tagged", TAG))
    b: dict[str, Responder] = {
        "/robots.txt": mind(
            "down", mind("hangs", text("User-agent: *\nDisallow: /x\n"), Answer(fault="hang-before-headers")),
            text("down", status=503),
        ),
        "/": page('<title>b</title><p>b</p><img src="/b.png"><img src="/twin.png">'),
        "/b.png": image("b"),
        "/twin.png": image("ruled"),
    }  # fmt: skip
    c: dict[str, Responder] = {
        "/": page('<title>c</title><p>c</p><img src="http://b.example:{port}/b.png">'),
        "/.well-known/tdmrep.json": mind(
            "tdmrep",
            text("none", status=404),
            typed("application/json", '[{"location": "/", "tdm-reservation": 1}]'),
        ),
    }
    return {"a.example": a, "b.example": b, "c.example": c}


MIND = Mind()


@pytest.fixture(scope="module")
def web() -> Iterator[LoopbackWeb]:
    with LoopbackWeb(served(MIND)) as web:
        yield web


@pytest.fixture(scope="module")
def first(web: LoopbackWeb, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A corpus of the web before it changed its mind about anything."""
    folder = tmp_path_factory.mktemp("first") / "corpus"
    ended = crawls.crawl(web, folder, SEEDS)
    assert ended.code == 0, ended.err
    return folder


@pytest.fixture
def corpus(first: Path, tmp_path: Path) -> Iterator[Path]:
    """A copy of it for one test, which may change the web's mind."""
    MIND.changed.clear()
    yield shutil.copytree(first, tmp_path / "corpus")
    MIND.changed.clear()


def recheck(web: LoopbackWeb, folder: Path, *more: str, **how: Any) -> crawls.Ended:
    return crawls.heedful("recheck", str(folder), *crawls.options(web), *more, **how)


def told(ended: crawls.Ended) -> dict[str, dict[str, Any]]:
    """What ``--json`` printed, by ``host/path`` or origin, the last object under ``summary``."""
    *rows, summary = ended.rows
    named = {crawls.at(row["url"]) if row["url"] else row["origin"]: row for row in rows}
    assert len(named) == len(rows)
    return {**named, "summary": summary}


def entries(folder: Path, kind: str = "recheck") -> list[dict[str, Any]]:
    return [dict(entry.fields) for entry in ledger.entries(folder / "ledger") if entry.type == kind]


def held_back(folder: Path) -> dict[str, State]:
    """What an export would leave out."""
    with Corpus.read(folder) as opened:
        holds = Holds.read(opened)
        found = {crawls.at(item.url): holds.of(item.url) for item in opened.store.items()}
    return {where: hold.state for where, hold in found.items() if hold is not None}


# Site-level files


def test_where_nothing_changed_only_site_level_files_are_asked(web: LoopbackWeb, corpus: Path) -> None:
    before = len(web.requests)
    ended = recheck(web, corpus)
    assert ended.code == 0, ended.err
    kept = sum(crawls.stored(corpus).values())
    assert ended.out == f"3 origins, {kept} URLs: {kept} unchanged\n"
    asked = {request.path for request in web.requests[before:]}
    assert {"/robots.txt", "/.well-known/tdmrep.json"} <= asked
    assert not asked & {"/", *(f"/{name}" for name in NAMES)}
    found = {entry["origin"]: entry for entry in entries(corpus)}
    assert set(found) == {web.url(host, "") for host in ("a.example", "b.example", "c.example")}
    for entry in found.values():
        assert (entry["state"], entry["asked"], list(entry["counts"])) == ("unchanged", "site", ["unchanged"])
        assert entry["evidence"]
    assert not held_back(corpus)
    crawls.check_folder(corpus)


def test_what_a_site_level_file_reserves_now_is_withdrawn_with_its_twins(
    web: LoopbackWeb, corpus: Path
) -> None:
    MIND.changed |= {"robots", "tdmrep"}
    before = crawls.stored(corpus)
    ended = recheck(web, corpus, "--json")
    assert ended.code == 1, ended.err
    rows = told(ended)
    urls = sum(before.values())
    counts = {"new reservation": 4, "lifted": 0, "unreachable": 0, "gone": 0, "unchanged": urls - 4}
    ending = {"finish": "finished", "origins": 3, "urls": urls, "counts": counts, "withdrawn": 4}
    assert rows.pop("summary") == ending
    assert set(rows) == {"a.example/ruled", "a.example/ruled.png", "b.example/twin.png", "c.example/"}
    assert all(row["state"] == "new reservation" and row["withdrawn"] for row in rows.values())
    (ground,) = rows["a.example/ruled"]["grounds"]
    assert (ground["signal"], ground["locator"], ground["excerpt"]) == ("robots", "line 2", "Disallow: /ruled")
    assert rows["b.example/twin.png"]["grounds"][0]["signal"] == "same-bytes"
    assert set(before) - set(crawls.stored(corpus)) == set(rows)
    assert all(crawls.decided(corpus)[where].outcome is Outcome.RESERVED for where in rows)
    reasons = {entry["reason"] for entry in entries(corpus, "removal")}
    assert reasons == {"recheck: reserved by robots", "recheck: reserved by tdmrep"}
    content = b"".join(path.read_bytes() for path in corpus.rglob("*") if path.is_file())
    assert picture("ruled") not in content
    crawls.check_folder(corpus)

    again = recheck(web, corpus)
    assert again.code == 0, again.out
    assert crawls.crawl(web, corpus, SEEDS).code == 0
    assert not set(rows) & set(crawls.stored(corpus)), "what was withdrawn came back"


def test_the_deciding_line_is_printed(web: LoopbackWeb, corpus: Path) -> None:
    MIND.changed.add("robots")
    lines = recheck(web, corpus).out.splitlines()
    row = lines.index(f"new reservation  {web.url('a.example', '/ruled')}  withdrawn")
    assert lines[row + 1].strip() == f"robots: {web.url('a.example', '/robots.txt')}, line 2: Disallow: /ruled"
    assert lines[-1] == "3 withdrawn"
    assert recheck(web, corpus, "-q").out == ""


def test_a_dry_run_withdraws_nothing_and_holds_back_until_it_is_lifted(web: LoopbackWeb, corpus: Path) -> None:
    MIND.changed.add("robots")
    before = crawls.stored(corpus)
    ended = recheck(web, corpus, "--dry-run", "--json")
    assert ended.code == 1, ended.err
    rows = told(ended)
    assert not any(row["withdrawn"] for row in rows.values())
    assert crawls.stored(corpus) == before
    expected = dict.fromkeys(("a.example/ruled", "a.example/ruled.png"), State.RESERVED)
    assert held_back(corpus) == expected
    assert not entries(corpus, "removal")

    MIND.changed.clear()
    lifted = recheck(web, corpus, "--json")
    assert lifted.code == 0, lifted.err
    assert told(lifted)["a.example/ruled"]["state"] == "lifted"
    assert not held_back(corpus)
    assert crawls.stored(corpus) == before


def test_a_later_crawl_that_finds_nothing_against_it_ends_a_hold(web: LoopbackWeb, corpus: Path) -> None:
    MIND.changed.add("robots")
    assert recheck(web, corpus).code == 1
    MIND.changed.clear()
    assert crawls.crawl(web, corpus, SEEDS).code == 0
    assert crawls.stored(corpus)["a.example/ruled"] == 1
    assert not held_back(corpus)


# What cannot be told


def test_an_origin_that_cannot_be_told_is_held_back_and_not_withdrawn(web: LoopbackWeb, corpus: Path) -> None:
    MIND.changed.add("down")
    before = crawls.stored(corpus)
    ended = recheck(web, corpus, "--json", "--items")
    assert ended.code == 0, ended.err
    row = told(ended)[web.url("b.example", "")]
    assert (row["state"], row["items"], row["withdrawn"]) == ("unreachable", 3, False)
    assert row["grounds"][0]["locator"] == "unreachable"
    assert crawls.stored(corpus) == before
    origins = ("b.example/", "b.example/b.png", "b.example/twin.png")
    assert held_back(corpus) == dict.fromkeys(origins, State.UNREACHABLE)
    assert sum("url" in entry for entry in entries(corpus)) == 0, "one entry speaks for the whole origin"

    MIND.changed.clear()
    assert told(recheck(web, corpus, "--json"))[web.url("b.example", "")]["state"] == "lifted"
    assert not held_back(corpus)


def test_only_with_grace_is_withdrawn_what_was_unreachable_for_long(web: LoopbackWeb, corpus: Path) -> None:
    MIND.changed.add("down")
    before = crawls.stored(corpus)
    assert recheck(web, corpus, "--grace", "0").code == 0, "nobody knew before that it cannot be reached"
    assert recheck(web, corpus, "--grace", "30").code == 0
    assert recheck(web, corpus, "--grace", "0", "--dry-run").code == 0
    assert crawls.stored(corpus) == before
    ended = recheck(web, corpus, "--grace", "0", "--json")
    assert ended.code == 1, ended.err
    rows = told(ended)
    assert rows["summary"]["withdrawn"] == 2
    assert rows["b.example/"]["withdrawn"]
    assert rows["b.example/b.png"]["withdrawn"]
    assert not rows["b.example/twin.png"]["withdrawn"], "a URL that can be reached has the same bytes"
    assert set(before) - set(crawls.stored(corpus)) == {"b.example/", "b.example/b.png"}
    assert {entry["reason"][:26] for entry in entries(corpus, "removal")} == {"recheck: unreachable since"}
    crawls.check_folder(corpus)

    MIND.changed.clear()
    assert crawls.crawl(web, corpus, SEEDS).code == 0
    assert crawls.stored(corpus) == before, "a silent site has not objected"


# Items


def test_items_are_asked_conditionally_and_judged_anew(web: LoopbackWeb, corpus: Path) -> None:
    MIND.changed.add("items")
    before = crawls.stored(corpus)
    asked = len(web.requests)
    ended = recheck(web, corpus, "--items", "--json")
    assert ended.code == 1, ended.err
    rows = told(ended)
    states = {where: row["state"] for where, row in rows.items() if where != "summary"}
    reserved = ("header", "meta", "silent", "refused", "logged")
    inherited = ("header.png", "meta.png", "silent.png", "noimage.png")
    assert states == {
        **dict.fromkeys((f"a.example/{name}" for name in (*reserved, *inherited)), "new reservation"),
        "a.example/gone": "gone",
        **dict.fromkeys(
            (f"a.example/{name}" for name in ("busy", "busy.png", "broken", "broken.png")), "unreachable"
        ),
    }  # fmt: skip
    withdrawn = {where for where, row in rows.items() if where != "summary" and row["withdrawn"]}
    assert withdrawn == {where for where, state in states.items() if state == "new reservation"}
    assert set(before) - set(crawls.stored(corpus)) == withdrawn
    assert crawls.stored(corpus)["a.example/changed"] == 1, "what changed is judged and not stored"
    assert set(held_back(corpus)) == {where for where, state in states.items() if state == "unreachable"}

    requests = web.requests[asked:]
    (tagged,) = [one for one in requests if one.target == "/tagged"]
    assert tagged.value("if-none-match") == TAG[1]
    asked_for = [(one.host, one.target) for one in requests if one.target not in AGAIN]
    assert sorted(set(asked_for)) == sorted(asked_for), "something was asked twice"
    crawls.check_folder(corpus)

    MIND.changed.clear()
    rows = told(recheck(web, corpus, "--items", "--json"))
    assert {row["state"] for where, row in rows.items() if where != "summary"} == {"lifted"}
    assert not held_back(corpus)


def test_what_the_items_said_is_not_lifted_by_site_level_files(web: LoopbackWeb, corpus: Path) -> None:
    MIND.changed.add("items")
    assert recheck(web, corpus, "--items", "--dry-run").code == 1
    found = held_back(corpus)
    assert found["a.example/meta"] is State.RESERVED
    assert found["a.example/busy"] is State.UNREACHABLE
    MIND.changed.clear()
    assert recheck(web, corpus).code == 0
    assert held_back(corpus) == found
    assert recheck(web, corpus, "--items").code == 0
    assert not held_back(corpus)


# As the one that collected


def test_it_asks_as_the_one_that_collected(web: LoopbackWeb, tmp_path: Path) -> None:
    MIND.changed.clear()
    folder = tmp_path / "corpus"
    assert crawls.crawl(web, folder, ["c.example/"], "--token", "otherbot", "--purpose", "search").code == 0
    before = len(web.requests)
    ended = recheck(web, folder, "--items")
    assert ended.code == 0, ended.err
    assert {request.value("user-agent")[:9] for request in web.requests[before:]} == {"otherbot/"}


# Ends


def test_what_was_found_before_an_interruption_is_recorded_and_acted_on(web: LoopbackWeb, corpus: Path) -> None:
    MIND.changed |= {"robots", "hangs"}
    running = crawls.begin("recheck", str(corpus), *crawls.options(web), "--json", "-s", "DOWNLOAD_TIMEOUT=10")
    try:
        assert running.stdout is not None
        for _ in range(2):  # the page and its image
            assert "ruled" in running.stdout.readline()
        running.send_signal(signal.SIGINT)
        out, err = running.communicate(timeout=20)
    finally:
        running.kill()
    assert running.returncode == 3, err
    assert not {"Traceback", "destroyed"} & set(err.split()), err
    assert '"finish": "interrupted"' in out.splitlines()[-1]
    assert not {"a.example/ruled", "a.example/ruled.png", "b.example/twin.png"} & set(crawls.stored(corpus))
    assert not any(entry.get("origin") == web.url("b.example", "") for entry in entries(corpus))
    crawls.check_folder(corpus)


def test_after_a_crash_the_next_one_does_it(web: LoopbackWeb, corpus: Path) -> None:
    MIND.changed |= {"robots", "hangs"}
    running = crawls.begin("recheck", str(corpus), *crawls.options(web), "--json", "-s", "DOWNLOAD_TIMEOUT=60")
    try:
        assert running.stdout is not None
        for _ in range(2):
            assert "ruled" in running.stdout.readline()
    finally:
        running.kill()
        running.communicate(timeout=20)
    MIND.changed.discard("hangs")
    recheck(web, corpus)
    assert not {"a.example/ruled", "a.example/ruled.png", "b.example/twin.png"} & set(crawls.stored(corpus))
    crawls.check_folder(corpus)


@pytest.mark.parametrize("more", [(), ("--json",)])
def test_a_folder_in_use_is_refused(web: LoopbackWeb, corpus: Path, more: tuple[str, ...]) -> None:
    with (corpus / ".lock").open("rb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        ended = recheck(web, corpus, *more)
    assert ended.code == 2
    assert "is in use" in ended.sentence


def test_what_is_no_corpus_is_not_made_one(web: LoopbackWeb, tmp_path: Path) -> None:
    ended = recheck(web, tmp_path / "nothing")
    assert ended.code == 2
    assert "is not a corpus" in ended.sentence
    assert not (tmp_path / "nothing").exists()


def test_somebody_has_to_answer_for_it(corpus: Path, tmp_path: Path) -> None:
    ended = crawls.heedful("recheck", str(corpus), "--allow-private", cwd=tmp_path)
    assert ended.code == 2
    assert "no contact" in ended.sentence


def test_a_corpus_that_keeps_nothing_is_done_at_once(web: LoopbackWeb, tmp_path: Path) -> None:
    folder = tmp_path / "corpus"
    assert crawls.crawl(web, folder, ["a.example/"], "--dry-run").code == 0
    ended = recheck(web, folder)
    assert (ended.code, ended.out) == (0, "0 origins, 0 URLs: nothing is kept\n")
