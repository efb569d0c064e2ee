"""The example month: the same document as the command's, whatever the data comes in."""

import datetime
import json
from decimal import Decimal

import duckdb
import pandas
import polars
import pyarrow
import pytest

import azure_pec


def test_the_numbers_worked_out_by_hand(calculator: azure_pec.Calculator) -> None:
    with open("examples/contoso/expected.json") as file:
        expected = json.load(file)
    statement = calculator.evaluate("examples/contoso/usage").statement
    assert statement.body["totals"] == expected["totals"]
    assert statement.body["reasons"] == expected["reasons"]
    assert statement.totals[0].earned == Decimal("2086.4395328099460594227934")
    assert (statement.first, statement.last) == (datetime.date(2026, 10, 1), datetime.date(2026, 10, 31))
    assert "earned" in statement._repr_html_()


def frames(usage: dict[str, list[str]]):
    table = pyarrow.table(usage)
    dictionaries = pyarrow.table({name: column.dictionary_encode() for name, column in zip(table.column_names, table.columns)})
    typed = table.set_column(
        table.column_names.index("quantity"),
        "quantity",
        pyarrow.array([Decimal(text) for text in usage["quantity"]], pyarrow.decimal128(38, 18)),
    )
    yield "pyarrow", table
    yield "dictionaries", dictionaries
    yield "decimals", typed
    yield "pandas", pandas.DataFrame(usage)
    yield "polars", polars.DataFrame(usage)
    yield "duckdb", duckdb.sql("SELECT * FROM typed")
    yield "reader", table.to_reader(max_chunksize=100)


def test_every_kind_of_frame_gives_the_same_body(calculator: azure_pec.Calculator, usage: dict[str, list[str]]) -> None:
    expected = calculator.evaluate("examples/contoso/usage", by=["subscription", "date"]).statement
    for name, frame in frames(usage):
        statement = calculator.evaluate(frame, by=["subscription", "date"]).statement
        assert statement.body == expected.body, name
        assert statement.body_sha256 == expected.body_sha256, name


def test_lines_are_a_stream_that_everybody_reads(calculator: azure_pec.Calculator, usage: dict[str, list[str]]) -> None:
    result = calculator.evaluate(pyarrow.table(usage))
    table = result.lines.to_arrow()
    assert table.num_rows == 2672
    assert table.schema.field("quantity").type == pyarrow.decimal128(38, 18)
    assert table.schema.field("credit").type == pyarrow.decimal128(38, 28)
    assert sum(credit for credit in table["credit"].to_pylist() if credit) == result.statement.totals[0].earned
    assert result.lines.to_polars()["reason"].to_list() == table["reason"].to_pylist()
    assert isinstance(result.lines.to_pandas()["net"].iloc[0], Decimal)
    lines = result.lines.to_arrow()
    assert duckdb.sql("SELECT count(*) FROM lines").fetchall() == [(2672,)]
    texts = calculator.evaluate("examples/contoso/usage", amounts="string").lines.to_arrow()
    assert texts.schema.field("credit").type == pyarrow.string()


def test_batches_go_through_one_by_one(calculator: azure_pec.Calculator, usage: dict[str, list[str]]) -> None:
    table = pyarrow.table(usage)
    whole = calculator.evaluate(table).lines.to_arrow()
    for size in (1, 7, 1000):
        batches = calculator.evaluate_batches(table.to_batches(max_chunksize=size) if size > 1 else table.to_batches())
        parted = pyarrow.Table.from_batches(list(batches))
        assert parted.equals(whole)
    assert list(calculator.evaluate_batches([])) == []


def test_a_stream_that_is_let_go_stops_its_work(calculator: azure_pec.Calculator) -> None:
    for _ in range(20):
        reader = calculator.lines("examples/contoso/usage").to_batches()
        del reader


def test_explain_and_reconcile(calculator: azure_pec.Calculator) -> None:
    usage = "examples/contoso/usage"
    with open("examples/contoso/usage/part_0_0001.csv", encoding="utf-8-sig") as file:
        header, row = (next(file).strip().split(",") for _ in range(2))
    resource = dict(zip(header, row))["ResourceId"]
    answer = calculator.explain(usage, resource=resource, date=datetime.date(2026, 10, 1))
    assert answer["schema"] == "azure-pec/explanation/1"
    bills = calculator.reconcile("examples/contoso-reconcile/clean")
    assert bills["schema"] == "azure-pec/reconciliation/1"
    assert azure_pec.inspect("examples/contoso")["schema"] == "azure-pec/inspection/1"
    assert azure_pec.history("examples/contoso/access")["schema"] == "azure-pec/access/1"


def test_progress_is_told_and_may_stop_the_work(calculator: azure_pec.Calculator) -> None:
    seen: list[tuple[int, int]] = []
    calculator.evaluate("examples/contoso/usage", progress=lambda read, total: seen.append((read, total)))
    assert seen and seen[-1][0] == seen[-1][1] > 0

    def stop(read: int, total: int) -> None:
        raise RuntimeError("enough")

    with pytest.raises(RuntimeError, match="enough"):
        calculator.evaluate("examples/contoso/usage", progress=stop)


def test_a_picture(calculator: azure_pec.Calculator) -> None:
    pytest.importorskip("matplotlib")
    figure = calculator.evaluate("examples/contoso/usage").plot()
    assert len(figure.axes) == 2
