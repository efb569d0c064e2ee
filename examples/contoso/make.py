#!/usr/bin/env python3
"""Writes the example month: October 2026 of Contoso Distribution, an indirect provider, with three customers.

    python3 make.py        writes usage/, prices/, access/ and partner.json here, and ../contoso-daily-rated/

The same bytes on every run. The stories are told in README.md; expected.py works the numbers out on its own.
Amounts are decimal texts from end to end: no binary floats.
"""
import csv
import gzip
import io
import json
import uuid
from decimal import Decimal, getcontext
from pathlib import Path

getcontext().prec = 80
HERE = Path(__file__).resolve().parent
DAILY = HERE.parent / "contoso-daily-rated"


def guid(name):
    """A made-up GUID, the same for the same name."""
    return str(uuid.uuid5(uuid.UUID("7c0a1b52-93de-4f7e-8a5e-31d2c06f4b10"), name))


def plain(amount):
    """Plain digits, no exponent, no trailing zeros."""
    text = format(amount, "f")
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text in ("", "-0") else text


def days(text):
    """'1-11,18-31' as a set of days of October."""
    spans = (part.partition("-") for part in text.split(",") if part)
    return {day for first, _, last in spans for day in range(int(first), int(last or first) + 1)}


# ---- who --------------------------------------------------------------------------------------------------------
PROVIDER = {"id": "1111111", "sister": "1111112", "tenant": "c0d15717-5b1e-4c7a-9e2f-0c4a51f0e001",
            "name": "Contoso Distribution"}
ADATUM, FABRIKAM, NORTHWIND = (f"7e4a07{n}-61d3-4b8e-a2c5-9f30d1b7c00{n[1]}" for n in ("01", "02", "03"))
CUSTOMERS = {  # tenant: name, market, billing currency, USD to billing, reseller, its name, domain
    ADATUM: ("Adatum Maschinenbau Köln GmbH", "DE", "EUR", "0.912345678", "2222222", "Relecloud", "adatum"),
    FABRIKAM: ("Fabrikam, Inc.", "US", "USD", "1", "5555555", "Tailspin IT", "fabrikam"),
    NORTHWIND: ("Northwind Health LLC", "US", "USD", "1", "2222222", "Relecloud", "northwind"),
}
SUBSCRIPTIONS = {  # key: customer tenant, name
    "a1": (ADATUM, "adatum-production"), "a2": (ADATUM, "adatum-long-prices"),
    "a3": (ADATUM, "adatum-access-removed"), "a4": (ADATUM, "adatum-reader-only"),
    "a5": (ADATUM, "adatum-denied-group"), "a6": (ADATUM, "adatum-two-grants"),
    "a7": (ADATUM, "adatum-excluded-products"), "a8": (ADATUM, "adatum-unlisted-products"),
    "f1": (FABRIKAM, "fabrikam-core"), "f2": (FABRIKAM, "fabrikam-same-group-name"),
    "f3": (FABRIKAM, "fabrikam-transferred"), "f4": (FABRIKAM, "fabrikam-reseller"),
    "f5": (FABRIKAM, "fabrikam-third-csp"), "f6": (FABRIKAM, "fabrikam-link-missing"),
    "f7": (FABRIKAM, "fabrikam-just-in-time"), "f8": (FABRIKAM, "fabrikam-custom-role"),
    "f9": (FABRIKAM, "fabrikam-lighthouse"),
    "b1": (NORTHWIND, "northwind-clinic"), "b2": (NORTHWIND, "northwind-new-grant"),
}


def subscription_id(key):
    return f"5b0a1c{key}-7d3e-4f60-9a11-2f6c0d5e0{key}0"


# ---- what is sold -----------------------------------------------------------------------------------------------
# key: product, SKU, title, meter name, category, ARM type, location, unit, price; the list's tags (None: not in the list)

