"""usage.csv as usage.parquet beside it, typed: text columns, a date, decimals. usage: to_parquet.py DATA [CODEC]"""
import sys

import duckdb

data, codec = sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else "zstd"
NUMBERS = {"quantity", "costInBillingCurrency", "costInPricingCurrency", "costInUsd", "paygCostInBillingCurrency",
           "paygCostInUsd", "PayGPrice", "unitPrice", "exchangeRatePricingToBilling", "partnerEarnedCreditRate"}


def kind(name):
    if name == "date":
        return "DATE"
    if name == "effectivePrice":
        return "DECIMAL(38, 22)"
    return "DECIMAL(38, 18)" if name in NUMBERS else "VARCHAR"


with open(f"{data}/usage.csv") as file:
    header = file.readline().strip().split(",")
types = ", ".join(f"'{name}': '{kind(name)}'" for name in header)
duckdb.execute(f"""
    COPY (SELECT * FROM read_csv('{data}/usage.csv', header = true, columns = {{{types}}}, dateformat = '%m/%d/%Y',
                                 quote = '"', escape = '"', delim = ','))
    TO '{data}/usage.parquet' (FORMAT parquet, COMPRESSION {codec}, ROW_GROUP_SIZE 122880)""")
