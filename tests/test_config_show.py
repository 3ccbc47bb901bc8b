"""``heedful config show``: what would be in effect, who says so, and which policy it makes."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.config import load
from crawler.config.keys import KEYS
from crawler.config.shown import HIDDEN, concealed
from crawler.demo.answer import page
from crawler.demo.server import LoopbackWeb
from crawler.promise import gate_from_settings
from crawler.scrapy_settings import settings_of
from tests.crawls import Ended, crawl, environment, heedful, options

FILE = """\
[operator]
contact = "ops@museum.org"
name = "The Museum"
[run]
purpose = ["ai-train", "search"]
token = "MuseumBot"
max_pages = 5
[policy]
accept = ["tdmrep"]
country = "nl"
non_commercial = true
deny_hosts = "hosts.txt"
[manners]
delay = 4
"""


def show(folder: Path, *more: str, file: str | None = None, **env: str) -> Ended:
    if file is not None:
        (folder / "heedful.toml").write_text(file, "utf-8")
        (folder / "hosts.txt").write_text("a.example\n.b.example\n")
    ended = heedful("config", "show", *more, cwd=folder, env=environment(**env))
    assert "Traceback" not in ended.err
    return ended


def state(folder: Path, *more: str, **how: Any) -> dict[str, Any]:
    ended = show(folder, "--json", *more, **how)
    assert ended.code == 0, ended.err
    (found,) = ended.rows
    return found


def values(found: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {row["name"]: row for row in found["values"]}


def test_every_value_says_where_it_comes_from(tmp_path: Path) -> None:
    found = state(tmp_path, "--max-pages", "9", file=FILE, HEEDFUL_SCOPE="host", HEEDFUL_DELAY="7")
    rows = values(found)
    assert found["file"] == str(tmp_path / "heedful.toml")
    said = {
        name: (row["value"], row["origin"], row["where"], row["over"])
        for name, row in rows.items()
        if row["origin"] != "default"
    }
    in_file = "heedful.toml [{}] {}".format
    assert said == {
        "contact": ("ops@museum.org", "file", in_file("operator", "contact"), []),
        "name": ("The Museum", "file", in_file("operator", "name"), []),
        "token": (["MuseumBot", "heedful"], "file", in_file("run", "token"), []),
        "scope": ("host", "environment", "HEEDFUL_SCOPE", []),
        "max_pages": (9, "option", "--max-pages", [in_file("run", "max_pages")]),
        "delay": (7.0, "environment", "HEEDFUL_DELAY", [in_file("manners", "delay")]),
        "purpose": (["ai-train", "search"], "file", in_file("run", "purpose"), []),
        "accept": (["tdmrep"], "file", in_file("policy", "accept"), []),
        "non_commercial": (True, "file", in_file("policy", "non_commercial"), []),
        "country": ("NL", "file", in_file("policy", "country"), []),
        "deny_hosts": ({"entries": 2}, "file", in_file("policy", "deny_hosts"), []),
        "concurrency": (256, "profile", "settings.polite", []),
    }
    assert {(row["section"], row["name"]) for row in found["values"]} == {
        (key.home[0], key.home[1] or key.home[0]) for key in KEYS
    }


def test_people_read_the_same(tmp_path: Path) -> None:
    told = show(tmp_path, file=FILE, HEEDFUL_SCOPE="host").out
    assert re.search(r"^  scope +host +HEEDFUL_SCOPE$", told, re.M)
    assert re.search(r"^  posture +opt-out +default$", told, re.M)
    assert re.search(r"^  deny_hosts +2 entries +heedful.toml \[policy\] deny_hosts$", told, re.M)
    assert re.search(r"^  CONCURRENT_REQUESTS +256 +settings.polite$", told, re.M)
    assert "weakened: nothing" in told
    assert re.search(r"^policy: sha256:[0-9a-f]{64}$", told, re.M)


def test_without_a_contact_it_says_what_is_missing(tmp_path: Path) -> None:
    found = state(tmp_path)
    assert found["file"] is None
    assert [row["name"] for row in found["missing"]] == ["contact"]
    assert values(found)["contact"]["value"] is None
    assert "missing: no contact: say with --contact" in show(tmp_path).out


def test_what_weakens_the_promise_is_shown_with_its_reason(tmp_path: Path) -> None:
    file = """
    [run]
    setting = ["DOWNLOAD_VERIFY_CERTIFICATES=false"]
    [policy]
    reading = "literal"
    reason = "a study"
    """
    assert state(tmp_path, file=file)["weakened"] == [
        {"what": "the literal reading", "reason": "a study"},
        {"what": "unchecked certificates", "reason": "a study"},
    ]
    told = show(tmp_path).out
    assert "weakened: the literal reading, because: a study" in told
    assert "weakened: nothing" not in told


@pytest.mark.parametrize(
    ("more", "file", "words"),
    [
        (["--reading", "literal"], None, "accepted only from heedful.toml"),
        (["--posture", "maybe"], None, "--posture: 'maybe' is not one of"),
        ([], "[policy]\nreading = 'literal'", "say why with reason"),
        ([], "[run]\nfrob = 1", "there is no key frob"),
        ([], "[run]\ncontact = 'a@b.org'\n[operator]\ncontact = 'c@b.org'", "say different things"),
        ([], "[policy]\ndeny_hosts = 'nowhere.txt'", "nowhere.txt cannot be read"),
        (["--config", "nowhere.toml"], None, "nowhere.toml cannot be read"),
    ],
)
def test_what_a_crawl_refuses_is_refused(tmp_path: Path, more: list[str], file: str | None, words: str) -> None:
    ended = show(tmp_path, *more, file=file)
    assert ended.code == 2
    assert words in ended.sentence


@pytest.mark.parametrize(
    "said",
    [
        [],
        ["--profile", "testing"],
        ["--profile", "distributed", "--delay", "3"],
        ["--concurrency", "5", "-s", "CONCURRENT_REQUESTS=9"],
        ["--delay", "3", "-s", "DOWNLOAD_DELAY=2", "-s", "DOWNLOAD_TIMEOUT=1", "-s", "LOG_LEVEL=INFO"],
    ],
)
def test_scrapy_is_given_what_is_shown(tmp_path: Path, said: list[str]) -> None:
    found = state(tmp_path, *said, "--contact", "ops@museum.org")
    names = {"-s": "setting"}
    given_options: dict[str, Any] = {"contact": "ops@museum.org"}
    for name, value in zip(said[::2], said[1::2], strict=True):
        name = names.get(name, name[2:])
        before = given_options.get(name, ())
        given_options[name] = (*before, value) if name == "setting" else value
    settings = settings_of(load(given_options, environ={}, folder=tmp_path))
    shown = {row["name"]: row["value"] for row in found["scrapy"]}
    assert {"CONCURRENT_REQUESTS", "CONCURRENT_REQUESTS_PER_DOMAIN", "DOWNLOAD_DELAY"} <= set(shown)
    assert {name: str(value) for name, value in shown.items()} == {
        name: str(settings.get(name)) for name in shown
    }
    rows = values(found)
    assert float(rows["delay"]["value"]) == settings.getfloat("DOWNLOAD_DELAY")
    assert int(rows["concurrency"]["value"]) == settings.getint("CONCURRENT_REQUESTS")


@pytest.mark.parametrize("file", [None, FILE, "[policy]\nreading = 'literal'\nreason = 'x'\ncountry = 'de'"])
def test_the_digest_is_that_of_the_gate_of_a_crawl(tmp_path: Path, file: str | None) -> None:
    found = state(tmp_path, "--posture", "opt-in", file=file)
    config = load({"contact": "ops@museum.org", "posture": "opt-in"}, environ={}, folder=tmp_path)
    assert found["policy"] == gate_from_settings(settings_of(config)).digest


def test_the_digest_stands_in_the_ledger_of_a_crawl(tmp_path: Path) -> None:
    with LoopbackWeb({"a.test": {"/": page("<title>A</title><p>words")}}) as web:
        corpus = tmp_path / "corpus"
        assert crawl(web, corpus, ["a.test/"], "--purpose", "ai-train", cwd=tmp_path).code == 0
        found = state(tmp_path, *options(web), "--purpose", "ai-train")
    decided = {row["policy"] for row in heedful("log", str(corpus), "--json").rows}
    assert decided == {found["policy"]}
    assert json.loads((corpus / "heedful.json").read_text())["policy"] == found["policy"]


def test_secrets_are_not_shown(tmp_path: Path) -> None:
    more = ["-s", "FTP_PASSWORD=hunter2", "-s", "SOME_URL=https://me:hunter2@h.example/x", "--json"]
    env = {"https_proxy": "http://me:hunter2@proxy.example:3128", "HEEDFUL_KEY": "/home/hunter2/keys/signing"}
    for ended in (show(tmp_path, *more, **env), show(tmp_path, *more[:-1], **env)):
        assert ended.code == 0
        assert "hunter2" not in ended.out + ended.err
        assert "proxy.example:3128" in ended.out
        assert f"{HIDDEN}/signing" in ended.out
        assert "h.example/x" in ended.out


def test_a_variable_that_no_command_reads_is_told(tmp_path: Path) -> None:
    env = {"HEEDFUL_CONTCT": "ops@museum.org", "HEEDFUL_XYZZY_FROBNICATE": "1", "HEEDFUL_OUTCOME": "reserved"}
    assert state(tmp_path, **env)["unread"] == [
        {"name": "HEEDFUL_CONTCT", "perhaps": "HEEDFUL_CONTACT"},
        {"name": "HEEDFUL_XYZZY_FROBNICATE", "perhaps": None},
    ]
    assert "HEEDFUL_CONTCT is read by no command; perhaps HEEDFUL_CONTACT" in show(tmp_path, **env).out


@given(user=st.text(st.characters(exclude_characters="/?#@ \t\n", codec="ascii"), min_size=1), at=st.booleans())
def test_no_user_of_a_url_is_shown(user: str, at: bool) -> None:
    secret = f"<{user.replace('<', '')}>"
    url = f"https://{secret}{'@x' if at else ''}@h.example/a@b"
    assert concealed("url", [url]) == [f"https://{HIDDEN}@h.example/a@b"]


def test_showing_loads_no_scrapy(tmp_path: Path) -> None:
    code = (
        "import sys\nfrom crawler.cli import main\n"
        "try: main(['config', 'show'])\nexcept SystemExit as end: assert not end.code\n"
        "sys.exit(any(name in sys.modules for name in ('scrapy', 'twisted')))"
    )
    ended = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, env=environment(), capture_output=True)
    assert ended.returncode == 0, ended.stderr
