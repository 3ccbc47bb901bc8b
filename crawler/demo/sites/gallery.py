"""gallery.example and cdn.example: words on pages and inside pictures; and a picture host that says nothing."""

from __future__ import annotations

from crawler.demo.images import black, manifest, xmp
from crawler.demo.place import KEPT, Expectation, Place, reserved
from crawler.demo.site import PICTURES, Article, Site
from crawler.optout.model import Outcome

SITE = Site(
    host="gallery.example",
    name="Galerie Nordlicht",
    tagline="Painting and photography since 1987 · Speicherstraße 14",
    layout="gallery",
    paper="#f7f5f2",
    ink="#1d1d22",
    accent="#8a3324",
    nav=(
        ("/", "On view"),
        ("/rooms/agency", "Photographs"),
        ("/rooms/signed", "Credentials"),
        ("/visit", "Visit"),
    ),
    aside="Open Wednesday to Sunday.",
    imprint="Galerie Nordlicht, owned by the artists it shows. Prices and loans on request.",
)
CDN = Site(
    host="cdn.example",
    name="cdn",
    tagline="",
    layout="office",
    paper="#ffffff",
    ink="#000000",
    accent="#000000",
    nav=(),
    aside="",
    imprint="",
)
"""Pictures only; no page of it is ever asked for."""

NOTHING = "nothing about this page. Some rooms and some pictures do say something."
FRONT = Article(
    path="/",
    title="On view: North, slowly",
    says=NOTHING,
    words="""
Eight painters and photographers, one coast. *North, slowly* hangs through the winter in all four rooms, and
it is the first show in which we have let the artists say for themselves, picture by picture, what machines
may do with their work. They did not agree. That is the point of the house.

! ribbons | Interlaced ribbons in teal, coral and yellow | Marit Aune, *Ferry timetable*, 2025. Acrylic on
  canvas, 210 × 300 cm.

Some rooms are closed to data mining by a line in the page, some by a header that no visitor ever sees, some
by words inside the file. Others are open. Look around; below each page stands what it says.
""",
)

