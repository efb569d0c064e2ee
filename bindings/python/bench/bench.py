"""What a frame costs beside the command on the same lines from Parquet; and every kind of frame gives the same result.

    cargo build --release --package azure-pec-cli --features parquet --bin pec
    cargo xtask generate --lines 1000000 --out target/generated
    pip install bindings/python pandas polars duckdb pyarrow
    python bindings/python/bench/bench.py target/generated target/release/pec

Ratios of one run are what counts: medians of runs in turn.
"""

import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

import duckdb
import pandas
import polars
import pyarrow
import pyarrow.csv
import pyarrow.parquet

import azure_pec

ROUNDS = 7


def timed(work) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def main(folder: Path, pec: Path) -> None:
    usage = folder / "usage.csv"
    names = usage.open(encoding="utf-8-sig").readline().strip().split(",")
    texts = pyarrow.csv.ConvertOptions(column_types={name.strip('"'): pyarrow.string() for name in names}, strings_can_be_null=False)
    table = pyarrow.csv.read_csv(usage, convert_options=texts, parse_options=pyarrow.csv.ParseOptions(newlines_in_values=True))
    calculator = azure_pec.Calculator(
        access=azure_pec.AccessHistory.load(folder / "access.json"),
        prices=azure_pec.PriceList.load(folder / "prices.csv"),
        partner=azure_pec.Partner.load(folder / "partner.json"),
    )
    with tempfile.TemporaryDirectory() as other:
        for name in ("access.json", "prices.csv", "partner.json"):
            shutil.copy(folder / name, other)
        pyarrow.parquet.write_table(table, Path(other, "usage.parquet"), compression="snappy")
        command = [pec, "statement", other, "--format", "json"]
        times = [
            (timed(lambda: subprocess.run(command, check=True, stdout=subprocess.DEVNULL)), timed(lambda: calculator.evaluate(table)))
            for _ in range(ROUNDS)
        ]
    first, second = (median(run[which] for run in times) for which in (0, 1))
    print(f"{table.num_rows} lines: pec from Parquet {first:.2f} s, Arrow stream {second:.2f} s, ratio {second / first:.2f} (at most 1.5)")
    expected = calculator.evaluate(usage, by=["subscription", "date"]).statement.body_sha256
    frames = {
        "pyarrow": lambda: table,
        "pandas": lambda: pandas.read_csv(usage, dtype=str, keep_default_na=False),
        "polars": lambda: polars.read_csv(usage, infer_schema=False),
        "duckdb": lambda: duckdb.sql(f"FROM read_csv('{usage}', all_varchar = true)"),
    }
    for name, read in frames.items():
        found = calculator.evaluate(read(), by=["subscription", "date"]).statement.body_sha256
        print(f"{name}: {'the same' if found == expected else 'ANOTHER'} result")
        assert found == expected, name


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
