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
what was chosen.
"""

import csv
import datetime
import json
import os
import re
import sys
from fractions import Fraction
from functools import lru_cache

import arithmetic
import statement

HERE = os.path.dirname(os.path.abspath(__file__))
TICKS = 10_000_000  # 100 ns ticks in a second
DAY = 86_400 * TICKS
NEVER_BEGAN = -(10**30)
NEVER_ENDS = 10**30

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

# The dated rate: data. (first day, rate), newest first; before the first there is none.
RATES = [(datetime.date(2019, 11, 1).toordinal(), Fraction(15, 100))]

# The texts by which lines of one resource and day are put in order: what they are judged by, what they are summed by,
# the others; the resource's own spelling, quantity and list price come behind them.
TIES = [
    "customer_id", "reseller_id", "partner_tenant_id", "plan_id", "plan_name", "subscription_id", "resource_group",
    "meter_id", "meter_name", "product_id", "sku_id", "sku_name", "charge_type", "pricing_model", "benefit_type",
    "reservation_id", "publisher_type", "publisher_name", "billing_provider", "credit_percentage", "currency",
    "customer_name", "subscription_name", "service", "invoice_id", "billing_currency", "exchange_rate",
    "observed_rate", "resource_id",
]


class Refused(Exception):
    """The input itself cannot be answered for."""

    def __init__(self, code):
        super().__init__(code)
        self.code = code


def load_roles():
    with open(os.path.join(HERE, "roles.csv"), newline="", encoding="utf-8") as f:
        return {row["guid"]: row["earns"] == "yes" for row in csv.DictReader(f)}


ROLES = load_roles()


# ---------------------------------------------------------------- texts to values

def filled(value):
    """The text without blanks around it, or None where there is none."""
    if value is None:
        return None
    return str(value).strip() or None


def folded(value):
    """For names of kinds: lower case, without blanks, `_` and `-`."""
    return re.sub(r"[\s_-]", "", str(value or "")).lower()


NUMBER = re.compile(r"([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d+))?")


@lru_cache(maxsize=100_000, typed=True)
def number(text):
    if isinstance(text, int) and not isinstance(text, bool):
        text = str(text)
    if not isinstance(text, str):
        raise Refused("number.invalid")
    text = text.strip()
    m = NUMBER.fullmatch(text)
    if not m or not text.isascii():
        raise Refused("number.invalid")
    sign, whole, fraction, exponent = m.group(1), m.group(2), m.group(3) or "", int(m.group(4) or 0)
    digits = whole + fraction
    if not digits:
        raise Refused("number.invalid")
    exponent -= len(fraction)
    stripped = digits.rstrip("0")
    exponent += len(digits) - len(stripped)
    stripped = stripped.lstrip("0")
    if not stripped:
        return Fraction(0)
    # value = stripped x 10^exponent, without a zero too many at either end
    if -exponent > 40 or len(stripped) + exponent > 28:
        raise Refused("number.too_precise")
    value = int(stripped)
    value = Fraction(value * 10**exponent) if exponent >= 0 else Fraction(value, 10**-exponent)
    return -value if sign == "-" else value


def plain(value):
    """Plain digits, no exponent, no `+`, no trailing zeros after the point, `0` for zero."""
    if value is None:
        return None
    places, scale = 0, 1
    while scale % value.denominator:
        places += 1
        scale *= 10
    whole = abs(value.numerator) * (scale // value.denominator)
    text = str(whole)
    if places:
        text = text.rjust(places + 1, "0")
        text = text[:-places] + "." + text[-places:]
    return "-" + text if value < 0 else text


DATE = re.compile(r"(\d{4})-(\d{2})-(\d{2})")
TIME = re.compile(
    r"(\d{4}-\d{2}-\d{2})[Tt ](\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,9}))?(?:([Zz])|([+-])(\d{2}):(\d{2}))?")


@lru_cache(maxsize=100_000)
def date_ordinal(text):
    m = DATE.fullmatch(text.strip()) if isinstance(text, str) else None
    if not m:
        raise Refused("date.invalid")
    try:
        return datetime.date(int(m.group(1)), int(m.group(2)), int(m.group(3))).toordinal()
    except ValueError:
        raise Refused("date.invalid") from None


@lru_cache(maxsize=100_000)
def instant(text):
    """A date (its midnight UTC) or an RFC 3339 time as ticks of 100 ns. No zone is UTC."""
    if not isinstance(text, str):
        raise Refused("date.invalid")
    text = text.strip()
    if DATE.fullmatch(text):
        return date_ordinal(text) * DAY
    m = TIME.fullmatch(text)
    if not m:
        raise Refused("date.invalid")
    hour, minute, second = int(m.group(2)), int(m.group(3)), int(m.group(4))
    if hour > 23 or minute > 59 or second > 59:
        raise Refused("date.invalid")
    ticks = date_ordinal(m.group(1)) * DAY + ((hour * 60 + minute) * 60 + second) * TICKS
    if m.group(5):
        ticks += int(m.group(5)[:7].ljust(7, "0"))
    if m.group(7):
        off_hour, off_minute = int(m.group(8)), int(m.group(9))
        if off_hour > 23 or off_minute > 59:
            raise Refused("date.invalid")
        offset = (off_hour * 60 + off_minute) * 60 * TICKS
        ticks += -offset if m.group(7) == "+" else offset
    return ticks


def begin(text):
    return NEVER_BEGAN if text is None else instant(text)


def finish(text):
    return NEVER_ENDS if text is None else instant(text)


GUID = re.compile(r"\{?([0-9a-f]{8})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{12})\}?")


@lru_cache(maxsize=100_000)
def guid(text):
    m = GUID.fullmatch(text.strip().lower()) if isinstance(text, str) else None
    if not m:
        raise Refused("id.invalid")
    return "-".join(m.groups())


def guid_or_none(text):
    return guid(text) if filled(text) else None


@lru_cache(maxsize=100_000)
def scope_path(text):
    """A scope as a tuple of lower-case segments; () is `/`."""
    if not isinstance(text, str) or not text.strip().startswith("/"):
        raise Refused("id.invalid")
    parts = tuple(s for s in text.strip().lower().split("/") if s)
    if len(parts) >= 4 and parts[-4:-1] == ("providers", "microsoft.authorization", "roleassignments"):
        parts = parts[:-4]
    if parts and parts[0] == "subscriptions":
        if len(parts) < 2:
            raise Refused("id.invalid")
        parts = (parts[0], guid(parts[1])) + parts[2:]
    return parts


def is_group(path):
    return len(path) == 4 and path[:3] == ("providers", "microsoft.management", "managementgroups")


# ---------------------------------------------------------------- policy

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


# ---------------------------------------------------------------- partner

class Partner:
    def __init__(self, given, shown_links=()):
        self.given = given is not None
        given = given or {}
        bill_to = given.get("bill_to") or {}
        self.id = filled(bill_to.get("partner_id"))
        if self.given and self.id is None:
            raise Refused("json.malformed")
        self.tenant = guid_or_none(bill_to.get("tenant_id"))
        agreement = bill_to.get("agreement")
        self.agreement = None if agreement is None else [(begin(a.get("start")), finish(a.get("end"))) for a in agreement]
        self.organisations = [
            {str(k).strip(), *(str(x).strip() for x in v)} for k, v in (given.get("organisation") or {}).items()]

        self.markets, self.tenant_of_subscription = {}, {}
        for c in given.get("customers") or []:
            customer = guid(c["customer_id"])
            if customer in self.markets:
                raise Refused("partner.duplicate")
            self.markets[customer] = filled(c.get("market"))
            for s in c.get("subscriptions") or []:
                s = guid(s)
                if s in self.tenant_of_subscription:
                    raise Refused("partner.duplicate")
                self.tenant_of_subscription[s] = customer

        self.resellers = []
        self.tenants_of_partner = {}
        for r in given.get("resellers_of_record") or []:
            entry = (guid(r["customer_id"]), folded_id(r.get("plan_id")), str(r["partner_id"]).strip(),
                     begin(r.get("start")), finish(r.get("end")))
            self.resellers.append(entry)
            if filled(r.get("tenant_id")):
                self.tenants_of_partner.setdefault(entry[2], set()).add(guid(r["tenant_id"]))

        self.groups = self.principals = None
        if given.get("aobo_groups") is not None:
            self.groups = {}
            for g in given["aobo_groups"]:
                principal = guid(g["principal_id"])
                if principal in self.groups:
                    raise Refused("partner.duplicate")
                self.groups[principal] = (str(g["partner_id"]).strip(), folded(g.get("group")))
        if given.get("principals") is not None:
            self.principals = {}
            for p in given["principals"]:
                principal, owner = guid(p["principal_id"]), str(p["partner_id"]).strip()
                link = p.get("linked")
                if link is not None:
                    link = (guid_or_none(link.get("tenant_id")), begin(link.get("start")), finish(link.get("end")))
                # one entry for each link, all of one partner, no two of them equal
                known_owner, links = self.principals.setdefault(principal, (owner, []))
                if known_owner != owner or link in links:
                    raise Refused("partner.duplicate")
                links.append(link)
        # links that exports show place their principals beside the list; only the list says anything of others
        self.principals_complete = self.principals is not None
        for p in shown_links:
            principal, owner = guid(p["principal_id"]), str(p["partner_id"]).strip()
            link = p.get("linked")
            if link is not None:
                link = (guid_or_none(link.get("tenant_id")), begin(link.get("start")), finish(link.get("end")))
                if link[2] <= link[1]:
                    raise Refused("grant.inverted")
            self.principals = self.principals or {}
            known_owner, known_links = self.principals.setdefault(principal, (owner, []))
            if known_owner != owner:
                raise Refused("partner.conflict")
            if link not in known_links:
                known_links.append(link)
        if self.groups and self.principals:
            for principal, (owner, _) in self.groups.items():
                if principal in self.principals and self.principals[principal][0] != owner:
                    raise Refused("partner.conflict")

        self.transfers = sorted(
            ((guid(t["subscription_id"]), instant(t["at"]), filled(t.get("from_partner")), filled(t.get("to_partner")))
             for t in given.get("transfers") or []), key=lambda t: t[1])

    def organisation(self, partner_id):
        """Every id that stands in one organisation with this one."""
        found = {partner_id}
        again = True
        while again:
            again = False
            for members in self.organisations:
                if members & found and not members <= found:
                    found |= members
                    again = True
        return found

    def billed_at(self, subscription, tick):
        mine = [t for t in self.transfers if t[0] == subscription]
        before = [t for t in mine if t[1] <= tick]
        if before:
            return before[-1][3]
        return mine[0][2] if mine else self.id


def folded_id(value):
    value = filled(value)
    return value.lower() if value else None


# ---------------------------------------------------------------- access

def check_bounds(start, end, earliest, latest):
    """earliest <= start <= end <= latest, and some time between the outermost; None is open."""
    start, earliest = (NEVER_BEGAN if t is None else t for t in (start, earliest))
    end, latest = (NEVER_ENDS if t is None else t for t in (end, latest))
    if not (earliest <= start <= end <= latest and earliest < latest):
        raise Refused("grant.inverted")


class Grant:
    __slots__ = ("id", "tenant", "path", "eligible_only", "scope", "role", "principal", "foreign", "perhaps_foreign", "partner",
                 "start", "end", "earliest", "latest", "condition", "holder", "links", "definitions")

    def __init__(self, g, policy, partner, definitions):
        self.id = g.get("id")
        self.tenant = guid_or_none(g.get("tenant_id"))
        self.path = g.get("path")
        self.eligible_only = bool(g.get("eligible_only"))
        self.scope = scope_path(g.get("scope"))
        role_id = guid(g.get("role_id"))
        self.definitions = [d for d in definitions if d.is_of(role_id, self.tenant)]
        customs = {d.custom for d in self.definitions} if g.get("custom_role") is None else {g["custom_role"]}
        self.role = policy.role(role_id, customs.pop() if len(customs) == 1 else None)
        self.principal = guid_or_none(g.get("principal_id"))
        kind = g.get("principal_kind")
        self.foreign = self.path == "aobo" if kind is None else folded(kind) == "foreigngroup"
        self.perhaps_foreign = self.path == "directory" and folded(kind) == "unknown"
        self.partner = filled(g.get("partner_id"))
        self.start = None if g.get("start") is None else instant(g["start"])
        self.end = None if g.get("end") is None else instant(g["end"])
        self.earliest = self.start if g.get("start_earliest") is None else instant(g["start_earliest"])
        self.latest = self.end if g.get("end_latest") is None else instant(g["end_latest"])
        check_bounds(self.start, self.end, self.earliest, self.latest)
        self.condition = bool(filled(g.get("condition")))
        self.links = []
        self.holder = self.who(policy, partner)

    def who(self, policy, partner):
        """Whose the grant is: ("partner", id), ("group", id) where it may be that partner's group, "trusted", "unknown", "stranger" (some other partner's), "customer" or
        "ignored"."""
        listed_group = (partner.groups or {}).get(self.principal)
        listed = (partner.principals or {}).get(self.principal)
        if self.foreign and listed_group and listed_group[1] == "helpdeskagents" and policy.helpdesk_group == "ignore":
            return "ignored"
        if listed:
            self.links = [link for link in listed[1] if link is not None]
        if self.partner is not None:
            return ("partner", self.partner)
        if self.foreign:
            if listed_group:
                return ("partner", listed_group[0])
            if partner.groups is not None:
                return "stranger"
            return "trusted" if policy.foreign_group == "trust" else "unknown"
        if listed:
            return ("partner", listed[0])
        if listed_group:
            return ("group" if self.perhaps_foreign else "partner", listed_group[0])
        if not partner.principals_complete:
            return "unknown"
        return "customer" if self.path == "directory" else "stranger"

    def needs_link(self):
        if self.partner is not None:
            return False
        return self.path == "lighthouse_template" or (self.path == "directory" and not self.foreign)


class Deny:
    __slots__ = ("tenant", "scope", "principals", "everyone", "excluded", "actions", "not_actions", "children", "start",
                 "end", "earliest", "latest")

    def __init__(self, d):
        self.tenant = guid_or_none(d.get("tenant_id"))
        self.scope = scope_path(d.get("scope"))
        self.principals = {guid(p) for p in d.get("principal_ids") or []}
        self.everyone = bool(d.get("everyone"))
        self.excluded = {guid(p) for p in d.get("exclude_principal_ids") or []}
        self.actions, self.not_actions = d.get("actions") or [], d.get("not_actions") or []
        self.children = d.get("applies_to_children") is not False
        self.start, self.end = begin(d.get("start")), finish(d.get("end"))
        self.earliest = self.start if d.get("start_earliest") is None else instant(d["start_earliest"])
        self.latest = self.end if d.get("end_latest") is None else instant(d["end_latest"])
        check_bounds(self.start, self.end, self.earliest, self.latest)

    def hits(self, grant):
        if not self.actions or grant.principal in self.excluded:
            return False
        if not self.everyone and grant.principal not in self.principals:
            return False
        return not grant.definitions or any(d.permits_any_of(self) for d in grant.definitions)


class Definition:
    """A role definition: of a custom role, of whose tenant, and what it permits."""

    def __init__(self, d):
        self.role_id, self.tenant = guid(d["role_id"]), guid_or_none(d.get("tenant_id"))
        self.custom = bool(d["custom"])
        self.blocks = [(b.get("actions") or [], b.get("not_actions") or []) for b in d.get("permissions") or []]

    def is_of(self, role_id, tenant):
        if self.role_id != role_id:
            return False
        return not self.custom or self.tenant is None or tenant is None or self.tenant == tenant

    def permits_any_of(self, deny):
        if not self.blocks:
            return True  # it does not say what it permits
        return any(
            some_action(tidy(one), tidy(two), tuple(n.strip().lower() for n in [*not_actions, *deny.not_actions]))
            for actions, not_actions in self.blocks for one in actions for two in deny.actions)


def tidy(pattern):
    """A pattern of actions in lower case, without stray slashes."""
    return "/".join(part.strip() for part in pattern.lower().split("/") if part.strip())


def rest_after(rests, letter):
    """What may be left of a pattern after one more letter; rests are the tails that were left before it."""
    left = set()
    for rest in rests:
        if rest.startswith("*"):
            left.add(rest)
        elif rest.startswith(letter):
            left.add(rest[1:])
    return all_tails(left)


def all_tails(rests):
    """With each tail that begins with a star, the one behind the star."""
    found = set()
    for rest in rests:
        found.add(rest)
        while rest.startswith("*"):
            rest = rest[1:]
            found.add(rest)
    return frozenset(found)


@lru_cache(maxsize=10_000)
def some_action(one, two, exceptions):
    """Whether any text fits both patterns and no exception. `*` is any text, slashes included."""
    patterns = (one, two) + exceptions
    letters = set("".join(patterns)) - {"*"} | {"\0"}  # one that no pattern names
    begin = tuple(all_tails({p}) for p in patterns)
    seen, waiting = {begin}, [begin]
    while waiting:
        state = waiting.pop()
        fits = ["" in rests for rests in state]
        if fits[0] and fits[1] and not any(fits[2:]):
            return True
        for letter in letters:
            after = tuple(rest_after(rests, letter) for rests in state)
            if after[0] and after[1] and after not in seen:
                seen.add(after)
                waiting.append(after)
    return False


def said_once(grants):
    """The records of grants, those that say the same as one. A tenant that one of them does not name is the other's, and
    of two starts within a microsecond the later is the finer."""
    once = []
    for record in grants:
        for one in once:
            names = (set(one) | set(record)) - {"start", "tenant_id", "evidence", "reaches"}
            spelled = lambda g, name: str(g.get(name)).strip().lower() if name.endswith("_id") else g.get(name)
            tenants = {guid_or_none(g.get("tenant_id")) for g in (one, record)} - {None}
            starts = [instant(g["start"]) for g in (one, record) if g.get("start") is not None]
            near = len(starts) == 0 or len(starts) == 2 and abs(starts[0] - starts[1]) <= TICKS // 1_000_000
            if near and len(tenants) <= 1 and all(spelled(one, name) == spelled(record, name) for name in names):
                one["tenant_id"] = tenants.pop() if tenants else None
                if starts and starts[1] > starts[0]:
                    one["start"] = record["start"]
                break
        else:
            once.append(dict(record))
    return once


class Access:
    def __init__(self, given, policy, partner):
        given = given or {"observed": []}
        observed = given.get("observed")
        self.complete = observed == "complete"
        self.windows = []
        if not self.complete:
            if not isinstance(observed, list):
                raise Refused("json.malformed")
            for w in observed:
                start, end = begin(w.get("start")), finish(w.get("end"))
                if start > end:
                    raise Refused("grant.inverted")
                self.windows.append((guid_or_none(w.get("tenant_id")), scope_path(w.get("scope") or "/"), start, end))
        definitions = [Definition(d) for d in given.get("roles") or []]
        self.grants = [Grant(g, policy, partner, definitions) for g in said_once(given.get("grants") or [])]
        self.grants = [g for g in self.grants if g.holder != "ignored"]
        self.denies = [Deny(d) for d in given.get("denies") or []]
        self.edges = []  # (tenant, child, parent, start, end)
        for e in given.get("hierarchy") or []:
            self.edges.append((guid_or_none(e.get("tenant_id")), scope_path(e["child"]), scope_path(e["parent"]),
                               begin(e.get("start")), finish(e.get("end"))))
        self.nameless = []  # (scope, start, end)
        for n in given.get("nameless") or []:
            start, end = begin(n.get("start")), finish(n.get("end"))
            if start > end:
                raise Refused("grant.inverted")
            self.nameless.append((scope_path(n["scope"]), start, end))
        self.partner = partner
        self.check_hierarchy()

    def check_hierarchy(self):
        edges = [e for e in self.edges if e[3] < e[4]]
        for i, a in enumerate(edges):
            for b in edges[:i]:
                if a[3] < b[4] and b[3] < a[4] and a[1] == b[1]:  # the same child at the same time
                    same_child = a[0] == b[0] or a[1][:1] == ("subscriptions",)
                    if same_child and (a[0], a[2]) != (b[0], b[2]):
                        raise Refused("hierarchy.two_parents")
        for tick in {e[3] for e in edges}:
            parents = {(e[0], e[1]): (e[0], e[2]) for e in edges if e[3] <= tick < e[4]}
            for node in parents:
                seen = set()
                while node in parents:
                    if node in seen:
                        raise Refused("hierarchy.cycle")
                    seen.add(node)
                    node = parents[node]

    def above(self, subscription, tick):
        """(a parent is known, the groups above the subscription as (tenant, path), the tenants it is put in)."""
        groups, tenants = [], set()
        if subscription is None:
            return False, groups, tenants
        if subscription in self.partner.tenant_of_subscription:
            tenants.add(self.partner.tenant_of_subscription[subscription])
        child, known = ("subscriptions", subscription), False
        space = None
        first = True
        while True:
            step = None
            for tenant, c, parent, start, end in self.edges:
                if c == child and start <= tick < end and (first or tenant == space):
                    step = (tenant, parent)
                    break
            if step is None:
                return known, groups, tenants
            known = True
            first = False
            space, child = step
            if space is not None:
                tenants.add(space)
            groups.append((space, child))

    def reaches(self, tenant, scope, line, above):
        """Whether a scope (of a tenant, or null) is at or above the line's: "yes", "no", or "parent" where that hangs
        on a parent, or on the tenant of a parent, that is not known."""
        if scope != () and not is_group(scope):
            return "yes" if line.scope is not None and line.scope[:len(scope)] == scope else "no"
        if scope == () and tenant is None:
            return "yes"
        if line.subscription is None:
            return "no"
        known, groups, tenants = above
        if tenant is not None:
            elsewhere = tenants or ({line.customer} if line.customer is not None else set())
            if elsewhere and tenant not in elsewhere:
                return "no"
        if scope == ():
            return "yes" if tenant in tenants else "parent"
        if not known:
            return "parent"
        for space, path in groups:
            if path == scope:
                if tenant is None or tenant == space:
                    return "yes"
                if space is None:
                    return "yes" if tenant in tenants else "parent"
        return "no"


# ---------------------------------------------------------------- lines

class Line:
    def __init__(self, index, given, policy, partner):
        self.index, self.given = index, given
        get = lambda name: filled(given.get(name))
        self.date = date_ordinal(given.get("date"))
        self.day_start = self.date * DAY - policy.day_offset
        self.day_end = self.day_start + DAY
        self.quantity = number(given.get("quantity"))
        self.price = number(given["list_price"]) if get("list_price") else None
        self.credit_percentage = number(given["credit_percentage"]) if get("credit_percentage") else None
        self.subscription = guid_or_none(given.get("subscription_id"))
        self.resource = get("resource_id")
        self.group = get("resource_group")
        self.named = bool(self.resource or self.group or self.subscription)
        self.scope = None
        if self.resource and self.resource.startswith("/"):
            path = scope_path(self.resource)
            if path[:1] == ("subscriptions",):
                self.scope, self.subscription = path, path[1]
        if self.scope is None and self.subscription:
            self.scope = ("subscriptions", self.subscription)
            if self.group:
                self.scope += ("resourcegroups", self.group.strip("/").split("/")[-1].lower())
        self.customer = guid_or_none(given.get("customer_id"))
        if self.customer is None:
            self.customer = partner.tenant_of_subscription.get(self.subscription)
        self.partner_tenant = guid_or_none(given.get("partner_tenant_id"))
        self.reseller = get("reseller_id")
        self.plan, self.plan_name = folded_id(given.get("plan_id")), get("plan_name")
        self.product, self.sku = folded_id(given.get("product_id")), folded_id(given.get("sku_id"))
        self.meter = folded_id(given.get("meter_id"))
        self.charge = folded(given.get("charge_type"))
        self.model, self.benefit = folded(given.get("pricing_model")), folded(given.get("benefit_type"))
        # An id of zeros and marks names none.
        self.reservation = any(c.isalnum() and c != "0" for c in get("reservation_id") or "")
        self.publisher_type, self.provider = folded(given.get("publisher_type")), folded(given.get("billing_provider"))
        self.publisher = get("publisher_name")
        self.words = " ".join(x for x in (get("sku_name"), get("meter_name")) if x)

    def rate(self):
        for first, rate in RATES:
            if self.date >= first:
                return rate
        return Fraction(0)


# ---------------------------------------------------------------- prices

class Price:
    __slots__ = ("product", "sku", "meters", "market", "currency", "unit", "low", "high", "start", "end", "third", "reservation")

    def __init__(self, p):
        self.product, self.sku = folded_id(p.get("product_id")), folded_id(p.get("sku_id"))
        meters = p.get("meter_ids") or []
        if isinstance(meters, str):
            meters = re.split("[,;]", meters)
        self.meters = frozenset(m.strip().lower() for m in meters if m.strip())
        self.market, self.currency = folded_id(p.get("market")), folded_id(p.get("currency"))
        self.unit = number(p["unit_price"]) if filled(p.get("unit_price")) else None
        low, high = p.get("tier_min"), p.get("tier_max")
        self.low = None if low in (None, "") else number(low)
        self.high = None if high in (None, "") else number(high)
        if (self.low is not None and self.low < 1) or (self.high is not None and self.high < (self.low or 1)):
            raise Refused("price.tier_invalid")
        self.start, self.end = begin(p.get("start")), finish(p.get("end"))
        if self.start >= self.end:
            raise Refused("grant.inverted")
        tags = p.get("tags") or []
        if isinstance(tags, str):
            tags = [tags]
        tags = frozenset(folded(t) for tag in tags for t in re.split("[,;]", tag) if t.strip())
        self.third = "thirdparty" in tags
        self.reservation = "reservation" in tags or "reservations" in tags

    def after(self):
        """The quantity after which this row's tier begins."""
        return Fraction(0) if self.low is None else self.low - 1

    def says(self):
        """What the row says of its product, meter and market, but for the time in which it says so."""
        return self.after(), self.high, self.unit, self.currency, self.third, self.reservation


