"""C2PA manifests: nobody is asked, nothing that was reserved goes missing, and no bytes do harm."""

from __future__ import annotations

import io
import json
import socket
import struct
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager

import brotli
import c2pa
import cbor2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crawler.demo.images import manifest as unsigned
from crawler.demo.images import png as plain_png
from crawler.optout.grammar.c2pa import (
    MOST_STORES,
    SETTINGS,
    Manifests,
    manifests_in,
    manifests_trusting,
    may_hold,
)
from crawler.optout.grammar.jumbf import (
    DEPTH,
    MOST_BOXES,
    MOST_BYTES,
    MOST_CONTENT,
    MOST_TEXT,
    MOST_TOLD,
    STORE,
    Manifest,
    first_store,
    pointed_at,
    read_store,
    speaking,
)
from crawler.optout.grammar.training_mining import MOST, uses_of
from crawler.optout.model import Basis, Capture, Preference, Purpose
from tests.vectorfile import AT
from tests.vectors.assets.certificates import chain
from tests.vectors.assets.containers import app11, jpeg
from tests.vectors.assets.make_assets import build
from tests.vectors.assets.signed import assertion, every, prohibited, sign

URL = "https://h.example/i.jpg"


def image(body: bytes) -> Capture:
    return Capture(url=URL, status=200, at=AT, body=body)


def read(body: bytes, *, anchors: str = "") -> Manifests:
    return image(body).parsed(manifests_trusting(anchors))


def reserves(found: Manifests) -> bool:
    """Whether the asset could not be collected: something is reserved, or nobody can tell."""
    return bool(found.trouble) or any(
        use.preference is not Preference.ALLOW
        for one in found.assertions
        if one.trains
        for use in uses_of(one.label, one.data)
    )


def preferences(found: Manifests) -> set[Preference]:
    return {use.preference for one in found.assertions for use in uses_of(one.label, one.data)}


# Boxes


def box(kind: bytes, content: bytes, *, length: int | None = None) -> bytes:
    return struct.pack(">I", len(content) + 8 if length is None else length) + kind + content


def superbox(uuid: bytes, label: str, *boxes: bytes) -> bytes:
    described = uuid + bytes.fromhex("00110010800000aa00389b71") + b"\x03" + label.encode() + b"\0"
    return box(b"jumb", box(b"jumd", described) + b"".join(boxes))


def store(*boxes: bytes, label: str = "urn:1") -> bytes:
    """A store with one manifest that holds these boxes."""
    return superbox(b"c2pa", "c2pa", superbox(b"c2ma", label, *boxes))


def said(content: bytes, *, label: str = "cawg.training-mining", kind: bytes = b"cbor") -> bytes:
    return superbox(b"cbor", label, box(kind, content))


NO = cbor2.dumps({"entries": {"cawg.ai_training": {"use": "notAllowed"}}})


# Nobody is asked


