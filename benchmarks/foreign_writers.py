"""Whether files that other software wrote are heard: ExifTool, Exiv2 and Pillow write, the gate listens.

    python benchmarks/foreign_writers.py

Brings ExifTool (npm package ``exiftool-vendored.pl``, needs npm and Perl), Pillow and pyexiv2 (Exiv2) into a
temporary folder, has each write every value of ``plus:DataMining`` into every format it writes, and asks the
gate about each file. None of the three is needed by the crawler. Prints a row for each writer and format,
and ends with 1 when a file is judged otherwise than its value says.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tarfile
import tempfile
import venv
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

from crawler.kinds import kind_of_content
from crawler.optout import Gate, Policy
from crawler.optout.host import Host
from crawler.optout.model import Asset, Capture, Context, Decision, Kind, Outcome, Purpose

AT = datetime(2026, 11, 22, tzinfo=UTC)
VOCABULARY = "http://ns.useplus.org/ldf/vocab/"
RESERVED_FOR = {
    "DMI-UNSPECIFIED": (),
    "DMI-ALLOWED": (),
    "DMI-PROHIBITED-AIMLTRAINING": ("tdm", "ai-train", "gen-ai-train"),
    "DMI-PROHIBITED-GENAIMLTRAINING": ("tdm", "ai-train", "gen-ai-train"),
    "DMI-PROHIBITED-EXCEPTSEARCHENGINEINDEXING": ("tdm", "ai-train", "gen-ai-train", "ai-input"),
    "DMI-PROHIBITED": ("tdm", "ai-train", "gen-ai-train", "ai-input", "search"),
    "DMI-PROHIBITED-SEECONSTRAINT": ("tdm", "ai-train", "gen-ai-train", "ai-input", "search"),
    "DMI-PROHIBITED-SEEEMBEDDEDRIGHTSEXPR": ("tdm", "ai-train", "gen-ai-train", "ai-input", "search"),
    "DMI-PROHIBITED-SEELINKEDRIGHTSEXPR": ("tdm", "ai-train", "gen-ai-train", "ai-input", "search"),
}
"""Value → the declared purposes that it closes. A run for mining or training touches generative training."""

PURPOSES = ("tdm", "ai-train", "gen-ai-train", "ai-input", "search")
FORMATS = ("jpg", "png", "webp", "gif", "tif", "avif", "pdf")

PYTHON_WRITERS = """
import json, shutil, sys
from pathlib import Path
from PIL import Image
import pyexiv2

folder, values = Path(sys.argv[1]), json.loads(sys.argv[2])
XMP = ('<?xpacket begin="\\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF '
       'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" '
       'xmlns:plus="http://ns.useplus.org/ldf/xmp/1.0/" plus:DataMining="%s"/></rdf:RDF></x:xmpmeta>'
       '<?xpacket end="w"?>')
picture = Image.radial_gradient("L").convert("RGB")
for suffix in sys.argv[3].split(","):
    picture.save(folder / f"plain.{suffix}")
for value in values:
    uri = "http://ns.useplus.org/ldf/vocab/" + value
    for suffix in ("jpg", "webp", "avif"):  # its other formats take no xmp
        picture.save(folder / f"pillow,{value}.{suffix}", xmp=(XMP % uri).encode())
    for suffix in ("jpg", "png", "webp", "tif"):
        path = folder / f"exiv2,{value}.{suffix}"
        shutil.copy(folder / f"plain.{suffix}", path)
        with pyexiv2.Image(str(path)) as image:
            image.modify_xmp({"Xmp.plus.DataMining": uri})
"""


def run(*command: object) -> None:
    subprocess.run([str(part) for part in command], check=True, stdout=subprocess.DEVNULL)


def bring_exiftool(folder: Path) -> Path:
    run("npm", "pack", "--silent", "--pack-destination", folder, "exiftool-vendored.pl")
    with tarfile.open(next(folder.glob("exiftool-vendored.pl-*.tgz"))) as tar:
        tar.extractall(folder, filter="data")
    return folder / "package" / "bin" / "exiftool"


def bring_python(folder: Path) -> Path:
    venv.create(folder / "venv", with_pip=True)
    python = folder / "venv" / "bin" / "python"
    run(python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "pillow", "pyexiv2")
    return python


def write(folder: Path) -> Path:
    """Every file as ``<writer>,<value>.<suffix>``, in a folder of their own; untouched ones are ``plain``."""
    files = folder / "files"
    files.mkdir()
    python, exiftool = bring_python(folder), bring_exiftool(folder)
    script = folder / "writers.py"
    script.write_text(PYTHON_WRITERS)
    run(python, script, files, json.dumps(list(RESERVED_FOR)), ",".join(FORMATS))
    for suffix in FORMATS:
        for value in RESERVED_FOR:
            path = files / f"exiftool,{value}.{suffix}"
            path.write_bytes((files / f"plain.{suffix}").read_bytes())
            # "#" writes the value as it is, without the name that ExifTool shows for it.
            run("perl", exiftool, "-q", "-overwrite_original", f"-XMP-plus:DataMining#={value}", path)
    return files


def judge(body: bytes, purpose: str) -> Decision:
    gate = Gate(Policy(purposes=frozenset({Purpose(purpose)})), Context(agents=("heedful",)))
    asset = Asset(url="https://h.example/file", kind=Kind.IMAGE)
    host = Host("https://h.example", gate.host_files)
    for path in host.files:
        host.receive(path, Capture(url=host.origin + path, status=404, at=AT))
    capture = Capture(url=asset.url, status=200, body=body, at=AT)
    kind = kind_of_content(capture, asset.kind, frozenset(Kind))
    decision = gate.at_headers(gate.at_host(asset, host, at=AT), capture)
    return gate.at_content(decision, capture, kind=kind)


def main() -> int:
    right: Counter[tuple[str, str]] = Counter()
    wrong: Counter[tuple[str, str]] = Counter()
    with tempfile.TemporaryDirectory() as folder:
        for path in sorted(write(Path(folder)).iterdir()):
            writer, _, value = path.stem.partition(",")
            row = writer, path.suffix[1:]
            for purpose in PURPOSES:
                wanted = Outcome.RESERVED if purpose in RESERVED_FOR.get(value, ()) else Outcome.UNRESERVED
                decision = judge(path.read_bytes(), purpose)
                if decision.outcome is wanted:
                    right[row] += 1
                else:
                    wrong[row] += 1
                    print(f"{path.name} for {purpose}: {decision.outcome}, should be {wanted}", file=sys.stderr)
    print(f"{'writer':10}{'format':8}{'right':>7}{'wrong':>7}")
    for writer, suffix in sorted(right | wrong):
        print(f"{writer:10}{suffix:8}{right[writer, suffix]:7}{wrong[writer, suffix]:7}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