def by_tier(rows):
    """The rows by tier; of rows that say the same, one."""
    return sorted({r.says(): r for r in rows}.values(), key=Price.after)


class Prices:
    def __init__(self, given):
        self.given = bool(given)
        self.rows = [Price(p) for p in given or []]
        self.markets = {r.market for r in self.rows}
        for i, a in enumerate(self.rows):
            for b in self.rows[:i]:
                if (a.product, a.sku, a.market) == (b.product, b.sku, b.market) and a.meters & b.meters \
                        and a.start < b.end and b.start < a.end and a.says() != b.says() \
                        and (a.high is None or b.after() < a.high) and (b.high is None or a.after() < b.high):
                    raise Refused("price.overlap")
        # at every instant the tiers of one key leave no quantity without a price
        for row in self.rows:
            for meter in row.meters:
                group = [r for r in self.rows if r.product == row.product and r.sku == row.sku
                         and r.market == row.market and meter in r.meters]
                if len(group) == 1 and row.low in (None, 1) and row.high is None:
                    continue
                for tick in {r.start for r in group} | {r.end for r in group}:
                    held = by_tier(r for r in group if r.start <= tick < r.end)
                    reached = Fraction(0)
                    for r in held:
                        if reached is None or r.after() != reached:
                            raise Refused("price.tier_invalid")
                        reached = r.high
                    if held and reached is not None:
                        raise Refused("price.tier_invalid")

    def of(self, line, partner):
        """The rows of the line's product, SKU, meter, market and day, by tier."""
        market = folded_id(partner.markets.get(line.customer))
        if market is None:
            if len(self.markets) != 1:
                return []
            market = next(iter(self.markets))
        tick = line.date * DAY
        rows = [r for r in self.rows if r.product == line.product and r.sku == line.sku and line.meter in r.meters
                and r.market == market and r.start <= tick < r.end]
        return by_tier(rows)

    def knows_sku(self, line):
        return any(r.product == line.product and r.sku == line.sku for r in self.rows)


