"""``heedful key`` and its files: nobody else reads them, nothing overwrites them, nothing prints them."""

from __future__ import annotations

import json
import os
import re
import stat
import threading
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from crawler.audit import keys
from crawler.audit.keys import UnusableKey
from crawler.audit.note import encode64, format_signer, parse_signer, parse_verifier
from crawler.cli import main


@pytest.fixture(autouse=True)
def at_home(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.delenv("HEEDFUL_KEY", raising=False)


def run(*args: str | Path, **env: str | None) -> Result:
    result = CliRunner(env={"HEEDFUL_DEBUG": None, **env}).invoke(main, ["key", *map(str, args)])
    assert not re.search(r"PRIVATE\+KEY\+(?!NAME\+ID\+KEY)", result.output)
    return result


def refused(result: Result) -> str:
    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr.count("\n") == 1
    return result.stderr


class TestNew:
    def test_where_the_users_key_is_looked_for(self, tmp_path):
        result = run("new")
        file = tmp_path / "config" / "heedful" / "key"
        assert result.exit_code == 0
        assert result.stderr == f"heedful: the private key is in {file}\n"
        assert parse_verifier(result.stdout.strip()) == keys.signer().verifier
        assert (file.parent / "key.pub").read_text() == result.stdout
        assert sorted(one.name for one in file.parent.iterdir()) == ["key", "key.pub"]

    def test_in_a_file_under_a_name(self, tmp_path):
        file = tmp_path / "new" / "k"
        told = json.loads(run("new", file, "--name", "example.org/c", "--json").stdout)
        made = keys.load(file)
        assert told == {
            "file": str(file),
            "name": "example.org/c",
            "id": made.verifier.key_id.hex(),
            "public": str(made.verifier),
        }
        assert made.name == "example.org/c"
        assert file.read_text() == format_signer(made) + "\n"

    def test_where_the_environment_says(self, tmp_path):
        assert run("new", HEEDFUL_KEY=str(tmp_path / "k")).exit_code == 0
        assert keys.load(tmp_path / "k").name == "heedful"

    @pytest.mark.skipif(os.name != "posix", reason="file modes are POSIX's")
    def test_for_the_owners_eyes(self, tmp_path):
        before = os.umask(0)
        try:
            run("new")
        finally:
            os.umask(before)
        file = tmp_path / "config" / "heedful" / "key"
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700

    def test_never_in_the_place_of_another(self, tmp_path):
        run("new")
        before = (tmp_path / "config" / "heedful" / "key").read_bytes()
        assert "is there already and is not overwritten" in refused(run("new"))
        (tmp_path / "empty").touch()
        refused(run("new", tmp_path / "empty"))
        assert (tmp_path / "empty").read_bytes() == b""
        assert (tmp_path / "config" / "heedful" / "key").read_bytes() == before
        assert sorted(one.name for one in (tmp_path / "config" / "heedful").iterdir()) == ["key", "key.pub"]

    @pytest.mark.parametrize("name", ["", "two words", "a+b", "a\tb"])
    def test_not_under_every_name(self, tmp_path, name):
        assert "cannot be called" in refused(run("new", tmp_path / "k", "--name", name))
        assert not (tmp_path / "k").exists()

    def test_not_below_a_file(self, tmp_path):
        (tmp_path / "file").touch()
        assert str(tmp_path / "file") in refused(run("new", tmp_path / "file" / "k"))

    def test_every_one_is_another(self, tmp_path):
        assert run("new", tmp_path / "a").stdout != run("new", tmp_path / "b").stdout


class TestShow:
    def test_the_one_in_use(self, tmp_path):
        a, b, c = (run("new", *where).stdout for where in ([], [tmp_path / "b"], [tmp_path / "c"]))
        assert run("show").stdout == a
        assert run("show", HEEDFUL_KEY=str(tmp_path / "b")).stdout == b
        assert run("show", "--key", tmp_path / "c", HEEDFUL_KEY=str(tmp_path / "b")).stdout == c
        assert json.loads(run("show", "--json").stdout)["public"] == a.strip()

    def test_none_is_made_for_it(self, tmp_path):
        file = tmp_path / "config" / "heedful" / "key"
        assert f"there is no key {file}; heedful key new {file} makes one" in refused(run("show"))
        assert not file.exists()


class TestRefused:
    def test_what_is_no_key(self, tmp_path):
        for content in (b"", b"\xff\xfe", b"secret words", b"PRIVATE+KEY+x+00000000+AAAA", b"x" * 10_000):
            file = tmp_path / "k"
            file.write_bytes(content)
            file.chmod(0o600)
            said = refused(run("show", HEEDFUL_KEY=str(file)))
            assert f"the key {file} cannot be used" in said
            assert "secret" not in said

    def test_one_that_was_altered(self, tmp_path):
        run("new", tmp_path / "k")
        words = (tmp_path / "k").read_text()
        (tmp_path / "k").write_text(words.replace("heedful", "heedfun"))
        said = refused(run("show", "--key", tmp_path / "k"))
        assert "does not match its id" in said
        assert words.split("+")[-1].strip() not in said

    @pytest.mark.skipif(os.name != "posix", reason="file modes are POSIX's")
    @pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o777])
    def test_one_that_others_may_read_or_replace(self, tmp_path, mode):
        run("new", tmp_path / "k")
        (tmp_path / "k").chmod(mode)
        assert f"others may read the key {tmp_path / 'k'}" in refused(run("show", "--key", tmp_path / "k"))

    def test_a_folder(self, tmp_path):
        assert "is no file" in refused(run("show", "--key", tmp_path))

    @pytest.mark.skipif(os.name != "posix", reason="pipes with names are POSIX's")
    def test_a_pipe_that_nobody_writes_to(self, tmp_path):
        os.mkfifo(tmp_path / "pipe", 0o600)
        assert "is no file" in refused(run("show", "--key", tmp_path / "pipe"))

    def test_below_a_file(self, tmp_path):
        (tmp_path / "file").touch()
        assert "cannot be read: Not a directory" in refused(run("show", "--key", tmp_path / "file" / "k"))

    def test_inside_the_corpus_that_it_signs_for(self, tmp_path):
        corpus = tmp_path / "corpus"
        run("new", corpus / "ledger" / "k")
        with pytest.raises(UnusableKey, match="lies inside the corpus"):
            keys.signer(corpus / "ledger" / "k", corpus=corpus)
        (tmp_path / "link").symlink_to(corpus)
        with pytest.raises(UnusableKey, match="lies inside the corpus"):
            keys.signer(tmp_path / "link" / "ledger" / "k", corpus=corpus)
        assert keys.signer(corpus / "ledger" / "k", corpus=tmp_path / "other").name == "heedful"


