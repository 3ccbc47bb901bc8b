"""Rows of what stands inside images: DataMining in every container, TDMRep, RSL, and bytes meant to do harm."""

from __future__ import annotations

from crawler.demo.answer import Answer, Responder, typed
from crawler.demo.images import jpeg, png, xmp
from crawler.demo.place import KEPT, UNDETERMINED, Expectation, reserved
from tests.vectors.assets.make_assets import build
from tests.webs.leaks.base import EMBEDDED
from tests.webs.row import Leak, leak

MEDIA_TYPES = {
    "avif": "image/avif",
    "bmp": "image/bmp",
    "gif": "image/gif",
    "heic": "image/heic",
    "ico": "image/vnd.microsoft.icon",
    "jpg": "image/jpeg",
    "jxl": "image/jxl",
    "png": "image/png",
    "svg": "image/svg+xml",
    "tif": "image/tiff",
    "tiff": "image/tiff",
    "webp": "image/webp",
}
"""Under which type a fixture is served, by the end of its name."""


def inside(asset: str, says: str, expect: Expectation, signal: str = "iptc") -> Leak:
    """A free page that shows the fixture ``asset``, on a host that is called like it."""
    suffix = asset.rpartition(".")[2]
    return leak(
        "inside-" + asset.replace(".", "-"),
        says,
        signal,
        EMBEDDED,
        KEPT,
        expect,
        image_path=f"/image.{suffix}",
        image_answer=typed(MEDIA_TYPES[suffix], build(asset)),
    )


def _called(name: str, says: str, expect: Expectation, answer: Responder) -> Leak:
    """An image whose answer does not say what it is."""
    return leak(name, says, "iptc", EMBEDDED, KEPT, expect, image_answer=answer)


NO = reserved("iptc")
_PROHIBITED = xmp("DMI-PROHIBITED")

CONTAINERS = (
    inside("prohibited.jpg", "a JPEG says that AI training is prohibited", NO),
    inside("prohibited.png", "a PNG says it before its pixels", NO),
    inside("after-idat.png", "a PNG says it behind its pixels", NO),
    inside("compressed.png", "a PNG says it in compressed text", NO),
    inside("raw-profile.png", "a PNG says it in a profile of hexadecimal digits", NO),
    inside("bad-crc.png", "a PNG says it in a chunk with a wrong checksum", NO),
    inside("prohibited.webp", "a WebP says it", NO),
    inside("prohibited.gif", "a GIF says it", NO),
    inside("blocks.gif", "a GIF says it in sub-blocks of data", NO),
    inside("prohibited.svg", "an SVG says it", NO),
    leak(
        "inside-prohibited-svgz",
        "an SVG that is stored compressed says it",
        "iptc",
        EMBEDDED,
        KEPT,
        NO,
        image_path="/image.svgz",
        image_answer=typed("image/svg+xml", build("prohibited.svgz"), ("Content-Encoding", "gzip")),
    ),
    inside("prohibited.tiff", "a TIFF says it", NO),
    inside("big.tiff", "a BigTIFF says it", NO),
    inside("big-endian.tiff", "a TIFF of the other byte order says it", NO),
    inside("prohibited.avif", "an AVIF says it", NO),
    inside("idat.avif", "an AVIF says it in its index", NO),
    inside("deflate.avif", "an AVIF says it in a compressed item", NO),
    inside("prohibited.heic", "a HEIC says it", NO),
    inside("uuid.heic", "a HEIC says it in a box of its own", NO),
    inside("prohibited.jxl", "a JPEG XL says it", NO),
    inside("brotli.jxl", "a JPEG XL says it in a compressed box", NO),
    *(
        inside(f"clean.{suffix}", f"a file of the format {suffix} says nothing", KEPT)
        for suffix in ("jpg", "png", "webp", "gif", "svg", "tiff", "avif", "heic", "jxl", "bmp", "ico")
    ),
)
"""The same words in every container, and containers without them."""