def cost_of(quantity, rows):
    """What a month's quantity from 0 costs, tier by tier; below 0 at the first tier's price."""
    if quantity <= 0:
        return quantity * rows[0].unit
    total = Fraction(0)
    for r in rows:
        upto = quantity if r.high is None else min(quantity, r.high)
        if upto > r.after():
            total += (upto - r.after()) * r.unit
    return total


# ---------------------------------------------------------------- the judgement of one line

# From when each exclusion is published (rule data: partner-earned-credit-explanation and its versions).
EXCLUDED_FROM = {"product.reservation": "2019-09-27", "product.savings_plan": "2019-09-27", "product.spot": "2020-09-09",
                 "product.marketplace": "2019-11-01", "product.third_party": "2019-11-01"}

WORD_SPOT = re.compile(r"(?<![a-z0-9])spot(?![a-z0-9])", re.I)
WORD_LOW = re.compile(r"(?<![a-z0-9])low[\s_-]?priority(?![a-z0-9])", re.I)


def judge_product(line, prices, partner):
    """The first reason before access that holds, or None."""
    if line.charge == "refund":
        return "line.refund"
    if line.charge not in ("", "usage", "unusedreservation", "unusedsavingsplan"):
        return "line.not_usage"
    if line.plan_name and "azure plan" not in line.plan_name.lower():
        return "line.legacy_offer"
    if line.credit_percentage == 100:
        return "line.azure_credit"
    if not line.named:
        return "line.no_scope"
    rows = prices.of(line, partner) if prices.given else []

    def excluded(code):
        return line.date >= date_ordinal(EXCLUDED_FROM[code])

    if excluded("product.reservation") and (line.charge == "unusedreservation" or line.model == "reservation" or line.benefit == "reservation" \
            or line.reservation or any(r.reservation for r in rows)):
        return "product.reservation"
    if excluded("product.savings_plan") \
            and (line.charge == "unusedsavingsplan" or line.model == "savingsplan" or line.benefit == "savingsplan"):
        return "product.savings_plan"
    if excluded("product.spot") \
            and (line.model == "spot" or (line.model != "lowpriority" and WORD_SPOT.search(line.words))):
        return "product.spot"
    market = excluded("product.marketplace")
    if market and (line.publisher_type == "marketplace" or line.provider == "marketplace"):
        return "product.marketplace"
    if market and not line.publisher_type and line.publisher \
            and not line.publisher.lower().startswith("microsoft") and prices.given and not prices.knows_sku(line):
        return "product.marketplace"
    if prices.given:
        if excluded("product.third_party") and any(r.third for r in rows):
            return "product.third_party"
        if not rows:
            return "product.unlisted"
    if line.model == "lowpriority" or WORD_LOW.search(line.words):
        return "product.low_priority"
    if partner.tenant and line.partner_tenant and line.partner_tenant != partner.tenant:
        return "partner.not_billed"
    if partner.id is not None:
        billed = partner.billed_at(line.subscription, line.day_end - 1)
        if billed is None or billed not in partner.organisation(partner.id):
            return "partner.not_billed"
    if partner.agreement is not None and not any(s < line.day_end and line.day_start < e for s, e in partner.agreement):
        return "partner.no_agreement"
    return None


