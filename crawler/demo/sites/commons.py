"""commons.example: a museum's open collection; what it licenses matters to those who keep nothing else."""

from __future__ import annotations

from crawler.demo.images import xmp
from crawler.demo.pictures import file_name
from crawler.demo.place import KEPT, LICENSED, Place, reserved
from crawler.demo.site import PICTURES, Article, Site, json_ld

CC = "https://creativecommons.org/"
ZERO, BY, BY_SA, BY_NC = (
    CC + path
    for path in ("publicdomain/zero/1.0/", "licenses/by/4.0/", "licenses/by-sa/4.0/", "licenses/by-nc/4.0/")
)

SITE = Site(
    host="commons.example",
    name="Museum of Ordinary Things",
    tagline="Open collection",
    layout="gallery",
    paper="#f4f1ea",
    ink="#1f2326",
    accent="#1f6f6a",
    nav=(
        ("/", "Collection"),
        ("/object/amphora", "Antiquity"),
        ("/object/beetle", "Nature"),
        ("/visit", "Visit"),
    ),
    aside="Closed on Mondays.",
    imprint="Museum of Ordinary Things, Old Customs House.",
)

UNBOUND = "no licence, and nothing that reserves anything."


def _licensed(url: str) -> str:
    return f'<link rel="license" href="{url}">'


def _picture(name: str, title: str, creator: str, url: str) -> str:
    return json_ld(
        {
            "@context": "https://schema.org",
            "@type": "ImageObject",
            "contentUrl": PICTURES + file_name(name),
            "name": title,
            "creator": {"@type": "Person", "name": creator},
            "license": url,
        }
    )


FRONT = Article(
    path="/",
    title="Things that were used",
    expect=LICENSED,
    says="a link element names CC BY 4.0 for this text. The picture has a licence of its own, CC BY-SA "
    "4.0, in JSON-LD.",
    head=_licensed(BY) + _picture("meadow", "The museum's meadow", "Nina Sand", BY_SA),
    words="""
Kings are well looked after elsewhere. This house keeps what was in everybody's hands: jars, coins, stage
masks, the tile above the stove. Wherever we can, we let you use our texts and pictures, and say so in a way
that machines read as well as people.

! meadow | A meadow with flowers in front of green hills | The meadow behind the customs house. Nina Sand, CC
  BY-SA 4.0

Where a licence is missing we could not find out who took the picture, or could and they said no.
""",
)

