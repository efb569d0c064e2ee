"""The answers to what Microsoft leaves open."""

import csv
import os
import re
from functools import lru_cache

from texts import DAY, Refused, TICKS, guid


def load_roles():
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "roles.csv"), newline="", encoding="utf-8") as f:
        return {row["guid"]: row["earns"] == "yes" for row in csv.DictReader(f)}


ROLES = load_roles()

CHOICES = {
    "day": ["entire", "any", "end_of_day"],
    "absence": ["require_proof", "assume"],
    "foreign_group": ["unknown", "trust"],
    "management_group": ["inherit", "ignore"],
    "deny": ["unknown", "block", "ignore"],
    "condition": ["accept", "unknown"],
    "helpdesk_group": ["accept", "ignore"],
    "price_source": ["line", "list"],
    "tier_scope": ["plan", "subscription"],
    "rounding": ["exact", "meter_month_cents", "invoice_nested"],
}
SPANS = {"d": DAY, "h": 3600 * TICKS, "m": 60 * TICKS, "s": TICKS, "ms": TICKS // 1000}


@lru_cache(maxsize=1000)
def duration(text):
    if not isinstance(text, str) or not re.fullmatch(r"(\d{1,9}(d|h|ms|m|s))+", text):
        raise Refused("policy.invalid")
    return sum(int(n) * SPANS[unit] for n, unit in re.findall(r"(\d+)(ms|d|h|m|s)", text))


@lru_cache(maxsize=1000)
def offset(text):
    m = re.fullmatch(r"([+-])(\d{2}):(\d{2})", text) if isinstance(text, str) else None
    if not m or int(m.group(2)) > 23 or int(m.group(3)) > 59:
        raise Refused("policy.invalid")
    ticks = (int(m.group(2)) * 60 + int(m.group(3))) * 60 * TICKS
    return ticks if m.group(1) == "+" else -ticks


class Policy:
    def __init__(self, given):
        if not isinstance(given, dict):
            raise Refused("policy.invalid")
        for key, values in CHOICES.items():
            setattr(self, key, values[0])
        self.day_offset = 0
        self.gap_tolerance = 0
        self.custom_role = "unknown"
        self.unlisted_role = "unknown"
        for key, value in given.items():
            if key in CHOICES:
                if not isinstance(value, str) or value not in CHOICES[key]:
                    raise Refused("policy.invalid")
            elif key == "day_offset":
                value = offset(value)
            elif key == "gap_tolerance":
                value = duration(value)
            elif key in ("custom_role", "unlisted_role"):
                if isinstance(value, dict):
                    if not all(v in ("earns", "never") for v in value.values()):
                        raise Refused("policy.invalid")
                    value = {guid(k): v for k, v in value.items()}
                elif value not in ("unknown", "never"):
                    raise Refused("policy.invalid")
            else:
                raise Refused("policy.invalid")
            setattr(self, key, value)

    def role(self, role_id, custom):
        """`earns`, `never` or `unknown`. custom: whether it is a custom role, or None where nothing says."""
        if role_id in ROLES:
            return "earns" if ROLES[role_id] else "never"
        if custom is not None:
            said = self.custom_role if custom else self.unlisted_role
            return said.get(role_id, "unknown") if isinstance(said, dict) else said
        for said in (self.unlisted_role, self.custom_role):
            if isinstance(said, dict) and role_id in said:
                return said[role_id]
        return "never" if self.unlisted_role == "never" else "unknown"