VM = "Microsoft.Compute/virtualMachines"
SKUS = {
    "d2": ("DZH318Z0BQ4B", "00FV", "D2s v5 - DE West Central", "D2s v5", "Virtual Machines", VM, "germanywestcentral", "1 Hour", "0.115", "Azure"),
    "d4": ("DZH318Z0BQ4B", "00FX", "D4s v5 - DE West Central", "D4s v5", "Virtual Machines", VM, "germanywestcentral", "1 Hour", "0.23", "Azure"),
    "e8": ("DZH318Z0BQ4C", "01K2", "E8s v5 - DE West Central", "E8s v5", "Virtual Machines", VM, "germanywestcentral", "1 Hour", "0.608", "Azure"),
    "d2us": ("DZH318Z0BQ4B", "02A1", "D2s v5 - US East", "D2s v5", "Virtual Machines", VM, "EastUS", "1 Hour", "0.1", "Azure"),
    "d4us": ("DZH318Z0BQ4B", "02A3", "D4s v5 - US East", "D4s v5", "Virtual Machines", VM, "EastUS", "1 Hour", "0.2", "Azure"),
    "sql": ("DZH318Z0BQPM", "0015", "SQL Database Gen5 vCore", "vCore", "SQL Database", "Microsoft.Sql/servers", "westeurope", "1 Hour", "0.25", "Azure"),
    "app": ("DZH318Z0BPTB", "0042", "App Service P1 v3", "P1 v3 App", "Azure App Service", "Microsoft.Web/serverFarms", "EastUS", "1 Hour", "0.17", "Azure"),
    "logs": ("DZH318Z0BNXN", "0032", "Log Analytics Data Ingestion", "Analytics Logs Data Ingestion", "Log Analytics", "Microsoft.OperationalInsights/workspaces", "westeurope", "1 GB", "2.76", "Azure"),
    "firewall": ("DZH318Z0BXD8", "000G", "Azure Firewall Standard", "Standard Deployment", "Azure Firewall", "Microsoft.Network/azureFirewalls", "germanywestcentral", "1 Hour", None, "Azure"),
    "egress": ("DZH318Z0BP0V", "0006", "Bandwidth - Data Transfer Out - Zone 1", "Standard Data Transfer Out", "Bandwidth", "Microsoft.Network/publicIPAddresses", "westeurope", "1 GB", "0.087", "Azure"),
    "vault": ("DZH318Z0BNX1", "0021", "Key Vault Operations", "Operations", "Key Vault", "Microsoft.KeyVault/vaults", "westeurope", "10K", "0.03", "Azure"),
    "media": ("DZH318Z0C0J7", "00B9", "Content Delivery Origin Unit", "Origin Unit", "Content Delivery Network", "Microsoft.Cdn/profiles", "westeurope", "1 Hour", "0.0713829104756382917365", "Azure"),
    "spot": ("DZH318Z0BQ4B", "03S7", "D4s v5 Spot - DE West Central", "D4s v5 Spot", "Virtual Machines", VM, "germanywestcentral", "1 Hour", "0.05", "Azure"),
    "license": ("DZH318Z0BZ1M", "00RH", "Enterprise Linux - 4 vCPU VM License", "4 vCPU VM License", "Virtual Machines Licenses", VM, "germanywestcentral", "1 Hour", "0.06", "Azure,Third Party"),
    "savings": ("DZH318Z0BQ4B", "00FZ", "D8s v5 - DE West Central", "D8s v5", "Virtual Machines", VM, "germanywestcentral", "1 Hour", "0.46", "Azure"),
    "lowprio": ("DZH318Z0BQ3K", "00LP", "D2 v3 Low Priority - DE West Central", "D2 v3 Low Priority", "Virtual Machines", "Microsoft.Batch/batchAccounts", "germanywestcentral", "1 Hour", "0.02", "Azure"),
    "preview": ("DZH318Z0DJ9X", "0001", "Quantum Preview Machine", "Preview Machine", "Azure Quantum", "Microsoft.Quantum/workspaces", "westeurope", "1 Hour", "3.2", None),
    "reserved": ("DZH318Z0BQ4C", "01KX", "E4s v5 - DE West Central", "E4s v5", "Virtual Machines", VM, "germanywestcentral", "1 Hour", "", None),
    "order": ("DZH318Z0BQ35", "00F1", "Reserved VM Instance, E4s v5, 1 Year", "", "Virtual Machines", "", "", "1", "", None),
    "backup": ("DZH318Z0F7PB", "0003", "Proseware Backup Appliance", "Appliance Hour", "SaaS", "Microsoft.SaaS/resources", "westeurope", "1 Hour", "", None),
    "rounding": ("", "", "", "", "", "", "", "", "", None),
}
PRICE_CHANGE = {"firewall": (("1.25", days("1-15")), ("1.3", days("16-31")))}
TIERS = {"egress": (("0", "1", "100"), ("0.087", "101", "10335"), (".083", "10336", "9223372036854780000"))}


def list_price(sku, day):
    return next((price for price, span in PRICE_CHANGE.get(sku, ()) if day in span), SKUS[sku][8])


# ---- the month's consumption ------------------------------------------------------------------------------------
# subscription, resource group, resource, how many alike, SKU, quantity a day, days on which Microsoft applied the credit

