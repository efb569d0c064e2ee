"""What-if, advice and the report: what the command writes, to the byte."""

import csv
import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import azure_pec
import pytest

REMOVED = "/subscriptions/5b0a1ca3-7d3e-4f60-9a11-2f6c0d5e0a30"
CONTOSO = "examples/contoso"


def command(*arguments: str) -> str:
    """What the command prints: the one of the environment, else one that is built for it."""
    built = ["cargo", "run", "--quiet", "--package", "azure-pec-cli", "--bin", "pec", "--"]
    program = [os.environ["PEC"]] if "PEC" in os.environ else built
    return subprocess.run([*program, *arguments], check=True, stdout=subprocess.PIPE).stdout.decode()


def document(*arguments: str) -> str:
    return command(*arguments, "--format", "json")


def test_documents_are_the_commands(calculator: azure_pec.Calculator) -> None:
    grant = f"role=Owner,scope={REMOVED},start=2026-10-12,end=2026-10-18"
    fields = {"role": "Owner", "scope": REMOVED, "start": "2026-10-12", "end": "2026-10-18"}
    expected = document("whatif", CONTOSO, "--grant", grant)
    assert calculator.what_if(CONTOSO, grant=[grant]).json == expected
    assert calculator.what_if(CONTOSO, grant=[fields]).json == expected
    assert azure_pec.what_if(CONTOSO, grant=[fields]).json == expected
    assert calculator.what_if(CONTOSO, suggest=True).json == document("whatif", CONTOSO, "--suggest")
    expected = document("whatif", CONTOSO, "--set", "deny=block", "--forecast")
    assert calculator.what_if(CONTOSO, policy={"deny": "block"}, forecast=True).json == expected
    expected = document("advise", CONTOSO, "--service", "log_analytics")
    assert calculator.advise(CONTOSO, service=["log_analytics"]).json == expected
    assert azure_pec.advise(CONTOSO, service=["log_analytics"]).json == expected


def test_what_is_wrong_has_its_code(calculator: azure_pec.Calculator) -> None:
    for grant, code in (("role=Overlord,scope=/", "id.invalid"), ("role=Owner", "usage.arguments")):
        with pytest.raises(azure_pec.PecError) as error:
            calculator.what_if(CONTOSO, grant=[grant])
        assert error.value.code == code


def test_a_report_is_the_page_that_the_command_writes(tmp_path: Path) -> None:
    command("report", CONTOSO, "--out", str(tmp_path / "command.html"))
    page = azure_pec.report(CONTOSO, out=tmp_path / "own.html")
    assert page == (tmp_path / "command.html").read_text() == (tmp_path / "own.html").read_text()
    with pytest.raises(azure_pec.PecError) as error:
        azure_pec.report(CONTOSO, out=tmp_path / "none/own.html")
    assert error.value.code == "output.write_failed"


def test_every_question_says_how_usage_is_read(calculator: azure_pec.Calculator, tmp_path: Path) -> None:
    """A line that cannot be read stops each, unless it may be rejected; then it is written down."""
    folder = shutil.copytree(CONTOSO, tmp_path / "contoso")
    part = folder / "usage" / "part_0_0001.csv"
    header, first, *rest = part.read_text(encoding="utf-8-sig").splitlines(keepends=True)
    part.write_text("".join([header, first.replace(f",{quantity_of(header, first)},", ",many,", 1), *rest]))
    asked: list[tuple[str, list[str], dict[str, Any]]] = [
        ("explain", ["--subscription", "fabrikam-just-in-time"], {"subscription": "fabrikam-just-in-time"}),
        ("reconcile", [], {}),
        ("what_if", ["--suggest"], {"suggest": True}),
        ("advise", ["--service", "log_analytics"], {"service": ["log_analytics"]}),
    ]
    for name, flags, fields in asked:
        rejects = tmp_path / f"{name}.csv"
        of_files = getattr(azure_pec, name)
        with pytest.raises(azure_pec.PecError) as caught:
            of_files(folder, **fields)
        assert caught.value.code == "rejects.too_many", name
        answer = of_files(folder, allow_rejected=1, rejects=rejects, threads=1, base=tmp_path, **fields)
        assert "number.invalid" in rejects.read_text(), name
        compiled = getattr(calculator, name)(folder / "usage", allow_rejected=1, threads=1, **fields)
        assert compiled["body"] == answer["body"] if "body" in answer.document else compiled["name"] == answer["name"], name
        expected = document(name.replace("_", ""), str(folder), *flags, "--allow-rejected", "1")
        assert json.loads(expected).get("body") == answer.document.get("body"), name
        with pytest.raises(azure_pec.PecError) as caught:
            of_files(folder, usage="usage.focus", **fields)
        assert caught.value.code == "input.usage_missing", name


def quantity_of(header: str, line: str) -> str:
    """What a line says of its quantity."""
    [row] = csv.DictReader([header, line])
    return row["quantity"]
