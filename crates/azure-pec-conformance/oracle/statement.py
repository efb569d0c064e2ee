"""The sums of a statement a second time: exact by currency and by reason, and as they are charged.

What is charged is cut toward zero to the decimals of its currency, once for each meter, product and SKU in its plan or
subscription, month, and whether credited; under `invoice_nested` once more in the billing currency, and then lines of
another billing currency or rate are charged apart. See READINGS.md, 62 to 64.
"""

import datetime
from fractions import Fraction
from functools import lru_cache

import arithmetic

NOTHING = Fraction(0)
units_of = lru_cache(maxsize=None)(arithmetic.minor_units)


def cut(amount, currency):
    """In a currency that nobody lists it stays exact."""
    units = units_of(currency)
    return amount if units is None else arithmetic.rounded(amount, int(units), "toward_zero")


class Charged:
    """A line as it falls into the sums; amounts that are not known count as 0."""

    def __init__(self, line, outcome, reason, amounts, policy):
        text = lambda name: str(line.given.get(name) or "").strip()
        self.outcome, self.reason = outcome, reason
        self.priced = amounts[0] is not None
        self.list, self.potential, self.credit = (NOTHING if a is None else a for a in amounts)
        self.currency = text("currency").upper() or "USD"
        self.billing = text("billing_currency").upper() or self.currency
        try:
            self.rate = arithmetic.read(text("exchange_rate"))
        except arithmetic.Refused:
            self.rate = None
        if self.rate is not None and self.rate <= 0:
            self.rate = None
        scope = line.plan if policy.tier_scope == "plan" and line.plan else line.subscription
        month = datetime.date.fromordinal(line.date).strftime("%Y-%m")
        self.cell = (scope, line.meter, line.product, line.sku, month)
        self.converted = False
        if policy.rounding == "invoice_nested":
            self.converted = self.billing != self.currency and self.rate is not None
            self.cell += (self.billing, text("exchange_rate") if self.rate is None else self.rate)
        self.shown = self.billing if self.converted else self.currency

    def lacks_rate(self):
        return self.billing != self.currency and self.rate is None

    def charge(self, amount):
        amount = cut(amount, self.currency)
        return cut(amount * self.rate, self.billing) if self.converted else amount


def charges(lines, with_potential, plain):
    """What the lines are charged together, a row for each currency of the charge."""
    cells = {}
    for line in lines:
        cells.setdefault((line.cell, line.outcome == "earned"), []).append(line)
    rows = {}
    for of_cell in cells.values():
        one = of_cell[0]
        total = lambda name: sum((getattr(line, name) for line in of_cell), NOTHING)
        whole = one.charge(total("list"))
        row = rows.setdefault(one.shown, {"list_amount": NOTHING, "potential": NOTHING, "credit": NOTHING, "net": NOTHING})
        net = one.charge(total("list") - total("credit"))
        row["list_amount"] += whole
        row["potential"] += whole - one.charge(total("list") - total("potential"))
        row["credit"] += whole - net
        row["net"] += net
    names = ("list_amount", "potential", "credit", "net") if with_potential else ("list_amount", "credit", "net")
    return [{"currency": currency, **{name: plain(rows[currency][name]) for name in names}} for currency in sorted(rows)]


def sums(lines, policy, plain):
    """`totals` and `reasons` of the statement, and how many lines it warns of, by code."""
    by_currency, by_reason = {}, {}
    for line in lines:
        by_currency.setdefault(line.currency, []).append(line)
        by_reason.setdefault((line.currency, line.outcome, line.reason), []).append(line)
    total = lambda some, name: sum((getattr(line, name) for line in some), NOTHING)
    totals, reasons = [], []
    for currency, some in sorted(by_currency.items()):
        could = {out: total([line for line in some if line.outcome == out], "potential") for out in ("missed", "unknown")}
        earned = total(some, "credit")
        whole = earned + could["missed"] + could["unknown"]
        coverage = None if whole == 0 else arithmetic.rounded(earned / whole, 6, "toward_zero")
        row = {"currency": currency, "lines": len(some), "list_amount": plain(total(some, "list")), "earned": plain(earned),
               "missed": plain(could["missed"]), "unknown": plain(could["unknown"]),
               "net": plain(total(some, "list") - earned), "coverage": plain(coverage)}
        if policy.rounding != "exact":
            row["rounded"] = charges(some, False, plain)
        totals.append(row)
    for (currency, outcome, reason), some in sorted(by_reason.items()):
        row = {"currency": currency, "outcome": outcome, "reason": reason, "lines": len(some),
               "list_amount": plain(total(some, "list")), "potential": plain(total(some, "potential")),
               "credit": plain(total(some, "credit"))}
        if policy.rounding != "exact":
            row["rounded"] = charges(some, True, plain)
        reasons.append(row)
    warned = {"price.missing": sum(not line.priced for line in lines)}
    if policy.rounding != "exact":
        nameless = lambda line: units_of(line.currency) is None or units_of(line.shown) is None
        warned["currency.unknown"] = sum(nameless(line) for line in lines)
        if policy.rounding == "invoice_nested":
            warned["fx.missing"] = sum(line.lacks_rate() for line in lines)
    return {"totals": totals, "reasons": reasons, "warned": {code: n for code, n in sorted(warned.items()) if n}}