ALL = "1-31"
CONSUMPTION = [
    ("a1", "erp-rg", "vm-erp-{:02}", 12, "d4", "24", ALL, {}),
    ("a1", "Analytics-RG", "vm-analytics-{:02}", 4, "e8", "24", ALL, {}),
    ("a1", "Analytics-RG", "sql-warehouse", 1, "sql", "96", ALL, {}),
    ("a1", "monitoring-rg", "logs-{:02}", 3, "logs", ".50", ALL, {}),
    ("a2", "network-rg", "fw-hub", 1, "firewall", "24", ALL, {}),
    ("a2", "network-rg", "ip-egress", 1, "egress", "40", ALL, {}),
    ("a2", "content-rg", "cdn-origin", 1, "media", "24", ALL, {}),
    ("a2", "secrets-rg", "kv-signing", 1, "vault", "6.19947E-09", ALL, {}),
    ("a2", "corrected-rg", "vm-corrected", 1, "d4", "24", ALL, {}),
    ("a2", "corrected-rg", "vm-corrected", 1, "d4", "-10", ALL, {"on": "20", "note": "correction"}),
    ("a3", "shop-rg", "vm-shop-{:02}", 4, "d4", "24", "1-11,18-31", {}),
    ("a4", "archive-rg", "vm-archive", 1, "d4", "24", "", {}),
    ("a5", "payments-rg", "vm-payments-{:02}", 2, "d4", "24", "1-5,16-31", {}),
    ("a5", "frontend-rg", "vm-frontend", 1, "d2", "24", ALL, {}),
    ("a6", "checkout-rg", "vm-checkout", 1, "d4", "24", ALL, {}),
    ("a6", "elsewhere-rg", "vm-elsewhere", 1, "d2", "24", "1-14", {}),
    ("a7", "mixed-rg", "vm-spot", 1, "spot", "24", "", {"model": "Spot"}),
    ("a7", "mixed-rg", "vm-reserved", 1, "reserved", "24", "", {"model": "Reservation", "paid": "0"}),
    ("a7", "mixed-rg", "vm-saved", 1, "savings", "24", "", {"model": "SavingsPlan", "paid": "0"}),
    ("a7", "mixed-rg", "vm-licensed", 1, "license", "24", "", {}),
    ("a7", "mixed-rg", "vm-licensed", 1, "d4", "24", ALL, {}),
    ("a7", "mixed-rg", "backup-appliance", 1, "backup", "24", "", {"publisher": "Proseware", "paid": "0.35"}),
    ("a7", "", "", 1, "order", "1", "", {"on": "1", "charge": "Purchase", "model": "Reservation", "paid": "1234.8"}),
    ("a7", "mixed-rg", "vm-licensed", 1, "d4", "-24", "", {"on": "9", "charge": "Refund"}),
    ("a8", "lab-rg", "quantum-lab", 1, "preview", "2", "", {}),
    ("a8", "lab-rg", "batch-pool", 1, "lowprio", "24", "", {}),
    (ADATUM, "", "", 1, "rounding", "1", "", {"on": "31", "charge": "RoundingAdjustment", "paid": "-0.0031"}),
    ("f1", "core-rg", "vm-core-{:02}", 10, "d4us", "24", ALL, {}),
    ("f1", "core-rg", "sql-core-{:02}", 2, "sql", "96", ALL, {}),
    ("f1", "web-rg", "plan-web-{:02}", 4, "app", "24", ALL, {}),
    ("f2", "landing-rg", "vm-landing-{:02}", 2, "d4us", "24", "", {}),
    ("f3", "moved-rg", "vm-moved-{:02}", 2, "d4us", "24", "21-31", {}),
    ("f4", "reseller-rg", "vm-reseller-{:02}", 4, "d4us", "24", ALL, {}),
    ("f5", "third-rg", "vm-third", 1, "d4us", "24", "", {}),
    ("f6", "ops-rg", "vm-ops-{:02}", 2, "d2us", "24", "22-31", {}),
    ("f7", "oncall-rg", "vm-oncall", 1, "d4us", "24", "", {}),
    ("f8", "custom-rg", "vm-custom", 1, "d4us", "24", "", {}),
    ("f9", "managed-rg", "vm-managed-{:02}", 2, "d4us", "24", ALL, {}),
    ("f9", "unmanaged-rg", "vm-unmanaged", 1, "d2us", "24", "", {}),
    (FABRIKAM, "", "", 1, "rounding", "1", "", {"on": "31", "charge": "RoundingAdjustment", "paid": "0.0047"}),
    ("b1", "clinic-rg", "vm-clinic-{:02}", 8, "d4us", "24", ALL, {}),
    ("b1", "clinic-rg", "sql-clinic", 1, "sql", "96", ALL, {}),
    ("b2", "imaging-rg", "vm-imaging-{:02}", 2, "d4us", "24", "13-31", {}),
    (NORTHWIND, "", "", 1, "rounding", "1", "", {"on": "31", "charge": "RoundingAdjustment", "paid": "0.0012"}),
]


def resource_id(key, group, kind, name, number):
    """Azure writes the same id in several cases; so does this file."""
    if not name:
        return ""
    if kind == "Microsoft.Sql/servers":
        name = f"{name}/databases/main"
    path = f"/subscriptions/{subscription_id(key)}/resourceGroups/{group}/providers/{kind}/{name}"
    return path.upper() if number % 5 == 3 else path.lower() if number % 5 == 4 else path


