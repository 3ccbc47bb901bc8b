"""library.example: a university library; TDMRep in a file, headers, metas, documents and a picture."""

from __future__ import annotations

from crawler.demo.documents import epub, pdf
from crawler.demo.images import manifest, xmp
from crawler.demo.place import KEPT, LICENSED, Place, reserved
from crawler.demo.site import Article, Site

SITE = Site(
    host="library.example",
    name="Alder University Library",
    tagline="Catalogue · Journals · Theses · Special collections",
    layout="office",
    paper="#fbfbfd",
    ink="#1c2433",
    accent="#274b7a",
    nav=(
        ("/", "Library"), ("/catalogue", "Catalogue"), ("/theses/tides", "Theses"),
        ("/essays/marginalia", "Essays"), ("/special", "Special collections"), ("/tdm", "Mining our holdings"),
    ),
    aside="""
## Opening hours

Monday to Friday 8–22, Saturday 10–18. Reading room by ticket.

## Journals

- [Journal of Coastal Studies 14](/journals/coast-14)
- [Journal of Coastal Studies 15](/journals/coast-15)
- [Annals of Bookbinding 3](/journals/binding-3)

## Our binder

- [M. Adair: bindings](http://closed.example:{port}/bindings)
- [M. Adair: repairs](http://closed.example:{port}/repairs)
""",
    imprint="Alder University Library, Founders' Walk 1. Rights and permissions: tdm@library.example.",
)  # fmt: skip

BY = "https://creativecommons.org/licenses/by/4.0/"
POLICY = "http://library.example/tdm"
OPEN_PAGE = "nothing that stands against it: tdmrep.json speaks of /journals/ only."
JOURNAL = "/.well-known/tdmrep.json reserves /journals/ and names a policy under which mining can be agreed."

FRONT = Article(
    path="/",
    title="A library that answers",
    says=OPEN_PAGE,
    words="""
Eight hundred thousand volumes, eleven kilometres of shelves, one lift. The catalogue is free to everybody and
for everything. What publishers lent us is not ours to give away, and says so by itself, shelf by shelf.

Researchers who want to mine the journals find the conditions under *Mining our holdings*. Most requests are
granted within a week, and the rest are answered.
""",
)

