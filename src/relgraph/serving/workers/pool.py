"""The workers of one snapshot: started, lent out one query at a time, killed when a query goes over, replaced.

A query is bounded from outside its process: whoever holds a worker may `kill` it at any moment, and the pool starts
another. Queries wait in one bounded queue; no client holds every worker while others wait.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import sys
from collections import Counter, deque
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar, cast

from relgraph.errors import BudgetError, UsageError
from relgraph.serving.logs import log
from relgraph.serving.workers import sandbox
from relgraph.serving.workers.frames import Frame, Kind, Unpacker, packed

T = TypeVar("T")

#: Frames that may wait here for a slow client before the worker is left to wait.
_AHEAD = 2
#: Seconds a worker has to open its snapshot.
_START = 60.0
#: Seconds between attempts to start a worker that does not start.
_AGAIN = 2.0
#: What a worker's last words may be, in bytes.
_WORDS = 4096


class _Link(asyncio.Protocol):
    """The server's end of the socket to a worker."""

    def __init__(self, on_lost: Callable[[], None]) -> None:
        self._on_lost = on_lost
        self._unpacker = Unpacker()
        self._frames: deque[Frame] = deque()
        self._awaited: asyncio.Future[Frame | None] | None = None
        self._closed = False
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        for frame in self._unpacker.feed(data):
            if self._awaited and not self._awaited.done():
                self._awaited.set_result(frame)
                self._awaited = None
            else:
                self._frames.append(frame)
        if len(self._frames) >= _AHEAD and self.transport:
            self.transport.pause_reading()

    def connection_lost(self, exc: Exception | None) -> None:
        self._closed = True
        if self._awaited and not self._awaited.done():
            self._awaited.set_result(None)
        self._on_lost()

    async def next(self) -> Frame | None:
        """The next frame; None when the worker has ended."""
        if self._frames:
            frame = self._frames.popleft()
            if len(self._frames) < _AHEAD and self.transport and not self._closed:
                self.transport.resume_reading()
            return frame
        if self._closed:
            return None
        self._awaited = asyncio.get_running_loop().create_future()
        return await self._awaited

    def send(self, kind: Kind, meta: Mapping[str, Any] | None = None, data: bytes = b"") -> None:
        if self.transport and not self._closed:
            self.transport.write(packed(kind, meta, data))


@dataclass(eq=False)
class Worker:
    """A worker process as the server sees it."""

    process: asyncio.subprocess.Process
    link: _Link
    isolation: tuple[str, ...] = ()
    client: str = ""
    killed: str = ""

    def kill(self, reason: str) -> None:
        """Ends the process at once; the reason is counted and told."""
        self.killed = self.killed or reason
        with contextlib.suppress(ProcessLookupError):
            self.process.kill()

    def retire(self) -> None:
        """Has it replaced when it is given back: it holds on to too much memory."""
        self.killed = self.killed or "retired"

    async def fate(self) -> BudgetError:
        """Why a worker that nobody killed has ended, as an error for the query that it was answering."""
        words = b""
        if self.process.stderr:
            with contextlib.suppress(TimeoutError):
                words = (await asyncio.wait_for(self.process.stderr.read(), 1.0))[-_WORDS:]
        status = await self.process.wait()
        if status == -signal.SIGSEGV:
            self.killed = "nesting"
            return BudgetError("nesting", "the query is nested too deeply for the engine. Write it flatter")
        if status in (-signal.SIGABRT, -signal.SIGKILL) or b"MemoryError" in words:
            self.killed = "memory"
            return BudgetError("memory", "the query needs more memory than a query may have. Ask for less at a time")
        self.killed = "engine"
        return BudgetError("engine", "the engine broke down on this query. Write it in another way")


@dataclass
class Setup:
    """What the workers of a snapshot are told."""

    store: str
    index: str | None
    own: bool
    memory: int
    workers: int
    queue: int
    queue_timeout: float


@dataclass
class _Waiter:
    client: str
    future: asyncio.Future[Worker] = field(default_factory=lambda: asyncio.get_running_loop().create_future())


