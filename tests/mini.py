"""A small project with texts written for the tests: a valley union, its council, and two short documents."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from relgraph.spans import line_starts, quote_hash

REPORT = """Report on the Valley Union

1990 3 May: Opening of the Union Council in Alba.
5 June: Minister Ada Stone visits Alba.
The Council will meet in Brin in autumn 1991.
"""
NOTE = """Записка о Союзе долины

4 мая 1990 года в городе Альба открылся Совет союза.
"""
TEXTS = {"901": ("report.txt", REPORT, "en"), "902": ("note.txt", NOTE, "ru")}

ENTITIES = """@base <https://w3id.org/relgraph/id/> .
@prefix rg: <https://w3id.org/relgraph/ns#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .

<org/valley-union> a rg:InternationalOrganization ; skos:prefLabel "Valley Union"@en , "Союз долины"@ru .
<body/union-council> a rg:Body ; skos:prefLabel "Union Council"@en , "Совет союза"@ru .
<person/ada-stone> a rg:Person ; skos:prefLabel "Ada Stone"@en , "Ада Стоун"@ru .
<position/union-minister> a rg:Position ; skos:prefLabel "Minister"@en , "Министр"@ru .
<place/alba> a rg:Place ; skos:prefLabel "Alba"@en , "Альба"@ru .
<place/brin> a rg:Place ; skos:prefLabel "Brin"@en , "Брин"@ru .
<voice/901> a rg:Voice ; skos:prefLabel "author of the report"@en , "автор доклада"@ru .
<voice/902> a rg:Voice ; skos:prefLabel "author of the note"@en , "автор записки"@ru .
"""


def span(document: str, quote: str) -> list[int | str]:
    """The span row of a quote that occurs in a document of the project."""
    text = TEXTS[document][1]
    start = text.index(quote)
    return [start, start + len(quote), quote_hash(quote)]


def claim(about: str, type_: str, says: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A claim asserted by the voice of the report on the span "b"."""
    row = {"about": about, "type": type_, "modality": "Asserted", "by": "voice/901", "evidence": "b", "says": says}
    return row | more


def accept(number: str, quote: str, *claims: dict[str, Any], document: str = "901") -> dict[str, Any]:
    """An accepted decision on one quote, with the span "b"."""
    return {
        "id": f"{document}-{number}",
        "decision": "accept",
        "spans": {"b": span(document, quote)},
        "claims": list(claims),
    }


OPENING = "Opening of the Union Council in Alba."
VISIT = "Minister Ada Stone visits Alba."
MEETING = "The Council will meet in Brin in autumn 1991."
OPENED = "4 мая 1990 года в городе Альба открылся Совет союза."
FOUNDATION = {"founds": "body/union-council", "place": "place/alba"}


def decisions() -> dict[str, list[dict[str, Any]]]:
    """The decisions of the project by document: a contested foundation, a visit with its office, a planned meeting."""
    visit = {"visitor": "person/ada-stone", "place": "place/alba", "time": "1990-06-05"}
    office = {"holder": "person/ada-stone", "position": "position/union-minister", "attestedIn": "event/visit-stone"}
    meeting = {"meetingOf": "body/union-council", "place": "place/brin", "time": "1991-23"}
    return {
        "901": [
            accept("0001", OPENING, claim("event/foundation-council", "Foundation", FOUNDATION | {"time": "1990-05-03"})),
            accept("0002", VISIT, claim("event/visit-stone", "Visit", visit), claim("office/stone", "OfficeHolding", office)),
            accept("0003", MEETING, claim("event/meeting-brin", "Meeting", meeting, modality="Planned")),
        ],
        "902": [
            accept(
                "0001",
                OPENED,
                claim("event/foundation-council", "Foundation", FOUNDATION | {"time": "1990-05-04"}, by="voice/902"),
                document="902",
            )
        ],
    }


@dataclass
class Mini:
    """Writes the project into a folder; its parts may be changed before."""

    root: Path
    rows: dict[str, list[dict[str, Any]]] = field(default_factory=decisions)
    entities: str = ENTITIES

    @property
    def texts(self) -> Path:
        return self.root / "texts"

    def write(self) -> Path:
        (self.root / "data" / "entities").mkdir(parents=True, exist_ok=True)
        (self.root / "data" / "statements").mkdir(exist_ok=True)
        self.texts.mkdir(exist_ok=True)
        for name, text, _ in TEXTS.values():
            (self.texts / name).write_text(text, "utf-8")
        (self.root / "data" / "documents.ttl").write_text(register(), "utf-8")
        (self.root / "data" / "entities" / "all.ttl").write_text(self.entities, "utf-8")
        for document, rows in self.rows.items():
            self.statements(document).write_text("".join(line(row) + "\n" for row in rows), "utf-8")
        return self.root

    def statements(self, document: str = "901") -> Path:
        return self.root / "data" / "statements" / f"{document}.jsonl"


def line(row: dict[str, Any]) -> str:
    """A decision as a canonical line."""
    return json.dumps(row, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def register() -> str:
    """The register of the two documents."""
    blocks = [
        "@base <https://w3id.org/relgraph/id/> .",
        "@prefix rg: <https://w3id.org/relgraph/ns#> .",
        "@prefix skos: <http://www.w3.org/2004/02/skos/core#> .",
    ]
    for key, (name, text, language) in TEXTS.items():
        blocks.append(
            f"""<document/{key}> a rg:Document ; skos:prefLabel "Document {key}"@en , "Источник {key}"@ru ;
    rg:documentKind <https://w3id.org/relgraph/ns/document#web-page> ; rg:language "{language}" ;
    rg:voice <voice/{key}> ; rg:fileName "{name}" ; rg:sha256 "{hashlib.sha256(text.encode()).hexdigest()}" ;
    rg:textLength {len(text)} ; rg:lineStarts "{" ".join(map(str, line_starts(text)))}" .
<document/{key}/section/body> a rg:Section ; rg:document <document/{key}> ; rg:charStart 0 ; rg:charEnd {len(text)} ;
    skos:prefLabel "Body"@en , "Текст"@ru ."""
        )
    return "\n".join(blocks) + "\n"
