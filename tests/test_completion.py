"""What a shell offers on TAB: asked as shells ask, and once by a shell itself."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from typing import get_args

import pytest

from crawler.cli.app import COMMANDS
from crawler.config.model import Profile, Scope
from crawler.optout import SIGNALS
from crawler.optout.model import Kind, Outcome, Posture, Purpose
from tests.crawls import environment

HEEDFUL = "import sys; from crawler.cli import main; sys.argv[0] = 'heedful'; main()"


def ask(line: str, *, shell: str = "bash", code: str = HEEDFUL) -> subprocess.CompletedProcess[str]:
    """Run the command as the completion of ``shell`` does; the cursor is at the end of ``line``."""
    words = line.split(" ")
    asked = {"COMP_WORDS": line, "COMP_CWORD": words[-1] if shell == "fish" else str(len(words) - 1)}
    return subprocess.run(
        [sys.executable, "-c", code], env=environment(_HEEDFUL_COMPLETE=f"{shell}_complete", **asked),
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip


def offered(line: str) -> list[str]:
    """The words that bash is offered."""
    ended = ask(line)
    assert (ended.returncode, ended.stderr) == (0, "")
    return [word.removeprefix("plain,") for word in ended.stdout.splitlines()]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("heedful ", list(COMMANDS)),
        ("heedful re", ["receipt", "recheck", "report"]),
        ("heedful config ", ["show"]),
        ("heedful key ", ["new", "show"]),
        ("heedful signals ", list(SIGNALS)),
        ("heedful signals robots", ["robots", "robots-meta"]),
        ("heedful log corpus --signal tdm", ["tdmrep"]),
        ("heedful log corpus --outcome ", [outcome.value for outcome in Outcome]),
        ("heedful crawl --posture ", [posture.value for posture in Posture]),
        ("heedful crawl --purpose ", None),
        ("heedful crawl --purpose ai-", ["ai-train", "ai-input"]),
        ("heedful check --reading ", ["strict"]),
        ("heedful init --scope ", list(get_args(Scope))),
        ("heedful config show --profile ", list(get_args(Profile))),
        ("heedful crawl --kinds ", [kind.value for kind in Kind]),
        ("heedful crawl --kinds text,", ["text,image", "text,pdf", "text,epub"]),
        ("heedful report corpus --format eu", ["eu-summary"]),
        ("heedful crawl --max-p", ["--max-pages"]),
        ("heedful crawl -o ", ["dir,"]),
        ("heedful crawl --config ", ["file,"]),
        ("heedful verify ", ["file,"]),
        ("heedful frob ", list(COMMANDS)),
    ],
)
def test_what_is_offered(line: str, words: list[str] | None) -> None:
    found = offered(line)
    assert sorted(found) == sorted([purpose.value for purpose in Purpose] if words is None else words)


def test_every_option_of_a_command_is_offered() -> None:
    assert {"--contact", "--operator", "--purpose", "--resolve", "--json", "--help"} <= set(
        offered("heedful crawl --")
    )


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_other_shells_are_told_what_a_command_does(shell: str) -> None:
    ended = ask("heedful exp", shell=shell)
    assert ended.returncode == 0
    assert "export" in ended.stdout
    assert COMMANDS["export"] in ended.stdout


@pytest.mark.parametrize(
    "line", ["heedful ", "heedful crawl --", "heedful signals ", "heedful crawl --posture "]
)
def test_nothing_heavy_is_loaded_for_it(line: str) -> None:
    code = (
        "import sys\nfrom crawler.cli import main\n"
        "try: main()\nexcept SystemExit as end: assert end.code == 0\n"
        "print(*(name for name in ('scrapy', 'twisted', 'lxml', 'selectolax', 'rich', 'crawler.optout.gate') "
        "if name in sys.modules), file=sys.stderr)"
    )
    ended = ask(line, code=code)
    assert (ended.returncode, ended.stderr.strip()) == (0, "")
    assert ended.stdout


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_of_each_shell_names_the_command(shell: str) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", HEEDFUL], env=environment(_HEEDFUL_COMPLETE=f"{shell}_source"),
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ended.returncode == 0
    assert f"_HEEDFUL_COMPLETE={shell}_complete" in ended.stdout
    words = (Path(__file__).parent.parent / "docs" / "configuration.md").read_text("utf-8")
    assert f"_HEEDFUL_COMPLETE={shell}_source heedful" in words


@pytest.mark.skipif(shutil.which("bash") is None, reason="needs bash")
def test_bash_completes_after_sourcing_what_the_manual_says(tmp_path: Path) -> None:
    command = tmp_path / "heedful"
    command.write_text(f"#!{sys.executable}\n{HEEDFUL}\n", "utf-8")
    command.chmod(0o755)
    words = (Path(__file__).parent.parent / "docs" / "configuration.md").read_text("utf-8")
    (line,) = [line for line in words.splitlines() if "bash_source" in line]
    script = f"""
    {line}
    COMP_WORDS=(heedful signals tr) COMP_CWORD=2
    complete -p heedful
    _heedful_completion heedful
    printf '%s\\n' "${{COMPREPLY[@]}}"
    COMP_WORDS=(heedful crawl --kinds text,i) COMP_CWORD=3 COMPREPLY=()
    _heedful_completion heedful
    printf '%s\\n' "${{COMPREPLY[@]}}"
    """
    env = environment(PYTHONPATH=str(Path(__file__).parent.parent))
    env["PATH"] = f"{tmp_path}:{env['PATH']}"
    ended = subprocess.run(
        ["bash", "--norc", "-c", script], env=env, capture_output=True, text=True, timeout=60, check=False
    )
    assert ended.stderr == ""
    assert ended.stdout.split("\n")[-4:-1] == ["training-tokens", "trust-txt", "text,image"]
    assert "_heedful_completion heedful" in ended.stdout
