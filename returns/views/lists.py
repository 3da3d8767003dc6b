"""The return grid, and settling many in full."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import django_filters
from django.db.models import QuerySet, Sum
from django.utils.safestring import SafeString

from jetsync.activation.generators import return_generator_url
from jetsync.enums import Mode
from jetsync.models import Selection
from jetsync.panel import cells
from jetsync.panel.confirm import ConfirmPage, operation_url
from jetsync.panel.filters import (
    ChildFilter,
    DateRangeFilter,
    MomentRangeFilter,
    PanelFilterSet,
    SearchFilter,
)
from jetsync.panel.lists import BulkAction, Column, EmptyState, PageAction, Tab
from jetsync.panel.messages import say
from jetsync.tenancy.rights import Right
from orders.privacy import may_see_buyers, shown_buyer
from orders.views.freshness import FreshList, last_look
from returns.actions.many import settle_many
from returns.actions.settling import COMPLETE_JOB
from returns.cells import items_cell
from returns.enums import ReturnStatus, SendState
from returns.models import Return, ReturnLine
from returns.money import total_of
from returns.pages import return_list_url, return_url
from returns.queries import GIVEN_BACK, all_returns, failure_codes, search_returns, without_json
from returns.second_person import WHO_WAITS, limit_for
from returns.sheet import RETURN_SHEET
from returns.statuses import return_status_key

PAGE_KEY = "returns"
# Names on the confirm page before "and N more".
SHOWN = 12


class ReturnSearch(SearchFilter):
    """Return ids, order ids, SKU and tracking number; buyers only for those who may see them."""

    def __init__(self) -> None:
        super().__init__(lookups=(), placeholder="Return id, order id, SKU or tracking number")

    def filter(self, qs: QuerySet[Any], value: str) -> QuerySet[Any]:
        actor = self.parent.request.actor
        return search_returns(qs, self.parent.merchant, value, with_buyers=may_see_buyers(actor))


class GivenFilter(django_filters.ChoiceFilter):  # type: ignore[misc]  # django-filter ships no types
    """What the sums of money given back are of."""

    def filter(self, qs: QuerySet[Any], value: str) -> QuerySet[Any]:
        lines = ReturnLine.objects.filter(GIVEN_BACK, merchant=self.parent.merchant)
        return qs.filter(pk__in=lines.values("parent_id")) if value else qs


class ReturnFilter(PanelFilterSet):
    q = ReturnSearch()
    status = django_filters.ChoiceFilter(choices=ReturnStatus.choices, label="Status", empty_label="Any")
    send_state = django_filters.ChoiceFilter(choices=SendState.choices, label="Way to Jet", empty_label="Any")
    agreed = django_filters.BooleanFilter(field_name="agree_to_return_charge", label="Charge accepted")
    order_id = django_filters.CharFilter(
        field_name="merchant_order_id", lookup_expr="startswith", label="Merchant order id"
    )
    opened = DateRangeFilter(field_name="return_date", label="Date added")
    completed = MomentRangeFilter(field_name="completed_date", label="Completed")
    given = GivenFilter(
        choices=[("yes", "Completed with goods that came back")], label="Money given back", empty_label="Any"
    )
    sku = ChildFilter(ReturnLine, "parent_id", "sku", label="SKU, exactly")
    sku_start = ChildFilter(ReturnLine, "parent_id", "sku__startswith", label="SKU begins with")
    reason = ChildFilter(ReturnLine, "parent_id", "reason__icontains", label="Reason contains")
    bar: ClassVar[tuple[str, ...]] = ("q", "status")


def _lines(row: Return) -> list[ReturnLine]:
    return list(row.lines.all())


def _quantity(row: Return) -> cells.Cell:
    lines = _lines(row)
    asked = sum(line.return_quantity for line in lines)
    decided = [line.quantity_returned for line in lines if line.quantity_returned is not None]
    if not row.is_settled or not decided:
        return cells.number(asked, sub="asked for")
    return cells.number(sum(decided), sub=f"of {asked}")


def _amount(row: Return) -> cells.Cell:
    lines = _lines(row)
    asked = total_of(line.requested for line in lines).total
    if not row.is_settled:
        return cells.money(asked, sub="asked for")
    return cells.money(
        total_of(line.settled for line in lines if line.is_included).total, sub=f"of ${asked:,.2f}"
    )


def _status_words(row: Return) -> str:
    if row.failure_message and row.send_state == SendState.NONE:  # sent back, or never readable
        return row.failure_message[:80]
    if row.failure_message:
        return "Your answer did not get through"
    return f"Jet: {row.jet_status}" if row.jet_status else ""


def _charge(row: Return) -> cells.Cell:
    answers = {True: "accepted", False: "disputed", None: ""}
    return cells.money(row.merchant_return_charge, sub=answers[row.agree_to_return_charge])


class ReturnList(FreshList):
    live_seconds = 10
    right = Right.RETURNS_VIEW
    page_key = PAGE_KEY
    title = "Returns"
    noun = ("return", "returns")
    columns: Sequence[Column] = (
        Column(
            "return",
            "Return Id",
            cell=lambda row: cells.code(
                str(row), sub="Refund without return" if row.refund_without_return else ""
            ),
            sort=("reference_return_authorization_id",),
            is_primary=True,
        ),
        Column("status", "Status", cell="returns/cells/status.html", sort=("status", "return_date")),
        Column("items", "Product", cell=lambda row: items_cell(_lines(row))),
        Column("quantity", "Qty Returned", cell=_quantity, align="end"),
        Column("amount", "Refund", cell=_amount, align="end"),
        Column("charge", "Return charge", cell=_charge, sort=("merchant_return_charge",), align="end"),
        Column("customer", "Customer", cell=lambda row: cells.text(row.shown_buyer)),
        Column(
            "order",
            "Order",
            cell=lambda row: cells.code(row.order_label),
            sort=("reference_order_id",),
            default_on=False,
        ),
        Column("opened", "Date added", cell=lambda row: cells.when(row.return_date), sort=("return_date",)),
        Column(
            "merchant_order_id",
            "Merchant Order Id",
            cell=lambda row: cells.code(row.merchant_order_id),
            default_on=False,
        ),
        Column(
            "item_ids",
            "Order Item Id",
            cell=lambda row: cells.code(", ".join(line.order_item_id for line in _lines(row))),
            default_on=False,
        ),
        Column(
            "jet_id",
            "Return id at Jet",
            cell=lambda row: cells.code(row.merchant_return_authorization_id),
            default_on=False,
        ),
        Column("pk", "ID", sort=("pk",), default_on=False, align="end"),
        Column("action", "Action", cell="returns/cells/action.html", align="end"),
    )
    filter_class = ReturnFilter
    sheet = RETURN_SHEET
    empty_by_tab = True
    default_sort = "-opened"
    bulk_actions: Sequence[BulkAction] = (
        BulkAction(
            "settle",
            "Accept in full",
            "returns:settle-many",
            Right.RETURNS_SETTLE,
            style="primary",
            icon="check",
        ),
    )
    page_actions = (
        PageAction(
            "Fetch returns",
            url_name="returns:fetch",
            right=Right.RETURNS_SETTLE,
            primary=True,
            method="post",
            icon="refresh",
        ),
    )

    def get_page_actions(self) -> Sequence[PageAction]:
        merchant = self.request.merchant
        if merchant.mode != Mode.TEST:
            return super().get_page_actions()
        generator = PageAction("Return generator", url=return_generator_url(merchant), icon="flask")
        return (generator, *super().get_page_actions())

    def get_queryset(self) -> QuerySet[Any]:
        return without_json(all_returns(self.request.merchant)).select_related("order").defer("order__raw")

    def get_rows(self, rows: list[Any]) -> list[Any]:
        actor, causes = self.request.actor, failure_codes(rows, COMPLETE_JOB)
        for row in rows:
            row.merchant = self.request.merchant
            row.status_key, row.status_words = return_status_key(row), _status_words(row)
            row.cause = causes.get(row.pk, "")
            row.shown_buyer = shown_buyer(row.order, actor) if row.order else ""
            row.may_settle = actor.may(Right.RETURNS_SETTLE) and row.is_answerable
        return rows

    def row_url(self, row: Any) -> str:
        return return_url(row)

    def get_tabs(self) -> Sequence[Tab]:
        rows = all_returns(self.request.merchant)

        def counted(label: str, status: ReturnStatus) -> Tab:
            return Tab(label, f"status={status}", rows=rows.filter(status=status))

        waiting = rows.filter(send_state=SendState.WAITING).exclude(status=ReturnStatus.COMPLETED)
        return [
            Tab("All"),
            counted("Created", ReturnStatus.CREATED),
            Tab(SendState.WAITING.label, f"send_state={SendState.WAITING}", rows=waiting),
            counted("In progress", ReturnStatus.IN_PROGRESS),
            Tab("Completed", "status=completed"),  # only grows; its number tells nobody what to do
            counted("Not accepted", ReturnStatus.NOT_ACCEPTED),
        ]

    def get_freshness(self) -> SafeString:
        return last_look(
            self.request.merchant,
            "returns.fetch",
            never="New returns are fetched from Jet every 30 minutes; the first look is still to come.",
        )

    def get_empty(self) -> EmptyState:
        if self.query.get("send_state") == SendState.WAITING:
            return EmptyState("No answer waits for a second person", WHO_WAITS, "inbox")
        if self.query.get("status"):
            return EmptyState("No returns in this part", "They move here by themselves.", "inbox")
        return EmptyState(
            "No returns yet",
            "When a shopper opens a return at Jet it appears here within 30 minutes. Returns belong to completed orders.",
            "truck-return",
            self.page_actions[0],
        )


class SettleMany(ConfirmPage):
    """Agrees to the charge of each ticked return and refunds all that was asked for."""

    right, write_right = Right.RETURNS_VIEW, Right.RETURNS_SETTLE
    page_key, noun = PAGE_KEY, ("return", "returns")
    danger = True
    confirm_label = "Accept in full"

    def get_title(self, target: Selection) -> str:
        return f"Accept {self.count_words(target)} in full"

    def get_names(self, target: Selection) -> Sequence[str]:
        rows = all_returns(self.request.merchant).filter(pk__in=target.ids).order_by("pk")[:SHOWN]
        return [f"{row} (order {row.order_label})" for row in rows]

    def get_cancel_url(self, target: Selection) -> str:  # noqa: ARG002 -- the base's signature
        return return_list_url(self.request.merchant)

    def get_consequences(self, target: Selection) -> Sequence[str]:
        chosen = all_returns(self.request.merchant).filter(pk__in=target.ids, status=ReturnStatus.CREATED)
        charge = chosen.aggregate(total=Sum("merchant_return_charge"))["total"] or 0
        parts = ReturnLine.objects.filter(merchant=self.request.merchant, parent__in=chosen).aggregate(
            principal=Sum("requested_principal"),
            tax=Sum("requested_tax"),
            shipping=Sum("requested_shipping_cost"),
            shipping_tax=Sum("requested_shipping_tax"),
        )
        asked = sum((value or 0) for value in parts.values())
        left = len(target.ids) - chosen.count()
        return (
            f"Shoppers get back what they asked for: ${asked:,.2f}.",
            f"You pay the return charges: ${charge:,.2f}.",
            "Jet takes one answer per return. It cannot be taken back.",
            *self._second_person(),
            *([f"{left} of them take no answer any more and are skipped."] if left else []),
        )

    def _second_person(self) -> Sequence[str]:
        limit = limit_for(self.request.merchant, self.request.actor)
        return (
            []
            if limit is None
            else [
                f"From ${limit:,.2f} on, with what you gave back on the order within a day, they wait for a second person."
            ]
        )

    def perform(self, target: Selection, form: Any) -> str:  # noqa: ARG002 -- the base's signature
        operation = settle_many(self.request.merchant, target.ids, actor=self.request.actor)
        say(
            self.request,
            "success",
            f"Accepting {self.count_words(target)} in full has begun; each shows its result below.",
        )
        return operation_url(operation)
