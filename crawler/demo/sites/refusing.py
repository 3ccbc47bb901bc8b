"""Hosts of which nothing is taken, each for one reason: forum, closed, bureau, busy, tracker."""

from __future__ import annotations

from collections.abc import Iterable

from crawler.demo.place import UNDETERMINED, Expectation, Place, reserved
from crawler.demo.site import Article, Site
from crawler.optout.model import Outcome


def _site(host: str, name: str, tagline: str, accent: str, nav: tuple[tuple[str, str], ...]) -> Site:
    return Site(
        host=host,
        name=name,
        tagline=tagline,
        layout="office",
        paper="#f6f7f9",
        ink="#20242b",
        accent=accent,
        nav=nav,
        aside=f"{name}. Everything here is asked for only if the files at the root of the host allow it.",
        imprint=f"{name}.",
    )


FORUM = _site("forum.example", "Growers' Forum", "Ask somebody with dirt under their nails", "#4f7a28", ())
CLOSED = _site("closed.example", "M. Adair, bookbinder", "By appointment", "#5f3a20", ())
BUREAU = _site("bureau.example", "North Sea News Bureau", "Copy for forty newspapers", "#1f4f7a", ())
TRACKER = _site("tracker.example", "Counted", "We count visitors so that you need not", "#6b6f75", ())
BUSY = _site("busy.example", "City Transit", "Trams, ferries, funicular", "#a8322b", ())

FORUM_SAYS = "robots.txt says Content-Signal: search=yes, ai-train=no for the whole forum."
CLOSED_SAYS = "robots.txt has a group for heedful, by name, that disallows everything."
BUREAU_SAYS = "trust.txt says datatrainingallowed=no."
TRACKER_SAYS = (
    "nothing; but the operator of this demo has the host on a denylist, so it is not asked for anything."
)
BUSY_SAYS = "nobody knows: robots.txt answers 503, and as long as it does nothing is asked for."


def _pages(
    site: Site, says: str, expect: Expectation, pages: Iterable[tuple[str, str, str, str]]
) -> Iterable[Place]:
    for path, title, author, words in pages:
        yield site.page(
            Article(
                path=path, title=title, author=author, date="2026-05-20", says=says, expect=expect, words=words
            )
        )


PLACES: tuple[Place, ...] = (
    FORUM.file("/robots.txt", "User-agent: *\nContent-Signal: search=yes, ai-train=no\nAllow: /\n"),
    *_pages(
        FORUM,
        FORUM_SAYS,
        reserved("content-signal"),
        (
            ("/", "Latest threads", "", "- [Clay soil](/threads/clay)\n- [Blight](/threads/blight)\n- "
            "[Slugs](/threads/slugs)"),
            ("/threads/clay", "Is clay soil a curse?", "muddyboots", "It is a blessing that takes ten "
            "years to arrive."),
            ("/threads/blight", "Blight, or just tired?", "oldtimer", "Brown at the edges is tired. "
            "Brown in the middle is blight."),
            ("/threads/slugs", "Slugs, counted", "nightshift", "Two hundred and eleven between ten and "
            "eleven, with a torch."),
            ("/threads/copper", "Does copper tape work?", "anna_k", "On the pots yes, on the slugs no."),
        ),
    ),
    CLOSED.file("/robots.txt", "User-agent: heedful\nDisallow: /\n\nUser-agent: *\nAllow: /\n"),
    *_pages(
        CLOSED,
        CLOSED_SAYS,
        reserved("robots"),
        (
            ("/", "Books, bound by hand", "M. Adair", "Quarter leather, cloth, paper. No catalogue, no hurry."),
            ("/bindings", "Bindings", "M. Adair", "Sewn on tapes, laced into boards, left under weights "
            "until they forget."),
            ("/repairs", "Repairs", "M. Adair", "Bring the pieces. Bring all the pieces."),
        ),
    ),
    BUREAU.file("/trust.txt", "member=https://press.example/\ndatatrainingallowed=no\ncontact=rights@bureau.example\n"),
    *_pages(
        BUREAU,
        BUREAU_SAYS,
        reserved("trust-txt"),
        (
            ("/", "Today's wire", "", "Copy for members. Everybody else may read, and is asked to leave "
            "it where it is."),
            ("/wire/quotas", "Ministers agree on quotas", "NSNB", "After eleven hours, cod down nine per "
            "cent, herring unchanged."),
            ("/wire/timetable", "Winter timetable published", "NSNB", "The last ferry leaves twenty "
            "minutes earlier than before."),
            ("/wire/lights", "Lighthouse to be automated", "NSNB", "The keeper retires on the first of "
            "November, after thirty-one years."),
        ),
    ),
    *_pages(
        TRACKER,
        TRACKER_SAYS,
        Expectation(outcome=Outcome.SKIPPED, signal="denylist"),
        (
            ("/", "Counted", "", "One pixel, forty million visitors."),
            ("/pixel", "The pixel", "", "It is transparent, which is more than can be said of its terms."),
        ),
    ),
    BUSY.file("/robots.txt", "The server is busy.\n", status=503),
    *_pages(
        BUSY,
        BUSY_SAYS,
        UNDETERMINED,
        (
            ("/", "Departures", "", "Line 9: every eight minutes. Ferry: every twelve, or fifteen."),
            ("/lines/9", "Line 9", "", "From the hospital to the quay, and back when the driver has had "
            "coffee."),
            ("/fares", "Fares", "", "One zone, one price, one hour."),
        ),
    ),
)  # fmt: skip
