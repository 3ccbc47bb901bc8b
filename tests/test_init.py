"""``heedful init``: the questions, what comes of the answers, and that nothing is lost or written over."""

from __future__ import annotations

import json
import os
import pty
import re
import resource
import select
import subprocess
import sys
import time
import tomllib
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.audit.report import filled, summary
from crawler.cli import main
from crawler.config import ConfigError, RunConfig, load
from crawler.config.given import Given
from crawler.config.keys import KEYS, SECTIONS
from crawler.config.written import literal, plain, written
from crawler.optout.model import Kind, Malformed, Posture, Purpose
from tests.crawls import Ended, environment, heedful

COMMENTED = re.compile(r"^# (?=\w+ = )", re.M)


def init(folder: Path, *more: str, **env: str) -> Ended:
    return heedful("init", *more, cwd=folder, env=environment(**env))


def loaded(folder: Path, **more: Any) -> RunConfig:
    return load(more, environ={}, folder=folder)


def on_terminal(folder: Path, *typed: bytes, more: tuple[str, ...] = ()) -> tuple[int, str]:
    """Run ``init`` on a terminal of its own, type a line whenever it waits for one; exit code and screen."""
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "crawler", "init", *more]
    process = subprocess.Popen(
        command, cwd=folder, env=environment(TERM="dumb"), stdin=theirs, stdout=theirs, stderr=theirs,
        preexec_fn=lambda: os.login_tty(0),
    )  # fmt: skip
    os.close(theirs)
    screen, waiting, deadline = b"", list(typed), time.monotonic() + 60
    try:
        while time.monotonic() < deadline:
            ready, _, _ = select.select([ours], [], [], 0.5)
            if ready:
                try:
                    read = os.read(ours, 65_536)
                except OSError:  # Linux: the other end is closed
                    break
                if not read:
                    break
                screen += read
            elif waiting and screen.endswith(b" ") and process.poll() is None:
                os.write(ours, waiting.pop(0))
        return process.wait(timeout=20), screen.decode("utf-8", "replace")
    finally:
        process.kill()
        os.close(ours)


# Questions


def test_five_questions_and_what_was_answered_is_in_effect(tmp_path: Path) -> None:
    code, screen = on_terminal(
        tmp_path, "Musée \"d'Art\" \\ 庭\n".encode(), b"ops@museum.org\n", b"ai-train search\n", b"opt-in\n",
        b"image,pdf\n",
    )  # fmt: skip
    assert code == 0, screen
    config = loaded(tmp_path)
    assert config.operator == 'Musée "d\'Art" \\ 庭'
    assert config.contact == "ops@museum.org"
    assert config.purposes == {Purpose.AI_TRAIN, Purpose.SEARCH}
    assert config.posture is Posture.OPT_IN
    assert config.kinds == {Kind.IMAGE, Kind.PDF}
    assert set(config.origins) == {"operator", "contact", "purposes", "posture", "kinds"}
    assert "5 of 5" in screen
    assert "[opt-out]" in screen


def test_a_wrong_answer_is_explained_and_asked_again(tmp_path: Path) -> None:
    code, screen = on_terminal(
        tmp_path, b"\n", b"\n", b"nobody\n", b"ops@museum.org\n", b"serch\n", b"\n", b"never\n", b"\n", b"\n"
    )
    assert code == 0, screen
    assert "contact: it is empty, but needs" in screen
    assert "contact: 'nobody' is not a mail address" in screen
    assert "purposes: 'serch' is not one of" in screen
    assert "posture: 'never' is not one of opt-out, opt-in" in screen
    assert "Traceback" not in screen
    assert loaded(tmp_path) == RunConfig(
        contact="ops@museum.org", origins=dict.fromkeys(("contact", "purposes", "posture", "kinds"), "file")
    )


def test_what_options_say_is_offered(tmp_path: Path) -> None:
    more = ("--contact", "ops@museum.org", "--operator", "M", "--delay", "3")
    code, screen = on_terminal(tmp_path, *[b"\n"] * 5, more=more)
    assert code == 0, screen
    config = loaded(tmp_path)
    assert (config.contact, config.operator, config.delay) == ("ops@museum.org", "M", 3)


@pytest.mark.parametrize("key", [b"\x03", b"\x04"])
def test_whoever_stops_has_written_nothing(tmp_path: Path, key: bytes) -> None:
    code, screen = on_terminal(tmp_path, b"The Museum\n", key)
    assert (code, list(tmp_path.iterdir())) == (3, [])
    assert "heedful: stopped" in screen
    assert "Traceback" not in screen


