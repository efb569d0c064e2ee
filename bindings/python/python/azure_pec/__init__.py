"""Microsoft's partner earned credit (PEC), worked out exactly: what was earned, what was missed, and why.

>>> import azure_pec
>>> calculator = azure_pec.Calculator(
...     access=azure_pec.AccessHistory.load("examples/contoso/access"),
...     prices=azure_pec.PriceList.load("examples/contoso/prices"),
...     partner=azure_pec.Partner.load("examples/contoso/partner.json"),
... )
>>> statement = calculator.evaluate("examples/contoso/usage").statement
>>> for total in statement.totals:
...     print(total.currency, total.earned, total.missed, total.unknown)
USD 2086.4395328099460594227934 181.098 88.152

Amounts are ``decimal.Decimal`` and exact; every error is a `PecError` with a stable ``code``.
"""

from . import spark
from ._calculator import Answer, Calculator, Credit, Evaluation
from ._errors import PecError
from ._files import advise, explain, history, inspect, reconcile, report, statement, what_if
from ._lines import Lines
from ._loaded import AccessHistory, Partner, PriceList
from ._policy import Policy
from ._statement import GroupSums, InputFile, Notice, ReasonSums, Statement, Totals

PecError.__module__ = __name__

__all__ = [
    "AccessHistory",
    "Answer",
    "Calculator",
    "Credit",
    "Evaluation",
    "GroupSums",
    "InputFile",
    "Lines",
    "Notice",
    "Partner",
    "PecError",
    "Policy",
    "PriceList",
    "ReasonSums",
    "Statement",
    "Totals",
    "advise",
    "explain",
    "history",
    "inspect",
    "reconcile",
    "report",
    "spark",
    "statement",
    "what_if",
]
