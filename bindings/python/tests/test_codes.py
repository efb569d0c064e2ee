"""Every code that is raised in Rust is raised here, and is the same."""

import json
import re
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow
import pytest

import azure_pec
from azure_pec import AccessHistory, Calculator, PecError, Policy, PriceList

ROOT = Path(__file__).resolve().parents[3]
USAGE = "examples/contoso/usage"

NEVER = {
    # Ctrl-C and a progress callback that raises stop the work: what they raise is told, not that the work was stopped.
    "cancelled",
    # A line that tiers rate, asked for alone: `credits` rates lines together.
    "price.tiered",
    # Amounts converted by a program of its own; a statement and a reconciliation warn of it.
    "fx.missing",
    # A file that changes while it is read: the tests of the command change it at each read (tests/pec/faults.rs).
    "input.changed",
}


def codes_in_rust() -> set[str]:
    sources = [ROOT / "crates" / crate / "src" / "error.rs" for crate in ("azure-pec", "azure-pec-formats")]
    return {code for path in sources for code in re.findall(r'=> (?:\{\s*)?"([a-z_]+(?:\.[a-z_]+)?)"', path.read_text())}


def raised(work: Callable[[], Any]) -> PecError:
    with pytest.raises(PecError) as caught:
        work()
    return caught.value


def situations(usage: dict[str, list[str]], folder: Path) -> dict[str, Callable[[], Any]]:
    table = pyarrow.table(usage)

    def changed(name: str, column: pyarrow.Array) -> pyarrow.Table:
        return table.set_column(table.column_names.index(name), name, column)

    small = pyarrow.array([Decimal("0.0000000000000000001")] * table.num_rows, pyarrow.decimal128(38, 19))
    structs = pyarrow.array([{"a": 1}] * table.num_rows)
    floats = pyarrow.array([0.1] * table.num_rows)
    for at, rate in enumerate(("1.1", "1.2")):
        text = f"CurrencyCode,USDPerUnit,Month\nEUR,{rate},2026-10\n"
        (folder / f"rates{at}.csv").write_text(text)
    (folder / "deep.json").write_text("[" * 200 + "]" * 200)
    (folder / "huge.csv").write_text(Path(USAGE, "part_0_0001.csv").read_text() + '"' + "x" * (17 << 20))
    return {
        "amount.too_precise": lambda: Calculator().evaluate(changed("quantity", small)).lines.to_arrow(),
        "input.column_type": lambda: Calculator().evaluate(changed("quantity", structs)),
        "number.binary_float": lambda: Calculator().evaluate(changed("quantity", floats)),
        "output.write_failed": lambda: Calculator().evaluate(USAGE, by=["month"], groups="no/such/folder/groups.csv"),
        "policy.invalid": lambda: Calculator(policy=Policy(absence="perhaps")),
        "usage.arguments": lambda: Calculator().evaluate(USAGE, by=["colour"]),
        "input.not_found": lambda: AccessHistory.load("no/such/folder"),
        "input.unknown_kind": lambda: azure_pec.statement("README.md"),
        "input.too_large": lambda: azure_pec.statement(folder / "huge.csv"),
        "input.too_deep": lambda: AccessHistory.from_document((folder / "deep.json").read_text()),
        "fx.overlap": lambda: azure_pec.statement(USAGE, folder / "rates0.csv", folder / "rates1.csv",
                                                  policy={"rounding": "invoice_nested"}),
        "number.invalid": lambda: PriceList.from_rows([{"unit_price": 0.1}]),
        "rejects.too_many": lambda: Calculator().evaluate(changed("quantity", pyarrow.array(["many"] * table.num_rows))),
    }  # fmt: skip


def test_every_code(usage: dict[str, list[str]], tmp_path: Path) -> None:
    found = set()
    for code, work in situations(usage, tmp_path).items():
        assert raised(work).code == code
        found.add(code)
    for path in (ROOT / "crates/azure-pec-conformance/cases/bad").glob("*.json"):
        # Their replay (test_cases.py) holds each of them to its code.
        found |= {case["error"]["code"] for case in json.loads(path.read_text())["cases"] if "arithmetic" not in case}
    assert codes_in_rust() - found == NEVER
