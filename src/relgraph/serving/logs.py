"""The log: one JSON object a line on standard error. Never the text of a query, unless that is asked for."""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime

from relgraph.serving.settings import Settings

#: The logger of requests and of what happens to the server.
log = logging.getLogger("relgraph.serving")


class _Lines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        """The record as one line of JSON; facts of a request come in the record's `facts`."""
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "event": record.getMessage(),
        }
        line |= getattr(record, "facts", {})
        if record.exc_info:
            line["trace"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


def configure(settings: Settings) -> None:
    """Sends the logs of relgraph and of uvicorn to standard error, as much of them as the settings say."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Lines())
    level = {"requests": logging.INFO, "errors": logging.WARNING, "off": logging.CRITICAL + 1}[settings.log]
    for logger, least in ((log, level), (logging.getLogger("uvicorn.error"), max(level, logging.WARNING))):
        logger.handlers = [handler]
        logger.propagate = False
        logger.setLevel(least)
