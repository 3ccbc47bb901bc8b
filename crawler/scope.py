"""Which pages a crawl may go on to from its seeds."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, get_args

from crawler.domains import host_of, owner_domain

Reach = Literal["host", "domain", "prefix", "any"]
REACHES: tuple[Reach, ...] = get_args(Reach)


class Scope:
    """The hosts, domains or prefixes of the seeds. Images of pages in scope are fetched wherever they live."""

    def __init__(self, reach: Reach, seeds: Iterable[str]) -> None:
        """``seeds``: absolute URLs. ``prefix`` means the seed's folder: everything up to its last slash."""
        self.reach = reach
        if reach == "prefix":
            self._prefixes = tuple({_folder(seed) for seed in seeds})
        else:
            name = owner_domain if reach == "domain" else str
            self._names = frozenset(name(host_of(seed)) for seed in seeds)

    def allows(self, url: str, host: str) -> bool:
        """Whether the page at ``url`` on ``host`` is in scope."""
        if self.reach == "any":
            return True
        if self.reach == "prefix":
            return url.startswith(self._prefixes)
        return (owner_domain(host) if self.reach == "domain" else host) in self._names


def _folder(url: str) -> str:
    scheme, _, rest = url.partition("?")[0].partition("://")
    host, _, path = rest.partition("/")
    return f"{scheme}://{host}/{path[: path.rfind('/') + 1]}"
