"""How robots.txt is read: lines, groups, rules and manners as tables; junk as a property."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from crawler.optout.agents import FRAMEWORK_AGENTS, TRAINING_AGENTS
from crawler.optout.grammar.fields import header_lines, quote_line, read_dictionary
from crawler.optout.grammar.groups import addressed, bound
from crawler.optout.grammar.longest import Longest
from crawler.optout.grammar.manners import manners
from crawler.optout.grammar.robots import LINE_LIMIT, LINES_LIMIT, SIZE_LIMIT, read_robots, robots_of
from crawler.optout.grammar.urlpattern import compile_pattern, subject
from crawler.optout.grammar.usage import denied, scoped, whole_site
from crawler.optout.model import (
    Asset,
    Capture,
    Carrier,
    Context,
    Hop,
    Kind,
    Malformed,
    Preference,
    Statement,
)
from crawler.optout.signals import SIGNALS

AT = datetime(2026, 11, 22, tzinfo=UTC)
FAMILY = (
    "robots", "training-tokens", "content-usage", "content-signal", "disallow-ai-training", "noai-lines",
)  # fmt: skip


def capture(body: bytes | str, url: str = "https://h.example/robots.txt") -> Capture:
    return Capture(url=url, status=200, at=AT, body=body.encode() if isinstance(body, str) else body)


def rows(body: bytes | str) -> list[tuple[int, str, str]]:
    robots = read_robots(body if isinstance(body, bytes) else body.encode())
    lines = [*robots.outside]
    for group in robots.groups:
        lines += [*group.agents, *group.rules, *group.others]
    return [(line.number, line.key, line.value) for line in sorted(lines)]


LINES = [
    ("nothing", b"", []),
    ("byte-order mark", b"\xef\xbb\xbfa: 1", [(1, "a", "1")]),
    ("CR, LF, CRLF", b"a: 1\rb: 2\nc: 3\r\nd: 4", [(1, "a", "1"), (2, "b", "2"), (3, "c", "3"), (4, "d", "4")]),
    ("no other line end", "a: \u2028b: \x0b\x0c\x85c".encode(), [(1, "a", "\u2028b: \x0b\x0c\x85c")]),
    ("comments and blank lines", b"\n\n a : 1 # x # y\n#b: 2\n", [(3, "a", "1")]),
    ("keys in lower case, values as written", b"DisAllow:/A", [(1, "disallow", "/A")]),
    ("the first colon", b"a: b: c", [(1, "a", "b: c")]),
    ("two words", b"Disallow /a", [(1, "disallow", "/a")]),
    ("three words", b"Disallow /a b", []),
    ("two words and a colon in the second", b"Disallow /a:b", [(1, "disallow", "/a:b")]),
    ("one word", b"Disallow", []),
    ("no key", b": /a", [(1, "", "/a")]),
    ("misspelled disallow", b"dissallow: a", [(1, "disallow", "a")]),
    ("misspelled disallow", b"dissalow: a", [(1, "disallow", "a")]),
    ("misspelled disallow", b"disalow: a", [(1, "disallow", "a")]),
    ("misspelled disallow", b"diasllow: a", [(1, "disallow", "a")]),
    ("misspelled disallow", b"disallaw a", [(1, "disallow", "a")]),
    ("misspelled user-agent", b"useragent: a", [(1, "user-agent", "a")]),
    ("misspelled user-agent", b"User Agent: a", [(1, "user-agent", "a")]),
    ("a permission is never guessed", b"alow: /a", [(1, "alow", "/a")]),
    ("octets that are not UTF-8", b"a: \xff\xe9x", [(1, "a", "%FF%E9x")]),
    ("no-break spaces in Latin-1", b"a:\xa0x\xa0", [(1, "a", "x")]),
    ("UTF-16", "a: é\n".encode("utf-16"), [(1, "a", "é")]),
    ("NUL", b"\x00a\x00:\x00 1\x00\r\x00\n\x00b: 2", [(1, "a", "1"), (2, "b", "2")]),
    ("over-long", b"a: " + b"x" * 20_000 + b"\nb: 2", [(1, "a", "x" * (LINE_LIMIT - 3)), (2, "b", "2")]),
]


@pytest.mark.parametrize(("what", "body", "expected"), LINES)
def test_lines(what: str, body: bytes, expected: list[tuple[int, str, str]]) -> None:
    assert rows(body) == expected


@pytest.mark.parametrize(
    ("text", "exact"),
    [("Disallow: /a", True), ("DISALLOW : /a", True), ("Dissallow: /a", False), ("Disallow /a", False)],
)
def test_a_line_tells_whether_its_key_was_written_exactly(text: str, exact: bool) -> None:
    (group,) = read_robots(f"User-agent: *\n{text}".encode()).groups
    assert [line.exact for line in group.rules] == [exact]
    assert [line.text for line in group.rules] == [text]


def test_only_rules_close_the_list_of_agents() -> None:
    robots = read_robots(
        b"Sitemap: s\nDisallow: /0\n"
        b"User-agent: a\nCrawl-delay: 1\n\n# x\nUnknown: 2\nuser-agent: b\nDisallow:\nContent-Signal: x\n"
        b"User-agent: c\nAllow: /\n"
    )
    assert [line.key for line in robots.outside] == ["sitemap", "disallow"]
    assert [[line.value for line in group.agents] for group in robots.groups] == [["a", "b"], ["c"]]
    assert [[line.key for line in group.others] for group in robots.groups] == [
        ["crawl-delay", "unknown", "content-signal"],
        [],
    ]
    assert [[line.number for line in group.rules] for group in robots.groups] == [[9], [12]]


@pytest.mark.parametrize("end", [b"\n", b"\r", b"\r\n"])
def test_past_the_limit_lines_are_marked_and_keep_their_numbers(end: bytes) -> None:
    filler = b"# filler" + end
    count = SIZE_LIMIT // len(filler) - 2
    body = (
        b"User-agent: *"
        + end
        + filler * count
        + b"Disallow: /a"
        + end
        + b"Disallow: /b"
        + end * 3
        + b"Allow: /c"
    )
    (group,) = read_robots(body).groups
    assert [(line.number, line.beyond) for line in group.rules][1:] == [(count + 3, True), (count + 6, True)]
    assert read_robots(body[: SIZE_LIMIT // 2]).groups[0].agents[0].beyond is False


def test_a_file_of_exactly_the_limit_is_read_to_its_last_line_without_a_line_end() -> None:
    tail = b"\nDisallow: /a"
    body = b"User-agent: *\n" + b"#" * (SIZE_LIMIT - 14 - len(tail)) + tail
    assert len(body) == SIZE_LIMIT
    assert [line.beyond for line in read_robots(body).groups[0].rules] == [False]
    assert [line.beyond for line in read_robots(body + b"b").groups[0].rules] == [True]


@pytest.mark.parametrize(
    ("body", "unread"),
    [
        pytest.param(b"a: 1\n" * 10, False, id="short"),
        pytest.param(b"#\n" * (5 * 512 * 1024), False, id="5 MiB"),
        pytest.param(b"#\n" * (5 * 512 * 1024) + b"#", True, id="one octet more"),
        pytest.param(b"a:\n" * (LINES_LIMIT + 1), True, id="too many lines"),
    ],
)
def test_what_is_not_read_to_its_end_says_so(body: bytes, unread: bool) -> None:
    assert read_robots(body).unread is unread


NAMED = "User-agent: {}\nDisallow: /named\n\nUser-agent: *\nDisallow: /general\n"


@pytest.mark.parametrize(
    ("value", "named", "loosely"),
    [
        ("MyBot", True, False),
        ("mybot/2.1 (+https://b.example)", True, False),
        ("MyBot crawler", True, False),
        ("MyBot2", True, False),
        ("MyBot*", True, False),
        ("MyBot,Other", True, False),
        ("Other, MyBot", False, True),
        ("Other MyBot", False, True),
        ("*MyBot*", False, True),
        ("Mozilla/5.0 (compatible; MyBot/1.0)", False, True),
        ("MyBotty", False, False),
        ("NotMyBot", False, False),
        ("My-Bot", False, False),
        ("MyBot-News", False, False),
        ("", False, False),
    ],
)
def test_who_is_named(value: str, named: bool, loosely: bool) -> None:
    got = bound(capture(NAMED.format(value)), "mybot")
    assert got.named is named
    assert (got.rules.denying("/named") is not None) is named
    assert (got.rules.denying("/general") is not None) is not named
    assert (got.loose_rules.denying("/named") is not None) is loosely


@pytest.mark.parametrize("value", ["*", "* all robots", "*\tall"])
def test_everyone(value: str) -> None:
    got = bound(capture(f"User-agent: {value}\nDisallow: /"), "mybot")
    assert not got.named
    assert got.rules.denying("/a") is not None


@pytest.mark.parametrize("value", [": *", "**", "*,", "Foo, *"])
def test_everyone_by_a_generous_reading_is_only_denied(value: str) -> None:
    got = bound(capture(f"User-agent: {value}\nDisallow: /\nAllow: /b"), "mybot")
    assert got.rules.denying("/a") is None
    assert got.loose_rules.denying("/a") is not None


def test_a_name_that_the_file_lacks_is_not_addressed() -> None:
    file = capture("User-agent: *\nDisallow: /\n\nUser-agent: Kangaroo Bot/1.1\nDisallow: /a")
    assert addressed(file, "mybot") is None
    found = addressed(file, "Kangaroo Bot")
    assert found is not None
    assert found.rules.denying("/b") is None
    assert found.rules.denying("/a") is not None


def test_selection_and_rules_are_worked_out_once() -> None:
    file = capture("User-agent: a\nUser-agent: b\nDisallow: /")
    assert bound(file, "A") is bound(file, "a")
    assert bound(file, "a").rules is bound(file, "b").rules
    assert file.parsed(robots_of) is file.parsed(robots_of)


@pytest.mark.parametrize(
    ("rules", "path", "line"),
    [
        ("Disallow: /a\nAllow: /a/b", "/a/b/c", None),
        ("Disallow: /a\nAllow: /a/b", "/a/c", 2),
        ("Disallow: /a\nDisallow: /a/b", "/a/b", 3),
        ("Disallow: /a\nDisallow: /a", "/a", 2),
        ("Disallow: /*x\nAllow: /ab", "/abx", None),
        ("Disallow: /a$", "/a", 2),
        ("Disallow: /a$", "/ab", None),
        ("Disallow: a/", "/a/b", 2),
        ("Disallow: http://h.example/a", "/a", 2),
        ("Disallow: https://www.H.example:443", "/a", 2),
        ("Disallow: https://h.example.org/a", "/a", None),
        ("Disallow: http://h.example/a", "/http://h.example/a", 2),
        ("Disallow: /", "/robots.txt", None),
        ("Allow:\nDisallow:", "/a", None),
    ],
)
def test_deciding_line(rules: str, path: str, line: int | None) -> None:
    denying = bound(capture("User-agent: *\n" + rules), "mybot").rules.denying(
        subject(f"https://h.example{path}")
    )
    assert (denying.line.number if denying else None) == line


@given(
    st.lists(st.text(alphabet="ab/*$%", min_size=1, max_size=6), max_size=12),
    st.text(alphabet="ab/%", max_size=12),
)
@settings(max_examples=150, deadline=None)
def test_the_look_up_finds_what_trying_every_pattern_finds(patterns: list[str], path: str) -> None:
    path = subject("https://h.example/" + path)
    tried = [(compile_pattern(text).length, text) for text in patterns if compile_pattern(text).matches(path)]
    assert sorted(Longest((text, text) for text in patterns).matching(path)) == sorted(tried)


def test_thousands_of_agents_and_rules_end() -> None:
    agents = "".join(f"User-agent: agent-{chr(97 + n % 26)}{'x' * (n // 26)}\n" for n in range(2000))
    body = agents + "User-agent: GPTBot\n" + "".join(f"Disallow: /x{n}/*/y\n" for n in range(2000))
    file = capture(body + "Disallow: /a\n")
    asset = Asset(url="https://h.example/a", kind=Kind.TEXT)
    assert [said.evidence.locator for said in heard("training-tokens", file, asset)] == ["line 4002"]
    assert heard("robots", file, asset) == []


MANNERS = [
    ("Crawl-delay: 2.5", 2.5, ()),
    ("crawl delay: 3", 3.0, ()),
    ("Crawl-delay: 10s", 10.0, ()),
    ("Crawl-delay: -1", None, ()),
    ("Crawl-delay: nan", None, ()),
    ("Crawl-delay: inf", None, ()),
    ("Crawl-delay: 1e9", None, ()),
    ("Crawl-delay: soon", None, ()),
    ("Crawl-delay: ٣", None, ()),
    ("Crawl-delay:", None, ()),
    ("Crawl-delay: 100000", 100_000.0, ()),
    ("Request-rate: 1/5", 5.0, ()),
    ("Request-rate: 2/1m", 30.0, ()),
    ("Request-rate: 1/1h 0900-1700", 3600.0, ()),
    ("Request-rate: 0/5", None, ()),
    ("Request-rate: 5/0", None, ()),
    ("Request-rate: 1", None, ()),
    ("Crawl-delay: 1\nRequest-rate: 1/30", 30.0, ()),
    ("Crawl-delay: 5\nCrawl-delay: 2", 5.0, ()),
    ("Visit-time: 0400-0845", None, ((240, 525),)),
    ("Visit-time: 04:00 - 08:45", None, ((240, 525),)),
    ("Visit-time: 2200-0600", None, ((1320, 360),)),
    ("Visit-time: 0000-2400", None, ((0, 1440),)),
    ("Visit-time: 0400-0500\nVisit-time: 0600-0700", None, ((240, 300), (360, 420))),
    ("Visit-time: 0400-0400", None, ()),
    ("Visit-time: 0470-0500", None, ()),
    ("Visit-time: 2500-2600", None, ()),
    ("Visit-time: at night", None, ()),
]


@pytest.mark.parametrize(("lines", "delay", "windows"), MANNERS)
def test_manners(lines: str, delay: float | None, windows: tuple[tuple[int, int], ...]) -> None:
    asked = manners(capture(f"User-agent: *\n{lines}\nDisallow: /x"), ("mybot",))
    assert (asked.delay, asked.windows) == (delay, windows)
    assert len(asked.lines) == (0 if delay is None and not windows else lines.count("\n") + 1)


def test_manners_of_whom() -> None:
    file = capture(
        "Crawl-delay: 1\nUser-agent: mybot\nCrawl-delay: 2\nDisallow: /x\n\nUser-agent: *\nCrawl-delay: 9\n"
        "Disallow: /y\n\nUser-agent: Scrapy\nCrawl-delay: 4\nDisallow: /z\n\nUser-agent: other\nCrawl-delay: 8"
    )
    assert manners(file, ("mybot",)).delay == 2.0
    assert manners(file, ("mybot", *FRAMEWORK_AGENTS)).delay == 4.0
    assert manners(file, ("nobody",)).delay == 9.0


def test_sitemaps_are_collected_from_everywhere_once_and_with_their_lines() -> None:
    asked = manners(
        capture(
            "Sitemap: /a.xml\nUser-agent: x\nSitemaps: https://h.example/b.xml\nDisallow: /\n"
            "Sitemap: /a.xml\nSitemap:"
        ),
        ("mybot",),
    )
    assert asked.sitemaps == ("/a.xml", "https://h.example/b.xml")
    assert [line.number for line in asked.lines] == [1, 3, 5]


@pytest.mark.parametrize(
    ("text", "labels"),
    [
        ("train-ai=n", {"train-ai"}),
        ("TRAIN_AI : 'No'", {"train-ai"}),
        ("a=no, b=yes; c=?0 d=\"off\"", {"a", "c", "d"}),
        ("a=nothing, b=non-profit, c=n-o", set()),
        ("no, n, =no, a=", set()),
        ("", set()),
    ],
)  # fmt: skip
def test_denials_in_any_spelling(text: str, labels: set[str]) -> None:
    assert denied(text) == labels


def test_scopes() -> None:
    assert scoped("/a \t b=n c") == ("/a", "b=n c", False)
    assert scoped("*.pdf b=n") == ("*.pdf", "b=n", True)
    assert scoped("b=n /a") == ("", "b=n /a", False)
    assert [whole_site(value) for value in ("", "no", "Yes", "/a", "*x", "a")] == [
        "",
        "",
        "/",
        "/a",
        "*x",
        "/a",
    ]


def test_header_lines_of_the_answer_and_of_every_hop() -> None:
    answer = Capture(
        url="https://h.example/c",
        status=200,
        at=AT,
        headers=(("x", "1"), ("y", "-"), ("x", " 2 ")),
        hops=(
            Hop(url="https://h.example/a", status=301, headers=(("x", "3"),)),
            Hop(url="https://h.example/b", status=302, headers=(("y", "4"), ("x", "5"))),
        ),
    )
    assert [tuple(line) for line in header_lines(answer, "x")] == [
        ("hop[0].x[0]", "3", "https://h.example/a"),
        ("hop[1].x[0]", "5", "https://h.example/b"),
        ("x[0]", "1", "https://h.example/c"),
        ("x[1]", "2", "https://h.example/c"),
    ]
    evidence = quote_line(answer, header_lines(answer, "x")[0])
    assert (evidence.source, evidence.carrier, evidence.excerpt) == ("https://h.example/a", Carrier.HEADER, "3")


def test_dictionaries() -> None:
    assert read_dictionary('a=y;p=1, b=?0, c, d="y", a=n') == {"a": "n", "b": None, "c": None, "d": None}
    assert read_dictionary("") == {}
    for junk in ("A=y", "a=y,", "a = y", "a=", "é=y", "日=y", "a=@99999999999999999"):
        with pytest.raises(Malformed):
            read_dictionary(junk)


def test_the_list_of_training_agents_can_be_looked_up_by_lower_case_name() -> None:
    assert all(name == agent.name.lower() for name, agent in TRAINING_AGENTS.items())
    assert all(agent.source for agent in TRAINING_AGENTS.values())
    assert not FRAMEWORK_AGENTS & set(TRAINING_AGENTS)


def heard(name: str, file: Capture, asset: Asset, carrier: Carrier = Carrier.ROBOTS_TXT) -> list[Statement]:
    said = list(SIGNALS[name].readers[carrier](file, asset, Context(agents=("mybot", "heedful"))))
    assert all(isinstance(item, Statement) for item in said)
    return [item for item in said if isinstance(item, Statement)]


KEYS = ["User-agent", "Disallow", "Allow", "Content-Usage", "Content-Signal", "DisallowAITraining", "NoAI"]
OTHER_KEYS = ["AllowAITraining", "Crawl-delay", "Request-rate", "Visit-time", "Sitemap"]
MARKS = [":", ": ", " ", "\t", "*", "/", "\n", "\r\n", "\r", "#", ",", "=", ";", "$", "%", '"', "(", "?0"]
VALUES = ["/a", "%2A", "mybot", "GPTBot", "Scrapy", "train-ai=n", "train-ai=y", "ai-train=no", "use=reference"]
OTHER_VALUES = ["bots=n", "1/5m", "0900-1700", "5", "é", "yes", "https://h.example/a"]
STRANGE = ["\x00", "\ufeff", "\u2028", "\ud800"]
WORDS = st.sampled_from(KEYS + OTHER_KEYS + MARKS + VALUES + OTHER_VALUES + STRANGE)
LIKE_ROBOTS = st.lists(WORDS, max_size=60).map(lambda words: "".join(words).encode("utf-8", "surrogatepass"))
ANY_URL = st.sampled_from(
    ["https://h.example/a", "https://h.example", "http://h.example:81/a?b=%zz&c#d", "https://h.example/é*$"]
)


@given(st.one_of(st.binary(max_size=400), LIKE_ROBOTS), ANY_URL)
@example(b"\xff\xfe", "https://h.example/a")
@example(b"\xfe\xff\xd8", "https://h.example/a")
@example(b"User-agent:\nUser-agent\n:\nDisallow::\nAllow", "https://h.example/a")
@settings(max_examples=150, deadline=None)
def test_junk_never_raises(body: bytes, url: str) -> None:
    file = capture(body)
    for name in FAMILY:
        for said in heard(name, file, Asset(url=url, kind=Kind.IMAGE)):
            assert said.evidence.locator.startswith(("line ", "rules", "file"))
            said.evidence.excerpt.encode()  # quotable: no lone surrogates
    asked = manners(file, ("mybot", "heedful"))
    assert asked.delay is None or asked.delay >= 0


@given(st.one_of(st.text(max_size=200), LIKE_ROBOTS.map(lambda body: body.decode("latin-1"))))
@settings(max_examples=100, deadline=None)
def test_junk_in_headers_never_raises(value: str) -> None:
    for name, field in (
        ("content-usage", "content-usage"),
        ("content-signal", "content-signal"),
        ("disallow-ai-training", "disallowaitraining"),
    ):
        answer = Capture(url="https://h.example/a", status=200, at=AT, headers=((field, value), (field, value)))
        heard(name, answer, Asset(url=answer.url, kind=Kind.TEXT), Carrier.HEADER)


USAGE = ["Content-Usage: train-ai=n", "Content-Signal: ai-train=no", "DisallowAITraining: /", "NoAI: yes"]


@given(LIKE_ROBOTS, st.sampled_from(["Disallow: /a", *USAGE]))
@settings(max_examples=100, deadline=None)
def test_no_text_before_it_hides_a_reservation_addressed_to_us(junk: bytes, line: str) -> None:
    """Unless that text speaks to us as well, or lifts what it says by a longer path."""
    for ours in (b"mybot", b"Allow", b"\x00"):
        junk = junk.replace(ours, b"")
    file = capture(b"#" + junk + b"\nUser-agent: x\nDisallow: /x\nUser-agent: mybot\n" + line.encode())
    asset = Asset(url="https://h.example/a", kind=Kind.TEXT)
    said = [item for name in FAMILY for item in heard(name, file, asset)]
    assert any(item.preference is Preference.DISALLOW for item in said)
