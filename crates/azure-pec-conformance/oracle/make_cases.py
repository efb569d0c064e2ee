#!/usr/bin/env python3
"""Writes ../cases/good/*.json (but files.json and worlds-*.json) and ../cases/bad/lines.json.

The questions and the expected answers are worked out by hand from the published pages and the rule; only the 122 roles
come from a table (roles.csv). The oracle does not take part: `oracle.py --cases ../cases` holds the two against each
other. Arithmetic is apart: arithmetic_cases.py, which takes its answers from arithmetic.py where none stands in it.
"""

import csv
import json
import os

import arithmetic_cases

HERE = os.path.dirname(os.path.abspath(__file__))
CASES = os.path.join(HERE, "..", "cases")

# pages, with the date the text was seen in
TROUBLE = "partner-earned-credit-troubleshoot, 2022-01-25"
EXPLAIN = "partner-earned-credit-explanation, 2023-04-13"
ROLES = "azure-roles-perms-pec, 2022-11-08"
BILLING = "azure-plan-billing, 2022-07-18"
RECON = "modern-invoice-reconciliation-file, 2021-06-14"
PRICE_LIST = "azure-plan-price-list, 2023-06-05"
LIGHTHOUSE = "lighthouse/how-to/partner-earned-credit, 2023-05-23"
MANAGE = "azure-plan-manage, 2022-11-22"
DAP = "dap-faq, 2023-06-09"
DAILY = "daily-rated-usage-recon-files, 2022-11-08"
PAL = "link-partner-id, 2023-07-27"
OWN = "rule of this project; no page says it"

CUSTOMER = "aaaaaaaa-0000-4000-8000-000000000001"
CUSTOMER2 = "bbbbbbbb-0000-4000-8000-000000000001"
SUB = "aaaaaaaa-1111-4111-8111-000000000001"
SUB2 = "bbbbbbbb-1111-4111-8111-000000000001"
HOME = "99999999-0000-4000-8000-000000000001"       # the tenant of the billed partner
RESELLER_HOME = "99999999-0000-4000-8000-000000000002"
ELSEWHERE = "99999999-0000-4000-8000-000000000003"
ONE, SISTER, TWO, THREE = "1111111", "1111112", "2222222", "3333333"
ADMINS, HELPDESK, ADMINS2, ADMINS3 = (f"d000000{i}-0000-4000-8000-0000000000d{i}" for i in (1, 2, 3, 4))
APP, APP2, APP3, USER = (f"e000000{i}-0000-4000-8000-0000000000e{i}" for i in (1, 2, 3, 4))
OWNER = "8e3af657-a8ff-443c-a75c-2fe8c4bcb635"
READER = "acdd72a7-3385-48ef-bd42-f606fba81ae7"
RBAC_ADMIN = "f58310d9-a9f6-439a-9e8d-f62e7b41a168"  # built-in, newer than the table
METER = "5a000000-0000-4000-8000-000000000001"
S = "/subscriptions/" + SUB
RG = S + "/resourceGroups/rg1"
VM = RG + "/providers/Microsoft.Compute/virtualMachines/vm"
MG = "/providers/Microsoft.Management/managementGroups/mg"
ROOT = "/providers/Microsoft.Management/managementGroups/root"
START, NOON, END = "2026-10-05T00:00:00Z", "2026-10-05T12:00:00Z", "2026-10-06T00:00:00Z"


def grant(**given):
    g = {"id": "g", "tenant_id": CUSTOMER, "path": "aobo", "eligible_only": False, "scope": S, "role_id": OWNER,
         "principal_id": ADMINS, "principal_kind": "ForeignGroup", "partner_id": None, "start": "2026-09-01T00:00:00Z",
         "end": None, "condition": None}
    g.update(given)
    return g


def direct(**given):
    return grant(**{"path": "directory", "principal_id": APP, "principal_kind": "ServicePrincipal", **given})


def template(**given):
    return grant(**{"path": "lighthouse_template", "principal_id": APP, "principal_kind": "ServicePrincipal", **given})


def offer(**given):
    return grant(**{"path": "lighthouse_offer", "principal_id": APP, "principal_kind": "Group", **given})


def deny(**given):
    d = {"id": "d", "tenant_id": CUSTOMER, "scope": S, "principal_ids": [], "everyone": True,
         "exclude_principal_ids": [], "actions": ["*"], "applies_to_children": True, "system_protected": False,
         "start": "2026-09-01T00:00:00Z", "end": None}
    d.update(given)
    return d


def edge(child, parent, tenant=CUSTOMER, start=None, end=None):
    return {"tenant_id": tenant, "child": child, "parent": parent, "start": start, "end": end}


def access(*grants, observed="complete", denies=(), hierarchy=(), **more):
    for n, g in enumerate(grants):
        g["id"] = f"g{n + 1}"
    return {"schema": "azure-pec/access/1", "observed": observed, "grants": list(grants), "denies": list(denies),
            "hierarchy": list(hierarchy), **more}


def window(start, end, scope="/", tenant=None):
    return {"tenant_id": tenant, "scope": scope, "start": start, "end": end}


def partner(drop=(), **given):
    def person(principal, who, tenant):
        return {"principal_id": principal, "partner_id": who,
                "linked": None if tenant is None else {"tenant_id": tenant, "start": None, "end": None}}

    p = {"schema": "azure-pec/partner/1",
         "bill_to": {"partner_id": ONE, "tenant_id": HOME, "kind": "indirect_provider"},
         "aobo_groups": [{"principal_id": ADMINS, "partner_id": ONE, "group": "AdminAgents"},
                         {"principal_id": HELPDESK, "partner_id": ONE, "group": "HelpdeskAgents"},
                         {"principal_id": ADMINS2, "partner_id": TWO, "group": "AdminAgents"}],
         "principals": [person(APP, ONE, CUSTOMER), person(APP2, TWO, CUSTOMER), person(USER, ONE, None)]}
    p.update(given)
    for key in drop:
        del p[key]
    return p


def linked(principal=APP, who=ONE, tenant=CUSTOMER, start=None, end=None):
    return [{"principal_id": principal, "partner_id": who, "linked": {"tenant_id": tenant, "start": start, "end": end}}]


def reseller(**given):
    return {"customer_id": CUSTOMER, "plan_id": None, "partner_id": TWO, "start": None, "end": None, **given}


def line(**given):
    made = {"date": "2026-10-05", "customer_id": CUSTOMER, "subscription_id": SUB, "resource_id": VM, "quantity": "100",
            "list_price": "1"}
    made.update(given)
    return {k: v for k, v in made.items() if v is not None}


def price(**given):
    row = {"product_id": "DZH318Z0BNVX", "sku_id": "0003", "meter_ids": [METER], "market": "DE", "currency": "USD",
           "unit_price": "1", "tier_min": None, "tier_max": None, "start": "2018-03-01", "end": None, "tags": ["Azure"],
           "publisher": "Microsoft"}
    row.update(given)
    return row


def listed(**given):
    return line(**{"product_id": "DZH318Z0BNVX", "sku_id": "0003", "meter_id": METER, **given})


def says(outcome, reason, list_amount, potential, credit, net):
    return {"outcome": outcome, "reason": reason, "list_amount": list_amount, "rate": "0.15", "potential": potential,
            "credit": credit, "net": net}


EARNED = says("earned", "earned", "100", "15", "15", "85")


def missed(reason):
    return says("missed", reason, "100", "15", "0", "100")


def never(reason):
    return says("never", reason, "100", "0", "0", "100")


def unknown(reason):
    return says("unknown", reason, "100", "15", "0", "100")


BOOK = {}


def case(book, title, source, expect, acc=None, par=None, lines=None, policy=None, prices=None):
    made = {"title": title, "source": source}
    for key, value in (("policy", policy), ("partner", par), ("access", acc), ("prices", prices)):
        if value is not None:
            made[key] = value
    made["lines"] = lines or [line()]
    if "code" in expect:
        made["error"] = expect
    else:
        made["expect"] = expect if isinstance(expect, list) else [expect]
    BOOK.setdefault(book, []).append(made)


# ------------------------------------------------------------ the 14 rows of the partner table

RBAC = {ONE: dict(principal_id=APP), TWO: dict(principal_id=APP2), THREE: dict(principal_id=APP3, partner_id=THREE)}
GROUP = {ONE: dict(principal_id=ADMINS), TWO: dict(principal_id=ADMINS2), THREE: dict(principal_id=ADMINS3)}
NAMES = {ONE: "provider", TWO: "reseller of record", THREE: "another partner", None: "nobody"}
for rbac, aobo, expect in [
    (ONE, None, EARNED), (None, ONE, EARNED), (TWO, None, EARNED), (None, TWO, EARNED), (THREE, ONE, EARNED),
    (ONE, THREE, EARNED), (ONE, TWO, EARNED), (TWO, ONE, EARNED), (TWO, THREE, EARNED), (THREE, TWO, EARNED),
    (THREE, None, missed("access.other_partner")), (None, THREE, missed("access.other_partner")),
    (None, None, missed("access.none")), (THREE, THREE, missed("access.other_partner")),
]:
    held = ([direct(**RBAC[rbac])] if rbac else []) + ([grant(**GROUP[aobo])] if aobo else [])
    case("partners", f"RBAC or Lighthouse: {NAMES[rbac]}; AOBO: {NAMES[aobo]}", TROUBLE, expect, access(*held),
         partner(resellers_of_record=[reseller()]))

case("partners", "A third partner's Owner does not earn when there is no reseller of record", TROUBLE,
     missed("access.other_partner"), access(grant(principal_id=ADMINS2)), partner())
case("partners", "The reseller is taken from the line", TROUBLE, EARNED, access(grant(principal_id=ADMINS2)), partner(),
     [line(reseller_id=TWO)])
case("partners", "An entry in the partner file silences the line's own reseller", OWN, missed("access.other_partner"),
     access(grant(principal_id=ADMINS2)), partner(resellers_of_record=[reseller(partner_id="4444444")]),
     [line(reseller_id=TWO)])
case("partners", "A reseller of another plan does not count", OWN, [EARNED, missed("access.other_partner")],
     access(grant(principal_id=ADMINS2)), partner(resellers_of_record=[reseller(plan_id="plan-1")]),
     [line(plan_id="PLAN-1"), line(plan_id="plan-2")])
case("partners", "Reseller of record until noon: a part of the day", OWN, missed("access.partial_day"),
     access(grant(principal_id=ADMINS2)), partner(resellers_of_record=[reseller(end=NOON)]))
case("partners", "A sister id in the billed partner's organisation counts", TROUBLE,
     [EARNED], access(direct(partner_id=SISTER)), partner(organisation={ONE: [SISTER]}))
case("partners", "The same sister id outside the organisation does not", TROUBLE, missed("access.other_partner"),
     access(direct(partner_id=SISTER)), partner())
case("partners", "The organisation of the reseller counts too", TROUBLE, EARNED, access(direct(partner_id="2222223")),
     partner(organisation={TWO: ["2222223"]}, resellers_of_record=[reseller()]))
case("partners", "The organisation is a set: named from its other end", OWN, EARNED, access(direct(partner_id=SISTER)),
     partner(organisation={SISTER: [ONE]}))
case("partners", "Without a partner file every partner id on a grant counts", OWN, EARNED,
     access(direct(partner_id=THREE)))
case("partners", "The line is another partner tenant's", TROUBLE, never("partner.not_billed"), access(grant()), partner(),
     [line(partner_tenant_id=ELSEWHERE)])
case("partners", "The line is the billed partner tenant's, written in capitals", OWN, EARNED, access(grant()), partner(),
     [line(partner_tenant_id=HOME.upper())])
case("partners", "No agreement that day; the agreement of the days after", EXPLAIN,
     [missed("partner.no_agreement"), EARNED], access(grant()),
     partner(bill_to={"partner_id": ONE, "tenant_id": HOME, "kind": "direct_bill",
                      "agreement": [{"start": "2026-10-06", "end": None}]}), [line(), line(date="2026-10-06")])

AT = "2026-10-10T00:00:00Z"
MOVED_IN = [{"subscription_id": SUB, "at": AT, "from_partner": THREE, "to_partner": ONE}]
MOVED_OUT = [{"subscription_id": SUB, "at": AT, "from_partner": ONE, "to_partner": THREE}]
BOTH = [line(date="2026-10-09"), line(date="2026-10-10")]
case("partners", "Transferred in with the old partner's grants only", TROUBLE,
     [never("partner.not_billed"), missed("access.other_partner")], access(grant(principal_id=ADMINS3)),
     partner(transfers=MOVED_IN), BOTH)
