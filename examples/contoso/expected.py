#!/usr/bin/env python3
"""Works out what a statement of the example month must say, and writes expected.json here and for the daily rated file.

    python3 expected.py

It knows nothing of grants, price lists or programs: the table below says, row by row, what a person who has read the rule
decides for a resource and a run of days, and the rest is multiplication: resources x days x quantity x price x 0.15.
At the end the table is held against the usage files, so that it describes exactly the lines that are there.
"""
import csv
import gzip
import io
import json
from collections import defaultdict
from fractions import Fraction
from pathlib import Path

HERE = Path(__file__).resolve().parent
RATE = Fraction("0.15")
SUBSCRIPTIONS = {
    "adatum-production": "5b0a1ca1-7d3e-4f60-9a11-2f6c0d5e0a10",
    "adatum-long-prices": "5b0a1ca2-7d3e-4f60-9a11-2f6c0d5e0a20",
    "adatum-access-removed": "5b0a1ca3-7d3e-4f60-9a11-2f6c0d5e0a30",
    "adatum-reader-only": "5b0a1ca4-7d3e-4f60-9a11-2f6c0d5e0a40",
    "adatum-denied-group": "5b0a1ca5-7d3e-4f60-9a11-2f6c0d5e0a50",
    "adatum-two-grants": "5b0a1ca6-7d3e-4f60-9a11-2f6c0d5e0a60",
    "adatum-excluded-products": "5b0a1ca7-7d3e-4f60-9a11-2f6c0d5e0a70",
    "adatum-unlisted-products": "5b0a1ca8-7d3e-4f60-9a11-2f6c0d5e0a80",
    "fabrikam-core": "5b0a1cf1-7d3e-4f60-9a11-2f6c0d5e0f10",
    "fabrikam-same-group-name": "5b0a1cf2-7d3e-4f60-9a11-2f6c0d5e0f20",
    "fabrikam-transferred": "5b0a1cf3-7d3e-4f60-9a11-2f6c0d5e0f30",
    "fabrikam-reseller": "5b0a1cf4-7d3e-4f60-9a11-2f6c0d5e0f40",
    "fabrikam-third-csp": "5b0a1cf5-7d3e-4f60-9a11-2f6c0d5e0f50",
    "fabrikam-link-missing": "5b0a1cf6-7d3e-4f60-9a11-2f6c0d5e0f60",
    "fabrikam-just-in-time": "5b0a1cf7-7d3e-4f60-9a11-2f6c0d5e0f70",
    "fabrikam-custom-role": "5b0a1cf8-7d3e-4f60-9a11-2f6c0d5e0f80",
    "fabrikam-lighthouse": "5b0a1cf9-7d3e-4f60-9a11-2f6c0d5e0f90",
    "northwind-clinic": "5b0a1cb1-7d3e-4f60-9a11-2f6c0d5e0b10",
    "northwind-new-grant": "5b0a1cb2-7d3e-4f60-9a11-2f6c0d5e0b20",
    "": "",
}

# outcome of every reason that occurs in this month
OUTCOME = {"earned": "earned"}
OUTCOME |= dict.fromkeys(["access.partial_day", "access.eligible_only", "access.pal_missing", "access.other_partner",
                          "access.role_not_eligible", "access.none"], "missed")
OUTCOME |= dict.fromkeys(["line.refund", "line.not_usage", "product.reservation", "product.savings_plan", "product.spot",
                          "product.marketplace", "product.third_party", "partner.not_billed"], "never")
OUTCOME |= dict.fromkeys(["product.unlisted", "product.low_priority", "access.denied", "access.unproven",
                          "access.role_unknown"], "unknown")

