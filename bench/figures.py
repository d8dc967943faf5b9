"""Percentiles, medians and ratios."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence


def percentile(values: Sequence[float], percent: float) -> float | None:
    """The smallest of the values that at least so many percent of them do not exceed; None without values."""
    if not values:
        return None
    return sorted(values)[max(0, math.ceil(len(values) * percent / 100) - 1)]


def median(values: Sequence[float | None]) -> float | None:
    """The median of what was measured; None when any round measured nothing, as it would be flattering without it."""
    known = [value for value in values if value is not None]
    return statistics.median(known) if known and len(known) == len(values) else None


def ratio(above: float | None, below: float | None) -> float | None:
    """The first value as a multiple of the second; None where either is unknown or the second is zero."""
    return above / below if above is not None and below else None
