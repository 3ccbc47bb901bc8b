"""``lookup``: "did you take my site?", for people, as a letter and as JSON."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import replace
from datetime import timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from crawler.audit.note import Signer
from crawler.audit.prose import Bullets, Heading, Paragraph, Quoted, Verbatim, as_html, as_markdown
from crawler.audit.selector import Kind, Unaskable, selector_of
from crawler.audit.wording import count, kinds, reason
from crawler.cli import main
from crawler.corpus.withdrawal import Wish, withdraw
from crawler.optout.model import Asked, Carrier, Outcome, Stage, Standing
from tests.corpora import NOON, RESERVED, decision, journal, opened, page, statement
from tests.corpora import Kind as Medium


def run(*arguments: str, code: int = 0) -> Result:
    result = CliRunner().invoke(main, ["lookup", *arguments])
    assert result.exit_code == code, result.stderr
    return result


def found(corpus: Path, asked: str) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(run(str(corpus), asked, "--json").stdout)
    return answer


def states(answer: dict[str, Any]) -> dict[str, str]:
    return {row["url"]: row["state"] for row in answer["urls"]}


def house(url: str, reason: str, words: str, stage: Stage = Stage.HOST) -> Any:
    ours = statement("house", url)
    ours = replace(
        ours, evidence=replace(ours.evidence, carrier=Carrier.HOUSE, locator=reason, excerpt=words, source=url)
    )
    return replace(
        decision(url, RESERVED, stage=stage), outcome=Outcome.SKIPPED, grounds=(ours,), heard=(ours,)
    )


HOSTILE = "</code><script>alert(1)</script>`` ![x](http://evil/) \x1b[2J\u202e"
SAME = b"<p>the same</p>"


def body(url: str) -> bytes:
    return f"<p>{url}</p>".encode()


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def asked_of(url: str) -> Any:
    source = Asked(
        signals=("robots", "tdmrep"), carrier=Carrier.ROBOTS_TXT, source=f"{url}/robots.txt",
        standing=Standing.ABSENT, status=404, at=NOON,
    )  # fmt: skip
    return replace(decision(url), asked=(source,))


A = "https://a.example"


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site with one URL in each state, its neighbours, and the words of somebody who means harm."""
    path = tmp_path_factory.mktemp("looked") / "corpus"
    with opened(path) as corpus:
        book = journal(corpus)
        for url in (f"{A}/kept", f"{A}/withdrawn", f"{A}/turned", "https://www.a.example/kept"):
            book.record(asked_of(url), page(url, body(url)))
        for url in (
            "https://alice.github.io/",
            "https://bob.github.io/",
            "https://xa.example/",
            "http://127.0.0.1/",
        ):
            book.record(decision(url), page(url, body(url)))
        image = decision(f"{A}/free.png", Outcome.LICENSED, kind=Medium.IMAGE)
        book.record(image, page(f"{A}/free.png", b"png"))
        book.record(decision(f"{A}/same"), page(f"{A}/same", SAME))
        book.record(decision("https://b.example/same"), page("https://b.example/same", SAME))
        book.record(decision(f"{A}/reserved", RESERVED, stage=Stage.HEADERS), reserved=[digest(b"dropped")])
        said = statement(url=f"{A}/hostile")
        said = replace(said, evidence=replace(said.evidence, excerpt=HOSTILE, locator="```"))
        book.record(replace(decision(f"{A}/hostile", RESERVED), grounds=(said,), heard=(said,)))
        book.record(replace(decision(f"{A}/unclear", RESERVED), outcome=Outcome.UNDETERMINED))
        book.record(house(f"{A}/moved", "moved", f"{A}/target", Stage.HEADERS))
        book.record(house(f"{A}/target", "moved", f"{A}/kept", Stage.HEADERS))
        book.record(house(f"{A}/round", "moved", f"{A}/round", Stage.HEADERS))
        book.record(house(f"{A}/outside", "scope", "domain"))
        later = NOON + timedelta(days=30)
        book.record(replace(decision(f"{A}/turned", RESERVED), at=later))
        book.flush()
        corpus.store.remove(digest(body(f"{A}/turned")), reason="reserved: tdmrep", run="r2", at=later)
        wish = Wish(urls=frozenset({f"{A}/withdrawn"}))
        withdraw(corpus, wish, reason=HOSTILE, ticket="2026-7", run="r3", at=later + timedelta(days=1))
        withdraw(corpus, Wish(domains=frozenset({"gone.example"})), reason="asked", run="r3", at=later)
    return path


