"""What access a line has on its day: each grant in each stretch of time between two events, and what they are together."""

from texts import NEVER_BEGAN, NEVER_ENDS, is_group


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