class TestInUse:
    def test_the_users_is_made_when_it_is_needed(self):
        made = keys.signer()
        assert keys.signer() == made

    def test_one_that_was_named_is_not(self, tmp_path):
        with pytest.raises(UnusableKey, match="there is no key"):
            keys.signer(environ={"HEEDFUL_KEY": str(tmp_path / "k")})
        with pytest.raises(UnusableKey, match="there is no key"):
            keys.signer(tmp_path / "k")
        assert not (tmp_path / "k").exists()

    def test_of_many_at_once_one_is_made(self):
        found = []
        workers = [threading.Thread(target=lambda: found.append(keys.signer())) for _ in range(8)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        assert len(found) == 8
        assert len(set(found)) == 1
        assert keys.read_verifier(str(keys.place()) + ".pub") == found[0].verifier

    def test_where_files_have_no_second_name(self, tmp_path, monkeypatch):
        def link(*_):
            raise PermissionError(1, "Operation not permitted")

        monkeypatch.setattr(os, "link", link)
        made = keys.create(tmp_path / "k")
        with pytest.raises(FileExistsError):
            keys.create(tmp_path / "k")
        assert keys.load(tmp_path / "k") == made
        assert sorted(one.name for one in tmp_path.iterdir()) == ["k", "k.pub"]

    @pytest.mark.parametrize(
        ("platform", "environ", "end"),
        [
            ("linux", {}, ".config/heedful/key"),
            ("darwin", {}, "Library/Application Support/heedful/key"),
            ("win32", {"APPDATA": "/roaming"}, "/roaming/heedful/key"),
            ("darwin", {"XDG_CONFIG_HOME": "/xdg"}, "/xdg/heedful/key"),
        ],
    )
    def test_where_it_lies_on_each_system(self, monkeypatch, platform, environ, end):
        monkeypatch.setattr(keys.sys, "platform", platform)
        assert keys.default_place(environ).as_posix().endswith(end)

    def test_where_the_users_own_cannot_be_made_it_is_said_what_to_do(self, tmp_path, monkeypatch):
        (tmp_path / "a-file").write_text("")
        monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "a-file"))
        with pytest.raises(UnusableKey, match=r"cannot be made: .*; set HEEDFUL_KEY to a key file"):
            keys.signer()

    def test_there_is_no_home(self, monkeypatch):
        monkeypatch.setattr(Path, "home", lambda: Path("~nobody-of-this-name").expanduser())
        with pytest.raises(UnusableKey, match="there is no home folder"):
            keys.default_place({})

    def test_where_it_lies(self, tmp_path):
        home = Path.home()
        assert keys.default_place({"XDG_CONFIG_HOME": str(tmp_path)}) == tmp_path / "heedful" / "key"
        for ignored in ({}, {"XDG_CONFIG_HOME": ""}, {"XDG_CONFIG_HOME": "relative"}):
            assert keys.default_place(ignored).is_relative_to(home)
        assert keys.place(environ={"HEEDFUL_KEY": ""}) == keys.default_place({})


class TestPublicHalves:
    def test_from_words_or_a_file(self, tmp_path):
        run("new", tmp_path / "k")
        public = (tmp_path / "k.pub").read_text()
        for given in (public, public.strip(), str(tmp_path / "k.pub")):
            assert str(keys.read_verifier(given)) == public.strip()

    def test_not_from_a_private_one(self, tmp_path):
        made = keys.create(tmp_path / "k")
        for given in (str(tmp_path / "k"), format_signer(made)):
            with pytest.raises(UnusableKey, match="this is a private key") as refusal:
                keys.read_verifier(given)
            assert encode64(made.seed)[4:] not in str(refusal.value)

    @pytest.mark.parametrize("given", ["", "words", "/nowhere/k.pub", "a+00000000+AAAA", "x" * 9999, "\0"])
    def test_not_from_anything_else(self, given):
        with pytest.raises(UnusableKey, match="is neither a public key nor a file with one"):
            keys.read_verifier(given)


def test_a_key_of_another_tool_serves(tmp_path):
    """The example of Go's sumdb/note."""
    words = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
    (tmp_path / "k").write_text(words)
    (tmp_path / "k").chmod(0o600)
    assert keys.load(tmp_path / "k") == parse_signer(words)
    shown = run("show", "--key", tmp_path / "k").stdout
    assert shown == "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW\n"