# title; then rows: subscription, resource, how many alike, meter, quantity a day, list price, {days: reason}, and for the
# lines that a daily rated file does not hold, the charge type. A price of None: the line names none, it counts as 0.
ALL = "1-31"
TABLE = [
    ("Everyday consumption under a management group's grant", [
        ("adatum-production", "vm-erp-{:02}", 12, "D4s v5", "24", "0.23", {ALL: "earned"}),
        ("adatum-production", "vm-analytics-{:02}", 4, "E8s v5", "24", "0.608", {ALL: "earned"}),
        ("adatum-production", "sql-warehouse/databases/main", 1, "vCore", "96", "0.25", {ALL: "earned"}),
        ("adatum-production", "logs-{:02}", 3, "Analytics Logs Data Ingestion", "0.5", "2.76", {ALL: "earned"}),
    ]),
    ("A price that changes, a tiered price, long prices, a correction", [
        ("adatum-long-prices", "fw-hub", 1, "Standard Deployment", "24", "1.25", {"1-15": "earned"}),
        ("adatum-long-prices", "fw-hub", 1, "Standard Deployment", "24", "1.3", {"16-31": "earned"}),
        ("adatum-long-prices", "ip-egress", 1, "Standard Data Transfer Out", "40", "0.087", {ALL: "earned"}),
        ("adatum-long-prices", "cdn-origin", 1, "Origin Unit", "24", "0.0713829104756382917365", {ALL: "earned"}),
        ("adatum-long-prices", "kv-signing", 1, "Operations", "0.00000000619947", "0.03", {ALL: "earned"}),
        ("adatum-long-prices", "vm-corrected", 1, "D4s v5", "24", "0.23", {ALL: "earned"}),
        ("adatum-long-prices", "vm-corrected", 1, "D4s v5", "-10", "0.23", {"20": "earned"}),
    ]),
    ("Our access was removed at 13:37 on the 12th and given back at 09:05 on the 17th", [
        ("adatum-access-removed", "vm-shop-{:02}", 4, "D4s v5", "24", "0.23",
         {"1-11": "earned", "12": "access.partial_day", "13-16": "access.none", "17": "access.partial_day",
          "18-31": "earned"}),
    ]),
    ("A Reader earns nothing", [
        ("adatum-reader-only", "vm-archive", 1, "D4s v5", "24", "0.23", {ALL: "access.role_not_eligible"}),
    ]),
    ("A deny assignment on one resource group for ten days", [
        ("adatum-denied-group", "vm-payments-{:02}", 2, "D4s v5", "24", "0.23",
         {"1-5": "earned", "6-15": "access.denied", "16-31": "earned"}),
        ("adatum-denied-group", "vm-frontend", 1, "D2s v5", "24", "0.115", {ALL: "earned"}),
    ]),
    ("Two grants that together fill the 15th", [
        ("adatum-two-grants", "vm-checkout", 1, "D4s v5", "24", "0.23", {ALL: "earned"}),
        ("adatum-two-grants", "vm-elsewhere", 1, "D2s v5", "24", "0.115",
         {"1-14": "earned", "15": "access.partial_day", "16-31": "access.none"}),
    ]),
    ("Products and lines that never earn, whatever the access", [
        ("adatum-excluded-products", "vm-spot", 1, "D4s v5 Spot", "24", "0.05", {ALL: "product.spot"}),
        ("adatum-excluded-products", "vm-reserved", 1, "E4s v5", "24", None, {ALL: "product.reservation"}, "Usage"),
        ("adatum-excluded-products", "vm-saved", 1, "D8s v5", "24", "0.46", {ALL: "product.savings_plan"}),
        ("adatum-excluded-products", "vm-licensed", 1, "4 vCPU VM License", "24", "0.06", {ALL: "product.third_party"}),
        ("adatum-excluded-products", "vm-licensed", 1, "D4s v5", "24", "0.23", {ALL: "earned"}),
        ("adatum-excluded-products", "backup-appliance", 1, "Appliance Hour", "24", None, {ALL: "product.marketplace"}, "Usage"),
        ("adatum-excluded-products", "", 1, "", "1", None, {"1": "line.not_usage"}, "Purchase"),
        ("adatum-excluded-products", "vm-licensed", 1, "D4s v5", "-24", "0.23", {"9": "line.refund"}, "Refund"),
        ("", "", 3, "", "1", None, {"31": "line.not_usage"}, "RoundingAdjustment"),
    ]),
    ("Products that no page decides", [
        ("adatum-unlisted-products", "quantum-lab", 1, "Preview Machine", "2", "3.2", {ALL: "product.unlisted"}),
        ("adatum-unlisted-products", "batch-pool", 1, "D2 v3 Low Priority", "24", "0.02", {ALL: "product.low_priority"}),
    ]),
    ("Everyday consumption under a subscription's grant", [
        ("fabrikam-core", "vm-core-{:02}", 10, "D4s v5", "24", "0.2", {ALL: "earned"}),
        ("fabrikam-core", "sql-core-{:02}/databases/main", 2, "vCore", "96", "0.25", {ALL: "earned"}),
        ("fabrikam-core", "plan-web-{:02}", 4, "P1 v3 App", "24", "0.17", {ALL: "earned"}),
    ]),
    ("A management group of the same name in another tenant covers nothing here", [
        ("fabrikam-same-group-name", "vm-landing-{:02}", 2, "D4s v5", "24", "0.2", {ALL: "access.none"}),
    ]),
    ("Transferred to us on the 12th, our access added at 14:00 on the 20th", [
        ("fabrikam-transferred", "vm-moved-{:02}", 2, "D4s v5", "24", "0.2",
         {"1-11": "partner.not_billed", "12-19": "access.other_partner", "20": "access.partial_day", "21-31": "earned"}),
    ]),
    ("The reseller of record's access earns", [
        ("fabrikam-reseller", "vm-reseller-{:02}", 4, "D4s v5", "24", "0.2", {ALL: "earned"}),
    ]),
    ("A third CSP's access does not", [
        ("fabrikam-third-csp", "vm-third", 1, "D4s v5", "24", "0.2", {ALL: "access.other_partner"}),
    ]),
    ("The partner admin link was made on the 22nd", [
        ("fabrikam-link-missing", "vm-ops-{:02}", 2, "D2s v5", "24", "0.1", {"1-21": "access.pal_missing", "22-31": "earned"}),
    ]),
    ("Only eligible, and once active for eight hours on the 21st", [
        ("fabrikam-just-in-time", "vm-oncall", 1, "D4s v5", "24", "0.2",
         {"1-20": "access.eligible_only", "21": "access.partial_day", "22-31": "access.eligible_only"}),
    ]),
    ("A custom role", [
        ("fabrikam-custom-role", "vm-custom", 1, "D4s v5", "24", "0.2", {ALL: "access.role_unknown"}),
    ]),
    ("One resource group delegated by Azure Lighthouse", [
        ("fabrikam-lighthouse", "vm-managed-{:02}", 2, "D4s v5", "24", "0.2", {ALL: "earned"}),
        ("fabrikam-lighthouse", "vm-unmanaged", 1, "D2s v5", "24", "0.1", {ALL: "access.none"}),
    ]),
    ("A snapshot proves an old grant", [
        ("northwind-clinic", "vm-clinic-{:02}", 8, "D4s v5", "24", "0.2", {ALL: "earned"}),
        ("northwind-clinic", "sql-clinic/databases/main", 1, "vCore", "96", "0.25", {ALL: "earned"}),
    ]),
    ("A snapshot cannot prove an absence: the grant seen was made at 10:20 on the 12th", [
        ("northwind-new-grant", "vm-imaging-{:02}", 2, "D4s v5", "24", "0.2", {"1-12": "access.unproven", "13-31": "earned"}),
    ]),
]