# What is asked for


@pytest.mark.parametrize(
    ("text", "kind", "value", "note"),
    [
        ("Example.ORG", Kind.DOMAIN, "example.org", ""),
        ("example.org.", Kind.DOMAIN, "example.org", ""),
        ("www.example.org", Kind.HOST, "www.example.org", "example.org would cover"),
        ("alice.github.io", Kind.DOMAIN, "alice.github.io", ""),
        ("github.io", Kind.HOST, "github.io", "public suffix"),
        ("co.uk", Kind.HOST, "co.uk", "public suffix"),
        ("müller.de", Kind.DOMAIN, "xn--mller-kva.de", ""),
        ("192.0.2.7", Kind.DOMAIN, "192.0.2.7", ""),
        ("HTTP://A.Example:80/x/../y#z", Kind.URL, "http://a.example/y", ""),
        ("AB" * 32, Kind.SHA256, "ab" * 32, ""),
        ("sha256:" + "ab" * 32, Kind.SHA256, "ab" * 32, ""),
    ],
)
def test_selectors(text: str, kind: Kind, value: str, note: str) -> None:
    selector = selector_of(text)
    assert (selector.kind, selector.value) == (kind, value)
    assert note in selector.note
    assert bool(note) is bool(selector.note)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "is no domain"),
        ("a.example/page", "with https:// in front"),
        ("a.example:8080", "names a port; write a.example"),
        ("ftp://a.example/", "not an http or https URL"),
        ("me@a.example", "is neither a domain nor"),
        ("a b", "is neither a domain nor"),
        ("https://user:secret@a.example/", "names a user or password"),
        ("\x1b[2J", "is no domain"),
    ],
)
def test_what_cannot_be_asked_is_one_sentence_and_exit_2(corpus: Path, text: str, words: str) -> None:
    with pytest.raises(Unaskable, match=re.escape(words)):
        selector_of(text)
    result = run(str(corpus), text, code=2)
    assert words in result.stderr
    assert (result.stdout, result.stderr.count("\n")) == ("", 1)
    assert result.stderr.strip().isprintable()


def test_a_folder_that_is_no_corpus_is_exit_2(tmp_path: Path) -> None:
    assert "is not a corpus" in run(str(tmp_path), "a.example", code=2).stderr


@pytest.mark.parametrize("options", [["--format", "html"], ["--letter", "--json"]])
def test_options_that_do_not_go_together_are_exit_2(corpus: Path, options: list[str]) -> None:
    run(str(corpus), "a.example", *options, code=2)


# What is found


def test_a_domain_has_every_state(corpus: Path) -> None:
    answer = found(corpus, "a.example")
    assert states(answer) == {
        f"{A}/free.png": "kept",
        f"{A}/kept": "kept",
        f"{A}/same": "kept",
        "https://www.a.example/kept": "kept",
        f"{A}/withdrawn": "withdrawn",
        f"{A}/turned": "removed",
        f"{A}/hostile": "reserved",
        f"{A}/reserved": "reserved",
        f"{A}/unclear": "undetermined",
        f"{A}/moved": "skipped",
        f"{A}/outside": "skipped",
        f"{A}/round": "skipped",
        f"{A}/target": "skipped",
    }
    assert answer["counts"] == {
        "kept": 4, "withdrawn": 1, "removed": 1, "reserved": 2, "undetermined": 1, "skipped": 4,
    }  # fmt: skip
    kept = ("/free.png", b"png"), ("/kept", None), ("/same", SAME)
    sizes = [len(data or body(A + path)) for path, data in kept] + [len(body("https://www.a.example/kept"))]
    assert answer["bytes"] == sum(sizes)
    assert (answer["first"][:10], answer["last"][:10]) == ("2026-11-22", "2026-12-22")


