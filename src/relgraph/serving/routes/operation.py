"""/health, /ready and /metrics: for those who run the server."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from relgraph.serving.http.cache import Cache
from relgraph.serving.metrics import MEDIA_TYPE, Gauge, Metrics, age
from relgraph.serving.snapshots.current import Snapshots
from relgraph.serving.snapshots.snapshot import Snapshot


def router(snapshots: Snapshots, metrics: Metrics) -> APIRouter:
    """The routes of operation."""
    routes = APIRouter(tags=["operation"])

    @routes.head("/health", include_in_schema=False)
    @routes.get("/health", summary="The server is alive")
    async def health() -> dict[str, str]:
        return {"status": "alive"}

    @routes.head("/ready", include_in_schema=False)
    @routes.get(
        "/ready",
        summary="The server can answer queries",
        responses={503: {"description": "No worker is ready.", "content": {"application/json": {}}}},
    )
    async def ready(request: Request) -> Response:
        snapshot: Snapshot = request.state.snapshot
        workers = len(snapshot.pool.workers)
        body = {
            "ready": workers > 0,
            "release": snapshot.release,
            "workers": workers,
            "isolation": snapshot.pool.isolation,
            "fault": snapshots.fault,
        }
        return JSONResponse(body, 200 if workers else 503, headers={"Cache-Control": "no-store"})

    @routes.head("/metrics", include_in_schema=False)
    @routes.get(
        "/metrics",
        summary="Counters in the text format of Prometheus",
        response_class=Response,
        responses={200: {"content": {"text/plain": {}}}},
    )
    async def exposition() -> Response:
        return Response(metrics.exposition(), media_type=MEDIA_TYPE, headers={"Cache-Control": "no-store"})

    return routes


def gauges(snapshots: Snapshots, cache: Cache) -> list[Gauge]:
    """What is read when somebody looks at the metrics."""
    snapshot, *others = snapshots.open
    pools = [each.pool for each in (snapshot, *others)]
    return [
        ("relgraph_queue", "Queries that wait for a worker", sum(pool.waiting for pool in pools)),
        ("relgraph_queries_running", "Queries that a worker is answering", sum(pool.running for pool in pools)),
        ("relgraph_workers", "Workers that are ready or busy", sum(len(pool.workers) for pool in pools)),
        ("relgraph_worker_memory_bytes", "Memory of all workers together", sum(pool.memory() for pool in pools)),
        ("relgraph_old_releases", "Releases beside the current one that are open", len(others)),
        ("relgraph_cache_size_bytes", "Bytes of answers that are kept", cache.size),
        ("relgraph_release_info", "The release that is served", {f"release={snapshot.release}": 1}),
        ("relgraph_data_age_seconds", "Seconds since the data that are served were built", age(snapshot.opened.built)),
    ]