@contextmanager
def counting() -> Iterator[tuple[str, list[bytes]]]:
    """A server on loopback, and what it was asked."""
    asked: list[bytes] = []
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection:
                connection.settimeout(5)
                asked.append(connection.recv(4096))
                connection.sendall(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/m.c2pa", asked
    finally:
        with closing(listener):
            listener.shutdown(socket.SHUT_RDWR)
        thread.join()


def test_a_manifest_kept_elsewhere_is_named_and_not_fetched() -> None:
    with counting() as (url, asked):
        found = read(sign(jpeg(), assertion(every("notAllowed")), remote=url).file)
    assert asked == []
    assert found == Manifests(remote=url)


def test_left_to_itself_the_library_would_fetch_it() -> None:
    with counting() as (url, asked), pytest.raises(c2pa.C2paError):
        c2pa.Reader("image/jpeg", io.BytesIO(sign(jpeg(), remote=url).file))
    assert asked


@pytest.mark.parametrize(
    "loosened", [("verify", "remote_manifest_fetch", True), ("core", "allowed_network_hosts", None)]
)
def test_either_of_two_settings_keeps_it_from_fetching(loosened: tuple[str, str, object]) -> None:
    group, key, value = loosened
    settings = {name: dict(members) for name, members in SETTINGS.items()}
    settings[group][key] = value
    with counting() as (url, asked), pytest.raises(c2pa.C2paError):
        c2pa.Reader(
            "image/jpeg", io.BytesIO(sign(jpeg(), remote=url).file), context=c2pa.Context.from_dict(settings)
        )
    assert asked == []


# Trust


def test_only_the_operators_anchors_make_a_permission() -> None:
    body = build("signed-allowed.jpg")
    assert [one.trusted for one in read(body).assertions] == [False]
    assert [one.trusted for one in read(body, anchors=chain().authority).assertions] == [True]


@pytest.mark.parametrize(
    "anchors", ["no certificate", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"]
)
def test_anchors_that_cannot_be_read_believe_nobody_and_hide_nothing(anchors: str) -> None:
    assert not any(one.trusted for one in read(build("signed-allowed.jpg"), anchors=anchors).assertions)
    assert reserves(read(prohibited().file, anchors=anchors))


def test_the_parser_is_one_for_each_set_of_anchors() -> None:
    assert manifests_trusting("") is manifests_trusting("")
    assert manifests_trusting("") is not manifests_trusting(chain().authority)


# What is read


def test_both_readers_find_the_same() -> None:
    validated = read(prohibited().file).assertions
    walked = manifests_in([prohibited().manifest]).assertions
    assert validated == walked


def test_what_both_find_is_told_once() -> None:
    assert len(read(build("signed-tampered.jpg")).assertions) == 1


def test_a_file_that_cannot_hold_a_manifest_is_not_parsed() -> None:
    assert not may_hold(image(jpeg()))
    assert read(jpeg()) == Manifests()
    assert not may_hold(
        Capture(url=URL, status=200, at=AT, headers=(("content-type", "text/html"),), body=b"<p>")
    )


def test_words_about_c2pa_are_no_manifest() -> None:
    assert may_hold(image(b"<svg>c2pa</svg>"))
    assert read(b"<html>all about c2pa</html>") == Manifests()


def test_a_broken_file_that_speaks_of_c2pa_is_trouble() -> None:
    found = read(b"\xff\xd8\xff\xe0\xff\xff" + STORE)
    assert found.trouble
    assert not found.embedded


def test_without_the_library_everything_can_still_reserve(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "c2pa", None)
    assert preferences(read(prohibited().file)) == {Preference.DISALLOW}


def test_a_manifest_in_a_place_of_its_own_is_found_by_its_marks() -> None:
    assert reserves(read(plain_png(1, 2, 3) + unsigned({"cawg.ai_training": "notAllowed"})))
    assert reserves(read(b"who knows what this is" + store(said(NO))))


def test_a_manifest_in_many_segments() -> None:
    filler = superbox(b"bidb", "filler", box(b"bidb", bytes(200_000)))
    whole = store(filler, said(NO))
    assert preferences(read(jpeg(*app11(whole)))) == {Preference.DISALLOW}


def test_other_jumbf_is_no_manifest() -> None:
    assert manifests_in([superbox(b"json", "something", box(b"json", b"{}"))]) == Manifests()
    assert first_store(superbox(b"json", "something")) == b""
    for start in range(1, 17):  # a store whose beginning is lost
        assert first_store(store()[start:24]) == b""


def test_a_store_names_its_trouble() -> None:
    assert manifests_in([b"no box at all"]).trouble
    assert manifests_in([superbox(b"c2pa", "c2pa")]).trouble
    assert manifests_in([b""]).trouble
    assert manifests_in([store(said(NO))] * (MOST_STORES + 1)).trouble


@pytest.mark.parametrize(
    "content",
    [b'{"entries": {"cawg.ai_training": {"use": "notAllowed"}}}', b"no json", b"[" * 9999, b'{"a": 1, "a": 2}'],
)
def test_an_assertion_in_json(content: bytes) -> None:
    assert preferences(manifests_in([store(said(content, kind=b"json"))])) == {Preference.DISALLOW}


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\0" * 40,
        cbor2.dumps([1, 2]),
        NO + NO,
        cbor2.dumps({"entries": [1]}),
        cbor2.dumps({"entries": None}),
        cbor2.dumps({"x": {"y": "z"}}),
        b"\xa1gentries\xa1pcawg.ai_training\xa2cuseiallowed!!cusegallowed",
        b"\xa1gentries\xa1pcawg.ai_training\xa2cusejnotAllowedcusegallowed",
        b"\x81" * 100_000,
        b"\xc1" * 100_000,
        b"\x9f" * 100_000,
        b"\x9b" + b"\xff" * 8,
        b"\xbb\x00\x00\x00\x10\x00\x00\x00\x00",
        b"\xa1\x80\x80",
        bytes(MOST_CONTENT + 1),
    ],
)
def test_content_that_is_none_reserves(content: bytes) -> None:
    found = manifests_in([store(said(content))])
    assert preferences(found) == {Preference.DISALLOW}
    assert {use.basis for one in found.assertions for use in uses_of(one.label, one.data)} == {Basis.RECOVERED}


