"""Older releases that a server opens when somebody asks for one: damaged, removed, made current, fought over, charged."""

from __future__ import annotations

import asyncio
import json
import shutil
import signal
import socket
from collections.abc import Coroutine, Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from relgraph.errors import BudgetError
from relgraph.release import Release
from relgraph.releases import Releases
from relgraph.serving.clients import Clients
from relgraph.serving.settings import Settings
from relgraph.serving.snapshots.others import Others
from relgraph.serving.snapshots.snapshot import Snapshot
from relgraph.serving.snapshots.sources import Opened, ReleaseSource
from server import Server, eventually, write
from test_releases import built

#: Runs for minutes before its answer begins.
ENDLESS = (
    "SELECT (COUNT(*) AS ?n) { VALUES ?x { %s } VALUES ?y { %s } VALUES ?z { %s } FILTER(STR(?x) = CONCAT(STR(?y), STR(?z))) }"
)
ENDLESS %= (" ".join(map(str, range(1000))),) * 3


class Shelf:
    """A folder of three releases, the last one current, and a server of them, which keeps one other open."""

    def __init__(self, folder: Path) -> None:
        self.out = folder / "out"
        self.built = [built(self.out, word, at=at) for at, word in enumerate("abc")]
        self.ids = [release.id for release in self.built]
        self.server = Server(folder / "log", "--release", self.out, OLD_RELEASES=1, RELEASE_POLL=0.1)

    def ask(self, release: str, method: str = "GET", path: str = "sparql?query=ASK%7B%7D&") -> httpx2.Response:
        return httpx2.request(method, f"{self.server.url}{path}release={release}", timeout=60)


@pytest.fixture
def shelf(tmp_path: Path) -> Iterator[Shelf]:
    shelf = Shelf(tmp_path)
    with shelf.server:
        yield shelf


def test_a_damaged_release_is_the_fault_of_the_server_and_closes_no_other(shelf: Shelf) -> None:
    damaged = shelf.out / "releases" / f"1.0.0-{'f' * 64}"
    shutil.copytree(shelf.built[1].path, damaged)
    shutil.rmtree(damaged / "store")
    manifest = json.loads((damaged / "manifest.json").read_text("utf-8"))
    (damaged / "manifest.json").write_text(json.dumps(manifest | {"release": "f" * 64}), "utf-8")
    assert shelf.ask(shelf.ids[0]).status_code == 200
    workers = shelf.server.workers()
    answer = shelf.ask("f" * 64)
    assert answer.status_code == 503
    assert "is damaged here" in answer.json()["detail"]
    assert str(shelf.out) not in answer.text
    assert shelf.server.workers() == workers
    assert any("cannot open release" in line["event"] for line in shelf.server.logged())
    # its store opens, but cannot be read or served
    (damaged / "store").mkdir()
    assert shelf.ask("f" * 64).status_code == 503
    assert shelf.ask(shelf.ids[0]).status_code == 200
    eventually(lambda: len(shelf.server.workers()) == 4)


def test_a_release_that_is_removed_while_it_is_open_is_closed(shelf: Shelf) -> None:
    assert shelf.ask(shelf.ids[0]).status_code == 200
    assert len(shelf.server.workers()) == 4
    Releases(shelf.out).remove(shelf.built[:1])
    assert shelf.ask(shelf.ids[0]).status_code == 404
    eventually(lambda: len(shelf.server.workers()) == 2)
    assert [row["release"] for row in shelf.server.get("releases.json").json()] == [shelf.ids[2], shelf.ids[1]]
    assert shelf.ask(shelf.ids[1]).status_code == 200


def test_a_release_that_is_open_beside_becomes_the_current_one(shelf: Shelf) -> None:
    assert shelf.ask(shelf.ids[0]).status_code == 200
    assert shelf.server.metric("relgraph_old_releases") == 1
    Releases(shelf.out).use(shelf.built[0])
    assert shelf.server.await_release(shelf.ids[2]) == shelf.ids[0]
    eventually(lambda: len(shelf.server.workers()) == 2)
    assert shelf.server.metric("relgraph_old_releases") == 0
    for release in (shelf.ids[0], shelf.ids[2], "current"):
        assert shelf.ask(release).headers["relgraph-release"] == (shelf.ids[0] if release == "current" else release)


def test_releases_in_use_are_not_closed_for_others(shelf: Shelf) -> None:
    body = str(httpx2.QueryParams({"query": ENDLESS, "timeout": "60"})).encode()
    with socket.create_connection(shelf.server.address, timeout=60) as connection:
        connection.sendall(
            b"POST /sparql?release=%s HTTP/1.1\r\nHost: e.org\r\nContent-Type: application/x-www-form-urlencoded\r\n"
            b"Content-Length: %d\r\n\r\n%s" % (shelf.ids[0].encode(), len(body), body)
        )
        eventually(lambda: shelf.server.metric("relgraph_queries_running") == 1)
        answer = shelf.ask(shelf.ids[1])
        assert (answer.status_code, answer.json()["budget"], answer.headers["retry-after"]) == (503, "releases", "1")
        assert shelf.ask(shelf.ids[0], path="?").status_code == 200
        assert shelf.ask(shelf.ids[2]).status_code == 200
    eventually(lambda: shelf.ask(shelf.ids[1]).status_code == 200)


