"""Coverage-guided fuzzing of everything that reads strangers' bytes; a documented command, not a test.

    pip install atheris
    python -m tests.fuzz                   every target, 60 seconds each
    python -m tests.fuzz html rsl -s 300   these, five minutes each

Each target calls the readers of our signals themselves, without the gate's catch-all: an exception is a find,
and so is an input that takes more than five seconds or 700 MB. The seeds are the fixtures and vectors of the
tests. A find is written to ``fuzz-finds/`` (or ``-o FOLDER``), ends its target, and ends the command with 1.
Every find becomes a vector or a fixture before it is mended.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

AT = datetime(2026, 11, 22, tzinfo=UTC)
TARGETS = ("container", "xmp", "c2pa", "pdf", "epub", "rsl", "feed", "robots", "host-files", "header", "html")


def seeds(target: str) -> Iterator[bytes]:
    """Inputs to begin with."""
    from tests import vectorfile
    from tests.vectors.assets.make_assets import build, builders

    if target in ("container", "xmp", "c2pa", "pdf", "epub"):
        wanted = {"pdf": (".pdf",), "epub": (".epub",)}.get(target, ())
        for name in builders():
            body = build(name)
            if len(body) < 100_000 and (not wanted or name.endswith(wanted)):
                yield body
        return
    names = {"robots": "robots", "rsl": "rsl"}
    for signal in [names[target]] if target in names else vectorfile.names():
        for vector in vectorfile.load(signal):
            answers = [vector.get("response", {}), *vector.get("documents", {}).values()]
            if target in ("robots", "host-files"):
                answers = list(vector.get("files", {}).values())
            for answer in answers:
                if target == "header":
                    yield "\n".join(f"{name}: {value}" for name, value in answer.get("headers", [])).encode()
                elif body := vectorfile.capture("https://h.example/", answer).body[:50_000]:
                    yield body


def reader_of(target: str) -> Callable[[bytes], None]:
    """What the target does with an input."""
    from crawler.optout import SIGNALS
    from crawler.optout.grammar.container.walk import metadata_of
    from crawler.optout.grammar.html import page
    from crawler.optout.grammar.links import outlinks
    from crawler.optout.grammar.sniff import picture
    from crawler.optout.grammar.xmp import xmp_of
    from crawler.optout.model import Asset, Capture, Carrier, Context, Kind

    context = Context(agents=("heedful", "mybot"))
    url = "https://h.example/a/b.html"

    def capture(body: bytes, media_type: str = "", *, status: int = 200, at: str = url) -> Capture:
        headers = (("content-type", media_type),) if media_type else ()
        return Capture(url=at, status=status, headers=headers, body=body, at=AT)

    def hear(carriers: tuple[Carrier, ...], kind: Kind, answer: Capture) -> None:
        asset = Asset(url=url, kind=kind)
        for carrier in carriers:
            for signal in SIGNALS.values():
                if carrier in signal.readers:
                    list(signal.readers[carrier](answer, asset, context))

    def container(body: bytes) -> None:
        answer = capture(body, "image/jpeg")
        picture(body)
        answer.parsed(metadata_of)
        answer.parsed(xmp_of)
        hear((Carrier.EMBEDDED,), Kind.IMAGE, answer)

    def xmp(body: bytes) -> None:
        length = min(len(body), 65_000) + 31
        packet = b"\xff\xe1" + length.to_bytes(2, "big") + b"http://ns.adobe.com/xap/1.0/\0" + body[:65_000]
        container(b"\xff\xd8" + packet + b"\xff\xd9")

    def html(body: bytes) -> None:
        answer = capture(body, "text/html")
        hear((Carrier.HTML,), Kind.TEXT, answer)
        outlinks(answer.parsed(page), url)
        for signal in SIGNALS.values():
            if signal.of_images is not None:
                signal.of_images(answer, context)

    def header(body: bytes) -> None:
        lines = [line.partition(b":") for line in body[:20_000].split(b"\n")]
        headers = tuple((k.decode("latin-1").strip().lower(), v.decode("latin-1")) for k, _, v in lines)
        answer = Capture(url=url, status=200, headers=headers, at=AT)
        hear((Carrier.STATUS, Carrier.HEADER), Kind.TEXT, answer)

    def rsl(body: bytes) -> None:
        document = capture(body, "application/rsl+xml", at="https://h.example/l.xml")
        robots = capture(b"License: https://h.example/l.xml\n", at="https://h.example/robots.txt")
        named = Context(agents=context.agents, documents={document.url: document})
        reader = SIGNALS["rsl"].readers[Carrier.ROBOTS_TXT]
        list(reader(robots, Asset(url=url, kind=Kind.TEXT), named))

    def host_files(body: bytes) -> None:
        for signal in SIGNALS.values():
            for file in signal.host_files:
                if Carrier.HOST_FILE in signal.readers:
                    answer = capture(body, at="https://h.example" + file.path)
                    list(signal.readers[Carrier.HOST_FILE](answer, Asset(url=url, kind=Kind.TEXT), context))

    documents = (Carrier.EMBEDDED, Carrier.DOCUMENT)
    return {
        "container": container,
        "c2pa": container,
        "xmp": xmp,
        "html": html,
        "header": header,
        "rsl": rsl,
        "host-files": host_files,
        "robots": lambda body: hear((Carrier.ROBOTS_TXT,), Kind.TEXT, capture(body, "text/plain")),
        "feed": lambda body: hear((Carrier.DOCUMENT,), Kind.TEXT, capture(body, "application/rss+xml")),
        "pdf": lambda body: hear(documents, Kind.PDF, capture(body, "application/pdf")),
        "epub": lambda body: hear(documents[1:], Kind.EPUB, capture(body, "application/epub+zip")),
    }[target]


def fuzz(target: str, seconds: int, finds: Path) -> None:
    """Fuzz one target in this process, which libFuzzer ends."""
    import atheris

    with atheris.instrument_imports(include=["crawler"]):
        read = reader_of(target)
    with tempfile.TemporaryDirectory() as corpus:
        for number, seed in enumerate(seeds(target)):
            (Path(corpus) / str(number)).write_bytes(seed)
        options = [f"-max_total_time={seconds}", "-timeout=5", "-rss_limit_mb=700", "-max_len=100000"]
        atheris.Setup([sys.argv[0], *options, f"-artifact_prefix={finds}/{target}-", corpus], read)
        atheris.Fuzz()


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__.partition("\n")[0])
    parser.add_argument("targets", nargs="*", metavar="TARGET", help=", ".join(TARGETS))
    parser.add_argument("-s", "--seconds", type=int, default=60, help="seconds for each target")
    parser.add_argument("-o", "--output", type=Path, default=Path("fuzz-finds"), help="where finds are written")
    parser.add_argument("--alone", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if unknown := set(given.targets) - set(TARGETS):
        parser.error(f"no such target: {', '.join(sorted(unknown))}; there are {', '.join(TARGETS)}")
    given.output.mkdir(parents=True, exist_ok=True)
    if given.alone:
        fuzz(given.targets[0], given.seconds, given.output)
    failed = []
    for target in given.targets or TARGETS:
        command = [sys.executable, "-m", "tests.fuzz", "--alone", target]
        done = subprocess.run([*command, "-s", str(given.seconds), "-o", str(given.output)], check=False)
        if done.returncode:
            failed.append(target)
    print(f"finds in {given.output}: {', '.join(failed)}" if failed else "nothing found")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
