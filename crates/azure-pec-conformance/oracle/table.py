#!/usr/bin/env python3
"""What a folder of cases covers, as tables, and what it lacks of the contract's lists.

    python3 table.py DIR

Counted are the reasons written in `expect`, the paths of the grants that reach the line, the policy values given, and the
codes of the `error` and `warnings` entries, of lines, files and arithmetic. A line with several kinds of grants counts under
each of them.
"""

import json
import os
import sys

import oracle
from access import Access
from lines import Line
from partner import Partner
from policy import Policy
from texts import NEVER_BEGAN

PATHS = ["aobo", "lighthouse_offer", "lighthouse_template", "directory", "none"]

# The default comes first. Offsets and tolerances are any; these are the ones asked for.
VALUES = {
    "day": ["entire", "any", "end_of_day"],
    "day_offset": ["+00:00", "+02:00", "-08:00", "+05:30"],
    "gap_tolerance": ["0s", "1s", "10m", "1h30m", "12h", "36h"],
    "absence": ["require_proof", "assume"],
    "foreign_group": ["unknown", "trust"],
    "management_group": ["inherit", "ignore"],
    "deny": ["unknown", "block", "ignore"],
    "condition": ["accept", "unknown"],
    "custom_role": ["unknown", "never", "map to earns", "map to never"],
    "unlisted_role": ["unknown", "never", "map to earns", "map to never"],
    "helpdesk_group": ["accept", "ignore"],
    "price_source": ["line", "list"],
    "tier_scope": ["plan", "subscription"],
    "rounding": ["exact", "meter_month_cents", "invoice_nested"],
}

ERRORS = """input.not_found input.unknown_kind input.nothing_usable input.missing_column input.duplicate_column input.encoding
input.truncated input.too_large input.too_deep input.usage_overlap input.usage_missing csv.malformed json.malformed
number.invalid number.too_precise amount.too_precise date.invalid id.invalid price.overlap price.tier_invalid price.missing
grant.inverted grant.no_dates hierarchy.cycle hierarchy.two_parents partner.duplicate partner.conflict policy.invalid
rule.invalid fx.missing rejects.too_many output.write_failed usage.arguments memory.exceeded cancelled""".split()

# Codes of the contract that no case can hold, and where they are held.
ELSEWHERE = {
    "cancelled": "of faces that can be stopped",
}


def label(value):
    """The name of a policy value; of a map of roles, what it maps to."""
    if isinstance(value, dict):
        return "map to " + " and ".join(sorted(set(value.values())) or ["nothing"])
    return str(value)


def named(policy):
    return [(key, label(value)) for key, value in policy.items()]


def grants_that_reach(request, index):
    """For each grant of the request, whether it stands at or above the line, or may do so, at any time."""
    policy = Policy({})
    partner = Partner(request.get("partner"))
    access = Access(request.get("access"), policy, partner)
    line = Line(index, request["lines"][index], policy, partner)
    instants = {line.day_start, NEVER_BEGAN} | {e[3] for e in access.edges} | {e[4] for e in access.edges}
    above = [access.above(line.subscription, t) for t in sorted(instants)]
    return [any(access.reaches(g.tenant, g.scope, line, a) != "no" for a in above) for g in access.grants]


def paths(request, index):
    """The paths of the grants that reach the line; {"none"} where there is no such grant."""
    grants = (request.get("access") or {}).get("grants") or []
    reach = grants_that_reach(request, index)
    return {g["path"] for g, r in zip(grants, reach) if r} or {"none"}


def read(folder):
    """(file, case) for every case below a folder."""
    for root, folders, names in os.walk(folder):
        folders.sort()
        for name in sorted(names):
            if name.endswith(".json"):
                path = os.path.join(root, name)
                with open(path, encoding="utf-8") as f:
                    for case in json.load(f).get("cases") or []:
                        yield os.path.relpath(path, folder), case


def cannot(what, value):
    """Why a reason cannot be given under a policy value, alone or by a path, or None."""
    key, said = value if isinstance(value, tuple) else (None, None)
    outcome, code = what
    if key is None:
        if value == "none":
            return "wants a grant" if code in WANT_A_GRANT or code == "earned" else None
        if code == "access.pal_missing" and value == "lighthouse_offer":
            return "an offer needs no link"
        return None
    if code == "access.denied" and outcome == "missed" and value != ("deny", "block"):
        return "only `deny = block` makes a denied grant a proven no" if key == "deny" else None
    if code == "access.denied" and outcome == "unknown" and key == "deny":
        return "only `deny = unknown` leaves open what a deny does"
    if code == "access.unproven" and value == ("absence", "assume"):
        return "unproven time is dropped"
    if code == "access.partial_day" and value == ("day", "any"):
        return "a part of the day is enough"
    if code == "access.role_unknown" and value == ("unlisted_role", "never"):
        return "leaves conditions, and these want `condition = unknown` besides"
    return None


WANT_A_GRANT = {"access.denied", "access.partner_unknown", "access.role_unknown", "access.partial_day",
                "access.eligible_only", "access.pal_missing", "access.other_partner", "access.role_not_eligible"}


