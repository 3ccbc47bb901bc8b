"""``heedful`` itself: finds the command, and turns every way to end into an exit code.

====  ==========================================================================
   0  done; ``check``: would be collected
   1  done, and the thing asked about was found, or is not there
   2  usage or configuration error: one sentence on stderr
   3  stopped early, resumable
   4  finished, but no seed could be fetched
   5  ``verify``: the evidence does not hold
 141  nobody reads the output any more, as ``head`` does when it has enough
  70  internal error: one sentence on stderr, the traceback with ``HEEDFUL_DEBUG=1``
====  ==========================================================================
"""

from __future__ import annotations

import errno
import logging
import os
import sys
import traceback
from collections.abc import Sequence
from importlib import import_module
from importlib.metadata import PackageNotFoundError, metadata
from io import TextIOWrapper
from typing import Any, NoReturn

import click
from click.shell_completion import CompletionItem

from crawler import __version__, interrupts, jsonlog
from crawler.cli.completion import described
from crawler.cli.helppage import WithExample
from crawler.cli.stdout import PIPED, Unread, heard, let_go
from crawler.cli.text import safe

COMMANDS = {
    "crawl": "Collect text and images, and keep nothing that is reserved.",
    "check": "Ask about one URL the way crawl would, and keep nothing.",
    "log": "List the decisions of a corpus, newest last.",
    "items": "List what a corpus keeps.",
    "explain": "Tell the whole story of one URL, with the evidence.",
    "verify": "Check that a corpus is whole, or a receipt true, offline.",
    "receipt": "Write what is on record about one URL, with its proof.",
    "recheck": "Ask the sites again, and withdraw what is reserved now.",
    "withdraw": "Take content out on request, and never collect it again.",
    "lookup": 'Answer "did you take my site?", also as a letter.',
    "report": "Write the report, the EU summary and other documents.",
    "export": "Write the corpus for training, each item with its provenance.",
    "ledger": "Erase what an entry says, and keep every proof.",
    "key": "Make the key that signs checkpoints, or show its public half.",
    "init": "Write a commented heedful.toml.",
    "config": "Show effective values, and where each came from.",
    "doctor": "Check whether this machine, or a corpus, is fit for a crawl.",
    "signals": "List the opt-out signals that are heard.",
    "demo": "Crawl a small web on this machine on which every signal occurs.",
}
"""Every command, in the order in which one meets them; ``crawler.cli.<name>`` holds ``command``."""

OK, FOUND, USAGE, STOPPED, NO_SEED, BROKEN, INTERNAL = 0, 1, 2, 3, 4, 5, 70
"""The exit codes."""

NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO})
"""Errors that say that there is no room left, or that what is written to fails."""


class Heedful(WithExample, click.Group):
    """The group of all commands."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names, in our order."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        """The command, imported now; None when there is none of that name."""
        if name not in COMMANDS:
            return None
        command: click.Command = import_module(f"crawler.cli.{name}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def make_context(self, *args: Any, **more: Any) -> click.Context:
        """As click does it; a broken pipe is :class:`Unread`."""
        with heard():
            return super().make_context(*args, **more)

    def invoke(self, ctx: click.Context) -> Any:
        """As click does it; a broken pipe is :class:`Unread`."""
        with heard():
            return super().invoke(ctx)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem[str]]:
        """The commands without importing them, and the options."""
        return [*described(COMMANDS, incomplete), *click.Command.shell_complete(self, ctx, incomplete)]

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = "heedful",
        complete_var: str | None = None,
        standalone_mode: bool = True,
        **extra: Any,
    ) -> NoReturn:
        """Run the command line and exit: there is no mode in which errors pass on."""
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, TextIOWrapper):
                stream.reconfigure(errors="replace")  # a terminal that lacks a letter is no internal error
        try:
            code = super().main(args, "heedful", complete_var, standalone_mode=False, **extra)
            with heard():
                sys.stdout.flush()
        except Unread:
            code = PIPED
        except click.exceptions.NoArgsIsHelpError as error:
            error.show()
            code = USAGE
        except click.ClickException as error:
            say(_one_sentence(error))
            code = USAGE
        except (click.Abort, KeyboardInterrupt):
            say("stopped")
            code = STOPPED
        except Exception as error:
            if interrupts.asked():  # a library made something else of it, such as a module that does not load
                say("stopped")
                code = STOPPED
            else:
                code = _failed(error)
        interrupts.finish()
        let_go()
        sys.exit(code if isinstance(code, int) else OK)


def _one_sentence(error: click.ClickException) -> str:
    words = error.format_message().rstrip(".")
    context = getattr(error, "ctx", None)
    return f"{words}; see {context.command_path} --help" if context is not None else words


def _refusals() -> tuple[type[Exception], ...]:
    """The errors that are the operator's to mend, each one sentence."""
    try:
        from crawler.audit.keys import UnusableKey
        from crawler.config import ConfigError
        from crawler.corpus.errors import CorpusError
        from crawler.frontier.contract import FrontierError
        from crawler.promise import WeakenedSetting
    except Exception:  # a broken installation is an error of its own, and must not hide the first
        return ()
    return ConfigError, CorpusError, FrontierError, UnusableKey, WeakenedSetting


def _failed(error: Exception) -> int:
    if isinstance(error, _refusals()):
        say(str(error))
        return USAGE
    if isinstance(error, OSError) and error.errno in NO_ROOM:
        say(f"{error.filename or 'the output'}: {error.strerror}; make room, and run the same command again")
        return STOPPED
    if isinstance(error, OSError) and error.filename is not None:
        say(f"{error.filename}: {error.strerror}")
        return USAGE
    if os.environ.get("HEEDFUL_DEBUG"):
        logging.getLogger("heedful").exception("internal error") if jsonlog.active() else traceback.print_exc()
    # Not the error's own words: they may quote what was fetched, and that may be reserved.
    say(
        f"internal error ({type(error).__name__}), a mistake of ours: please report it{_where_to_report()}, "
        "with what the same command prints under HEEDFUL_DEBUG=1"
    )
    return INTERNAL


def _where_to_report() -> str:
    """The tracker that the installed package names; nothing when it names none."""
    try:
        urls = metadata("heedful").get_all("Project-URL") or []
    except PackageNotFoundError:
        return ""
    places = dict(url.split(", ", 1) for url in urls if ", " in url)
    return f" at {places['Issues']}" if "Issues" in places else ""


def say(words: str) -> None:
    """One sentence on stderr, in the form that the log has."""
    sentence = " ".join(words.split())
    if jsonlog.active():
        jsonlog.say("error", sentence)
    else:
        click.echo(f"heedful: {safe(sentence)}", err=True)


@click.group(
    cls=Heedful,
    example="heedful crawl https://example.org/ -o corpus --contact you@your-domain",
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="More on one command: heedful COMMAND --help",
)
@click.version_option(__version__, prog_name="heedful", message="%(prog)s %(version)s")
def main() -> None:
    """Collect text and images from the web, and keep nothing that its creator has reserved."""
