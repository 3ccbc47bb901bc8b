"""Rows of C2PA: manifests inside images, written into pages, and kept elsewhere."""

from __future__ import annotations

import base64
from collections.abc import Mapping

from crawler.demo.answer import Answer, Responder, page, text, typed
from crawler.demo.place import KEPT, NOT_KEPT, UNDETERMINED, Expectation, reserved
from tests.vectors.assets.containers import svg
from tests.vectors.assets.make_assets import build
from tests.vectors.assets.xmp import xmp
from tests.webs.leaks.base import EMBEDDED, HEADER, HTML
from tests.webs.leaks.inside import inside
from tests.webs.row import Leak, leak

NO = reserved("c2pa")


def _signed(asset: str, says: str, expect: Expectation = NO) -> Leak:
    return inside(asset, says, expect, "c2pa")


def _store(asset: str) -> Answer:
    return typed("application/c2pa", build(asset))


def _linked(name: str, says: str, expect: Expectation, manifest: Responder) -> Leak:
    """A page whose ``Link`` header names a manifest."""
    return leak(
        name,
        says,
        "c2pa",
        HEADER,
        expect,
        headers=(("Link", '</page.c2pa>; rel="c2pa-manifest"'),),
        files={"/page.c2pa": manifest},
    )


def _named(name: str, says: str, expect: Expectation, manifest: Responder) -> Leak:
    """A page with an element that names a manifest."""
    return leak(
        name,
        says,
        "c2pa",
        HTML,
        expect,
        head='<link rel="c2pa-manifest" href="/page.c2pa">',
        files={"/page.c2pa": manifest},
    )


def _provenance(name: str, says: str, expect: Expectation, files: Mapping[str, Responder]) -> Leak:
    """A drawing whose XMP names a manifest on another host."""
    vault = f"vault-of-{name}.example"
    packet = xmp(
        attributes='xmlns:dcterms="http://purl.org/dc/terms/"',
        extra=f"<dcterms:provenance>http://{vault}:{{port}}/image.c2pa</dcterms:provenance>",
        wrapped=False,
    )
    return leak(
        name,
        says,
        "c2pa",
        EMBEDDED,
        KEPT,
        expect,
        image_path="/image.svg",
        image_answer=typed("image/svg+xml", svg(packet).decode()),
        hosts={vault: {"/robots.txt": text("none\n", status=404), **files}},
    )


def _written(asset: str) -> str:
    return f'<script type="application/c2pa">{base64.b64encode(build(asset)).decode()}</script>'


SIGNED = (
    *(
        _signed(f"signed-prohibited.{suffix}", f"a signed manifest in {name} does not allow any use")
        for suffix, name in (
            ("jpg", "a JPEG"),
            ("png", "a PNG"),
            ("webp", "a WebP"),
            ("gif", "a GIF"),
            ("svg", "an SVG"),
            ("tif", "a TIFF"),
            ("avif", "an AVIF"),
            ("jxl", "a JPEG XL"),
        )
    ),
    _signed("signed-generative.jpg", "a signed manifest does not allow generative training"),
    _signed("signed-legacy.jpg", "a signed manifest has the older label"),
    _signed("signed-version.jpg", "a signed manifest has the label of a version to come"),
    _signed("signed-constrained.jpg", "a signed manifest is constrained"),
    _signed("signed-unknown.jpg", "a signed manifest has a value that nobody knows"),
    _signed("signed-twice.jpg", "one assertion allows, the next one does not"),
    _signed("signed-compressed.jpg", "the manifest is compressed"),
    _signed("signed-parent.jpg", "the manifest of the picture that it was made from does not allow"),
    _signed("signed-component.jpg", "the manifest of a picture within it does not allow"),
    _signed("signed-tampered.jpg", "somebody changed the pixels after signing"),
    _signed("signed-junk-use.jpg", "somebody changed the words after signing"),
    _signed("signed-lost.jpg", "somebody renamed the assertion after signing"),
    _signed("signed-cut-early.jpg", "the file ends inside its assertion"),
    _signed("unsigned.png", "nobody signed the manifest"),
    inside("signed-allowed-xmp.jpg", "the manifest allows, the XMP prohibits", reserved("iptc")),
    inside("signed-metadata.jpg", "the manifest repeats DataMining", reserved("iptc")),
    _signed("signed-allowed.jpg", "a signed manifest allows every use", KEPT),
    _signed("signed-silent.jpg", "a signed manifest is silent about use", KEPT),
    _signed("signed-input.jpg", "the manifest of what it was generated from does not allow", KEPT),
    _signed("unsigned-silent.png", "a manifest that nobody signed is silent", KEPT),
)
"""Manifests inside images."""