case("partners", "Transferred in, the grant added before: earns from the transfer on", TROUBLE,
     [never("partner.not_billed"), EARNED],
     access(grant(principal_id=ADMINS3), grant(start="2026-10-07T09:00:00Z")), partner(transfers=MOVED_IN), BOTH)
case("partners", "The old partner earns until the transfer, though the new one has its grant already", TROUBLE,
     [EARNED, never("partner.not_billed")],
     access(grant(), grant(principal_id=ADMINS3, start="2026-10-07T09:00:00Z")), partner(transfers=MOVED_OUT), BOTH)
case("partners", "Transferred at noon: the billed partner is the one at the day's last tick", OWN,
     never("partner.not_billed"), access(grant()), partner(transfers=[dict(MOVED_OUT[0], at=NOON)]))
case("partners", "Another subscription's transfer changes nothing", OWN, EARNED, access(grant()),
     partner(transfers=[dict(MOVED_OUT[0], subscription_id=SUB2, at=NOON)]))

# ------------------------------------------------------------ roles

with open(os.path.join(HERE, "roles.csv"), newline="", encoding="utf-8") as f:
    for row in csv.DictReader(f):
        case("roles", f"{row['name']}: {row['earns']}", ROLES,
             EARNED if row["earns"] == "yes" else missed("access.role_not_eligible"),
             access(grant(role_id=row["guid"])), partner())

# ------------------------------------------------------------ paths and links

case("paths", "AOBO, the AdminAgents group by its object id", TROUBLE, EARNED, access(grant()), partner())
case("paths", "AOBO, the HelpdeskAgents group by its object id", TROUBLE, EARNED, access(grant(principal_id=HELPDESK)),
     partner())
case("paths", "AOBO, a foreign principal whose object id is neither group", TROUBLE, missed("access.other_partner"),
     access(grant(principal_id=ADMINS3)), partner())
case("paths", "AOBO, the right group with a role that is not eligible", TROUBLE, missed("access.role_not_eligible"),
     access(grant(role_id=READER)), partner())
case("paths", "AOBO, object id and role id in capitals and braces", OWN, EARNED,
     access(grant(principal_id=ADMINS.upper(), role_id="{" + OWNER.upper() + "}")), partner())
case("paths", "Lighthouse, permanent, linked in the partner's tenant", LIGHTHOUSE, EARNED, access(template()),
     partner(principals=linked(tenant=HOME)))
case("paths", "Lighthouse, the same role as an eligible authorization only", LIGHTHOUSE, missed("access.eligible_only"),
     access(template(eligible_only=True)), partner(principals=linked(tenant=HOME)))
case("paths", "Lighthouse, Reader, linked", "azure-docs lighthouse partner earned credit, 2019",
     missed("access.role_not_eligible"), access(template(role_id=READER)), partner(principals=linked(tenant=HOME)))
case("paths", "Lighthouse by template, not linked", MANAGE, missed("access.pal_missing"), access(template()),
     partner(principals=[{"principal_id": APP, "partner_id": ONE, "linked": None}]))
case("paths", "Lighthouse by template, linked in the customer's tenant instead", MANAGE, missed("access.pal_missing"),
     access(template()), partner())
case("paths", "Lighthouse by template, the reseller's link is tested against its known tenant", OWN,
     [missed("access.pal_missing")], access(template(principal_id=APP2)),
     partner(principals=linked(APP2, TWO, ELSEWHERE), resellers_of_record=[reseller(tenant_id=RESELLER_HOME)]))
case("paths", "Lighthouse by template, the reseller's link is not tested where its tenant is not known", OWN,
     EARNED, access(template(principal_id=APP2)),
     partner(principals=linked(APP2, TWO, ELSEWHERE), resellers_of_record=[reseller()]))
case("paths", "Lighthouse by Marketplace offer needs no link", MANAGE, EARNED, access(offer()),
     partner(principals=[{"principal_id": APP, "partner_id": ONE, "linked": None}]))
case("paths", "A service principal of the directory, linked in the customer's tenant", PAL, EARNED, access(direct()),
     partner())
case("paths", "A service principal of the directory, linked in the partner's tenant only", PAL,
     missed("access.pal_missing"), access(direct()), partner(principals=linked(tenant=HOME)))
case("paths", "A directory user without a link", PAL, missed("access.pal_missing"),
     access(direct(principal_id=USER, principal_kind="User")), partner())
case("paths", "Linked from noon on: a part of the day", OWN, missed("access.partial_day"), access(direct()),
     partner(principals=linked(start=NOON)))
case("paths", "One principal, a link in each of two customer tenants", PAL, [EARNED, EARNED],
     access(direct(), direct(tenant_id=CUSTOMER2, scope="/subscriptions/" + SUB2)),
     partner(principals=linked() + linked(tenant=CUSTOMER2)),
     [line(), line(customer_id=CUSTOMER2, subscription_id=SUB2, resource_id=VM.replace(SUB, SUB2))])
case("paths", "One principal, a link in another customer's tenant only, twice", PAL, missed("access.pal_missing"),
     access(direct()), partner(principals=linked(tenant=CUSTOMER2) + linked(tenant=ELSEWHERE)))
case("paths", "A link until noon and one from noon on fill the day", OWN, EARNED, access(direct()),
     partner(principals=linked(end=NOON) + linked(start=NOON)))
case("paths", "A link until noon and one from 100 ns after do not", OWN, missed("access.partial_day"), access(direct()),
     partner(principals=linked(end=NOON) + linked(start="2026-10-05T12:00:00.0000001Z")))
case("paths", "Linked at home and in the customer's tenant: serves a template and the directory", MANAGE, [EARNED, EARNED],
     access(template(start=START, end=END), direct(start=END)),
     partner(principals=linked(tenant=HOME) + linked()), [line(), line(date="2026-10-06")])
case("paths", "An entry without a link beside one with a link", OWN, EARNED, access(direct()),
     partner(principals=[{"principal_id": APP, "partner_id": ONE, "linked": None}] + linked()))
case("paths", "A partner id on the grant needs no link besides", OWN, EARNED,
     access(direct(principal_id=USER, principal_kind="User", partner_id=ONE)), partner())
case("paths", "The customer's own administrator is nobody's grant", OWN, missed("access.none"),
     access(direct(principal_id=APP3, principal_kind="User")), partner())
case("paths", "DAP removed, the role assignment kept: credit kept", DAP, EARNED, access(grant()), partner())
case("paths", "DAP replaced by GDAP without Azure, the role assignment kept: credit kept", DAP, EARNED,
     access(grant()), partner())
case("paths", "The role assignment removed: credit lost from that day", DAP, [EARNED, missed("access.none")],
     access(grant(end="2026-10-06T00:00:00Z")), partner(), [line(), line(date="2026-10-06")])
case("paths", "A new subscription after the removal of DAP earns", DAP, EARNED,
     access(grant(start="2026-10-05T00:00:00Z")), partner())

# ------------------------------------------------------------ products and lines

PLAIN = (access(grant()), partner())
LIST = dict(prices=[price()])
for title, source, reason, given in [
    ("Spot by pricing model", EXPLAIN, "product.spot", dict(pricing_model="Spot")),
    ("Spot by SKU name", OWN, "product.spot", dict(sku_name="D2s v3 Spot")),
    ("Spot by meter name", OWN, "product.spot", dict(meter_name="D2s v3/D4s v3 Spot")),
    ("Reservation by pricing model", EXPLAIN, "product.reservation", dict(pricing_model="Reservation")),
    ("Reservation by id", EXPLAIN, "product.reservation", dict(reservation_id="5e000000-0000-4000-8000-000000000001")),
    ("Unused reservation", OWN, "product.reservation", dict(charge_type="UnusedReservation")),
    ("Savings plan by pricing model", EXPLAIN, "product.savings_plan", dict(pricing_model="SavingsPlan")),
    ("Savings plan by benefit", DAILY, "product.savings_plan", dict(benefit_type="SavingsPlan")),
    ("Unused savings plan", OWN, "product.savings_plan", dict(charge_type="UnusedSavingsPlan")),
    ("Marketplace by publisher type", EXPLAIN, "product.marketplace", dict(publisher_type="Marketplace")),
    ("Marketplace by billing provider", EXPLAIN, "product.marketplace", dict(billing_provider="Marketplace")),
    ("Legacy offer", TROUBLE, "line.legacy_offer", dict(plan_name="Microsoft Azure (MS-AZR-0145P)")),
    ("Refund", OWN, "line.refund", dict(charge_type="Refund")),
    ("Purchase", OWN, "line.not_usage", dict(charge_type="Purchase")),
    ("Tax", OWN, "line.not_usage", dict(charge_type="Tax")),
    ("Rounding adjustment", OWN, "line.not_usage", dict(charge_type="RoundingAdjustment")),
    ("Paid by an Azure credit", "daily-rated-usage-recon-files, 2021-05-19", "line.azure_credit",
     dict(credit_percentage="100")),
    ("Paid by an Azure credit, written 1E2", OWN, "line.azure_credit", dict(credit_percentage="1E2")),
]:
    case("products", title, source, never(reason), *PLAIN, lines=[line(**given)])
case("products", "Usage under the Azure plan, in capitals", OWN, EARNED, *PLAIN,
     lines=[line(plan_name="AZURE PLAN", charge_type="USAGE", pricing_model="OnDemand", credit_percentage="0")])
case("products", "Spotlight is not Spot", OWN, EARNED, *PLAIN, lines=[line(meter_name="Spotlight Hours")])
case("products", "The first reason of several is given", OWN,
     [never("line.refund"), never("line.legacy_offer"), never("product.reservation"), never("product.spot")], *PLAIN,
     lines=[line(charge_type="Refund", plan_name="Legacy", pricing_model="Spot"),
            line(plan_name="Legacy", credit_percentage="100"),
            line(charge_type="UnusedReservation", benefit_type="SavingsPlan"),
            line(pricing_model="Spot", publisher_type="Marketplace")])
for tag in (["ThirdParty"], ["Azure", "Third Party"], ["azure;thirdparty"]):
    case("products", f"Third party by the list's tag {tag}", PRICE_LIST, never("product.third_party"), *PLAIN,
         lines=[listed()], prices=[price(tags=tag)])
case("products", "In the list, the market the only one", OWN, EARNED, *PLAIN, lines=[listed()], **LIST)
case("products", "Not in the list: another product, another SKU, another meter", OWN,
     [unknown("product.unlisted")] * 3, *PLAIN,
     lines=[listed(product_id="DZH318Z0XXXX"), listed(sku_id="0004"), listed(meter_id=METER[:-1] + "2")], **LIST)
case("products", "Product and meter in the other case are the same", OWN, EARNED, *PLAIN,
     lines=[listed(product_id="dzh318z0bnvx", meter_id=METER.upper())], **LIST)
case("products", "The row begins the day after", OWN, [unknown("product.unlisted"), EARNED], *PLAIN,
     lines=[listed(), listed(date="2026-10-06")], prices=[price(start="2026-10-06")])
case("products", "The row is of another market than the customer's", OWN, unknown("product.unlisted"), access(grant()),
     partner(customers=[{"customer_id": CUSTOMER, "market": "US", "subscriptions": [SUB]}]), [listed()], **LIST)
case("products", "Two markets in the list and none known of the customer", OWN, unknown("product.unlisted"), *PLAIN,
     lines=[listed()], prices=[price(), price(market="US")])
case("products", "Two markets in the list, the customer's known", OWN, EARNED, access(grant()),
     partner(customers=[{"customer_id": CUSTOMER, "market": "DE", "subscriptions": [SUB]}]), [listed()],
     prices=[price(), price(market="US", tags=["ThirdParty"])])
case("products", "Low Priority by meter name, by SKU name and by pricing model", OWN,
     [unknown("product.low_priority")] * 3, *PLAIN,
     lines=[line(meter_name="D2 v3 Low Priority"), line(sku_name="A1 Low Priority"), line(pricing_model="LowPriority")])
case("products", "Another publisher, the SKU not in the Azure plan list", DAILY, never("product.marketplace"), *PLAIN,
     lines=[listed(publisher_name="Contoso", product_id="DZH318Z0XXXX")], **LIST)
