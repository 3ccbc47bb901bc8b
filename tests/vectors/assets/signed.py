"""Files with C2PA manifests, signed with the fixtures' own certificate: ``signed-<what>.<ext>``.

``signed-prohibited.<ext>``: a CAWG assertion that prohibits all four uses. The table below names the others.
"""

from __future__ import annotations

import base64
import io
import json
import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache, partial
from typing import Any, NamedTuple

import c2pa
from pypdf import PdfWriter
from pypdf.generic import ArrayObject, DictionaryObject, NameObject, StreamObject, TextStringObject

from crawler.demo import images
from tests.vectors.assets.certificates import chain
from tests.vectors.assets.containers import app1, gif, heif, jpeg, jxl, png, svg, tiff
from tests.vectors.assets.documents import epub
from tests.vectors.assets.xmp import xmp

KEYS = ("data_mining", "ai_inference", "ai_training", "ai_generative_training")
REMOTE = "https://h.example/manifests/1.c2pa"
CREATED = {
    "label": "c2pa.actions",
    "data": {
        "actions": [
            {
                "action": "c2pa.created",
                "digitalSourceType": "http://cv.iptc.org/newscodes/digitalsourcetype/digitalCapture",
            }
        ]
    },
}


class Signed(NamedTuple):
    """What signing yields."""

    file: bytes
    """The file."""
    manifest: bytes
    """Its manifest store."""


def assertion(
    uses: Mapping[str, Any], *, label: str = "cawg.training-mining", wrapped: bool = True
) -> dict[str, Any]:
    """A training-and-data-mining assertion; a text in ``uses`` stands for an entry with that use."""
    entries = {key: {"use": value} if isinstance(value, str) else value for key, value in uses.items()}
    return {"label": label, "data": {"entries": entries} if wrapped else entries}


def every(use: str, prefix: str = "cawg") -> dict[str, str]:
    """All four keys with one use."""
    return {f"{prefix}.{key}": use for key in KEYS}


def sign(
    source: bytes,
    *assertions: Mapping[str, Any],
    media_type: str = "image/jpeg",
    ingredients: Sequence[tuple[str, bytes]] = (),
    remote: str = "",
    compressed: bool = False,
) -> Signed:
    """``source`` with a manifest of these assertions.

    ``ingredients``: relationship and JPEG. ``remote``: the manifest is not embedded, the file's XMP names this
    address instead.
    """
    settings = {
        "builder": {"thumbnail": {"enabled": False}},
        "core": {"prefer_compress_manifests": compressed},
        "verify": {"verify_after_sign": False, "remote_manifest_fetch": False},
    }
    manifest = {
        "claim_generator_info": [{"name": "fixtures", "version": "1"}],
        "assertions": [CREATED, *assertions],
    }
    out = io.BytesIO()
    with c2pa.Builder.from_json(json.dumps(manifest), context=c2pa.Context.from_dict(settings)) as builder:
        if remote:
            builder.set_remote_url(remote)
            builder.set_no_embed()
        for relationship, file in ingredients:
            about = json.dumps({"title": relationship, "relationship": relationship})
            builder.add_ingredient(about, "image/jpeg", io.BytesIO(file))
        store = builder.sign(_signer(), media_type, io.BytesIO(source), out)
    return Signed(out.getvalue(), bytes(store))


@cache
def _signer() -> c2pa.Signer:
    made = chain()
    return c2pa.Signer.from_info(
        c2pa.C2paSignerInfo(b"es256", made.certificates.encode(), made.key.encode(), None)
    )


@cache
def prohibited() -> Signed:
    """A JPEG that prohibits all four uses."""
    return sign(jpeg(), assertion(every("notAllowed")))


def silent() -> Signed:
    """A JPEG whose manifest says nothing about mining and training."""
    return sign(jpeg(grey=3))


def replaced(file: bytes, old: bytes, new: bytes) -> bytes:
    """``file`` after somebody changed octets in it, its length kept."""
    assert len(old) == len(new), (old, new)
    assert old in file, old
    return file.replace(old, new)


def _with(relationship: str) -> bytes:
    """A silent file that was made with the prohibiting one."""
    return sign(jpeg(grey=9), ingredients=[(relationship, prohibited().file)]).file


def _uses(uses: Mapping[str, Any], **form: Any) -> bytes:
    return sign(jpeg(), assertion(uses, **form)).file


