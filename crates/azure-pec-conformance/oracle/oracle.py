#!/usr/bin/env python3
"""The PEC rule written a second time, plainly, to hold other implementations to.

Reads JSON lines on standard input, one request a line ({policy, partner, access, prices, lines}, the form of
../cases/README.md), and writes one JSON answer a line: {"answers": [...], and the sums of a statement of these lines as
"totals", "reasons" and "warned", how many lines it warns of by code} or {"error": {"code": "..."}}.

    python3 oracle.py < requests.jsonl > answers.jsonl
    python3 oracle.py --cases DIR        replay a folder of cases (lines and arithmetic) and report differences
    python3 oracle.py --reasons          read requests, print how often each reason and error came up

For each line the day is cut at every instant at which anything starts or ends. In each stretch between two cuts a plain
function says of every grant what it is there. Nothing here is clever; where the contract leaves room, READINGS.md says
what was chosen. What is asked is read by texts.py, policy.py, partner.py, access.py, lines.py and prices.py; product.py says
whether a line can earn at all, judge.py what access it has.
"""

import datetime
import json
import os
import sys
from fractions import Fraction

import arithmetic
import statement
from access import Access
from judge import judge_access
from lines import Line
from partner import Partner
from policy import Policy
from prices import Prices, cost_of
from product import judge_product
from texts import Refused, plain

REASONS = [
    ("line.refund", "never"), ("line.not_usage", "never"), ("line.legacy_offer", "never"),
    ("line.azure_credit", "never"), ("line.no_scope", "unknown"),
    ("product.reservation", "never"), ("product.savings_plan", "never"), ("product.spot", "never"),
    ("product.marketplace", "never"), ("product.third_party", "never"), ("product.unlisted", "unknown"),
    ("product.low_priority", "unknown"), ("partner.not_billed", "never"), ("partner.no_agreement", "missed"),
    ("earned", "earned"), ("access.denied", "unknown"), ("access.denied", "missed"),
    ("access.unobserved", "unknown"), ("access.unproven", "unknown"), ("access.partner_unknown", "unknown"),
    ("access.role_unknown", "unknown"), ("access.partial_day", "missed"), ("access.eligible_only", "missed"),
    ("access.pal_missing", "missed"), ("access.other_partner", "missed"), ("access.role_not_eligible", "missed"),
    ("access.none", "missed"),
]

# The texts by which lines of one resource and day are put in order: what they are judged by, what they are summed by,
# the others; the resource's own spelling, quantity and list price come behind them.
TIES = [
    "customer_id", "reseller_id", "partner_tenant_id", "plan_id", "plan_name", "subscription_id", "resource_group",
    "meter_id", "meter_name", "product_id", "sku_id", "sku_name", "charge_type", "pricing_model", "benefit_type",
    "reservation_id", "publisher_type", "publisher_name", "billing_provider", "credit_percentage", "currency",
    "customer_name", "subscription_name", "service", "invoice_id", "billing_currency", "exchange_rate",
    "observed_rate", "resource_id",
]


OUTCOME = {code: outcome for code, outcome in REASONS if code != "access.denied"}


def unit_of(before, after, rows):
    """The price of a unit where one tier alone makes what a quantity costs, else None."""
    low, high = min(before, after), max(before, after)
    for i, r in enumerate(rows):
        if r.high is None or high <= r.high:
            return r.unit if i == 0 or r.after() <= low else None
    return None


def list_amounts(lines, outcomes, prices, policy, partner):
    """The list price and the list amount of each line, by its index."""
    amounts = {}
    if policy.price_source == "line":
        for line in lines:
            price = line.price
            if price is None and prices.given:
                rows = prices.of(line, partner)
                price = rows[0].unit if len(rows) == 1 else None
            amounts[line.index] = price, None if price is None else line.quantity * price
        return amounts

    reached = {}

    def order(line):
        content = [str(line.given.get(name) or "") for name in TIES]
        price = (0, Fraction(0)) if line.price is None else (1, line.price)
        return line.date, (line.resource or "").lower(), content, line.quantity, price, line.index

    for line in sorted(lines, key=order):
        rows = prices.of(line, partner) if prices.given else []
        scope = line.plan if policy.tier_scope == "plan" and line.plan else line.subscription
        month = datetime.date.fromordinal(line.date).strftime("%Y-%m")
        key = (scope, line.meter, month)
        before = reached.get(key, Fraction(0))
        after = before + line.quantity
        if not rows or any(r.unit is None for r in rows):
            amounts[line.index] = None, None
        else:
            amounts[line.index] = unit_of(before, after, rows), cost_of(after, rows) - cost_of(before, rows)
        if outcomes[line.index] != "never":
            reached[key] = after
    return amounts


