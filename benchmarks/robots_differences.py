"""Where our reading of robots.txt differs from Protego's, on the real files in Protego's own source archive.

    python benchmarks/robots_differences.py [--examples]

Downloads the source archive of the installed Protego through pip, reads every robots.txt of its test data with
both, asks both about the same agents and paths, and puts each difference into a named class by undoing one
cause after the other until Protego agrees. A difference that no cause explains is printed and fails the run.
Nothing is asserted about speed.
"""

from __future__ import annotations

import subprocess
import sys
import tarfile
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from protego import Protego

from crawler.optout.grammar.groups import addressed, bound
from crawler.optout.grammar.manners import manners
from crawler.optout.grammar.robots import ALLOW, DISALLOW, USER_AGENT, Group, Line, robots_of
from crawler.optout.grammar.urlpattern import normalise, subject
from crawler.optout.host import is_web_page
from crawler.optout.model import Asset, Capture, Context, Kind, Preference, Purpose
from crawler.optout.signals import SIGNALS
from crawler.optout.signals.robots import read_robots_txt

AT = datetime(2026, 11, 22, tzinfo=UTC)
AGENTS = ("heedful", "googlebot", "bingbot", "gptbot", "slurp", "googlebot-image", "foobot")
PATHS = ("/", "/index.html", "/a/b?c=d&e=f", "/search?q=x", "/robots.txt", "/%7Euser/x.gif", "/a%2Fb", "/*")
RULES_PER_FILE = 16
NAMES_PER_FILE = 4

LISTED = "named in a list or in a whole User-Agent header (we: a denial)"
FRAMEWORK = "Scrapy is named (we: a denial)"
OVERFULL = "more than 20,000 rules for us (we: undetermined)"
ENCODING = "Protego holds %26 and & for equal, or denies a literal $ (we: the denial stands)"


def test_data(folder: Path) -> list[Path]:
    """The robots.txt files of the source archive, unpacked into ``folder``."""
    wanted = f"protego=={version('protego')}"
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-binary", ":all:", wanted]
    subprocess.run([*command, "--dest", str(folder)], check=True, stderr=subprocess.DEVNULL)
    archive = next(folder.glob("*.tar.gz"))
    with tarfile.open(archive) as tar:
        tar.extractall(folder, filter="data")
    files = sorted(folder.glob("*/tests/test_data/*"))
    if not files:
        raise SystemExit(f"{archive.name} does not contain the tests' data: there is nothing to compare")
    return files