def usage_lines():
    """Every line of the month as facts that both file formats then spell in their own way."""
    for day in range(1, 32):
        for where, group, names, count, sku, quantity, credited, extra in CONSUMPTION:
            if day not in days(extra.get("on", ALL)):
                continue
            key = where if where in SUBSCRIPTIONS else ""
            tenant, subscription = SUBSCRIPTIONS.get(key, (where, ""))
            for number in range(1, count + 1):
                name = names.format(number)
                meter, price, rate = SKUS[sku][3], list_price(sku, day), Decimal("0.15" if day in days(credited) else 0)
                info = {"ServiceType": meter, "Note": extra.get("note", "metered")}
                yield {
                    "day": day, "key": key, "tenant": tenant, "subscription": subscription, "group": group, "sku": sku,
                    "resource": resource_id(key, group, SKUS[sku][5], name, number), "quantity": quantity,
                    "price": price, "rate": rate, "paid": Decimal(extra.get("paid") or Decimal(price) * (1 - rate)),
                    "charge": extra.get("charge", "Usage"), "model": extra.get("model", "OnDemand"),
                    "publisher": extra.get("publisher", "Microsoft"),
                    # now and then the JSON is written over two lines: a record is not a physical line
                    "info": json.dumps(info, separators=(",\n" if name == "vm-erp-01" and day % 9 == 2 else ",", ":")) if meter else "",
                    "tags": json.dumps({"env": "prod", "team": group.lower().removesuffix("-rg")}) if number % 2 else "",
                }


# ---- Cost Management: 70 columns, version 2023-12-01-preview ----------------------------------------------------
COST_MANAGEMENT = """invoiceId previousInvoiceId billingAccountId billingAccountName billingProfileId billingProfileName
invoiceSectionId invoiceSectionName partnerTenantId partnerName resellerName resellerMpnId customerTenantId customerName
costCenter billingPeriodEndDate billingPeriodStartDate servicePeriodEndDate servicePeriodStartDate date serviceFamily
productOrderId productOrderName consumedService meterId meterName meterCategory meterSubCategory meterRegion ProductId
ProductName SubscriptionId subscriptionName publisherType publisherId publisherName resourceGroupName ResourceId
resourceLocation location effectivePrice quantity unitOfMeasure chargeType billingCurrency pricingCurrency
costInBillingCurrency costInPricingCurrency costInUsd paygCostInBillingCurrency paygCostInUsd exchangeRatePricingToBilling
exchangeRateDate isAzureCreditEligible serviceInfo1 serviceInfo2 additionalInfo tags partnerEarnedCreditRate
partnerEarnedCreditApplied PayGPrice frequency term reservationId reservationName PricingModel unitPrice benefitId
benefitName provider""".split()
RESERVATION = guid("reservation E4s v5")
SAVINGS_ORDER, SAVINGS = guid("savings plan order"), guid("savings plan")


def meter_id(sku):
    return guid("meter " + sku) if SKUS[sku][3] else ""


