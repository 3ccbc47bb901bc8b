"""Time-stamps over checkpoints, from an authority on loopback: kept, recorded, checked, never in the way."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import threading
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID

from crawler.anchoring import anchor, fetch
from crawler.audit import ledger, timestamps
from crawler.audit.entries import RECHECK, TIMESTAMP, Filter
from crawler.audit.ledger import Ledger
from crawler.audit.note import Signer
from crawler.audit.timestamps import NoTimestamp, read_certificates
from crawler.demo.server import LoopbackWeb, page
from crawler.optout.model import Malformed
from tests import crawls
from tests.authority import NOON, Authority, children, listening, tlv

KEY = Signer("heedful", bytes(range(32)))


class Book:
    """A ledger that is written to and signed, one moment after the other."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._ledger = Ledger(folder)
        self._at = NOON

    def grow(self, entries: int = 3) -> None:
        for _ in range(entries):
            self._ledger.append_other(RECHECK, run="r1", at=self._at, event="began")
        self.sign()

    def sign(self) -> None:
        self._ledger.sync()
        self._at += timedelta(minutes=1)
        self._ledger.checkpoint(KEY, self._at)

    def anchor(self, url: str) -> str | None:
        why = anchor(
            self.folder,
            url,
            lambda fields: self._ledger.append_other(TIMESTAMP, run="r1", at=self._at, **fields),
        )
        self.sign()
        return why

    def records(self):
        return [dict(one.fields) for one in ledger.entries(self.folder, Filter()) if one.type == TIMESTAMP]

    def state(self):
        return timestamps.state(self.folder, self.records())


@pytest.fixture
def book(tmp_path):
    return Book(tmp_path)


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch):
    for name in [name for name in os.environ if name.lower().endswith("_proxy")]:
        monkeypatch.delenv(name)


@pytest.fixture
def authority():
    with listening() as found:
        yield found


def certificates(tmp_path: Path, pem: bytes):
    file = tmp_path / "tsa.pem"
    file.write_bytes(pem)
    return read_certificates(file)


class TestAnchored:
    def test_the_answer_is_kept_recorded_and_holds(self, book, authority, tmp_path):
        book.grow()
        assert book.anchor(authority.url) is None
        (record,) = book.records()
        assert record["size"] == 3
        assert record["stated"] == "2026-11-22T12:00:00Z"
        assert record["authority"] == authority.url
        file = tmp_path / "timestamps" / "3.tsr"
        for pem in (authority.pem(), authority.pem(authority.own, authority.root)):
            stamp = timestamps.check(tmp_path, record, certificates=certificates(tmp_path, pem))
            assert (stamp.size, stamp.stated, stamp.file) == (3, NOON, file)
        assert timestamps.check(tmp_path, record) == stamp
        assert timestamps.unrecorded(tmp_path, book.records()) == []

    def test_only_a_digest_leaves_the_house(self, book, authority):
        book.grow()
        book.anchor(authority.url)
        (query,) = authority.asked
        assert len(query) < 100

    def test_its_own_record_leaves_nothing_open(self, book, authority):
        book.grow()
        book.anchor(authority.url)
        state = book.state()
        assert (state.last.size, state.last.stated, state.entries, state.since) == (3, NOON, 1, None)
        assert book.anchor(authority.url) is None
        assert len(authority.asked) == 1

    def test_what_comes_later_is_open_until_the_next(self, book, authority):
        book.grow()
        book.anchor(authority.url)
        book.grow()
        book.grow()
        state = book.state()
        assert (state.last.size, state.entries) == (3, 7)
        assert state.since == NOON + timedelta(minutes=3)
        authority.at += timedelta(hours=1)
        book.anchor(authority.url)
        state = book.state()
        assert (state.last.size, state.last.stated, state.since) == (10, NOON + timedelta(hours=1), None)
        assert [record["size"] for record in book.records()] == [3, 10]

    def test_a_query_in_the_url_is_not_recorded(self, book, authority):
        book.grow()
        book.anchor(f"{authority.url}?account=secret")
        assert book.records()[0]["authority"] == authority.url

    def test_a_crash_before_the_record(self, book, authority):
        book.grow()
        anchor(book.folder, authority.url, lambda fields: None)
        assert book.state().last is None
        assert timestamps.unrecorded(book.folder, []) == [book.folder / "timestamps" / "3.tsr"]
        book.grow()
        assert book.anchor(authority.url) is None
        assert book.state().last.size == 6


