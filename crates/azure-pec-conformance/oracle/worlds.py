#!/usr/bin/env python3
"""Random small worlds to ask the rule about.

    python3 worlds.py --cases N --seed S               N requests as JSON lines, the form of ../cases/README.md
    python3 worlds.py --cases N --seed S --coverage    what the oracle answers to them, as a table of reasons
    ... --stated                                       without what exports add (bounds of ends, role definitions, links)
                                                       and without currencies

The same seed gives the same worlds. World number i depends on the seed and i alone, so `--skip K` starts at world K.
The clock is small on purpose: few instants within four days, most of them at, or 100 ns beside, midnights and each
other, so that ends meet.
"""

import argparse
import json
import random
import sys

import oracle
from texts import instant

TENANTS = [f"{c * 8}-0000-4000-8000-000000000001" for c in "abc"]
PARTNER_TENANT = "99999999-0000-4000-8000-000000000001"
RESELLER_TENANT = "99999999-0000-4000-8000-000000000002"
STRANGE_TENANT = "99999999-0000-4000-8000-000000000003"
SUBSCRIPTIONS = {t: [f"{t[0] * 8}-1111-4111-8111-00000000000{i}" for i in (1, 2)] for t in TENANTS}

US, SISTER, RESELLER, RESELLER_SISTER, OTHER = "1111111", "1111112", "2222222", "2222223", "3333333"
ADMINS, HELPDESK, RESELLER_ADMINS, STRANGERS = (f"d000000{i}-0000-4000-8000-0000000000d{i}" for i in range(1, 5))
USER, APP, UNLINKED, SISTER_USER, RESELLER_APP, CUSTOMERS_OWN, OTHERS_APP = (
    f"e000000{i}-0000-4000-8000-0000000000e{i}" for i in range(1, 8))

EARNING = ["8e3af657-a8ff-443c-a75c-2fe8c4bcb635", "b24988ac-6180-42a0-ab88-20f7382dd24c",
           "cfd33db0-3dd1-45e3-aa9d-cdbdf3b6f24e"]
NOT_EARNING = ["acdd72a7-3385-48ef-bd42-f606fba81ae7", "a97b65f3-24c7-4388-baec-2e87135dc908"]
UNLISTED = ["f58310d9-a9f6-439a-9e8d-f62e7b41a168", "0c0ffee0-0000-4000-8000-000000000001"]

GROUPS = ["/providers/Microsoft.Management/managementGroups/" + n for n in ("root", "mg", "prod")]
TOLERANCES = {"10m": 6_000_000_000, "600s": 6_000_000_000, "1s": 10_000_000, "1h30m": 54_000_000_000,
              "12h": 432_000_000_000, "36h": 1_296_000_000_000}
FIRST_DAY = 4  # of October 2026: the days 4 to 8 are the world

QUANTITIES = ["1", "2", "10", "0.5", "-1", "-0.25", "0", "100", "101", "60", "41", "3.1415926535897932384626433832795",
              "6.19947E-09", ".50", "1234567.000001", "-60", "1e3", "0.005001", "+7"]
PRICES = ["1", "0.045", "0.868", "100", "0", "0.0000000000000001", "12.5", "7E-3", "0.80", "-1"]


def time_text(rng, day, ticks):
    """A UTC time of October 2026 (ticks of 100 ns into the day), in one of its spellings."""
    day += ticks // 864_000_000_000
    ticks %= 864_000_000_000
    if ticks == 0 and rng.random() < 0.3:
        return f"2026-10-{day:02}"
    seconds, fraction = divmod(ticks, 10_000_000)
    h, m, s = seconds // 3600, seconds // 60 % 60, seconds % 60
    zone = "Z"
    if h < 22 and rng.random() < 0.05:
        h, zone = h + 2, "+02:00"
    if fraction:
        part = f".{fraction:07}"
    else:
        part = rng.choice(["", "", "", ".0", ".0000000"])
    return f"2026-10-{day:02}T{h:02}:{m:02}:{s:02}{part}{zone}"


