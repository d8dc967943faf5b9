"""/files: a file of a release is sent as the release names it, or not at all."""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
import os
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest
from fastapi.testclient import TestClient

from linked import served
from relgraph import release
from relgraph.release import Release
from relgraph.releases import Releases
from relgraph.serving.descriptions import hashes
from relgraph.serving.descriptions.hashes import Hashes
from relgraph.serving.logs import log
from relgraph.vocabulary import ASSERTED
from server import Server
from test_releases import built

MIB = 1024 * 1024


@pytest.fixture
def made(tmp_path: Path) -> Release:
    quads = [ox.Quad(ox.NamedNode("urn:x"), ox.NamedNode("urn:word"), ox.Literal("word"), ASSERTED)]
    return release.write(tmp_path / "out", release.nquads(quads), quads, {"LICENSE-data.md": b"Take it."}, {})


@pytest.fixture
def client(made: Release) -> Iterator[TestClient]:
    with served(made.path.parents[1]) as client:
        yield client


def damage(file: Path) -> bytes:
    """Changes a byte in the middle of a file; gives what stood there."""
    whole = file.read_bytes()
    middle = len(whole) // 2
    file.write_bytes(whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1 :])
    return whole


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("name", ["dataset.nq", "LICENSE-data.md"])
def test_nothing_is_sent_of_a_damaged_file(client: TestClient, made: Release, name: str, method: str) -> None:
    whole = damage(made.path / name)
    answer = client.request(method, f"/files/{made.id}/{name}")
    assert answer.status_code == 503
    assert answer.headers["cache-control"] == "no-store"
    assert "etag" not in answer.headers
    if method == "GET":
        assert "is damaged here: its SHA-256 is not the one" in answer.json()["detail"]
        assert str(made.path) not in answer.text
    (made.path / name).write_bytes(whole)
    assert client.request(method, f"/files/{made.id}/{name}").status_code == 200


def test_damage_is_found_in_a_file_that_has_been_sent_before(client: TestClient, made: Release) -> None:
    path = "/files/current/dataset.nq"
    assert client.get(path).status_code == 200
    damage(made.path / "dataset.nq")
    assert client.get(path).status_code == 503


def test_a_dataset_that_is_not_the_one_of_the_id_is_damaged_whatever_the_manifest_lists(
    client: TestClient, made: Release
) -> None:
    damage(made.path / "dataset.nq")
    manifest = json.loads((made.path / "manifest.json").read_bytes())
    digest = hashlib.sha256((made.path / "dataset.nq").read_bytes()).hexdigest()
    manifest["files"]["dataset.nq"]["sha256"] = digest
    (made.path / "manifest.json").write_text(json.dumps(manifest), "utf-8")
    assert client.get(f"/files/{made.id}/dataset.nq").status_code == 503


@pytest.mark.parametrize("content", ["{", "[]", '{"release": "x"}', '{"release": "x", "files": {"dataset.nq": 1}}'])
def test_a_damaged_manifest_is_no_missing_one(client: TestClient, made: Release, content: str) -> None:
    manifest = made.path / "manifest.json"
    manifest.write_text(content, "utf-8")
    answer = client.get("/files/current/dataset.nq")
    assert answer.status_code == 503
    assert "the file manifest.json of this release is damaged here" in answer.json()["detail"]
    manifest.unlink()
    assert client.get("/files/current/dataset.nq").status_code == 404


@pytest.mark.parametrize(("name", "asked"), [("manifest.json", "dataset.nq"), ("dataset.nq", "dataset.nq")])
def test_a_file_that_cannot_be_read_is_damaged_and_one_that_is_gone_is_missing(
    client: TestClient, made: Release, name: str, asked: str
) -> None:
    (made.path / name).unlink()
    assert client.get(f"/files/current/{asked}").status_code == 404
    (made.path / name).mkdir()
    answer = client.get(f"/files/current/{asked}")
    assert answer.status_code == 503
    assert f"the file {name} of this release is damaged here: it cannot be read (" in answer.json()["detail"]


def test_a_client_that_has_the_file_need_not_hear_that_it_is_damaged_here(client: TestClient, made: Release) -> None:
    damage(made.path / "dataset.nq")
    answer = client.get(f"/files/{made.id}/dataset.nq", headers={"If-None-Match": f'"{made.id}"'})
    assert (answer.status_code, answer.content) == (304, b"")


def test_head_says_what_get_does(client: TestClient, made: Release) -> None:
    got, told = (client.request(method, f"/files/{made.id}/dataset.nq") for method in ("GET", "HEAD"))
    assert hashlib.sha256(got.content).hexdigest() == made.id
    for name in ("content-length", "content-type", "etag", "cache-control"):
        assert got.headers[name] == told.headers[name]
    assert told.content == b""


def test_the_log_says_where_the_damage_is_and_what_to_do(tmp_path: Path) -> None:
    made = built(tmp_path / "out", "word")
    damage(made.path / "dataset.nq")
    with Server(tmp_path / "log", "--release", tmp_path / "out") as server:
        for _ in range(3):
            assert server.get(f"files/{made.id}/dataset.nq").status_code == 503
        (told,) = [line for line in server.logged() if line["event"] == "a release is damaged"]
    assert str(made.path / "dataset.nq") in told["detail"]
    assert "relgraph build" in told["detail"]


