"""Name resolution that refuses private addresses and knows the operator's ``--resolve`` entries.

Installed on the reactor through Scrapy's ``TWISTED_DNS_RESOLVER``, so that every connection passes it: literal
addresses, redirect targets and names that change their address between two look-ups alike.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, cast
from weakref import WeakKeyDictionary

from scrapy.resolver import CachingHostnameResolver, HostResolution
from twisted.internet.address import IPv4Address, IPv6Address
from twisted.internet.interfaces import IHostnameResolver, IHostResolution, IResolutionReceiver
from zope.interface import implementer

from crawler.addresses import is_public, literal
from crawler.proxies import Endpoint, configured

if TYPE_CHECKING:
    from scrapy.crawler import Crawler
    from twisted.internet.base import ReactorBase
    from twisted.internet.interfaces import IAddress


class Overrides:
    """``HOST:PORT:ADDRESS`` entries, as curl's ``--resolve``; ``*`` as host prefix, ``*`` as port."""

    def __init__(self, entries: Sequence[str]) -> None:
        self._entries = [self._parse(entry) for entry in entries]

    @staticmethod
    def _parse(entry: str) -> tuple[str, str, str]:
        host, _, rest = entry.partition(":")
        port, _, address = rest.partition(":")
        spelled = literal(address)
        if not host or not (port == "*" or port.isdigit()) or spelled is None:
            raise ValueError(f"{entry!r} is not HOST:PORT:ADDRESS, for instance example.org:443:192.0.2.1")
        return host.lower(), port, spelled

    def address(self, host: str, port: int) -> str | None:
        """The address for ``host`` and ``port``; the first entry that fits."""
        for pattern, entry_port, address in self._entries:
            fits = host == pattern or (pattern.startswith("*") and host.endswith(pattern[1:]))
            if fits and entry_port in ("*", str(port)):
                return address
        return None


class _Filter:
    """Passes on the addresses that may be connected to, and remembers names that have none."""

    def __init__(self, receiver: Any, host: str, refused: dict[str, str]) -> None:
        self._receiver = receiver
        self._host = host
        self._refused = refused
        self._passed = False

    def resolutionBegan(self, resolution: Any) -> None:
        self._receiver.resolutionBegan(resolution)

    def addressResolved(self, address: Any) -> None:
        if is_public(getattr(address, "host", "")):
            self._passed = True
            self._receiver.addressResolved(address)
        elif len(self._refused) < 100_000:
            self._refused.setdefault(self._host, getattr(address, "host", "?"))

    def resolutionComplete(self) -> None:
        if self._passed:
            self._refused.pop(self._host, None)
        self._receiver.resolutionComplete()


Configuration = tuple[tuple[str, ...], bool]
"""``OPTOUT_RESOLVE`` and ``OPTOUT_ALLOW_PRIVATE``."""


@implementer(IHostnameResolver)
class GuardedResolver(CachingHostnameResolver):
    """Scrapy's caching resolver behind the guard."""

    crawls: ClassVar[WeakKeyDictionary[Crawler, Configuration]] = WeakKeyDictionary()
    """The crawls of this process that rely on the guard, and how each wants it."""

    refused: dict[str, str] = {}  # noqa: RUF012 - one resolver a reactor; the crawl asks why a name failed
    """Names that resolved to nothing but refused addresses, with one of them."""

    def __init__(
        self,
        reactor: ReactorBase,
        cache_size: int,
        configuration: Configuration,
        proxies: Collection[Endpoint] = (),
    ) -> None:
        """``proxies``: the operator's own, which are connected to wherever they are."""
        super().__init__(reactor, cache_size)
        self._proxies = frozenset(proxies)
        self.configuration = configuration
        """How it was told to resolve."""
        entries, self._allow_private = configuration
        self._overrides = Overrides(entries)

    @classmethod
    def from_crawler(cls, crawler: Crawler, reactor: ReactorBase) -> GuardedResolver:
        """Configured by ``OPTOUT_RESOLVE`` and ``OPTOUT_ALLOW_PRIVATE``."""
        settings = crawler.settings
        return cls(
            reactor,
            settings.getint("DNSCACHE_SIZE") if settings.getbool("DNSCACHE_ENABLED") else 0,
            _configuration(crawler),
            configured().values(),
        )

    def resolveHostName(
        self,
        resolutionReceiver: IResolutionReceiver,
        hostName: str,
        portNumber: int = 0,
        addressTypes: Sequence[type[IAddress]] | None = None,
        transportSemantics: str = "TCP",
    ) -> IHostResolution:
        """Resolve ``hostName``; addresses that may not be connected to are left out."""
        receiver: Any = resolutionReceiver
        if not self._allow_private and not self._is_proxy(hostName.lower(), portNumber):
            receiver = _Filter(receiver, hostName, self.refused)
        override = self._overrides.address(hostName.lower(), portNumber)
        if override is None:
            return super().resolveHostName(receiver, hostName, portNumber, addressTypes, transportSemantics)
        resolution = cast(IHostResolution, HostResolution(hostName))
        receiver.resolutionBegan(resolution)
        address = IPv6Address if ":" in override else IPv4Address
        receiver.addressResolved(address("TCP", override, portNumber))
        receiver.resolutionComplete()
        return resolution

    def _is_proxy(self, host: str, port: int) -> bool:
        """Whether a proxy of the operator's is about to be connected to.

        Twisted looks names up without a port only for the connections that tunnels to https servers go through,
        and those are opened to proxies alone; whatever is asked directly is looked up with its port.
        """
        return any(host == name and port in (0, there) for name, there in self._proxies)


def guard_names(crawler: Crawler) -> None:
    """Make sure that this process resolves names through the guard, as ``crawler`` wants it.

    Scrapy installs a resolver only for processes that it starts itself, and with the settings that are not a
    spider's own. Raises ``ValueError`` when another crawl in this process relies on a differing guard.
    """
    from twisted.internet import reactor as installed

    reactor: Any = installed
    wanted = _configuration(crawler)
    for other, configuration in GuardedResolver.crawls.items():
        if other is not crawler and other.crawling and configuration != wanted:
            raise ValueError(
                "two crawls of one process have one resolver: give both the same OPTOUT_RESOLVE and "
                "OPTOUT_ALLOW_PRIVATE, or run them apart"
            )
    GuardedResolver.crawls[crawler] = wanted

    def install() -> None:
        before = reactor.nameResolver
        if isinstance(before, GuardedResolver):
            if before.configuration == wanted:
                return
            reactor.installNameResolver(before.original_resolver)
        GuardedResolver.from_crawler(crawler, reactor).install_on_reactor()

    reactor.callWhenRunning(install)


def is_guarded() -> bool:
    """Whether this process's reactor looks names up through the guard now."""
    from twisted.internet import reactor

    return isinstance(getattr(reactor, "nameResolver", None), GuardedResolver)


def _configuration(crawler: Crawler) -> Configuration:
    settings = crawler.settings
    return tuple(settings.getlist("OPTOUT_RESOLVE")), settings.getbool("OPTOUT_ALLOW_PRIVATE")
