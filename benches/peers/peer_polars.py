"""The job in Polars, lazy, streaming. usage: peer_polars.py DATA ROLES OUT [--parquet] [--threads N]"""
import argparse
import os

arguments = argparse.ArgumentParser()
arguments.add_argument("data")
arguments.add_argument("roles")
arguments.add_argument("out")
arguments.add_argument("--parquet", action="store_true")
arguments.add_argument("--threads", default="2")
arguments = arguments.parse_args()
os.environ["POLARS_MAX_THREADS"] = arguments.threads

import polars as pl  # noqa: E402 (it reads the variable when it is imported)

import common  # noqa: E402

ENGINE = "streaming"
# Products keep the larger scale of their factors: both get the scale that the product needs.
EXACT = pl.Decimal(38, 25)

price = pl.scan_csv(f"{arguments.data}/prices.csv", infer_schema=False).select(
    product=pl.col("ProductId") + pl.col("SkuId"), meter=pl.col("MeterIds").str.to_lowercase().str.split(","),
    unit_price=pl.col("UnitPrice").cast(EXACT), third_party=pl.col("Tags").str.contains("Third Party", literal=True),
    first=pl.col("EffectiveStartDate").str.to_datetime("%m/%d/%Y %I:%M:%S %p").dt.date(),
    last=pl.col("EffectiveEndDate").str.to_datetime("%m/%d/%Y %I:%M:%S %p").dt.date(),
).explode("meter").collect()
held = pl.DataFrame(
    list(common.grants(f"{arguments.data}/access.json", common.earning_roles(arguments.roles),
                    common.partner(f"{arguments.data}/partner.json"))), orient="row",
    schema=["subscription", "scope", "start", "stop"],
).with_columns(pl.col("start", "stop").str.to_datetime("%Y-%m-%dT%H:%M:%S"))

if arguments.parquet:
    usage = pl.scan_parquet(f"{arguments.data}/usage.parquet")
    date = pl.col("date")
else:
    with open(f"{arguments.data}/usage.csv") as file:
        header = file.readline().strip().split(",")
    usage = pl.scan_csv(f"{arguments.data}/usage.csv", schema={name: pl.String for name in header})
    date = pl.col("date").str.to_date("%m/%d/%Y")
line = usage.select(
    subscription="SubscriptionId", resource=pl.col("ResourceId").str.to_lowercase(), meter=pl.col("meterId").str.to_lowercase(),
    product="ProductId", date=date, quantity=pl.col("quantity").cast(EXACT), charge="chargeType", publisher="publisherType",
    model="PricingModel",
).collect(engine=ENGINE).lazy()

place = line.select("resource").unique().with_columns(subscription=pl.col("resource").str.split("/").list.get(2))
reaching = place.join(held.lazy(), on="subscription").filter(
    (pl.col("resource") == pl.col("scope")) | (pl.col("resource") + "/").str.starts_with(pl.col("scope") + "/"))
stretch = (
    reaching.select("resource", "start", "stop").sort("resource", "start", "stop")
    .with_columns(reached=pl.col("stop").cum_max().shift(1).over("resource"))
    .with_columns(island=(pl.col("reached").is_null() | (pl.col("start") > pl.col("reached"))).cum_sum().over("resource"))
    .group_by("resource", "island").agg(pl.col("start").min(), pl.col("stop").max()))
days = line.select("date").unique().with_columns(midnight=pl.col("date").cast(pl.Datetime("us")))
next_midnight = pl.col("midnight") + pl.duration(days=1)
covered = (
    stretch.join(days, how="cross").filter((pl.col("start") < next_midnight) & (pl.col("stop") > pl.col("midnight")))
    .group_by("resource", "date")
    .agg(how=pl.when((pl.col("start") <= pl.col("midnight")) & (pl.col("stop") >= next_midnight)).then(2).otherwise(1).max())
    .collect(engine=ENGINE))

reason = pl.when(pl.col("charge") == "Refund").then(pl.lit("refund"))
for test, name in [
    (pl.col("charge") != "Usage", "not_usage"), (pl.col("model") == "Reservation", "reservation"),
    (pl.col("model") == "SavingsPlan", "savings_plan"), (pl.col("model") == "Spot", "spot"),
    (pl.col("publisher") == "Marketplace", "marketplace"), (pl.col("third_party"), "third_party"),
    (pl.col("unit_price").is_null(), "unlisted"), (pl.col("how") == 2, "earned"), (pl.col("how") == 1, "partial_day"),
]:
    reason = reason.when(test).then(pl.lit(name))
# A meter may have several prices over time: joined by the key, the one in force is kept; a line without any stays.
priced = line.with_row_index("row").join(price.lazy(), on=["meter", "product"], how="left")
in_force = pl.col("first").is_null() | ((pl.col("date") >= pl.col("first")) & (pl.col("date") <= pl.col("last")))
(
    priced.filter(in_force).join(covered.lazy(), on=["resource", "date"], how="left")
    .with_columns(reason=reason.otherwise(pl.lit("no_access")), amount=(pl.col("quantity") * pl.col("unit_price")).fill_null(0))
    .group_by("subscription", "date", "meter", "reason").agg(lines=pl.len(), list_amount=pl.col("amount").sum())
    .with_columns(
        credit=pl.when(pl.col("reason") == "earned").then(pl.col("list_amount")).otherwise(0).cast(pl.Decimal(38, 27))
        * pl.lit("0.15").cast(pl.Decimal(38, 27)))
    .collect(engine=ENGINE).write_csv(arguments.out))