def test_the_log_is_told_again_of_a_file_that_has_been_damaged_anew(
    client: TestClient, made: Release, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log, "propagate", True)
    monkeypatch.setattr(log, "level", logging.ERROR)
    for times in (1, 2):
        (made.path / "LICENSE-data.md").write_bytes(b"x" * times)
        for _ in range(3):
            assert client.get(f"/files/{made.id}/LICENSE-data.md").status_code == 503
        assert [record.getMessage() for record in caplog.records].count("a release is damaged") == times


def broken_off(server: Server, made: Release, meanwhile: Any) -> bool:
    """Whether an answer ends too early when something happens while a file is sent."""
    size = (made.path / "dataset.nq").stat().st_size
    with socket.create_connection(server.address, timeout=60) as connection:
        connection.sendall(b"GET /files/%s/dataset.nq HTTP/1.1\r\nHost: e.org\r\nConnection: close\r\n\r\n" % made.id.encode())
        received = len(connection.recv(1000))
        meanwhile()
        try:
            while data := connection.recv(MIB):
                received += len(data)
        except ConnectionResetError:
            return True
    return received < size


def test_a_file_that_is_written_to_while_it_is_sent_breaks_off(tmp_path: Path) -> None:
    made = built(tmp_path / "out", "x" * 30 * MIB)
    with Server(tmp_path / "log", "--release", tmp_path / "out", QUERY_TIMEOUT=600) as server:

        def write() -> None:
            with (made.path / "dataset.nq").open("r+b") as file:
                file.seek(29 * MIB)
                file.write(b"y")

        assert broken_off(server, made, write)


def test_a_file_that_is_removed_while_it_is_sent_is_sent_to_its_end(tmp_path: Path) -> None:
    old, current = built(tmp_path / "out", "x" * 30 * MIB), built(tmp_path / "out", "b", at=1)
    assert current.id != old.id
    with Server(tmp_path / "log", "--release", tmp_path / "out", QUERY_TIMEOUT=600) as server:
        assert not broken_off(server, old, lambda: Releases(tmp_path / "out").remove([old]))


# ── hashes ───────────────────────────────────────────────────────────────────────────────────────────────────────────


class Read:
    """A file that counts the bytes that are read of it."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("rb")
        self.bytes = 0

    def __enter__(self) -> Any:
        return self

    def __exit__(self, *of: object) -> None:
        self._file.close()

    def read(self, size: int) -> bytes:
        data = self._file.read(size)
        self.bytes += len(data)
        return data

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)


@pytest.mark.parametrize("size", [0, 1, 1000, 5000, 10_000])
def test_a_file_is_read_once_also_by_many_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    monkeypatch.setattr(hashes, "_BLOCK", 1000)
    path = tmp_path / "file"
    path.write_bytes(os.urandom(size))
    with Read(path) as one, Read(path) as other, Read(path) as later:

        async def ask() -> list[str]:
            found = Hashes()
            return [*await asyncio.gather(found.of(one), found.of(other)), await found.of(later)]

        assert asyncio.run(ask()) == [hashlib.sha256(path.read_bytes()).hexdigest()] * 3
        assert one.bytes + other.bytes + later.bytes == size
        assert one.tell() == 0


def test_a_small_file_does_not_wait_for_a_large_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hashes, "_BLOCK", 10)
    large, small = tmp_path / "large", tmp_path / "small"
    large.write_bytes(b"x" * 100_000)
    small.write_bytes(b"y")
    with Read(large) as first, Read(small) as second:

        async def ask() -> int:
            found = Hashes()
            reading = asyncio.create_task(found.of(first))
            while not first.bytes:
                await asyncio.sleep(0)
            await found.of(second)
            read = int(first.bytes)
            await reading
            return read

        assert asyncio.run(ask()) < 1000


def test_what_nobody_wants_is_not_read_and_whoever_waits_takes_over(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"words")
    with Read(path) as left, Read(path) as stays:

        async def ask() -> list[str]:
            found = Hashes()
            return list(await asyncio.gather(found.of(left, lambda: False), found.of(stays)))

        assert asyncio.run(ask()) == ["", hashlib.sha256(b"words").hexdigest()]
        assert (left.bytes, stays.bytes) == (0, 5)


def test_a_file_that_is_written_to_while_it_is_read_has_no_hash(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hashes, "_BLOCK", 10)
    path = tmp_path / "file"
    path.write_bytes(b"x" * 100)

    def write() -> bool:
        path.write_bytes(b"y" * 101)
        return True

    with path.open("rb") as file:
        assert asyncio.run(Hashes().of(file, write)) == ""


def test_no_more_than_some_hashes_are_remembered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hashes, "_MOST", 2)
    names = ["a", "b", "c"]
    for name in names:
        (tmp_path / name).write_text(name, "utf-8")

    async def ask() -> list[int]:
        found, read = Hashes(), []
        for name in [*names, "c", "a"]:
            with Read(tmp_path / name) as file:
                await found.of(file)
                read.append(file.bytes)
        return read

    assert asyncio.run(ask()) == [1, 1, 1, 0, 1]