PAGES = (
    Article(
        path="/object/amphora",
        title="Amphora with a dented shoulder",
        expect=LICENSED,
        says="CC0 for the text, in a link element; CC0 for the picture, in JSON-LD.",
        head=_licensed(ZERO) + _picture("amphora", "Amphora", "Photo studio of the museum", ZERO),
        words="""
Clay, painted; second century; found in the harbour in three parts and one rumour. It held fish sauce, to
judge by the crust, and was dropped at least once while it was new: the dent was there before the paint.

! amphora | A clay amphora with dark bands | Inventory 1911.204. Photo studio of the museum, CC0

Seven hundred like it lie on the same sandbank. This one came up because a fisherman's anchor liked it.
""",
    ),
    Article(
        path="/object/coin",
        title="Coin of a forgotten mint",
        expect=LICENSED,
        says="CC BY 4.0 for the text, in a response header; CC0 for the picture, in JSON-LD.",
        headers=(("Link", f'<{BY}>; rel="license"'),),
        head=_picture("coin", "Coin", "Photo studio of the museum", ZERO),
        words="""
Bronze, thirty-one millimetres, a head with a nose that its owner must have approved. The mint worked for
eleven months, between two mayors.

! coin | A bronze coin with a head in profile | Inventory 1923.17. CC0
""",
    ),
    Article(
        path="/object/tile",
        title="Tile from above a stove",
        expect=LICENSED,
        says="CC BY-SA 4.0 for the text; CC BY 4.0 for the picture.",
        head=_licensed(BY_SA) + _picture("tile", "Stove tile", "Yara Haddad", BY),
        words="""
Four stars and four circles, repeated until the wall ended. Soot in the glaze shows where the pan stood, and a
lighter corner shows where somebody once hung a calendar.

! tile | A tile with blue circles and orange stars | Photo: Yara Haddad, CC BY 4.0

It was given to us by a family who kept one back.
""",
    ),
    Article(
        path="/object/beetle",
        title="A beetle, pinned in 1888",
        says="two licences for this text, CC BY and CC BY-NC: nobody can tell which holds, so none does. "
        "Kept all the "
        "same, but not as licensed. The picture is under CC BY-NC only.",
        head=_licensed(BY) + _licensed(BY_NC) + _picture("beetle", "Beetle", "Erik Vance", BY_NC),
        words="""
Green in every light but the one in our storeroom. The label says *garden, evening*, which is all the poetry
that the collector ever allowed himself.

! beetle | A green beetle with long antennae | Drawing: Erik Vance, CC BY-NC 4.0
""",
    ),
    Article(
        path="/object/mask",
        title="Mask, wood, from a winter play",
        expect=reserved("robots-meta"),
        says="CC BY 4.0 and noai on the same page. No licence lifts a reservation.",
        head=_licensed(BY) + '<meta name="robots" content="noai">',
        words="""
The community that lent the mask asks that it be looked at, not learned from. We have written that into the
page, below the licence, which was there first.
""",
    ),
    Article(
        path="/object/candles",
        title="Three candles from the blackout",
        says=UNBOUND
        + " The picture carries cc:license in its metadata, which is evidence, and no more unless accepted.",
        words="""
Tallow, hand-dipped, never lit: the war ended on the day they were finished. They were kept in a drawer for
fifty years as one keeps a receipt.

! candles | Three white candles of different height | Inventory 1995.3
""",
    ),
    Article(
        path="/storeroom",
        title="From the storeroom: four things nobody asked for",
        expect=LICENSED,
        author="Nina Sand",
        date="2026-06-24",
        says="CC0 for this text and, in JSON-LD, for three of its pictures; the fourth names no licence.",
        head=_licensed(ZERO)
        + "".join(
            _picture(name, name.title(), "Photo studio of the museum", ZERO)
            for name in ("clock", "bag", "bowl")
        ),
        words="""
A clock that was stopped on purpose. A bag that crossed two borders with nothing in it. A bowl, mended with
wire, that still holds soup. And four books with the owner's name cut out, neatly, with nail scissors.

! clock | A round red clock | From the waiting room of the old quay. CC0

! bag | A brown leather bag | Inventory 1962.9. CC0

! bowl | A green bowl with red fruit | Inventory 1903.44, with fruit from the garden. CC0

! books | Four books in a pile | Gift of an unknown reader.
""",
    ),
    Article(
        path="/visit",
        title="Visit, touch, draw",
        expect=LICENSED,
        says="CC0 for this text, in JSON-LD: the page itself is the node that carries the licence.",
        data={"url": "/visit", "license": ZERO},
        words="""
Half of the collection stands where you can reach it. Wash your hands, take off your rings, and go on. The
other half is behind glass because somebody did not.

! hedge | A hedge between green fields | The way in, between the hedges.
""",
    ),
    Article(
        path="/labels",
        title="How we write labels",
        expect=LICENSED,
        author="Nina Sand",
        date="2026-02-11",
        says="CC BY 4.0 for this text.",
        head=_licensed(BY),
        words="""
Forty words. What it is, who held it, one thing that you would not have noticed. No dates that cannot be felt:
instead of *circa 1780* we write *the year the harbour froze*.

The last rule is to read the label aloud to somebody who is tired. If they look at the thing and not at the
label, it is done.
""",
    ),
)

PLACES: tuple[Place, ...] = SITE.whole(
    FRONT,
    PAGES,
    (
        *(SITE.picture(name, LICENSED) for name in ("meadow", "amphora", "coin", "tile")),
        SITE.picture("beetle", KEPT),
        *(SITE.picture(name, LICENSED) for name in ("clock", "bag", "bowl")),
        SITE.picture("books"),
        SITE.picture("hedge"),
        SITE.picture(
            "candles",
            packet=xmp(extra=f'<cc:license xmlns:cc="http://creativecommons.org/ns#" rdf:resource="{BY}"/>'),
        ),
    ),
)
