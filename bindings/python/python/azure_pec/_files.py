"""Questions of a folder of everything, as the command ``pec`` answers them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from . import _native
from ._calculator import Answer, changed
from ._policy import Policy, keys_of
from ._request import Day, Progress, StrPath, question
from ._statement import Statement


def _question(operation: str, asked: Mapping[str, Any]) -> tuple[str, Callable[[int, int], Any] | None]:
    """As `question`, of all parameters of a function."""
    fields = {**asked, "policy": keys_of(asked.get("policy"))}
    if "change" in fields:
        fields["set"] = changed(fields.pop("change"))
    return question(operation, fields.pop("paths"), fields)


def statement(
    *paths: StrPath,
    by: Sequence[str] = (),
    from_: Day | None = None,
    to: Day | None = None,
    policy: Policy | Mapping[str, Any] | None = None,
    policy_file: StrPath | None = None,
    rule: StrPath | None = None,
    taken_at: Day | None = None,
    usage: str | None = None,
    newest_run: bool = False,
    allow_rejected: int = 0,
    rejects: StrPath | None = None,
    groups: StrPath | None = None,
    lines: StrPath | None = None,
    amounts: str = "decimal",
    threads: int | None = None,
    max_memory: int | None = None,
    base: StrPath | None = None,
    max_file_bytes: int | None = None,
    progress: Progress = None,
) -> Statement:
    """What usage earned and missed, of everything in the files: ``pec statement``.

    ``base`` is the folder that names in answers and errors are told from; ``max_file_bytes`` bounds what a packed file may
    become; everything else is as in `Calculator` and `Calculator.evaluate`. All questions of a folder take these.

    >>> statement("examples/contoso").totals[0].missed
    Decimal('181.098')
    """
    return Statement(_native.ask(*_question("statement", locals())))


def explain(
    *paths: StrPath,
    resource: str | None = None,
    date: Day | None = None,
    subscription: str | None = None,
    since: Day | None = None,
    policy: Policy | Mapping[str, Any] | None = None,
    policy_file: StrPath | None = None,
    rule: StrPath | None = None,
    taken_at: Day | None = None,
    usage: str | None = None,
    newest_run: bool = False,
    allow_rejected: int = 0,
    rejects: StrPath | None = None,
    threads: int | None = None,
    base: StrPath | None = None,
    max_file_bytes: int | None = None,
    progress: Progress = None,
) -> Answer:
    """Why a resource's day, or a subscription's month, is what it is: ``pec explain``.

    >>> explain("examples/contoso", subscription="fabrikam-just-in-time")["name"]
    'fabrikam-just-in-time'
    """
    return Answer(_native.ask(*_question("explain", locals())))


def reconcile(
    *paths: StrPath,
    out: StrPath | None = None,
    policy: Policy | Mapping[str, Any] | None = None,
    policy_file: StrPath | None = None,
    rule: StrPath | None = None,
    taken_at: Day | None = None,
    usage: str | None = None,
    newest_run: bool = False,
    allow_rejected: int = 0,
    rejects: StrPath | None = None,
    threads: int | None = None,
    base: StrPath | None = None,
    max_file_bytes: int | None = None,
    progress: Progress = None,
) -> Answer:
    """What was billed against what the rule expects: ``pec reconcile``. ``out`` writes a dispute pack (.zip)."""
    return Answer(_native.ask(*_question("reconcile", locals())))


def what_if(
    *paths: StrPath,
    grant: Sequence[str | Mapping[str, Any]] = (),
    revoke: Sequence[str | Mapping[str, Any]] = (),
    change: Mapping[str, str] | None = None,
    transfer: Sequence[str | Mapping[str, Any]] = (),
    suggest: bool = False,
    service: Sequence[str] = (),
    forecast: bool = False,
    policy: Policy | Mapping[str, Any] | None = None,
    policy_file: StrPath | None = None,
    rule: StrPath | None = None,
    taken_at: Day | None = None,
    usage: str | None = None,
    newest_run: bool = False,
    allow_rejected: int = 0,
    rejects: StrPath | None = None,
    threads: int | None = None,
    base: StrPath | None = None,
    max_file_bytes: int | None = None,
    progress: Progress = None,
) -> Answer:
    """What would be with these changes: ``pec whatif``. ``policy`` holds before and after, ``change`` after alone; everything
    else is as in `Calculator.what_if`.

    >>> answer = what_if("examples/contoso", suggest=True)
    >>> answer["body"]["suggestions"][0]["currency"]
    'USD'
    """
    return Answer(_native.ask(*_question("whatif", locals())))


def advise(
    *paths: StrPath,
    service: Sequence[str] = (),
    policy: Policy | Mapping[str, Any] | None = None,
    policy_file: StrPath | None = None,
    rule: StrPath | None = None,
    taken_at: Day | None = None,
    usage: str | None = None,
    newest_run: bool = False,
    allow_rejected: int = 0,
    rejects: StrPath | None = None,
    threads: int | None = None,
    base: StrPath | None = None,
    max_file_bytes: int | None = None,
    progress: Progress = None,
) -> Answer:
    """What each grant is needed for, and whether less access would keep the credit: ``pec advise``.

    >>> advise("examples/contoso", service=["log_analytics"]).document["schema"]
    'azure-pec/advice/1'
    """
    return Answer(_native.ask(*_question("advise", locals())))


def report(
    *paths: StrPath,
    out: StrPath | None = None,
    policy: Policy | Mapping[str, Any] | None = None,
    policy_file: StrPath | None = None,
    rule: StrPath | None = None,
    taken_at: Day | None = None,
    usage: str | None = None,
    newest_run: bool = False,
    allow_rejected: int = 0,
    rejects: StrPath | None = None,
    threads: int | None = None,
    base: StrPath | None = None,
    max_file_bytes: int | None = None,
    progress: Progress = None,
) -> str:
    """All of it as one page of HTML, which ``out`` writes into a file: ``pec report``.

    >>> page = report("examples/contoso")
    >>> page[:15]
    '<!DOCTYPE html>'
    """
    return _native.report(*_question("report", locals()))


def inspect(
    *paths: StrPath,
    taken_at: Day | None = None,
    usage: str | None = None,
    newest_run: bool = False,
    base: StrPath | None = None,
    max_file_bytes: int | None = None,
    progress: Progress = None,
) -> Answer:
    """What each file is taken for, and what is missing: ``pec inspect``.

    >>> inspect("examples/contoso").document["schema"]
    'azure-pec/inspection/1'
    """
    return Answer(_native.ask(*_question("inspect", locals())))


def history(
    *paths: StrPath,
    out: StrPath | None = None,
    taken_at: Day | None = None,
    base: StrPath | None = None,
    max_file_bytes: int | None = None,
) -> Answer:
    """Exports of access put together into one history, ``azure-pec/access/1``: ``pec history``."""
    return Answer(_native.ask(*_question("history", locals())))
