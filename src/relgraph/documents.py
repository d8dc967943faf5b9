"""The register of documents, and the folder with their texts.

A document is recognised by the SHA-256 of its bytes; offsets count the Unicode code points of its UTF-8 text.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from pyoxigraph import Literal, NamedNode, Triple

from relgraph import edtf, rdf
from relgraph.errors import DateError, Problem, UsageError
from relgraph.spans import Span, line_number, line_starts, quote_hash
from relgraph.vocabulary import ID, PREF_LABEL, RG, SCHEMES, SKOS, A, rg

#: What the register may say, with the name under which it is looked up.
_ALLOWED = {
    A: "type",
    PREF_LABEL: "prefLabel",
    **{
        rg(name): name
        for name in (
            "documentKind", "language", "voice", "publisher", "issued", "fileName", "sha256", "textLength", "lineStarts",
            "document", "charStart", "charEnd",
        )
    },
}  # fmt: skip


@dataclass(frozen=True, order=True)
class Section:
    """A part of a document: key of its resource, offsets in code points, labels by language."""

    start: int
    end: int
    key: str
    labels: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Document:
    """A registered document; length in code points, line_starts as offsets, voice and publisher as keys of agents."""

    id: str
    sha256: str
    length: int
    line_starts: tuple[int, ...]
    sections: tuple[Section, ...]
    voice: str
    publisher: str | None
    file_name: str
    title: str
    language: str

    def line(self, offset: int) -> int:
        """The number, from 1, of the line that an offset lies in."""
        return line_number(offset, self.line_starts)

    def section(self, offset: int) -> Section | None:
        """The section that an offset lies in, the smallest one if they nest."""
        around = [s for s in self.sections if s.start <= offset < s.end]
        return min(around, key=lambda s: s.end - s.start, default=None)


@dataclass(frozen=True)
class Register:
    """Documents by id, and the triples of the register file."""

    documents: Mapping[str, Document]
    triples: tuple[Triple, ...]

    def find(self, name: str) -> Document:
        """The document with an id, file name or SHA-256 (or its first eight digits or more). Raises UsageError."""
        for document in self.documents.values():
            if name in (document.id, document.file_name) or (len(name) >= 8 and document.sha256.startswith(name)):
                return document
        raise UsageError(f"no document {name!r} is registered; there are {', '.join(self.documents)}")


def load_register(path: Path, problems: list[Problem]) -> Register:
    """Reads the register (Turtle); what is missing or wrong in it adds problems."""
    triples = tuple(rdf.read_turtle(path, problems))
    values: dict[tuple[str, str], list[NamedNode | Literal]] = {}
    for triple in triples:
        fault = _fault(triple)
        if fault:
            name = str(getattr(triple.subject, "value", "")).rsplit("/", 1)[-1]
            remedy = "The register describes documents and sections; what they say is a decision with its passage"
            problems.append(Problem(f"{path}:{rdf.line_of(path, name)}", fault, remedy))
        elif isinstance(triple.subject, NamedNode) and isinstance(triple.object, NamedNode | Literal):
            values.setdefault((triple.subject.value, _ALLOWED[triple.predicate]), []).append(triple.object)
    sections: dict[str, list[Section]] = {}
    for (iri, name), terms in values.items():
        if name == "type" and rg("Section") in terms:
            section = _section(path, iri, values, problems)
            if section:
                sections.setdefault(section[0], []).append(section[1])
    documents = {}
    for (iri, name), terms in values.items():
        if name == "type" and rg("Document") in terms:
            document = _document(path, iri, values, tuple(sorted(sections.get(iri, ()))), problems)
            if document:
                documents[document.id] = document
    return Register(dict(sorted(documents.items())), triples)


def check_agents(path: Path, register: Register, agents: Collection[str], problems: list[Problem]) -> None:
    """Sees to it that the voice and the publisher of every document are among the agents of the project (keys)."""
    for document in register.documents.values():
        for key in (document.voice, document.publisher):
            if key is not None and key not in agents:
                where = f"{path}:{rdf.line_of(path, document.id)}"
                what = f"document {document.id} names {key}, which is no known agent"
                problems.append(Problem(where, what, "Describe it in data/entities, or correct the name"))


def read_folder(folder: Path, register: Register, problems: list[Problem]) -> dict[str, str]:
    """The texts of the registered documents found in a folder, by id.

    A file that is unknown or changed, and a registered document that is not there, adds a problem.
    """
    if not folder.is_dir():
        problems.append(Problem(str(folder), "is not a folder", "Name the folder that holds the source documents"))
        return {}
    texts: dict[str, str] = {}
    by_hash = {document.sha256: document for document in register.documents.values()}
    names = {document.file_name: document for document in register.documents.values()}
    files = sorted(p for p in folder.iterdir() if p.is_file() and not p.name.startswith("."))
    for path in files:
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        if digest in by_hash:
            document = by_hash[digest]
            text = rdf.read_text(path, problems)
            if text is not None:
                texts[document.id] = text
                problems += _layout_problems(path, document, text)
        elif path.name in names:
            known = names[path.name]
            problems.append(
                Problem(
                    str(path),
                    f"has changed: its SHA-256 is {digest[:12]}…, document {known.id} was registered with {known.sha256[:12]}…",
                    "Put the registered file back, or register the new text as a document of its own",
                )
            )
        else:
            problems.append(
                Problem(
                    str(path),
                    f"is not registered (SHA-256 {digest[:12]}…)",
                    "Register it with `relgraph documents register`, or take it out of the folder",
                )
            )
    present = {path.name for path in files}
    for document in register.documents.values():
        if document.id not in texts and document.file_name not in present:
            problems.append(
                Problem(
                    str(folder),
                    f"has no file with the SHA-256 of document {document.id} ({document.file_name})",
                    "Put the file there, or run without --documents",
                )
            )
    return texts


def _layout_problems(path: Path, document: Document, text: str) -> list[Problem]:
    """What the register says of the layout of a document and its text does not bear out."""
    wrong = [
        name
        for name, registered, true in (
            ("rg:textLength", document.length, len(text)),
            ("rg:lineStarts", document.line_starts, line_starts(text)),
        )
        if registered != true
    ]
    if not wrong:
        return []
    what = f"does not have the {' and '.join(wrong)} that document {document.id} is registered with"
    return [Problem(str(path), what, "Copy them from what `relgraph documents register` prints")]


def check_span(span: Span, document: Document, text: str | None) -> str | None:
    """What is wrong with a span, or None: its offsets, and, when the text is at hand, the hash of its quote."""
    if not 0 <= span.start < span.end:
        return f"the offsets {span.start}-{span.end} are not a run of characters"
    if span.end > document.length:
        return f"the offset {span.end} lies outside document {document.id}, which has {document.length} code points"
    if text is not None and quote_hash(text[span.start : span.end]) != span.quote_sha256:
        found = quote_hash(text[span.start : span.end])
        return f"the hash of {span.place} does not fit: the text there has {found}"
    return None


def locate(document: Document, text: str, passage: str) -> list[Span]:
    """Every place of a passage in a text, with white space of any length matching white space of any length."""
    wanted = passage.split()
    if not wanted:
        raise UsageError("the passage to locate is empty; give the words as they stand in the document")
    found = []
    folded, offsets = _fold(text)
    needle = " ".join(wanted)
    at = folded.find(needle)
    while at >= 0:
        start, end = offsets[at], offsets[at + len(needle) - 1] + 1
        found.append(Span(document.id, start, end, quote_hash(text[start:end])))
        at = folded.find(needle, at + 1)
    return found


def registration(path: Path, document_id: str) -> str:
    """The Turtle block that registers a file: hash, length and line starts are read off it, the rest is to be filled in.

    Raises UsageError when the file is not UTF-8, and for an id that cannot be one.
    """
    if not _ID.fullmatch(document_id):
        raise UsageError(f"{document_id!r} cannot be the id of a document: use Latin letters and digits only, such as 005")
    content = path.read_bytes()
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise UsageError(f"{path} is not UTF-8 (byte {error.start}); save it as UTF-8 and register that") from error
    iri, voice = f"{ID}document/{document_id}", f"{ID}voice/{document_id}"
    starts = " ".join(map(str, line_starts(text)))
    return f"""@prefix rg: <{RG}> .
