"""The example month in Python: what was earned and missed, and for which reasons. Run it at the root of the project."""

from azure_pec import AccessHistory, Calculator, Partner, PriceList

calculator = Calculator(
    access=AccessHistory.load("examples/contoso/access"),
    prices=PriceList.load("examples/contoso/prices"),
    partner=Partner.load("examples/contoso/partner.json"),
)
result = calculator.evaluate("examples/contoso/usage")

for total in result.statement.totals:
    print(f"{total.currency}: {total.earned} earned, {total.missed} missed, {total.unknown} unknown")
for row in result.statement.reasons:
    if row.outcome == "missed":
        print(f"  {row.reason}: {row.potential} over {row.lines} lines")

frame = result.lines.to_polars()
print(frame.group_by("reseller_id", "outcome").len().sort("reseller_id", "outcome"))
