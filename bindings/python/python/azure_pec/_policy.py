"""The questions that Microsoft leaves open, and their answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Policy:
    """Answers to the questions that Microsoft's pages leave open; what is left out is the careful answer.

    >>> Policy(absence="assume")
    Policy(absence='assume')
    """

    day: str | None = None
    """``entire``, ``any``, ``end_of_day``."""
    day_offset: str | None = None
    """An offset from UTC, such as ``+00:00``."""
    gap_tolerance: str | None = None
    """A duration, such as ``10m``."""
    absence: str | None = None
    """``require_proof``, ``assume``."""
    foreign_group: str | None = None
    """``unknown``, ``trust``."""
    management_group: str | None = None
    """``inherit``, ``ignore``."""
    deny: str | None = None
    """``unknown``, ``block``, ``ignore``."""
    condition: str | None = None
    """``accept``, ``unknown``."""
    custom_role: str | dict[str, str] | None = None
    """``unknown``, ``never``, or role ids with ``earns`` or ``never``."""
    unlisted_role: str | dict[str, str] | None = None
    """As ``custom_role``."""
    helpdesk_group: str | None = None
    """``accept``, ``ignore``."""
    price_source: str | None = None
    """``line``, ``list``."""
    tier_scope: str | None = None
    """``plan``, ``subscription``."""
    rounding: str | None = None
    """``exact``, ``meter_month_cents``, ``invoice_nested``."""

    def keys(self) -> dict[str, Any]:
        """The keys that were set."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        return {name: value for name, value in values.items() if value is not None}

    def __repr__(self) -> str:
        return f"Policy({', '.join(f'{name}={value!r}' for name, value in self.keys().items())})"


def keys_of(policy: Policy | Mapping[str, Any] | None) -> dict[str, Any]:
    return policy.keys() if isinstance(policy, Policy) else dict(policy or {})