def test_tags_do_nothing() -> None:
    """Shared values would grow with every level, were they shared."""
    bomb = b"\xd8\x1c\x80"
    for level in range(20):
        bomb = b"\xd8\x1c\x83" + bomb + b"\xd8\x1d" + bytes((level,)) * 1 + b"\xd8\x1d" + bytes((level,))
    found = read_store(store(said(b"\xa1gentries\xa1pcawg.ai_training\xa2cusejnotAllowedatt" + bomb)))
    assert len(found.manifests[0].told[0].text) < 1_000
    found = read_store(store(said(b"\xa1gentries\xa1pcawg.ai_training\xa1cuse\xd9\xd9\xf7jnotAllowed")))
    assert "notAllowed" in found.manifests[0].told[0].text


def test_an_assertion_that_is_only_named_reserves() -> None:
    claim = superbox(
        b"c2cl",
        "c2pa.claim.v2",
        box(
            b"cbor",
            cbor2.dumps({"gathered_assertions": [{"url": "self#jumbf=c2pa.assertions/cawg.training-mining"}]}),
        ),
    )
    assert preferences(manifests_in([store(claim)])) == {Preference.DISALLOW}
    other = superbox(
        b"c2cl", "c2pa.claim", box(b"cbor", cbor2.dumps({"assertions": [7, {"url": 7}], "alg": "x"}))
    )
    assert manifests_in([store(other)]) == Manifests(embedded=True)
    broken = superbox(b"c2cl", "c2pa.claim", box(b"cbor", b"\xff"))
    assert manifests_in([store(broken)]) == Manifests(embedded=True)


def test_an_assertion_that_is_kept_in_the_cloud_reserves() -> None:
    about = {
        "label": "cawg.training-mining",
        "size": 9,
        "location": {"url": "https://h.example/c", "hash": b""},
    }
    found = manifests_in([store(said(cbor2.dumps(about), label="c2pa.cloud-data"))])
    assert len(found.assertions) == 1
    signed = sign(
        jpeg(), {"label": "c2pa.cloud-data", "data": about | {"location": {"url": "https://h.example/c"}}}
    )
    assert len(read(signed.file).assertions) == 1
    elsewhere = store(said(cbor2.dumps(about | {"label": "c2pa.actions"}), label="c2pa.cloud-data"))
    assert manifests_in([elsewhere]) == Manifests(embedded=True)


def test_ingredients_lead_to_manifests() -> None:
    assert pointed_at("self#jumbf=/c2pa/urn:1/c2pa.claim") == "urn:1"
    assert (
        pointed_at("self#jumbf=c2pa.assertions/x") == pointed_at(None) == pointed_at("https://h.example/") == ""
    )
    chain_of = [
        Manifest(label="a", ingredients=[("inputTo", "b"), ("parentOf", "c")]),
        Manifest(label="b", ingredients=[("parentOf", "d"), ("componentOf", "c")]),
        Manifest(label="c"),
        Manifest(label="d", ingredients=[("parentOf", "b")]),
        Manifest(label="e"),
    ]
    assert [one.label for one in speaking(chain_of, "a")] == ["a", "c", "e"]


