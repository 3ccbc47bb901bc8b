"""What auditors ask, and which file of an evidence pack answers it; and what no crawler can answer."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Question:
    """One thing that a standard or a law asks for."""

    source: str
    """Where it is asked: clause, article or measure."""
    asked: str
    """What is asked, in our words."""
    files: tuple[str, ...]
    """The files or folders of the pack that answer it."""


QUESTIONS = (
    Question(
        source="ISO/IEC 42001, A.7.2",
        asked="How is data for AI systems managed, and is the process followed?",
        files=("policy/", "runs.csv", "manifest/"),
    ),
    Question(
        source="ISO/IEC 42001, A.7.3",
        asked="How was the data acquired: from where, when, by what means, with what rights?",
        files=("decisions.csv", "runs.csv", "signals.csv"),
    ),
    Question(
        source="ISO/IEC 42001, A.7.4",
        asked="What was left out, and was it left out by the rules?",
        files=("decisions.csv", "figures.json", "report/"),
    ),
    Question(
        source="ISO/IEC 42001, A.7.5",
        asked="Where does each item come from, and can that be proven?",
        files=("decisions.csv", "checkpoints/", "removals.csv"),
    ),
    Question(
        source="ISO/IEC 42001, A.7.6",
        asked="What was done to the data after collection?",
        files=("rechecks.csv", "withdrawals.csv", "removals.csv", "erasures.csv"),
    ),
    Question(
        source="AI Act, Article 53(1)(c)",
        asked="Is there a policy to identify and comply with reservations of rights?",
        files=("policy/", "signals.csv", "decisions.csv"),
    ),
    Question(
        source="AI Act, Article 53(1)(d)",
        asked="What does the public summary of training content rest on?",
        files=("eu-summary/", "figures.json", "decisions.csv"),
    ),
    Question(
        source="Code of Practice, copyright, 1.2 and 1.3",
        asked="Were paywalls and refusals respected, robots.txt and other protocols kept to?",
        files=("decisions.csv", "signals.csv", "policy/signals.csv"),
    ),
    Question(
        source="Code of Practice, copyright, 1.5",
        asked="Are complaints of rightsholders received and acted on?",
        files=("withdrawals.csv", "removals.csv"),
    ),
)
"""The questions, with the clauses that ask them: ISO/IEC 42001:2023 Annex A.7; Regulation (EU) 2024/1689; the
General-Purpose AI Code of Practice of July 2025."""

NEEDS = (
    "that the operator fetched nothing past this program. A site’s own logs can be compared with decisions.csv",
    "that times are right, unless a time-stamp of somebody else is among the checkpoints",
    "that no other history was shown to somebody else under the same key. Compare checkpoints",
    "that what nobody reserved was consented to. Unreserved means: these signals, at these places, at that "
    "moment, nothing against these purposes",
    "what became of the data after it left the corpus: who trained what with it is not on record here",
    "quality, bias and fitness for a purpose, which nobody measured here",
)
"""What a pack does not prove."""
