"""What is wrong with a command, a folder or an address is said in one sentence, and nothing is lost or left."""

from __future__ import annotations

import json
import os
import resource
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from crawler.cli import main
from crawler.demo.server import LoopbackWeb, page, redirect
from crawler.optout.model import Outcome
from tests import crawls
from tests.webs import generate

WORDS = "<!doctype html><title>page</title><p>words</p>"
GIVEN = ("--contact", crawls.CONTACT, "--profile", "testing")


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def in_process(*arguments: str) -> crawls.Ended:
    """Run a command that ends before it fetches; quicker than a process."""
    unset = {name: None for name in os.environ if name.startswith("HEEDFUL_")}
    result = CliRunner(env=unset).invoke(main, arguments)
    return crawls.Ended(code=result.exit_code, out=result.stdout, err=result.stderr)


# The command line and the configuration: exit 2 before anything is written or asked


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["http//a.org"], "write it with https://"),
        (["ftp://a.org/"], "cannot be asked"),
        (["http://"], "cannot be asked"),
        (["http://a.org:70000/"], "cannot be asked"),
        (["http://a b.org/"], "has blanks or control characters"),
        (["http://[::1/"], "cannot be asked"),
        (["file:///etc/passwd"], "cannot be asked"),
        (["sitemap:a.org/sitemap.xml"], "write it with https://"),
        ([""], "is not a URL"),
        (["http://user:secret@a.org/"], "cannot be asked"),
        (["@nowhere.txt"], "nowhere.txt cannot be read"),
        (["@."], "cannot be read"),
        (["@empty.txt"], "names no URL"),
        (["@binary.txt"], "is not a text file in UTF-8"),
        (["@latin.txt"], "is not a text file in UTF-8"),
        (["@wrong.txt"], "wrong.txt line 3"),
        (["https://a.org/", "--contact", ""], "contact"),
        (["https://a.org/", "--contact", "nobody"], "contact"),
        (["https://a.org/", "--purpose", "fun"], "'fun' is not one of"),
        (["https://a.org/", "--scope", "world"], "'world' is not one of"),
        (["https://a.org/", "--kinds", "video"], "'video' is not one of"),
        (["https://a.org/", "--posture", "yes"], "'yes' is not one of opt-out, opt-in"),
        (["https://a.org/", "--max-pages", "0"], "at least 1"),
        (["https://a.org/", "--max-pages", "many"], "'many' is not a whole number"),
        (["https://a.org/", "--max-time", "-1"], "more than 0"),
        (["https://a.org/", "--delay", "nan"], "number of seconds"),
        (["https://a.org/", "--token", "my bot"], "product token"),
        (["https://a.org/", "--resolve", "a.org"], "HOST:PORT:ADDRESS"),
        (["https://a.org/", "--profile", "rude"], "'rude' is not one of"),
        (["https://a.org/", "--config", "none.toml"], "none.toml cannot be read"),
        (["https://a.org/", "--config", "section.toml"], "there is no section [polcy]; perhaps policy"),
        (["https://a.org/", "--config", "key.toml"], "there is no key max_page; perhaps max_pages"),
        (["https://a.org/", "--config", "broken.toml"], "is not TOML"),
        (["https://a.org/", "--config", "noreason.toml"], "say why with reason"),
        (["https://a.org/", "-s", "COOKIES_ENABLED=1"], "COOKIES_ENABLED cannot be set"),
        (["https://a.org/", "-s", "DOWNLOAD_VERIFY_CERTIFICATES=0"], "accepted only from heedful.toml"),
        (["https://a.org/", "-s", "DOWNLOAD_FAIL_ON_DATALOSS=0"], "cannot be set"),
        (["https://a.org/", "-s", "HTTPCACHE_ENABLED=1"], "cannot be set"),
        (["https://a.org/", "-s", "DOWNLOADER_MIDDLEWARES={}"], "cannot be set"),
        (["https://a.org/", "-s", "ADDONS={}"], "cannot be set"),
        (["https://a.org/", "-s", "OPTOUT_READING=literal"], "cannot be set"),
        (["https://a.org/", "-s", "USER_AGENT=Mozilla/5.0"], "cannot be set"),
        (["https://a.org/", "-s", "nonsense"], "NAME=VALUE"),
        (["http://127.0.0.1/"], "add --allow-private"),
        (["http://0x7f.1/"], "add --allow-private"),
        (["http://[::ffff:10.0.0.1]/"], "add --allow-private"),
        (["http://localhost/"], "add --allow-private"),
        (["http://router.local/"], "add --allow-private"),
    ],
)
def test_mistakes_are_told_before_anything_is_written(
    arguments: list[str], words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "empty.txt").write_text("\n# nothing yet\n\n")
    (tmp_path / "binary.txt").write_bytes(bytes(range(256)))
    (tmp_path / "latin.txt").write_bytes("https://a.org/käse\n".encode("latin-1"))
    (tmp_path / "wrong.txt").write_text("https://a.org/\n# a comment\nnonsense\n")
    (tmp_path / "section.toml").write_text("[polcy]\nreading = 'strict'\n")
    (tmp_path / "key.toml").write_text("[run]\nmax_page = 3\n")
    (tmp_path / "broken.toml").write_text("[run\n")
    (tmp_path / "noreason.toml").write_text("[policy]\nreading = 'literal'\n")
    before = files(tmp_path)
    monkeypatch.chdir(tmp_path)
    ended = in_process("crawl", "-o", "corpus", *GIVEN, *arguments)
    assert ended.code == 2, ended
    assert words in ended.sentence
    assert ended.out == ""
    assert files(tmp_path) == before
    assert not (tmp_path / "corpus").exists()


