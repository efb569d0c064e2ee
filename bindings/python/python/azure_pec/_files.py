"""Questions of a folder of everything, as the command ``pec`` answers them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from . import _native
from ._calculator import Answer, changed
from ._policy import Policy, keys_of
from ._request import Day, Progress, StrPath, document, paths_of, teller
from ._statement import Statement


def _request(operation: str, paths: tuple[StrPath, ...], fields: dict[str, Any]) -> str:
    policy = keys_of(fields.pop("policy", None))
    start = fields.pop("from_", None)
    return document(operation=operation, paths=paths_of(paths), policy=policy, **fields, **{"from": start})


def _ask(operation: str, paths: tuple[StrPath, ...], progress: Progress, **fields: Any) -> str:
    return _native.ask(_request(operation, paths, fields), teller(progress))


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
    fields = dict(
        by=list(by), from_=from_, to=to, policy=policy, policy_file=policy_file, rule=rule, taken_at=taken_at, usage=usage,
        newest_run=newest_run, allow_rejected=allow_rejected, rejects=rejects, groups=groups, lines=lines, amounts=amounts,
        threads=threads, base=base, max_memory=max_memory, max_file_bytes=max_file_bytes,
    )  # fmt: skip
    return Statement(_ask("statement", paths, progress, **fields))


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
    fields = dict(
        resource=resource, date=date, subscription=subscription, since=since,
        policy=policy, policy_file=policy_file, rule=rule, taken_at=taken_at, usage=usage, newest_run=newest_run,
        allow_rejected=allow_rejected, rejects=rejects, threads=threads, base=base, max_file_bytes=max_file_bytes,
    )  # fmt: skip
    return Answer(_ask("explain", paths, progress, **fields))


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
    fields = dict(
        out=out, policy=policy, policy_file=policy_file, rule=rule, taken_at=taken_at, usage=usage, newest_run=newest_run,
        allow_rejected=allow_rejected, rejects=rejects, threads=threads, base=base, max_file_bytes=max_file_bytes,
    )  # fmt: skip
    return Answer(_ask("reconcile", paths, progress, **fields))


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
    fields = dict(
        grant=grant, revoke=revoke, set=changed(change), transfer=transfer, suggest=suggest, service=service, forecast=forecast,
        policy=policy, policy_file=policy_file, rule=rule, taken_at=taken_at, usage=usage, newest_run=newest_run,
        allow_rejected=allow_rejected, rejects=rejects, threads=threads, base=base, max_file_bytes=max_file_bytes,
    )  # fmt: skip
    return Answer(_ask("whatif", paths, progress, **fields))


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
    fields = dict(
        service=service, policy=policy, policy_file=policy_file, rule=rule, taken_at=taken_at, usage=usage, newest_run=newest_run,
        allow_rejected=allow_rejected, rejects=rejects, threads=threads, base=base, max_file_bytes=max_file_bytes,
    )  # fmt: skip
    return Answer(_ask("advise", paths, progress, **fields))


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
    fields = dict(
        out=out, policy=policy, policy_file=policy_file, rule=rule, taken_at=taken_at, usage=usage, newest_run=newest_run,
        allow_rejected=allow_rejected, rejects=rejects, threads=threads, base=base, max_file_bytes=max_file_bytes,
    )  # fmt: skip
    return _native.report(_request("report", paths, fields), teller(progress))


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
    fields = dict(taken_at=taken_at, usage=usage, newest_run=newest_run, base=base, max_file_bytes=max_file_bytes)
    return Answer(_ask("inspect", paths, progress, **fields))


def history(
    *paths: StrPath,
    out: StrPath | None = None,
    taken_at: Day | None = None,
    base: StrPath | None = None,
    max_file_bytes: int | None = None,
) -> Answer:
    """Exports of access put together into one history, ``azure-pec/access/1``: ``pec history``."""
    return Answer(_ask("history", paths, None, out=out, taken_at=taken_at, base=base, max_file_bytes=max_file_bytes))