ELSEWHERE = (
    _linked("c2pa-link", "a Link header names a manifest that does not allow", NO, _store("prohibited.c2pa")),
    _linked("c2pa-link-lost", "that manifest answers 404", UNDETERMINED, text("none\n", status=404)),
    _linked("c2pa-link-busy", "that manifest answers 503", UNDETERMINED, text("busy\n", status=503)),
    _linked("c2pa-link-page", "that manifest is a web page", UNDETERMINED, page("<p>Not found.</p>")),
    _linked("c2pa-link-silent", "that manifest is silent about use", KEPT, _store("silent.c2pa")),
    leak(
        "c2pa-image-link",
        "the image's own Link header names a manifest that does not allow",
        "c2pa",
        HEADER,
        KEPT,
        NO,
        image_headers=(("Link", '</image.c2pa>; rel="c2pa-manifest"'),),
        files={"/image.c2pa": _store("prohibited.c2pa")},
    ),
    _named("c2pa-html", "a link element names a manifest that does not allow", NO, _store("prohibited.c2pa")),
    _named("c2pa-html-lost", "the manifest that the page names answers 404", UNDETERMINED, Answer(status=404)),
    _named("c2pa-html-silent", "the manifest that the page names is silent", KEPT, _store("silent.c2pa")),
    leak(
        "c2pa-script",
        "a manifest written into the page does not allow",
        "c2pa",
        HTML,
        NO,
        head=_written("prohibited.c2pa"),
    ),
    leak(
        "c2pa-script-broken",
        "a manifest written into the page is no base64",
        "c2pa",
        HTML,
        UNDETERMINED,
        NOT_KEPT,
        head='<script type="application/c2pa">*** not base64 ***</script>',
    ),
    leak(
        "c2pa-script-silent",
        "a manifest written into the page is silent about use",
        "c2pa",
        HTML,
        KEPT,
        head=_written("silent.c2pa"),
    ),
    _provenance(
        "c2pa-provenance",
        "the manifest that the image's XMP names does not allow",
        NO,
        {"/image.c2pa": _store("prohibited.c2pa")},
    ),
    _provenance("c2pa-provenance-lost", "the manifest that the XMP names answers 404", UNDETERMINED, {}),
    _provenance(
        "c2pa-provenance-busy",
        "the manifest that the XMP names answers 503",
        UNDETERMINED,
        {"/image.c2pa": text("busy\n", status=503)},
    ),
    _provenance(
        "c2pa-provenance-page",
        "the manifest that the XMP names is a web page",
        UNDETERMINED,
        {"/image.c2pa": page("<p>Please log in.</p>")},
    ),
    _provenance(
        "c2pa-provenance-closed",
        "the host of the manifest that the XMP names refuses us in its robots.txt",
        UNDETERMINED,
        {"/robots.txt": text("User-agent: *\nDisallow: /\n"), "/image.c2pa": _store("prohibited.c2pa")},
    ),
    _provenance(
        "c2pa-provenance-silent",
        "the manifest that the XMP names is silent",
        KEPT,
        {"/image.c2pa": _store("silent.c2pa")},
    ),
)
"""Manifests kept elsewhere, and in pages."""

MANIFESTS = (*SIGNED, *ELSEWHERE)
