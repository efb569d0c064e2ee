"""Calculators and parts of statements go to other processes."""

import pickle
import random

import pyarrow
import pytest

import azure_pec
from azure_pec import AccessHistory, Calculator, PecError, PriceList

USAGE = "examples/contoso/usage"


def again(calculator: Calculator) -> Calculator:
    made = pickle.loads(pickle.dumps(calculator))
    assert made.to_bytes() == calculator.to_bytes()
    return made


def test_a_calculator_pickles(calculator: Calculator) -> None:
    shipped = again(calculator)
    one, other = (each.evaluate(USAGE, by=["resource", "date"]).statement for each in (calculator, shipped))
    assert one.json == other.json
    lines = [each.evaluate(USAGE).lines.to_arrow() for each in (calculator, shipped)]
    assert lines[0].equals(lines[1])
    subscription = "fabrikam-just-in-time"
    assert calculator.explain(USAGE, subscription=subscription).json == shipped.explain(USAGE, subscription=subscription).json


@pytest.mark.parametrize("rounding", ["exact", "meter_month_cents", "invoice_nested"])
@pytest.mark.parametrize("price_source", ["line", "list"])
def test_parts_merge_to_the_whole(usage: dict[str, list[str]], rounding: str, price_source: str) -> None:
    calculator = Calculator(
        access=AccessHistory.load("examples/contoso/access"),
        prices=PriceList.load("examples/contoso/prices"),
        partner=azure_pec.Partner.load("examples/contoso/partner.json"),
        policy={"rounding": rounding, "price_source": price_source},
    )
    table = pyarrow.table(usage)
    rows = list(range(table.num_rows))
    random.Random(1).shuffle(rows)
    shuffled = table.take(rows)
    for by in ([], ["subscription", "date"], ["month", "product"]):
        whole = calculator.evaluate(table, by=by).statement
        for cuts in ([0, 2672], [0, 1, 700, 701, 2672], [0, 300, 600, 900, 1200, 1500, 1800, 2672]):
            pieces = [shuffled.slice(start, end - start) for start, end in zip(cuts, cuts[1:])]
            shipped = again(calculator)
            parts = [(shipped if at % 2 else calculator).part(piece, by=by, threads=1) for at, piece in enumerate(pieces)]
            random.Random(2).shuffle(parts)
            merged = calculator.merge(parts, by=by)
            assert merged.body == whole.body and merged.body_sha256 == whole.body_sha256
            [data] = [file for file in merged.inputs if file.path == "data"]
            assert (data.records, data.used) == (2672, 2672)


def test_days_of_parts(calculator: Calculator, usage: dict[str, list[str]]) -> None:
    table = pyarrow.table(usage)
    days = dict(from_="2026-10-03", to="2026-10-09")
    parts = [calculator.part(table.slice(start, 1000), **days) for start in (0, 1000, 2000)]
    assert calculator.merge(parts, from_="2026-10-03").body == calculator.evaluate(table, **days).statement.body


def test_what_is_no_part_is_refused(calculator: Calculator) -> None:
    part = calculator.part(USAGE)
    for code, work in {
        "input.unknown_kind": lambda: calculator.merge([b"something else"]),
        "input.truncated": lambda: calculator.merge([part[:-5]]),
        "policy.invalid": lambda: calculator.merge([part], by=["month"]),
        "usage.arguments": lambda: Calculator(policy={"absence": "assume"}).merge([part]),
    }.items():
        with pytest.raises(PecError) as caught:
            work()
        assert caught.value.code == code
    data = calculator.to_bytes()
    for code, broken in {"input.unknown_kind": b"", "input.truncated": data[:-5]}.items():
        with pytest.raises(PecError) as caught:
            Calculator.from_bytes(broken)
        assert caught.value.code == code


