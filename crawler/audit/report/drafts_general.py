"""What the corpus can say to sections 1 and 2.1 of the EU template."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from crawler.audit.report import origins, sizes
from crawler.audit.report.answer import Answer, Source, Table, Ticks, inapplicable, missing
from crawler.audit.report.facts import Facts
from crawler.audit.report.page import size
from crawler.audit.report.template import MODALITIES, Field
from crawler.audit.wording import count

_ELSEWHERE = ("audio", "video", "other")
_OURS = "This crawl collects text and images alone"


def drafts(facts: Facts, fields: Mapping[str, Field]) -> Iterator[Answer]:
    """Answers, by the name of their field; the operator's own are not looked at, but for modalities."""
    yield _provider(facts, fields["provider"])
    modalities = held(facts)
    yield Answer(field=fields["modalities"], source=Source.DRAFT, value=modalities, notes=(f"{_OURS}.",))
    yield _text_size(facts, fields["text_size"])
    yield _image_size(facts, fields["image_size"])
    for name in _ELSEWHERE:
        yield _elsewhere(facts, fields[f"{name}_size"], name)
    yield _elsewhere(facts, fields["other_types"], *_ELSEWHERE)
    for name in ("text", "image"):
        value = f"From the web: {origins.types(facts, name)}."
        yield Answer(field=fields[f"{name}_types"], source=Source.DRAFT, value=value[:1].upper() + value[1:])
    yield _newest(facts, fields["latest_acquisition"])
    yield languages(facts, fields["languages"])
    words, table = origins.geography(facts)
    yield Answer(field=fields["regions"], source=Source.DRAFT, value=words, table=table)
    yield missing(fields["demographics"], origins.DEMOGRAPHICS)
    yield _counting(facts, fields["size_comments"])
    yield _datasets(facts, fields["public_datasets_used"])


def held(facts: Facts) -> Ticks:
    """The modalities of which something is kept."""
    chosen = {name for name, number in (("text", facts.texts), ("image", facts.images)) if number}
    return Ticks(choices=MODALITIES, chosen=frozenset(chosen))


def _provider(facts: Facts, field: Field) -> Answer:
    about = facts.figures.about
    if about.operator is None:
        return missing(field, f"The corpus names no operator; its contact is {about.contact}.")
    return Answer(
        field=field,
        source=Source.DRAFT,
        value=f"{about.operator}, {about.contact}",
        notes=("This is who ran the crawl. Who provides the model, with its address, is to be confirmed.",),
    )


def _text_size(facts: Facts, field: Field) -> Answer:
    if facts.text_bytes is None:
        return missing(field, f"{count(facts.texts, 'page')} kept; their words were not measured.")
    if not facts.texts:
        return Answer(field=field, source=Source.DRAFT, value="No text was kept by this crawl.")
    estimate = sizes.tokens(facts.text_bytes)
    doubt = sizes.TEXT.doubtful(estimate)
    notes = [
        f"About {estimate:,} tokens: {facts.text_bytes:,} bytes of UTF-8 text ({facts.words:,} words), one "
        f"token taken for every {sizes.BYTES_PER_TOKEN} bytes. No tokenizer was run; by language and "
        "tokenizer the true number differs by up to a factor of two.",
        f"Within that factor the size may also be: {doubt.lower()}."
        if doubt
        else "A factor of two does not lead into another band.",
        *filter(None, [origins.unread(facts)]),
    ]
    return Answer(field=field, source=Source.DRAFT, value=sizes.TEXT.of(estimate), notes=tuple(notes))


def _image_size(facts: Facts, field: Field) -> Answer:
    if not facts.images:
        return Answer(field=field, source=Source.DRAFT, value="No image was kept by this crawl.")
    note = f"{count(facts.images, 'image')}, {size(facts.image_bytes)}."
    return Answer(field=field, source=Source.DRAFT, value=sizes.IMAGES.of(facts.images), notes=(note,))


def _elsewhere(facts: Facts, field: Field, *names: str) -> Answer:
    told = facts.filled.values.get("modalities")
    if isinstance(told, Ticks) and not told.chosen.isdisjoint(names):
        return missing(field, f"{_OURS}: what there is of this is from elsewhere.")
    if told is not None:
        return inapplicable(field, f"{_OURS}, and the operator names no other modality.")
    return Answer(field=field, source=Source.DRAFT, value="None from this crawl.", notes=(f"{_OURS}.",))


def _newest(facts: Facts, field: Field) -> Answer:
    newest = facts.holdings.newest
    if newest is None:
        return inapplicable(field, "Nothing is kept.")
    note = f"The newest item was fetched on {newest:%d/%m/%Y}."
    return Answer(field=field, source=Source.DRAFT, value=f"{newest:%m/%Y}", notes=(note,))


def languages(facts: Facts, field: Field) -> Answer:
    """The languages with their shares; missing where they were not measured."""
    words, table = origins.languages(facts)
    if table is None:
        return missing(field, words)
    return Answer(field=field, source=Source.DRAFT, value=words, table=table)


def _counting(facts: Facts, field: Field) -> Answer:
    text = (
        "Text is counted after extraction from pages and documents, without markup, navigation and what a "
        "page excludes from quotation, as uncompressed UTF-8. Tokens are estimated as bytes / "
        f"{sizes.BYTES_PER_TOKEN}; no tokenizer was run."
        if facts.text_bytes is not None
        else "Text was not measured."
    )
    images = (
        "Images are counted as files, at any resolution; the same file under several addresses counts under "
        "each."
    )
    held = facts.figures.held_back
    back = (
        f" Counted here, too: {count(held, 'URL')} held back because a recheck found them reserved or could "
        "not ask about them."
        if held
        else ""
    )
    return Answer(field=field, source=Source.DRAFT, value=f"{text} {images}{back}")


def _datasets(facts: Facts, field: Field) -> Answer:
    conduct = facts.conduct
    sitemaps = sum(seed.startswith("sitemap:") for seed in conduct.seeds)
    began = (
        f"The crawl began at {count(len(conduct.seeds), 'address')} in {count(len(conduct.crawls), 'run')}, "
        f"{sitemaps:,} of them sitemaps. "
    )
    if conduct.lists is None:
        return missing(
            field,
            f"{began}Whether these came from a list that others published is not on record; if so, that list "
            "is a dataset to be named here.",
        )
    if not conduct.lists:
        return missing(field, f"{began}Each was named by itself: none was read from a list.")
    rows = tuple((file.name, f"{file.count:,}", file.sha256) for file in conduct.lists)
    return missing(
        field,
        f"{began}The lists they were read from are below; one that others published is a dataset to be named "
        "here. Any other address was named by itself.",
        table=Table(columns=("List", "Addresses", "SHA-256"), rows=rows, numeric=frozenset({1})),
    )
