#!/usr/bin/env python3
"""Collects small worlds into ../cases/good/worlds-*.json: every reason, path of access and policy value that can meet.

    python3 collect.py [--seed S] [--worlds N] [--jobs N]

Each random world of worlds.py is stripped of its policy and cut to one line and to the grants of one path that reach
it (or to none), and the oracle is asked with no policy and with each policy value that could matter. What has to be
held by some case:

  * for an answer that a policy value changes: (reason without, reason with, path, value), the case without and the
    case with; one case without serves up to six values. Offsets and tolerances are any, and a map under `custom_role`
    does what one under `unlisted_role` does, one to never what `never` does: of these (reason without, reason with, key)
    and (path, value), of offsets each reason on each side; of `day`, (reason without, reason with, value) and (path, value). Where amounts alone change:
    (reason, value). The case without states a default where that is not held yet;
  * (reason, path), (reason, value), (path, value), as far as the pairs and the cases made by hand do not hold them; a
    default that is stated is held for each path, and for reasons as it comes.

A world in which the grants matter to the answer goes before one in which they stand by; else the first one found is
taken. It is made small: parts are dropped one after the other as long as the whole answer stays, without and with the
policy, and a grant of the path still reaches the line. Same seed and same cases by hand, same files.
"""

import argparse
import copy
import heapq
import json
import multiprocessing
import os
import sys

import oracle
import table
import worlds

CASES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "cases", "good")
LIMIT = 400_000  # characters in a file
KEPT = 12  # worlds kept for a reason and a path, to choose from

ROLES = {"map to earns": "earns", "map to never": "never"}
ASKED = [(k, v) for k, values in table.VALUES.items() if k != "rounding" for v in values]
DEFAULTS = {(k, values[0]) for k, values in table.VALUES.items()}
SPARSE = ("gap_tolerance", "custom_role")  # not every reason with every path and value
TOGETHER = 6  # policy values that share the case without


def policy_of(key, value):
    if key is None:
        return {}
    if value in ROLES:
        return {key: {role: ROLES[value] for role in worlds.UNLISTED}}
    return {key: value}


def ask(request):
    got = oracle.answer_or_error(request)
    return got["answers"][0] if "answers" in got else None


def with_policy(request, policy):
    rest = {k: v for k, v in request.items() if k != "policy"}
    return {"policy": policy, **rest} if policy else rest


def reason_of(answer):
    return answer["outcome"], answer["reason"]


def could_matter(request):
    """The policy values that are no default and may change this request's answer."""
    access, partner = request.get("access") or {}, request.get("partner") or {}
    grants = access.get("grants") or []
    foreign = any(g["principal_kind"] == "ForeignGroup" for g in grants)
    unlisted = {r.lower() for r in worlds.UNLISTED}
    prices = request.get("prices")
    tiered = any(p["tier_min"] not in (None, "1") or p["tier_max"] for p in prices or [])
    holds = {
        "day": True, "absence": True, "day_offset": True,
        "gap_tolerance": bool(grants),
        "foreign_group": foreign,
        "helpdesk_group": foreign and bool(partner.get("aobo_groups")),
        "management_group": any(not g["scope"].strip().lower().startswith("/subscriptions/") for g in grants),
        "deny": bool(access.get("denies")),
        "condition": any(g["condition"] for g in grants),
        "custom_role": any(g["role_id"].lower() in unlisted for g in grants),
        "unlisted_role": any(g["role_id"].lower() in unlisted for g in grants),
        "price_source": bool(prices) and not tiered, "tier_scope": False,
    }
    return [kv for kv in ASKED if kv not in DEFAULTS and holds[kv[0]]]


def cut(request, index, path, reach):
    """The world with one line and with the grants that reach it by one path."""
    made = copy.deepcopy({k: v for k, v in request.items() if k != "policy"})
    made["lines"] = [made["lines"][index]]
    if made.get("access"):
        made["access"]["grants"] = [
            g for g, r in zip(made["access"]["grants"], reach) if r and g["path"] == path]
    return made