case("products", "Another publisher, the SKU in the Azure plan list", DAILY, EARNED, *PLAIN,
     lines=[listed(publisher_name="Contoso")], **LIST)
case("products", "Another publisher, the billing provider named", DAILY, never("product.marketplace"), *PLAIN,
     lines=[listed(publisher_name="Contoso", billing_provider="Microsoft", product_id="DZH318Z0XXXX")], **LIST)
case("products", "Another publisher, the publisher type given", DAILY, unknown("product.unlisted"), *PLAIN,
     lines=[listed(publisher_name="Contoso", publisher_type="Azure", product_id="DZH318Z0XXXX")], **LIST)
case("products", "The publisher begins with Microsoft, in any case", OWN, [unknown("product.unlisted")] * 3, *PLAIN,
     lines=[listed(publisher_name=p, product_id="DZH318Z0XXXX")
            for p in ("Microsoft", "MICROSOFT CORPORATION", "microsoft azure")], **LIST)
case("products", "The publisher names Microsoft, but not first", OWN, never("product.marketplace"), *PLAIN,
     lines=[listed(publisher_name="Not Microsoft", product_id="DZH318Z0XXXX")], **LIST)
case("products", "Another publisher, the SKU in another market's list only", DAILY, unknown("product.unlisted"),
     access(grant()), partner(customers=[{"customer_id": CUSTOMER, "market": "DE", "subscriptions": [SUB]}]),
     [listed(publisher_name="Contoso", product_id="DZH318Z0BP04")],
     prices=[price(), price(product_id="DZH318Z0BP04", market="US")])
case("products", "Another publisher, no list given", DAILY, EARNED, *PLAIN,
     lines=[listed(publisher_name="Contoso", product_id="DZH318Z0XXXX")])
for tag in (["Reservation"], ["Azure", "Reservations"], ["azure;reservation"]):
    case("products", f"Reservation by the list's tag {tag}", OWN, never("product.reservation"), *PLAIN,
         lines=[listed()], prices=[price(tags=tag)])
case("products", "A reservation tag goes before the words of the line, and before the tag of a third party", OWN,
     [never("product.reservation")] * 2, *PLAIN, lines=[listed(sku_name="D2s v3 Spot"), listed()],
     prices=[price(tags=["Reservation", "Third Party"])])
case("products", "A reservation tag of another day", OWN, [EARNED, never("product.reservation")], *PLAIN,
     lines=[listed(), listed(date="2026-10-06")],
     prices=[price(end="2026-10-06"), price(start="2026-10-06", tags=["Reservation"])])
case("products", "Plan names", OWN, [EARNED, EARNED, never("line.legacy_offer"), EARNED], *PLAIN,
     lines=[line(plan_name=n) for n in ("Microsoft Azure Plan", "azure plan (EUR)", "Azure", None)])
case("products", "Nothing says where the line belongs", OWN, unknown("line.no_scope"), *PLAIN,
     lines=[line(subscription_id=None, resource_id=None)])

# ------------------------------------------------------------ days

case("days", "July: earned on the 1st to 3rd and 8th to 31st, 27 of 31 days", BILLING,
     [missed("access.none") if 4 <= d <= 7 else EARNED for d in range(1, 32)],
     access(grant(start="2020-06-01T00:00:00Z", end="2020-07-04T00:00:00Z"),
            grant(start="2020-07-08T00:00:00Z", end=None)),
     partner(), [line(date=f"2020-07-{d:02}") for d in range(1, 32)])
DAYS = [
    ("Exactly midnight to midnight", EARNED, [(START, END)]),
    ("100 ns missing at the end of the day", missed("access.partial_day"), [(START, "2026-10-05T23:59:59.9999999Z")]),
    ("100 ns missing at the beginning of the day", missed("access.partial_day"), [("2026-10-05T00:00:00.0000001Z", None)]),
    ("Two adjoining grants fill the day", EARNED, [(START, NOON), (NOON, END)]),
    ("Two grants with 100 ns between them do not", missed("access.partial_day"),
     [(START, NOON), ("2026-10-05T12:00:00.0000001Z", END)]),
    ("Two overlapping grants fill the day", EARNED, [(None, "2026-10-05T13:00:00Z"), ("2026-10-05T11:00:00Z", None)]),
    ("Ended at the day's beginning", missed("access.none"), [("2026-10-01T00:00:00Z", START)]),
    ("Begun at the day's end", missed("access.none"), [(END, None)]),
    ("Times with an offset", EARNED, [("2026-10-05T02:00:00+02:00", "2026-10-05T19:00:00-05:00")]),
    ("A date is its midnight", EARNED, [("2026-10-05", "2026-10-06")]),
]
for title, expect, spans in DAYS:
    case("days", title, TROUBLE if title.startswith(("Exactly", "100 ns")) else OWN, expect,
         access(*[grant(start=s, end=e) for s, e in spans]), partner())
case("days", "Grants at subscription and group fill the day together", OWN, EARNED,
     access(grant(start=START, end=NOON), grant(scope=RG, start=NOON, end=END)), partner())
case("days", "Provider in the morning, reseller in the afternoon", OWN, EARNED,
     access(grant(start=START, end=NOON), grant(principal_id=ADMINS2, start=NOON, end=END)),
     partner(resellers_of_record=[reseller()]))
HALF = (access(grant(start=START, end=NOON)), partner())
LATE = (access(grant(start=NOON, end=END)), partner())
case("days", "day = any: half a day earns", EXPLAIN, EARNED, *HALF, policy={"day": "any"})
case("days", "day = any: no time at all does not", OWN, missed("access.none"), access(), partner(), policy={"day": "any"})
case("days", "day = end_of_day: the second half earns", OWN, EARNED, *LATE, policy={"day": "end_of_day"})
case("days", "day = end_of_day: the first half does not", OWN, missed("access.partial_day"), *HALF,
     policy={"day": "end_of_day"})
case("days", "day = end_of_day: the last tick alone earns", OWN, EARNED,
     access(grant(start="2026-10-05T23:59:59.9999999Z", end=END)), partner(), policy={"day": "end_of_day"})
SHIFTED = access(grant(start="2026-10-04T22:00:00Z", end="2026-10-05T22:00:00Z"))
case("days", "day_offset +02:00: the day of UTC 22 to 22", OWN, EARNED, SHIFTED, partner(), policy={"day_offset": "+02:00"})
case("days", "The same grant under UTC", OWN, missed("access.partial_day"), SHIFTED, partner())
case("days", "day_offset -08:00: the day of UTC 8 to 8", OWN, EARNED,
     access(grant(start="2026-10-05T08:00:00Z", end="2026-10-06T08:00:00Z")), partner(), policy={"day_offset": "-08:00"})
HOLE = access(grant(start=START, end=NOON), grant(start="2026-10-05T12:10:00Z", end=END))
case("days", "gap_tolerance 10m: a gap of 10 minutes is none", OWN, EARNED, HOLE, partner(), policy={"gap_tolerance": "10m"})
case("days", "gap_tolerance 599s: a gap of 10 minutes is one", OWN, missed("access.partial_day"), HOLE, partner(),
     policy={"gap_tolerance": "599s"})
case("days", "gap_tolerance does not make a day of nothing", OWN, missed("access.none"), access(), partner(),
     policy={"gap_tolerance": "24h"})
TWO_DAYS = [line(), line(date="2026-10-06")]
OVER = access(grant(end="2026-10-05T23:55:00Z"), grant(start="2026-10-06T00:05:00Z"))
case("days", "gap_tolerance 10m: a gap over midnight is measured as a whole, and closed for both days", OWN,
     [EARNED, EARNED], OVER, partner(), TWO_DAYS, policy={"gap_tolerance": "10m"})
case("days", "gap_tolerance 599s: a gap over midnight is measured as a whole, and open in both days", OWN,
     [missed("access.partial_day")] * 2, OVER, partner(), TWO_DAYS, policy={"gap_tolerance": "599s"})
case("days", "gap_tolerance 10m: a gap that ends at midnight", OWN, [EARNED, EARNED],
     access(grant(end="2026-10-05T23:50:00Z"), grant(start=END)), partner(), TWO_DAYS, policy={"gap_tolerance": "10m"})
case("days", "gap_tolerance 10m: 100 ns too long", OWN, [missed("access.partial_day"), EARNED],
     access(grant(end="2026-10-05T23:49:59.9999999Z"), grant(start=END)), partner(), TWO_DAYS,
     policy={"gap_tolerance": "10m"})
case("days", "gap_tolerance: nothing covered before is no gap", OWN, missed("access.partial_day"),
     access(grant(start="2026-10-05T00:05:00Z")), partner(), policy={"gap_tolerance": "10m"})
case("days", "gap_tolerance: nothing covered after is no gap", OWN, missed("access.partial_day"),
     access(grant(end="2026-10-05T23:55:00Z")), partner(), policy={"gap_tolerance": "10m"})
case("days", "gap_tolerance: something covered a week before makes a gap of a week", OWN, missed("access.partial_day"),
     access(grant(end="2026-09-28T00:05:00Z"), grant(start="2026-10-05T00:05:00Z")), partner(),
     policy={"gap_tolerance": "10m"})
LONG = access(grant(end="2026-10-04T18:00:00Z"), grant(start="2026-10-06T06:00:00Z"))
THREE_DAYS = [line(date=f"2026-10-{d:02}") for d in (4, 5, 6)]
case("days", "gap_tolerance 36h: a gap longer than a day", OWN, [EARNED] * 3, LONG, partner(), THREE_DAYS,
     policy={"gap_tolerance": "1d12h"})
case("days", "gap_tolerance 36h and day = any: a day in the gap", OWN, [EARNED] * 3, LONG, partner(), THREE_DAYS,
     policy={"gap_tolerance": "36h", "day": "any"})
case("days", "gap_tolerance 35h and day = any: a day in the gap", OWN, [EARNED, missed("access.none"), EARNED], LONG,
     partner(), THREE_DAYS, policy={"gap_tolerance": "35h", "day": "any"})
case("days", "gap_tolerance and day = end_of_day: the last tick in a gap over midnight", OWN, EARNED, OVER, partner(),
     policy={"gap_tolerance": "10m", "day": "end_of_day"})
case("days", "gap_tolerance and day = end_of_day: the last tick with nothing after it", OWN, missed("access.partial_day"),
     access(grant(end="2026-10-05T23:55:00Z")), partner(), policy={"gap_tolerance": "10m", "day": "end_of_day"})
case("days", "gap_tolerance and day_offset: midnight is another, the gap is the same", OWN, [EARNED, EARNED],
     access(grant(end="2026-10-05T21:55:00Z"), grant(start="2026-10-05T22:05:00Z")), partner(), TWO_DAYS,
     policy={"gap_tolerance": "10m", "day_offset": "+02:00"})
case("days", "gap_tolerance: a gap between what is unknown and what is sure", OWN, unknown("access.role_unknown"),
     access(grant(role_id=RBAC_ADMIN, end="2026-10-05T11:55:00Z"), grant(start="2026-10-05T12:05:00Z")), partner(),
     policy={"gap_tolerance": "10m"})
case("days", "gap_tolerance: what is unknown the day before closes the gap over midnight", OWN,
     unknown("access.role_unknown"),
     access(grant(role_id=RBAC_ADMIN, end="2026-10-04T23:55:00Z"), grant(start="2026-10-05T00:05:00Z")), partner(),
     policy={"gap_tolerance": "10m"})
case("days", "gap_tolerance: a gap before the time that is not observed", OWN,
     [unknown("access.unobserved"), unknown("access.unobserved")],
     access(grant(end="2026-10-05T11:55:00Z"), observed=[window("2026-08-01T00:00:00Z", NOON)]), partner(), TWO_DAYS,
     policy={"gap_tolerance": "10m"})

# ------------------------------------------------------------ scopes

case("scopes", "A grant at the resource, its group, its subscription", EXPLAIN, [EARNED] * 3,
     access(grant()), partner(), [line(), line(resource_id=None, resource_group="rg1"), line(resource_id=None)])
case("scopes", "A grant at the group reaches its resources, not the subscription", EXPLAIN,
     [EARNED, EARNED, missed("access.none")], access(grant(scope=RG)), partner(),
     [line(), line(resource_id=None, resource_group="RG1"), line(resource_id=None)])