def test_without_a_terminal_and_without_yes_nothing_happens(tmp_path: Path) -> None:
    ended = heedful("init", cwd=tmp_path, stdin=subprocess.DEVNULL)
    assert ended.code == 2
    assert "--yes" in ended.sentence
    assert not list(tmp_path.iterdir())


# Without questions


def test_yes_writes_the_defaults_and_what_was_said(tmp_path: Path) -> None:
    ended = init(tmp_path, "--yes", "--contact", "ops@museum.org", HEEDFUL_OPERATOR="The Museum")
    assert (ended.code, ended.out) == (0, "")
    assert loaded(tmp_path) == RunConfig(
        contact="ops@museum.org", operator="The Museum", origins={"contact": "file", "operator": "file"}
    )


def test_yes_without_a_contact_says_what_is_missing(tmp_path: Path) -> None:
    ended = init(tmp_path, "-y", "--json")
    assert ended.code == 0
    assert ended.rows == [{"file": "heedful.toml", "values": {}, "missing": ["contact"]}]
    assert "names no contact yet" in ended.err
    with pytest.raises(ConfigError, match="no contact"):
        loaded(tmp_path)
    assert loaded(tmp_path, contact="ops@museum.org").operator is None


def test_every_option_finds_its_place(tmp_path: Path) -> None:
    said = {
        "output": "corpus", "contact": "https://museum.org/bot", "operator": "M", "token": "MBot",
        "purpose": ("ai-input", "search"), "posture": "opt-in", "reading": "strict", "scope": "prefix",
        "kinds": "text,pdf", "max_pages": "5", "max_time": "1.5", "max_bytes": "7", "delay": "0.25",
        "concurrency": "3", "dry_run": True, "log_json": True,
    }  # fmt: skip
    options = []
    for name, value in said.items():
        for one in value if isinstance(value, tuple) else (value,):
            options += [f"--{name.replace('_', '-')}"] + ([] if one is True else [str(one)])
    assert init(tmp_path, "--yes", *options).code == 0
    wanted = load(said, environ={}, folder=tmp_path)
    found = loaded(tmp_path)
    assert set(found.origins) == set(wanted.origins)
    assert found.output == tmp_path / str(wanted.output)
    for field in set(wanted.origins) - {"output"}:
        assert getattr(found, field) == getattr(wanted, field), field


def test_a_path_means_the_same_from_another_folder(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    ended = init(tmp_path, "elsewhere/m.toml", "--yes", "--contact", "ops@museum.org", "-o", "corpus")
    assert ended.code == 0
    assert "--config elsewhere/m.toml" in ended.err
    config = load({"config": tmp_path / "elsewhere" / "m.toml"}, environ={}, folder=tmp_path)
    assert config.output == tmp_path / "corpus"


NAMES = st.text(st.characters(exclude_categories=("Cs",)), min_size=1).filter(
    lambda name: name.isprintable() and name.strip()
)


@settings(deadline=None)
@given(name=NAMES | st.sampled_from(['"', "\\", "'''", "\\u0041", "# not a comment", "[run]"]))
def test_whoever_is_named_is_read_back_as_named(name: str) -> None:
    with TemporaryDirectory() as folder:
        file = f"{folder}/m.toml"
        said = ["--yes", "--contact", "o@m.org", f"--operator={name}"]
        ended = CliRunner().invoke(main, ["init", file, *said])
        assert ended.exit_code == 0, ended.output
        assert load({"config": file}, environ={}).operator == name.strip()


@given(st.text())
def test_any_text_is_a_toml_string(text: str) -> None:
    try:
        line = literal(text)
    except Malformed:
        assert any("\ud800" <= one <= "\udfff" for one in text)
        return
    assert tomllib.loads(f"x = {line}")["x"] == text
    assert "\n" not in line


@given(st.recursive(st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False), st.lists))
def test_numbers_and_lists_are_toml(value: Any) -> None:
    assert tomllib.loads(f"x = {literal(value)}")["x"] == value


@pytest.mark.parametrize("name", ["a\nb", "a\rb", "a\x1b[31mb", "\u2028", " "])
def test_names_that_are_no_line_are_refused(tmp_path: Path, name: str) -> None:
    ended = init(tmp_path, "--yes", "--contact", "ops@museum.org", "--operator", name)
    assert ended.code == 2
    assert "--operator" in ended.sentence
    assert not list(tmp_path.iterdir())


# Never over anything


