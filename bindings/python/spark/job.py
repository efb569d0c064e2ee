"""A local Spark job over a generated month: what its partitions say together is what one process says, to the byte.

`cargo xtask test-spark` runs it: python job.py FOLDER PARTITIONS
"""

import os
import sys
import time
from fractions import Fraction
from pathlib import Path

import pyarrow
import pyarrow.parquet
from pyarrow import csv
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

import azure_pec

BY = ["subscription", "date"]


def body(statement: azure_pec.Statement) -> str:
    """The body as it is printed."""
    return statement.json[statement.json.index('"body": ') : statement.json.index('"body_sha256": ')]


def main(folder: Path, partitions: int) -> None:
    calculator = azure_pec.Calculator(
        access=azure_pec.AccessHistory.load(folder / "access.json"),
        prices=azure_pec.PriceList.load(folder / "prices.csv"),
        partner=azure_pec.Partner.load(folder / "partner.json"),
    )
    usage = folder / "usage.csv"
    whole = calculator.evaluate(usage, by=BY).statement
    # Spark's own reader of CSV takes longer over 70 columns than everything else here.
    parquet = folder / "usage.parquet"
    names = [name.strip('"') for name in usage.open(encoding="utf-8-sig").readline().strip().split(",")]
    texts = csv.ConvertOptions(column_types={name: pyarrow.string() for name in names}, strings_can_be_null=False)
    lines_in_values = csv.ParseOptions(newlines_in_values=True)
    pyarrow.parquet.write_table(csv.read_csv(usage, convert_options=texts, parse_options=lines_in_values), parquet)
    # Workers are this Python.
    os.environ["PYSPARK_PYTHON"] = sys.executable
    spark = (
        SparkSession.builder.master("local[2]")
        .appName("azure-pec")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.driver.memory", "2g")
        .config("spark.ui.enabled", "false")
        .config("spark.sql.execution.arrow.maxRecordsPerBatch", "50000")
        .getOrCreate()
    )
    spark.sparkContext.setLogLevel("ERROR")
    try:
        frame = spark.read.parquet(str(parquet)).repartition(partitions)
        assert frame.select(F.spark_partition_id()).distinct().count() == partitions
        start = time.perf_counter()
        result = azure_pec.spark.evaluate(frame, calculator, by=BY)
        print(f"{whole.totals[0].lines} lines in {partitions} partitions: {time.perf_counter() - start:.1f} s")
        assert body(result.statement) == body(whole), "the merged body is another than that of one process"
        assert result.statement.body_sha256 == whole.body_sha256
        print(f"the body is that of one process: {whole.body_sha256}")
        # Lines come one for one, with every digit.
        sums = result.lines.groupBy("outcome").agg(F.count("*").alias("lines"), F.sum("credit").alias("credit")).collect()
        reasons = whole.reasons
        for row in sums:
            of_outcome = [reason for reason in reasons if reason.outcome == row.outcome]
            assert row.lines == sum(reason.lines for reason in of_outcome), row
            # Fractions: sums of decimals are cut to 28 digits by Python's own context.
            assert Fraction(row.credit or 0) == sum(Fraction(reason.credit) for reason in of_outcome), row
        assert sum(row.lines for row in sums) == whole.totals[0].lines
        print("lines: one for one, and their credits sum up to the statement's")
    finally:
        spark.stop()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
