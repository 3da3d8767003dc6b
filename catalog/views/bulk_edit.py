"""Changing one value of many SKUs: first what it would do, then the operation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.http import HttpRequest, HttpResponse

from catalog.actions.bulk_edit import BulkChange, new_value, start_bulk_edit
from catalog.actions.sheet import profile_slips
from catalog.edit_words import content_words
from catalog.forms.bulk_edit import BulkEditForm
from catalog.price_guard import CONFIRMED, Asked, Slip, asked_about, tick_words, variant_slips
from catalog.problems import Problem
from catalog.queries.rules import price_guard
from catalog.queries.sheet import editor_rows, lookups_of
from catalog.views.sku_list import SkuConfirmPage
from jetsync.models import Merchant, Selection
from jetsync.panel.confirm import operation_url
from jetsync.panel.messages import say
from jetsync.queries.settings import get_options
from jetsync.tenancy.rights import Right
from jetsync.wording import counted

# Counted exactly up to here; of more, the first so many stand for the rest.
MOST_COUNTED = 5000
SHOWN = 10


@dataclass
class ChangePreview:
    """`rows`: (SKU, value now, value then, why not). `slips`: prices to be confirmed, among the `changes`."""

    counted: int = 0
    changes: int = 0
    same: int = 0
    wrong: int = 0
    slips: list[Slip] = field(default_factory=list)
    percent: int = 0
    rows: list[tuple[str, str, str, str]] = field(default_factory=list)

    @property
    def below_map(self) -> int:
        return sum(slip.is_below_map for slip in self.slips)

    @property
    def asked(self) -> Asked | None:
        """With the first reasons only; the tick is for all of them."""
        if not self.slips:
            return None
        words = tick_words(len(self.slips), self.percent)
        return replace(asked_about(self.slips[:SHOWN], self.percent), words=words)


def preview_of(merchant: Merchant, ids: Sequence[int], change: BulkChange) -> ChangePreview:
    """What the change would do to the first SKUs of the selection."""
    lookups, guard = lookups_of(merchant), price_guard(merchant)
    found = ChangePreview(percent=guard.percent)
    rows = editor_rows(merchant, ids[:MOST_COUNTED], list(lookups.nodes))
    values: dict[int, dict[str, Any]] = {}
    for row in rows.values():
        found.counted += 1
        old = row.texts[change.column]
        text, value = new_value(change, row, lookups)
        problem = value.message if isinstance(value, Problem) else ""
        found.wrong += bool(problem)
        found.same += not problem and text == old
        found.changes += not problem and text != old
        if not problem and text != old:
            values[row.pk] = {change.column: value}
            found.slips += variant_slips(guard, row.sku, row.prices, values[row.pk])
        if len(found.rows) < SHOWN:
            found.rows.append((row.sku, old, text, problem))
    found.slips += profile_slips(merchant, rows, values).values()
    return found


class ChangeValue(SkuConfirmPage):
    """The button shows what would change; pressed again with the same value it starts the operation."""

    right = write_right = Right.PRODUCTS_EDIT
    page_key = "products"
    noun = ("SKU", "SKUs")
    form_class = BulkEditForm
    confirm_label = "Show what would change"
    template_name = "catalog/sheet/change.html"
    found: ChangePreview | None = None

    def get_title(self, target: Selection) -> str:
        return f"Change a value of {self.count_words(target)}"

    def get_form_kwargs(self, target: Selection) -> dict[str, Any]:  # noqa: ARG002 -- hook
        return {"merchant": self.request.merchant, "what": self.request.GET.get("what", "")[:40]}

    def get_consequences(self, target: Selection) -> Sequence[str]:  # noqa: ARG002 -- hook
        options = get_options(self.request.merchant)
        return [
            "Brand, description, category and profile belong to the product: its other SKUs follow.",
            "Jet gets the new prices and quantities of SKUs that it has.",
            content_words(options),
            "The operation keeps the values of before and can be undone, here and so at Jet.",
        ]

    def extra_context(self, target: Selection) -> dict[str, Any]:  # noqa: ARG002 -- hook
        label = f"Change {counted(self.found.changes, 'SKU')}" if self.found else ""
        more = {"confirm_label": label} if self.found and self.found.changes else {}
        return {"found": self.found, **more}

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        target = self.get_target(**kwargs)
        form = BulkEditForm(request.POST, merchant=self.request.merchant)
        if not form.is_valid() or form.cleaned_data["previewed"] == form.mark:
            return super().post(request, *args, **kwargs)
        self.found = preview_of(self.request.merchant, target.ids, form.change)
        data = request.POST.copy()
        data["previewed"] = form.mark
        return self._page(target, BulkEditForm(data, merchant=self.request.merchant))

    def perform(self, target: Selection, form: BulkEditForm) -> str:
        title = f"{form.words} for {self.count_words(target)}"
        operation = start_bulk_edit(
            self.request.merchant,
            target.ids,
            form.change,
            title=title,
            actor=self.request.actor,
            confirms_prices=bool(self.request.POST.get(CONFIRMED)),
        )
        say(self.request, "success", f"Changing {self.count_words(target)} has begun.")
        return operation_url(operation)
