"""What-if and advice: the command's documents, to the byte."""

import os
import subprocess

import azure_pec
import pytest

REMOVED = "/subscriptions/5b0a1ca3-7d3e-4f60-9a11-2f6c0d5e0a30"
CONTOSO = "examples/contoso"


def command(*arguments: str) -> str:
    """What the command prints: the one of the environment, else one that is built for it."""
    built = ["cargo", "run", "--quiet", "--package", "azure-pec-cli", "--bin", "pec", "--"]
    program = [os.environ["PEC"]] if "PEC" in os.environ else built
    arguments = (*arguments, "--format", "json")
    return subprocess.run([*program, *arguments], check=True, stdout=subprocess.PIPE).stdout.decode()


def test_documents_are_the_commands(calculator: azure_pec.Calculator) -> None:
    grant = f"role=Owner,scope={REMOVED},start=2026-10-12,end=2026-10-18"
    fields = {"role": "Owner", "scope": REMOVED, "start": "2026-10-12", "end": "2026-10-18"}
    expected = command("whatif", CONTOSO, "--grant", grant)
    assert calculator.what_if(CONTOSO, grant=[grant]).json == expected
    assert calculator.what_if(CONTOSO, grant=[fields]).json == expected
    assert calculator.what_if(CONTOSO, suggest=True).json == command("whatif", CONTOSO, "--suggest")
    expected = command("whatif", CONTOSO, "--set", "deny=block", "--forecast")
    assert calculator.what_if(CONTOSO, policy={"deny": "block"}, forecast=True).json == expected
    expected = command("advise", CONTOSO, "--service", "log_analytics")
    assert calculator.advise(CONTOSO, service=["log_analytics"]).json == expected


def test_what_is_wrong_has_its_code(calculator: azure_pec.Calculator) -> None:
    for grant, code in (("role=Overlord,scope=/", "id.invalid"), ("role=Owner", "usage.arguments")):
        with pytest.raises(azure_pec.PecError) as error:
            calculator.what_if(CONTOSO, grant=[grant])
        assert error.value.code == code