@prefix skos: <{SKOS}> .

# Fill in what is marked …; kinds are the notations of <{SCHEMES}document>. Then describe the voice in data/entities:
# <{voice}> a rg:Voice ; skos:prefLabel "the author of …"@en , "автор …"@ru .
<{iri}> a rg:Document ;
    skos:prefLabel "…"@en , "…"@ru ;
    rg:documentKind <{SCHEMES}document#…> ;
    rg:language "…" ;  # en or ru
    rg:voice <{voice}> ;  # or the agent that the text names as its author
    # rg:issued <{ID}time/…> ;  # the date that the text gives for itself, in EDTF
    rg:fileName {json.dumps(path.name, ensure_ascii=False)} ;
    rg:sha256 "{hashlib.sha256(content).hexdigest()}" ;
    rg:textLength {len(text)} ;
    rg:lineStarts "{starts}" .
# Sections are for places such as "005, Preamble, line 7"; offsets are those of `relgraph documents locate`.
# <{iri}/section/…> a rg:Section ; rg:document <{iri}> ; rg:charStart 0 ; rg:charEnd {len(text)} ;
#     skos:prefLabel "…"@en , "…"@ru ."""


def _fold(text: str) -> tuple[str, list[int]]:
    """The text with runs of white space folded to one blank, and for each folded character its raw offset."""
    characters: list[str] = []
    offsets: list[int] = []
    for offset, character in enumerate(text):
        if not character.isspace():
            characters.append(character)
            offsets.append(offset)
        elif characters and characters[-1] != " ":
            characters.append(" ")
            offsets.append(offset)
    return "".join(characters), offsets


