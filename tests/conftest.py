"""Makes ``benchmarks`` importable beside an installed ``crawler``: at the end of the path, so that what is
installed is what is tested. Keys that tests have made go with the tests. Ctrl-C reaches the programs that tests
start also where a shell began the tests in the background, and so had them ignore it.
"""

from __future__ import annotations

import signal
import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parent.parent))

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session", autouse=True)
def _own_key(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CONFIG_HOME", str(tmp_path_factory.mktemp("config")))
        patch.delenv("HEEDFUL_KEY", raising=False)
        yield
