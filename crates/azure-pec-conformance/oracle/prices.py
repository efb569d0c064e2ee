"""The price list: rows put together by tier, and what a quantity costs."""

import re
from fractions import Fraction

from texts import DAY, Refused, begin, filled, finish, folded, folded_id, number


class Price:
    __slots__ = ("product", "sku", "meters", "market", "currency", "unit", "low", "high", "start", "end", "third", "reservation")

    def __init__(self, p):
        self.product, self.sku = folded_id(p.get("product_id")), folded_id(p.get("sku_id"))
        meters = p.get("meter_ids") or []
        if isinstance(meters, str):
            meters = re.split("[,;]", meters)
        self.meters = frozenset(m.strip().lower() for m in meters if m.strip())
        self.market, self.currency = folded_id(p.get("market")), folded_id(p.get("currency"))
        self.unit = number(p["unit_price"]) if filled(p.get("unit_price")) else None
        low, high = p.get("tier_min"), p.get("tier_max")
        self.low = None if low in (None, "") else number(low)
        self.high = None if high in (None, "") else number(high)
        if (self.low is not None and self.low < 1) or (self.high is not None and self.high < (self.low or 1)):
            raise Refused("price.tier_invalid")
        self.start, self.end = begin(p.get("start")), finish(p.get("end"))
        if self.start >= self.end:
            raise Refused("grant.inverted")
        tags = p.get("tags") or []
        if isinstance(tags, str):
            tags = [tags]
        tags = frozenset(folded(t) for tag in tags for t in re.split("[,;]", tag) if t.strip())
        self.third = "thirdparty" in tags
        self.reservation = "reservation" in tags or "reservations" in tags

    def after(self):
        """The quantity after which this row's tier begins."""
        return Fraction(0) if self.low is None else self.low - 1

    def says(self):
        """What the row says of its product, meter and market, but for the time in which it says so."""
        return self.after(), self.high, self.unit, self.currency, self.third, self.reservation


def by_tier(rows):
    """The rows by tier; of rows that say the same, one."""
    return sorted({r.says(): r for r in rows}.values(), key=Price.after)


class Prices:
    def __init__(self, given):
        self.given = bool(given)
        self.rows = [Price(p) for p in given or []]
        self.markets = {r.market for r in self.rows}
        for i, a in enumerate(self.rows):
            for b in self.rows[:i]:
                if (a.product, a.sku, a.market) == (b.product, b.sku, b.market) and a.meters & b.meters \
                        and a.start < b.end and b.start < a.end and a.says() != b.says() \
                        and (a.high is None or b.after() < a.high) and (b.high is None or a.after() < b.high):
                    raise Refused("price.overlap")
        # at every instant the tiers of one key leave no quantity without a price
        for row in self.rows:
            for meter in row.meters:
                group = [r for r in self.rows if r.product == row.product and r.sku == row.sku
                         and r.market == row.market and meter in r.meters]
                if len(group) == 1 and row.low in (None, 1) and row.high is None:
                    continue
                for tick in {r.start for r in group} | {r.end for r in group}:
                    held = by_tier(r for r in group if r.start <= tick < r.end)
                    reached = Fraction(0)
                    for r in held:
                        if reached is None or r.after() != reached:
                            raise Refused("price.tier_invalid")
                        reached = r.high
                    if held and reached is not None:
                        raise Refused("price.tier_invalid")

    def of(self, line, partner):
        """The rows of the line's product, SKU, meter, market and day, by tier."""
        market = folded_id(partner.markets.get(line.customer))
        if market is None:
            if len(self.markets) != 1:
                return []
            market = next(iter(self.markets))
        tick = line.date * DAY
        rows = [r for r in self.rows if r.product == line.product and r.sku == line.sku and line.meter in r.meters
                and r.market == market and r.start <= tick < r.end]
        return by_tier(rows)

    def knows_sku(self, line):
        return any(r.product == line.product and r.sku == line.sku for r in self.rows)


def cost_of(quantity, rows):
    """What a month's quantity from 0 costs, tier by tier; below 0 at the first tier's price."""
    if quantity <= 0:
        return quantity * rows[0].unit
    total = Fraction(0)
    for r in rows:
        upto = quantity if r.high is None else min(quantity, r.high)
        if upto > r.after():
            total += (upto - r.after()) * r.unit
    return total
