"""The largest and costliest things of every kind that a crawl reads, in their worst shapes.

Each row is one loopback host: a harmless page at ``/``, and one hostile thing beside it. Bodies are made when
they are asked for, because all of them together would not fit into memory.
"""

from __future__ import annotations

import gzip
import os
from collections.abc import Callable, Mapping
from typing import Any

MIB = 1 << 20
HEAD = "<!doctype html><html lang=en><head><meta charset=utf-8><title>T</title>"
HTML = (("Content-Type", "text/html; charset=utf-8"),)
TEXT = (("Content-Type", "text/plain"),)
RESUMED = "frontier of 100,000 dated URLs, resumed"
"""The row for which the crawl finds a frontier with so many URLs of one host in its folder."""


def filled(unit: str | bytes, size: int, head: str | bytes = "", tail: str | bytes = "") -> bytes:
    """``unit`` as often as it fits into ``size`` octets, between a head and a tail."""
    raw, before, after = (one.encode() if isinstance(one, str) else one for one in (unit, head, tail))
    return before + raw * ((size - len(before) - len(after)) // len(raw)) + after


def numbered(template: str, size: int, head: str = "", tail: str = "") -> bytes:
    """Texts of a template with a running number, up to ``size`` octets."""
    count = (size - len(head) - len(tail)) // (len(template % 1_000_000))
    return (head + "".join([template % (1_000_000 + number) for number in range(count)]) + tail).encode()


def pages() -> dict[str, Callable[[], bytes]]:
    """Pages of 16 MiB, and smaller ones that cost as much as they can."""
    large, small = 16 * MIB - 1024, 250_000
    ld = '<script type="application/ld+json">'
    found: dict[str, Callable[[], bytes]] = {}
    for size, word in ((large, "16 MiB"), (small, "250 KB")):
        found |= {
            f"page of text, {word}": lambda size=size: filled(
                "<p>words and words of a page.</p>\n", size, HEAD
            ),
            f"page of plain text, {word}": lambda size=size: filled("no markup at all\n", size, HEAD),
            f"page of deep elements, {word}": lambda size=size: filled("<div>", size, HEAD),
            f"page of open formats, {word}": lambda size=size: filled("<b><p>", size, HEAD),
            f"page of attributes, {word}": lambda size=size: numbered("a%d=1 ", size, HEAD + "<a href=x ", ">"),
            f"page of metas, {word}": lambda size=size: filled("<meta name=robots content=all>", size, HEAD),
            f"page of named metas, {word}": lambda size=size: numbered("<meta name=a%d content=b>", size, HEAD),
            f"page of links in its head, {word}": lambda size=size: numbered(
                "<link rel=license href=/l%d>", size, HEAD
            ),
            f"page of anchors, {word}": lambda size=size: numbered("<a href=/p%d>p</a>", size, HEAD + "<body>"),
            f"page of anchors to as many hosts, {word}": lambda size=size: numbered(
                "<a href=http://w%d.example/>p</a>", size, HEAD + "<body>"
            ),
            f"page of images, {word}": lambda size=size: numbered("<img src=/i%d.png>", size, HEAD + "<body>"),
            f"page of licences, {word}": lambda size=size: numbered(
                "<a rel=license href=/l%d>l</a>", size, HEAD + "<body>"
            ),
            f"page of microdata, {word}": lambda size=size: numbered(
                "<div itemscope itemtype=https://schema.org/ImageObject><a itemprop=license href=/%d>x</a>",
                size,
                HEAD + "<body>",
            ),
            f"page of scripts, {word}": lambda size=size: filled(ld + '{"@id":"x"}</script>', size, HEAD),
            f"page of deep JSON-LD, {word}": lambda size=size: filled("[", size, HEAD + ld, "</script>"),
            f"page of much JSON-LD, {word}": lambda size=size: numbered(
                '{"license":"https://l.example/%d"},', size, HEAD + ld + "[", "{}]</script>"
            ),
            f"page of RSL, {word}": lambda size=size: filled(
                "<content url='/'><license><permits type='usage'>all</permits></license></content>",
                size,
                HEAD + '<script type="application/rsl+xml"><rsl xmlns="https://rslstandard.org/rsl">',
                "</rsl></script>",
            ),
            f"page with an open comment, {word}": lambda size=size: filled(
                "<meta name=a>", size, HEAD + "<!--"
            ),
            f"page of references, {word}": lambda size=size: filled("&amp;&#x41;&NotEqualTilde;", size, HEAD),
            f"page of one long attribute, {word}": lambda size=size: filled(
                "a", size, HEAD + "<a href='", "'>"
            ),
            f"page of one title, {word}": lambda size=size: filled("t ", size, "<title>", "</title>"),
            f"page of spaces, {word}": lambda size=size: filled(" ", size, HEAD + "<a href='/x'"),
            f"page of small signs, {word}": lambda size=size: filled("<", size, HEAD),
            f"page of repeated keys, {word}": lambda size=size: filled(
                '"license":"https://l.example/",', size, HEAD + ld + "{", '"a":1}</script>'
            ),
            f"page with a wide character, {word}": lambda size=size: filled(
                "<p>wörds</p>".encode() + b"\n", size, HEAD + "\U0001f600"
            ),
        }
    return found


def pictures() -> dict[str, tuple[str, Callable[[], bytes]]]:
    """Images near 64 MiB, and those of the fixtures that cost most."""
    from benchmarks.hostile import FIXTURES
    from tests.test_container import HOSTILE
    from tests.vectors.assets.containers import bmp, box, chunk, heif, jpeg, jxl, png, riff, tiff
    from tests.vectors.assets.make_assets import builders

    gif = b"GIF89a\x01\x00\x01\x00\x80\x00\x00\0\0\0\xff\xff\xff"
    packet = (
        b"<x:xmpmeta xmlns:x='adobe:ns:meta/'><rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'>"
    )
    svg = b"<svg xmlns='http://www.w3.org/2000/svg' width='1' height='1'>"
    found: dict[str, tuple[str, Callable[[], bytes]]] = {
        "BMP of zeros, 60 MiB": ("image/bmp", lambda: bmp() + bytes(60 * MIB)),
        "BMP of packets, 60 MiB": ("image/bmp", lambda: filled(packet, 60 * MIB, bmp())),
        "JPEG, 60 MiB": ("image/jpeg", lambda: jpeg() + os.urandom(60 * MIB)),
        "GIF of small blocks, 60 MiB": (
            "image/gif",
            lambda: filled(b"\x01\x00", 60 * MIB, gif + b"\x21\xfe"),
        ),
        "GIF of large blocks, 60 MiB": (
            "image/gif",
            lambda: filled(b"\xff" + bytes(255), 60 * MIB, gif + b"\x2c\0\0\0\0\x01\0\x01\0\0\x02", b"\0\x3b"),
        ),
        "GIF of extensions, 1 MiB": ("image/gif", lambda: filled(b"\x21\xfe\x01a\x00", MIB, gif, b"\x3b")),
        "SVG of elements, 4 MiB": ("image/svg+xml", lambda: filled(b"<g a='b'/>", 4 * MIB, svg, b"</svg>")),
        "SVG of elements, 400 KB": ("image/svg+xml", lambda: filled(b"<g a='b'/>", 400_000, svg, b"</svg>")),
        "SVG of references, 4 MiB": ("image/svg+xml", lambda: filled(b"&#65;", 4 * MIB, svg, b"</svg>")),
        "SVG of one element of attributes, 4 MiB": (
            "image/svg+xml",
            lambda: numbered("a%d='1' ", 4 * MIB, "<svg xmlns='http://www.w3.org/2000/svg' ", "/>"),
        ),
        "PNG, 60 MiB": ("image/png", lambda: png(late=[chunk(b"IDAT", os.urandom(60 * MIB))])),
        "WebP, 60 MiB": ("image/webp", lambda: riff((b"VP8 ", os.urandom(60 * MIB)))),
        "AVIF, 60 MiB": ("image/avif", lambda: heif(after=box(b"mdat", os.urandom(60 * MIB)))),
        "JPEG XL, 60 MiB": ("image/jxl", lambda: jxl(box(b"jxlc", os.urandom(60 * MIB)))),
        "TIFF, 60 MiB": ("image/tiff", lambda: tiff() + os.urandom(60 * MIB)),
        "PDF, 60 MiB": ("application/pdf", lambda: builders()["free.pdf"]() + os.urandom(60 * MIB)),
        "PDF of objects, 8 MiB": (
            "application/pdf",
            lambda: numbered("%d 0 obj <</A 1>> endobj\n", 8 * MIB, "%%PDF-1.7\n", "trailer <</Root 1 0 R>>"),
        ),
        "PDF of brackets, 8 MiB": ("application/pdf", lambda: filled("[<<", 8 * MIB, "%PDF-1.7\n1 0 obj ")),
        "text of no markup, 15 MiB": ("text/plain", lambda: filled("words and words\n", 15 * MIB)),
        "text of octets, 15 MiB": ("text/plain", lambda: filled(b"\xe4\xff ", 15 * MIB)),
        "text of signs in UTF-16, 15 MiB": ("text/plain", lambda: b"\xff\xfe" + filled(b"<\0", 15 * MIB)),
        "Atom feed as a page, 4 MiB": (
            "application/atom+xml",
            lambda: filled(
                "<entry><link href='/x'/></entry>",
                4 * MIB,
                "<feed xmlns='http://www.w3.org/2005/Atom'>",
                "</feed>",
            ),
        ),
        "SVG of text, 60 MiB": ("image/svg+xml", lambda: filled(b"text ", 60 * MIB, svg, b"</svg>")),
    }
    for name, build in {
        **{name: builders()[name] for name in FIXTURES if name.endswith((".pdf", ".epub"))},
        **HOSTILE,
    }.items():
        found[name] = ("application/octet-stream", build)
    return found


def site_files() -> dict[str, tuple[str, Callable[[], bytes], tuple[tuple[str, str], ...]]]:
    """Site-level files and second documents: path, body, headers."""
    xml, js = (("Content-Type", "application/xml"),), (("Content-Type", "application/json"),)
    robots, most = "/robots.txt", 5 * MIB - 64
    return {
        "robots.txt of rules for all, 500 KiB": (
            robots,
            lambda: numbered("Disallow: /a%d\n", 511_000, "User-agent: *\n"),
            TEXT,
        ),
        "robots.txt of rules for all, 5 MiB": (
            robots,
            lambda: numbered("Disallow: /a%d\n", most, "User-agent: *\n"),
            TEXT,
        ),
        "robots.txt of stars, 500 KiB": (
            robots,
            lambda: numbered("Disallow: /*a*%d*b$\n", 380_000, "User-agent: *\n"),
            TEXT,
        ),
        "robots.txt of agents, 5 MiB": (robots, lambda: numbered("User-agent: a%d\nDisallow: /\n", most), TEXT),
        "robots.txt of short lines, 5 MiB": (robots, lambda: filled("a:b\n", most, "User-agent: *\n"), TEXT),
        "robots.txt of blank lines, 5 MiB": (robots, lambda: filled("\n", most, "User-agent: *\n"), TEXT),
        "robots.txt of comments, 5 MiB": (robots, lambda: filled("#\n", most, "User-agent: *\n"), TEXT),
        "robots.txt of empty denials, 5 MiB": (robots, lambda: filled("Disallow:\n", most), TEXT),
        "robots.txt of our names, 5 MiB": (
            robots,
            lambda: filled("User-agent: heedful\nDisallow: /a\n", most),
            TEXT,
        ),
        "robots.txt of lists of names, 5 MiB": (
            robots,
            lambda: numbered("User-agent: a%d, b, c, d\nDisallow: /\n", most),
            TEXT,
        ),
        "robots.txt of words without colon, 5 MiB": (robots, lambda: filled("disallow /a\n", most), TEXT),
        "robots.txt in UTF-16, 5 MiB": (
            robots,
            lambda: b"\xff\xfe" + filled("Disallow: /a\n".encode("utf-16-le"), most),
            TEXT,
        ),
        "robots.txt of letters of no code, 5 MiB": (robots, lambda: filled(b"\xe4: \xff/\xfe\n", most), TEXT),
        "robots.txt of zeros, 5 MiB": (robots, lambda: bytes(most), TEXT),
        "robots.txt of many stars, 500 KiB": (
            robots,
            lambda: filled("Disallow: /" + "*a" * 2000 + "\n", 511_000, "User-agent: *\n"),
            TEXT,
        ),
        "robots.txt of signals, 500 KiB": (
            robots,
            lambda: numbered("Content-Signal: /p%d ai-train=no\n", 511_000, "User-agent: *\n"),
            TEXT,
        ),
        "robots.txt of training denials, 500 KiB": (
            robots,
            lambda: numbered("DisallowAITraining: /*p%d\n", 511_000, "User-agent: *\n"),
            TEXT,
        ),
        "robots.txt of training crawlers, 500 KiB": (
            robots,
            lambda: numbered("Disallow: /*%d*x\n", 511_000, "User-agent: GPTBot\nUser-agent: CCBot\n"),
            TEXT,
        ),
        "robots.txt of delays, 5 MiB": (
            robots,
            lambda: filled(
                "Crawl-delay: 1\nRequest-rate: 1/5\nVisit-time: 0600-0845\n", most, "User-agent: *\n"
            ),
            TEXT,
        ),
        "robots.txt of noai lines, 5 MiB": (
            robots,
            lambda: filled("NoAI: /a\n", most, "User-agent: *\n"),
            TEXT,
        ),
        "robots.txt of one line, 5 MiB": (
            robots,
            lambda: filled("a", most, "User-agent: *\nDisallow: /"),
            TEXT,
        ),
        "robots.txt of usages, 500 KiB": (
            robots,
            lambda: numbered("Content-Usage: /p%d train-ai=n\n", 511_000, "User-agent: *\n"),
            TEXT,
        ),
        "robots.txt of licences, 500 KiB": (
            robots,
            lambda: numbered("License: https://l.example/%d\n", 511_000, "User-agent: *\n"),
            TEXT,
        ),
        "robots.txt of sitemaps, 500 KiB": (
            robots,
            lambda: numbered("Sitemap: http://h.example:1/s%d\n", 511_000, "User-agent: *\nAllow: /\n"),
            TEXT,
        ),
        "tdmrep.json of rules, 500 KiB": (
            "/.well-known/tdmrep.json",
            lambda: numbered('{"location":"/p%d","tdm-reservation":1},', 511_000, "[", "{}]"),
            js,
        ),
        "tdmrep.json of stars, 500 KiB": (
            "/.well-known/tdmrep.json",
            lambda: numbered('{"location":"/*%d*a*","tdm-reservation":1},', 511_000, "[", "{}]"),
            js,
        ),
        "tdmrep.json of repeated keys, 500 KiB": (
            "/.well-known/tdmrep.json",
            lambda: filled('"location":"/",', 511_000, "[{", '"tdm-reservation":1}]'),
            js,
        ),
        "tdmrep.json of digits, 500 KiB": ("/.well-known/tdmrep.json", lambda: filled("9", 511_000, "["), js),
        "tdmrep.json, deep, 500 KiB": ("/.well-known/tdmrep.json", lambda: filled("[", 511_000), js),
        "ai.txt of rules, 500 KiB": (
            "/ai.txt",
            lambda: numbered("Disallow: *.p%d\n", 511_000, "User-Agent: *\n"),
            TEXT,
        ),
        "ai.txt of short lines, 500 KiB": ("/ai.txt", lambda: filled("a:\n", 511_000), TEXT),
        "ai.txt of stars, 500 KiB": (
            "/ai.txt",
            lambda: numbered("Disallow: /*a*%d*b$\n", 511_000, "User-Agent: *\n"),
            TEXT,
        ),
        "trust.txt of short lines, 500 KiB": ("/trust.txt", lambda: filled("a=\n", 511_000), TEXT),
        "trust.txt of one line, 500 KiB": ("/trust.txt", lambda: filled("=", 511_000), TEXT),
        "trust.txt of lines, 500 KiB": (
            "/trust.txt",
            lambda: numbered("member=https://m%d.example/\n", 511_000),
            TEXT,
        ),
        "RSL document of rules, 500 KiB": (
            "/rsl.xml",
            lambda: numbered(
                '<content url="/p%d"><license><prohibits type="usage">all</prohibits></license></content>',
                511_000,
                '<rsl xmlns="https://rslstandard.org/rsl">',
                "</rsl>",
            ),
            (("Content-Type", "application/rsl+xml"),),
        ),
        "RSL document of entities, 500 KiB": (
            "/rsl.xml",
            lambda: filled(
                "&a;",
                511_000,
                '<!DOCTYPE r [<!ENTITY a "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa">]><rsl>',
                "</rsl>",
            ),
            (("Content-Type", "application/rsl+xml"),),
        ),
        "sitemap of text, 45 MiB": (
            "/sitemap.xml",
            lambda: filled("x ", 45 * MIB, "<urlset>", "</urlset>"),
            xml,
        ),
        "sitemap of plain lines, 45 MiB": (
            "/sitemap.xml",
            lambda: numbered("http://h.example:1/%d\n", 45 * MIB),
            TEXT,
        ),
        "sitemap of dated URLs, taken up": (
            "/sitemap.xml",
            lambda: (
                b"<urlset>"
                + b"".join(
                    b"<url><loc>http://dated.example:1/%d/%02d/%02d/a</loc></url>"
                    % (1900 + number // 336, 1 + number // 28 % 12, 1 + number % 28)
                    for number in range(50_000)
                )
                + b"</urlset>"
            ),
            xml,
        ),
        "sitemap of 50,000 pages": (
            "/sitemap.xml",
            lambda: (
                b"<urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'>"
                + b"".join(b"<url><loc>http://h.example:1/p%d</loc></url>" % number for number in range(50_000))
                + b"</urlset>"
            ),
            xml,
        ),
        "sitemap of elements, 12 MiB": (
            "/sitemap.xml",
            lambda: filled("<a b='c'/>", 12 * MIB, "<urlset>", "</urlset>"),
            xml,
        ),
        "feed of items, 4 MiB": (
            "/sitemap.xml",
            lambda: filled(
                "<item><link>http://h.example:1/x</link></item>", 4 * MIB, "<rss><channel>", "</channel></rss>"
            ),
            (("Content-Type", "application/rss+xml"),),
        ),
        "feed of licences, 4 MiB": (
            "/sitemap.xml",
            lambda: numbered(
                "<item><link>http://h.example:1/%d</link>"
                "<r:content xmlns:r='https://rslstandard.org/rsl' url='/'/></item>",
                4 * MIB,
                "<rss><channel>",
                "</channel></rss>",
            ),
            (("Content-Type", "application/rss+xml"),),
        ),
    }


def floods() -> dict[str, tuple[tuple[str, str], ...]]:
    """Header lines of a harmless page."""
    link = ", ".join(f'</l{number}>; rel="license"' for number in range(600))
    usage = ", ".join(f"a{number}=y" for number in range(1500))
    return {
        "headers, 1,000 lines": tuple((f"X-{number}", "v" * 50) for number in range(990)),
        "headers, 50,000 lines": tuple((f"X-{number}", "v" * 50) for number in range(50_000)),
        "headers of links, 900 lines": tuple(("Link", link[:15_000]) for _ in range(900)),
        "headers of usages, 900 lines": tuple(("Content-Usage", usage[:15_000]) for _ in range(900)),
        "headers of signals, 900 lines": tuple(("Content-Signal", "ai-train=no, " * 1100) for _ in range(900)),
        "headers of reservations, 900 lines": tuple(("TDM-Reservation", "1, " * 60) for _ in range(900)),
        "headers of one long line, 250 KiB": (("Link", link * 12),),
        "headers of quotes, 250 KiB": (("Link", '<a>; rel="' + '\\"' * 120_000 + '"'),),
        "headers of brackets, 250 KiB": (("Content-Usage", "(" * 250_000),),
        "headers of robots tags, 900 lines": tuple(("X-Robots-Tag", "a: b, " * 2500) for _ in range(900)),
    }


def packed() -> dict[str, tuple[str, tuple[tuple[str, str], ...], Callable[[], bytes]]]:
    """Bodies that are compressed: content coding, headers, body."""
    import zlib

    import brotli

    dense = filled("<p>words and words of a page.</p>\n", 16 * MIB - 1024, HEAD)
    noise = (("Content-Type", "image/bmp"),)
    return {
        "a bomb of 512 MiB": ("gzip", HTML, lambda: gzip.compress(bytes(512 * MIB), 9)),
        "a Brotli bomb of 512 MiB": ("br", HTML, lambda: brotli.compress(bytes(512 * MIB), quality=1)),
        "a packed page of 16 MiB": ("gzip", HTML, lambda: gzip.compress(dense, 6)),
        "a deflated page of 16 MiB": ("deflate", HTML, lambda: zlib.compress(dense, 6)),
        "a page of 16 MiB in Brotli": ("br", HTML, lambda: brotli.compress(dense, quality=1)),
        "a page of 63 members": ("gzip", HTML, lambda: gzip.compress(dense[:250_000]) * 63),
        "a page packed three times": (
            "gzip, gzip, gzip",
            HTML,
            lambda: gzip.compress(gzip.compress(gzip.compress(dense))),
        ),
        "a packed image of 60 MiB": ("gzip", noise, lambda: gzip.compress(os.urandom(60 * MIB), 1)),
    }


def rows() -> dict[str, tuple[Mapping[str, Any], str]]:
    """Every row: the paths of its host, and the path that the crawl begins with."""
    from crawler.demo.server import Answer, page

    found: dict[str, tuple[Mapping[str, Any], str]] = {}
    plain = {"/": page("<p>A harmless page.</p>")}
    for name, build in pages().items():
        found[name] = ({**plain, "/big": lambda _, build=build: Answer(headers=HTML, body=build())}, "/big")
    for name, (kind, picture) in pictures().items():
        typed = (("Content-Type", kind),)
        found[name] = (
            {**plain, "/big.png": lambda _, b=picture, t=typed: Answer(headers=t, body=b())},
            "/big.png",
        )
    for name, (path, build, headers) in site_files().items():
        paths = {**plain, path: lambda _, b=build, h=headers: Answer(headers=h, body=b())}
        if path in ("/sitemap.xml", "/rsl.xml"):
            key = "Sitemap" if path == "/sitemap.xml" else "License"
            line = f"User-agent: *\nAllow: /\n{key}: http://h.example:{{port}}{path}\n"
            paths["/robots.txt"] = Answer(headers=TEXT, body=line)
        found[name] = (paths, "/")
    for name, headers in floods().items():
        found[name] = ({**plain, "/flood": Answer(headers=(*HTML, *headers), body=b"<p>Hello.</p>")}, "/flood")
    for name, (coding, kind, build) in packed().items():
        answer = (*kind, ("Content-Encoding", coding))
        found[name] = ({**plain, "/b": lambda _, b=build, h=answer: Answer(headers=h, body=b())}, "/b")
    listed = gzip.compress(
        numbered("<url><loc>http://h.example:1/p%d</loc></url>", 3 * MIB, "<urlset>", "</urlset>")
    )
    found["a packed sitemap"] = (
        {
            **plain,
            "/robots.txt": Answer(headers=TEXT, body="Sitemap: http://h.example:{port}/s.xml.gz\n"),
            "/s.xml.gz": Answer(headers=(("Content-Type", "application/gzip"),), body=listed),
        },
        "/",
    )
    many = numbered(
        "<a href='/p%d'>p</a><img src='/i%d.png'>".replace("%d'>p", "x'>p"), 3 * MIB, HEAD + "<body>"
    )
    found["page of 100,000 links and images"] = ({**plain, "/m": Answer(headers=HTML, body=many)}, "/m")
    found[RESUMED] = (plain, "/")
    return found