class World:
    def __init__(self, rng):
        self.rng = rng
        self.pick = rng.choice
        hour = 36_000_000_000
        self.moments = []  # (day, ticks)
        for _ in range(rng.randint(2, 5)):
            day = FIRST_DAY + rng.randint(0, 3)
            self.moments.append((day, self.pick([
                0, 0, 0, 12 * hour, 12 * hour, 24 * hour - 1, 1, 6 * hour, 23 * hour, 23 * hour + hour * 5 // 6,
                hour // 6, 12 * hour + hour // 6, 22 * hour, 2 * hour, 18 * hour, hour // 12,
                24 * hour - hour // 12])))
        self.moments = sorted(set(self.moments))
        self.tenants = TENANTS[:self.weighted([(1, 6), (2, 3), (3, 1)])]
        self.subscriptions = [(t, s) for t in self.tenants for s in SUBSCRIPTIONS[t][:rng.randint(1, 2)]]

    def chance(self, p):
        return self.rng.random() < p

    def weighted(self, pairs):
        return self.rng.choices([p[0] for p in pairs], [p[1] for p in pairs])[0]

    def moment(self):
        return time_text(self.rng, *self.pick(self.moments))

    def span(self, null=0.35, early=0.35):
        """A start and an end, the start before the end."""
        start = self.weighted([("null", null), ("early", early), ("moment", 1 - null - early)])
        rest = self.moments
        if start == "moment":
            chosen = self.pick(self.moments)
            rest = [m for m in self.moments if m > chosen]
            start = time_text(self.rng, *chosen)
        else:
            start = None if start == "null" else self.pick(["2026-09-01T00:00:00Z", "2026-09-30T23:59:59.9999999Z"])
        end = None
        if rest and self.chance(0.5):
            end = time_text(self.rng, *self.pick(rest))
        elif self.chance(0.15):
            end = "2027-01-01T00:00:00Z"
        return start, end

    def mixed_case(self, text):
        if text is None or not self.chance(0.15):
            return text
        return self.pick([text.upper(), text.lower(), "".join(self.pick([c.upper(), c.lower()]) for c in text)])

    def resource(self, subscription):
        group = self.pick(["rg1", "rg1", "rg10"])
        path = f"/subscriptions/{subscription}/resourceGroups/{group}"
        path += "/providers/Microsoft.Compute/virtualMachines/" + self.pick(["vm", "vm", "vm2"])
        if self.chance(0.1):
            path += "/extensions/x"
        return path

    # ------------------------------------------------------------ parts

    def policy(self):
        choices = {
            "day": [("any", 1), ("end_of_day", 1), ("entire", 1)],
            "day_offset": [("+02:00", 2), ("-08:00", 1), ("+05:30", 1), ("+00:00", 1)],
            "gap_tolerance": [("10m", 2), ("1s", 1), ("1h30m", 1), ("0s", 1), ("600s", 1), ("12h", 1), ("36h", 1)],
            "absence": [("assume", 3), ("require_proof", 1)],
            "foreign_group": [("trust", 3), ("unknown", 1)],
            "management_group": [("ignore", 3), ("inherit", 1)],
            "deny": [("block", 3), ("ignore", 2), ("unknown", 1)],
            "condition": [("unknown", 3), ("accept", 1)],
            "custom_role": [("never", 1), ("unknown", 1), ("map", 2)],
            "unlisted_role": [("never", 2), ("unknown", 1), ("map", 2)],
            "helpdesk_group": [("ignore", 3), ("accept", 1)],
            "price_source": [("list", 4), ("line", 1)],
            "tier_scope": [("subscription", 3), ("plan", 1)],
            "rounding": [("exact", 1), ("meter_month_cents", 1), ("invoice_nested", 1)],
        }
        policy = {}
        if self.chance(0.3):
            return policy
        for key, values in choices.items():
            if self.chance(0.4 if key == "deny" else 0.15):
                value = self.weighted(values)
                if value == "map":
                    value = {self.mixed_case(r): self.pick(["earns", "never"]) for r in UNLISTED if self.chance(0.7)}
                policy[key] = value
        return policy

    def partner(self):
        if self.chance(0.12):
            return None
        partner = {"schema": "azure-pec/partner/1",
                   "bill_to": {"partner_id": US, "tenant_id": PARTNER_TENANT,
                               "kind": self.pick(["direct_bill", "indirect_provider"])}}
        if self.chance(0.12):
            spans = [self.span() for _ in range(self.rng.randint(0, 2))]
            partner["bill_to"]["agreement"] = [{"start": s, "end": e} for s, e in spans]
        if self.chance(0.4):
            partner["organisation"] = {US: [SISTER]}
            if self.chance(0.4):
                partner["organisation"][RESELLER] = [RESELLER_SISTER]
        if self.chance(0.5):
            partner["customers"] = [
                {"customer_id": t, "market": self.weighted([("DE", 12), ("US", 1)]),
                 "subscriptions": [s for u, s in self.subscriptions if u == t and self.chance(0.8)]}
                for t in self.tenants if self.chance(0.85)]
        if self.chance(0.35):
            entries = []
            for t in self.tenants:
                if not self.chance(0.7):
                    continue
                start, end = self.span(0.6, 0.1)
                entry = {"customer_id": self.mixed_case(t), "plan_id": self.pick([None, None, "plan-1", "plan-2"]),
                         "partner_id": self.pick([RESELLER, RESELLER, RESELLER_SISTER]), "start": start, "end": end}
                if self.chance(0.3):
                    entry["tenant_id"] = self.pick([RESELLER_TENANT, RESELLER_TENANT, STRANGE_TENANT])
                entries.append(entry)
            partner["resellers_of_record"] = entries
        if self.chance(0.7):
            groups = [(ADMINS, US, "AdminAgents"), (HELPDESK, US, "HelpdeskAgents"),
                      (RESELLER_ADMINS, RESELLER, "AdminAgents")]
            partner["aobo_groups"] = [{"principal_id": self.mixed_case(p), "partner_id": i, "group": g}
                                      for p, i, g in groups if self.chance(0.85)]
        if self.chance(0.65):
            people = [(USER, US, 0.9), (APP, US, 0.9), (UNLINKED, US, 0.0), (SISTER_USER, SISTER, 0.9),
                      (RESELLER_APP, RESELLER, 0.9)]
            listed = []
            for p, i, linked in people:
                if not self.chance(0.85):
                    continue
                links = []
                home = RESELLER_TENANT if i == RESELLER else PARTNER_TENANT
                while self.chance(linked if not links else 0.35) and len(links) < 4:
                    tenant = self.weighted([(self.pick(self.tenants), 5), (home, 5), (STRANGE_TENANT, 1)])
                    if any(link["tenant_id"] == tenant for link in links):
                        continue  # one of a tenant, so that no two entries are equal
                    start, end = self.span(0.7, 0.15)
                    links.append({"tenant_id": tenant, "start": start, "end": end})
                if links and self.chance(0.15):
                    # made again for the same tenant: the ends meet, lie apart or over each other
                    until, again = self.moment(), self.moment()
                    links.append(dict(links[0], start=None, end=until))
                    links[0] = dict(links[0], start=again, end=None)
                listed += [{"principal_id": self.mixed_case(p), "partner_id": i, "linked": link} for link in links or [None]]
                if links and self.chance(0.05):
                    listed.append({"principal_id": p, "partner_id": i, "linked": None})
            if self.chance(0.3):
                self.rng.shuffle(listed)
            partner["principals"] = listed
        if self.chance(0.12):
            transfers = []
            for _, s in self.subscriptions:
                if self.chance(0.6):
                    pair = self.pick([(OTHER, US), (OTHER, US), (US, OTHER), (SISTER, US), (US, RESELLER)])
                    transfers.append({"subscription_id": s, "at": self.moment(), "from_partner": pair[0],
                                      "to_partner": pair[1]})
                    if self.chance(0.2):
                        transfers.append({"subscription_id": s, "at": "2026-11-01T00:00:00Z",
                                          "from_partner": pair[1], "to_partner": pair[0]})
            partner["transfers"] = transfers
        return partner

    def hierarchy(self):
        if self.chance(0.4):
            return []
        edges = []
        null = self.chance(0.3)
        for tenant in self.tenants:
            if self.chance(0.15):
                continue
            name = None if null else tenant
            if not null or tenant == self.tenants[0]:
                for child, parent in ((GROUPS[1], GROUPS[0]), (GROUPS[2], GROUPS[self.pick([0, 1, 1])])):
                    if self.chance(0.8):
                        start, end = self.span(0.75, 0.1)
                        edges.append([name, child, parent, start, end])
            for t, s in self.subscriptions:
                if t != tenant or self.chance(0.15):
                    continue
                child = "/subscriptions/" + s
                if self.chance(0.6) or len(self.moments) < 2:
                    start, end = self.span(0.8, 0.1)
                    edges.append([name, child, self.pick(GROUPS), start, end])
                else:
                    # moved once: the ends meet, or leave a gap
                    at = self.pick(range(len(self.moments)))
                    until = time_text(self.rng, *self.moments[at])
                    again = time_text(self.rng, *self.moments[min(at + self.pick([0, 0, 0, 1]), len(self.moments) - 1)])
                    edges.append([name, child, self.pick(GROUPS), None, until])
                    edges.append([name, child, self.pick(GROUPS), again, None])
        return [{"tenant_id": t, "child": self.mixed_case(c), "parent": self.mixed_case(p), "start": s, "end": e}
                for t, c, p, s, e in edges]

    def observed(self):
        kind = self.weighted([("complete", 34), ("whole", 30), ("windows", 18), ("snapshots", 7), ("scopes", 10),
                              ("nothing", 1)])
        if kind == "complete":
            return "complete"
        if kind == "nothing":
            return []
        if kind == "whole":
            return [{"tenant_id": None, "scope": "/", "start": "2026-08-01T00:00:00Z",
                     "end": self.weighted([("2026-11-01T00:00:00Z", 3), (self.moment(), 1)])}]
        windows = []
        for _ in range(self.rng.randint(1, 3)):
            if kind == "snapshots":
                start = end = self.weighted([("2026-11-01T00:00:00Z", 2), (self.moment(), 1)])
            else:
                start = self.pick([None, "2026-09-15T00:00:00Z", self.moment()])
                end = self.pick(["2026-11-01T00:00:00Z", self.moment(), self.moment()])
            scope, tenant = "/", None
            if kind == "scopes" or self.chance(0.15):
                tenant, subscription = self.pick(self.subscriptions)
                scope = self.pick([
                    "/", self.pick(GROUPS), self.pick(GROUPS), "/subscriptions/" + subscription,
                    "/subscriptions/" + subscription, f"/subscriptions/{subscription}/resourceGroups/rg1",
                    self.resource(subscription)])
                if self.chance(0.3):
                    tenant = None
            windows.append({"tenant_id": tenant, "scope": self.mixed_case(scope), "start": start, "end": end})
        return windows

    def scope_of_grant(self):
        tenant, subscription = self.pick(self.subscriptions)
        scope = self.weighted([
            ("/subscriptions/" + subscription, 10), (f"/subscriptions/{subscription}/resourceGroups/rg1", 5),
            (f"/subscriptions/{subscription}/resourceGroups/rg10", 2), (self.resource(subscription), 3),
            (self.pick(GROUPS), 6), ("/", 2)])
        if self.chance(0.05):
            scope = self.pick([scope + "/", scope.replace("/resourceGroups", "//resourceGroups"), " " + scope])
        return (None if self.chance(0.3) else tenant), self.mixed_case(scope)

    def grant(self, n, **fixed):
        tenant, scope = self.scope_of_grant()
        path, kind, principal = self.weighted([
            (("aobo", "ForeignGroup", ADMINS), 8), (("aobo", "ForeignGroup", HELPDESK), 3),
            (("aobo", "ForeignGroup", RESELLER_ADMINS), 3), (("aobo", "ForeignGroup", STRANGERS), 3),
            (("directory", "User", USER), 4), (("directory", "ServicePrincipal", APP), 3),
            (("directory", "User", UNLINKED), 4), (("directory", "User", SISTER_USER), 2),
            (("directory", "User", CUSTOMERS_OWN), 3), (("directory", "ServicePrincipal", RESELLER_APP), 2),
            (("lighthouse_offer", "Group", APP), 2), (("lighthouse_offer", "Group", OTHERS_APP), 2),
            (("lighthouse_template", "ServicePrincipal", APP), 4), (("lighthouse_template", "User", UNLINKED), 2),
            (("lighthouse_template", "ServicePrincipal", RESELLER_APP), 2),
            (("lighthouse_template", "Group", ADMINS), 1), (("lighthouse_template", "User", SISTER_USER), 1)])
        start, end = self.span()
        grant = {
            "id": f"g{n}", "tenant_id": tenant, "path": path, "eligible_only": self.chance(0.1), "scope": scope,
            "role_id": self.mixed_case(self.weighted([(self.pick(EARNING), 12), (self.pick(NOT_EARNING), 3),
                                                      (self.pick(UNLISTED), 3)])),
            "principal_id": self.mixed_case(principal), "principal_kind": kind,
            "partner_id": self.weighted([(None, 14), (US, 4), (RESELLER, 1), (SISTER, 1), (OTHER, 2)]),
            "start": start, "end": end, "condition": "@Resource[x] StringEquals 'y'" if self.chance(0.1) else None}
        grant.update(fixed)
        return grant

    def deny(self, n, **fixed):
        tenant, scope = self.scope_of_grant()
        start, end = self.span(0.5, 0.1)
        principals = [p for p in (ADMINS, USER, APP, HELPDESK) if self.chance(0.5)]
        deny = {"id": f"d{n}", "tenant_id": tenant, "scope": scope, "principal_ids": principals,
                "everyone": self.chance(0.5), "exclude_principal_ids": [ADMINS] if self.chance(0.2) else [],
                "actions": self.weighted([(["*"], 5), (["*/write"], 2), (["Microsoft.Compute/*/delete"], 1), ([], 1)]),
                "applies_to_children": self.chance(0.8), "system_protected": self.chance(0.3),
                "start": start, "end": end}
        if not deny["actions"]:
            deny["data_actions"] = ["*"]
        deny.update(fixed)
        return deny

    @staticmethod
    def home_of(scope):
        """The tenant whose subscription a scope names (the worlds' ids show it)."""
        return next(t for t in TENANTS if t[0] == scope.split("/")[2][0].lower())

    def around_midnight(self, access, line, policy):
        """Cover up to a midnight of the line's day and again from after it, the gap about as long as is tolerated."""
        policy["gap_tolerance"] = self.pick(list(TOLERANCES))
        policy.pop("day_offset", None)
        if self.chance(0.2):
            policy["day_offset"] = self.pick(["+02:00", "-08:00"])
        shift = {"+02:00": -72_000_000_000, "-08:00": 288_000_000_000}.get(policy.get("day_offset"), 0)
        tolerance, day = TOLERANCES[policy["gap_tolerance"]], int(line["date"][-2:])
        whole = 864_000_000_000
        gaps = []
        for midnight in (0, whole):
            if self.chance(0.6) and (not gaps or tolerance < whole // 4):
                long = self.pick([tolerance, tolerance, tolerance + 1, tolerance - 1, tolerance // 2])
                before = self.pick([0, 1, long // 3, long // 2, long - 1, long])
                gaps.append((midnight - before + shift, midnight - before + long + shift))
        scope = "/".join((line.get("resource_id") or "/subscriptions/" + line["subscription_id"]).split("/")[:3])
        edges = [None] + [t for gap in gaps for t in gap] + [None]
        if self.chance(0.5):
            edges[0] = self.pick([-whole, -2 * whole, gaps[0][0] - 1 if gaps else -whole])
        if self.chance(0.5):
            edges[-1] = self.pick([2 * whole, 3 * whole, gaps[-1][1] + 1 if gaps else 2 * whole])
        for start, end in zip(edges[::2], edges[1::2]):
            kind = self.weighted([("q", 12), ("role", 3), ("partner", 2), ("denied", 2), ("reader", 1), ("gap", 2)])
            if kind == "gap" or (start is not None and end is not None and start >= end):
                continue
            fixed = {"scope": scope, "tenant_id": None, "eligible_only": False, "role_id": self.pick(EARNING),
                     "condition": None, "partner_id": US, "principal_kind": "ForeignGroup", "path": "aobo",
                     "principal_id": ADMINS, "start": None if start is None else time_text(self.rng, day, start),
                     "end": None if end is None else time_text(self.rng, day, end)}
            if kind == "role":
                fixed["role_id"] = self.pick(UNLISTED)
            if kind == "partner":
                fixed.update(partner_id=None, principal_id=STRANGERS)
            if kind == "reader":
                fixed["role_id"] = self.pick(NOT_EARNING)
            if kind == "denied":
                fixed.update(principal_id=HELPDESK)
                access["denies"].append(self.deny(
                    len(access["denies"]), scope=self.pick([scope, scope, self.pick(GROUPS)]), everyone=False,
                    principal_ids=[HELPDESK], exclude_principal_ids=[], actions=["*"], applies_to_children=True,
                    start=fixed["start"], end=fixed["end"]))
            access["grants"].append(self.grant(len(access["grants"]), **fixed))

    def tiled(self, access, line):
        """Cuts the line's day at the world's moments and gives every piece some grant of its own kind."""
        day = int(line["date"][-2:])
        hour = 36_000_000_000
        inside = [m for m in self.moments if m[0] == day and m[1]] or [(day, 12 * hour)]
        cuts = [(day, 0)] + self.rng.sample(inside, min(len(inside), self.rng.randint(0, 2))) + [(day + 1, 0)]
        cuts.sort()
        scope = line.get("resource_id") or "/subscriptions/" + line["subscription_id"]
        if self.chance(0.6):
            scope = "/".join(scope.split("/")[:3])
        below = [e for e in access["hierarchy"] if e["child"].lower() == "/".join(scope.split("/")[:3]).lower()]
        for (a, b) in zip(cuts, cuts[1:]):
            fixed = {"scope": scope, "eligible_only": False, "role_id": self.pick(EARNING), "condition": None,
                     "partner_id": US, "start": time_text(self.rng, *a), "end": time_text(self.rng, *b)}
            if a == cuts[0] and self.chance(0.5):
                fixed["start"] = self.pick([None, "2026-09-01"])
            if b == cuts[-1] and self.chance(0.5):
                fixed["end"] = None
            kind = self.weighted([("q", 14), ("linked", 4), ("gap", 1), ("partner", 4), ("role", 5), ("denied", 6), ("eligible", 3),
                                  ("link", 4), ("other", 2), ("reader", 4), ("condition", 1)])
            n = len(access["grants"])
            if below and self.chance(0.3):
                # from above, if the subscription stays below that group
                edge = self.pick(below)
                named = edge["tenant_id"] or self.pick([self.home_of(scope), self.home_of(scope), TENANTS[1]])
                fixed.update(scope=self.pick([edge["parent"], edge["parent"], edge["parent"], "/"]),
                             tenant_id=self.pick([named, named, None]))
            if kind == "gap":
                continue
            if kind == "partner":
                fixed.update(partner_id=None, path="aobo", principal_kind="ForeignGroup",
                             principal_id=self.pick([STRANGERS, ADMINS]))
                if self.chance(0.5):
                    fixed.update(path="directory", principal_kind="User", principal_id=CUSTOMERS_OWN)
            if kind == "linked":
                principal, form = self.pick([(USER, "User"), (APP, "ServicePrincipal"), (SISTER_USER, "User"),
                                             (RESELLER_APP, "ServicePrincipal")])
                fixed.update(partner_id=None, path=self.pick(["directory", "directory", "lighthouse_template"]),
                             principal_kind=form, principal_id=principal)
            if kind == "role" or (kind == "partner" and self.chance(0.15)):
                fixed["role_id"] = self.pick(UNLISTED)
            if kind == "eligible":
                fixed["eligible_only"] = True
            if kind == "link":
                fixed.update(partner_id=None, path=self.pick(["directory", "lighthouse_template"]),
                             principal_kind="User", principal_id=self.pick([UNLINKED, USER]))
            if kind == "other":
                fixed["partner_id"] = OTHER
            if kind == "reader":
                fixed["role_id"] = self.pick(NOT_EARNING)
            if kind == "condition":
                fixed["condition"] = "x"
            grant = self.grant(n, **fixed)
            access["grants"].append(grant)
            if kind == "denied":
                deny = {"scope": "/".join(scope.split("/")[:3]), "principal_ids": [grant["principal_id"]],
                        "everyone": self.chance(0.5), "exclude_principal_ids": [], "actions": ["*"], "applies_to_children": True,
                        "start": fixed["start"], "end": fixed["end"]}
                if self.chance(0.35):
                    home = self.home_of(scope)
                    deny["scope"] = self.pick([e["parent"] for e in below] + [self.pick(GROUPS), "/"])
                    deny["tenant_id"] = self.pick([home, home, None, TENANTS[1]])
                access["denies"].append(self.deny(len(access["denies"]), **deny))

    def prices(self, tiered):
        if self.chance(0.3 if tiered else 0.65):
            return None
        rows = []
        for product in ("DZH318Z0BNVX", "DZH318Z0BP04"):
            if self.chance(0.03):
                continue
            for market in self.pick([["DE"], ["DE"], ["DE"], ["DE"], ["DE", "US"]]):
                versions = [("2018-03-01", None)]
                if self.chance(0.3):
                    day = f"2026-10-{FIRST_DAY + self.rng.randint(0, 3):02}"
                    versions = [("2018-03-01", day), (day + self.pick(["", "T00:00:00Z"]), self.pick([None, None, "2027-01-01"]))]
                elif self.chance(0.05):
                    versions = [(f"2026-10-{FIRST_DAY + 2:02}", None)]
                for start, end in versions:
                    tags = self.weighted([(["Azure"], 6), (["Azure", "Consumption"], 3), (["Azure;ThirdParty"], 1),
                                          (["Third Party"], 1), (["Azure", self.pick(["Reservation", "Reservations"])], 0.5)])
                    tiers = self.weighted([([(None, None)], 3), ([("1", "100"), ("101", None)], 2),
                                           ([("1", "10"), ("11", "100"), ("101", None)], 1)])
                    if len(tiers) == 1:
                        tiers = [(self.pick([None, None, "1"]), None)]
                    for low, high in tiers:
                        rows.append({"product_id": product, "sku_id": "0003",
                                     "meter_ids": ["5a000000-0000-4000-8000-00000000000" + i for i in "12"],
                                     "market": market, "currency": "USD", "unit_price": self.pick(PRICES[:-1]),
                                     "tier_min": low, "tier_max": high, "start": start, "end": end, "tags": tags,
                                     "publisher": "Microsoft"})
        if rows and self.chance(0.1):
            rows.append(dict(rows[0]))
        if rows and self.chance(0.15):
            # says the same of another time, for one of the meters, under another publisher
            row = self.pick(rows)
            more = {"start": self.pick([row["start"], "2020-01-01", f"2026-10-{FIRST_DAY + 1:02}"]),
                    "end": self.pick([row["end"], row["end"], f"2026-10-{FIRST_DAY + 2:02}", "2027-06-01"]),
                    "meter_ids": self.pick([row["meter_ids"], row["meter_ids"][:1]]),
                    "tags": row["tags"] + self.pick([[], ["Consumption"]]),
                    "publisher": self.pick(["Microsoft", "Microsoft Corporation", ""])}
            rows.append(dict(row, **more))
        return rows or None

    def line(self, n, prices):
        tenant, subscription = self.pick(self.subscriptions)
        line = {"date": f"2026-10-{FIRST_DAY + self.weighted([(0, 2), (1, 3), (2, 3), (3, 1)]):02}",
                "quantity": self.pick(QUANTITIES)}
        if self.chance(0.02):
            line["date"] = self.pick(["2019-10-31", "2019-11-01", "2026-12-01"])
        if self.chance(0.85):
            line["customer_id"] = self.mixed_case(tenant)
        if self.chance(0.9):
            line["list_price"] = self.pick(PRICES)
        where = self.weighted([("resource", 75), ("group", 8), ("subscription", 14), ("nowhere", 3)])
        if where == "resource":
            line["resource_id"] = self.mixed_case(self.resource(subscription) + self.pick(["", f"/parts/{n}"]))
        if where == "group":
            line["resource_group"] = self.mixed_case(self.pick(["rg1", "rg10"]))
        if where == "group" or where == "subscription" or (where == "resource" and self.chance(0.7)):
            line["subscription_id"] = self.mixed_case(subscription)
        if self.chance(0.5):
            line["plan_id"] = self.mixed_case(self.pick(["plan-1", "plan-1", "plan-2"]))
        if self.chance(0.3):
            line["plan_name"] = self.weighted([("Azure plan", 10), ("Azure Plan", 3), ("Microsoft Azure (MS-AZR-0145P)", 1)])
        if self.chance(0.25):
            line["reseller_id"] = self.pick([RESELLER, RESELLER, RESELLER_SISTER, OTHER])
        if self.chance(0.3):
            line["partner_tenant_id"] = self.weighted([(PARTNER_TENANT, 11), (STRANGE_TENANT, 1)])
        if prices is not None or self.chance(0.2):
            line["product_id"] = self.weighted([("DZH318Z0BNVX", 24), ("DZH318Z0BP04", 10), ("DZH318Z0XXXX", 1)])
            line["sku_id"] = self.weighted([("0003", 40), ("0004", 1)])
            line["meter_id"] = self.mixed_case("5a000000-0000-4000-8000-00000000000" + self.weighted([("1", 20), ("2", 12), ("3", 1)]))
        special = self.weighted([
            ({}, 78),
            ({"charge_type": "Usage"}, 4), ({"charge_type": "Refund"}, 2),
            ({"charge_type": self.pick(["Purchase", "Tax", "RoundingAdjustment"])}, 2),
            ({"charge_type": "UnusedReservation"}, 0.7), ({"charge_type": "UnusedSavingsPlan"}, 0.7),
            ({"credit_percentage": self.pick(["100", "100.0", "0"])}, 3),
            ({"pricing_model": self.pick(["Reservation", "OnDemand"])}, 1), ({"benefit_type": "SavingsPlan"}, 1),
            ({"pricing_model": "SavingsPlan"}, 0.5), ({"reservation_id": "5e000000-0000-4000-8000-000000000001"}, 0.5),
            ({"pricing_model": "Spot"}, 1), ({"sku_name": "D2s v3 Spot"}, 0.7), ({"meter_name": "D2s v3 Spot"}, 0.7),
            ({"meter_name": "Spotlight Hours"}, 0.3),
            ({"meter_name": "D2 v3 Low Priority"}, 1.5), ({"sku_name": "D2 v3 Low Priority"}, 0.7),
            ({"publisher_type": "Marketplace"}, 1), ({"billing_provider": "Marketplace"}, 1),
            ({"publisher_type": "Azure", "publisher_name": "Contoso"}, 0.7), ({"publisher_name": "Contoso"}, 1.5),
            ({"publisher_name": "Contoso", "billing_provider": "Microsoft"}, 0.7),
            ({"publisher_name": self.pick(["Microsoft Corporation", "MICROSOFT", "microsoft"])}, 0.7)])
        line.update(special)
        if prices is not None and line.get("publisher_name") and self.chance(0.6):
            line["product_id"] = "DZH318Z0XXXX"
        return line

    def spoil(self, request):
        """Puts one error into the request."""
        access = request.setdefault("access", {"schema": "azure-pec/access/1", "observed": "complete", "grants": [],
                                               "denies": [], "hierarchy": []})
        kind = self.pick(["grant", "cycle", "parents", "overlap", "tier", "duplicate", "policy", "number", "precise",
                          "date", "id"])
        if kind == "grant":
            when = self.moment()
            access["grants"].append(self.grant(99, start=when, end=self.pick([when, "2026-01-01T00:00:00Z"])))
        elif kind == "cycle":
            access["hierarchy"] = [
                {"tenant_id": None, "child": GROUPS[a], "parent": GROUPS[b], "start": s, "end": None}
                for a, b, s in ((0, 1, None), (1, 2, None), (2, 0, self.moment()))]
        elif kind == "parents":
            access["hierarchy"] = [
                {"tenant_id": TENANTS[0], "child": "/subscriptions/" + SUBSCRIPTIONS[TENANTS[0]][0], "parent": GROUPS[p],
                 "start": s, "end": None} for p, s in ((0, None), (1, self.moment()))]
        elif kind in ("overlap", "tier"):
            row = {"product_id": "DZH318Z0BZZZ", "sku_id": "0003", "meter_ids": ["5a000000-0000-4000-8000-000000000009"],
                   "market": "DE", "currency": "USD", "unit_price": "1", "tier_min": None, "tier_max": None,
                   "start": "2018-03-01", "end": None, "tags": ["Azure"], "publisher": "Microsoft"}
            if kind == "overlap":
                more = [row, dict(row, unit_price="2")]
            else:
                more = [dict(row, tier_min="100", tier_max="1")]
            request["prices"] = (request.get("prices") or []) + more
        elif kind == "duplicate":
            partner = request.setdefault("partner", {"schema": "azure-pec/partner/1", "bill_to": {"partner_id": US}})
            key = self.pick(["aobo_groups", "principals"])
            row = {"principal_id": ADMINS if key == "aobo_groups" else APP, "partner_id": US}
            row.update({"group": "AdminAgents"} if key == "aobo_groups" else {"linked": None})
            partner[key] = [row, self.pick([dict(row), dict(row, partner_id=OTHER)])]
        elif kind == "policy":
            request["policy"] = dict(request.get("policy") or {}, **self.pick([
                {"day": "half"}, {"day_offset": "2h"}, {"gap_tolerance": "ten minutes"}, {"unlisted_role": "earns"},
                {"nonsense": "1"}, {"deny": "accept"}, {"custom_role": {UNLISTED[0]: "perhaps"}}]))
        elif kind == "number":
            request["lines"][0]["quantity"] = self.pick(["", "1,5", "abc", "1e", "--1", "0x10", ".", "NaN"])
        elif kind == "precise":
            request["lines"][0][self.pick(["quantity", "list_price"])] = self.pick(["1E-41", "1" + "0" * 28, "0." + "0" * 40 + "1"])
        elif kind == "date":
            if self.chance(0.5):
                request["lines"][0]["date"] = self.pick(["2026-02-30", "2026-13-01", "yesterday", ""])
            else:
                access["grants"].append(self.grant(99, start=self.pick(["2026-10-05T25:00:00Z", "soon", "2026-10-32"]), end=None))
        elif kind == "id":
            field = self.pick(["role_id", "principal_id", "tenant_id", "scope"])
            access["grants"].append(self.grant(99, **{field: "/subscriptions/not-a-guid" if field == "scope" else "not-a-guid"}))

    def tie(self, lines):
        """Brings lines of one meter together on one day and resource, and here and there to the last letter."""
        first = lines[0]
        for line in lines[1:]:
            if self.chance(0.6):
                line["meter_id"], line["product_id"], line["sku_id"] = first["meter_id"], first["product_id"], first["sku_id"]
            if self.chance(0.5):
                line["date"] = first["date"]
            if self.chance(0.4) and "resource_id" in first:
                line["resource_id"] = self.mixed_case(first["resource_id"])
            if self.chance(0.1):
                line.clear()
                line.update(first, quantity=self.pick([first["quantity"], self.pick(QUANTITIES)]))

    def request(self):
        request = {}
        policy, partner = self.policy(), self.partner()
        listed = policy.get("price_source") == "list"
        prices = self.prices(listed)
        count = self.weighted([(1, 4), (2, 3), (3, 2), (5, 1)]) + (self.pick([0, 1, 3]) if listed else 0)
        lines = [self.line(n, prices) for n in range(count)]
        if listed and prices is not None:
            self.tie(lines)
        access = {"schema": "azure-pec/access/1", "observed": self.observed(), "grants": [], "denies": [],
                  "hierarchy": self.hierarchy()}
        if self.chance(0.5):
            for n in range(self.weighted([(0, 1), (1, 3), (2, 3), (3, 2), (5, 1)])):
                access["grants"].append(self.grant(n))
        if self.chance(0.15):
            for n in range(self.rng.randint(1, 2)):
                access["denies"].append(self.deny(n))
        for target in lines:
            if "gap_tolerance" not in policy and self.chance(0.08) \
                    and ("resource_id" in target or "subscription_id" in target) and target["date"][:7] == "2026-10":
                self.around_midnight(access, target, policy)
                break
            if self.chance(0.7) and ("resource_id" in target or "subscription_id" in target) \
                    and target["date"][:7] == "2026-10":
                self.tiled(access, target)
        if policy or self.chance(0.1):
            request["policy"] = policy
        if self.chance(0.97):
            request["access"] = access
        if prices is not None:
            request["prices"] = prices
        request["lines"] = lines
        # one fault at a time: which of two is told first is nobody's promise
        if self.chance(0.03) and "error" not in oracle.answer_or_error(request):
            self.spoil(request)
        return request


# what roles may permit and denies may take: (actions, not_actions)
PERMITTED = [(["*"], []), (["*"], ["Microsoft.Authorization/*/Write", "Microsoft.Authorization/*/Delete"]), (["*/read"], []),
             (["*"], ["*/read"]), (["Microsoft.Compute/*", "Microsoft.Authorization/*/read"], []),
             (["Microsoft.Compute/*/read", "microsoft.compute/disks/write"], []), ([], []),
             (["Microsoft.Network/*"], ["microsoft.network/*"]), (["/Microsoft.Network//a*"], ["Microsoft.Network/a"])]
DENIED = [(["*"], []), (["*"], ["*/read"]), (["*/write"], []), (["*/write", "*/delete"], ["Microsoft.Compute/*"]),
          (["Microsoft.Authorization/roleAssignments/write"], []), (["microsoft.compute/*/delete"], []),
          (["Microsoft.Network/*"], ["Microsoft.Network/a*"]), (["*/READ"], []), (["*"], ["*"])]
WHOSE = {USER: US, APP: US, UNLINKED: US, SISTER_USER: SISTER, RESELLER_APP: RESELLER, OTHERS_APP: OTHER,
         CUSTOMERS_OWN: US}


class Exports(World):
    """What exports add to a world: ends known within bounds, role definitions, links."""

    def add_to(self, request):
        access = request["access"]
        for grant in list(access["grants"]):
            if self.chance(0.5):
                self.bound(grant)
            if self.chance(0.1):
                grant["custom_role"] = self.chance(0.5)
            if self.chance(0.2) and grant["principal_kind"] != "ForeignGroup":
                grant["partner_id"] = None
            if self.chance(0.2):
                actions, but = self.pick(DENIED)
                access["denies"].append(self.deny(
                    len(access["denies"]), scope="/".join(grant["scope"].split("/")[:3]), tenant_id=grant["tenant_id"],
                    principal_ids=[grant["principal_id"]], exclude_principal_ids=[], actions=actions, not_actions=but))
        for deny in access["denies"]:
            if self.chance(0.4):
                self.bound(deny)
        if self.chance(0.4):
            access["roles"] = [self.role(role) for role in EARNING + NOT_EARNING + UNLISTED if self.chance(0.7)]
            if self.chance(0.2):
                access["roles"].append(self.role(self.pick(UNLISTED)))
        if self.chance(0.4):
            access["links"] = [link for principal in WHOSE if self.chance(0.4) for link in self.links(principal)]
            if self.chance(0.3):
                (request.get("partner") or {}).pop("principals", None)
        if self.chance(0.15):
            access["nameless"] = [self.nameless(n) for n in range(self.rng.randint(1, 2))]
        for row in access["hierarchy"]:
            if row["start"] is not None and row["end"] is None and self.chance(0.1):
                row["end"] = row["start"]  # seen at one moment alone

    def nameless(self, n):
        """A grant of which only the name is known."""
        start, end = self.span(0.3, 0.3)
        return {"id": f"nameless {n}", "delegated": self.chance(0.5), "scope": self.scope_of_grant()[1],
                "at": start or "2026-10-05T00:00:00Z", "start": start, "end": end}

    def bound(self, held):
        """Gives the ends bounds, the same as they are, or some moments apart."""
        near = [time_text(self.rng, *m) for m in self.moments] + ["2026-08-30", "2026-10-01T00:00:00Z", "2026-11-30"]
        if held["start"] is not None and self.chance(0.15):
            held["end"] = held["start"]  # seen at one moment alone
            held["end_latest"] = "2027-12-24T00:00:00Z"
        if held["start"] is not None and self.chance(0.6):
            start = instant(held["start"])
            held["start_earliest"] = self.pick([held["start"]] + [t for t in near if instant(t) <= start])
        if held["end"] is not None and self.chance(0.7):
            end = instant(held["end"])
            later = [t for t in near if instant(t) >= end]
            if held["end"] != held["start"] or not later:
                later.append("2027-12-24T00:00:00Z")
            held["end_latest"] = self.pick([t for t in later if instant(t) > end or held["end"] != held["start"]]
                                           or ["2027-12-24T00:00:00Z"])

    def role(self, role_id):
        blocks = [self.pick(PERMITTED) for _ in range(self.weighted([(1, 6), (2, 2), (0, 1)]))]
        custom = role_id in UNLISTED and self.chance(0.6)
        return {"role_id": self.mixed_case(role_id), "tenant_id": self.pick(TENANTS) if self.chance(0.5) else None,
                "name": "a role", "custom": custom,
                "permissions": [{"actions": actions, "not_actions": but} for actions, but in blocks]}

    def links(self, principal):
        links = []
        for _ in range(self.weighted([(1, 4), (2, 1)])):
            start, end = self.span(0.5, 0.2)
            tenant = self.weighted([(self.pick(self.tenants), 6), (PARTNER_TENANT, 3), (None, 2), (STRANGE_TENANT, 1)])
            links.append({"principal_id": self.mixed_case(principal), "partner_id": WHOSE[principal],
                          "linked": {"tenant_id": tenant, "start": start, "end": end} if self.chance(0.9) else None})
        if self.chance(0.1):
            links.append(dict(links[0]))
        return links

    def spoil_exports(self, request):
        """Puts one error into what exports add."""
        access = request["access"]
        kind = self.pick(["bound", "deny", "link", "two links", "link's span"])
        if kind in ("bound", "deny"):
            make = self.grant if kind == "bound" else self.deny
            bounds = self.pick([{"start": None, "start_earliest": "2026-10-01", "end": None},
                                {"start": "2026-10-01", "end": None, "end_latest": "2026-12-01"},
                                {"start": "2026-10-02", "start_earliest": "2026-10-03", "end": None},
                                {"start": "2026-10-02", "end": "2026-10-04", "end_latest": "2026-10-03"},
                                {"start": "2026-10-02", "end": "2026-10-02", "end_latest": "2026-10-02"}])
            access["grants" if kind == "bound" else "denies"].append(make(99, **bounds))
            return
        links = access.setdefault("links", [])
        principal = "e0000099-0000-4000-8000-0000000000e9"
        linked = {"tenant_id": None, "start": None, "end": None}
        if kind == "link's span":
            linked = {"tenant_id": None, "start": "2026-10-02", "end": "2026-10-02"}
        links.append({"principal_id": principal, "partner_id": US, "linked": linked})
        if kind == "two links":
            links.append({"principal_id": principal, "partner_id": SISTER, "linked": None})
        if kind == "link":
            partner = request.setdefault("partner", {"schema": "azure-pec/partner/1", "bill_to": {"partner_id": US}})
            key = self.pick(["principals", "aobo_groups"])
            row = {"principal_id": principal, "partner_id": OTHER}
            row.update({"group": "AdminAgents"} if key == "aobo_groups" else {"linked": None})
            partner.setdefault(key, []).append(row)


def in_currencies(rng, request):
    """Prices and charges in several currencies: lines of one meter together, and of different rates."""
    pricing, billing = rng.choice(["USD", "USD", "EUR", "jpy", "KWD"]), rng.choice(["EUR", "EUR", "USD", "JPY", "XXX"])
    rates = ["0.846202666", "0.8462026660", "1.1", "110.25", "", "0", "none", "-1", " 0.5 ", "1E0"]
    rate = rng.choice(rates)
    for line in request["lines"]:
        if rng.random() < 0.7:
            line["currency"] = pricing if rng.random() < 0.9 else rng.choice(["USD", "XXX", " usd "])
        if rng.random() < 0.8:
            line["billing_currency"] = billing if rng.random() < 0.9 else rng.choice(["USD", "usd", "EUR", ""])
        if rng.random() < 0.8:
            line["exchange_rate"] = rate if rng.random() < 0.8 else rng.choice(rates)


def worlds(count, seed, skip=0, exports=False):
    for i in range(skip, skip + count):
        world = World(random.Random(f"{seed}/{i}"))
        request = world.request()
        if exports and "access" in request:
            more = Exports(random.Random(f"{seed}/{i}/exports"))
            more.moments, more.tenants, more.subscriptions = world.moments, world.tenants, world.subscriptions
            if more.chance(0.6) and "error" not in oracle.answer_or_error(request):
                more.add_to(request)
                if more.chance(0.03) and "error" not in oracle.answer_or_error(request):
                    more.spoil_exports(request)
        rng = random.Random(f"{seed}/{i}/currencies")
        if exports and rng.random() < 0.3:
            if rng.random() < 0.8 and "error" not in oracle.answer_or_error(request):
                request.setdefault("policy", {})["rounding"] = rng.choice(["meter_month_cents", "invoice_nested"])
            in_currencies(rng, request)
        yield request


def main():
    parser = argparse.ArgumentParser(description="random small worlds to ask the rule about")
    parser.add_argument("--cases", type=int, default=1000)
    parser.add_argument("--seed", default="1")
    parser.add_argument("--skip", type=int, default=0)
    parser.add_argument("--coverage", action="store_true", help="ask the oracle and print how often each reason came up")
    parser.add_argument("--stated", action="store_true", help="without bounds of ends, role definitions, links and currencies")
    args = parser.parse_args()
    made = worlds(args.cases, args.seed, args.skip, not args.stated)
    if not args.coverage:
        for request in made:
            sys.stdout.write(json.dumps(request, separators=(",", ":")) + "\n")
        return 0
    import oracle

    counts = {}
    for request in made:
        got = oracle.answer_or_error(request)
        keys = [("error", got["error"]["code"])] if "error" in got else \
            [(a["outcome"], a["reason"]) for a in got["answers"]]
        for key in keys:
            counts[key] = counts.get(key, 0) + 1
    oracle.table(counts)
    return 0


if __name__ == "__main__":
    sys.exit(main())