class TestUnanchored:
    def unanchored(self, book: Book, url: str) -> str:
        book.grow()
        why = book.anchor(url)
        assert book.state() == timestamps.State(last=None, entries=3, since=NOON + timedelta(minutes=1))
        assert not list(book.folder.glob("timestamps/*"))
        assert why.startswith("the ledger is not anchored in time: ")
        return why

    def test_nobody_was_asked(self, book):
        book.grow()
        book.grow()
        assert book.state() == timestamps.State(last=None, entries=6, since=NOON + timedelta(minutes=1))

    def test_a_ledger_without_checkpoints(self, book, authority):
        assert book.state() == timestamps.State(last=None, entries=0, since=None)
        assert anchor(book.folder, authority.url, pytest.fail) is None
        assert authority.asked == []

    def test_nobody_listens(self, book):
        with socket.socket() as closed:
            closed.bind(("127.0.0.1", 0))
            port = closed.getsockname()[1]
            assert f"127.0.0.1:{port} cannot be reached" in self.unanchored(book, f"http://127.0.0.1:{port}/")

    @pytest.mark.parametrize(
        "url", ["ftp://a.example/", "file:///etc/passwd", "http://", "http://a:b@c.example/"]
    )
    def test_no_such_url_is_asked(self, book, url):
        assert "the authority is not a" in self.unanchored(book, url)

    def test_nobody_answers(self):
        with socket.create_server(("127.0.0.1", 0)) as silent:
            port = silent.getsockname()[1]
            with pytest.raises(NoTimestamp, match=r"cannot be reached|did not answer"):
                fetch(f"http://127.0.0.1:{port}/", b"", patience=0.05)

    @pytest.mark.parametrize(
        ("bent", "words"),
        [
            ({"status": 2, "words": "no time for you"}, r"rejected \(no time for you\)"),
            ({"status": 2}, "the authority's answer is: rejected"),
            ({"status": 3}, "waiting"),
            ({"status": 77}, "status 77"),
            ({"nonce": 1}, "its nonce is not ours"),
            ({"digest": bytes(32)}, "about something else"),
            ({"instead": b""}, "no time-stamp response"),
            ({"instead": b"<html>"}, "no time-stamp response"),
            ({"instead": bytes.fromhex("30053003020100")}, "no time-stamp response"),
            ({"instead": b"x" * (timestamps.SIZE_LIMIT + 1)}, "more than a time-stamp"),
            ({"http": 503}, "answered with status 503"),
            ({"http": 302}, "answered with status 302"),
            ({"http": 307}, "answered with status 307"),
        ],
    )
    def test_the_answer_is_none(self, book, authority, bent, words):
        for name, value in bent.items():
            setattr(authority, name, value)
        assert re.search(words, self.unanchored(book, authority.url))
        assert len(authority.asked) == 1

    def test_what_listens_speaks_no_http(self, book):
        with socket.create_server(("127.0.0.1", 0)) as server:

            def answer() -> None:
                one, _ = server.accept()
                with one:
                    one.recv(65536)
                    one.sendall(b"220 smtp.example\r\n")

            thread = threading.Thread(target=answer)
            thread.start()
            why = self.unanchored(book, f"http://127.0.0.1:{server.getsockname()[1]}/")
            thread.join()
        assert "cannot be reached (BadStatusLine)" in why

    def test_the_extra_is_missing(self, tmp_path, authority):
        """Another interpreter, in which the package cannot be imported."""
        book = Book(tmp_path)
        book.grow()
        code = (
            "import sys; sys.modules['rfc3161_client'] = None\n"
            "from pathlib import Path\n"
            "from crawler.anchoring import anchor\n"
            "from crawler.audit.timestamps import available, state\n"
            f"print(available(), anchor(Path({str(tmp_path)!r}), {authority.url!r}, print))"
        )
        said = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout
        assert said == (
            "False the ledger is not anchored in time: time-stamps need a package that is not installed: "
            "pip install 'heedful[timestamps]'\n"
        )


