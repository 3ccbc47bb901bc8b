"""What can be wrong with a corpus folder. Every message is one sentence for the person who named the folder."""

from __future__ import annotations


class CorpusError(Exception):
    """Something about the folder, not about a stranger's bytes. ::

    CorpusError
    ├── NotACorpus      the folder holds something else, or nothing where something was expected
    ├── CorpusInUse     another process writes to it
    ├── CorpusMismatch  the run differs from the corpus where the two must agree
    ├── Stray           a link, a pipe or a device is where files and folders belong
    └── Damaged         bytes that were once whole are not any more
    """


class NotACorpus(CorpusError):
    """The folder holds something else, or nothing where a corpus was expected."""


class CorpusInUse(CorpusError):
    """Another process writes to the folder."""


class CorpusMismatch(CorpusError):
    """The run differs from the corpus in something that is fixed for a corpus."""


class Stray(CorpusError):
    """A link, a pipe or a device is where only files and folders belong."""


class Damaged(CorpusError):
    """Bytes that were once whole are not any more. Nothing is repaired, so that nothing is lost unseen."""
