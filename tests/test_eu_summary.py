"""The EU summary of a finished demo crawl, asked the questions that are asked of published summaries.

What a crawler cannot answer has to come out as TO BE PROVIDED and to be listed in ``docs/eu-summary.md``.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
from itertools import pairwise
from pathlib import Path

import pytest

from crawler.audit.report import filled, template
from crawler.audit.report.summary import SECTIONS, known
from tests import corpora, crawls
from tests.summaries import GIVEN, Summary, report
from tests.summary_grid import GRID, Question

DOCS = Path(__file__).parent.parent / "docs" / "eu-summary.md"


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A demo crawl, asked again while its web is gone, of which something was withdrawn."""
    folder = tmp_path_factory.mktemp("demo") / "corpus"
    assert crawls.heedful("demo", "-o", str(folder), "-q", timeout=120).code == 0
    resolve = json.loads((folder / "heedful.json").read_text())["runs"][0]["settings"]["resolve"][0]
    again = crawls.heedful(
        "recheck", str(folder), "--contact", "https://demo.example/", "--profile", "testing", "--allow-private",
        "--resolve", resolve, timeout=120,
    )  # fmt: skip
    assert again.code == 0, again.err
    gone = crawls.heedful(
        "withdraw", str(folder), "--host", "club.example", "--reason", "asked", "--ticket", "T-1"
    )
    assert gone.code in (0, 1), gone.err
    out = crawls.heedful("items", str(folder), "--json").rows
    chosen = next(row["url"] for row in out if row["kind"] == "text" and "garden" in row["url"])
    assert crawls.heedful("withdraw", str(folder), "--url", chosen, "--reason", "asked").code == 0
    return folder


