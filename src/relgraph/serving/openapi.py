"""The OpenAPI document of the plain routes, which FastAPI does not see: /sparql, /graphs and /why."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml
from fastapi import FastAPI

_PLAIN = Path(__file__).with_name("openapi.yaml")


def extend(api: FastAPI) -> None:
    """Adds the plain routes to the OpenAPI document of an application."""
    generated = api.openapi

    def document() -> dict[str, Any]:
        if not api.openapi_schema:
            plain = yaml.safe_load(_PLAIN.read_text("utf-8"))
            whole = generated()
            whole["paths"] = plain["paths"] | whole["paths"]
            for kind, parts in plain["components"].items():
                whole.setdefault("components", {}).setdefault(kind, {}).update(parts)
        return api.openapi_schema or {}

    api.openapi = document  # type: ignore[method-assign]  # FastAPI's way of changing the document
