"""The readers of RSL, ai.txt and trust.txt: no bytes make them raise, and hostile terms cost little."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.optout.grammar.rsl import NAMESPACE
from crawler.optout.model import Asset, Capture, Carrier, Context, Kind, Need, Preference, Statement
from crawler.optout.signals.ai_txt import SIGNAL as AI_TXT
from crawler.optout.signals.rsl import MOST
from crawler.optout.signals.rsl import SIGNAL as RSL
from crawler.optout.signals.trust_txt import SIGNAL as TRUST_TXT

AT = datetime(2026, 11, 22, 10, 0, 0, tzinfo=UTC)
ASSET = Asset(url="https://h.example/a/b.html", kind=Kind.TEXT)
READERS = [
    (reader, carrier) for signal in (RSL, AI_TXT, TRUST_TXT) for carrier, reader in signal.readers.items()
]


class Everywhere(dict[str, Capture]):
    """The same document under every address."""

    def __init__(self, document: Capture) -> None:
        super().__init__()
        self.document = document

    def get(self, key: str, default: object = None) -> Capture:  # type: ignore[override]
        return self.document


def captured(body: bytes, *links: str, status: int | None = 200, complete: bool = True) -> Capture:
    headers = (("content-type", "text/html"), *(("link", link) for link in links))
    return Capture(url=ASSET.url, status=status, at=AT, headers=headers, body=body, complete=complete)


words = st.lists(
    st.sampled_from(
        [
            *("User-agent: *\n", "User-agent: GPTBot\n", "Disallow: *.jpg\n", "Allow: /\n", "Disallow: [\n"),
            *(
                "License: ",
                "License https:",
                "https://h.example/l.xml",
                "//[",
                "\\",
                "\r",
                "#",
                " ",
                "<",
                ">",
                "\0",
            ),
            *(
                "datatrainingallowed=",
                "no",
                "yes",
                "Spawning: disallow\n",
                "<rss><item><link>",
                "\ud800",
                "\u2028",
            ),
            *('<script type="application/rsl+xml">', "</script>", "<rsl>", "<content url='//['>", "<license>"),
            *(
                '<link rel="license" type="application/rsl+xml" href="',
                '">',
                "</rsl>",
                "<base href='http://['>",
            ),
        ]
    ),
    max_size=20,
).map(lambda parts: "".join(parts).encode("utf-8", "surrogatepass"))


@settings(max_examples=100, deadline=None)
@given(
    body=st.one_of(st.binary(max_size=80), words),
    link=st.text(alphabet='<>;,="/: alicensrtypx+m[#', max_size=60),
    document=st.one_of(st.binary(max_size=40), words),
    status=st.sampled_from([200, 204, 404, 503, None]),
    complete=st.booleans(),
)
def test_junk_never_raises(body: bytes, link: str, document: bytes, status: int | None, complete: bool) -> None:
    named = captured(document, status=status, complete=complete)
    context = Context(agents=("mybot", "heedful"), documents=Everywhere(named))
    typed = f'<{link}>; rel=license; type="application/rsl+xml"; anchor="{link}"'
    answer = captured(body, link, typed, complete=complete)
    for reader, carrier in READERS:
        for item in reader(answer, ASSET, context):
            assert isinstance(item, Statement | Need)
            assert isinstance(item, Need) or item.evidence.carrier is carrier


def terms(inner: str) -> bytes:
    return f'<rsl xmlns="{NAMESPACE}">{inner}</rsl>'.encode()


LICENCE = '<license><prohibits type="usage">x</prohibits></license>'

HOSTILE = {
    "equal contents": terms('<content url="/"><license/></content>' * 6_000),
    "contents elsewhere": terms("".join(f'<content url="/x{i}"><license/></content>' for i in range(6_000))),
    "stars": terms("".join(f'<content url="/{"*a" * 40}{i}"><license/></content>' for i in range(2_000))),
    "full contents": terms(f'<content url="/"><license/>{LICENCE * 19}</content>' * 20),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_site_that_names_many_hostile_documents_costs_little(name: str) -> None:
    robots = "".join(f"License: https://h.example/{number}.xml\n" for number in range(MOST)).encode()
    context = Context(agents=("mybot",), documents=Everywhere(captured(HOSTILE[name])))
    read = RSL.readers[Carrier.ROBOTS_TXT]
    robots_txt = captured(robots)
    list(read(robots_txt, ASSET, context))  # parses
    start = time.process_time()
    said = list(read(robots_txt, ASSET, context))
    assert time.process_time() - start < 2
    assert len(said) <= MOST * 20


def test_what_is_said_many_times_is_told_once() -> None:
    body = terms(
        '<content url="/"><license><prohibits type="usage">ai-all</prohibits></license></content>' * 20
    )
    context = Context(agents=("mybot",), documents=Everywhere(captured(body)))
    said = list(RSL.readers[Carrier.ROBOTS_TXT](captured(b"License: https://h.example/l"), ASSET, context))
    against = [item for item in said if isinstance(item, Statement) and item.preference is Preference.DISALLOW]
    assert len(against) == len({item.purpose for item in against}) == 3


def test_no_page_is_quoted_by_its_digest() -> None:
    page = captured(
        b'<html><head><script type="application/rsl+xml">'
        + terms('<content url=""><license><prohibits type="usage">all</prohibits></license></content>')
        + b"</script></head></html>"
    )
    said = list(RSL.readers[Carrier.HTML](page, ASSET, Context(agents=("mybot",))))
    assert said
    assert all(isinstance(item, Statement) and item.evidence.sha256 != page.digest for item in said)


def test_a_licence_document_is_quoted_by_its_digest_and_address() -> None:
    document = captured(
        terms('<content url="/"><license><prohibits type="usage">all</prohibits></license></content>')
    )
    context = Context(agents=("mybot",), documents=Everywhere(document))
    said = list(RSL.readers[Carrier.ROBOTS_TXT](captured(b"License: https://h.example/l"), ASSET, context))
    assert said
    assert all(isinstance(item, Statement) and item.evidence.sha256 == document.digest for item in said)
    assert all(isinstance(item, Statement) and item.evidence.source == document.url for item in said)
