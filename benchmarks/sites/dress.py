"""The same pages written as other sites write them: other spellings of links, other charsets, other elements.

The packages were made by one tool each and spell every link alike. What is changed here is only how a page says
where it leads and in which octets; where it leads to exists.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Literal

from benchmarks.sites.table import GIMP, HANDBOOK

RENAMED = " größe №1"
"""Stands before the extension of file names in some links; the server takes it out again."""

_ATTRIBUTE = re.compile(r'(?P<name>\b(?:href|src))="(?P<value>(?![a-z]+:|#)[^"]+)"')
_IMG = re.compile(r'<img\b[^>]*?\bsrc="([^"]+)"[^>]*>')
_ENCODING = re.compile(r'<\?xml[^>]*\?>\s*|<meta http-equiv="Content-Type"[^>]*>')


@dataclass(frozen=True, kw_only=True, slots=True)
class Dress:
    """How some pages are written."""

    says: str
    """In words."""
    host: str = HANDBOOK
    """Where."""
    paths: str
    """Shell pattern over the decoded path."""
    change: Callable[[str], str] = str
    """Rewrites the page's source."""
    charset: str = "utf-8"
    """Python's name of the encoding of the body."""
    announced: str | None = "utf-8"
    """The charset parameter of its Content-Type; None: none."""
    coding: Literal["gzip", "br"] | None = None
    """Its Content-Encoding."""


def _links(change: Callable[[str], str]) -> Callable[[str], str]:
    """Rewrite the path of every relative reference."""

    def every(match: re.Match[str]) -> str:
        path, hash_, fragment = match["value"].partition("#")
        return f'{match["name"]}="{change(path) if path else ""}{hash_}{fragment}"'

    return lambda source: _ATTRIBUTE.sub(every, source)


def _renamed(path: str) -> str:
    stem, dot, extension = path.rpartition(".")
    return f"{stem}{RENAMED}.{extension}" if dot and extension == "png" else path


def _escaped(path: str) -> str:
    """Unreserved characters percent-encoded, as some tools do (RFC 3986 §6.2.2.2: equivalent)."""
    return path.replace(".html", "%2Ehtml").replace("sect.a", "sect.%61").replace("image", "im%61ge")


def _sets(source: str) -> str:
    """Images as candidates of a ``srcset``, the first of them an SVG where there may be one."""
    vector = _IMG.sub(lambda match: match[0].replace("<img ", f'<img srcset="{match[1]} 2x" '), source)
    return vector.replace('src="Common_Content/images//image', 'src="Common_Content/images/image').replace(
        '.png" 2x', '.svg" 2x'
    )


def _svg(source: str) -> str:
    return _IMG.sub(
        lambda match: match[0].replace(".png", ".svg") if "Common" in match[1] else match[0], source
    )


def _anchors(source: str) -> str:
    """Images that are only linked to."""
    return _IMG.sub(lambda match: f'<a href="{match[1]}">picture</a>', source)


def _based(source: str) -> str:
    """A base element two folders up, and links that count on it."""
    source = _links(lambda path: "it-IT/" + path)(source)
    return source.replace("<head>", '<head><base href="/fr-FR/../"/>', 1)


def _open_graph(source: str) -> str:
    """A picture that the page names without showing it."""
    return source.replace("<head>", '<head><meta property="og:image" content="images/debian.png"/>', 1)


def _undeclared(charset: str | None) -> Callable[[str], str]:
    """Without XML declaration and charset, or with another one."""
    meta = f'<meta charset="{charset}"/>' if charset else ""
    return lambda source: _ENCODING.sub("", source).replace("<head>", f"<head>{meta}", 1)


DRESSES = (
    Dress(
        says="links with dot segments", paths="/de-DE/*", change=_links(lambda path: f".././de-DE/x/../{path}")
    ),
    Dress(says="links from the root", paths="/tr-TR/*", change=_links(lambda path: f"/tr-TR/{path}")),
    Dress(says="percent-encoded letters", paths="/ca-ES/*", change=_links(_escaped)),
    Dress(says="spaces and letters beyond ASCII in file names", paths="/nb-NO/*", change=_links(_renamed)),
    Dress(
        says="the same in windows-1251, announced by the header only",
        paths="/ru-RU/*",
        change=_links(_renamed),
        charset="cp1251",
        announced="windows-1251",
    ),
    Dress(
        says="Shift_JIS, announced by a meta",
        paths="/ja-JP/*",
        change=_undeclared("Shift_JIS"),
        charset="cp932",
        announced=None,
    ),
    Dress(says="no charset anywhere", paths="/fr-FR/*", change=_undeclared(None), announced=None),
    Dress(says="UTF-16 with a byte order mark", paths="/pt-BR/*", charset="utf-16", announced=None),
    Dress(says="images as srcset", paths="/sv-SE/*", change=_sets),
    Dress(says="SVG instead of PNG", paths="/cs-CZ/*", change=_svg),
    Dress(says="images linked to, not shown", paths="/id-ID/[f-z]*", change=_anchors),
    Dress(says="a base element", paths="/it-IT/*", change=_based),
    Dress(says="og:image", paths="/en-US/*", change=_open_graph),
    Dress(says="gzip", paths="/pl-PL/*", coding="gzip"),
    Dress(says="brotli", host=GIMP, paths="/en/gimp-*", coding="br"),
)


def dress_for(host: str, path: str) -> Dress | None:
    """How the page at a decoded path is written; None: as it is."""
    return next((one for one in DRESSES if one.host == host and fnmatchcase(path, one.paths)), None)
