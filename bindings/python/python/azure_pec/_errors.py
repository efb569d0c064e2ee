"""The one error of the calculator."""

from __future__ import annotations

import json
from typing import Any


class PecError(ValueError):
    """What is wrong, where, and what to do about it. Every error of the calculator is one.

    >>> import azure_pec
    >>> try:
    ...     azure_pec.PriceList.load("no/such/file.csv")
    ... except azure_pec.PecError as error:
    ...     print(error.code, error.file)
    input.not_found no/such/file.csv
    """

    code: str
    """The stable code, the same in every language and on the command line."""
    message: str
    """What is wrong, without the place."""
    file: str | None
    """The file, as it was named."""
    line: int | None
    """The line at which the record starts; the first line is 1. In tables of Arrow and Parquet the row."""
    column: str | None
    """The column's name in a table, the path of the field in a document."""
    help: str
    """What to do about it."""
    rejected: list[PecError]
    """The first 20 lines that could not be read, where too many could not."""

    def __init__(
        self,
        code: str,
        message: str,
        *,
        file: str | None = None,
        line: int | None = None,
        column: str | None = None,
        help: str = "",
        rejected: list[PecError] | None = None,
    ) -> None:
        place = [file, None if line is None else f"line {line}", None if column is None else f"column {column}"]
        where = ", ".join(part for part in place if part)
        first = f"; the first: {rejected[0]}" if rejected else ""
        super().__init__(f"[{code}] " + (f"{where}: " if where else "") + message + (f" ({help})" if help else "") + first)
        self.code, self.message, self.help = code, message, help
        self.file, self.line, self.column = file, line, column
        self.rejected = rejected or []

    def __reduce__(self) -> tuple[Any, ...]:
        return (error_of, (json.dumps(_document(self)),))


def _document(error: PecError) -> dict[str, Any]:
    keys = ("code", "message", "file", "line", "column", "help")
    return {key: getattr(error, key) for key in keys} | {"rejected": [_document(one) for one in error.rejected]}


def error_of(document: str | dict[str, Any]) -> PecError:
    """The error of its document."""
    fields = json.loads(document) if isinstance(document, str) else dict(document)
    rejected = [error_of(one) for one in fields.pop("rejected", [])]
    return PecError(fields.pop("code"), fields.pop("message"), rejected=rejected, **fields)