def test_ingredients_of_a_walked_store() -> None:
    for relationship, counts in (
        ("inputTo", False),
        ("parentOf", True),
        ("componentOf", True),
        ("unheardOf", True),
    ):
        for key in ("activeManifest", "c2pa_manifest"):
            about = {"relationship": relationship, key: {"url": "self#jumbf=/c2pa/urn:1"}}
            last = superbox(b"c2ma", "urn:2", said(cbor2.dumps(about), label="c2pa.ingredient.v3__1"))
            whole = superbox(b"c2pa", "c2pa", superbox(b"c2ma", "urn:1", said(NO)), last)
            assert reserves(manifests_in([whole])) is counts
    for unread in (b"\xff", cbor2.dumps([]), cbor2.dumps({"activeManifest": 7})):
        last = superbox(b"c2ma", "urn:2", said(unread, label="c2pa.ingredient"))
        assert reserves(manifests_in([superbox(b"c2pa", "c2pa", superbox(b"c2ma", "urn:1", said(NO)), last)]))


# Bytes that are meant to do harm


def test_boxes_too_deep() -> None:
    deep = said(NO)
    for _ in range(DEPTH):
        deep = superbox(b"c2as", "x", deep)
    assert read_store(store(deep)).trouble == "boxes too deep"


def test_boxes_too_many() -> None:
    assert read_store(store(box(b"free", b"") * MOST_BOXES, said(NO))).trouble == "too many boxes"


@pytest.mark.parametrize("length", [0, 1, 2, 7, 9, 1 << 31, (1 << 32) - 1])
def test_a_length_that_is_not_true(length: int) -> None:
    lying = box(b"cbor", NO, length=length)
    found = manifests_in([store(superbox(b"cbor", "cawg.training-mining", lying), said(NO))])
    assert reserves(found)


def test_a_long_length() -> None:
    content = b"jumb" + struct.pack(">Q", len(NO) + 16 + 40)
    assert reserves(manifests_in([struct.pack(">I", 1) + content + store(said(NO))[8:]]))
    assert read_store(struct.pack(">I", 1) + b"jumb" + struct.pack(">Q", 3) + bytes(40)).trouble


def test_a_store_too_large() -> None:
    huge = store(said(NO), box(b"free", bytes(MOST_BYTES)))
    found = read_store(huge)
    assert found.trouble == "store too large"
    assert found.manifests[0].told


def compressed(packed: bytes) -> bytes:
    return superbox(b"c2pa", "c2pa", superbox(b"c2cm", "urn:1", box(b"brob", packed)))


def test_a_compressed_manifest() -> None:
    inside = superbox(b"c2ma", "urn:1", said(NO))
    assert preferences(manifests_in([compressed(brotli.compress(inside))])) == {Preference.DISALLOW}


@pytest.mark.parametrize(
    "packed", [b"", b"\xff" * 40, brotli.compress(bytes(99))[:-2], brotli.compress(bytes(MOST_BYTES))]
)
def test_a_compressed_manifest_that_cannot_be_had(packed: bytes) -> None:
    assert manifests_in([compressed(packed)]).trouble


def test_more_is_said_than_is_read() -> None:
    assert read_store(store(*[said(b"\xa0")] * (MOST_TOLD + 1))).trouble == "too many assertions"
    long = said(cbor2.dumps({"x": "y" * (MOST_CONTENT - 100)}), label="cawg.metadata")
    found = read_store(store(*[long] * 20))
    assert sum(len(one.text) for one in found.manifests[0].told) <= MOST_TEXT
    assert {one.text for one in found.manifests[0].told[-2:]} == {""}
    each = [said(cbor2.dumps({"x": number})) for number in range(600)]
    many = [superbox(b"c2ma", label, *each) for label in ("urn:1", "urn:2")]
    assert manifests_in([superbox(b"c2pa", "c2pa", one) for one in many]).trouble


@pytest.mark.parametrize("name", ["prohibited.c2pa", "constrained.c2pa"])
def test_no_changed_octet_and_no_cut_hides_a_reservation(name: str) -> None:
    whole = build(name)
    for position in range(len(whole)):
        for change in (0x01, 0xFF):
            changed = bytearray(whole)
            changed[position] ^= change
            assert reserves(manifests_in([bytes(changed)])), (position, change)
        assert reserves(manifests_in([whole[:position]])), position