def run(span):
    first, _, last = span.partition("-")
    return range(int(first), int(last or first) + 1)


def text(amount):
    """An exact decimal as plain digits, no trailing zeros."""
    places = 0
    while (amount * 10**places).denominator != 1:
        places += 1
        assert places < 60, amount
    digits = str(abs(int(amount * 10**places))).rjust(places + 1, "0")
    whole = f"{digits[:-places]}.{digits[-places:]}" if places else digits
    return "-" + whole if amount < 0 else whole


def rows(daily_rated):
    """One row a resource kind and run of days, worked out: lines and exact amounts."""
    for title, entries in TABLE:
        for subscription, resource, count, meter, quantity, price, spans, *charge in entries:
            if daily_rated and charge:
                continue
            for span, reason in spans.items():
                lines = count * len(run(span))
                amount = lines * Fraction(quantity) * Fraction(price or 0)
                potential = Fraction(0) if OUTCOME[reason] == "never" else amount * RATE
                yield {"title": title, "subscription": subscription, "resource": resource, "count": count, "meter": meter,
                       "charge": charge[0] if charge else "Usage", "span": span, "reason": reason, "lines": lines,
                       "list_amount": amount, "potential": potential, "credit": potential if reason == "earned" else Fraction(0)}


AMOUNTS = ("list_amount", "potential", "credit")


def grouped(table, keys):
    """Sums by the key columns, then currency, outcome, reason, in that order."""
    sums = defaultdict(lambda: defaultdict(Fraction))
    for row in table:
        sum_of = sums[tuple(key(row) for key in keys) + ("USD", OUTCOME[row["reason"]], row["reason"])]
        for name in ("lines",) + AMOUNTS:
            sum_of[name] += row[name]
    return sorted(sums.items())


