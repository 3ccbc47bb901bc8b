"""The main job on real input: crawl two documentation sites whole, and compare what was kept with what must be.

    python benchmarks/real_sites.py                      # fetches the packages with apt-get
    python benchmarks/real_sites.py --packages FOLDER    # where they are unpacked already
    python benchmarks/real_sites.py --profile FILE       # also writes a profile of the crawl (cProfile)

The Debian packages ``debian-handbook`` (26 languages) and ``gimp-help-en`` are fetched by name and unpacked
into a temporary folder, nothing is installed. They are served on loopback with signals laid over them
(``benchmarks/sites/table.py``) and some pages written as other sites write theirs (``dress.py``). What must be
kept is computed from the same answers by a walk that knows the table and nothing of the gate (``walk.py``).
Ends with status 1 when anything reserved was kept, anything free was lost, kept bytes differ from those
served, or something was asked for that must not be. A second crawl of the same corpus follows, for which the
sites refuse more than before. Described in ``docs/real-sites.md``.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.sites.served import Sites
from benchmarks.sites.table import DOWN, MAX_REFUSALS, ROOTS, SEEDS
from benchmarks.sites.walk import Expected, Walk, canonical
from crawler.audit import ledger
from crawler.audit.entries import REMOVAL
from crawler.demo.server import LoopbackWeb

LINES = 40
"""Differences of one sort that are printed."""


def fetch(folder: Path) -> None:
    """Download and unpack the packages; ends the program with a sentence where that cannot be done."""
    if missing := [tool for tool in ("apt-get", "dpkg") if shutil.which(tool) is None]:
        sys.exit(
            f"{' and '.join(missing)} not found: the sites come from Debian packages. On another system, "
            "unpack debian-handbook and gimp-help-en anywhere and pass that folder with --packages."
        )
    for package in sorted({package for package, _ in ROOTS.values()}):
        done = subprocess.run(["apt-get", "download", package], cwd=folder, capture_output=True, text=True)
        archives = list(folder.glob(f"{package}_*.deb"))
        if done.returncode or not archives:
            sys.exit(f"apt-get download {package} failed:\n{done.stderr.strip()}")
        subprocess.run(["dpkg", "-x", str(archives[0]), str(folder)], check=True)
        print(f"fetched {archives[0].name}, {archives[0].stat().st_size / 1e6:.0f} MB")


def serve(folder: Path, port: int, later: bool) -> None:
    """Serve until standard input closes; prints the port first and every request last."""
    sites = Sites(folder, later=later)
    with LoopbackWeb({host: {"*": sites.respond} for host in ROOTS}, port=port) as web:
        print(web.port, flush=True)
        threading.Thread(target=sys.stdin.read).run()
        print(json.dumps([[request.host, request.target, request.at] for request in web.requests]))


class Served:
    """The sites, served by a process of their own."""

    def __init__(self, folder: Path, port: int, later: bool) -> None:
        command = [sys.executable, __file__, "--serve", str(folder), "--port", str(port)]
        command += ["--later"] * later
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        self.port = int(self._process.stdout.readline())
        self.asked: Counter[str] = Counter()
        """How often each URL was requested; known once the server has ended, as is the next."""
        self.seconds = 0.0
        """From the first to the last request, those apart that ask a failing host again and again."""

    def __enter__(self) -> Served:
        return self

    def __exit__(self, *_: object) -> None:
        out = self._process.communicate()[0]
        requests = json.loads(out)
        self.asked.update(canonical(f"http://{host}:{self.port}{target}") for host, target, _ in requests)
        times = [at for host, _, at in requests if host != DOWN]
        self.seconds = max(times) - min(times)


@dataclass(frozen=True, kw_only=True, slots=True)
class Cost:
    """What the crawl took."""

    cpu: float
    """Seconds of processor time, user and system."""
    memory: float
    """Largest resident set, MB."""
    disk: float
    """Size of the corpus folder, MB."""
    finish: str
    """Why it ended."""


def crawl(port: int, corpus: Path, profile: Path | None) -> Cost:
    """Run ``heedful crawl`` to its end."""
    runner = ["-m", "cProfile", "-o", str(profile), "-m", "crawler"] if profile else ["-m", "crawler"]
    command = [
        sys.executable,
        *runner,
        "crawl",
        *(f"http://{seed.replace('/', f':{port}/', 1)}" for seed in SEEDS),
    ]
    command += ["-o", str(corpus), "--contact", "https://crawler.example/", "--delay", "0", "--allow-private"]
    command += ["--resolve", "*:*:127.0.0.1"]  # whatever the pages name, nothing leaves this machine
    command += ["-s", "CONCURRENT_REQUESTS_PER_DOMAIN=8", "--json", "--quiet"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    printed = process.stdout.read()
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = code = os.waitstatus_to_exitcode(status)
    if code:
        sys.exit(f"the crawl ended with status {code}")
    return Cost(
        cpu=used.ru_utime + used.ru_stime,
        memory=used.ru_maxrss / 1024,
        disk=sum(file.stat().st_size for file in corpus.rglob("*") if file.is_file()) / 1e6,
        finish=json.loads(printed.splitlines()[-1])["finish"],
    )


def listed(command: str, corpus: Path) -> Iterator[dict[str, Any]]:
    """What ``heedful items`` or ``heedful log`` prints."""
    done = subprocess.run(
        [sys.executable, "-m", "crawler", command, str(corpus), "--json"],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    yield from map(json.loads, done.stdout.splitlines())


def removed_with_others(corpus: Path, expected: Expected, why: Mapping[str, str]) -> set[str]:
    """Free URLs whose bytes went because a reserved URL, kept before, had served the same ones.

    They were removed with it, or met after it was: then they are refused for the same bytes.

    How many that are depends on the order of the crawl: bytes that were never kept are not compared.
    """
    taken_out = (entry.fields for entry in ledger.entries(corpus / "ledger") if entry.type == REMOVAL)
    found = {(url, fields["sha256"]) for fields in taken_out for url in fields["urls"]}
    reserved = set(expected.reserved.values())
    gone = {digest for _, digest in found} & reserved
    later = {
        url for url, digest in expected.kept.items() if digest in gone and "same-bytes" in why.get(url, "")
    }
    return later | {url for url, digest in found if expected.kept.get(url) == digest and digest in reserved}


def differences(
    expected: Expected, items: Mapping[str, str], asked: Mapping[str, int], why: Mapping[str, str]
) -> dict[str, list[str]]:
    """What is not as it must be, by sort; every list is empty when all is well."""
    host_files = ("/robots.txt", "/ai.txt", "/trust.txt", "/.well-known/")
    return {
        "kept and reserved": [url for url in items if url in expected.reserved],
        "kept and unknown to the walk": [
            url for url in items if url not in expected.reserved and url not in expected.kept
        ],
        "free and lost": [
            f"{url}  ({why.get(url, 'never considered')})" for url in expected.kept if url not in items
        ],
        "kept with other bytes than served": [
            url for url, digest in items.items() if expected.kept.get(url, digest) != digest
        ],
        "asked for against the host's word": [
            url for url in asked if url in expected.unasked and not any(file in url for file in host_files)
        ],
    }


def reasons(corpus: Path) -> dict[str, str]:
    """The last decision on each URL, in words."""
    found = {}
    for entry in listed("log", corpus):
        grounds = {ground["signal"] + " " + ground["locator"] for ground in entry["grounds"]}
        found[entry["url"]] = f"{entry['outcome']} at {entry['stage']}: {', '.join(sorted(grounds))}"
    return found


def report(expected: Expected, kept: Mapping[str, Any], alike: int, served: Served, cost: Cost) -> None:
    """The numbers."""
    pages = sum(item["kind"] == "text" for item in kept.values())
    requests, megabytes = sum(served.asked.values()), sum(item["bytes"] for item in kept.values()) / 1e6
    print(f"must be kept     {expected.pages:6,} pages  {len(expected.kept) - expected.pages:6,} images")
    print(f"kept             {pages:6,} pages  {len(kept) - pages:6,} images  {megabytes:,.0f} MB")
    print(f"must not be kept {len(expected.reserved):6,} URLs whose content could be had")
    print(f"of the free      {alike:6,} went with a reserved URL that had been kept and served the same bytes")
    print(f"requests         {requests:6,}")
    print(f"processor        {cost.cpu:6.1f} s     {cost.cpu / requests * 1000:.1f} ms a request")
    print(f"time             {served.seconds:6.1f} s     {requests / served.seconds:.0f} requests/s")
    print(f"memory           {cost.memory:6.0f} MB")
    print(f"corpus folder    {cost.disk:6.0f} MB")
    print(f"ended            {cost.finish}")


def compared(
    packages: Path, corpus: Path, before: Walk | None, port: int, profile: Path | None
) -> tuple[Walk, int, bool]:
    """Serve, crawl, compare and print; the walk, the port, and whether anything differs."""
    later = before is not None
    with Served(packages, port, later) as served:
        walk = Walk(Sites(packages, later=later), served.port, before)
        expected = walk.expected()
        if max(expected.refusals.values(), default=0) > MAX_REFUSALS:
            sys.exit("the table makes a host answer 403 so often that the crawler would rightly leave it alone")
        cost = crawl(served.port, corpus, profile)
    kept = {item["url"]: item for item in listed("items", corpus)}
    digests = {url: item["sha256"] for url, item in kept.items()}
    alike = removed_with_others(corpus, expected, reasons(corpus)) - digests.keys()
    for url in alike:
        del expected.kept[url]
    found = differences(expected, digests, served.asked, reasons(corpus))
    print("\nsecond crawl, the sites having refused more" if later else "\nfirst crawl")
    report(expected, kept, len(alike), served, cost)
    for sort, urls in found.items():
        print(f"{sort}: {len(urls)}")
        print("".join(f"  {unquote(url)}\n" for url in sorted(urls)[:LINES]), end="")
    return walk, served.port, any(found.values())


def main() -> None:
    """See the module's docstring."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--packages", type=Path, help="folder in which both packages are unpacked")
    parser.add_argument("--corpus", type=Path, help="keep the corpus here")
    parser.add_argument("--once", action="store_true", help="leave out the second crawl")
    parser.add_argument(
        "--profile", type=Path, help="profile the first crawl into this file; it is slower then"
    )
    parser.add_argument("--serve", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--port", type=int, default=0, help=argparse.SUPPRESS)
    parser.add_argument("--later", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.serve:
        serve(arguments.serve, arguments.port, arguments.later)
        return
    with tempfile.TemporaryDirectory() as folder:
        os.environ["XDG_CONFIG_HOME"] = str(Path(folder) / "config")  # a crawl makes a key to sign with
        packages = arguments.packages or Path(folder)
        if arguments.packages is None:
            fetch(packages)
        corpus = arguments.corpus or Path(folder) / "corpus"
        walk, port, differs = compared(packages, corpus, None, 0, arguments.profile)
        if not arguments.once:
            _, _, differs_later = compared(packages, corpus, walk, port, None)
            differs = differs or differs_later
    sys.exit(differs)


if __name__ == "__main__":
    main()