def test_no_contact(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    ended = in_process("crawl", "https://a.org/", "-o", "corpus")
    assert (ended.code, list(tmp_path.iterdir())) == (2, [])
    assert "no contact" in ended.sentence


# The corpus folder


@pytest.fixture
def web() -> Iterator[LoopbackWeb]:
    with LoopbackWeb({"a.example": {"/": page(WORDS)}}) as web:
        yield web


def a_file(path: Path) -> None:
    path.write_text("mine")


def somebody_elses(path: Path) -> None:
    path.mkdir()
    (path / "thesis.txt").write_text("mine")


def a_broken_manifest(path: Path) -> None:
    path.mkdir()
    (path / "heedful.json").write_text("{")


def of_a_later_version(path: Path) -> None:
    path.mkdir()
    (path / "heedful.json").write_text('{"format": 99}')


def another_database(path: Path) -> None:
    import sqlite3

    path.mkdir()
    with LoopbackWeb({"a.example": {"/": page(WORDS)}}) as web:
        assert crawls.crawl(web, path, ["a.example/"]).code == 0
    for name in ("frontier.db", "frontier.db-wal", "frontier.db-shm"):
        (path / name).unlink(missing_ok=True)
    database = sqlite3.connect(path / "frontier.db")
    database.execute("CREATE TABLE recipes (name TEXT)")
    database.close()


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (a_file, "is not a folder"),
        (somebody_elses, "is not empty and not a corpus"),
        (a_broken_manifest, "cannot be read"),
        (of_a_later_version, "has format 99"),
        (another_database, "a database of another program"),
    ],
)
def test_a_folder_that_is_no_corpus_is_left_as_it_is(
    make: Callable[[Path], None], words: str, web: LoopbackWeb, tmp_path: Path
) -> None:
    make(tmp_path / "corpus")
    before = files(tmp_path)
    ended = crawls.crawl(web, tmp_path / "corpus", ["a.example/"])
    assert ended.code == 2, ended
    assert words in ended.sentence
    assert not web.requests
    after = files(tmp_path)
    # A corpus that is ours, with a frontier that is not, may have been locked and said when it was last opened.
    own = {"corpus/.lock", "corpus/heedful.json"} if make is another_database else set()
    assert {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)} <= own


def test_a_folder_under_a_file(web: LoopbackWeb, tmp_path: Path) -> None:
    a_file(tmp_path / "file")
    ended = crawls.crawl(web, tmp_path / "file" / "corpus", ["a.example/"])
    assert ended.code == 2, ended
    assert str(tmp_path / "file") in ended.sentence
    assert not web.requests


@pytest.mark.parametrize("begun", [False, True])
def test_a_folder_that_cannot_be_written_to(begun: bool, web: LoopbackWeb, tmp_path: Path) -> None:
    # Root may write anywhere, unless the right to is taken away first.
    through = ["setpriv", "--bounding-set=-dac_override"] if os.geteuid() == 0 else []
    if through and shutil.which(through[0]) is None:
        pytest.skip("runs as root, and cannot be made not to")
    folder = tmp_path / "corpus"
    folder.mkdir()
    if begun:
        assert crawls.crawl(web, folder, ["a.example/"]).code == 0
    before = len(web.requests)
    there = files(folder)
    paths = (*folder.rglob("*"), folder)
    for path in paths:
        path.chmod(0o555 if path.is_dir() else 0o444)
    try:
        ended = crawls.crawl(web, folder, ["a.example/"], through=through)
    finally:
        for path in reversed(paths):
            path.chmod(0o755)
    assert ended.code == 2, ended
    assert "Permission denied" in ended.sentence
    assert str(folder) in ended.sentence
    assert len(web.requests) == before
    assert files(folder) == there


