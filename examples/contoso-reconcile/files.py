"""Microsoft's files of the month, out of lines and groups: daily rated usage, invoice lines, Cost Management, exchange rates."""
import csv
import json
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction

from bill import bridge, cut, digits15, text
from month import DECIMALS, TAX, contoso

INVOICE = """PartnerId CustomerId CustomerName CustomerDomainName CustomerCountry InvoiceNumber MpnId ResellerMpnId OrderId
OrderDate ProductId SkuId AvailabilityId SkuName ProductName ChargeType UnitPrice Quantity Subtotal TaxTotal Total Currency
PriceAdjustmentDescription PublisherName PublisherId SubscriptionDescription SubscriptionId ChargeStartDate ChargeEndDate
TermAndBillingCycle EffectiveUnitPrice UnitType AlternateId BillableQuantity BillingFrequency PricingCurrency
PCToBCExchangeRate PCToBCExchangeRateDate MeterDescription ReservationOrderId CreditReasonCode SubscriptionStartDate
SubscriptionEndDate ReferenceID ProductQualifiers PromotionID""".split()
assert len(INVOICE) == 46


def percent(rate):
    return format(Decimal(rate.numerator) * 100 / Decimal(rate.denominator), "f")


def one_decimal(rate):
    return format(Decimal(percent(rate)).quantize(Decimal("0.1"), ROUND_HALF_UP), "f")


def span(period, line):
    """What a line is charged for: the invoice's month; a correction names the days it corrects."""
    day = f"10/{line.day}/2026"
    return (day, day) if line.correction else (period.first, period.last)


def daily_rows(groups, others):
    """55 columns; a line's total is its quantity at the group's effective price, not cut."""
    place = {id(line): group for group in groups for line in group.lines}
    for line in others:
        row = contoso.daily_rated(line.facts)
        first, last = span(line.period, line)
        row |= {"InvoiceNumber": line.period.invoice, "ChargeStartDate": first, "ChargeEndDate": last}
        if id(line) in place:
            group = place[id(line)]
            paid = Fraction(group.price) * line.quantity
            row |= {"EffectiveUnitPrice": group.price, "PricingPreTaxTotal": digits15(paid),
                    "PCToBCExchangeRate": line.period.exchange[line.currency], "PCToBCExchangeRateDate": line.period.rate_date,
                    "BillingPreTaxTotal": digits15(paid * Fraction(line.period.exchange[line.currency])),
                    "PartnerEarnedCreditPercentage": percent(line.applied)}
        yield row


def adjustments(group):
    """The text that explains the effective price; empty where the price is the list's."""
    texts = [f"{one_decimal(group.rate)}% Partner earned credit for services managed"] if group.rate else []
    for number in sorted(group.tiers):
        price, full = Fraction(contoso.TIERS[group.sku][number - 1][0]), Fraction(contoso.SKUS[group.sku][8])
        if price < full:
            texts.append(f"{one_decimal(1 - price / full)}% Tier {number} Discount")
    return json.dumps(texts, separators=(",", ":")) if texts else ""


def invoice_row(line, exchange, rate_date, total, **own):
    """46 columns, what every kind of line has in common; `total` is in the billing currency, before tax."""
    product, sku, title, meter, category, _, _, unit = contoso.SKUS[line.sku][:8]
    name, market, currency, _, reseller, _, domain = contoso.CUSTOMERS[line.tenant]
    with localcontext() as context:
        context.prec = 50
        exact = Decimal((total * TAX[currency]).numerator) / Decimal((total * TAX[currency]).denominator)
        tax = Fraction(exact.quantize(Decimal(1).scaleb(-DECIMALS[currency]), ROUND_HALF_UP))
    first, last = span(line.period, line)
    return {
        "PartnerId": contoso.PROVIDER["tenant"], "CustomerId": line.tenant, "CustomerName": name,
        "CustomerDomainName": domain + ".onmicrosoft.com", "CustomerCountry": market, "InvoiceNumber": line.period.invoice,
        "MpnId": contoso.PROVIDER["id"], "ResellerMpnId": reseller, "OrderId": contoso.guid("order " + domain),
        "OrderDate": "5/2/2024", "ProductId": product, "SkuId": sku,
        "AvailabilityId": "DZH318Z" + contoso.guid("availability " + line.sku)[:5].upper(), "SkuName": title,
        "ProductName": category, "ChargeType": "New", "Quantity": "1", "Subtotal": text(total), "TaxTotal": text(tax),
        "Total": text(total + tax), "Currency": currency, "PublisherName": "Microsoft", "PublisherId": "NA",
        "SubscriptionDescription": "Azure plan", "SubscriptionId": contoso.guid("plan " + domain), "ChargeStartDate": first,
        "ChargeEndDate": last, "TermAndBillingCycle": meter, "UnitType": unit, "PricingCurrency": "USD",
        "PCToBCExchangeRate": exchange, "PCToBCExchangeRateDate": rate_date, "MeterDescription": f"{category} - {meter}",
        **own,
    }


def usage_row(group):
    """The line of a meter and credit state. Of a price that changed in the month the last one stands as UnitPrice."""
    last = max(group.lines, key=lambda line: line.day)
    row = invoice_row(last, group.exchange, group.exchange_date, group.total, UnitPrice=last.facts["price"],
                      EffectiveUnitPrice=group.price, BillableQuantity=text(group.quantity),
                      PriceAdjustmentDescription=adjustments(group))
    assert charge_of(row) == group.charge, row
    if group.correction:
        days = sorted(line.day for line in group.lines)
        row |= {"ChargeStartDate": f"10/{days[0]}/2026", "ChargeEndDate": f"10/{days[-1]}/2026"}
    return row


