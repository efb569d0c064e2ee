"""The months that do not agree: what is wrong in each, and what a reconciliation must find, worked out from the break itself.

Every break changes one thing in what Microsoft did; the finding's money is worked out from that change alone. That the bill
made with the change and the bill made without it differ by just that money, and by what the cuts to cents make of it, is
asserted for every customer: nothing is left over.
"""
from collections import Counter, defaultdict
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cache

from bill import STEPS, bill, bridge, rate_lines, text
from files import credit_row
from month import NOVEMBER, OCTOBER, RATE, SEPTEMBER_RATES, changed, contoso, october

SMALL = ("a2", "a3", "f6", "d1", "d2", contoso.ADATUM, contoso.FABRIKAM, "")  # the subscriptions of the breaks
NOTHING = Fraction(0)


@dataclass(eq=False)
class World:
    """What was billed. `lines` carry what was applied; everything else is as it should be unless named."""
    what: str
    lines: list
    tiers: dict = None                  # the tiers that were charged
    exchange: dict = None               # customer: (rate, date) on the invoice
    absent_line: object = lambda line: False    # not in the daily rated file, though billed
    absent_group: object = lambda group: False  # not on the invoice, though used
    credits: list = field(default_factory=list)  # customer credits: (line, dollars)
    marks: list = field(default_factory=list)    # (outcome, of, which lines): what the changed lines should be called

    @property
    def billed(self):
        return bool(self.lines[0].period.invoice)

    @cache
    def groups(self):
        return bill(self.lines, self.tiers, self.exchange)

    @cache
    def should(self):
        """The bill as it should be, over the usage that the daily rated file shows; corrections are no usage."""
        return bill([replace(line, applied=line.earned) for line in self.lines
                     if not line.correction and not self.absent_line(line)])


def money(pricing, exchange):
    return {"pricing": pricing, "billing": pricing * Fraction(exchange)}


def finding(outcome, of, lines, amounts, **more):
    """A row of the answer. Amounts are what was billed less what should have been."""
    first = lines[0]
    product, sku, _, meter = contoso.SKUS[first.sku][:4]
    keys = {line.key for line in lines}
    return {
        "outcome": outcome, "of": of, "month": first.period.month, "customer": first.tenant,
        "reseller": contoso.CUSTOMERS[first.tenant][4], "plan": contoso.guid("plan " + contoso.CUSTOMERS[first.tenant][6]),
        "subscription": contoso.subscription_id(first.key) if len(keys) == 1 else None, "product": product, "sku": sku,
        "meter": meter, "first": f"2026-10-{min(line.day for line in lines):02}",
        "last": f"2026-10-{max(line.day for line in lines):02}", "lines": len(lines), "pricing_currency": "USD",
        "pricing": amounts["pricing"], "billing_currency": first.currency, "billing": amounts["billing"], **more,
    }


def findings(world):
    rates = rate_lines([line for line in world.lines if line.rated], contoso.TIERS)
    answer = []
    for outcome, of, where in world.marks:
        split = defaultdict(list)
        for line in filter(where, world.lines):
            assert line.rated and line.applied != line.earned
            split[line.tenant, line.key, line.sku].append(line)
        for lines in split.values():
            amount = sum(rates[id(line)][0] * (line.earned - line.applied) for line in lines)
            answer.append(finding(outcome, of, lines, money(amount, lines[0].period.exchange[lines[0].currency])))
    for group in world.groups():
        own = group.period.exchange[group.currency]
        if world.tiers:
            amount = (group.rated - sum(rates[id(line)][0] for line in group.lines)) * (1 - group.rate)
            if amount:
                answer.append(finding("difference.price", "tier", group.lines, money(amount, own), rate=text(group.rate)))
        if group.exchange != own:
            amount = group.charge * (Fraction(group.exchange) - Fraction(own))
            answer.append(finding("difference.rate", "exchange_rate", group.lines, {"pricing": NOTHING, "billing": amount},
                                  rate=text(group.rate)))
        if world.absent_group(group):
            answer.append(finding("unexplained", "invoice_line_absent", group.lines,
                                  {"pricing": -group.charge, "billing": -group.total}, rate=text(group.rate)))
        absent = [line for line in group.lines if world.absent_line(line)]
        if absent:
            amount = sum(rates[id(line)][0] for line in absent) * (1 - group.rate)
            answer.append(finding("unexplained", "usage_line_absent", absent, money(amount, own), rate=text(group.rate)))
    answer += corrections(world, answer)
    return answer


