"""Behind a proxy nobody here resolves names: what is spelled as a private address is refused all the same."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from crawler.addresses import refusal
from crawler.demo.answer import page, redirect, text
from crawler.demo.server import LoopbackWeb
from tests.crawls import CONTACT, Ended, at, check_folder, decided, environment, heedful, reasons, stored
from tests.proxy import LoopbackProxy
from tests.webs.tls import server_context

PASSWORD = "hunter2-of-the-proxy"
OPEN = text("User-agent: *\nAllow: /\n")

INSIDE = (
    "http://127.0.0.1/a",
    "http://2130706433/b",
    "http://0x7f000001/c",
    "http://0177.0.0.1/d",
    "http://127.1/e",
    "http://[::ffff:127.0.0.1]/f",
    "http://[::1]/g",
    "http://169.254.169.254/latest/meta-data",
    "http://localhost/h",
    "http://inside.localhost/i",
    "http://printer.local/j",
    "http://intranet/k",
    "https://10.0.0.1/l",
    "http://open.example:8080/m",
)
"""What no page, redirect or file leads to: addresses in every spelling, local names, another port."""

LINKS = "".join(f'<a href="{url}">x</a>' for url in INSIDE)
IMAGES = "".join(f'<img src="{url}.png" width="400" height="400">' for url in INSIDE)
HOPS = "".join(f'<a href="/hop/{number}">x</a>' for number in range(len(INSIDE)))

PLAIN = {
    "open.example": {
        "/robots.txt": OPEN,
        "/": page(f"<p>Open.</p>{LINKS}{IMAGES}{HOPS}"),
        **{f"/hop/{number}": redirect(url) for number, url in enumerate(INSIDE)},
    },
    "files.example": {"/robots.txt": redirect("http://[::ffff:7f00:1]/robots.txt"), "/": page("<p>Never.</p>")},
    "licence.example": {
        "/robots.txt": text("License: http://169.254.169.254/license.xml\nUser-agent: *\nAllow: /\n"),
        "/": page("<p>Never either.</p>"),
    },
}
SECURE = {"secure.example": {"/robots.txt": OPEN, "/": page("<p>Through a tunnel.</p>")}}


@dataclass(frozen=True, kw_only=True)
class Crawled:
    folder: Path
    ended: Ended
    proxy: LoopbackProxy
    plain: LoopbackWeb
    secure: LoopbackWeb


@pytest.fixture(scope="module")
def crawled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Crawled]:
    """One crawl through the proxy, without ``--allow-private``; the proxy itself is on loopback."""
    folder = tmp_path_factory.mktemp("proxied")
    tls = server_context(["secure.example"], folder)
    with (
        LoopbackWeb(PLAIN) as plain,
        LoopbackWeb(SECURE, tls=tls) as secure,
        LoopbackProxy(plain=plain, tls=secure) as proxy,
    ):
        env = environment(
            http_proxy=f"http://me:{PASSWORD}@127.0.0.1:{proxy.port}",
            https_proxy=f"http://me:{PASSWORD}@localhost:{proxy.port}",
            SSL_CERT_FILE=str(folder / "cert.pem"),
            XDG_CONFIG_HOME=str(folder / "config"),
        )
        seeds = [f"http://{host}/" for host in PLAIN] + ["https://secure.example/"]
        ended = heedful(
            "crawl", *seeds, "-o", str(folder / "c"), "--scope", "any", "--contact", CONTACT,
            "--profile", "testing", "-s", "LOG_LEVEL=DEBUG", "--log-json", env=env, timeout=60,
        )  # fmt: skip
        yield Crawled(folder=folder / "c", ended=ended, proxy=proxy, plain=plain, secure=secure)


def test_what_is_public_comes_through_the_proxy(crawled: Crawled) -> None:
    assert crawled.ended.code == 0, crawled.ended.err
    assert set(stored(crawled.folder)) == {"open.example/", "secure.example/"}
    check_folder(crawled.folder)


def test_only_names_of_the_web_are_asked_for(crawled: Crawled) -> None:
    assert crawled.proxy.hosts <= {*PLAIN, *SECURE}, crawled.proxy.hosts
    assert all(":8080" not in one.target for one in crawled.proxy.requests)


@pytest.mark.parametrize("url", INSIDE)
def test_a_private_address_is_refused_as_page_image_and_target(crawled: Crawled, url: str) -> None:
    met = decided(crawled.folder)
    for where in (url, f"{url}.png"):
        assert at(where) in met, sorted(met)
        (reason,) = reasons(crawled.folder, at(where))
        assert reason in {("address", "private address"), ("address", "port 8080")}


def test_a_site_level_file_that_leads_inside_is_not_to_be_had(crawled: Crawled) -> None:
    assert reasons(crawled.folder, "files.example/") == [("unreachable", "private address")]


def test_a_document_that_lies_inside_is_not_to_be_had(crawled: Crawled) -> None:
    decision = decided(crawled.folder)["licence.example/"]
    assert not decision.collect
    assert "licence.example/" not in stored(crawled.folder)


def test_the_password_goes_to_the_proxy_alone(crawled: Crawled) -> None:
    basic = "Basic " + base64.b64encode(f"me:{PASSWORD}".encode()).decode()
    assert {one.headers.get("proxy-authorization") for one in crawled.proxy.requests} == {basic}
    for web in (crawled.plain, crawled.secure):
        names = {name.lower() for request in web.requests for name, _ in request.headers}
        assert not names & {"proxy-authorization", "authorization"}
    left = [path for path in crawled.folder.rglob("*") if path.is_file()]
    for secret in (PASSWORD.encode(), basic.removeprefix("Basic ").encode()):
        assert not [path for path in left if secret in path.read_bytes()]
        assert secret not in (crawled.ended.out + crawled.ended.err).encode()


def test_the_proxy_is_never_asked_for_itself() -> None:
    proxies = {("proxy.example", 443), ("127.0.0.1", 3128)}
    assert refusal("https://proxy.example/", allow_private=False, proxies=proxies) is not None
    assert refusal("http://proxy.example/", allow_private=False, proxies=proxies) is None
    assert refusal("http://127.0.0.1:3128/", allow_private=False, ports={3128}, proxies=proxies) is not None
