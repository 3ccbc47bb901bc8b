"""The demo web: a small web of ordinary sites on which every signal occurs at least once, as one table.

Every page says in its footer what it says to machines; beside every page and picture stands what must become of
it, so that a test can hold a crawl against the table. All hosts end in ``.example`` and live on loopback.
"""

from __future__ import annotations

from crawler.demo.answer import Answer
from crawler.demo.place import Expectation, Place, table
from crawler.demo.server import LoopbackWeb
from crawler.demo.sites import (
    agency,
    atelier,
    club,
    commons,
    encyclopedia,
    gallery,
    garden,
    kitchen,
    library,
    market,
    press,
    refusing,
    studio,
    weather,
)

PLACES: tuple[Place, ...] = tuple(
    place
    for site in (
        garden,
        gallery,
        press,
        encyclopedia,
        agency,
        library,
        market,
        kitchen,
        studio,
        atelier,
        club,
        commons,
        weather,
        refusing,
    )
    for place in site.PLACES
)
"""The demo web, row by row."""

DENIED = "tracker.example"
"""The one host that the demo's own operator has on a denylist."""

DEMO_SEEDS: tuple[str, ...] = tuple(
    f"http://{place.host}:{{port}}{place.path}" for place in PLACES if place.path in ("/", "/index.html")
)
"""Where the demo crawl begins: the front page of every host, with ``{port}`` to be filled in."""

_ROBOTLESS = Answer(status=404, headers=(("Content-Type", "text/plain"),), body=b"no robots.txt here\n")


def demo_web(port: int = 0) -> LoopbackWeb:
    """The demo web, ready to be entered."""
    hosts = table(PLACES)
    for paths in hosts.values():
        paths.setdefault("/robots.txt", _ROBOTLESS)
    return LoopbackWeb(hosts, port=port)


def demo_seeds(port: int) -> list[str]:
    """:data:`DEMO_SEEDS` at ``port``."""
    return [seed.replace("{port}", str(port)) for seed in DEMO_SEEDS]


def demo_expectations(web: LoopbackWeb) -> dict[str, Expectation]:
    """What must become of every page and image of the demo web, by URL."""
    return {web.url(place.host, place.path): place.expect for place in PLACES if place.expect is not None}
