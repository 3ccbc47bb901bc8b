"""atelier.example: a printmaker; RSL by header, link element, script, feed and inside a picture."""

from __future__ import annotations

from dataclasses import replace

from crawler.demo.images import xmp
from crawler.demo.place import Place, feed, licence, prohibits, reserved
from crawler.demo.site import Article, Site

SITE = Site(
    host="atelier.example",
    name="Atelier Weiss",
    tagline="Etchings, woodcuts, linocuts",
    layout="gallery",
    paper="#f3efe6",
    ink="#22201c",
    accent="#7a3a1f",
    serif=True,
    nav=(("/", "Atelier"), ("/technique", "Technique"), ("/paper", "Paper"), ("/feed.xml", "New works")),
    aside="By appointment.",
    imprint="Atelier Weiss, Hannah Weiss. Reproduction rights: Bildrecht-Verein, licence@atelier.example.",
)

TERMS = licence(prohibits("/etching"), prohibits("/woodcut"))
LINK = '<http://atelier.example:{port}/licence.xml>; rel="license"; type="application/rsl+xml"'
_WOODCUT = Article(
    path="/woodcut",
    title="Woodcut: Standing waves",
    author="Hannah Weiss",
    date="2026-01-15",
    expect=reserved("rsl"),
    says="a link element in the head names an RSL licence that prohibits AI uses of /woodcut and of what "
    "it shows. The "
    "very same page lies at /print-room/woodcut, of which the licence does not speak: same bytes, same answer.",
    head='<link rel="license" type="application/rsl+xml" href="http://atelier.example:{port}/licence.xml">',
    words="""
Pear wood, black only, edition of twelve. Cut in eleven evenings with the radio on; the place where the storm
warning came can be seen at the lower left.

! woodcut | Black lines that swell into waves | *Standing waves*, 2026, 34 × 44 cm.
""",
)

OPEN_PAGE = "nothing about this page: the licence document of the atelier names single works."
_PAPER_TERMS = (
    '<rsl:rsl xmlns:rsl="https://rslstandard.org/rsl"><rsl:content '
    'url="http://atelier.example/print"><rsl:license>'
    '<rsl:permits type="usage">ai-train</rsl:permits><rsl:payment type="use"><rsl:amount currency="EUR">4.00'
    "</rsl:amount></rsl:payment></rsl:license></rsl:content></rsl:rsl>"
)

FRONT = Article(
    path="/",
    title="Printed by hand, in small numbers",
    says=OPEN_PAGE,
    words="""
A print is a decision that can be repeated, though never quite. This workshop has one press, built in 1911 for
wedding invitations, and it has opinions about the weather.

Editions are of twelve, twenty or thirty, and numbered in pencil. When the edition is sold the plate is cut
across, and the halves are given to the first and to the last buyer. The [print room](/print-room/woodcut)
shows what is left.
""",
)

PAGES = (
    Article(
        path="/etching",
        title="Etching: The hill before the rain",
        author="Hannah Weiss",
        date="2026-03-30",
        expect=reserved("rsl"),
        says="a Link header names an RSL licence that prohibits AI uses of this work. Its address is "
        "http where RSL asks "
        "for https: a slip, so what it says is *recovered*.",
        headers=(("Link", LINK),),
        words="Zinc, two bites, edition of twenty. The rain came during the second bite and is in the picture.",
    ),
    _WOODCUT,
    replace(_WOODCUT, path="/print-room/woodcut", expect=reserved("same-bytes"), listed=False),
    Article(
        path="/linocut",
        title="Linocut: Allotments",
        author="Hannah Weiss",
        date="2025-11-02",
        expect=reserved("rsl"),
        says="a script element in the page holds an RSL licence that prohibits AI uses.",
        head=f'<script type="application/rsl+xml">{licence(prohibits(""))}</script>',
        words="""
Linoleum is warm, patient and smells of kitchens. Green, one block, edition of thirty.

! linocut | Green lines that swell like fields | *Allotments*, 2025, 36 × 30 cm.
""",
    ),
    Article(
        path="/technique",
        title="Ground, needle, acid",
        author="Hannah Weiss",
        date="2025-09-21",
        says=OPEN_PAGE + " The proof shown here carries an RSL licence inside, with a price.",
        words="""
Wax keeps the acid off the plate. The needle takes the wax away, and where it was, the acid bites. That is all
of etching; the rest is waiting, and knowing when to stop.

! print | Concentric tiles from yellow to violet | Colour proof, with its licence inside the file.

I count aloud. Forty for a grey, ninety for a black, and two hundred for a line that can be felt with a finger
on the back of the sheet.
""",
    ),
    Article(
        path="/paper",
        title="Where the paper comes from",
        author="Hannah Weiss",
        date="2025-08-10",
        says=OPEN_PAGE,
        words="""
From a mill with one vat and three people, two of whom are married. Cotton and a little flax, sized with
gelatine, dried on wool. It drinks ink the way a good guest drinks wine: gladly, and not at once.

! etching | A hill drawn with fine lines | A proof on thin paper.

! strata | Layers of brown and cream | Test strips, stacked.
""",
    ),
)

PLACES: tuple[Place, ...] = SITE.whole(
    FRONT,
    PAGES,
    (
        SITE.file("/licence.xml", TERMS, "application/rsl+xml"),
        SITE.picture("woodcut", reserved("rsl")),
        SITE.picture("linocut", reserved("rsl")),
        SITE.picture("print", reserved("rsl"), packet=xmp(extra=_PAPER_TERMS)),
        SITE.picture("strata"),
        SITE.picture("etching"),
        Place(
            host=SITE.host,
            path="/feed.xml",
            answer=feed(
                "New works",
                (
                    "http://atelier.example:{port}/new",
                    '<rsl:content url="http://atelier.example:{port}/new"><rsl:license>'
                    '<rsl:prohibits type="usage">ai-all</rsl:prohibits></rsl:license></rsl:content>',
                ),
            ),
        ),
        SITE.page(
            Article(
                path="/new",
                title="New: Night bus",
                expect=reserved("rsl"),
                says="nothing here: only the feed that leads here says that AI uses are prohibited.",
                words="Aquatint, not yet numbered. The bus is imagined; the tiredness is not.",
            )
        ),
    ),
)