def test_rows_say_when_why_and_what(corpus: Path) -> None:
    rows = {row["url"]: row for row in found(corpus, "a.example")["urls"]}
    assert rows[f"{A}/kept"]["copies"][0]["sha256"] == digest(body(f"{A}/kept"))
    assert rows[f"{A}/free.png"]["licence"] == "CC0-1.0"
    assert rows[f"{A}/reserved"]["reasons"] == ["tdmrep (stated)"]
    assert rows[f"{A}/outside"]["reasons"] == ["scope"]
    turned, withdrawn = rows[f"{A}/turned"], rows[f"{A}/withdrawn"]
    assert (turned["decisions"], turned["copies"][0]["removed"]) == (2, turned["events"][0]["entry"])
    assert [event["type"] for event in withdrawn["events"]] == ["withdrawal", "removal"]
    assert withdrawn["events"][0]["ticket"] == "2026-7"


def test_a_host_is_that_host_alone(corpus: Path) -> None:
    assert states(found(corpus, "www.a.example")) == {"https://www.a.example/kept": "kept"}
    assert "would cover the whole" in run(str(corpus), "www.a.example").stdout.replace("\n ", "")


@pytest.mark.parametrize(
    ("asked", "urls"),
    [
        ("alice.github.io", ["https://alice.github.io/"]),
        ("github.io", []),
        ("127.0.0.1", ["http://127.0.0.1/"]),
        ("xa.example", ["https://xa.example/"]),
        ("example", []),
    ],
)
def test_domains_are_their_owners(corpus: Path, asked: str, urls: list[str]) -> None:
    assert list(states(found(corpus, asked))) == urls


def test_a_url_leads_where_it_redirected(corpus: Path) -> None:
    answer = found(corpus, f"{A}/moved")
    assert states(answer) == {f"{A}/kept": "kept", f"{A}/moved": "skipped", f"{A}/target": "skipped"}
    assert [row["moved_to"] for row in answer["urls"]] == [None, f"{A}/target", f"{A}/kept"]
    assert list(states(found(corpus, f"{A}/round"))) == [f"{A}/round"]


def test_a_url_in_another_spelling_is_suggested(corpus: Path) -> None:
    answer = found(corpus, "http://www.a.example/kept/")
    assert not answer["found"]
    assert answer["similar"] == ["https://www.a.example/kept", "https://a.example/kept"]


def test_a_digest_is_found_under_every_url(corpus: Path) -> None:
    assert list(states(found(corpus, digest(SAME)))) == [f"{A}/same", "https://b.example/same"]
    assert states(found(corpus, digest(body(f"{A}/withdrawn")))) == {f"{A}/withdrawn": "withdrawn"}


def test_bytes_that_were_dropped_are_known_by_their_mark(corpus: Path) -> None:
    (where,) = found(corpus, digest(b"dropped"))["reserved_at"]
    assert where["url"] == f"{A}/reserved"
    assert f"reserved at {A}/reserved" in run(str(corpus), digest(b"dropped")).stdout


@pytest.mark.parametrize(
    ("asked", "covers"),
    [
        ("gone.example", ["domain gone.example"]),
        ("www.gone.example", ["domain gone.example"]),
        ("https://www.gone.example/x", ["domain gone.example"]),
        ("a.example", [f"url {A}/withdrawn"]),
        ("b.example", []),
    ],
)
def test_requests_on_record_are_told_even_if_they_matched_nothing(
    corpus: Path, asked: str, covers: list[str]
) -> None:
    assert [one for request in found(corpus, asked)["withdrawals"] for one in request["covers"]] == covers


def test_what_a_crash_kept_from_the_disk_is_not_called_kept(tmp_path: Path) -> None:
    with opened(tmp_path / "c") as corpus:
        assert corpus.ledger is not None
        corpus.ledger.append(decision(f"{A}/lost"), run="r1")
        corpus.ledger.sync()
    assert states(found(tmp_path / "c", "a.example")) == {f"{A}/lost": "unstored"}


def test_what_was_kept_again_is_kept(tmp_path: Path) -> None:
    with opened(tmp_path / "c") as corpus:
        book = journal(corpus)
        book.record(decision(f"{A}/p"), page(f"{A}/p", b"old"))
        book.flush()
        corpus.store.remove(digest(b"old"), reason="reserved: x", run="r1", at=NOON)
        book.record(decision(f"{A}/p"), page(f"{A}/p", b"new"))
        book.flush()
    (row,) = found(tmp_path / "c", "a.example")["urls"]
    assert row["state"] == "kept"
    assert [copy["removed"] is None for copy in row["copies"]] == [False, True]


