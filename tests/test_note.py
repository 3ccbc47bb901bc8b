"""Signed notes and checkpoints, against the published ones and against every change."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.audit.checkpoint import (
    Checkpoint,
    format_checkpoint,
    open_checkpoint,
    parse_checkpoint,
    read_unchecked,
    sign_checkpoint,
    split_checkpoints,
)
from crawler.audit.merkle import EMPTY, leaf_hash
from crawler.audit.note import (
    SIZE_LIMIT,
    BadSignature,
    Note,
    Signature,
    Signer,
    Verifier,
    decode64,
    encode64,
    format_note,
    format_signer,
    is_name,
    parse_note,
    parse_signer,
    parse_verifier,
    sign,
    signed_by,
)
from crawler.optout.model import Malformed

# The example of https://pkg.go.dev/golang.org/x/mod/sumdb/note, key, note and second signature.
SKEY = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
VKEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
TEXT = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
PETER = (
    "— PeterNeumann "
    "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)
ENOCH = (
    "— EnochRoot rwz+eBzmZa0SO3NbfRGzPCpDckykFXSdeX+MNtCOXm2/5n2tiOHp+vAF1aGrQ5ovTG01oOTGwnWLox33WWd1RvMc+QQ=\n"
)
NOTE = f"{TEXT}\n{PETER}".encode()

# The example of https://c2sp.org/tlog-checkpoint.
SOFA = """\
example.com/behind-the-sofa
20852163
CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
""".encode()  # noqa: E501

# The example of https://c2sp.org/signed-note, whose text has an empty line.
SERA = """\
Ognuno sta solo sul cuor della terra
trafitto da un raggio di sole:

ed è subito sera.

