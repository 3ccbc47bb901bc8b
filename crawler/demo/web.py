"""The demo web: a handful of hosts on which every signal occurs at least once, as one table.

Every page says in words what is on it; beside every page and image stands what must become of it, so that a
test can hold a crawl against the table. All hosts end in ``.example`` and live on loopback.
"""

from __future__ import annotations

from crawler.demo.answer import Answer, Text, page, redirect, text, typed
from crawler.demo.documents import epub, pdf
from crawler.demo.images import black, gif, jpeg, manifest, png, webp, xmp
from crawler.demo.place import (
    KEPT,
    LICENSED,
    NOT_KEPT,
    SKIPPED,
    UNDETERMINED,
    Expectation,
    Place,
    feed,
    html,
    licence,
    prohibits,
    reserved,
    sitemap,
    table,
)
from crawler.demo.server import LoopbackWeb
from crawler.optout.model import Outcome


def _file(host: str, path: str, body: Text, media_type: str = "text/plain", *, status: int = 200) -> Place:
    """A site-level file or other document that is read, not collected."""
    return Place(host=host, path=path, answer=typed(media_type, body, status=status))


def _page(
    host: str,
    path: str,
    title: str,
    words: str,
    expect: Expectation,
    *headers: tuple[Text, Text],
    head: str = "",
    links: tuple[str, ...] = (),
    pictures: tuple[str, ...] = (),
    status: int = 200,
) -> Place:
    content = html(title, words, head=head, links=links, pictures=pictures)
    return Place(host=host, path=path, answer=page(content, *headers, status=status), expect=expect)


def _document(host: str, path: str, body: bytes, expect: Expectation) -> Place:
    media_type = "application/pdf" if path.endswith(".pdf") else "application/epub+zip"
    return Place(host=host, path=path, answer=typed(media_type, body), expect=expect)


def _image(host: str, path: str, body: bytes, expect: Expectation, *headers: tuple[Text, Text]) -> Place:
    kinds = {"png": "image/png", "gif": "image/gif", "jpg": "image/jpeg", "webp": "image/webp"}
    media_type = kinds[path.rpartition(".")[2]]
    return Place(host=host, path=path, answer=typed(media_type, body, *headers), expect=expect)