def cost_management(line):
    product, sku, title, meter, category, kind, location, unit = SKUS[line["sku"]][:8]
    name, _, currency, fx, reseller, reseller_name, domain = CUSTOMERS[line["tenant"]]
    date = f"10/{line['day']:02}/2026"
    cost = line["paid"] * Decimal(line["quantity"])
    listed = Decimal(line["price"]) * Decimal(line["quantity"]) if line["price"] else None
    marketplace = line["publisher"] != "Microsoft"
    reservation, savings = line["model"] == "Reservation", line["model"] == "SavingsPlan"
    return {
        "invoiceId": "G070310266", "previousInvoiceId": "G069120411" if line["charge"] == "Refund" else "",
        "billingAccountId": guid("billing account") + ":" + guid("billing account agreement") + "_2019-05-31",
        "billingAccountName": PROVIDER["name"], "billingProfileId": "CNTS-DIST-BG7-PGB", "billingProfileName": PROVIDER["name"],
        "partnerTenantId": PROVIDER["tenant"], "partnerName": PROVIDER["name"], "resellerName": reseller_name,
        "resellerMpnId": reseller, "customerTenantId": line["tenant"], "customerName": name,
        "billingPeriodEndDate": "10/31/2026", "billingPeriodStartDate": "10/01/2026", "servicePeriodEndDate": date,
        "servicePeriodStartDate": date, "date": date, "serviceFamily": "Compute" if kind == VM else "",
        "productOrderId": guid("plan " + domain), "productOrderName": "Azure plan",
        "consumedService": kind.partition("/")[0], "meterId": meter_id(line["sku"]), "meterName": meter, "meterCategory": category,
        "ProductId": product + sku, "ProductName": title,
        "SubscriptionId": subscription_id(line["key"]) if line["key"] else "", "subscriptionName": line["subscription"],
        "publisherType": "Marketplace" if marketplace else "Microsoft", "publisherName": line["publisher"],
        "resourceGroupName": line["group"], "ResourceId": line["resource"], "resourceLocation": location, "location": location,
        "effectivePrice": plain(line["paid"]), "quantity": line["quantity"], "unitOfMeasure": unit,
        "chargeType": line["charge"], "billingCurrency": currency, "pricingCurrency": "USD",
        "costInBillingCurrency": plain(cost * Decimal(fx)), "costInPricingCurrency": plain(cost), "costInUsd": plain(cost),
        "paygCostInBillingCurrency": "" if listed is None else plain(listed * Decimal(fx)),
        "paygCostInUsd": "" if listed is None else plain(listed), "exchangeRatePricingToBilling": fx,
        "exchangeRateDate": "10/01/2026", "isAzureCreditEligible": str(not marketplace),
        "additionalInfo": line["info"], "tags": line["tags"],
        "partnerEarnedCreditRate": plain(line["rate"]), "partnerEarnedCreditApplied": str(line["rate"] != 0),
        "PayGPrice": line["price"], "frequency": "OneTime" if line["charge"] == "Purchase" else "UsageBased",
        "term": "1 Year" if line["charge"] == "Purchase" else "",
        "reservationId": RESERVATION if reservation else "", "reservationName": "VM_RI_E4s_v5" if reservation else "",
        "PricingModel": line["model"], "unitPrice": line["price"],
        "benefitId": f"/providers/Microsoft.BillingBenefits/savingsPlanOrders/{SAVINGS_ORDER}/savingsPlans/{SAVINGS}" if savings else "",
        "benefitName": "Compute_SavingsPlan" if savings else "", "provider": "Azure",
    }


# ---- Partner Center daily rated usage: 55 columns ---------------------------------------------------------------
DAILY_RATED = """PartnerId PartnerName CustomerId CustomerName CustomerDomainName CustomerCountry MpnId Tier2MpnId InvoiceNumber
ProductId SkuId AvailabilityId SkuName ProductName PublisherName PublisherId SubscriptionDescription SubscriptionId
ChargeStartDate ChargeEndDate UsageDate MeterType MeterCategory MeterId MeterSubCategory MeterName MeterRegion Unit
ResourceLocation ConsumedService ResourceGroup ResourceURI ChargeType UnitPrice Quantity UnitType BillingPreTaxTotal
BillingCurrency PricingPreTaxTotal PricingCurrency ServiceInfo1 ServiceInfo2 Tags AdditionalInfo EffectiveUnitPrice
PCToBCExchangeRate PCToBCExchangeRateDate EntitlementId EntitlementDescription PartnerEarnedCreditPercentage
CreditPercentage CreditType BenefitId BenefitOrderId BenefitType""".split()


def in_daily_rated(line):
    """Usage of the Azure plan only: no purchases, refunds, adjustments, Marketplace, reservations."""
    return line["charge"] == "Usage" and line["publisher"] == "Microsoft" and line["model"] != "Reservation"


def daily_rated(line):
    product, sku, title, meter, category, kind, location, unit = SKUS[line["sku"]][:8]
    name, market, currency, fx, reseller, _, domain = CUSTOMERS[line["tenant"]]
    cost = line["paid"] * Decimal(line["quantity"])
    savings = line["model"] == "SavingsPlan"
    return {
        "PartnerId": PROVIDER["tenant"], "PartnerName": PROVIDER["name"], "CustomerId": line["tenant"], "CustomerName": name,
        "CustomerDomainName": domain + ".onmicrosoft.com", "CustomerCountry": market, "MpnId": PROVIDER["id"],
        "Tier2MpnId": reseller, "InvoiceNumber": "G070310266", "ProductId": product, "SkuId": sku,
        "AvailabilityId": "DZH318Z" + guid("availability " + line["sku"])[:5].upper(), "SkuName": title, "ProductName": category,
        "PublisherName": line["publisher"], "SubscriptionDescription": "Azure plan", "SubscriptionId": guid("plan " + domain),
        "ChargeStartDate": "10/1/2026", "ChargeEndDate": "10/31/2026", "UsageDate": f"10/{line['day']}/2026", "MeterType": unit,
        "MeterCategory": category, "MeterId": meter_id(line["sku"]), "MeterName": meter, "Unit": unit,
        "ResourceLocation": location, "ConsumedService": kind.partition("/")[0], "ResourceGroup": line["group"],
        "ResourceURI": line["resource"], "ChargeType": "New", "UnitPrice": line["price"], "Quantity": line["quantity"],
        "UnitType": unit, "BillingPreTaxTotal": plain(cost * Decimal(fx)), "BillingCurrency": currency,
        "PricingPreTaxTotal": plain(cost), "PricingCurrency": "USD", "Tags": line["tags"], "AdditionalInfo": line["info"],
        "EffectiveUnitPrice": plain(line["paid"]), "PCToBCExchangeRate": fx, "PCToBCExchangeRateDate": "10/1/2026",
        "EntitlementId": subscription_id(line["key"]), "EntitlementDescription": line["subscription"],
        "PartnerEarnedCreditPercentage": plain(line["rate"] * 100), "CreditPercentage": "0",
        "BenefitId": SAVINGS if savings else "", "BenefitOrderId": SAVINGS_ORDER if savings else "",
        "BenefitType": "SavingsPlan" if savings else "",
    }


