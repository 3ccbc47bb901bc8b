"""What an operator may write, where, and which sentence comes back when it is wrong."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.config import ConfigError, RunConfig, load
from crawler.config.given import Given
from crawler.config.keys import KEYS, Key
from crawler.config.model import Origin
from crawler.optout.model import Denylist, Kind, Posture, Purpose, Reading

ME = {"contact": "ops@museum.org"}


def configured(
    folder: Path,
    options: dict[str, object] | None = None,
    *,
    seeds: tuple[str, ...] = (),
    environ: dict[str, str] | None = None,
    file: str | None = None,
    needs: tuple[str, ...] = (),
) -> RunConfig:
    if file is not None:
        (folder / "heedful.toml").write_text(file, "utf-8")
    return load(
        ME if options is None else options, environ=environ or {}, folder=folder, seeds=seeds, needs=needs
    )


def test_without_a_word_the_defaults_hold(tmp_path: Path) -> None:
    config = configured(tmp_path)
    assert config == RunConfig(contact="ops@museum.org", origins={"contact": "option"})
    assert config.purposes == {Purpose.TDM}
    assert config.reading is Reading.STRICT
    assert config.kinds == {Kind.TEXT, Kind.IMAGE}
    assert (config.delay, config.max_crawl_delay, config.stop_after_refusals) == (1, 60, 10)
    assert config.ports == {80, 443}
    assert config.tokens == ("heedful",)


def test_the_first_that_speaks_wins(tmp_path: Path) -> None:
    file = "[run]\ndelay = 4\nscope = 'host'\nmax-pages = 7\n[operator]\nname = 'The Museum'"
    environ = {"HEEDFUL_DELAY": "3", "HEEDFUL_SCOPE": "any", "HEEDFUL_MAX_TIME": ""}
    config = configured(tmp_path, {**ME, "delay": "2"}, environ=environ, file=file)
    assert (config.delay, config.scope, config.max_pages, config.max_time) == (2, "any", 7, None)
    assert config.operator == "The Museum"
    assert config.origins == {
        "contact": "option", "delay": "option", "scope": "environment", "max_pages": "file", "operator": "file",
    }  # fmt: skip


OPTIONS: list[tuple[dict[str, object], str, Any]] = [
    ({"delay": "0"}, "delay", 0.0),
    ({"delay": "0.25"}, "delay", 0.25),
    ({"max_pages": "12"}, "max_pages", 12),
    ({"max_time": "1.5"}, "max_time", 1.5),
    ({"token": "Museum-Bot"}, "tokens", ("Museum-Bot", "heedful")),
    ({"token": "Heedful"}, "tokens", ("Heedful",)),
    ({"purpose": ("ai-train", "search")}, "purposes", {Purpose.AI_TRAIN, Purpose.SEARCH}),
    ({"kinds": "image"}, "kinds", {Kind.IMAGE}),
    ({"kinds": "text, image"}, "kinds", {Kind.TEXT, Kind.IMAGE}),
    ({"reading": "strict"}, "reading", Reading.STRICT),
    (
        {"resolve": ("*.test:*:127.0.0.1", "a.org:443:[::1]")},
        "resolve",
        ("*.test:*:127.0.0.1", "a.org:443:[::1]"),
    ),
    ({"resolve": ("*:80:127.0.0.1",)}, "resolve", ("*:80:127.0.0.1",)),
    ({"setting": ("LOG_LEVEL=DEBUG", "A=b=c")}, "settings", {"LOG_LEVEL": "DEBUG", "A": "b=c"}),
    ({"setting": ("DOWNLOAD_VERIFY_CERTIFICATES=True",)}, "settings", {"DOWNLOAD_VERIFY_CERTIFICATES": "True"}),
    ({"profile": "settings.testing"}, "profile", "testing"),
    ({"allow_private": True}, "allow_private", True),
    ({"contact": "https://museum.org/bot"}, "contact", "https://museum.org/bot"),
    ({"contact": "mailto:bot@museum.org"}, "contact", "bot@museum.org"),
    ({"contact": "https://museum.org/@bot"}, "contact", "https://museum.org/@bot"),
]


@pytest.mark.parametrize(("options", "field", "value"), OPTIONS)
def test_options(tmp_path: Path, options: dict[str, object], field: str, value: Any) -> None:
    assert getattr(configured(tmp_path, {**ME, **options}), field) == value


@pytest.mark.parametrize(
    ("name", "text", "field", "value"),
    [
        ("PURPOSE", "ai-train, search", "purposes", {Purpose.AI_TRAIN, Purpose.SEARCH}),
        ("ALLOW_PRIVATE", "yes", "allow_private", True),
        ("ALLOW_PRIVATE", "0", "allow_private", False),
        ("RESOLVE", "a.test:80:127.0.0.1 b.test:80:::1", "resolve", ("a.test:80:127.0.0.1", "b.test:80:::1")),
        (
            "SETTING",
            "LOG_LEVEL=INFO DOWNLOAD_TIMEOUT=5",
            "settings",
            {"LOG_LEVEL": "INFO", "DOWNLOAD_TIMEOUT": "5"},
        ),
        ("CONTACT", "web@museum.org", "contact", "web@museum.org"),
    ],
)
def test_environment(tmp_path: Path, name: str, text: str, field: str, value: Any) -> None:
    options = {} if name == "CONTACT" else ME
    assert getattr(configured(tmp_path, options, environ={f"HEEDFUL_{name}": text}), field) == value


def test_the_whole_file(tmp_path: Path) -> None:
    (tmp_path / "hosts.txt").write_text(
        "# removals\nBad.example.org\n.worse.org # all of it\nbücher.org\n", "utf-8"
    )
    (tmp_path / "prefixes.txt").write_text("HTTPS://h.org:443/art/\nhttp://h.org\n")
    (tmp_path / "digests.txt").write_text("AB" * 32 + "\n")
    file = """
    [run]
    output = "corpus"
    purpose = ["ai-train"]
    kinds = "text"
    resolve = ["a.test:80:127.0.0.1"]
    allow_private = true
    setting = ["DOWNLOAD_VERIFY_CERTIFICATES=false"]
    [operator]
    name = "The Museum"
    contact = "bot@museum.org"
    url = "https://museum.org/"
    [policy]
    reading = "literal"
    reason = "a study of the difference"
    accept = ["CC-BY-NC-4.0"]
    non_commercial = true
    country = "nl"
    deny_hosts = "hosts.txt"
    deny_prefixes = ["prefixes.txt"]
    deny_sha256 = "digests.txt"
    [manners]
    delay = 2
    max_crawl_delay = 30.5
    stop_after_refusals = 3
    [network]
    ports = [80, 443, 8080]
    [summary]
    "anything they like" = ["to", "say"]
    """
    config = configured(tmp_path, {}, file=file, needs=("output",))
    assert config.output == tmp_path / "corpus"
    assert (config.operator, config.operator_url, config.contact) == (
        "The Museum", "https://museum.org/", "bot@museum.org",
    )  # fmt: skip
    assert (config.reading, config.reason) == (Reading.LITERAL, "a study of the difference")
    assert (config.accept, config.non_commercial, config.country) == ({"CC-BY-NC-4.0"}, True, "NL")
    assert config.denylist == Denylist(
        hosts=frozenset({"bad.example.org", ".worse.org", "xn--bcher-kva.org"}),
        prefixes=("https://h.org/art/", "http://h.org/"),
        sha256=frozenset({"ab" * 32}),
    )
    assert (config.delay, config.max_crawl_delay, config.stop_after_refusals) == (2.0, 30.5, 3)
    assert config.ports == {80, 443, 8080}
    assert config.settings == {"DOWNLOAD_VERIFY_CERTIFICATES": "false"}
    assert config.summary == {"anything they like": ["to", "say"]}
    assert {*config.origins.values()} == {"file"}


BAD_OPTIONS: list[tuple[dict[str, object], str]] = [
    ({"contact": "nobody"}, "--contact: 'nobody' is not a mail address or an http"),
    ({"contact": "a b@museum.org"}, "is not a mail address"),
    ({"contact": "bot@museum"}, "is not a mail address"),
    ({"contact": "ftp://museum.org/"}, "is not a mail address"),
    ({"contact": "https://"}, "is not a mail address"),
    ({"contact": "https://museum.org/)\r\nX: y"}, "is not"),
    ({"contact": ""}, "it is empty"),
    ({"contact": "you@example.com"}, "is a placeholder"),
    ({"token": "my bot"}, "is not a product token"),
    ({"token": "bot/1.0"}, "is not a product token"),
    ({"token": "bot2"}, "is not a product token"),
    ({"delay": "-1"}, "--delay: '-1' is not a number of seconds, 0 or more"),
    ({"delay": "nan"}, "is not a number of seconds"),
    ({"delay": "inf"}, "is not a number of seconds"),
    ({"delay": "soon"}, "is not a number of seconds"),
    ({"max_pages": "0"}, "--max-pages: '0' is not a whole number of at least 1"),
    ({"max_pages": "1.5"}, "is not a whole number"),
    ({"max_time": "0"}, "more than 0"),
    ({"max_bytes": "1GB"}, "is not a whole number"),
    ({"concurrency": "٣"}, "is not a whole number"),
    ({"scope": "world"}, "is not one of host, domain, prefix, any"),
    ({"purpose": ("training",)}, "is not one of any, crawl, tdm"),
    ({"kinds": "text,video"}, "'video' is not one of text, image"),
    ({"kinds": ","}, "is not a list of words"),
    ({"profile": "rude"}, "is not one of polite, testing, distributed"),
    ({"reading": "literal"}, "accepted only from heedful.toml"),
    ({"reading": "loose"}, "is not one of strict, literal"),
    ({"posture": "maybe"}, "is not one of opt-out, opt-in"),
    ({"resolve": ("a.test:80",)}, "'a.test:80' is not HOST:PORT:ADDRESS"),
    ({"resolve": ("a.test:0:127.0.0.1",)}, "is not HOST:PORT:ADDRESS"),
    ({"resolve": ("a.test:70000:127.0.0.1",)}, "is not HOST:PORT:ADDRESS"),
    ({"resolve": ("a.test:80:localhost",)}, "is not HOST:PORT:ADDRESS"),
    ({"resolve": (":80:127.0.0.1",)}, "is not HOST:PORT:ADDRESS"),
    ({"resolve": ("a*.test:80:127.0.0.1",)}, "is not HOST:PORT:ADDRESS"),
    ({"setting": ("LOG_LEVEL",)}, "'LOG_LEVEL' is not NAME=VALUE"),
    ({"setting": ("log_level=DEBUG",)}, "is not NAME=VALUE"),
    ({"setting": ("DOWNLOAD_VERIFY_CERTIFICATES=0",)}, "accepted only from heedful.toml"),
    ({"config": "/nowhere/heedful.toml"}, "/nowhere/heedful.toml cannot be read"),
]


@pytest.mark.parametrize(("options", "sentence"), BAD_OPTIONS)
def test_bad_options(tmp_path: Path, options: dict[str, object], sentence: str) -> None:
    with pytest.raises(ConfigError) as refused:
        configured(tmp_path, {**ME, **options})
    assert sentence in str(refused.value)
    assert "\n" not in str(refused.value)


OURS = """
ADDONS COMPRESSION_ENABLED COOKIES_ENABLED DEFAULT_REQUEST_HEADERS DOWNLOADER_MIDDLEWARES DOWNLOAD_HANDLERS
DOWNLOADER_MIDDLEWARES_BASE DOWNLOAD_FAIL_ON_DATALOSS DUPEFILTER_CLASS EXTENSIONS FEEDS HTTPAUTH_USER
HTTPCACHE_ENABLED HTTPERROR_ALLOW_ALL ITEM_PIPELINES METAREFRESH_ENABLED OPTOUT_TOKENS REDIRECT_ENABLED
ROBOTSTXT_OBEY ROBOTSTXT_USER_AGENT SCHEDULER SPIDER_MIDDLEWARES TWISTED_DNS_RESOLVER USER_AGENT
"""


@pytest.mark.parametrize("name", OURS.split())
def test_settings_that_the_promise_rests_on_are_refused_wherever_they_stand(tmp_path: Path, name: str) -> None:
    for options, environ, file in (
        ({**ME, "setting": (f"{name}=x",)}, {}, None),
        (ME, {"HEEDFUL_SETTING": f"{name}=x"}, None),
        (ME, {}, f'[run]\nsetting = ["{name}=x"]\n[policy]\nreason = "why not"'),
    ):
        with pytest.raises(ConfigError, match=f"{name} cannot be set"):
            configured(tmp_path, dict(options), environ=environ, file=file)


BAD_FILES = [
    ("[run]\ndelya = 1", "heedful.toml [run]: there is no key delya; perhaps delay"),
    ("[runs]\ndelay = 1", "there is no section [runs]; perhaps run"),
    ("delay = 1", "there is no section [delay]"),
    ("run = 1", "run is a section"),
    ("[run]\ndelay = '1'", "heedful.toml [run] delay: '1' is not a number of seconds"),
    ("[run]\nmax_pages = true", "is not a whole number"),
    ("[run]\nmax_pages = 2.0", "is not a whole number"),
    ("[run]\nallow_private = 'yes'", "is not true or false"),
    ("[run]\npurpose = [1]", "is not a line of text"),
    ("[run]\npurpose = []", "is not a list of words"),
    ("[run]\ndelay = 1\n[manners]\ndelay = 2", "say different things"),
    ("[run]\nmax-pages = 1\nmax_pages = 1", "written twice"),
    ("[operator]\nurl = 'museum'", "is not an http(s) URL"),
    ("[policy]\nreading = 'literal'", "say why with reason"),
    ("[policy]\nreading = 'literal'\nreason = ' '", "is not a line of text"),
    ("[run]\nsetting = ['DOWNLOAD_VERIFY_CERTIFICATES=0']", "say why with reason"),
    ("[policy]\ncountry = 'NLD'", "is not a country code"),
    ("[policy]\ndeny_hosts = 'none.txt'", "none.txt cannot be read"),
    ("[policy]\naccept = 'xmp'\nfoo = 1", "there is no key foo"),
    (
        "[policy]\naccept = ['CC-BYND']",
        "'CC-BYND' is not the name of a licence or permission that can be accepted",
    ),
    ("[policy]\naccept = ['CC-BYND']", "did you mean CC-BY-ND?"),
    ("[policy]\naccept = ['tdm-rep']", "did you mean tdmrep?"),
    ("[policy]\naccept = ['robots']", "can be accepted, such as CC-BY-ND-4.0, tdmrep or xmp"),
    ("[policy]\ntrust_anchors = 'none.pem'", "none.pem' is not a file of certificates in PEM that can be read"),
    ("[policy]\ntrust_anchors = 'heedful.toml'", "heedful.toml' is not a file of certificates in PEM"),
    ("[network]\nports = []", "is not a list of port numbers"),
    ("[network]\nports = [70000]", "up to 65535"),
    ("[manners]\nstop_after_refusals = 0", "is not a whole number of at least 1"),
    ("[run", "is not TOML"),
]


@pytest.mark.parametrize(("file", "sentence"), BAD_FILES)
def test_bad_files(tmp_path: Path, file: str, sentence: str) -> None:
    with pytest.raises(ConfigError) as refused:
        configured(tmp_path, file=file)
    assert sentence in str(refused.value)


def test_names_are_accepted_however_they_are_spelled_and_need_no_reason(tmp_path: Path) -> None:
    file = "[policy]\naccept = ['cc-by-nd', 'XMP', 'CC-BY-NC-4.0', 'tdmrep']"
    assert configured(tmp_path, ME, file=file).accept == {"CC-BY-ND", "xmp", "CC-BY-NC-4.0", "tdmrep"}


def test_opt_in_is_a_posture(tmp_path: Path) -> None:
    assert configured(tmp_path, {**ME, "posture": "opt-in"}).posture is Posture.OPT_IN


def test_what_weakens_is_not_heard_from_the_environment(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"HEEDFUL_READING: .* only from heedful\.toml"):
        configured(tmp_path, environ={"HEEDFUL_READING": "literal"}, file="[policy]\nreason = 'x'")


def test_an_option_may_be_stricter_than_the_file(tmp_path: Path) -> None:
    file = "[policy]\nreading = 'literal'\nreason = 'a study'"
    assert configured(tmp_path, {**ME, "reading": "strict"}, file=file).reading is Reading.STRICT


def test_another_file_can_be_named_and_its_paths_start_from_its_folder(tmp_path: Path) -> None:
    elsewhere = tmp_path / "conf"
    elsewhere.mkdir()
    (elsewhere / "mine.toml").write_text('[run]\noutput = "out"\n')
    (tmp_path / "heedful.toml").write_text("[run]\ndelay = 9\n")
    config = configured(tmp_path, ME, environ={"HEEDFUL_CONFIG": str(elsewhere / "mine.toml")})
    assert (config.output, config.delay) == (elsewhere / "out", 1)


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("deny_hosts", "https://a.org/", "line 1: 'https://a.org/' is not a host name"),
        ("deny_prefixes", "\n/art", "line 2: '/art' is not a URL prefix"),
        ("deny_sha256", "abc", "is not a SHA-256 digest"),
    ],
)
def test_bad_denylists(tmp_path: Path, name: str, content: str, sentence: str) -> None:
    (tmp_path / "list").write_text(content)
    with pytest.raises(ConfigError) as refused:
        configured(tmp_path, file=f"[policy]\n{name} = 'list'")
    assert sentence in str(refused.value)


@pytest.mark.parametrize("needed", ["contact", "output"])
def test_what_a_command_needs_is_asked_for(tmp_path: Path, needed: str) -> None:
    with pytest.raises(ConfigError, match=f"no {'corpus folder' if needed == 'output' else needed}"):
        configured(tmp_path, {} if needed == "contact" else ME, needs=(needed,))


# Seeds


def test_seeds_are_normalised_and_each_comes_once(tmp_path: Path) -> None:
    file = tmp_path / "seeds.txt"
    file.write_bytes(
        b"\xef\xbb\xbf# ours\nhttps://a.org/x#part  # said why\n\nsitemap:https://a.org/map.xml\r\nHTTPS://A.org:443/x\n"
    )
    config = configured(tmp_path, seeds=("https://b.org", f"@{file}", "https://b.org/"))
    assert config.seeds == ("https://b.org/", "https://a.org/x")
    assert config.sitemaps == ("https://a.org/map.xml",)


@pytest.mark.parametrize(
    ("seed", "sentence"),
    [
        ("a.org", "write it with https:// or http:// in front"),
        ("ftp://a.org/", "not an http or https URL"),
        ("https:///x", "seed: 'https:///x' cannot be asked"),
        ("http://[::1/", "cannot be asked"),
        ("http://a.org:99999/", "cannot be asked"),
        ("https://me:secret@a.org/", "names a user or password"),
        ("https://a.org/a b", "blanks or control characters"),
        ("https://a.org/\n", "blanks or control characters"),
        ("", "is not a URL"),
        ("sitemap:", "is not a URL"),
        ("http://127.0.0.1/", "private or loopback address; add --allow-private"),
        ("http://127.1:8000/", "private or loopback"),
        ("http://2130706433/", "private or loopback"),
        ("http://10.1.2.3/", "private or loopback"),
        ("http://[::1]/", "private or loopback"),
        ("http://localhost/", "private or loopback"),
        ("sitemap:http://192.168.0.1/s.xml", "private or loopback"),
        ("@none.txt", "none.txt cannot be read"),
    ],
)
def test_bad_seeds(tmp_path: Path, seed: str, sentence: str) -> None:
    with pytest.raises(ConfigError) as refused:
        configured(tmp_path, seeds=(seed,))
    assert sentence in str(refused.value)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"# nothing\n\n", "names no URL"),
        (b"\xff\xfe\x00", "UTF-8"),
        (b"a\x00b", "UTF-8"),
        (b"https://a.org/\nx y", "line 2"),
    ],
)
def test_bad_seed_files(tmp_path: Path, content: bytes, sentence: str) -> None:
    (tmp_path / "seeds").write_bytes(content)
    with pytest.raises(ConfigError, match=sentence):
        configured(tmp_path, seeds=(f"@{tmp_path / 'seeds'}",))


def test_private_seeds_are_taken_with_the_operators_word(tmp_path: Path) -> None:
    config = configured(tmp_path, {**ME, "allow_private": True}, seeds=("http://127.0.0.1:8000/",))
    assert config.seeds == ("http://127.0.0.1:8000/",)


# A contact that reaches nobody


@pytest.mark.parametrize(
    ("options", "seed", "fits"),
    [
        ({}, "https://museum.org/", False),
        ({}, "https://museum.example/", True),
        ({}, "https://example.org/", True),
        ({"allow_private": True}, "http://10.0.0.1/", True),
        ({"resolve": ("*:80:127.0.0.1",)}, "http://museum.org/", True),
        ({"resolve": ("*:80:127.0.0.1", "b.org:80:8.8.8.8")}, "http://museum.org/", False),
    ],
)
def test_an_example_contact_is_for_crawls_that_reach_nobody(
    tmp_path: Path, options: dict[str, object], seed: str, fits: bool
) -> None:
    options = {"contact": "crawler@example.org", **options}
    if fits:
        assert configured(tmp_path, options, seeds=(seed,)).contact == "crawler@example.org"
    else:
        with pytest.raises(ConfigError, match="reaches nobody"):
            configured(tmp_path, options, seeds=(seed,))


# Promises about all of it


JUNK = st.one_of(st.text(), st.integers(), st.floats(), st.booleans(), st.lists(st.text(max_size=3)), st.none())


@given(key=st.sampled_from([key for key in KEYS if key.field != "summary"]), raw=JUNK)
def test_junk_is_read_or_refused_with_one_line(key: Key, raw: object) -> None:
    origins: tuple[Origin, ...] = ("option", "environment", "file")
    for origin in origins:
        value = raw if origin == "file" else str(raw)
        try:
            key.read(Given(value, origin, "here"))
        except ConfigError as error:
            refusal = str(error)
        else:
            refusal = ""
        assert "\n" not in refusal


def test_every_key_fills_a_field_and_every_field_can_be_filled() -> None:
    lists = {"deny_hosts", "deny_prefixes", "deny_sha256"}
    fields = set(RunConfig.__dataclass_fields__) - {"seeds", "sitemaps", "seed_lists", "origins", "denylist"}
    assert {key.field for key in KEYS} - lists == fields


def test_the_configuration_imports_no_scrapy() -> None:
    code = "import sys, crawler.config; sys.exit('scrapy' in sys.modules or 'twisted' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
