"""Errors are one class, with the codes of every other face."""

import pickle
from decimal import Decimal
from fractions import Fraction

import pandas
import polars
import pyarrow
import pytest

import azure_pec
from azure_pec import Calculator, PecError


def test_files_that_are_not_there() -> None:
    with pytest.raises(PecError) as caught:
        azure_pec.AccessHistory.load("no/such/folder")
    error = caught.value
    assert (error.code, error.file, error.line) == ("input.not_found", "no/such/folder", None)
    assert isinstance(error, ValueError) and error.help and error.code in str(error)
    again = pickle.loads(pickle.dumps(error))
    assert (type(again), again.code, str(again)) == (PecError, error.code, str(error))


@pytest.mark.parametrize("number", [0.1, True, Decimal("NaN"), float("inf"), None])
def test_numbers_that_are_not_exact(number: object) -> None:
    with pytest.raises(PecError) as caught:
        Calculator().credits([{"date": "2026-10-05", "quantity": number if number is not None else 1.5}])
    assert caught.value.code == "number.invalid"


def test_exact_numbers_keep_every_digit() -> None:
    price, quantity = Decimal("0.1999968000511991808131"), Decimal("1234567.123456")
    [credit] = Calculator().credits([{"date": "2026-10-05", "quantity": quantity, "list_price": price}])
    assert Fraction(credit.list_amount) == Fraction(price) * Fraction(quantity)


def test_frames_of_floats_are_told_how_to_be_read(calculator: Calculator, usage: dict[str, list[str]]) -> None:
    frame = pandas.DataFrame(usage).assign(quantity=lambda f: f["quantity"].astype(float))
    for floats in (frame, polars.from_pandas(frame), pyarrow.Table.from_pandas(frame)):
        with pytest.raises(PecError) as caught:
            calculator.evaluate(floats)
        assert (caught.value.code, caught.value.column) == ("number.binary_float", "quantity")
        assert "dtype=str" in caught.value.help


def test_bad_cells_are_told_by_row_and_column(calculator: Calculator, usage: dict[str, list[str]]) -> None:
    broken = {name: list(column) for name, column in usage.items()}
    broken["quantity"][1233] = "many"
    with pytest.raises(PecError) as caught:
        calculator.evaluate(pyarrow.table(broken))
    assert caught.value.code == "rejects.too_many"
    [first] = caught.value.rejected
    assert (first.code, first.file, first.line, first.column) == ("number.invalid", "data", 1234, "quantity")
    assert calculator.evaluate(pyarrow.table(broken), allow_rejected=1).statement.totals[0].lines == 2671


def test_what_is_no_usage(calculator: Calculator) -> None:
    with pytest.raises(PecError) as caught:
        calculator.evaluate(pyarrow.table({"a": [1]}))
    assert caught.value.code == "input.unknown_kind"
    with pytest.raises(TypeError, match="__arrow_c_stream__"):
        calculator.evaluate(polars.LazyFrame({"a": [1]}))


def test_a_stream_is_read_once(usage: dict[str, list[str]]) -> None:
    def raising():
        yield pyarrow.table(usage).to_batches()[0]
        raise RuntimeError("gone")

    table = pyarrow.table(usage)
    reader = pyarrow.RecordBatchReader.from_batches(table.schema, raising())
    with pytest.raises(PecError) as caught:
        Calculator().evaluate(reader)
    assert caught.value.code == "input.truncated" and "gone" in caught.value.message


def test_arguments_and_policy() -> None:
    with pytest.raises(PecError) as caught:
        Calculator(policy=azure_pec.Policy(absence="perhaps"))
    assert caught.value.code == "policy.invalid"
    with pytest.raises(PecError) as caught:
        Calculator().evaluate("examples/contoso/usage", by=["colour"])
    assert caught.value.code == "usage.arguments"