# ---- price lists ------------------------------------------------------------------------------------------------
PRICE_LIST = """ProductTitle ProductId SkuId SkuTitle Publisher SkuDescription UnitOfMeasure TermDuration Market Currency
UnitPrice PricingTierRangeMin PricingTierRangeMax EffectiveStartDate EffectiveEndDate MeterIds MeterType Tags""".split()
SINCE, OPEN = "3/1/2018 12:00:00 AM", "11/30/9999 11:59:59 PM"


def price_rows(market):
    for key, (product, sku, title, _, category, _, _, unit, price, tags) in SKUS.items():
        if tags is None:
            continue
        rows = [(price, "", "", SINCE, OPEN)]
        if key in TIERS:
            rows = [(*tier, SINCE, OPEN) for tier in TIERS[key]]
        if key in PRICE_CHANGE:
            (old, _), (new, _) = PRICE_CHANGE[key]
            rows = [(old, "", "", SINCE, "10/15/2026 11:59:59 PM"), (new, "", "", "10/16/2026 12:00:00 AM", OPEN)]
        for unit_price, low, high, start, end in rows:
            short = unit_price[1:] if unit_price.startswith("0.") else unit_price  # the real list writes .50
            yield dict(zip(PRICE_LIST, (category, product, sku, title, "Microsoft", title, unit, "payG-1", market, "USD", short,
                                        low, high, start, end, meter_id(key), unit, tags)))


# ---- access -----------------------------------------------------------------------------------------------------
OWNER, CONTRIBUTOR = "8e3af657-a8ff-443c-a75c-2fe8c4bcb635", "b24988ac-6180-42a0-ab88-20f7382dd24c"
READER, CUSTOM = "acdd72a7-3385-48ef-bd42-f606fba81ae7", guid("custom role Fabrikam Machine Operator")
ADMIN_AGENTS, HELPDESK_AGENTS = guid("Contoso AdminAgents"), guid("Contoso HelpdeskAgents")
RESELLER_AGENTS = guid("Tailspin IT AdminAgents")
OLD_PARTNER_AGENTS, THIRD_CSP_AGENTS = guid("Litware AdminAgents"), guid("Wingtip AdminAgents")
OPS_USER, ONCALL_USER, CUSTOM_USER, LIGHTHOUSE_APP = (guid("principal " + n) for n in ("ops", "oncall", "custom", "lighthouse"))
GROUPS = "/providers/Microsoft.Management/managementGroups/"


def scope(key, group=None):
    return f"/subscriptions/{subscription_id(key)}" + (f"/resourceGroups/{group}" if group else "")


def grant(name, tenant, path, at, role, principal, kind, start, end=None, **more):
    return {"id": name, "tenant_id": tenant, "path": path, "eligible_only": more.get("eligible", False), "scope": at,
            "role_id": role, "principal_id": principal, "principal_kind": kind, "partner_id": more.get("partner"),
            "start": start, "end": end, "condition": None}


def aobo(name, tenant, at, start, end=None, role=OWNER, principal=ADMIN_AGENTS, **more):
    return grant(name, tenant, "aobo", at, role, principal, "ForeignGroup", start, end, **more)


