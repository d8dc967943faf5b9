"""A change to another release under load, and the end of a server: no request fails, and nothing is left behind."""

from __future__ import annotations

import asyncio
import contextlib
import json
import shutil
import signal
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import httpx2
import pyoxigraph as ox
import pytest

from relgraph import release
from relgraph.release import Release
from relgraph.serving.clients import Clients
from relgraph.serving.settings import Settings
from relgraph.serving.snapshots.current import Snapshots
from relgraph.serving.snapshots.sources import Opened, opened
from relgraph.vocabulary import ASSERTED
from server import DEADLINE, Server, eventually, write

#: Many rows, more than the buffers of a connection hold: its worker waits for a client that does not read.
MANY_ROWS = 50_000
MANY = f"SELECT * {{ ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }} LIMIT {MANY_ROWS}"
#: Runs for minutes before its answer begins.
ENDLESS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i FILTER(STR(?c) = CONCAT(STR(?f), STR(?i))) }"


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(tmp_path_factory.mktemp("data") / "data.nt", "word")


# ── another release


class Shelf:
    """A folder of releases; each has one word of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.words: dict[str, str] = {}

    def build(self, word: str) -> Release:
        """Writes a release, which is the current one then."""
        names = ("word", "x", "y", "z")
        quads = [ox.Quad(ox.NamedNode(f"urn:{name}"), ox.NamedNode("urn:word"), ox.Literal(word), ASSERTED) for name in names]
        built = release.write(self.folder, release.nquads(quads), quads, {}, {"counts": {}})
        self.words[built.id] = word
        return built

    def damaged(self, name: str, whole: Release, damage: Callable[[Path], object]) -> Path:
        """A copy of a release in which something is damaged."""
        copy = self.folder / "releases" / name
        shutil.copytree(whole.path, copy)
        damage(copy)
        return copy

    def point_to(self, path: Path) -> None:
        aside = self.folder / "aside"
        aside.symlink_to(path)
        aside.replace(self.folder / "current")


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path / "out")


class Crowd:
    """Clients that ask in a loop until they are told to stop, and note whatever is wrong with an answer."""

    #: Method, path, and whether the word of the release is in the answer; otherwise its id is.
    WAYS = (
        ("GET", "sparql?query=SELECT%20%3Fo%20%7B%3Fs%20%3Fp%20%3Fo%7D", True),
        ("POST", "sparql", True),
        ("GET", "graphs?default&format=ntriples", True),
        ("GET", "query?query=SELECT%20%3Fo%20%7B%3Fs%20%3Fp%20%3Fo%7D", True),
        ("GET", "", False),
        ("GET", "ready", False),
    )

    def __init__(self, server: Server, words: Mapping[str, str], size: int) -> None:
        self.wrong: list[str] = []
        self.asked = 0
        self._server = server
        self._words = words
        self._seen: list[set[str]] = [set() for _ in range(size)]
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._ask, args=(seen,)) for seen in self._seen]

    def __enter__(self) -> Crowd:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *raised: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def have_all_seen(self, release_id: str) -> bool:
        return bool(self.wrong) or all(release_id in seen for seen in self._seen)

    def forget(self) -> None:
        for seen in self._seen:
            seen.clear()

    def _ask(self, seen: set[str]) -> None:
        with httpx2.Client(base_url=self._server.url, timeout=60) as client:
            while not self._stop.is_set() and not self.wrong:
                for method, path, tells in self.WAYS:
                    self.asked += 1
                    form = {"query": f"SELECT ?o {{ ?s ?p ?o }} # {self.asked}"} if method == "POST" else None
                    try:
                        answer = client.request(method, path, data=form)
                    except httpx2.HTTPError as error:
                        self.wrong.append(f"{method} {path}: {error!r}")
                        return
                    self._judge(f"{method} {path}", answer, tells)
                    seen.add(answer.headers.get("relgraph-release", ""))

    def _judge(self, what: str, answer: httpx2.Response, tells: bool) -> None:
        own = answer.headers.get("relgraph-release", "")
        marks = self._words if tells else {release_id: release_id[:12] for release_id in self._words}
        if answer.status_code != 200 or {mark for mark in marks.values() if mark in answer.text} != {marks.get(own)}:
            self.wrong.append(f"{what}: {answer.status_code}, release {own}: {answer.text}")


@pytest.mark.parametrize("poll", [0, 0.2])
def test_the_release_changes_under_load_without_a_failed_request(shelf: Shelf, tmp_path: Path, poll: float) -> None:
    built = [shelf.build("Apricotjam"), shelf.build("Blueberrypie")]
    with (
        Server(tmp_path / "log", "--release", shelf.folder, RELEASE_POLL=poll, WORKERS=3) as server,
        Crowd(server, shelf.words, size=6) as crowd,
    ):
        for number in range(3):
            new, old = built[number % 2], built[1 - number % 2]
            eventually(lambda old=old: crowd.have_all_seen(old.id))  # type: ignore[misc]  # a lambda with a default
            shelf.point_to(new.path)
            if not poll:
                server.hang_up()
            assert server.await_release(old.id) == new.id
            crowd.forget()
            eventually(lambda new=new: crowd.have_all_seen(new.id))  # type: ignore[misc]
        assert crowd.wrong == []
        assert server.metric('relgraph_swaps_total{result="done"}') == 3
        assert server.metric('relgraph_queries_total{outcome="ok"}') > 0
        eventually(lambda: len(server.workers()) == 3)
    assert crowd.wrong == []
    assert not [line for line in server.logged() if line["level"] in ("error", "warning")]


DAMAGE: dict[str, Callable[[Path], object]] = {
    "no-list": lambda path: (path / "store" / "CURRENT").unlink(),
    "no-store": lambda path: shutil.rmtree(path / "store"),
    "empty-tables": lambda path: [table.write_bytes(b"") for table in (path / "store").glob("*.sst")],
    "cut-manifest": lambda path: (path / "manifest.json").write_text('{"release": "'),
    "no-id": lambda path: (path / "manifest.json").write_text("{}"),
}


@pytest.fixture(scope="module")
def shelved(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, Shelf, Release]]:
    """A server of a release, with the shelf and the release."""
    folder = tmp_path_factory.mktemp("shelved")
    shelf = Shelf(folder / "out")
    built = shelf.build("Apricotjam")
    with Server(folder / "log", "--release", shelf.folder, RELEASE_POLL=0.2) as server:
        yield server, shelf, built


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_release_leaves_the_old_one(shelved: tuple[Server, Shelf, Release], damage: str) -> None:
    server, shelf, whole = shelved
    served = server.get("ready").json()["release"]
    failed = server.metric('relgraph_swaps_total{result="failed"}')
    shelf.point_to(shelf.damaged(damage, whole, DAMAGE[damage]))
    eventually(lambda: damage in server.get("ready").json()["fault"], seconds=4)
    ready = server.get("ready").json()
    assert (ready["ready"], ready["release"], ready["workers"]) == (True, served, 2)
    assert "relgraph build" in ready["fault"]
    assert server.metric('relgraph_swaps_total{result="failed"}') == failed + 1
    answer = server.query(f"SELECT ?word {{ ?s <urn:word> ?word }} # {damage}")
    assert shelf.words[served] in answer.text
    new = shelf.build(f"after {damage}")
    assert server.await_release(served) == new.id
    assert server.get("ready").json()["fault"] == ""


def test_changes_leave_neither_processes_nor_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setenv("TMPDIR", str(temporary))
    file = write(tmp_path / "data.nt", "0")
    with Server(tmp_path / "log", "--dataset", file) as server:
        for number in range(1, 4):
            served = server.get("ready").json()["release"]
            # a query that outlives the change and is killed then, when its worker would have been replaced
            with server.asking(ENDLESS, timeout="60"):
                eventually(lambda: server.metric("relgraph_queries_running") == 1)
                write(file, str(number))
                server.hang_up()
                server.await_release(served)
                assert len(list(temporary.glob("*/*"))) == 2
            eventually(lambda: len(list(temporary.glob("*/*"))) == 1)
            assert server.word() == str(number)
        eventually(lambda: len(server.workers()) == 2)
        left = server.workers()
    assert list(temporary.iterdir()) == []
    eventually(lambda: not any(Path(f"/proc/{pid}").exists() for pid in left))


def open_databases(server: Server) -> set[str]:
    """The folders of databases of which the server has files open."""
    found = set()
    for descriptor in Path(f"/proc/{server.process.pid}/fd").iterdir():
        with contextlib.suppress(OSError):  # closed in the meantime
            folder, inside, _ = str(descriptor.readlink()).partition("/store/")
            found |= {folder} if inside else set()
    return found


def test_changes_leave_no_database_open(tmp_path: Path) -> None:
    file = write(tmp_path / "data.nt", "0")
    with Server(tmp_path / "log", "--dataset", file) as server:
        for number in range(1, 4):
            served = server.get("ready").json()["release"]
            write(file, str(number))
            server.hang_up()
            server.await_release(served)
        assert open_databases(server)
        eventually(lambda: len(open_databases(server)) == 1, seconds=4)


def test_an_end_in_the_middle_of_a_change_leaves_no_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setenv("TMPDIR", str(temporary))
    file = write(tmp_path / "data.nt", "word")
    with Server(tmp_path / "log", "--dataset", file) as server:
        write(file, "another", triples=100_000)
        server.hang_up()
        eventually(lambda: len(list(temporary.glob("*/*"))) == 2)
    assert list(temporary.iterdir()) == []


# ── the end


class Stream:
    """An answer that has begun, of which the client reads the rest later."""

    def __init__(self, server: Server) -> None:
        self._connection = server.asking(MANY)
        self._read = bytearray(self._connection.recv(1))

    def __enter__(self) -> Stream:
        return self

    def __exit__(self, *raised: object) -> None:
        self._connection.close()

    def rest(self) -> bytes:
        """All of it, until the connection ends."""
        try:
            while part := self._connection.recv(2**20):
                self._read += part
        except ConnectionError:
            pass
        return bytes(self._read)


def refuses(server: Server) -> bool:
    """Whether the server takes no new connections."""
    try:
        socket.create_connection(server.address, timeout=DEADLINE).close()
    except ConnectionRefusedError:
        return True
    return False


def unchunked(response: bytes) -> bytes:
    """The body of a response in chunks. Fails when the last one is missing."""
    head, _, rest = response.partition(b"\r\n\r\n")
    assert b"transfer-encoding: chunked" in head
    parts: list[bytes] = []
    while True:
        size, _, rest = rest.partition(b"\r\n")
        length = int(size, 16)
        if not length:
            assert rest == b"\r\n"
            return b"".join(parts)
        parts.append(rest[:length])
        rest = rest[length + 2 :]


def test_an_answer_under_way_arrives_whole_although_the_server_ends(data: Path, tmp_path: Path) -> None:
    with Server(tmp_path / "log", "--dataset", data, SHUTDOWN_TIMEOUT=60, QUERY_TIMEOUT=60) as server, Stream(server) as stream:
        left = server.workers()
        server.process.send_signal(signal.SIGTERM)
        eventually(lambda: refuses(server))
        assert server.process.poll() is None
        answer = json.loads(unchunked(stream.rest()))
        assert len(answer["results"]["bindings"]) == MANY_ROWS
        server.process.wait(DEADLINE)
        eventually(lambda: not any(Path(f"/proc/{pid}").exists() for pid in left))
    assert not [line for line in server.logged() if line["level"] == "error"]


def test_an_answer_that_nobody_reads_does_not_keep_the_server_from_its_end(data: Path, tmp_path: Path) -> None:
    with Server(tmp_path / "log", "--dataset", data, SHUTDOWN_TIMEOUT=1, QUERY_TIMEOUT=600) as server, Stream(server) as stream:
        server.process.send_signal(signal.SIGTERM)
        server.process.wait(DEADLINE)
        assert not stream.rest().endswith(b"0\r\n\r\n")


# ── in one process


class Again:
    """A source that has the same release again and again, and notes what is given back."""

    def __init__(self, release: Release) -> None:
        self.release = release
        self.given_back = 0

    def changed(self) -> bool:
        return True

    def open(self) -> Opened:
        return replace(opened(self.release, {}), close=self._close)

    def releases(self) -> None:
        return None

    def open_other(self, release: Release) -> Opened:
        raise AssertionError("nobody asks for one")

    def _close(self) -> None:
        self.given_back += 1


def test_the_end_is_the_end_of_what_still_answers_from_an_older_release_too(release: Release) -> None:
    async def run() -> None:
        source, settings = Again(release), Settings(workers=1, release_poll=0)
        snapshots = Snapshots(source, settings, lambda reason: None, lambda outcome: None, Clients(0, 0))
        await snapshots.start()
        old = snapshots.enter()  # a request that never leaves
        await snapshots.swap()
        assert snapshots.current is not old
        assert old.pool.workers
        await snapshots.close()
        assert (old.pool.workers, source.given_back) == (set(), 2)

    asyncio.run(run())