class TestChecked:
    @pytest.fixture
    def record(self, book, authority):
        book.grow()
        book.anchor(authority.url)
        (record,) = book.records()
        return record

    def test_any_byte_of_it_changed(self, record, tmp_path):
        file = tmp_path / "timestamps" / "3.tsr"
        whole = file.read_bytes()
        for place in range(0, len(whole), 7):
            file.write_bytes(whole[:place] + bytes([whole[place] ^ 4]) + whole[place + 1 :])
            with pytest.raises(NoTimestamp, match=r"3\.tsr is not the time-stamp that was recorded"):
                timestamps.check(tmp_path, record)

    def test_it_is_missing(self, record, tmp_path):
        (tmp_path / "timestamps" / "3.tsr").unlink()
        with pytest.raises(NoTimestamp, match=r"3\.tsr is missing"):
            timestamps.check(tmp_path, record)

    def test_its_checkpoint_is_missing(self, record, tmp_path):
        for change in ({"checkpoint": "00" * 32}, {"checkpoint": None}):
            with pytest.raises(NoTimestamp, match="a checkpoint that is not there"):
                timestamps.check(tmp_path, record | change)

    def test_another_time_was_recorded(self, record, tmp_path, authority):
        pem = certificates(tmp_path, authority.pem())
        with pytest.raises(NoTimestamp, match=r"3\.tsr does not hold: it states another time"):
            timestamps.check(tmp_path, record | {"stated": "2026-11-21T12:00:00Z"}, certificates=pem)

    def test_somebody_elses_certificate(self, record, tmp_path):
        other = Authority()
        for pem in (other.pem(), other.pem(other.own, other.root)):
            with pytest.raises(NoTimestamp, match="the certificates do not vouch for it"):
                timestamps.check(tmp_path, record, certificates=certificates(tmp_path, pem))

    def test_a_certificate_without_its_issuer(self, record, tmp_path, authority):
        pem = certificates(tmp_path, authority.pem(authority.own))
        with pytest.raises(NoTimestamp, match="a root is missing"):
            timestamps.check(tmp_path, record, certificates=pem)

    def test_a_certificate_for_something_else(self, book, tmp_path):
        with listening(Authority(purpose=ExtendedKeyUsageOID.SERVER_AUTH)) as other:
            book.grow()
            book.anchor(other.url)
            (record,) = book.records()
            with pytest.raises(NoTimestamp, match="the certificates do not vouch for it"):
                timestamps.check(tmp_path, record, certificates=certificates(tmp_path, other.pem()))

    def test_a_time_at_which_the_certificate_was_not_valid(self, book, authority, tmp_path):
        authority.at = NOON + timedelta(days=2000)
        book.grow()
        book.anchor(authority.url)
        (record,) = book.records()
        with pytest.raises(NoTimestamp, match="certificate has expired"):
            timestamps.check(tmp_path, record, certificates=certificates(tmp_path, authority.pem()))

    def test_a_stamp_over_something_else(self, record, tmp_path, authority):
        """Whoever holds the ledger's key records what they like; the stamp stays the authority's."""
        ((_, question, _),) = children(authority.asked[0])
        version, imprint, *rest = (whole for _, _, whole in children(question))
        ((_, algorithm_and_digest, _),) = children(imprint)
        algorithm = children(algorithm_and_digest)[0][2]
        bent = authority.answer(tlv(0x30, version, tlv(0x30, algorithm, tlv(4, bytes(32))), *rest))
        (tmp_path / "timestamps" / "3.tsr").write_bytes(bent)
        forged = record | {"response": sha256(bent).hexdigest()}
        with pytest.raises(NoTimestamp, match="it is about something else than that checkpoint"):
            timestamps.check(tmp_path, forged, certificates=certificates(tmp_path, authority.pem()))

    @pytest.mark.parametrize(
        "change", [{"size": "3"}, {"size": True}, {"size": -1}, {"stated": None}, {"stated": "x"}]
    )
    def test_a_record_that_is_none(self, record, tmp_path, change):
        with pytest.raises(Malformed):
            timestamps.check(tmp_path, record | change)
        assert timestamps.state(tmp_path, [record | change]).last is None

    @pytest.mark.parametrize(
        "content", [b"", b"words", b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----"]
    )
    def test_a_file_without_certificates(self, tmp_path, content):
        with pytest.raises(NoTimestamp, match="holds no certificate in PEM"):
            certificates(tmp_path, content)


class TestCrawls:
    """What ``heedful crawl`` makes of the setting."""

    @pytest.fixture
    def web(self):
        with LoopbackWeb({"a.example": {"/": page("<p>words</p>")}}) as web:
            yield web

    def test_its_last_checkpoint_is_stamped(self, web, authority, tmp_path):
        corpus = tmp_path / "corpus"
        done = crawls.crawl(web, corpus, ["a.example/"], "-s", f"OPTOUT_TIMESTAMP_URL={authority.url}")
        assert done.code == 0, done.err
        folder = corpus / "ledger"
        records = [dict(one.fields) for one in ledger.entries(folder) if one.type == TIMESTAMP]
        (record,) = records
        timestamps.check(folder, record, certificates=certificates(tmp_path, authority.pem()))
        state = timestamps.state(folder, records)
        assert (state.entries, state.since) == (1, None)
        assert [one.checkpoint.size for one in ledger.checkpoints(folder)][-2:] == [
            record["size"],
            record["size"] + 1,
        ]

    def test_it_ends_as_it_would_when_nobody_answers(self, web, authority, tmp_path):
        authority.http = 503
        corpus = tmp_path / "corpus"
        done = crawls.crawl(web, corpus, ["a.example/"], "-s", f"OPTOUT_TIMESTAMP_URL={authority.url}")
        assert done.code == 0
        assert "the ledger is not anchored in time" in done.err
        assert timestamps.state(corpus / "ledger", []).since is not None
        assert crawls.stored(corpus)

    def test_a_url_that_is_none_is_told_before_the_crawl(self, web, tmp_path):
        done = crawls.crawl(web, tmp_path / "corpus", ["a.example/"], "-s", "OPTOUT_TIMESTAMP_URL=tsa.example")
        assert done.code == 2
        assert done.err == "heedful: OPTOUT_TIMESTAMP_URL: 'tsa.example' is not an http(s) URL.\n"
        assert not web.requests


OPENSSL = """\
[tsa]
serial = {folder}/serial
signer_cert = {folder}/own.pem
signer_key = {folder}/key.pem
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
ess_cert_id_alg = sha256
"""


@pytest.mark.skipif(shutil.which("openssl") is None, reason="there is no openssl to be the other authority")
class TestAgainstOpenSSL:
    def openssl(self, *arguments: str | Path) -> None:
        subprocess.run(["openssl", "ts", *arguments], check=True, capture_output=True)

    def test_it_answers_us(self, book, tmp_path):
        pki = Authority()
        folder = tmp_path / "pki"
        folder.mkdir()
        (folder / "own.pem").write_bytes(pki.pem(pki.own))
        (folder / "key.pem").write_bytes(
            pki._key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        )
        (folder / "serial").write_text("01\n")
        (folder / "conf").write_text(OPENSSL.format(folder=folder))
        book.grow()
        asked = timestamps.ask(book.folder)
        (folder / "q").write_bytes(asked.query)
        self.openssl(
            "-reply",
            "-config",
            folder / "conf",
            "-section",
            "tsa",
            "-queryfile",
            folder / "q",
            "-out",
            folder / "r",
        )
        record = timestamps.keep(book.folder, asked, (folder / "r").read_bytes(), authority="x")
        timestamps.check(book.folder, record, certificates=certificates(folder, pki.pem()))

    def test_it_believes_what_we_keep(self, book, authority, tmp_path):
        book.grow()
        book.anchor(authority.url)
        (tmp_path / "root.pem").write_bytes(authority.pem())
        first = next(ledger.checkpoints(tmp_path))
        (tmp_path / "note").write_bytes(first.data)
        self.openssl(
            "-verify", "-data", tmp_path / "note", "-in", tmp_path / "timestamps" / "3.tsr",
            "-CAfile", tmp_path / "root.pem", "-attime", str(int(NOON.timestamp())),
        )  # fmt: skip