def charge_of(row):
    """The charge in cents, read back from what is printed (BRIDGE.md, 'Reading the charge back')."""
    price, units = Fraction(row["EffectiveUnitPrice"]), Fraction(row["BillableQuantity"])
    product = price * units
    nearest = Fraction(round(product * 100), 100)
    with localcontext() as context:
        context.prec = 15
        places = Decimal(row["EffectiveUnitPrice"]).adjusted() - 14 if price else 0
    slack = abs(units) * Fraction(10)**places / 2
    return nearest if abs(product - nearest) <= slack else cut(product, 2)


def other_rows(lines):
    """What else is on the invoice: a reservation bought, Marketplace usage. No credit, and no part of the bridge."""
    for line in lines:
        exchange = line.period.exchange[line.currency]
        if line.charge == "Purchase":  # a licence: cut in the billing currency, then times the quantity
            price = Fraction(line.facts["paid"])
            total = cut(price * Fraction(exchange), DECIMALS[line.currency]) * line.quantity
            yield invoice_row(line, exchange, line.period.rate_date, total, UnitPrice=text(price), EffectiveUnitPrice=text(price),
                              BillableQuantity="1", TermAndBillingCycle="1 Year", BillingFrequency="One-Time", MeterDescription="",
                              ReservationOrderId=contoso.guid("reservation order"))
    bought = [line for line in lines if line.publisher != "Microsoft"]
    if bought:
        first, units = bought[0], sum(line.quantity for line in bought)
        exchange, price = first.period.exchange[first.currency], Fraction(first.facts["paid"])
        total = cut(cut(price * units, 2) * Fraction(exchange), DECIMALS[first.currency])
        yield invoice_row(first, exchange, first.period.rate_date, total, UnitPrice=text(price), EffectiveUnitPrice=text(price),
                          BillableQuantity=text(units), PublisherName=first.publisher,
                          PublisherId="proseware", SubscriptionDescription="Proseware Backup Appliance",
                          SubscriptionId=contoso.guid("marketplace subscription"))


def credit_row(line, amount):
    """A customer credit: so many dollars given back, on the invoice of the line's period."""
    exchange = line.period.exchange[line.currency]
    total = cut(amount * Fraction(exchange), DECIMALS[line.currency])
    return invoice_row(line, exchange, line.period.rate_date, total, ChargeType="customerCredit", UnitPrice=text(amount),
                       EffectiveUnitPrice=text(amount), BillableQuantity="1", UnitType="", TermAndBillingCycle="",
                       ChargeStartDate=line.period.first, ChargeEndDate=line.period.last)


def cost_rows(lines, groups):
    """70 columns. After invoicing the cut charge of a meter lies spread over its days, as in the daily rated file; what is
    lost in the billing currency is a rounding adjustment for each customer."""
    place = {id(line): group for group in groups for line in group.lines}
    lost = {}
    for tenant in contoso.CUSTOMERS:
        steps = bridge([group for group in groups if group.tenant == tenant])
        lost[tenant] = steps["exchange_cut"], steps["exchanged"]
    for line in lines:
        facts, exchange = line.facts, line.period.exchange[line.currency]
        if line.charge == "RoundingAdjustment":
            billing = lost[line.tenant][0]
            if not billing or not line.period.invoice:
                continue
            facts = facts | {"paid": Decimal(0)}
        row = contoso.cost_management(facts)
        row |= {"invoiceId": line.period.invoice, "partnerEarnedCreditRate": contoso.plain(Decimal(percent(line.applied)) / 100),
                "partnerEarnedCreditApplied": str(line.applied != 0)}
        if line.charge == "RoundingAdjustment":
            dollars = digits15(billing / Fraction(exchange))
            row |= {"costInBillingCurrency": text(billing), "costInPricingCurrency": dollars, "costInUsd": dollars,
                    "effectivePrice": dollars}
        elif id(line) in place:
            paid, full = Fraction(place[id(line)].price) * line.quantity, line.price * line.quantity
            row |= {"effectivePrice": place[id(line)].price, "costInPricingCurrency": digits15(paid), "costInUsd": digits15(paid),
                    "costInBillingCurrency": digits15(paid * Fraction(exchange)), "paygCostInUsd": digits15(full),
                    "paygCostInBillingCurrency": digits15(full * Fraction(exchange)), "exchangeRatePricingToBilling": exchange}
        yield row


def fx_table(month, rates):
    """Dollars for one unit of the currency, 17 digits: the other way round than PCToBCExchangeRate."""
    rows = []
    with localcontext() as context:
        context.prec, context.rounding = 17, ROUND_HALF_EVEN
        for currency, rate in sorted(rates.items()):
            if currency != "USD":
                rows.append({"CurrencyCode": currency, "USDPerUnit": contoso.plain(1 / Decimal(rate)), "Month": month.replace("-", "")})
                assert Fraction(round(1 / Fraction(rows[-1]["USDPerUnit"]) * 10**9), 10**9) == Fraction(rate)
    return contoso.table(["CurrencyCode", "USDPerUnit", "Month"], rows, "\r\n", csv.QUOTE_ALL)
