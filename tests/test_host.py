"""What an answer to a request for a site-level file means, and for how long."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from crawler.optout.host import MAX_RETRY, MAX_TTL, MIN_TTL, Host, is_challenge, origin_of, standing_of
from crawler.optout.model import Capture, HostFile, OutOfOrder, Standing

AT = datetime(2026, 11, 22, 10, tzinfo=UTC)
ROBOTS = HostFile(path="/robots.txt", refusal=Standing.UNREACHABLE)
OTHER = HostFile(path="/ai.txt")
PAGE = b"<!doctype html><title>Not here</title>"
LOGIN = b'<form><input name="p" type="password"></form>'
CHALLENGE = b"<html><title>Just a moment...</title>"


def answer(
    status: int | None = 200,
    body: bytes = b"User-agent: *\n",
    *headers: tuple[str, str],
    complete: bool = True,
    at: datetime = AT,
) -> Capture:
    return Capture(
        url="https://h.example/x", status=status, body=body, headers=headers, complete=complete, at=at
    )


KNOWN, ABSENT, UNREACHABLE = Standing.KNOWN, Standing.ABSENT, Standing.UNREACHABLE

STANDINGS = [
    # answer, robots.txt, another file
    (answer(), KNOWN, KNOWN),
    (answer(203), KNOWN, KNOWN),
    (answer(200, b""), KNOWN, KNOWN),
    (answer(206), UNREACHABLE, UNREACHABLE),
    (answer(200, PAGE), ABSENT, ABSENT),
    (answer(200, b"\xef\xbb\xbf \n" + PAGE), ABSENT, ABSENT),
    (answer(200, LOGIN), UNREACHABLE, ABSENT),
    (answer(200, b"<input type='password'>"), UNREACHABLE, ABSENT),
    (answer(200, b"<INPUT TYPE=PASSWORD>"), UNREACHABLE, ABSENT),
    (answer(200, CHALLENGE), UNREACHABLE, UNREACHABLE),
    (answer(404, CHALLENGE), UNREACHABLE, UNREACHABLE),
    (answer(404, b"", ("cf-mitigated", "Challenge")), UNREACHABLE, UNREACHABLE),
    (answer(200, b"Disallow: /captcha"), KNOWN, KNOWN),
    (answer(complete=False), UNREACHABLE, UNREACHABLE),
    (answer(None), UNREACHABLE, UNREACHABLE),
    *((answer(status), UNREACHABLE, ABSENT) for status in (401, 402, 403, 407, 451)),
    *((answer(status), UNREACHABLE, UNREACHABLE) for status in (408, 421, 425, 429)),
    *((answer(status), ABSENT, ABSENT) for status in (400, 404, 405, 410, 418, 426, 431, 499)),
    *((answer(status), UNREACHABLE, UNREACHABLE) for status in (500, 502, 503, 504, 520, 530, 599)),
    *((answer(status), UNREACHABLE, UNREACHABLE) for status in (100, 199, 300, 301, 304, 399, 600, 999)),
]


@pytest.mark.parametrize(("capture", "robots", "other"), STANDINGS)
def test_standing(capture: Capture, robots: Standing, other: Standing) -> None:
    assert standing_of(ROBOTS, capture) is robots
    assert standing_of(OTHER, capture) is other


def test_a_mark_of_a_challenge_counts_near_the_start_of_a_web_page_only() -> None:
    assert is_challenge(answer(200, b"<p>" + b" " * 60_000 + b"captcha"))
    assert not is_challenge(answer(200, b"<p>" + b" " * 70_000 + b"captcha"))
    assert not is_challenge(answer(200, b"captcha"))


ORIGINS = {
    "https://h.example/a?b#c": "https://h.example",
    "https://H.Example:443/": "https://h.example",
    "http://h.example:80/": "http://h.example",
    "http://h.example:443/": "http://h.example:443",
    "https://h.example:8443": "https://h.example:8443",
    "http://[2001:DB8::1]:8080/": "http://[2001:db8::1]:8080",
    "http://[::1]/": "http://[::1]",
    "https://user:secret@h.example/": "https://h.example",
}


@pytest.mark.parametrize("url", ORIGINS)
def test_origin(url: str) -> None:
    assert origin_of(url) == ORIGINS[url]


# Time: how long an answer is used


LIVES = [
    ((), MAX_TTL),
    ((("cache-control", "max-age=7200"),), timedelta(hours=2)),
    ((("cache-control", 'public, Max-Age="7200"'),), timedelta(hours=2)),
    ((("cache-control", "max-age=0"),), MIN_TTL),
    ((("cache-control", "max-age=99999999999999999999"),), MAX_TTL),
    ((("cache-control", "no-store"),), MAX_TTL),
    ((("cache-control", "max-age=-1"),), MAX_TTL),
    ((("cache-control", "max-age=soon"),), MAX_TTL),
    ((("cache-control", "max-age=\u0663"),), MAX_TTL),
    ((("cache-control", "no-cache"), ("cache-control", "max-age=7200")), timedelta(hours=2)),
    ((("expires", "0"),), MAX_TTL),
]


@pytest.mark.parametrize(("headers", "life"), LIVES)
def test_an_answer_is_used_as_long_as_its_server_says_within_bounds(
    headers: tuple[tuple[str, str], ...], life: timedelta
) -> None:
    host = Host("https://h.example", [ROBOTS])
    host.receive("/robots.txt", answer(200, b"", *headers))
    assert host.expires == AT + life
    assert host.missing(AT + life - timedelta(seconds=1)) == ()
    assert host.missing(AT + life) == (ROBOTS,)


def test_an_unreachable_file_is_asked_for_again_later_and_later() -> None:
    host, now, waits = Host("https://h.example", [ROBOTS]), AT, []
    for _ in range(20):
        assert host.missing(now) == (ROBOTS,)
        host.receive("/robots.txt", answer(503, at=now))
        assert host.expires is not None
        waits.append(host.expires - now)
        now = host.expires
    assert waits[:4] == [timedelta(seconds=15 * 2**power) for power in range(4)]
    assert waits == sorted(waits)
    assert waits[-1] == MAX_RETRY
    host.receive("/robots.txt", answer(at=now))
    host.receive("/robots.txt", answer(503, at=now))
    assert host.expires == now + timedelta(seconds=15), "an answer between two failures begins anew"


def test_a_failure_never_falls_back_to_older_rules() -> None:
    host = Host("https://h.example", [ROBOTS])
    assert host.receive("/robots.txt", answer()) is KNOWN
    assert host.receive("/robots.txt", answer(500)) is UNREACHABLE
    assert host.standing("/robots.txt") is UNREACHABLE
    assert host.received("/robots.txt").capture.status == 500
    assert host.unreachable == ("/robots.txt",)


# Order: what is asked for, and when


def test_a_host_that_does_not_give_its_first_file_is_asked_for_nothing_else() -> None:
    host = Host("https://h.example", [ROBOTS, OTHER])
    assert host.missing(AT) == (ROBOTS, OTHER)
    host.receive("/robots.txt", answer(503))
    assert host.missing(AT) == ()
    assert host.missing(AT + timedelta(seconds=15)) == (ROBOTS, OTHER)
    host.receive("/robots.txt", answer(404))
    assert host.missing(AT) == (OTHER,)


def test_any_other_file_that_is_missing_keeps_nobody_waiting() -> None:
    host = Host("https://h.example", [ROBOTS, OTHER, HostFile(path="/trust.txt")])
    host.receive("/robots.txt", answer())
    host.receive("/ai.txt", answer(None))
    assert [file.path for file in host.missing(AT)] == ["/trust.txt"]
    host.receive("/trust.txt", answer(404))
    assert host.missing(AT) == ()
    assert [capture.status for capture in host.captures] == [200, None, 404]
    assert host.unreachable == ("/ai.txt",)


def test_nothing_is_known_of_a_file_that_was_never_asked_for() -> None:
    host = Host("https://h.example", [ROBOTS])
    assert host.expires is None
    assert host.captures == host.unreachable == ()
    with pytest.raises(OutOfOrder, match=r"https://h.example/robots.txt"):
        host.standing("/robots.txt")


def test_a_host_without_files_misses_none() -> None:
    assert Host("https://h.example", []).missing(AT) == ()
