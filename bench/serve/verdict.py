"""What has to hold at the end of an attack, and the tables of what came of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rich.table import Table

from bench.judgement import Judgement
from bench.report import cell, out
from bench.serve.siege import Result

POLITE_SHARE = 0.9


def judge(result: Result, memory_limit: float) -> list[Judgement]:
    """What has to hold at the end of an attack; `memory_limit` in bytes."""
    not_run = [name for name, kind in result.kinds.items() if not kind.taken_up]
    megabytes = None if result.peak_memory is None else result.peak_memory / 1e6
    return [
        Judgement("alive and answering at the end (1: yes)", float(result.alive), at_least=1),
        Judgement("requests without an answer or a close within the limit", result.wrong, at_most=0),
        Judgement("answers with status 500", result.internal_errors, at_most=0),
        Judgement("connections to the canary", sum(result.canary_visits.values()), at_most=0),
        Judgement("part of the polite requests answered", result.polite_share, at_least=POLITE_SHARE),
        Judgement("peak memory of server and workers, MB", megabytes, at_most=memory_limit / 1e6),
        Judgement("idle when all is over (1: yes)", None if result.idle_at_the_end is None else float(result.idle_at_the_end), 1),
        Judgement(
            f"kinds of attack that never got through to be tried{': ' + ', '.join(not_run) if not_run else ''}",
            len(not_run),
            at_most=0,
        ),
    ]


def show(results: Sequence[Result], details: bool) -> None:
    """Prints the servers side by side, then the kinds of attack that went wrong (with details: all) for each."""
    table = Table("", title="The hostile set", title_justify="left")
    for result in results:
        table.add_column(result.server, justify="right")
    rows = [_row(result) for result in results]
    for what in rows[0]:
        table.add_row(what, *(row[what] for row in rows))
    out.print(table)
    for result in results:
        _show_kinds(result, details)


def _row(result: Result) -> dict[str, str]:
    ended = (
        "alive" if result.alive else "alive, no answer" if result.died_after is None else f"died after {result.died_after:.1f} s"
    )
    asked = result.polite_answered + sum(result.polite_failures.values())
    return {
        "at the end": ended,
        "computing when all was over": {None: "–", True: "no", False: "yes"}[result.idle_at_the_end],
        "requests": f"{result.requests:,}",
        "kinds of attack taken up": f"{sum(bool(kind.taken_up) for kind in result.kinds.values())} of {len(result.kinds)}",
        "held, refused, dropped or 500": f"{result.wrong:,}",
        "status 500": f"{result.internal_errors:,}",
        "canary reached": str(sum(result.canary_visits.values())),
        "polite requests answered": f"{result.polite_answered:,} of {asked:,}",
        "polite failures": _counts(result.polite_failures),
        "polite median, ms": cell(None if result.polite_p50 is None else result.polite_p50 * 1000),
        "polite worst, ms": cell(None if result.polite_worst is None else result.polite_worst * 1000),
        "peak memory, MB": cell(None if result.peak_memory is None else result.peak_memory / 1e6),
        "worker kills": "–" if result.worker_kills is None else _counts(result.worker_kills) or "0",
    }


def _show_kinds(result: Result, details: bool) -> None:
    shown = {name: kind for name, kind in result.kinds.items() if details or kind.wrong}
    if not shown:
        return
    title = f"{result.server}: {'all attacks' if details else 'what went wrong'}"
    table = Table("attack", title=title, title_justify="left")
    for head in ("runs", "taken up", "wrong", "ended", "status", "reason", "worst s"):
        table.add_column(head, justify="right" if head in ("runs", "taken up", "wrong", "worst s") else "left")
    for name, kind in shown.items():
        counts = (_counts(kind.endings), _counts(kind.statuses), _counts(kind.reasons))
        table.add_row(name, str(kind.runs), str(kind.taken_up), str(kind.wrong), *counts, f"{kind.worst_seconds:.1f}")
    out.print(table)


def _counts(counts: Mapping[str, int]) -> str:
    """Names with how often each came, in order of name."""
    return ", ".join(f"{name} × {count}" for name, count in sorted(counts.items()))
