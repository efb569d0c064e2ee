"""The job in DuckDB. usage: peer_duckdb.py DATA ROLES OUT [--parquet] [--threads N]"""
import argparse
import csv
import os
import tempfile

import duckdb

import common

arguments = argparse.ArgumentParser()
arguments.add_argument("data")
arguments.add_argument("roles")
arguments.add_argument("out")
arguments.add_argument("--parquet", action="store_true")
arguments.add_argument("--threads", type=int, default=2)
arguments = arguments.parse_args()

db = duckdb.connect()
db.execute(f"SET threads = {arguments.threads}")
db.execute("SET preserve_insertion_order = false")
db.execute("SET TimeZone = 'UTC'")


def table(name, columns, rows):
    """A small table by way of a file: inserting row by row is slow."""
    with tempfile.NamedTemporaryFile("w", suffix=".csv", newline="", delete=False) as file:
        csv.writer(file).writerows(rows)
    types = ", ".join(f"'{column}': '{kind}'" for column, kind in columns.items())
    db.execute(f"CREATE TABLE {name} AS SELECT * FROM read_csv('{file.name}', header = false, columns = {{{types}}})")
    os.unlink(file.name)


db.execute(f"""
    CREATE TABLE price AS
    SELECT ProductId || SkuId AS product, lower(unnest(string_split(MeterIds, ','))) AS meter,
           CAST(UnitPrice AS DECIMAL(20, 15)) AS unit_price, contains(Tags, 'Third Party') AS third_party,
           strptime(EffectiveStartDate, '%m/%d/%Y %I:%M:%S %p')::DATE AS first,
           strptime(EffectiveEndDate, '%m/%d/%Y %I:%M:%S %p')::DATE AS last
    FROM read_csv('{arguments.data}/prices.csv', all_varchar = true, header = true)""")
table("held", {"subscription": "VARCHAR", "scope": "VARCHAR", "start": "TIMESTAMP", "stop": "TIMESTAMP"},
      common.grants(f"{arguments.data}/access.json", common.earning_roles(arguments.roles),
                    common.partner(f"{arguments.data}/partner.json")))

if arguments.parquet:
    source = f"read_parquet('{arguments.data}/usage.parquet')"
else:
    with open(f"{arguments.data}/usage.csv") as file:
        header = file.readline().strip().split(",")
    kinds = {"date": "DATE", "quantity": "DECIMAL(18, 10)"}
    types = ", ".join(f"'{name}': '{kinds.get(name, 'VARCHAR')}'" for name in header)
    source = (f"read_csv('{arguments.data}/usage.csv', header = true, columns = {{{types}}}, dateformat = '%m/%d/%Y', "
              "quote = '\"', escape = '\"', delim = ',', strict_mode = true)")
db.execute(f"""
    CREATE TEMP TABLE line AS
    SELECT SubscriptionId AS subscription, lower(ResourceId) AS resource, lower(meterId) AS meter, ProductId AS product, date,
           CAST(quantity AS DECIMAL(18, 10)) AS quantity, chargeType AS charge, publisherType AS publisher,
           PricingModel AS model
    FROM {source}""")
db.execute("CREATE TEMP TABLE place AS SELECT DISTINCT resource, split_part(resource, '/', 3) AS subscription FROM line")
db.execute("""
    CREATE TEMP TABLE stretch AS
    WITH reaching AS (
        SELECT place.resource, held.start, held.stop FROM place JOIN held ON place.subscription = held.subscription
         AND (place.resource = held.scope OR starts_with(place.resource, held.scope || '/'))),
    before AS (
        SELECT *, max(stop) OVER (PARTITION BY resource ORDER BY start, stop
                                  ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS reached FROM reaching),
    numbered AS (
        SELECT *, sum(CASE WHEN reached IS NULL OR start > reached THEN 1 ELSE 0 END)
                  OVER (PARTITION BY resource ORDER BY start, stop ROWS UNBOUNDED PRECEDING) AS island FROM before)
    SELECT resource, min(start) AS start, max(stop) AS stop FROM numbered GROUP BY resource, island""")
db.execute("""
    CREATE TEMP TABLE covered AS
    SELECT resource, date, max(CASE WHEN start <= date AND stop >= date + INTERVAL 1 DAY THEN 2 ELSE 1 END) AS how
    FROM stretch JOIN (SELECT DISTINCT date FROM line)
      ON start < date + INTERVAL 1 DAY AND stop > date GROUP BY resource, date""")
db.execute(f"""
    COPY (
        SELECT subscription, date, meter, reason, count(*) AS lines, sum(amount) AS list_amount,
               CAST(sum(CASE WHEN reason = 'earned' THEN amount ELSE 0 END) AS DECIMAL(36, 25)) * 0.15::DECIMAL(2, 2) AS credit
        FROM (
            SELECT line.subscription, line.date, line.meter, coalesce(line.quantity * price.unit_price, 0) AS amount,
                   CASE WHEN charge = 'Refund' THEN 'refund' WHEN charge <> 'Usage' THEN 'not_usage'
                        WHEN model = 'Reservation' THEN 'reservation' WHEN model = 'SavingsPlan' THEN 'savings_plan'
                        WHEN model = 'Spot' THEN 'spot' WHEN publisher = 'Marketplace' THEN 'marketplace'
                        WHEN price.third_party THEN 'third_party' WHEN price.unit_price IS NULL THEN 'unlisted'
                        WHEN covered.how = 2 THEN 'earned' WHEN covered.how = 1 THEN 'partial_day' ELSE 'no_access' END AS reason
            FROM line
            LEFT JOIN price ON line.meter = price.meter AND line.product = price.product
                           AND line.date BETWEEN price.first AND price.last
            LEFT JOIN covered ON line.resource = covered.resource AND line.date = covered.date)
        GROUP BY ALL)
    TO '{arguments.out}' (HEADER)""")