— quasimodo.example/salvatore NnugSzTjtVAewIS+Z/iJhUPeFDkO/5QQ2i5ddnGITLlC+EhfLW9oJKONrMouFSQU0xMcXxj99ihAQwaqP3ZekRwNtIc=
""".encode()  # noqa: E501

PETER_KEY = parse_verifier(VKEY)
ONE, TWO = Signer("one.example/a", bytes(range(32))), Signer("two.example/b", bytes(32))
AT = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)


class TestPublished:
    def test_the_note_is_made_and_believed(self):
        assert sign(TEXT, parse_signer(SKEY)) == NOTE
        note = parse_note(NOTE)
        assert note.text == TEXT
        assert signed_by(note, [PETER_KEY]) == (PETER_KEY,)
        assert str(PETER_KEY) == VKEY
        assert parse_signer(SKEY).verifier == PETER_KEY
        assert format_signer(parse_signer(SKEY)) == SKEY

    def test_a_note_of_two_signatures(self):
        note = parse_note(NOTE + ENOCH.encode())
        assert [one.name for one in note.signatures] == ["PeterNeumann", "EnochRoot"]
        assert signed_by(note, [PETER_KEY]) == (PETER_KEY,)
        assert format_note(note) == NOTE + ENOCH.encode()

    def test_a_text_with_an_empty_line(self):
        note = parse_note(SERA)
        assert note.text.endswith("sole:\n\ned è subito sera.\n")
        assert format_note(note) == SERA

    def test_the_checkpoint(self):
        checkpoint, note = read_unchecked(SOFA)
        assert checkpoint == Checkpoint(
            origin="example.com/behind-the-sofa",
            size=20852163,
            root=decode64("CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I="),
        )
        assert format_checkpoint(checkpoint) == note.text


class TestSignatures:
    def test_each_of_several_keys_is_named(self):
        note = parse_note(sign(TEXT, ONE, TWO))
        assert signed_by(note, [TWO.verifier, ONE.verifier, PETER_KEY]) == (ONE.verifier, TWO.verifier)

    def test_unknown_keys_say_nothing(self):
        namesake = Signer(ONE.name, bytes(31) + b"\1").verifier
        note = parse_note(sign(TEXT, ONE, TWO))
        assert signed_by(note, [namesake, TWO.verifier]) == (TWO.verifier,)
        with pytest.raises(
            BadSignature, match=r"signed by one\.example/a\+.*none of the keys that are trusted"
        ):
            signed_by(note, [namesake])
        with pytest.raises(BadSignature, match=r"trusted \(none\)"):
            signed_by(note, [])

    def test_a_false_signature_of_a_known_key_condemns_the_note(self):
        note = parse_note(sign(TEXT, ONE, TWO))
        false = Signature(ONE.name, ONE.verifier.key_id, bytes(64))
        short = Signature(ONE.name, ONE.verifier.key_id, b"short")
        for line in (false, short):
            with pytest.raises(BadSignature, match="does not fit"):
                signed_by(Note(TEXT, (*note.signatures, line)), [ONE.verifier, TWO.verifier])

    def test_a_public_key_that_is_none_accepts_nothing(self):
        assert not Verifier("x", b"\xff" * 32).accepts(TEXT, bytes(64))
        assert not Verifier("x", b"short").accepts(TEXT, bytes(64))

    @given(st.integers(0, len(NOTE) - 1), st.integers(1, 255))
    def test_no_byte_of_a_note_changes_unnoticed(self, place, change):
        bent = bytearray(NOTE)
        bent[place] ^= change
        with pytest.raises((Malformed, BadSignature)):
            signed_by(parse_note(bytes(bent)), [PETER_KEY])

    @given(st.integers(0, len(NOTE) - 1))
    def test_no_end_of_a_note_goes_missing_unnoticed(self, end):
        with pytest.raises((Malformed, BadSignature)):
            signed_by(parse_note(NOTE[:end]), [PETER_KEY])


class TestNotes:
    @pytest.mark.parametrize(
        ("data", "words"),
        [
            (b"", "does not end in"),
            (b"\n", "does not end in"),
            (TEXT.encode(), "does not end in"),
            (f"{TEXT}\n".encode(), "does not end in"),
            (f"{TEXT}{PETER}".encode(), "does not end in"),
            (f"{TEXT}\n{PETER[:-1]}".encode(), "does not end in"),
            (f"{TEXT}\n{PETER}\n".encode(), "does not end in"),
            (f"{TEXT}\n{PETER}\n{PETER[2:]}".encode(), "no signature line"),
            (f"{TEXT}\n{PETER}more\n".encode(), "no signature line"),
            (NOTE.replace("—".encode(), b"--"), "no signature line"),
            (NOTE.replace("— ".encode(), "—".encode()), "no signature line"),
            (NOTE.replace(b"PeterNeumann", b"Peter+Neumann"), "no signature line"),
            (NOTE.replace(b"PeterNeumann", b""), "no signature line"),
            (NOTE.replace(b"PeterNeumann ", "Peter\xa0Neumann ".encode()), "no signature line"),
            (f"{TEXT}\n— Peter\n".encode(), "no signature line"),
            (f"{TEXT}\n— Peter \n".encode(), "too short"),
            (f"{TEXT}\n— Peter AAAAAA==\n".encode(), "too short"),
            (NOTE.replace(b"nAM=", b"nAN="), "base64"),
            (NOTE.replace(b"nAM=", b"nAM"), "base64"),
            (NOTE.replace(b"nAM=", b"nAM= "), "base64"),
            (NOTE.replace(b"nAM=", "nAМ=".encode()), "base64"),
            (NOTE.replace(b"x08go/", b"x08go_"), "base64"),
            (NOTE.replace(b"\n", b"\r\n"), "control character"),
            (NOTE.replace(b"problem", b"prob\0lem"), "control character"),
            (NOTE.replace(b"problem", b"prob\tlem"), "control character"),
            (NOTE.replace(b"problem", b"prob\xfflem"), "byte 52 is not UTF-8"),
            (NOTE.replace(b"problem", b"prob\xed\xa0\x80lem"), "not UTF-8"),
            (f"{TEXT}\n{PETER * 101}".encode(), "101 signatures are too many"),
            (b"a" * (SIZE_LIMIT + 1), "too long"),
        ],
    )
    def test_what_is_none(self, data, words):
        with pytest.raises(Malformed, match=words):
            parse_note(data)

    def test_as_many_signatures_as_go_reads(self):
        assert len(parse_note(f"{TEXT}\n{PETER * 100}".encode()).signatures) == 100

    @given(st.text(), st.lists(st.tuples(st.text(), st.binary(max_size=8), st.binary(max_size=8)), max_size=3))
    def test_what_is_written_reads_back(self, text, rows):
        note = Note(text, tuple(Signature(*row) for row in rows))
        try:
            data = format_note(note)
        except ValueError:
            return
        assert parse_note(data) == note

    @given(st.binary())
    def test_anything_is_a_note_or_malformed(self, data):
        try:
            note = parse_note(data)
        except Malformed:
            return
        assert format_note(note) == data

    @pytest.mark.parametrize("text", ["", "no end of line", "a\rb\n", "\ud800\n"])
    def test_a_text_that_cannot_be_signed(self, text):
        with pytest.raises(ValueError):  # noqa: PT011 - whatever says so first
            sign(text, ONE)

    def test_a_signature_that_would_read_back_as_another(self):
        with pytest.raises(ValueError, match="it would be another"):
            format_note(Note(TEXT, (Signature("x", b"abc", b"defgh"),)))

    def test_a_note_that_nobody_signed(self):
        with pytest.raises(ValueError, match="does not end in"):
            sign(TEXT)


class TestKeys:
    def test_a_key_is_in_no_representation(self):
        assert encode64(ONE.seed) not in repr(ONE)
        assert repr(ONE.seed) not in repr(ONE)

    @given(st.integers(0, len(VKEY) - 1), st.characters())
    def test_a_public_key_that_was_altered_is_refused(self, place, letter):
        bent = VKEY[:place] + letter + VKEY[place + 1 :]
        if bent != VKEY:
            with pytest.raises(Malformed):
                parse_verifier(bent)

    @given(st.integers(0, len(SKEY) - 1), st.characters())
    def test_a_private_key_that_was_altered_is_refused_and_not_quoted(self, place, letter):
        bent = SKEY[:place] + letter + SKEY[place + 1 :]
        if bent != SKEY:
            with pytest.raises(Malformed) as refusal:
                parse_signer(bent)
            assert "AYEK" not in str(refusal.value)
            assert refusal.value.__cause__ is None

    @pytest.mark.parametrize(
        ("key", "words"),
        [
            ("", "not a public key"),
            ("PeterNeumann", "not a public key"),
            ("+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW", "not a public key"),
            (SKEY, "not a public key"),
            (VKEY.replace("c74f20a3", "C74F20A3"), "not a public key"),
            ("PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW", "not an Ed25519 key"),
            ("PeterNeumann+cc469956+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWBADKEY==", "base64"),
            ("PeterNeumann+cc469956+" + encode64(b"\1" + bytes(33)), "has 32 bytes, this one 33"),
            (VKEY.replace("Peter", "Pete"), "does not match its id"),
        ],
    )
    def test_what_is_no_public_key(self, key, words):
        with pytest.raises(Malformed, match=words):
            parse_verifier(key)

    @pytest.mark.parametrize("name", ["", "a b", "a+b", "a\nb", "a\u2003b", "a\x00b", "\ud800"])
    def test_what_is_no_name(self, name):
        assert not is_name(name)


CHECKPOINT = Checkpoint(origin="heedful/0f", size=4, root=leaf_hash(b"root"), at=AT)


class TestCheckpoints:
    def test_it_reads_back(self):
        data = sign_checkpoint(CHECKPOINT, ONE, TWO)
        assert data.decode().splitlines()[:5] == [
            "heedful/0f",
            "4",
            encode64(CHECKPOINT.root),
            "at 2026-11-22T10:00:00Z",
            "",
        ]
        assert open_checkpoint(data, [TWO.verifier]) == (CHECKPOINT, (TWO.verifier,))
        assert open_checkpoint(data, [TWO.verifier], origin="heedful/0f")[0] == CHECKPOINT

    def test_its_time_is_in_utc_and_whole_seconds(self):
        east = datetime(2026, 11, 22, 12, 0, 0, 999_999, tzinfo=timezone(timedelta(hours=2)))
        text = format_checkpoint(Checkpoint(origin="x", size=0, root=EMPTY, at=east))
        assert text.endswith("\nat 2026-11-22T10:00:00Z\n")

    def test_a_time_without_a_zone_is_no_moment(self):
        with pytest.raises(ValueError, match="no time zone"):
            format_checkpoint(Checkpoint(origin="x", size=0, root=EMPTY, at=AT.replace(tzinfo=None)))

    def test_extensions_of_others(self):
        text = f"x\n1\n{encode64(EMPTY)}\nfrom elsewhere\nat noon\n"
        checkpoint = parse_checkpoint(text)
        assert checkpoint.at is None
        assert checkpoint.extensions == ("from elsewhere", "at noon")
        assert format_checkpoint(checkpoint) == text

    def test_about_another_ledger(self):
        with pytest.raises(BadSignature, match="it is about the ledger 'heedful/0f', not 'heedful/1e'"):
            open_checkpoint(sign_checkpoint(CHECKPOINT, ONE), [ONE.verifier], origin="heedful/1e")

    def test_signed_by_somebody_else(self):
        with pytest.raises(BadSignature, match="none of the keys"):
            open_checkpoint(sign_checkpoint(CHECKPOINT, ONE), [TWO.verifier])

    @pytest.mark.parametrize(
        ("text", "words"),
        [
            ("", "three lines"),
            ("x\n1\n", "three lines"),
            (f"x\n1\n{encode64(EMPTY)}", "three lines"),
            (f"\n1\n{encode64(EMPTY)}\n", "three lines"),
            (f"x\n1\n{encode64(EMPTY)}\n\nmore\n", "three lines"),
            (f"x\n01\n{encode64(EMPTY)}\n", "not the size"),
            (f"x\n-1\n{encode64(EMPTY)}\n", "not the size"),
            (f"x\n+1\n{encode64(EMPTY)}\n", "not the size"),
            (f"x\n 1\n{encode64(EMPTY)}\n", "not the size"),
            (f"x\n1_0\n{encode64(EMPTY)}\n", "not the size"),
            (f"x\n١\n{encode64(EMPTY)}\n", "not the size"),
            (f"x\n{1 << 63}\n{encode64(EMPTY)}\n", "not the size"),
            (f"x\n1\n{encode64(EMPTY[:31])}\n", "31 bytes, not 32"),
            (f"x\n1\n{encode64(EMPTY)[:-1]}\n", "base64"),
            (f"x\n1\n{encode64(EMPTY)}\nat 2026-11-22T10:00:00\n", "not a time"),
            (f"x\n1\n{encode64(EMPTY)}\nat 2026-11-31T10:00:00Z\n", "not a time"),
            (f"x\n1\n{encode64(EMPTY)}\nat 2026-11-22T10:00:00.5Z\n", "not a time"),
        ],
    )
    def test_what_is_none(self, text, words):
        with pytest.raises(Malformed, match=words):
            parse_checkpoint(text)

    @given(st.text(), st.integers(), st.binary(max_size=33), st.lists(st.text(), max_size=2))
    def test_what_is_written_reads_back(self, origin, size, root, extensions):
        checkpoint = Checkpoint(origin=origin, size=size, root=root, extensions=tuple(extensions))
        try:
            text = format_checkpoint(checkpoint)
        except ValueError:
            return
        assert format_checkpoint(parse_checkpoint(text)) == text


class TestHistory:
    def test_notes_are_told_apart(self):
        notes = [
            sign_checkpoint(Checkpoint(origin="x", size=size, root=EMPTY, at=AT), ONE, TWO) for size in range(3)
        ]
        data = b"".join(note + b"\n" for note in notes)
        assert [data[offset : offset + len(note)] for offset, note in split_checkpoints(data)] == notes
        assert [note for _, note in split_checkpoints(data)] == notes
        assert list(split_checkpoints(b"")) == []

    @given(st.binary(max_size=20))
    def test_nothing_is_left_out(self, end):
        data = sign_checkpoint(CHECKPOINT, ONE) + b"\n" + end
        found = list(split_checkpoints(data))
        assert found[0] == (0, data[: -len(end) - 1] if end else data[:-1])
        joined = b"\n".join(note for _, note in found)
        assert joined.rstrip(b"\n") == data.rstrip(b"\n")