def wanted_of(before, after, path, kv, without, given):
    """What a pair of answers shows that has to be held."""
    if before == after:
        return {("amounts", before, kv, given["list_amount"] is None)}
    if kv[0] == "day_offset":
        return {(kv[0], "from", before), (kv[0], "to", after), (kv, path)}
    if kv[0] in SPARSE or kv == ("unlisted_role", "map to never"):
        return {(kv[0], before, after), (kv, path)}
    if kv[0] == "day":
        return {(kv, before, after), (kv, path)}
    return {(kv, path, before, after)}


def look(job):
    """What one world shows: for each of its cuts (line, path) the reason, whether the grants only stand by, and each
    policy value that changes the answer with what that shows."""
    seed, n = job
    request = next(worlds.worlds(1, seed, n))
    request.pop("policy", None)
    found = []
    if "error" in oracle.answer_or_error(request):
        return n, found
    for index in range(len(request["lines"])):
        grants = (request.get("access") or {}).get("grants") or []
        reach = table.grants_that_reach(request, index)
        here = {g["path"] for g, r in zip(grants, reach) if r}
        empty = ask(cut(request, index, "none", reach))
        for path in sorted(here) + ["none"]:
            world = cut(request, index, path, reach)
            without = ask(world)
            changes = []
            for key, value in could_matter(world):
                given = ask(with_policy(world, policy_of(key, value)))
                if given != without:
                    changes.append(((key, value), wanted_of(
                        reason_of(without), reason_of(given), path, (key, value), without, given)))
            found.append((index, path, reason_of(without), path != "none" and without == empty, changes))
    return n, found


def parts(value, at=()):
    """The places of everything that may be dropped, large parts first, those of a list from its end."""
    if isinstance(value, dict):
        for key in list(value):
            yield at + (key,)
            yield from parts(value[key], at + (key,))
    elif isinstance(value, list):
        for i in reversed(range(len(value))):
            yield at + (i,)
            yield from parts(value[i], at + (i,))


# what a document of each kind must say
NEEDED = {"schema", "bill_to", "partner_id", "kind", "observed", "customer_id", "principal_id", "group", "subscription_id",
          "at", "path", "scope", "role_id", "principal_kind", "id", "child", "parent", "product_id", "sku_id",
          "unit_price", "currency", "market", "meter_ids", "publisher", "tags", "from_partner", "to_partner"}
EMPTIED = {"grants", "denies", "hierarchy"}
TO_NULL = {"tenant_id", "start", "end", "condition", "plan_id", "partner_id", "tier_min", "tier_max", "linked"}
TO_FALSE = {"eligible_only", "everyone", "system_protected"}


def without_part(request, place):
    """The request without the part at a place, or None where it must stay."""
    top, last = place[0], place[-1]
    if top == "policy" or place == ("lines",):
        return None
    made = copy.deepcopy(request)
    holder = made
    for step in place[:-1]:
        holder = holder[step]
    if isinstance(last, int):
        if place[:-1] == ("lines",):
            return None
        del holder[last]
        return made
    if top == "lines":
        if last in ("date", "quantity"):
            return None
        del holder[last]
        return made
    value = holder[last]
    if len(place) == 1:
        del holder[last]
        return made
    if top == "access" and len(place) == 2 and last in EMPTIED:
        if not value:
            return None
        holder[last] = []
        return made
    if top == "access" and last == "observed":
        if value == "complete":
            return None
        holder[last] = "complete"
        return made
    if last in TO_FALSE:
        if not value:
            return None
        holder[last] = False
        return made
    if last == "applies_to_children":
        if value:
            return None
        holder[last] = True
        return made
    if isinstance(place[-2], int) or last == "linked":
        if last in TO_NULL and not (last == "partner_id" and top == "partner"):
            if value is None:
                return None
            holder[last] = None
            return made
        if last in ("principal_ids", "exclude_principal_ids", "subscriptions") and value:
            holder[last] = []
            return made
        return None
    if top == "partner" and last not in NEEDED and place[:2] != ("partner", "bill_to") and len(place) == 2 \
            or place[:2] == ("partner", "bill_to") and last in ("tenant_id", "agreement"):
        del holder[last]
        return made
    if "linked" in place and last in TO_NULL and value is not None:
        holder[last] = None
        return made
    return None