def resellers_of(line, partner):
    """(ids of the reseller's organisation, start, end): who is reseller of record for the line, and when."""
    entries = [r for r in partner.resellers if r[0] == line.customer]
    if entries:
        return [(partner.organisation(r[2]), r[3], r[4]) for r in entries if r[1] is None or r[1] == line.plan]
    if line.reseller:
        return [(partner.organisation(line.reseller), NEVER_BEGAN, NEVER_ENDS)]
    return []


def windows_of(line, access):
    """The stretches of time in which the line was observed, zero-length ones included."""
    if access.complete:
        return [(NEVER_BEGAN, NEVER_ENDS)]
    found = []
    for tenant, scope, start, end in access.windows:
        if start == end:
            if access.reaches(tenant, scope, line, access.above(line.subscription, start)) == "yes":
                found.append((start, end))
            continue
        cuts = {start, end}
        for e in access.edges:
            cuts.update(t for t in (e[3], e[4]) if start < t < end)
        cuts = sorted(cuts)
        for a, b in zip(cuts, cuts[1:]):
            if access.reaches(tenant, scope, line, access.above(line.subscription, a)) == "yes":
                found.append((a, b))
    return found


def linked_at(grant, tick, line, partner, above):
    """Whether any link of the principal serves this grant at this instant."""
    tenants = {tenant for tenant, start, end in grant.links if start <= tick < end}
    if not tenants:
        return False
    if grant.path == "directory":
        if grant.tenant is not None:
            homes = {grant.tenant}
        elif line.customer is not None:
            homes = {line.customer}
        else:
            homes = above[2]
    else:
        owner = partner.id if grant.holder == "trusted" else grant.holder[1]
        if owner == partner.id:
            homes = {partner.tenant} if partner.tenant else set()
        else:
            homes = partner.tenants_of_partner.get(owner, set())
    return None in tenants or not homes or bool(tenants & homes)


