"""A thread beside the event loop, for which clients take turns."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar
from weakref import WeakValueDictionary

from relgraph.errors import BudgetError

T = TypeVar("T")


class Turns:
    """One thread that makes pages, one after the other. As only one thread runs Python at a time, more of them would make no more
    pages, but keep the event loop waiting longer."""

    def __init__(self, name: str, most: int) -> None:
        """name: of the thread; most: how many pages may wait to be made."""
        self._thread = ThreadPoolExecutor(1, name)
        self._most = most
        self._waiting = 0
        #: One for each client: of all the pages that it asks for, one at a time waits for the thread.
        self._clients: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    def close(self) -> None:
        """Makes no more."""
        self._thread.shutdown(wait=False, cancel_futures=True)

    async def made(self, client: str, make: Callable[[], T], seconds: float) -> T:
        """What is made for a client. Raises BudgetError where too many are waiting, and after some seconds; what has been begun
        is made to its end, for nobody."""
        if self._waiting > self._most:
            raise BudgetError("queue", "too many pages are waiting to be made. Try again in a moment", 1.0)
        self._waiting += 1
        turn = self._clients.setdefault(client, asyncio.Lock())
        try:
            async with asyncio.timeout(seconds), turn:
                return await asyncio.get_running_loop().run_in_executor(self._thread, make)
        except TimeoutError:
            raise BudgetError("time", "the page was not made within the time of a query. Ask for less at a time") from None
        finally:
            self._waiting -= 1