def _in(source: Callable[[], bytes], media_type: str) -> bytes:
    return sign(source(), assertion(every("notAllowed")), media_type=media_type).file


def _tampered() -> bytes:
    """Other pixels than those that were signed."""
    whole = bytearray(prohibited().file)
    whole[-3] ^= 0x55
    return bytes(whole)


def _cut(mark: bytes, beyond: int) -> bytes:
    whole = prohibited().file
    return whole[: whole.index(mark) + beyond]


def _script(store: bytes) -> bytes:
    text = base64.encodebytes(store)
    return (
        b'<html><head><script type="application/c2pa">' + text + b"</script></head><body>a text</body></html>"
    )


def _plus_metadata(prefix: str = "plus") -> bytes:
    """Metadata in the manifest that repeats what XMP would say."""
    content = {
        "@context": {prefix: "http://ns.useplus.org/ldf/xmp/1.0/"},
        f"{prefix}:DataMining": "http://ns.useplus.org/ldf/vocab/DMI-PROHIBITED",
    }
    return sign(jpeg(), {"label": "cawg.metadata", "data": content}).file


def _constrained() -> dict[str, Any]:
    ask = "licensing@h.example"
    return {
        "cawg.data_mining": {"use": "constrained", "constraint_info": ask},
        "cawg.ai_training": {"use": "constrained", "constraints_info": ask},
    }


def _pdf(store: bytes) -> bytes:
    """A document with a manifest as C2PA asks: an associated file, here compressed."""
    writer = PdfWriter()
    writer.add_blank_page(width=100, height=100)
    content = StreamObject()
    content.set_data(store)
    file = DictionaryObject({NameObject("/F"): writer._add_object(content.flate_encode())})
    named = {
        "/Type": NameObject("/Filespec"),
        "/AFRelationship": NameObject("/C2PA_Manifest"),
        "/F": TextStringObject("manifest.c2pa"),
        "/EF": file,
    }
    specification = DictionaryObject({NameObject(key): value for key, value in named.items()})
    writer.root_object[NameObject("/AF")] = ArrayObject([writer._add_object(specification)])
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def _epub(store: bytes) -> bytes:
    return epub(files={"META-INF/content_credential.c2pa": store})


def _otherwise_labelled(store: bytes) -> bytes:
    """The same store, its active manifest renamed, so that nothing fits any more."""
    label = re.findall(rb"urn:c2pa:[0-9a-f-]{36}", store)[-1]
    return store.replace(label, b"urn:c2pa:" + b"0" * 36)