def corrections(world, found):
    """What was set right later: by lines of the days in question, or by a customer credit."""
    split = defaultdict(list)
    for group in world.groups():
        if group.correction:
            split[group.tenant, group.sku].append(group)
    rows = [(
        "usage_lines", [line for group in groups for line in group.lines],
        {"pricing": sum(group.charge for group in groups), "billing": sum(group.total for group in groups)},
    ) for groups in split.values()]
    for line, amount in world.credits:
        rows.append(("customer_credit", [line], {"pricing": amount, "billing": Fraction(credit_row(line, amount)["Subtotal"])}))
    for of, lines, amounts in rows:
        mended = next(row for row in found if (row["customer"], row["sku"]) == (lines[0].tenant, contoso.SKUS[lines[0].sku][1]))
        assert abs(mended["pricing"] + amounts["pricing"]) < Fraction(1, 100)
        row = finding("correction", of, lines, amounts, corrects={
            "outcome": mended["outcome"], "month": mended["month"], "first": mended["first"], "last": mended["last"],
            "pricing": text(mended["pricing"]), "left": text(mended["pricing"] + amounts["pricing"])})
        if of == "customer_credit":
            row |= {"subscription": None, "first": None, "last": None, "lines": 0}
        yield row


def rounding(world, found):
    """What cutting to cents makes of the changes, by customer; and the proof that nothing else is left."""
    for (month, tenant), (should, did, exchange, currency) in sorted(both(world).items()):
        mine = [row for row in found if (row["month"], row["customer"]) == (month, tenant)]
        rest = {"pricing": did["charge"] - should["charge"] - sum(row["pricing"] for row in mine),
                "billing": did["total"] - should["total"] - sum(row["billing"] for row in mine)}
        # the other way round: from the cuts themselves, on the whole of what was billed
        groups = [group for group in world.groups() if (group.period.month, group.tenant) == (month, tenant) and not group.correction]
        whole, cuts = bridge(groups), Fraction(exchange)
        assert rest["pricing"] == whole["cents"] - should["cents"], (world.what, tenant)
        assert rest["billing"] == (whole["cents"] - should["cents"]) * cuts + whole["exchange_cut"] - should["exchange_cut"], world.what
        if rest["pricing"] or (rest["billing"] and world.billed):
            yield {"outcome": "rounding", "of": "cents", "month": month, "customer": tenant,
                   "reseller": contoso.CUSTOMERS[tenant][4], "plan": contoso.guid("plan " + contoso.CUSTOMERS[tenant][6]),
                   "subscription": None, "product": None, "sku": None, "meter": None, "first": None, "last": None, "lines": 0,
                   "pricing_currency": "USD", "pricing": rest["pricing"], "billing_currency": currency,
                   "billing": rest["billing"] if world.billed else None}


def both(world):
    """{(month, customer): (steps that should be, steps that were billed, exchange rate, billing currency)}"""
    answer, should, did = {}, world.should(), [group for group in world.groups() if not world.absent_group(group)]
    names = sorted({(group.period.month, group.tenant) for group in world.groups()} |
                   {(line.period.month, line.tenant) for line, _ in world.credits})
    periods = {group.period.month: group.period for group in world.groups()}
    for month, tenant in names:
        def at(groups):
            return bridge([group for group in groups if (group.period.month, group.tenant) == (month, tenant)])
        billed = at(did)
        for line, amount in world.credits:
            if (line.period.month, line.tenant) == (month, tenant):
                billed["charge"] += amount
                billed["total"] += Fraction(credit_row(line, amount)["Subtotal"])
        currency = contoso.CUSTOMERS[tenant][2]
        exchange = NOVEMBER.exchange if month == NOVEMBER.month else periods[month].exchange
        answer[month, tenant] = at(should), billed, exchange[currency], currency
    return answer


