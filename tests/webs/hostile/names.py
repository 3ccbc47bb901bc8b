"""A machine of its own: an address that counts as public, names that lie, and a web inside out of reach.

Run as ``python -m tests.webs.hostile.names FOLDER`` by root of a network and mounts of its own, as ``unshare
--user --map-root-user --net --mount`` makes them. Crawls twice into FOLDER and prints what became of it as one
JSON object.
"""

from __future__ import annotations

import json
import socket
import struct
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import crawler.demo.server as server
from crawler.demo.answer import Responder, page, redirect, text
from crawler.demo.server import LoopbackWeb
from tests import crawls
from tests.webs.hostile.row import words

PUBLIC = "8.8.4.4"
"""The address of this machine that counts as public here."""

NXDOMAIN, SERVFAIL, REFUSED, SILENCE = 3, 2, 5, -1
"""Answers without an address: response codes of DNS (RFC 1035 §4.1.1), and none at all."""

ZONE: Mapping[str, tuple[object, ...]] = {
    "nobody": (NXDOMAIN,),
    "failing": (SERVFAIL,),
    "refusing": (REFUSED,),
    "silent": (SILENCE,),
    "empty": ([],),
    "inside": (["127.0.0.1"],),
    "ten": (["10.0.0.1"],),
    "cloud": (["169.254.169.254"],),
    "mixed": (["127.0.0.1", PUBLIC],),
    "turns": ([PUBLIC], ["127.0.0.1"]),
    "broken": (b"\0\0\x81\x80\0\1\xff\xff\0\0\0\0\xc0\x0c",),
}
"""What ``name.example`` is answered: each in turn, the last one for ever. Every other name is public."""

HARMLESS = (
    "http://turns.example:{port}/x",
    "///127.0.0.1:{port}/x",
    "http:127.0.0.1:{port}/x",
    "http:\\\\127.0.0.1:{port}\\x",
    "\\\\127.0.0.1:{port}\\x",
)
"""Those of the spellings that lead to a public name, or to a path of the same host, as URLs are resolved here
(RFC 3986 §5.2): where nothing is found."""

SPELLED = (
    "http://127.0.0.1:{port}/x",
    "http://127.1:{port}/x",
    "http://2130706433:{port}/x",
    "http://0x7f000001:{port}/x",
    "http://0x7f.0.0.1:{port}/x",
    "http://0177.0.0.1:{port}/x",
    "http://017700000001:{port}/x",
    "http://0:{port}/x",
    "http://0.0.0.0:{port}/x",
    "http://127.0.0.1.:{port}/x",
    "http://localhost:{port}/x",
    "http://LOCALHOST.:{port}/x",
    "http://inside.example:{port}/x",
    "http://turns.example:{port}/x",
    "http://[::1]:{port}/x",
    "http://[::ffff:127.0.0.1]:{port}/x",
    "http://[::ffff:7f00:1]:{port}/x",
    "http://[0:0:0:0:0:ffff:7f00:1]:{port}/x",
    "http://[64:ff9b::7f00:1]:{port}/x",
    "http://[2002:7f00:1::]:{port}/x",
    "http://[fe80::1%25lo]:{port}/x",
    "http://%31%32%37.0.0.1:{port}/x",
    "http://127%2e0%2e0%2e1:{port}/x",
    "http://127.0.0.1%00.g.example:{port}/x",
    "http://g.example@127.0.0.1:{port}/x",
    "http://g.example:80@127.0.0.1:{port}/x",
    "//127.0.0.1:{port}/x",
    "///127.0.0.1:{port}/x",
    "http:127.0.0.1:{port}/x",
    "http:\\\\127.0.0.1:{port}\\x",
    "\\\\127.0.0.1:{port}\\x",
    " http://127.0.0.1:{port}/x",
    "\thttp://127.0.0.1:{port}/x",
    "http://127.0.0.1:{port}#@g.example/",
    "http://127.0.0.1:{port}?@g.example/",
    "http://127.0.0.1\\@g.example:{port}/x",
    "https://127.0.0.1:{port}/x",
    "http://10.0.0.1/x",
    "http://169.254.169.254/latest/meta-data/",
    "http://100.64.0.1/x",
    "http://g.example:22/x",
    "http://g.example:6379/x",
)
"""Ways to spell an address inside, or a port that is not asked; none of them may be connected to."""


