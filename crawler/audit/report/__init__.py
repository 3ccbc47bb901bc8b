"""A corpus told to people: figures, the page with charts, the documents that a law or a rightsholder asks for.

Everything here is read from the corpus and from what the operator wrote, never from the network.
"""

from __future__ import annotations
