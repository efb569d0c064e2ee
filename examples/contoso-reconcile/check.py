#!/usr/bin/env python3
"""Holds the files against each other as printed, and against each expected.json. Knows nothing of make.py.

    python3 check.py

It reads CSV and does sums: what an accountant could do with a calculator.
"""
import csv
import gzip
import io
import json
from collections import defaultdict
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

HERE = Path(__file__).resolve().parent
CENT = Fraction(1, 100)


def rows(folder, pattern):
    for path in sorted(folder.glob(pattern)):
        data = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        yield from csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline=""))


def number(text):
    return Fraction(text or 0)


def percent(row):
    """The credit of an invoice line, out of its text."""
    texts = json.loads(row["PriceAdjustmentDescription"] or "[]")
    return next((text.partition("%")[0] for text in texts if "Partner earned credit" in text), "0.0")


def key(row, rate):
    return row["InvoiceNumber"], row["CustomerId"], row["SubscriptionId"], row["ProductId"], row["SkuId"], row["AvailabilityId"], Fraction(rate)


def daily(folder):
    """{key: [quantity, dollars before tax, billing currency before tax, list price]} of what the plan's usage costs."""
    sums = defaultdict(lambda: [Fraction(0)] * 4)
    for row in rows(folder, "usage/daily-rated-*"):
        if not row["BenefitType"]:
            add = (row["Quantity"], row["PricingPreTaxTotal"], row["BillingPreTaxTotal"])
            parts = [number(text) for text in add] + [number(row["Quantity"]) * number(row["UnitPrice"])]
            at = key(row, row["PartnerEarnedCreditPercentage"])
            sums[at] = [have + more for have, more in zip(sums[at], parts)]
    return sums


def invoice(folder):
    return {key(row, percent(row)): row for row in rows(folder, "invoice/*.csv")
            if row["PublisherName"] == "Microsoft" and not row["ReservationOrderId"] and row["ChargeType"] == "New"}


def lines_against_invoice(folder, broken):
    """Every invoice line holds the quantity and, to a cent, the money of its lines. Returns how often the bare cut misleads."""
    used, billed, misled, prices = daily(folder), invoice(folder), 0, defaultdict(set)
    for row in rows(folder, "usage/daily-rated-*"):
        if not row["BenefitType"]:
            prices[key(row, row["PartnerEarnedCreditPercentage"])].add(row["EffectiveUnitPrice"])
    if not billed:
        return 0
    for at in used.keys() | billed.keys():
        if at not in billed or at not in used or used[at][0] != number(billed[at]["BillableQuantity"]):
            assert broken, (folder, at)
            continue
        row = billed[at]
        product = number(row["EffectiveUnitPrice"]) * number(row["BillableQuantity"])
        charge, exchange = Fraction(round(product * 100), 100), number(row["PCToBCExchangeRate"])
        unit = Fraction(10) ** (Decimal(row["EffectiveUnitPrice"]).adjusted() - 14)  # of the 15th significant digit
        if abs(product - charge) > abs(used[at][0]) * unit / 2:  # less than a cent: the price was not divided out of cents
            assert 0 < product < CENT, row
            charge = Fraction(0)
        assert prices[at] == {row["EffectiveUnitPrice"]}, row
        misled += Fraction(int(product * 100), 100) != charge
        places = 0 if row["Currency"] == "JPY" else 2
        assert number(row["Subtotal"]) == Fraction(int(charge * exchange * 10**places), 10**places), row
        assert number(row["Subtotal"]) + number(row["TaxTotal"]) == number(row["Total"])
        assert abs(used[at][1] - charge) < CENT and (charge == 0 or abs(used[at][1] - charge) < Fraction(1, 10**9)), (row, used[at])
        if number(row["UnitPrice"]) * used[at][0] == used[at][3] and "Tier" not in row["PriceAdjustmentDescription"] \
                and "3-" not in folder.name:  # one price all month, no tiers: the charge from first principles
            whole = used[at][3] * (1 - at[-1] / 100)
            assert charge == Fraction(int(whole * 100), 100), (row, whole)
    return misled