def main(folder: Path) -> None:
    """Set the machine up, crawl twice, and print what happened."""
    for command in (["link", "set", "lo", "up"], ["address", "add", f"{PUBLIC}/32", "dev", "lo"]):
        subprocess.run(["ip", *command], check=True)
    for name, content in (
        ("resolv.conf", "nameserver 127.0.0.1\noptions timeout:1 attempts:1\n"),
        ("nsswitch.conf", "hosts: files dns\n"),
    ):
        (folder / name).write_text(content)
        subprocess.run(["mount", "--bind", str(folder / name), f"/etc/{name}"], check=True)
    names = threading.Thread(target=_answer_names, daemon=True)
    names.start()
    server.ADDRESS = PUBLIC
    with LoopbackWeb(_hosts()) as web:
        server.ADDRESS = "127.0.0.1"
        with LoopbackWeb({"*": {"*": page("<p>Inside.")}}, port=web.port) as inside:
            (folder / "heedful.toml").write_text(
                f"[network]\nports = [80, {web.port}]\n[limits]\nseconds = 5\n"
            )
            seeds = [web.url(f"{name}.example", "/page") for name in ZONE]
            seeds += [web.url(f"r{number}.example", "/page") for number in range(len(SPELLED))]
            seeds += [web.url(f"s{number}.example", "/page") for number in range(len(SPELLED))]
            options = ("-o", "corpus", "--scope", "any", "--contact", crawls.CONTACT, "--profile", "testing")
            first = crawls.heedful("crawl", *seeds, *options, cwd=folder, timeout=90)
            once = _told(folder)
            more = web.url("turns.example", "/more")
            second = crawls.heedful("crawl", more, *options, cwd=folder, timeout=90)
            print(
                json.dumps(
                    {
                        "codes": [first.code, second.code],
                        "err": first.err + second.err,
                        "inside": inside.accepted,
                        "once": once,
                        "twice": _told(folder),
                        "kept": sorted(crawls.stored(folder / "corpus")),
                    }
                )
            )


def _told(folder: Path) -> dict[str, tuple[str, str]]:
    """Outcome and grounds of the last decision on each ``host/path``."""
    return {
        at: (
            str(decision.outcome),
            " | ".join(
                f"{one.signal} {one.evidence.locator}: {one.evidence.excerpt}" for one in decision.grounds
            ),
        )
        for at, decision in crawls.decided(folder / "corpus").items()
    }


def _hosts() -> dict[str, Mapping[str, Responder]]:
    absent = text("none\n", status=404)
    hosts: dict[str, Mapping[str, Responder]] = {
        "turns.example": {"/page": page(words("turns")), "/more": page(words("turns-more"))},
        "*": {"/page": page("<p>Words of anybody."), "*": absent},
    }
    for number, target in enumerate(SPELLED):
        hosts[f"r{number}.example"] = {"/page": redirect(target)}
        hosts[f"s{number}.example"] = {"/robots.txt": redirect(target), "/page": page(words(f"s{number}"))}
    return hosts


def _answer_names() -> None:
    """A name server that knows :data:`ZONE`."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asked:
        asked.bind(("127.0.0.1", 53))
        times: Counter[str] = Counter()
        while True:
            question, client = asked.recvfrom(512)
            answer = _answer(question, times)
            if answer:
                asked.sendto(answer, client)


def _answer(question: bytes, times: Counter[str]) -> bytes:
    end, labels = 12, []
    while question[end]:
        labels.append(question[end + 1 : end + 1 + question[end]].decode("latin-1").lower())
        end += 1 + question[end]
    asked = question[12 : end + 5]
    kind = struct.unpack(">H", question[end + 1 : end + 3])[0]
    name = labels[0]
    says = ZONE.get(name, ([PUBLIC],)) if labels[1:] == ["example"] else (NXDOMAIN,)
    if kind == 1:
        times[name] += 1
    said = says[min(max(times[name], 1), len(says)) - 1]
    if isinstance(said, bytes):
        return question[:2] + said[2:]
    code = said if isinstance(said, int) else 0
    if code == SILENCE:
        return b""
    addresses = said if isinstance(said, list) and kind == 1 else []
    records = b"".join(
        b"\xc0\x0c" + struct.pack(">HHIH", 1, 1, 0, 4) + socket.inet_aton(address) for address in addresses
    )
    return question[:2] + struct.pack(">HHHHH", 0x8180 | code, 1, len(addresses), 0, 0) + asked + records


if __name__ == "__main__":
    main(Path(sys.argv[1]))
