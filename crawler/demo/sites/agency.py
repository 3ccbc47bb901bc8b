"""agency.example: a photo agency whose terms travel inside the files, with an address to ask at."""

from __future__ import annotations

from crawler.demo.images import xmp
from crawler.demo.place import KEPT, Place, reserved
from crawler.demo.site import Article, Header, Site, json_ld

SITE = Site(
    host="agency.example",
    name="Parallax Pictures",
    tagline="Photographs under licence, from forty photographers in nineteen countries",
    layout="gallery",
    paper="#16181d",
    ink="#f2f0ea",
    accent="#f0b25a",
    nav=(
        ("/", "New"),
        ("/stock/skyline", "Cities"),
        ("/stock/desert", "Landscapes"),
        ("/licence", "Licences"),
        ("/staff", "Desk"),
    ),
    aside="Desk: +44 20 7946 0991",
    imprint="Parallax Pictures Ltd. Licences: licences@agency.example.",
)

_LICENSOR = (
    "<plus:Licensor><rdf:Seq><rdf:li rdf:parseType='Resource'>"
    "<plus:LicensorName>Parallax Pictures Ltd</plus:LicensorName>"
    "<plus:LicensorEmail>licences@agency.example</plus:LicensorEmail>"
    "<plus:LicensorURL>http://agency.example/licence</plus:LicensorURL>"
    "</rdf:li></rdf:Seq></plus:Licensor>"
    "<xmpRights:WebStatement xmlns:xmpRights='http://ns.adobe.com/xap/1.0/rights/'>"
    "http://agency.example/licence</xmpRights:WebStatement>"
)


def _credit(creator: str) -> str:
    return (
        "<dc:creator xmlns:dc='http://purl.org/dc/elements/1.1/'>"
        f"<rdf:Seq><rdf:li>{creator}</rdf:li></rdf:Seq></dc:creator>"
        "<photoshop:Credit xmlns:photoshop='http://ns.adobe.com/photoshop/1.0/'>"
        f"{creator} / Parallax Pictures</photoshop:Credit>"
    )


def _object(file: str, name: str, creator: str) -> str:
    """The structured data by which search engines show that a picture can be licensed."""
    return json_ld(
        {
            "@context": "https://schema.org",
            "@type": "ImageObject",
            "contentUrl": file,
            "name": name,
            "creator": {"@type": "Person", "name": creator},
            "creditText": f"{creator} / Parallax Pictures",
            "license": "http://agency.example/licence",
            "acquireLicensePage": f"http://agency.example/licence?picture={name.replace(' ', '-').lower()}",
        }
    )


def _stock(
    name: str, title: str, creator: str, alt: str, words: str, says: str, *headers: Header, file: str
) -> Article:
    return Article(
        path=f"/stock/{name}",
        title=title,
        author=creator,
        date="2026-07-01",
        says=says,
        head=_object(f"/pictures/{file}", title, creator),
        headers=headers,
        words=f"{words}\n\n! {name} | {alt} | {creator} / Parallax Pictures",
    )


OPEN_PAGE = "nothing about this page."
FRONT = Article(
    path="/",
    title="This week at Parallax",
    says=OPEN_PAGE + " Pictures carry their terms inside, as IPTC and PLUS metadata, and name whom to ask.",
    words="""
Captions are free, pictures are licensed. Every file that leaves our server says so itself: who made it, whom
to credit, and whether it may be mined. Since the standard of 2023 there is a field for that, and we fill it
in for every picture, also when the answer is yes.

Picture editors find a licence page behind every picture. Builders of data sets find the same page and are
asked to use it.
""",
)

