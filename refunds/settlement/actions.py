"""Storing settlement reports: each once, its changes followed, and what cannot be read kept and told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from jetsync.actions.log import notify, record
from jetsync.actions.schedule import ask_jet_now
from jetsync.enums import NoticeLevel
from jetsync.models import JetAccount, Job, Merchant
from jetsync.tenancy.actor import SYSTEM, Actor
from jetsync.tenancy.managers import bulk_create
from refunds.enums import SettlementState, settlement_state_of
from refunds.models import SettlementLine, SettlementReport
from refunds.settlement.comparison import compare
from refunds.settlement.pages import settlement_list_url, settlement_url
from refunds.settlement.queries import settlement_lines
from refunds.settlement.reading import ReportFacts
from refunds.settlement.words import period_words

JOB_KIND = "refunds.settlement"

_TOLD = {
    SettlementState.SUBMITTED: (NoticeLevel.INFO, "Jet sent the money to the bank."),
    SettlementState.PAID: (NoticeLevel.SUCCESS, "The bank has paid it out."),
    SettlementState.REJECTED: (
        NoticeLevel.DANGER,
        "The bank did not take it, and you have no money yet. Check the bank account in Jet's partner portal.",
    ),
    SettlementState.UNKNOWN: (
        NoticeLevel.WARNING,
        "jetsync does not know this word; look the payment up in Jet's partner portal.",
    ),
}


@dataclass(frozen=True)
class Stored:
    report: SettlementReport
    is_new: bool


@transaction.atomic
def store_report(
    merchant: Merchant, account: JetAccount, facts: ReportFacts, *, seen_at: datetime, job: Job | None = None
) -> Stored:
    """Brings the report to what Jet shows. Twice stores once; a read overtaken by a newer one changes nothing."""
    made, is_new = SettlementReport.objects.get_or_create(
        merchant=merchant,
        report_id=facts.report_id,
        defaults={"account": account, "seen_at": seen_at, "jet_state": facts.jet_state},
    )
    report = SettlementReport.objects.select_for_update(of=("self",)).get(merchant=merchant, pk=made.pk)
    report.merchant = merchant
    if report.seen_at > seen_at:
        return Stored(report, is_new=False)
    report.seen_at = seen_at
    if facts.problems:
        _keep_unread(report, facts, job)
    else:
        _take(report, facts, is_new=is_new, job=job)
    return Stored(report, is_new)


def _keep_unread(report: SettlementReport, facts: ReportFacts, job: Job | None) -> None:
    """Stores the answer as it came; amounts that were read before stay, otherwise what is readable of this one."""
    is_known = report.problems == list(facts.problems)
    report.problems, report.unread = list(facts.problems), facts.raw
    if report.raw is None:
        _set_amounts(report, facts)
    # The state is a word of its own: a broken amount does not hide that the bank refused.
    _set_state(report, facts.jet_state, is_new=False, job=job)
    report.save()
    if is_known:
        return
    told = " ".join(facts.problems)
    record(
        report.merchant,
        "refunds.settlement.unreadable",
        f"Settlement report {report} could not be read: {told}",
        actor=SYSTEM,
        about=report,
        job=job,
    )
    notify(
        report.merchant,
        f"refunds.settlement.unreadable.{report.pk}",
        f"Settlement report {report} could not be read",
        level=NoticeLevel.DANGER,
        body=f"{told} It is kept as Jet sent it, and read again every day.",
        url=settlement_url(report),
    )


def _take(report: SettlementReport, facts: ReportFacts, *, is_new: bool, job: Job | None) -> None:
    was_read, before = report.raw is not None, report.settlement_value
    report.problems, report.unread, report.raw = [], None, facts.raw
    has_changed = _set_amounts(report, facts)
    _set_state(report, facts.jet_state, is_new=is_new, job=job)
    report.save()
    if not was_read:
        _tell_new(report, job)
    elif has_changed:
        _tell_changed(report, before, job)


def _set_amounts(report: SettlementReport, facts: ReportFacts) -> bool:
    """True when anything but the state is other than before."""
    values = {
        "currency": facts.currency,
        "period_start": facts.period_start,
        "period_end": facts.period_end,
        **facts.amounts,
    }
    has_changed = any(getattr(report, name) != value for name, value in values.items())
    for name, value in values.items():
        setattr(report, name, value)
    return _set_lines(report, facts) or has_changed


def _set_lines(report: SettlementReport, facts: ReportFacts) -> bool:
    wanted = {(side, name): amount for side, name, amount in facts.lines}
    rows = SettlementLine.objects.filter(merchant=report.merchant_id, report=report)
    if {(row.side, row.name): row.amount for row in rows} == wanted:
        return False
    rows.delete()
    bulk_create(SettlementLine, [_line(report, key, amount) for key, amount in wanted.items()])
    return True


def _line(report: SettlementReport, key: tuple[str, str], amount: Decimal) -> SettlementLine:
    side, name = key
    return SettlementLine(merchant_id=report.merchant_id, report=report, side=side, name=name, amount=amount)


def _set_state(report: SettlementReport, word: str, *, is_new: bool, job: Job | None) -> None:
    """Follows Jet's word in any direction: a bank may refuse what was paid, and Jet may send it again."""
    if not word:
        return
    before, before_word, new = report.state, report.jet_state, settlement_state_of(word)
    if before == new and (before_word == word or new != SettlementState.UNKNOWN) and report.state_at:
        report.jet_state = word
        return
    is_first = report.state_at is None
    report.state, report.jet_state, report.state_at = new, word, timezone.now()
    if is_first and new in {SettlementState.SUBMITTED, SettlementState.PAID}:
        return  # the notice of the new report says so
    level, meaning = _TOLD[new]
    record(
        report.merchant,
        f"refunds.settlement.{new.value}",
        f"Jet shows settlement {period_words(report)} as “{word}”.",
        actor=SYSTEM,
        about=report,
        old={} if is_new else {"state": before, "jet_state": before_word},
        new={"state": new.value, "jet_state": word},
        job=job,
    )
    notify(
        report.merchant,
        f"refunds.settlement.state.{report.pk}",
        f"Settlement {period_words(report)}: {word}"[:160],
        level=level,
        body=f"{_value(report.settlement_value)} {meaning}".strip(),
        url=settlement_url(report),
    )


