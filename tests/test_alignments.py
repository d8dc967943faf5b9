"""The alignments: the generated Turtle is that of the table, and the table says nothing that must not be said."""

from __future__ import annotations

from pathlib import Path

import pytest
from pyoxigraph import NamedNode, RdfFormat, parse

from relgraph.alignments import PREDICATES, alignment_triples, render
from relgraph.errors import InputError
from relgraph.vocabulary import OWL, RG

ONTOLOGY = Path(__file__).parents[1] / "ontology"
TABLE = ONTOLOGY / "alignments.sssom.tsv"
TERMS = ONTOLOGY / "relgraph.ttl"

_HEAD = """#mapping_set_id: https://example.org/set
#curie_map:
#  rg: https://w3id.org/relgraph/ns#
#  ex: https://example.org/
#  owl: http://www.w3.org/2002/07/owl#
#  rdfs: http://www.w3.org/2000/01/rdf-schema#
#  semapv: https://w3id.org/semapv/vocab/
#  skos: http://www.w3.org/2004/02/skos/core#
subject_id\tpredicate_id\tobject_id\tmapping_justification\tcomment
"""
_GOOD_ROW = "rg:Visit\trdfs:subClassOf\tex:Visit\tsemapv:ManualMappingCuration\t"


def table(folder: Path, text: str) -> Path:
    path = folder / "table.tsv"
    path.write_text(text, "utf-8")
    return path


def test_the_committed_turtle_is_that_of_the_table() -> None:
    assert (ONTOLOGY / "alignments.ttl").read_bytes() == render(TABLE, TERMS)


def test_the_turtle_says_what_the_table_says() -> None:
    triples = {quad.triple for quad in parse(render(TABLE, TERMS), format=RdfFormat.TURTLE)}
    assert triples == set(alignment_triples(TABLE))
    rows = [line for line in TABLE.read_text("utf-8").splitlines() if line.startswith("rg:")]
    assert len(triples) == len(rows) > 50


def test_no_alignment_makes_things_one_or_adds_to_another_vocabulary() -> None:
    for triple in alignment_triples(TABLE):
        assert triple.predicate in PREDICATES
        assert isinstance(triple.subject, NamedNode)
        assert triple.subject.value.startswith(RG)
        assert isinstance(triple.object, NamedNode)
        assert not triple.object.value.startswith((RG, OWL))


@pytest.mark.parametrize(
    "namespace",
    ["w3.org/ns/org#", "w3.org/ns/prov#", "skos/core#", "2006/time#", "schema.org/", "2009/11/sem/", "w3.org/ns/oa#"],
)
def test_each_of_the_chosen_vocabularies_is_aligned(namespace: str) -> None:
    assert any(namespace in str(triple.object) for triple in alignment_triples(TABLE))


def test_the_bytes_do_not_depend_on_the_order_of_the_rows(tmp_path: Path) -> None:
    other = "rg:place\tskos:closeMatch\tex:place\tsemapv:ManualMappingCuration\tnear"
    one = render(table(tmp_path, f"{_HEAD}{_GOOD_ROW}\n{other}\n"), TERMS)
    assert one == render(table(tmp_path, f"{_HEAD}{other}\n{_GOOD_ROW}\n"), TERMS)
    assert b"rg:Visit rdfs:subClassOf ex:Visit ." in one
    assert b"@prefix owl:" not in one


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (
            "rg:Visit\towl:equivalentClass\tex:Visit\tsemapv:ManualMappingCuration\t",
            "owl:equivalentClass is no mapping",
        ),
        ("rg:Visit\towl:sameAs\tex:Visit\tsemapv:ManualMappingCuration\t", "owl:sameAs is no mapping"),
        ("rg:Picnic\tskos:closeMatch\tex:Picnic\tsemapv:ManualMappingCuration\t", "is no term of the ontology"),
        ("ex:Visit\tskos:closeMatch\tex:Visit\tsemapv:ManualMappingCuration\t", "ex:Visit is no term of relgraph"),
        ("rg:Visit\tskos:closeMatch\trg:Meeting\tsemapv:ManualMappingCuration\t", "rg:Meeting is a term of relgraph"),
        ("rg:Visit\trdfs:subPropertyOf\tex:visit\tsemapv:ManualMappingCuration\t", "is a class"),
        ("rg:visitor\trdfs:subClassOf\tex:Visitor\tsemapv:ManualMappingCuration\t", "is a property"),
        ("rg:Visit\tskos:closeMatch\tfoaf:Visit\tsemapv:ManualMappingCuration\t", "'foaf:Visit' is no CURIE"),
        ("rg:Visit\tskos:closeMatch\tex:a visit\tsemapv:ManualMappingCuration\t", "'ex:a visit' is no CURIE"),
        ("rg:Visit\tskos:closeMatch\tex:Visit\tex:Guess\t", "ex:Guess is no justification"),
        ("rg:Visit\tskos:closeMatch\tex:Visit", "3 cells instead of 5"),
        (_GOOD_ROW, "stands in the table already"),
    ],
)
def test_a_bad_row_is_refused_with_file_and_line(tmp_path: Path, row: str, reason: str) -> None:
    with pytest.raises(InputError) as caught:
        render(table(tmp_path, f"{_HEAD}{_GOOD_ROW}\n{row}\n"), TERMS)
    (problem,) = caught.value.problems
    assert problem.where == f"{tmp_path / 'table.tsv'}:11"
    assert reason in problem.what


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        (_HEAD.replace("predicate_id", "predicate") + _GOOD_ROW, 9, "columns"),
        ("#curie_map:\n#  a: [\n" + _HEAD.splitlines()[-1], 2, "not YAML"),
        ("#license: x\n" + _HEAD.splitlines()[-1], 1, "no curie_map"),
        (_HEAD.splitlines()[-1], 1, "no curie_map"),
    ],
)
def test_a_bad_head_is_refused_with_file_and_line(tmp_path: Path, text: str, line: int, reason: str) -> None:
    with pytest.raises(InputError) as caught:
        alignment_triples(table(tmp_path, text))
    assert [problem.where for problem in caught.value.problems] == [f"{tmp_path / 'table.tsv'}:{line}"]
    assert reason in caught.value.problems[0].what


def test_a_missing_table_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        alignment_triples(tmp_path / "none.tsv")
