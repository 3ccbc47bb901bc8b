"""XMP, IPTC data sets and what is read out of them: every form, every encoding, any bytes."""

from __future__ import annotations

import tracemalloc
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from crawler.optout import SIGNALS, Gate, Policy
from crawler.optout.grammar.credits import Credits, credits_of
from crawler.optout.grammar.iim import COPYRIGHT, CREDIT, TITLE, iim_of
from crawler.optout.grammar.markup import read_markup
from crawler.optout.grammar.plus import PROHIBITS, VOCABULARY, hidden_in, keys_in, keys_of, values_in_json
from crawler.optout.grammar.rdf import RDF
from crawler.optout.grammar.xmp import ATTRIBUTES, ELEMENTS, xmp_of
from crawler.optout.host import Host, origin_of
from crawler.optout.model import (
    OPEN,
    Asset,
    Capture,
    Carrier,
    Context,
    Decision,
    Kind,
    Preference,
    Purpose,
    Reading,
    Statement,
)
from tests.vectors.assets import packets, pictures
from tests.vectors.assets.containers import app1, app13, iim, itxt, jpeg, png, resource
from tests.vectors.assets.make_assets import build
from tests.vectors.assets.packets import NO, described, mining
from tests.vectors.assets.xmp import PLUS, xmp

AT = datetime(2026, 11, 22, 10, 0, 0, tzinfo=UTC)
URL = "https://h.example/i.jpg"
CONTEXT = Context(agents=("mybot",))


def capture(body: bytes) -> Capture:
    return Capture(url=URL, status=200, at=AT, body=body, headers=(("content-type", "image/jpeg"),))


def packet(text: str | bytes) -> Capture:
    return capture(png(itxt(text if isinstance(text, bytes) else text.encode())))


def judged(body: bytes, reading: Reading = Reading.STRICT) -> Decision:
    gate = Gate(Policy(reading=reading), CONTEXT)
    host = Host(origin_of(URL), gate.host_files)
    for path in host.files:
        host.receive(path, Capture(url=host.origin + path, status=404, at=AT))
    answer = capture(body)
    before = gate.at_host(Asset(url=URL, kind=Kind.IMAGE), host, at=AT)
    return gate.at_content(gate.at_headers(before, answer), answer)


# Forms and encodings


