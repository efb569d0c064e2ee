#!/usr/bin/env python3
"""Spreads lines over the places and days of random worlds into ../cases/good/worlds-spread-*.json.

    python3 spread.py [--seed S] [--cases N] [--jobs N] [--keep]

In each world of worlds.py every place (each subscription, its resource groups, their machines) is asked for on several days,
and the oracle answers. What an answer shows:

  * its reason with the shape of the day: what there is in one stretch after the other (a grant that counts, one that might,
    a defect, nothing; by which path and how high each stands), as the oracle cuts the day;
  * these two with each policy value that is no default, and with each two of them;
  * its reason with the paths of the grants that reach the line, the level of the place, and each of these;
  * for a line that its product or partner settles: its reason with the words that it says and the level.

A line stays where it shows something that no line before it showed, and a world where at least LEAST lines stay. Then the
world is made small: grants that are nothing to any line, all denies, links, roles, prices and each part of the partner are dropped
as long as every answer is the same to the letter and what was new is still shown. With --keep the cases that are there stay, hold
what they show, and the worlds after theirs are looked at. Same seed and same cases kept, same files.
"""

import argparse
import copy
import itertools
import json
import multiprocessing
import os
import random
import sys

import oracle
import table
import worlds
from access import Access
from judge import of_the_day, what_is_held
from lines import Line
from partner import Partner
from policy import Policy
from texts import is_group

CASES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "cases", "good")
LIMIT = 400_000  # characters in a file
MOST = 24  # lines asked for in a world
TILED = 12  # lines whose days get grants of their own
LEAST = 12  # lines that must show something new
TOLD = ("outcome", "reason", "potential", "credit")
DEFAULTS = {"day": "entire", "day_offset": "+00:00", "gap_tolerance": "0s", "absence": "require_proof", "foreign_group": "unknown",
            "management_group": "inherit", "deny": "unknown", "condition": "accept", "custom_role": "unknown",
            "unlisted_role": "unknown", "helpdesk_group": "accept", "price_source": "line", "tier_scope": "plan",
            "rounding": "exact"}
PLACED = ("date", "quantity", "list_price", "subscription_id", "resource_group", "resource_id")
WORDS = ("charge_type", "plan_name", "pricing_model", "benefit_type", "reservation_id", "publisher_type", "publisher_name",
         "billing_provider", "credit_percentage", "sku_name", "meter_name", "product_id", "partner_tenant_id")


def spread(seed, n):
    """World n with lines at its places on its days; None where it is refused."""
    request = next(worlds.worlds(1, seed, n, exports=True))
    rng = random.Random(f"{seed}/{n}/spread")
    world = worlds.World(random.Random(f"{seed}/{n}"))
    templates, places = request["lines"], []
    subscriptions = sorted({part for part in json.dumps(request).lower().replace('"', "/").split("/") if part[8:13] == "-1111"})
    for subscription in subscriptions:
        top = f"/subscriptions/{subscription}"
        places.append({"subscription_id": subscription})
        for group in ("rg1", "rg10"):
            places.append({"subscription_id": subscription, "resource_group": group})
            for name in ("vm", "vm2"):
                places.append({"resource_id": f"{top}/resourceGroups/{group}/providers/Microsoft.Compute/virtualMachines/{name}"})
    asked = [(place, day) for place in places for day in range(4, 9)]
    rng.shuffle(asked)
    lines = []
    for place, day in asked[:MOST]:
        line = {"date": f"2026-10-{day:02}", "quantity": rng.choice(worlds.QUANTITIES)}
        if rng.random() < 0.6:
            line["list_price"] = rng.choice(worlds.PRICES)
        if rng.random() < 0.2:
            said = rng.choice(templates)
            line.update({key: value for key, value in said.items()
                         if key not in ("date", "quantity", "subscription_id", "resource_group", "resource_id")})
        elif rng.random() < 0.5:
            subscription = place.get("subscription_id") or place["resource_id"].split("/")[2]
            line["customer_id"] = next(t for t in worlds.TENANTS if t[0] == subscription[0])
        lines.append({**line, **place})
    if "access" in request:
        # Pieces of some days each get a grant of their own kind.
        for line in lines[:TILED]:
            world.tiled(request["access"], line)
    request["lines"] = lines
    return request if lines else None


