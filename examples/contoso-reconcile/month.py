"""The month that is billed: October 2026 of ../contoso, with a customer more who is billed in yen and has a tiered meter.

Who, what is sold, how much of it and on which days the access earned: all from ../contoso/make.py, nothing restated.
"""
import importlib.util
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

HERE = Path(__file__).resolve().parent


def load(path):
    spec = importlib.util.spec_from_file_location("contoso", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


contoso = load(HERE.parent / "contoso" / "make.py")

# ---- the customer that contoso lacks: yen have no decimals; calls to an API cost less the more there are ---------
WIDE_WORLD = "7e4a0704-61d3-4b8e-a2c5-9f30d1b7c004"
contoso.CUSTOMERS[WIDE_WORLD] = ("Wide World Importers KK", "JP", "JPY", "151.234567", "5555555", "Tailspin IT", "wideworld")
contoso.SUBSCRIPTIONS |= {"d1": (WIDE_WORLD, "wideworld-tokyo"), "d2": (WIDE_WORLD, "wideworld-osaka")}
contoso.SKUS |= {
    "d2jp": ("DZH318Z0BQ4B", "04J1", "D2s v5 - JA East", "D2s v5", "Virtual Machines", contoso.VM, "japaneast", "1 Hour", "0.129", "Azure"),
    "calls": ("DZH318Z0C5QK", "0007", "API Management Calls", "Consumption Calls", "API Management", "Microsoft.ApiManagement/service", "japaneast", "10K", "0.035", "Azure"),
}
contoso.TIERS["calls"] = (("0", "1", "100"), ("0.035", "101", "1000"), ("0.028", "1001", "9223372036854780000"))
contoso.CONSUMPTION += [
    ("d1", "front-rg", "vm-front-{:02}", 2, "d2jp", "24", contoso.ALL, {}),
    ("d1", "api-rg", "api-orders", 1, "calls", "41.5", contoso.ALL, {}),
    ("d2", "returns-rg", "vm-returns", 1, "d2jp", "24", "1-18", {}),
    ("d2", "returns-rg", "api-returns", 1, "calls", "20.25", "1-18", {}),
    (WIDE_WORLD, "", "", 1, "rounding", "1", "", {"on": "31", "charge": "RoundingAdjustment", "paid": "0"}),
]

RATE = Fraction(15, 100)
DECIMALS = {"USD": 2, "EUR": 2, "JPY": 0}
TAX = {"EUR": Fraction(19, 100), "JPY": Fraction(10, 100), "USD": Fraction(0)}  # of the total, half up; no credit in it

# lines of which nobody can say whether they earn: subscription, resources, days, reason (../contoso/README.md)
UNDECIDED = (("a5", "vm-payments", "6-15", "access.denied"), ("a8", "quantum-lab", "1-31", "product.unlisted"),
             ("a8", "batch-pool", "1-31", "product.low_priority"), ("f8", "vm-custom", "1-31", "access.role_unknown"),
             ("b2", "vm-imaging", "1-12", "access.unproven"))


@dataclass(frozen=True)
class Period:
    """One invoice: its number (empty while unbilled), its month, and the exchange rates of that month."""
    invoice: str
    month: str
    first: str
    last: str
    rate_date: str
    exchange: dict  # billing currency: units of it for one dollar, as text


SEPTEMBER_RATES = {"USD": "1", "EUR": "0.923456789", "JPY": "149.876543"}
OCTOBER = Period("G070310266", "2026-10", "10/1/2026", "10/31/2026", "10/1/2026",
                 {entry[2]: entry[3] for entry in contoso.CUSTOMERS.values()})
NOVEMBER = Period("G071110288", "2026-11", "11/1/2026", "11/30/2026", "11/1/2026",
                  {"USD": "1", "EUR": "0.905432109", "JPY": "152.345678"})


@dataclass(frozen=True)
class Line:
    """A line of usage: the facts as ../contoso has them, what it should earn, and what was applied to it."""
    facts: dict
    period: Period
    quantity: Fraction
    earned: Fraction    # by the access and the product: the truth of the story
    applied: Fraction   # what Microsoft's files say; a break changes this alone
    correction: bool = False

    def __getattr__(self, name):  # day, key, tenant, sku, resource, charge, model, publisher
        try:
            return self.__dict__["facts"][name]
        except KeyError:
            raise AttributeError(name) from None

    @property
    def price(self):
        return Fraction(self.facts["price"])

    @property
    def currency(self):
        return contoso.CUSTOMERS[self.tenant][2]

    @property
    def rated(self):
        """Usage of the Azure plan at the meter's own price: what no commitment pays and no other firm sells."""
        return contoso.in_daily_rated(self.facts) and self.model != "SavingsPlan"

    @property
    def undecided(self):
        """The reason why nobody can say whether it earns, else nothing."""
        return next((why for key, name, span, why in UNDECIDED
                     if self.key == key and f"/{name}" in self.resource.lower() and self.day in contoso.days(span)), "")


def october(period=OCTOBER, keys=None, last_day=31):
    """The month's lines; of the named subscriptions and days only, if asked. Refunds are left out: breaks/5 tells corrections."""
    for facts in contoso.usage_lines():
        rate = Fraction(facts["rate"])
        if facts["charge"] != "Refund" and facts["day"] <= last_day and (keys is None or facts["key"] in keys):
            yield Line(facts, period, Fraction(facts["quantity"]), rate, rate)


def changed(lines, where, **what):
    """The same lines, with something else in those that `where` picks."""
    return [replace(line, **what) if where(line) else line for line in lines]
