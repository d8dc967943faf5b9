"""What the server counts, for Prometheus at /metrics."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import TypeVar, cast

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.platform_collector import PlatformCollector
from prometheus_client.process_collector import ProcessCollector
from prometheus_client.registry import Collector

MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)

#: A gauge: name, help, value; or, with a label, the values by it.
M = TypeVar("M", Counter, Histogram)
Gauge = tuple[str, str, float | dict[str, float]]


class Metrics:
    """Counters of one server. gauges: gives what is read when somebody looks (queue, memory, release, age of the data)."""

    def __init__(self, gauges: Callable[[], list[Gauge]]) -> None:
        self._registry = CollectorRegistry()
        self._children: dict[tuple[object, str], object] = {}
        ProcessCollector(registry=self._registry)
        PlatformCollector(registry=self._registry)
        self._registry.register(_Gauges(gauges))
        self._queries = Counter("relgraph_queries", "Queries by how they ended", ["outcome"], registry=self._registry)
        self._seconds = Histogram(
            "relgraph_query_seconds", "Seconds to the last byte, by how the query ended", ["outcome"], buckets=_SECONDS,
            registry=self._registry,
        )  # fmt: skip
        self._kills = Counter("relgraph_worker_kills", "Workers that were ended, by reason", ["reason"], registry=self._registry)
        self._cache = Counter("relgraph_cache", "Looks into the cache of answers", ["result"], registry=self._registry)
        self._requests = Counter("relgraph_requests", "Requests by status", ["status"], registry=self._registry)
        self._swaps = Counter("relgraph_swaps", "Changes to another release", ["result"], registry=self._registry)

    def query(self, outcome: str, seconds: float) -> None:
        """Counts a query that has ended."""
        self._labelled(self._queries, outcome).inc()
        self._labelled(self._seconds, outcome).observe(seconds)

    def kill(self, reason: str) -> None:
        """Counts a worker that was ended."""
        self._kills.labels(reason).inc()

    def cache(self, hit: bool) -> None:
        """Counts a look into the cache."""
        self._cache.labels("hit" if hit else "miss").inc()

    def request(self, status: int) -> None:
        """Counts a request that has been answered."""
        self._labelled(self._requests, str(status)).inc()

    def _labelled(self, metric: M, label: str) -> M:
        """The child of a metric; the library takes its time to find one."""
        found = self._children.get((metric, label))
        if found is None:
            found = self._children[metric, label] = metric.labels(label)
        return cast("M", found)

    def swap(self, result: str) -> None:
        """Counts a change to another release, or an attempt that failed."""
        self._swaps.labels(result).inc()

    def exposition(self) -> bytes:
        """Everything in the text format of Prometheus."""
        return generate_latest(self._registry)


class _Gauges(Collector):
    def __init__(self, gauges: Callable[[], list[Gauge]]) -> None:
        self._gauges = gauges

    def collect(self) -> Iterator[Metric]:
        for name, text, value in self._gauges():
            if isinstance(value, dict):
                (label,) = {key.partition("=")[0] for key in value}
                family = GaugeMetricFamily(name, text, labels=[label])
                for key, number in value.items():
                    family.add_metric([key.partition("=")[2]], number)
            else:
                family = GaugeMetricFamily(name, text, value=value)
            yield family


def age(built: float) -> float:
    """Seconds since a point of time."""
    return max(0.0, time.time() - built)
