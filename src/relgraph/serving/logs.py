"""The log on standard error: one JSON object a line, or short lines for people at a terminal. Never the text of a query, unless
that is asked for."""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime
from typing import Any

from relgraph.serving.settings import Settings

#: The logger of requests and of what happens to the server.
log = logging.getLogger("relgraph.serving")
#: The event of a request; its facts are status, method, path, ms (milliseconds) and further ones.
REQUEST = "request"
#: Characters of a path or a query that a line shows.
_SHOWN = 120
#: What a line about a request shows of its further facts.
_TOLD = ("outcome", "text")


class _Objects(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        """The record as one line of JSON; facts of a request come in the record's `facts`. What is not printable is escaped, for
        those who read the lines at a terminal."""
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "event": record.getMessage(),
        }
        line |= getattr(record, "facts", {})
        if record.exc_info:
            line["trace"] = self.formatException(record.exc_info)
        return "".join(c if c.isprintable() else json.dumps(c)[1:-1] for c in json.dumps(line, ensure_ascii=False))


class _Lines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        """The record as a line with the time of day here; only a trace takes more of them, which begin with spaces.

        Clients choose paths and queries, which shall do nothing to a terminal but stand on it.
        """
        facts: dict[str, Any] = getattr(record, "facts", {})
        if record.getMessage() == REQUEST:
            told = [f"{facts['status']} {facts['method']:<4} {_cut(facts['path'])} {facts['ms']:.0f} ms"]
            told += [_cut(str(facts[name])) for name in _TOLD if facts.get(name, "ok") != "ok"]
        else:
            told = [record.levelname.lower()] if record.levelno >= logging.WARNING else []
            told += [record.getMessage(), *(f"{name}={value}" for name, value in facts.items())]
        lines = [f"{datetime.fromtimestamp(record.created):%H:%M:%S} {' '.join(told)}"]
        trace = self.formatException(record.exc_info) if record.exc_info else ""
        lines += ["  " + line for line in trace.split("\n") if trace]
        return "\n".join(map(_harmless, lines))


def configure(settings: Settings) -> None:
    """Sends the logs of relgraph and of uvicorn to standard error, as much of them and in the form that the settings say."""
    handler = logging.StreamHandler(sys.stderr)
    is_text = settings.log_format == "text" or (settings.log_format == "auto" and sys.stderr.isatty())
    handler.setFormatter(_Lines() if is_text else _Objects())
    level = {"requests": logging.INFO, "errors": logging.WARNING, "off": logging.CRITICAL + 1}[settings.log]
    for logger, least in ((log, level), (logging.getLogger("uvicorn.error"), max(level, logging.WARNING))):
        logger.handlers = [handler]
        logger.propagate = False
        logger.setLevel(least)


def _cut(text: str) -> str:
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"


def _harmless(text: str) -> str:
    """Without characters that a terminal obeys, or that turn or hide others: they stand there as escapes of Python."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
