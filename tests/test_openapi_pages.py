"""What the OpenAPI document says of pages that take parameters: exports and groups of statements."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from relgraph.exports.source import GRAPHS
from relgraph.release import Release
from test_query_products import HTML, served


@pytest.fixture(scope="module")
def client(release: Release) -> Iterator[TestClient]:
    with served(release) as client:
        yield client


@pytest.mark.parametrize("path", ["/id/{key}", "/ns", "/ns/{name}", "/documents/{id}"])
def test_pages_of_resources_take_the_groups_that_the_openapi_document_names(client: TestClient, path: str) -> None:
    document = client.get("/openapi.json").json()
    known, given = document["components"]["parameters"], document["paths"][path]["get"]["parameters"]
    taken = {known[each["$ref"].rpartition("/")[2]]["name"] for each in given if "$ref" in each}
    assert {"property", "graph", "side", "from"} <= taken
    assert known["groupGraph"]["schema"]["enum"] == list(GRAPHS)


def test_the_form_of_exports_leads_on_as_the_openapi_document_says(client: TestClient) -> None:
    described = client.get("/openapi.json").json()["paths"]["/export"]["get"]
    (form,) = [each["example"] for each in described["parameters"] if each.get("name") == "form"]
    given = {"form": form, "go": "1"}
    answer = client.get("/export", params=given, headers=HTML, follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/export/claims.csv")
    assert "303" in described["responses"]
