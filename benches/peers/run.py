"""The programs in turn on the same data, as whole processes: times, memory, ratios; fails where a digit differs.

usage: run.py PEC DATA ROLES [--pairs N] [--parquet] [--threads N]
"""
import argparse
import csv
import hashlib
import os
import platform
import statistics
import subprocess
import sys
import time
from decimal import Context, Decimal, Inexact
from pathlib import Path

import duckdb
import polars

HERE = Path(__file__).parent
IN_PEC = {"line.refund": "refund", "line.not_usage": "not_usage", "product.reservation": "reservation",
          "product.savings_plan": "savings_plan", "product.spot": "spot", "product.marketplace": "marketplace",
          "product.third_party": "third_party", "product.unlisted": "unlisted", "earned": "earned",
          "partial_day": "access", "no_access": "access"}
# Sums of decimals, every digit: what does not fit stops the run.
EXACT = Context(prec=200, traps=[Inexact])


def cost(command, environment=None):
    """Wall seconds, processor seconds and peak MiB of a process."""
    begun = time.perf_counter()
    child = os.posix_spawn(command[0], command, environment or os.environ, file_actions=[
        (os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)])
    _, status, used = os.wait4(child, 0)
    wall = time.perf_counter() - begun
    if status:
        sys.exit(f"{' '.join(command)} ended with status {os.waitstatus_to_exitcode(status)}")
    return wall, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024


def totals(path):
    """Lines, list amount and credit by reason, exact; and the number of groups."""
    sums, groups = {}, set()
    with open(path, newline="") as file:
        rows = csv.reader(file)
        header = next(rows)
        columns = [header.index(name) for name in ("subscription", "date", "meter", "reason", "lines", "list_amount", "credit")]
        for row in rows:
            subscription, date, meter, reason, lines, list_amount, credit = [row[column] for column in columns]
            reason = IN_PEC.get(reason, reason)
            # What access was missing is told by pec in ten ways, by the others in two.
            reason = "access" if reason.startswith("access.") else reason
            sum_ = sums.setdefault(reason, [0, Decimal(0), Decimal(0)])
            sum_[0] += int(lines)
            sum_[1] = EXACT.add(sum_[1], Decimal(list_amount))
            sum_[2] = EXACT.add(sum_[2], Decimal(credit))
            groups.add((subscription, date, meter, reason))
    return sums, len(groups)


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("pec")
    arguments.add_argument("data", type=Path)
    arguments.add_argument("roles")
    arguments.add_argument("--pairs", type=int, default=5)
    arguments.add_argument("--parquet", action="store_true")
    arguments.add_argument("--threads", default="2")
    arguments = arguments.parse_args()
    usage = arguments.data / ("usage.parquet" if arguments.parquet else "usage.csv")
    out = {name: str(arguments.data / f"groups-{name}.csv") for name in ("duckdb", "polars", "pec")}
    commands = {
        name: [sys.executable, str(HERE / f"peer_{name}.py"), str(arguments.data), arguments.roles, out[name], "--threads",
               arguments.threads, *(["--parquet"] if arguments.parquet else [])]
        for name in ("duckdb", "polars")}
    commands["pec"] = [
        arguments.pec, "statement", str(usage), *(str(arguments.data / name) for name in ("prices.csv", "access.json", "partner.json")),
        "--price-source", "list", "--by", "subscription,date,meter", "--groups", out["pec"], "--format", "csv", "--threads",
        arguments.threads]
    # Not read here: a child's peak memory begins with what its parent holds.
    with open(os.devnull, "wb") as nowhere:
        subprocess.run(["cat", usage], stdout=nowhere, check=True)
    costs = {name: [] for name in commands}
    for _ in range(arguments.pairs):
        for name, command in commands.items():
            # A table of a run before is taken away by nobody's time, and what another has written is on the disk: `pec` waits
            # until its own table is, and would wait for it too.
            Path(out[name]).unlink(missing_ok=True)
            os.sync()
            costs[name].append(cost(command))
            print(f"{name}: {costs[name][-1][0]:.2f} s", file=sys.stderr)
    found = {name: totals(path) for name, path in out.items()}
    if not found["pec"] == found["duckdb"] == found["polars"]:
        for name, (sums, groups) in found.items():
            print(name, groups, {reason: [str(value) for value in sums[reason]] for reason in sorted(sums)})
        sys.exit("the programs do not agree")
    lines = sum(sum_[0] for sum_ in found["pec"][0].values())
    print(f"{usage.name}: {lines} lines, {found['pec'][1]} groups, {arguments.threads} threads, {arguments.pairs} runs each in turn; "
          "every sum by reason agrees to the last digit")
    median = {name: [statistics.median(column) for column in zip(*rows)] for name, rows in costs.items()}
    print("| program | wall s | CPU s | peak MiB |\n| --- | ---: | ---: | ---: |")
    for name, (wall, cpu, peak) in median.items():
        print(f"| {name} | {wall:.2f} | {cpu:.2f} | {peak:.0f} |")
    best = min(("duckdb", "polars"), key=lambda name: median[name][0])
    for name in ("duckdb", "polars"):
        ratios = sorted(own[0] / other[0] for own, other in zip(costs["pec"], costs[name]))
        print(f"wall, pec / {name}: {statistics.median(ratios):.3f} ({ratios[0]:.3f} to {ratios[-1]:.3f})"
              + (" <- the faster one" if name == best else ""))
    print(f"peak memory, pec / duckdb: {median['pec'][2] / median['duckdb'][2]:.3f}")
    scripts = ", ".join(f"{path.name} {hashlib.sha256(path.read_bytes()).hexdigest()[:16]}"
                        for path in (HERE / "common.py", HERE / "peer_duckdb.py", HERE / "peer_polars.py"))
    print(f"DuckDB {duckdb.__version__}, Polars {polars.__version__}, Python {platform.python_version()}; {scripts}")


if __name__ == "__main__":
    main()
