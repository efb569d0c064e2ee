"""The statement document as values of Python: amounts are ``Decimal``, days ``date``."""

from __future__ import annotations

import datetime
import html
import json
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any


@dataclass(frozen=True)
class Totals:
    """The sums of one currency."""

    currency: str
    lines: int
    list_amount: Decimal
    earned: Decimal
    """What was earned: the credits."""
    missed: Decimal
    """What could have been had with the right access."""
    unknown: Decimal
    """What is not provable either way."""
    net: Decimal
    coverage: Decimal | None
    """earned / (earned + missed + unknown), cut to 6 decimals."""


@dataclass(frozen=True)
class ReasonSums:
    """The sums of one currency, outcome and reason."""

    currency: str
    outcome: str
    reason: str
    lines: int
    list_amount: Decimal
    potential: Decimal
    credit: Decimal


@dataclass(frozen=True)
class GroupSums:
    """The sums of one group, outcome and reason."""

    keys: dict[str, str]
    """The keys asked for, and their values."""
    currency: str
    outcome: str
    reason: str
    lines: int
    list_amount: Decimal
    potential: Decimal
    credit: Decimal


@dataclass(frozen=True)
class Notice:
    """What to know before trusting the numbers."""

    code: str
    message: str
    count: int


@dataclass(frozen=True)
class InputFile:
    """A file that was read or passed over."""

    path: str
    kind: str | None
    """None where it was passed over; then ``notes`` says why."""
    records: int
    used: int
    rejected: int
    notes: list[str]


_SUMS = ("currency", "outcome", "reason", "lines", "list_amount", "potential", "credit")
_AMOUNTS = frozenset(("list_amount", "potential", "credit", "earned", "missed", "unknown", "net", "coverage"))


def _values(row: dict[str, Any], of: type) -> dict[str, Any]:
    names = of.__dataclass_fields__  # type: ignore[attr-defined]
    made = {name: row.get(name) for name in names}
    return {n: Decimal(v) if n in _AMOUNTS and v is not None else v for n, v in made.items()}


def input_file(row: dict[str, Any]) -> InputFile:
    return InputFile(**_values(row, InputFile))


class Statement:
    """What was earned, missed and unknown, and why: ``azure-pec/statement/1``."""

    json: str
    """The document, as ``pec statement --format json`` prints it, to the byte."""

    def __init__(self, text: str) -> None:
        self.json = text

    @cached_property
    def document(self) -> dict[str, Any]:
        """The document as it stands; amounts are texts."""
        parsed: dict[str, Any] = json.loads(self.json)
        return parsed

    @property
    def body(self) -> dict[str, Any]:
        """What the same data always gives, to the byte."""
        body: dict[str, Any] = self.document["body"]
        return body

    @property
    def body_sha256(self) -> str:
        """The hash of the body as compact JSON."""
        return str(self.document["body_sha256"])

    @property
    def first(self) -> datetime.date | None:
        """The first day of the usage."""
        return _day(self.body["period"]["first"])

    @property
    def last(self) -> datetime.date | None:
        """The last day of the usage."""
        return _day(self.body["period"]["last"])

    @cached_property
    def totals(self) -> list[Totals]:
        """The sums by currency."""
        return [Totals(**_values(row, Totals)) for row in self.body["totals"]]

    @cached_property
    def reasons(self) -> list[ReasonSums]:
        """The sums by currency, outcome and reason."""
        return [ReasonSums(**_values(row, ReasonSums)) for row in self.body["reasons"]]

    @cached_property
    def groups(self) -> list[GroupSums]:
        """The sums by the keys asked for (``by``); empty without."""
        rows = self.body.get("groups") or []
        return [
            GroupSums(
                keys={key: value for key, value in row.items() if key not in _SUMS and isinstance(value, str)},
                **{key: value for key, value in _values(row, GroupSums).items() if key != "keys"},
            )
            for row in rows
        ]

    @cached_property
    def warnings(self) -> list[Notice]:
        """What to know before trusting the numbers."""
        return [Notice(**_values(row, Notice)) for row in self.body["warnings"]]

    @cached_property
    def inputs(self) -> list[InputFile]:
        """Every file read or passed over."""
        return [input_file(row) for row in self.document["inputs"]]

    def __repr__(self) -> str:
        sums = (f"{t.currency} {t.earned} earned, {t.missed} missed, {t.unknown} unknown" for t in self.totals)
        return f"<Statement {self.first} to {self.last}: {'; '.join(sums)}>"

    def _repr_html_(self) -> str:
        head = ("currency", "outcome", "reason", "lines", "list_amount", "potential", "credit")
        rows = "".join(
            "<tr>" + "".join(f"<td>{html.escape(_shown(getattr(row, name)))}</td>" for name in head) + "</tr>"
            for row in self.reasons
        )
        sums = "".join(
            f"<p><b>{html.escape(t.currency)}</b>: {_shown(t.earned)} earned, {_shown(t.missed)} missed, "
            f"{_shown(t.unknown)} unknown, coverage {t.coverage}</p>"
            for t in self.totals
        )
        names = "".join(f"<th>{name}</th>" for name in head)
        return f"<div>{sums}<table><thead><tr>{names}</tr></thead><tbody>{rows}</tbody></table></div>"


def _shown(value: Any) -> str:
    """For reading only: amounts with two decimals."""
    return f"{value:,.2f}" if isinstance(value, Decimal) else str(value)


def _day(text: str | None) -> datetime.date | None:
    return None if text is None else datetime.date.fromisoformat(text)
