"""What the partner file says: who is billed, whose principals and groups there are, who sold what when."""

from texts import Refused, begin, filled, finish, folded, folded_id, guid, guid_or_none, instant


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
