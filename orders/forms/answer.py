"""Forms of accepting and rejecting."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms

from jetsync.jet.words.orders import AcknowledgementStatus, ItemAcknowledgement
from orders.models import OrderLine
from orders.wording import ANSWER_LABELS, item_word

ITEM_CHOICES = [
    (ItemAcknowledgement.FULFILLABLE.value, "Can be delivered"),
    (ItemAcknowledgement.NO_INVENTORY.value, "No inventory, or not for sale (Jet has one word for both)"),
    (ItemAcknowledgement.INVALID_MERCHANT_SKU.value, "SKU not in the store"),
]
REJECTIONS = [
    (word.value, f"{ANSWER_LABELS[word]} ({word.value})")
    for word in AcknowledgementStatus
    if word != AcknowledgementStatus.ACCEPTED
]


class AcceptForm(forms.Form):
    """Asked only when the store cannot deliver what is about to be promised."""

    despite_problems = forms.BooleanField(
        label="I can deliver it all the same",
        help_text="Cancelling it later lowers your performance at Jet.",
        error_messages={
            "required": "Tick it to accept the order although the store cannot deliver it as it stands."
        },
    )


class RejectManyForm(forms.Form):
    """One reason for all; each item gets the word that fits what was found about it."""

    answer = forms.ChoiceField(
        label="Reason",
        choices=REJECTIONS,
        initial=AcknowledgementStatus.REJECTED_OTHER.value,
        help_text="“Some items cannot be delivered” fits only orders of which an item has a problem here.",
    )


class RejectForm(forms.Form):
    """The order's reason and a status per item, in Jet's words."""

    answer = forms.ChoiceField(
        label="Reason", choices=REJECTIONS, help_text="Jet may offer the order to another seller."
    )

    def __init__(self, *args: Any, lines: Sequence[OrderLine], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.lines = lines
        has_problem = any(line.problem for line in lines)
        default = (
            AcknowledgementStatus.REJECTED_ITEM_LEVEL_ERROR
            if has_problem
            else AcknowledgementStatus.REJECTED_OTHER
        )
        self.fields["answer"].initial = default.value
        for line in lines:
            self.fields[f"item-{line.pk}"] = forms.ChoiceField(
                label=f"{line.quantity} of {line.sku}",
                choices=ITEM_CHOICES,
                initial=item_word(line.problem),
                help_text=line.title,
            )

    def items(self) -> dict[int, str]:
        """Item status by line id."""
        return {line.pk: str(self.cleaned_data[f"item-{line.pk}"]) for line in self.lines}
