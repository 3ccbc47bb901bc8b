"""The web that is crawled while commands are killed, and what a corpus of it must hold whatever happened."""

from __future__ import annotations

import os
import shutil
from collections import Counter
from collections.abc import Callable, Collection, Iterable
from functools import cached_property
from pathlib import Path

from crawler.corpus import archive
from crawler.demo.answer import Answer, Request, Responder, page, text, typed
from crawler.demo.documents import pdf
from crawler.demo.images import xmp
from crawler.demo.server import LoopbackWeb
from tests import crawls
from tests.webs import generate

SITE = generate(seed=7, pages=30, images=20)
"""Pages and images, some of them reserved in one of many ways."""

DOCUMENTS = tuple(f"files.example/{number}.pdf" for number in range(3))
"""Documents, which are read by processes of their own."""

TURNING = "turning.example"
"""A host that reserves one of its pages in its second life."""

SITE_FILES = ("/robots.txt", "/.well-known/tdmrep.json", "/ai.txt", "/trust.txt")


class Place:
    """A loopback web, a finished corpus of it, and as many folders as are asked for; a context manager."""

    seeds = (*SITE.seeds, "files.example/", f"{TURNING}/")

    def __init__(self, root: Path) -> None:
        self.root = root
        self.turned = False
        """Whether :data:`TURNING` reserves something now."""
        self.web = LoopbackWeb(self._hosts())
        self._folders = 0

    def __enter__(self) -> Place:
        self.web.__enter__()
        return self

    def __exit__(self, *error: object) -> None:
        self.web.__exit__(None, None, None)

    @property
    def expected(self) -> set[str]:
        """What an undisturbed crawl keeps, as ``host/path``; computed from the tables."""
        turning = {f"{TURNING}/", f"{TURNING}/stays", f"{TURNING}/turns"}
        return SITE.kept() | {"files.example/", *DOCUMENTS} | turning

    def folder(self) -> Path:
        """A name that nobody uses yet."""
        self._folders += 1
        return self.root / f"folder-{self._folders}"

    def crawl(self, folder: Path) -> list[str]:
        """The arguments of a crawl of everything."""
        kinds = ("--kinds", "text,image,pdf")
        return crawls.crawling(self.web, folder, self.seeds, "--delay", "0.01", "-q", *kinds)

    @cached_property
    def base(self) -> tuple[Path, float]:
        """A finished corpus, not to be changed, and the processor seconds that the crawl took."""
        folder = self.folder()
        return folder, self.cost(self.crawl(folder))

    def copy(self) -> Path:
        """A finished corpus to be changed."""
        folder = self.folder()
        shutil.copytree(self.base[0], folder)
        return folder

    def cost(self, arguments: Iterable[str], *, ends: Collection[int] = (0,)) -> float:
        """Run a command to its end; the processor seconds of it and of the processes it started.

        A clock that a busy machine does not stretch: what is drawn from it hits the same moments everywhere.
        """
        before = os.times()
        ended = crawls.heedful(*arguments, timeout=180)
        assert ended.code in ends, (ended.code, ended.err)
        after = os.times()
        return after.children_user + after.children_system - before.children_user - before.children_system

    def asked(self, since: int = 0) -> Counter[str]:
        """How often each page, image and document was asked for since the request of this number."""
        found = (f"{request.host}{request.target}" for request in self.web.requests[since:])
        return Counter(where for where in found if not where.endswith(SITE_FILES))

    def _hosts(self) -> dict[str, dict[str, Responder]]:
        links = "".join(f'<a href="/{at.partition("/")[2]}">{at}</a>' for at in DOCUMENTS)
        files: dict[str, Responder] = {"/": page(f"<title>Files</title><p>Some files.</p>{links}")}
        for at in DOCUMENTS:
            files["/" + at.partition("/")[2]] = typed("application/pdf", pdf(f"Document {at}", xmp()))

        def robots(_: Request) -> Answer:
            return text(f"User-agent: *\n{'Disallow: /turns' if self.turned else 'Allow: /'}\n")

        turning: dict[str, Responder] = {
            "/robots.txt": robots,
            "/": page('<title>Front</title><a href="/stays">one</a> <a href="/turns">other</a>'),
            "/stays": page("<title>Stays</title><p>This page may be kept whatever happens.</p>"),
            "/turns": page("<title>Turns</title><p>This page is reserved some day.</p>"),
        }
        return {**SITE.hosts(), "files.example": files, TURNING: turning}


def contents(folder: Path) -> Counter[tuple[str, str]]:
    """``host/path`` and digest of every whole record of the archive."""
    return Counter(
        (crawls.at(record.need("WARC-Target-URI")), record.need("WARC-Payload-Digest"))
        for name in archive.names(folder / "archive")
        for _, record in archive.walk(folder / "archive", name)
        if record.get("WARC-Type") == "response"
    )


def whole(folder: Path, *, erased: Collection[str] = ()) -> list[str]:
    """What is broken in a folder, whenever its writer ended: one line each; none: every invariant holds.

    Content rests on decisions to collect, decisions on evidence, what is done is recorded, nothing is there
    twice, and ``heedful verify`` agrees. ``erased``: see :func:`tests.crawls.check_folder`.
    """
    if not (folder / "heedful.json").exists():
        left = list((folder / "archive").glob("*.warc.gz"))
        return [f"content in a folder that is no corpus yet: {left}"] if left else []
    broken = _raised(lambda: crawls.check_folder(folder, erased=erased))
    ended = crawls.heedful("verify", str(folder), timeout=60)
    if ended.code != 0 or "Traceback" in ended.err:
        broken.append(f"verify ends with {ended.code}: {ended.out[-300:]} {ended.err[-300:]}")
    return broken


def finished(folder: Path, expected: set[str]) -> list[str]:
    """What is broken in a folder whose crawl has come to its end."""
    broken = whole(folder)
    stored = crawls.stored(folder)
    if missing := expected - set(stored):
        broken.append(f"lost: {sorted(missing)}")
    if more := set(stored) - expected:
        broken.append(f"kept although it is reserved: {sorted(more)}")
    if twice := [at for at, number in stored.items() if number > 1]:
        broken.append(f"stored twice: {sorted(twice)}")
    if left := [at for at, (state, _) in crawls.frontier(folder).items() if state != "done"]:
        broken.append(f"left in the frontier: {sorted(left)}")
    return broken


def _raised(work: Callable[[], None]) -> list[str]:
    try:
        work()
    except Exception as error:
        return [f"{type(error).__name__}: {error}"]
    return []