@pytest.mark.parametrize("there", ["file", "folder", "dangling link"])
def test_what_is_there_is_not_overwritten(tmp_path: Path, there: str) -> None:
    file = tmp_path / "heedful.toml"
    match there:
        case "file":
            file.write_text("mine")
        case "folder":
            file.mkdir()
        case _:
            file.symlink_to(tmp_path / "nowhere")
    ended = init(tmp_path, "--yes", "--contact", "ops@museum.org")
    assert ended.code == 2
    assert "is not overwritten" in ended.sentence
    assert [path.name for path in tmp_path.iterdir()] == ["heedful.toml"]
    assert there != "file" or file.read_text() == "mine"


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (["nowhere/heedful.toml"], "nowhere is no folder"),
        (["--contact", "me"], "is not a mail address"),
        (["--posture", "maybe"], "is not one of"),
        (["--reading", "literal"], "accepted only from heedful.toml"),
        (["--frob"], "No such option"),
        (["a.toml", "b.toml"], "unexpected extra argument"),
    ],
)
def test_bad_input_is_one_sentence(tmp_path: Path, more: list[str], words: str) -> None:
    ended = init(tmp_path, "--yes", *more)
    assert ended.code == 2
    assert words in ended.sentence
    assert not list(tmp_path.iterdir())


def test_a_disk_without_room_leaves_no_half_file(tmp_path: Path) -> None:
    def small() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (512, 512))

    command = [sys.executable, "-m", "crawler", "init", "--yes"]
    ended = subprocess.run(
        command, cwd=tmp_path, env=environment(PYTHONDONTWRITEBYTECODE="1"), preexec_fn=small,
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ended.returncode == 3
    assert "nothing was written" in ended.stderr
    assert ended.stderr.count("\n") == 1
    assert not list(tmp_path.iterdir())


# What stands in the file


def whole(folder: Path) -> str:
    """The file of someone who answered nothing but the contact, with every # before a key taken away."""
    assert init(folder, "--yes", "--contact", "ops@museum.org").code == 0
    text = COMMENTED.sub("", (folder / "heedful.toml").read_text("utf-8"))
    return text.replace("# [summary]", "[summary]")


def test_every_key_stands_in_the_file_once(tmp_path: Path) -> None:
    parsed = tomllib.loads(whole(tmp_path))
    assert set(parsed) == set(SECTIONS)
    asked = {field.name for field in summary.known() if field.key}
    assert set(parsed.pop("summary")) == asked
    standing = [(section, name) for section, body in parsed.items() for name in body]
    assert sorted(standing) == sorted(key.home for key in KEYS if key.field != "summary")


def test_with_every_comment_taken_away_the_file_loads_and_the_defaults_are_those_that_hold(
    tmp_path: Path,
) -> None:
    text = whole(tmp_path)
    for name in ("hosts", "prefixes", "sha256"):
        (tmp_path / f"denied-{name}.txt").write_text("# nothing yet\n")
    (tmp_path / "trusted.pem").write_text("-----BEGIN CERTIFICATE-----\n")
    (tmp_path / "heedful.toml").write_text(text, "utf-8")
    config, defaults = loaded(tmp_path), RunConfig(contact="")
    for key in KEYS:
        if key.default is not None:
            assert getattr(config, key.field) == getattr(defaults, key.field), key.field
            assert key.example is None


def test_no_field_of_the_template_is_answered_by_taking_a_comment_away(tmp_path: Path) -> None:
    for name, value in tomllib.loads(whole(tmp_path))["summary"].items():
        with pytest.raises(filled.SummaryError, match=name):
            filled.read({name: value}, summary.known())


@pytest.mark.parametrize("key", KEYS, ids=lambda key: key.field)
def test_what_is_said_of_a_key_is_true(key: Any) -> None:
    assert re.fullmatch(r"[^\n]{8,90}\.", key.meaning)
    if key.default is not None:
        raw = tomllib.loads(f"x = {key.default}")["x"]
        held = getattr(RunConfig(contact=""), key.field)
        assert key.read(Given(raw, "file", "here")) == held
        assert plain(held) == plain(key.read(Given(raw, "file", "here")))
    elif key.field != "summary":
        assert key.example is not None
        held = getattr(RunConfig(contact=""), key.field, None)
        assert held in (None, "", frozenset(), ()) or held == {}


def test_a_written_file_is_what_json_says(tmp_path: Path) -> None:
    ended = init(tmp_path, "--yes", "--json", "--contact", "ops@museum.org", "--purpose", "search")
    (row,) = ended.rows
    assert row["values"] == {"contact": "ops@museum.org", "purposes": ["search"]}
    assert json.dumps(row["values"]["contact"]) in (tmp_path / "heedful.toml").read_text()
    assert written({}).startswith("# ")
