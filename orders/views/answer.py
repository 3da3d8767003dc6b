"""Accepting and rejecting one order."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from jetsync.panel.confirm import ConfirmPage
from jetsync.panel.messages import say
from jetsync.tenancy.rights import Right
from orders.actions.answer import accept_order, lines_of, reject_order
from orders.forms.answer import AcceptForm, RejectForm
from orders.models import Order
from orders.pages import order_url
from orders.queries.order import all_orders, get_order
from orders.queries.rate import cancel_rate, newly_lost
from orders.views.rate import rate_now_and_after


class _OrderPage(ConfirmPage):
    """A question about one order."""

    right, write_right = Right.ORDERS_VIEW, Right.ORDERS_ACKNOWLEDGE
    noun = ("order", "orders")

    def get_target(self, **kwargs: Any) -> Order:
        return get_order(self.request.merchant, kwargs["pk"])

    def get_cancel_url(self, target: Order) -> str:
        return order_url(target)

    def get_blockers(self, target: Order) -> Sequence[str]:
        if target.is_answerable:
            return ()
        return (f"Order {target} is {target.get_state_display().lower()} and cannot be answered now.",)


class AcceptOrder(_OrderPage):
    confirm_label = "Accept"

    def get_title(self, target: Order) -> str:
        return f"Accept order {target}"

    def get_consequences(self, target: Order) -> Sequence[str]:
        problem = (target.failure_message,) if target.failure_message else ()
        return (
            *problem,
            "Jet is told that every item will be delivered. It withdraws an order that nobody answers within 15 minutes.",
            "The pieces are reserved for this order.",
        )

    def _form(self, target: Order, data: Any) -> AcceptForm | None:
        """The tick box is asked for only when the store cannot deliver."""
        return AcceptForm(data) if target.failure_reason else None

    def perform(self, target: Order, form: AcceptForm | None) -> str:
        accept_order(target, actor=self.request.actor, despite_problems=form is not None)
        say(self.request, "success", f"Order {target} is accepted; Jet is being told.")
        return order_url(target)


class RejectOrder(_OrderPage):
    confirm_label = "Reject"
    danger = True
    form_class = RejectForm

    def get_title(self, target: Order) -> str:
        return f"Reject order {target}"

    def get_consequences(self, target: Order) -> Sequence[str]:
        more = newly_lost(all_orders(self.request.merchant).filter(pk=target.pk))
        return (
            "Jet is told that you do not deliver this order, and may offer it to another seller.",
            "This cannot be taken back.",
            rate_now_and_after(cancel_rate(self.request.merchant), more),
        )

    def get_form_kwargs(self, target: Order) -> dict[str, Any]:
        return {"lines": lines_of(target)}

    def perform(self, target: Order, form: RejectForm) -> str:
        reject_order(target, answer=form.cleaned_data["answer"], items=form.items(), actor=self.request.actor)
        say(self.request, "success", f"Order {target} is rejected; Jet is being told.")
        return order_url(target)
