"""Makes ``benchmarks`` importable beside an installed ``crawler``: at the end of the path, so that what is
installed is what is tested.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parent.parent))
