"""The calculator: compiled once, asked many times."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING, Any, Union

from . import _native
from ._lines import Lines
from ._loaded import AccessHistory, Partner, PriceList
from ._policy import Policy, keys_of
from ._request import Day, Progress, StrPath, document, line_document, paths_of, question, teller
from ._statement import Statement

if TYPE_CHECKING:
    import pyarrow as _pyarrow

Data = Union[StrPath, Sequence[StrPath], Any]


@dataclass(frozen=True)
class Credit:
    """What is said of a usage line."""

    outcome: str
    reason: str
    list_amount: Decimal | None
    rate: Decimal
    potential: Decimal | None
    credit: Decimal | None
    net: Decimal | None
    list_price: Decimal | None
    """The price of a unit that the amount was made with; none where there is none or several tiers made it."""


class Answer:
    """A document of the calculator."""

    json: str
    """As ``pec`` prints it, to the byte."""

    def __init__(self, text: str) -> None:
        self.json = text

    @cached_property
    def document(self) -> dict[str, Any]:
        """The document as it stands; amounts are texts."""
        parsed: dict[str, Any] = json.loads(self.json)
        return parsed

    def __getitem__(self, key: str) -> Any:
        return self.document[key]

    def __repr__(self) -> str:
        return f"<{self.document.get('schema', 'document')}>"


class Evaluation:
    """Usage, evaluated: its statement, and its lines."""

    statement: Statement

    def __init__(self, calculator: Calculator, data: Data, options: dict[str, Any], statement: Statement) -> None:
        self._calculator, self._data, self._options = calculator, data, options
        self.statement = statement

    @property
    def lines(self) -> Lines:
        """Every line with its answer."""
        kept = ("usage", "newest_run", "from_", "to", "allow_rejected", "threads", "amounts")
        return self._calculator.lines(self._data, **{key: self._options.get(key) for key in kept})

    @cached_property
    def by_day(self) -> Statement:
        """The statement grouped by day."""
        options = {key: value for key, value in self._options.items() if key not in ("by", "groups", "rejects")}
        return self._calculator.evaluate(self._data, by=["date"], **options).statement

    def plot(self, currency: str | None = None) -> Any:
        """Earned, missed and unknown by day, and missed and unknown by reason; a matplotlib figure."""
        from ._plot import figure

        return figure(self, currency)

    def __repr__(self) -> str:
        return repr(self.statement)

    def _repr_html_(self) -> str:
        return self.statement._repr_html_()


class Calculator:
    """What access, prices, partner and policy say, compiled once; immutable, to be shared between threads.

    >>> from azure_pec import AccessHistory, Calculator, Partner, PriceList
    >>> calculator = Calculator(
    ...     access=AccessHistory.load("examples/contoso/access"),
    ...     prices=PriceList.load("examples/contoso/prices"),
    ...     partner=Partner.load("examples/contoso/partner.json"),
    ... )
    >>> result = calculator.evaluate("examples/contoso/usage", by=["customer"])
    >>> total = result.statement.totals[0]
    >>> total.missed
    Decimal('181.098')
    >>> total.coverage
    Decimal('0.885702')
    """

    def __init__(
        self,
        *,
        access: AccessHistory | None = None,
        prices: PriceList | None = None,
        partner: Partner | None = None,
        policy: Policy | Mapping[str, Any] | None = None,
        policy_file: StrPath | None = None,
        rule: StrPath | None = None,
    ) -> None:
        parts = [part._made for part in (access, prices, partner) if part is not None]
        self._native = _native.Native(parts, document(policy=keys_of(policy), policy_file=policy_file, rule=rule))

    def evaluate(
        self,
        data: Data,
        *,
        by: Sequence[str] = (),
        from_: Day | None = None,
        to: Day | None = None,
        usage: str | None = None,
        newest_run: bool | None = False,
        allow_rejected: int = 0,
        rejects: StrPath | None = None,
        groups: StrPath | None = None,
        threads: int | None = None,
        max_memory: int | None = None,
        amounts: str = "decimal",
        progress: Progress = None,
    ) -> Evaluation:
        """The statement of usage: of a path, paths and folders, or of anything with ``__arrow_c_stream__`` (pandas,
        polars, pyarrow, DuckDB, narwhals). Columns are found by the names that the exports have.

        ``by`` groups by ``customer``, ``reseller``, ``plan``, ``subscription``, ``resource_group``, ``resource``,
        ``service``, ``meter``, ``product``, ``invoice``, ``date``, ``month``; ``from_`` and ``to`` are days, both
        included; of the runs of an export ``newest_run`` takes those alone of which no newer one has all days, by their
        manifests; ``groups`` and ``rejects`` name tables to write (.csv, .csv.gz, .parquet); so many bytes as
        ``max_memory`` may sums and texts take. ``progress`` is called with
        the bytes read and all bytes; ``True`` draws a bar where tqdm is installed. Ctrl-C stops the work.

        Money is exact: a column of binary floats is refused (``number.binary_float``).
        """
        options = dict(
            by=list(by), from_=from_, to=to, usage=usage, newest_run=newest_run, allow_rejected=allow_rejected,
            rejects=rejects, groups=groups, threads=threads, max_memory=max_memory, amounts=amounts,
        )  # fmt: skip
        text = self._ask("statement", options | dict(data=data, progress=progress))
        return Evaluation(self, data, options, Statement(text))

    def lines(
        self,
        data: Data,
        *,
        from_: Day | None = None,
        to: Day | None = None,
        usage: str | None = None,
        newest_run: bool | None = False,
        allow_rejected: int | None = 0,
        threads: int | None = None,
        amounts: str | None = "decimal",
    ) -> Lines:
        """Every line of the usage with its answer, as an Arrow stream that works while it is read."""
        paths, tables = _split(data)
        fields = dict(usage=usage, newest_run=newest_run, allow_rejected=allow_rejected, threads=threads, amounts=amounts)
        return Lines(self._native.lines(document(paths=paths, **fields, to=to, **{"from": from_}), tables))

    def evaluate_batches(self, batches: Iterable[Any], schema: Any = None) -> Iterator[_pyarrow.RecordBatch]:
        """Lines for pyarrow record batches as they come, for engines that hand over partitions. A price list with
        tiers needs whole months and is refused here; use ``evaluate``.
        """
        import itertools

        import pyarrow

        batches = iter(batches)
        if schema is None:
            first = next(batches, None)
            if first is None:
                return
            schema, batches = first.schema, itertools.chain([first], batches)
        reader = pyarrow.RecordBatchReader.from_batches(schema, batches)
        yield from self.lines(reader).batches()

    def part(
        self,
        data: Data,
        *,
        by: Sequence[str] = (),
        from_: Day | None = None,
        to: Day | None = None,
        usage: str | None = None,
        newest_run: bool = False,
        allow_rejected: int = 0,
        threads: int | None = None,
        progress: Progress = None,
    ) -> bytes:
        """The sums of a part of the usage, for `merge` in another process: engines that cut data into partitions sum up
        each where it lies. Options are those of `evaluate`."""
        paths, tables = _split(data)
        fields = dict(by=list(by), to=to, usage=usage, newest_run=newest_run, allow_rejected=allow_rejected, threads=threads)
        return self._native.part(document(paths=paths, **fields, **{"from": from_}), tables, teller(progress))

    def merge(
        self,
        parts: Iterable[bytes],
        *,
        by: Sequence[str] = (),
        from_: Day | None = None,
        allow_rejected: int = 0,
        groups: StrPath | None = None,
    ) -> Statement:
        """The statement of parts, in any order: its body is that of the whole usage, to the byte. ``by`` and ``from_`` are
        those that the parts were made with.

        >>> calculator = Calculator()
        >>> files = ["examples/contoso/usage/part_0_0001.csv", "examples/contoso/usage/part_1_0001.csv"]
        >>> merged = calculator.merge(calculator.part(file) for file in files)
        >>> merged.body_sha256 == calculator.evaluate(files).statement.body_sha256
        True
        """
        request = document(by=list(by), allow_rejected=allow_rejected, groups=groups, **{"from": from_})
        return Statement(self._native.merge(request, list(parts)))

    def to_bytes(self, meters: Iterable[str] | None = None) -> bytes:
        """The calculator as bytes, which is how it pickles: the same calculator is the same bytes, less than 100 for a grant
        and 64 for a row of the price list. With ``meters`` it keeps the prices of these alone: lines of other meters, and
        lines that name none, are then ``product.unlisted``."""
        return self._native.to_bytes(None if meters is None else list(meters))

    @classmethod
    def from_bytes(cls, data: bytes) -> Calculator:
        """The calculator of such bytes; it answers every line as the first does.

        >>> calculator = Calculator(policy={"absence": "assume"})
        >>> Calculator.from_bytes(calculator.to_bytes()).to_bytes() == calculator.to_bytes()
        True
        """
        made = cls.__new__(cls)
        made._native = _native.Native.from_bytes(data)
        return made

    def __reduce__(self) -> tuple[Any, ...]:
        return (_of_bytes, (self.to_bytes(),))

    def explain(
        self,
        data: Data,
        *,
        resource: str | None = None,
        date: Day | None = None,
        subscription: str | None = None,
        since: Day | None = None,
        usage: str | None = None,
        newest_run: bool = False,
        allow_rejected: int = 0,
        rejects: StrPath | None = None,
        threads: int | None = None,
        progress: Progress = None,
    ) -> Answer:
        """Why a resource's day, or a subscription's month, is what it is: grants, gaps, remedies. How usage is read is said
        as to `evaluate`."""
        return Answer(self._ask("explain", locals()))

    def reconcile(
        self,
        data: Data,
        *,
        out: StrPath | None = None,
        usage: str | None = None,
        newest_run: bool = False,
        allow_rejected: int = 0,
        rejects: StrPath | None = None,
        threads: int | None = None,
        progress: Progress = None,
    ) -> Answer:
        """What was billed against what the rule expects: usage and invoice files among the paths. ``out`` writes a
        dispute pack (.zip). How usage is read is said as to `evaluate`."""
        return Answer(self._ask("reconcile", locals()))

    def what_if(
        self,
        data: Data,
        *,
        grant: Sequence[str | Mapping[str, Any]] = (),
        revoke: Sequence[str | Mapping[str, Any]] = (),
        policy: Mapping[str, str] | None = None,
        transfer: Sequence[str | Mapping[str, Any]] = (),
        suggest: bool = False,
        service: Sequence[str] = (),
        forecast: bool = False,
        usage: str | None = None,
        newest_run: bool = False,
        allow_rejected: int = 0,
        rejects: StrPath | None = None,
        threads: int | None = None,
        progress: Progress = None,
    ) -> Answer:
        """What would be with these changes, ``azure-pec/what-if/1``: the keys are those of ``pec whatif``. How usage is
        read is said as to `evaluate`.

        >>> calculator = Calculator(
        ...     access=AccessHistory.load("examples/contoso/access"),
        ...     prices=PriceList.load("examples/contoso/prices"),
        ...     partner=Partner.load("examples/contoso/partner.json"),
        ... )
        >>> removed = {"role": "Owner", "scope": "/subscriptions/5b0a1ca3-7d3e-4f60-9a11-2f6c0d5e0a30"}
        >>> answer = calculator.what_if("examples/contoso/usage", grant=[removed])
        >>> answer["body"]["difference"]["totals"][0]["earned"]
        '19.872'
        """
        return Answer(self._ask("whatif", locals()))

    def advise(
        self,
        data: Data,
        *,
        service: Sequence[str] = (),
        usage: str | None = None,
        newest_run: bool = False,
        allow_rejected: int = 0,
        rejects: StrPath | None = None,
        threads: int | None = None,
        progress: Progress = None,
    ) -> Answer:
        """What each grant is needed for, and whether less access would keep the credit, ``azure-pec/advice/1``. How usage
        is read is said as to `evaluate`."""
        return Answer(self._ask("advise", locals()))

    def credits(self, lines: Iterable[Mapping[str, Any]]) -> list[Credit]:
        """The credits of single lines, given as mappings with the names of the table of lines.

        >>> subscription = "5b0a1ca1-7d3e-4f60-9a11-2f6c0d5e0a10"
        >>> line = {"date": "2026-10-05", "subscription_id": subscription, "quantity": 2, "list_price": "0.045"}
        >>> credit = Calculator().credits([line])[0]
        >>> credit.reason, credit.potential
        ('access.unobserved', Decimal('0.0135'))
        """
        rows = json.loads(self._native.credits(line_document(lines)))
        amounts = ("list_amount", "rate", "potential", "credit", "net", "list_price")
        made: list[dict[str, Any]] = [
            {key: Decimal(v) if key in amounts and v is not None else v for key, v in row.items()} for row in rows
        ]
        return [Credit(**row) for row in made]

    def _ask(self, operation: str, asked: Mapping[str, Any]) -> str:
        """The answer to a method, of all its parameters."""
        fields = {name: value for name, value in asked.items() if name != "self"}
        paths, tables = _split(fields.pop("data"))
        if "policy" in fields:
            fields["set"] = changed(fields.pop("policy"))
        request, tell = question(operation, paths, fields)
        return self._native.ask(request, tables, tell)


def changed(policy: Mapping[str, str] | None) -> list[dict[str, str]]:
    return [{key: value} for key, value in (policy or {}).items()]


def _of_bytes(data: bytes) -> Calculator:
    return Calculator.from_bytes(data)


def _split(data: Data) -> tuple[list[str], list[Any]]:
    """Paths, and tables of Arrow."""
    given: list[Any] = list(data) if isinstance(data, (list, tuple)) else [data]
    paths = [one for one in given if isinstance(one, (str, os.PathLike))]
    return paths_of(paths), [one for one in given if not isinstance(one, (str, os.PathLike))]
