"""Whether a line can earn at all, whatever the access: the line itself, and its product."""

import re

from texts import date_ordinal

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