def history():
    long_ago = "2024-05-02T08:11:09.1234567Z"
    grants = [
        aobo("adatum-landing-zones", ADATUM, GROUPS + "landing-zones", long_ago),
        aobo("adatum-removed-first", ADATUM, scope("a3"), long_ago, "2026-10-12T13:37:00Z"),
        aobo("adatum-removed-again", ADATUM, scope("a3"), "2026-10-17T09:05:00Z"),
        aobo("adatum-reader", ADATUM, scope("a4"), long_ago, role=READER),
        aobo("adatum-denied", ADATUM, scope("a5"), long_ago),
        aobo("adatum-two-subscription", ADATUM, scope("a6"), long_ago, "2026-10-15T12:00:00Z"),
        aobo("adatum-two-group", ADATUM, scope("a6", "Checkout-RG"), "2026-10-15T12:00:00Z"),
        aobo("fabrikam-core", FABRIKAM, scope("f1"), None),
        aobo("fabrikam-transferred-old", FABRIKAM, scope("f3"), long_ago, principal=OLD_PARTNER_AGENTS, partner="4444444"),
        aobo("fabrikam-transferred-new", FABRIKAM, scope("f3"), "2026-10-20T14:00:00Z"),
        aobo("fabrikam-reseller", FABRIKAM, scope("f4"), long_ago, principal=RESELLER_AGENTS),
        aobo("fabrikam-third-csp", FABRIKAM, scope("f5"), long_ago, principal=THIRD_CSP_AGENTS),
        grant("fabrikam-ops", FABRIKAM, "directory", scope("f6"), CONTRIBUTOR, OPS_USER, "User", long_ago),
        grant("fabrikam-oncall", FABRIKAM, "directory", scope("f7"), CONTRIBUTOR, ONCALL_USER, "User", long_ago, eligible=True),
        grant("fabrikam-oncall-activated", FABRIKAM, "directory", scope("f7"), CONTRIBUTOR, ONCALL_USER, "User",
              "2026-10-21T09:00:00Z", "2026-10-21T17:00:00Z"),
        grant("fabrikam-custom", FABRIKAM, "directory", scope("f8"), CUSTOM, CUSTOM_USER, "User", long_ago),
        grant("fabrikam-lighthouse", FABRIKAM, "lighthouse_template", scope("f9", "managed-rg"), CONTRIBUTOR, LIGHTHOUSE_APP,
              "ServicePrincipal", long_ago),
    ]
    for tenant in (ADATUM, FABRIKAM):  # the customer's own administrator, everywhere: earns nothing
        grants.append(grant(CUSTOMERS[tenant][6] + "-own-admin", tenant, "directory", "/", OWNER, guid("own admin " + tenant),
                            "User", None))
    tree = [(ADATUM, GROUPS + "platform", GROUPS + "landing-zones")]
    for tenant in (ADATUM, FABRIKAM):
        tree.append((tenant, GROUPS + "landing-zones", GROUPS + tenant))
    inside = {"a1": "landing-zones", "a7": "landing-zones", "a2": "platform", "a8": "platform", "f2": "landing-zones"}
    for key, (tenant, _) in SUBSCRIPTIONS.items():
        if tenant != NORTHWIND:
            tree.append((tenant, scope(key), GROUPS + inside.get(key, tenant)))
    return {
        "schema": "azure-pec/access/1",
        "observed": [{"tenant_id": tenant, "scope": "/", "start": "2026-09-01T00:00:00Z", "end": "2026-11-02T00:00:00Z"}
                     for tenant in (ADATUM, FABRIKAM)],
        "grants": grants,
        "denies": [{"id": "adatum-payments-lock", "tenant_id": ADATUM, "scope": scope("a5", "payments-rg"),
                    "principal_ids": [ADMIN_AGENTS], "everyone": False, "exclude_principal_ids": [], "actions": ["*"],
                    "applies_to_children": True, "system_protected": False, "start": "2026-10-06T00:00:00Z",
                    "end": "2026-10-16T00:00:00Z"}],
        "hierarchy": [{"tenant_id": tenant, "child": child, "parent": parent, "start": None, "end": None}
                      for tenant, child, parent in tree],
    }


def assignment(key, at, principal, kind, created):
    """A role assignment as ARM lists it: the role definition carries the subscription that was asked."""
    name = guid(f"assignment {key} {principal}")
    kind_path = "/providers/Microsoft.Authorization/"
    return {"properties": {"roleDefinitionId": scope(key) + kind_path + "roleDefinitions/" + OWNER, "principalId": principal,
                           "principalType": kind, "scope": at, "condition": None, "conditionVersion": None, "createdOn": created,
                           "updatedOn": created, "createdBy": "", "updatedBy": "", "delegatedManagedIdentityResourceId": None,
                           "description": None},
            "id": at.rstrip("/") + kind_path + "roleAssignments/" + name, "type": "Microsoft.Authorization/roleAssignments",
            "name": name}


def snapshots():
    own = guid("own admin " + NORTHWIND)
    arm = [assignment("b1", "/", own, "User", "2021-02-03T07:40:12.5512849Z"),
           assignment("b1", scope("b1"), ADMIN_AGENTS, "ForeignGroup", "2025-03-04T10:15:42.0835929Z")]
    cli = [assignment("b2", "/", own, "User", "2021-02-03T07:40:12.551284+00:00"),
           assignment("b2", scope("b2"), ADMIN_AGENTS, "ForeignGroup", "2026-10-12T10:20:30.123456+00:00")]
    flat = [dict(sorted({**row["properties"], "id": row["id"], "name": row["name"], "type": row["type"],
                         "principalName": "" if row["properties"]["principalType"] == "ForeignGroup" else "admin@northwind.com",
                         "roleDefinitionName": "Owner"}.items())) for row in cli]
    cli_list = f"az role assignment list --all --subscription {subscription_id('b2')} -o json"
    rest = "az rest --method get --url {}/providers/Microsoft.Authorization/roleAssignments?api-version=2022-04-01"
    for key, at, command, value in (("b1", "2026-11-01T06:00:00Z", rest.format(scope("b1")), arm),
                                    ("b2", "2026-11-01T06:05:00Z", cli_list, flat)):
        yield SUBSCRIPTIONS[key][1], {"taken_at": at, "tenant_id": NORTHWIND, "scope": scope(key), "command": command, "value": value}


