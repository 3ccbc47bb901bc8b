"""The port on which a crawl tells its numbers: opened before anything else happens, on this machine only."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec

from crawler.config import ConfigError

ADDRESS = "127.0.0.1"
"""The only address that is listened on."""

MISSING = "--metrics needs a package that is not installed: pip install 'heedful[metrics]'"


@contextmanager
def opened(port: int) -> Iterator[socket.socket | None]:
    """A socket that listens on ``port`` of the loopback address; None where the port is 0.

    Raises ``ConfigError`` where that cannot be.
    """
    if not port:
        yield None
        return
    if find_spec("prometheus_client") is None:
        raise ConfigError(MISSING)
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        # Connections of the run before, which wait for their end, must not keep the port from this one.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((ADDRESS, port))
            listener.listen(16)
        except OSError as error:
            raise ConfigError(
                f"--metrics {port}: {ADDRESS}:{port} cannot be listened on ({error.strerror}); "
                "name another port, or 0 for none"
            ) from error
        listener.setblocking(False)
        yield listener
    finally:
        listener.close()
