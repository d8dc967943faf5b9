"""The columns of the tidy tables: name, type, what they hold. docs/tables.md has its tables from here."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class TidyColumn:
    """type: iri, text, integer, boolean, dateTime (without zone), or iris, texts for several values in one cell."""

    name: str
    type: str
    text: str


@dataclass(frozen=True)
class TidyTable:
    """name: also that of its file; title by language; columns in their order."""

    name: str
    title: dict[str, str]
    columns: tuple[TidyColumn, ...]


def _labels(name: str, text: str) -> list[TidyColumn]:
    return [
        TidyColumn(f"{name}_en", "text", f"{text}, in English"),
        TidyColumn(f"{name}_ru", "text", f"{text}, in Russian"),
    ]


def _named(what: str) -> list[TidyColumn]:
    return [
        TidyColumn("iri", "iri", f"IRI of the {what}; other tables refer to it"),
        TidyColumn("key", "text", "the IRI without its common beginning, as decisions write it"),
        TidyColumn("class", "text", "class in the ontology, the most special one"),
        *_labels("label", "label"),
    ]


def _reference(name: str, text: str) -> list[TidyColumn]:
    return [TidyColumn(name, "iri", text), *_labels(f"{name}_label", "its label")]


def _time(prefix: str, text: str) -> list[TidyColumn]:
    return [
        TidyColumn(f"{prefix}edtf", "text", f"{text}, in EDTF; all dates, with ` | ` between them, where documents conflict"),
        TidyColumn(f"{prefix}earliest", "dateTime", "the first second that it can be; missing where open"),
        TidyColumn(f"{prefix}latest", "dateTime", "the last second that it can be; missing where open"),
    ]


_TIMES = [*_time("", "time"), *_time("begin_", "begin"), *_time("end_", "end")]
_STATED = [
    TidyColumn("current_in", "iris", "documents that speak of it as current"),
    TidyColumn("contested", "boolean", "whether claims about it conflict"),
    TidyColumn("claims", "integer", "number of claims about it, of whatever modality"),
    TidyColumn("documents", "iris", "documents that these claims stand in"),
    TidyColumn("possibly_same_as", "iris", "facts that may be the same one"),
    TidyColumn("replaces", "iris", "IRIs of facts that were merged into it"),
]

#: The tables by name.
TABLES: Final[dict[str, TidyTable]] = {
    table.name: table
    for table in (
        TidyTable("entities", {"en": "Entities", "ru": "Сущности"}, (
            *_named("entity"),
            TidyColumn("alt_labels_en", "texts", "other names in English"),
            TidyColumn("alt_labels_ru", "texts", "other names in Russian"),
            TidyColumn("alt_labels_other", "texts", "other names in other languages, with `@` and the language, or in none"),
            TidyColumn("hidden_labels", "texts", "forms that it is found by"),
            *_labels("definition", "definition"),
            TidyColumn("broader", "iris", "topics above a topic"),
            TidyColumn("exact_match", "iris", "the same thing elsewhere"),
            TidyColumn("territory_of", "iris", "states that a place is the territory of"),
            TidyColumn("drawn_from", "iris", "actors that a group is drawn from"),
            TidyColumn("possibly_same_as", "iris", "entities that may be the same one"),
            TidyColumn("facts", "integer", "number of facts that it has a role in"),
        )),
        TidyTable("events", {"en": "Events", "ru": "События"}, (
            *_named("event"),
            TidyColumn("status", "text", "Occurred, Planned, Proposed, Requested, Offered, Possible, Denied; from its claims"),
            *_TIMES,
            TidyColumn("places", "iris", "where it took or takes place"),
            TidyColumn("place_labels_en", "texts", "their labels in English, in the same order"),
            TidyColumn("place_labels_ru", "texts", "their labels in Russian, in the same order"),
            *_STATED,
        )),
        TidyTable("relations", {"en": "Relations", "ru": "Отношения"}, (*_named("relation"), *_TIMES, *_STATED)),
        TidyTable("memberships", {"en": "Memberships", "ru": "Членство и участие"}, (
            *_named("membership, a relation"),
            TidyColumn("kind", "text", "role of the member: fullMember, partner, observer …"),
            *_reference("member", "who belongs"),
            *_reference("organization", "to what"),
            *_TIMES,
            TidyColumn("initiated_by", "iris", "events that it begins with"),
            TidyColumn("terminated_by", "iris", "events that it ends with"),
            *_STATED,
        )),
        TidyTable("roles", {"en": "Roles", "ru": "Роли"}, (
            TidyColumn("fact", "iri", "event or relation"),
            TidyColumn("fact_kind", "text", "event or relation"),
            TidyColumn("fact_class", "text", "its class"),
            *_labels("fact_label", "its label"),
            TidyColumn("role", "text", "property in the ontology: visitor, host, place, topic, characterizesAs …"),
            TidyColumn("value", "text", "IRI, or the text where value_kind is text"),
            TidyColumn("value_kind", "text", "entity, event, relation, document, concept (a code), text, or other"),
            TidyColumn("value_class", "text", "class of the value"),
            *_labels("value_label", "label of the value"),
            TidyColumn("language", "text", "language of a text"),
            TidyColumn("stated_by", "iris", "claims that state this value"),
            TidyColumn("documents", "iris", "documents that these claims stand in"),
        )),
        TidyTable("claims", {"en": "Claims", "ru": "Утверждения"}, (
            TidyColumn("iri", "iri", "IRI of the claim"),
            TidyColumn("key", "text", "the IRI without its common beginning"),
            TidyColumn("fact", "iri", "event or relation that it is about"),
            TidyColumn("fact_kind", "text", "event or relation"),
            TidyColumn("fact_class", "text", "class of the fact"),
            *_labels("fact_label", "label of the fact"),
            TidyColumn("modality", "text", "Asserted, Planned, Proposed, Requested, Offered, Possible or Denied"),
            *_reference("attributed_to", "who answers for it: a speaker, or the voice of the document"),
            TidyColumn("conveyed_by", "iri", "speech act that it is reported in"),
            TidyColumn("document", "iri", "document that it stands in"),
            *_labels("document_title", "title of the document"),
            TidyColumn("document_issued", "text", "date that the document gives for itself, in EDTF"),
            TidyColumn("evidence", "iri", "the passage"),
            *_reference("section", "section of the document"),
            TidyColumn("line", "integer", "line of the document that the passage begins in, from 1"),
            TidyColumn("char_start", "integer", "first character of the passage: Unicode code points of the document, from 0"),
            TidyColumn("char_end", "integer", "the character behind the last one"),
            TidyColumn("quote_sha256", "text", "SHA-256 of the passage as UTF-8, white space folded to single blanks"),
            TidyColumn("quote", "text", "the passage, white space folded to single blanks; missing where no text is at hand"),
            TidyColumn("context", "iris", "further passages that it rests on"),
            TidyColumn("quote_context", "texts", "these passages, in the same order; missing where a text is not at hand"),
            TidyColumn("says", "texts", "what it says of the fact: `role=value`, with IRIs, EDTF, texts with `@language`"),
            *_time("", "time that it gives"),
            *_time("begin_", "begin that it gives"),
            *_time("end_", "end that it gives"),
            *_labels("gloss", "the claim in words"),
            TidyColumn("conflicts_with", "iris", "claims that cannot be right if it is"),
        )),
        TidyTable("documents", {"en": "Documents", "ru": "Источники"}, (
            TidyColumn("document", "iri", "IRI of the document; other tables refer to it"),
            TidyColumn("key", "text", "the IRI without its common beginning"),
            *_labels("title", "title"),
            TidyColumn("kind", "text", "genre: web-page, open-appeal, press-kit-module …"),
            TidyColumn("language", "text", "language of the text (BCP 47)"),
            *_reference("voice", "who answers for what it says in its own name: its named author, or a voice of its own"),
            *_reference("publisher", "the actor that its text names as its publisher"),
            *_time("issued_", "date that it gives for itself"),
            TidyColumn("file_name", "text", "name of the file that was registered"),
            TidyColumn("sha256", "text", "SHA-256 of the bytes of that file, by which the document is recognised"),
            TidyColumn("length", "integer", "length of the text in Unicode code points"),
            TidyColumn("claims", "integer", "number of claims that stand in it, of whatever modality"),
        )),
    )
}  # fmt: skip


def as_markdown() -> Iterator[str]:
    """The sections of docs/tables.md that describe the tables, line by line."""
    for table in TABLES.values():
        yield from (f"### {table.name}", "", "| column | type | |", "|---|---|---|")
        yield from (
            f"| `{column.name}` | {column.type} | {column.text.replace('|', chr(92) + '|')} |" for column in table.columns
        )
        yield ""