def kind_of(grant, tick, line, access, policy, partner, resellers, above, first, last):
    """What a grant is for the line at one instant: "Q", a kind of unknown, a sure defect, or None (nothing).

    tick lies before the last observation.
    """
    start = first if grant.start is None else grant.start
    end = last if grant.end is None else grant.end
    earliest = first if grant.earliest is None else grant.earliest
    latest = last if grant.latest is None else grant.latest
    if not earliest <= tick < latest:
        return None
    surely_held = start <= tick < end
    above_subscription = grant.scope == () or is_group(grant.scope)
    if above_subscription and policy.management_group == "ignore":
        return None
    reach = access.reaches(grant.tenant, grant.scope, line, above)
    if reach == "no":
        return None
    if grant.holder == "customer":
        return None

    # whose
    if grant.holder == "unknown":
        whose = "unknown"
    elif grant.holder == "trusted":
        whose = "ours"
    elif grant.holder == "stranger":
        whose = "other"
    elif partner.id is None:
        whose = "unknown" if grant.holder[0] == "group" else "ours"
    else:
        owner = grant.holder[1]
        ours = owner in partner.organisation(partner.id) \
            or any(owner in ids and s <= tick < e for ids, s, e in resellers)
        whose = "other" if not ours else "unknown" if grant.holder[0] == "group" else "ours"

    # sure defects
    defect = None
    if whose == "other":
        defect = None if grant.role == "never" else "access.other_partner"
        if defect is None:
            return None
    elif grant.role == "never":
        defect = "access.role_not_eligible"
    elif grant.eligible_only:
        defect = "access.eligible_only"
    elif whose == "ours" and grant.needs_link() and not linked_at(grant, tick, line, partner, above):
        defect = "access.pal_missing"
    if defect:
        return defect if reach == "yes" and surely_held else None

    # unknowns, the earliest kind first
    unknown = None
    if reach == "parent" or not surely_held:
        if policy.absence == "assume":
            return None
        unknown = "access.unproven"
    elif whose == "unknown":
        unknown = "access.partner_unknown"
    elif grant.role == "unknown" or (grant.condition and policy.condition == "unknown"):
        unknown = "access.role_unknown"
    denied = "no" if policy.deny == "ignore" else denied_at(grant, tick, line, access, above)
    if denied == "yes":
        if policy.deny == "unknown":
            return "access.denied"
        return None if unknown else "access.denied"
    if denied == "perhaps" and policy.absence == "require_proof":
        return "access.unproven"
    return unknown or "Q"


