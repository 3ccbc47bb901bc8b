"""Pages that are bottomless, or that hide, switch or belie what they say; and walls in place of pages."""

from __future__ import annotations

from tests.webs.hostile.connections import HEAD
from tests.webs.hostile.row import KEPT, Ending, Lie, lie, picture, reserved, skipped, undetermined, words
from tests.webs.hostile.wire import Act, Talk, in_turn, raw, reply

NOAI = '<meta name="robots" content="noai">'
MIB = 1 << 20


def _page(name: str, does: str, ending: Ending, *, head: str = "", body: str = "", **more: Act) -> Lie:
    host = f"{name}.example"
    return lie(name, does, reply(words(host, head=head, body=body)), ending, **more)


def _many(row: Lie, most: int) -> Lie:
    """The same row, whose links are decided on too."""
    return Lie(
        name=row.name, does=row.does, hosts=row.hosts, ends=row.ends, seeds=row.seeds, others=True, most=most
    )


def _split(talk: Talk) -> bool | None:
    """A client that wrote a link's CR and LF into its request would be asked twice."""
    if b"injected" in talk.head.lower().split(b"\r\n", 1)[-1]:
        return reply("<p>Split.", status="500 Split")(talk)
    link = "/next%0d%0aInjected:%20yes"
    return reply(words(talk.host, body=f'<a href="{link}">on</a><a href="/a&#13;&#10;Injected: yes">on</a>'))(
        talk
    )


META = reserved("robots-meta")