@settings(deadline=None)
@given(st.integers(0, 4_000), st.binary(min_size=1, max_size=12))
def test_no_changed_octets_of_a_signed_file_stop_the_reader(position: int, junk: bytes) -> None:
    whole = prohibited().file
    read(whole[:position] + junk + whole[position + len(junk) :])


@settings(deadline=None)
@given(st.binary(max_size=200))
def test_no_bytes_stop_the_readers(junk: bytes) -> None:
    read(junk + b"c2pa")
    manifests_in([junk, store(junk), store(said(junk)), compressed(junk)])


# What an assertion says


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(["use", "allowed"]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["entries", "use", "cawg.ai_training", "x", ""]), inner, max_size=4)
    ),
    max_leaves=12,
)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(JSON, st.text(max_size=20))
def test_any_content_is_understood_or_reserves(content: object, label: str) -> None:
    uses = uses_of(label, json.dumps(content))
    if not isinstance(content, dict):
        assert [use.preference for use in uses] == [Preference.DISALLOW]
    assert all(len(use.words) <= 2048 for use in uses)


def test_more_entries_than_are_read_reserve() -> None:
    entries = {f"x.{number}": {"use": "allowed"} for number in range(MOST + 1)}
    assert preferences_of({"entries": entries}) == {Preference.DISALLOW}


def preferences_of(content: object) -> set[Preference]:
    return {use.preference for use in uses_of("cawg.training-mining", json.dumps(content))}


def test_an_assertion_about_nothing_is_silent() -> None:
    for content in (
        {},
        {"entries": {}},
        {"metadata": {"dateTime": "2026-01-01"}},
        {"entries": {}, "metadata": {}},
    ):
        assert preferences_of(content) == set()


def test_what_is_no_json_reserves() -> None:
    for data in ("", "no json", "[" * 100_000):
        assert [use.preference for use in uses_of("cawg.training-mining", data)] == [Preference.DISALLOW]


def test_a_use_without_its_map() -> None:
    assert preferences_of({"entries": {"cawg.ai_training": "notAllowed"}}) == {Preference.DISALLOW}
    assert preferences_of({"entries": {"cawg.ai_training": None}}) == {Preference.DISALLOW}


def test_a_permission_is_no_wider_than_what_was_said() -> None:
    def permitted(*keys: str) -> set[Purpose]:
        content = json.dumps({"entries": {f"cawg.{key}": {"use": "allowed"} for key in keys}})
        return {use.purpose for use in uses_of("cawg.training-mining", content)}

    assert permitted("data_mining") == set()
    assert permitted("ai_training") == set()
    assert permitted("data_mining", "ai_training", "ai_inference") == {Purpose.AI_INPUT}
    assert permitted("ai_training", "ai_generative_training") == {Purpose.AI_TRAIN, Purpose.GEN_AI_TRAIN}
    assert Purpose.TDM in permitted("data_mining", "ai_inference", "ai_training", "ai_generative_training")


@pytest.mark.parametrize(
    ("label", "content"),
    [
        ("cawg.training-mining.v2", {"entries": {"cawg.ai_inference": {"use": "allowed"}}}),
        ("CAWG.training-mining", {"entries": {"cawg.ai_inference": {"use": "allowed"}}}),
        ("cawg.training-mining", {"cawg.ai_inference": {"use": "allowed"}}),
        ("cawg.training-mining", {"entries": {"ai_inference": {"use": "allowed"}}}),
        ("cawg.training-mining", {"entries": {"cawg.ai_inference": {"use": "Allowed"}}}),
        ("cawg.training-mining", {"entries": {"cawg.ai_inference": "allowed", "x": {"use": "?"}}}),
    ],
)
def test_a_permission_that_is_not_exact(label: str, content: object) -> None:
    uses = [use for use in uses_of(label, json.dumps(content)) if use.preference is Preference.ALLOW]
    assert {use.basis for use in uses} == {Basis.RECOVERED}


def test_an_exact_permission_of_a_second_assertion() -> None:
    content = json.dumps({"entries": {"c2pa.ai_inference": {"use": "allowed"}}})
    assert [use.basis for use in uses_of("c2pa.training-mining__1", content)] == [Basis.STATED]
