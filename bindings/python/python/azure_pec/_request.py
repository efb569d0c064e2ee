"""Arguments as one request document. Nothing is checked here: the calculator says what is wrong with it."""

from __future__ import annotations

import datetime
import decimal
import json
import os
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Union

from ._errors import PecError

StrPath = Union[str, "os.PathLike[str]"]
Day = Union[str, datetime.date]
Progress = Union[bool, Callable[[int, int], Any], None]


def paths_of(paths: Iterable[StrPath]) -> list[str]:
    return [os.fspath(path) for path in paths]


def plain(value: Any) -> Any:
    """A value as JSON holds it: amounts and days as texts."""
    if isinstance(value, (decimal.Decimal, float)):
        return amount(value)
    if isinstance(value, datetime.datetime):
        text = value if value.tzinfo else value.replace(tzinfo=datetime.timezone.utc)
        return text.astimezone(datetime.timezone.utc).isoformat().replace("+00:00", "Z")
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, os.PathLike):
        return os.fspath(value)
    if isinstance(value, Mapping):
        return {key: plain(inner) for key, inner in value.items() if inner is not None}
    if isinstance(value, Iterable) and not isinstance(value, (str, bytes)):
        return [plain(inner) for inner in value]
    return value


def amount(value: Any) -> str:
    """An exact number as text.

    >>> import decimal
    >>> amount(decimal.Decimal("0.045"))
    '0.045'
    >>> amount(0.045)
    Traceback (most recent call last):
    ...
    azure_pec.PecError: [number.invalid] ...
    """
    if isinstance(value, bool) or not isinstance(value, (decimal.Decimal, int, str)):
        raise PecError(
            "number.invalid",
            f"expected an exact number, found the {type(value).__name__} {value!r}",
            help='write decimal.Decimal("0.045") or "0.045": a float may have lost digits before it came here',
        )
    if isinstance(value, decimal.Decimal):
        if not value.is_finite():
            raise PecError("number.invalid", f"expected a number, found {value}")
        return format(value, "f")
    return str(value)


def document(**fields: Any) -> str:
    """A request: what is None or empty is left out."""
    return json.dumps({key: value for key, value in plain(fields).items() if value not in (None, [], {})})


def question(
    operation: str, paths: Iterable[StrPath], fields: dict[str, Any]
) -> tuple[str, Callable[[int, int], Any] | None]:
    """A request with these fields, called as the parameters of functions are, and who is told of its progress."""
    tell, start = teller(fields.pop("progress", None)), fields.pop("from_", None)
    return document(operation=operation, paths=paths_of(paths), **fields, **{"from": start}), tell


def line_document(lines: Iterable[Mapping[str, Any]]) -> str:
    return json.dumps([{key: _field(key, value) for key, value in line.items() if value is not None} for line in lines])


def _field(key: str, value: Any) -> Any:
    return amount(value) if key in ("quantity", "list_price") else plain(value)


def teller(progress: Progress) -> Callable[[int, int], Any] | None:
    """What is called as the work goes on; `True` draws a bar where tqdm is installed."""
    if progress is None or progress is False:
        return None
    if progress is not True:
        return progress
    try:
        from tqdm.auto import tqdm
    except ImportError:
        return None
    bar = tqdm(unit="B", unit_scale=True, leave=False)

    def tell(read: int, total: int) -> None:
        bar.total = total
        bar.update(read - bar.n)
        if total and read >= total:
            bar.close()

    return tell