PAGES = (
    Article(
        path="/rooms/harbour",
        title="Room 1: Harbour",
        author="Marit Aune",
        date="2026-02-02",
        expect=reserved("robots-meta"),
        says='a robots meta tag with <meta name="robots" content="noai"> reserves the page and its '
        "pictures, also "
        "the one that lies on another host which says nothing itself.",
        head='<meta name="robots" content="noai">',
        words="""
Aune painted the harbour from the same window for a year, at the hour when the cranes stop. The series was
never meant to be shown together; she kept the canvases in the order in which they dried.

! cdn.example:harbour | Harbour at dusk with three cranes and sailing boats | *Harbour, 17:40*, oil on board,
  2024.

What changes is not the harbour but the painter's patience with it. In the spring pictures every rope is
there. By November the water is four strokes, and one of them is a mistake that she left.
""",
    ),
    Article(
        path="/rooms/dunes",
        title="Room 2: Dunes",
        author="Jonas Feld",
        date="2026-02-02",
        says='<meta name="robots" content="noimageai">: the words may be kept, the picture may not.',
        head='<meta name="robots" content="noimageai">',
        words="""
Feld walks, and then he paints what he remembers, which he says is a way to let the unimportant parts blow
away. The dunes are his longest walk: forty kilometres of the same thing, never twice.

! dunes | Yellow dunes under a pale sky | *Third day*, tempera, 2023.

He asked that these texts be free, since they are ours, and that the pictures be not, since they are his. Both
wishes fit into one word in the head of the page.
""",
    ),
    Article(
        path="/rooms/cliffs",
        title="Room 3: Cliffs",
        author="Eirin Dahl",
        date="2026-02-03",
        expect=reserved("robots-meta"),
        says="nothing in the page. The response header X-Robots-Tag: noml reserves it against machine "
        "learning.",
        headers=(("X-Robots-Tag", "noml"),),
        words="""
Dahl's cliffs are built from chalk, glue and the dust of the studio floor, and they weigh what they look like.
The largest of them had to come through the roof.
""",
    ),
    Article(
        path="/rooms/sketches",
        title="Sketches, not for show",
        expect=reserved("robots-meta"),
        says='<meta name="robots" content="noindex">: what is not to be found is not to be copied either.',
        head='<meta name="robots" content="noindex">',
        words="""
These sheets are here for the conservators: condition, paper, pins. They were never meant to be found, and we
ask search engines to leave them out.
""",
    ),
    Article(
        path="/rooms/archive",
        title="The archive, no copies please",
        expect=reserved("robots-meta"),
        says='<meta name="robots" content="noarchive">: no copy is to be kept.',
        head='<meta name="robots" content="noarchive">',
        words="""
Invitations, price lists and quarrels from thirty-nine years. You are welcome to read them here, on this page,
for as long as it stands.
""",
    ),
    Article(
        path="/rooms/shared",
        title="Room 4: Harbour again",
        author="Lena Ortiz",
        date="2026-03-12",
        says="nothing about this page. Of its three pictures one is reserved by another room, one is "
        "reserved by a "
        "header at another address where the very same file lies, and one is free.",
        words="""
Ortiz photographed Aune's harbour while Aune painted it, and the two have not spoken about it since. We hang
them back to back.

! cdn.example:harbour | Harbour at dusk with three cranes and sailing boats | Aune's painting, as shown in
  room 1.

! cdn.example:wharf | A wharf on wooden piles under a grey sky | *The other side*, silver print, 2024.

! brush | Broad brush strokes on orange | Ortiz, *Curtain*. On our server it comes with a header that reserves
  it.

! cdn.example:/mirror/brush.jpg | The same brush strokes | The very same file, where no header says anything.
""",
    ),
    Article(
        path="/rooms/agency",
        title="Photographs from the coast",
        date="2026-04-20",
        says="nothing about this page. Inside the first picture stands plus:DataMining = DMI-PROHIBITED, "
        "inside the "
        "second DMI-ALLOWED, inside the third a refusal of generative training only.",
        words="""
Three photographers, three answers to the same question in the metadata panel. The field is called *Data
Mining*, it is part of the IPTC standard, and it travels with the file wherever the file goes.

! lighthouse | A lighthouse with a red and white tower at dusk | Ines Coelho, *Last keeper*: data mining
  prohibited.

! island | Palm trees on an island in a turquoise sea | Ines Coelho, *First holiday*: data mining allowed.

! night | A city skyline at night with a moon | Ravi Menon, *Shift change*: no generative training.
""",
    ),
    Article(
        path="/rooms/signed",
        title="Content credentials",
        date="2026-04-22",
        says="nothing about this page. The manifests inside the pictures speak: one allows no generative "
        "training, "
        "one no data mining, one only asks that terms be agreed.",
        words="""
A content credential is a signed note inside the picture: who made it, with what, and what was done to it
since. Our photographers use the same note to say what may be done with it next.

! mosaic | Concentric squares in red, white and blue | Yara Haddad, *Target, softened*. Not for generative
  training.

! glacier | White glacier under a blue sky | Yara Haddad, *Receding*. Not for data mining.

! grid | A grid of red, blue and yellow fields | Yara Haddad, *After P. M.* For training on agreed terms only.
""",
    ),
    Article(
        path="/rooms/marked",
        title="Marked by a header",
        says="nothing about this page. The first picture is served with X-Robots-Tag: noai, noimageai; "
        "the page links "
        "to the full size of the second, which nothing reserves.",
        words="""
The server of the studio was set up by a nephew, who put one line into its configuration and went back to
university. It has protected every poster since.

! rays | Rays in red, orange and blue around a pale sun | Poster for the summer show, 1994.

! mask | A carved wooden mask | Stage mask from the same production.
""",
    ),
    Article(
        path="/rooms/poster",
        title="A very large poster",
        says="nothing about this page. The picture is a small file that unfolds into 400 megapixels, so "
        "nobody opens "
        "it, and what cannot be read is not kept.",
        words="""
The banner for the façade was printed from a single file, four hundred million pixels of black. It took the
printer a night, and a conservator later called it the most honest work in the collection.

! /pictures/poster-20000x20000.png | A black square | *Untitled (façade)*, 2019.
""",
    ),
    Article(
        path="/visit",
        title="Visiting the gallery",
        says=NOTHING,
        words="""
Four rooms, one staircase, no lift until the spring; ring the lower bell and we bring the pictures down to
you. Admission is free on Wednesdays. Children draw on the back wall, and the best of it stays for a month.

! fields | Three soft fields of orange and violet | The reading room, seen from the stairs.

! tide | Three soft fields of green | Its ceiling, for those who lie down.
""",
    ),
)

PLACES: tuple[Place, ...] = (
    *SITE.whole(
        FRONT,
        PAGES,
        (
            SITE.picture("ribbons"),
            SITE.picture("dunes", reserved("robots-meta")),
            SITE.picture("lighthouse", reserved("iptc"), packet=xmp("DMI-PROHIBITED")),
            SITE.picture("island", KEPT, packet=xmp("DMI-ALLOWED")),
            SITE.picture("night", reserved("iptc"), packet=xmp("DMI-PROHIBITED-GENAIMLTRAINING")),
            SITE.picture(
                "mosaic", reserved("c2pa"), store=manifest({"cawg.ai_generative_training": "notAllowed"})
            ),
            SITE.picture("glacier", reserved("c2pa"), store=manifest({"cawg.data_mining": "notAllowed"})),
            SITE.picture("grid", reserved("c2pa"), store=manifest({"cawg.ai_training": "constrained"})),
            SITE.picture("rays", reserved("robots-meta"), ("X-Robots-Tag", "noai, noimageai")),
            SITE.picture("brush", reserved("robots-meta"), ("X-Robots-Tag", "noai")),
            SITE.picture("mask"),
            SITE.picture("fields"),
            SITE.picture("tide"),
            SITE.file_of(
                PICTURES + "poster-20000x20000.png",
                black(20_000, 20_000),
                Expectation(outcome=Outcome.UNDETERMINED, signal="oversize"),
            ),
        ),
    ),
    CDN.picture("harbour", reserved("robots-meta")),
    CDN.picture("wharf"),
    CDN.picture("brush", path="/mirror/brush.jpg"),
)