@pytest.fixture(scope="module")
def bare(corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Summary:
    """Its summary, with nothing from the operator."""
    folder = tmp_path_factory.mktemp("bare")
    ended = report(corpus, "-o", str(folder), "--all-domains")
    assert ended.code == 0, ended.err
    return Summary(folder=folder / "eu-summary", corpus=corpus)


@pytest.fixture(scope="module")
def given(corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Summary:
    """Its summary, with everything that was asked of the operator."""
    folder = tmp_path_factory.mktemp("given")
    (folder / "heedful.toml").write_text(GIVEN)
    ended = report(corpus, "-o", str(folder), cwd=folder)
    assert ended.code == 0, ended.err
    return Summary(folder=folder / "eu-summary", corpus=corpus)


def test_the_grid_is_whole() -> None:
    assert sum(question.id.startswith("F2.3") for question in GRID) == 46
    assert sum(question.id.startswith("F3.1") for question in GRID) == 10
    assert len({question.id for question in GRID}) == len(GRID)
    assert all(question.check or question.operator for question in GRID)


@pytest.mark.parametrize("question", [pytest.param(one, id=one.id) for one in GRID])
def test_the_question(bare: Summary, given: Summary, question: Question) -> None:
    if question.check is not None:
        assert question.check(bare), question.asks
    for name in question.operator:
        assert bare.fields[name]["source"] == "to be provided", question.asks
        assert "TO BE PROVIDED" in bare.shown(name)
        assert f"`{name}`" in DOCS.read_text("utf-8"), f"docs/eu-summary.md does not list {name}"
        assert given.fields[name]["source"] == "operator", question.asks


def test_what_only_the_operator_knows_is_listed_first_and_never_guessed(bare: Summary) -> None:
    missing = [one["name"] for one in bare.fields.values() if one["source"] == "to be provided"]
    assert bare.html.css_first("main > section").attributes["aria-labelledby"] == "open"
    assert [node.attributes["href"] for node in bare.html.css("main > section:first-child a")] == [
        f"#{name}" for name in bare.plain["to_be_provided"]
    ]
    assert set(bare.plain["to_be_provided"]) <= set(missing)
    for field in template.fields(SECTIONS):
        if field.who is template.Who.OPERATOR:
            assert bare.fields[field.name]["source"] in ("to be provided", "not applicable")
        if field.form is template.Form.YES_NO and field.who is template.Who.OPERATOR:
            assert bare.fields[field.name]["source"] == "to be provided"
            assert "☑" not in bare.shown(field.name)


def test_no_field_is_blank(bare: Summary, given: Summary) -> None:
    for summary in (bare, given):
        for name, answer in summary.fields.items():
            assert answer["value"] not in (None, "", [], {}), name
            assert len(summary.shown(name)) > 2


def test_everything_that_was_asked_for_can_be_given(given: Summary) -> None:
    assert given.plain["to_be_provided"] == []
    assert given.fields["public_datasets_large"]["value"][0]["name"] == "Commons of Words"
    assert "☑ No" in given.shown("synthetic_used")
    assert given.fields["synthetic_modalities"]["source"] == "not applicable"
    assert given.fields["text_size"]["source"] == "operator"
    assert given.fields["text_size"]["value"] == "Less than 1 billion tokens"
    assert given.fields["market_date"]["value"] == "01/12/2026"
    assert given.fields["representative"]["source"] == "not applicable"
    assert given.fields["crawled_other_crawlers"]["value"] == "None"


def test_every_key_is_documented() -> None:
    told = DOCS.read_text("utf-8")
    for field in known():
        assert not field.key or f"`{field.name}`" in told, field.name


def test_numbers_and_names_are_unique() -> None:
    names = [field.name for field in known()]
    assert len(names) == len(set(names))
    yes_no = {field.name for field in known() if field.form is template.Form.YES_NO}
    assert all(set(field.when) <= yes_no for field in known())


def test_drafts_are_marked_and_show_their_figures(bare: Summary) -> None:
    for name in bare.plain["to_be_confirmed"]:
        assert "Draft, to be confirmed" in bare.shown(name)
    tokens = next(note for note in bare.fields["text_size"]["notes"] if "tokens" in note)
    size = int(re.findall(r"([\d,]+) bytes of UTF-8", tokens)[0].replace(",", ""))
    assert f"About {-(-size // 4):,} tokens" in tokens
    assert size == sum(int(row["text_bytes"]) for row in bare.table("all-domains.csv") if row["text_bytes"])


def test_it_loads_nothing_and_every_link_leads_somewhere(bare: Summary) -> None:
    page = bare.html
    assert page.css("script, img, iframe, link[rel=stylesheet], object") == []
    ids = [node.attributes["id"] for node in page.css("[id]")]
    assert len(ids) == len(set(ids))
    for node in page.css("a[href]"):
        target = str(node.attributes["href"])
        assert target[1:] in ids if target.startswith("#") else (bare.folder / target).exists(), target
    levels = [int(node.tag[1]) for node in page.css("h1, h2, h3, h4, h5")]
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_what_belongs_to_a_chapter_lies_below_its_heading(bare: Summary) -> None:
    levels = {node.attributes["id"]: int(node.tag[1]) for node in bare.html.css("[id^='s-']")}
    for section in SECTIONS:
        within = section.level == 2 and section.id != "0"
        assert levels[f"s-{section.id}"] == (3 if within else 2), section.id
    for part in bare.html.css(".answer h4, .answer h5"):
        field = part.parent.parent.parent.css_first(".asked h3, .asked h4")
        assert int(field.tag[1]) == int(part.tag[1]) - 1


def test_made_twice_it_is_the_same_and_changed_it_is_the_next_version(corpus: Path, tmp_path: Path) -> None:
    def files() -> dict[str, bytes]:
        folder = tmp_path / "eu-summary"
        return {str(one.relative_to(folder)): one.read_bytes() for one in folder.rglob("*") if one.is_file()}

    for _ in range(2):
        assert report(corpus, "-o", str(tmp_path), cwd=tmp_path).code == 0
        first = files()
    assert report(corpus, "-o", str(tmp_path), cwd=tmp_path).code == 0
    assert files() == first
    assert set(first) == {"index.html", "summary.json", "domains.csv", "domains.json"}

    (tmp_path / "heedful.toml").write_text('[summary]\nmodels = ["Example-1"]\n')
    assert report(corpus, "-o", str(tmp_path), cwd=tmp_path).code == 0
    second = Summary(folder=tmp_path / "eu-summary", corpus=corpus)
    assert second.fields["version"]["value"] == "v2"
    assert second.fields["version"]["files"][0]["path"] == "previous/v1/index.html"
    assert {name: files()[f"previous/v1/{name}"] for name in first} == first

    (tmp_path / "eu-summary" / "summary.json").unlink()
    assert report(corpus, "-o", str(tmp_path), "--sme", cwd=tmp_path).code == 0
    third = Summary(folder=tmp_path / "eu-summary", corpus=corpus)
    assert third.fields["version"]["value"] != "v1"


def test_where_there_is_no_room_the_old_summary_stays_whole(corpus: Path, tmp_path: Path) -> None:
    def files() -> dict[str, bytes]:
        made = tmp_path / "eu-summary"
        return {str(path.relative_to(made)): path.read_bytes() for path in made.rglob("*") if path.is_file()}

    assert report(corpus, "-o", str(tmp_path), cwd=tmp_path).code == 0
    before = files()
    (tmp_path / "heedful.toml").write_text('[summary]\nmodels = ["Example-1"]\n')
    limited = (
        "import resource, signal, sys; signal.signal(signal.SIGXFSZ, signal.SIG_IGN);"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000));"
        "from crawler.cli import main; main(sys.argv[1:])"
    )
    arguments = ["report", str(corpus), "--format", "eu-summary", "-o", str(tmp_path), "--no-measure"]
    ended = subprocess.run(
        [sys.executable, "-c", limited, *arguments], cwd=tmp_path, timeout=60, check=False,
        env=crawls.environment(PYTHONDONTWRITEBYTECODE="1"), capture_output=True, text=True,
    )  # fmt: skip
    assert ended.returncode == 3, ended.stderr
    assert "eu-summary" in ended.stderr
    assert files() == before
    assert report(corpus, "-o", str(tmp_path), cwd=tmp_path).code == 0
    after = files()
    assert {name: after[f"previous/v1/{name}"] for name in before} == before
    assert sorted(after) == sorted([*before, *(f"previous/v1/{name}" for name in before)])