def test_what_is_of_no_release_opens_none(shelf: Shelf) -> None:
    for path in ("health?", "metrics?", "static/style.css?"):
        assert shelf.ask(shelf.ids[0], path=path).status_code == 200
    assert shelf.ask(shelf.ids[0], "OPTIONS").status_code == 204
    for name in (shelf.built[0].path.name, shelf.ids[1], shelf.ids[1][:12]):
        answer = shelf.server.get(f"files/{name}/dataset.nq")
        assert answer.status_code == 200
        assert answer.headers["relgraph-release"].startswith(name.removeprefix("1.0.0-"))
    assert len(shelf.server.workers()) == 2
    assert shelf.server.logged()[-1]["release"] == shelf.ids[1][:12]


def test_a_slow_reader_of_a_file_does_not_keep_a_release_that_is_no_longer_served(tmp_path: Path) -> None:
    out = tmp_path / "out"
    other, large = built(out, "a"), built(out, "x" * 30_000_000, at=1)
    with Server(tmp_path / "log", "--release", out, QUERY_TIMEOUT=600, RELEASE_POLL=0.1) as server:
        kept = server.workers()
        with socket.create_connection(server.address, timeout=60) as connection:
            connection.sendall(b"GET /files/%s/dataset.nq HTTP/1.1\r\nHost: e.org\r\n\r\n" % large.id.encode())
            head = connection.recv(1000)
            assert head.startswith(b"HTTP/1.1 200")
            Releases(out).use(other)
            server.await_release(large.id)
            eventually(lambda: not kept & server.workers())
            received = len(head.partition(b"\r\n\r\n")[2])
            while data := connection.recv(1 << 20):  # the file itself is sent to its end
                received += len(data)
                if received > 30_000_000:
                    break
        assert received > 30_000_000
        assert server.query("ASK {}").json()["boolean"] is True


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
def test_every_method_refuses_a_release_that_is_not_there(shelf: Shelf, method: str) -> None:
    assert shelf.ask("never", method).status_code == 404


def test_no_name_leads_out_of_the_releases(shelf: Shelf) -> None:
    (shelf.out / "manifest.json").write_text('{"release": "outside", "files": {"dataset.nq": {"sha256": ""}}}', "utf-8")
    name = shelf.built[0].path.name
    for path in ("..", "%2e%2e", "..%2f..", ".", "%2f", "я", "%00", f"{name}/..", f"{name}/..%2f{name}", f"{name}/store"):
        answer = shelf.server.get(f"files/{path}/manifest.json")
        assert answer.status_code == 404, path
    assert shelf.server.get(f"files/{name}/%6danifest.json").status_code == 200


def test_the_server_ends_although_a_release_is_being_opened(shelf: Shelf) -> None:
    assert shelf.ask(shelf.ids[0]).status_code == 200
    connection = shelf.server.asking("ASK {}")
    connection.sendall(f"GET /sparql?query=ASK%7B%7D&release={shelf.ids[1]} HTTP/1.1\r\nHost: e.org\r\n\r\n".encode())
    left = shelf.server.workers()
    shelf.server.process.send_signal(signal.SIGTERM)
    assert shelf.server.process.wait(30) == 0
    eventually(lambda: not any(Path(f"/proc/{pid}").exists() for pid in left))
    connection.close()


def test_pages_of_other_origins_read_why_a_release_is_refused(tmp_path: Path) -> None:
    built(tmp_path / "out", "a")
    with Server(tmp_path / "log", "--release", tmp_path / "out", CORS_ORIGINS="https://e.org") as server:
        answer = server.get("sparql?query=ASK%7B%7D&release=never", headers={"Origin": "https://e.org"})
    assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (404, "https://e.org")


def test_a_client_is_charged_for_the_releases_that_are_opened_for_it(tmp_path: Path) -> None:
    ids = [built(tmp_path / "out", word, at=at).id for at, word in enumerate("abc")]
    with Server(tmp_path / "log", "--release", tmp_path / "out", OLD_RELEASES=1, CLIENT_SECONDS=0.1) as server:
        answers = [server.get(f"sparql?query=ASK%7B%7D&release={id_}") for id_ in (ids[0], ids[1])]
        assert [answer.status_code for answer in answers] in ([200, 429], [429, 429])  # charged before it is answered
        assert answers[1].json()["budget"] == "client"


