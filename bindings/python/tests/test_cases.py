"""Every shared case is answered as it says: see crates/azure-pec-conformance/cases/README.md."""

import base64
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

import azure_pec
from azure_pec import AccessHistory, Calculator, Credit, Partner, PecError, PriceList

FOLDER = Path(__file__).resolve().parents[3] / "crates/azure-pec-conformance/cases"


def all_cases() -> list[dict[str, Any]]:
    cases = []
    for path in sorted(FOLDER.glob("*/*.json")):
        document = json.loads(path.read_text())
        assert document["schema"] == "azure-pec/cases/1"
        cases += [{"from": path.name, **case} for case in document["cases"]]
    return cases


CASES = all_cases()


def plain(credit: Credit) -> dict[str, Any]:
    # Amounts are compared as they are written.
    amounts = ("list_amount", "rate", "potential", "credit", "net", "list_price")
    found = {name: getattr(credit, name) for name in (*amounts, "outcome", "reason")}
    return {name: format(v, "f") if name in amounts and v is not None else v for name, v in found.items()}


def holds(found: dict[str, Any], expected: dict[str, Any]) -> bool:
    """Whatever is written in `expected` is so in `found`."""
    return all(key in found and found[key] == value for key, value in expected.items())


def answers(case: dict[str, Any]) -> list[Credit]:
    """The answers to a case of lines: all together, and each by itself where no tiers rate it."""
    policy = case.get("policy")
    calculator = Calculator(
        access=AccessHistory.from_document(case["access"]) if case.get("access") is not None else None,
        prices=PriceList.from_rows(case["prices"]) if case.get("prices") is not None else None,
        partner=Partner.from_document(case["partner"]) if case.get("partner") is not None else None,
        policy=policy,
    )
    together = calculator.credits(case["lines"])
    if (policy or {}).get("price_source") != "list":
        for line, answer in zip(case["lines"], together):
            assert calculator.credits([line]) == [answer]
    # What is shipped elsewhere answers alike.
    assert Calculator.from_bytes(calculator.to_bytes()).credits(case["lines"]) == together
    return together


def difference(case: dict[str, Any]) -> str | None:
    try:
        found = [plain(credit) for credit in answers(case)]
    except PecError as error:
        return None if error.code == (case.get("error") or {}).get("code") else str(error)
    if "expect" not in case:
        return "answered"
    same = len(found) == len(case["expect"]) and all(map(holds, found, case["expect"]))
    return None if same else json.dumps(found)


def test_cases_of_lines() -> None:
    lines = [case for case in CASES if "files" not in case and "arithmetic" not in case]
    wrong = [f"{case['from']}: {case['title']}: {what}" for case in lines if (what := difference(case))]
    print(f"{len(lines)} cases of lines, {len(wrong)} differ")
    assert len(lines) >= 1900 and not wrong, "\n".join(wrong[:10])


@pytest.mark.parametrize("case", [case for case in CASES if "files" in case], ids=lambda case: str(case["title"]))
def test_cases_of_files(case: dict[str, Any], tmp_path: Path) -> None:
    for file in case["files"]:
        path = tmp_path / file["name"]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(base64.b64decode(file["base64"]) if "base64" in file else file["text"].encode())
    more = dict(case.get("request") or {})
    paths = [tmp_path / name for name in more.pop("paths", [""])]
    more = {key: tmp_path / value if key in ("groups", "lines", "rejects") else value for key, value in more.items()}
    options = dict(policy=case.get("policy"), base=tmp_path, threads=1, **more)
    if "error" in case:
        with pytest.raises(PecError) as caught:
            azure_pec.statement(*paths, **options)
        rejected = [] if "allow_rejected" in more else caught.value.rejected
        error = rejected[0] if rejected else caught.value
        assert holds(vars(error), case["error"]), str(error)
        return
    body = azure_pec.statement(*paths, **options).body
    for part in ("totals", "warnings"):
        if part in case:
            assert len(body[part]) == len(case[part]) and all(map(holds, body[part], case[part])), body[part]


def test_every_case_is_replayed_here_as_elsewhere() -> None:
    kinds = Counter("files" if "files" in c else "arithmetic" if "arithmetic" in c else "lines" for c in CASES)
    # Cases of arithmetic are the core's own: the package reckons nothing.
    print(", ".join(f"{count} cases of {kind}" for kind, count in sorted(kinds.items())))
    assert sum(kinds.values()) == len(CASES) and kinds["files"] >= 40