@pytest.mark.parametrize(
    ("written", "says"),
    [
        ("provder = 'x'", "there is no key provder; perhaps provider"),
        ("[summary.synthetic]\nusd = true", "there is no key synthetic.usd; perhaps synthetic_used"),
        ("version = 'v7'", "there is no key version"),
        ("synthetic_used = 'yes'", "synthetic_used is words; write true or false"),
        ("models = 3", "models is a number; write a list of words"),
        ("modalities = ['text', 'smell']", "modalities is a list; write a list of text, image"),
        ("provider = ''", "provider is empty; write words in quotes"),
        ("market_date = 20261201", "market_date is a number; write a date"),
        ("market_date = '2026-13-45'", "market_date is words; write a date"),
        ("market_date = 'soon'", "market_date is words; write a date"),
        ("synthetic_used = true\n[summary.synthetic]\nused = true", "synthetic.used is written twice"),
        ("public_datasets_large = [{ nme = 'x' }]", "public_datasets_large is a list; write a list of names"),
    ],
)
def test_what_cannot_be_used_is_refused_in_one_sentence(
    corpus: Path, tmp_path: Path, written: str, says: str
) -> None:
    (tmp_path / "heedful.toml").write_text(f"[summary]\n{written}\n")
    ended = report(corpus, "-o", str(tmp_path / "out"), "-q", cwd=tmp_path)
    assert ended.code == 2
    assert says in ended.sentence
    assert "[summary]" in ended.sentence
    assert not (tmp_path / "out" / "eu-summary").exists()


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("2026-12-01", "01/12/2026"),
        ("'2026-12-01'", "01/12/2026"),
        ("'1/12/2026'", "01/12/2026"),
        ("'12/2026'", "12/2026"),
        ("'2026-12'", "12/2026"),
    ],
)
def test_a_date_is_printed_as_the_template_has_it(written: str, shown: str) -> None:
    made = filled.read(tomllib.loads(f"market_date = {written}"), known())
    assert made.text("market_date") == shown


def test_nobody_s_words_become_markup(corpus: Path, tmp_path: Path) -> None:
    evil = '<script>alert(1)</script>\\"><img src=x onerror=alert(2)>\\u202e\\u0007 =cmd()'
    (tmp_path / "heedful.toml").write_text(
        f'[summary]\nprovider = "{evil}"\nmodels = ["{evil}"]\npublic_datasets_used = true\n'
        f'public_datasets_large = [{{ name = "{evil}", link = "javascript:alert(3)" }}]\n'
    )
    assert report(corpus, "-o", str(tmp_path), cwd=tmp_path).code == 0
    made = Summary(folder=tmp_path / "eu-summary", corpus=corpus)
    text = (made.folder / "index.html").read_text("utf-8")
    assert made.html.css("script, img") == []
    assert "\u202e" not in text + json.dumps(made.plain, ensure_ascii=False)
    assert "\x07" not in text
    assert not [node for node in made.html.css("a") if str(node.attributes["href"]).startswith("javascript")]
    assert "<script>alert(1)</script>" in made.shown("provider")


def test_a_corpus_that_was_not_measured_says_so(tmp_path: Path) -> None:
    with corpora.opened(tmp_path / "corpus") as opened:
        corpora.fill(opened)
    ended = report(tmp_path / "corpus", "--no-measure", "-o", str(tmp_path / "out"))
    assert ended.code == 0, ended.err
    made = Summary(folder=tmp_path / "out" / "eu-summary", corpus=tmp_path / "corpus")
    assert made.fields["text_size"]["source"] == "to be provided"
    assert "not measured" in made.said("domains")
    assert made.fields["languages"]["source"] == "to be provided"
    assert made.fields["provider"]["value"] == "Example, bot@example.org"
    assert all(row["text_bytes"] == "" and row["text_rank"] for row in made.table("domains.csv"))


def test_a_corpus_with_nothing_in_it(tmp_path: Path) -> None:
    corpora.opened(tmp_path / "corpus").close()
    ended = report(tmp_path / "corpus", "-o", str(tmp_path / "out"), "--all-domains")
    assert ended.code == 0, ended.err
    made = Summary(folder=tmp_path / "out" / "eu-summary", corpus=tmp_path / "corpus")
    assert made.table("domains.csv") == []
    assert made.fields["crawlers_used"]["value"] is False
    assert made.fields["latest_acquisition"]["source"] == "not applicable"