def grid(title, rows, columns, counts):
    print(f"\n{title}")
    wide = max(len(" ".join(r)) for r in rows)
    print(" " * wide + "".join("  " + c.rjust(5) for c in columns))
    for r in rows:
        print(" ".join(r).ljust(wide) + "".join(
            "  " + (str(counts.get((r, c)) or ".")).rjust(max(5, len(c))) for c in columns))


def print_tables(folder):
    reasons = [(outcome, code) for code, outcome in oracle.REASONS]
    kinds, files, by_reason, by_path, by_value, errors = {}, {}, {}, {}, {}, {}
    values_of_path, together, silent = {}, set(), 0

    def count(counts, key):
        counts[key] = counts.get(key, 0) + 1

    for name, case in read(folder):
        kind = next(k for k in ("arithmetic", "files", "lines") if k in case)
        count(kinds, kind)
        count(files, name)
        if "error" in case:
            count(errors, (case["error"]["code"], kind))
        for warning in case.get("warnings") or []:
            count(errors, (warning["code"], "files"))
        if "expect" not in case:
            continue
        for i, want in enumerate(case["expect"]):
            if "reason" not in want:
                silent += 1
                continue
            reason = (want.get("outcome") or oracle.OUTCOME.get(want["reason"], ""), want["reason"])
            count(by_reason, reason)
            given = named(case.get("policy") or {}) or [("", "none given")]
            for path in paths(case, i):
                count(by_path, (reason, path))
                for value in given:
                    count(values_of_path, (value, path))
                    together.add((reason, path, value))
            for value in given:
                count(by_value, (reason, value))

    print("cases by kind")
    for kind, n in sorted(kinds.items()):
        print(f"{n:6}  {kind}")
    print("\ncases by file")
    for name, n in files.items():
        print(f"{n:6}  {name}")
    print(f"{sum(files.values()):6}  in all")

    print("\nlines by reason")
    for reason in reasons:
        print(f"{reason[0]:8} {reason[1]:26} {by_reason.get(reason, 0):6}")
    if silent:
        print(f"{'':8} {'(no reason written)':26} {silent:6}")

    grid("reason x path of a grant that reaches the line", reasons, PATHS, by_path)
    seen = {v for _, v in by_value}
    for key, values in VALUES.items():
        columns = values + sorted(v for k, v in seen if k == key and v not in values)
        grid(f"reason x policy `{key}`", reasons, columns,
             {(r, v): n for (r, (k, v)), n in by_value.items() if k == key})
    rows = [(k, v) for k, values in VALUES.items() for v in values]
    grid("policy value x path", rows, PATHS, values_of_path)

    print("\nerror and warning codes: cases of lines, of files, of arithmetic")
    for code in ERRORS + sorted({c for c, _ in errors} - set(ERRORS)):
        print(f"{code:26} {errors.get((code, 'lines'), 0):6} {errors.get((code, 'files'), 0):6} {errors.get((code, 'arithmetic'), 0):6}")

    print("\nmissing")
    missing = [("reason", " ".join(r)) for r in reasons if r not in by_reason]
    missing += [("path", p) for p in PATHS if not any(k[1] == p for k in by_path)]
    missing += [("policy value", f"{k} = {v}") for k, v in rows if (k, v) not in seen]
    missing += [("error code", f"{c}{' (cannot: ' + ELSEWHERE[c] + ')' if c in ELSEWHERE else ''}")
                for c in ERRORS if not any(e[0] == c for e in errors)]
    for kind, what in missing:
        print(f"    {kind}: {what}")
    for r in rows:
        lacks = [p for p in PATHS if (r, p) not in values_of_path]
        if lacks:
            print(f"    policy value x path: {r[0]} = {r[1]}: {', '.join(lacks)}")
    for r in reasons:
        told(r, "path", {p: p for p in PATHS if (r, p) not in by_path})
    for r in reasons:
        told(r, "policy value", {v: " = ".join(v) for v in rows if (r, v) not in by_value})
    possible = [(r, p, v) for r in reasons for p in PATHS for v in rows if cannot(r, p) is None and cannot(r, v) is None]
    for r, p, v in possible:
        if (r, p, v) not in together:
            print(f"    reason x path x policy value: {' '.join(r)}: {p}: {' = '.join(v)}")
    found = sum(one in together for one in possible)
    print(f"\nreason x path x policy value: {found} of {len(possible)} that can be")


def told(reason, what, lacks):
    """Prints what a reason was not met with, one line for each cause."""
    causes = {}
    for value, text in lacks.items():
        causes.setdefault(cannot(reason, value), []).append(text)
    for why, texts in causes.items():
        print(f"    reason x {what}: {' '.join(reason)}: {', '.join(texts)}{' (cannot: ' + why + ')' if why else ''}")


def main():
    if len(sys.argv) != 2:
        print("usage: table.py DIR", file=sys.stderr)
        return 2
    print_tables(sys.argv[1])
    return 0


if __name__ == "__main__":
    sys.exit(main())
