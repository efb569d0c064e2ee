"""What Microsoft charges for a month of lines, by its own published rules; and the bridge from list price to total.

Every amount is an exact fraction. BRIDGE.md says the same in words.
"""
from collections import defaultdict
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal, localcontext
from fractions import Fraction

from month import DECIMALS, contoso


def cut(amount, places):
    """Toward zero, as ROUNDDOWN does."""
    return Fraction(int(amount * 10**places), 10**places)


def digits15(amount):
    """A quotient or product as Microsoft prints it: 15 significant digits, nearest, plain."""
    with localcontext() as context:
        context.prec, context.rounding = 15, ROUND_HALF_EVEN
        return contoso.plain(Decimal(amount.numerator) / Decimal(amount.denominator))


def text(amount):
    """An exact decimal as plain digits."""
    places = 0
    while (amount * 10**places).denominator != 1:
        places += 1
        assert places < 80, amount
    digits = str(abs(int(amount * 10**places))).rjust(places + 1, "0")
    whole = f"{digits[:-places]}.{digits[-places:]}" if places else digits
    return "-" + whole if amount < 0 else whole


def ladder(sku, tiers):
    """[(units before the tier, last unit or None, price)], lowest first; the file counts its bounds from 1."""
    rows = [(Fraction(low) - 1, Fraction(high), Fraction(price)) for price, low, high in tiers[sku]]
    return rows[:-1] + [(rows[-1][0], None, rows[-1][2])]


def climb(steps, before, after):
    """The price of the units in (before, after], and the tiers (counted from 1) that they touch."""
    amount, touched = Fraction(0), set()
    for number, (low, high, price) in enumerate(steps, 1):
        units = min(after, after if high is None else high) - max(before, low)
        if units > 0:
            amount += units * price
            touched.add(number)
    return amount, touched


def rate_lines(lines, tiers):
    """{id of a line: (amount before credit, tiers touched)}: tiers run over the meter's month in the plan."""
    answer, meters = {}, defaultdict(list)
    for position, line in enumerate(lines):
        if line.sku in tiers and not line.correction:
            meters[line.tenant, line.sku, line.period.month].append((line.day, line.resource.lower(), position, line))
        else:
            answer[id(line)] = (line.quantity * line.price, set())
    for (_, sku, _), members in meters.items():
        reached = Fraction(0)
        for *_, line in sorted(members, key=lambda member: member[:3]):
            assert line.quantity > 0, "tiers with negative lines are not in this example"
            answer[id(line)] = climb(ladder(sku, tiers), reached, reached + line.quantity)
            reached += line.quantity
    return answer


@dataclass
class Group:
    """A line of the invoice: one plan, one meter, one credit state, one invoice."""
    lines: list
    rates: dict
    exchange: str
    exchange_date: str

    def __post_init__(self):
        first = self.lines[0]
        self.tenant, self.sku, self.rate, self.period = first.tenant, first.sku, first.applied, first.period
        self.currency, self.correction = first.currency, first.correction
        self.quantity = sum(line.quantity for line in self.lines)
        self.list = sum(line.quantity * line.price for line in self.lines)
        self.rated = sum(self.rates[id(line)][0] for line in self.lines)
        self.tiers = set().union(*(self.rates[id(line)][1] for line in self.lines))
        self.credit = self.rated * self.rate
        self.charge = cut(self.rated - self.credit, 2)
        # a charge cut to nothing leaves the plain price: 0.045 with 15 % is printed 0.03825 for 0.005001 units
        self.price = digits15((self.charge or self.rated - self.credit) / self.quantity)
        self.total = cut(self.charge * Fraction(self.exchange), DECIMALS[self.currency])

    @property
    def key(self):
        return (self.period.month, self.tenant, self.sku, self.rate, self.correction)


def bill(lines, tiers=None, exchange=None):
    """The groups of the month; `exchange` gives other (rate, date) by customer than the invoice's month has."""
    rates, groups = rate_lines([line for line in lines if line.rated], tiers or contoso.TIERS), defaultdict(list)
    for line in lines:
        if line.rated:
            groups[line.period.month, line.tenant, line.sku, line.applied, line.correction].append(line)
    answer = []
    for key in sorted(groups, key=lambda key: key[:2] + contoso.SKUS[key[2]][:2] + (-key[3], key[4])):
        first = groups[key][0]
        own = (first.period.exchange[first.currency], first.period.rate_date)
        answer.append(Group(groups[key], rates, *(exchange or {}).get(first.tenant, own)))
    return answer


STEPS = ("list", "tiers", "credit", "cents", "charge", "exchanged", "exchange_cut", "total")


def bridge(groups):
    """From list price to the total before tax, each step exact, over the groups of one customer and invoice."""
    steps = {
        "list": sum(group.list for group in groups),
        "tiers": sum(group.rated - group.list for group in groups),
        "credit": -sum(group.credit for group in groups),
        "cents": sum(group.charge - (group.rated - group.credit) for group in groups),
        "charge": sum(group.charge for group in groups),
        "exchanged": sum(group.charge * Fraction(group.exchange) for group in groups),
        "exchange_cut": sum(group.total - group.charge * Fraction(group.exchange) for group in groups),
        "total": sum(group.total for group in groups),
    }
    steps = {name: Fraction(amount) for name, amount in steps.items()}
    assert steps["list"] + steps["tiers"] + steps["credit"] + steps["cents"] == steps["charge"]
    assert steps["exchanged"] + steps["exchange_cut"] == steps["total"]
    return steps
