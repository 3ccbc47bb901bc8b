"""``heedful demo``."""

from __future__ import annotations

import os
import shlex
import sys
import tempfile
import webbrowser
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from crawler.cli.app import NO_SEED, OK
from crawler.cli.helppage import Command, as_json, quiet
from crawler.cli.text import safe

if TYPE_CHECKING:
    from crawler.cli.story import Told
    from crawler.config import RunConfig
    from crawler.demo.server import LoopbackWeb

PORT = 8486
"""Where the demo web is served if it can be, so that its URLs are the same every time."""

FEW = 6
"""Decisions that are told at the end."""

CONTACT = "https://demo.example/"
"""Who the demo says it is. Another corpus has another contact, by which it is told apart."""


@click.command(cls=Command, example="heedful demo -o heedful-demo")
# No environment variable: HEEDFUL_OUTPUT names a real corpus, and the demo has no business there.
@click.option("-o", "--output", metavar="DIR", default="heedful-demo", help="The corpus.  [heedful-demo]")
@click.option("--no-open", is_flag=True, help="Do not open the report in the browser.")
@as_json
@quiet
def command(output: str, no_open: bool, as_json: bool, quiet: bool) -> int:
    """Crawl a small web on this machine on which every signal occurs, and open the report.

    Needs no network, and leaves one folder, beside your key. The same command again asks everything again.
    """
    from crawler.cli.conduct import conduct
    from crawler.demo.web import demo_web

    folder = Path(output)
    _only_a_demo(folder)
    with ExitStack() as stack:
        nowhere = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="heedful-demo-")))
        stack.enter_context(_some_key(folder, nowhere, quiet=quiet))
        try:
            web = stack.enter_context(demo_web(PORT))
        except OSError:  # the port is taken: any other will do
            web = stack.enter_context(demo_web())
        code = conduct(_config(output, web.port, web.resolve, nowhere), quiet=quiet, as_json=as_json)
        if code == NO_SEED:  # an interruption left only what never answers in this web
            code = OK
        if code == OK and not quiet:
            for line in _samples(folder):
                click.echo(line, err=True)
        if code == OK:
            code = _write_report(folder, nowhere)
    if code != OK:
        return code
    report = folder / "report" / "index.html"
    if not quiet:
        for line in _next_steps(folder, report, web):
            click.echo(line, err=True)
    if not no_open and _somebody_looks():
        webbrowser.open(report.resolve().as_uri())
    return code


def _only_a_demo(folder: Path) -> None:
    """Raise when the folder holds a corpus that no demo began. What is no corpus at all, the crawl refuses."""
    from crawler.corpus.folder import MANIFEST, CorpusFolder

    if (folder / MANIFEST).exists() and CorpusFolder.read(folder).manifest.identity.contact != CONTACT:
        raise click.ClickException(
            f"{safe(str(folder))} holds a corpus that is no demo; name another folder with -o"
        )


@contextmanager
def _some_key(folder: Path, nowhere: Path, *, quiet: bool) -> Iterator[None]:
    """A key to sign with: the user's, or, where none can be kept, one that lies in ``nowhere``."""
    from crawler.audit import keys

    if os.environ.get(keys.ENVIRONMENT):
        yield
        return
    try:
        keys.signer(corpus=folder)
    except (keys.UnusableKey, OSError) as error:
        if not quiet:
            why = f"{error.filename}: {error.strerror}" if isinstance(error, OSError) else str(error)
            words = f"no key can be kept ({why}), so it is signed with one that is thrown away"
            click.echo(f"heedful: {safe(words)}", err=True)
        os.environ[keys.ENVIRONMENT] = str(nowhere / "key")
        keys.create(nowhere / "key")
        try:
            yield
        finally:
            del os.environ[keys.ENVIRONMENT]
    else:
        yield


def _config(output: str, port: int, resolve: Iterable[str], nowhere: Path) -> RunConfig:
    """What the demo runs with, whatever the environment and the working folder say."""
    from crawler.config import load
    from crawler.demo.web import DENIED, demo_seeds
    from crawler.optout.model import Denylist

    options = {
        "output": output,
        "contact": CONTACT,
        "operator": "heedful demo",
        "kinds": "text,image,pdf,epub",
        "delay": "0",
        "allow_private": True,
        "contacts": True,
        "resolve": tuple(resolve),
        "profile": "testing",  # a server of our own need not be waited for
    }
    config = load(options, environ={}, folder=nowhere, seeds=tuple(demo_seeds(port)))
    # All of it lies on loopback, where a proxy of the environment leads nowhere.
    return replace(
        config,
        settings={**config.settings, "HTTPPROXY_ENABLED": "False"},
        denylist=Denylist(hosts=frozenset({DENIED})),
    )


def _samples(corpus: Path) -> Iterator[str]:
    """A few of the decisions, with what decided them."""
    from crawler.audit.entries import Filter
    from crawler.cli.quotation import indent, quoted
    from crawler.cli.reading import read_decisions
    from crawler.cli.story import headline

    for told in _various(read_decisions(corpus, Filter())):
        yield ""
        yield from headline(told.decision)
        deciding = told.decision.grounds[:1]
        yield from indent(quoted(deciding, deciding), 2)


def _various(told: Iterable[Told]) -> list[Told]:
    """The last word on some URLs, no two for the same signal and outcome."""
    last = {one.decision.asset.url: one for one in told}
    chosen: dict[object, Told] = {}
    for one in last.values():
        deciding = one.decision.grounds[0] if one.decision.grounds else None
        chosen.setdefault((one.decision.outcome, deciding and deciding.evidence.carrier), one)
    return list(chosen.values())[:FEW]


def _write_report(folder: Path, nowhere: Path) -> int:
    """Write the report as ``heedful report`` does, and return its exit code."""
    from crawler.cli import report

    empty = nowhere / "heedful.toml"
    empty.touch()
    write = report.command.callback
    assert write is not None
    code: int = write(
        corpus=folder,
        form="html",
        output=None,
        config=str(empty),
        sme=False,
        all_domains=False,
        no_measure=False,
        as_json=False,
        quiet=True,
    )
    return code


def _next_steps(folder: Path, report: Path, web: LoopbackWeb) -> Iterator[str]:
    """Where the report is, and what else can be asked of the folder."""
    from crawler.demo.web import PLACES

    wanted = next(place for place in PLACES if place.expect is not None and place.expect.signal == "iptc")
    here = shlex.quote(safe(str(folder)))
    yield ""
    yield f"report: {safe(str(report))}"
    yield ""
    yield "what else this folder can tell:"
    yield f"  heedful explain {here} {web.url(wanted.host, wanted.path)}"
    yield f"  heedful lookup {here} agency.example"
    yield f"  heedful verify {here} --replay"
    yield f"  heedful export {here} --format jsonl -o {shlex.quote(safe(str(folder)) + '-export')}"


def _somebody_looks() -> bool:
    """Whether a browser would open before somebody's eyes: a terminal, a screen, no build machine."""
    screen = sys.platform in ("darwin", "win32") or any(map(os.environ.get, ("DISPLAY", "WAYLAND_DISPLAY")))
    return screen and not os.environ.get("CI") and sys.stdout.isatty() and sys.stderr.isatty()
