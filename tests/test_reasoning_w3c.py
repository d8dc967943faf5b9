"""The W3C tests for SPARQL 1.1 entailment regimes: each query over its data and what they entail, axioms among the data.

Those that are missed are in w3c-entailment-misses.tsv with their reasons; one that is listed and not missed fails as well.
"""

from __future__ import annotations

import os
from pathlib import Path

import pyoxigraph as ox
import pytest
from rdflib import Graph

import w3c
import w3c_results
from relgraph.errors import InputError
from relgraph.rdflibgraph import oxigraph_triples, rdflib_graph
from relgraph.reasoning import closure

MISSES = w3c.lookup_misses(Path(__file__).with_name("w3c-entailment-misses.tsv"))
MANIFEST = "entailment/manifest.ttl"

if not w3c.path(w3c.BASE + MANIFEST).is_file():
    if os.environ.get("CI"):
        pytest.fail("RELGRAPH_W3C names no folder with sparql11; in CI the W3C test suites must be at hand", pytrace=False)
    pytest.skip("the W3C test suites are not at hand: set RELGRAPH_W3C to their folder", allow_module_level=True)

TESTS = w3c.query_tests(MANIFEST)


def answer(test: w3c.QueryTest) -> list[str]:
    """The lines of what a query gives over data and closure."""
    data = rdflib_graph(quad.triple for quad in test.data.quads())
    store = ox.Store()
    store.extend(ox.Quad(*triple) for triple in oxigraph_triples(data + closure(data, Graph())))
    results = store.query(test.text)
    assert isinstance(results, ox.QuerySolutions | ox.QueryBoolean)
    content = results.serialize(format=ox.QueryResultsFormat.XML)
    assert content
    return w3c_results.received(content, w3c_results.ACCEPT[".srx"], w3c_results.is_ordered(test.text))


@pytest.mark.parametrize("test", TESTS, ids=[test.id for test in TESTS])
def test_a_query_gives_what_its_entailment_regime_asks_for(test: w3c.QueryTest) -> None:
    assert test.result
    expected = w3c_results.expected(test.result, w3c_results.is_ordered(test.text))
    try:
        is_met, found = (lines := answer(test)) == expected, "\n".join(lines)
    except InputError as error:
        is_met, found = False, str(error)
    if test.id in MISSES:
        assert not is_met, f"{test.id} is listed as a miss and is none: take it off the list"
    else:
        assert is_met, f"found\n{found}\nexpected\n" + "\n".join(expected)


def test_the_list_of_misses_names_tests_that_there_are() -> None:
    assert MISSES.keys() <= {test.id for test in TESTS}
    assert all(reason.endswith(".") for reason in MISSES.values())
