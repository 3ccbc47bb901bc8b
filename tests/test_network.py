"""The guard stands where connections are made, lets the operator's proxy through, and nothing else with it."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from scrapy.resolver import dnscache

from crawler.addresses import is_public, refusal
from crawler.demo.answer import page, text
from crawler.demo.server import LoopbackWeb
from crawler.proxies import configured, endpoint_of
from crawler.resolver import GuardedResolver
from tests.projects import python
from tests.proxy import LoopbackProxy
from tests.test_addresses import Names, resolve

CLASSES: dict[str, tuple[str, ...]] = {
    "this network": ("0.0.0.0", "0.1.2.3"),
    "loopback": ("127.0.0.1", "127.255.255.255", "::1"),
    "private": ("10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.1.1", "fc00::1", "fdff::1"),
    "shared by carriers": ("100.64.0.1", "100.127.255.255"),
    "link-local": ("169.254.1.1", "fe80::1", "febf::1"),
    "metadata of clouds": ("169.254.169.254", "fd00:ec2::254", "100.100.100.200"),
    "multicast": ("224.0.0.1", "239.255.255.255", "ff02::1", "ff0e::1"),
    "broadcast and reserved": ("255.255.255.255", "240.0.0.1"),
    "benchmarking": ("198.18.0.1", "198.19.255.255", "2001:2::1"),
    "documentation": ("192.0.2.1", "198.51.100.1", "203.0.113.1", "2001:db8::1", "3fff::1"),
    "protocols": ("192.0.0.1", "192.0.0.170", "192.88.99.1", "2001:20::1", "2001:1::1"),
    "unspecified": ("::",),
    "site-local": ("fec0::1", "feff::1"),
    "discarded": ("100::1", "100:0:0:1::1"),
    "segment routing": ("5f00::1",),
    "mapped": ("::ffff:127.0.0.1", "::ffff:a9fe:a9fe", "::ffff:10.0.0.1"),
    "translated": ("::ffff:0:127.0.0.1", "::ffff:0:a00:1"),
    "compatible": ("::127.0.0.1", "::10.0.0.1", "::8.8.8.8"),
    "6to4": ("2002:7f00:1::", "2002:a9fe:a9fe::1", "2002:c0a8:101::1"),
    "Teredo": ("2001:0:4136:e378:8000:63bf:80ff:fffe", "2001::8.8.8.8", "2001:0:808:808::f7f7:f7f7"),
    "NAT64": ("64:ff9b::127.0.0.1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::1", "64:ff9b:1:ffff::8.8.8.8"),
    "no address": ("", "localhost", "127.1", "0x7f000001", "::ffff:127.0.0.1.", "1.2.3.4.5"),
}
"""What is not of the public internet, by why."""


@pytest.mark.parametrize("why", CLASSES)
def test_an_address_that_is_not_public(why: str) -> None:
    for address in CLASSES[why]:
        assert not is_public(address), address


SPELLED = (
    "http://localhost.localdomain/", "http://a.localdomain/", "http://router.home.arpa/", "http://local/",
    "http://127%2e0.0.1/", "http://127.0.0.1%00.example.org/", "http://a*b.example/", "http://a.example\\b/",
)  # fmt: skip
"""Names of this network, and hosts that two readers need not read alike."""


@pytest.mark.parametrize("url", SPELLED)
def test_a_host_that_another_reader_may_take_for_a_private_one(url: str) -> None:
    assert refusal(url, allow_private=False) in ("private address", "malformed URL")


def test_names_without_a_dot_are_of_the_network_that_a_proxy_is_in() -> None:
    assert refusal("http://intranet/", allow_private=False, proxies={("p.example", 1)}) == "private address"
    assert refusal("http://intranet/", allow_private=False) is None  # whoever resolves it here is asked


@pytest.fixture
def _no_cache() -> Iterator[None]:
    dnscache.clear()
    GuardedResolver.refused.clear()
    yield
    dnscache.clear()


@pytest.mark.usefixtures("_no_cache")
def test_a_proxy_is_connected_to_at_its_own_port_alone() -> None:
    names = Names(*[["10.0.0.5"]] * 4)
    resolver = GuardedResolver(names, 0, ((), False), {("proxy.example", 3128)})  # type: ignore[arg-type]
    assert resolve(resolver, "proxy.example", 3128) == ["10.0.0.5"]
    assert resolve(resolver, "Proxy.Example", 0) == ["10.0.0.5"], "as a tunnel is opened"
    assert resolve(resolver, "proxy.example", 80) == []
    assert resolve(resolver, "other.example", 3128) == []


@pytest.mark.parametrize(
    ("url", "endpoint"),
    [
        ("http://me:pass@Proxy.example:3128/", ("proxy.example", 3128)),
        ("proxy.example:8080", ("proxy.example", 8080)),
        ("http://10.0.0.5", ("10.0.0.5", 80)),
        ("https://[fd00::1]", ("fd00::1", 443)),
        ("http://", None),
        ("http://proxy.example:port", None),
        ("", None),
    ],
)
def test_where_a_proxy_listens(url: str, endpoint: tuple[str, int] | None) -> None:
    assert endpoint_of(url) == endpoint


def test_which_proxies_there_are(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http", "https", "ftp", "all", "no"):
        monkeypatch.delenv(f"{name.upper()}_PROXY", raising=False)
        monkeypatch.setenv(f"{name}_proxy", f"http://{name}.example:1")
    assert configured() == {"http": ("http.example", 1), "https": ("https.example", 1)}


ASKS = """
import json, sys
import scrapy
from scrapy.crawler import AsyncCrawlerProcess

