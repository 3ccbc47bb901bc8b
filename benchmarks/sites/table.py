"""What is laid over the two sites: one row for each way of saying no, or of seeming to.

A row says twice what it does: once in the words that are served, once as what must follow for the paths it
names. The second half is all that the expectation is computed from.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase

HANDBOOK, GIMP = "handbook.example", "gimp.example"
SIGNALS, DOWN, OLD = "signals.example", "down.example", "old.example"

ROOTS: Mapping[str, tuple[str, str]] = {
    HANDBOOK: ("debian-handbook", "usr/share/doc/debian-handbook/html"),
    GIMP: ("gimp-help-en", "usr/share/gimp/2.0/help"),
    SIGNALS: ("gimp-help-en", "usr/share/gimp/2.0/help"),
    DOWN: ("gimp-help-en", "usr/share/gimp/2.0/help"),
    OLD: ("gimp-help-en", "usr/share/gimp/2.0/help"),
}
"""Host → the package that it shows, and where in the package its root is."""

SEEDS = (f"{HANDBOOK}/", *(f"{host}/en/index.html" for host in (GIMP, SIGNALS, DOWN, OLD)))
"""Where the crawl begins, as ``host/path``."""

MAX_REFUSALS = 9
"""403 answers on one host at most: with the tenth in a row the crawler leaves a host alone, as it should."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """One way of saying something about some paths of a host."""

    says: str
    """In words."""
    host: str = HANDBOOK
    """Where."""
    paths: tuple[str, ...]
    """Shell patterns over the decoded path, ``*`` matching slashes too."""
    but: tuple[str, ...] = ()
    """Paths that match and are not meant."""
    robots: str = ""
    """Lines of robots.txt."""
    agent: str = "*"
    """Whose group these lines stand in."""
    tdmrep: str = ""
    """A rule of tdmrep.json."""
    ai_txt: str = ""
    """Lines of ai.txt for everyone."""
    header: tuple[str, str] | None = None
    """A header line."""
    meta: str = ""
    """Markup in the head of pages."""
    status: int = 200
    """The answer's status."""
    moved: tuple[str, str] | None = None
    """The answer is a redirect; what is replaced by what in ``host/path`` to get its target."""
    text: bool = True
    """Whether pages there must not be kept."""
    images: bool = True
    """Whether images there must not be kept."""
    spreads: bool = False
    """Whether the images that such a page shows must not be kept, wherever they are."""
    unasked: bool = False
    """Whether nothing there may even be requested."""
    unread: bool = False
    """Whether the body is not looked at, so that its links stay unknown."""
    nofollow: bool = False
    """Whether its links are not followed."""
    later: bool = False
    """Whether it is said only by the time of a second crawl."""

    def covers(self, path: str) -> bool:
        """Whether it is about ``path``, decoded."""
        return any(fnmatchcase(path, pattern) for pattern in self.paths) and not any(
            fnmatchcase(path, pattern) for pattern in self.but
        )


def _by_host(says: str, *paths: str, host: str = HANDBOOK, but: tuple[str, ...] = (), **how: str) -> Row:
    return Row(says=says, host=host, paths=paths, but=but, unasked=True, unread=True, **how)  # type: ignore[arg-type]


def _by_header(says: str, name: str, value: str, *paths: str, host: str = HANDBOOK) -> Row:
    return Row(says=says, host=host, paths=paths, header=(name, value), unread=True)


def _by_meta(says: str, meta: str, *paths: str, host: str = HANDBOOK, text: bool = True) -> Row:
    return Row(says=says, host=host, paths=paths, meta=meta, text=text, images=False, spreads=True)


_ON_HOSTS = (
    _by_host("Disallow of a folder", "/ar-MA/*", robots="Disallow: /ar-MA/"),
    _by_host(
        "Disallow with star and end, and a longer Allow",
        "/*/sect.apparmor.html",
        but=("/de-DE/*",),
        robots="Disallow: /*/sect.apparmor.html$\nAllow: /de-DE/sect.apparmor.html$",
    ),
    _by_host("Disallow of images only", "/da-DK/images/*", robots="Disallow: /da-DK/images/"),
    _by_host("Content-Usage with a path", "/el-GR/*", robots="Content-Usage: /el-GR/ train-ai=n"),
    _by_host("Disallow for GPTBot", "/hr-HR/*", robots="Disallow: /hr-HR/", agent="GPTBot"),
    _by_host("tdmrep.json, a folder", "/ro-RO/*", tdmrep='{"location": "/ro-RO/", "tdm-reservation": 1}'),
    _by_host(
        "tdmrep.json, a pattern", "/*/images/k*", tdmrep='{"location": "/*/images/k", "tdm-reservation": 1}'
    ),
    _by_host(
        "our own group, in which an Allow is longer",
        "/en/plug-in-*",
        host=GIMP,
        but=("/en/plug-in-c*",),
        robots="Disallow: /en/plug-in-\nAllow: /en/plug-in-c",
        agent="heedful",
    ),
    _by_host("ai.txt for one extension", "*.jpg", host=GIMP, ai_txt="Disallow: *.jpg"),
    _by_host("Content-Signal speaks for the host", "/*", host=SIGNALS, robots="Content-Signal: ai-train=no"),
    _by_host("robots.txt cannot be had", "/*", host=DOWN),
)

