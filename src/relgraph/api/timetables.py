"""Timelines as tables of Arrow: a row for each fact, with lists of its footnotes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from relgraph.api.dates import DateRange
from relgraph.api.sources import Source, Transition, footnotes
from relgraph.exports.cells import BETWEEN
from relgraph.parquet import pyarrow_or_remedy
from relgraph.vocabulary import RG

if TYPE_CHECKING:
    import pyarrow  # has no types

    from relgraph.api.facts import Fact
    from relgraph.api.timelines import Timeline

_TIMES: Final = {"": "dates", "begin_": "begins", "end_": "ends"}
#: The columns with the names of their types.
_COLUMNS: Final = {
    "fact": "iri", "label_en": "text", "label_ru": "text", "class": "text", "class_label": "text", "roles": "texts",
    "status": "text", "status_label": "text", "contested": "truth", "certain": "truth",
    **{prefix + name: kind for prefix in _TIMES for name, kind in (("edtf", "text"), ("earliest", "time"), ("latest", "time"))},
    "claims": "iris", "modalities": "texts", "attributed_to": "texts", "documents": "iris", "passages": "iris",
    "footnotes": "texts", "claim_dates": "texts",
    "date_bounds": "texts", "date_edtf": "texts", "date_events": "iris", "date_event_labels": "texts", "date_claims": "iris",
    "date_passages": "iris", "date_footnotes": "texts",
}  # fmt: skip


def arrow(timeline: Timeline, undated: bool) -> pyarrow.Table:
    """The facts of a timeline; see Timeline.to_arrow."""
    library = pyarrow_or_remedy()
    text = library.string()
    types = {
        "iri": text, "text": text, "iris": library.list_(text), "texts": library.list_(text),
        "truth": library.bool_(), "time": library.timestamp("us"),
    }  # fmt: skip
    kinds = {"iri": {"kind": "iri"}, "iris": {"kind": "iri"}}
    fields = [library.field(name, types[kind], metadata=kinds.get(kind)) for name, kind in _COLUMNS.items()]
    facts = [*timeline, *(timeline.undated if undated else ())]
    return library.Table.from_pylist([_row(fact, timeline.is_certain(fact)) for fact in facts], schema=library.schema(fields))


def _row(fact: Fact, is_certain: bool) -> dict[str, Any]:
    times = [_times(prefix, getattr(fact, name)) for prefix, name in _TIMES.items()]
    return {
        "fact": fact.resource.iri,
        "label_en": fact.labels.get("en"),
        "label_ru": fact.labels.get("ru"),
        "class": fact.kind.iri.removeprefix(RG),
        "class_label": fact.kind.label,
        "roles": [role.iri.removeprefix(RG) for role in fact.roles],
        "status": fact.status,
        "status_label": fact.status_label,
        "contested": fact.contested,
        "certain": is_certain,
        **dict(pair for each in times for pair in each),
        **_footnotes(fact.sources),
        **_derived(fact.transitions),
    }


def _times(prefix: str, dates: Sequence[DateRange]) -> Iterator[tuple[str, str | datetime | None]]:
    """Dates as EDTF, and the bounds around all of them: none where one of them is open."""
    yield f"{prefix}edtf", BETWEEN.join(sorted(each.edtf for each in dates)) or None
    yield f"{prefix}earliest", _bound(min, [each.earliest for each in dates])
    yield f"{prefix}latest", _bound(max, [each.latest for each in dates])


def _bound(choose: Any, bounds: Iterable[datetime | None]) -> datetime | None:
    known = list(bounds)
    found: datetime | None = choose(known) if known and None not in known else None
    return found


def _footnotes(sources: Sequence[Source]) -> dict[str, list[str]]:
    return {
        "claims": [source.claim.iri for source in sources],
        "modalities": [source.modality for source in sources],
        "attributed_to": [BETWEEN.join(each.iri for each in source.attributed_to) for source in sources],
        "documents": [source.document.iri for source in sources],
        "passages": [source.passage.iri for source in sources],
        "footnotes": [str(source) for source in sources],
        "claim_dates": [BETWEEN.join(sorted(each.edtf for each in source.dates)) for source in sources],
    }


def _derived(transitions: Sequence[Transition]) -> dict[str, list[str]]:
    """The dates that follow from events, with the claims that give them."""
    pairs = list(footnotes(transitions))
    return {
        "date_bounds": [each.bound for each, _ in pairs],
        "date_edtf": [each.date.edtf for each, _ in pairs],
        "date_events": [each.event.iri for each, _ in pairs],
        "date_event_labels": [each.event.label for each, _ in pairs],
        "date_claims": [source.claim.iri for _, source in pairs],
        "date_passages": [source.passage.iri for _, source in pairs],
        "date_footnotes": [str(source) for _, source in pairs],
    }
