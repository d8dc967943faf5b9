"""The defaults that an answer of /queries is restricted to are told: in a header, and on the page."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from relgraph.release import Release
from test_query_products import HTML, served


@pytest.fixture(scope="module")
def client(release: Release) -> Iterator[TestClient]:
    with served(release) as client:
        yield client


ON_ACTOR = "/queries/document-on-actor"


@pytest.mark.parametrize("form", ["json", "csv", "parquet"])
@pytest.mark.parametrize(
    ("given", "left"),
    [
        ({}, "document=document/001&actor=org/nato"),
        ({"actor": "NATO", "lang": "ru"}, "document=document/001"),
        ({"actor": "NATO", "document": ""}, "document=document/001"),
        ({"actor": "NATO", "document": "000"}, None),
    ],
)
def test_a_header_names_the_defaults_that_nobody_asked_for(
    client: TestClient, given: dict[str, str], left: str | None, form: str
) -> None:
    """Else an answer without rows looks like a finding about the whole release."""
    for answer in (client.get(f"{ON_ACTOR}.{form}", params=given), client.head(f"{ON_ACTOR}.{form}", params=given)):
        assert answer.headers.get("relgraph-defaults") == left


@pytest.mark.parametrize(
    ("language", "told"), [("en", "restricted to the defaults"), ("ru", "ограничен значениями по умолчанию")]
)
def test_a_page_names_the_defaults_that_nobody_asked_for(client: TestClient, language: str, told: str) -> None:
    page = client.get(ON_ACTOR, params={"actor": "NATO", "lang": language}, headers=HTML).text
    note = next(line for line in page.splitlines() if told in line)
    assert "<code>document=document/001</code>" in note
    assert "actor=" not in note
    assert told not in client.get(ON_ACTOR, params={"actor": "NATO", "document": "000", "lang": language}, headers=HTML).text
    assert told not in client.get(ON_ACTOR, params={"actor": "Nobody at all", "lang": language}, headers=HTML).text