def answer(key, sums):
    currency, outcome, reason = key[-3:]
    return {"currency": currency, "outcome": outcome, "reason": reason, "lines": int(sums["lines"]),
            **{name: text(sums[name]) for name in AMOUNTS}}


def expected(table):
    def total(name, outcome=None):
        return sum((row[name] for row in table if outcome in (None, OUTCOME[row["reason"]])), Fraction(0))

    earned, missed, unknown = total("credit"), total("potential", "missed"), total("potential", "unknown")
    coverage = Fraction(int(earned / (earned + missed + unknown) * 10**6), 10**6)  # cut, not rounded
    return {
        "totals": [{"currency": "USD", "lines": int(total("lines")), "list_amount": text(total("list_amount")),
                    "earned": text(earned), "missed": text(missed), "unknown": text(unknown),
                    "net": text(total("list_amount") - earned), "coverage": text(coverage)}],
        "reasons": [answer(key, sums) for key, sums in grouped(table, [])],
        "subscriptions": [{"subscription": key[0], "name": key[1], **answer(key, sums)} for key, sums in
                          grouped(table, [lambda row: SUBSCRIPTIONS[row["subscription"]], lambda row: row["subscription"]])],
        "stories": [{"title": row["title"], "subscription": SUBSCRIPTIONS[row["subscription"]], "name": row["subscription"],
                     "resource": row["resource"].replace("{:02}", f"01..{row['count']:02}"), "meter": row["meter"],
                     "first": f"2026-10-{run(row['span'])[0]:02}", "last": f"2026-10-{run(row['span'])[-1]:02}",
                     "outcome": OUTCOME[row["reason"]], "reason": row["reason"], "lines": row["lines"],
                     **{name: text(row[name]) for name in AMOUNTS}} for row in table],
    }


def csv_rows(folder):
    for path in sorted((folder / "usage").iterdir()):
        data = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        yield from csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline=""))


def cost_management(row):
    return (row["SubscriptionId"], row["ResourceId"], row["meterName"], row["chargeType"], row["date"].split("/"), row["quantity"],
            row["PayGPrice"], row["partnerEarnedCreditApplied"] == "True", row["partnerEarnedCreditRate"] == "0.15")


def daily_rated(row):
    percent = row["PartnerEarnedCreditPercentage"] == "15"
    return (row["EntitlementId"], row["ResourceURI"], row["MeterName"], "Usage", row["UsageDate"].split("/"), row["Quantity"],
            row["UnitPrice"], percent, percent)


def check(table, folder, read):
    """The table against the usage file: every line has one reason, and lines and amounts agree resource by resource."""
    reason_of, want, have = {}, defaultdict(lambda: [0, Fraction(0)]), defaultdict(lambda: [0, Fraction(0)])
    for row in table:
        names = [row["resource"].format(number) for number in range(1, row["count"] + 1)]
        for name in names:
            key = (SUBSCRIPTIONS[row["subscription"]], name, row["meter"], row["charge"])
            for day in run(row["span"]):
                assert reason_of.setdefault((key, day), row["reason"]) == row["reason"], (key, day)
            want[key, row["reason"]][0] += Fraction(row["lines"], len(names))
            want[key, row["reason"]][1] += row["list_amount"] / len(names)
    for row in csv_rows(folder):
        subscription, path, meter, charge, (month, day, year), quantity, price, applied, rated = read(row)
        assert (int(month), year) == (10, "2026"), row
        key = (subscription, "/".join(path.lower().split("/")[8:]), meter, charge)
        reason = reason_of[key, int(day)]
        assert applied == rated == (reason == "earned"), (key, day)
        have[key, reason][0] += 1
        have[key, reason][1] += Fraction(quantity) * Fraction(price or 0)
    assert dict(want) == dict(have), [key for key in want.keys() | have.keys() if want[key] != have[key]]


def main():
    for folder, read in ((HERE, cost_management), (HERE.parent / "contoso-daily-rated", daily_rated)):
        table = list(rows(read is daily_rated))
        check(table, folder, read)
        result = expected(table)
        (folder / "expected.json").write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8", newline="\n")
        print(folder.name, json.dumps(result["totals"][0]))
        for row in result["reasons"]:
            print("  {outcome:8} {reason:26} {lines:5} {list_amount:>42} {potential:>36}".format(**row))


if __name__ == "__main__":
    main()