def grants(count: int) -> dict[str, object]:
    rows = random.Random(3)
    guid = lambda: f"{rows.getrandbits(32):08x}-{rows.getrandbits(16):04x}-4{rows.getrandbits(12):03x}-a{rows.getrandbits(12):03x}-{rows.getrandbits(48):012x}"  # noqa: E731
    tenants, roles, principals = ([guid() for _ in range(number)] for number in (300, 20, 200))
    subscriptions = [(guid(), rows.choice(tenants)) for _ in range(2000)]
    day = lambda: f"202{rows.randrange(4, 7)}-{rows.randrange(1, 13):02d}-{rows.randrange(1, 29):02d}"  # noqa: E731

    def grant(at: int) -> dict[str, object]:
        subscription, tenant = rows.choice(subscriptions)
        group = f"/resourcegroups/rg-{rows.randrange(50)}" if rows.random() < 0.3 else ""
        start = f"2023-{day()[5:]}T{rows.randrange(24):02d}:{rows.randrange(60):02d}:{rows.randrange(60):02d}.{rows.randrange(10**7):07d}Z"
        return {
            "id": guid(), "tenant_id": tenant, "path": "aobo", "scope": f"/subscriptions/{subscription}{group}",
            "role_id": rows.choice(roles), "principal_id": rows.choice(principals), "principal_kind": "ForeignGroup",
            "start": start, "end": f"{day()}T12:00:00Z" if rows.random() < 0.5 else None,
            "evidence": [{"file": f"exports/access/{rows.randrange(50)}.json", "record": f"value[{at}]"}],
        }  # fmt: skip

    return {"schema": "azure-pec/access/1", "observed": "complete", "grants": [grant(at) for at in range(count)]}


def prices(count: int) -> list[dict[str, object]]:
    rows = random.Random(4)
    letters = "0123456789BCDFGHJKLMNPQRSTVWXZ"
    text = lambda length: "".join(rows.choice(letters) for _ in range(length))  # noqa: E731
    guid = lambda: f"{rows.getrandbits(128):032x}"  # noqa: E731
    return [
        {
            "product_id": f"DZH318Z0{text(4)}", "sku_id": text(4), "meter_ids": [guid()], "market": "DE", "currency": "USD",
            "unit_price": f"0.{rows.randrange(1, 10**rows.randrange(2, 8))}", "unit": "1 Hour", "start": "2026-10-01T00:00:00Z",
            "end": "2026-11-01T00:00:00Z", "tags": ["Azure"], "publisher": "Microsoft",
        }
        for _ in range(count)
    ]  # fmt: skip


def test_a_grant_takes_100_bytes_and_a_price_64() -> None:
    nothing = len(Calculator().to_bytes())
    access = Calculator(access=AccessHistory.from_document(grants(20_000)))
    per_grant = (len(access.to_bytes()) - nothing) / 20_000
    rows = prices(20_000)
    priced = Calculator(prices=PriceList.from_rows(rows))
    per_price = (len(priced.to_bytes()) - nothing) / 20_000
    meters = [row["meter_ids"][0] for row in rows[:100]]  # type: ignore[index]
    restricted = (len(priced.to_bytes(meters=meters)) - nothing) / 20_000
    print(f"{per_grant:.1f} bytes a grant, {per_price:.1f} a price, {restricted:.1f} of a list restricted to 100 meters")
    assert per_grant <= 100 and per_price <= 64 and restricted <= 16


def test_a_restricted_calculator_knows_its_meters_alone() -> None:
    rows = prices(50)
    whole = Calculator(prices=PriceList.from_rows(rows), policy={"price_source": "list"})
    wanted = rows[7]["meter_ids"][0]  # type: ignore[index]
    restricted = Calculator.from_bytes(whole.to_bytes(meters=[wanted]))
    for at, row in enumerate(rows):
        line = {"date": "2026-10-05", "quantity": 2, "product_id": row["product_id"], "sku_id": row["sku_id"],
                "meter_id": row["meter_ids"][0], "subscription_id": "5b0a1ca3-7d3e-4f60-9a11-2f6c0d5e0a30"}  # type: ignore[index]  # fmt: skip
        [one], [other] = whole.credits([line]), restricted.credits([line])
        assert (one == other) if at == 7 else (other.reason == "product.unlisted")


def test_broken_parquet_is_told_by_its_error_alone(calculator: Calculator, usage: dict[str, list[str]], tmp_path, capfd) -> None:
    import pyarrow.parquet

    path = tmp_path / "usage.parquet"
    pyarrow.parquet.write_table(pyarrow.table(usage), path, compression="snappy")
    good = path.read_bytes()
    codes = set()
    for at in range(4, len(good) - 8, len(good) // 150):
        path.write_bytes(good[:at] + bytes([good[at] ^ 0xFF]) + good[at + 1 :])
        try:
            calculator.evaluate(path)
        except PecError as error:
            codes.add(error.code)
    assert "input.truncated" in codes
    assert capfd.readouterr().err == ""
