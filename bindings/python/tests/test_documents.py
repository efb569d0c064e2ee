"""What-if, advice and the report: what the command writes, to the byte."""

import os
import subprocess
from pathlib import Path

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
