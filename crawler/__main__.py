"""``heedful``, and ``python -m crawler``: hears Ctrl-C and SIGTERM before anything else is loaded."""

from __future__ import annotations

from crawler import interrupts


def run() -> None:
    """Run the command line and exit."""
    interrupts.listen()
    from crawler.cli import main

    try:
        interrupts.work()
        main()
    except interrupts.Stopped:  # while it was about to exit
        interrupts.end()


if __name__ == "__main__":
    run()