def denied_at(grant, tick, line, access, above):
    """Whether the grant is denied: "yes", "no", or "perhaps" where that hangs on a parent that is not known, or where
    the deny only may have held."""
    answer = "no"
    for d in access.denies:
        if not d.earliest <= tick < d.latest or not d.hits(grant):
            continue
        reach = access.reaches(d.tenant, d.scope, line, above)
        if reach == "no" or (not d.children and d.scope != line.scope):
            continue
        if reach == "yes" and d.start <= tick < d.end:
            return "yes"
        answer = "perhaps"
    return answer


UNKNOWN_KINDS = ["access.denied", "access.unobserved", "access.unproven", "access.partner_unknown", "access.role_unknown"]
DEFECTS = ["access.eligible_only", "access.pal_missing", "access.other_partner", "access.role_not_eligible"]


def without_gaps(covered, stretches, tolerance):
    """The same with each uncovered stretch covered that lies between two covered ones and is not too long."""
    closed = list(covered)
    before = None  # the last covered stretch so far
    for i, held in enumerate(covered):
        if not held:
            continue
        if before is not None and stretches[i][0] - stretches[before][1] <= tolerance:
            closed[before:i] = [True] * (i - before)
        before = i
    return closed


def fills(covered, stretches, line, policy):
    """Whether the covered stretches make the day, under `day` and `gap_tolerance`."""
    closed = without_gaps(covered, stretches, policy.gap_tolerance)
    day = [held for held, (tick, _) in zip(closed, stretches) if line.day_start <= tick < line.day_end]
    if policy.day == "any":
        return any(day)
    return day[-1] if policy.day == "end_of_day" else all(day)