def high(grant):
    """How high a grant stands."""
    return "group" if is_group(grant.scope) else str(len(grant.scope))


def shown(request, got=None):
    """The answers, and the set of what each shows; None where the request is refused."""
    got = got or oracle.answer_or_error(request)
    if "error" in got:
        return None
    policy = Policy(request.get("policy") or {})
    partner = Partner(request.get("partner"), (request.get("access") or {}).get("links") or [])
    access = Access(request.get("access"), policy, partner)
    values = sorted((key, value if isinstance(value, str) else "map")
                    for key, value in (request.get("policy") or {}).items() if value != DEFAULTS[key])
    values += list(itertools.combinations(values, 2))
    sets = []
    for i, (given, said) in enumerate(zip(request["lines"], got["answers"])):
        line = Line(i, given, policy, partner)
        reason = said["outcome"], said["reason"]
        level = "resource" if given.get("resource_id") else "group" if given.get("resource_group") else "subscription"
        items = set()
        if said["reason"].startswith(("line.", "product.", "partner.")):
            words = tuple((word, given[word]) for word in WORDS if given.get(word))
            items.add((reason, words, level))
            items.update((reason, kv, level) for kv in values)
        else:
            stretches, held, by = what_is_held(line, access, policy, partner)
            stretches = [
                (tuple(sorted(what - {None})), tuple(sorted({(kind, g.path, high(g)) for kind, g in whose if kind})))
                for what, whose in zip(*(of_the_day(line, stretches, x) for x in (held, by)))]
            shape = tuple(s for k, s in enumerate(stretches) if not k or s != stretches[k - 1])
            items.add((reason, shape))
            items.update((reason, shape, kv) for kv in values)
            above = access.above(line.subscription, line.day_start)
            paths = tuple(sorted({g.path for g in access.grants if access.reaches(g.tenant, g.scope, line, above) != "no"}))
            items.add((reason, paths, level))
            items.update((reason, paths, level, kv) for kv in values)
        sets.append(items)
    return got["answers"], sets


def look(job):
    seed, n = job
    request = spread(seed, n)
    found = request and shown(request)
    return n, found and (request, *found)


def lighter(request):
    """What may be dropped, one after the other: (holder, key)."""
    access, partner = request.get("access") or {}, request.get("partner") or {}
    for part in ("roles", "links", "nameless", "denies", "hierarchy"):
        if access.get(part):
            yield "access", part
    for part in ("transfers", "organisation", "resellers_of_record", "customers"):
        if part in partner:
            yield "partner", part


def used(request):
    """The grants that are something at some time for some line, by their number."""
    policy = Policy(request.get("policy") or {})
    partner = Partner(request.get("partner"), request["access"].get("links") or [])
    access = Access(request["access"], policy, partner)
    ids = set()
    for i, given in enumerate(request["lines"]):
        line = Line(i, given, policy, partner)
        if line.subscription is not None:
            for whose in what_is_held(line, access, policy, partner)[2]:
                ids.update(g.id for kind, g in whose if kind)
    return ids