@dataclass
class File:
    """One robots.txt, read by both."""

    name: str
    capture: Capture
    text: str
    protego: Protego
    variants: dict[tuple[str, str], Protego] = field(default_factory=dict)

    @classmethod
    def read(cls, path: Path) -> File:
        """Parse the file the way Scrapy would for Protego, and the way we do."""
        body = path.read_bytes()
        capture = Capture(url=f"https://{path.name}/robots.txt", status=200, at=AT, body=body)
        text = body.decode("utf-8-sig", "ignore")
        return cls(path.name, capture, text, Protego.parse(text))

    def agents(self) -> list[str]:
        """The fixed agents and the first few that the file names."""
        named = [
            name
            for group in self.capture.parsed(robots_of).groups
            for line in group.agents
            if (name := line.value.lower()).replace("-", "").replace("_", "").isalpha() and name.isascii()
        ]
        return list(dict.fromkeys((*AGENTS, *dict.fromkeys(named[:NAMES_PER_FILE]))))

    def paths(self) -> list[str]:
        """The fixed paths, and what the file's own rules speak of."""
        rules = [line for group in self.capture.parsed(robots_of).groups for line in group.rules if line.value]
        step = max(1, len(rules) // RULES_PER_FILE)
        own = [line.value.removesuffix("$").replace("*", "x") for line in rules[::step]]
        own = [path if path.startswith("/") else "/" + path for path in own]
        return list(dict.fromkeys((*PATHS, *own, *(path + "x" for path in own))))


def denied(file: File, agent: str, url: str) -> list[Line]:
    """The lines by which our signal denies ``url``, or cannot tell."""
    context = Context(agents=(agent,))
    asset = Asset(url=url, kind=Kind.TEXT)
    numbers = {
        statement.evidence.locator
        for statement in read_robots_txt(file.capture, asset, context)
        if statement.preference is not Preference.ALLOW and statement.purpose is Purpose.CRAWL
    }
    robots = file.capture.parsed(robots_of)
    if "rules" in numbers:
        return [robots.groups[0].agents[0]]
    lines = (line for group in robots.groups for line in (*group.agents, *group.rules))
    return [line for line in lines if f"line {line.number}" in numbers]


def explain(file: File, agent: str, url: str, lines: list[Line]) -> str | None:
    """The first cause whose undoing brings Protego to our decision."""
    if lines:
        path = subject(url)
        ours = bound(file.capture, agent)
        if ours.rules.overfull:
            return OVERFULL
        if ours.rules.denying(path) is None:
            framework = addressed(file.capture, "scrapy")
            if ours.loose_rules.denying(path):
                return LISTED
            if framework and (framework.rules.denying(path) or framework.loose_rules.denying(path)):
                return FRAMEWORK
    for cause, render in CAUSES:
        key = (cause, agent)
        if key not in file.variants:
            file.variants[key] = Protego.parse(render(file, agent))
        if file.variants[key].can_fetch(url, agent) == (not lines):
            return cause
    if lines and all(line.key == USER_AGENT for line in lines):
        return ENCODING
    return None


def _whole(file: File, agent: str) -> str:
    robots = file.capture.parsed(robots_of)
    lines = [*robots.outside, *(line for group in robots.groups for line in _of(group))]
    return "\n".join(_rule(line) for line in sorted(lines))


def _of(group: Group) -> tuple[Line, ...]:
    return (*group.agents, *group.rules, *group.others)


def _rule(line: Line) -> str:
    value = normalise(line.value) if line.key in (ALLOW, DISALLOW) else line.value
    return f"{line.key}: {value}"


def _without_records(file: File, agent: str) -> str:
    groups = file.capture.parsed(robots_of).groups
    return "\n".join(_rule(line) for group in groups for line in (*group.agents, *group.rules))


def _rewritten(name: Callable[[str, str], str]) -> Callable[[File, str], str]:
    def render(file: File, agent: str) -> str:
        return "\n".join(
            f"{USER_AGENT}: {name(line.value.lower(), agent)}" if line.key == USER_AGENT else _rule(line)
            for group in file.capture.parsed(robots_of).groups
            for line in (*group.agents, *group.rules)
        )

    return render


def _token(value: str, agent: str) -> str:
    if value.startswith("* "):
        return "*"
    letters = value[: len(value) - len(value.lstrip("abcdefghijklmnopqrstuvwxyz-_"))]
    return letters if letters == agent else value


def _only_exact(value: str, agent: str) -> str:
    value = _token(value, agent)
    return value if value in ("*", agent) else "0"


def _bound(*, meant: bool, folder: bool) -> Callable[[File, str], str]:
    """The rules that bind us, as one group.

    ``meant``: with the patterns we take their authors to have meant. ``folder``: with Protego's reading of an
    index page as its folder.
    """

    def render(file: File, agent: str) -> str:
        lines = []
        for pattern, rule in bound(file.capture, agent).rules.patterns:
            written = pattern if meant else rule.line.value
            if not folder and rule.line.key == ALLOW and pattern.endswith("/index.html"):
                written += "*"
            lines.append(f"{rule.line.key}: {normalise(written)}")
        return "\n".join(["User-agent: *", *lines])

    return render


CAUSES: tuple[tuple[str, Callable[[File, str], str]], ...] = (
    ("line ends, invisible characters, UTF-16", _whole),
    ("other records between the lines of a group", _without_records),
    ("version or words after the name", _rewritten(_token)),
    ("a name that is only a part of ours, or holds a star", _rewritten(_only_exact)),
    ("past 500 KiB", _bound(meant=False, folder=True)),
    ("path without its slash, or a whole URL (we: a denial)", _bound(meant=True, folder=True)),
    ("Allow of an index page widened to its folder", _bound(meant=True, folder=False)),
)
"""What is undone, in this order; each rendering undoes all the causes before it too."""


def exercise_all(file: File) -> None:
    """Every robots.txt reader of ours, once, on a real file; none may raise."""
    asset = Asset(url=f"https://{file.name}/a/b", kind=Kind.TEXT)
    context = Context(agents=("heedful",))
    for signal in SIGNALS.values():
        for carrier, reader in signal.readers.items():
            if carrier == "robots.txt":
                list(reader(file.capture, asset, context))
    manners(file.capture, ("heedful", "scrapy"))


def compare(file: File) -> Iterator[tuple[str, str, list[Line]]]:
    """Every agent and URL on which the two differ."""
    for agent in file.agents():
        for path in file.paths():
            url = f"https://{file.name}{path}"
            lines = denied(file, agent, url)
            COUNTS["decisions"] += 1
            if file.protego.can_fetch(url, agent) == bool(lines):
                yield agent, url, lines


COUNTS: Counter[str] = Counter()


def main() -> int:
    started = time.monotonic()
    examples = "--examples" in sys.argv
    differences: Counter[tuple[str, str]] = Counter()
    hosts: dict[str, set[str]] = {}
    first: dict[str, tuple[str, str, str]] = {}
    unexplained = []
    with tempfile.TemporaryDirectory() as folder:
        paths = test_data(Path(folder))
        for path in paths:
            file = File.read(path)
            exercise_all(file)
            if is_web_page(file.capture):
                COUNTS["web pages"] += 1
                continue
            COUNTS["files"] += 1
            for agent, url, lines in compare(file):
                cause = explain(file, agent, url, lines)
                if cause is None:
                    unexplained.append((agent, url, lines))
                    continue
                differences[cause, "deny" if lines else "allow"] += 1
                hosts.setdefault(cause, set()).add(file.name)
                first.setdefault(cause, (agent, url, lines[0].text if lines else "-"))

    print(
        f"Protego {version('protego')}; {len(paths)} files, {COUNTS['web pages']} of them web pages, left out"
    )
    print(f"{COUNTS['files']} files, {COUNTS['decisions']} decisions, {sum(differences.values())} differences")
    print()
    print("| class | files | we deny, Protego allows | we allow, Protego denies |\n|---|--:|--:|--:|")
    for cause in sorted(hosts, key=lambda cause: -len(hosts[cause])):
        print(
            f"| {cause} | {len(hosts[cause])} | {differences[cause, 'deny']} | {differences[cause, 'allow']} |"
        )
        if examples:
            print(f"    {first[cause]}")
    print(f"\nunexplained: {len(unexplained)}")
    for agent, url, lines in unexplained[:40]:
        print(f"  {agent} {url} {lines}")
    print(f"{time.monotonic() - started:.0f} s", file=sys.stderr)
    return 1 if unexplained else 0


if __name__ == "__main__":
    raise SystemExit(main())
