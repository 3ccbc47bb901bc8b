"""What files say inside, asked from a command line, and a crawl whose parser is killed by somebody else."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import pytest

from crawler.demo.documents import pdf
from crawler.demo.images import xmp
from crawler.demo.server import LoopbackWeb, page, typed
from tests.crawls import begin, check_folder, crawling, decided, heedful, options, stored
from tests.vectors.assets.make_assets import build

HOST = "files.example"
KINDS = ("--kinds", "text,image,pdf,epub")
JPEG, PNG, PDF, EPUB = "image/jpeg", "image/png", "application/pdf", "application/epub+zip"

# fixture → (type, exit code, outcome, and what is told about it: place and words)
QUOTED: dict[str, tuple[str, int, str, tuple[str, ...]]] = {
    "attribute.jpg": (JPEG, 1, "reserved", ("iptc", "APP1[0] > plus:DataMining", "DMI-PROHIBITED-AIML")),
    "tdm-attribute.jpg": (JPEG, 1, "reserved", ("tdmrep", "terms: https://h.example/p.json")),
    "signed-generative.jpg": (
        JPEG,
        1,
        "reserved",
        ("c2pa", "> cawg.training-mining", "cawg.ai_generative_training: notAllowed"),
    ),
    "signed-allowed.jpg": (JPEG, 0, "unreserved", ("c2pa", "allows ai-train", "would be collected")),
    "too-large.png": (PNG, 1, "undetermined", ("oversize", "17895697x11 pixels")),
    "entities.jpg": (JPEG, 1, "undetermined", ("iptc", "metadata")),
    "tdm-1.pdf": (PDF, 1, "reserved", ("tdmrep", "catalogue/Metadata > tdm:reservation")),
    "signed.pdf": (PDF, 1, "reserved", ("c2pa", "cawg.ai_training: notAllowed")),
    "password.pdf": (PDF, 1, "reserved", ("document-locks", "opens only with a password or certificate")),
    "free.pdf": (PDF, 0, "unreserved", ("would be collected",)),
    "lcp.epub": (EPUB, 1, "reserved", ("document-locks", "META-INF/license.lcpl")),
}


@pytest.mark.parametrize("asset", QUOTED)
def test_check_quotes_what_a_file_says(asset: str) -> None:
    media_type, code, outcome, words = QUOTED[asset]
    with LoopbackWeb({HOST: {"/" + asset: typed(media_type, build(asset))}}) as web:
        ended = heedful("check", web.url(HOST, "/" + asset), *KINDS, *options(web))
    assert (ended.code, ended.err) == (code, "")
    assert ended.out.startswith(outcome + " at content")
    for word in words:
        assert word in ended.out


# A parser that is killed from outside

DOCUMENTS = [f"/{number}.pdf" for number in range(6)]
LINKS = "".join(f'<a href="{path}">{path}</a>' for path in DOCUMENTS)
WEB = {
    HOST: {
        "/": page(f"<title>Files</title>{LINKS}"),
        "/alone": page("<title>Alone</title><p>A page that leads nowhere.</p>"),
        **{path: typed(PDF, pdf(f"Document {path}", xmp())) for path in DOCUMENTS},
    }
}


PROC = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks for processes in /proc")


def children(pid: int) -> list[int]:
    """The processes that the process ``pid`` has started."""
    found = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = status.read_text().rpartition(")")[2].split()
        except OSError:  # it has ended meanwhile
            continue
        if int(fields[1]) == pid:
            found.append(int(status.parent.name))
    return found


def crawl_and_kill(folder: Path, seeds: list[str], *, most: int) -> tuple[int, set[int]]:
    """Crawl, and kill the first ``most`` processes it starts, each as soon as it is there; exit code, and whom.

    A process is started for a document that waits for it, so it dies at its work.
    """
    killed: set[int] = set()
    with LoopbackWeb(WEB) as web:
        crawl = begin(*crawling(web, folder, seeds, *KINDS))
        try:
            for _ in range(6000):
                if crawl.poll() is not None:
                    break
                for pid in children(crawl.pid):
                    if len(killed) < most and pid not in killed:
                        os.kill(pid, signal.SIGKILL)  # one that has ended is there until the crawl has noticed
                        killed.add(pid)
                time.sleep(0.01)
            _, said = crawl.communicate(timeout=10)
        finally:
            crawl.kill()
            crawl.wait()
    assert "Traceback" not in said
    check_folder(folder)
    return crawl.returncode, killed


@PROC
def test_a_document_whose_parser_is_killed_each_time_is_undetermined(tmp_path: Path) -> None:
    folder = tmp_path / "corpus"
    doomed, alone = f"{HOST}{DOCUMENTS[0]}", f"{HOST}/alone"
    code, killed = crawl_and_kill(folder, [doomed, alone], most=100)
    assert code == 0
    assert killed
    decision = decided(folder)[doomed]
    assert decision.outcome.value == "undetermined"
    assert {ground.evidence.excerpt for ground in decision.grounds} == {"the process for it ended"}
    assert set(stored(folder)) == {alone}


@PROC
def test_a_crawl_whose_parser_is_killed_once_goes_on_and_asks_again(tmp_path: Path) -> None:
    folder = tmp_path / "corpus"
    code, killed = crawl_and_kill(folder, [f"{HOST}/"], most=1)
    assert (code, len(killed)) == (0, 1)
    assert set(stored(folder)) == {f"{HOST}/", *(HOST + path for path in DOCUMENTS)}