case("scopes", "A grant at the machine reaches its extension, not its disk", EXPLAIN,
     [EARNED, EARNED, missed("access.none")], access(grant(scope=VM)), partner(),
     [line(), line(resource_id=VM + "/extensions/x"),
      line(resource_id=RG + "/providers/Microsoft.Compute/disks/vm")])
case("scopes", "rg1 is not above rg10", OWN, [EARNED, missed("access.none")], access(grant(scope=RG)), partner(),
     [line(), line(resource_id=VM.replace("rg1", "rg10"))])
case("scopes", "Case, doubled and trailing slashes make no difference", OWN, [EARNED] * 3,
     access(grant(scope=f"/SUBSCRIPTIONS/{SUB.upper()}//resourcegroups/RG1/")), partner(),
     [line(), line(resource_id=VM.upper()), line(resource_id=VM.lower(), subscription_id=None)])
case("scopes", "Another subscription's grant", OWN, missed("access.none"), access(grant(scope="/subscriptions/" + SUB2)),
     partner())
case("scopes", "A management group above the subscription", OWN, EARNED, access(grant(scope=MG), hierarchy=[edge(S, MG)]),
     partner())
case("scopes", "A management group two above", OWN, EARNED,
     access(grant(scope=ROOT), hierarchy=[edge(S, MG), edge(MG, ROOT)]), partner())
case("scopes", "management_group = ignore", OWN, missed("access.none"),
     access(grant(scope=MG), hierarchy=[edge(S, MG)]), partner(), policy={"management_group": "ignore"})
case("scopes", "Another tenant's group of the same name", OWN, missed("access.none"),
     access(grant(scope=MG, tenant_id=CUSTOMER2), hierarchy=[edge(S, MG)]), partner())
case("scopes", "The group's tenant unstated: whatever the hierarchy puts below", OWN, EARNED,
     access(grant(scope=MG, tenant_id=None), hierarchy=[edge(S, MG)]), partner())
case("scopes", "Moved out of the group at noon", OWN, missed("access.partial_day"),
     access(grant(scope=MG), hierarchy=[edge(S, MG, end=NOON), edge(S, ROOT, start=NOON)]), partner())
case("scopes", "Moved to another group that has its own grant", OWN, EARNED,
     access(grant(scope=MG), grant(scope=ROOT, start=NOON),
            hierarchy=[edge(S, MG, end=NOON), edge(S, ROOT, start=NOON)]), partner())
case("scopes", "No parent known while a group's grant would help", OWN, unknown("access.unproven"),
     access(grant(scope=MG)), partner())
case("scopes", "No parent known, but the group's grant would not help", OWN, missed("access.none"),
     access(grant(scope=MG, role_id=READER)), partner())
case("scopes", "No parent known, absence = assume", OWN, missed("access.none"), access(grant(scope=MG)), partner(),
     policy={"absence": "assume"})
case("scopes", "Root scope of the tenant the partner file puts the subscription in", OWN, EARNED,
     access(grant(scope="/")), partner(customers=[{"customer_id": CUSTOMER, "market": "DE", "subscriptions": [SUB]}]))
case("scopes", "Root scope of another tenant", OWN, missed("access.none"), access(grant(scope="/", tenant_id=CUSTOMER2)),
     partner(customers=[{"customer_id": CUSTOMER, "market": "DE", "subscriptions": [SUB]}]))



def customer(tenant=CUSTOMER):
    return partner(customers=[{"customer_id": tenant, "market": "DE", "subscriptions": [SUB]}])


NULL = [edge(S, MG, tenant=None)]
ANYBODYS = [line(customer_id=None)]
for where, scope in (("Group", MG), ("Root", "/")):
    case("scopes", f"{where} of another tenant than the line's customer, no parent known: does not help", OWN,
         missed("access.none"), access(grant(scope=scope, tenant_id=CUSTOMER2)), partner())
    case("scopes", f"{where} of another tenant than the partner file's customer, no parent known: does not help", OWN,
         missed("access.none"), access(grant(scope=scope, tenant_id=CUSTOMER2)), customer(), ANYBODYS)
    case("scopes", f"{where} of the line's customer, no parent known: unproven", OWN, unknown("access.unproven"),
         access(grant(scope=scope)), partner())
    case("scopes", f"{where} of a tenant, no parent and no customer known: unproven", OWN, unknown("access.unproven"),
         access(grant(scope=scope)), partner(), ANYBODYS)
    case("scopes", f"{where} of a tenant above by null-tenant rows, the subscription that tenant's", OWN, EARNED,
         access(grant(scope=scope), hierarchy=NULL), customer())
    case("scopes", f"{where} of a tenant above by null-tenant rows, the subscription another's", OWN,
         missed("access.none"), access(grant(scope=scope), hierarchy=NULL), customer(CUSTOMER2), ANYBODYS)
    case("scopes", f"{where} of a tenant above by null-tenant rows, the line's customer another", OWN,
         missed("access.none"), access(grant(scope=scope), hierarchy=NULL), partner(), [line(customer_id=CUSTOMER2)])
    case("scopes", f"{where} of a tenant above by null-tenant rows, nothing but the line's customer said: unproven", OWN,
         [unknown("access.unproven")] * 2, access(grant(scope=scope), hierarchy=NULL), partner(), [line()] + ANYBODYS)
    case("scopes", f"{where} of a tenant above by null-tenant rows, absence = assume", OWN, missed("access.none"),
         access(grant(scope=scope), hierarchy=NULL), partner(), policy={"absence": "assume"})
    case("scopes", f"{where} of another tenant denied, no parent known: nothing is denied", OWN, EARNED,
         access(grant(), denies=[deny(scope=scope, tenant_id=CUSTOMER2)]), partner())
    case("scopes", f"{where} denied, no parent known: unproven", OWN, unknown("access.unproven"),
         access(grant(), denies=[deny(scope=scope)]), partner())
    case("scopes", f"{where} denied, no parent known, absence = assume: not denied", OWN, EARNED,
         access(grant(), denies=[deny(scope=scope)]), partner(), policy={"absence": "assume"})
    case("scopes", f"{where} denied, no parent known, deny = block: unproven", OWN, unknown("access.unproven"),
         access(grant(), denies=[deny(scope=scope)]), partner(), policy={"deny": "block"})
    case("scopes", f"{where} denied, no parent known, deny = ignore", OWN, EARNED,
         access(grant(), denies=[deny(scope=scope)]), partner(), policy={"deny": "ignore"})
    case("scopes", f"{where} denied, above by null-tenant rows: unproven", OWN, unknown("access.unproven"),
         access(grant(), denies=[deny(scope=scope)], hierarchy=NULL), partner())
    case("scopes", f"{where} denied, the parent known", OWN, unknown("access.denied"),
         access(grant(), denies=[deny(scope=scope)], hierarchy=[edge(S, MG)]), partner())
case("scopes", "The customer that the partner file proves wins over the line's", OWN, unknown("access.unproven"),
     access(grant(scope=MG)), customer(), [line(customer_id=CUSTOMER2)])
case("scopes", "A group above by null-tenant rows that is not the grant's", OWN, missed("access.none"),
     access(grant(scope=ROOT), hierarchy=NULL), partner())
case("scopes", "A group's grant without a tenant, above by null-tenant rows", OWN, EARNED,
     access(grant(scope=MG, tenant_id=None), hierarchy=NULL), partner())
case("scopes", "Perhaps denied until noon, sure after: unproven", OWN, unknown("access.unproven"),
     access(grant(), denies=[deny(scope=MG, end=NOON)]), partner())
case("scopes", "Perhaps denied, but another grant is not", OWN, EARNED,
     access(grant(), direct(), denies=[deny(scope=MG, everyone=False, principal_ids=[ADMINS])]), partner())

# ------------------------------------------------------------ the order of reasons, and the policies of access

OBSERVED = [window("2026-08-01T00:00:00Z", "2026-11-01T00:00:00Z")]
case("reasons", "earned", TROUBLE, EARNED, access(grant(), observed=OBSERVED), partner())
case("reasons", "access.denied, unknown", TROUBLE, unknown("access.denied"), access(grant(), denies=[deny()]), partner())
case("reasons", "access.denied under deny = block", TROUBLE, missed("access.denied"), access(grant(), denies=[deny()]),
     partner(), policy={"deny": "block"})
case("reasons", "A deny under deny = ignore", OWN, EARNED, access(grant(), denies=[deny()]), partner(),
     policy={"deny": "ignore"})
for title, d in [
    ("A deny of data actions alone", deny(actions=[])),
    ("A deny of somebody else", deny(everyone=False, principal_ids=[ADMINS2])),
    ("A deny that excludes the group", deny(exclude_principal_ids=[ADMINS])),
    ("A deny at the subscription that does not apply to children", deny(applies_to_children=False)),
    ("A deny at another group", deny(scope=S + "/resourceGroups/rg10")),
    ("A deny that ended before the day", deny(end=START)),
]:
    case("reasons", title + " does not count", OWN, EARNED, access(grant(), denies=[d]), partner())
case("reasons", "A deny that names the group, of one control action, at the line's own scope", OWN,
     unknown("access.denied"),
     access(grant(), denies=[deny(everyone=False, principal_ids=[ADMINS.upper()], actions=["*/write"], scope=VM,
                                  applies_to_children=False)]), partner())
case("reasons", "everyone wins over the principals named", OWN, unknown("access.denied"),
     access(grant(), denies=[deny(principal_ids=[ADMINS2])]), partner())
case("reasons", "Another grant, not denied, earns", OWN, EARNED,
     access(grant(), direct(), denies=[deny(everyone=False, principal_ids=[ADMINS])]), partner())
case("reasons", "Denied until noon, nothing else: with the deny lifted the day would be full", OWN,
     unknown("access.denied"), access(grant(), denies=[deny(start=START, end=NOON)]), partner())
case("reasons", "Denied until noon, no grant after: proven no, at best a part of the day", OWN,
     missed("access.partial_day"),
     access(grant(start=START, end=NOON), denies=[deny()]), partner())
case("reasons", "access.unobserved: the last observation is before the day", OWN, unknown("access.unobserved"),
     access(grant(), observed=[window("2026-08-01T00:00:00Z", START)]), partner())
case("reasons", "access.unobserved: observed until noon", OWN, unknown("access.unobserved"),
     access(grant(), observed=[window("2026-08-01T00:00:00Z", NOON)]), partner())
case("reasons", "access.unobserved: an announced end after the last observation proves nothing", OWN,
     unknown("access.unobserved"),
     access(grant(end="2027-01-01T00:00:00Z"), observed=[window("2026-08-01T00:00:00Z", NOON)]), partner())
case("reasons", "Unobserved after noon, but nobody held anything before: proven no", OWN, missed("access.none"),
     access(observed=[window("2026-08-01T00:00:00Z", NOON)]), partner())
case("reasons", "No access data at all", OWN, unknown("access.unobserved"), None, partner())
SNAPSHOT = [window("2026-11-01T06:00:00Z", "2026-11-01T06:00:00Z")]
case("reasons", "A snapshot proves a dated grant from its start on", OWN, EARNED, access(grant(), observed=SNAPSHOT),
     partner())
case("reasons", "access.unproven: a snapshot without a grant", OWN, unknown("access.unproven"),
     access(observed=SNAPSHOT), partner())
case("reasons", "absence = assume: a snapshot without a grant", OWN, missed("access.none"), access(observed=SNAPSHOT),
     partner(), policy={"absence": "assume"})
case("reasons", "absence = assume: a grant from noon on", OWN, missed("access.partial_day"),
     access(grant(start=NOON), observed=SNAPSHOT), partner(), policy={"absence": "assume"})
case("reasons", "access.unproven: before noon nothing is proved of a grant from noon on", OWN,
     unknown("access.unproven"), access(grant(start=NOON), observed=SNAPSHOT), partner())
case("reasons", "A null start covers from the first observation on", OWN, [unknown("access.unproven"), EARNED],
     access(grant(start=None), observed=[window("2026-10-06T00:00:00Z", "2026-11-01T00:00:00Z")]), partner(),
     [line(), line(date="2026-10-06")])
case("reasons", "A null start under a complete history", OWN, EARNED, access(grant(start=None)), partner())
case("reasons", "A gap between windows is unproven", OWN, unknown("access.unproven"),
     access(observed=[window("2026-08-01T00:00:00Z", START), window(END, "2026-11-01T00:00:00Z")]), partner())
