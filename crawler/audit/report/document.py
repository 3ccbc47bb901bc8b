"""A document made of answers: who answers each field, and what is left to be answered."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from crawler.audit.report.answer import Answer, Source, inapplicable, missing
from crawler.audit.report.filled import Filled
from crawler.audit.report.template import Field, Section, fields


@dataclass(frozen=True, kw_only=True, slots=True)
class Group:
    """One field of the document with the answers to its parts."""

    id: str
    """Its number."""
    label: str
    """What the document calls it."""
    answers: tuple[Answer, ...]
    """In order."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Document:
    """Every answer, in order."""

    sections: tuple[Section, ...]
    """The template."""
    answers: Mapping[str, Answer]
    """By name of the field."""

    def groups(self, section: Section) -> Iterator[Group]:
        """The fields of a section, each with its parts."""
        held: list[Answer] = []
        for field in section.fields:
            if held and held[0].field.id != field.id:
                yield _group(held)
                held = []
            held.append(self.answers[field.name])
        if held:
            yield _group(held)

    def all(self) -> Iterator[Answer]:
        """The answers, in order."""
        for field in fields(self.sections):
            yield self.answers[field.name]

    @property
    def open(self) -> tuple[Answer, ...]:
        """What the operator still has to answer, without what waits for the answer to something else."""
        return tuple(one for one in self.all() if one.source is Source.MISSING and not self.waits(one.field))

    @property
    def waiting(self) -> int:
        """How many fields wait for the answer to something else."""
        return sum(one.source is Source.MISSING and self.waits(one.field) for one in self.all())

    @property
    def drafts(self) -> tuple[Answer, ...]:
        """What somebody is to confirm."""
        return tuple(one for one in self.all() if one.source is Source.DRAFT)

    def waits(self, field: Field) -> bool:
        """Whether it is not known yet if a field applies."""
        return bool(field.when) and not any(self.answers[name].value is True for name in field.when)


def compose(sections: Sequence[Section], drafted: Iterable[Answer], filled: Filled) -> Document:
    """The document: the operator's word where there is one, else the corpus's, else that it is missing."""
    known = {answer.field.name: answer for answer in drafted}
    labels = {field.name: field.id for field in fields(tuple(sections))}
    answers = {
        field.name: _answer(field, known.get(field.name), filled, labels) for field in fields(tuple(sections))
    }
    return Document(sections=tuple(sections), answers=answers)


def _answer(field: Field, drafted: Answer | None, filled: Filled, labels: Mapping[str, str]) -> Answer:
    said = filled.answer(field)
    if said is not None:
        return replace(said, notes=_figures(drafted), table=drafted.table if drafted else None)
    if drafted is not None:
        confirmed = drafted.source is Source.DRAFT and field.name in filled.confirmed
        return replace(drafted, source=Source.OPERATOR) if confirmed else drafted
    if field.optional:
        return inapplicable(field, "None given.")
    if field.when:
        told = [filled.yes(name) for name in field.when]
        numbers = " or ".join(labels[name] for name in field.when)
        if not any(told):
            if None in told:
                return missing(field, f"Only if the answer to {numbers} is yes.")
            return inapplicable(field, f"Not applicable: the answer to {numbers} is no.")
    return missing(field)


def _figures(drafted: Answer | None) -> tuple[str, ...]:
    """What the corpus knows beside the operator's words."""
    if drafted is None or drafted.source is Source.NONE:
        return ()
    if isinstance(drafted.value, str):
        return (f"On record for this crawl: {drafted.value}", *drafted.notes)
    return drafted.notes


def _group(answers: Sequence[Answer]) -> Group:
    first = answers[0].field
    return Group(id=first.id, label=first.label, answers=tuple(answers))
