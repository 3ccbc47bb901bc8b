"""A server that cannot show that it is who it says is not heard: whatever it answers, nothing of it is kept."""

from __future__ import annotations

import socket
import ssl
import threading
import warnings
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from crawler.demo.answer import Responder, page, text
from crawler.demo.server import ADDRESS, LoopbackWeb
from tests.crawls import at, crawling, decided, environment, heedful, reasons, stored
from tests.webs.tls import server_context

OPEN = text("User-agent: *\nAllow: /\n", ("Connection", "close"))
SITE: dict[str, Responder] = {
    "/robots.txt": OPEN,
    "/": page("<p>Who am I?</p>"),
    "*": text("", ("Connection", "close"), status=404),
}

BAD = {
    "self-signed.example": "TLS: certificate verify failed",
    "other-name.example": "TLS: the certificate is for another name",
    "expired.example": "TLS: certificate verify failed",
    "old.example": "TLS: tlsv1 alert protocol version",
}
"""Host → how the reason begins that nothing of it is to be had."""


@contextmanager
def old_server(folder: Path) -> Iterator[int]:
    """The port of a server that speaks no TLS newer than 1.1, and says so."""
    context = server_context(["old.example"], folder)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version, context.maximum_version = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1
    context.set_ciphers("ALL:@SECLEVEL=0")
    listener = socket.create_server((ADDRESS, 0))

    def serve() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            try:
                context.wrap_socket(connection, server_side=True).close()
            except OSError:
                connection.close()

    thread = threading.Thread(target=serve, name="old-tls", daemon=True)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(10)


def turning(good: ssl.SSLContext, bad: ssl.SSLContext, after: int) -> ssl.SSLContext:
    """``good``, which shows the certificate of ``bad`` from the connection after ``after`` on."""
    met = []

    def choose(connection: ssl.SSLObject, name: str | None, _: ssl.SSLContext) -> None:
        met.append(name)
        if len(met) > after:
            connection.context = bad

    good.sni_callback = choose  # type: ignore[assignment]
    return good


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A corpus of one crawl that met every kind, and a server that is in order."""
    place = tmp_path_factory.mktemp("tls")

    def context(name: str, *, certified: str = "", expired: bool = False) -> ssl.SSLContext:
        (place / name).mkdir()
        return server_context([certified or name], place / name, expired=expired)

    servers: Mapping[str, ssl.SSLContext] = {
        "good.example": context("good.example"),
        "self-signed.example": context("self-signed.example"),
        "other-name.example": context("other-name.example", certified="somebody-else.example"),
        "expired.example": context("expired.example", expired=True),
        "turns.example": turning(context("turns.example"), context("turned.example"), after=5),
    }
    (place / "old.example").mkdir()
    trusted = [name for name in servers if name != "self-signed.example"] + ["old.example"]
    with ExitStack() as stack:
        old = stack.enter_context(old_server(place / "old.example"))
        bundle = b"".join((place / name / "cert.pem").read_bytes() for name in trusted)
        (place / "trusted.pem").write_bytes(bundle)
        webs = {name: stack.enter_context(LoopbackWeb({name: SITE}, tls=tls)) for name, tls in servers.items()}
        lead = [part for web in webs.values() for part in ("--resolve", web.resolve[0])]
        lead += ["--resolve", f"*:{old}:{ADDRESS}"]
        seeds = [*(web.url(name) for name, web in webs.items()), f"https://old.example:{old}/"]
        ended = heedful(
            *crawling(webs["good.example"], place / "c", seeds, *lead), timeout=60,
            env=environment(SSL_CERT_FILE=str(place / "trusted.pem")),
        )  # fmt: skip
        assert ended.code == 0, ended.err
    return place / "c"


def test_only_who_is_in_order_is_kept(folder: Path) -> None:
    assert set(stored(folder)) == {"good.example/"}


@pytest.mark.parametrize("host", BAD)
def test_a_certificate_or_protocol_that_does_not_hold_leaves_the_site_undetermined(
    folder: Path, host: str
) -> None:
    assert decided(folder)[f"{host}/"].outcome == "undetermined"
    ((locator, words),) = reasons(folder, f"{host}/")
    assert locator == "unreachable"
    assert words.startswith(BAD[host])


def test_a_page_whose_server_shows_another_certificate_than_before_is_not_kept(folder: Path) -> None:
    """Its site-level files came from a server that was in order; the page does not."""
    where = at("https://turns.example/")
    decision = decided(folder)[where]
    assert decision.outcome == "undetermined"
    assert all(asked.standing != "unreachable" for asked in decision.asked if "robots" in asked.source)
    assert any(words.startswith("TLS: ") for _, words in reasons(folder, where))