case("reasons", "A gap between windows does not end a grant", OWN, EARNED,
     access(grant(), observed=[window("2026-08-01T00:00:00Z", START), window(END, "2026-11-01T00:00:00Z")]), partner())
case("reasons", "Adjoining windows leave no gap", OWN, missed("access.none"),
     access(observed=[window("2026-08-01T00:00:00Z", NOON), window(NOON, "2026-11-01T00:00:00Z")]), partner())
case("reasons", "A window at the group serves the group only", OWN,
     [missed("access.none"), unknown("access.unobserved")],
     access(observed=[window("2026-08-01T00:00:00Z", "2026-11-01T00:00:00Z", RG)]), partner(),
     [line(), line(resource_id=None)])
UNNAMED = {"id": "33333333-0000-0000-0000-000000000001", "delegated": True, "scope": S, "at": NOON, "start": START}
case("reasons", "access.unproven: a delegation of which only the name is known may have been there", OWN,
     unknown("access.unproven"), access(observed=OBSERVED, nameless=[UNNAMED]), partner())
case("reasons", "A grant of which only the name is known takes nothing from one that is proved", OWN, EARNED,
     access(grant(), observed=OBSERVED, nameless=[UNNAMED]), partner())
case("reasons", "A grant of which only the name is known, at another group, or before the day", OWN,
     missed("access.none"),
     access(observed=OBSERVED, nameless=[dict(UNNAMED, scope=S + "/resourceGroups/rg10"),
                                         dict(UNNAMED, start=None, end=START)]), partner())
case("reasons", "A complete history says all, whatever has no name", OWN, missed("access.none"),
     access(nameless=[UNNAMED]), partner())
case("reasons", "A parent seen at one moment proves no time", OWN, unknown("access.unproven"),
     access(grant(scope=MG), hierarchy=[edge(S, MG, start=NOON, end=NOON)]), partner())
case("reasons", "access.partner_unknown: a foreign group, no list of groups", TROUBLE, unknown("access.partner_unknown"),
     access(grant()), partner(drop=["aobo_groups"]))
case("reasons", "foreign_group = trust", OWN, EARNED, access(grant()), partner(drop=["aobo_groups"]),
     policy={"foreign_group": "trust"})
case("reasons", "foreign_group = trust does not overrule a complete list", OWN, missed("access.other_partner"),
     access(grant(principal_id=ADMINS3)), partner(), policy={"foreign_group": "trust"})
case("reasons", "access.partner_unknown: a user, no list of principals", OWN, unknown("access.partner_unknown"),
     access(direct(principal_kind="User")), partner(drop=["principals"]))
case("reasons", "foreign_group = trust says nothing of users", OWN, unknown("access.partner_unknown"),
     access(direct(principal_kind="User")), partner(drop=["principals"]), policy={"foreign_group": "trust"})
case("reasons", "A grant of unknown partner with a role that never earns is never unknown", OWN,
     missed("access.role_not_eligible"), access(grant(role_id=READER)), partner(drop=["aobo_groups"]))
NEWER = access(grant(role_id=RBAC_ADMIN))
case("reasons", "access.role_unknown: a role the table does not hold", ROLES, unknown("access.role_unknown"), NEWER, partner())
case("reasons", "unlisted_role = never", OWN, missed("access.role_not_eligible"), NEWER, partner(),
     policy={"unlisted_role": "never"})
case("reasons", "unlisted_role maps the role to earns", OWN, EARNED, NEWER, partner(),
     policy={"unlisted_role": {RBAC_ADMIN.upper(): "earns"}})
case("reasons", "unlisted_role maps the role to never", OWN, missed("access.role_not_eligible"), NEWER, partner(),
     policy={"unlisted_role": {RBAC_ADMIN: "never"}})
case("reasons", "unlisted_role maps another role", OWN, unknown("access.role_unknown"), NEWER, partner(),
     policy={"unlisted_role": {APP: "earns"}})
case("reasons", "custom_role maps the role to earns", OWN, EARNED, NEWER, partner(),
     policy={"custom_role": {RBAC_ADMIN: "earns"}})
case("reasons", "custom_role maps the role to never", OWN, missed("access.role_not_eligible"), NEWER, partner(),
     policy={"custom_role": {RBAC_ADMIN: "never"}})
case("reasons", "A condition is accepted", OWN, EARNED, access(grant(condition="x")), partner())
case("reasons", "condition = unknown", OWN, unknown("access.role_unknown"), access(grant(condition="x")), partner(),
     policy={"condition": "unknown"})
case("reasons", "helpdesk_group = ignore", EXPLAIN, missed("access.none"), access(grant(principal_id=HELPDESK)), partner(),
     policy={"helpdesk_group": "ignore"})
case("reasons", "helpdesk_group = ignore leaves AdminAgents", EXPLAIN, EARNED, access(grant()), partner(),
     policy={"helpdesk_group": "ignore"})
case("reasons", "Two unknowns of one grant count under the earlier", OWN, unknown("access.partner_unknown"),
     access(grant(role_id=RBAC_ADMIN)), partner(drop=["aobo_groups"]))
case("reasons", "Each unknown alone first: the role fills the day, the partner does not", OWN,
     unknown("access.role_unknown"),
     access(grant(start=NOON), grant(role_id=RBAC_ADMIN, partner_id=ONE)), partner(drop=["aobo_groups"]))
case("reasons", "No unknown alone, all together: the first that adds anything", OWN, unknown("access.partner_unknown"),
     access(grant(end=NOON), grant(role_id=RBAC_ADMIN, partner_id=ONE, start=NOON)), partner(drop=["aobo_groups"]))
case("reasons", "Not even all together: a proven no", OWN, missed("access.partial_day"),
     access(grant(end="2026-10-05T06:00:00Z"), grant(role_id=RBAC_ADMIN, start="2026-10-05T06:00:00Z", end=NOON)), partner())
case("reasons", "access.partial_day", TROUBLE, missed("access.partial_day"), *HALF)
case("reasons", "access.eligible_only", LIGHTHOUSE, missed("access.eligible_only"), access(grant(eligible_only=True)), partner())
case("reasons", "access.pal_missing", PAL, missed("access.pal_missing"), access(direct(principal_id=USER)), partner())
case("reasons", "access.other_partner", TROUBLE, missed("access.other_partner"), access(grant(partner_id=THREE)), partner())
case("reasons", "access.role_not_eligible", ROLES, missed("access.role_not_eligible"), access(grant(role_id=READER)), partner())
case("reasons", "access.none", TROUBLE, missed("access.none"), access(), partner())
case("reasons", "The missed reasons in their order", OWN,
     [missed("access.eligible_only"), missed("access.pal_missing"), missed("access.other_partner"),
      missed("access.role_not_eligible"), missed("access.none")],
     access(grant(role_id=READER, end="2026-10-09T00:00:00Z"), grant(partner_id=THREE, end="2026-10-08T00:00:00Z"),
            direct(principal_id=USER, end="2026-10-07T00:00:00Z"), grant(eligible_only=True, end=END)), partner(),
     [line(date=f"2026-10-{d:02}") for d in (5, 6, 7, 8, 9)])
case("reasons", "absence = assume leaves what was proved", OWN, EARNED, access(grant(), observed=OBSERVED), partner(),
     policy={"absence": "assume"})
LEFT = missed("access.partial_day")
case("reasons", "At best a part of the day: an unknown role until noon", OWN, LEFT,
     access(grant(role_id=RBAC_ADMIN, end=NOON)), partner())
case("reasons", "At best a part of the day: an unknown partner until noon", OWN, LEFT, access(grant(end=NOON)),
     partner(drop=["aobo_groups"]))
case("reasons", "At best a part of the day: a group above of which nothing is known, until noon", OWN, LEFT,
     access(grant(scope=MG, end=NOON)), partner())
case("reasons", "At best a part of the day: perhaps denied until noon, no grant after", OWN, LEFT,
     access(grant(end=NOON), denies=[deny(scope=MG)]), partner())
case("reasons", "A group above of which nothing is known, until noon, absence = assume: nobody's", OWN,
     missed("access.none"), access(grant(scope=MG, end=NOON)), partner(), policy={"absence": "assume"})
case("reasons", "Not observed until noon, nobody's grant: the lack of observation is no grant", OWN, missed("access.none"),
     access(observed=[window("2026-08-01T00:00:00Z", START), window(NOON, "2026-11-01T00:00:00Z")]), partner())
case("reasons", "An unknown role until noon, Reader after: a missed code goes before", OWN,
     missed("access.role_not_eligible"), access(grant(role_id=RBAC_ADMIN, end=NOON), grant(role_id=READER, start=NOON)),
     partner())
case("reasons", "An unknown role until noon, another partner in that time: a missed code goes before", OWN,
     missed("access.other_partner"), access(grant(role_id=RBAC_ADMIN, end=NOON), grant(partner_id=THREE, end=NOON)),
     partner())
case("reasons", "Denied until noon, no grant after, deny = block", OWN, missed("access.denied"),
     access(grant(start=START, end=NOON), denies=[deny()]), partner(), policy={"deny": "block"})

case("reasons", "A line of no scope, under a Lighthouse offer above everything", OWN,
     says("unknown", "line.no_scope", "100", "15", "0", "100"), access(offer(scope="/", tenant_id=None)), partner(),
     [line(subscription_id=None, resource_id=None)])

# ------------------------------------------------------------ amounts

case("amounts", "Tables LRS, 0.045 becomes 0.03825", RECON, says("earned", "earned", "0.045", "0.00675", "0.00675", "0.03825"),
     *PLAIN, lines=[line(quantity="1", list_price="0.045")])
case("amounts", "Tables LRS, quantity 0.005001", RECON,
     says("earned", "earned", "0.000225045", "0.00003375675", "0.00003375675", "0.00019128825"),
     *PLAIN, lines=[line(quantity="0.005001", list_price="0.045")])
case("amounts", "The customer spends 100, the partner is billed 85",
     "knowledge.broadcom.com article 284479, 2023-09-18", EARNED, *PLAIN)
case("amounts", "Unit price 0.868, quantity 29: 21.3962 before any cut", "effective-unit-price-calculation, 2021-05-19",
     says("earned", "earned", "25.172", "3.7758", "3.7758", "21.3962"), *PLAIN, lines=[line(quantity="29", list_price="0.868")])
case("amounts", "Unit price 0.868, quantity 210.950039", "effective-unit-price-calculation, 2021-05-19",
     says("earned", "earned", "183.104633852", "27.4656950778", "27.4656950778", "155.6389387742"), *PLAIN,
     lines=[line(quantity="210.950039", list_price="0.868")])
case("amounts", "Unit price 0.868, quantity 555.950039", "effective-unit-price-calculation, 2021-05-19",
     says("earned", "earned", "482.564633852", "72.3846950778", "72.3846950778", "410.1799387742"), *PLAIN,
     lines=[line(quantity="555.950039", list_price="0.868")])
case("amounts", "A correction keeps its sign", OWN, says("earned", "earned", "-100", "-15", "-15", "-85"), *PLAIN,
     lines=[line(quantity="-100")])
case("amounts", "A line of nothing keeps its reason", OWN, [says("earned", "earned", "0", "0", "0", "0")], *PLAIN,
     lines=[line(list_price="0.000")])
case("amounts", "Exponents and bare points are exact", OWN,
     says("earned", "earned", "0.000000003099735", "0.00000000046496025", "0.00000000046496025", "0.00000000263477475"),
     *PLAIN, lines=[line(quantity="6.19947E-09", list_price=".50")])
case("amounts", "28 integer digits, 40 decimals", OWN,
     [{"outcome": "earned", "list_amount": "9" * 28, "net": "8499999999999999999999999999.15"},
      {"outcome": "earned", "list_amount": "0." + "0" * 39 + "1", "credit": "0." + "0" * 40 + "15"}], *PLAIN,
     lines=[line(quantity="9" * 28), line(quantity="1E-40")])
case("amounts", "The day before the rate began: earned, of nothing", "azure-plan-billing, 2019-11-06",
     [{**says("earned", "earned", "100", "0", "0", "100"), "rate": "0"}, EARNED],
     access(grant(start="2019-10-01T00:00:00Z")), partner(), [line(date="2019-10-31"), line(date="2019-11-01")])
