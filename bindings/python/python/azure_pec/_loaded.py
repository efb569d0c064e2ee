"""What is given besides usage: access, prices, the partner."""

from __future__ import annotations

import json
from typing import Any, TypeVar

from . import _native
from ._request import Day, StrPath, amount, document, paths_of, plain
from ._statement import InputFile, input_file

_T = TypeVar("_T", bound="_Loaded")


class _Loaded:
    _part = ""
    _made: _native.Part

    def __init__(self, part: _native.Part) -> None:
        self._made = part

    @classmethod
    def _load(cls: type[_T], paths: tuple[StrPath, ...], **options: Any) -> _T:
        return cls(_native.Part(document(part=cls._part, paths=paths_of(paths), **options)))

    @property
    def files(self) -> list[InputFile]:
        """Every file that was read or passed over, and why."""
        return [input_file(file) for file in json.loads(self._made.files())]

    def __repr__(self) -> str:
        used = [file.path for file in self.files if file.kind]
        return f"<{type(self).__name__} of {', '.join(used)}>"


class AccessHistory(_Loaded):
    """Who held what access, when: of exports of Azure, or of a history that ``pec history`` wrote.

    >>> access = AccessHistory.load("examples/contoso/access")
    >>> [file.kind for file in access.files]
    ['access.history', 'access.role_assignments', 'access.role_assignments']
    """

    _part = "access"

    @classmethod
    def load(cls, *paths: StrPath, taken_at: Day | None = None, base: StrPath | None = None) -> AccessHistory:
        """Reads files and folders. ``taken_at``: when exports were taken that do not say so (UTC); ``base``: the folder
        that names in answers and errors are told from."""
        return cls._load(paths, taken_at=taken_at, base=base)

    @classmethod
    def from_document(cls, history: str | dict[str, Any]) -> AccessHistory:
        """Takes an ``azure-pec/access/1`` document."""
        return cls(_native.Part(_of_document("access", history)))


class PriceList(_Loaded):
    """List prices: Azure plan price lists, price sheets, retail prices.

    >>> PriceList.load("examples/contoso/prices").files[0].kind
    'prices.azure_plan'
    """

    _part = "prices"

    @classmethod
    def load(cls, *paths: StrPath, base: StrPath | None = None) -> PriceList:
        """Reads files and folders; ``base`` is the folder that names are told from."""
        return cls._load(paths, base=base)

    @classmethod
    def from_rows(cls, rows: list[dict[str, Any]]) -> PriceList:
        """Takes rows of a price list; prices are ``Decimal``, ``int`` or text.

        >>> row = {"product_id": "P", "sku_id": "1", "market": "DE", "currency": "USD", "unit_price": 2}
        >>> PriceList.from_rows([row]).files[0].records
        1
        """
        return cls(_native.Part(_of_document("prices", [_priced(row) for row in rows])))


class Partner(_Loaded):
    """Who is billed, who resells, whose the principals are.

    >>> Partner.load("examples/contoso/partner.json").files[0].records
    1
    """

    _part = "partner"

    @classmethod
    def load(cls, *paths: StrPath, base: StrPath | None = None) -> Partner:
        """Reads the partner file; ``base`` is the folder that names are told from."""
        return cls._load(paths, base=base)

    @classmethod
    def from_document(cls, partner: str | dict[str, Any]) -> Partner:
        """Takes an ``azure-pec/partner/1`` document."""
        return cls(_native.Part(_of_document("partner", partner)))


_AMOUNTS = ("unit_price", "tier_min", "tier_max", "tier_above")


def _priced(row: dict[str, Any]) -> dict[str, Any]:
    return {key: amount(v) if key in _AMOUNTS and v is not None else v for key, v in row.items()}


def _of_document(part: str, given: str | dict[str, Any] | list[dict[str, Any]]) -> str:
    if isinstance(given, str):
        # As it stands: the digits of a number are the calculator's to read.
        return f'{{"part": {json.dumps(part)}, "document": {given}}}'
    return json.dumps({"part": part, "document": given}, default=plain)
