"""How creators say no, one example a way, signal by signal: the rows of ``docs/refusing.md`` for programs.

Tests hold the two together, and put every row to the gate.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Refusal:
    """One way to say no."""

    where: str
    """The file, header, page or picture that it is written in."""
    written: str
    """What is written there; may have several lines."""
    refuses: str
    """What is refused by it."""


_ROBOTS, _HEADER, _PAGE, _IMAGE = "robots.txt", "response header", "page", "inside the image (XMP)"
_LICENCE = "what that RSL document does not give for free"
_PLUS = 'plus:DataMining="http://ns.useplus.org/ldf/vocab/DMI-PROHIBITED'

REFUSALS: dict[str, tuple[Refusal, ...]] = {
    "ai-txt": (
        Refusal("/ai.txt", "User-Agent: *\nDisallow: *.jpg", "files by their ending, for mining"),
        Refusal("/ai.txt", "User-Agent: *\nDisallow: /", "the whole host, for mining"),
    ),
    "content-signal": (
        Refusal(_ROBOTS, "User-agent: *\nContent-Signal: ai-train=no", "the whole host, for training"),
    ),
    "content-usage": (
        Refusal(_ROBOTS, "User-agent: *\nContent-Usage: train-ai=n", "the whole host, for training"),
        Refusal(_ROBOTS, "User-agent: *\nContent-Usage: /art/ train-ai=n", "the paths, for training"),
        Refusal(_HEADER, "Content-Usage: train-ai=n", "this answer, for training"),
    ),
    "disallow-ai-training": (
        Refusal(_ROBOTS, "User-agent: *\nDisallowAITraining: /art/", "the paths, for training"),
    ),
    "iptc": (
        Refusal(_IMAGE, f'{_PLUS}"', "this image wherever it is copied to, for every use"),
        Refusal(_IMAGE, f'{_PLUS}-AIMLTRAINING"', "this image wherever it is copied to, for training"),
    ),
    "noai-lines": (
        Refusal(_ROBOTS, "User-agent: *\nNoAI: /art/", "the paths, for mining"),
        Refusal(_ROBOTS, "User-agent: *\nNoImageAI: yes", "the images, for mining"),
    ),
    "robots": (Refusal(_ROBOTS, "User-agent: heedful\nDisallow: /", "everything, and it is not requested"),),
    "robots-meta": (
        Refusal(_HEADER, "X-Robots-Tag: noai", "this answer, for mining"),
        Refusal(_HEADER, "X-Robots-Tag: noimageai", "the images of this page, for mining"),
        Refusal(_PAGE, '<meta name="robots" content="noai">', "the page and its images, for mining"),
        Refusal(_PAGE, '<meta name="robots" content="noimageai">', "its images, for mining"),
    ),
    "rsl": (
        Refusal(_ROBOTS, "License: https://your.site/licence.xml", _LICENCE),
        Refusal(
            _HEADER,
            'Link: <https://your.site/licence.xml>; rel="license"; type="application/rsl+xml"',
            _LICENCE,
        ),
        Refusal(_PAGE, '<link rel="license" type="application/rsl+xml" href="/licence.xml">', _LICENCE),
    ),
    "tdmrep": (
        Refusal(
            "/.well-known/tdmrep.json",
            '[{"location": "/", "tdm-reservation": 1}]',
            "the paths, for mining",
        ),
        Refusal(_HEADER, "tdm-reservation: 1", "this answer, for mining"),
        Refusal(_PAGE, '<meta name="tdm-reservation" content="1">', "the page and its images, for mining"),
        Refusal(
            _IMAGE,
            'tdm:reservation="1"',
            "this image wherever it is copied to, for mining; in a PDF the document",
        ),
    ),
    "training-tokens": (
        Refusal(
            _ROBOTS,
            "User-agent: GPTBot\nDisallow: /",
            "the paths, to AI crawlers and so to this one, unless it is also allowed by name",
        ),
    ),
    "trust-txt": (Refusal("/trust.txt", "datatrainingallowed=no", "the whole host, for training"),),
}
"""The ways by signal."""

IN_WORDS = {
    "c2pa": "A signed C2PA manifest inside the image with a cawg.training-mining assertion in which a use is "
    "notAllowed. The signature need not be valid any more.",
    "denylist": "Creators write none of it: these are the operator's own lists, deny_hosts, deny_prefixes and "
    "deny_sha256 in heedful.toml, for what was asked for by mail.",
    "document-locks": "A PDF that needs a password or withholds the extraction of text, an EPUB with DRM.",
    "http-status": "An answer of 401, 402, 403 or 451, a challenge, or a login page.",
    "licence": "Licences permit and refuse nothing: a link with rel=license to an open licence is what "
    "--posture opt-in keeps a page for.",
    "oversize": "Nobody says no with it: a picture too large to be opened cannot be asked, and is not kept.",
    "paywall": 'The JSON-LD of a page that is not free to read: "isAccessibleForFree": false.',
}
"""What is told in words, because no line of text shows it."""
