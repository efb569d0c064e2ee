#!/usr/bin/env python3
"""Writes what Microsoft would have billed for Contoso's October by its own rules, and nine months in which it did otherwise.

    python3 make.py              writes clean/, pending/ and breaks/ here, each with its expected.json
    python3 make.py --out DIR    writes them there
    python3 make.py --check      writes nothing: tells which files here are not what would be written

The same bytes on every run. BRIDGE.md defines every amount; README.md goes through the numbers by hand.
"""
import argparse
import gzip
import tempfile
from pathlib import Path

from breaks import BREAKS, clean, expected, pending
from bill import bill
from files import INVOICE, cost_rows, credit_row, daily_rows, fx_table, other_rows, usage_row
from month import NOVEMBER, OCTOBER, SEPTEMBER_RATES, WIDE_WORLD, contoso

HERE = Path(__file__).resolve().parent
csv = contoso.csv


def history(keys):
    """../contoso's access history and Wide World's: Osaka's grant was removed on the 19th at 10:00. Of these subscriptions only."""
    book, since = contoso.history(), "2024-05-02T08:11:09.1234567Z"
    book["observed"].append({"tenant_id": WIDE_WORLD, "scope": "/", "start": "2026-09-01T00:00:00Z", "end": "2026-11-02T00:00:00Z"})
    book["grants"] += [contoso.aobo("wideworld-tokyo", WIDE_WORLD, contoso.scope("d1"), since),
                       contoso.aobo("wideworld-osaka", WIDE_WORLD, contoso.scope("d2"), since, "2026-10-19T10:00:00Z")]
    gone = {contoso.subscription_id(key) for key in contoso.SUBSCRIPTIONS if key not in keys}
    for part, name in (("grants", "scope"), ("denies", "scope"), ("hierarchy", "child")):
        book[part] = [row for row in book[part] if not any(subscription in row[name] for subscription in gone)]
    return book


def partner(keys):
    book = contoso.partner()
    mine = {contoso.subscription_id(key) for key in keys}
    for customer in book["customers"]:
        customer["subscriptions"] = [name for name in customer["subscriptions"] if name in mine]
    book["customers"] = [customer for customer in book["customers"] if customer["subscriptions"]]
    return book


def folder(path, world, everything=False):
    """A month as a folder: usage, invoice, prices, access, partner, and the answer."""
    keys = {line.key for line in world.lines} - {""}
    packed = ".csv.gz"
    for period in (OCTOBER, NOVEMBER):
        lines = [line for line in world.lines if line.period.month == period.month]
        if not lines:
            continue
        groups = [group for group in world.groups() if group.period.month == period.month]
        right = bill(lines, world.tiers)  # usage files carry the month's exchange rate whatever the invoice does
        daily = [line for line in lines if contoso.in_daily_rated(line.facts) and not world.absent_line(line)]
        contoso.write(path / "usage" / f"daily-rated-{period.month}{packed}",
                      contoso.table(contoso.DAILY_RATED, daily_rows(right, daily), "\r\n"))
        if period is OCTOBER:
            contoso.write(path / "usage" / f"cost-management-{period.month}{packed}",
                          b"\xef\xbb\xbf" + contoso.table(contoso.COST_MANAGEMENT, cost_rows(lines, right), "\r\n"))
        if world.billed:
            rows = [usage_row(group) for group in groups if not world.absent_group(group)]
            rows += list(other_rows([line for line in lines if not line.rated]))
            rows += [credit_row(line, amount) for line, amount in world.credits if line.period is period]
            contoso.write(path / "invoice" / f"reconciliation-{period.invoice}.csv", contoso.table(INVOICE, rows, "\r\n"))
        contoso.write(path / "prices" / f"fx-{period.month}.csv", fx_table(period.month, period.exchange))
    contoso.write(path / "prices" / "fx-2026-09.csv", fx_table("2026-09", SEPTEMBER_RATES))
    used = {line.sku for line in world.lines}
    for market in sorted({contoso.CUSTOMERS[line.tenant][1] for line in world.lines}):
        ids = {contoso.SKUS[sku][:2] for sku in used}
        rows = [row for row in contoso.price_rows(market) if everything or (row["ProductId"], row["SkuId"]) in ids]
        contoso.write(path / "prices" / f"azure-plan-{market}-2026-10.csv",
                      contoso.table(contoso.PRICE_LIST, rows, "\r\n", csv.QUOTE_ALL))
    contoso.write(path / "access" / "history.json", contoso.document(history(keys)))
    for name, snapshot in contoso.snapshots():
        if everything:
            contoso.write(path / "access" / f"role-assignments-{name}.json", contoso.document(snapshot))
    contoso.write(path / "partner.json", contoso.document(partner(keys)))
    contoso.write(path / "expected.json", contoso.document(expected(world, everything)))


def write(target):
    folder(target / "clean", clean(), everything=True)
    folder(target / "pending", pending())
    for name, make in BREAKS.items():
        folder(target / "breaks" / name, make())


def content(path):
    data = path.read_bytes()
    return gzip.decompress(data) if path.suffix == ".gz" else data


def files(root):
    return {path.relative_to(root): path for name in ("clean", "pending", "breaks") for path in (root / name).rglob("*")
            if path.is_file()}


def check():
    with tempfile.TemporaryDirectory() as other:
        write(Path(other))
        have, want = files(HERE), files(Path(other))
        wrong = sorted(str(name) for name in have.keys() | want.keys()
                       if name not in have or name not in want or content(have[name]) != content(want[name]))
    for name in wrong:
        print(f"not as make.py writes it: {name}")
    print(f"{len(want)} files, {len(wrong)} of them differ")
    return 1 if wrong else 0


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--out", type=Path, default=HERE)
    options.add_argument("--check", action="store_true")
    chosen = options.parse_args()
    if chosen.check:
        raise SystemExit(check())
    write(chosen.out)
    print(f"{len(files(chosen.out))} files written")


if __name__ == "__main__":
    main()