def _value(amount: Decimal | None) -> str:
    if amount is None:
        return ""
    return f"{'-' if amount < 0 else ''}${abs(amount):,.2f}."


def _tell_new(report: SettlementReport, job: Job | None) -> None:
    value = _value(report.settlement_value)
    record(
        report.merchant,
        "refunds.settlement.imported",
        f"Settlement report for {period_words(report)} is here: {value} {report.jet_state}.",
        actor=SYSTEM,
        about=report,
        job=job,
    )
    notify(
        report.merchant,
        "refunds.settlement.new",
        "New settlement reports from Jet",
        body=f"The newest read: {period_words(report)}, {value} {report.jet_state}.",
        url=settlement_list_url(report.merchant),
    )


def _tell_changed(report: SettlementReport, before: Decimal | None, job: Job | None) -> None:
    told = f"Jet changed settlement {period_words(report)}"
    values = f"{_value(before) or 'nothing.'} Now {_value(report.settlement_value)}"
    record(
        report.merchant,
        "refunds.settlement.changed",
        f"{told}: {values}",
        actor=SYSTEM,
        about=report,
        old={"settlement_value": str(before)},
        new={"settlement_value": str(report.settlement_value)},
        job=job,
    )
    notify(
        report.merchant,
        f"refunds.settlement.changed.{report.pk}",
        told,
        level=NoticeLevel.WARNING,
        body=f"Its value was {values}",
        url=settlement_url(report),
    )


def keep_difference(report: SettlementReport) -> None:
    """Works the comparison out anew for the list, which cannot do so for each of its rows."""
    found = compare(report, settlement_lines(report))
    SettlementReport.objects.filter(merchant=report.merchant_id, pk=report.pk).update(
        difference=found.difference, differing=len(found.differing) + len(found.sums)
    )


def fetch_now(merchant: Merchant, *, actor: Actor) -> Job:
    """Reads the settlement reports at once. Raises SettingsMissing without API keys."""
    words = "Fetch of settlement reports started by hand."
    return ask_jet_now(merchant, JOB_KIND, "refunds.settlement.started", words, actor=actor)