_ID = re.compile(r"[0-9A-Za-z]+", re.ASCII)
_RESOURCE = re.compile(re.escape(ID) + r"document/[0-9A-Za-z]+(/section/[a-z0-9-]+)?", re.ASCII)


def _fault(triple: Triple) -> str | None:
    """Why a triple does not belong into the register, or None."""
    if not isinstance(triple.subject, NamedNode) or not _RESOURCE.fullmatch(triple.subject.value):
        return f"{triple.subject} is no document or section of one"
    if triple.predicate not in _ALLOWED:
        return f"{triple.predicate} does not belong into the register"
    if not isinstance(triple.object, NamedNode | Literal):
        return f"{triple.predicate} leads to a blank node"
    return None


_Values = Mapping[tuple[str, str], list[NamedNode | Literal]]


def _text(iri: str, name: str, values: _Values) -> str:
    return values.get((iri, name), [Literal("")])[0].value


def _labels(iri: str, values: _Values) -> tuple[tuple[str, str], ...]:
    name = PREF_LABEL.value.rsplit("#", 1)[-1]
    return tuple(sorted((t.language, t.value) for t in values.get((iri, name), ()) if isinstance(t, Literal) and t.language))


def _section(path: Path, iri: str, values: _Values, problems: list[Problem]) -> tuple[str, Section] | None:
    try:
        start, end = int(_text(iri, "charStart", values)), int(_text(iri, "charEnd", values))
    except ValueError:
        where = f"{path}:{rdf.line_of(path, iri.rsplit('/', 1)[-1])}"
        problems.append(Problem(where, f"section {iri} has no offsets", "Give it rg:charStart and rg:charEnd"))
        return None
    return _text(iri, "document", values), Section(start, end, iri.removeprefix(ID), _labels(iri, values))


def _document(path: Path, iri: str, values: _Values, sections: tuple[Section, ...], problems: list[Problem]) -> Document | None:
    document_id = iri.removeprefix(ID + "document/")
    where = f"{path}:{rdf.line_of(path, document_id)}"
    needed = ("sha256", "textLength", "lineStarts", "voice", "language", "fileName", "prefLabel")
    missing = [name for name in needed if not values.get((iri, name)) or "…" in _text(iri, name, values)]
    if missing:
        names = ", ".join(missing)
        problems.append(Problem(where, f"document {document_id} lacks {names}", "Print them with `relgraph documents register`"))
        return None
    try:
        length = int(_text(iri, "textLength", values))
        starts = tuple(int(offset) for offset in _text(iri, "lineStarts", values).split())
    except ValueError as error:
        problems.append(Problem(where, f"document {document_id}: {error}", "Write offsets as whole numbers"))
        return None
    ascending = starts[:1] == (0,) and all(a < b for a, b in pairwise((*starts, length + 1)))
    edges = all(0 <= section.start < section.end <= length for section in sections)
    if not ascending or not edges:
        fault = "its line starts do not ascend from 0 to its length" if not ascending else "a section lies outside it"
        problems.append(Problem(where, f"document {document_id}: {fault}", "Print them with `relgraph documents register`"))
        return None
    for issued in values.get((iri, "issued"), ()):
        try:
            edtf.parse(issued.value.removeprefix(ID + "time/").replace("_", "/"))
        except DateError as error:
            problems.append(Problem(where, f"document {document_id}: {error}", "Write rg:issued <time/EDTF>"))
            return None
    return Document(
        id=document_id,
        sha256=_text(iri, "sha256", values),
        length=length,
        line_starts=starts,
        sections=sections,
        voice=_text(iri, "voice", values).removeprefix(ID),
        publisher=_text(iri, "publisher", values).removeprefix(ID) or None,
        file_name=_text(iri, "fileName", values),
        title=dict(_labels(iri, values)).get("en", document_id),
        language=_text(iri, "language", values),
    )
