"""The settings of the server: one table, read from the environment and a file.

docs/settings.md is written from this table, and a test holds the two against each other.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, ValidationInfo, field_validator
from pyoxigraph import NamedNode

from relgraph.errors import UsageError, suggestion

#: A setting `query_timeout` is RELGRAPH_QUERY_TIMEOUT in the environment.
PREFIX = "RELGRAPH_"
_MIB = 1024 * 1024
#: No number of bytes, seconds or things is larger.
_MOST = 2**45
#: From this likeness on (difflib) a variable of another name is a setting misspelt.
_LIKE = 0.85
#: Scheme, host and port (RFC 6454, section 6.2), nothing else.
_ORIGIN = re.compile(r"https?://[^/?#@\s]+")


def _split(value: object) -> object:
    """A list is written with commas in the environment."""
    return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value


Listed = Annotated[tuple[str, ...], BeforeValidator(_split)]


class Settings(BaseModel):
    """Every setting with its default and what it does."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    # ── queries
    workers: int = Field(
        default_factory=lambda: max(4, 2 * (os.cpu_count() or 1)),
        ge=1,
        le=256,
        description="Processes that answer queries, one query at a time each. By default two a core, at least 4.",
    )
    query_timeout: float = Field(
        default=30.0,
        gt=0,
        le=86400,
        description="Seconds of wall clock that a query has, until the last byte of its answer has left. A request may lower "
        "it with the parameter timeout.",
    )
    query_memory: int = Field(
        default=1024 * _MIB,
        ge=64 * _MIB,
        description="Bytes of address space that a worker may take beyond what it has when it is ready.",
    )
    max_rows: int = Field(
        default=0, ge=0, description="Rows (triples for CONSTRUCT and DESCRIBE) that an answer may have; 0 for no limit."
    )
    max_bytes: int = Field(default=1024 * _MIB, ge=1024, description="Bytes that an answer may have, before compression.")
    max_query: int = Field(
        default=_MIB, ge=1024, description="Bytes that the body of a request, and so a posted query, may have; beyond it 413."
    )
    max_queue: int = Field(default=256, ge=0, description="Queries that may wait for a worker; beyond it 429 with Retry-After.")
    queue_timeout: float = Field(default=15.0, gt=0, description="Seconds that a query may wait for a worker; beyond it 503.")

    # ── clients
    client_seconds: float = Field(
        default=60.0,
        ge=0,
        description="Seconds of query time that a client may use up a minute; beyond it 429 with Retry-After. 0 for no limit.",
    )
    client_queries: int = Field(
        default=32, ge=0, description="Queries of one client that may run and wait at once; beyond it 429. 0 for no limit."
    )
    trusted_hops: int = Field(
        default=0,
        ge=0,
        le=16,
        description="Proxies in front of the server whose X-Forwarded-For is believed: the client is the address that the "
        "outermost of them saw. 0 where there is none.",
    )

    # ── connections
    max_connections: int = Field(
        default=1000,
        ge=1,
        description="Connections at once, and half as many from one address (all, where there are trusted hops); beyond it 503.",
    )
    max_url: int = Field(default=65536, ge=256, description="Bytes of a request target; beyond it 414.")
    max_headers: int = Field(default=32768, ge=256, description="Bytes of a request's headers; beyond it 431.")
    receive_timeout: float = Field(
        default=15.0, gt=0, description="Seconds within which a request must arrive whole; beyond it 408."
    )
    keep_alive: float = Field(default=20.0, gt=0, description="Seconds that an idle connection is kept open.")
    shutdown_timeout: float = Field(
        default=30.0, ge=0, description="Seconds that queries under way get to finish after SIGTERM or SIGINT."
    )

    # ── answers
    cache_bytes: int = Field(default=64 * _MIB, ge=0, description="Bytes of answers that are kept; 0 for no cache.")
    cache_entry_bytes: int = Field(default=_MIB, ge=0, description="Bytes of the largest answer that is kept.")
    max_age: int = Field(
        default=60, ge=0, description="Seconds that caches of others may keep an answer (Cache-Control: max-age)."
    )
    page_rows: int = Field(default=1000, ge=1, description="Rows that a page shows; it says when there are more.")
    public_url: str = Field(
        default="",
        description="The address under which users reach the server, e.g. https://example.org/; by default what they asked. "
        "Of one with a path, as https://example.org/graph/, the proxy in front takes the path off.",
    )
    cors_origins: Listed = Field(
        default=(), description="Origins whose pages may read answers, e.g. https://example.org, or *; never with credentials."
    )

    # ── other servers
    service_allow: Listed = Field(
        default=(), description="Origins that SERVICE may reach, e.g. https://query.example.org; none by default."
    )
    service_networks: Listed = Field(
        default=(), description="Networks such as 10.1.0.0/16 that SERVICE may reach although they are private; none by default."
    )
    service_timeout: float = Field(default=10.0, gt=0, description="Seconds that another server has for its whole answer.")
    service_bytes: int = Field(default=8 * _MIB, ge=1024, description="Bytes that an answer of another server may have.")

    # ── releases
    old_releases: int = Field(
        default=2,
        ge=0,
        description="Releases besides the current one that are kept open for ?release=; each has two workers. Beyond it, one "
        "that nobody is using is closed, else 503. 0 for none.",
    )

    # ── operation
    log: Literal["requests", "errors", "off"] = Field(
        default="requests", description="What is logged, on standard error: requests, errors or off."
    )
    log_format: Literal["auto", "json", "text"] = Field(
        default="auto",
        description="How it is logged: json, an object a line; text, short lines for people; or auto, which is text where "
        "standard error is a terminal, and json elsewhere.",
    )
    log_queries: bool = Field(
        default=False, description="Whether the text of queries is logged, literals and all; otherwise only its hash."
    )
    release_poll: float = Field(
        default=2.0, ge=0, description="Seconds between looks at whether the current release is another; 0 for SIGHUP only."
    )

    @property
    def prefix(self) -> str:
        """The path of the public address, which a proxy in front takes off; "" where it has none."""
        return re.sub(r"^\w+://[^/]*", "", self.public_url).rstrip("/")

    @field_validator("*", mode="before")
    @classmethod
    def _is_no_boolean(cls, value: object, info: ValidationInfo) -> object:
        if isinstance(value, bool) and cls.model_fields[info.field_name or ""].annotation is not bool:
            raise ValueError("a number or text is wanted, not true or false")
        return value

    @field_validator("*")
    @classmethod
    def _is_bounded(cls, value: object) -> object:
        if isinstance(value, int | float) and value > _MOST:
            raise ValueError(f"it is at most {_MOST}")
        return value

    @field_validator("cors_origins")
    @classmethod
    def _are_origins(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for origin in value:
            if origin != "*" and not _ORIGIN.fullmatch(origin):
                raise ValueError(f"{origin!r} is no origin; write it as https://example.org or http://example.org:8080")
        return value

    @field_validator("public_url")
    @classmethod
    def _is_url(cls, value: str) -> str:
        if value and not (re.fullmatch(_ORIGIN.pattern + r"(/[^?#\s]*)?", value) and _is_iri(value)):
            raise ValueError(f"{value!r} is no address; write it as https://example.org/")
        return value if not value or value.endswith("/") else value + "/"


def _is_iri(text: str) -> bool:
    """Whether statements can name an address."""
    try:
        NamedNode(text)
    except ValueError:
        return False
    return True


def load(file: Path | None = None, environment: Mapping[str, str] | None = None) -> Settings:
    """The settings: the environment (os.environ) wins over the file (TOML), the file over the defaults.

    Raises UsageError that names the setting, where it was given, and what it may be.
    """
    given: dict[str, object] = {}
    if file is not None:
        try:
            given = tomllib.loads(file.read_text("utf-8"))
        except (OSError, UnicodeDecodeError) as error:
            raise UsageError(f"the settings in {file} cannot be read: {error}. Name a file of UTF-8 text") from error
        except tomllib.TOMLDecodeError as error:
            raise UsageError(f"the settings in {file} are not TOML: {error}. Write lines such as query_timeout = 30") from error
    variables = os.environ if environment is None else environment
    for name in Settings.model_fields:
        if PREFIX + name.upper() in variables:
            given[name] = variables[PREFIX + name.upper()]
    for variable in variables:
        name = variable.removeprefix(PREFIX).lower()
        meant = get_close_matches(name, Settings.model_fields, n=1, cutoff=_LIKE)
        if variable.startswith(PREFIX) and meant and meant[0] != name:
            raise UsageError(f"there is no setting {variable}. Did you mean {PREFIX}{meant[0].upper()}?")
    try:
        return Settings.model_validate(given)
    except ValidationError as error:
        raise UsageError(
            "; ".join(_fault(fault["loc"], fault["type"], fault["msg"], variables, file) for fault in error.errors())
        ) from error


def _fault(loc: tuple[int | str, ...], kind: str, message: str, variables: Mapping[str, str], file: Path | None) -> str:
    name = str(loc[0])
    variable = PREFIX + name.upper()
    where = variable if variable in variables and name in Settings.model_fields else f"{name} in {file}"
    if kind == "extra_forbidden":
        return f"there is no setting {where}. {suggestion(name, Settings.model_fields)}"
    return f"the setting {where}: {message.removeprefix('Value error, ')}. {Settings.model_fields[name].description}"


def as_markdown() -> str:
    """The table of all settings, for docs/settings.md."""
    rows = ["| setting | in the environment | default | what it does |", "|---|---|---|---|"]
    for name, field in Settings.model_fields.items():
        default = "by the cores" if field.default_factory else _shown(field.default)
        rows.append(f"| `{name}` | `{PREFIX}{name.upper()}` | {default} | {field.description} |")
    return "\n".join(rows) + "\n"


def _shown(default: object) -> str:
    if default in ((), ""):
        return "none"
    if isinstance(default, bool):
        return str(default).lower()
    return f"{default:g}" if isinstance(default, float) else str(default)
