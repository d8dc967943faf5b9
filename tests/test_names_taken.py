"""What a name was taken for is told over HTTP where it is not plain: in a header, and on the page."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from relgraph.release import Release
from test_query_products import HTML, served

MEETINGS = "/queries/meetings-of-two"
#: A city that is another name of a state where actors are wanted, and the plain names of both.
ASKED = {"actor": "org/nato", "otherActor": "moscow"}
PLAIN = [{"actor": "org/nato", "otherActor": "state/RUS"}, {"actor": "org/nato", "otherActor": "Россия"}]


@pytest.fixture(scope="module")
def client(release: Release) -> Iterator[TestClient]:
    with served(release) as client:
        yield client


@pytest.mark.parametrize("form", ["json", "csv", "parquet"])
def test_a_header_says_what_a_name_was_taken_for(client: TestClient, form: str) -> None:
    """Of the first answer, of one that is kept, and of none that is asked for its headers alone."""
    address = f"{MEETINGS}.{form}"
    for answer in (client.get(address, params=ASKED), client.get(address, params=ASKED), client.head(address, params=ASKED)):
        assert (answer.status_code, answer.headers.get("relgraph-taken")) == (200, "moscow=state/RUS")


@pytest.mark.parametrize("given", PLAIN)
def test_of_a_plain_name_nothing_is_said(client: TestClient, given: dict[str, str]) -> None:
    assert "relgraph-taken" not in client.get(f"{MEETINGS}.csv", params=given).headers
    assert "<q>" not in client.get(MEETINGS, params=given | {"lang": "en"}, headers=HTML).text


def test_what_one_request_was_told_is_not_told_another(client: TestClient) -> None:
    client.get(f"{MEETINGS}.csv", params=ASKED)
    assert "relgraph-taken" not in client.get("/sparql", params={"query": "ASK {}"}).headers
    assert "relgraph-taken" not in client.get(f"{MEETINGS}.csv", params=PLAIN[0]).headers


def test_names_are_written_as_in_an_address(client: TestClient) -> None:
    told = client.get(f"{MEETINGS}.csv", params={"actor": "org/nato", "otherActor": "россия"}).headers["relgraph-taken"]
    assert told == "%D1%80%D0%BE%D1%81%D1%81%D0%B8%D1%8F=state/RUS"


@pytest.mark.parametrize(("language", "told", "name"), [("en", "is taken for", "Russia"), ("ru", "– это здесь", "Россия")])
def test_a_page_says_what_a_name_was_taken_for(client: TestClient, language: str, told: str, name: str) -> None:
    page = client.get(MEETINGS, params=ASKED | {"lang": language}, headers=HTML).text
    link = rf'<a href="/id/state/RUS\?lang={language}">{name}</a>'
    found = re.search(rf"<q>moscow</q> {told} {link}\.", page)
    assert found
    assert found.start() < page.index("<table"), "before what it is about"


@pytest.mark.parametrize("form", ["turtle", "nquads", "claims.csv"])
def test_an_export_says_so_too(client: TestClient, form: str) -> None:
    """Of nquads the answer begins before it is whole."""
    answer = client.get(f"/export/{form}", params={"actor": ["org/nato", "moscow"]})
    assert (answer.status_code, answer.headers.get("relgraph-taken")) == (200, "moscow=state/RUS")
    assert "relgraph-taken" not in client.get(f"/export/{form}", params={"actor": "org/nato"}).headers


def test_a_page_that_fails_says_nothing_of_names(client: TestClient) -> None:
    page = client.get(MEETINGS, params={"actor": "no such thing", "otherActor": "moscow", "lang": "en"}, headers=HTML)
    assert (page.status_code, "<q>" in page.text) == (400, False)