PAGES = (
    _stock(
        "skyline",
        "Evening over the new town",
        "Ravi Menon",
        "City skyline in front of an orange sky",
        "Menon waited on the roof of a car park for four evenings until the haze stood exactly between "
        "the towers and "
        "the sun. The attendant brought him tea on the third and asked to see the picture on the fourth.",
        OPEN_PAGE
        + " Inside the picture: plus:DataMining = DMI-PROHIBITED-AIMLTRAINING, with the licensor's address.",
        file="skyline-480x320.jpg",
    ),
    _stock(
        "desert",
        "Cactus country",
        "Ines Coelho",
        "Red desert with cacti in front of a low sun",
        "The road ends here, and the picture begins twenty metres after it. Coelho works with one lens "
        "and carries "
        "water for two days, which is why her deserts are always photographed in the morning of the second.",
        OPEN_PAGE
        + " Inside the picture: DMI-PROHIBITED-EXCEPTSEARCHENGINEINDEXING: search may show it, nothing else.",
        file="desert-480x320.jpg",
    ),
    _stock(
        "snowfield",
        "After the plough",
        "Tuuli Laine",
        "Snow-covered hills with dark firs",
        "Laine's winters are made of three tones, and she sets the exposure for the middle one. The "
        "village behind "
        "the trees was cut off for two days; what looks like silence is a generator out of frame.",
        OPEN_PAGE
        + " Inside the picture: DMI-PROHIBITED-SEECONSTRAINT, and the constraint asks to be contacted.",
        file="snowfield-480x320.jpg",
    ),
    _stock(
        "terraces",
        "Rice terraces at nine",
        "Mei Tanaka",
        "Green terraces in morning light",
        "Nine in the morning is late for farmers and early for tourists, and in between there is a "
        "quarter of an hour "
        "in which nobody stands in the picture. Tanaka has spent eleven of those quarters here.",
        OPEN_PAGE
        + " A constraint in the picture's metadata says in words that it may not be used for AI training.",
        file="terraces-480x320.jpg",
    ),
    _stock(
        "forest",
        "Fog, with firs",
        "Tuuli Laine",
        "Firs in thick fog",
        "A picture about a missing background. The client wanted room for a headline and got two thirds "
        "of a page.",
        OPEN_PAGE + " The picture is offered at a price: its answer says crawler-price: EUR 0.05.",
        file="forest-480x320.webp",
    ),
    _stock(
        "lake",
        "Six in the morning",
        "Joao Prata",
        "A pink lake with blue hills",
        "Prata slept in the boat. The light lasted for seven minutes, and he used five of them to wake up.",
        OPEN_PAGE + " Inside the picture: an unknown code, DMI-PROHIBITED-ANY, which can only be read as a no.",
        file="lake-480x320.webp",
    ),
    _stock(
        "village",
        "Roofs of Aldermoor",
        "Ingrid Berg",
        "Houses with red roofs between green hills",
        "The last picture of the old bakery with its chimney. Berg gave it away: anybody may use it, for "
        "anything.",
        OPEN_PAGE
        + " The picture says DMI-ALLOWED and names its terms; that permits nothing by itself, but nothing "
        "is reserved either.",
        file="village-480x320.jpg",
    ),
    Article(
        path="/licence",
        title="How to get a licence",
        listed=False,
        says=OPEN_PAGE,
        words="""
Choose a picture, tell us what for, and we answer within a working day. Newspapers pay by circulation, books
by print run, web sites by month. Charities pay half, schools nothing.

| use | unit | price |
| newspaper, inside page | one issue | 85.00 EUR |
| web site | one month | 40.00 EUR |
| book | 5,000 copies | 190.00 EUR |
| training of models | one picture, one model | 0.05 EUR, from 10,000 pictures |

For data sets we prefer a conversation to a form: licences@agency.example.
""",
    ),
    Article(
        path="/staff",
        title="People behind the desk",
        listed=False,
        says=OPEN_PAGE,
        words="""
Three editors, one accountant, and a dog who has appeared in two hundred and six pictures without a model
release.

! ingrid | Portrait of a woman with fair hair | Ingrid Berg, picture desk.

! tomas | Portrait of a man with grey hair | Tomas Hradil, licences.
""",
    ),
)


def _packet(key: str, creator: str, extra: str = "") -> bytes:
    return xmp(key, extra=_LICENSOR + _credit(creator) + extra)


def _constraint(words: str) -> str:
    item = f"<rdf:li xml:lang='x-default'>{words}</rdf:li>"
    return f"<plus:OtherConstraints><rdf:Alt>{item}</rdf:Alt></plus:OtherConstraints>"


PLACES: tuple[Place, ...] = SITE.whole(
    FRONT,
    PAGES,
    (
        SITE.picture("skyline", reserved("iptc"), packet=_packet("DMI-PROHIBITED-AIMLTRAINING", "Ravi Menon")),
        SITE.picture(
            "desert",
            reserved("iptc"),
            packet=_packet("DMI-PROHIBITED-EXCEPTSEARCHENGINEINDEXING", "Ines Coelho"),
        ),
        SITE.picture(
            "snowfield",
            reserved("iptc"),
            packet=_packet(
                "DMI-PROHIBITED-SEECONSTRAINT",
                "Tuuli Laine",
                _constraint("Mining only with a written licence."),
            ),
        ),
        SITE.picture(
            "terraces",
            reserved("iptc"),
            packet=_packet("", "Mei Tanaka", _constraint("Not to be used for AI training or data mining.")),
        ),
        SITE.picture("forest", reserved("http-status"), ("crawler-price", "EUR 0.05")),
        SITE.picture("lake", reserved("iptc"), packet=_packet("DMI-PROHIBITED-ANY", "Joao Prata")),
        SITE.picture("village", KEPT, packet=_packet("DMI-ALLOWED", "Ingrid Berg")),
        SITE.picture("ingrid"),
        SITE.picture("tomas"),
        SITE.file(
            "/.well-known/security.txt",
            "Contact: mailto:licences@agency.example\nExpires: 2030-01-01T00:00:00Z\n",
        ),
    ),
)