case("amounts", "No price on the line, none given", OWN,
     {"outcome": "earned", "reason": "earned", "list_amount": None, "rate": "0.15"}, *PLAIN, lines=[line(list_price=None)])
case("amounts", "No price on the line: the list's", OWN, says("earned", "earned", "50", "7.5", "7.5", "42.5"), *PLAIN,
     lines=[listed(list_price=None)], prices=[price(unit_price="0.5")])
case("amounts", "price_source = list takes the list's price over the line's", OWN,
     says("earned", "earned", "50", "7.5", "7.5", "42.5"), *PLAIN, lines=[listed()], prices=[price(unit_price="0.5")],
     policy={"price_source": "list"})
case("amounts", "price_source = line takes the line's price over the list's", OWN, EARNED, *PLAIN, lines=[listed()],
     prices=[price(unit_price="0.5")])
TIERS = [price(tier_min="1", tier_max="100"), price(tier_min="101", tier_max="100000", unit_price="0.80"),
         price(tier_min="100001", tier_max=None, unit_price="0.50")]
LISTED = {"price_source": "list"}
case("tiers", "Tiers: 101 units are 100.80", PRICE_LIST, says("earned", "earned", "100.8", "15.12", "15.12", "85.68"),
     *PLAIN, lines=[listed(quantity="101")], prices=TIERS, policy=LISTED)
case("tiers", "Tiers: 100001 units", PRICE_LIST,
     says("earned", "earned", "80020.5", "12003.075", "12003.075", "68017.425"), *PLAIN,
     lines=[listed(quantity="100001")], prices=TIERS, policy=LISTED)
case("tiers", "Tiers: month to date by day, in the order of resource id, whatever the order of lines", PRICE_LIST,
     [{"list_amount": "0.8"}, {"list_amount": "40"}, {"list_amount": "60"}, {"list_amount": "1"}], *PLAIN,
     lines=[listed(date="2026-10-07", quantity="1"), listed(date="2026-10-06", quantity="40", resource_id=VM + "2"),
            listed(date="2026-10-05", quantity="60"), listed(date="2026-11-01", quantity="1")],
     prices=TIERS, policy=LISTED)
case("tiers", "Tiers: a day's lines in the order of resource id", OWN, [{"list_amount": "8"}, {"list_amount": "100"}],
     *PLAIN, lines=[listed(quantity="10", resource_id=RG + "/providers/x/y/b"),
                    listed(quantity="100", resource_id=RG + "/providers/x/y/A")], prices=TIERS, policy=LISTED)
case("tiers", "Tiers: a correction goes back down", OWN, [{"list_amount": "100.8"}, {"list_amount": "-1.8"}], *PLAIN,
     lines=[listed(quantity="101"), listed(date="2026-10-06", quantity="-2")], prices=TIERS, policy=LISTED)
case("tiers", "Tiers: lines that never earn do not count", OWN, [{"outcome": "never"}, {"list_amount": "100"}], *PLAIN,
     lines=[listed(quantity="100", charge_type="Refund"), listed(date="2026-10-06")], prices=TIERS, policy=LISTED)
PLANS = [listed(plan_id="plan-1"), listed(date="2026-10-06", plan_id="plan-1", subscription_id=SUB2,
                                          resource_id=VM.replace(SUB, SUB2))]
case("tiers", "tier_scope = plan: two subscriptions of a plan share their tiers", OWN,
     [{"list_amount": "100"}, {"list_amount": "80"}], *PLAIN, lines=PLANS, prices=TIERS, policy=LISTED)
case("tiers", "tier_scope = subscription: each has its own", OWN, [{"list_amount": "100"}, {"list_amount": "100"}],
     *PLAIN, lines=PLANS, prices=TIERS, policy={"price_source": "list", "tier_scope": "subscription"})
case("tiers", "A new price version goes on from the quantity reached", OWN,
     [{"list_amount": "100"}, {"list_amount": "70"}], *PLAIN, lines=[listed(), listed(date="2026-10-06")],
     prices=[dict(t, end="2026-10-06") for t in TIERS] +
            [price(tier_min="1", tier_max="100", unit_price="2", start="2026-10-06"),
             price(tier_min="101", tier_max=None, unit_price="0.7", start="2026-10-06")], policy=LISTED)
case("amounts", "Identical rows are one", OWN, EARNED, *PLAIN, lines=[listed()], prices=[price(), price()], policy=LISTED)
case("amounts", "Rows that say the same of overlapping time are one", OWN, [EARNED] * 3, *PLAIN,
     lines=[listed(), listed(date="2026-10-06"), listed(date="2026-10-07")],
     prices=[price(end="2026-10-07"), price(start="2026-10-06"), price(start="2026-10-05", tier_min="1")], policy=LISTED)
case("amounts", "Rows that differ in publisher, in meters, or in tags that do not matter, say the same", OWN, EARNED,
     *PLAIN, lines=[listed()],
     prices=[price(), price(publisher="Microsoft Corporation"), price(meter_ids=[METER, METER[:-1] + "2"]),
             price(tags=["Azure", "Consumption"])], policy=LISTED)
case("amounts", "No price on the line, tiers in the list: none is known", OWN,
     [{"outcome": "earned", "reason": "earned", "list_amount": None, "potential": None, "credit": None, "net": None}] * 2,
     *PLAIN, lines=[listed(list_price=None), listed(list_price=None, quantity="1")], prices=TIERS)
case("amounts", "A price on the line, tiers in the list: the line's, and no tiers", OWN,
     {"outcome": "earned", "list_amount": "1000"}, *PLAIN, lines=[listed(quantity="1000")], prices=TIERS)
case("tiers", "rounding leaves lines exact", OWN, says("earned", "earned", "0.045", "0.00675", "0.00675", "0.03825"),
     *PLAIN, lines=[line(quantity="1", list_price="0.045")], policy={"rounding": "invoice_nested"})

case("tiers", "Tiers: a correction first in the month goes below 0 at the first tier's price", OWN,
     [{"list_price": "1", "list_amount": "-2"}, {"list_price": None, "list_amount": "103.6"}, {"list_price": "0.8", "list_amount": "1.6"}],
     *PLAIN, lines=[listed(quantity="-2"), listed(date="2026-10-06", quantity="104"), listed(date="2026-10-07", quantity="2")],
     prices=TIERS, policy=LISTED)
case("tiers", "Tiers: lines that say the same are rated one after the other", OWN,
     [{"list_price": "1", "list_amount": "60"}, {"list_price": None, "list_amount": "56"}, {"list_price": "0.8", "list_amount": "48"}],
     *PLAIN, lines=[listed(quantity="60")] * 3, prices=TIERS, policy=LISTED)
case("tiers", "Tiers: lines that say the same and never earn are all priced at the quantity reached", OWN,
     [{"list_amount": "95"}, {"reason": "line.refund", "list_price": None, "list_amount": "9"},
      {"reason": "line.refund", "list_price": None, "list_amount": "9"}, {"list_amount": "21"}],
     *PLAIN, lines=[listed(quantity="95")] + [listed(date="2026-10-06", quantity="10", charge_type="Refund")] * 2 +
     [listed(date="2026-10-07", quantity="25")], prices=TIERS, policy=LISTED)
case("tiers", "Tiers end within the month: one price from then on", OWN,
     [{"list_price": None, "list_amount": "100.8"}, {"list_price": "0.7", "list_amount": "2.1"}], *PLAIN,
     lines=[listed(quantity="101"), listed(date="2026-10-06", quantity="3")],
     prices=[dict(t, end="2026-10-06") for t in TIERS] + [price(unit_price="0.7", start="2026-10-06")], policy=LISTED)
for title, lines, expect in [
    ("up to a border and on from it", ["100", "1", "99899", "1", "1"],
     [("1", "100"), ("0.8", "0.8"), ("0.8", "79919.2"), ("0.5", "0.5"), ("0.5", "0.5")]),
    ("over a border", ["99", "2"], [("1", "99"), (None, "1.8")]),
    ("over two borders", ["99", "100000"], [("1", "99"), (None, "79970.5")]),
    ("back to a border and below it", ["101", "-1", "-1"], [(None, "100.8"), ("0.8", "-0.8"), ("1", "-1")]),
    ("back over a border", ["101", "-2"], [(None, "100.8"), (None, "-1.8")]),
    ("nothing at a border, which belongs to the tier below", ["100", "0", "1"], [("1", "100"), ("1", "0"), ("0.8", "0.8")]),
    ("back below 0", ["1", "-3"], [("1", "1"), ("1", "-3")]),
]:
    case("tiers", f"Tiers, the price of a unit: {title}", OWN,
         [{"list_price": unit, "list_amount": amount} for unit, amount in expect], *PLAIN,
         lines=[listed(date=f"2026-10-{5 + n:02}", quantity=quantity) for n, quantity in enumerate(lines)],
         prices=TIERS, policy=LISTED)
case("amounts", "The price of a unit: the line's own, else the list's, else none", OWN,
     [{"list_price": "1.5"}, {"list_price": "0.5"}, {"list_price": None}], *PLAIN,
     lines=[listed(list_price="1.50"), listed(list_price=None), listed(list_price=None, product_id="DZH318Z0XXXX")],
     prices=[price(unit_price="0.5")])
case("amounts", "The price of a unit: the list's alone", OWN, [{"list_price": "0.5"}, {"list_price": None}], *PLAIN,
     lines=[listed(), listed(product_id="DZH318Z0XXXX")], prices=[price(unit_price="0.5")], policy=LISTED)

# ------------------------------------------------------------ what exports add: bounds, role definitions, links

EVENING = "2026-10-05T18:00:00Z"
DAYS_AROUND = [line(date="2026-10-04"), line(), line(date="2026-10-06")]
PERHAPS = dict(end=START, end_latest=END)  # surely until the day begins, perhaps all of it
case("exports", "Surely held until noon, perhaps until midnight; the day before, the day after", OWN,
     [EARNED, unknown("access.unproven"), missed("access.none")], access(grant(end=NOON, end_latest=END)), partner(),
     DAYS_AROUND)
case("exports", "Surely held from noon, perhaps from midnight", OWN,
     [missed("access.none"), unknown("access.unproven"), EARNED], access(grant(start=NOON, start_earliest=START)),
     partner(), DAYS_AROUND)
case("exports", "Bounds that are the ends themselves", OWN, EARNED,
     access(grant(start=START, start_earliest=START, end=END, end_latest=END)), partner())
case("exports", "At the most until the evening: a proven no", OWN, missed("access.partial_day"),
     access(grant(end=NOON, end_latest=EVENING)), partner())
case("exports", "Perhaps until the evening, and surely not before: a proven no", OWN, missed("access.partial_day"),
     access(grant(end=START, end_latest=EVENING)), partner())
case("exports", "absence = assume: what is not shown was not there", OWN,
     [missed("access.partial_day"), missed("access.none")], access(grant(end=NOON, end_latest="2026-10-07")), partner(),
     [line(), line(date="2026-10-06")], policy={"absence": "assume"})
case("exports", "Perhaps until midnight, and another surely from noon on", OWN, EARNED,
     access(grant(end=NOON, end_latest=END), grant(start=NOON)), partner())
case("exports", "Seen at noon alone: unproven, whatever the day asks for", OWN, unknown("access.unproven"),
     access(grant(start=NOON, end=NOON, start_earliest=START, end_latest=END)), partner())
for day in ("any", "end_of_day"):
    case("exports", f"Seen at noon alone, day = {day}", OWN, unknown("access.unproven"),
         access(grant(start=NOON, end=NOON, start_earliest=START, end_latest=END)), partner(), policy={"day": day})
case("exports", "day = any: the sure half is enough", OWN, EARNED, access(grant(end=NOON, end_latest=END)), partner(),
     policy={"day": "any"})
case("exports", "gap_tolerance closes an uncertain gap like any other", OWN, EARNED,
     access(grant(end="2026-10-05T11:55:00Z", end_latest="2026-10-05T12:01:00Z"), grant(start="2026-10-05T12:05:00Z")),
     partner(), policy={"gap_tolerance": "10m"})
