"""market.example: a shop whose product pages are licensed at a price, by RSL named in robots.txt."""

from __future__ import annotations

from crawler.demo.place import KEPT, Place, reserved
from crawler.demo.site import Article, Site

SITE = Site(
    host="market.example",
    name="Hearth & Handle",
    tagline="Useful things, made slowly",
    layout="shop",
    paper="#faf7f2",
    ink="#2a2622",
    accent="#2f6f5a",
    nav=(("/", "Shop"), ("/journal/mugs", "Journal"), ("/journal/oil", "Care"), ("/delivery", "Delivery")),
    aside="## Basket\n\nYour basket is empty.\n\n## Open\n\nTuesday to Saturday, Mill Lane 8.",
    imprint="Hearth & Handle Ltd., Mill Lane 8, Aldermoor. Licensing of texts and pictures: "
    "rights@market.example.",
)

LICENCE = """<rsl xmlns="https://rslstandard.org/rsl" max-age="7">
<content url="/products/" lastmod="2026-06-01T00:00:00Z">
<license>
<permits type="usage">ai-train ai-input</permits>
<payment type="training"><custom>http://market.example/licensing</custom>
<amount currency="EUR">0.02</amount></payment>
</license>
<license><permits type="usage">search</permits><payment type="free"/></license>
<copyright type="organization" contactEmail="rights@market.example">Hearth &amp; Handle Ltd.</copyright>
</content>
</rsl>
"""

OPEN_PAGE = "nothing that stands against it: the licence that robots.txt names speaks of /products/ only."
PRICED = (
    "robots.txt names an RSL licence. For /products/ it asks 0.02 EUR for training; search is free. We "
    "pay nothing, so "
    "the page is left where it is. (The licence has an http address where RSL asks for https: *recovered*.)"
)

# Path, name, price, pictured, text.
GOODS = (
    ("mug", "Morning mug", "18.00", True, "Holds what a morning needs. Stoneware, glazed inside and out, "
    "thrown by "
     "hand in batches of forty, of which thirty-six usually agree with each other."),
    ("teapot", "Teapot for four", "64.00", True, "It does not drip. We poured eleven litres before we "
    "dared to write "
     "that sentence. The lid stays on at every angle at which tea is still polite."),
    ("lamp", "Desk lamp", "120.00", True, "A brass stem, a linen shade, and a switch with a sound you "
    "will look "
     "forward to. Takes one bulb, sold with it, replaceable without tools."),
    ("chair", "Kitchen chair", "210.00", True, "Ash, oiled, with a seat of woven cord. The back gives a "
    "little, like a "
     "good listener."),
    ("vase", "Round vase", "42.00", True, "Five stems, no more. The neck is narrow so that flowers stand "
    "as though "
     "they had been asked to."),
    ("bowl", "Salad bowl", "56.00", False, "Turned from one piece of sycamore. Oil it twice a year and "
    "it will be your "
     "grandchildren's problem."),
    ("bag", "Market bag", "88.00", False, "Waxed canvas and one good buckle. Carries a week's "
    "vegetables, or a cat."),
    ("clock", "Station clock", "95.00", False, "A face that can be read from the other end of the "
    "kitchen, and a tick "
     "that cannot be heard from there."),
)  # fmt: skip


def _product(name: str, title: str, price: str, pictured: bool, words: str) -> Article:
    return Article(
        path=f"/products/{name}",
        title=title,
        says=PRICED,
        expect=reserved("rsl"),
        pictured=True,
        data={"@type": "Product", "offers": {"@type": "Offer", "price": price, "priceCurrency": "EUR"}},
        words=(f"! {name} | {title} | {title}, {price} EUR\n\n" if pictured else "")
        + f'<p class="price">€ {price}</p>\n\n{words}',
    )


FRONT = Article(
    path="/",
    title="Spring on the shelves",
    says=OPEN_PAGE + " The product pages have a price.",
    words="""
Forty potters, turners and weavers within a day's ride of the shop. This is what they sent us in March; what
is not here in the morning was sold to somebody who got up earlier.
""",
)

PAGES = (
    Article(
        path="/journal/mugs",
        title="Why our mugs are not the same",
        author="Clara Hume",
        date="2026-03-12",
        says=OPEN_PAGE,
        words="""
A customer sent back a mug because its sister was four millimetres taller. We sent her both a third one and a
letter, and she has since become a potter, or at least has bought a wheel.

Clay shrinks by an eighth on its way to the kiln, and not evenly: the side nearer to the door gets there
first. A factory presses that out of the clay. A person leaves it in, within limits. Ours is five millimetres,
measured with a ring that hangs by the till.

What has to be equal is the handle. Three fingers, no sharp edge, and far enough from the wall that a knuckle
does not touch hot stoneware. Everything else is character.
""",
    ),
    Article(
        path="/journal/oil",
        title="How to oil a board",
        author="Clara Hume",
        date="2026-02-04",
        says=OPEN_PAGE,
        words="""
Wash it, let it dry for a day, and rub in linseed oil with the hand that you like better. Wait twenty minutes.
Wipe off what the wood did not want.

! board | A chopping board of light wood | A board after six years and one careless nephew.

Lay the cloth flat outside to dry and do not crumple it: oily rags warm up by themselves, and more than one
workshop has burned for tidiness.
""",
    ),
    Article(
        path="/delivery",
        title="Delivery and returns",
        listed=False,
        says=OPEN_PAGE,
        words="""
We pack in straw and old newspapers, which customers are known to read first. Parcels leave on Tuesdays and
Fridays. Send back what you do not like within a month, and what breaks at any time.

! stool | A round wooden stool | Too large for the post: collected at the shop.
""",
    ),
)

PLACES: tuple[Place, ...] = SITE.whole(
    FRONT,
    (*(_product(*good) for good in GOODS), *PAGES),
    (
        SITE.file(
            "/robots.txt", "License: http://market.example:{port}/licence.xml\n\nUser-agent: *\nAllow: /\n"
        ),
        SITE.file("/licence.xml", LICENCE, "application/rsl+xml"),
        *(SITE.picture(name) for name, _, _, pictured, _ in GOODS if pictured),
        SITE.picture("board"),
        SITE.picture("stool", KEPT),
    ),
)
