"""Choosing products for a mass action: by SKU, all but some, or by category (features BUL-01, BUL-02)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet

from catalog.models import StoreCategory, Variant
from catalog.queries.stock import get_variants
from jetsync.exceptions import InvalidInput
from jetsync.models import Merchant

ALL, SELECTED, EXCLUDED, CATEGORY = "all", "selected", "excluded", "category"
SCOPES = (
    (ALL, "All products"),
    (SELECTED, "Selected products: those named below"),
    (EXCLUDED, "All products except those named below"),
    (CATEGORY, "Products of the categories ticked below"),
)
ACTIONS = (("upload", "Upload"), ("archive", "Archive"), ("unarchive", "Un-archive"))
# One operation, one frozen set.
MOST = 200_000
LONGEST = 2_000_000


class MassForm(forms.Form):
    do = forms.ChoiceField(label="Action", choices=ACTIONS, initial="upload")
    scope = forms.ChoiceField(
        label="Which products",
        choices=SCOPES,
        initial=ALL,
        widget=forms.RadioSelect,
        help_text="The next page shows how many they are, before anything is sent.",
    )
    skus = forms.CharField(
        label="SKUs",
        required=False,
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 5, "spellcheck": "false"}),
        help_text="One per line, or separated by commas; paste them from a spreadsheet.",
    )
    categories: forms.ModelMultipleChoiceField[StoreCategory] = forms.ModelMultipleChoiceField(
        label="Categories",
        queryset=None,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="Your store's categories. Products without one are reached through the list of products.",
    )

    def __init__(self, data: Any = None, *, merchant: Merchant) -> None:
        super().__init__(data)
        self.merchant = merchant
        field: Any = self.fields["categories"]
        field.queryset = StoreCategory.objects.filter(merchant=merchant).order_by("path")

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        scope = data.get("scope")
        if scope in {SELECTED, EXCLUDED} and not self.named():
            self.add_error("skus", "Name at least one SKU.")
        if scope == CATEGORY and not data.get("categories"):
            self.add_error("categories", "Tick at least one category.")
        return data

    def named(self) -> list[str]:
        text = self.cleaned_data.get("skus", "").replace(",", "\n").replace("\t", "\n")
        return list(dict.fromkeys(word.strip() for word in text.splitlines() if word.strip()))

    def chosen(self) -> tuple[list[int], str]:
        """Variant ids by SKU and the set in words. Raises InvalidInput for unknown SKUs and for an empty set."""
        rows = Variant.objects.filter(merchant=self.merchant)
        scope, words = self.cleaned_data["scope"], "All products"
        if scope in {SELECTED, EXCLUDED}:
            named = [row.pk for row in get_variants(self.merchant, self.named())]
            rows = rows.filter(pk__in=named) if scope == SELECTED else rows.exclude(pk__in=named)
            count = f"{len(named):,} named SKU{'' if len(named) == 1 else 's'}"
            words = f"The {count}" if scope == SELECTED else f"All products except {count}"
        elif scope == CATEGORY:
            categories = list(self.cleaned_data["categories"])
            rows = rows.filter(product__store_category__in=categories)
            words = "Categories: " + ", ".join(row.path for row in categories)
        return self._ids(rows), words

    def _ids(self, rows: QuerySet[Variant]) -> list[int]:
        ids = list(rows.order_by("sku").values_list("pk", flat=True)[: MOST + 1])
        if len(ids) > MOST:
            raise InvalidInput(f"These are more than {MOST:,} products.", hint="Act in parts, by category.")
        if not ids:
            raise InvalidInput("There is no such product.", hint="Choose other categories or SKUs.")
        return ids