_IN_HEADERS = (
    _by_header("X-Robots-Tag: noai", "X-Robots-Tag", "noai", "/cs-CZ/sect.*.html"),
    _by_header("X-Robots-Tag: noindex", "X-Robots-Tag", "index, noindex", "/sv-SE/[m-z]*.html"),
    _by_header("Content-Usage", "Content-Usage", "train-ai=n", "/zh-CN/*"),
    _by_header("tdm-reservation on images", "tdm-reservation", "1", "/es-ES/images/*"),
    _by_header("noimageai on images", "X-Robots-Tag", "noimageai", "/ru-RU/Common_Content/*"),
    _by_header("noimageai on images", "X-Robots-Tag", "noimageai", "/en/images/tool*/*", host=GIMP),
    _by_header(
        "RSL that prohibits",
        "Link",
        '</refused.xml>; rel="license"; type="application/rsl+xml"',
        "/zh-TW/*",
    ),
    _by_header(
        "RSL that is not there",
        "Link",
        '</missing.xml>; rel="license"; type="application/rsl+xml"',
        "/fa-IR/sect.*",
    ),
    Row(
        says="RSL that permits for free: no reservation",
        paths=("/tr-TR/*",),
        header=("Link", '</free.xml>; rel="license"; type="application/rsl+xml"'),
        text=False,
        images=False,
    ),
    Row(
        says="noimageai on pages: the text is free, its images are not",
        paths=("/it-IT/*.html",),
        header=("X-Robots-Tag", "noimageai"),
        text=False,
        images=False,
        spreads=True,
    ),
    Row(
        says="nofollow on a page",
        paths=("/ko-KR/", "/ko-KR/index.html"),
        header=("X-Robots-Tag", "nofollow"),
        text=False,
        images=False,
        nofollow=True,
    ),
    Row(
        says="tdm-reservation: 0, all, index: nothing",
        paths=("/ca-ES/*",),
        header=("tdm-reservation", "0"),
        text=False,
        images=False,
    ),
)

_IN_PAGES = (
    _by_meta("meta noai", '<meta name="robots" content="noai"/>', "/fr-FR/sect.[a-d]*.html"),
    _by_meta("meta noai", '<meta name="robots" content="index, NoAI"/>', "/en/gimp-layer-*.html", host=GIMP),
    _by_meta(
        "meta noimageai",
        '<meta name="robots" content="noimageai"/>',
        "/ja-JP/sect.*.html",
        "/id-ID/[a-i]*.html",
        "/nl-NL/installation.html",
        text=False,
    ),
    _by_meta("meta tdm-reservation", '<meta name="tdm-reservation" content="1"/>', "/pt-BR/*net*.html"),
    _by_meta(
        "meta tdm-reservation", '<meta content="1" name="TDM-Reservation"/>', "/en/*-tutorial-*.html", host=GIMP
    ),
    Row(
        says="meta noai, nofollow",
        paths=("/vi-VN/", "/vi-VN/index.html"),
        meta='<meta name="robots" content="noai, nofollow"/>',
        images=False,
        spreads=True,
        nofollow=True,
    ),
    Row(
        says="a meta in a comment: nothing",
        paths=("/en-US/*",),
        meta='<!-- <meta name="robots" content="noai"/> -->',
        text=False,
        images=False,
    ),
)