def small(request, holds):
    """The request with one part after the other dropped, for as long as `holds` says that the combination stays."""
    for row in request.get("prices") or []:
        # tiers go together: one row alone, from 1 to no end
        made = dict(request, prices=[dict(row, tier_min=None, tier_max=None)])
        if holds(made):
            request = made
            break
    again = True
    while again:
        again = False
        for place in list(parts(request)):
            try:
                made = without_part(request, place)
            except (KeyError, IndexError, TypeError):
                continue  # dropped before, with what held it
            if made is not None and holds(made):
                request, again = made, True
    return request


class Collection:
    def __init__(self, seed):
        self.seed = seed
        self.cases = []
        self.held = set()
        self.texts = set()

    def hold_what_others_hold(self):
        """Counts the cases made by hand as held, but for the pairs."""
        for name, case in table.read(CASES):
            if name.startswith("worlds-") or "expect" not in case or "lines" not in case:
                continue
            for i, want in enumerate(case["expect"]):
                if "reason" in want and "outcome" in want:
                    self.hold((want["outcome"], want["reason"]), table.paths(case, i), table.named(case.get("policy") or {}))

    def hold(self, reason, paths, values):
        for path in paths:
            self.held.add((reason, path))
            for value in values:
                self.held.add((path, value))
        for value in values:
            self.held.add((reason, value))

    def reduced(self, n, index, path, kvs):
        """A cut of world n made small, for the answers with no policy and with each of some policy values."""
        request = next(worlds.worlds(1, self.seed, n))
        world = cut(request, index, path, table.grants_that_reach(request, index))
        policies = [policy_of(*kv) for kv in kvs]
        without = ask(world)
        given = [ask(with_policy(world, p)) for p in policies]
        empty = dict(world, access=dict(world["access"], grants=[])) if world.get("access") else world
        matters = path != "none" and ask(empty) != without

        def holds(made):
            if ask(made) != without or any(ask(with_policy(made, p)) != g for p, g in zip(policies, given)):
                return False
            if table.paths(made, 0) != {path}:
                return False
            return not matters or ask(dict(made, access=dict(made["access"], grants=[]))) != without

        made = small(world, holds)
        for i, (policy, answer) in enumerate(zip(policies, given)):
            (key, value), = policy.items()
            if isinstance(value, dict):
                for role in value:
                    less = {key: {role: value[role]}}
                    if ask(with_policy(made, less)) == answer:
                        policies[i] = less
                        break
        return made, without, list(zip(policies, given))

    def add(self, n, path, world, policy, answer, note=""):
        request = with_policy(world, policy)
        text = json.dumps(request, separators=(",", ":"))
        values = table.named(policy)
        self.hold(reason_of(answer), {path}, values)
        if text in self.texts:
            return
        self.texts.add(text)
        said = "nobody's grant reaches the line" if path == "none" else f"{path} reaches the line"
        asked = ", ".join(f"{k} = {v}" for k, v in values) or "no policy given"
        title = f"{answer['outcome']}, {answer['reason']}; {said}; {asked}{note}"
        source = f"oracle, seed {self.seed}, world {n}, made small"
        self.cases.append({"title": title, "source": source, **request, "expect": [answer]})