def bridge_closes(folder, answer):
    """Every bridge adds up, holds the observed totals of the files, and the findings make the difference."""
    totals = defaultdict(Fraction)
    for row in rows(folder, "invoice/*.csv"):
        if row["PublisherName"] == "Microsoft" and not row["ReservationOrderId"]:
            totals[row["InvoiceNumber"], row["CustomerId"]] += number(row["Subtotal"])
    invoices = {"2026-10": "G070310266", "2026-11": "G071110288"}
    for row in answer["bridges"]:
        step = {name: number(row[name]) for name in ("list", "tiers", "credit", "cents", "charge", "exchanged", "exchange_cut", "total")}
        assert step["list"] + step["tiers"] + step["credit"] + step["cents"] == step["charge"], row
        assert step["charge"] * number(row["exchange_rate"]) == step["exchanged"], row
        assert step["exchanged"] + step["exchange_cut"] == step["total"], row
        mine = [found for found in answer["findings"] if (found["month"], found["customer"]) == (row["month"], row["customer"])]
        assert sum((number(found["pricing"]) for found in mine), Fraction(0)) == number(row["differences"]["charge"])
        for name in ("charge", "total"):
            if row["observed"][name] is not None:
                rest = number(row["observed"][name]) - step[name] - number(row["differences"][name])
                assert rest == number(row["residual"][name]) == 0, row
        if row["observed"]["total"] is not None:
            assert totals[invoices[row["month"]], row["customer"]] == number(row["observed"]["total"]), row
    listed = {(row["month"], row["customer"]) for row in answer["bridges"]}
    assert len(listed) == len(answer["bridges"])


def cost_management(folder):
    """The other export says the same: credit line by line, and the invoice's total in the billing currency."""
    both = [defaultdict(Fraction), defaultdict(Fraction)]
    for row in rows(folder, "usage/daily-rated-2026-10*"):
        if not row["BenefitType"]:
            month, day, year = row["UsageDate"].split("/")
            at = row["ResourceURI"], row["MeterId"], (int(year), int(month), int(day)), row["Quantity"]
            both[0][at] += number(row["PartnerEarnedCreditPercentage"]) / 100 + number(row["PricingPreTaxTotal"])
    for row in rows(folder, "usage/cost-management-*"):
        if row["chargeType"] == "Usage" and row["PricingModel"] not in ("Reservation", "SavingsPlan") and row["publisherType"] == "Microsoft":
            month, day, year = row["date"].split("/")
            assert (row["partnerEarnedCreditApplied"] == "True") == (row["partnerEarnedCreditRate"] != "0"), row
            at = row["ResourceId"], row["meterId"], (int(year), int(month), int(day)), row["quantity"]
            both[1][at] += number(row["partnerEarnedCreditRate"]) + number(row["costInPricingCurrency"])
    differ = [at for at in both[0].keys() | both[1].keys() if both[0].get(at) != both[1].get(at)]
    assert len(differ) == (1 if folder.name.startswith("9-") else 0), differ


def main():
    for folder in [HERE / "clean", HERE / "pending", *sorted((HERE / "breaks").iterdir())]:
        answer = json.loads((folder / "expected.json").read_text(encoding="utf-8"))
        misled = lines_against_invoice(folder, folder.name[:1] in "89")
        bridge_closes(folder, answer)
        cost_management(folder)
        assert bool(answer["findings"]) == (folder.name != "clean")
        print(f"{folder.relative_to(HERE)}: {sum(answer['lines'].values())} lines, {len(answer['findings'])} findings, "
              f"{len(answer['bridges'])} bridges close; a bare cut of price x quantity would miss {misled} invoice lines")


if __name__ == "__main__":
    main()
