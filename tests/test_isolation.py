"""Large parsers in processes of their own: the same results, and nothing that hostile bytes could do."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from functools import wraps
from pathlib import Path
from typing import Any

import msgspec
import pytest
from scrapy.utils.defer import deferred_from_coro, maybe_deferred_to_future
from twisted.internet import reactor
from twisted.internet.task import deferLater

from crawler.isolation.frames import LONGEST, Began, Found, Ready, framed
from crawler.isolation.pool import MOST, Isolation
from crawler.optout.grammar.c2pa import Manifests, manifests_trusting
from crawler.optout.grammar.epub import Epub, epub_of
from crawler.optout.grammar.pdf import Pdf, pdf_of
from crawler.optout.model import Capture, Context
from tests.vectors.assets import documents
from tests.vectors.assets.make_assets import build

HOSTILE = {"endless-end.pdf", "xref-of-a-million.pdf", "deep.pdf"}
"""Fixtures that take more time or memory than a test process may spend."""

CONTEXT = Context(agents=("mybot",))


def capture_of(body: bytes, claimed: str = "application/octet-stream") -> Capture:
    return Capture(
        url="https://h.example/d",
        status=200,
        at=datetime(2026, 11, 22, tzinfo=UTC),
        headers=(("content-type", claimed),),
        body=body,
    )


def in_crawl(test: Callable[..., Any]) -> Callable[..., Any]:
    """Run a coroutine the way Scrapy runs those of a middleware."""

    @wraps(test)
    def run(*args: Any, **kwargs: Any) -> Any:
        return deferred_from_coro(test(*args, **kwargs))

    return run


async def pause(seconds: float) -> None:
    await maybe_deferred_to_future(deferLater(reactor, seconds))


async def together(isolation: Isolation, captures: Iterable[Capture]) -> None:
    await asyncio.gather(*(isolation.read(capture) for capture in captures))


def is_there(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    status = Path(f"/proc/{pid}/stat")
    return not status.exists() or status.read_text().rpartition(")")[2].split()[0] != "Z"


async def gone(pid: int) -> bool:
    """Whether the process ends within a few seconds."""
    for _ in range(200):
        if not is_there(pid):
            return True
        await pause(0.05)
    return False


@pytest.fixture
def isolation() -> Iterator[Isolation]:
    isolation = Isolation(CONTEXT)
    yield isolation
    isolation.close()


def found(capture: Capture, parse: Any) -> Any:
    """What was put into the capture; parsing here would be a failure of the test."""

    def nothing(_: Capture) -> Any:
        raise AssertionError("it was not parsed elsewhere")

    held = capture._parsed.get(parse, nothing)
    assert held is not nothing
    return held


@in_crawl
async def test_a_child_finds_what_is_found_in_place(isolation: Isolation) -> None:
    for name in sorted(set(documents.ASSETS) - HOSTILE):
        capture, here = capture_of(build(name)), capture_of(build(name))
        await isolation.read(capture)
        parse = pdf_of if name.endswith(".pdf") else epub_of
        assert found(capture, parse) == parse(here), name


@in_crawl
async def test_a_child_reads_manifests_and_believes_whom_we_believe() -> None:
    anchors = build("trust-anchors.pem").decode()
    for trusted in ("", anchors):
        isolation = Isolation(Context(agents=("mybot",), trust_anchors=trusted))
        capture, here = capture_of(build("signed-allowed.jpg")), capture_of(build("signed-allowed.jpg"))
        await isolation.read(capture)
        isolation.close()
        manifests: Manifests = found(capture, manifests_trusting(trusted))
        assert manifests == manifests_trusting(trusted)(here)
        assert manifests.assertions
        assert {assertion.trusted for assertion in manifests.assertions} == {bool(trusted)}


@in_crawl
async def test_what_needs_no_large_parser_starts_no_process(isolation: Isolation) -> None:
    for body in (b"", b"<p>about %PDF- and c2pa", b"\x89PNG\r\n\x1a\n", b"PK\x03\x04"):
        await isolation.read(capture_of(body, "text/html"))
    assert isolation.pids == ()


@pytest.mark.parametrize("name", sorted(HOSTILE))
@in_crawl
async def test_hostile_bytes_end_as_trouble(isolation: Isolation, name: str) -> None:
    capture = capture_of(build(name))
    await isolation.read(capture)
    document: Pdf = found(capture, pdf_of)
    assert document.trouble
    after = capture_of(build("tdm-1.pdf"))
    await isolation.read(after)
    assert found(after, pdf_of).metadata.xmp


@in_crawl
async def test_a_child_that_is_killed_at_its_job_loses_that_job_alone(isolation: Isolation) -> None:
    first = capture_of(build("tdm-1.pdf"))
    await isolation.read(first)
    (pid,) = isolation.pids
    doomed = capture_of(build("endless-end.pdf"))
    reactor.callLater(0.4, os.kill, pid, signal.SIGKILL)
    await isolation.read(doomed)
    assert found(doomed, pdf_of) == Pdf(trouble="the process for it ended")
    after = capture_of(build("tdm-1.pdf"))
    await isolation.read(after)
    assert found(after, pdf_of) == found(first, pdf_of)
    assert isolation.pids != (pid,)


@in_crawl
async def test_a_child_that_is_killed_while_it_waits_is_replaced(isolation: Isolation) -> None:
    await isolation.read(capture_of(build("free.pdf")))
    (pid,) = isolation.pids
    os.kill(pid, signal.SIGKILL)
    assert await gone(pid)
    await pause(0.1)
    assert isolation.pids == ()
    after = capture_of(build("tdm-1.epub"))
    await isolation.read(after)
    publication: Epub = found(after, epub_of)
    assert not publication.trouble


@in_crawl
async def test_who_comes_when_all_are_busy_waits(isolation: Isolation) -> None:
    captures = [capture_of(build("tdm-1.pdf" if n % 3 else "endless-end.pdf")) for n in range(8)]
    await together(isolation, captures)
    assert len(isolation.pids) <= MOST
    for number, capture in enumerate(captures):
        document: Pdf = found(capture, pdf_of)
        assert bool(document.trouble) is (number % 3 == 0)
        assert bool(document.metadata.xmp) is (number % 3 != 0)


@in_crawl
async def test_a_child_that_has_grown_is_replaced(isolation: Isolation) -> None:
    def filled(writer: Any) -> None:
        documents.stream(writer, bytes(60 << 20))

    large = capture_of(documents.pdf(documents.ONE, change=filled))
    await isolation.read(large)
    assert found(large, pdf_of).metadata.xmp
    assert isolation.pids == ()


@in_crawl
async def test_nothing_is_left_when_it_is_closed(isolation: Isolation) -> None:
    captures = [capture_of(build("endless-end.pdf")) for _ in range(MOST + 2)]
    reading = asyncio.ensure_future(together(isolation, captures))
    await pause(0.2)
    pids = isolation.pids
    assert len(pids) == MOST
    isolation.close()
    await reading
    late = capture_of(build("free.pdf"))
    await isolation.read(late)
    for capture in (*captures, late):
        assert found(capture, pdf_of) == Pdf(trouble="the crawl has ended")
    assert isolation.pids == ()
    for pid in pids:
        assert await gone(pid)


@in_crawl
async def test_an_interpreter_that_is_not_there_is_trouble(
    isolation: Isolation, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "nothing"))
    capture = capture_of(build("free.pdf"))
    await isolation.read(capture)
    assert found(capture, pdf_of).trouble


@in_crawl
async def test_a_child_that_does_not_find_its_code_is_trouble_and_says_so(
    isolation: Isolation, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    capture = capture_of(build("free.pdf"))
    monkeypatch.setattr(sys, "path", [str(tmp_path)])
    await isolation.read(capture)
    monkeypatch.undo()
    assert found(capture, pdf_of).trouble == "the process for it ended"
    assert "cannot be read" in caplog.text


WRONG = framed(Found(result=msgspec.Raw(msgspec.msgpack.encode({"trouble": 1})), last=False))


@pytest.mark.parametrize(
    "answer",
    [
        b"x" * 100,
        (LONGEST + 1).to_bytes(4, "big"),
        b"\0\0\0\1\xff",
        framed({"type": "Other"}),
        framed(Ready()) + framed(Began()) + WRONG,
    ],
    ids=["text", "too long", "no message", "no message of ours", "no result"],
)
@in_crawl
async def test_nonsense_is_trouble(
    isolation: Isolation, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, answer: bytes
) -> None:
    (tmp_path / "answer").write_bytes(answer)
    program = tmp_path / "program"
    program.write_text(f"#!/bin/sh\ncat {tmp_path}/answer\nexec cat > {tmp_path}/asked\n", "utf-8")
    program.chmod(0o700)
    monkeypatch.setattr(sys, "executable", str(program))
    capture = capture_of(build("free.pdf"))
    await isolation.read(capture)
    assert found(capture, pdf_of) == Pdf(trouble="the process for it answered nonsense")
    assert isolation.pids == ()


# What the limits mean


def run(code: str, **more: Any) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False, **more
    )


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a process cannot learn how much data it has")
def test_a_child_has_little_memory_and_opens_nothing() -> None:
    code = """
