"""The text of kept bytes, whatever they are called and encoded in."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.text.decoding import decoded, text_of
from crawler.text.form import line, tidy
from tests.corpora import page

RUSSIAN = "Слова на русском языке, которых достаточно для того, чтобы угадать, как они записаны. " * 3
FRENCH = "Les élèves français ont déjà mangé à l’hôtel près de la forêt, où l’été est très agréable. " * 3
JAPANESE = "これは日本語の文章です。文字コードの判定に十分な長さがあります。" * 3
CHINESE = "这是一个中文网页，里面有足够多的文字来判断编码。" * 3
KOREAN = "항구 끝에 있는 등대는 지난 겨울 폭풍 이후로 어두워졌고 의회는 수리하기로 결정했습니다. " * 3
GREEK = "Αυτό είναι ένα ελληνικό κείμενο με αρκετές λέξεις για να βρεθεί η κωδικοποίηση. " * 3


@pytest.mark.parametrize(
    ("text", "codec", "label"),
    [
        pytest.param(FRENCH, "cp1252", "iso-8859-1", id="latin-1 is windows-1252"),
        pytest.param(FRENCH, "cp1252", "us-ascii", id="ascii is windows-1252"),
        pytest.param(FRENCH, "utf-8", "iso-8859-1", id="UTF-8 called latin-1"),
        pytest.param(JAPANESE, "utf-8", "shift_jis", id="UTF-8 called Shift_JIS"),
        pytest.param(FRENCH, "cp1252", "utf-8", id="windows-1252 called UTF-8"),
        pytest.param(RUSSIAN, "cp1251", "utf-8", id="windows-1251 called UTF-8"),
        pytest.param(RUSSIAN, "koi8-r", "koi8-r", id="KOI8-R"),
        pytest.param(CHINESE, "gb18030", "gb2312", id="GB 2312 is GB 18030"),
        pytest.param(JAPANESE, "cp932", "x-sjis", id="an alias without a codec, guessed"),
        pytest.param(JAPANESE, "iso2022_jp", "iso-2022-jp", id="ISO-2022-JP, which looks like ASCII"),
        pytest.param(GREEK, "iso8859-7", "iso-8859-7", id="Greek"),
        pytest.param(RUSSIAN, "cp1251", "no-such-label", id="an unknown label"),
    ],
)
def test_what_a_header_says_is_believed_as_far_as_it_can_be_true(text, codec, label):
    assert decoded(text.encode(codec), label) == text


@pytest.mark.parametrize(
    ("text", "codec"),
    [
        (FRENCH, "utf-8"),
        (FRENCH, "utf-8-sig"),
        (FRENCH, "cp1252"),
        (RUSSIAN, "cp1251"),
        (RUSSIAN, "koi8-r"),
        (JAPANESE, "cp932"),
        (JAPANESE, "euc_jp"),
        (JAPANESE, "iso2022_jp"),
        (CHINESE, "gb18030"),
        (GREEK, "cp1253"),
        (KOREAN, "euc_kr"),
        (KOREAN, "cp949"),
        (RUSSIAN, "utf-16"),
        ("<p>" + "words " * 30, "utf-16-be"),
    ],
)
def test_what_nothing_is_said_of_is_guessed(text, codec):
    assert decoded(text.encode(codec)) == text


def test_a_meta_is_asked_where_the_header_is_silent():
    source = f'<meta http-equiv="Content-Type" content="text/html; charset=windows-1251"><p>{RUSSIAN}'
    assert text_of(page(body=source.encode("cp1251"), headers=(("content-type", "text/html"),))) == source


def test_the_header_goes_before_the_meta():
    source = f"<meta charset=koi8-r><p>{RUSSIAN}"
    header = (("content-type", 'text/html; charset="windows-1251"'),)
    assert text_of(page(body=source.encode("cp1251"), headers=header)) == source


def test_utf8_that_is_cut_or_spoilt_stays_utf8():
    whole = JAPANESE.encode()
    assert decoded(whole[:-1]) == JAPANESE[:-1]
    assert decoded(b"\xff".join((whole, whole)), "utf-8") == f"{JAPANESE}\ufffd{JAPANESE}"


@given(
    st.binary(max_size=400), st.sampled_from([None, "utf-8", "utf-16", "shift_jis", "hz", "big5", "x\0", "hex"])
)
def test_no_bytes_and_no_label_raise(body, label):
    assert isinstance(decoded(body, label), str)


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("a\r\nb\rc\n\n\n\nd  \n", "a\nb\nc\n\nd"),
        ("\n\n  two\x00 \x1b[31mred\x7f\x85next", "  two [31mred\nnext"),
        ("e\u0301", "é"),
        ("a\tb\n\tc", "a b\n    c"),
        ("one\u2028two\x0bthree", "one\ntwo\nthree"),
        ("\ufeffa\ud800b", "ab"),
        ("نیم\u200cفاصله", "نیم\u200cفاصله"),
    ],
)
def test_the_form_of_a_text(text, form):
    assert tidy(text) == form


@given(st.text(st.characters(), max_size=200))
def test_the_form_is_final(text):
    once = tidy(text)
    assert tidy(once) == once
    assert "\n\n\n" not in once
    assert all(letter == "\n" or letter >= " " for letter in once)
    once.encode("utf-8")


def test_a_title_is_one_line():
    assert line(" a\n b\t\x00c ") == "a b c"
    assert line(" \n ") is None
    assert line(None) is None
