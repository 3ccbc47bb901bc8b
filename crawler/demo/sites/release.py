"""A press release that two papers print almost alike: near-duplicates, as every corpus has them."""

from __future__ import annotations

from typing import NamedTuple


class Release(NamedTuple):
    """What the company sent out."""

    title: str
    """Its heading."""
    words: str
    """Its text."""

    def words_for(self, opening: str) -> str:
        """The text as a paper prints it, under a line of its own."""
        return f"{opening}\n\n{self.words}"


RELEASE = Release(
    "Norrhavn Ferries orders two electric ships",
    """
Norrhavn Ferries has ordered two electric ferries for the crossing between the city and the islands. The ships
will carry 380 passengers and 64 cars each, charge for nine minutes at either end, and enter service in the
summer of 2028.

"We cross this water ninety times a day," said managing director Signe Lund. "From 2028 we shall do it without
being heard." The order is worth 61 million and includes an option on a third vessel.

The hulls will be built in Gdynia and fitted out in the company's own yard, where eighty new places for
apprentices are planned. The charging towers draw on the harbour's wind turbines and on a battery the size of
four containers, which was tested through last winter without a single missed departure.

Norrhavn Ferries was founded in 1902, runs eleven ships and carried 5.1 million passengers last year.
""",
)