class Adds:
    def process_request(self, request):
        if "late" in request.url:
            request.headers["Proxy-Authorization"] = "Basic eDp5"
            request.meta["proxy"] = None

class Asks(scrapy.Spider):
    name = "asks"
    async def start(self):
        for url, proxy in json.loads(sys.argv[1]):
            meta = {"proxy": proxy} if proxy else {}
            yield scrapy.Request(url, callback=self.came, errback=self.failed, meta=meta)
    def came(self, response):
        print(json.dumps([response.url, "came"]))
    def failed(self, failure):
        decision = getattr(failure.value, "decision", None)
        grounds = decision.grounds if decision else ()
        said = [[one.evidence.locator, one.evidence.excerpt] for one in grounds]
        print(json.dumps([failure.request.url, said]))

process = AsyncCrawlerProcess({
    "ADDONS": {"crawler.addon.OptOutAddon": 500}, "USER_AGENT": "ordinary-bot/1.0", "LOG_ENABLED": False,
    "DOWNLOADER_MIDDLEWARES": {Adds: 9000}, "RETRY_ENABLED": False, "DOWNLOAD_TIMEOUT": 5,
})
process.crawl(Asks)
process.start()
"""


def test_a_request_brings_no_private_proxy_of_its_own_and_no_password_to_a_server() -> None:
    site = {"/robots.txt": text("", status=404), "/": page("<p>In.</p>"), "/late": page("<p>Late.</p>")}
    with (
        LoopbackWeb({"a.example": site}) as web,
        LoopbackProxy(plain=web, tls=web, deaf={"a.example"}) as proxy,
    ):
        elsewhere = f"http://127.0.0.1:{web.port}"
        asked = [
            ("http://a.example/", None),
            ("http://a.example/?own", elsewhere),
            ("http://a.example/late", None),
        ]
        done = python("-c", ASKS, json.dumps(asked), http_proxy=f"http://127.0.0.1:{proxy.port}")
        got = dict(json.loads(line) for line in done.stdout.splitlines())
        assert got == {
            "http://a.example/": "came",
            "http://a.example/?own": [
                ["address", "a proxy at a private address that no http_proxy or https_proxy names"]
            ],
            "http://a.example/late": [["credentials", "the credentials of a proxy would be sent to a server"]],
        }, done.stderr
        assert {request.path for request in web.requests} >= {"/robots.txt", "/"}
        assert not web.asked("a.example", "/late")