# Absence


def test_absence_is_told_with_its_scope_and_exit_0(corpus: Path) -> None:
    answer = found(corpus, "nobody.example")
    entries = answer["scope"]["entries"]
    assert (answer["found"], answer["urls"], answer["scope"]["checkpoint"]) == (False, [], None)
    assert answer["absence"] == (
        f"not among the {entries} decisions and other entries of the ledger, which are under no checkpoint yet"
    )
    assert "nothing found: not among the" in run(str(corpus), "nobody.example").stdout


def test_absence_under_a_checkpoint_names_it(tmp_path: Path) -> None:
    path = tmp_path / "sealed"
    signer = Signer("test.example/log", bytes(32))
    with opened(path) as corpus:
        book = journal(corpus)
        book.record(decision(f"{A}/p"), page(f"{A}/p"))
        book.flush()
        checkpoint = corpus.seal(signer, NOON)
        assert checkpoint is not None
    answer = found(path, "nobody.example")
    sealed = answer["scope"]["checkpoint"]
    assert (sealed["origin"], sealed["size"], sealed["at"]) == (checkpoint.origin, 1, "2026-11-22T12:00:00Z")
    assert (
        f"not among the 1 decisions and other entries under checkpoint {checkpoint.origin}" in answer["absence"]
    )
    with opened(path) as corpus:
        book = journal(corpus)
        book.record(decision(f"{A}/q", RESERVED))
        book.flush()
    later = found(path, "nobody.example")
    assert later["scope"]["unsealed"] == 1
    assert "nor among the 1 entry written since" in later["absence"]
    words = run(str(path), "nobody.example", "--letter").stdout
    assert f"    {checkpoint.origin}\n    1\n    {sealed['root']}\n" in words


def test_erased_entries_are_counted(tmp_path: Path) -> None:
    path = tmp_path / "erased"
    with opened(path) as corpus:
        book = journal(corpus)
        book.record(decision(f"{A}/p", RESERVED))
        book.record(decision(f"{A}/q", RESERVED))
        book.flush()
        corpus.seal(Signer("test.example/log", bytes(32)), NOON)
        corpus.erase([1], reason="asked", run="r2", at=NOON)
    answer = found(path, "a.example")
    assert list(states(answer)) == [f"{A}/q"]
    assert answer["scope"]["erased"] == 1
    assert "1 entry of the ledger erased on request" in run(str(path), "a.example", "--letter").stdout


# For people


@pytest.mark.parametrize("asked", ["a.example", "nobody.example", f"{A}/kept", digest(SAME), "gone.example"])
def test_lines_fit_the_page_and_carry_nothing_hostile(corpus: Path, asked: str) -> None:
    for line in run(str(corpus), asked).stdout.splitlines():
        assert line.isprintable()
        assert len(line) <= 80 or " " not in line.strip()


def test_long_lists_are_cut_for_people_and_whole_as_json(tmp_path: Path) -> None:
    with opened(tmp_path / "c") as corpus:
        book = journal(corpus)
        for number in range(60):
            book.record(decision(f"{A}/{number}", RESERVED))
        book.flush()
    assert "… and 40 more; --json lists them all" in run(str(tmp_path / "c"), "a.example").stdout
    assert len(found(tmp_path / "c", "a.example")["urls"]) == 60
    assert "And 10 addresses more" in run(str(tmp_path / "c"), "a.example", "--letter").stdout


def test_the_answer_may_go_to_a_file(corpus: Path, tmp_path: Path) -> None:
    result = run(str(corpus), "a.example", "--letter", "-o", str(tmp_path / "answer.md"))
    assert result.stdout == ""
    assert "read it before you send it" in result.stderr
    assert (tmp_path / "answer.md").read_text("utf-8").startswith("# What we hold of `a.example`\n")
    run(str(corpus), "a.example", "-o", str(tmp_path / "none" / "x"), code=2)