from crawler.isolation.limits import MEMORY, confine
import socket
confine()
for attempt in (lambda: bytearray(MEMORY + (16 << 20)), lambda: open("/dev/null"), lambda: socket.socket()):
    try:
        attempt()
        print("done")
    except (MemoryError, OSError) as error:
        print(type(error).__name__)
"""
    assert run(code).stdout.split() == ["MemoryError", "OSError", "OSError"]


PARENT = """
import asyncio, os, sys
from datetime import UTC, datetime
from twisted.internet import asyncioreactor
loop = asyncio.new_event_loop()
asyncio.set_event_loop(loop)
asyncioreactor.install(loop)
from twisted.internet import reactor
from scrapy.utils.defer import deferred_from_coro
from crawler.isolation.pool import Isolation
from crawler.optout.model import Capture, Context
body = open(sys.argv[1], "rb").read()
isolation = Isolation(Context(agents=("a",)))
async def go():
    small = Capture(url="https://h.example/", status=200, at=datetime.now(UTC), body=body[:1000])
    await isolation.read(small)
    print(*isolation.pids, flush=True)
    reactor.callLater(float(sys.argv[2]), os.kill, os.getpid(), 9)
    await isolation.read(Capture(url="https://h.example/", status=200, at=datetime.now(UTC), body=body))
reactor.callWhenRunning(lambda: deferred_from_coro(go()))
reactor.run()
"""


@pytest.mark.parametrize("busy", [False, True])
@in_crawl
async def test_a_child_does_not_outlive_its_parent(tmp_path: Path, busy: bool) -> None:
    (tmp_path / "d.pdf").write_bytes(build("xref-of-a-million.pdf" if busy else "free.pdf"))
    done = subprocess.run(
        [sys.executable, "-c", PARENT, str(tmp_path / "d.pdf"), "0.5" if busy else "0.2"],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == -signal.SIGKILL, done.stderr
    assert await gone(int(done.stdout))
