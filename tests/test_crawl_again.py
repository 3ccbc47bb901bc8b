"""A finished corpus is crawled again: what is asked, what is stored, and what has to go."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from crawler.audit import ledger
from crawler.demo.server import Answer, LoopbackWeb, Request, Responder, page, redirect, text, typed
from crawler.optout.model import Outcome, Stage
from tests import crawls
from tests.webs.row import picture

SEEDS = ["a.example/", "b.example/", "c.example/"]


class Twice:
    """A web that answers differently in its second life."""

    def __init__(self) -> None:
        self.second = False

    def __call__(self, first: Answer, second: Answer) -> Responder:
        return lambda _: second if self.second else first


def validated(answer: Answer, *more: tuple[str, str]) -> Responder:
    """Says 304 to whoever brings its ETag or its date back; ``more``: header lines of the 304 alone."""
    tags = dict(answer.headers)

    def respond(request: Request) -> Answer:
        known = (
            request.value("if-none-match") == tags.get("ETag")
            if "ETag" in tags
            else request.value("if-modified-since") == tags.get("Last-Modified")
        )
        return Answer(status=304, headers=more) if known else answer

    return respond


def shown(name: str, *headers: tuple[str, str], head: str = "", words: str = "") -> Answer:
    return page(
        f"<!doctype html><html><head><title>{name}</title>{head}</head><body><p>{name} {words}</p>"
        f'<img src="/{name}.png" alt="{name}"></body></html>',
        *headers,
    )


def image(name: str) -> Answer:
    return typed("image/png", picture(name))


TAG = ("ETag", '"1"')
DATE = ("Last-Modified", "Sat, 01 Nov 2025 10:00:00 GMT")
NAMES = ("tagged", "dated", "plain", "changed", "turned", "header", "silent", "gone", "ruled", "missing")


def served(twice: Twice) -> dict[str, dict[str, Responder]]:
    links = "".join(f'<a href="/{name}">{name}</a> ' for name in NAMES)
    a: dict[str, Responder] = {
        "/robots.txt": twice(text("User-agent: *\nAllow: /\n"), text("User-agent: *\nDisallow: /ruled\n")),
        "/": page(f"<title>front</title>{links}<a href='/moved'>moved</a>"),
        "/tagged": validated(shown("tagged", TAG)),
        "/dated": validated(shown("dated", DATE)),
        "/plain": shown("plain"),
        "/changed": twice(shown("changed", TAG), shown("changed", ("ETag", '"2"'), words="anew")),
        "/turned": twice(shown("turned"), shown("turned", head='<meta name="robots" content="noai">')),
        "/header": twice(shown("header"), shown("header", ("tdm-reservation", "1"))),
        "/silent": validated(shown("silent", TAG), ("X-Robots-Tag", "noai")),
        "/gone": twice(shown("gone"), text("gone", status=404)),
        "/ruled": shown("ruled"),
        "/missing": twice(text("not yet", status=404), shown("missing")),
        "/moved": redirect("/tagged"),
    }
    a |= {f"/{name}.png": image(name) for name in NAMES}
    a["/tagged.png"] = validated(typed("image/png", picture("tagged"), TAG))
    b: dict[str, Responder] = {
        "/robots.txt": twice(text("User-agent: *\nAllow: /\n"), text("down", status=503)),
        "/": shown("b"),
        "/b.png": image("b"),
    }
    c: dict[str, Responder] = {
        "/": page('<title>c</title><p>c</p><img src="http://a.example:{port}/plain.png">'),
        "/.well-known/tdmrep.json": twice(
            text("none", status=404),
            typed("application/json", '[{"location": "/", "tdm-reservation": 1}]'),
        ),
    }
    return {"a.example": a, "b.example": b, "c.example": c}


@pytest.fixture(scope="module")
def again(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[LoopbackWeb, Path, int]]:
    """A web, a corpus that was crawled in its first and in its second life, and where that begins."""
    twice = Twice()
    folder = tmp_path_factory.mktemp("again") / "corpus"
    with LoopbackWeb(served(twice)) as web:
        first = crawls.crawl(web, folder, SEEDS)
        assert first.code == 0, first.err
        crawls.check_folder(folder)
        pages = {f"a.example/{name}" for name in ("", *NAMES[:-1])}
        images = {f"a.example/{name}.png" for name in NAMES[:-1]}
        assert set(crawls.stored(folder)) == pages | images | {"b.example/", "b.example/b.png", "c.example/"}
        twice.second = True
        before = len(web.requests)
        second = crawls.crawl(web, folder, SEEDS)
        assert second.code == 0, second.err
        crawls.check_folder(folder)
        yield web, folder, before


Again = tuple[LoopbackWeb, Path, int]


def asked(again: Again, host: str, path: str) -> list[Request]:
    """The requests of the second life for one path."""
    web, _, before = again
    return [one for one in web.requests[before:] if (one.host, one.target) == (host, path)]


def test_site_level_files_are_asked_again(again: Again) -> None:
    for host in ("a.example", "b.example", "c.example"):
        assert asked(again, host, "/robots.txt")
    assert asked(again, "a.example", "/.well-known/tdmrep.json")
    assert not asked(again, "b.example", "/.well-known/tdmrep.json"), "a host without its robots.txt is left"


def test_what_has_a_validator_is_asked_with_it(again: Again) -> None:
    (tagged,) = asked(again, "a.example", "/tagged")
    assert tagged.value("if-none-match") == '"1"'
    (dated,) = asked(again, "a.example", "/dated")
    assert dated.value("if-modified-since") == DATE[1]
    (plain,) = asked(again, "a.example", "/plain")
    assert plain.value("if-none-match") is plain.value("if-modified-since") is None


@pytest.mark.parametrize("path", ["", "tagged", "tagged.png", "dated", "plain", "plain.png"])
def test_unchanged_bytes_are_not_stored_again(again: Again, path: str) -> None:
    _, folder, _ = again
    assert crawls.stored(folder)[f"a.example/{path}"] == 1
    assert crawls.decided(folder)[f"a.example/{path}"].outcome is Outcome.UNRESERVED
    assert crawls.frontier(folder)[f"a.example/{path}"] == ("done", True)


def test_a_304_is_recorded_as_not_collected_again(again: Again) -> None:
    _, folder, _ = again
    decision = crawls.decided(folder)["a.example/tagged"]
    assert (decision.stage, decision.collect) == (Stage.HEADERS, False)


def test_changed_bytes_are_stored(again: Again) -> None:
    _, folder, _ = again
    (changed,) = asked(again, "a.example", "/changed")
    assert changed.value("if-none-match") == '"1"'
    assert crawls.stored(folder)["a.example/changed"] == 2


def test_what_is_new_is_stored(again: Again) -> None:
    _, folder, _ = again
    assert crawls.stored(folder)["a.example/missing"] == 1
    assert crawls.stored(folder)["a.example/missing.png"] == 1


@pytest.mark.parametrize(
    ("name", "stage"), [("turned", Stage.CONTENT), ("header", Stage.HEADERS), ("silent", Stage.HEADERS)]
)
def test_a_page_that_became_reserved_goes_and_its_image_with_it(again: Again, name: str, stage: Stage) -> None:
    _, folder, _ = again
    for path in (name, f"{name}.png"):
        assert crawls.decided(folder)[f"a.example/{path}"].outcome is Outcome.RESERVED, path
        assert f"a.example/{path}" not in crawls.stored(folder)
        assert crawls.frontier(folder)[f"a.example/{path}"] == ("done", False)
    assert crawls.decided(folder)[f"a.example/{name}"].stage is stage


def test_what_a_site_level_file_reserves_now_goes(again: Again) -> None:
    _, folder, _ = again
    for where in ("a.example/ruled", "a.example/ruled.png", "c.example/"):
        assert where not in crawls.stored(folder)
        assert crawls.decided(folder)[where].outcome is Outcome.RESERVED
    assert not asked(again, "a.example", "/ruled")


def test_nothing_of_what_went_is_left_in_any_file(again: Again) -> None:
    _, folder, _ = again
    content = b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())
    assert picture("turned") not in content
    went = hashlib.sha256(picture("turned")).hexdigest()
    removals = [entry for entry in ledger.entries(folder / "ledger") if entry.type == "removal"]
    assert any(entry.fields["sha256"] == went for entry in removals)
    assert all(str(entry.fields["reason"]).startswith("reserved: ") for entry in removals)


def test_what_cannot_be_told_now_stays(again: Again) -> None:
    _, folder, _ = again
    assert crawls.stored(folder)["a.example/gone"] == 1
    assert crawls.decided(folder)["a.example/gone"].outcome is Outcome.SKIPPED
    for where in ("b.example/", "b.example/b.png"):
        assert crawls.stored(folder)[where] == 1
        assert crawls.decided(folder)[where].outcome is Outcome.UNDETERMINED
        assert crawls.frontier(folder)[where] == ("done", True)
    assert not asked(again, "b.example", "/")


def test_explain_tells_of_the_removal(again: Again) -> None:
    web, folder, _ = again
    told = crawls.heedful("explain", str(folder), web.url("a.example", "/turned"))
    assert "removed from the corpus\n  reserved: robots-meta" in told.out
    assert "~^" in told.out
    assert max(map(len, told.out.splitlines())) <= 80


def test_items_are_what_is_stored(again: Again) -> None:
    _, folder, _ = again
    rows = crawls.heedful("items", str(folder), "--json").rows
    assert {crawls.at(row["url"]) for row in rows} == set(crawls.stored(folder))
    assert len(rows) == sum(crawls.stored(folder).values())


# What is fixed for a corpus


@pytest.mark.parametrize(
    ("given", "config", "words"),
    [
        (["--token", "otherbot"], "", "tokens is heedful, this run has heedful, otherbot"),
        (["--purpose", "search"], "", "purposes is tdm, this run has search"),
        ([], '[policy]\nreading = "literal"\nreason = "a study"\n', "reading is strict, this run has literal"),
    ],
)
def test_another_identity_is_refused_by_name(
    again: Again, tmp_path: Path, given: list[str], config: str, words: str
) -> None:
    web, folder, _ = again
    (tmp_path / "heedful.toml").write_text(config)
    files = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    before = len(web.requests)
    ended = crawls.crawl(web, folder, SEEDS, *given, cwd=tmp_path)
    assert ended.code == 2
    assert words in ended.sentence
    assert len(web.requests) == before
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == files
