"""The committed statements against the real source documents, where these are at hand (in CI they must be)."""

from __future__ import annotations

from pathlib import Path

from pyoxigraph import Literal

from relgraph import build, coverage, decisions, documents, rdf
from relgraph.decisions import Identity
from relgraph.errors import Problem
from relgraph.project import Project
from relgraph.spans import quote_hash
from relgraph.vocabulary import ALT_LABEL, HIDDEN_LABEL, ID, PREF_LABEL


def test_every_committed_span_is_reread_and_its_hash_confirmed(project: Project, documents_folder: Path) -> None:
    problems: list[Problem] = []
    register = documents.load_register(project.documents, problems)
    texts = documents.read_folder(documents_folder, register, problems)
    assert problems == []
    checked = 0
    for decision in decisions.load(project.statements, problems):
        if isinstance(decision.row, Identity):
            continue
        for start, end, digest in decision.row.spans.values():
            assert quote_hash(texts[decision.document][start:end]) == digest, (decision.where, start, end)
            assert texts[decision.document][start:end].strip() == texts[decision.document][start:end]
            checked += 1
    assert checked > 0


def test_a_build_with_the_documents_confirms_every_span(project: Project, documents_folder: Path) -> None:
    confirmed = build.assemble(project, documents_folder, lambda stage: None)
    assert confirmed.confirmed_spans == confirmed.counts["spans of decisions"] > 0


def test_registered_lengths_and_lines_are_those_of_the_texts(project: Project, documents_folder: Path) -> None:
    register = documents.load_register(project.documents, [])
    texts = documents.read_folder(documents_folder, register, [])
    assert set(texts) == set(register.documents)
    for document in register.documents.values():
        text = texts[document.id]
        assert document.length == len(text)
        assert [text[start - 1] for start in document.line_starts[1:]] == ["\n"] * text.count("\n")
        inner = {s for s in document.sections for o in document.sections if s != o and o.start <= s.start and s.end <= o.end}
        outer = [section for section in document.sections if section not in inner]
        edges = [0, *(edge for section in outer for edge in (section.start, section.end)), document.length]
        assert edges[::2] == edges[1::2], "sections lie side by side and cover the document"


def test_a_passage_is_at_most_a_sentence(project: Project, documents_folder: Path) -> None:
    register = documents.load_register(project.documents, [])
    texts = documents.read_folder(documents_folder, register, [])
    for decision in decisions.load(project.statements, []):
        for claim in getattr(decision.row, "claims", ()):
            start, end, _ = decision.row.spans[claim.evidence]  # type: ignore[union-attr]  # only these have claims
            passage = " ".join(texts[decision.document][start:end].split())
            assert ". " not in passage, (decision.row.id, passage)


def test_what_a_claim_names_occurs_under_one_of_its_labels(project: Project, documents_folder: Path) -> None:
    """Which characters say so? The evidence or the context of a claim holds a label or alias of every entity it names."""
    texts = documents.read_folder(documents_folder, documents.load_register(project.documents, []), [])
    labels: dict[str, set[str]] = {}
    for path in project.entities.glob("*.ttl"):
        for triple in rdf.read_turtle(path, []):
            if triple.predicate in (PREF_LABEL, ALT_LABEL, HIDDEN_LABEL) and isinstance(triple.object, Literal):
                labels.setdefault(str(triple.subject)[1:-1].removeprefix(ID), set()).add(folded(triple.object.value))
    missing = []
    for decision in decisions.load(project.statements, []):
        for claim in getattr(decision.row, "claims", ()):
            spans = [decision.row.spans[name] for name in (claim.evidence, *claim.context)]  # type: ignore[union-attr]  # as above
            words = " | ".join(folded(texts[decision.document][start:end]) for start, end, _ in spans)
            for value in claim.says.values():
                for key in value if isinstance(value, list) else [value]:
                    if str(key) in labels and not str(key).startswith("voice/") and not any(n in words for n in labels[key]):
                        missing.append((decision.row.id, claim.about, key))
    assert missing == []


def test_every_sentence_is_accounted_for(project: Project, documents_folder: Path) -> None:
    problems: list[Problem] = []
    register = documents.load_register(project.documents, problems)
    texts = documents.read_folder(documents_folder, register, problems)
    loaded = decisions.load(project.statements, problems)
    covered = [coverage.of_document(register.documents[key], text, loaded, problems) for key, text in texts.items()]
    assert problems == []
    left = [(c.document.id, s.line) for c in covered for s in c.sentences if s.account == "unaccounted"]
    assert left == [], "see `relgraph documents coverage --only unaccounted`"


def folded(text: str) -> str:
    """Text without line breaks, hyphens (some part words at the end of a line), case, and the dots of ё."""
    return " ".join(text.replace("-\n", "").replace("-", "").split()).casefold().replace("ё", "е")