def answer(request):
    policy = Policy(request.get("policy") or {})
    partner = Partner(request.get("partner"), (request.get("access") or {}).get("links") or [])
    access = Access(request.get("access"), policy, partner)
    prices = Prices(request.get("prices"))
    lines = [Line(i, given, policy, partner) for i, given in enumerate(request.get("lines") or [])]

    verdicts = []
    for line in lines:
        reason = judge_product(line, prices, partner)
        if reason:
            verdicts.append((OUTCOME[reason], reason))
        else:
            verdicts.append(judge_access(line, access, policy, partner))
    amounts = list_amounts(lines, [v[0] for v in verdicts], prices, policy, partner)

    answers, charged = [], []
    for line, (outcome, reason) in zip(lines, verdicts):
        (list_price, list_amount), rate = amounts[line.index], line.rate()
        potential = None if list_amount is None else list_amount * rate
        if outcome == "never":
            potential = Fraction(0)
        credit = potential if outcome == "earned" else Fraction(0)
        net = None if list_amount is None else list_amount - credit
        answers.append({"outcome": outcome, "reason": reason, "list_price": plain(list_price),
                        "list_amount": plain(list_amount), "rate": plain(rate), "potential": plain(potential), "credit": plain(credit), "net": plain(net)})
        charged.append(statement.Charged(line, outcome, reason, (list_amount, potential, credit), policy))
    return {"answers": answers, **statement.sums(charged, policy, plain)}


def answer_or_error(request):
    try:
        return answer(request)
    except Refused as refused:
        return {"error": {"code": refused.code}}


def replay(folder):
    checked = passed_over = wrong = 0
    for root, folders, names in os.walk(folder):
        folders.sort()
        for name in sorted(names):
            if not name.endswith(".json"):
                continue
            path = os.path.join(root, name)
            with open(path, encoding="utf-8") as f:
                document = json.load(f)
            for i, case in enumerate(document.get("cases") or []):
                if "arithmetic" in case:
                    checked += 1
                    want = {key: case[key] for key in ("answer", "error") if key in case}
                    got = arithmetic.answer_or_error(case["arithmetic"])
                    if got != want:
                        wrong += 1
                        print(f"{path}: case {i}: {case.get('title')}\n    expected {want}, got {got}")
                    continue
                if "lines" not in case:
                    passed_over += 1
                    continue
                checked += 1
                got = answer_or_error(case)
                differences = []
                if "error" in case:
                    code = got.get("error", {}).get("code")
                    if code != case["error"]["code"]:
                        differences.append(f"error: expected {case['error']['code']}, got {code or got}")
                elif "error" in got:
                    differences.append(f"refused with {got['error']['code']}")
                elif len(case["expect"]) != len(got["answers"]):
                    differences.append("expect has another number of entries than lines")
                else:
                    for n, (want, have) in enumerate(zip(case["expect"], got["answers"])):
                        for field, value in want.items():
                            if have.get(field) != value:
                                differences.append(f"line {n}: {field}: expected {value}, got {have.get(field)}")
                if differences:
                    wrong += 1
                    print(f"{path}: case {i}: {case.get('title')}")
                    for d in differences:
                        print(f"    {d}")
    print(f"{checked} cases checked, {wrong} differ, {passed_over} passed over")
    return 1 if wrong or not checked else 0


def table(counts):
    total = sum(counts.values())
    for code, outcome in REASONS:
        print(f"{outcome:8} {code:26} {counts.pop((outcome, code), 0):9}")
    for (outcome, code), n in sorted(counts.items()):
        print(f"{outcome:8} {code:26} {n:9}")
    print(f"{'':8} {'total':26} {total:9}")


def main():
    if len(sys.argv) == 3 and sys.argv[1] == "--cases":
        return replay(sys.argv[2])
    counting = sys.argv[1:] == ["--reasons"]
    if len(sys.argv) > 1 and not counting:
        print("usage: oracle.py [--cases DIR | --reasons]", file=sys.stderr)
        return 2
    counts = {}
    for text in sys.stdin:
        if not text.strip():
            continue
        got = answer_or_error(json.loads(text))
        if counting:
            keys = [("error", got["error"]["code"])] if "error" in got else \
                [(a["outcome"], a["reason"]) for a in got["answers"]]
            for key in keys:
                counts[key] = counts.get(key, 0) + 1
        else:
            sys.stdout.write(json.dumps(got, separators=(",", ":")) + "\n")
    if counting:
        table(counts)
    return 0


if __name__ == "__main__":
    sys.exit(main())
