"""The table of lines: every usage line with its answer."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from . import _native
from ._errors import error_of

if TYPE_CHECKING:
    import pandas as _pandas
    import polars as _polars
    import pyarrow as _pyarrow


class Lines:
    """A row for each usage line, as an Arrow stream: whatever reads Arrow reads it (``pyarrow.table(lines)``,
    ``polars.DataFrame(lines)``, DuckDB). It is worked out anew each time that it is read, and never held as a whole.

    Quantities are decimal128(38,18), list prices (38,22), amounts (38,28); ``amounts="string"`` gives texts instead.
    """

    def __init__(self, table: _native.Table) -> None:
        self._table = table

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        """The stream, by the Arrow PyCapsule interface."""
        return self._table.__arrow_c_stream__(requested_schema)

    def to_arrow(self) -> _pyarrow.Table:
        """A pyarrow table."""
        import pyarrow

        with self._told():
            return pyarrow.table(self)

    def to_batches(self) -> _pyarrow.RecordBatchReader:
        """pyarrow record batches, one after the other: memory does not grow with the lines."""
        import pyarrow

        return pyarrow.RecordBatchReader.from_stream(self)

    def batches(self) -> Iterator[_pyarrow.RecordBatch]:
        """The same, one by one; what goes wrong on the way is a `PecError`."""
        with self._told():
            yield from self.to_batches()

    def to_polars(self) -> _polars.DataFrame:
        """A polars frame."""
        import polars

        with self._told():
            return polars.DataFrame(self)

    def to_pandas(self) -> _pandas.DataFrame:
        """A pandas frame; amounts are ``decimal.Decimal``."""
        frame: Any = self.to_arrow().to_pandas()
        return frame

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Whoever reads a stream tells its error in words of his own; here it is the calculator's."""
        try:
            yield
        except Exception as error:
            told = self._table.take_error()
            if told is None:
                raise
            raise error_of(told) from error

    def __repr__(self) -> str:
        return "<Lines: an Arrow stream; .to_pandas(), .to_polars(), .to_arrow()>"
