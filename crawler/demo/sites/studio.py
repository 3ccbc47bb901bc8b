"""studio.example: an illustrator whose ai.txt speaks of pictures only; and manifests that lie elsewhere."""

from __future__ import annotations

from crawler.demo.drawings import chart_of_coast, size
from crawler.demo.images import manifest
from crawler.demo.place import Place, reserved
from crawler.demo.site import Article, Site

SITE = Site(
    host="studio.example",
    name="Studio Okapi",
    tagline="Illustration, maps and lettering",
    layout="gallery",
    paper="#fff8f0",
    ink="#2b2118",
    accent="#c2541b",
    nav=(("/index.html", "Work"), ("/maps.html", "Maps"), ("/process.html", "Process"), ("/films", "Film")),
    aside="Two desks, one okapi.",
    imprint="Studio Okapi, Mei Lindqvist and João Prata. Commissions: hello@studio.example.",
)

SAYS = "ai.txt disallows *.png, *.jpg and *.svg and allows *.html: the words are free, the pictures are not."
FRONT = Article(
    path="/index.html",
    title="Pictures for things that are hard to photograph",
    says=SAYS,
    words="""
We draw what cannot be photographed: the inside of a volcano, a town before it was built, a feeling about a
bank. Most of it ends in books, some of it on walls, and one of it on a tram.

! circles | Sixteen squares with coloured circles | *Sixteen neighbours*, end paper for a children's book,
  2026.

We say yes to slow work and no to Mondays. If you write, tell us what the picture is for before you tell us
what is to be on it.
""",
)

PAGES = (
    Article(
        path="/maps.html",
        title="Maps of places that are not there",
        author="Mei Lindqvist",
        date="2026-04-11",
        says=SAYS,
        words="""
A map is an argument about what matters. For novels we draw what the characters know, not what the author
knows, and leave the rest of the sheet empty; readers fill it in better than we could.

! coast-480x300.svg | Map of an invented coast with two rivers and an island | The coast in chapter four.

First the water, then the ways across it, and only then the names. If a name does not fit, we move the town.
""",
    ),
    Article(
        path="/process.html",
        title="From pencil to plate",
        author="João Prata",
        date="2026-02-27",
        says=SAYS,
        words="""
Everything begins at the size of a stamp. If it does not work that small, it will not work as a poster, and a
stamp takes four minutes. We make thirty, keep three, and show one.

! confetti | Coloured shapes on violet | Colour test for a festival; the client took the first one.

Then tracing paper, then ink, then a night's sleep. In the morning half of the lines can go.
""",
    ),
    Article(
        path="/people.html",
        title="Who draws here",
        says=SAYS,
        words="""
Mei letters and keeps the books. João draws animals and breaks the printer. We met over the same mistake in an
atlas.

! mei | Portrait of a woman with short black hair | Mei, drawn by João.

! joao | Portrait of a man with long dark hair | João, drawn by Mei, who says it is flattering.
""",
    ),
    Article(
        path="/films",
        title="Animated: four seconds of rain",
        expect=reserved("c2pa"),
        says="a Link header names a manifest that lies elsewhere; it is fetched, and says notAllowed.",
        headers=(("Link", '<http://studio.example:{port}/credentials.c2pa>; rel="c2pa-manifest"'),),
        words="Forty-eight drawings, one cloud. The storyboard of our only film, with notes on every frame.",
    ),
    Article(
        path="/lettering",
        title="Lettering for a bakery",
        expect=reserved("c2pa"),
        says="a link element in the head names a manifest that lies elsewhere; it does not allow data mining.",
        head='<link rel="c2pa-manifest" href="/credentials.c2pa">',
        words="Nine letters, one wheat ear, and a baker who wanted the R to look as though it had just "
        "come out.",
    ),
)

PLACES: tuple[Place, ...] = SITE.whole(
    FRONT,
    PAGES,
    (
        SITE.file(
            "/ai.txt", "User-Agent: *\nDisallow: *.png\nDisallow: *.jpg\nDisallow: *.svg\nAllow: *.html\n"
        ),
        SITE.file("/credentials.c2pa", manifest({"cawg.data_mining": "notAllowed"}), "application/c2pa"),
        SITE.picture("circles", reserved("ai-txt")),
        SITE.picture("confetti", reserved("ai-txt")),
        SITE.picture("mei"),
        SITE.picture("joao", reserved("ai-txt")),
        SITE.drawing(
            size("coast"),
            chart_of_coast(
                "The coast", {"Skerrow": (120, 120), "Old Quay": (250, 150), "Lamp Isle": (372, 250)}
            ),
            reserved("ai-txt"),
        ),
    ),
)
