"""A usage line, as far as it is judged."""

import datetime
from fractions import Fraction

from texts import DAY, date_ordinal, filled, folded, folded_id, guid_or_none, number, scope_path

# The dated rate: data. (first day, rate), newest first; before the first there is none.
RATES = [(datetime.date(2019, 11, 1).toordinal(), Fraction(15, 100))]


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