def test_reading_leaves_the_corpus_as_it_is(corpus: Path) -> None:
    before = {path: path.read_bytes() for path in corpus.rglob("*") if path.is_file()}
    run(str(corpus), "a.example")
    run(str(corpus), digest(SAME), "--letter")
    assert {path: path.read_bytes() for path in corpus.rglob("*") if path.is_file()} == before


# The letter


def letter(corpus: Path, asked: str = "a.example", *more: str) -> str:
    return run(str(corpus), asked, "--letter", *more).stdout


def test_the_letter_says_what_was_taken_and_what_that_means(corpus: Path) -> None:
    words = letter(corpus)
    assert "We hold 3 texts and 1 image of it, " in words
    assert f"`{A}/kept`: text, " in words
    assert digest(body(f"{A}/kept")) in words
    assert "under the licence `CC0-1.0`" in words
    assert "It is not consent" in words
    assert "TDM Reservation Protocol" in words
    assert "bot@example.org" in words
    assert "User-agent: heedful" in words
    assert "heedful verify --receipt" in words
    assert "(request `2026-7`)" in words
    for word in ("consented", "permitted by you", "allowed us"):
        assert word not in words


def test_the_letter_about_nothing_promises_no_more_than_it_can(corpus: Path) -> None:
    words = letter(corpus, "nobody.example")
    assert "We hold nothing of it, and our records do not name it: it is not among the" in words
    assert "What this answer does not show" in words
    assert "Why we took it" not in words


def test_the_letter_for_what_was_not_kept_claims_no_reason_to_have_taken_it(corpus: Path) -> None:
    words = letter(corpus, f"{A}/reserved")
    assert "We hold nothing of it now." in words
    assert "Why we took it" not in words


class Tags(HTMLParser):
    """The tags of a page, and its text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_data(self, data: str) -> None:
        self.text += data


def test_hostile_words_are_no_markup_in_html(corpus: Path) -> None:
    page = letter(corpus, "a.example", "--format", "html")
    parsed = Tags(page)
    assert parsed.tags <= {
        "html", "head", "meta", "title", "style", "body", "h1", "h2", "p", "ul", "li", "code", "pre",
    }  # fmt: skip
    assert parsed.attributes <= {"lang", "charset", "http-equiv", "content", "name"}
    assert "<script>alert(1)</script>" in parsed.text
    assert "\x1b" not in page
    assert "\u202e" not in page
    assert "default-src 'none'" in page


def test_hostile_words_are_no_markup_in_markdown(corpus: Path) -> None:
    words = letter(corpus)
    assert all(line.isprintable() for line in words.splitlines())
    outside = re.sub(r"(?<!`)(`+)(?!`).*?(?<!`)\1(?!`)", "", words)
    for mark in ("<", "](", "!["):
        assert mark not in outside


def test_prose_in_both_forms() -> None:
    blocks = [
        Heading(1, ["Of ", Quoted("a`b")]),
        Paragraph(["words & ", Quoted("`"), ", ", Quoted(""), Quoted(" x ")]),
        Bullets([["one"], [Quoted("two\nlines")]]),
        Verbatim(["a <b>", "c"]),
    ]
    assert as_markdown(blocks) == (
        "# Of ``a`b``\n\nwords & `` ` ``, ` ` `  x  `\n\n- one\n- `two\ufffdlines`\n\n    a <b>\n    c\n"
    )
    page = as_html(blocks, ["Of ", Quoted("<x>")])
    assert "<title>Of &lt;x&gt;</title>" in page
    assert "<p>words &amp; <code>`</code>, <code></code><code> x </code></p>" in page
    assert "<pre>a &lt;b&gt;\nc</pre>" in page


def test_words() -> None:
    assert [count(1, "entry"), count(2, "entry"), count(2, "way"), count(1200, "address")] == [
        "1 entry", "2 entries", "2 ways", "1,200 addresses",
    ]  # fmt: skip
    assert kinds({"text": 2, "image": 1, "pdf": 1}) == "2 texts, 1 PDF and 1 image"
    assert reason("tdmrep (stated)", {"tdmrep": "TDM"}) == "TDM, said plainly"
    assert reason("http-status gone") == "there is nothing there"
    assert reason("robots.txt unreachable") == "robots.txt did not answer in a usable way"
    assert reason("something else") == "something else"
