"""What can be done with the ticked orders of a list, each after a page that names them and says what follows."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import QuerySet

from jetsync.exceptions import DomainError
from jetsync.models import Selection
from jetsync.panel.confirm import SHOWN_NAMES, ConfirmPage, operation_url
from jetsync.panel.messages import say
from jetsync.tenancy.rights import Right
from orders.actions.many import acknowledge_many, cancel_many, check_few, refresh_many, reject_many
from orders.enums import SHIPPABLE_STATES
from orders.forms.answer import RejectManyForm
from orders.models import Order
from orders.queries.order import all_orders, answerable_orders
from orders.queries.rate import cancel_rate, newly_lost
from orders.views.rate import rate_now_and_after


class _OrdersPage(ConfirmPage):
    """A question about the ticked orders."""

    right = Right.ORDERS_VIEW
    page_key = "orders"
    noun = ("order", "orders")

    def get_title(self, target: Selection) -> str:
        return f"{self.confirm_label} {self.count_words(target)}"

    def get_names(self, target: Selection) -> Sequence[str]:
        rows = self.ticked(target).order_by("pk")[:SHOWN_NAMES]
        return [f"{order} ({order.get_state_display()})" for order in rows]

    def ticked(self, target: Selection) -> QuerySet[Order]:
        return all_orders(self.request.merchant).filter(pk__in=target.ids)


class AcknowledgeOrders(_OrdersPage):
    write_right = Right.ORDERS_ACKNOWLEDGE
    confirm_label = "Acknowledge"

    def get_consequences(self, target: Selection) -> Sequence[str]:  # noqa: ARG002 -- hook
        return (
            "Ready orders are accepted and their pieces reserved.",
            "Orders that the store cannot deliver are left for you, with the reason.",
            "Orders that are not ready are skipped.",
        )

    def perform(self, target: Selection, form: None) -> str:  # noqa: ARG002 -- hook
        operation = acknowledge_many(self.request.merchant, target.ids, actor=self.request.actor)
        say(self.request, "success", f"Acknowledging {self.count_words(target)}.")
        return operation_url(operation)


class RejectOrders(_OrdersPage):
    write_right = Right.ORDERS_ACKNOWLEDGE
    confirm_label = "Reject"
    danger = True
    form_class = RejectManyForm

    def get_consequences(self, target: Selection) -> Sequence[str]:
        ready = answerable_orders(self.ticked(target))
        count = ready.count()
        left = self.get_count(target) - count
        rate = cancel_rate(self.request.merchant)
        told = f"Jet is told that you do not deliver {count:,} ready {self.noun[count != 1]}"
        return (
            f"{told}, and may offer them to another seller.",
            "This cannot be taken back.",
            *(
                [f"{left:,} of the selected are not ready or already answered, and are skipped."]
                if left
                else []
            ),
            rate_now_and_after(rate, newly_lost(ready)),
        )

    def get_blockers(self, target: Selection) -> Sequence[str]:
        if not answerable_orders(self.ticked(target)).exists():
            return ("None of these orders is ready and waits for an answer.",)
        return _too_many(target)

    def perform(self, target: Selection, form: RejectManyForm) -> str:
        answer = form.cleaned_data["answer"]
        operation = reject_many(self.request.merchant, target.ids, answer=answer, actor=self.request.actor)
        say(self.request, "success", f"Rejecting {self.count_words(target)}.")
        return operation_url(operation)


class CancelOrders(_OrdersPage):
    write_right = Right.ORDERS_SHIP
    confirm_label = "Cancel the orders"
    danger = True

    def get_title(self, target: Selection) -> str:
        return f"Cancel {self.count_words(target)}"

    def get_consequences(self, target: Selection) -> Sequence[str]:
        open_orders, ready = self._open(target), self._ready(target)
        count, rejected = open_orders.count(), ready.count()
        left = self.get_count(target) - count - rejected
        rejects = f"{rejected:,} ready {self.noun[rejected != 1]} {'is' if rejected == 1 else 'are'} rejected"
        told = (
            (count, f"Every unit that is left of {count:,} open {self.noun[count != 1]} is cancelled."),
            (rejected, f"{rejects}: Jet has no yes yet that could be cancelled."),
        )
        return (
            *(sentence for number, sentence in told if number),
            "Jet is told at once and tells the shoppers. This cannot be taken back.",
            *([f"{left:,} of the selected cannot be cancelled and are skipped."] if left else []),
            rate_now_and_after(
                cancel_rate(self.request.merchant), newly_lost(open_orders) + newly_lost(ready)
            ),
        )

    def get_blockers(self, target: Selection) -> Sequence[str]:
        if not self._open(target).exists() and not self._ready(target).exists():
            return ("None of these orders is ready, acknowledged or in progress.",)
        return _too_many(target)

    def _open(self, target: Selection) -> QuerySet[Order]:
        return self.ticked(target).filter(state__in=SHIPPABLE_STATES)

    def _ready(self, target: Selection) -> QuerySet[Order]:
        """Those that are rejected instead, which takes the right to answer orders."""
        ready = answerable_orders(self.ticked(target))
        return ready if self.request.actor.may(Right.ORDERS_ACKNOWLEDGE) else ready.none()

    def perform(self, target: Selection, form: None) -> str:  # noqa: ARG002 -- hook
        operation = cancel_many(self.request.merchant, target.ids, actor=self.request.actor)
        say(self.request, "success", f"Cancelling {self.count_words(target)}.")
        return operation_url(operation)


class RefreshOrders(_OrdersPage):
    write_right = Right.ORDERS_FETCH
    confirm_label = "Fetch again"

    def get_title(self, target: Selection) -> str:
        return f"Fetch {self.count_words(target)} again"

    def get_consequences(self, target: Selection) -> Sequence[str]:  # noqa: ARG002 -- hook
        return (
            "Each order is read from Jet and brought to what Jet shows.",
            "An order that Jet shows as ready is checked against your stock and answered as your settings say.",
            "Nothing that was typed here is lost.",
        )

    def get_blockers(self, target: Selection) -> Sequence[str]:
        return _too_many(target)

    def perform(self, target: Selection, form: None) -> str:  # noqa: ARG002 -- hook
        operation = refresh_many(self.request.merchant, target.ids, actor=self.request.actor)
        say(self.request, "success", f"Fetching {self.count_words(target)} again.")
        return operation_url(operation)


class RefreshFailedOrders(RefreshOrders):
    """The same from the list of failed orders."""

    page_key = "orders-failed"


def _too_many(target: Selection) -> Sequence[str]:
    try:
        check_few(target.ids)
    except DomainError as refused:
        return (f"{refused.message} {refused.hint}",)
    return ()