def small(job):
    """The world without what none of its answers needs."""
    request, answers, new = job

    def holds(made):
        got = oracle.answer_or_error(made)
        return got.get("answers") == answers and all(one <= other for one, other in zip(new, shown(made, got)[1]))

    # Words of lines that no answer hangs on: of those that the access decides, all at once.
    bare = [said if a["reason"].startswith(("line.", "product.", "partner.")) else {k: v for k, v in said.items() if k in PLACED}
            for said, a in zip(request["lines"], answers)]
    if bare != request["lines"] and holds(dict(request, lines=bare)):
        request = dict(request, lines=bare)
    if request.get("access", {}).get("grants"):
        ids = used(request)
        made = dict(request, access=dict(request["access"], grants=[g for g in request["access"]["grants"] if g["id"] in ids]))
        if len(made["access"]["grants"]) < len(request["access"]["grants"]) and holds(made):
            request = made
    for holder, key in list(lighter(request)):
        made = dict(request, **{holder: {k: v for k, v in request[holder].items() if k != key}})
        if key in ("denies", "hierarchy"):
            made[holder][key] = []
        if holds(made):
            request = made
    if request.get("prices"):
        made = {key: value for key, value in request.items() if key != "prices"}
        if holds(made):
            request = made
    # What says nothing is left out.
    made = copy.deepcopy(request)
    for part in ("grants", "denies", "hierarchy", "observed"):
        rows = made.get("access", {}).get(part)
        for row in rows if isinstance(rows, list) else []:
            for key in [key for key, value in row.items() if value is None or value is False and key != "applies_to_children"]:
                del row[key]
    return made if holds(made) else request


def write(cases):
    books, size = [[]], 0
    for case in cases:
        text = json.dumps(case, separators=(",", ":"))
        if size + len(text) > LIMIT and books[-1]:
            books.append([])
            size = 0
        books[-1].append(text)
        size += len(text) + 2
    for name in os.listdir(CASES):
        if name.startswith("worlds-spread"):
            os.remove(os.path.join(CASES, name))
    for i, book in enumerate(books, 1):
        with open(os.path.join(CASES, f"worlds-spread-{i:02}.json"), "w", encoding="utf-8", newline="\n") as f:
            f.write('{ "schema": "azure-pec/cases/1", "cases": [\n' + ",\n".join(book) + "\n] }\n")


def main():
    parser = argparse.ArgumentParser(description="random worlds asked at all their places and days, as cases")
    parser.add_argument("--seed", default="spread")
    parser.add_argument("--cases", type=int, default=1_400)
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--keep", action="store_true", help="go on after the cases that are there")
    args = parser.parse_args()
    held, chosen, cases, looked = set(), [], [], 0
    if args.keep:
        cases = [case for name, case in table.read(CASES) if name.startswith("worlds-spread")]
        looked = max(int(case["source"].split(", world ")[1].split(",")[0]) for case in cases) + 1

    def finish():
        """Makes the chosen worlds small, and cases of them."""
        made = pool.map(small, [(request, answers, new) for _, request, answers, new in chosen], chunksize=1)
        for (n, _, answers, _), request in zip(chosen, made):
            reasons = len({a["reason"] for a in answers})
            cases.append({
                "title": f"Places and days of a world: {len(answers)} answers of {reasons} reasons",
                "source": f"oracle, seed {args.seed}, world {n}, without what no answer needs", **request,
                "expect": [{key: a[key] for key in TOLD if a[key] is not None} for a in answers]})
        chosen.clear()
        write(cases)
        print(f"{looked} worlds looked at, {len(cases)} cases, {sum(len(c['expect']) for c in cases)} answers, "
              f"{len(held)} things shown", flush=True)

    with multiprocessing.Pool(args.jobs) as pool:
        for _, sets in pool.imap(shown, cases, chunksize=8):
            held.update(*sets)
        while len(cases) < args.cases:
            for n, found in pool.imap(look, ((args.seed, n) for n in range(looked, looked + 200)), chunksize=4):
                looked += 1
                if not found:
                    continue
                request, answers, sets = found
                kept, new = [], set()
                for i, items in enumerate(sets):
                    fresh = items - held - new
                    if fresh:
                        kept.append((i, fresh))
                        new |= fresh
                if len(kept) < LEAST or len(cases) + len(chosen) == args.cases:
                    continue
                made = dict(request, lines=[request["lines"][i] for i, _ in kept])
                held |= new
                # Under tiers an amount hangs on the lines left out.
                listed = (request.get("policy") or {}).get("price_source") == "list"
                said = shown(made)[0] if listed else [answers[i] for i, _ in kept]
                chosen.append((n, made, said, [fresh for _, fresh in kept]))
            finish()
    return 0


if __name__ == "__main__":
    sys.exit(main())