def partner():
    def principal(who, partner_id, tenant, start=None):
        return {"principal_id": who, "partner_id": partner_id, "linked": {"tenant_id": tenant, "start": start, "end": None}}

    me = PROVIDER["id"]
    return {
        "schema": "azure-pec/partner/1",
        "bill_to": {"partner_id": me, "tenant_id": PROVIDER["tenant"], "kind": "indirect_provider",
                    "agreement": [{"start": "2019-11-01", "end": None}]},
        "organisation": {me: [PROVIDER["sister"]]},
        "customers": [{"customer_id": tenant, "market": CUSTOMERS[tenant][1],
                       "subscriptions": [subscription_id(key) for key, owner in SUBSCRIPTIONS.items() if owner[0] == tenant]}
                      for tenant in CUSTOMERS],
        "resellers_of_record": [{"customer_id": tenant, "plan_id": None, "partner_id": "2222222", "start": None, "end": None}
                                for tenant in (ADATUM, NORTHWIND)],
        "aobo_groups": [{"principal_id": ADMIN_AGENTS, "partner_id": me, "group": "AdminAgents"},
                        {"principal_id": HELPDESK_AGENTS, "partner_id": me, "group": "HelpdeskAgents"},
                        {"principal_id": RESELLER_AGENTS, "partner_id": "5555555", "group": "AdminAgents"}],
        "principals": [principal(OPS_USER, PROVIDER["sister"], FABRIKAM, "2026-10-22T00:00:00Z"),
                       principal(ONCALL_USER, me, FABRIKAM), principal(CUSTOM_USER, me, FABRIKAM),
                       principal(LIGHTHOUSE_APP, me, PROVIDER["tenant"])],
        "transfers": [{"subscription_id": subscription_id("f3"), "at": "2026-10-12T09:30:00Z", "from_partner": "4444444",
                       "to_partner": me}],
    }


# ---- files ------------------------------------------------------------------------------------------------------
def write(path, data):
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".gz":
        # zlib builds pack differently; what is inside decides whether the file is as it should be
        if path.exists() and gzip.decompress(path.read_bytes()) == data:
            return
        packed = io.BytesIO()
        with gzip.GzipFile(filename="", mode="wb", fileobj=packed, mtime=0) as stream:
            stream.write(data)
        data = packed.getvalue()
    path.write_bytes(data)


def table(columns, rows, line_end="\n", quoting=csv.QUOTE_MINIMAL):
    text = io.StringIO()
    out = csv.DictWriter(text, columns, restval="", lineterminator=line_end, quoting=quoting)
    out.writeheader()
    out.writerows(rows)
    return text.getvalue().encode()


def document(value):
    return (json.dumps(value, indent=2, ensure_ascii=False) + "\n").encode()


def main():
    assert len(COST_MANAGEMENT) == 70 and len(DAILY_RATED) == 55 and len(PRICE_LIST) == 18
    lines = list(usage_lines())
    for first, last, name, start, line_end in ((1, 6, "part_0_0001.csv", b"\xef\xbb\xbf", "\r\n"),
                                               (7, 12, "part_1_0001.csv", b"", "\n"),
                                               (13, 31, "part_2_0001.csv.gz", b"", "\r\n")):
        part = [cost_management(line) for line in lines if first <= line["day"] <= last]
        write(HERE / "usage" / name, start + table(COST_MANAGEMENT, part, line_end))
    for first, last, name in ((1, 5, "daily-rated-1.csv"), (6, 31, "daily-rated-2.csv.gz")):
        part = [daily_rated(line) for line in lines if in_daily_rated(line) and first <= line["day"] <= last]
        write(DAILY / "usage" / name, table(DAILY_RATED, part, "\r\n"))
    for market in ("DE", "US"):
        write(HERE / "prices" / f"azure-plan-{market}-2026-10.csv", table(PRICE_LIST, price_rows(market), "\r\n", csv.QUOTE_ALL))
    write(HERE / "access" / "history.json", document(history()))
    for name, snapshot in snapshots():
        write(HERE / "access" / f"role-assignments-{name}.json", document(snapshot))
    write(HERE / "partner.json", document(partner()))
    print(f"{len(lines)} lines of usage, {sum(map(in_daily_rated, lines))} of them in the daily rated file")


if __name__ == "__main__":
    main()