# Seeds and addresses


def test_a_seed_that_nobody_serves(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    seed = f"http://127.0.0.1:{port}/"
    ended = crawls.heedful("crawl", seed, "-o", "corpus", "--allow-private", *GIVEN, cwd=tmp_path)
    assert ended.code == 4, ended
    assert "no seed could be fetched" in ended.err
    assert "Traceback" not in ended.err
    crawls.check_folder(tmp_path / "corpus")
    (decision,) = crawls.decided(tmp_path / "corpus").values()
    assert decision.outcome is Outcome.UNDETERMINED


@pytest.mark.parametrize(
    "table",
    [
        {},
        {"/": redirect("http://nowhere.example:{port}/")},
        {"/": redirect("http://dead.example:1/")},
        {"/": redirect("ftp://a.example/")},
        {"/robots.txt": page("down", status=503), "/": page(WORDS)},
    ],
)
def test_seeds_that_give_nothing_to_judge_are_exit_4(table: dict[str, object], tmp_path: Path) -> None:
    with LoopbackWeb({"a.example": table, "nowhere.example": {}}) as web:  # type: ignore[dict-item]
        ended = crawls.crawl(web, tmp_path / "corpus", ["a.example/"], "--resolve", "dead.example:1:127.0.0.1")
        assert ended.code == 4, ended
        assert "no seed could be fetched" in ended.err


def test_seeds_that_were_fetched_before_an_interruption_count(tmp_path: Path) -> None:
    first = page('<a href="/2">more</a>' + WORDS)
    there = {"/": redirect("http://a.example:{port}/1"), "/1": first, "/2": page(WORDS)}
    dead = ("--resolve", "dead.example:1:127.0.0.1")
    with LoopbackWeb({"a.example": there}) as web:
        folder = tmp_path / "corpus"
        assert crawls.crawl(web, folder, ["a.example/"], *dead, "--max-pages", "1").code == 3
        seeds = ["a.example/", "http://dead.example:1/"]
        again = crawls.crawl(web, folder, seeds, *dead)
        assert again.code == 0, again
        assert "no seed" not in again.err
        assert len(web.asked("a.example", "/")) == 1
    anew = crawls.crawl(web, folder, seeds, *dead)
    assert anew.code == 4, "a crawl that begins anew asks for every seed"


def test_a_seed_that_is_reserved_was_fetched(tmp_path: Path) -> None:
    table = {"/": page(WORDS, ("tdm-reservation", "1"))}
    with LoopbackWeb({"a.example": table}) as web:
        assert crawls.crawl(web, tmp_path / "corpus", ["a.example/"]).code == 0


def test_a_redirected_seed_is_judged_where_it_leads(tmp_path: Path) -> None:
    with LoopbackWeb({"a.example": {"/": redirect("/b"), "/b": redirect("/c"), "/c": page(WORDS)}}) as web:
        assert crawls.crawl(web, tmp_path / "corpus", ["a.example/"]).code == 0
        assert set(crawls.stored(tmp_path / "corpus")) == {"a.example/c"}


def guarded(web: LoopbackWeb, folder: Path, *more: str, ports: tuple[int, ...] = ()) -> crawls.Ended:
    """Crawl without --allow-private; the web's port is one of those that may be asked."""
    (folder / "heedful.toml").write_text(f"[network]\nports = {[web.port, *ports]}\n")
    lead = ("--resolve", f"*:{web.port}:127.0.0.1")
    return crawls.heedful("crawl", "-o", "corpus", "--scope", "any", *GIVEN, *lead, *more, cwd=folder)


def test_a_name_that_resolves_to_a_private_address_is_not_connected_to(tmp_path: Path) -> None:
    with LoopbackWeb({"*": {"/": page(WORDS)}}) as web:
        ended = guarded(web, tmp_path, web.url("inside.example"))
        assert ended.code == 4, ended
        assert web.accepted == 0
    decision = crawls.decided(tmp_path / "corpus")["inside.example/"]
    assert decision.outcome is Outcome.SKIPPED
    assert crawls.reasons(tmp_path / "corpus", "inside.example/") == [
        ("address", "the name resolves to a private address")
    ]
    assert not crawls.stored(tmp_path / "corpus")


def test_a_port_that_is_not_asked(tmp_path: Path) -> None:
    with LoopbackWeb({"*": {"/": page(WORDS)}}) as web:
        ended = guarded(web, tmp_path, "http://a.example:8081/")
        assert ended.code == 4, ended
        assert web.accepted == 0
    assert crawls.reasons(tmp_path / "corpus", "a.example/") == [("address", "port 8081")]


IN_A_NETWORK_OF_ITS_OWN = """
import json, subprocess, sys
from pathlib import Path
from crawler.demo.server import LoopbackWeb, page, redirect
import crawler.demo.server as server
from tests import crawls

public, folder = "8.8.4.4", Path(sys.argv[1])
subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
subprocess.run(["ip", "address", "add", public + "/32", "dev", "lo"], check=True)
inside = LoopbackWeb({"*": {"*": page("secret")}})
with inside:
    server.ADDRESS = public
    links = "".join(f'<a href="/{n}">{n}</a><img src="/{n}.png">' for n in range(3))
    targets = [f"http://127.0.0.1:{inside.port}/", f"http://inside.example:{inside.port}/", "http://2130706433/"]
    table = {"/": page("<title>front</title>" + links), "/robots.txt": redirect(targets[0], status=307)}
    table |= {f"/{n}": redirect(target) for n, target in enumerate(targets)}
    table |= {f"/{n}.png": redirect(target) for n, target in enumerate(targets)}
    plain = {path: answer for path, answer in table.items() if path != "/robots.txt"}
    with LoopbackWeb({"a.example": plain, "b.example": table}) as web:
        (folder / "heedful.toml").write_text(f"[network]\\nports = [80, {web.port}, {inside.port}]\\n")
        ended = crawls.heedful(
            "crawl", web.url("a.example"), web.url("b.example"), "-o", "corpus", "--scope", "any",
            "--contact", crawls.CONTACT, "--profile", "testing",
            "--resolve", f"a.example:{web.port}:{public}", "--resolve", f"b.example:{web.port}:{public}",
            "--resolve", "inside.example:*:127.0.0.1", cwd=folder,
        )
    print(json.dumps({"code": ended.code, "err": ended.err, "inside": inside.accepted}))
"""


def test_a_redirect_to_a_private_address_is_not_followed(tmp_path: Path) -> None:
    """In a network of its own, where an address that counts as public is this machine."""
    command = ["unshare", "--user", "--map-root-user", "--net", sys.executable, "-c", IN_A_NETWORK_OF_ITS_OWN]
    try:
        subprocess.run(
            ["unshare", "--user", "--map-root-user", "--net", "ip", "link"], check=True, capture_output=True
        )
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("no network of its own to be had here")
    done = subprocess.run(
        [*command, str(tmp_path)],
        env=crawls.environment(),
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    told = json.loads(done.stdout)
    assert told["code"] == 0, told["err"]
    assert told["inside"] == 0
    corpus = tmp_path / "corpus"
    assert set(crawls.stored(corpus)) == {"a.example/"}
    for path, words in (
        ("0", "private address"),
        ("2.png", "private address"),
    ):
        ((locator, said),) = crawls.reasons(corpus, f"a.example/{path}")
        assert locator == "address"
        assert said.endswith(words)
    assert crawls.decided(corpus)["inside.example/"].outcome is Outcome.SKIPPED
    assert crawls.reasons(corpus, "inside.example/") == [("address", "the name resolves to a private address")]
    robots = crawls.decided(corpus)["b.example/"]
    assert robots.outcome is Outcome.UNDETERMINED, "its robots.txt is nowhere that may be asked"


# No room left


@pytest.mark.parametrize("limit", [200, 6_000, 30_000, 100_000, 400_000])
def test_a_full_disk_loses_nothing(limit: int, tmp_path: Path) -> None:
    site = generate(seed=5, pages=50, images=30)
    folder = tmp_path / "corpus"

    def small_files() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    with LoopbackWeb(site.hosts()) as web:
        ended = crawls.crawl(web, folder, site.seeds, "-q", preexec_fn=small_files)
        assert ended.code == 3, ended
        assert " cannot be " in ended.sentence
        assert ended.sentence.endswith("; once that is mended, the same command goes on")
        if (folder / "heedful.json").exists():
            crawls.check_folder(folder)
        again = crawls.crawl(web, folder, site.seeds)
        assert again.code == 0, again
        crawls.check_folder(folder)
        assert set(crawls.stored(folder)) == site.kept()
        assert set(crawls.stored(folder).values()) == {1}