class Pool:
    """A fixed number of workers. on_kill is called with the reason whenever one is killed or has broken down."""

    def __init__(self, setup: Setup, on_kill: Callable[[str], None]) -> None:
        self._setup = setup
        self._on_kill = on_kill
        self._idle: list[Worker] = []
        self._waiting: deque[_Waiter] = deque()
        self._running: Counter[str] = Counter()
        self._tasks: set[asyncio.Task[Any]] = set()
        self._closing = asyncio.Event()
        self._starting: set[Worker] = set()
        self.workers: set[Worker] = set()

    @property
    def isolation(self) -> tuple[str, ...]:
        """How the workers are cut off from networks."""
        return next((worker.isolation for worker in self.workers), ())

    @property
    def waiting(self) -> int:
        """Queries in the queue."""
        return len(self._waiting)

    @property
    def running(self) -> int:
        """Queries that a worker is answering."""
        return self._running.total()

    def memory(self) -> int:
        """Bytes of memory of all workers together."""
        return sum(sandbox.resident(worker.process.pid) for worker in self.workers)

    async def start(self) -> None:
        """Starts the workers; returns when all are ready.

        Raises UsageError when none starts, or when the pool is closed meanwhile.
        """
        spawning = [self._later(self._spawn()) for _ in range(self._setup.workers)]
        await asyncio.wait(spawning)  # it is `close` that ends them, also when this is cancelled
        if self._closing.is_set():
            raise UsageError(f"the workers for {self._setup.store} were stopped while they started. Start them again")
        for task in spawning:
            if task.exception() is None:
                self._offer(task.result())
            else:
                self._later(self._replace())
        if not self.workers:
            await self.close()
            raise UsageError(f"no worker can open {self._setup.store}: {spawning[0].exception()}")

    async def close(self) -> None:
        """Ends the workers; the queries that are under way end with them."""
        self._closing.set()
        for worker in self._starting:  # killed, not cancelled: a process that is half made would be lost
            worker.kill("closing")
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await asyncio.gather(*(self._end(worker) for worker in list(self.workers)))

    def give_back(self, worker: Worker) -> None:
        """Takes a worker back after its query; one that was killed is replaced."""
        self._running[worker.client] -= 1
        if not self._running[worker.client]:
            del self._running[worker.client]
        if worker.killed or worker.process.returncode is not None:
            self._discard(worker)
            if self._idle and self._waiting:
                self._offer(self._idle.pop())  # the client may have one more now
        else:
            self._offer(worker)

    async def acquire(self, client: str) -> Worker:
        """A worker for one query of a client, to be given back.

        Raises BudgetError: queue when the queue is full, wait when no worker was free for too long.
        """
        if self._idle and self._may_run(client):
            worker = self._idle.pop()
        elif len(self._waiting) >= self._setup.queue:
            raise BudgetError("queue", f"{self._setup.queue} queries are waiting already. Try again in a moment", 1.0)
        else:
            waiter = _Waiter(client)
            self._waiting.append(waiter)
            try:
                async with asyncio.timeout(self._setup.queue_timeout):
                    worker = await waiter.future
            except BaseException as error:
                if waiter.future.done() and not waiter.future.cancelled():
                    self.give_back(waiter.future.result())
                with contextlib.suppress(ValueError):
                    self._waiting.remove(waiter)
                if isinstance(error, TimeoutError):
                    detail = f"no worker was free for {self._setup.queue_timeout:g} s. Try again in a moment"
                    raise BudgetError("wait", detail, 5.0) from None
                raise
            return worker
        self._lend(worker, client)
        return worker

    def _lend(self, worker: Worker, client: str) -> None:
        worker.client = client
        self._running[client] += 1

    def _may_run(self, client: str) -> bool:
        return self._running[client] < max(1, self._setup.workers - 1)

    def _offer(self, worker: Worker) -> None:
        """Gives a free worker to the first query in the queue whose client may have one more."""
        for waiter in self._waiting:
            if not waiter.future.done() and self._may_run(waiter.client):
                self._lend(worker, waiter.client)
                waiter.future.set_result(worker)
                self._waiting.remove(waiter)
                return
        self._idle.append(worker)

    def _discard(self, worker: Worker) -> None:
        worker.kill("lost")
        self._on_kill(worker.killed)
        self.workers.discard(worker)
        self._later(self._replace(worker))

    def _lost(self, worker: Worker) -> None:
        """An idle worker has ended by itself, or somebody else has killed it."""
        if worker in self._idle:
            self._idle.remove(worker)
            worker.killed = "lost"
            self._discard(worker)

    async def _replace(self, old: Worker | None = None) -> None:
        if old:
            await self._end(old)
        told = ""
        while not self._closing.is_set():
            try:
                self._offer(await self._spawn())
                return
            except (OSError, UsageError) as error:
                if str(error) != told and not self._closing.is_set():
                    told = str(error)
                    log.warning("cannot start a worker: %s", told)
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._closing.wait(), _AGAIN)

    def _later(self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        """A task that `close` waits for."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _spawn(self) -> Worker:
        ours, theirs = socket.socketpair()
        environment = {**os.environ, "RUST_BACKTRACE": "0", "MALLOC_ARENA_MAX": "2"}
        with theirs, contextlib.ExitStack() as unless_started:
            unless_started.enter_context(ours)
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "relgraph.serving.workers.worker", str(theirs.fileno()),
                pass_fds=(theirs.fileno(),), env=environment,
                stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE,
                start_new_session=True,
            )  # fmt: skip
            unless_started.pop_all()
        ours.setblocking(False)
        link = _Link(lambda: self._lost(worker))
        worker = Worker(process, link)
        self._starting.add(worker)
        if self._closing.is_set():
            worker.kill("closing")
        setup = {"store": self._setup.store, "index": self._setup.index, "own": self._setup.own, "memory": self._setup.memory}
        try:
            await asyncio.get_running_loop().create_unix_connection(lambda: link, sock=ours)
            link.send(Kind.SETUP, setup)
            async with asyncio.timeout(_START):
                ready = await link.next()
        except TimeoutError:
            ready = None
        except BaseException:
            worker.kill("start")
            await self._end(worker)
            raise
        finally:
            self._starting.discard(worker)
        if ready is None or ready.kind != Kind.READY:
            worker.kill("start")
            words = await process.stderr.read() if process.stderr else b""
            await self._end(worker)
            raise UsageError((words.decode("utf-8", "replace").splitlines() or ["it does not answer"])[-1])
        worker.isolation = tuple(ready.meta["isolation"])
        self.workers.add(worker)
        return worker

    async def _end(self, worker: Worker) -> None:
        """Closes the link, at which an idle worker ends, and waits for its end."""
        self.workers.discard(worker)
        if worker in self._idle:
            self._idle.remove(worker)  # before its link is closed: its end is no loss
        if worker.link.transport:
            worker.link.transport.close()
        try:
            async with asyncio.timeout(1.0):
                await worker.process.wait()
        except TimeoutError:
            worker.kill("stuck")
            await worker.process.wait()
        if worker.process.stderr:  # at its end asyncio gives back what it holds of the process
            with contextlib.suppress(TimeoutError, RuntimeError):  # RuntimeError: somebody reads its last words already
                async with asyncio.timeout(1.0):
                    await worker.process.stderr.read()