def bridges(world, found):
    for (month, tenant), (should, did, exchange, currency) in sorted(both(world).items()):
        mine = [row for row in found if (row["month"], row["customer"]) == (month, tenant)]
        differ = {"charge": sum((row["pricing"] for row in mine), NOTHING), "total": sum((row["billing"] or 0 for row in mine), NOTHING)}
        row = {"month": month, "customer": tenant, "reseller": contoso.CUSTOMERS[tenant][4], "pricing_currency": "USD",
               "billing_currency": currency, "exchange_rate": exchange, **{name: text(should[name]) for name in STEPS},
               "differences": {name: text(amount) for name, amount in differ.items()},
               "observed": {name: text(did[name]) for name in ("charge", "total")},
               "residual": {name: text(did[name] - should[name] - differ[name]) for name in ("charge", "total")}}
        if not world.billed:  # nothing was invoiced yet: no total to hold against
            for part in ("differences", "observed", "residual"):
                row[part]["total"] = None
        assert set(row["residual"].values()) <= {"0", None}, row
        yield row


def invoice_lines(world, every):
    """The lines of the invoice that differ (or all of them): what should be there, and what is there."""
    def shown(group):
        return {"quantity": text(group.quantity), "charge": text(group.charge), "effective_unit_price": group.price,
                "subtotal": text(group.total) if world.billed else None} if group else None
    should = {group.key: group for group in world.should()}
    did = {group.key: group for group in world.groups() if not world.absent_group(group)}
    for key in sorted(should.keys() | did.keys(), key=lambda key: key[:2] + contoso.SKUS[key[2]][:2] + (-key[3], key[4])):
        month, tenant, sku, rate, correction = key
        want, have = shown(should.get(key)), shown(did.get(key))
        if every or want != have:
            yield {"month": month, "customer": tenant, "plan": contoso.guid("plan " + contoso.CUSTOMERS[tenant][6]),
                   "product": contoso.SKUS[sku][0], "sku": contoso.SKUS[sku][1], "meter": contoso.SKUS[sku][3],
                   "rate": text(rate), "correction": correction, "expected": want, "observed": have}


def undecided(world):
    """What nobody can say: it is taken as it was billed, agrees, and is shown on its own."""
    split = defaultdict(list)
    for line in world.lines:
        if line.undecided and line.rated:
            split[line.tenant, line.key, line.undecided].append(line)
    for (tenant, key, reason), lines in sorted(split.items()):
        amount = sum(line.quantity * line.price for line in lines)
        yield {"customer": tenant, "subscription": contoso.subscription_id(key), "reason": reason, "lines": len(lines),
               "list_amount": text(amount), "potential": text(amount * RATE)}


def expected(world, every=False):
    found = findings(world)
    found += list(rounding(world, found))
    listed = [line for line in world.lines if contoso.in_daily_rated(line.facts) and not world.absent_line(line)]
    counts = Counter("correction" if line.correction else "outside" if not line.rated else
                     next((outcome for outcome, _, where in world.marks if where(line)), "agrees") for line in listed)
    shown = [{**row, "pricing": text(row["pricing"]), "billing": None if row["billing"] is None else text(row["billing"])}
             for row in found]
    return {"what": world.what, "lines": dict(sorted(counts.items())), "undecided": list(undecided(world)), "findings": shown,
            "invoice_lines": list(invoice_lines(world, every)), "bridges": list(bridges(world, found))}


# ---- the months ---------------------------------------------------------------------------------------------------
def clean():
    return World("Everything agrees.", list(october()))


def small(period=OCTOBER, last_day=31):
    return list(october(period, SMALL, last_day))