PAGES = (
    Article(
        path="/catalogue",
        title="The catalogue, as open data",
        says="a response header, tdm-reservation: 0: not reserved.",
        headers=(("tdm-reservation", "0"),),
        words="""
Two million records, exported every night. Titles, names, dates, call numbers, and the handwriting of four
generations of cataloguers, who disagreed about the abbreviation for *anonymous*.

| format | records | updated |
| MARC | 2,041,377 | nightly |
| Dublin Core | 2,041,377 | nightly |
| printed cards, scanned | 611,020 | never again |

Corrections are welcome. The record for the *Herbal of 1613* has been corrected eighty-one times and is still
wrong.
""",
    ),
    Article(
        path="/journals/coast-14",
        title="Journal of Coastal Studies 14",
        expect=reserved("tdmrep"),
        says=JOURNAL,
        date="2025-12-01",
        words="Twelve articles on silt, salt and the people between them.",
    ),
    Article(
        path="/journals/coast-15",
        title="Journal of Coastal Studies 15",
        expect=reserved("tdmrep"),
        says=JOURNAL,
        date="2026-06-01",
        words="Nine articles on wind, and a correction to issue 14.",
    ),
    Article(
        path="/journals/binding-3",
        title="Annals of Bookbinding 3",
        expect=reserved("tdmrep"),
        says=JOURNAL,
        date="2026-03-01",
        words="Glue, its uses and regrets. With forty plates.",
    ),
    Article(
        path="/theses/tides",
        title="Tidal memory: gauges and grandmothers",
        author="Karim Aziz",
        date="2026-05-30",
        expect=reserved("tdmrep"),
        says="a response header, TDM-Reservation: 1, with a policy beside it.",
        headers=(("TDM-Reservation", "1"), ("TDM-Policy", POLICY)),
        words="""
Abstract. Tide gauges agree with each other; grandmothers agree with the gauges, except about 1953. This
thesis asks why, in forty interviews and one flood model.
""",
    ),
    Article(
        path="/theses/ink",
        title="Iron gall ink under ultraviolet light",
        author="Anna Brandt",
        date="2026-04-18",
        expect=reserved("tdmrep"),
        says="a response header, tdm-reservation: true. The value should be 1, but what is meant is "
        "plain: recovered.",
        headers=(("tdm-reservation", "true"),),
        words="Abstract. What was erased can be read; what was never written cannot. Seventy folios, one lamp.",
    ),
    Article(
        path="/essays/marginalia",
        title="Marginalia: the readers before us",
        author="Tomas Hradil",
        date="2026-01-22",
        expect=reserved("tdmrep"),
        says="a meta tag, tdm-reservation 1, with a tdm-policy; both are read onto the picture too.",
        head=f'<meta name="tdm-reservation" content="1"><meta name="tdm-policy" content="{POLICY}">',
        words="""
Somebody in 1702 disliked this book very much, and was too polite to stop reading. His pencil gets shorter
from chapter to chapter.

! manuscript | A manuscript page with a blue initial | Fol. 12r, with the hand of the reader we call Grumble.
""",
    ),
    Article(
        path="/special",
        title="Special collections: prints and shells",
        date="2026-08-14",
        says=OPEN_PAGE + " Inside the etching stands tdm:reservation 1; the shell is free.",
        words="""
The cabinet of Dean Whitlock came to us in 1791 with the condition that it be kept together, which it was, and
dusted, which it was not. Prints are shown in the north room, shells in the drawers beneath them.

! plate | An etching with dense hatching | *View with hill*, about 1780. Inside the file: tdm:reservation = 1.

! shell | A spiral shell, white and brown | Drawer 14, number 3, label lost.

Photography is allowed without flash, and drawing is encouraged: pencils are on the table.
""",
    ),
    Article(
        path="/reports",
        title="Reports and books to download",
        date="2026-09-01",
        says=OPEN_PAGE + " The documents speak for themselves: two are free, the others reserved or locked.",
        words="""
Everything that the library has written about itself since 1998, and three books from our own press.

- [Annual report](/files/annual-report.pdf), free
- [Survey of the stacks](/files/survey.pdf), reserved in the metadata of the PDF
- [Tales from the stacks](/files/tales.epub), under CC BY 4.0, in the package of the book
- [A history of the lift](/files/lift.epub), reserved in the package of the book
- [The catalogue thief](/files/thief.epub), lent by its publisher under lock and key
- [Letters of a librarian](/files/letters.epub), with a manifest that allows no data mining
- [Atlas of the reading room](/files/atlas.epub), licensed for search only, in its package

The lift, as readers of the second will learn, was bought second-hand.
""",
    ),
    Article(
        path="/tdm",
        title="Mining our holdings",
        says=OPEN_PAGE,
        words="""
Write to tdm@library.example and say what you want to count. For members of universities the answer is yes,
for the price of the disks. For everybody else it is a contract of two pages, written by a lawyer who reads
novels.
""",
    ),
)

_TDM = '<meta property="tdm:reservation">1</meta>'
_RSL = (
    '<rsl xmlns="https://rslstandard.org/rsl"><content url="http://library.example/files/atlas.epub"><license>'
    '<permits type="usage">search</permits></license></content></rsl>'
)

PLACES: tuple[Place, ...] = SITE.whole(
    FRONT,
    PAGES,
    (
        SITE.file(
            "/.well-known/tdmrep.json",
            '[{"location": "/journals/", "tdm-reservation": 1, "tdm-policy": "http://library.example/tdm"}]',
            "application/json",
        ),
        SITE.picture("manuscript", reserved("tdmrep")),
        SITE.picture("plate", reserved("tdmrep"), packet=xmp(extra="<tdm:reservation>1</tdm:reservation>")),
        SITE.picture("shell"),
        SITE.file_of("/files/annual-report.pdf", pdf("Annual report", xmp()), KEPT),
        SITE.file_of(
            "/files/survey.pdf",
            pdf("Survey of the stacks", xmp(extra="<tdm:reservation>1</tdm:reservation>")),
            reserved("tdmrep"),
        ),
        SITE.file_of(
            "/files/tales.epub", epub("Tales from the stacks", f"<dc:rights>{BY}</dc:rights>"), LICENSED
        ),
        SITE.file_of("/files/lift.epub", epub("A history of the lift", _TDM), reserved("tdmrep")),
        SITE.file_of(
            "/files/thief.epub",
            epub("The catalogue thief", files={"META-INF/license.lcpl": "{}"}),
            reserved("document-locks"),
        ),
        SITE.file_of(
            "/files/letters.epub",
            epub(
                "Letters of a librarian",
                files={"META-INF/content_credential.c2pa": manifest({"cawg.data_mining": "notAllowed"})},
            ),
            reserved("c2pa"),
        ),
        SITE.file_of("/files/atlas.epub", epub("Atlas of the reading room", _RSL), reserved("rsl")),
    ),
)
