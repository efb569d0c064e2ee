#!/usr/bin/env python3
"""Writes ../cases/good/grid.json: every reason by every path of access under every policy value, as far as it can be.

One small world holds a line for each reason and path, whose answer without a policy is told here by hand. It is asked
once with every default stated, which must change nothing, and once with each other value; what that changes is the
oracle's answer. Denied lines, which `deny = block` makes missed, are asked under that policy with each value besides.
"""

import json
import os

import make_cases as by_hand
import oracle
import table
from make_cases import ADMINS, APP, APP2, CUSTOMER, HOME, ONE, OWNER, READER, SUB, THREE, USER

FILE = os.path.join(by_hand.CASES, "good", "grid.json")
PATHS = [p for p in table.PATHS if p != "none"]
MAPPED = {"map to earns": "earns", "map to never": "never"}
IN_MAPS = "f58310d9-a9f6-439a-9e8d-f62e7b41a168"
UNLISTED = "0c0ffee0-0000-4000-8000-000000000002"  # in no map, so that it stays unknown under them
BLIND, GAPS = (SUB[:-1] + n for n in "23")  # subscriptions that nobody looked at on the day, or in a part of it
MORNING, NOON, EVENING = (f"2026-10-05T{hour}:00:00Z" for hour in ("00", "12", "18"))

# What a grant of a path looks like that qualifies.
OURS = {
    "aobo": {"principal_id": ADMINS, "principal_kind": "ForeignGroup", "partner_id": ONE},
    "lighthouse_offer": {"principal_id": APP, "principal_kind": "Group"},
    "lighthouse_template": {"principal_id": APP, "principal_kind": "ServicePrincipal"},
    "directory": {"principal_id": APP, "principal_kind": "ServicePrincipal"},
}
# Fields of a line that say what it is, whatever the access.
MARKS = {
    "line.refund": {"charge_type": "Refund"}, "line.not_usage": {"charge_type": "Purchase"},
    "line.legacy_offer": {"plan_name": "Microsoft Azure (MS-AZR-0145P)"}, "line.azure_credit": {"credit_percentage": "100"},
    "product.reservation": {"pricing_model": "Reservation"}, "product.savings_plan": {"pricing_model": "SavingsPlan"},
    "product.spot": {"pricing_model": "Spot"}, "product.marketplace": {"publisher_type": "Marketplace"},
    "product.third_party": {"product_id": "DZH318Z0THRD"}, "product.unlisted": {"product_id": "DZH318Z0NONE"},
    "product.low_priority": {"pricing_model": "LowPriority"},
    "partner.not_billed": {"partner_tenant_id": by_hand.ELSEWHERE}, "partner.no_agreement": {"date": "2026-09-10"},
}
# What makes a grant of the path worth less.
LESS = {
    "earned": {}, "access.denied": {}, "access.partner_unknown": {"principal_id": APP2, "partner_id": None},
    "access.role_unknown": {"role_id": UNLISTED}, "access.partial_day": {"start": MORNING, "end": "2026-10-05T11:00:00Z"},
    "access.eligible_only": {"eligible_only": True}, "access.pal_missing": {"principal_id": USER, "principal_kind": "User"},
    "access.other_partner": {"partner_id": THREE}, "access.role_not_eligible": {"role_id": READER},
    "access.none": {"start": "2026-08-10", "end": "2026-08-20"},
}