WORDS = (
    inside("extended-reversed.jpg", "only the Extended XMP says it, its pieces in disorder", NO),
    inside("extended-missing.jpg", "the Extended XMP lacks a piece, and the others say it", NO),
    inside("photoshop.jpg", "only the Photoshop resources say it", NO),
    inside("two-packets.jpg", "one packet allows mining, the next one prohibits training", NO),
    inside("late.jpg", "the words stand behind the pixels of a JPEG", NO),
    inside("utf-16.jpg", "the words are UTF-16", NO),
    inside("utf-32-be.jpg", "the words are UTF-32", NO),
    inside("attribute.jpg", "the words are an attribute", NO),
    inside("other-prefix.jpg", "the property has another prefix", NO),
    inside("bare-key.jpg", "the key stands without its vocabulary", NO),
    inside("label-ai.jpg", "a label for people stands in place of the key", NO),
    inside("unknown-prohibition.jpg", "the key is a prohibition that nobody knows", NO),
    inside("broken.jpg", "broken XML prohibits mining", NO),
    inside("entity-unknown.jpg", "an entity that nobody declared breaks the XML", NO),
    inside("truncated.jpg", "the file ends before its pixels do", NO),
    inside("constraints-ai.jpg", "only the words of the constraints speak of machine learning", NO),
    inside("tdm-1.jpg", "tdm:reservation is 1", reserved("tdmrep"), "tdmrep"),
    inside("tdm-attribute.jpg", "tdm:reservation is an attribute", reserved("tdmrep"), "tdmrep"),
    inside("tdm-broken.jpg", "tdm:reservation stands in broken XML", reserved("tdmrep"), "tdmrep"),
    inside("rsl.jpg", "a licence in the XMP prohibits training", reserved("rsl"), "rsl"),
    inside("rsl.png", "a licence in a text chunk prohibits training", reserved("rsl"), "rsl"),
    inside("dmi-unspecified.jpg", "the image says DMI-UNSPECIFIED", KEPT),
    inside("dmi-allowed.jpg", "the image says DMI-ALLOWED", KEPT),
    inside("allowed.svg", "a drawing says DMI-ALLOWED", KEPT),
    inside("broken-allowed.jpg", "broken XML says DMI-ALLOWED, which reserves nothing", KEPT),
    inside("constraints-print.jpg", "the constraints speak of print", KEPT),
    inside("credits.jpg", "the image names its maker and nothing else", KEPT),
    inside("tdm-0.jpg", "tdm:reservation is 0", KEPT, "tdmrep"),
    inside("tdm-other.jpg", "another vocabulary has a reservation", KEPT, "tdmrep"),
    inside("rsl-text-other.png", "a text chunk of that name is about something else", KEPT, "rsl"),
)
"""Other words, and other ways to write them."""

CLAIMS = (
    _called("claim-png", "a JPEG is called a PNG", NO, typed("image/png", jpeg(41, xmp=_PROHIBITED))),
    _called("claim-text", "a PNG is called text", NO, typed("text/plain", png(1, 91, 90, xmp=_PROHIBITED))),
    _called("claim-page", "a PNG is called a page", NO, typed("text/html", png(2, 91, 90, xmp=_PROHIBITED))),
    _called(
        "claim-octets",
        "a PNG is called octets",
        NO,
        typed("application/octet-stream", png(3, 91, 90, xmp=_PROHIBITED)),
    ),
    _called("claim-none", "an image comes without a type", NO, Answer(body=png(4, 91, 90, xmp=_PROHIBITED))),
    _called("claim-png-free", "a free JPEG is called a PNG", KEPT, typed("image/png", jpeg(42))),
    _called("claim-text-free", "a free PNG is called text", KEPT, typed("text/plain", png(5, 91, 90))),
    _called("claim-none-free", "a free image comes without a type", KEPT, Answer(body=png(6, 91, 90))),
)
"""The bytes say what an image is, not what it is called."""

HARM = (
    inside("text-bomb.png", "metadata unpacks to a gigabyte", UNDETERMINED),
    inside("entities.jpg", "entities of the XMP unfold into billions of words", UNDETERMINED),
    inside("entities.svg", "entities of a drawing unfold into billions of words", UNDETERMINED),
    inside("nested.png", "a million elements stand within each other", UNDETERMINED),
    inside("truncated-box.avif", "a box is cut", UNDETERMINED),
    inside("truncated-chunk.png", "a chunk is cut after its words", NO),
    inside("huge-length.jpg", "a segment says that it is longer than its file", UNDETERMINED),
    inside("huge-length.png", "a chunk says that it has two gigabytes", UNDETERMINED),
    inside("huge-length.webp", "a chunk of a WebP says that it has four gigabytes", UNDETERMINED),
    inside("huge-length.avif", "a box says that it has two gigabytes", UNDETERMINED),
    inside("ifd-loop.tiff", "the directories of a TIFF form a circle, and prohibit training", NO),
    inside("huge.png", "400 KB unfold into 400 megapixels", UNDETERMINED, "oversize"),
    inside("too-large.png", "a picture has one row too many", UNDETERMINED, "oversize"),
    inside("huge.webp", "the canvas of a WebP is too large", UNDETERMINED, "oversize"),
    inside("huge.ico", "an icon holds a picture that is too large", UNDETERMINED, "oversize"),
    inside("largest.png", "a picture has the largest size that is opened", KEPT, "oversize"),
)
"""Strangers' bytes: what cannot be read through is not collected."""

INSIDE = (*CONTAINERS, *WORDS, *CLAIMS, *HARM)
