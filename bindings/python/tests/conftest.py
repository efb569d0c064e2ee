"""Tests run at the root of the project, where the examples are."""

import csv
import gzip
import os
from pathlib import Path

import pytest

import azure_pec

ROOT = Path(__file__).resolve().parents[3]
CONTOSO = ROOT / "examples" / "contoso"


@pytest.fixture(autouse=True)
def at_the_root(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)


@pytest.fixture(scope="session")
def calculator() -> azure_pec.Calculator:
    return azure_pec.Calculator(
        access=azure_pec.AccessHistory.load(CONTOSO / "access", base=ROOT),
        prices=azure_pec.PriceList.load(CONTOSO / "prices", base=ROOT),
        partner=azure_pec.Partner.load(CONTOSO / "partner.json", base=ROOT),
    )


@pytest.fixture(scope="session")
def usage() -> dict[str, list[str]]:
    """The whole month as columns of text."""
    columns: dict[str, list[str]] = {}
    for name in sorted(os.listdir(CONTOSO / "usage")):
        path = CONTOSO / "usage" / name
        opened = gzip.open(path, "rt", encoding="utf-8-sig") if name.endswith(".gz") else open(path, encoding="utf-8-sig")
        with opened as file:
            for row in csv.DictReader(file):
                for key, value in row.items():
                    columns.setdefault(key, []).append(value)
    return columns