def what_is_held(line, access, policy, partner):
    """The stretches between two cuts, and for each the set of what there is, and which grant is what."""
    resellers = resellers_of(line, partner)
    windows = windows_of(line, access)
    first = min((w[0] for w in windows), default=NEVER_ENDS)
    last = max((w[1] for w in windows), default=NEVER_BEGAN)

    # gaps are those of all time; without a tolerance the day itself is enough
    early, late = (NEVER_BEGAN, NEVER_ENDS) if policy.gap_tolerance else (line.day_start, line.day_end)
    cuts = {early, late, line.day_start, line.day_end, first, last}
    for g in access.grants:
        cuts.update(t for t in (g.start, g.end, g.earliest, g.latest) if t is not None)
        for link in g.links:
            cuts.update(link[1:])
    for d in access.denies:
        cuts.update((d.start, d.end, d.earliest, d.latest))
    for e in access.edges:
        cuts.update(e[3:])
    for r in resellers:
        cuts.update(r[1:])
    for w in windows:
        cuts.update(w)
    for n in access.nameless:
        cuts.update(n[1:])
    cuts = sorted(t for t in cuts if early <= t <= late)
    stretches = list(zip(cuts, cuts[1:]))

    held, by = [], []
    for tick, _ in stretches:
        what, whose = set(), []
        if tick >= last:
            what.add("access.unobserved")
        else:
            above = access.above(line.subscription, tick)
            cut = not access.complete and any(
                start <= tick < end and access.reaches(None, scope, line, above) != "no"
                for scope, start, end in access.nameless)
            if policy.absence == "require_proof" and (cut or not any(a <= tick < b for a, b in windows)):
                what.add("access.unproven")
            for g in access.grants:
                kind = kind_of(g, tick, line, access, policy, partner, resellers, above, first, last)
                if kind == "access.unproven" and policy.absence != "require_proof":
                    continue
                what.add(kind)
                whose.append((kind, g))
                if kind in UNKNOWN_KINDS:
                    what.add("a grant of unknown worth")
        held.append(what)
        by.append(whose)
    return stretches, held, by