_BY_STATUS = (
    Row(says="402", paths=("/nb-NO/sect.[m-z]*",), status=402, unread=True),
    Row(says="403", paths=("/fr-FR/sect.[t-v]*.html",), status=403, unread=True),
    Row(says="451", paths=("/de-DE/images/inst-*",), status=451, unread=True),
    Row(says="410", paths=("/de-DE/sect.ubuntu.html",), status=410, unread=True),
    Row(
        says="moved to a page that tdmrep.json reserves",
        paths=("/pl-PL/sect.ipv6.html",),
        status=301,
        moved=("/pl-PL/", "/ro-RO/"),
    ),
    Row(
        says="moved by an answer that reserves itself",
        paths=("/pl-PL/sect.ldap-directory.html",),
        status=302,
        moved=("/pl-PL/sect.", "/moved/sect."),
        header=("tdm-reservation", "1"),
        unread=True,
    ),
    Row(
        says="pages moved to free ones",
        paths=("/pl-PL/sect.d*.html",),
        status=307,
        moved=("/pl-PL/", "/en-US/"),
        text=False,
        images=False,
    ),
    Row(
        says="images moved: what pages say of them concerns the target",
        paths=("/nl-NL/images/*",),
        status=302,
        moved=("/nl-NL/", "/da-DK/../nb-NO/"),
        text=False,
        images=False,
    ),
    Row(
        says="a host that moved",
        host=OLD,
        paths=("/en/*",),
        status=301,
        moved=(f"{OLD}/", f"{GIMP}/"),
        text=False,
        images=False,
    ),
)

_LATER = (
    _by_host(
        "later: Disallow of a folder, in which the older Allow is longer",
        "/de-DE/*",
        but=("/de-DE/sect.apparmor.html",),
        robots="Disallow: /de-DE/",
    ),
    _by_host(
        "later: tdmrep.json", "/pl-PL/images/*", tdmrep='{"location": "/pl-PL/images/", "tdm-reservation": 1}'
    ),
    _by_header("later: X-Robots-Tag, the bytes unchanged", "X-Robots-Tag", "noai", "/en-US/sect.[a-m]*.html"),
    _by_header("later: tdm-reservation", "tdm-reservation", "1", "/en/filters-*.html", host=GIMP),
    _by_meta(
        "later: meta noai", '<meta name="robots" content="noai"/>', "/ko-KR/*.html", "/tr-TR/sect.s*.html"
    ),
    _by_meta(
        "later: meta noimageai", '<meta name="robots" content="noimageai"/>', "/ca-ES/[i-w]*.html", text=False
    ),
    Row(says="later: 451", paths=("/sv-SE/[a-e]*.html",), status=451, unread=True),
)

ROWS: tuple[Row, ...] = (
    *(*_ON_HOSTS, *_IN_HEADERS, *_IN_PAGES, *_BY_STATUS),
    *(replace(row, later=True) for row in _LATER),
)


def rows_for(host: str, path: str, later: bool) -> list[Row]:
    """The rows about a decoded path; ``later``: by the time of the second crawl."""
    return [row for row in ROWS if row.host == host and (later or not row.later) and row.covers(path)]


REFUSED = (
    '<rsl xmlns="https://rslstandard.org/rsl"><content url="/"><license>'
    '<prohibits type="usage">ai-all</prohibits></license></content></rsl>'
)
FREE = (
    '<rsl xmlns="https://rslstandard.org/rsl"><content url="/tr-TR/*"><license>'
    '<permits type="usage">all</permits><payment type="free"/></license></content></rsl>'
)


def site_files(host: str, later: bool) -> dict[str, tuple[int, str, str]]:
    """Path → status, media type and text of the files that speak for a host."""
    rows = [row for row in ROWS if row.host == host and (later or not row.later)]
    if host == DOWN:
        return {"/robots.txt": (503, "text/html", "<h1>Service Unavailable</h1>")}
    groups = {row.agent: "" for row in rows if row.robots}
    for row in rows:
        groups.update({row.agent: groups[row.agent] + row.robots + "\n"} if row.robots else {})
    files = {}
    if groups:
        robots = "\n".join(f"User-agent: {agent}\n{lines}" for agent, lines in groups.items())
        files["/robots.txt"] = (200, "text/plain", robots)
    if rules := [row.tdmrep for row in rows if row.tdmrep]:
        files["/.well-known/tdmrep.json"] = (200, "application/json", f"[{', '.join(rules)}]")
    if lines := [row.ai_txt for row in rows if row.ai_txt]:
        files["/ai.txt"] = (200, "text/plain", "\n".join(["User-agent: *", *lines, ""]))
    if host == HANDBOOK:
        files["/refused.xml"] = (200, "application/rsl+xml", REFUSED)
        files["/free.xml"] = (200, "application/rsl+xml", FREE)
    return files