class World:
    """Lines, the grants that reach them, and the reason of each line without a policy."""

    def __init__(self):
        self.grants, self.denies, self.lines, self.reasons = [], [], [], []

    def add(self, outcome, reason, path):
        subscription = {"access.unobserved": BLIND, "access.unproven": GAPS}.get(reason, SUB)
        scope = f"/subscriptions/{subscription}/resourceGroups/r{len(self.lines)}"
        line = {"date": "2026-10-05", "customer_id": CUSTOMER, "resource_id": scope + "/providers/x/y/z", "quantity": "1",
                "list_price": "1", "product_id": "DZH318Z0BNVX", "sku_id": "0003", "meter_id": by_hand.METER,
                **MARKS.get(reason, {})}
        if reason == "line.no_scope":
            del line["resource_id"]
            scope = "/"
        if path != "none":
            less = dict(LESS.get(reason, {}))
            if reason == "access.unproven":
                less = {"start": NOON, "end": EVENING}
            if reason == "access.partner_unknown" and path == "aobo":
                less["principal_kind"] = "Unknown"  # a foreign group's would follow the policy
            self.grants.append({"id": f"g{len(self.grants)}", "path": path, "scope": scope, "role_id": OWNER, "start": "2026-08-02",
                                **OURS[path], **less})
            if reason == "access.pal_missing" and path == "aobo":
                # such a grant needs no link; a directory one beside it does
                self.grants[-1].update(OURS["aobo"], partner_id=THREE)
                self.grants.append({**self.grants[-1], **OURS["directory"], **less, "id": f"g{len(self.grants)}",
                                    "path": "directory", "partner_id": None})
        if reason == "access.denied":
            self.denies.append({"id": f"d{len(self.denies)}", "scope": scope, "everyone": True, "actions": ["*"]})
        self.lines.append(line)
        self.reasons.append((outcome, reason))

    def request(self, policy):
        window = lambda subscription, start, end: {"scope": "/subscriptions/" + subscription, "start": start, "end": end}
        link = lambda principal, tenant: {"principal_id": principal, "partner_id": ONE,
                                          "linked": tenant and {"tenant_id": tenant, "start": None, "end": None}}
        row = by_hand.price()
        agreement = [{"start": "2026-07-01", "end": "2026-09-01"}, {"start": "2026-10-01", "end": None}]
        return {
            "policy": policy,
            "partner": {"schema": "azure-pec/partner/1", "bill_to": {
                "partner_id": ONE, "tenant_id": HOME, "kind": "direct_bill", "agreement": agreement}},
            "access": {
                "schema": "azure-pec/access/1",
                "observed": [window(SUB, "2026-08-01", "2026-11-01"), window(BLIND, "2026-08-01", "2026-10-03"),
                             window(GAPS, "2026-08-01", "2026-10-03"), window(GAPS, "2026-10-08", "2026-11-01")],
                "grants": self.grants, "denies": self.denies,
                "links": [link(APP, CUSTOMER), link(APP, HOME), link(USER, None)]},
            "prices": [row, {**row, "product_id": "DZH318Z0THRD", "tags": ["Third Party"]}],
            "lines": self.lines,
        }


def worlds():
    """Every reason by path; the denied lines alone; and a line that stands nowhere, with grants that reach every line."""
    whole, denied, nowhere = World(), World(), World()
    for reason, outcome in oracle.REASONS:
        if (outcome, reason) == ("missed", "access.denied"):
            continue
        for path in table.PATHS:
            if table.cannot((outcome, reason), path) is None:
                (nowhere if reason == "line.no_scope" and path != "none" else whole).add(outcome, reason, path)
    for path in PATHS:
        denied.add("unknown", "access.denied", path)
    return whole, denied, nowhere


def value_of(key, name):
    return {IN_MAPS: MAPPED[name]} if name in MAPPED else name


def case(title, world, policy):
    request = world.request(policy)
    answers = oracle.answer(request)["answers"]
    fields = ("outcome", "reason", "credit")
    return {"title": title, "source": by_hand.OWN, **request,
            "expect": [{name: answer[name] for name in fields} for answer in answers]}


def cases():
    whole, denied, nowhere = worlds()
    defaults = {key: values[0] for key, values in table.VALUES.items()}
    others = [(key, name) for key, values in table.VALUES.items() for name in values[1:]]
    made = []
    for title, world in (("Every reason by every path", whole), ("A line that stands nowhere", nowhere)):
        for stated, policy in (("nothing", {}), ("every default", defaults)):
            made.append(case(f"{title}: {stated} stated", world, policy))
            for want, got, line in zip(world.reasons, made[-1]["expect"], world.lines):
                if want != (got["outcome"], got["reason"]):
                    raise SystemExit(f"{made[-1]['title']}: {want} by hand, {got} by the oracle: {line}")
        made += [case(f"{title}: {key} = {name}", world, {key: value_of(key, name)}) for key, name in others]
    made.append(case("Denied lines, deny = block: every other default stated", denied, {**defaults, "deny": "block"}))
    made += [case(f"Denied lines, deny = block: {key} = {name}", denied, {"deny": "block", key: value_of(key, name)})
             for key, name in others if key != "deny"]
    return made


def main():
    made = cases()
    with open(FILE, "w", encoding="utf-8", newline="\n") as f:
        f.write('{ "schema": "azure-pec/cases/1", "cases": [\n')
        f.write(",\n".join(json.dumps(c, separators=(",", ":")) for c in made))
        f.write("\n] }\n")
    print(f"good/grid.json: {len(made)} cases, {sum(len(c['lines']) for c in made)} lines")


if __name__ == "__main__":
    main()
