"""One site of the demo web: what stands on every page of it, and how its pages and pictures become rows."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape

from crawler.demo import pictures
from crawler.demo.answer import Text, page, typed
from crawler.demo.embed import with_manifest, with_xmp
from crawler.demo.place import KEPT, Expectation, Place
from crawler.demo.style import Layout, sheet
from crawler.demo.words import first_words, image, inline, pictures_in, to_html

PICTURES = "/pictures/"
"""The folder of every site's pictures."""

Header = tuple[Text, Text]


@dataclass(frozen=True, kw_only=True, slots=True)
class Article:
    """One page, as its author wrote it, and what must become of it."""

    path: str
    """Where it stands."""
    title: str
    """Its heading."""
    words: str
    """Its text, in the notation of :mod:`crawler.demo.words`."""
    says: str
    """What the page, and what speaks for it, says to machines, in plain words."""
    expect: Expectation = KEPT
    """What must become of it."""
    author: str = ""
    """Who wrote it."""
    date: str = ""
    """When it was published, ``2026-05-04``."""
    head: str = ""
    """HTML for its head."""
    headers: tuple[Header, ...] = ()
    """Header lines of its answer."""
    status: int = 200
    """Status of its answer."""
    lang: str = ""
    """Its language; empty: the site's."""
    listed: bool = True
    """Whether the front page shows it."""
    pictured: bool = False
    """Whether the front page shows its picture, although it may not be kept itself."""
    data: Mapping[str, object] = field(default_factory=dict)
    """More for its JSON-LD, such as ``@type``."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Site:
    """What all pages of a site share."""

    host: str
    """Its name, without port."""
    name: str
    """What it calls itself."""
    tagline: str
    """The line below its name."""
    layout: Layout
    """What kind of site it looks like."""
    paper: str
    """Colour of the background."""
    ink: str
    """Colour of the text."""
    accent: str
    """Colour of links."""
    nav: tuple[tuple[str, str], ...]
    """Path and label of what every page links to."""
    aside: str
    """What stands beside every page, in the notation of :mod:`crawler.demo.words`."""
    imprint: str
    """Who is behind it."""
    lang: str = "en"
    """Language of its pages."""
    serif: bool = False
    """Whether its text is set in a serif face."""
    head: str = ""
    """HTML for the head of every page."""

    def source(self, name: str) -> str:
        """The address of a picture: ``name`` of this site, ``host:name`` of another, or a path as it is."""
        host, _, own = name.rpartition(":")
        if own.startswith("/") or "." in own:
            path = own if own.startswith("/") else PICTURES + own
        else:
            path = PICTURES + pictures.file_name(own)
        return f"http://{host}:{{port}}{path}" if host else path

    def page(self, article: Article) -> Place:
        """The row of a page."""
        answer = page(self.html(article), *article.headers, status=article.status)
        return Place(host=self.host, path=article.path, answer=answer, expect=article.expect)

    def front(self, article: Article, shown: Iterable[Article], path: str = "/") -> Place:
        """The row of a page that leads to others, with a card for each that is to be listed."""
        cards = "".join(self._card(one) for one in shown if one.listed)
        content = self.html(article, more=f'<ul class="cards">{cards}</ul>')
        return Place(
            host=self.host,
            path=path,
            answer=page(content, *article.headers, status=article.status),
            expect=article.expect,
        )

    def whole(
        self, front: Article, articles: Sequence[Article], rest: Iterable[Place] = ()
    ) -> tuple[Place, ...]:
        """The rows of the whole site: style sheet, front page, articles, and the rest."""
        style = sheet(self.layout, self.paper, self.ink, self.accent, serif=self.serif)
        return (
            Place(host=self.host, path="/style.css", answer=typed("text/css", style)),
            self.front(front, articles, front.path),
            *(self.page(article) for article in articles),
            *rest,
        )

    def file(self, path: str, body: Text, media_type: str = "text/plain", *, status: int = 200) -> Place:
        """A site-level file or other document that is read, not collected."""
        return Place(host=self.host, path=path, answer=typed(media_type, body, status=status))

    def picture(
        self,
        name: str,
        expect: Expectation = KEPT,
        *headers: Header,
        packet: bytes = b"",
        store: bytes = b"",
        path: str = "",
    ) -> Place:
        """The row of a painted picture; ``packet``: XMP, ``store``: a manifest that is put into it."""
        body = pictures.read(name)
        if packet:
            body = with_xmp(body, packet)
        if store:
            body = with_manifest(body, store)
        return self.file_of(path or PICTURES + pictures.file_name(name), body, expect, *headers)

    def drawing(self, name: str, svg: str, expect: Expectation = KEPT, *headers: Header) -> Place:
        """The row of a drawing; ``name`` ends in its size and ``.svg``."""
        return self.file_of(PICTURES + name, svg.encode(), expect, *headers)

    def file_of(self, path: str, body: bytes, expect: Expectation, *headers: Header) -> Place:
        """The row of a file that is collected, its type told by the end of its path."""
        end = path.rpartition(".")[2]
        documents = {"pdf": "application/pdf", "epub": "application/epub+zip"}
        media_type = documents.get(end) or pictures.MEDIA_TYPES[end]
        return Place(host=self.host, path=path, answer=typed(media_type, body, *headers), expect=expect)

    def html(self, article: Article, more: str = "") -> str:
        """The page around an article, with the note on what it says to machines."""
        lang = article.lang or self.lang
        turned = ' dir="rtl"' if lang == "ar" else ""
        ours = f' lang="{self.lang}" dir="ltr"' if lang != self.lang else ""
        home = self.nav[0][0] if self.nav else "/"
        links = "".join(f'<li><a href="{escape(path)}">{escape(label)}</a></li>' for path, label in self.nav)
        return "\n".join(
            (
                "<!doctype html>",
                f'<html lang="{lang}"{turned}>',
                f"<head>{self._head(article, lang)}</head>",
                f'<body class="{self.layout}">',
                f'<header class="site"><a class="brand" href="{escape(home)}">{escape(self.name)}</a>'
                f"<p>{escape(self.tagline)}</p><nav><ul>{links}</ul></nav></header>",
                f'<div class="page"><main><article><h1>{escape(article.title)}</h1>{self._byline(article)}',
                to_html(article.words, self.source),
                "</article>",
                more,
                f"</main><aside{ours}>{to_html(self.aside, self.source)}</aside></div>",
                f"<footer{ours}><p>{inline(self.imprint)}</p>",
                f'<p class="note"><strong>What is said to machines here:</strong> '
                f"{inline(article.says)}</p></footer>",
                "</body></html>\n",
            )
        )

    def _head(self, article: Article, lang: str) -> str:
        summary = first_words(article.words)
        data: dict[str, object] = {
            "@context": "https://schema.org",
            "@type": "Article" if article.author else "WebPage",
            "headline": article.title,
            "inLanguage": lang,
            "publisher": {"@type": "Organization", "name": self.name},
        }
        metas = [f'<meta name="description" content="{escape(summary)}">']
        if article.author:
            data["author"] = {"@type": "Person", "name": article.author}
            metas.append(f'<meta name="author" content="{escape(article.author)}">')
        if article.date:
            data["datePublished"] = article.date
            metas.append(f'<meta property="article:published_time" content="{article.date}T08:00:00+00:00">')
        return "".join(
            (
                '<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">',
                f"<title>{escape(article.title)} – {escape(self.name)}</title>",
                *metas,
                f'<meta property="og:title" content="{escape(article.title)}">',
                f'<meta property="og:site_name" content="{escape(self.name)}">',
                '<link rel="stylesheet" href="/style.css">',
                self.head,
                article.head,
                json_ld({**data, **article.data}),
            )
        )

    def _byline(self, article: Article) -> str:
        parts = []
        if article.author:
            parts.append(f'<span class="author" rel="author">{escape(article.author)}</span>')
        if article.date:
            parts.append(f'<time datetime="{article.date}">{article.date}</time>')
        return f'<p class="byline">{" · ".join(parts)}</p>' if parts else ""

    def _card(self, article: Article) -> str:
        """Title and beginning of a page; its first picture too, where nothing is said against the page."""
        shown = pictures_in(article.words)[:1] if article.expect.kept or article.pictured else []
        picture = "".join(image(self.source(name), alt) for name, alt in shown)
        link = f'<a href="{escape(article.path)}">{escape(article.title)}</a>'
        return f"<li>{picture}<h2>{link}</h2><p>{escape(first_words(article.words, 110))}</p></li>"


def json_ld(data: Mapping[str, object]) -> str:
    """A script element with JSON-LD; nothing in it can end the element."""
    text = json.dumps(data, ensure_ascii=False).replace("</", "<\\/")
    return f'<script type="application/ld+json">{text}</script>'
