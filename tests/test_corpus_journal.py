"""The journal: evidence, decision, content, frontier, in this order and in groups."""

from __future__ import annotations

import pytest

from crawler.corpus.corpus import Corpus
from crawler.corpus.evidence import HOST_FILE
from crawler.corpus.journal import Journal
from crawler.optout.model import Outcome, Refused
from tests.corpora import RESERVED, check_laws, decision, journal, opened, page, robots


@pytest.fixture
def corpus(tmp_path):
    with opened(tmp_path) as corpus:
        yield corpus


class Recording:
    """A frontier that says what is on disk when it is told, and can be made to fail."""

    def __init__(self, path):
        self.path, self.told, self.fail = path, [], False

    def complete_many(self, batch):
        if self.fail:
            raise RuntimeError("lease lost")
        self.told.append((batch, check_laws(self.path)))
        return f"told {len(batch)}"


def test_nothing_is_on_disk_before_the_flush_and_everything_before_the_frontier(corpus):
    path = corpus.folder.path
    frontier = Recording(path)
    book = Journal(corpus, frontier, run="r1")
    assert book.record(decision(), page(), evidence=[(robots(), HOST_FILE)], completion="one") == 1
    assert book.record(decision("https://a.example/2", RESERVED), completion="two") == 2
    assert check_laws(path) == {"entries": 0, "kept": 0, "readings": 0, "done": 0}
    assert book.flush() == "told 2"
    assert frontier.told == [(("one", "two"), {"entries": 2, "kept": 1, "readings": 1, "done": 0})]
    assert book.flush() is None


def test_content_is_touched_only_for_a_decision_to_collect(corpus):
    book = journal(corpus)
    for outcome in (RESERVED, Outcome.UNDETERMINED, Outcome.SKIPPED):
        book.record(decision(outcome=outcome), page(body=b"a reserved work"))
    book.flush()
    assert list(corpus.store.items()) == []
    assert all("item" not in entry.fields for entry in corpus.entries())


def test_a_refusal_leaves_nothing_behind(corpus):
    book = journal(corpus)
    with pytest.raises(Refused):
        book.record(decision(), page(complete=False), evidence=[(robots(), HOST_FILE)], completion="x")
    assert book.flush() is None
    assert check_laws(corpus.folder.path) == {"entries": 0, "kept": 0, "readings": 0, "done": 0}


def test_a_decision_to_collect_without_new_content_is_only_remembered(corpus):
    book = journal(corpus)
    book.record(decision(), page())
    book.record(decision())
    book.flush()
    first, second = corpus.entries()
    assert "item" in first.fields
    assert "item" not in second.fields
    assert len(list(corpus.store.items())) == 1


def test_it_says_when_it_is_due(corpus):
    book = journal(corpus, group_endings=3)
    dues = []
    for number in range(3):
        book.record(decision(f"https://a.example/{number}", RESERVED))
        dues.append(book.due)
    assert dues == [False, False, True]
    book.flush()
    assert not book.due
    book = journal(corpus, group_bytes=1000)
    book.record(decision(), page(body=bytes(range(256)) * 40))
    assert book.due


def test_a_frontier_that_fails_is_told_again_and_nothing_is_written_twice(corpus):
    path = corpus.folder.path
    frontier = Recording(path)
    book = Journal(corpus, frontier, run="r1")
    frontier.fail = True
    book.record(decision(), page(), completion="one")
    with pytest.raises(RuntimeError):
        book.flush()
    assert check_laws(path)["kept"] == 1
    book.record(decision("https://a.example/2", RESERVED), completion="two")
    frontier.fail = False
    assert book.drop(lambda completion: completion == "one") == 1
    assert book.flush() == "told 1"
    assert [batch for batch, _ in frontier.told] == [("two",)]
    assert check_laws(path)["entries"] == 2


def test_every_making_of_a_reading_is_in_the_ledger_and_its_bytes_once_in_the_evidence(corpus):
    book = journal(corpus)
    for second in (1, 2, 3):
        book.record(decision(), page(seconds=second), evidence=[(robots(seconds=second), HOST_FILE)])
    book.flush()
    rows = [entry.fields["evidence"][-1] for entry in corpus.entries()]
    assert len({row["sha256"] for row in rows}) == 1
    assert [row["at"][17:19] for row in rows] == ["01", "02", "03"]
    # robots.txt, and the answer that brought known bytes
    assert check_laws(corpus.folder.path)["readings"] == 2


def test_an_answer_that_brings_known_bytes_leaves_its_own_headers(corpus):
    book = journal(corpus)
    for value in ("one", "two", "two"):
        book.record(decision(), page(headers=(("x-said", value),)))
    book.flush()
    first, *again = corpus.entries()
    assert "evidence" not in first.fields, "its headers are in the archive, with its bytes"
    (second,), (third,) = (entry.fields["evidence"] for entry in again)
    assert second["sha256"] == third["sha256"]
    answer = corpus.evidence.read(second["sha256"])
    assert (answer.status, answer.headers, answer.body) == (200, (("x-said", "two"),), b"")


def test_a_corpus_for_reading_has_no_journal(corpus):
    with pytest.raises(ValueError, match="for reading"):
        journal(Corpus.read(corpus.folder.path))