@pytest.mark.parametrize("served", ["release", "dataset"])
def test_the_links_of_the_list_work_where_nothing_else_is_served(tmp_path: Path, served: str) -> None:
    if served == "release":
        built(tmp_path / "out", "b")
        built(tmp_path / "out", "a", at=1)
        source: tuple[str | Path, ...] = ("--release", tmp_path / "out")
    else:
        source = ("--dataset", write(tmp_path / "data.nt", "word", 3))
    with Server(tmp_path / "log", *source, OLD_RELEASES=0) as server:
        (row,) = server.get("releases.json").json()
        for link in row["links"].values():
            assert server.get(link.lstrip("/")).status_code == 200, link
        assert server.get("sparql", params={"query": "ASK {}", "release": "abc"}).status_code == 404


# ── turns


class _Gate(Others):
    """Other releases of which nothing is opened, and that only when they are let."""

    def __init__(self, source: ReleaseSource, wait: float) -> None:
        settings = Settings(queue_timeout=wait, old_releases=9)
        super().__init__(source, settings, lambda _: None, Clients(0, 0), lambda work: work.close())  # type: ignore[attr-defined]
        self.source = source
        self.retired: list[str] = []
        self.opened: list[str] = []
        self.gate = asyncio.Semaphore(0)

    async def _opened(self, release: Release, client: str) -> Snapshot:
        await self.gate.acquire()
        self.opened.append(release.path.name)
        return _Retiring(self, self.source.open_other(release))


class _Retiring(Snapshot):
    """A snapshot without workers that tells when it is given up."""

    def __init__(self, gate: _Gate, opened: Opened) -> None:
        super().__init__(opened, None, None)  # type: ignore[arg-type]
        self._gate = gate

    def retire(self) -> Coroutine[Any, Any, None]:
        self._gate.retired.append(self.opened.store.parent.name)
        return super().retire()


class _Gated:
    """The releases of a folder behind a gate, with the current one open."""

    def __init__(self, out: Path, wait: float) -> None:
        source = ReleaseSource(out, {})
        self.others = _Gate(source, wait)
        self.gate, self.opened = self.others.gate, self.others.opened
        self.current = Snapshot(source.open(), None, None)  # type: ignore[arg-type]

    def enter(self, release: Release, client: str) -> Coroutine[Any, Any, Snapshot]:
        return self.others.enter(release.path, client, lambda: self.current)


def test_clients_take_turns_and_what_is_open_is_not_waited_for(tmp_path: Path) -> None:
    out = tmp_path / "out"
    made = [built(out, word, at=at) for at, word in enumerate("abcdef")]

    async def run() -> None:
        snapshots = _Gated(out, 30)
        snapshots.gate.release()
        assert await snapshots.enter(made[0], "somebody")
        greedy = [asyncio.ensure_future(snapshots.enter(made[i], "greedy")) for i in (1, 2, 3)]
        while not snapshots.others._opening.locked():
            await asyncio.sleep(0)
        other = asyncio.ensure_future(snapshots.enter(made[4], "other"))
        entered = await snapshots.enter(made[0], "third")  # although another is being opened
        assert entered.users == 2
        await asyncio.sleep(0.1)
        for _ in range(2):
            snapshots.gate.release()
        assert (await other).release == made[4].id
        assert snapshots.opened == [made[i].path.name for i in (0, 1, 4)]
        # whoever gives up waiting leaves nothing behind
        greedy[1].cancel()
        await asyncio.wait(greedy[1:2])
        snapshots.gate.release()
        assert (await greedy[2]).users == 1
        assert not snapshots.others._opening.locked()
        assert not any(turn.locked() for turn in snapshots.others._turns.values())

    asyncio.run(run())


def test_a_release_that_becomes_the_current_one_while_it_is_opened_is_not_kept_beside(tmp_path: Path) -> None:
    out = tmp_path / "out"
    made = [built(out, word, at=at) for at, word in enumerate("ab")]

    async def run() -> None:
        snapshots = _Gated(out, 30)
        entering = asyncio.ensure_future(snapshots.enter(made[0], "somebody"))
        while not snapshots.others._opening.locked():
            await asyncio.sleep(0)
        snapshots.current = Snapshot(snapshots.others.source.open_other(made[0]), None, None)  # type: ignore[arg-type]
        snapshots.others.drop(made[0].path)
        snapshots.gate.release()
        assert await entering is snapshots.current
        assert snapshots.current.users == 1
        assert snapshots.others.open == ()
        assert snapshots.others.retired == [made[0].path.name]

    asyncio.run(run())


def test_nobody_waits_for_ever_for_a_release(tmp_path: Path) -> None:
    out = tmp_path / "out"
    made = [built(out, word, at=at) for at, word in enumerate("abc")]

    async def run() -> None:
        snapshots = _Gated(out, 0.05)
        stuck = asyncio.ensure_future(snapshots.enter(made[0], "a"))
        while not snapshots.others._opening.locked():
            await asyncio.sleep(0)
        for client in ("a", "b"):
            with pytest.raises(BudgetError, match="being opened"):
                await snapshots.enter(made[1], client)
        stuck.cancel()
        await asyncio.wait([stuck])
        snapshots.gate.release()
        assert (await snapshots.enter(made[1], "b")).users == 1

    asyncio.run(run())