ENCODINGS = ("utf-8", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be")


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("form", ["element", "attribute", "resource", "Bag", "Seq", "Alt"])
def test_every_form_is_read_in_every_encoding(form: str, encoding: str) -> None:
    for wrapped in (True, False):
        found = packet(xmp("DMI-PROHIBITED", form=form, encoding=encoding, wrapped=wrapped)).parsed(xmp_of)
        (value,) = found.values(PLUS, "DataMining")
        assert value.text == NO
        assert value.name == "plus:DataMining"
        assert value.locator == "iTXt[0] > plus:DataMining"
        assert value.exact is (form in ("element", "attribute", "resource"))
        assert not found.broken
        assert not found.trouble


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_letters_of_every_script_survive_every_encoding(encoding: str) -> None:
    text = described("<dc:format>Grün, 緑, \U0001f7e9</dc:format>")
    (value,) = packet(text.encode(encoding)).parsed(xmp_of).values("http://purl.org/dc/elements/1.1/", "format")
    assert value.text == "Grün, 緑, \U0001f7e9"


@pytest.mark.parametrize(
    ("data", "markup", "exact"),
    [
        (b"", b"", True),
        (b"text", b"", True),
        (b"> <", b"", True),
        (b" \0<a/>\0\0", b"<a/>", True),
        (b"<?xml version='1.0' encoding='utf-16'?><a/>", b"<a/>", True),
        (b"<?xpacket?><?xml version='1.0'?><a/>", b"<?xpacket?><a/>", True),
        (b"<a>\xff</a>", "<a>\ufffd</a>".encode(), False),
        (b"<?xml version='1.0' encoding='latin-1'?><a>\xff</a>", "<a>\xff</a>".encode(), True),
        (b"<?xml version='1.0' encoding='hex'?><a>\xff</a>", "<a>\ufffd</a>".encode(), False),
        (b"<?xml version='1.0' encoding='nobody-s'?><a>\xff</a>", "<a>\ufffd</a>".encode(), False),
        ("<a/>".encode("utf-16-le")[:-1] + b"\0\0", b"<a/>", False),
    ],
    ids=repr,
)
def test_markup_is_cut_out_of_what_surrounds_it(data: bytes, markup: bytes, exact: bool) -> None:
    found = read_markup(data)
    assert found.data == markup
    assert found.exact is exact or not markup


def test_only_what_describes_the_file_itself_is_exact() -> None:
    for attributes, exact in {
        'rdf:about=""': True,
        "": True,
        'about=""': True,
        'rdf:about="uuid:1"': True,
        'rdf:about="#part"': False,
        'rdf:about="https://h.example/i.jpg"': False,
    }.items():
        for node in ("rdf:Description", "my:Photo"):
            for inside, on in ((mining(NO), attributes), ("", f'{attributes} plus:DataMining="{NO}"')):
                (value,) = (
                    packet(described(inside, attributes=on, node=node))
                    .parsed(xmp_of)
                    .values(PLUS, "DataMining")
                )
                assert value.exact is exact, (attributes, node)


def test_values_below_a_value_are_values_once() -> None:
    inner = mining(mining("a") + mining(mining("b")))
    values = packet(described(inner)).parsed(xmp_of).values(PLUS, "DataMining")
    assert [value.text for value in values] == ["a", "b"]
    assert not any(value.exact for value in values)


def test_a_property_that_stands_twice_is_told_apart() -> None:
    values = packet(described(mining("a") + mining("b"))).parsed(xmp_of).values(PLUS, "DataMining")
    assert [value.locator for value in values] == ["iTXt[0] > plus:DataMining", "iTXt[0] > plus:DataMining[1]"]
    assert [value.written for value in values] == ["plus:DataMining = a", "plus:DataMining = b"]


def test_a_default_namespace_has_no_prefix_to_quote() -> None:
    inside = f'<rdf:Description><DataMining xmlns="{PLUS}">a</DataMining></rdf:Description>'
    text = f'<rdf:RDF xmlns:rdf="{RDF}">{inside}</rdf:RDF>'
    (value,) = packet(text).parsed(xmp_of).values((PLUS, "urn:other"), "DataMining")
    assert value.name == "DataMining"


# What cannot be read


@pytest.mark.parametrize(
    "text",
    [
        described("<my:a/>" * ELEMENTS),
        described("<my:a " + "".join(f'my:b{i}=""' for i in range(ATTRIBUTES + 1)) + "/>"),
        described("<my:a>" * 300 + "</my:a>" * 300),
        '<!DOCTYPE x [<!ENTITY a "b">]>' + described("&a;"),
        '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/hostname">]>' + described("&a;"),
    ],
    ids=["elements", "attributes", "depth", "entity", "external entity"],
)
def test_what_passes_a_bound_is_trouble_and_never_silence(text: str) -> None:
    body = png(itxt(text.encode(), packed=True))
    found = capture(body).parsed(xmp_of)
    assert found.trouble
    assert found.broken
    assert not found.packets
    assert judged(body).outcome.value == "undetermined"


def test_many_packets_share_one_bound() -> None:
    text = described("<my:a/>" * (ELEMENTS // 4)).encode()
    found = capture(png(*(itxt(text, packed=True) for _ in range(6)))).parsed(xmp_of)
    assert found.trouble
    assert len(found.packets) < 6


def test_the_largest_packet_is_read_in_bounded_memory() -> None:
    answer = packet(described("<my:a my:b='c'/>" * (ELEMENTS - 100)))
    tracemalloc.start()
    try:
        assert not answer.parsed(xmp_of).trouble
        assert tracemalloc.get_traced_memory()[1] < 100 << 20
    finally:
        tracemalloc.stop()


# The vocabulary


def test_every_key_is_read_as_it_is_specified_and_with_slips() -> None:
    for key, purposes in PROHIBITS.items():
        (exact,) = keys_of(VOCABULARY + key)
        assert exact == (key, True)
        assert exact.prohibits == purposes
        for slip in (key, key.lower(), VOCABULARY + key + "/", key.replace("-", "_"), f"see {key}."):
            assert keys_of(slip) == ((key, False),), slip


def test_a_value_that_is_not_understood_reserves() -> None:
    for value in ("x", "allowed for some", "unspecified, ask", "DMI", "0", "DMI-NEW", VOCABULARY):
        assert all(Purpose.TDM in key.prohibits for key in keys_of(value)), value
    assert all(Purpose.SEARCH in key.prohibits for key in keys_of("DMI-ALLOWED-SOMETIMES"))


def test_keys_are_found_in_bytes_of_any_width() -> None:
    for encoding in ENCODINGS:
        data = b"\xff\0<" + "x DMI-PROHIBITED-AIMLTRAINING y".encode(encoding)
        assert keys_in(data) == (("DMI-PROHIBITED-AIMLTRAINING", False),)
        found = hidden_in(data)
        assert found is not None
        assert found[0].key == "DMI-PROHIBITED-AIMLTRAINING"
    assert hidden_in(b"DMI-ALLOWED" * 1000) is None


def test_a_packet_full_of_keys_reserves_and_is_not_read_to_its_end() -> None:
    assert keys_in(b"DMI-ALLOWED " * 20_000)[-1].prohibits == (Purpose.TDM, Purpose.SEARCH)
    text = f'<!DOCTYPE x [<!ENTITY e "x">]><x xmlns:tdm="{packets.TDM}">' + "reservation " * 100
    assert judged(jpeg(app1(text.encode()))).outcome.value == "reserved"


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("{", None),
        ("", None),
        ("[" * 100_000, None),
        ("{}", ()),
        ('{"plus:DataMining": "a"}', ("a",)),
        ('{"a": [{"http://ns.useplus.org/ldf/xmp/1.0/DataMining": {"@id": "a", "@type": "b"}}]}', ("a",)),
        ('{"@context": {"plus:DataMining": {"@type": "@id"}}, "plus:DataMining": [" a ", "", 1]}', ("a",)),
        ('{"my:DataMining": "a"}', ()),
        ('{"DataMining": "a"}', ("a",)),
        ('{"plus:DataMining": [' + ", ".join(["1"] * 5) + ', "a"' * 40 + "]}", None),
    ],
    ids=lambda value: repr(value)[:40],
)
def test_the_property_is_found_in_json(text: str, values: tuple[str, ...] | None) -> None:
    found = values_in_json(text)
    assert (None if found is None else tuple(value for _, value in found)) == values


# Credits


def test_credits_are_taken_from_xmp_before_iptc_data_sets() -> None:
    assert capture(build("credits-xmp.jpg")).parsed(credits_of) == Credits(
        title="Pond at dusk", creator="Ada Example, Bo Example", credit="Example Agency", copyright="Ask first"
    )
    assert capture(build("credits.jpg")).parsed(credits_of) == Credits(
        title="Pond", creator="Ada Example", credit="", copyright="(c) 2026 Ada Example"
    )
    assert capture(build("clean.jpg")).parsed(credits_of) == Credits("", "", "", "")


def test_credits_hold_no_control_characters() -> None:
    said = capture(jpeg(app13(resource(0x0404, iim((2, 5, b"a\x1b[31m\x00b\x9b\r\nc"))))))
    assert said.parsed(credits_of).title == "a [31mb c"


def test_long_credits_are_cut() -> None:
    text = described("<dc:title>" + "x" * 5_000 + "</dc:title>")
    assert len(packet(text).parsed(credits_of).title) == 500


def test_data_sets_are_walked_as_far_as_they_hold() -> None:
    found = capture(build("credits-utf-8.jpg")).parsed(iim_of)
    assert found == {TITLE: ("Grün",), CREDIT: ("ab",)}
    latin = capture(jpeg(app13(resource(0x0404, iim((2, 116, b"\xa9 Ren\xe9"), (2, 116, b" \0"))))))
    assert latin.parsed(iim_of) == {COPYRIGHT: ("© René",)}
    unmarked = capture(jpeg(app13(resource(0x0404, iim((2, 5, "Grün".encode()))))))
    assert unmarked.parsed(iim_of) == {TITLE: ("Grün",)}


@pytest.mark.parametrize(
    "data",
    [b"\x1c", b"\x1c\x02\x05\x00", b"\x1c\x02\x05\xff\xff" * 9, b"\x1c\x02\x05\x80\x09" + b"\0" * 9, b"junk"],
)
def test_a_broken_data_set_ends_the_walk(data: bytes) -> None:
    assert capture(jpeg(app13(resource(0x0404, data)))).parsed(iim_of) == {}


# Any bytes


TEXTS = sorted(
    {
        *(
            described(mining(NO)),
            described(packets.TDM_NO),
            described(packets.RSL_NO),
            described(packets.RSL_FREE),
        ),
        *(described(packets.CONSTRAINTS.format("no AI")), described(""), described(mining(packets.YES))),
    }
)
JUNK = (
    "",
    "\0",
    "<",
    ">",
    "&",
    "&a;",
    "]]>",
    "<!--",
    "<![CDATA[",
    "<?xml",
    "<!DOCTYPE x [",
    "\ufeff",
    "{",
    '"',
)


@some.composite
def spoiled(draw: some.DrawFn) -> bytes:
    """A packet, cut, crossed or sown with junk, in any encoding; or nothing but junk."""
    text = draw(some.sampled_from(TEXTS) | some.text(max_size=40))
    for _ in range(draw(some.integers(0, 4))):
        place = draw(some.integers(0, len(text)))
        match draw(some.sampled_from(["cut", "drop", "cross", "junk"])):
            case "cut":
                text = text[:place]
            case "drop":
                text = text[:place] + text[place + draw(some.integers(1, 40)) :]
            case "cross":
                other = draw(some.sampled_from(TEXTS))
                text = text[:place] + other[draw(some.integers(0, len(other))) :]
            case "junk":
                text = text[:place] + draw(some.sampled_from(JUNK)) + text[place:]
    data = text.encode(draw(some.sampled_from(ENCODINGS)), "replace")
    place = draw(some.integers(0, len(data)))
    return data[place:] if draw(some.booleans()) else data


READERS = [
    (name, carrier, SIGNALS[name].readers[carrier])
    for name in ("iptc", "tdmrep", "rsl")
    for carrier in (Carrier.EMBEDDED, Carrier.DOCUMENT)
    if carrier in SIGNALS[name].readers
]


@settings(max_examples=300, deadline=None)
@given(spoiled(), some.sampled_from(Kind))
def test_no_packet_makes_a_reader_raise(data: bytes, kind: Kind) -> None:
    for answer in (capture(jpeg(app1(data))), capture(png(itxt(data))), capture(data)):
        answer.parsed(credits_of)
        for name, _, reader in READERS:
            for statement in reader(answer, Asset(url=URL, kind=kind), CONTEXT):
                assert isinstance(statement, Statement)
                assert statement.signal == name


@settings(max_examples=150, deadline=None)
@given(spoiled(), some.sampled_from(Reading), some.booleans())
def test_one_more_packet_never_opens_a_reserved_image(data: bytes, reading: Reading, first: bool) -> None:
    said = app1(described(mining(NO)).encode())
    segments = (app1(data), said) if first else (said, app1(data))
    assert judged(jpeg(*segments), reading).outcome.value == "reserved"


@settings(max_examples=150, deadline=None)
@given(spoiled(), some.sampled_from(Reading))
def test_one_more_packet_never_opens_what_was_undetermined(data: bytes, reading: Reading) -> None:
    unread = app1(described("&a;").replace("<x:", '<!DOCTYPE x [<!ENTITY a "b">]><x:', 1).encode())
    assert judged(jpeg(unread), reading).outcome.value == "undetermined"
    assert judged(jpeg(unread, app1(data)), reading).outcome not in OPEN


@settings(max_examples=150, deadline=None)
@given(spoiled())
def test_a_permission_is_never_found_in_broken_markup(data: bytes) -> None:
    answer = capture(jpeg(app1(data)))
    if answer.parsed(xmp_of).broken:
        for name, _, reader in READERS:
            for statement in reader(answer, Asset(url=URL, kind=Kind.PDF), CONTEXT):
                assert isinstance(statement, Statement)
                assert statement.preference is not Preference.ALLOW, name


def test_the_fixtures_have_names_of_their_own() -> None:
    assert not packets.ASSETS.keys() & pictures.ASSETS.keys()