PLACES: tuple[Place, ...] = (
    # garden.example: nothing is reserved; pages are found by link, by sitemap and by feed.
    _file(
        "garden.example",
        "/robots.txt",
        "User-agent: *\nAllow: /\nSitemap: http://garden.example:{port}/sitemap.xml\n",
    ),
    _file("garden.example", "/ai.txt", "<!doctype html><p>No such page.</p>", "text/html", status=200),
    _page(
        "garden.example",
        "/",
        "A garden",
        "Nothing on this site is reserved: its robots.txt allows everyone, and nothing else is said.",
        KEPT,
        links=("/roses", "/tools", "/old", "/feed.xml"),
        pictures=("/beds.png",),
    ),
    _image("garden.example", "/beds.png", png(90, 140, 60), KEPT),
    _page("garden.example", "/roses", "Roses", "A free page.", KEPT, pictures=("/rose.jpg",)),
    _image("garden.example", "/rose.jpg", jpeg(170), KEPT),
    _page("garden.example", "/tools", "Tools", "Another free page.", KEPT, pictures=("/spade.gif",)),
    _image("garden.example", "/spade.gif", gif(120, 120, 130), KEPT),
    Place(
        host="garden.example",
        path="/sitemap.xml",
        answer=sitemap("http://garden.example:{port}/pond"),
    ),
    _page("garden.example", "/pond", "A pond", "Only the sitemap knows it.", KEPT, pictures=("/pond.webp",)),
    _image("garden.example", "/pond.webp", webp(60, 110, 150), KEPT),
    Place(
        host="garden.example",
        path="/feed.xml",
        answer=feed("The garden's news", ("http://garden.example:{port}/frost", "")),
    ),
    _page("garden.example", "/frost", "First frost", "Only the feed knows it.", KEPT),
    Place(host="garden.example", path="/old", answer=text("gone", status=410), expect=SKIPPED),
    # gallery.example: words on pages and on images. cdn.example: images only, and it says nothing.
    _page(
        "gallery.example",
        "/",
        "A gallery",
        "The gallery's front page is free; its rooms are not all.",
        KEPT,
        links=(
            "/noai",
            "/noimageai",
            "/noml",
            "/noindex",
            "/shared",
            "/agency",
            "/signed",
            "/marked",
            "/poster",
        ),
    ),
    _page(
        "gallery.example",
        "/noai",
        "Harbour",
        'A robots meta says "noai". The picture lives on another host that says nothing.',
        reserved("robots-meta"),
        head='<meta name="robots" content="noai">',
        pictures=("http://cdn.example:{port}/harbour.png",),
    ),
    _image("cdn.example", "/harbour.png", png(40, 70, 120), reserved("robots-meta")),
    _page(
        "gallery.example",
        "/noimageai",
        "Dunes",
        'A robots meta says "noimageai": the words may be kept, the picture may not.',
        KEPT,
        head='<meta name="robots" content="noimageai">',
        pictures=("/dunes.png",),
    ),
    _image("gallery.example", "/dunes.png", png(220, 190, 130), reserved("robots-meta")),
    _page(
        "gallery.example",
        "/noml",
        "Cliffs",
        'A header says "X-Robots-Tag: noml".',
        reserved("robots-meta"),
        ("X-Robots-Tag", "noml"),
    ),
    _page(
        "gallery.example",
        "/noindex",
        "Sketches",
        'A robots meta says "noindex": what is not to be found is not to be copied either.',
        reserved("robots-meta"),
        head='<meta name="robots" content="noindex">',
    ),
    _page(
        "gallery.example",
        "/shared",
        "Harbour again",
        "This page is free and shows a free picture, and one that another page reserves.",
        KEPT,
        pictures=("http://cdn.example:{port}/harbour.png", "http://cdn.example:{port}/wharf.png"),
    ),
    _image("cdn.example", "/wharf.png", png(130, 90, 60), KEPT),
    _page(
        "gallery.example",
        "/agency",
        "Agency pictures",
        "One picture says inside that data mining is prohibited, the other that it is allowed.",
        KEPT,
        pictures=("/prohibited.jpg", "/allowed.png"),
    ),
    _image("gallery.example", "/prohibited.jpg", jpeg(80, xmp=xmp("DMI-PROHIBITED")), reserved("iptc")),
    _image("gallery.example", "/allowed.png", png(200, 80, 80, xmp=xmp("DMI-ALLOWED")), KEPT),
    _page(
        "gallery.example",
        "/signed",
        "Content credentials",
        "The page is free. The picture's manifest does not allow generative training.",
        KEPT,
        pictures=("/signed.png",),
    ),
    _image(
        "gallery.example",
        "/signed.png",
        png(80, 80, 200, manifest=manifest({"cawg.ai_generative_training": "notAllowed"})),
        reserved("c2pa"),
    ),
    _page(
        "gallery.example",
        "/marked",
        "Marked by a header",
        "The page is free. The picture comes with a header that reserves it.",
        KEPT,
        pictures=("/marked.gif",),
    ),
    _image(
        "gallery.example",
        "/marked.gif",
        gif(90, 20, 90),
        reserved("robots-meta"),
        ("X-Robots-Tag", "noai, noimageai"),
    ),
    _page(
        "gallery.example",
        "/poster",
        "A poster",
        "The page is free. The picture is a small file that unfolds into 400 megapixels.",
        KEPT,
        pictures=("/poster.png",),
    ),
    _image(
        "gallery.example",
        "/poster.png",
        black(20_000, 20_000),
        Expectation(outcome=Outcome.UNDETERMINED, signal="oversize"),
    ),
    # press.example: one robots.txt, many words in it.
    _file(
        "press.example",
        "/robots.txt",
        "User-agent: *\n"
        "Disallow: /drafts/\n"
        "Content-Usage: /opinion/ train-ai=n\n"
        "DisallowAITraining: /letters/\n"
        "NoAI: /cartoons/\n"
        "Allow: /\n"
        "\n"
        "User-agent: GPTBot\n"
        "User-agent: CCBot\n"
        "User-agent: Google-Extended\n"
        "Disallow: /premium/\n",
    ),
    _page(
        "press.example",
        "/",
        "A newspaper",
        "Some sections are free, others are reserved in robots.txt or by a header.",
        KEPT,
        links=(
            "/news/1",
            "/drafts/1",
            "/opinion/1",
            "/letters/1",
            "/cartoons/1",
            "/premium/1",
            "/column",
            "/wire",
            "/short",
        ),
    ),
    _page("press.example", "/news/1", "News", "A free article.", KEPT),
    _page("press.example", "/drafts/1", "A draft", "robots.txt disallows it.", reserved("robots")),
    _page(
        "press.example",
        "/opinion/1",
        "An opinion",
        "robots.txt says Content-Usage: train-ai=n for this section.",
        reserved("content-usage"),
    ),
    _page(
        "press.example",
        "/letters/1",
        "A letter",
        "robots.txt says DisallowAITraining for this section.",
        reserved("disallow-ai-training"),
    ),
    _page(
        "press.example",
        "/cartoons/1",
        "A cartoon",
        "robots.txt has a line NoAI for this section.",
        reserved("noai-lines"),
    ),
    _page(
        "press.example",
        "/premium/1",
        "A long read",
        "robots.txt refuses this section to the crawlers of model makers; we read that onto ourselves.",
        reserved("training-tokens"),
    ),
    _page(
        "press.example",
        "/column",
        "A column",
        "A header says Content-Usage: train-ai=n.",
        reserved("content-usage"),
        ("Content-Usage", "train-ai=n"),
    ),
    _page(
        "press.example",
        "/wire",
        "Agency copy",
        "A header says Content-Signal: ai-train=no.",
        reserved("content-signal"),
        ("Content-Signal", "search=yes, ai-train=no"),
    ),
    Place(
        host="press.example",
        path="/short",
        answer=redirect("/long", ("X-Robots-Tag", "noai"), status=301),
        expect=reserved("robots-meta"),
    ),
    _page("press.example", "/long", "Behind a redirect", "Its redirect says noai.", NOT_KEPT),
    # Three hosts that say one thing about everything they have.
    _file("forum.example", "/robots.txt", "User-agent: *\nContent-Signal: search=yes, ai-train=no\nAllow: /\n"),
    _page(
        "forum.example",
        "/",
        "A forum",
        "robots.txt says Content-Signal: ai-train=no.",
        reserved("content-signal"),
    ),
    _file("closed.example", "/robots.txt", "User-agent: heedful\nDisallow: /\n\nUser-agent: *\nAllow: /\n"),
    _page("closed.example", "/", "A closed door", "robots.txt refuses us by name.", reserved("robots")),
    _file("bureau.example", "/trust.txt", "member=https://press.example/\ndatatrainingallowed=no\n"),
    _page(
        "bureau.example",
        "/",
        "A news bureau",
        "trust.txt says datatrainingallowed=no.",
        reserved("trust-txt"),
    ),
    # busy.example: its rules cannot be had, so nothing of it is asked for.
    _file("busy.example", "/robots.txt", "The server is busy.\n", status=503),
    _page("busy.example", "/", "A busy server", "robots.txt answers 503.", UNDETERMINED),
    # studio.example: ai.txt speaks of images only.
    _file("studio.example", "/ai.txt", "User-Agent: *\nDisallow: *.png\nDisallow: *.jpg\nAllow: *.html\n"),
    _page(
        "studio.example",
        "/index.html",
        "A studio",
        "ai.txt allows text and disallows pictures.",
        KEPT,
        pictures=("/easel.png",),
    ),
    _image("studio.example", "/easel.png", png(160, 60, 110), reserved("ai-txt")),
    # library.example: TDMRep in a file, a header and a meta.
    _file(
        "library.example",
        "/.well-known/tdmrep.json",
        '[{"location": "/journals/", "tdm-reservation": 1, "tdm-policy": "http://library.example/tdm"}]',
        "application/json",
    ),
    _page(
        "library.example",
        "/",
        "A library",
        "The catalogue is free, most shelves are reserved by TDMRep.",
        KEPT,
        links=("/journals/1", "/theses/1", "/essays/1", "/catalogue"),
    ),
    _page("library.example", "/journals/1", "A journal", "tdmrep.json reserves it.", reserved("tdmrep")),
    _page(
        "library.example",
        "/theses/1",
        "A thesis",
        "A header says tdm-reservation: 1.",
        reserved("tdmrep"),
        ("TDM-Reservation", "1"),
        ("TDM-Policy", "http://library.example/tdm"),
    ),
    _page(
        "library.example",
        "/essays/1",
        "An essay",
        "A meta says tdm-reservation 1; it is read onto the picture too.",
        reserved("tdmrep"),
        head='<meta name="tdm-reservation" content="1">',
        pictures=("/plate.png",),
    ),
    _image("library.example", "/plate.png", png(210, 200, 170), reserved("tdmrep")),
    _page(
        "library.example",
        "/catalogue",
        "The catalogue",
        "A header says tdm-reservation: 0.",
        KEPT,
        ("tdm-reservation", "0"),
    ),
    # market.example and atelier.example: RSL by robots.txt, header, link, script and feed.
    _file("market.example", "/robots.txt", "License: http://market.example:{port}/licence.xml\n"),
    _file("market.example", "/licence.xml", licence(prohibits("/")), "application/rsl+xml"),
    _page("market.example", "/", "A market", "robots.txt names a licence that prohibits AI.", reserved("rsl")),
    _file(
        "atelier.example",
        "/licence.xml",
        licence(prohibits("/etching"), prohibits("/woodcut")),
        "application/rsl+xml",
    ),
    _page(
        "atelier.example",
        "/",
        "An atelier",
        "The front page is free, the works are licensed.",
        KEPT,
        links=("/etching", "/woodcut", "/linocut", "/feed.xml"),
    ),
    _page(
        "atelier.example",
        "/etching",
        "An etching",
        "A Link header names a licence that prohibits AI.",
        reserved("rsl"),
        ("Link", '<http://atelier.example:{port}/licence.xml>; rel="license"; type="application/rsl+xml"'),
    ),
    _page(
        "atelier.example",
        "/woodcut",
        "A woodcut",
        "A link element names a licence that prohibits AI.",
        reserved("rsl"),
        head='<link rel="license" type="application/rsl+xml" href="http://atelier.example:{port}/licence.xml">',
    ),
    _page(
        "atelier.example",
        "/linocut",
        "A linocut",
        "A script element holds a licence that prohibits AI.",
        reserved("rsl"),
        head=f'<script type="application/rsl+xml">{licence(prohibits(""))}</script>',
    ),
    Place(
        host="atelier.example",
        path="/feed.xml",
        answer=feed(
            "New works",
            (
                "http://atelier.example:{port}/print",
                '<rsl:content url="http://atelier.example:{port}/print"><rsl:license>'
                '<rsl:prohibits type="usage">ai-all</rsl:prohibits></rsl:license></rsl:content>',
            ),
        ),
    ),
    _page("atelier.example", "/print", "A print", "Only the feed says that AI is prohibited.", reserved("rsl")),
    # club.example: doors that are shut.
    _page(
        "club.example",
        "/",
        "A club",
        "The door is open, the rooms are shut.",
        KEPT,
        links=("/members", "/pay", "/vault", "/recalled", "/essay", "/soon", "/novel.epub"),
    ),
    _page(
        "club.example",
        "/members",
        "Members only",
        "401.",
        reserved("http-status"),
        ("WWW-Authenticate", 'Basic realm="members"'),
        status=401,
    ),
    _page(
        "club.example",
        "/pay",
        "Pay first",
        "402 with a price.",
        reserved("http-status"),
        ("crawler-price", "USD 0.01"),
        status=402,
    ),
    _page("club.example", "/vault", "Forbidden", "403.", reserved("http-status"), status=403),
    _page("club.example", "/recalled", "Recalled", "451.", reserved("http-status"), status=451),
    _page(
        "club.example",
        "/essay",
        "For subscribers",
        "JSON-LD says that this page is not free of access.",
        reserved("paywall"),
        head='<script type="application/ld+json">{"@context": "https://schema.org", "@type": "Article", '
        '"isAccessibleForFree": false}</script>',
    ),
    _page("club.example", "/soon", "Not now", "503.", UNDETERMINED, ("Retry-After", "1"), status=503),
    _document(
        "club.example",
        "/novel.epub",
        epub("A novel", files={"META-INF/license.lcpl": "{}"}),
        reserved("document-locks"),
    ),
    # commons.example: some of it is under open licences, which matters to those who keep nothing else.
    _page(
        "commons.example",
        "/",
        "A commons",
        "A link element names the licence of this text; its picture has another one.",
        LICENSED,
        head='<link rel="license" href="https://creativecommons.org/licenses/by/4.0/">'
        '<script type="application/ld+json">{"@context": "https://schema.org", "@type": "ImageObject", '
        '"contentUrl": "/meadow.png", "creator": {"@type": "Person", "name": "A. Painter"}, '
        '"license": "https://creativecommons.org/licenses/by-sa/4.0/"}</script>',
        links=("/doubtful", "/noai", "/leaflet.pdf", "/report.pdf", "/tales.epub"),
        pictures=("/meadow.png", "/hedge.png"),
    ),
    _image("commons.example", "/meadow.png", png(70, 160, 60), LICENSED),
    _image("commons.example", "/hedge.png", png(40, 90, 50), KEPT),
    _page(
        "commons.example",
        "/doubtful",
        "Two licences",
        "Nobody can tell which of them holds.",
        KEPT,
        head='<link rel="license" href="https://creativecommons.org/licenses/by/4.0/">'
        '<link rel="license" href="https://creativecommons.org/licenses/by-nc/4.0/">',
    ),
    _page(
        "commons.example",
        "/noai",
        "Licensed, and reserved",
        "No licence lifts a reservation.",
        reserved("robots-meta"),
        head='<link rel="license" href="https://creativecommons.org/licenses/by/4.0/">'
        '<meta name="robots" content="noai">',
    ),
    _document("commons.example", "/leaflet.pdf", pdf("A leaflet", xmp()), KEPT),
    _document(
        "commons.example",
        "/report.pdf",
        pdf("A report", xmp(extra="<tdm:reservation>1</tdm:reservation>")),
        reserved("tdmrep"),
    ),
    _document("commons.example", "/tales.epub", epub("Tales"), KEPT),
)
"""The demo web, row by row."""

DEMO_SEEDS: tuple[str, ...] = tuple(
    f"http://{place.host}:{{port}}{place.path}"
    for place in PLACES
    if place.path in ("/", "/index.html") and place.host != "cdn.example"
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
