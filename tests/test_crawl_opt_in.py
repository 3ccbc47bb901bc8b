"""Crawls that keep only what is licensed, and say of each thing they keep by whom and under what."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from crawler.demo.images import jpeg, png
from crawler.demo.server import Answer, LoopbackWeb, Request, in_turn, page, text, typed
from tests.crawls import Ended, at, crawl, decided, heedful, located, options, reasons, stored

BY = "https://creativecommons.org/licenses/by/4.0/"
SA = "https://creativecommons.org/licenses/by-sa/4.0/"
NC = "https://creativecommons.org/licenses/by-nc/4.0/"
HOST = "open.example"


def _document(*paths: str, head: str = "", body: str = "", title: str = "t") -> Any:
    links = "".join(f'<a href="{path}">on</a>' for path in paths)
    return page(
        f"<html><head><title>{title}</title>{head}</head><body><main>{body}{links}</main></body></html>"
    )


def _image(path: str, licence: str, more: str = "") -> str:
    """A node that licenses an image, and the image."""
    node = f'"@context": "https://schema.org", "@type": "ImageObject", "contentUrl": "{path}"'
    node = f'{{{node}, "license": "{licence}"{more}}}'
    return f'<script type="application/ld+json">{node}</script><img src="{path}" alt="x">'


def _png(number: int) -> Any:
    return typed("image/png", png(number, 2, 3, 16, 16))


BRIDGE = ', "name": "A Bridge", "creator": {"@type": "Person", "name": "Jane \\u202eDoe"}'

FILLING = [f"/filling{n}" for n in range(110)]
"""More pages than are in hand at once. What is linked before them is taken in before an image that is shown
there is handed out, all the more as one page in between is slow."""

WEB: Mapping[str, Mapping[str, Any]] = {
    HOST: {
        # The front page has no licence: it is left, and its links are followed.
        "/": _document(
            *("/text", "/gallery", "/twice", "/noai", "/footer", "/header"),
            *("/early", "/licensing", "/doubt", "/doubt2", "/slow", *FILLING),
        ),
        "/text": _document(
            head=f'<link rel="license" href="{BY}"><meta name="author" content="A. Writer">',
            body='<img src="/text.png">',
            title="A “Text”",
        ),
        "/text.png": _png(1),
        # A page without a licence, with an image that has one and one that has none.
        "/gallery": _document(body=_image("/bridge.png", SA, BRIDGE) + '<img src="/plain.png">'),
        "/bridge.png": _png(2),
        "/plain.png": _png(3),
        "/twice": _document(head=f'<link rel="license" href="{BY}"><link rel="license" href="{NC}">'),
        "/noai": _document(head=f'<link rel="license" href="{BY}"><meta name="robots" content="noai">'),
        "/footer": _document(body=f'<footer><a rel="license" href="{BY}">CC BY</a></footer>'),
        "/header": _document(body='<img src="/header.jpg">'),
        "/header.jpg": typed("image/jpeg", jpeg(4), ("Link", f'<{BY}>; rel="license"')),
        # One image is first met on a page that says nothing, and licensed by the next one.
        "/early": _document(body='<img src="/early.png">'),
        "/licensing": _document(body=_image("/early.png", BY)),
        "/early.png": _png(5),
        # For another one two pages name different licences.
        "/doubt": _document(body=_image("/doubted.png", BY)),
        "/doubt2": _document(body=_image("/doubted.png", NC)),
        "/doubted.png": _png(6),
        "/slow": replace(_document(), delay=1.2),
        **dict.fromkeys(FILLING, _document()),
    },
}

KEPT = {f"{HOST}{path}" for path in ("/text", "/bridge.png", "/header.jpg", "/early.png")}


@pytest.fixture(scope="module")
def web() -> Any:
    with LoopbackWeb(WEB) as running:
        yield running


@pytest.fixture(scope="module")
def folder(web: LoopbackWeb, tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("opt-in") / "corpus"
    ended = crawl(web, place, [f"{HOST}/"], "--posture", "opt-in")
    assert ended.code == 0, ended.err
    return place


def _items(folder: Path) -> dict[str, dict[str, Any]]:
    return {at(row["url"]): row for row in heedful("items", str(folder), "--json").rows}


def test_only_what_is_licensed_is_kept(folder: Path) -> None:
    assert set(stored(folder)) == KEPT
    assert set(_items(folder)) == KEPT


def test_what_is_not_licensed_is_left_for_that_reason_and_its_links_are_followed(folder: Path) -> None:
    for path in ("/", "/gallery", FILLING[0], "/plain.png", "/text.png", "/twice", "/footer"):
        assert decided(folder)[HOST + path].outcome.value == "skipped", path
        assert reasons(folder, HOST + path) == [("posture", "nothing that is accepted permits it")], path


def test_a_reservation_is_told_as_such(folder: Path) -> None:
    assert decided(folder)[f"{HOST}/noai"].outcome.value == "reserved"


def test_an_image_under_two_licences_is_not_kept(folder: Path) -> None:
    decision = decided(folder)["open.example/doubted.png"]
    assert decision.outcome.value == "skipped"
    assert {said.terms for said in decision.heard if said.signal == "licence"} == {BY, NC}


def test_every_item_has_its_licence_its_credit_and_its_evidence(folder: Path) -> None:
    for where, item in _items(folder).items():
        decision = decided(folder)[where]
        assert decision.outcome.value == "licensed"
        assert decision.licence == item["licence"]
        assert [(ground.signal, ground.preference.value) for ground in decision.grounds] == [
            ("licence", "allow")
        ]
        assert item["attribution"]


def test_how_each_is_credited(folder: Path, web: LoopbackWeb) -> None:
    lines = {where: item["attribution"] for where, item in _items(folder).items()}
    url = located(web)
    assert lines == {
        f"{HOST}/text": f'"A “Text”" by A. Writer, {url(f"{HOST}/text")}, CC BY 4.0 ({BY})',
        f"{HOST}/bridge.png": f'"A Bridge" by Jane Doe, {url(f"{HOST}/bridge.png")}, '
        f"CC BY-SA 4.0 ({SA}), share alike",
        f"{HOST}/header.jpg": f"{url(f'{HOST}/header.jpg')}, CC BY 4.0 ({BY})",
        "open.example/early.png": f"{url('open.example/early.png')}, CC BY 4.0 ({BY})",
    }


def test_nobody_is_named_in_the_ledger(folder: Path) -> None:
    said = "".join(json.dumps(row) for row in heedful("log", str(folder), "--json").rows)
    assert BY in said
    assert "Jane Doe" not in said
    assert "A. Writer" not in said


def test_what_was_left_can_be_listed(folder: Path) -> None:
    listed = heedful("log", str(folder), "--outcome", "skipped", "--json")
    assert listed.code == 0
    assert f"{HOST}/gallery" in {at(row["url"]) for row in listed.rows}


def test_a_corpus_keeps_its_posture(folder: Path, web: LoopbackWeb) -> None:
    ended = crawl(web, folder, [f"{HOST}/"])
    assert ended.code == 2
    assert "posture is opt-in, this run has opt-out" in ended.sentence


@pytest.mark.parametrize(
    ("path", "code", "words"),
    [("/text", 0, "licensed"), ("/gallery", 1, "skipped"), ("/header.jpg", 0, "licensed")],
)
def test_single_urls_can_be_asked_about(web: LoopbackWeb, path: str, code: int, words: str) -> None:
    asked: Ended = heedful("check", located(web)(HOST + path), *options(web), "--posture", "opt-in", "--json")
    assert (asked.code, asked.rows[0]["outcome"]) == (code, words)


def test_what_is_accepted_by_name_is_kept_and_recorded(web: LoopbackWeb, tmp_path: Path) -> None:
    (tmp_path / "heedful.toml").write_text('[policy]\naccept = ["CC-BY-NC"]\n')
    corpus = tmp_path / "corpus"
    ended = crawl(web, corpus, [f"{HOST}/doubt2"], "--posture", "opt-in", "--scope", "prefix", cwd=tmp_path)
    assert ended.code == 0, ended.err
    assert set(stored(corpus)) == {"open.example/doubted.png"}
    assert '"CC-BY-NC"' in (corpus / "heedful.json").read_text()


def test_a_page_that_did_not_change_licenses_its_images_again(tmp_path: Path) -> None:
    """The image is not there at the first crawl, and at the second one the page is not sent again."""
    head = f'<link rel="license" href="{BY}">'
    whole = page(f"<html><head>{head}</head><body>{_image('/i.png', SA)}</body></html>", ("ETag", '"1"'))

    def front(request: Request) -> Answer:
        return Answer(status=304) if request.value("if-none-match") == '"1"' else whole

    gone = text("later", status=404)
    corpus = tmp_path / "corpus"
    with LoopbackWeb({HOST: {"/": front, "/i.png": in_turn(gone, _png(8))}}) as web:
        for expected in ({f"{HOST}/"}, {f"{HOST}/", f"{HOST}/i.png"}):
            ended = crawl(web, corpus, [f"{HOST}/"], "--posture", "opt-in")
            assert ended.code == 0, ended.err
            assert set(stored(corpus)) == expected


def test_the_other_posture_keeps_all_that_nobody_reserves_and_tells_what_is_licensed(
    web: LoopbackWeb, tmp_path: Path
) -> None:
    corpus = tmp_path / "corpus"
    ended = crawl(web, corpus, [f"{HOST}/text", f"{HOST}/twice"], "--scope", "prefix")
    assert ended.code == 0, ended.err
    outcomes = {where: row["outcome"] for where, row in _items(corpus).items()}
    assert outcomes == {
        f"{HOST}/text": "licensed", f"{HOST}/text.png": "unreserved", f"{HOST}/twice": "unreserved",
    }  # fmt: skip
    assert _items(corpus)[f"{HOST}/twice"]["licence"] is None
