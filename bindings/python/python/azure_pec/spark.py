"""Usage in Spark: each partition is worked out where it lies, through ``DataFrame.mapInArrow``.

    calculator = azure_pec.Calculator(access=..., prices=..., partner=...)
    usage = spark.read.csv("usage", header=True, multiLine=True, escape='"')
    result = azure_pec.spark.evaluate(usage, calculator, by=["customer", "month"])
    result.statement.totals
    result.lines.write.parquet("lines")

Columns have the names of the exports; quantities and prices are strings or decimals (without ``inferSchema`` Spark
reads strings; texts of exports may hold line ends and quotes, hence the options above). Binary floats are refused (``number.binary_float``). The package has to be installed where
Spark's workers run.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from ._calculator import Calculator
from ._request import Day
from ._statement import Statement

if TYPE_CHECKING:
    import pyarrow as _pyarrow
    from pyspark.sql import DataFrame as _DataFrame

LINES = (
    "file string, line bigint, date date, customer_id string, customer_name string, reseller_id string, plan_id string, "
    "subscription_id string, subscription_name string, resource_id string, meter_id string, meter_name string, "
    "product_id string, sku_id string, quantity decimal(38,18), list_price decimal(38,22), currency string, "
    "outcome string, reason string, rate decimal(38,18), list_amount decimal(38,28), potential decimal(38,28), "
    "credit decimal(38,28), net decimal(38,28), observed_rate decimal(38,18), billing_currency string, "
    "exchange_rate decimal(38,18), grant_ids string, gap_start string, gap_end string"
)
"""The schema of lines, as Spark writes it."""


class SparkEvaluation:
    """Usage of a Spark frame, evaluated: its statement, and its lines."""

    statement: Statement
    """What all partitions say together: the body is that of one process, to the byte."""
    lines: _DataFrame
    """Every line with its answer; worked out when it is asked for. ``file`` and ``line`` count within a partition."""

    def __init__(self, statement: Statement, lines: _DataFrame) -> None:
        self.statement, self.lines = statement, lines

    def __repr__(self) -> str:
        return repr(self.statement)

    def _repr_html_(self) -> str:
        return self.statement._repr_html_()


def evaluate(
    df: _DataFrame,
    calculator: Calculator,
    *,
    by: Sequence[str] = (),
    from_: Day | None = None,
    to: Day | None = None,
    usage: str | None = None,
    allow_rejected: int = 0,
) -> SparkEvaluation:
    """The statement of the usage in a Spark frame, and its lines as another frame. Options are those of
    `Calculator.evaluate`; what a partition does not read is told by the error of its task."""
    options: dict[str, Any] = dict(by=list(by), from_=from_, to=to, usage=usage, allow_rejected=allow_rejected)

    def part(batches: Iterator[_pyarrow.RecordBatch]) -> Iterator[_pyarrow.RecordBatch]:
        import pyarrow

        reader = _reader(batches)
        # A partition without rows has no part. Spark has a task for each core: one thread is its share.
        made = [] if reader is None else [calculator.part(reader, threads=1, **options)]
        yield pyarrow.record_batch({"part": pyarrow.array(made, pyarrow.binary())})

    parts = [row.part for row in df.mapInArrow(part, "part binary").collect()]
    statement = calculator.merge((bytes(one) for one in parts), by=by, from_=from_, allow_rejected=allow_rejected)
    return SparkEvaluation(statement, lines(df, calculator, from_=from_, to=to, usage=usage, allow_rejected=allow_rejected))


def lines(
    df: _DataFrame,
    calculator: Calculator,
    *,
    from_: Day | None = None,
    to: Day | None = None,
    usage: str | None = None,
    allow_rejected: int = 0,
) -> _DataFrame:
    """Every line of a Spark frame with its answer, as another frame. A price list with tiers needs whole months and is
    refused here; the statement does not need them."""
    options: dict[str, Any] = dict(from_=from_, to=to, usage=usage, allow_rejected=allow_rejected)

    def answered(batches: Iterator[_pyarrow.RecordBatch]) -> Iterator[_pyarrow.RecordBatch]:
        reader = _reader(batches)
        if reader is not None:
            yield from calculator.lines(reader, threads=1, **options).batches()

    return df.mapInArrow(answered, LINES)


def _reader(batches: Iterator[_pyarrow.RecordBatch]) -> _pyarrow.RecordBatchReader | None:
    """The batches as a stream; none where there is no batch."""
    import itertools

    import pyarrow

    first = next(batches, None)
    if first is None:
        return None
    return pyarrow.RecordBatchReader.from_batches(first.schema, itertools.chain([first], batches))