ASSETS: dict[str, Callable[[], bytes]] = {
    "trust-anchors.pem": lambda: chain().authority.encode(),
    # One for each container
    "signed-prohibited.jpg": lambda: prohibited().file,
    "signed-prohibited.png": partial(_in, png, "image/png"),
    "signed-prohibited.webp": partial(_in, partial(images.webp, 1, 2, 3), "image/webp"),
    "signed-prohibited.gif": partial(_in, gif, "image/gif"),
    "signed-prohibited.svg": partial(_in, svg, "image/svg+xml"),
    "signed-prohibited.tif": partial(_in, tiff, "image/tiff"),
    "signed-prohibited.avif": partial(_in, heif, "image/avif"),
    "signed-prohibited.jxl": partial(_in, jxl, "image/jxl"),
    "signed.pdf": lambda: _pdf(prohibited().manifest),
    "signed-silent.pdf": lambda: _pdf(silent().manifest),
    "signed.epub": lambda: _epub(prohibited().manifest),
    "signed-silent.epub": lambda: _epub(silent().manifest),
    "many-manifests.epub": lambda: epub(files={f"{number}.c2pa": b"" for number in range(9)}),
    # What is said
    "signed-generative.jpg": partial(_uses, {"cawg.ai_generative_training": "notAllowed"}),
    "signed-training.jpg": partial(
        _uses, {"cawg.ai_training": "notAllowed", "cawg.ai_generative_training": "allowed"}
    ),
    "signed-inference.jpg": partial(_uses, {"cawg.ai_inference": "notAllowed"}),
    "signed-legacy.jpg": partial(_uses, every("notAllowed", "c2pa"), label="c2pa.training-mining"),
    "signed-prefix.jpg": partial(_uses, every("notAllowed", "c2pa")),
    "signed-version.jpg": partial(_uses, every("notAllowed"), label="cawg.training-mining.v2"),
    "signed-constrained.jpg": lambda: _uses(_constrained()),
    "signed-bare.jpg": partial(_uses, every("notAllowed"), wrapped=False),
    "signed-bare-allowed.jpg": partial(_uses, every("allowed"), wrapped=False),
    "signed-custom.jpg": partial(_uses, {"org.example.ai_music": "notAllowed"}),
    "signed-custom-allowed.jpg": partial(_uses, {"org.example.ai_music": "allowed"}),
    "signed-unknown.jpg": partial(_uses, {"cawg.ai_training": "perhaps"}),
    "signed-spelled.jpg": partial(_uses, {"cawg.ai_training": "Not Allowed"}),
    "signed-useless.jpg": partial(_uses, {"cawg.ai_training": {"because": "no"}}),
    "signed-nothing.jpg": partial(_uses, {}),
    "signed-other.jpg": lambda: sign(jpeg(), {"label": "cawg.training-mining", "data": {"Entry": "x"}}).file,
    "signed-allowed.jpg": partial(_uses, every("allowed")),
    "signed-allowed-training.jpg": partial(
        _uses, {"cawg.ai_training": "allowed", "cawg.ai_generative_training": "allowed"}
    ),
    "signed-allowed-narrow.jpg": partial(_uses, {"cawg.ai_training": "allowed", "cawg.data_mining": "allowed"}),
    "signed-twice.jpg": lambda: sign(jpeg(), assertion(every("allowed")), assertion(every("notAllowed"))).file,
    "signed-allowed-xmp.jpg": lambda: sign(jpeg(app1(xmp("DMI-PROHIBITED"))), assertion(every("allowed"))).file,
    "signed-metadata.jpg": _plus_metadata,
    "signed-metadata-other-prefix.jpg": partial(_plus_metadata, "my"),
    "signed-silent.jpg": lambda: silent().file,
    # Who says it
    "signed-parent.jpg": partial(_with, "parentOf"),
    "signed-component.jpg": partial(_with, "componentOf"),
    "signed-input.jpg": partial(_with, "inputTo"),
    "signed-compressed.jpg": lambda: sign(jpeg(), assertion(every("notAllowed")), compressed=True).file,
    "signed-parent-allowed.jpg": lambda: (
        sign(jpeg(), ingredients=[("parentOf", sign(jpeg(), assertion(every("allowed"))).file)]).file
    ),
    # What became of it
    "signed-tampered.jpg": _tampered,
    "signed-tampered-allowed.jpg": lambda: sign(jpeg(), assertion(every("allowed"))).file[:-3] + b"abc",
    "signed-junk-use.jpg": lambda: replaced(prohibited().file, b"jnotAllowed", b"jn?tAll?wed"),
    "signed-junk-cbor.jpg": lambda: replaced(prohibited().file, b"jnotAllowed", b"\xffnotAllowed"),
    "signed-redacted.jpg": lambda: replaced(prohibited().file, b"gentries", b"\0" * 8),
    "signed-lost.jpg": lambda: replaced(
        prohibited().file, b"\x13cawg.training-mining\0", b"\x13cawg.training-mixing\0"
    ),
    "signed-cut.jpg": lambda: _cut(b"c2pa.signature", 60),
    "signed-cut-early.jpg": lambda: _cut(b"cawg.data_mining", 3),
    "unsigned.png": lambda: images.png(9, 9, 9, manifest=images.manifest({"cawg.ai_training": "notAllowed"})),
    "unsigned-allowed.png": lambda: images.png(9, 9, 8, manifest=images.manifest(every("allowed"))),
    "unsigned-silent.png": lambda: images.png(9, 9, 7, manifest=images.manifest({}, "c2pa.other")),
    # Kept elsewhere
    "signed-remote.jpg": lambda: sign(jpeg(grey=2), assertion(every("notAllowed")), remote=REMOTE).file,
    "prohibited.c2pa": lambda: prohibited().manifest,
    "constrained.c2pa": lambda: sign(jpeg(), assertion(_constrained())).manifest,
    "allowed.c2pa": lambda: sign(jpeg(), assertion(every("allowed"))).manifest,
    "silent.c2pa": lambda: silent().manifest,
    "renamed.c2pa": lambda: _otherwise_labelled(prohibited().manifest),
    "cut.c2pa": lambda: prohibited().manifest[:500],
    "manifest-script.html": lambda: _script(prohibited().manifest),
    "manifest-script-silent.html": lambda: _script(silent().manifest),
}
