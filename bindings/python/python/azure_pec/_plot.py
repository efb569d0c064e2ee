"""Pictures of a statement; needs matplotlib (``pip install azure-pec[plot]``)."""

from __future__ import annotations

import io
from collections import defaultdict
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ._calculator import Evaluation

_COLOURS = {"earned": "#2b7a4b", "missed": "#c0392b", "unknown": "#b8860b"}


def figure(evaluation: Evaluation, currency: str | None) -> Any:
    from matplotlib.figure import Figure

    totals = evaluation.statement.totals
    currency = currency or (totals[0].currency if totals else "USD")
    days: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for group in evaluation.by_day.groups:
        if group.currency == currency and group.outcome in _COLOURS:
            # A picture may round.
            days[group.keys["date"]][group.outcome] += float(group.potential)
    made: Any = Figure(figsize=(10, 6), layout="constrained")
    # Notebooks show it; it needs no window and no state of pyplot's.
    made._repr_png_ = lambda: _png(made)
    above, below = made.subplots(2, 1)
    names = sorted(days)
    floor = [0.0] * len(names)
    for outcome, colour in _COLOURS.items():
        heights = [days[day][outcome] for day in names]
        above.bar([day[-5:] for day in names], heights, bottom=floor, color=colour, label=outcome)
        floor = [low + high for low, high in zip(floor, heights)]
    above.set_title(f"Partner earned credit by day, {currency}")
    above.tick_params(axis="x", rotation=90)
    above.legend()
    rows = [r for r in evaluation.statement.reasons if r.currency == currency and r.outcome in ("missed", "unknown")]
    rows.sort(key=lambda row: row.potential)
    below.barh([r.reason for r in rows], [float(r.potential) for r in rows], color=[_COLOURS[r.outcome] for r in rows])
    below.set_title(f"Not earned, by reason, {currency}")
    return made


def _png(made: Any) -> bytes:
    buffer = io.BytesIO()
    made.savefig(buffer, format="png")
    return buffer.getvalue()