PAGES: tuple[Lie, ...] = (
    _page("deep", "nests 100,000 elements", KEPT, body="<b>" * 100_000 + "words"),
    _page("deep-meta", "nests 20,000 elements and reserves below them", META, body="<b>" * 20_000 + NOAI),
    _page(
        "attributes",
        "has a tag of 30,000 attributes",
        KEPT,
        body="<p " + " ".join(f"a{number}=1" for number in range(30_000)) + ">words",
    ),
    _page(
        "metas",
        "has 12,000 metas, a reservation as the last",
        META,
        head='<meta name="x" content="y">' * 12_000 + NOAI,
    ),
    _page(
        "metas-more",
        "has more metas than are read",
        undetermined("more declarations"),
        head="<meta x>" * 51_000,
    ),
    _page(
        "comment",
        "never closes a comment of 360 KB that hides a reservation",
        META,
        body="<!--" + "<p>words</p>" * 30_000 + NOAI,
    ),
    _page(
        "script", "never closes a script that hides a reservation", META, body="<script>" + "x" * 300_000 + NOAI
    ),
    _page("meta-late", "reserves 360 KB into the page", META, body="<p>words</p>" * 30_000 + NOAI),
    _page("title", "has a title of 400 KB", KEPT, head="<title>" + "o" * 400_000 + "</title>"),
    _page("entities", "has 90,000 entities", KEPT, body="&amp;&#x41;&nbsp" * 30_000),
    _page(
        "ld-deep",
        "has data 100,000 brackets deep",
        KEPT,
        body='<script type="application/ld+json">' + "[" * 100_000 + "</script>",
    ),
    _page(
        "ld-number",
        "has data with a number of 100,000 digits",
        KEPT,
        body='<script type="application/ld+json">{"license":' + "9" * 100_000 + "}</script>",
    ),
    _many(
        _page(
            "links",
            "has 12,000 links",
            KEPT,
            body="".join(f'<a href="/p{number}">p</a>' for number in range(12_000)),
        ),
        0,
    ),
    _many(
        _page(
            "images",
            "has 12,000 images",
            KEPT,
            body="".join(f'<img src="/i{number}.png">' for number in range(12_000)),
        ),
        0,
    ),
    _many(
        _page(
            "srcset",
            "has a srcset of 20,000 candidates",
            KEPT,
            body='<img srcset="' + ", ".join(f"/s{number}.png {number}w" for number in range(1, 20_000)) + '">',
        ),
        0,
    ),
    _many(
        _page(
            "base",
            "has base elements that lead elsewhere",
            KEPT,
            head='<base href="file:///etc/"><base href="//">',
            body='<a href="passwd">p</a><img src="hostname">',
        ),
        0,
    ),
    _many(
        _page(
            "base-js",
            "has a base of javascript:",
            KEPT,
            head='<base href="javascript:alert(1)/">',
            body='<a href="x">p</a>',
        ),
        0,
    ),
    _many(
        _page(
            "controls",
            "has links with control characters",
            KEPT,
            body="".join(
                f'<a href="/c{char}x">c</a>'
                for char in ("\x01", "\t", "\n", "\x7f", "%00", "%0a", "\x85", "&#0;", "\u202e")
            ),
        ),
        0,
    ),
    _many(
        _page(
            "schemes",
            "has links of every scheme",
            KEPT,
            body="".join(
                f'<a href="{scheme}:x">s</a><img src="{scheme}:x">'
                for scheme in (
                    "javascript",
                    "data",
                    "file",
                    "ftp",
                    "mailto",
                    "blob",
                    "about",
                    "view-source",
                    "ws",
                    "jar",
                    "tel",
                    "urn",
                )
            ),
        ),
        0,
    ),
    _many(
        _page(
            "no-hosts",
            "has links to hosts that are none",
            KEPT,
            body="".join(
                f'<a href="{url}">h</a>'
                for url in (
                    "http://",
                    "http:///x",
                    "http://[::1",
                    "http://a b/",
                    "http://%00/",
                    "http://-.example:{port}/",
                    "http://" + "a" * 300 + ".example/",
                    "http://ex\u2025ample:1x/",
                    "http://1.2.3/x",
                    "//:80/",
                    "http://\u00ad/",
                    "http://xn--a/",
                )
            ),
        ),
        0,
    ),
    _many(lie("split", "has links that would split a request in two", _split, KEPT, next=_split), 1),
    lie(
        "type-image",
        "calls a page image/png that reserves",
        reply(words("type-image.example", head=NOAI), media="image/png"),
        skipped("type"),
    ),
    lie(
        "type-text",
        "calls a page text/plain, so that its metas are words like others",
        reply(words("type-text.example", head=NOAI), media="text/plain"),
        KEPT,
    ),
    lie(
        "type-none",
        "gives a page no type, which reserves",
        reply(words("type-none.example", head=NOAI), media=""),
        META,
    ),
    lie(
        "type-junk",
        "gives a page a type that is none",
        reply(words("type-junk.example", head=NOAI), media="; ;/"),
        META,
    ),
    lie("type-html", "calls an image text/html", reply(picture("type-html.example")), KEPT),
    lie(
        "type-zip", "sends an archive as a page", reply(b"PK\x03\x04" + bytes(range(256)) * 40), skipped("type")
    ),
    lie(
        "type-exe",
        "sends a program as a page",
        reply(b"MZ\x90\0" + bytes(range(256)) * 40, media="application/x-msdownload"),
        skipped("type"),
    ),
    lie(
        "charset",
        "names a character set that is none",
        reply(words("charset.example", head=NOAI), media="text/html; charset=" + "x" * 2000),
        META,
    ),
    lie(
        "utf-7",
        "reserves in UTF-7",
        reply(
            b"+ADw-meta name=robots content=noai+AD4-<p>Words of UTF-7.",
            media="text/html; charset=utf-7",
        ),
        KEPT,
    ),
    lie(
        "utf-16",
        "reserves in UTF-16, called UTF-8",
        reply(words("utf-16.example", head=NOAI).encode("utf-16"), media="text/html; charset=utf-8"),
        META,
    ),
    lie("utf-32", "reserves in UTF-32", reply(words("utf-32.example", head=NOAI).encode("utf-32")), META),
    lie(
        "captcha",
        "shows a captcha with 200",
        reply(
            '<title>Robot check</title><div id="captcha"></div><script src="https://captcha-delivery.com/c.js"></script>'
        ),
        reserved("http-status"),
    ),
    lie(
        "login",
        "shows a login form with 200",
        reply("<title>Log in</title><form method=post><input name=user><input type=password name=p></form>"),
        KEPT,
    ),
    lie(
        "mitigated",
        "says in a header that this is a challenge",
        reply("<p>Wait.", ("CF-Mitigated", "challenge")),
        reserved("cf-mitigated"),
    ),
    lie(
        "price",
        "asks for a price with 200",
        reply("<p>Pay.", ("Crawler-Price", "USD 0.10")),
        reserved("crawler-price"),
    ),
    lie(
        "switches",
        "reserves at its second request, after a 503",
        in_turn(
            reply("later", status="503 Later"), reply(words("switches.example", head=NOAI)), reply("<p>Free.")
        ),
        META,
    ),
    lie(
        "switches-back",
        "says 503 with a reservation, then nothing",
        in_turn(
            reply("later", ("TDM-Reservation", "1"), status="503 Later"), reply(words("switches-back.example"))
        ),
        reserved("tdm-reservation"),
    ),
    lie(
        "retry-minus",
        "asks to come back in -1 s",
        reply("", ("Retry-After", "-1"), status="429 Slow"),
        undetermined("429"),
    ),
    lie(
        "retry-word",
        "asks to come back soon",
        reply("", ("Retry-After", "soon"), status="503 Slow"),
        undetermined("503"),
    ),
    lie(
        "retry-many",
        "asks 500 times to come back",
        reply("", *[("Retry-After", "0")] * 500, status="503 Slow"),
        undetermined("503"),
    ),
    lie(
        "swallowed", "is a single meta without an end", raw(HEAD + b"\r\n<meta name=robots content='noai"), META
    ),
)