def collect(seed, count, jobs):
    cuts, base = [], {}
    with multiprocessing.Pool(jobs) as pool:
        for n, found in pool.imap(look, ((seed, n) for n in range(count)), chunksize=50):
            for index, path, reason, stands_by, changes in found:
                base.setdefault((reason, path), []).append((stands_by, n, index))
                if changes:
                    cuts.append((n, index, path, changes))
    for key, list_ in base.items():
        base[key] = sorted(list_)[:KEPT]

    c = Collection(seed)
    c.hold_what_others_hold()

    # pairs: the cut that shows most that is still wanted comes first
    shown = set()

    def still(changes):
        new, some = set(), []
        for kv, wanted in changes:
            if len(some) < TOGETHER and wanted - shown - new:
                new |= wanted - shown
                some.append(kv)
        return len(new), some

    waiting = [(-still(changes)[0], i) for i, (_, _, _, changes) in enumerate(cuts)]
    heapq.heapify(waiting)
    while waiting:
        before, i = heapq.heappop(waiting)
        n, index, path, changes = cuts[i]
        new, some = still(changes)
        if not new:
            continue
        if -new > before:
            heapq.heappush(waiting, (-new, i))
            continue
        for kv, wanted in changes:
            if kv in some:
                shown |= wanted
        world, without, given = c.reduced(n, index, path, some)
        # nothing given, or one of the defaults said aloud
        silent = {}
        for key, _ in some:
            default = table.VALUES[key][0]
            if (reason_of(without), (key, default)) not in c.held:
                silent = {key: default}
                break
        c.add(n, path, world, silent, without, f"; {len(some)} more of it follow" if len(some) > 1 else "; another follows")
        for policy, answer in given:
            was = "other amounts" if reason_of(answer) == reason_of(without) else " ".join(reason_of(without))
            c.add(n, path, world, policy, answer, f", without it {was}")
    pairs = len(c.cases)
    order = {reason: i for i, reason in enumerate((o, r) for r, o in oracle.REASONS)}
    values = {kv: i for i, kv in enumerate(ASKED)}

    # a reason or a path with a value that changes nothing, or with no policy
    small_ones, turn = {}, 0

    def plain_case(reason, path, kv):
        """Adds the first world of this reason and path whose answer the value leaves as it is."""
        nonlocal turn
        candidates = base.get((reason, path), [])
        candidates = [x for x in candidates if not x[0]] or candidates
        turn += 1
        for i in range(len(candidates)):
            _, n, index = candidates[(turn + i) % len(candidates)]
            if (n, index, path) not in small_ones:
                small_ones[n, index, path] = c.reduced(n, index, path, [])
            world, without, _ = small_ones[n, index, path]
            policy = policy_of(*kv) if kv else {}
            if kv and isinstance(policy[kv[0]], dict):
                policy = {kv[0]: dict(list(policy[kv[0]].items())[:1])}
            if not policy or ask(with_policy(world, policy)) == without:
                c.add(n, path, world, policy, without)
                return True
        return False

    for reason in order:
        for path in table.PATHS:
            if (reason, path) not in c.held:
                # with a value that is wanted anyway, if there is one
                wanted = [kv for kv in ASKED if (reason, kv) not in c.held]
                wanted.sort(key=lambda kv: ((path, kv) in c.held, values[kv]))
                any(plain_case(reason, path, kv) for kv in wanted[:4]) or plain_case(reason, path, None)
    for reason in order:
        for turn_of, kv in enumerate(ASKED):
            if (reason, kv) in c.held or kv in DEFAULTS:
                continue
            ways = [p for p in table.PATHS if (reason, p) in base]
            ways = ways[turn_of % len(ways):] + ways[:turn_of % len(ways)] if ways else ways
            ways.sort(key=lambda p: (p, kv) in c.held)
            any(plain_case(reason, p, kv) for p in ways)
    for path in table.PATHS:
        for kv in ASKED:
            if (path, kv) not in c.held:
                any(plain_case(reason, path, kv) for reason in order)
    return c, pairs


def write(name, cases):
    """Writes the cases into files of at most LIMIT characters."""
    texts = [json.dumps(case, separators=(",", ":")) for case in cases]
    total = sum(len(t) + 2 for t in texts)
    files = max(1, -(-total // (LIMIT - 5_000)))
    share, books, size = total / files, [[]], 0
    for t in texts:
        if size >= share * len(books):
            books.append([])
        books[-1].append(t)
        size += len(t) + 2
    for i, book in enumerate(books, 1):
        file = f"worlds-{name}{'-' + str(i) if len(books) > 1 else ''}.json"
        with open(os.path.join(CASES, file), "w", encoding="utf-8", newline="\n") as f:
            f.write('{ "schema": "azure-pec/cases/1", "cases": [\n' + ",\n".join(book) + "\n] }\n")
        print(f"{file}: {len(book)}")


def main():
    parser = argparse.ArgumentParser(description="small worlds for every combination that can occur, as cases")
    parser.add_argument("--seed", default="corpus")
    parser.add_argument("--worlds", type=int, default=4_000)
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    args = parser.parse_args()
    c, pairs = collect(args.seed, args.worlds, args.jobs)
    for name in os.listdir(CASES):
        if name.startswith(("worlds-pairs", "worlds-plain")):
            os.remove(os.path.join(CASES, name))
    write("pairs", c.cases[:pairs])
    write("plain", c.cases[pairs:])
    print(f"{len(c.cases)} cases, {sum(len(json.dumps(x, separators=(',', ':'))) for x in c.cases)} characters")
    return 0


if __name__ == "__main__":
    sys.exit(main())