for title, expect, held in [
    ("Reader", missed("access.none"), grant(role_id=READER, **PERHAPS)),
    ("Reader, a sure half day of it", missed("access.role_not_eligible"),
     grant(role_id=READER, end=NOON, end_latest=END)),
    ("An eligible assignment", missed("access.none"), grant(eligible_only=True, **PERHAPS)),
    ("An eligible assignment, a sure half day of it", missed("access.eligible_only"),
     grant(eligible_only=True, end=NOON, end_latest=END)),
    ("Another partner's Owner", missed("access.none"), grant(principal_id=ADMINS3, **PERHAPS)),
    ("A principal without a link", missed("access.none"), direct(principal_id=USER, principal_kind="User", **PERHAPS)),
    ("The customer's own", missed("access.none"), direct(principal_id=APP3, **PERHAPS)),
]:
    case("exports", f"{title}, perhaps held that day: could not have helped", OWN, expect, access(held), partner())
case("exports", "A role of unknown worth, perhaps held that day: the earlier kind", OWN, unknown("access.unproven"),
     access(grant(role_id=RBAC_ADMIN, **PERHAPS)), partner())
case("exports", "A principal of unknown partner, perhaps held that day: the earlier kind", OWN,
     unknown("access.unproven"), access(grant(**PERHAPS)), partner(drop=["aobo_groups"]))
case("exports", "Perhaps held and surely denied: the earlier kind", OWN, unknown("access.denied"),
     access(grant(**PERHAPS), denies=[deny()]), partner())
case("exports", "Perhaps held and surely denied, deny = block: surely nothing", OWN, missed("access.none"),
     access(grant(**PERHAPS), denies=[deny()]), partner(), policy={"deny": "block"})
case("exports", "Perhaps held until after the last observation: that is not observed", OWN,
     [unknown("access.unproven"), unknown("access.unobserved")],
     access(grant(end=NOON, end_latest="2026-12-01"), observed=[window("2026-08-01", END)]), partner(),
     [line(), line(date="2026-10-06")])
MAYBE = deny(start=END, start_earliest="2026-09-01")
for policy, expect in [(None, unknown("access.unproven")), ({"deny": "block"}, unknown("access.unproven")),
                       ({"deny": "ignore"}, EARNED), ({"absence": "assume"}, EARNED)]:
    case("exports", f"A deny that may have held already, {json.dumps(policy or {})}", OWN, expect,
         access(grant(), denies=[MAYBE]), partner(), policy=policy)
case("exports", "A deny that was seen at noon alone", OWN, unknown("access.unproven"),
     access(grant(), denies=[deny(start=NOON, end=NOON, start_earliest="2026-09-01", end_latest="2026-12-01")]), partner())
for mode, expect in (("unknown", unknown("access.denied")), ("block", missed("access.denied"))):
    case("exports", f"A deny surely from noon, perhaps from midnight, deny = {mode}", OWN, expect,
         access(grant(), denies=[deny(start=NOON, start_earliest=START)]), partner(), policy={"deny": mode})
case("exports", "A deny that may hold makes no time earned either", OWN, missed("access.none"),
     access(denies=[MAYBE]), partner())


def role(role_id=OWNER, custom=False, tenant=None, *blocks):
    return {"role_id": role_id, "tenant_id": tenant, "name": "a role", "custom": custom,
            "permissions": [{"actions": actions, "not_actions": but} for actions, but in blocks]}


def unlisted(*roles, **given):
    return access(grant(role_id=RBAC_ADMIN, **given), roles=list(roles))


CUSTOM, BUILT_IN = role(RBAC_ADMIN, True, CUSTOMER), role(RBAC_ADMIN, False)
NEVER_ELIGIBLE, NOT_KNOWN = missed("access.role_not_eligible"), unknown("access.role_unknown")
for title, expect, acc, policy in [
    ("custom, custom_role = never", NEVER_ELIGIBLE, unlisted(CUSTOM), {"custom_role": "never"}),
    ("custom, unlisted_role = never", NOT_KNOWN, unlisted(CUSTOM), {"unlisted_role": "never"}),
    ("built in, custom_role = never", NOT_KNOWN, unlisted(BUILT_IN), {"custom_role": "never"}),
    ("built in, unlisted_role = never", NEVER_ELIGIBLE, unlisted(BUILT_IN), {"unlisted_role": "never"}),
    ("custom, the map of the other key", NOT_KNOWN, unlisted(CUSTOM), {"unlisted_role": {RBAC_ADMIN: "earns"}}),
    ("custom, the map of its key", EARNED, unlisted(CUSTOM), {"custom_role": {RBAC_ADMIN: "earns"}}),
    ("another tenant's custom one: nothing is assumed", NOT_KNOWN, unlisted(role(RBAC_ADMIN, True, CUSTOMER2)),
     {"custom_role": "never"}),
    ("custom of no named tenant", NEVER_ELIGIBLE, unlisted(role(RBAC_ADMIN, True)), {"custom_role": "never"}),
    ("custom, the grant's tenant not known", NEVER_ELIGIBLE, unlisted(CUSTOM, tenant_id=None), {"custom_role": "never"}),
    ("not among those given: nothing is assumed", NOT_KNOWN, unlisted(role(OWNER)), {"custom_role": "never"}),
    ("custom by one and built in by another: nothing is assumed", NOT_KNOWN, unlisted(CUSTOM, BUILT_IN),
     {"custom_role": "never"}),
    ("custom, but the grant says otherwise", NOT_KNOWN, unlisted(CUSTOM, custom_role=False), {"custom_role": "never"}),
    ("custom, says the grant alone", NEVER_ELIGIBLE, unlisted(custom_role=True), {"custom_role": "never"}),
]:
    case("exports", f"A role outside the table by its definition: {title}", OWN, expect, acc, partner(), policy=policy)
case("exports", "The published table goes before a role definition", OWN, EARNED,
     access(grant(), roles=[role(OWNER, True)]), partner(), policy={"custom_role": "never"})

ALL, READS = (["*"], []), (["*/read"], [])
COMPUTE = (["Microsoft.Compute/*", "Microsoft.Authorization/*/read"], [])
CONTRIBUTOR = (["*"], ["Microsoft.Authorization/*/Delete", "Microsoft.Authorization/*/Write"])
DENIED = unknown("access.denied")
for title, expect, blocks, actions, but in [
    ("everything, of a role that permits everything", DENIED, [ALL], ["*"], []),
    ("writing, of a role that only reads", EARNED, [READS], ["*/write"], []),
    ("writing, of a role of one service", DENIED, [COMPUTE], ["*/write"], []),
    ("another service", EARNED, [COMPUTE], ["Microsoft.Network/*"], []),
    ("one action of the service, in capitals", DENIED, [COMPUTE], ["MICROSOFT.COMPUTE/DISKS/WRITE"], []),
    ("what the role takes out again", EARNED, [CONTRIBUTOR], ["Microsoft.Authorization/roleAssignments/write"], []),
    ("what one block takes out and another permits", DENIED, [CONTRIBUTOR, (["Microsoft.Authorization/*"], [])],
     ["Microsoft.Authorization/roleAssignments/write"], []),
    ("everything but reading, of a role that only reads", EARNED, [READS], ["*"], ["*/read"]),
    ("everything but reading, of a role of one service", DENIED, [COMPUTE], ["*"], ["*/read"]),
    ("nothing, as all is taken out again", EARNED, [ALL], ["*"], ["*"]),
    ("everything, of a role without control-plane actions", EARNED, [([], [])], ["*"], []),
    ("writing, of a role whose definition names no block: it may", DENIED, [], ["*/write"], []),
    ("a star within, that crosses slashes", DENIED, [COMPUTE], ["microsoft.*/vm/*/action"], []),
]:
    case("exports", f"A deny of {title}", OWN, expect,
         access(grant(), denies=[deny(actions=actions, not_actions=but)], roles=[role(OWNER, False, None, *blocks)]),
         partner())
case("exports", "A deny of everything but reading, the role not defined", OWN, DENIED,
     access(grant(), denies=[deny(not_actions=["*/read"])], roles=[role(READER, False, None, READS)]), partner())
case("exports", "A deny of writing, one definition of the role reads and another writes", OWN, DENIED,
     access(grant(), denies=[deny(actions=["*/write"])],
            roles=[role(OWNER, False, None, READS), role(OWNER, False, None, ALL)]), partner())
case("exports", "Two denies, one of another service", OWN, unknown("access.denied"),
     access(grant(), denies=[deny(actions=["Microsoft.Network/*"]), deny(actions=["Microsoft.Compute/*"], start=NOON)],
            roles=[role(OWNER, False, None, COMPUTE)]), partner())


def link(principal=APP3, who=ONE, tenant=CUSTOMER, start=None, end=None):
    return {"principal_id": principal, "partner_id": who, "linked": {"tenant_id": tenant, "start": start, "end": end}}


OURS = direct(principal_id=APP3)
UNNAMED = "e0000009-0000-4000-8000-0000000000e9"
case("exports", "A link places a principal that the complete list leaves out; others stay out", OWN, EARNED,
     access(OURS, links=[link()]), partner())
case("exports", "... and nobody else", OWN, missed("access.none"),
     access(direct(principal_id=UNNAMED), links=[link()]), partner())
case("exports", "A link places a principal where there is no list", OWN, EARNED, access(OURS, links=[link()]),
     partner(drop=["principals"]))
case("exports", "... and nobody else is placed", OWN, unknown("access.partner_unknown"),
     access(direct(principal_id=UNNAMED), links=[link()]), partner(drop=["principals"]))
case("exports", "Without a partner file a link places its principal for its span", OWN,
     [missed("access.pal_missing"), missed("access.partial_day"), EARNED], access(OURS, links=[link(start=NOON)]),
     lines=DAYS_AROUND)
case("exports", "Without a partner file a principal that no link names is unknown", OWN, unknown("access.partner_unknown"),
     access(direct(principal_id=UNNAMED), links=[link()]))
case("exports", "A link for another partner's id", OWN, missed("access.other_partner"),
     access(OURS, links=[link(who=THREE)]), partner())
case("exports", "A link made in another tenant", PAL, missed("access.pal_missing"),
     access(OURS, links=[link(tenant=ELSEWHERE)]), partner())
case("exports", "A link of the list until noon and one of an export from noon on", OWN, EARNED,
     access(direct(), links=[link(APP, start=NOON)]), partner(principals=linked(end=NOON)))
case("exports", "A link that list and export both show", OWN, EARNED, access(direct(), links=[link(APP), link(APP)]),
     partner())
case("exports", "A listed principal without a link, whose link an export shows", OWN, EARNED,
     access(direct(principal_id=USER), links=[link(USER)]), partner())
case("exports", "Lighthouse by template, a link in the partner's tenant, without a list", OWN, EARNED,
     access(template(principal_id=APP3), links=[link(tenant=HOME)]), partner(drop=["principals"]))
case("exports", "Lighthouse by template, without a partner file: where the link was made is not tested", OWN, EARNED,
     access(template(principal_id=APP3), links=[link(tenant=ELSEWHERE)]))
case("exports", "Lighthouse by Marketplace offer, the principal placed by an entry without a link", OWN, EARNED,
     access(offer(principal_id=APP3), links=[{"principal_id": APP3, "partner_id": ONE, "linked": None}]), partner())
case("exports", "A link says nothing of a foreign group", OWN, missed("access.other_partner"),
     access(grant(principal_id=ADMINS3), links=[link(ADMINS3)]), partner())
case("exports", "A partner id on the grant goes before the link", OWN, missed("access.other_partner"),
     access(direct(principal_id=APP3, partner_id=THREE), links=[link()]), partner())

