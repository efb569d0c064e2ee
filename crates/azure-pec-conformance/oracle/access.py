"""What a history of access says: grants, deny assignments, roles, management groups, and what was observed."""

from functools import lru_cache

from texts import NEVER_BEGAN, NEVER_ENDS, Refused, TICKS, begin, filled, finish, folded, guid, guid_or_none, instant, is_group, scope_path


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