def of_the_day(line, stretches, held):
    """Of what there is for each stretch, that of the line's day."""
    return [what for what, (tick, _) in zip(held, stretches) if line.day_start <= tick < line.day_end]


def judge_access(line, access, policy, partner):
    stretches, held, _ = what_is_held(line, access, policy, partner)
    day = of_the_day(line, stretches, held)

    def filled_by(*kinds):
        return fills([not what.isdisjoint(kinds) for what in held], stretches, line, policy)

    def adds(kind, among=day):
        return any(kind in what and "Q" not in what for what in among)

    def in_the_day(kind):
        return any(kind in what for what in day)

    if filled_by("Q"):
        return "earned", "earned"
    if policy.deny == "block" and filled_by("Q", "access.denied"):
        return "missed", "access.denied"
    kinds = [k for k in UNKNOWN_KINDS if k != "access.denied" or policy.deny == "unknown"]
    for k in kinds:
        if filled_by("Q", k):
            return "unknown", k
    if filled_by("Q", *kinds):
        for k in kinds:
            if adds(k):
                return "unknown", k
        # they fill the day from outside, by gaps they close
        for k in kinds:
            if adds(k, held):
                return "unknown", k
    if policy.deny == "block" and adds("access.denied"):
        return "missed", "access.denied"
    if in_the_day("Q"):
        return "missed", "access.partial_day"
    for k in DEFECTS:
        if in_the_day(k):
            return "missed", k
    if in_the_day("a grant of unknown worth"):
        return "missed", "access.partial_day"
    return "missed", "access.none"


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


# ---------------------------------------------------------------- commands

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