# Records of one id that say the same are one grant; what differs in any way are several, each of which counts.
EARLY = "2026-09-01T00:00:00Z"
for what, first, second, policy in [
    ("start", {"start": NOON}, {"start": EARLY}, None),
    ("end", {"end": NOON}, {"end": None}, None),
    ("path", {"path": "lighthouse_template"}, {"path": "aobo"}, None),
    ("whether it is eligible only", {"eligible_only": True}, {"eligible_only": False}, None),
    ("scope", {"scope": RG + "0"}, {"scope": S}, None),
    ("role", {"role_id": READER}, {"role_id": OWNER}, None),
    ("principal", {"principal_id": ADMINS2}, {"principal_id": ADMINS}, None),
    ("kind of principal", {"principal_kind": "Group", "path": "directory"}, {"path": "directory"}, None),
    ("partner id", {"partner_id": THREE}, {"partner_id": ONE}, None),
    ("condition", {"condition": "x"}, {"condition": None}, {"condition": "unknown"}),
    ("earliest start", {"start": NOON, "start_earliest": EARLY}, {"start": NOON}, None),
    ("latest end", {"end": NOON, "end_latest": END}, {"end": NOON}, None),
    ("whether the role is custom", {"role_id": RBAC_ADMIN, "custom_role": True}, {"role_id": RBAC_ADMIN, "custom_role": False},
     {"custom_role": "never", "unlisted_role": {RBAC_ADMIN: "earns"}}),
    ("tenant", {"tenant_id": CUSTOMER2, "scope": MG}, {"tenant_id": CUSTOMER, "scope": MG}, None),
]:
    expect = EARNED
    if what == "earliest start":
        expect = unknown("access.unproven")
    if what == "latest end":
        expect = unknown("access.unproven")
    pair = access(grant(**first), grant(**second), hierarchy=[edge(S, MG)])
    pair["grants"][1]["id"] = "g1"
    if what in ("earliest start", "latest end"):
        pair["grants"].reverse()
    case("exports", f"Two records of one id, of another {what}, are two", OWN, expect, pair, partner(), policy=policy)


def of_one_id(*grants, **more):
    made = access(*grants, **more)
    for g in made["grants"]:
        g["id"] = "g1"
    return made


case("exports", "Two records of one id, one of an hour of the day each, are two", OWN, EARNED,
     of_one_id(grant(start=START, end=NOON), grant(start=NOON, end=END)), partner())
for title, expect, first, second in [
    ("Two records of one id whose starts are half a microsecond apart: the finer counts", missed("access.partial_day"),
     "2026-10-05T00:00:00Z", "2026-10-05T00:00:00.0000005Z"),
    ("The same the other way round", missed("access.partial_day"), "2026-10-05T00:00:00.0000005Z", "2026-10-05T00:00:00Z"),
    ("A microsecond apart: the finer still", missed("access.partial_day"), "2026-10-05T00:00:00Z", "2026-10-05T00:00:00.000001Z"),
    ("More than a microsecond apart: two records", EARNED, "2026-10-05T00:00:00Z", "2026-10-05T00:00:00.0000011Z"),
    ("The same start: one record", EARNED, "2026-10-05T00:00:00Z", "2026-10-05T00:00:00Z"),
]:
    case("exports", title, OWN, expect, of_one_id(grant(start=first), grant(start=second)), partner())
SAME_NAME = [edge(S, MG), edge("/subscriptions/" + SUB2, MG, CUSTOMER2)]
case("exports", "Two records of one id, one of them without its tenant, are one of that tenant", OWN, [EARNED, missed("access.none")],
     of_one_id(grant(scope=MG, tenant_id=None), grant(scope=MG), hierarchy=SAME_NAME), partner(),
     [line(), line(customer_id=CUSTOMER2, subscription_id=SUB2, resource_id=None)])
case("exports", "The tenant named first", OWN, [EARNED, missed("access.none")],
     of_one_id(grant(scope=MG), grant(scope=MG, tenant_id=None), hierarchy=SAME_NAME), partner(),
     [line(), line(customer_id=CUSTOMER2, subscription_id=SUB2, resource_id=None)])

# Kinds of principals that a record does not tell.
case("paths", "An AOBO grant without a kind of principal is a foreign group's", OWN, unknown("access.partner_unknown"),
     access(grant(principal_kind=None, principal_id=ADMINS3)), partner(("aobo_groups",)))
case("paths", "The same, foreign_group = trust", OWN, EARNED, access(grant(principal_kind=None, principal_id=ADMINS3)),
     partner(("aobo_groups",)), policy={"foreign_group": "trust"})
case("paths", "A directory grant without a kind of principal is no foreign group's", OWN, missed("access.none"),
     access(direct(principal_kind=None, principal_id=ADMINS3)), partner(("aobo_groups",)), policy={"foreign_group": "trust"})
case("paths", "A kind that cannot be read, of our group by its id: it may be the foreign group, or need a link", OWN,
     unknown("access.partner_unknown"), access(direct(principal_kind="Unknown", principal_id=ADMINS)), partner())
case("paths", "A kind that cannot be read, of another partner's group by its id", OWN, missed("access.other_partner"),
     access(direct(principal_kind="unknown", principal_id=ADMINS2)), partner())
case("paths", "A group of the customer's own directory with the id of ours needs a link", OWN, missed("access.pal_missing"),
     access(direct(principal_kind="Group", principal_id=ADMINS)), partner())
case("exports", "A deny that does not say whether it holds below: it does", OWN, unknown("access.denied"),
     access(grant(), denies=[{k: v for k, v in deny().items() if k != "applies_to_children"}]), partner())
case("exports", "A deny of an action of a thousand letters, of a role of one service", OWN, EARNED,
     access(grant(), denies=[deny(actions=["Microsoft.Network/" + "a" * 976 + "/write"])], roles=[role(OWNER, False, None, COMPUTE)]),
     partner())

# ------------------------------------------------------------ what only one sign in the answer tells

case("paths", "A group of another partner's, given access as a user of the directory", OWN, missed("access.other_partner"),
     access(direct(principal_id=ADMINS2, principal_kind="Group")), partner())
case("paths", "A group of ours, given access as a user of the directory, links nobody", OWN, missed("access.pal_missing"),
     access(direct(principal_id=ADMINS, principal_kind="Group")), partner())
case("paths", "Lighthouse by Marketplace offer to another partner's principal", OWN, missed("access.other_partner"),
     access(offer(principal_id=APP2)), partner())
case("paths", "Lighthouse by Marketplace offer to the reseller's principal, until noon", OWN, missed("access.partial_day"),
     access(offer(principal_id=APP2)), partner(resellers_of_record=[reseller(end=NOON)]))
case("products", "Ids of reservations: zeros name none, other digits do", OWN,
     [EARNED, never("product.reservation"), never("product.reservation")], access(grant()), partner(),
     [line(reservation_id=text) for text in ("00000000-0000-0000-0000-000000000000", "11111111-1111-4111-8111-111111111111",
                                             "00000000-0000-0000-0000-000000000001")])

# ------------------------------------------------------------ arithmetic

BOOK["arithmetic"] = arithmetic_cases.cases()

# ------------------------------------------------------------ refused


def refused(title, code, **given):
    case("bad/lines", title, OWN, {"code": code}, **{"acc": access(grant()), "par": partner(), **given})


refused("A grant that ends before it starts", "grant.inverted", acc=access(grant(start=END, end=START)))
refused("A grant that ends when it starts", "grant.inverted", acc=access(grant(start=START, end="2026-10-05")))
refused("Management groups in a circle", "hierarchy.cycle", acc=access(hierarchy=[edge(MG, ROOT), edge(ROOT, MG)]))
refused("Two parents at one time", "hierarchy.two_parents",
        acc=access(hierarchy=[edge(S, MG, end=END), edge(S, ROOT, start=NOON)]))
refused("Two prices for one day", "price.overlap", prices=[price(), price(unit_price="2", start="2026-10-05")])
refused("Two currencies for one day", "price.overlap", prices=[price(), price(currency="EUR")])
refused("A third party's for one day, and not", "price.overlap",
        prices=[price(end="2026-10-06"), price(start="2026-10-05", tags=["Third Party"])])
refused("A reservation for one day, and not", "price.overlap", prices=[price(), price(tags=["Azure", "Reservation"])])
refused("Two prices for one of the meters", "price.overlap",
        prices=[price(meter_ids=[METER, METER[:-1] + "2"]), price(unit_price="2")])
refused("Two tiers over each other", "price.overlap",
        prices=[price(tier_min="1", tier_max="100"), price(tier_min="100", unit_price="2")])
refused("A tier that ends before it begins", "price.tier_invalid", prices=[price(tier_min="100", tier_max="1")])
refused("A gap between tiers", "price.tier_invalid", prices=[price(tier_min="1", tier_max="100"), price(tier_min="102")])
refused("A principal listed twice", "partner.duplicate",
        par=partner(principals=linked() + linked(who=TWO)))
refused("A principal of two partners, linked in two tenants", "partner.duplicate",
        par=partner(principals=linked() + linked(who=TWO, tenant=CUSTOMER2)))
refused("Two entries of a principal, equal in every field", "partner.duplicate", par=partner(principals=linked() + linked()))
refused("Two entries of a principal, equal but for the spelling", "partner.duplicate",
        par=partner(principals=linked(start="2026-10-05") + linked(APP.upper(), start=START)))
refused("Two entries of a principal, both without a link", "partner.duplicate",
        par=partner(principals=[{"principal_id": APP, "partner_id": ONE, "linked": None}] * 2))
refused("A partner file that names no billed partner", "json.malformed",
        par=partner(bill_to={"tenant_id": HOME, "kind": "indirect_provider"}))
refused("A group listed twice", "partner.duplicate", par=partner(aobo_groups=[
    {"principal_id": ADMINS, "partner_id": ONE, "group": "AdminAgents"},
    {"principal_id": ADMINS.upper(), "partner_id": TWO, "group": "AdminAgents"}]))
for title, given in [
    ("An earliest start without a start", dict(start=None, start_earliest=START)),
    ("A latest end without an end", dict(end=None, end_latest=END)),
    ("An earliest start after the start", dict(start=START, start_earliest=NOON)),
    ("A latest end before the end", dict(end=END, end_latest=NOON)),
    ("Seen at one moment, without bounds around it", dict(start=NOON, end=NOON, start_earliest=NOON, end_latest=NOON)),
    ("An end before the start, with bounds around both", dict(start=END, end=START, start_earliest=START, end_latest=END)),
]:
    refused(f"{title}: a grant's", "grant.inverted", acc=access(grant(**given)))
    refused(f"{title}: a deny's", "grant.inverted", acc=access(denies=[deny(**given)]))
refused("A link of an export to another partner than the list's", "partner.conflict",
        acc=access(links=[link(APP, who=TWO)]), par=partner())
refused("A link of an export to another partner than the group's", "partner.conflict",
        acc=access(links=[link(ADMINS, who=TWO)]), par=partner())
refused("Two links of a principal to two partners", "partner.conflict", acc=access(links=[link(), link(who=TWO)]))
refused("A link of an export that ends before it starts", "grant.inverted", acc=access(links=[link(start=END, end=START)]))
for policy in ({"day": "half"}, {"day_offset": "2h"}, {"gap_tolerance": "ten minutes"}, {"unlisted_role": "earns"},
               {"nonsense": "1"}, {"custom_role": {RBAC_ADMIN: "perhaps"}}):
    refused(f"No such policy: {json.dumps(policy)}", "policy.invalid", policy=policy)
for text in ("", "1,5", "abc", "1e", "--1", "0x10", ".", "NaN", "1 000"):
    refused(f"Not a quantity: {json.dumps(text)}", "number.invalid", lines=[line(quantity=text)])
refused("Not a price", "number.invalid", lines=[line(list_price="$1")])
for text in ("1E-41", "1" + "0" * 28, "0." + "0" * 40 + "1"):
    refused(f"Too many digits: {text}", "number.too_precise", lines=[line(quantity=text)])
for text in ("2026-02-30", "2026-13-01", "yesterday", ""):
    refused(f"Not a day: {json.dumps(text)}", "date.invalid", lines=[line(date=text)])
for text in ("2026-10-05T25:00:00Z", "2026-10-32", "soon"):
    refused(f"Not a time: {text}", "date.invalid", acc=access(grant(start=text)))
refused("A role that is not a GUID", "id.invalid", acc=access(grant(role_id="Owner")))
refused("A principal that is not a GUID", "id.invalid", acc=access(grant(principal_id="me")))
refused("A scope of no subscription", "id.invalid", acc=access(grant(scope="/subscriptions/mine")))
refused("A line of no subscription", "id.invalid", lines=[line(subscription_id="mine", resource_id=None)])


def main():
    for book, cases in BOOK.items():
        path = os.path.join(CASES, book + ".json" if "/" in book else f"good/{book}.json")
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8", newline="\n") as f:
            f.write('{ "schema": "azure-pec/cases/1", "cases": [\n')
            f.write(",\n".join(json.dumps(c) for c in cases))
            f.write("\n] }\n")
        print(f"{os.path.relpath(path, CASES)}: {len(cases)}")


if __name__ == "__main__":
    main()