def applying(what, outcome, of, where, rate):
    """Microsoft applied another rate to some lines."""
    def picked(line):
        return line.rated and not line.correction and where(line) and line.applied != line.earned
    lines = changed(small(), lambda line: line.rated and where(line), applied=rate)
    return World(what, lines, marks=[(outcome, of, picked)])


def withheld():
    return applying("The credit was withheld on two days with full access.", "observed.missing", None,
                    lambda line: line.key == "a3" and line.day in (5, 6), NOTHING)


def wrong_rate():
    return applying("10 % were applied to the firewall in place of 15 %.", "difference.rate", "credit_rate",
                    lambda line: line.sku == "firewall", Fraction(10, 100))


def wrong_tier():
    world = World("The third tier of the API's calls was never reached: all beyond 100 was charged at the second.", small())
    world.tiers = contoso.TIERS | {"calls": contoso.TIERS["calls"][:1] + (("0.035", "101", "9223372036854780000"),)}
    return world


def wrong_exchange():
    world = World("Adatum's invoice lines were converted at September's rate.", small())
    world.exchange = {contoso.ADATUM: (SEPTEMBER_RATES["EUR"], "9/1/2026")}
    return world


def correction():
    """October: withheld twice. November: a customer credit for one, lines taken back and charged anew for the other."""
    def tokyo(line):
        return line.sku == "d2jp" and line.key == "d1" and line.day in (8, 9)

    world = withheld()
    world.what = "The credit was withheld twice in October, and given back in November: once as a customer credit, once by lines."
    world.lines = changed(world.lines, tokyo, applied=NOTHING)
    again = []
    for line in filter(tokyo, small()):
        back = {"quantity": "-" + line.facts["quantity"]}
        again.append(replace(line, period=NOVEMBER, correction=True, facts=line.facts | back, quantity=-line.quantity, applied=NOTHING))
        again.append(replace(line, period=NOVEMBER, correction=True))
    world.lines += again
    machine = next(line for line in world.lines if line.key == "a3")
    owed = sum(line.quantity * line.price for line in world.lines if line.key == "a3" and line.day in (5, 6)) * RATE
    world.credits = [(replace(machine, period=NOVEMBER), -Fraction(int(owed * 100), 100))]
    world.marks = [("observed.missing", None, lambda line: not line.correction and line.rated and line.applied < line.earned)]
    return world


def wrong_product():
    return applying("The content delivery network was taken for a third party's product: no credit on any of its lines.",
                    "difference.product", "excluded", lambda line: line.sku == "media", NOTHING)


def without_access():
    return applying("Credit was given on four days without access.", "observed.unexpected", None,
                    lambda line: line.key == "a3" and line.day in range(13, 17), RATE)


def invoice_line_absent():
    world = World("The line of Wide World's credited machines is not on the invoice.", small())
    world.absent_group = lambda group: group.sku == "d2jp" and group.rate == RATE
    return world


def usage_line_absent():
    world = World("A line that is billed and stands in the Cost Management export is not in the daily rated file.", small())
    world.absent_line = lambda line: line.key == "a2" and line.sku == "d4" and line.day == 10
    return world


def pending():
    """The open month after its 20th day: of the newest two days Microsoft does not say yet whether they earn."""
    open_month = replace(OCTOBER, invoice="")
    lines = changed(small(open_month, 20), lambda line: line.rated and line.day > 18, applied=NOTHING)
    world = World("An open month: the newest two days say no credit yet.", lines)
    world.marks = [("observed.pending", None, lambda line: line.rated and line.day > 18 and line.earned != 0)]
    return world


BREAKS = {"1-withheld": withheld, "2-wrong-rate": wrong_rate, "3-wrong-tier": wrong_tier, "4-wrong-exchange": wrong_exchange,
          "5-corrected-later": correction, "6-product-excluded": wrong_product, "7-without-access": without_access,
          "8-invoice-line-absent": invoice_line_absent, "9-usage-line-absent": usage_line_absent}
