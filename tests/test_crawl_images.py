"""What pages say about images, from the page that says it to the image it concerns, and to no other."""

from __future__ import annotations

from pathlib import Path

import pytest

from crawler.demo.images import png
from crawler.demo.server import LoopbackWeb, page, redirect, typed
from crawler.optout.model import Outcome
from tests.crawls import at, crawl, decided, stored

HOST = "images.example"
NO_IMAGES = '<meta name="robots" content="noimageai">'
SAYING = 12
"""Pages that reserve images and link to one that does so too; more than alike statements that are kept."""


def _document(*paths: str, head: str = "", body: str = "") -> str:
    links = "".join(f'<a href="{path}">on</a>' for path in paths)
    return f"<html><head><title>t</title>{head}</head><body>{body}{links}</body></html>"


def _image(number: int) -> bytes:
    return png(number, 2, 3, 16, 16)


def _chain(steps: int, last: str) -> dict[str, object]:
    """Pages one after the other, so that ``last`` is met late."""
    return {f"/far{n}": page(_document(f"/far{n + 1}" if n < steps else last)) for n in range(steps + 1)}


WEB = {
    HOST: {
        "/": page(
            _document(
                *(f"/saying{n}" for n in range(SAYING)),
                "/far0",
                body="".join(f'<img src="/{name}.png">' for name in ("moves", "moves2", "twin-a", "twin-b")),
            )
        ),
        # A page that reserves its images leads to a page that reserves nothing, and to an image without a name.
        **{
            f"/saying{n}": page(_document("/free", "/nameless", "/also-saying", head=NO_IMAGES))
            for n in range(SAYING)
        },
        "/free": page(_document(body='<img src="/free.png">')),
        "/free.png": typed("image/png", _image(1)),
        "/nameless": typed("image/png", _image(2)),
        "/also-saying": page(_document(head=NO_IMAGES, body='<img src="/said.png">')),
        "/said.png": typed("image/png", _image(3)),
        # Images that moved, shown by a free page at once and by a reserving page late.
        "/moves.png": redirect("/moved.png"),
        "/moved.png": typed("image/png", _image(4)),
        "/moves2.png": redirect("/between.png"),
        "/between.png": redirect("/moved2.png"),
        "/moved2.png": typed("image/png", _image(5)),
        # One picture under two addresses: both shown by a free page at once, one by a reserving page late.
        "/twin-a.png": typed("image/png", _image(6)),
        "/twin-b.png": typed("image/png", _image(6)),
        **_chain(6, "/late"),
        "/late": page(
            _document(
                head=NO_IMAGES,
                body='<img src="/moves.png"><img src="/moves2.png"><img src="/twin-a.png">',
            )
        ),
    }
}

KEPT = {"/": True, "/free": True, "/also-saying": True, "/late": True, "/free.png": True}
DROPPED = ("/nameless", "/said.png", "/moved.png", "/moved2.png", "/twin-a.png", "/twin-b.png")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("images") / "corpus"
    with LoopbackWeb(WEB) as web:
        ended = crawl(web, place, [f"{HOST}/"])
    assert ended.code == 0, ended.err
    return place


@pytest.mark.parametrize("path", KEPT)
def test_it_is_kept(folder: Path, path: str) -> None:
    assert stored(folder)[HOST + path] == 1


@pytest.mark.parametrize("path", DROPPED)
def test_it_is_not_kept(folder: Path, path: str) -> None:
    assert stored(folder)[HOST + path] == 0
    assert decided(folder)[HOST + path].outcome.value == "reserved"


def test_what_other_pages_say_of_their_images_is_not_said_of_a_page(folder: Path) -> None:
    heard = decided(folder)[f"{HOST}/free"].heard
    assert [said.evidence.source for said in heard if "saying" in said.evidence.source] == []


def test_bytes_removed_under_one_address_are_decided_under_the_other_too(folder: Path) -> None:
    decision = decided(folder)[HOST + "/twin-b.png"]
    assert decision.outcome is Outcome.RESERVED
    (ground,) = decision.grounds
    assert (ground.signal, at(ground.evidence.excerpt)) == ("same-bytes", HOST + "/twin-a.png")
