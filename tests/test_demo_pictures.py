"""The pictures and pages of the demo web: real files of the announced size; pages with a frame around words."""

from __future__ import annotations

import io
import re
from html.parser import HTMLParser
from urllib.parse import quote

import pytest
from PIL import Image

from crawler.demo import pictures
from crawler.demo.answer import Answer
from crawler.demo.embed import with_manifest, with_xmp
from crawler.demo.images import manifest, xmp
from crawler.demo.place import Place
from crawler.demo.web import PLACES
from crawler.optout.grammar.sniff import picture

MOST = 600_000
"""Bytes of all pictures that a wheel carries."""


def of_type(place: Place, prefix: str) -> bool:
    answer = place.answer
    return isinstance(answer, Answer) and any(
        name == "Content-Type" and str(value).startswith(prefix) for name, value in answer.headers
    )


def body(place: Place) -> bytes:
    assert isinstance(place.answer, Answer)
    return place.answer.at_port(80).payload()


PICTURES = [pytest.param(one, id=one.host + one.path) for one in PLACES if of_type(one, "image/")]
PAGES = [one for one in PLACES if of_type(one, "text/html") and one.path != "/ai.txt"]


@pytest.mark.parametrize("place", PICTURES)
def test_it_opens_with_the_announced_type_and_size(place: Place) -> None:
    assert isinstance(place.answer, Answer)
    announced = dict(place.answer.headers)["Content-Type"]
    found = picture(body(place))
    assert found is not None
    assert found.media_type == announced
    if size := re.search(r"-(\d+)x(\d+)\.\w+\Z", place.path):
        assert (found.width, found.height) == (int(size[1]), int(size[2]))
    if found.media_type == "image/svg+xml" or (place.expect and place.expect.signal == "oversize"):
        return
    with Image.open(io.BytesIO(body(place))) as image:
        image.load()
        assert image.get_format_mimetype() == announced
        assert image.size == (found.width, found.height)
        assert len(image.convert("RGB").resize((16, 16)).getcolors() or ()) > 4, "one flat colour"


def test_the_files_are_few_enough_to_ship_and_all_in_use() -> None:
    files = pictures.files()
    assert sum(path.stat().st_size for path in files.values()) <= MOST
    shown = {place.path.rpartition("/")[2] for place in PLACES}
    assert {path.name for path in files.values()} <= shown


@pytest.mark.parametrize("name", ["harbour", "grid", "coin", "fjord"])
def test_metadata_goes_in_without_touching_the_picture(name: str) -> None:
    plain = pictures.read(name)
    packet = xmp("DMI-PROHIBITED")
    with Image.open(io.BytesIO(plain)) as before, Image.open(io.BytesIO(with_xmp(plain, packet))) as after:
        assert before.format == after.format
        assert before.convert("RGB").tobytes() == after.convert("RGB").tobytes()
    assert packet in with_xmp(plain, packet)


def test_a_manifest_has_a_place_in_two_formats_only() -> None:
    store = manifest({"cawg.data_mining": "notAllowed"})
    for name in ("grid", "fjord"):
        with Image.open(io.BytesIO(with_manifest(pictures.read(name), store))) as image:
            image.load()
    for name in ("harbour", "coin"):
        with pytest.raises(ValueError, match="no place"):
            with_manifest(pictures.read(name), store)
    with pytest.raises(ValueError, match="no place"):
        with_xmp(b"BM", b"")


class Outline(HTMLParser):
    """What a page is made of."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.lang = ""
        self.dir = ""
        self.images: list[dict[str, str | None]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        if tag == "html":
            self.lang, self.dir = dict(attrs).get("lang") or "", dict(attrs).get("dir") or ""
        if tag == "img":
            self.images.append(dict(attrs))


def test_pages_have_a_frame_around_their_words() -> None:
    assert len(PAGES) >= 120
    for place in PAGES:
        text = body(place).decode()
        outline = Outline(text)
        for tag in ("header", "nav", "main", "article", "aside", "footer", "h1", "title"):
            assert tag in outline.tags, place.path
        assert "What is said to machines here" in text
        assert all(image.get("alt") for image in outline.images)
        assert "{port}" not in text


def test_pages_speak_several_languages() -> None:
    spoken = [Outline(body(place).decode()) for place in PAGES]
    assert {outline.lang for outline in spoken} == {"en", "de", "fr", "es", "ja", "ar"}
    assert all((outline.dir == "rtl") == (outline.lang == "ar") for outline in spoken)


def test_every_link_of_a_page_leads_somewhere() -> None:
    there = {(place.host, place.path) for place in PLACES}
    for place in PAGES:
        for address in re.findall(r'<(?:a|img)[^>]*? (?:href|src)="([^"]+)"', body(place).decode()):
            host, path = place.host, address
            if found := re.fullmatch(r"http://([\w.]+):80(/.*)", address):
                host, path = found[1], found[2]
            assert (host, quote(path, safe="/%?=")) in there or "mailto:" in address, (
                f"{place.host}{place.path}: {address}"
            )
